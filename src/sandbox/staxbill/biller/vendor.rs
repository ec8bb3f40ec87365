//! Stax Bill's own synchronisation, which writes QuickBooks ids as time passes
//! and counts its attempts. It writes nothing into QuickBooks: here it is only
//! what a client can see of it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::super::Account;
use super::super::records::{CustomerStatus, OwnSync};
use super::super::state::{State, take};

/// The vendor says "approximately every hour".
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// The first QuickBooks id that it writes.
const FIRST_ID: i64 = 5_000;

/// Far beyond any id of QuickBooks (ours; not recorded).
const IDS_END: i64 = 1_000_000_000_000_000;

/// The synchronisation while it is switched on.
#[derive(Debug)]
pub(in super::super) struct Hourly {
    due: Timestamp,
    next: i64,
}

impl Account {
    /// Switches the account's own synchronisation on or off; once on, every
    /// full hour brings ids to what has none. Customers in another currency
    /// than US dollars are refused by QuickBooks hour after hour.
    pub fn own_synchronisation(&self, on: bool) {
        let due = self.present().saturating_add(EVERY).unwrap_or(Timestamp::MAX);
        self.change(|state| state.own_sync = on.then_some(Hourly { due, next: FIRST_ID }));
    }

    /// Writes the QuickBooks ids that a run of it leaves behind: on the
    /// customer, and on all its documents, counted up from `first`.
    ///
    /// # Panics
    /// When there is no such customer, or `first` is no id that QuickBooks
    /// would give.
    pub fn synchronised_by_vendor(&self, customer: i64, first: i64) {
        self.change(|state| {
            assert!(state.customers.contains_key(&customer), "customer {customer} exists");
            assert!((1..=IDS_END).contains(&first), "{first} is no id of QuickBooks");
            let mut next = first;
            run(state, &mut next, |one| (one == customer).then_some(true));
        });
    }
}

impl State {
    /// Lets every run happen that was due by `now`.
    pub(in super::super) fn catch_up(&mut self, now: Timestamp) {
        while let Some(mut hourly) = self.own_sync.take() {
            if hourly.due > now {
                self.own_sync = Some(hourly);
                return;
            }
            self.version += 1;
            let known = self
                .customers
                .values()
                .filter(|one| one.currency() == "USD" && one.fields.status != CustomerStatus::Draft);
            let fit: BTreeSet<i64> = known.map(|one| one.id).collect();
            run(self, &mut hourly.next, |customer| Some(fit.contains(&customer)));
            hourly.due = hourly.due.saturating_add(EVERY).unwrap_or(Timestamp::MAX);
            self.own_sync = Some(hourly);
        }
    }
}

/// One run over everything without an id. `fits` says of a customer whether
/// QuickBooks takes its records; none leaves them alone.
fn run(state: &mut State, next: &mut i64, fits: impl Fn(i64) -> Option<bool>) {
    for customer in state.customers.values_mut().filter(|one| fits(one.id) == Some(true)) {
        customer.quickbooks_id = customer.quickbooks_id.or_else(|| Some(take(next)));
    }
    for invoice in state.invoices.values_mut().filter(|one| fits(one.customer) == Some(true)) {
        invoice.quickbooks_id = invoice.quickbooks_id.or_else(|| Some(take(next)));
    }
    let mut attempt = |sync: &mut OwnSync, customer: i64| {
        if let Some(taken) = fits(customer).filter(|_| sync.id.is_none()) {
            sync.attempts += 1;
            sync.id = taken.then(|| take(next));
        }
    };
    for one in state.payments.values_mut().filter(|one| one.send_to_quickbooks_online) {
        attempt(&mut one.own_sync, one.customer);
    }
    state.refunds.values_mut().for_each(|one| attempt(&mut one.own_sync, one.customer));
    state.credits.values_mut().for_each(|one| attempt(&mut one.own_sync, one.customer));
    state.debits.values_mut().for_each(|one| attempt(&mut one.own_sync, one.customer));
    state.reversals.values_mut().for_each(|one| attempt(&mut one.own_sync, one.customer));
}
