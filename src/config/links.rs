//! Links: the declared decisions for all customers, out of `[links]`.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use toml::de::DeTable;

use super::days;
use super::documents::Booked;
use super::faults::{Faults, Spot};
use super::files::SourceFile;
use super::link::{self, Keys, Line};
use super::tree::{Entry, Origin, Swallowed, kind, report_twice};
use crate::model::{Link, Place, Start};

/// The links of all files, converted as they are parsed.
pub(super) struct Links<'c> {
    /// What syntax errors swallowed of the tables that are added from now on.
    pub swallowed: Swallowed,
    files: &'c [SourceFile],
    faults: &'c Faults,
    /// Where each customer stands.
    places: HashMap<u64, Spot>,
    read: BTreeMap<u64, Link>,
    starts: Vec<(Start, Spot)>,
    booked: Booked,
}

impl<'c> Links<'c> {
    /// None yet.
    pub(super) fn new(files: &'c [SourceFile], faults: &'c Faults) -> Self {
        Self {
            swallowed: Swallowed::default(),
            files,
            faults,
            places: HashMap::new(),
            read: BTreeMap::new(),
            starts: Vec::new(),
            booked: Booked::default(),
        }
    }

    /// Adds a parsed `[links]` or a part of one.
    pub(super) fn add(&mut self, origin: Origin, table: &DeTable<'_>) {
        for (id, value) in table {
            let (name, entry) = (id.get_ref(), origin.entry(id, value));
            let number = customer_id(name, &entry.key, self.faults);
            let line = self.line(name, &entry);
            let Some(number) = number else { continue };
            if let Some(first) = self.places.get(&number) {
                report_twice(name, first, &entry.key, self.faults);
                continue;
            }
            self.places.insert(number, entry.key);
            let Some(Line { link, documents, start }) = line else { continue };
            self.booked.add(documents, self.faults);
            self.starts.extend(start);
            self.read.extend(link.map(|link| (number, link)));
        }
    }

    /// Reports every `start` after `today`.
    pub(super) fn mind_future(&self, today: Date) {
        for (start, at) in &self.starts {
            days::mind_future(*start, at, today, self.faults);
        }
    }

    /// All links.
    pub(super) fn finish(self) -> BTreeMap<u64, Link> {
        self.read
    }

    /// Where faults are reported.
    pub(super) fn faults(&self) -> &'c Faults {
        self.faults
    }

    fn line(&self, id: &str, entry: &Entry<'_>) -> Option<Line> {
        let Some(table) = entry.value.as_table() else {
            let found = kind(entry.value);
            self.faults
                .report(&entry.at, format!("a link is a table, not {found}"))
                .remedy(format!("write {id} = {{ adopt = \"…\", expect = \"…\", start = 2026-01-01 }}"));
            return None;
        };
        if dotted(id, entry, table, self.faults) {
            return None;
        }
        let keys = Keys::open(entry.origin, table, self.faults);
        let index = entry.origin.file;
        let missing = |key: &str| keys.lacks(key) && self.swallowed.spares(index, &["links", id, key]);
        let file = &self.files[index];
        let at = Place { file: file.name.clone(), line: file.line(entry.key.start()) };
        Some(link::read(&entry.key, &keys, &missing, at, self.faults))
    }
}

/// The customer's id: digits without a leading zero, because `010482` would
/// silently be another customer.
fn customer_id(id: &str, at: &Spot, faults: &Faults) -> Option<u64> {
    let digits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    let number = id.parse::<u64>().ok().filter(|number| digits && !id.starts_with('0') && *number > 0);
    if number.is_none() {
        let plain: String = id.chars().filter(char::is_ascii_digit).collect();
        let plain = plain.trim_start_matches('0');
        let fault = faults.report(at, format!("`{id}` is not the id of a Stax Bill customer"));
        if plain.parse::<u64>().is_ok() {
            fault.remedy(format!("did you mean `{plain}`?"));
        } else {
            fault.remedy("an id is made of digits, such as 10482");
        }
    }
    number
}

/// `10482.5 = { … }` is TOML for a table within a table.
fn dotted(id: &str, link: &Entry<'_>, table: &DeTable<'_>, faults: &Faults) -> bool {
    let first = table.iter().next().filter(|_| table.len() == 1);
    let inner = first.filter(|(key, value)| {
        value.get_ref().is_table() && key.get_ref().bytes().all(|byte| byte.is_ascii_digit())
    });
    if let Some((rest, _)) = inner {
        faults
            .report(&link.key, format!("`{id}.{rest}` is not the id of a Stax Bill customer"))
            .remedy("an id has no point");
    }
    inner.is_some()
}
