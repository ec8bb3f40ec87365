//! Link: one line of `[links]`, from its table to the decision.

use toml::de::{DeTable, DeValue};

use super::days;
use super::documents::{self, Documents};
use super::faults::{Faults, Spot};
use super::keys::{LINK, nearest, remedy};
use super::table::{text, word, wrong_kind};
use super::tree::{Entry, Origin};
use crate::model::{Currency, Link, ObjectId, Place, Policy, Start, Verb};

/// QuickBooks' ids are shorter; a longer one is a slip of the keyboard.
const OBJECT_ID_DIGITS_MAX: usize = 20;
const VERBS: [&str; 4] = ["adopt", "create", "skip", "unlink"];
/// Keys that not every verb has, with those that do.
const BESIDE: [(&str, &[&str]); 8] = [
    ("expect", &["adopt"]),
    ("from", &["adopt"]),
    ("shared", &["adopt"]),
    ("start", &["adopt", "create"]),
    ("currency", &["adopt", "create"]),
    ("policy", &["adopt", "create"]),
    ("match", &["adopt", "create"]),
    ("accept", &["adopt", "create"]),
];

/// What one line says.
pub(super) struct Line {
    /// The link, unless it is too broken to be one.
    pub link: Option<Link>,
    /// Its documents, to be compared with those of other lines.
    pub documents: Documents,
    /// Its `start`, and where it stands.
    pub start: Option<(Start, Spot)>,
}

/// Reads a link. `missing` tells whether the absence of a key is an error of
/// its own.
pub(super) fn read(
    link: &Spot,
    keys: &Keys<'_>,
    missing: &dyn Fn(&str) -> bool,
    at: Place,
    faults: &Faults,
) -> Line {
    let start = keys.get("start").and_then(|entry| {
        let start = days::start(entry, "start", days::LINK, faults)?;
        Some((start, entry.at.clone()))
    });
    let verb = verb(link, keys, missing, start.as_ref().map(|(start, _)| *start), faults);
    let documents = documents::read(keys, faults);
    let currency = keys.get("currency").and_then(|entry| currency(entry, faults));
    let policies = [("live", Policy::Live), ("observe", Policy::Observe)];
    let policy = keys.get("policy").and_then(|entry| word(entry, "policy", &policies, faults));
    let shared = keys.get("shared").is_some_and(|entry| yes(entry, "shared", faults));
    let by = keys.get("by").and_then(|by| text(by, "by", faults)).map(str::to_owned);
    let link = verb.map(|verb| Link {
        currency,
        shared,
        policy: policy.unwrap_or_default(),
        matches: documents.matches(),
        accept: documents.accepted(),
        by,
        ..Link::new(verb, at)
    });
    Line { link, documents, start }
}

/// The known keys of one link.
pub(super) struct Keys<'t> {
    found: [Option<Entry<'t>>; LINK.len()],
    /// What unknown ones were probably meant to be.
    guessed: Vec<&'static str>,
}

impl<'t> Keys<'t> {
    /// The keys of `table`; those that a link does not have are reported.
    pub(super) fn open(origin: Origin, table: &'t DeTable<'t>, faults: &Faults) -> Self {
        let mut keys = Self { found: [const { None }; LINK.len()], guessed: Vec::new() };
        for (key, value) in table {
            let (name, entry) = (&**key.get_ref(), origin.entry(key, value));
            if let Some(at) = LINK.iter().position(|known| *known == name) {
                keys.found[at] = Some(entry);
            } else {
                keys.guessed.extend(nearest(name, LINK.iter().copied()));
                let fault = faults.report(&entry.key, format!("unknown key `{name}` in a link"));
                fault.remedy(remedy(name, "links", LINK));
            }
        }
        keys
    }

    /// The key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&Entry<'t>> {
        let at = LINK.iter().position(|known| *known == key)?;
        self.found[at].as_ref()
    }

    /// Whether a key is absent and no other was meant to be it.
    pub(super) fn lacks(&self, key: &str) -> bool {
        self.get(key).is_none() && !self.guessed.contains(&key)
    }
}

