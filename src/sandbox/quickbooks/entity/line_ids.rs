//! Ids of lines, which count within their transaction.

use std::collections::BTreeSet;

use super::super::json::{self, Object};

/// Gives lines their ids: a known one is kept, any other is a new line.
#[derive(Debug)]
pub(crate) struct LineIds {
    known: BTreeSet<u64>,
    next: u64,
}

impl LineIds {
    /// The ids of a transaction whose first line is `first`.
    pub(crate) fn of(old: Option<&Object>, first: u64) -> Self {
        let lines = old.map_or(&[][..], |old| json::list(old, "Line"));
        let known: BTreeSet<u64> =
            lines.iter().filter_map(|line| line["Id"].as_str()?.parse().ok()).collect();
        Self { next: known.last().map_or(first, |last| last + 1), known }
    }

    pub(crate) fn take(&mut self, line: &Object) -> String {
        let sent = line.get("Id").and_then(json::scalar).and_then(|id| id.parse().ok());
        let id = sent.filter(|id| self.known.remove(id)).unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        });
        id.to_string()
    }
}
