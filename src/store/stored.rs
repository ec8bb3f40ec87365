//! What is stored under which key: whether a value is one of latchd's, and not
//! only whole.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::by_hand::{ByHand, Looked};
use super::opening::Rebuilt;
use super::register::{Body, Foreign, Marks};
use super::{Intent, envelope, key_of, name};
use crate::model::{Attempt, Handled, Key, Money, ObjectId, Part, RecordState, Resent, Reversal};

/// One kind of value: where it is, and whether JSON is such a value.
struct Kind {
    prefix: &'static str,
    reads: fn(&[u8]) -> Result<(), serde_json::Error>,
}

/// Every kind, by what its keys begin with.
const KINDS: [Kind; 19] = [
    Kind { prefix: "a/", reads: is::<Money> },
    Kind { prefix: "b/", reads: is::<Body> },
    Kind { prefix: "e/", reads: is::<Vec<Attempt>> },
    Kind { prefix: "f/", reads: is::<ByHand> },
    Kind { prefix: "g/", reads: is::<ObjectId> },
    Kind { prefix: "h/", reads: is::<Handled> },
    Kind { prefix: "j/", reads: is::<Intent> },
    Kind { prefix: "l/", reads: is::<Looked> },
    Kind { prefix: "n/", reads: is::<Date> },
    Kind { prefix: "o/", reads: is::<(Key, Part)> },
    Kind { prefix: "p/", reads: is::<String> },
    Kind { prefix: "q/", reads: is::<()> },
    Kind { prefix: "r/", reads: is::<RecordState> },
    Kind { prefix: "s/", reads: is::<Resent> },
    Kind { prefix: "t/", reads: is::<Option<Money>> },
    Kind { prefix: "v/", reads: is::<Reversal> },
    Kind { prefix: "x/", reads: is::<Foreign> },
    Kind { prefix: "y/", reads: is::<Vec<Key>> },
    Kind { prefix: "z/", reads: is::<Money> },
];

/// Whether `json` is what latchd keeps under `key`; the error says why not.
pub(super) fn reads(key: &[u8], json: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(key) else { return Err("its key is no text".to_owned()) };
    let read = match text.strip_prefix("m/") {
        Some("marks") => is::<Marks>(json),
        Some(name::REBUILT) => is::<Rebuilt>(json),
        // Whoever keeps a single value of another name reads it alone.
        Some(_) => is::<Box<RawValue>>(json),
        None => match KINDS.iter().find(|kind| text.starts_with(kind.prefix)) {
            Some(kind) => (kind.reads)(json),
            None => return Err("this latchd keeps nothing under such a key".to_owned()),
        },
    };
    read.map_err(|error| error.to_string())
}

/// The same of a value in its envelope.
pub(super) fn reads_sealed(key: &[u8], sealed: &[u8]) -> Result<(), String> {
    let json: Box<RawValue> = envelope::open(key, sealed).map_err(|error| error.to_string())?;
    reads(key, json.get().as_bytes())
}

/// Whether a value leaves the folder with an export.
pub(super) fn travels(key: &[u8]) -> bool {
    name::STAYING.iter().all(|name| key != key_of::mark(name))
}

/// How many values there are of each kind, for people.
#[derive(Debug, Default)]
pub(super) struct Census(BTreeMap<&'static str, u64>);

impl Census {
    pub(super) fn count(&mut self, key: &[u8]) {
        let word = match key.first() {
            Some(b'r') => "record",
            Some(b'o') => "object",
            Some(b'j') => "open intent",
            _ => return,
        };
        *self.0.entry(word).or_default() += 1;
    }

    pub(super) fn of(&self, word: &str) -> u64 {
        self.0.get(word).copied().unwrap_or_default()
    }
}

fn is<T: DeserializeOwned>(json: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<T>(json).map(drop)
}
