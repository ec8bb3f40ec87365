//! Links: the declared decision for each customer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::ObjectId;

/// Where something stands in the operator's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the operator would name it (relative to `latchd.toml`).
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// From which day a linked customer's financials are in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// All of them.
    Beginning,
    /// From this day on, inclusive, in the company's time zone.
    On(Date),
    /// From the day on which latchd first saw the link; the state remembers it.
    Now,
}

/// What is to become of a customer. Exactly one verb a link, mirroring Stax
/// Bill's own `LatchExisting`, `CreateNew` and `DoNothing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It is this living QuickBooks customer.
    Adopt {
        /// QuickBooks' id.
        id: ObjectId,
        /// The name we mean; compared with the living customer's.
        expect: String,
        /// From when on.
        start: Start,
    },
    /// It is to be created in QuickBooks.
    Create {
        /// The name before the id is put behind it; `None`: by the template.
        name: Option<String>,
        /// From when on.
        start: Start,
    },
    /// It is left alone, with the reason.
    Skip {
        /// Why.
        why: String,
    },
}

/// One line of `[links]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The decision.
    pub verb: Verb,
    /// Who or which ticket decided, when said.
    pub by: Option<String>,
    /// Where it is written.
    pub at: Place,
}

impl Link {
    /// From which day on financials count; `None` for a skipped customer.
    pub fn start(&self) -> Option<Start> {
        match &self.verb {
            Verb::Adopt { start, .. } | Verb::Create { start, .. } => Some(*start),
            Verb::Skip { .. } => None,
        }
    }
}

/// All that the operators decided, by Stax Bill's customer id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The links.
    pub links: BTreeMap<u64, Link>,
}
