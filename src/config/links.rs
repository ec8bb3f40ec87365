//! Links: the declared decision for each customer, out of `[links]`.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::faults::{Faults, Spot};
use super::files::SourceFile;
use super::keys::{LINK, LINK_NOT_YET, nearest, remedy};
use super::table::{text, wrong_kind};
use super::tree::{Entry, Origin, Swallowed, kind, not_yet, report_twice};
use super::values;
use crate::model::{Link, ObjectId, Place, Start, Verb};

/// QuickBooks' ids are shorter; a longer one is a slip of the keyboard.
const OBJECT_ID_DIGITS_MAX: usize = 20;
const VERBS: [&str; 3] = ["adopt", "create", "skip"];

/// The links of all files, converted as they are parsed.
pub(super) struct Links<'c> {
    /// What syntax errors swallowed of the tables that are added from now on.
    pub swallowed: Swallowed,
    files: &'c [SourceFile],
    faults: &'c Faults,
    found: BTreeMap<u64, (Spot, Option<Link>)>,
}

impl<'c> Links<'c> {
    /// None yet.
    pub(super) fn new(files: &'c [SourceFile], faults: &'c Faults) -> Self {
        Self { swallowed: Swallowed::default(), files, faults, found: BTreeMap::new() }
    }

    /// Adds a parsed `[links]` or a part of one.
    pub(super) fn add(&mut self, origin: Origin, table: &DeTable<'_>) {
        for (id, value) in table {
            let (name, entry) = (id.get_ref(), origin.entry(id, value));
            let number = customer_id(name, &entry.key, self.faults);
            let link = self.link(name, origin, &entry);
            let Some(number) = number else { continue };
            if let Some((first, _)) = self.found.get(&number) {
                report_twice(name, first, &entry.key, self.faults);
            } else {
                self.found.insert(number, (entry.key, link));
            }
        }
    }

    /// All links.
    pub(super) fn finish(self) -> BTreeMap<u64, Link> {
        self.found.into_iter().filter_map(|(id, (_, link))| Some((id, link?))).collect()
    }

    /// Where faults are reported.
    pub(super) fn faults(&self) -> &'c Faults {
        self.faults
    }

    fn link(&self, id: &str, origin: Origin, entry: &Entry<'_>) -> Option<Link> {
        let Some(table) = entry.value.as_table() else {
            let found = kind(entry.value);
            self.faults
                .report(&entry.at, format!("a link is a table, not {found}"))
                .remedy(format!("write {id} = {{ adopt = \"…\", expect = \"…\", start = 2026-01-01 }}"));
            return None;
        };
        let keys = Keys { origin, table };
        if dotted(id, entry, table, self.faults) {
            return None;
        }
        let guessed = check_keys(&keys, self.faults);
        let missing = |key: &str| {
            let absent = keys.get(key).is_none() && !guessed.contains(&key);
            absent && self.swallowed.spares(origin.file, &["links", id, key])
        };
        let verb = verb(&entry.key, &keys, &missing, self.faults);
        let by = keys.get("by").and_then(|by| text(&by, "by", self.faults)).map(str::to_owned);
        let file = &self.files[origin.file];
        let at = Place { file: file.name.clone(), line: file.line(entry.key.start()) };
        Some(Link { verb: verb?, by, at })
    }
}

/// The keys of one link.
struct Keys<'t> {
    origin: Origin,
    table: &'t DeTable<'t>,
}

