//! Counterparts: the objects that stand for a record in QuickBooks.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Digest, Money, ObjectId, ObjectKind, Observed, Words};

/// The object that stands for a record in QuickBooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterpart {
    /// Its id.
    pub id: ObjectId,
    /// Its version as last seen; empty where it moved unseen.
    pub sync_token: String,
    /// Its total as last seen.
    pub total: Money,
    /// Its balance or unapplied amount as last seen, less what we applied since.
    pub open: Money,
    /// Its content as last seen.
    pub content: Digest,
    /// Its content as QuickBooks answered our last write: where this differs
    /// from `content`, a person changed it.
    pub written: Digest,
    /// The record's content that was last written; where the record's differs,
    /// it is to be amended.
    pub posted: Digest,
    /// A customer's name as last seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Whose it is in QuickBooks, as last seen: the survivor, where two customers
    /// were merged. `None` for a customer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub customer: Option<ObjectId>,
    /// The day it is dated, as last seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<Date>,
    /// Names the settings that all of it was last made from; `None` where it was
    /// found as it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settings: Option<Digest>,
    /// What of an invoice may be amended after posting, as last written;
    /// `None` where it was found as it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<Words>,
    /// The item of a memo of one line: it stays when the memo is lowered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<ObjectId>,
    /// A customer that stood there before latchd linked it: it is a
    /// bookkeeper's, whatever the line says later.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub adopted: bool,
    /// What of it names and dates it, as QuickBooks answered our last write.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub frame: Option<Frame>,
    /// What of that someone changed since.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub edited: Vec<Edit>,
    /// Inactive or voided.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub dead: bool,
    /// Gone from QuickBooks.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub deleted: bool,
}

impl Counterpart {
    /// The counterpart that QuickBooks answered to a write of content `posted`.
    pub fn written(observed: &Observed, posted: Digest) -> Self {
        Self {
            id: observed.id.clone(),
            sync_token: observed.sync_token.clone(),
            total: observed.total,
            open: observed.open,
            content: observed.content.clone(),
            written: observed.content.clone(),
            posted,
            name: named(observed),
            customer: observed.customer.clone(),
            date: observed.date,
            settings: None,
            words: None,
            item: only_item(observed),
            adopted: false,
            frame: Some(Frame::of(observed)),
            edited: Vec::new(),
            dead: observed.dead,
            deleted: false,
        }
    }

    /// Takes over what the change feed or a read shows.
    pub fn see(&mut self, observed: &Observed) {
        self.sync_token.clone_from(&observed.sync_token);
        self.total = observed.total;
        self.open = observed.open;
        self.content = observed.content.clone();
        self.dead = observed.dead;
        self.deleted = false;
        self.name = named(observed);
        self.customer.clone_from(&observed.customer);
        self.date = observed.date;
        self.item = only_item(observed);
        self.edited = self.frame.as_ref().map(|frame| frame.edits(observed)).unwrap_or_default();
    }

    /// Whether someone changed it since our last write.
    pub fn drifted(&self) -> bool {
        self.content != self.written
    }

    /// Whether it lives and can be referred to.
    pub fn lives(&self) -> bool {
        !self.deleted && !self.dead
    }
}

/// What names and dates an object, beside its amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Its number; `None` for a customer, whose name is the bookkeepers'.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    date: Option<Date>,
    /// The item of a memo of one line.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    item: Option<ObjectId>,
    /// Whether it bears a mark of ours.
    marked: bool,
}

impl Frame {
    fn of(observed: &Observed) -> Self {
        let number = observed.number.clone().filter(|_| observed.kind != ObjectKind::Customer);
        let (item, marked) = (only_item(observed), observed.mark.is_some());
        Self { number, date: observed.date, item, marked }
    }

    /// Whether it is of a memo of one line.
    pub fn of_one_item(&self) -> bool {
        self.item.is_some()
    }

    fn edits(&self, observed: &Observed) -> Vec<Edit> {
        let now = Self::of(observed);
        let all = [
            (Edit::Number, self.number != now.number),
            (Edit::Date, self.date != now.date),
            (Edit::Item, self.item != now.item),
            (Edit::Mark, self.marked && !now.marked),
        ];
        all.into_iter().filter_map(|(edit, differs)| differs.then_some(edit)).collect()
    }
}

/// Something of ours that a person changed in QuickBooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edit {
    /// Its number.
    Number,
    /// Its day.
    Date,
    /// The item of its one line.
    Item,
    /// The mark in its note was taken out.
    Mark,
    /// It is applied to something that is not ours.
    Beside,
}

impl Edit {
    /// In words, after "someone changed".
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "its number",
            Self::Date => "its date",
            Self::Item => "its item",
            Self::Mark => "the mark in its note",
            Self::Beside => "what else it is applied to",
        }
    }
}

fn named(observed: &Observed) -> Option<String> {
    observed.number.clone().filter(|_| observed.kind == ObjectKind::Customer)
}

fn only_item(observed: &Observed) -> Option<ObjectId> {
    match (observed.kind, observed.lines.as_slice()) {
        (ObjectKind::CreditMemo, [(item, _)]) => Some(item.clone()),
        _ => None,
    }
}
