//! What must hold before an act changes anything: an act that is not allowed
//! panics here and leaves the account as it was.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::super::records::{NewInvoice, NewReversal};
use super::super::state::State;
use super::funds::Fund;

/// An amount has at most 13 digits before the point, 15 with the cents, so
/// that no sum over an account is too great to be kept (ours; not recorded).
const AMOUNT_END: i64 = 10_000_000_000_000;
/// A hundred years in days.
const DAYS_MAX: i64 = 36_500;

/// An amount that can be kept, of either sign.
pub(super) fn kept(what: &str, amount: Decimal) {
    assert!(amount.abs() < Decimal::from(AMOUNT_END), "{what} has at most 13 digits before the point");
}

/// An amount that is to be moved.
pub(super) fn moved(what: &str, amount: Decimal) {
    assert!(amount > Decimal::ZERO, "{what} is above zero");
    kept(what, amount);
}

/// Money of `customer` that is to be laid on invoices.
pub(super) fn placed(state: &State, (customer, amount): (i64, Decimal), rows: &[(i64, Decimal)]) {
    for (invoice, part) in by_invoice("an allocation", rows) {
        let target = state.invoices.get(&invoice).unwrap_or_else(|| panic!("invoice {invoice} exists"));
        assert_eq!(customer, target.customer, "money and invoice {invoice} have one customer");
        let owed = target.outstanding();
        assert!(part <= owed, "{owed} is owed on invoice {invoice}, not {part}");
    }
    let all: Decimal = rows.iter().map(|row| row.1).sum();
    assert!(all <= amount, "{amount} is there to be laid on invoices, not {all}");
}

/// Money that is to be taken back of a fund: `rows` off invoices, and the rest
/// of what lies on none.
pub(super) fn lifted(state: &State, (fund, amount): (Fund, Decimal), rows: &[(i64, Decimal)]) {
    moved("what is taken back", amount);
    let (allocations, free) = match fund {
        Fund::Payment(id) => {
            let payment = state.payments.get(&id).unwrap_or_else(|| panic!("payment {id} exists"));
            (&payment.allocations, payment.unallocated())
        }
        Fund::Credit(id) => {
            let credit = state.credits.get(&id).unwrap_or_else(|| panic!("credit {id} exists"));
            (&credit.allocations, credit.unallocated())
        }
    };
    for (invoice, part) in by_invoice("what is taken off", rows) {
        let lies = allocations.iter().find(|one| one.invoice == invoice).map(|one| one.amount);
        let lies = lies.unwrap_or_else(|| panic!("{fund:?} lies on invoice {invoice}"));
        assert!(part <= lies, "{lies} of {fund:?} lies on invoice {invoice}, not {part}");
    }
    let free = free + rows.iter().map(|row| row.1).sum::<Decimal>();
    assert!(amount <= free, "{free} of {fund:?} is free to be taken back, not {amount}");
}

/// An invoice that is to be posted.
pub(super) fn postable(state: &State, new: &NewInvoice) {
    let customer = new.customer;
    assert!(state.customers.contains_key(&customer), "the invoiced customer {customer} exists");
    let mut amount = Decimal::ZERO;
    for charge in &new.charges {
        let known = |code: &String| state.product_by_code.contains_key(code);
        assert!(charge.product.as_ref().is_none_or(known), "product code {:?} exists", charge.product);
        for part in [charge.amount, charge.quantity, charge.unit_price].iter().chain(&charge.discounts) {
            kept("a part of a charge", *part);
        }
        amount += charge.amount - charge.discounts.iter().sum::<Decimal>();
    }
    for (name, percent, total) in &new.taxes {
        kept(name, *percent);
        kept(name, *total);
        amount += *total;
    }
    kept("an invoice", amount);
    let days = new.installments.iter().map(|part| part.0).chain([new.due_days]);
    for due in days {
        assert!((-DAYS_MAX..=DAYS_MAX).contains(&due), "an invoice is due within {DAYS_MAX} days, not {due}");
    }
    for part in &new.installments {
        kept("an instalment", part.1);
    }
    let parts: Decimal = new.installments.iter().map(|part| part.1).sum();
    assert!(new.installments.is_empty() || parts == amount, "instalments make the invoice");
}

/// Charges that are to be reversed.
pub(super) fn reversible(state: &State, new: &NewReversal) {
    let id = new.invoice;
    let target = state.invoices.get(&id).unwrap_or_else(|| panic!("invoice {id} exists"));
    let mut wanted = BTreeMap::<i64, Decimal>::new();
    for (charge, amount) in &new.charges {
        let known = target.charges.iter().find(|one| one.id == *charge);
        let left = known.map(|one| one.amount - one.reversed);
        let left = left.unwrap_or_else(|| panic!("charge {charge} is on invoice {id}"));
        let part = amount.unwrap_or(left);
        moved("a reversal", part);
        let all = wanted.entry(*charge).or_default();
        *all += part;
        assert!(*all <= left, "{left} of charge {charge} is left, not {all}");
    }
}

fn by_invoice(what: &str, rows: &[(i64, Decimal)]) -> BTreeMap<i64, Decimal> {
    let mut sums = BTreeMap::new();
    for (invoice, amount) in rows {
        moved(what, *amount);
        *sums.entry(*invoice).or_default() += *amount;
    }
    sums
}
