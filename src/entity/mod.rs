//! Entities: one file each says what a Stax Bill record is in QuickBooks.
//!
//! A record goes in, a [`crate::model::Desired`] or a [`crate::model::Problem`] comes out; nothing here
//! knows what QuickBooks holds, what time it is, or what is to be done about
//! it. Adding an entity is one file and one entry in [`ORDER`].

pub mod application;
pub mod charge_reversal;
pub mod credit;
pub mod customer;
pub mod invoice;
mod line;
pub mod memo;
pub mod payment;
mod proportion;
pub mod refund;
mod tax;
mod text;
pub mod write_off;

#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::model::{Code, Currency, Entity, ObjectId, ObjectKind, Posting, Problem, Targets};

/// What translating needs besides the record.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Where in the books each kind of amount goes, as written in the files.
    pub posting: &'a Posting,
    /// What the preflight found of it.
    pub targets: &'a Targets,
    /// Decides which day an instant belongs to.
    pub zone: &'a TimeZone,
}

/// One entry of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The kind.
    pub entity: Entity,
    /// What it becomes; a refund where it becomes anything of its own.
    pub object: ObjectKind,
}

/// What latchd posts, in the order in which it posts it: each refers to
/// earlier ones only.
pub const ORDER: [Entry; 7] = [
    Entry { entity: Entity::Customer, object: ObjectKind::Customer },
    Entry { entity: Entity::Invoice, object: ObjectKind::Invoice },
    Entry { entity: Entity::Payment, object: ObjectKind::Payment },
    Entry { entity: Entity::Refund, object: ObjectKind::JournalEntry },
    Entry { entity: Entity::Credit, object: ObjectKind::CreditMemo },
    Entry { entity: Entity::ChargeReversal, object: ObjectKind::CreditMemo },
    Entry { entity: Entity::WriteOff, object: ObjectKind::CreditMemo },
];

/// What the document of a record of this kind becomes.
pub fn object_of(entity: Entity) -> ObjectKind {
    match entity {
        Entity::Customer => ObjectKind::Customer,
        Entity::Invoice => ObjectKind::Invoice,
        Entity::Payment => ObjectKind::Payment,
        Entity::Refund => ObjectKind::JournalEntry,
        Entity::Credit | Entity::ChargeReversal | Entity::WriteOff => ObjectKind::CreditMemo,
    }
}

/// QuickBooks' id of an item that the files name.
fn target_item(name: &str, setting: Setting<'_>) -> Result<ObjectId, Problem> {
    setting.targets.items.get(name).cloned().ok_or_else(|| {
        let reason = format!("QuickBooks has no active item `{name}`, which the files name");
        Problem::new(Code::ReferenceMissing, reason)
    })
}

/// QuickBooks' id of an account that the files name.
fn target_account(name: &str, setting: Setting<'_>) -> Result<ObjectId, Problem> {
    setting.targets.accounts.get(name).cloned().ok_or_else(|| {
        let reason = format!("QuickBooks has no active account `{name}`, which the files name");
        Problem::new(Code::ReferenceMissing, reason)
    })
}

/// Says the currency of a document, where the company has several.
///
/// A company with one would take any amount for its own.
fn write_currency(body: &mut Value, currency: Currency, setting: Setting<'_>) -> Result<(), Problem> {
    let targets = setting.targets;
    if targets.multicurrency {
        body["CurrencyRef"] = serde_json::json!({ "value": currency.as_str() });
        return Ok(());
    }
    match targets.home_currency.filter(|home| *home != currency) {
        None => Ok(()),
        Some(home) => {
            let reason = format!(
                "it is in {currency}, and the QuickBooks company knows no other currency than {home}"
            );
            Err(Problem::new(Code::CurrencyMismatch, reason))
        }
    }
}

/// A decimal as a JSON number with its own digits; never through a float.
fn number(amount: Decimal) -> Value {
    let text = amount.to_string();
    serde_json::from_str::<serde_json::Number>(&text).map_or(Value::String(text), Value::Number)
}
