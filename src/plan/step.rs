//! Steps: what a pass would do, record by record, and the plan they make.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::model::{
    Applied, Code, Currency, Entity, Key, Linked, Money, ObjectId, ObjectKind, Part, Problem,
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A new object.
    Create,
    /// A living customer becomes ours.
    Adopt,
    /// An object is changed to what the record says now.
    Amend,
    /// A payment takes more of its invoices.
    Apply,
    /// A payment lets go of an invoice.
    Release,
    /// A payment is brought to nothing.
    Void,
    /// An object that someone changed is changed back.
    Restore,
}

impl Action {
    /// The word in plans and histories.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Adopt => "adopt",
            Self::Amend => "amend",
            Self::Apply => "apply",
            Self::Release => "release",
            Self::Void => "void",
            Self::Restore => "restore",
        }
    }
}

/// One write, decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The record.
    pub key: Key,
    /// Which of its objects; in the JSON form what a memo's part of is applied
    /// to, and nothing where the document itself is meant.
    #[serde(rename = "applied_to", skip_serializing_if = "is_whole")]
    pub part: Part,
    /// Its kind.
    pub entity: Entity,
    /// What is done.
    pub action: Action,
    /// Why, in a few words.
    pub reason: String,
    /// To what kind of object.
    pub object: ObjectKind,
    /// To which, unless it is new.
    pub quickbooks_id: Option<ObjectId>,
    /// The Stax Bill customer, as a key of `[links]`.
    pub customer: String,
    /// The document's date.
    pub date: Option<Date>,
    /// Currency.
    pub currency: Currency,
    /// What the step moves: a document's total, what is applied or let go.
    pub amount: Money,
    /// What the object's total is after this step; QuickBooks' answer must equal
    /// it to the cent.
    #[serde(skip)]
    pub total: Money,
    /// What the record is applied to after this step.
    #[serde(skip)]
    pub applied: Vec<Applied>,
    /// What it is applied to before it.
    #[serde(skip)]
    pub standing: Vec<Applied>,
    /// Refunds or debits that the object is lowered by after this step.
    #[serde(skip)]
    pub netted: Vec<Key>,
    /// Lines of a payment that are not ours and are sent along as they are.
    #[serde(skip)]
    pub beside: Vec<Linked>,
    /// Whether nothing but words is amended: lines and amounts stay as they
    /// were posted.
    #[serde(skip)]
    pub only_words: bool,
    /// What is left out because it lies beyond the customer's start.
    #[serde(skip)]
    pub crossing: Option<Problem>,
    /// Whether the customer's line says `policy = "observe"`: it is shown, and
    /// not carried out.
    #[serde(skip)]
    pub observed: bool,
}

fn is_whole(part: &Part) -> bool {
    *part == Part::Whole
}

/// A sum over steps of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Total {
    /// The kind of record.
    pub entity: Entity,
    /// What is done.
    pub action: Action,
    /// Currency.
    pub currency: Currency,
    /// How many.
    pub count: usize,
    /// Their amount.
    pub amount: Money,
}

/// A record that something holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldRow {
    /// The record.
    pub key: Key,
    /// Why, as a code.
    pub code: Code,
    /// Why, in words.
    pub reason: String,
    /// Lines for the files that would mend it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paste: Vec<String>,
}

impl HeldRow {
    /// Whether an approval would release it.
    pub fn is_guarded(&self) -> bool {
        self.paste.iter().any(|line| line.starts_with("\"sha256:"))
    }
}

/// A record that waits for another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlockedRow {
    /// The record.
    pub key: Key,
    /// The root cause.
    pub by: Key,
}

/// What a pass would do. The JSON form is contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The form's version.
    pub schema: u32,
    /// SHA-256 of the steps.
    pub digest: String,
    /// The generation it was made from.
    pub generation: String,
    /// The writes, in order.
    pub steps: Vec<Step>,
    /// Their sums.
    pub totals: Vec<Total>,
    /// What would be written about customers whose lines say `policy =
    /// "observe"`; none of it is.
    pub observed: Vec<Step>,
    /// What is held or failed.
    pub held: Vec<HeldRow>,
    /// What waits for something else.
    pub blocked: Vec<BlockedRow>,
    /// Posted documents that a change of the posting settings since the last
    /// pass leaves as they are: settings hold for what is created from then on.
    pub left_alone: usize,
}

impl Plan {
    /// The plan of `steps`.
    pub fn new(generation: String, steps: Vec<Step>, held: Vec<HeldRow>, blocked: Vec<BlockedRow>) -> Self {
        let (observed, steps): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| step.observed);
        let mut sums = BTreeMap::<(Entity, Action, Currency), (usize, Money)>::new();
        let mut hash = Sha256::new();
        hash.update(generation.as_bytes());
        for step in &steps {
            let sum = sums.entry((step.entity, step.action, step.currency)).or_default();
            sum.0 += 1;
            sum.1 += step.amount;
            let Step { key, part, action, quickbooks_id, customer, date, currency, amount, .. } = step;
            let (action, applied, total) = (action.name(), &step.applied, step.total);
            hash.update(format!(
                "\n{key} {part:?} {action} {quickbooks_id:?} {customer} {date:?} {amount} {currency} {total} {applied:?}"
            ));
        }
        let total =
            |((entity, action, currency), (count, amount))| Total { entity, action, currency, count, amount };
        let totals = sums.into_iter().map(total).collect();
        let digest =
            hash.finalize().iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"));
        Self { schema: 1, digest, generation, steps, totals, observed, held, blocked, left_alone: 0 }
    }
}
