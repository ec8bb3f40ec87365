//! Attempts: what became of the requests that were made about a record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Key, ObjectId, ObjectKind};

/// One request about a record, or a later look at what became of one. It holds
/// neither the bytes that were sent nor anything secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When its outcome was known, or known to be unknown.
    pub at: Timestamp,
    /// The pass that made it.
    pub pass: u64,
    /// What was to be done, as a plan calls it: `create`, `amend`.
    pub action: String,
    /// To what kind of object.
    pub object: ObjectKind,
    /// What the record was to be applied to, where the object does that alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<Key>,
    /// The id under which QuickBooks knows the request.
    pub request_id: String,
    /// QuickBooks' id of the call, which Intuit's support asks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub intuit_tid: Option<String>,
    /// What became of it.
    pub outcome: AttemptOutcome,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AttemptOutcome {
    /// QuickBooks did it.
    Done {
        /// The object.
        id: ObjectId,
        /// Its version by that.
        sync_token: String,
    },
    /// QuickBooks refused it.
    Refused {
        /// Its code, digits.
        code: String,
        /// Its words.
        words: String,
    },
    /// It is certain that nothing was done.
    NotDone {
        /// Why.
        why: String,
    },
    /// The answer did not come, or does not tell.
    Unknown {
        /// Why.
        why: String,
    },
    /// A look in QuickBooks showed that it had taken effect, or that the
    /// object was there before.
    Found {
        /// The object.
        id: ObjectId,
        /// Its version as found.
        sync_token: String,
    },
}

impl AttemptOutcome {
    /// Its word in logs: the same as where it is stored.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
            Self::NotDone { .. } => "not-done",
            Self::Unknown { .. } => "unknown",
            Self::Found { .. } => "found",
        }
    }
}
