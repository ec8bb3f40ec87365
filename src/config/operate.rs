//! Operation: when and where latchd works, and what it does about customers,
//! out of `[schedule]`, `[paths]` and `[customers]`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;

use super::days;
use super::faults::Faults;
use super::settings::{Contact, CustomerSettings, OnActivation, Paths, Schedule};
use super::table::{Table, wrong_kind};
use super::tree::{Entry, Tree};
use crate::model::{NamePart, Start};

/// Where a package puts the state.
pub const STATE: &str = "/var/lib/latchd";
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
    let contact = [("at-birth", Contact::AtBirth), ("follow", Contact::Follow)];
    let count_from = table.entry("count_from");
    let count_from = count_from.and_then(|entry| days::start(entry, "count_from", days::COUNT_FROM, faults));
    CustomerSettings {
        on_activation: on_activation(&table),
        display_name: display_name(&table)
            .unwrap_or_else(|| vec![NamePart::CompanyName, NamePart::Reference]),
        contact: table.choice("contact", &contact).unwrap_or(Contact::AtBirth),
        count_from: count_from.unwrap_or(Start::Beginning),
    }
}

/// `on_activation` and `start`, which belongs to `"create"` alone.
fn on_activation(table: &Table<'_, '_>) -> OnActivation {
    let read = |entry: &Entry<'_>| days::start(entry, "start", days::ACTIVATION, table.faults());
    let create = match table.entry("on_activation") {
        Some(_) => table.choice("on_activation", &[("leave", false), ("create", true)]),
        None => Some(false),
    };
    if create == Some(true) {
        let remedy = "write the day from which their financials count: start = 2026-01-01, or \"now\", the day of activation";
        let start = table.needs_by("start", ("on_activation", remedy)).and_then(read);
        return start.map_or(OnActivation::Leave, |start| OnActivation::Create { start });
    }
    if let Some(entry) = table.entry("start") {
        read(entry);
        if create == Some(false) {
            let text = "`start` stands without on_activation = \"create\", and would do nothing";
            table
                .faults()
                .report(&entry.key, text)
                .remedy("take it out, or write on_activation = \"create\" beside it");
        }
    }
    OnActivation::Leave
}

/// Reports a `start` of `[customers]` after `today`.
pub(super) fn mind_future(tree: &Tree<'_>, customers: &CustomerSettings, today: Date, faults: &Faults) {
    let entry = tree.sections.get("customers").and_then(|section| section.entries.get("start"));
    if let (OnActivation::Create { start }, Some(entry)) = (customers.on_activation, entry) {
        days::mind_future(start, &entry.at, today, faults);
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
        let at = entry.origin.spot(value.span());
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
