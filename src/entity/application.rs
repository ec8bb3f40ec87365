//! Applications: the zero-amount Payment that lays a memo on an invoice, or on
//! the journal entry of a refund (QuickBooks: payment).

use jiff::civil::Date;
use serde_json::{Value, json};

use super::number;
use crate::model::{Applied, Currency, Desired, Entity, Key, Mark, Money, ObjectKind, Part, Reference};

/// What is applied: a memo of a record.
#[derive(Clone, Debug)]
pub struct Memo {
    /// The record.
    pub key: Key,
    /// Whose it is.
    pub customer: u64,
    /// The number that its memo bears.
    pub number: String,
    /// Its currency, where the company has several.
    pub currency: Option<Currency>,
}

/// The application of `memo` to one other record, as it is created on `date`,
/// the later day of the two.
pub fn create(memo: &Memo, applied: &Applied, date: Date) -> Desired {
    let part = Part::Applied(applied.to);
    let (mut body, references) = amendment(memo, applied);
    body["TxnDate"] = json!(date.to_string());
    body["PaymentRefNum"] = json!(memo.number);
    body["PrivateNote"] = json!(Mark { key: memo.key, part }.to_string());
    if let Some(currency) = memo.currency {
        body["CurrencyRef"] = json!({ "value": currency.as_str() });
    }
    Desired {
        key: memo.key,
        part,
        object: ObjectKind::Payment,
        number: memo.number.clone(),
        date: Some(date),
        currency: memo.currency.unwrap_or(Currency::NONE),
        total: Money::ZERO,
        body,
        references,
    }
}

/// What of an application that stands is sent to make it `applied`: QuickBooks
/// takes all lines or none.
pub fn amendment(memo: &Memo, applied: &Applied) -> (Value, Vec<Reference>) {
    let line = |key: Key| {
        let linked = json!([{ "TxnId": null, "TxnType": txn_type(key.entity) }]);
        json!({ "Amount": number(applied.amount.decimal()), "LinkedTxn": linked })
    };
    let to = |at: usize, to: Key| Reference { pointer: format!("/Line/{at}/LinkedTxn/0/TxnId"), to };
    let customer = Reference { pointer: "/CustomerRef/value".to_owned(), to: Key::customer(memo.customer) };
    let body = json!({
        "CustomerRef": { "value": null },
        "TotalAmt": 0,
        "Line": [line(applied.to), line(memo.key)],
    });
    (body, vec![to(0, applied.to), to(1, memo.key), customer])
}

/// QuickBooks' word for the object of a record, in a payment's line.
pub(super) fn txn_type(entity: Entity) -> &'static str {
    match entity {
        Entity::Customer | Entity::Invoice => "Invoice",
        Entity::Payment => "Payment",
        Entity::Refund => "JournalEntry",
        Entity::Credit | Entity::ChargeReversal | Entity::WriteOff => "CreditMemo",
    }
}
