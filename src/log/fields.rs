//! Fields: what an event or a span holds, as names and values in the order in
//! which they were written.

use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};

/// Characters that are kept of one text. A service's answer can be pages, and
/// the journal cuts a line of 48 KiB in two, the second of which would be
/// whatever stands there.
const TEXT_MAX: usize = 2000;

/// Names and values.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) Vec<(&'static str, Value)>);

impl Fields {
    /// The value of a field, which is not among the fields any more.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(at).1)
    }

    /// Adds what stands around, but for names that are there already: what is
    /// nearer says more.
    pub(super) fn surround(&mut self, outer: &Self) {
        for (name, value) in &outer.0 {
            if !self.0.iter().any(|(known, _)| known == name) {
                self.0.push((name, value.clone()));
            }
        }
    }

    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    fn put_text(&mut self, field: &Field, text: &str) {
        let mut kept: String = text.chars().take(TEXT_MAX).collect();
        if kept.len() < text.len() {
            kept.push('…');
        }
        self.put(field, Value::String(kept));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put_text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}
