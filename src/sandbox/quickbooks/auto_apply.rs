//! What the service applies by itself where the company lets it: new charges
//! take up the credits and payments that are open, new ones of those the
//! charges, the oldest first.
//!
//! Only what a write creates is looked at, so that a client can still take a
//! link away; when the service looks is not recorded.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::Books;
use super::entity::{Choices, credit_memo, invoice, payment};
use super::json::{Object, decimal, list, money, object, reference, text};
use super::write;

/// The note of the payments the service makes (recorded).
const NOTE: &str = "Created by QB Online to link credits to charges.";

/// Applies a new object, or applies others to it. What the books refuse, such
/// as a date in a closed period, is left as it is.
pub(super) fn after_create(books: &mut Books, entity: &str, id: u64) {
    let credits = books.allows("SalesFormsPrefs.AutoApplyCredit");
    let payments = books.allows("SalesFormsPrefs.AutoApplyPayments");
    match entity {
        "Invoice" if credits || payments => {
            for credit in open_of(books, "CreditMemo", id, entity).into_iter().filter(|_| credits) {
                join(books, id, credit);
            }
            for payment in open_of(books, "Payment", id, entity).into_iter().filter(|_| payments) {
                apply(books, payment, id);
            }
        }
        "CreditMemo" if credits => {
            for charge in open_of(books, "Invoice", id, entity) {
                join(books, charge, id);
            }
        }
        "Payment" if payments => {
            for charge in open_of(books, "Invoice", id, entity) {
                apply(books, id, charge);
            }
        }
        _ => {}
    }
}

/// The documents of the same customer with something open, in the order they
/// were made. Deposited payments are frozen and left alone.
fn open_of(books: &Books, kind: &'static str, id: u64, of: &str) -> Vec<u64> {
    let Some(kept) = books.shelf(of).get(id) else { return Vec::new() };
    let shelf = books.shelf(kind);
    let customer = reference(&kept.object, "CustomerRef").unwrap_or_default();
    let open = |id: &u64| {
        let found = shelf.get(*id).map(|kept| &kept.object);
        found.is_some_and(|object| !left(object).is_zero() && !is_frozen(object))
    };
    shelf.with("CustomerRef", customer).filter(open).collect()
}

fn is_frozen(object: &Object) -> bool {
    list(object, "LinkedTxn").iter().any(|link| link["TxnType"] == "Deposit")
}

/// What is open of an invoice or a credit memo, or unapplied of a payment.
fn left(object: &Object) -> Decimal {
    decimal(object, "Balance") + decimal(object, "UnappliedAmt")
}

fn left_of(books: &Books, entity: &str, id: u64) -> Decimal {
    books.shelf(entity).get(id).map_or(Decimal::ZERO, |kept| left(&kept.object))
}

/// Joins a charge and a credit by a payment of nothing.
fn join(books: &mut Books, charge: u64, credit: u64) {
    let amount =
        left_of(books, invoice::ENTITY.name, charge).min(left_of(books, credit_memo::ENTITY.name, credit));
    let Some(kept) = books.shelf("Invoice").get(charge).filter(|_| !amount.is_zero()) else { return };
    let customer = reference(&kept.object, "CustomerRef").unwrap_or_default();
    let lines = [("Invoice", charge), ("CreditMemo", credit)].map(|target| line(target, amount));
    let body = json!({
        "CustomerRef": { "value": customer }, "TotalAmt": 0, "PrivateNote": NOTE, "Line": lines,
        "CurrencyRef": kept.object.get("CurrencyRef"),
    });
    save(books, &object(body));
}

/// Applies what a payment holds unapplied to a charge.
fn apply(books: &mut Books, id: u64, charge: u64) {
    let amount = left_of(books, payment::ENTITY.name, id).min(left_of(books, invoice::ENTITY.name, charge));
    let Some(kept) = books.shelf("Payment").get(id).filter(|_| !amount.is_zero()) else { return };
    let mut lines: Vec<Value> = list(&kept.object, "Line").to_vec();
    for line in lines.iter_mut().filter_map(Value::as_object_mut) {
        line.remove("LineEx");
    }
    lines.push(line(("Invoice", charge), amount));
    let token = text(&kept.object, "SyncToken").unwrap_or_default();
    let body = json!({ "Id": id.to_string(), "SyncToken": token, "sparse": true, "Line": lines });
    save(books, &object(body));
}

/// A closed period or a deposit keeps a payment as it is. Any other refusal
/// would mean that the body above is wrong.
fn save(books: &mut Books, body: &Object) {
    if let Err(fault) = write::save(books, &payment::ENTITY, body, Choices::default()) {
        debug_assert!(matches!(fault.code, "6210" | "6540"), "{fault} for {body:?}");
    }
}

fn line((kind, id): (&str, u64), amount: Decimal) -> Value {
    json!({ "Amount": money(amount), "LinkedTxn": [{ "TxnId": id.to_string(), "TxnType": kind }] })
}
