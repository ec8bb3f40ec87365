//! From an answer to what latchd compares.

use rust_decimal::Decimal;

use super::objects::{CreditMemo, Customer, Invoice, JournalEntry, Line, Payment};
use crate::model::{Digest, Linked, Mark, Money, ObjectId, ObjectKind, Observed};

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
        mark: object.notes.as_deref().and_then(Mark::find),
        number: name,
        customer: None,
        date: None,
        total: Money::ZERO,
        open: amount(object.balance),
        lines: Vec::new(),
        applied: Vec::new(),
        dead,
        // Names and addresses belong to the bookkeepers once the customer stands.
        content: content(object.notes.as_deref(), [if dead { "inactive" } else { "active" }.to_owned()]),
        note: object.notes.clone(),
        currency: object.currency.as_ref().map(|currency| currency.value.clone()),
    }
}

/// An invoice. A voided one has no total and no amount on any line.
pub(super) fn invoice(object: &Invoice) -> Observed {
    let total = amount(object.total);
    Observed {
        kind: ObjectKind::Invoice,
        open: amount(object.balance),
        dead: voided(total, object.private_note.as_deref()),
        ..form(&Form {
            id: &object.id,
            sync_token: &object.sync_token,
            number: object.doc_number.as_deref(),
            date: object.txn_date,
            customer: object.customer.as_ref().map(|customer| customer.value.as_str()),
            total: object.total,
            note: object.private_note.as_deref(),
            lines: &object.lines,
            currency: object.currency.as_ref().map(|currency| currency.value.as_str()),
        })
    }
}

/// A credit memo. It cannot be voided; at the last it comes to nothing.
pub(super) fn credit_memo(object: &CreditMemo) -> Observed {
    Observed {
        kind: ObjectKind::CreditMemo,
        open: amount(object.remaining.or(object.balance)),
        ..form(&Form {
            id: &object.id,
            sync_token: &object.sync_token,
            number: object.doc_number.as_deref(),
            date: object.txn_date,
            customer: object.customer.as_ref().map(|customer| customer.value.as_str()),
            total: object.total,
            note: object.private_note.as_deref(),
            lines: &object.lines,
            currency: object.currency.as_ref().map(|currency| currency.value.as_str()),
        })
    }
}

/// What an invoice and a credit memo have alike.
struct Form<'a> {
    id: &'a str,
    sync_token: &'a str,
    number: Option<&'a str>,
    date: Option<jiff::civil::Date>,
    customer: Option<&'a str>,
    total: Option<Decimal>,
    note: Option<&'a str>,
    lines: &'a [Line],
    currency: Option<&'a str>,
}

fn form(form: &Form<'_>) -> Observed {
    let customer = form.customer.unwrap_or_default();
    let lines = form.lines.iter().filter(|line| line.detail_type.as_deref() != Some("SubTotalLineDetail"));
    let lines = lines.map(|line| {
        let item = line.sales.as_ref().and_then(|sales| sales.item.as_ref()).map(|item| item.value.as_str());
        format!("{} {}", number(line.amount), item.unwrap_or_default())
    });
    Observed {
        kind: ObjectKind::Invoice,
        id: ObjectId::new(form.id),
        sync_token: form.sync_token.to_owned(),
        mark: form.note.and_then(Mark::find),
        number: form.number.map(ToOwned::to_owned),
        customer: Some(ObjectId::new(customer)),
        date: form.date,
        total: amount(form.total),
        open: Money::ZERO,
        lines: charged(form.lines),
        applied: Vec::new(),
        dead: false,
        content: content(
            form.note,
            [
                form.number.unwrap_or_default().to_owned(),
                form.date.map(|date| date.to_string()).unwrap_or_default(),
                number(form.total),
                lines.collect::<Vec<_>>().join(";"),
            ],
        ),
        note: form.note.map(ToOwned::to_owned),
        currency: form.currency.map(ToOwned::to_owned),
    }
}

