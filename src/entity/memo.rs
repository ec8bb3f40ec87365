//! Memos: what the credit memos of credits, credit notes and write-offs have
//! alike.

use jiff::Timestamp;
use serde_json::json;

use super::{Setting, number, text};
use crate::model::{
    Currency, Desired, DocumentNumbers, Key, Mark, Money, ObjectId, ObjectKind, Part, Reference, date_in,
};

/// Longest description of a line (Intuit: Invoice).
const DESCRIPTION_CHARS_MAX: usize = 4000;
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

/// One line of a memo.
#[derive(Clone, Debug)]
pub struct Line {
    /// QuickBooks' item.
    pub item: ObjectId,
    /// What it gives back.
    pub amount: Money,
    /// For people.
    pub words: String,
    /// QuickBooks' tax code; none: the company's way of saying no tax.
    pub tax_code: Option<String>,
}

/// The memo as it is created.
pub(super) fn create(head: &Head, lines: &[Line], setting: Setting<'_>) -> Desired {
    let date = date_in(head.effective_at, setting.zone);
    let mark = Mark::of(head.key).to_string();
    let words = head.note.as_deref().map(|text| text::fit(text, NOTE_CHARS_MAX, setting.targets));
    let note = words.filter(|text| !text.is_empty()).map_or(mark.clone(), |text| format!("{mark} {text}"));
    let mut body = json!({
        "CustomerRef": { "value": null },
        "TxnDate": date.to_string(),
        "Line": lines.iter().map(|line| line_body(line, setting)).collect::<Vec<_>>(),
        "PrivateNote": note,
    });
    if setting.posting.document_numbers == DocumentNumbers::Staxbill {
        body["DocNumber"] = json!(head.number);
    }
    if setting.targets.multicurrency {
        body["CurrencyRef"] = json!({ "value": head.currency.as_str() });
    }
    Desired {
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
    }
}

/// What of a memo that stands, of one line on `item`, is sent to make it
/// `total`. A memo cannot be voided (QuickBooks: operations); at the last its
/// line comes to nothing.
pub fn lowered(
    customer: u64,
    item: &ObjectId,
    total: Money,
    setting: Setting<'_>,
) -> (serde_json::Value, Vec<Reference>) {
    let line = Line { item: item.clone(), amount: total, words: "Credit".to_owned(), tax_code: None };
    let body = json!({ "CustomerRef": { "value": null }, "Line": [line_body(&line, setting)] });
    (body, vec![Reference { pointer: "/CustomerRef/value".to_owned(), to: Key::customer(customer) }])
}

fn line_body(line: &Line, setting: Setting<'_>) -> serde_json::Value {
    let code = line.tax_code.as_deref().unwrap_or("NON");
    json!({
        "Amount": number(line.amount.decimal()),
        "DetailType": "SalesItemLineDetail",
        "Description": text::fit(&line.words, DESCRIPTION_CHARS_MAX, setting.targets),
        "SalesItemLineDetail": { "ItemRef": { "value": line.item.as_str() }, "TaxCodeRef": { "value": code } },
    })
}
