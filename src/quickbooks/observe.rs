//! From an answer to what latchd compares.

use rust_decimal::Decimal;

use super::objects::{Customer, Invoice, Line, Payment};
use crate::model::{Digest, Mark, Money, ObjectId, ObjectKind, Observed};

/// A customer. A name that QuickBooks suffixed with ` (deleted)` because
/// the customer is inactive is told without the suffix.
pub(super) fn customer(object: &Customer) -> Observed {
    let name =
        object.display_name.as_deref().map(|name| name.strip_suffix(" (deleted)").unwrap_or(name).to_owned());
    let dead = object.active == Some(false);
    Observed {
        kind: ObjectKind::Customer,
        id: ObjectId::new(&object.id),
        sync_token: object.sync_token.clone(),
        mark: object.notes.as_deref().and_then(Mark::find).map(|mark| mark.0),
        number: name,
        customer: None,
        date: None,
        total: Money::ZERO,
        open: amount(object.balance),
        lines: Vec::new(),
        applied: Vec::new(),
        dead,
        // Names and addresses belong to the bookkeepers once the customer stands.
        content: Digest::of([if dead { "inactive" } else { "active" }]),
        note: object.notes.clone(),
        currency: object.currency.as_ref().map(|currency| currency.value.clone()),
    }
}

/// An invoice. A voided one has no total and no amount on any line.
pub(super) fn invoice(object: &Invoice) -> Observed {
    let customer = object.customer.as_ref().map(|customer| customer.value.as_str()).unwrap_or_default();
    let total = amount(object.total);
    let lines = object.lines.iter().filter(|line| line.detail_type.as_deref() != Some("SubTotalLineDetail"));
    let lines = lines.map(|line| {
        let item = line.sales.as_ref().and_then(|sales| sales.item.as_ref()).map(|item| item.value.as_str());
        format!("{} {}", number(line.amount), item.unwrap_or_default())
    });
    Observed {
        kind: ObjectKind::Invoice,
        id: ObjectId::new(&object.id),
        sync_token: object.sync_token.clone(),
        mark: object.private_note.as_deref().and_then(Mark::find).map(|mark| mark.0),
        number: object.doc_number.clone(),
        customer: Some(ObjectId::new(customer)),
        date: object.txn_date,
        total,
        open: amount(object.balance),
        lines: charged(&object.lines),
        applied: Vec::new(),
        dead: voided(total, object.private_note.as_deref()),
        content: Digest::of([
            object.doc_number.as_deref().unwrap_or_default(),
            object.txn_date.map(|date| date.to_string()).unwrap_or_default().as_str(),
            customer,
            number(object.total).as_str(),
            lines.collect::<Vec<_>>().join(";").as_str(),
        ]),
        note: object.private_note.clone(),
        currency: object.currency.as_ref().map(|currency| currency.value.clone()),
    }
}

/// A payment.
pub(super) fn payment(object: &Payment) -> Observed {
    let customer = object.customer.as_ref().map(|customer| customer.value.as_str()).unwrap_or_default();
    let total = amount(object.total);
    let mut lines = object.lines.iter().map(applied).collect::<Vec<_>>();
    // QuickBooks keeps the order of lines; a person may not, and it means nothing.
    lines.sort_unstable();
    Observed {
        kind: ObjectKind::Payment,
        id: ObjectId::new(&object.id),
        sync_token: object.sync_token.clone(),
        mark: object.private_note.as_deref().and_then(Mark::find).map(|mark| mark.0),
        number: object.reference.clone(),
        customer: Some(ObjectId::new(customer)),
        date: object.txn_date,
        total,
        open: amount(object.unapplied),
        lines: Vec::new(),
        applied: to_invoices(&object.lines),
        dead: voided(total, object.private_note.as_deref()),
        content: Digest::of([
            object.reference.as_deref().unwrap_or_default(),
            object.txn_date.map(|date| date.to_string()).unwrap_or_default().as_str(),
            customer,
            number(object.total).as_str(),
            lines.join(";").as_str(),
        ]),
        note: object.private_note.clone(),
        currency: object.currency.as_ref().map(|currency| currency.value.clone()),
    }
}

fn charged(lines: &[Line]) -> Vec<(ObjectId, Money)> {
    let rows = lines.iter().filter_map(|line| Some((line.sales.as_ref()?.item.as_ref()?, line.amount)));
    rows.map(|(item, of)| (ObjectId::new(&item.value), amount(of))).collect()
}

fn to_invoices(lines: &[Line]) -> Vec<(ObjectId, Money)> {
    let rows = lines.iter().flat_map(|line| line.linked.iter().map(move |link| (link, line.amount)));
    rows.filter(|(link, _)| link.kind == "Invoice")
        .map(|(link, of)| (ObjectId::new(&link.id), amount(of)))
        .collect()
}

fn applied(line: &Line) -> String {
    let links = line.linked.iter().map(|link| format!("{} {}", link.kind, link.id)).collect::<Vec<_>>();
    format!("{} {}", number(line.amount), links.join(","))
}

/// There is no field that says void: its total is zero and its note begins
/// with the word (quickbooks: void result).
fn voided(total: Money, note: Option<&str>) -> bool {
    total.is_zero() && note.is_some_and(|note| note.to_lowercase().contains("voided"))
}

/// `100.00`, `100` and `100.0` are one number.
fn number(amount: Option<Decimal>) -> String {
    amount.unwrap_or_default().normalize().to_string()
}

fn amount(amount: Option<Decimal>) -> Money {
    let mut amount = amount.unwrap_or_default();
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string().parse().expect("a decimal reads back")
}
