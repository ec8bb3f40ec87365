//! Tree: the tables of all files merged by key, every key with its place.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::{Faults, Spot};
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
    /// Where the text begins that it was parsed from.
    pub origin: Origin,
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
    /// Tables of which there may be many, by name, in the order of the files.
    pub lists: BTreeMap<&'static str, Vec<Section<'t>>>,
    /// What syntax errors swallowed.
    pub swallowed: Swallowed,
    /// Keys and tables that an unknown word was probably meant to be.
    pub guessed: BTreeSet<&'static str>,
}

/// What syntax errors swallowed: its absence is no further error.
#[derive(Clone, Debug, Default)]
pub(super) struct Swallowed {
    keys: BTreeSet<Vec<String>>,
    files: BTreeSet<usize>,
}

/// Where a parsed text begins: spans count from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The file.
    pub file: usize,
    /// The offset in it.
    pub base: usize,
}

impl Origin {
    /// The place of a span.
    pub(super) fn spot(self, span: Range<usize>) -> Spot {
        Spot::new(self.file, self.base + span.start..self.base + span.end)
    }

    /// A key of a parsed table, with its places.
    pub(super) fn entry<'t>(self, key: &Spanned<Cow<'_, str>>, value: &'t Spanned<DeValue<'t>>) -> Entry<'t> {
        let (key, at) = (self.spot(key.span()), self.spot(value.span()));
        Entry { key, at, value: value.get_ref(), origin: self }
    }
}

impl Swallowed {
    /// Adds keys, by path, of file `file`; `lost`: anything of it may be gone.
    pub(super) fn add(&mut self, file: usize, keys: Vec<Vec<String>>, lost: bool) {
        self.keys.extend(keys);
        self.files.extend(lost.then_some(file));
    }

    /// Whether nothing is known to be gone from any file as a whole.
    pub(super) fn no_file(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether `path`, which can stand in file `file` alone, was not swallowed.
    pub(super) fn spares(&self, file: usize, path: &[&str]) -> bool {
        let same = |key: &Vec<String>| key.iter().map(String::as_str).eq(path.iter().copied());
        !self.files.contains(&file) && !self.keys.iter().any(same)
    }
}

impl<'t> Tree<'t> {
    /// Merges a parsed text into the tree; its keys belong to the table `under`.
    pub(super) fn add(
        &mut self,
        origin: Origin,
        under: Option<&'static str>,
        table: &'t DeTable<'t>,
        faults: &Faults,
    ) {
        for (key, value) in table {
            let entry = origin.entry(key, value);
            let name: &'t str = key.get_ref();
            if let Some(section) = under {
                insert(&mut self.section(section, &entry.key).entries, name, entry, faults);
            } else if keys::TOP.contains(&name) {
                self.add_top(name, entry, faults);
            } else if let Some((name, keys)) = keys::of_table(name) {
                self.add_section((name, keys), origin, &entry, faults);
            } else {
                self.guessed.extend(report_unknown(name, &entry, faults));
            }
        }
    }

    /// Whether the absence of a key is an error of its own.
    pub(super) fn misses(&self, path: &[&str]) -> bool {
        self.swallowed.no_file() && self.swallowed.spares(usize::MAX, path)
    }

