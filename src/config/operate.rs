//! Operation: when and where latchd works, and what it does about customers,
//! out of `[schedule]`, `[paths]` and `[customers]`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::faults::Faults;
use super::links::start;
use super::settings::{CustomerSettings, OnActivation, Paths, Schedule};
use super::table::{Table, wrong_kind};
use super::tree::Tree;
use crate::model::{NamePart, Start};

/// Where a package puts the state.
pub(super) const STATE: &str = "/var/lib/latchd";
pub(super) const REPORTS: &str = "/var/lib/latchd-reports";
const INTERVAL: Duration = Duration::from_hours(1);
const FULL_SCAN: Duration = Duration::from_hours(24);

const NAME_PARTS: [(&str, NamePart); 4] = [
    ("company_name", NamePart::CompanyName),
    ("first_name", NamePart::FirstName),
    ("last_name", NamePart::LastName),
    ("reference", NamePart::Reference),
];

/// `[schedule]`
pub(super) fn schedule(tree: &Tree<'_>, faults: &Faults) -> Schedule {
    let table = Table::open(tree, "schedule", faults);
    Schedule {
        interval: table.duration("interval", INTERVAL),
        full_scan: table.duration("full_scan", FULL_SCAN),
    }
}

/// `[paths]`; a relative one belongs to the folder `base`.
pub(super) fn paths(tree: &Tree<'_>, base: &Path, faults: &Faults) -> Paths {
    let table = Table::open(tree, "paths", faults);
    let path = |key: &str, default: &str| -> PathBuf { base.join(table.text(key).unwrap_or(default)) };
    let paths = Paths { state: path("state", STATE), reports: path("reports", REPORTS) };
    if let Some(entry) = table.entry("reports").or(table.entry("state"))
        && paths.state == paths.reports
    {
        faults
            .report(&entry.at, "the state and the reports lie in the same folder")
            .remedy("the state is private and the reports are not: name two folders");
    }
    paths
}

/// `[customers]`
pub(super) fn customers(tree: &Tree<'_>, faults: &Faults) -> CustomerSettings {
    let table = Table::open(tree, "customers", faults);
    table.choice("contact", &[("at-birth", Some(())), ("follow", None)]);
    table.refuse(&["start"]);
    let activation = [("leave", Some(OnActivation::Leave)), ("create", None)];
    let count_from = table.entry("count_from").and_then(|entry| start(entry, "count_from", false, faults));
    CustomerSettings {
        on_activation: table.choice("on_activation", &activation).unwrap_or(OnActivation::Leave),
        display_name: display_name(&table)
            .unwrap_or_else(|| vec![NamePart::CompanyName, NamePart::Reference]),
        count_from: count_from.unwrap_or(Start::Beginning),
    }
}

fn display_name(table: &Table<'_, '_>) -> Option<Vec<NamePart>> {
    let entry = table.entry("display_name")?;
    let known = NAME_PARTS.map(|(word, _)| format!("\"{word}\"")).join(", ");
    let Some(array) = entry.value.as_array() else {
        wrong_kind(entry, "display_name", "an array", table.faults());
        return None;
    };
    let mut parts = Vec::new();
    for value in array {
        let word = value.get_ref().as_str();
        let part = NAME_PARTS.iter().find(|(known, _)| Some(*known) == word).map(|(_, part)| *part);
        let at = super::faults::Spot::new(entry.key.file, value.span());
        match part {
            Some(part) if parts.contains(&part) => {
                table.faults().report(&at, "a part of `display_name` stands twice");
            }
            Some(part) => parts.push(part),
            None => {
                let fault = table.faults().report(&at, "`display_name` knows no such part");
                fault.remedy(format!("known are {known}"));
            }
        }
    }
    if array.is_empty() {
        table.faults().report(&entry.at, "`display_name` is empty").remedy(format!("known are {known}"));
    }
    Some(parts)
}