fn verb(
    link: &Spot,
    keys: &Keys<'_>,
    missing: &dyn Fn(&str) -> bool,
    start: Option<Start>,
    faults: &Faults,
) -> Option<Verb> {
    let mut verbs: Vec<_> = VERBS.iter().filter_map(|verb| Some((*verb, keys.get(verb)?))).collect();
    verbs.sort_by_key(|(_, entry)| entry.key.start());
    let Some((name, value)) = verbs.first().copied() else {
        if VERBS.into_iter().all(missing) {
            faults
                .report(link, "a link needs a decision")
                .remedy("write one of adopt = \"…\", create = \"…\", skip = \"…\" and unlink = \"…\"");
        }
        return None;
    };
    if let Some((second, entry)) = verbs.get(1) {
        faults
            .report(&entry.key, format!("a link has one decision, not `{name}` and `{second}`"))
            .remedy("keep the one that is meant");
        return None;
    }
    beside(link, name, keys, missing, faults);
    let expect = keys.get("expect").and_then(|entry| text(entry, "expect", faults));
    match name {
        "adopt" => {
            let id = object_id(value, "adopt", CUSTOMER, faults);
            let from = keys.get("from").map(|entry| from(entry, id.as_ref(), faults));
            let (id, from) = (id?, from.map_or(Some(None), |from| from.map(Some))?);
            Some(Verb::Adopt { id, expect: expect?.to_owned(), start: start?, from })
        }
        "create" => create(value, start, faults),
        "skip" => Some(Verb::Skip { why: text(value, "skip", faults)?.to_owned() }),
        _ => Some(Verb::Unlink { why: text(value, "unlink", faults)?.to_owned() }),
    }
}

/// Reports what the verb `name` needs and what has no meaning beside it.
fn beside(link: &Spot, name: &str, keys: &Keys<'_>, missing: &dyn Fn(&str) -> bool, faults: &Faults) {
    for (key, verbs) in BESIDE {
        let needed = matches!(key, "expect" | "start") && verbs.contains(&name);
        if needed && missing(key) {
            let fault = faults.report(link, format!("`{name}` needs `{key}`"));
            fault.remedy(if key == "expect" {
                "write the name of the QuickBooks customer that is meant: expect = \"…\""
            } else {
                "write the day from which financials count: start = 2026-01-01, or \"beginning\" or \"now\""
            });
        } else if let Some(entry) = keys.get(key).filter(|_| !verbs.contains(&name)) {
            faults
                .report(&entry.key, format!("`{key}` has no meaning beside `{name}`"))
                .remedy("take it out");
        }
    }
}

/// A kind of QuickBooks objects, and where an operator finds an id of it.
pub(super) type IdOf = (&'static str, &'static str);
const CUSTOMER: IdOf =
    ("a QuickBooks customer", "it stands in the address of the customer's page, as nameId=…");

/// QuickBooks' id of an object.
pub(super) fn object_id(value: &Entry<'_>, key: &str, of: IdOf, faults: &Faults) -> Option<ObjectId> {
    let id = text(value, key, faults)?;
    let plain = id.trim_start_matches('0');
    let digits = id.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || plain.is_empty() || id.len() > OBJECT_ID_DIGITS_MAX {
        let (what, page) = of;
        faults.report(&value.at, format!("`{key}` is the id of {what}: digits alone")).remedy(page);
        return None;
    }
    if plain != id {
        faults
            .report(&value.at, format!("`{key}` begins with a zero, as no id of QuickBooks does"))
            .remedy(format!("did you mean \"{plain}\"?"));
        return None;
    }
    Some(ObjectId::new(id))
}

fn from(value: &Entry<'_>, adopted: Option<&ObjectId>, faults: &Faults) -> Option<ObjectId> {
    let from = object_id(value, "from", CUSTOMER, faults)?;
    if adopted == Some(&from) {
        faults
            .report(&value.at, "`from` and `adopt` name the same QuickBooks customer")
            .remedy("write the id that this customer was linked to before, or take `from` out");
        return None;
    }
    Some(from)
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

fn currency(entry: &Entry<'_>, faults: &Faults) -> Option<Currency> {
    let code = text(entry, "currency", faults)?;
    let read = code.parse().ok();
    if read.is_none() {
        let upper = code.to_uppercase();
        let meant = upper.parse::<Currency>().ok().map(|meant| format!("did you mean \"{meant}\"?"));
        faults
            .report(&entry.at, format!("`currency` knows no \"{code}\""))
            .remedy(meant.unwrap_or_else(|| "write three letters, such as \"USD\"".to_owned()));
    }
    read
}

fn yes(entry: &Entry<'_>, key: &str, faults: &Faults) -> bool {
    let yes = entry.value.as_bool();
    if yes.is_none() {
        wrong_kind(entry, key, "`true` or `false`", faults);
    }
    yes.unwrap_or(false)
}
