//! Whether both ledgers say the same of every customer, and add up by
//! themselves.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{Played, Sides, amount, marked, text};

/// What is open in Stax Bill is open in QuickBooks, for customers that count
/// from the beginning; and neither side contradicts itself.
pub(super) fn agree(sides: &Sides<'_>) -> Result<(), String> {
    let sandbox = &sides.played.company.sandbox;
    for (side, wrong) in [("Stax Bill", sandbox.staxbill.audit()), ("QuickBooks", sandbox.quickbooks.audit())]
    {
        if !wrong.is_empty() {
            return Err(format!("{side} does not add up: {wrong:#?}"));
        }
    }
    for (customer, id) in &sides.customers {
        if !sides.counts(*customer, Timestamp::MIN) {
            continue;
        }
        let (outstanding, unallocated) = sandbox.staxbill.ledger(*customer);
        let theirs: Decimal =
            foreign_payments(sides.played, id).iter().map(|one| amount(one, "TotalAmt")).sum();
        let (books, expected) = (balance(sides.played, id), outstanding - unallocated - theirs);
        if books != expected {
            return Err(format!("customer {customer}: open {books}, not {expected}"));
        }
    }
    Ok(())
}

/// What QuickBooks says that a customer owes.
fn balance(played: &Played, id: &str) -> Decimal {
    let customers = played.company.sandbox.quickbooks.objects("Customer");
    let card = customers.iter().find(|one| one["Id"] == id).expect("looked up before");
    amount(card, "Balance")
}

fn foreign_payments(played: &Played, customer: &str) -> Vec<Value> {
    let payments = played.company.sandbox.quickbooks.objects("Payment").into_iter();
    let theirs = payments.filter(|one| marked(one).is_none());
    theirs.filter(|one| text(&one["CustomerRef"], "value") == customer).collect()
}

/// What payments without a mark took of each of our invoices.
pub(super) fn foreign(played: &Played) -> BTreeMap<i64, Decimal> {
    let quickbooks = &played.company.sandbox.quickbooks;
    let invoices = quickbooks.objects("Invoice");
    let mut foreign = BTreeMap::new();
    for payment in quickbooks.objects("Payment").iter().filter(|one| marked(one).is_none()) {
        for line in payment["Line"].as_array().into_iter().flatten() {
            let id = &line["LinkedTxn"][0]["TxnId"];
            let invoice = invoices.iter().find(|one| one["Id"] == *id).and_then(marked);
            let invoice = invoice.and_then(|(mark, _)| mark.strip_prefix("invoice/")?.parse().ok());
            if let Some(invoice) = invoice {
                *foreign.entry(invoice).or_default() += amount(line, "Amount");
            }
        }
    }
    foreign
}

/// Customers on whose invoices others' payments lie.
pub(in super::super) fn foreign_customers(played: &Played) -> BTreeSet<i64> {
    let invoices = foreign(played).into_keys();
    let account = &played.company.sandbox.staxbill;
    invoices.filter_map(|id| account.invoice(id)).map(|one| one.customer).collect()
}
