//! Guards: what is held because it may be a slip, out of `[guard]`, and what
//! releases it, out of `[approve]`.

use std::collections::BTreeMap;

use super::days;
use super::faults::Faults;
use super::fields::{Fields, Form};
use super::files::SourceFile;
use super::keys::APPROVE;
use super::table::{Table, text, wrong_kind};
use super::tree::{Entry, Tree};
use crate::model::{Approval, Backfill, Currency, Guards, Money, Place};

const APPROVAL: Form =
    Form { table: "approve", what: "an approval", keys: APPROVE, example: "{ why = \"…\", by = \"…\" }" };
/// More than any company has.
const MANY: u32 = 10_000_000;
/// A century: whoever wants all of the past names a day.
const DAYS_MAX: u32 = 36_500;
const AMOUNT: &str = "write a limit a currency: amount = { USD = \"1000000.00\" }";

/// `[guard]`
pub(super) fn guards(tree: &Tree<'_>, faults: &Faults) -> Guards {
    let table = Table::open(tree, "guard", faults);
    let usual = Guards::default();
    let documents = table.entry("documents").map(|_| table.number("documents", 0..=MANY, 0));
    let first_sync = [("free", false), ("hold", true)];
    Guards {
        links_changed: table.number("links_changed", 0..=MANY, usual.links_changed),
        links_changed_percent: table.number("links_changed_percent", 0..=100, usual.links_changed_percent),
        documents,
        amount: table.entry("amount").map(|entry| amount(entry, faults)).unwrap_or_default(),
        backfill: table.entry("backfill").and_then(|entry| backfill(entry, faults)).unwrap_or(usual.backfill),
        customers: table.number("customers", 0..=MANY, usual.customers),
        first_sync: table.choice("first_sync", &first_sync).unwrap_or(usual.first_sync),
    }
}

/// A span of days before today, or a day.
fn backfill(entry: &Entry<'_>, faults: &Faults) -> Option<Backfill> {
    let Some(span) = entry.value.as_str() else {
        return days::day(entry, "backfill", faults).map(Backfill::From);
    };
    let days = span.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let days = days.filter(|days| *days <= DAYS_MAX);
    if days.is_none() {
        faults
            .report(&entry.at, format!("\"{span}\" is not a number of days"))
            .remedy("write days (\"400d\"), or a day without quotes");
    }
    days.map(|days| Backfill::Days(i64::from(days)))
}

fn amount(entry: &Entry<'_>, faults: &Faults) -> BTreeMap<Currency, Money> {
    let Some(table) = entry.value.as_table() else {
        wrong_kind(entry, "amount", "a table of currencies", faults);
        return BTreeMap::new();
    };
    let mut limits = BTreeMap::new();
    for (key, value) in table {
        let (name, one) = (&**key.get_ref(), entry.origin.entry(key, value));
        let Ok(currency) = name.parse::<Currency>() else {
            faults.report(&one.key, format!("`amount` knows no currency `{name}`")).remedy(AMOUNT);
            continue;
        };
        let Some(limit) = text(&one, name, faults) else { continue };
        match limit.parse::<Money>() {
            Ok(limit) if limit >= Money::ZERO => {
                limits.insert(currency, limit);
            }
            Ok(_) | Err(_) => {
                faults.report(&one.at, format!("\"{limit}\" is not an amount")).remedy(AMOUNT);
            }
        }
    }
    limits
}

/// `[approve]`
pub(super) fn approvals(
    tree: &Tree<'_>,
    files: &[SourceFile],
    faults: &Faults,
) -> BTreeMap<String, Approval> {
    let mut approvals = BTreeMap::new();
    let section = tree.sections.get("approve");
    for (name, line) in section.into_iter().flat_map(|section| &section.entries) {
        if !is_digest(name) {
            faults.report(&line.key, format!("`{name}` does not name what a guard holds")).remedy(
                "copy the whole line that the report gives with the warning: \"sha256:…\" and 64 digits",
            );
        }
        let Some(fields) = Fields::open(&APPROVAL, (name, line), tree, faults) else { continue };
        let said =
            |key: &str, todo: &str| text(fields.needs(key, todo, faults)?, key, faults).map(str::to_owned);
        let why = said("why", "write why it is meant: why = \"…\"");
        let by = said("by", "write who or which ticket decided: by = \"…\"");
        let file = &files[line.key.file];
        let at = Place { file: file.name.clone(), line: file.line(line.key.start()) };
        approvals.extend(why.zip(by).map(|(why, by)| ((*name).to_owned(), Approval { why, by, at })));
    }
    approvals
}

fn is_digest(name: &str) -> bool {
    let digits = name.strip_prefix("sha256:").unwrap_or_default();
    digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