    fn section(&mut self, name: &'static str, header: &Spot) -> &mut Section<'t> {
        let new = || Section { header: header.clone(), entries: BTreeMap::new() };
        self.sections.entry(name).or_insert_with(new)
    }

    fn add_top(&mut self, name: &'t str, entry: Entry<'t>, faults: &Faults) {
        if name == "include" && entry.key.file != 0 {
            faults
                .report(&entry.key, "`include` may stand in latchd.toml alone")
                .remedy("name the further files there");
        } else {
            insert(&mut self.top, name, entry, faults);
        }
    }

    fn add_section(
        &mut self,
        (name, keys): (&'static str, Keys),
        origin: Origin,
        entry: &Entry<'t>,
        faults: &Faults,
    ) {
        if keys == Keys::NotYet {
            let array_empty = entry.value.as_array().is_some_and(|array| array.is_empty());
            if !array_empty && !entry.value.as_table().is_some_and(DeTable::is_empty) {
                let brackets =
                    if entry.value.is_array() { format!("[[{name}]]") } else { format!("[{name}]") };
                not_yet(faults, &entry.key, &brackets);
            }
            return;
        }
        if matches!(keys, Keys::Many(_)) {
            self.add_list(name, origin, entry, faults);
            return;
        }
        let Some(table) = entry.value.as_table() else {
            let found = kind(entry.value);
            let remedy = format!("write it as a table: [{name}], and its keys below");
            faults.report(&entry.key, format!("`{name}` is a table, not {found}")).remedy(remedy);
            return;
        };
        // Links are taken out while parsing, piece by piece.
        if name != "links" {
            let section = self.section(name, &entry.key);
            for (key, value) in table {
                insert(&mut section.entries, key.get_ref(), origin.entry(key, value), faults);
            }
        }
    }

    fn add_list(&mut self, name: &'static str, origin: Origin, entry: &Entry<'t>, faults: &Faults) {
        let remedy = || format!("write it as [[{name}]], once for each, and its keys below");
        let Some(array) = entry.value.as_array() else {
            let found = kind(entry.value);
            faults
                .report(&entry.key, format!("`{name}` stands once for each, and this is {found}"))
                .remedy(remedy());
            return;
        };
        for value in array {
            let at = origin.spot(value.span());
            let Some(table) = value.get_ref().as_table() else {
                faults.report(&at, format!("`{name}` holds tables")).remedy(remedy());
                continue;
            };
            let mut item = Section { header: at, entries: BTreeMap::new() };
            for (key, value) in table {
                insert(&mut item.entries, key.get_ref(), origin.entry(key, value), faults);
            }
            self.lists.entry(name).or_default().push(item);
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

fn insert<'t>(into: &mut BTreeMap<&'t str, Entry<'t>>, name: &'t str, entry: Entry<'t>, faults: &Faults) {
    if let Some(first) = into.get(name) {
        report_twice(name, &first.key, &entry.key, faults);
        return;
    }
    into.insert(name, entry);
}

/// Reports a key that stands twice. The one further down is the one to
/// complain about, also where the parser met it first.
pub(super) fn report_twice(name: &str, one: &Spot, other: &Spot, faults: &Faults) {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    faults
        .report(second, format!("`{name}` stands twice: here and at {{other}}"))
        .other(first)
        .remedy("decide between the two and delete the other");
}

fn report_unknown(name: &str, entry: &Entry<'_>, faults: &Faults) -> Option<&'static str> {
    let fault = if entry.value.is_table() && !name.bytes().all(|byte| byte.is_ascii_digit()) {
        faults.report(&entry.key, format!("unknown table `{name}`"))
    } else {
        faults.report(&entry.key, format!("unknown key `{name}`"))
    };
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        fault.remedy("if it is a customer, write [links] above it");
        None
    } else {
        let known: Vec<&'static str> =
            keys::TABLES.iter().map(|(table, _)| *table).chain(keys::TOP.iter().copied()).collect();
        fault.remedy(keys::remedy(name, "", &known));
        keys::nearest(name, known)
    }
}

/// Inline tables must read alike in every TOML tool: TOML 1.0 knows neither
/// several lines nor a comma behind the last key.
pub(super) fn check_inline(
    text: &str,
    path: &[&str],
    value: &Spanned<DeValue<'_>>,
    context: (Origin, &Faults),
) {
    let (origin, faults) = context;
    let span = value.span();
    let Some(table) = value.get_ref().as_table() else {
        for inner in value.get_ref().as_array().into_iter().flat_map(|array| array.iter()) {
            check_inline(text, path, inner, context);
        }
        return;
    };
    let own = &text[span.clone()];
    if own.starts_with('{') {
        let spot = origin.spot(span.start..span.start + 1);
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
                .report(&origin.spot(comma..comma + 1), "a comma stands behind the last key")
                .remedy("take it away: not every TOML tool reads it");
        }
    }
    for (key, inner) in table {
        if inner.get_ref().is_table() || inner.get_ref().is_array() {
            check_inline(text, &[path, &[key.get_ref()]].concat(), inner, context);
        }
    }
}
