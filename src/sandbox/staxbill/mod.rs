//! Stax Bill's REST API on loopback: one account, its biller's acts, and the
//! documented GETs with the documented traps.
//!
//! `records` are what the account keeps, `biller` the only way to change
//! them, `router` the only way to see them as a client does. Where the
//! vendor's documentation is silent, the stricter reading is simulated: a
//! client that lives with it lives with the other one too.

mod answer;
mod biller;
mod columns;
mod filter;
mod forms;
mod gate;
mod listing;
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
use rust_decimal::Decimal;

pub use records::{
    Activity, ActivityStatus, ActivityType, Address, Allocation, Charge, ChargeSource, Customer,
    CustomerStatus, Invoice, NewAttempt, NewCharge, NewCustomer, NewInvoice, NewPayment, NewProduct, Payment,
    Product, ProductType, Schedule, Tax,
};
pub use router::router;
pub use state::Numbering;

pub(crate) use answer::error_body;

use super::clock::SandboxClock;
use gate::Gate;
use listing::Found;
use state::State;

/// How an account is reached.
#[derive(Clone, Debug)]
pub struct Options {
    /// The key as the vendor shows it, which is already base64.
    pub api_key: String,
    /// Whether the live account's limits (1,000 calls a minute, 180,000 a
    /// day) are enforced.
    pub throttled: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { api_key: "MDpzYW5kYm94".to_owned(), throttled: true }
    }
}

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
    /// An account without a record.
    pub fn empty(options: Options, clock: SandboxClock) -> Arc<Self> {
        let gate = Mutex::new(Gate::new(options.throttled));
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

    /// What a customer owes on invoices, and what it paid that is allocated
    /// to none, both summed anew from the records.
    pub fn ledger(&self, customer: i64) -> (Decimal, Decimal) {
        let state = self.state();
        let outstanding = state.invoices_of(customer).map(Invoice::outstanding).sum();
        let unallocated = state.payments_of(customer).map(Payment::unallocated).sum();
        (outstanding, unallocated)
    }

    /// Every customer, by id.
    pub fn customers(&self) -> Vec<Customer> {
        self.state().customers.values().cloned().collect()
    }

    /// Every posted invoice, by id.
    pub fn invoices(&self) -> Vec<Invoice> {
        self.state().invoices.values().cloned().collect()
    }

    /// Every successful payment, by id.
    pub fn payments(&self) -> Vec<Payment> {
        self.state().payments.values().cloned().collect()
    }

    /// Every payment activity, failed attempts and validations too, by id.
    pub fn activities(&self) -> Vec<Activity> {
        self.state().activities.values().cloned().collect()
    }

    /// Every product, by id.
    pub fn products(&self) -> Vec<Product> {
        self.state().products.values().cloned().collect()
    }

    /// One customer.
    pub fn customer(&self, id: i64) -> Option<Customer> {
        self.state().customers.get(&id).cloned()
    }

    /// One posted invoice.
    pub fn invoice(&self, id: i64) -> Option<Invoice> {
        self.state().invoices.get(&id).cloned()
    }

    /// One successful payment.
    pub fn payment(&self, id: i64) -> Option<Payment> {
        self.state().payments.get(&id).cloned()
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
