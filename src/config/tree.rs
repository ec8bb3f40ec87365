//! Tree: the tables of all files merged by key, every key with its place.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::{Faults, Spot};
use super::files::SourceFile;
use super::keys::{self, Keys};

/// One key with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry<'t> {
    /// Where the key stands.
    pub key: Spot,
    /// Where the value stands.
    pub at: Spot,
    /// What it says.
    pub value: &'t DeValue<'t>,
}

/// A table, merged from all files.
#[derive(Clone, Debug)]
pub(super) struct Section<'t> {
    /// Where it is first named.
    pub header: Spot,
    /// What it holds.
    pub entries: BTreeMap<&'t str, Entry<'t>>,
}

/// All that the files say.
#[derive(Debug, Default)]
pub(super) struct Tree<'t> {
    /// Keys outside of any table.
    pub top: BTreeMap<&'t str, Entry<'t>>,
    /// The tables, by name.
    pub sections: BTreeMap<&'static str, Section<'t>>,
    /// Keys that a syntax error swallowed; they are not missing.
    pub broken: BTreeSet<Vec<String>>,
    /// Files of which anything may have been swallowed.
    pub lost: BTreeSet<usize>,
}

impl<'t> Tree<'t> {
    /// Merges one parsed text of file `file` into the tree.
    pub(super) fn add(&mut self, file: usize, table: &'t DeTable<'t>, context: (&[SourceFile], &Faults)) {
        let (files, faults) = context;
        for (key, value) in table {
            let entry = entry(file, key, value);
            check_inline(&files[file].text, &[key.get_ref()], value, (file, faults));
            let name: &'t str = key.get_ref();
            if keys::TOP.contains(&name) {
                self.add_top(name, entry, faults);
            } else if let Some((name, keys)) = keys::of_table(name) {
                self.add_section(name, keys, &entry, faults);
            } else {
                report_unknown(name, &entry, faults);
            }
        }
    }

    /// Whether the absence of a key is an error of its own.
    pub(super) fn misses(&self, path: &[&str]) -> bool {
        self.lost.is_empty() && self.misses_in(usize::MAX, path)
    }

    /// The same, for a key that can stand in file `file` alone.
    pub(super) fn misses_in(&self, file: usize, path: &[&str]) -> bool {
        !self.lost.contains(&file)
            && !self.broken.iter().any(|broken| broken.iter().map(String::as_str).eq(path.iter().copied()))
    }

    fn add_top(&mut self, name: &'t str, entry: Entry<'t>, faults: &Faults) {
        if name == "include" && entry.key.file != 0 {
            faults
                .report(&entry.key, "`include` may stand in latchd.toml alone")
                .remedy("name the further files there");
        } else if name == "first_sync" {
            not_yet(faults, &entry.key, name);
        } else {
            insert(&mut self.top, name, entry, faults);
        }
    }

    fn add_section(&mut self, name: &'static str, keys: Keys, entry: &Entry<'t>, faults: &Faults) {
        if keys == Keys::NotYet {
            let array_empty = entry.value.as_array().is_some_and(|array| array.is_empty());
            if !array_empty && !entry.value.as_table().is_some_and(DeTable::is_empty) {
                not_yet(faults, &entry.key, &format!("[{name}]"));
            }
            return;
        }
        let Some(table) = entry.value.as_table() else {
            let found = kind(entry.value);
            let remedy = format!("write it as a table: [{name}], and its keys below");
            faults.report(&entry.key, format!("`{name}` is a table, not {found}")).remedy(remedy);
            return;
        };
        let header = entry.key.clone();
        let section =
            self.sections.entry(name).or_insert_with(|| Section { header, entries: BTreeMap::new() });
        for (key, value) in table {
            insert(&mut section.entries, key.get_ref(), self::entry(entry.key.file, key, value), faults);
        }
    }
}

/// Reports a part of the contract that this version does not carry out.
pub(super) fn not_yet(faults: &Faults, at: &Spot, what: &str) {
    faults
        .report(at, format!("this version of latchd does not support `{what}` yet"))
        .remedy("take it out; latchd refuses it rather than passing over it");
}

/// How a value's kind is called.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

/// A key of a parsed table, with its places.
pub(super) fn entry<'t>(
    file: usize,
    key: &'t Spanned<std::borrow::Cow<'t, str>>,
    value: &'t Spanned<DeValue<'t>>,
) -> Entry<'t> {
    Entry { key: Spot::new(file, key.span()), at: Spot::new(file, value.span()), value: value.get_ref() }
}

fn insert<'t>(into: &mut BTreeMap<&'t str, Entry<'t>>, name: &'t str, entry: Entry<'t>, faults: &Faults) {
    if let Some(first) = into.get(name) {
        // The one further down is the one to complain about, also where the
        // parser met it first.
        let (first, second) =
            if first.key <= entry.key { (&first.key, &entry.key) } else { (&entry.key, &first.key) };
        faults
            .report(second, format!("`{name}` stands twice: here and at {{other}}"))
            .other(first)
            .remedy("decide between the two and delete the other");
        return;
    }
    into.insert(name, entry);
}

fn report_unknown(name: &str, entry: &Entry<'_>, faults: &Faults) {
    let fault = if entry.value.is_table() && !name.bytes().all(|byte| byte.is_ascii_digit()) {
        faults.report(&entry.key, format!("unknown table `{name}`"))
    } else {
        faults.report(&entry.key, format!("unknown key `{name}`"))
    };
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        fault.remedy("if it is a customer, write [links] above it");
    } else {
        let known: Vec<&str> =
            keys::TABLES.iter().map(|(table, _)| *table).chain(keys::TOP.iter().copied()).collect();
        fault.remedy(keys::remedy(name, "", &known));
    }
}

/// Inline tables must read alike in every TOML tool: TOML 1.0 knows neither
/// several lines nor a comma behind the last key.
fn check_inline(text: &str, path: &[&str], value: &Spanned<DeValue<'_>>, context: (usize, &Faults)) {
    let (file, faults) = context;
    let span = value.span();
    let Some(table) = value.get_ref().as_table() else {
        for inner in value.get_ref().as_array().into_iter().flat_map(|array| array.iter()) {
            check_inline(text, path, inner, context);
        }
        return;
    };
    let own = &text[span.clone()];
    if own.starts_with('{') {
        let spot = Spot::new(file, span.start..span.start + 1);
        let lines = own.matches('\n').count();
        let within = |value: &Spanned<DeValue<'_>>| text[value.span()].matches('\n').count();
        let body = own.trim_end_matches('}').trim_end();
        if lines > table.values().map(within).sum() {
            let block =
                format!("write the block form: [{}], and its keys on the lines below", path.join("."));
            faults.report(&spot, "an inline table must stand on one line").remedy(block);
        } else if body.ends_with(',') {
            let comma = span.start + body.len() - 1;
            faults
                .report(&Spot::new(file, comma..comma + 1), "a comma stands behind the last key")
                .remedy("take it away: not every TOML tool reads it");
        }
    }
    for (key, inner) in table {
        if inner.get_ref().is_table() || inner.get_ref().is_array() {
            check_inline(text, &[path, &[key.get_ref()]].concat(), inner, context);
        }
    }
}
