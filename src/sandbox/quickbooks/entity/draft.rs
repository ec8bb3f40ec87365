//! A write on its way into the books: what was sent, over what was there.

use serde_json::Value;

use super::super::json::{Object, reference, text};

/// What a client asked for beside the body.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choices {
    /// `include=allowduplicatedocnum`.
    pub(crate) duplicate_numbers: bool,
    /// `include=allowautodocnum`.
    pub(crate) auto_number: bool,
    /// `include=void`.
    pub(crate) void: bool,
}

/// An object that is being written.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    /// Absent while the object is new.
    pub(crate) id: Option<u64>,
    /// The object as it will be.
    pub(crate) object: Object,
    /// What the client sent, cleaned; `null` where it cleared a value.
    pub(crate) sent: &'a Object,
    pub(crate) old: Option<&'a Object>,
    pub(crate) choices: Choices,
}

impl Draft<'_> {
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        text(&self.object, key)
    }

    pub(crate) fn reference(&self, key: &str) -> Option<&str> {
        reference(&self.object, key)
    }

    pub(crate) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.object.insert(key.to_owned(), value.into());
    }

    /// Sets what the client left out.
    pub(crate) fn default(&mut self, key: &str, value: impl Into<Value>) {
        self.object.entry(key).or_insert_with(|| value.into());
    }

    /// Whether the client sent a value for `key`.
    pub(crate) fn sends(&self, key: &str) -> bool {
        self.sent.get(key).is_some_and(|value| !value.is_null())
    }

    pub(crate) fn active(&self) -> bool {
        self.object.get("Active").and_then(Value::as_bool).unwrap_or(true)
    }
}
