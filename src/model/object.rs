//! Objects: what QuickBooks holds, reduced to what latchd compares.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Digest, Key, Money, ObjectId, Part};

/// The kinds of QuickBooks objects that latchd writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ObjectKind {
    /// A customer.
    Customer,
    /// An invoice.
    Invoice,
    /// A credit memo.
    CreditMemo,
    /// A journal entry.
    JournalEntry,
    /// A payment, of money or of nothing: the latter applies a memo.
    Payment,
}

impl ObjectKind {
    /// All of them. Payments come last: what they are applied to is told by
    /// objects that are known by then.
    pub const ALL: [Self; 5] =
        [Self::Customer, Self::Invoice, Self::CreditMemo, Self::JournalEntry, Self::Payment];

    /// Intuit's name, as in a query and as the key of an answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Invoice => "Invoice",
            Self::CreditMemo => "CreditMemo",
            Self::JournalEntry => "JournalEntry",
            Self::Payment => "Payment",
        }
    }

    /// The part of a URL's path (Intuit: lower case).
    pub fn path(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Invoice => "invoice",
            Self::CreditMemo => "creditmemo",
            Self::JournalEntry => "journalentry",
            Self::Payment => "payment",
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The mark that every object of ours bears from its creation in a note:
/// `[latchd invoice/88123]`, and `[latchd credit/553 invoice/511684]` where it
/// applies one record to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The record.
    pub key: Key,
    /// Which of its objects.
    pub part: Part,
}

impl Mark {
    /// The mark of a record's document.
    pub fn of(key: Key) -> Self {
        Self { key, part: Part::Whole }
    }

    /// The mark in `note`, if there is one.
    pub fn find(note: &str) -> Option<Self> {
        let (_, rest) = note.split_once("[latchd ")?;
        let (words, _) = rest.split_once(']')?;
        match words.split_once(' ') {
            None => words.parse().ok().map(Self::of),
            Some((key, target)) => {
                Some(Self { key: key.parse().ok()?, part: Part::Applied(target.parse().ok()?) })
            }
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            Part::Whole => write!(f, "[latchd {}]", self.key),
            Part::Applied(target) => write!(f, "[latchd {} {target}]", self.key),
        }
    }
}

/// A part of a payment that is applied to another object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Linked {
    /// What it is applied to.
    pub kind: ObjectKind,
    /// Which.
    pub id: ObjectId,
    /// How much.
    pub amount: Money,
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
    pub mark: Option<Mark>,
    /// The number it bears: `DocNumber`, `PaymentRefNum`, `DisplayName`.
    pub number: Option<String>,
    /// Whose it is; `None` for a customer.
    pub customer: Option<ObjectId>,
    /// `TxnDate`.
    pub date: Option<Date>,
    /// `TotalAmt`; the debits of a journal entry; zero for a customer.
    pub total: Money,
    /// `Balance` of an invoice or a memo, `UnappliedAmt` of a payment; zero for
    /// a journal entry, of which QuickBooks does not tell it.
    pub open: Money,
    /// What an invoice or a memo charges: items by their id. What a journal
    /// entry moves: accounts by their id, credits below zero.
    pub lines: Vec<(ObjectId, Money)>,
    /// What a payment is applied to.
    pub applied: Vec<Linked>,
    /// A customer that is inactive, a document that was voided.
    pub dead: bool,
    /// The fields that are ours, digested: it changes when a person changed
    /// one of them, and not when a balance or the `SyncToken` moved. Whose it is
    /// stands beside it, because a merge of two customers moves all of theirs.
    pub content: Digest,
    /// The whole note, so that a mark can be added to it.
    pub note: Option<String>,
    /// The currency it is in, where the company has several.
    pub currency: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::super::Entity;
    use super::*;

    #[test]
    fn a_mark_is_found_in_any_note() {
        let key = Key::invoice(88123);
        let credit = Key { entity: Entity::Credit, id: 553 };
        let applied = Mark { key: credit, part: Part::Applied(key) };
        assert_eq!(Mark::of(key).to_string(), "[latchd invoice/88123]");
        assert_eq!(applied.to_string(), "[latchd credit/553 invoice/88123]");
        assert_eq!(Mark::find("chq 17 [latchd invoice/88123] seen"), Some(Mark::of(key)));
        assert_eq!(Mark::find("[latchd credit/553 invoice/88123]"), Some(applied));
        for note in [
            "",
            "[latchd ",
            "[latchd invoice/]",
            "latchd invoice/1",
            "[latchd bill/1]",
            "[latchd credit/1 x]",
        ] {
            assert_eq!(Mark::find(note), None, "{note}");
        }
    }
}
