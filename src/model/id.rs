//! Ids and keys: which kind of thing, and which one.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The kinds of things, in the one order in which they are reconciled.
///
/// The order is Stax Bill's own ("Customers, Invoices, Payments, Refunds,
/// Credits, Charge Reversals, Write-Offs"): each kind refers to earlier ones
/// only. The derived `Ord` is this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Entity {
    /// A customer.
    Customer,
    /// A posted invoice.
    Invoice,
    /// A successful payment.
    Payment,
    /// A refund of a payment.
    Refund,
    /// A credit, with its debits.
    Credit,
    /// A reversal of charges, by its credit note.
    ChargeReversal,
    /// A write-off.
    WriteOff,
}

impl Entity {
    /// All seven, in order.
    pub const ALL: [Self; 7] = [
        Self::Customer,
        Self::Invoice,
        Self::Payment,
        Self::Refund,
        Self::Credit,
        Self::ChargeReversal,
        Self::WriteOff,
    ];

    /// The word used in keys, reports and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Invoice => "invoice",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Credit => "credit",
            Self::ChargeReversal => "charge-reversal",
            Self::WriteOff => "write-off",
        }
    }
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which record: the kind and Stax Bill's id, written `invoice/88123`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind.
    pub entity: Entity,
    /// Stax Bill's id, unique per kind.
    pub id: u64,
}

impl Key {
    /// The key of customer `id`.
    pub const fn customer(id: u64) -> Self {
        Self { entity: Entity::Customer, id }
    }

    /// The key of invoice `id`.
    pub const fn invoice(id: u64) -> Self {
        Self { entity: Entity::Invoice, id }
    }

    /// The key of payment `id`.
    pub const fn payment(id: u64) -> Self {
        Self { entity: Entity::Payment, id }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.entity, self.id)
    }
}

/// Which of the objects that stand for a record: the document itself, or one
/// that lays a credit on something it settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Option<Key>", into = "Option<Key>")]
pub enum Part {
    /// The document.
    Whole,
    /// The zero-amount Payment that applies a memo to this record's object.
    Applied(Key),
}

impl From<Option<Key>> for Part {
    fn from(target: Option<Key>) -> Self {
        target.map_or(Self::Whole, Self::Applied)
    }
}

impl From<Part> for Option<Key> {
    fn from(part: Part) -> Self {
        match part {
            Part::Whole => None,
            Part::Applied(target) => Some(target),
        }
    }
}

/// Why a text is not a record's key.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a record's key; one looks like `invoice/88123`")]
pub struct KeyError(String);

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError(text.to_owned());
        let (word, id) = text.split_once('/').ok_or_else(wrong)?;
        let entity = Entity::ALL.into_iter().find(|entity| entity.name() == word).ok_or_else(wrong)?;
        let plain = !id.is_empty() && !id.starts_with('0') && id.bytes().all(|byte| byte.is_ascii_digit());
        let id = if plain { id.parse().map_err(|_| wrong())? } else { return Err(wrong()) };
        Ok(Self { entity, id })
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the vendor's text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The vendor's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

text_ids! {
    /// QuickBooks' `Id` of an object: a string of digits, unique per kind of
    /// object and company.
    ObjectId;
    /// QuickBooks' id of a company (`realmId`).
    RealmId;
}

/// The first half of a SHA-256, in hexadecimal: tells whether content changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// Digests parts; each is preceded by its length, so that `ab`,`c` differs
    /// from `a`,`bc`.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut text = String::with_capacity(32);
        for byte in hash.finalize().iter().take(16) {
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The hexadecimal text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_and_refuse_what_is_not_one() {
        let good = ["customer/10482", "invoice/1", "charge-reversal/7", "write-off/18446744073709551615"];
        for text in good {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), text);
        }
        for text in
            ["", "invoice", "invoice/", "invoice/01", "invoice/+1", "invoices/1", "invoice/1/2", "x/1"]
        {
            assert_eq!(text.parse::<Key>(), Err(KeyError(text.to_owned())));
        }
    }

    #[test]
    fn a_digest_knows_where_parts_end() {
        assert_ne!(Digest::of(["ab", "c"]), Digest::of(["a", "bc"]));
        assert_eq!(Digest::of(["ab"]).as_str().len(), 32);
    }
}
