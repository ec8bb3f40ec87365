//! Credits, and the debits that take them back.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::Account;
use super::super::records::{Allocation, ArEntry, ArKind, Credit, Debit, NewCredit, NewDebit, OwnSync};
use super::super::state::{State, take};
use super::check;
use super::funds::{Fund, lift, put};

impl Account {
    /// Gives a credit and returns its id.
    ///
    /// # Panics
    /// When an allocation goes beyond the credit or its invoice.
    pub fn give_credit(&self, new: NewCredit) -> i64 {
        let at = self.present();
        self.change(|state| give_credit(state, at, new))
    }

    /// Takes a credit back, or a part of it, and returns the debit's id. Its
    /// invoices open again by what is taken off them.
    ///
    /// # Panics
    /// When more is taken back than was given, or more is taken off an invoice
    /// than lies there.
    pub fn debit(&self, new: NewDebit) -> i64 {
        let at = self.present();
        self.change(|state| debit(state, at, new))
    }
}

fn give_credit(state: &mut State, at: Timestamp, new: NewCredit) -> i64 {
    let NewCredit { customer, amount, effective, reference, allocations, opening } = new;
    check::moved("a credit", amount);
    assert!(state.customers.contains_key(&customer), "customer {customer} exists");
    check::placed(state, (customer, amount), &allocations);
    let id = take(&mut state.next.transaction);
    state.keep_credit(Credit {
        id,
        customer,
        amount,
        effective,
        reference,
        allocations: Vec::new(),
        debits: Vec::new(),
        debited: Decimal::ZERO,
        opening,
        own_sync: OwnSync::default(),
    });
    let kind = if opening { ArKind::OpeningBalance } else { ArKind::Credit };
    state.enter(ArEntry { id, customer, kind, effective, amount, invoice: None, associated: None });
    for row in allocations {
        put(state, at, Fund::Credit(id), row);
    }
    id
}

fn debit(state: &mut State, at: Timestamp, new: NewDebit) -> i64 {
    let NewDebit { credit, amount, effective, reference, allocations } = new;
    check::lifted(state, (Fund::Credit(credit), amount), &allocations);
    assert!(!state.credits[&credit].opening, "an opening balance is not taken back by a debit");
    for row in &allocations {
        lift(state, at, Fund::Credit(credit), *row);
    }
    let id = take(&mut state.next.transaction);
    let source = state.credits.get_mut(&credit).expect("the credit exists");
    source.debited += amount;
    source.debits.push(id);
    let customer = source.customer;
    let allocations =
        allocations.into_iter().map(|(invoice, amount)| Allocation { invoice, amount, at }).collect();
    let own_sync = OwnSync::default();
    let made = Debit { id, credit, customer, amount, effective, reference, allocations, own_sync };
    state.debits.insert(id, made);
    let (kind, associated) = (ArKind::Debit, Some(credit));
    state.enter(ArEntry { id, customer, kind, effective, amount, invoice: None, associated });
    id
}
