//! Warnings on the page: a row a root cause, in the order of the report, with
//! what it holds up and what to do.

use std::collections::BTreeMap;

use super::super::harmless::line;
use super::super::phrase;
use super::super::row::{Amount, Blocks};
use super::super::status::WarningRow;
use super::prose::{Piece, pieces};
use super::{OPEN, figures};
use crate::model::{Currency, Entity, Money};

/// Addresses in QuickBooks by the record's key.
pub(super) type Pages = BTreeMap<String, String>;

/// A root cause, every text of it tamed. Ten thousand of them are on the page
/// at once, so it is shown by few elements.
pub(super) struct Row {
    pub(super) key: String,
    pub(super) label: String,
    pub(super) code: &'static str,
    /// Whether the label says as much as the code.
    pub(super) is_coded: bool,
    pub(super) tone: &'static str,
    pub(super) reason: Vec<Piece>,
    pub(super) remedy: Vec<Piece>,
    /// Lines to paste, as they are.
    pub(super) paste: Option<String>,
    pub(super) vendor: Option<String>,
    /// What waits for it, a line each.
    pub(super) holds: Option<String>,
    /// Since when it stands and when it is tried, a line each.
    pub(super) facts: String,
    pub(super) dismissed: Option<String>,
    /// Its page in QuickBooks.
    pub(super) page: Option<String>,
}

impl Row {
    pub(super) fn of(warning: &WarningRow, pages: &Pages) -> Self {
        Self {
            key: line(&warning.key),
            label: line(&warning.label),
            code: warning.code.name(),
            is_coded: warning.label == warning.code.name(),
            tone: warning.state.map_or("whole", phrase::state),
            reason: pieces(&phrase::sentence(&line(&warning.reason))),
            remedy: pieces(&line(&warning.remedy)),
            paste: Some(warning.paste.join("\n")).filter(|lines| !lines.is_empty()),
            vendor: warning.quickbooks.as_ref().map(|fault| line(&phrase::vendor(fault))),
            holds: holds(&warning.blocks),
            facts: facts(warning),
            dismissed: warning.dismissed.as_deref().map(line),
            page: pages.get(&warning.key).cloned(),
        }
    }
}

fn holds(blocks: &Blocks) -> Option<String> {
    let mut lines = vec![phrase::counted(blocks.records, "record")];
    lines.extend(blocks.amounts.iter().map(figures::amount));
    (blocks.records > 0).then(|| lines.join(",\n"))
}

fn facts(warning: &WarningRow) -> String {
    let state = warning.state.map_or("stands", phrase::state);
    let mut lines = vec![format!("{state} since {}", phrase::moment(warning.since))];
    if warning.attempts > 0 {
        lines.push(phrase::counted(u64::from(warning.attempts), "attempt"));
    }
    lines.extend(warning.next_attempt_at.map(|at| format!("next at {}", phrase::moment(at))));
    lines.join("\n")
}

/// The warnings of one kind.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) count: String,
    pub(super) shown: Vec<Row>,
    pub(super) rest: Vec<Row>,
    pub(super) more: String,
}

/// Warnings about records, by kind.
pub(super) fn groups(records: &[&WarningRow], pages: &Pages) -> Vec<Group> {
    let of_kind = records.chunk_by(|one, other| one.entity == other.entity);
    of_kind.filter_map(|rows| rows[0].entity.map(|entity| group((entity, rows), pages))).collect()
}

fn group((entity, rows): (Entity, &[&WarningRow]), pages: &Pages) -> Group {
    let (shown, rest) = rows.split_at(rows.len().min(OPEN));
    let all = |rows: &[&WarningRow]| rows.iter().map(|row| Row::of(row, pages)).collect();
    Group {
        name: entity.name(),
        title: phrase::plural(entity),
        count: figures::grouped(rows.len() as u64),
        shown: all(shown),
        rest: all(rest),
        more: figures::grouped(rest.len() as u64),
    }
}

/// What all of `warnings` hold up, a row a currency.
pub(super) fn held_up(warnings: &[&WarningRow]) -> Vec<Amount> {
    let mut sums = BTreeMap::<Currency, Money>::new();
    for row in warnings.iter().flat_map(|warning| &warning.blocks.amounts) {
        *sums.entry(row.currency).or_default() += row.amount;
    }
    sums.into_iter().map(|(currency, amount)| Amount { currency, amount }).collect()
}
