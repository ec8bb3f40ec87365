//! Objects: what QuickBooks holds, reduced to what latchd compares.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Digest, Key, Money, ObjectId};

/// The kinds of QuickBooks objects that latchd writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ObjectKind {
    /// A customer.
    Customer,
    /// An invoice.
    Invoice,
    /// A payment.
    Payment,
}

impl ObjectKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Invoice, Self::Payment];

    /// Intuit's name, as in a query and as the key of an answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Invoice => "Invoice",
            Self::Payment => "Payment",
        }
    }

    /// The part of a URL's path (Intuit: lower case).
    pub fn path(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Invoice => "invoice",
            Self::Payment => "payment",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The mark that every object of ours bears from its creation:
/// `[latchd invoice/88123]` in a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(pub Key);

impl Mark {
    /// The mark in `note`, if there is one.
    pub fn find(note: &str) -> Option<Self> {
        let (_, rest) = note.split_once("[latchd ")?;
        let (key, _) = rest.split_once(']')?;
        key.parse().ok().map(Self)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[latchd {}]", self.0)
    }
}

/// One object as QuickBooks answered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// What it is.
    pub kind: ObjectKind,
    /// Which.
    pub id: ObjectId,
    /// The version: an update must carry the one it was computed from.
    pub sync_token: String,
    /// The record it was made for, by its mark.
    pub mark: Option<Key>,
    /// The number it bears: `DocNumber`, `PaymentRefNum`, `DisplayName`.
    pub number: Option<String>,
    /// Whose it is; `None` for a customer.
    pub customer: Option<ObjectId>,
    /// `TxnDate`.
    pub date: Option<Date>,
    /// `TotalAmt`; zero for a customer.
    pub total: Money,
    /// `Balance` of an invoice, `UnappliedAmt` of a payment.
    pub open: Money,
    /// What an invoice charges: items by their id.
    pub lines: Vec<(ObjectId, Money)>,
    /// What a payment is applied to: invoices by their id.
    pub applied: Vec<(ObjectId, Money)>,
    /// A customer that is inactive, a document that was voided.
    pub dead: bool,
    /// The fields that are ours, digested: it changes when a person changed
    /// one of them, and not when a balance or the `SyncToken` moved.
    pub content: Digest,
    /// The whole note, so that a mark can be added to it.
    pub note: Option<String>,
    /// The currency it is in, where the company has several.
    pub currency: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_in_any_note() {
        let key = Key::invoice(88123);
        assert_eq!(Mark(key).to_string(), "[latchd invoice/88123]");
        assert_eq!(Mark::find("chq 17 [latchd invoice/88123] seen"), Some(Mark(key)));
        for note in ["", "[latchd ", "[latchd invoice/]", "latchd invoice/1", "[latchd bill/1]"] {
            assert_eq!(Mark::find(note), None, "{note}");
        }
    }
}
