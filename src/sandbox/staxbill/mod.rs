//! Stax Bill's REST API on loopback: one account, its biller's acts, and the
//! documented GETs with the documented traps.
//!
//! `records` are what the account keeps, `biller` the only way to change
//! them, `router` the only way to see them as a client does. Where the
//! vendor's documentation is silent, the stricter reading is simulated: a
//! client that lives with it lives with the other one too.

mod answer;
mod audit;
mod biller;
mod books;
mod columns;
mod filter;
mod forms;
mod gate;
mod listing;
mod options;
mod records;
mod router;
mod routes;
mod show;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

pub use options::{AccountKind, Allocations, CreditNotes, Options};
pub use records::{
    Activity, ActivityStatus, ActivityType, Address, Allocation, ArEntry, ArKind, Attempt, Charge,
    ChargeSource, Credit, CreditNote, Customer, CustomerStatus, Debit, Discount, Invoice, NewAttempt,
    NewCharge, NewCredit, NewCustomer, NewDebit, NewInvoice, NewPayment, NewProduct, NewRefund, NewReversal,
    OwnSync, Payment, Product, ProductType, Refund, Reversal, Schedule, Settlement, SettlementStatus, Tax,
    WriteOff,
};
pub use router::router;
pub use state::Numbering;

pub(crate) use answer::error_body;

use super::clock::SandboxClock;
use gate::Gate;
use listing::Found;
use state::State;

/// One Stax Bill account. A clone is another handle on the same account.
#[derive(Clone)]
pub struct Account {
    shared: Arc<Shared>,
    pen: Option<Timestamp>,
}

struct Shared {
    options: Options,
    clock: SandboxClock,
    state: Mutex<State>,
    gate: Mutex<Gate>,
    found: Mutex<Found>,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tally {
    calls: u64,
    refused_writes: u64,
    by_endpoint: BTreeMap<String, u64>,
}

impl Account {
    /// The key that admits to the account.
    pub(in crate::sandbox) fn api_key(&self) -> &str {
        &self.shared.options.api_key
    }

    /// An account without a record.
    pub fn empty(options: Options, clock: SandboxClock) -> Arc<Self> {
        let gate = Mutex::new(Gate::new(options.throttled, options.account));
        Arc::new(Self {
            shared: Arc::new(Shared {
                options,
                clock,
                state: Mutex::new(State::default()),
                gate,
                found: Mutex::default(),
                tally: Mutex::default(),
            }),
            pen: None,
        })
    }

    /// A handle whose acts are recorded as of `at` instead of the present
    /// moment, so that a history bears the timestamps it would have had.
    #[must_use]
    pub fn recorded_at(&self, at: Timestamp) -> Self {
        Self { shared: Arc::clone(&self.shared), pen: Some(at) }
    }

    /// Requests answered or refused so far, of any kind.
    pub fn calls(&self) -> u64 {
        lock(&self.shared.tally).calls
    }

    /// The same by endpoint, with ids written as `{id}`: `customers/{id}`.
    pub fn calls_by_endpoint(&self) -> BTreeMap<String, u64> {
        lock(&self.shared.tally).by_endpoint.clone()
    }

    /// Requests with any verb but GET. A client that is read only leaves this
    /// at zero.
    pub fn refused_writes(&self) -> u64 {
        lock(&self.shared.tally).refused_writes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }

    fn present(&self) -> Timestamp {
        self.pen.unwrap_or_else(|| self.shared.clock.now())
    }
}

/// A poisoned account is still an account: the panic that poisoned it is
/// reported by its own test.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
