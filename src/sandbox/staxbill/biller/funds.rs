//! Money and credit laid on invoices and taken off them again. No transaction
//! comes of it, and of the records only the invoice counts as modified.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::Account;
use super::super::records::{Allocation, Invoice};
use super::super::state::State;

/// What can cover an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fund {
    Payment(i64),
    Credit(i64),
}

impl Account {
    /// Puts a payment's free money on an invoice, as the vendor also does by
    /// itself when one falls overdue.
    ///
    /// # Panics
    /// When it goes beyond the payment's free money or what is owed.
    pub fn allocate(&self, payment: i64, invoice: i64, amount: Decimal) {
        let at = self.present();
        self.change(|state| put(state, at, Fund::Payment(payment), (invoice, amount)));
    }

    /// Takes a payment's money off an invoice again.
    ///
    /// # Panics
    /// When less than `amount` lies there.
    pub fn deallocate(&self, payment: i64, invoice: i64, amount: Decimal) {
        let at = self.present();
        self.change(|state| lift(state, at, Fund::Payment(payment), (invoice, amount)));
    }

    /// The same as [`Account::allocate`] for a credit.
    ///
    /// # Panics
    /// When it goes beyond what is left of the credit or what is owed.
    pub fn allocate_credit(&self, credit: i64, invoice: i64, amount: Decimal) {
        let at = self.present();
        self.change(|state| put(state, at, Fund::Credit(credit), (invoice, amount)));
    }

    /// The same as [`Account::deallocate`] for a credit.
    ///
    /// # Panics
    /// When less than `amount` lies there.
    pub fn deallocate_credit(&self, credit: i64, invoice: i64, amount: Decimal) {
        let at = self.present();
        self.change(|state| lift(state, at, Fund::Credit(credit), (invoice, amount)));
    }
}

impl Fund {
    /// Whose it is, what is left of it, and where the rest lies.
    fn open(self, state: &mut State) -> (i64, Decimal, &mut Vec<Allocation>) {
        match self {
            Self::Payment(id) => {
                let payment = state.payments.get_mut(&id).expect("the payment exists");
                (payment.customer, payment.unallocated(), &mut payment.allocations)
            }
            Self::Credit(id) => {
                let credit = state.credits.get_mut(&id).expect("the credit exists");
                (credit.customer, credit.unallocated(), &mut credit.allocations)
            }
        }
    }

    /// What of an invoice it covers, and the list in which it stands there.
    fn covers(self, invoice: &mut Invoice) -> (i64, &mut Decimal, &mut Vec<i64>) {
        match self {
            Self::Payment(id) => (id, &mut invoice.paid, &mut invoice.payments),
            Self::Credit(id) => (id, &mut invoice.credited, &mut invoice.credits),
        }
    }
}

pub(super) fn put(state: &mut State, at: Timestamp, fund: Fund, (invoice, amount): (i64, Decimal)) {
    let target = state.invoices.get(&invoice).expect("the invoice exists");
    let (owner, owed) = (target.customer, target.outstanding());
    let (customer, left, allocations) = fund.open(state);
    assert_eq!(customer, owner, "{fund:?} and invoice have one customer");
    assert!(amount > Decimal::ZERO, "an allocation is above zero");
    assert!(amount <= left, "{fund:?} has {left} left, not {amount}");
    assert!(amount <= owed, "{owed} is owed on invoice {invoice}, not {amount}");
    let before = allocations.iter_mut().find(|one| one.invoice == invoice);
    let is_new = before.is_none();
    match before {
        Some(before) => before.amount += amount,
        None => allocations.push(Allocation { invoice, amount, at }),
    }
    let target = state.invoices.get_mut(&invoice).expect("looked up above");
    let (id, covered, sources) = fund.covers(target);
    *covered += amount;
    if is_new {
        sources.push(id);
    }
    touch(target, at);
}

pub(super) fn lift(state: &mut State, at: Timestamp, fund: Fund, (invoice, amount): (i64, Decimal)) {
    assert!(amount > Decimal::ZERO, "what is taken off is above zero");
    let (_, _, allocations) = fund.open(state);
    let place = allocations.iter().position(|one| one.invoice == invoice);
    let place = place.unwrap_or_else(|| panic!("{fund:?} is allocated to invoice {invoice}"));
    let left = allocations[place].amount - amount;
    assert!(left >= Decimal::ZERO, "{amount} lies on the invoice");
    if left.is_zero() {
        allocations.remove(place);
    } else {
        allocations[place].amount = left;
    }
    let target = state.invoices.get_mut(&invoice).expect("allocations lead to invoices");
    let (id, covered, sources) = fund.covers(target);
    *covered -= amount;
    if left.is_zero() {
        sources.retain(|one| *one != id);
    }
    touch(target, at);
}

/// An invoice that was covered or laid open anew counts as modified.
pub(super) fn touch(invoice: &mut Invoice, at: Timestamp) {
    invoice.modified = invoice.modified.max(at);
    if invoice.outstanding() > Decimal::ZERO {
        invoice.settled = None;
    } else if invoice.settled.is_none() {
        invoice.settled = Some(at);
    }
}