impl<'t> Keys<'t> {
    fn get(&self, key: &str) -> Option<Entry<'t>> {
        self.table.get_key_value(key).map(|(key, value)| self.origin.entry(key, value))
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

/// Reports keys that a link does not have, and answers what they were meant
/// to be.
fn check_keys(keys: &Keys<'_>, faults: &Faults) -> Vec<&'static str> {
    let mut guessed = Vec::new();
    for (key, value) in keys.table {
        let (name, at) = (&**key.get_ref(), keys.origin.entry(key, value).key);
        if LINK.contains(&name) {
            continue;
        }
        if LINK_NOT_YET.contains(&name) {
            not_yet(faults, &at, name);
            continue;
        }
        let known = [LINK, LINK_NOT_YET].concat();
        guessed.extend(nearest(name, known.iter().copied()));
        faults.report(&at, format!("unknown key `{name}` in a link")).remedy(remedy(name, "links", &known));
    }
    guessed
}

fn verb(link: &Spot, keys: &Keys<'_>, missing: &dyn Fn(&str) -> bool, faults: &Faults) -> Option<Verb> {
    let mut verbs: Vec<_> = VERBS.iter().filter_map(|verb| Some((*verb, keys.get(verb)?))).collect();
    verbs.sort_by_key(|(_, entry)| entry.key.start());
    let Some((name, value)) = verbs.first() else {
        if keys.get("unlink").is_none() && VERBS.into_iter().all(missing) {
            faults
                .report(link, "a link needs a decision")
                .remedy("write one of adopt = \"…\", create = \"…\" and skip = \"…\"");
        }
        return None;
    };
    if let Some((second, entry)) = verbs.get(1) {
        faults
            .report(&entry.key, format!("a link has one decision, not `{name}` and `{second}`"))
            .remedy("keep the one that is meant");
        return None;
    }
    for needed in ["expect", "start"] {
        let needs = *name == "adopt" || (*name == "create" && needed == "start");
        if needs && missing(needed) {
            let fault = faults.report(link, format!("`{name}` needs `{needed}`"));
            fault.remedy(if needed == "expect" {
                "write the name of the QuickBooks customer that is meant: expect = \"…\""
            } else {
                "write the day from which financials count: start = 2026-01-01, or \"beginning\" or \"now\""
            });
        } else if let Some(entry) = keys.get(needed).filter(|_| !needs) {
            faults
                .report(&entry.key, format!("`{needed}` has no meaning beside `{name}`"))
                .remedy("take it out");
        }
    }
    let expect = keys.get("expect").and_then(|entry| text(&entry, "expect", faults));
    let start = keys.get("start").and_then(|entry| start(&entry, "start", true, faults));
    match *name {
        "adopt" => {
            Some(Verb::Adopt { id: object_id(value, faults)?, expect: expect?.to_owned(), start: start? })
        }
        "create" => create(value, start, faults),
        _ => Some(Verb::Skip { why: text(value, "skip", faults)?.to_owned() }),
    }
}

fn object_id(value: &Entry<'_>, faults: &Faults) -> Option<ObjectId> {
    let id = text(value, "adopt", faults)?;
    let digits = id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0');
    if !digits || id.len() > OBJECT_ID_DIGITS_MAX {
        faults
            .report(&value.at, "`adopt` is the id of a QuickBooks customer: digits alone")
            .remedy("it stands in the address of the customer's page, as nameId=…");
        return None;
    }
    Some(ObjectId::new(id))
}

fn create(value: &Entry<'_>, start: Option<Start>, faults: &Faults) -> Option<Verb> {
    if let DeValue::Boolean(yes) = value.value {
        if !yes {
            faults
                .report(&value.at, "`create` is a name or `true`")
                .remedy("to leave the customer alone write skip = \"the reason\"");
        }
        return start.filter(|_| *yes).map(|start| Verb::Create { name: None, start });
    }
    if !value.value.is_str() {
        wrong_kind(value, "create", "a name or `true`", faults);
        return None;
    }
    let name = text(value, "create", faults)?;
    Some(Verb::Create { name: Some(name.to_owned()), start: start? })
}

/// A day, `"beginning"`, or where `may_be_now` also `"now"`.
pub(super) fn start(entry: &Entry<'_>, key: &str, may_be_now: bool, faults: &Faults) -> Option<Start> {
    let forms = if may_be_now {
        "write a day without quotes (2026-01-01), \"beginning\" or \"now\""
    } else {
        "write a day without quotes (2026-01-01) or \"beginning\""
    };
    let read = match entry.value {
        DeValue::Datetime(at) => values::day(at).map(Start::On),
        DeValue::String(word) if word == "beginning" => Some(Start::Beginning),
        DeValue::String(word) if word == "now" && may_be_now => Some(Start::Now),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => None,
    };
    if read.is_none() {
        let dated = entry.value.as_str().is_some_and(|text| text.parse::<jiff::civil::Date>().is_ok());
        let message = if dated { format!("`{key}` is in quotes") } else { format!("`{key}` is not a day") };
        faults.report(&entry.at, message).remedy(forms);
    }
    read
}
