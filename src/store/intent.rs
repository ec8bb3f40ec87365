//! Intents: what is about to be sent to QuickBooks, written down before.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Applied, Digest, Key, Money, ObjectId, ObjectKind, Part, Problem, Words};

/// What a write does to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A new object.
    Create,
    /// A sparse update of one that stands.
    Update,
    /// A payment brought to nothing.
    Void,
}

/// One record's part in an intent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IntentItem {
    /// Names the item in a batch (Intuit: at most 10 characters there).
    pub bid: String,
    /// The record.
    pub key: Key,
    /// Which of its objects.
    pub part: Part,
    /// What happens.
    pub operation: Operation,
    /// To what kind of object.
    pub object: ObjectKind,
    /// To which, unless it is new.
    pub id: Option<ObjectId>,
    /// The version it was computed from, unless it is new.
    pub sync_token: Option<String>,
    /// The number by which a new object is found.
    pub number: Option<String>,
    /// The record's content that is being written.
    pub posted: Digest,
    /// Names the settings that the bytes are made from, where they are all of the
    /// object and not an amendment of a part.
    #[serde(default)]
    pub settings: Option<Digest>,
    /// What the object's total must be afterwards.
    pub total: Money,
    /// What the record's part is applied to afterwards.
    pub applied: Vec<Applied>,
    /// Refunds or debits that the object is lowered by afterwards.
    #[serde(default)]
    pub netted: Vec<Key>,
    /// What of an invoice may be amended later, as it is being written.
    #[serde(default)]
    pub words: Option<Words>,
    /// What is left out because it lies beyond the customer's start, or waits
    /// for a person.
    #[serde(default)]
    pub crossing: Option<Problem>,
    /// The step's action, for the history.
    pub action: String,
    /// What the step moves, for the history.
    pub amount: Money,
    /// This item's part of the body: what stands in a single call, and inside
    /// its batch item.
    pub body: Box<serde_json::value::RawValue>,
}

/// A request to QuickBooks that changes something: one object, or a batch.
///
/// It is journaled before it is sent and removed by its outcome. A batch is
/// one unit: after an unknown outcome it is sent again byte by byte, or not at
/// all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intent {
    /// Its place in the journal.
    pub seq: u64,
    /// Path and query behind the company's address, `requestid` included.
    pub path: String,
    /// The bytes to send.
    pub body: String,
    /// Intuit's `requestid`.
    pub request_id: String,
    /// Whether it went to the batch endpoint.
    pub batch: bool,
    /// The records in it.
    pub items: Vec<IntentItem>,
    /// When it was written down.
    pub begun_at: Timestamp,
    /// The generation it was computed from.
    pub generation: String,
    /// Whether it must not be sent again: it was sent twice, or a part of it
    /// was answered.
    #[serde(default)]
    pub spent: bool,
}
