//! The files of expectations, read and written.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::Deserialize;

use super::ending::Ending;

const HEAD: &str = "\
# How each record of the sample account ends under links.toml, by the postings
# law, with the clock at 2026-11-22T12:00:00Z and the company in Los Angeles.
#
# ends    its state
# why     a warning's code, or the reason why it is out of scope
# by      the record that blocks it
# how     what became of its object beside being created
# of      the record that it amends or takes back
# amount  what its object comes to; of a refund or a debit, what it takes
# open    what is owed on an invoice, or left of a payment or a memo
";

/// A line of links.toml.
#[derive(Debug)]
pub(super) struct Link {
    /// Whether it leaves the customer out.
    pub(super) skip: bool,
    /// The first day that counts; none where all do.
    pub(super) start: Option<Date>,
}

/// The sets of expectations.
#[derive(Debug, Deserialize)]
pub(super) struct Expectations {
    /// With open books, every record.
    pub(super) records: BTreeMap<String, Ending>,
    /// With closed books, those that end otherwise.
    pub(super) closed: BTreeMap<String, Ending>,
    /// With several currencies, those that end otherwise.
    pub(super) currencies: BTreeMap<String, Ending>,
}

impl Expectations {
    pub(super) fn read() -> Self {
        toml::from_str(&text("sample.toml")).unwrap_or_else(|error| panic!("sample.toml: {error}"))
    }

    /// All records, where those of `others` end as it says.
    pub(super) fn with<'a>(
        &'a self,
        others: Option<&'a BTreeMap<String, Ending>>,
    ) -> impl Iterator<Item = (&'a String, &'a Ending)> {
        let other = move |key: &String| others.and_then(|others| others.get(key));
        self.records.iter().map(move |(key, row)| (key, other(key).unwrap_or(row)))
    }

    pub(super) fn write_if_asked(&self, closed_through: &str) {
        if std::env::var_os("LATCHD_WRITE_EXPECTATIONS").is_none() {
            return;
        }
        let mut text = format!("{HEAD}\n[records]\n");
        let rows = |text: &mut String, rows: &BTreeMap<String, Ending>| {
            for kind in super::ending::KINDS {
                for (key, row) in rows.iter().filter(|(key, _)| key.starts_with(kind)) {
                    let _ = writeln!(text, "\"{key}\" = {row}");
                }
            }
        };
        rows(&mut text, &self.records);
        let _ = writeln!(
            text,
            "\n# With the books closed through {closed_through}, these end otherwise.\n[closed]"
        );
        rows(&mut text, &self.closed);
        let _ = writeln!(text, "\n# With several currencies, these end otherwise.\n[currencies]");
        rows(&mut text, &self.currencies);
        latchd::fsx::write_atomic(&path("sample.toml"), text.as_bytes(), 0o644)
            .expect("the expectations can be written");
    }
}

/// The operator's lines of the set.
pub(super) fn links_text() -> String {
    text("links.toml")
}

/// The same as decisions, by customer.
pub(super) fn links() -> BTreeMap<i64, Link> {
    let table: toml::Table = links_text().parse().expect("links.toml is TOML");
    let lines = table["links"].as_table().expect("links.toml has its table");
    let link = |(id, line): (&String, &toml::Value)| {
        let start = line
            .get("start")
            .and_then(toml::Value::as_datetime)
            .map(|day| day.to_string().parse().expect("a start is a day"));
        (id.parse().expect("an id"), Link { skip: line.get("skip").is_some(), start })
    };
    lines.iter().map(link).collect()
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/expectations").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
