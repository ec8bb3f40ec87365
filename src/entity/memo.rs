//! Memos: what the credit memos of credits, credit notes and write-offs have
//! alike.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::line::{self, Line};
use super::tax::{self, Taxed};
use super::{Setting, credit, invoice, text, write_currency};
use crate::model::{
    Currency, Desired, DocumentNumbers, Key, Mark, Money, ObjectId, ObjectKind, Part, Problem, Reference,
    date_in,
};

/// Longest internal note that we make (QuickBooks takes 4,000).
const NOTE_CHARS_MAX: usize = 1000;

/// What a memo says besides its lines.
#[derive(Clone, Debug)]
pub struct Head {
    /// The record.
    pub key: Key,
    /// Whose it is.
    pub customer: u64,
    /// Its number, where Stax Bill numbers documents.
    pub number: String,
    /// Its accounting instant.
    pub effective_at: Timestamp,
    /// Currency.
    pub currency: Currency,
    /// What its lines come to.
    pub total: Money,
    /// The operator's words.
    pub note: Option<String>,
}

/// What a memo gives back.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// What was sold.
    pub rows: Vec<Line>,
    /// What discounts took off.
    pub discount: Money,
    /// The taxes.
    pub taxed: Taxed,
}

impl Lines {
    /// One line on `item`, without tax.
    pub(super) fn one(
        item: ObjectId,
        amount: Money,
        words: String,
        setting: Setting<'_>,
    ) -> Result<Self, Problem> {
        let row = Line { item, amount, words, priced: None };
        Ok(Self { rows: vec![row], discount: Money::ZERO, taxed: tax::none(setting)? })
    }
}

/// The memo as it is created.
pub(super) fn create(head: &Head, lines: &Lines, setting: Setting<'_>) -> Result<Desired, Problem> {
    let date = date_in(head.effective_at, setting.zone);
    let mark = Mark::of(head.key).to_string();
    let words = head.note.as_deref().map(|text| text::fit(text, NOTE_CHARS_MAX, setting.targets));
    let note = words.filter(|text| !text.is_empty()).map_or(mark.clone(), |text| format!("{mark} {text}"));
    let mut body = json!({
        "CustomerRef": { "value": null },
        "TxnDate": date.to_string(),
        "Line": [],
        "PrivateNote": note,
    });
    if setting.posting.document_numbers == DocumentNumbers::Staxbill {
        invoice::check_number(&head.number)?;
        body["DocNumber"] = json!(head.number);
    }
    write_currency(&mut body, head.currency, setting)?;
    let rows = lines.rows.iter().chain(lines.taxed.line.as_ref());
    let mut bodies = rows.map(|row| row.body(Some(&lines.taxed.code), setting)).collect::<Vec<_>>();
    line::check_count(bodies.len(), if lines.taxed.marked { lines.rows.len() } else { 0 })?;
    bodies.extend(line::discount(lines.discount, setting)?);
    body["Line"] = Value::Array(bodies);
    lines.taxed.write(&mut body, setting);
    Ok(Desired {
        key: head.key,
        part: Part::Whole,
        object: ObjectKind::CreditMemo,
        number: head.number.clone(),
        date: Some(date),
        currency: head.currency,
        total: head.total,
        body,
        references: vec![Reference {
            pointer: "/CustomerRef/value".to_owned(),
            to: Key::customer(head.customer),
        }],
    })
}

/// What of a memo that stands, of one line on `item`, is sent to make it
/// `total`; `reference` is what the operator said about the credit. A memo cannot be voided (QuickBooks: operations); at the last its
/// line comes to nothing.
pub fn lowered(
    customer: u64,
    item: &ObjectId,
    total: Money,
    reference: Option<&str>,
    setting: Setting<'_>,
) -> (Value, Vec<Reference>) {
    let line = Line { item: item.clone(), amount: total, words: credit::words(reference), priced: None };
    let code = tax::free_code(setting);
    let body = json!({ "CustomerRef": { "value": null }, "Line": [line.body(code.as_deref(), setting)] });
    (body, vec![Reference { pointer: "/CustomerRef/value".to_owned(), to: Key::customer(customer) }])
}
