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
    /// The same value as this latchd would write it.
    #[cfg(test)]
    again: fn(&[u8]) -> Result<serde_json::Value, serde_json::Error>,
}

#[cfg(not(test))]
const fn kind<T: DeserializeOwned>(prefix: &'static str) -> Kind {
    Kind { prefix, reads: is::<T> }
}

#[cfg(test)]
const fn kind<T: DeserializeOwned + serde::Serialize>(prefix: &'static str) -> Kind {
    Kind { prefix, reads: is::<T>, again: tests::again::<T> }
}

/// Every kind, by what its keys begin with.
const KINDS: [Kind; 19] = [
    kind::<Money>("a/"),
    kind::<Body>("b/"),
    kind::<Vec<Attempt>>("e/"),
    kind::<ByHand>("f/"),
    kind::<ObjectId>("g/"),
    kind::<Handled>("h/"),
    kind::<Intent>("j/"),
    kind::<Looked>("l/"),
    kind::<Date>("n/"),
    kind::<(Key, Part)>("o/"),
    kind::<String>("p/"),
    kind::<()>("q/"),
    kind::<RecordState>("r/"),
    kind::<Resent>("s/"),
    kind::<Option<Money>>("t/"),
    kind::<Reversal>("v/"),
    kind::<Foreign>("x/"),
    kind::<Vec<Key>>("y/"),
    kind::<Money>("z/"),
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Values as the first format has them; `LATCHD_FREEZE=1` writes them anew
    /// (`tests/it/states/frozen.rs`).
    const FROZEN: &str = include_str!("../../tests/it/fixtures/states/format-1.jsonl");

    pub(super) fn again<T: DeserializeOwned + serde::Serialize>(
        json: &[u8],
    ) -> Result<Value, serde_json::Error> {
        serde_json::from_slice::<T>(json).and_then(serde_json::to_value)
    }

    fn written_again(key: &str, json: &str) -> Value {
        let json = json.as_bytes();
        let written = match key {
            "m/marks" => again::<Marks>(json),
            _ if key.starts_with("m/") => again::<Value>(json),
            _ => {
                let kind = KINDS.iter().find(|kind| key.starts_with(kind.prefix)).unwrap();
                (kind.again)(json)
            }
        };
        written.unwrap_or_else(|error| panic!("{key}: {error}"))
    }

    /// Whether all that was kept is kept still, by its name; more may be added.
    fn is_in(frozen: &Value, now: &Value) -> bool {
        match (frozen, now) {
            (Value::Object(frozen), Value::Object(now)) => {
                frozen.iter().all(|(name, value)| now.get(name).is_some_and(|now| is_in(value, now)))
            }
            (Value::Array(frozen), Value::Array(now)) => {
                frozen.len() == now.len() && frozen.iter().zip(now).all(|(one, other)| is_in(one, other))
            }
            _ => frozen == now,
        }
    }

    #[test]
    fn every_kind_of_the_first_format_is_read_and_nothing_of_it_is_lost() {
        for line in FROZEN.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let Some(key) = line["key"].as_str() else { continue };
            let (frozen, text) = (&line["value"], line["value"].to_string());
            assert_eq!(reads(key.as_bytes(), text.as_bytes()), Ok(()), "{key}");
            let now = written_again(key, &text);
            assert!(is_in(frozen, &now), "{key}:\n{frozen}\n{now}");
        }
        let has = |prefix: &str| FROZEN.contains(&format!("\"key\":\"{prefix}"));
        let missing: Vec<_> = KINDS.iter().map(|kind| kind.prefix).filter(|prefix| !has(prefix)).collect();
        assert!(missing.is_empty(), "no value of {missing:?} is kept");
        assert!(has("m/marks"));
    }
}
