//! What payments and invoices do to each other: a payment takes from the open
//! balance of the invoices it names, and gives it back when it lets go.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::{Books, Token};
use super::entity::{Change, invoice, payment};
use super::json::{Object, decimal, list, money, reference, text};

/// How much a payment applies to each invoice.
pub(super) fn applied(payment: &Object) -> BTreeMap<u64, Decimal> {
    let mut applied = BTreeMap::new();
    for line in list(payment, "Line").iter().filter_map(Value::as_object) {
        if let Some(id) = invoice_of(line) {
            *applied.entry(id).or_default() += decimal(line, "Amount");
        }
    }
    applied
}

/// A payment's line as answers show it, with the invoice's balance `open`
/// before the payment.
pub(super) fn line(invoice: &Object, amount: Decimal, open: Decimal) -> Value {
    let mut named = vec![("txnId", text(invoice, "Id").unwrap_or_default().to_owned())];
    named.push(("txnOpenBalance", format!("{open:.2}")));
    if let Some(number) = text(invoice, "DocNumber") {
        named.push(("txnReferenceNumber", number.to_owned()));
    }
    let id = &named[0].1;
    let any: Vec<Value> = named.iter().map(|(name, value)| name_value(name, value)).collect();
    json!({
        "Amount": money(amount),
        "LinkedTxn": [{ "TxnId": id, "TxnType": "Invoice" }],
        "LineEx": { "any": any },
    })
}

/// Carries a payment's change over to its invoices. An invoice whose share did
/// not change is left alone, so that a new note does not move it.
pub(super) fn settle_payment(books: &mut Books, id: u64, change: Change<'_>) {
    let before = change.old.map(applied).unwrap_or_default();
    let after = change.new.map(applied).unwrap_or_default();
    let touched: BTreeSet<u64> = before.keys().chain(after.keys()).copied().collect();
    for invoice_id in touched {
        let (old, new) = (before.get(&invoice_id), after.get(&invoice_id));
        if old == new {
            continue;
        }
        let Some(kept) = books.shelf("Invoice").get(invoice_id) else { continue };
        let mut object = kept.object.clone();
        let moved = new.copied().unwrap_or_default() - old.copied().unwrap_or_default();
        object.insert("Balance".into(), money(decimal(&object, "Balance") - moved));
        let mut linked: Vec<Value> = list(&object, "LinkedTxn").to_vec();
        linked.retain(|link| !points_to(link, id, "Payment"));
        if new.is_some() {
            linked.push(json!({ "TxnId": id.to_string(), "TxnType": "Payment" }));
        }
        object.insert("LinkedTxn".into(), json!(linked));
        books.put(&invoice::ENTITY, invoice_id, object, Token::Rise);
    }
}

/// Carries an invoice's change over to its payments: they let go of an invoice
/// that is gone, voided or another customer's, and of what it no longer asks.
pub(super) fn settle_invoice(books: &mut Books, id: u64, change: Change<'_>) {
    let Some(old) = change.old else { return };
    let same_customer = |new: &&Object| reference(new, "CustomerRef") == reference(old, "CustomerRef");
    let asked = change.new.filter(same_customer).map_or(Decimal::ZERO, |new| decimal(new, "TotalAmt"));
    let mut paid = decimal(old, "TotalAmt") - decimal(old, "Balance");
    for link in list(old, "LinkedTxn").iter().rev() {
        let excess = paid - asked;
        if excess <= Decimal::ZERO && !asked.is_zero() {
            break;
        }
        let Some(payment_id) = link["TxnId"].as_str().and_then(|id| id.parse().ok()) else { continue };
        let freed = let_go(books, payment_id, id, (excess, asked.is_zero()));
        paid -= freed.amount;
        if freed.wholly {
            unlink(books, id, payment_id);
        }
    }
}

struct Freed {
    amount: Decimal,
    wholly: bool,
}

/// Frees `excess` of what a payment applies to an invoice, or all of it.
fn let_go(books: &mut Books, payment_id: u64, invoice_id: u64, (excess, all): (Decimal, bool)) -> Freed {
    let Some(kept) = books.shelf("Payment").get(payment_id) else {
        return Freed { amount: Decimal::ZERO, wholly: true };
    };
    let mut object = kept.object.clone();
    let (mut left, mut amount) = (excess, Decimal::ZERO);
    let mut lines = Vec::new();
    for mut line in list(&object, "Line").iter().cloned() {
        let own = line.as_object().is_some_and(|line| invoice_of(line) == Some(invoice_id));
        let share = line.as_object().map(|line| decimal(line, "Amount")).unwrap_or_default();
        let free = if !own {
            Decimal::ZERO
        } else if all {
            share
        } else {
            share.min(left)
        };
        left -= free;
        amount += free;
        if own && free == share {
            continue;
        }
        if !free.is_zero() {
            line["Amount"] = money(share - free);
        }
        lines.push(line);
    }
    let wholly = !lines.iter().any(|line| line.as_object().and_then(invoice_of) == Some(invoice_id));
    object.insert("Line".into(), json!(lines));
    object.insert("UnappliedAmt".into(), money(decimal(&object, "UnappliedAmt") + amount));
    books.put(&payment::ENTITY, payment_id, object, Token::Rise);
    Freed { amount, wholly }
}

fn unlink(books: &mut Books, invoice_id: u64, payment_id: u64) {
    let Some(kept) = books.shelf("Invoice").get(invoice_id) else { return };
    let mut object = kept.object.clone();
    let mut linked = list(&object, "LinkedTxn").to_vec();
    let before = linked.len();
    linked.retain(|link| !points_to(link, payment_id, "Payment"));
    if linked.len() != before {
        object.insert("LinkedTxn".into(), json!(linked));
        books.put(&invoice::ENTITY, invoice_id, object, Token::Stay);
    }
}

fn invoice_of(line: &Object) -> Option<u64> {
    let target = list(line, "LinkedTxn").first()?;
    (target["TxnType"] == "Invoice").then(|| target["TxnId"].as_str()?.parse().ok()).flatten()
}

fn points_to(link: &Value, id: u64, kind: &str) -> bool {
    link["TxnType"] == kind && link["TxnId"].as_str().and_then(|text| text.parse().ok()) == Some(id)
}

/// Debris of the service's XML past that every payment line carries (recorded).
fn name_value(name: &str, value: &str) -> Value {
    json!({
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": { "Name": name, "Value": value },
        "nil": false, "globalScope": true, "typeSubstituted": false,
    })
}
