//! Both vendors' APIs on loopback: an independent reading of their
//! documentation, which shares no types with the clients, so that one
//! misreading cannot hide in both.
//!
//! The two halves know nothing of each other. [`Sandbox`] puts them side by
//! side under one clock, with [`trouble`] before both, in process or served
//! on ports of this machine.

pub mod clock;
mod pattern;
pub mod quickbooks;
pub mod sample;
pub mod server;
pub mod staxbill;
pub mod trouble;

use std::sync::Arc;

use axum::Router;
use jiff::Timestamp;

use clock::SandboxClock;
use trouble::Vendor;
pub use trouble::{Cut, Trouble};

/// Both vendors, one clock and the trouble between them and their clients.
#[derive(Clone)]
pub struct Sandbox {
    /// The QuickBooks company.
    pub quickbooks: Arc<quickbooks::Company>,
    /// The Stax Bill account.
    pub staxbill: Arc<staxbill::Account>,
    /// What happens to calls on their way.
    pub trouble: Trouble,
    /// Both vendors' time.
    pub clock: SandboxClock,
}

/// How a sandbox is made.
pub struct SandboxOptions {
    /// Everything that looks random follows from it.
    pub seed: u64,
    /// Whether both vendors enforce their limits.
    pub throttled: bool,
    /// Both vendors' time; histories end at its present day.
    pub clock: SandboxClock,
}

impl Default for SandboxOptions {
    /// The seed 1, limits enforced, and a fixed day in November 2026.
    fn default() -> Self {
        let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a literal instant");
        Self { seed: 1, throttled: true, clock: SandboxClock::starting_at(noon) }
    }
}

impl Sandbox {
    /// The demo company beside the sample account, which know each other by
    /// name: see [`sample::CUSTOMERS`].
    pub fn sample(options: SandboxOptions) -> Self {
        let sandbox = Self::bare(options);
        sample::fill(&sandbox.staxbill, sandbox.clock.now());
        sandbox
    }

    /// The demo company beside an account of any size. Every third customer
    /// is also a QuickBooks customer of the same name.
    pub fn generated(options: SandboxOptions, customers: u32, invoices: u32) -> Self {
        let seed = options.seed;
        let sandbox = Self::bare(options);
        sample::generate(&sandbox, seed, (customers, invoices));
        sandbox
    }

    /// The demo company beside an account without a record.
    pub fn bare(options: SandboxOptions) -> Self {
        let SandboxOptions { seed, throttled, clock } = options;
        let company = quickbooks::Options { throttled, seed, ..quickbooks::Options::default() };
        let account = staxbill::Options { throttled, ..staxbill::Options::default() };
        Self {
            quickbooks: quickbooks::Company::demo(company, clock.clone()),
            staxbill: staxbill::Account::empty(account, clock.clone()),
            trouble: Trouble::default(),
            clock,
        }
    }

    /// QuickBooks Online's API and the routes of [`trouble`].
    pub fn quickbooks_router(&self) -> Router {
        self.trouble.before(quickbooks::router(Arc::clone(&self.quickbooks)), Vendor::QuickBooks)
    }

    /// Stax Bill's API and the routes of [`trouble`].
    pub fn staxbill_router(&self) -> Router {
        self.trouble.before(staxbill::router(Arc::clone(&self.staxbill)), Vendor::StaxBill)
    }
}
