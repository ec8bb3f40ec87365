//! Why a record is not right, in latchd's words and in QuickBooks'.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Code, Digest};

/// QuickBooks' own words about a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VendorFault {
    /// `code`, a string of digits.
    pub code: String,
    /// `Message`.
    pub message: String,
    /// `Detail`.
    pub detail: String,
    /// The id of the call, which Intuit's support asks for.
    pub intuit_tid: Option<String>,
}

/// Why a record is not right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The warning.
    pub code: Code,
    /// This record's own sentence.
    pub reason: String,
    /// Lines for the files that would mend it, ready to paste.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub paste: Vec<String>,
    /// QuickBooks' words, where it refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quickbooks: Option<VendorFault>,
    /// When it was first seen.
    pub since: Timestamp,
    /// How often QuickBooks was asked.
    pub attempts: u32,
    /// When it is asked again though nothing changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_attempt_at: Option<Timestamp>,
    /// What the attempt was made from; another basis is tried at once.
    pub basis: Digest,
}
