//! The biller's desk beyond invoices and payments: refunds, credits, debits,
//! reversals and write-offs; and what stands of them in the books.

use std::collections::BTreeMap;

use jiff::Timestamp;
use latchd::sandbox::staxbill::{
    NewCharge, NewCredit, NewDebit, NewInvoice, NewProduct, NewRefund, NewReversal, ProductType,
};
use rust_decimal::Decimal;
use serde_json::Value;

use super::shop::{amount, bill, customer, dec, is_void, mark_of, noon, pay, the};
use crate::company::Company;

/// Invoices or allocations and literal amounts.
pub(crate) type Rows<'a> = &'a [(i64, &'a str)];

fn decimals(rows: Rows<'_>) -> Vec<(i64, Decimal)> {
    rows.iter().map(|(id, amount)| (*id, dec(amount))).collect()
}

/// One customer, created, with an invoice of 100.00 in March and a payment of
/// it, as [`super::shop::one_of_each`], but of a company of any kind.
pub(crate) fn paid(company: &Company) -> (i64, i64, i64) {
    let bolt = customer(company, "Bolt Bakery");
    let invoice = bill(company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(company, bolt, noon("2026-03-05"), "100.00", &[(invoice, "100.00")]);
    (bolt, invoice, payment)
}

/// A refund, and what it takes off invoices.
pub(crate) fn refund(company: &Company, payment: i64, day: &str, amount: &str, off: Rows<'_>) -> i64 {
    let (amount, allocations) = (dec(amount), decimals(off));
    let effective = noon(day);
    company.sandbox.staxbill.refund(NewRefund { payment, amount, effective, reference: None, allocations })
}

/// A credit, and what it is put on.
pub(crate) fn credit(company: &Company, customer: i64, day: &str, amount: &str, on: Rows<'_>) -> i64 {
    company.sandbox.staxbill.give_credit(NewCredit {
        customer,
        amount: dec(amount),
        effective: noon(day),
        reference: Some("goodwill".to_owned()),
        allocations: decimals(on),
        opening: false,
    })
}

/// A debit of a credit, and what it takes off invoices.
pub(crate) fn debit(company: &Company, credit: i64, day: &str, amount: &str, off: Rows<'_>) -> i64 {
    let (amount, allocations) = (dec(amount), decimals(off));
    let effective = noon(day);
    company.sandbox.staxbill.debit(NewDebit { credit, amount, effective, reference: None, allocations })
}

/// A reversal of charges by their place, and how much of each; none at all is
/// everything. The credit note's id.
pub(crate) fn reverse(company: &Company, invoice: i64, day: &str, parts: &[(usize, &str)]) -> i64 {
    let account = &company.sandbox.staxbill;
    let posted = account.invoice(invoice).expect("the test posted it");
    let part = |(place, amount): &(usize, &str)| (posted.charges[*place].id, Some(dec(amount)));
    let (charges, effective) = (parts.iter().map(part).collect(), noon(day));
    let notes = account.reverse(NewReversal { invoice, charges, effective, reference: None });
    assert_eq!(notes.len(), 1, "one note an act");
    notes[0]
}

/// A write-off.
pub(crate) fn write_off(company: &Company, invoice: i64, day: &str, amount: &str) -> i64 {
    company.sandbox.staxbill.write_off(invoice, dec(amount), (noon(day), Some("gone away")))
}

/// An invoice of products by code, quantity, unit price, amount and discounts,
/// with taxes.
pub(crate) fn bill_for(
    company: &Company,
    (customer, at): (i64, Timestamp),
    charges: &[(&str, &str, &str, &str, &[&str])],
    taxes: &[(&str, &str, &str)],
) -> i64 {
    let account = &company.sandbox.staxbill;
    let charges = charges.iter().map(|(code, quantity, price, total, discounts)| {
        if account.products().iter().all(|one| one.code != *code) {
            let (name, product_type) = ((*code).to_owned(), ProductType::RecurringService);
            let code = name.clone();
            account.add_product(NewProduct { code, name, product_type, gl_code: String::new() });
        }
        NewCharge {
            name: (*code).to_owned(),
            description: None,
            product: Some((*code).to_owned()),
            quantity: dec(quantity),
            unit_price: dec(price),
            amount: dec(total),
            discounts: discounts.iter().map(|one| dec(one)).collect(),
        }
    });
    let charges: Vec<NewCharge> = charges.collect();
    let taxes = taxes.iter().map(|(name, percent, total)| ((*name).to_owned(), dec(percent), dec(total)));
    account.post_invoice(NewInvoice {
        customer,
        effective: at,
        charges,
        taxes: taxes.collect(),
        due_days: 30,
        ..NewInvoice::default()
    })
}

/// What is still owed on an invoice in the books.
#[track_caller]
pub(crate) fn owed(company: &Company, invoice: i64) -> Decimal {
    amount(&the(company, &format!("invoice/{invoice}")), "Balance")
}

/// What a memo comes to, and what is left of it.
#[track_caller]
pub(crate) fn memo(company: &Company, key: &str) -> (Decimal, Decimal) {
    let memo = the(company, key);
    (amount(&memo, "TotalAmt"), amount(&memo, "Balance"))
}

/// What a living application lays of a memo on each record.
pub(crate) fn laid(company: &Company, memo: &str) -> BTreeMap<String, Decimal> {
    let living = applications(company, memo).into_iter().filter(|one| !is_void(one));
    let row = |one: &Value| {
        assert_eq!(amount(one, "TotalAmt"), Decimal::ZERO, "it moves no money: {one}");
        let mark = mark_of(one).expect("filtered by it");
        let (_, target) = mark.split_once(' ').expect("an application names both");
        (target.to_owned(), amount(&one["Line"][0], "Amount"))
    };
    let rows: Vec<(String, Decimal)> = living.map(|one| row(&one)).collect();
    let (count, rows) = (rows.len(), rows.into_iter().collect::<BTreeMap<_, _>>());
    assert_eq!(rows.len(), count, "{memo} is applied twice to one: {rows:?}");
    rows
}

/// Every application of a memo, dead ones too.
pub(crate) fn applications(company: &Company, memo: &str) -> Vec<Value> {
    let payments = company.sandbox.quickbooks.objects("Payment").into_iter();
    let of = |one: &Value| mark_of(one).is_some_and(|mark| mark.starts_with(&format!("{memo} ")));
    payments.filter(of).collect()
}