/// A journal entry. Its `TotalAmt` is zero in every answer (recorded): what it
/// moves is the sum of its debits.
pub(super) fn journal_entry(object: &JournalEntry) -> Observed {
    let details = object.lines.iter().filter_map(|line| Some((line.journal.as_ref()?, line.amount)));
    let rows = details.map(|(detail, of)| {
        let account = detail.account.as_ref().map(|account| account.value.as_str()).unwrap_or_default();
        let of = amount(of);
        (ObjectId::new(account), if detail.posting == "Credit" { -of } else { of })
    });
    let rows = rows.collect::<Vec<_>>();
    let owed = object.lines.iter().filter_map(|line| line.journal.as_ref()?.entity.as_ref());
    let customer = owed.filter_map(|entity| entity.reference.as_ref()).map(|one| one.value.as_str()).next();
    let words = rows.iter().map(|(account, of)| format!("{account} {}", of.decimal().normalize()));
    Observed {
        kind: ObjectKind::JournalEntry,
        id: ObjectId::new(&object.id),
        sync_token: object.sync_token.clone(),
        mark: object.private_note.as_deref().and_then(Mark::find),
        number: object.doc_number.clone(),
        customer: customer.map(ObjectId::new),
        date: object.txn_date,
        total: rows.iter().map(|(_, of)| *of).filter(|of| !of.is_negative()).sum(),
        open: Money::ZERO,
        applied: Vec::new(),
        dead: false,
        content: content(
            object.private_note.as_deref(),
            [
                object.doc_number.clone().unwrap_or_default(),
                object.txn_date.map(|date| date.to_string()).unwrap_or_default(),
                words.collect::<Vec<_>>().join(";"),
            ],
        ),
        lines: rows,
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
        mark: object.private_note.as_deref().and_then(Mark::find),
        number: object.reference.clone(),
        customer: Some(ObjectId::new(customer)),
        date: object.txn_date,
        total,
        open: amount(object.unapplied),
        lines: Vec::new(),
        applied: to_documents(&object.lines),
        dead: voided(total, object.private_note.as_deref()),
        content: content(
            object.private_note.as_deref(),
            [
                object.reference.clone().unwrap_or_default(),
                object.txn_date.map(|date| date.to_string()).unwrap_or_default(),
                number(object.total),
                lines.join(";"),
            ],
        ),
        note: object.private_note.clone(),
        currency: object.currency.as_ref().map(|currency| currency.value.clone()),
    }
}

/// The fields that are ours, digested. Of a note nothing is but our mark: where
/// it was taken out, the object is not found again.
fn content<const N: usize>(note: Option<&str>, fields: [String; N]) -> Digest {
    let unmarked = note.and_then(Mark::find).is_none().then(|| "unmarked".to_owned());
    let fields: Vec<String> = fields.into_iter().chain(unmarked).collect();
    Digest::of(fields.iter().map(String::as_str))
}

fn charged(lines: &[Line]) -> Vec<(ObjectId, Money)> {
    let rows = lines.iter().filter_map(|line| Some((line.sales.as_ref()?.item.as_ref()?, line.amount)));
    rows.map(|(item, of)| (ObjectId::new(&item.value), amount(of))).collect()
}

fn to_documents(lines: &[Line]) -> Vec<Linked> {
    let rows = lines.iter().flat_map(|line| line.linked.iter().map(move |link| (link, line.amount)));
    let linked = rows.filter_map(|(link, of)| {
        let kind = ObjectKind::ALL.into_iter().find(|kind| kind.name() == link.kind)?;
        Some(Linked { kind, id: ObjectId::new(&link.id), amount: amount(of) })
    });
    linked.collect()
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

/// An amount beyond what QuickBooks takes (15 digits) counts as the largest that
/// it does: it is no record's either way, and sums of it stay numbers.
fn amount(amount: Option<Decimal>) -> Money {
    let most = Decimal::new(99_999_999_999_999_999, 2);
    let mut amount = amount.unwrap_or_default().clamp(-most, most);
    if amount.scale() < 2 {
        amount.rescale(2);
    }
    amount.to_string().parse().expect("a decimal reads back")
}
