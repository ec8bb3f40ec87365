//! What is known of one record: the answer of `latchd explain`, whose form is a
//! contract with programs: while [`SCHEMA`] stays, fields are added and never
//! renamed.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::harmless;
use super::row::Amount;
use super::status::NoticePlace;
use crate::model::{Attempt, Code, Currency, Key, Money, ObjectId, ObjectKind, State, VendorFault};

/// The form's version.
pub const SCHEMA: u32 = 1;

/// Everything that is known of one record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// The form's version, 1.
    pub schema: u32,
    /// The record.
    pub key: Key,
    /// A name or number for people.
    pub label: String,
    /// How it stands.
    pub state: State,
    /// Whose it is; `None` for a customer.
    pub customer: Option<RecordRow>,
    /// Whose amount a refund or a debit takes back; which invoice a credit note
    /// or a write-off lowers.
    pub of: Option<RecordRow>,
    /// Its date in the company's time zone; `None` for a customer.
    pub date: Option<Date>,
    /// Its currency.
    pub currency: Currency,
    /// Stax Bill's total.
    pub amount: Money,
    /// What of it is outstanding or unallocated in Stax Bill.
    pub open: Money,
    /// What to do next, in a sentence; begins with `Nothing` where that is so.
    pub next: String,
    /// Why it is not right, where it has a warning of its own.
    pub warning: Option<ExplainedWarning>,
    /// What the files say about its customer.
    pub decision: Option<DecisionRow>,
    /// The day from which its customer's documents count, where the files say
    /// a day or it is known by now.
    pub start: Option<Date>,
    /// Its object in QuickBooks.
    pub quickbooks: Option<ObjectRow>,
    /// What its object is applied to.
    pub applied: Vec<AppliedRow>,
    /// What Stax Bill settles it with.
    pub settled_by: Vec<SettledRow>,
    /// What it waits for, the nearest first; the root cause is the last.
    pub waits_for: Vec<WaitRow>,
    /// What waits for it.
    pub holds_up: HoldsUp,
    /// Writes about it whose outcome is not known yet.
    pub open_writes: Vec<OpenWrite>,
    /// The last requests about it, the latest first.
    pub attempts: Vec<Attempt>,
    /// The end of the last pass that looked at everything.
    pub last_sync_at: Option<Timestamp>,
    /// When the next pass begins at the latest, as the last report says.
    pub next_pass_at: Option<Timestamp>,
}

/// A record by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordRow {
    /// Which.
    pub key: Key,
    /// A name or number for people.
    pub label: String,
    /// How it stands; `None` where it is not known.
    pub state: Option<State>,
}

/// A warning as it concerns its own record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedWarning {
    /// The kind of cause.
    pub code: Code,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// Lines for the files that would mend it, ready to paste.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub paste: Vec<String>,
    /// QuickBooks' own words, where it spoke.
    pub quickbooks: Option<VendorFault>,
    /// Since when.
    pub since: Timestamp,
    /// How often QuickBooks was asked.
    pub attempts: u32,
    /// When it is asked again though nothing changed.
    pub next_attempt_at: Option<Timestamp>,
    /// Who can mend it.
    pub who: String,
    /// Why it is left alone, where it is.
    pub dismissed: Option<String>,
}

/// What the files say about a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// `adopt`, `create`, `skip` or `unlink`.
    pub verb: String,
    /// The line, as latchd understands it.
    pub line: String,
    /// Where it is written.
    pub at: NoticePlace,
}

/// An object in QuickBooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRow {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id.
    pub id: ObjectId,
    /// Its page in QuickBooks.
    pub link: String,
    /// `living`, `dead` (voided, or an inactive customer) or `deleted`, as last
    /// seen.
    pub standing: String,
    /// Its version as last seen; empty where it moved unseen.
    pub sync_token: String,
    /// Its total as last seen; zero for a customer.
    pub total: Money,
    /// Its balance or unapplied amount as last seen.
    pub open: Money,
    /// A customer's name as last seen.
    pub name: Option<String>,
    /// Whether the files say that it stood already: its amounts and words are
    /// not latchd's.
    pub matched: bool,
}

/// A part of a record's object that is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedRow {
    /// To what.
    pub to: Key,
    /// Its name or number; empty where it is not known.
    pub label: String,
    /// How much.
    pub amount: Money,
    /// The object that does it; `None` where it is a line of the payment's own.
    pub by: Option<ObjectRow>,
}

/// Something that settles an invoice in Stax Bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledRow {
    /// What settles it.
    pub by: RecordRow,
    /// How much.
    pub amount: Money,
}

/// What a record waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitRow {
    /// The record's key, or `company/<code>`.
    pub key: String,
    /// A name or number for people.
    pub label: String,
    /// How it stands; `None` where the whole company is concerned.
    pub state: Option<State>,
    /// The kind of cause, where it has one of its own.
    pub code: Option<Code>,
    /// What is wrong with it, likewise.
    pub reason: Option<String>,
    /// What to do about it, likewise.
    pub remedy: Option<String>,
}

/// What waits for a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldsUp {
    /// How many records of all kinds.
    pub records: u64,
    /// Their money, a row a currency: a payment of a blocked invoice is the same
    /// money.
    pub amounts: Vec<Amount>,
    /// The first of them, in entity order.
    pub first: Vec<RecordRow>,
}

/// A write whose outcome is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenWrite {
    /// What is being done, as a plan calls it.
    pub action: String,
    /// To what kind of object.
    pub object: ObjectKind,
    /// The id under which QuickBooks knows the request.
    pub request_id: String,
    /// When it was written down.
    pub begun_at: Timestamp,
}

impl Explained {
    /// The text of `explain --format json`.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("it has text keys only");
        harmless::json(&text) + "\n"
    }
}
