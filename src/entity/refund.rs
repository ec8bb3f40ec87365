//! Refunds as journal entries: receivables against the account that the money
//! went out of. (A refund that lowers its payment is no object of its own.)

use serde_json::json;

use super::{Setting, number};
use crate::model::{
    Code, Currency, Desired, DocumentNumbers, Entity, Key, Mark, ObjectKind, Part, Problem, Reference,
    RefundAs, Taken, date_in,
};

/// The entry as it is created.
pub fn translate(
    refund: &Taken,
    (customer, currency): (u64, Currency),
    setting: Setting<'_>,
) -> Result<Desired, Problem> {
    let missing = |reason: String| Problem::new(Code::ReferenceMissing, reason);
    let RefundAs::JournalEntry { account } = &setting.posting.refund_as else {
        return Err(missing("[posting] refund_as names no account for refunds".to_owned()));
    };
    let targets = setting.targets;
    if targets.home_currency.is_some_and(|home| home != currency) {
        let reason =
            format!("a refund in {currency} cannot become a journal entry; refund it in QuickBooks by hand");
        return Err(Problem::new(Code::CurrencyMismatch, reason));
    }
    let account = super::target_account(account, setting)?;
    let receivable = targets
        .receivable
        .as_ref()
        .ok_or_else(|| missing("QuickBooks has no active account of receivables".to_owned()))?;
    let key = Key { entity: Entity::Refund, id: refund.id };
    let date = date_in(refund.effective_at, setting.zone);
    let mut body = json!({
        "TxnDate": date.to_string(),
        "PrivateNote": Mark::of(key).to_string(),
        "Line": [
            { "Id": "0", "Amount": number(refund.amount.decimal()), "DetailType": "JournalEntryLineDetail",
              "JournalEntryLineDetail": { "PostingType": "Debit", "AccountRef": { "value": receivable.as_str() },
                "Entity": { "Type": "Customer", "EntityRef": { "value": null } } } },
            { "Id": "1", "Amount": number(refund.amount.decimal()), "DetailType": "JournalEntryLineDetail",
              "JournalEntryLineDetail": { "PostingType": "Credit", "AccountRef": { "value": account.as_str() } } },
        ],
    });
    if setting.posting.document_numbers == DocumentNumbers::Staxbill {
        body["DocNumber"] = json!(number_of(refund.id));
    }
    if targets.multicurrency {
        body["CurrencyRef"] = json!({ "value": currency.as_str() });
    }
    let pointer = "/Line/0/JournalEntryLineDetail/Entity/EntityRef/value".to_owned();
    Ok(Desired {
        key,
        part: Part::Whole,
        object: ObjectKind::JournalEntry,
        number: number_of(refund.id),
        date: Some(date),
        currency,
        total: refund.amount,
        body,
        references: vec![Reference { pointer, to: Key::customer(customer) }],
    })
}

/// The number that the entry of refund `id` bears.
pub fn number_of(id: u64) -> String {
    format!("R-{id}")
}
