//! Both vendors' APIs on loopback: an independent reading of their
//! documentation, which shares no types with the clients, so that one
//! misreading cannot hide in both.
//!
//! The two halves, [`quickbooks`] and [`staxbill`], know nothing of each other.
//! [`Sandbox`] puts them side by side under one [`clock`], with [`trouble`]
//! before both, in process or on ports of this machine ([`server`]). [`sample`]
//! fills them; `tests/expectations` says how each of its records should end.
//!
//! A [`scenario`] lets people act and trouble strike at an hour, [`witness`]
//! sees the traffic and records it without its secrets, and `control` is the
//! page that shows all of this. What a vendor does is decided by its reference
//! alone, never by what is convenient for our client: recorded answers
//! (`tests/it/fixtures/replay`) and other people's clients (`tests/judges`) hold
//! us to it.

pub mod clock;
mod control;
pub mod excerpt;
mod pattern;
pub mod quickbooks;
mod random;
pub mod sample;
pub mod scenario;
pub mod server;
pub mod staxbill;
pub mod trouble;
pub mod witness;

use std::future::ready;
use std::sync::Arc;

use axum::Router;
use axum::middleware::map_response;
use axum::response::Response;
use http::header::{DATE, HeaderValue};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use clock::SandboxClock;
use scenario::Stage;
pub use trouble::{Cut, Trouble};
use trouble::{Ground, Vendor};
use witness::Witness;

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
    /// The scenarios that are played.
    pub stage: Stage,
    /// What was seen of the traffic.
    pub witness: Witness,
}

/// How a sandbox is made.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Everything that looks random follows from it.
    pub seed: u64,
    /// Whether both vendors enforce their limits.
    pub throttled: bool,
    /// Both vendors' time; histories end at its present day.
    pub clock: SandboxClock,
    /// The QuickBooks company. `seed` and `throttled` above count, not its own.
    pub quickbooks: quickbooks::Options,
    /// How the Stax Bill side reads what its vendor leaves open, and whose
    /// limits it has; whether those are enforced is said by `throttled`.
    pub staxbill: staxbill::Options,
}

impl Default for SandboxOptions {
    /// The seed 1, limits enforced, and a fixed day in November 2026.
    fn default() -> Self {
        let noon: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a literal instant");
        Self {
            seed: 1,
            throttled: true,
            clock: SandboxClock::starting_at(noon),
            quickbooks: quickbooks::Options::default(),
            staxbill: staxbill::Options::default(),
        }
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
        Self::beside(options, quickbooks::Company::demo)
    }

    /// A company that has just begun beside an account without a record.
    pub fn new(options: SandboxOptions) -> Self {
        Self::beside(options, quickbooks::Company::new)
    }

    fn beside(
        options: SandboxOptions,
        company: fn(quickbooks::Options, SandboxClock) -> Arc<quickbooks::Company>,
    ) -> Self {
        let SandboxOptions { seed, throttled, clock, quickbooks, staxbill } = options;
        let settings = quickbooks::Options { throttled, seed, ..quickbooks };
        let account = staxbill::Options { throttled, ..staxbill };
        Self {
            quickbooks: company(settings, clock.clone()),
            staxbill: staxbill::Account::empty(account, clock.clone()),
            trouble: Trouble::default(),
            clock,
            stage: Stage::default(),
            witness: Witness::default(),
        }
    }

    /// QuickBooks Online's API and the routes of [`trouble`].
    pub fn quickbooks_router(&self) -> Router {
        self.troubled(quickbooks::router(Arc::clone(&self.quickbooks)), Vendor::QuickBooks)
    }

    /// Stax Bill's API and the routes of [`trouble`].
    pub fn staxbill_router(&self) -> Router {
        self.troubled(staxbill::router(Arc::clone(&self.staxbill)), Vendor::StaxBill)
    }

    /// Every answer, bad ones too, bears the sandbox's hour: the machine's own
    /// would run apart from it.
    fn troubled(&self, inner: Router, vendor: Vendor) -> Router {
        let clock = self.clock.clone();
        let company = Some(Arc::clone(&self.quickbooks));
        let account = (vendor == Vendor::StaxBill).then(|| Arc::clone(&self.staxbill));
        let ground = Ground { vendor, clock: self.clock.clone(), company };
        let dated = self.trouble.before(inner, ground).layer(map_response(move |response: Response| {
            let mut response = match &account {
                Some(account) => account.as_if_its_own(response),
                None => response,
            };
            if let Ok(date) = HeaderValue::from_str(&http_date(clock.now())) {
                response.headers_mut().entry(DATE).or_insert(date);
            }
            ready(response)
        }));
        let (company, account) = (Arc::clone(&self.quickbooks), self.staxbill.clone());
        let secrets = move || {
            let mut secrets = company.secrets();
            secrets.push(account.api_key().to_owned());
            secrets
        };
        self.witness.before(dated, (vendor, self.clock.clone()), Arc::new(secrets))
    }
}

/// `Sun, 22 Nov 2026 17:21:30 GMT`.
fn http_date(at: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use tower::ServiceExt as _;

    use super::trouble::{Kind, Rule};
    use super::*;

    /// A storm is told as the account itself tells of its limits; a page from
    /// what stands before it is not.
    #[tokio::test(start_paused = true)]
    async fn a_storm_knows_the_account() {
        let account = staxbill::AccountKind::TestDrive;
        let staxbill = staxbill::Options { account, ..staxbill::Options::default() };
        let sandbox = Sandbox::bare(SandboxOptions { staxbill, ..SandboxOptions::default() });
        for (kind, status, remaining, words) in [
            (Kind::TooMany { retry_after: Some(7) }, 429, Some("0"), "10 calls per minute"),
            (Kind::Status { code: 500, after: false }, 500, Some("10"), "error"),
            (Kind::Html { code: 503 }, 503, None, "html"),
        ] {
            sandbox.trouble.add(Rule::next("", kind).of(Vendor::StaxBill));
            let request = Request::builder().uri("/v1/customers").body(Body::empty()).unwrap();
            let response = sandbox.staxbill_router().oneshot(request).await.unwrap();
            assert_eq!(response.status().as_u16(), status);
            let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("x-rate-limit-remaining-minute"), remaining);
            assert_eq!(header("x-rate-limit-limit-day"), remaining.map(|_| "500"));
            assert_eq!(header("retry-after"), (status == 429).then_some("7"));
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            assert!(String::from_utf8_lossy(&body).contains(words), "{body:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn both_vendors_share_the_clock_and_the_trouble() {
        let sandbox = Sandbox::bare(SandboxOptions::default());
        sandbox.clock.advance(std::time::Duration::from_hours(24));
        for (vendor, other, router) in [
            (Vendor::QuickBooks, Vendor::StaxBill, sandbox.quickbooks_router()),
            (Vendor::StaxBill, Vendor::QuickBooks, sandbox.staxbill_router()),
        ] {
            sandbox.trouble.clear();
            sandbox.trouble.add(Rule::next("", Kind::Html { code: 200 }).of(other));
            sandbox.trouble.add(Rule::next("", Kind::Cut).of(vendor).nth(2));
            for cut in [false, true, false] {
                let request = Request::builder().uri("http://127.0.0.1:8090/v1/nothing");
                let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
                assert_eq!(response.extensions().get::<Cut>().is_some(), cut, "{vendor:?}");
                assert_eq!(response.headers()["date"], "Mon, 23 Nov 2026 12:00:00 GMT", "{vendor:?}");
            }
        }
    }
}
