//! Comparing: rows that were expected beside rows that were found.
//!
//! An expected row says as much as it likes; it is found where all that it says
//! is so. All rows of a section are expected, or none is.

use super::section::{Cell, Kind, Row, Section};

/// Something that is not as it was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which part of `[expect]`.
    pub section: &'static str,
    /// Which row of it, in words.
    pub row: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// How something is not as it was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is not there.
    Missing,
    /// Nobody said that it would be there.
    Unexpected,
    /// It is there, with other values.
    Differs(Vec<FieldDifference>),
    /// A step of the scenario came to nothing, and why.
    Failed(String),
}

/// A value that is another one than was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// Its name.
    pub field: &'static str,
    /// What was expected, as TOML; of a list, what is not there.
    pub expected: Vec<String>,
    /// What was found, as TOML; of a list, what was not expected.
    pub found: Vec<String>,
}

/// What is not as expected in one section.
pub(super) fn differences(section: &'static Section, expected: &[Row], found: &[Row]) -> Vec<Difference> {
    let (missing, unexpected) = unmatched(expected, found);
    let mut unexpected: Vec<Option<&Row>> = unexpected.into_iter().map(Some).collect();
    let mut told = Vec::new();
    for row in missing {
        let partner =
            unexpected.iter_mut().filter(|other| other.is_some_and(|other| alike(section, row, other)));
        let nearest = partner.max_by_key(|other| other.map_or(0, |other| agreeing(row, other)));
        let wrong = match nearest.and_then(Option::take) {
            Some(other) => Wrong::Differs(fields(section, row, other)),
            None => Wrong::Missing,
        };
        told.push(Difference { section: section.name, row: section.inline(row), wrong });
    }
    for row in unexpected.into_iter().flatten().filter(|_| !section.open) {
        told.push(Difference { section: section.name, row: section.inline(row), wrong: Wrong::Unexpected });
    }
    told
}

/// What is not as expected of the values in one row.
pub(super) fn fields(section: &'static Section, expected: &Row, found: &Row) -> Vec<FieldDifference> {
    let mut told = Vec::new();
    for field in section.fields {
        let Some(wanted) = expected.get(field.name) else { continue };
        let there = found.get(field.name);
        let difference = match (&field.kind, wanted, there) {
            (Kind::Rows(rows), Cell::Rows(wanted), _) => {
                let none = Vec::new();
                let there = if let Some(Cell::Rows(there)) = there { there } else { &none };
                let (missing, unexpected) = unmatched(wanted, there);
                let shown =
                    |rows_: Vec<&Row>| rows_.into_iter().map(|row| rows.inline(row)).collect::<Vec<_>>();
                FieldDifference { field: field.name, expected: shown(missing), found: shown(unexpected) }
            }
            (kind, wanted, there) => {
                if there.is_some_and(|there| same(wanted, there)) {
                    continue;
                }
                let found = there.map(|there| kind.shown(there)).into_iter().collect();
                FieldDifference { field: field.name, expected: vec![kind.shown(wanted)], found }
            }
        };
        if !(difference.expected.is_empty() && difference.found.is_empty()) {
            told.push(difference);
        }
    }
    told
}

/// Expected rows that are nowhere, and found rows that nobody expected.
fn unmatched<'r>(expected: &'r [Row], found: &'r [Row]) -> (Vec<&'r Row>, Vec<&'r Row>) {
    let mut left: Vec<Option<&Row>> = found.iter().map(Some).collect();
    let mut wanted: Vec<(usize, &Row)> = expected.iter().enumerate().collect();
    // Who says the most chooses first: a row that says little fits many.
    wanted.sort_by_key(|(place, row)| (usize::MAX - row.len(), *place));
    let mut missing = Vec::new();
    for (place, row) in wanted {
        let fits = |other: &&mut Option<&Row>| other.is_some_and(|other| holds(row, other));
        match left.iter_mut().find(fits) {
            Some(taken) => *taken = None,
            None => missing.push((place, row)),
        }
    }
    missing.sort_by_key(|(place, _)| *place);
    (missing.into_iter().map(|(_, row)| row).collect(), left.into_iter().flatten().collect())
}

/// Whether all that `expected` says is so.
fn holds(expected: &Row, found: &Row) -> bool {
    expected.iter().all(|(name, wanted)| found.get(name).is_some_and(|there| same(wanted, there)))
}

fn same(expected: &Cell, found: &Cell) -> bool {
    match (expected, found) {
        (Cell::Rows(expected), Cell::Rows(found)) => {
            let (missing, unexpected) = unmatched(expected, found);
            missing.is_empty() && unexpected.is_empty()
        }
        (expected, found) => expected == found,
    }
}

/// Whether two rows speak of one thing: they have the first of their names in
/// common; which of them is meant is said by what else they agree in.
fn alike(section: &Section, expected: &Row, found: &Row) -> bool {
    section.names().next().is_some_and(|name| {
        expected.get(name).is_some_and(|wanted| found.get(name).is_some_and(|there| same(wanted, there)))
    })
}

fn agreeing(expected: &Row, found: &Row) -> usize {
    expected.iter().filter(|(name, wanted)| found.get(*name).is_some_and(|there| same(wanted, there))).count()
}
