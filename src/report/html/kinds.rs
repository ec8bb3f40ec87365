//! Kinds of records on the page: totals of both systems, and a bar of states
//! that is also told in words.

use super::super::phrase;
use super::super::row::EntityRow;
use super::figures;
use crate::model::State;

/// A bar's length in its own units.
const LENGTH: u64 = 1000;
/// What even one record of ten thousand is shown by.
const LEAST: u64 = 8;

/// A kind of record.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) is_empty: bool,
    pub(super) staxbill: String,
    pub(super) quickbooks: String,
    pub(super) warnings: u64,
    pub(super) standing: String,
    pub(super) dismissed: String,
    pub(super) segments: Vec<Segment>,
    /// What the bar shows, in words.
    pub(super) words: String,
    pub(super) legend: Vec<(&'static str, String)>,
    /// When what was not tried yet is tried.
    pub(super) tried_by: Option<String>,
}

/// A part of a bar.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) state: &'static str,
    pub(super) from: u64,
    pub(super) length: u64,
}

impl Kind {
    pub(super) fn of(row: &EntityRow) -> Self {
        let counts = row.states().into_iter().filter(|(_, count)| *count > 0);
        let mut legend: Vec<_> =
            counts.map(|(state, count)| (phrase::state(state), figures::grouped(count))).collect();
        let told: Vec<_> = legend.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let told = if told.is_empty() { "no records".to_owned() } else { told.join(", ") };
        if legend.is_empty() {
            legend.push(("records", "no".to_owned()));
        }
        Self {
            name: row.entity.name(),
            title: phrase::plural(row.entity),
            is_empty: row.staxbill == 0,
            staxbill: figures::grouped(row.staxbill),
            quickbooks: figures::grouped(row.quickbooks),
            warnings: row.warnings,
            standing: figures::grouped(row.warnings),
            dismissed: figures::grouped(row.dismissed),
            segments: segments(row),
            words: format!("{}: {told}", phrase::plural(row.entity)),
            legend,
            tried_by: row.next_try_at.map(phrase::moment),
        }
    }
}

/// What is in scope, laid end to end; the largest part gives what the smallest
/// ones need to be seen.
fn segments(row: &EntityRow) -> Vec<Segment> {
    let parts = row.states().into_iter().filter(|(state, count)| *state != State::OutOfScope && *count > 0);
    let parts: Vec<(State, u64)> = parts.collect();
    let in_scope: u64 = parts.iter().map(|(_, count)| count).sum();
    let scaled = |count: u64| u128::from(count) * u128::from(LENGTH) / u128::from(in_scope.max(1));
    let mut lengths: Vec<u64> =
        parts.iter().map(|(_, count)| u64::try_from(scaled(*count)).unwrap_or(LENGTH).max(LEAST)).collect();
    let sum: u64 = lengths.iter().sum();
    if let Some(largest) = lengths.iter_mut().max() {
        *largest = (*largest + LENGTH).saturating_sub(sum);
    }
    let mut from = 0;
    let mut laid = Vec::new();
    for ((state, _), length) in parts.iter().zip(lengths) {
        laid.push(Segment { state: phrase::state(*state), from, length });
        from += length;
    }
    laid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Entity;

    #[test]
    fn a_bar_is_always_full_and_hides_nothing() {
        for counts in [[1, 0, 0], [9_999, 1, 0], [1, 1, 1], [1_000_000, 1, 1], [3, 0, 7]] {
            let mut row = EntityRow::empty(Entity::Invoice);
            [row.synced, row.failed, row.blocked] = counts;
            let laid = segments(&row);
            assert_eq!(laid.len(), counts.iter().filter(|count| **count > 0).count());
            assert_eq!(laid.iter().map(|part| part.length).sum::<u64>(), LENGTH, "{counts:?}");
            assert!(laid.iter().all(|part| part.length >= LEAST), "{laid:?}");
        }
        assert_eq!(segments(&EntityRow::empty(Entity::Invoice)), []);
    }

    #[test]
    fn a_bar_is_told_in_words() {
        let mut row = EntityRow::empty(Entity::Customer);
        row.count(State::Synced, true);
        row.count(State::OutOfScope, false);
        assert_eq!(Kind::of(&row).words, "Customers: 1 synced, 1 out-of-scope");
        assert_eq!(Kind::of(&EntityRow::empty(Entity::Refund)).words, "Refunds: no records");
    }
}
