//! Documents: the records that a link matches with what stands in QuickBooks,
//! or accepts beside it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use toml::de::DeValue;

use super::faults::{Faults, Spot};
use super::keys::nearest;
use super::link::{IdOf, Keys, object_id};
use super::table::wrong_kind;
use super::tree::{Entry, report_twice};
use crate::model::{Entity, Key, ObjectId, ObjectKind, matched_kind};

const DOCUMENT: IdOf = (
    "a QuickBooks document",
    "it stands in the address of the document's page, as txnId=…; the number printed on it is another",
);

/// The documents of one link, with their places.
#[derive(Default)]
pub(super) struct Documents {
    matches: Vec<Match>,
    accept: Vec<(Key, Spot)>,
}

struct Match {
    key: Key,
    at: Spot,
    kind: ObjectKind,
    id: ObjectId,
    id_at: Spot,
}

/// `match` and `accept` of a link.
pub(super) fn read(keys: &Keys<'_>, faults: &Faults) -> Documents {
    let mut documents = Documents::default();
    if let Some(entry) = keys.get("match") {
        read_matches(entry, &mut documents, faults);
    }
    if let Some(entry) = keys.get("accept") {
        read_accepted(entry, &mut documents, faults);
    }
    documents
}

impl Documents {
    /// What each matched record is in QuickBooks.
    pub(super) fn matches(&self) -> BTreeMap<Key, ObjectId> {
        self.matches.iter().map(|one| (one.key, one.id.clone())).collect()
    }

    /// The records that are posted anyway.
    pub(super) fn accepted(&self) -> BTreeSet<Key> {
        self.accept.iter().map(|(key, _)| *key).collect()
    }
}

/// The documents of all links: a record is decided about once, and an object
/// of QuickBooks stands for one record.
#[derive(Default)]
pub(super) struct Booked {
    records: HashMap<Key, Spot>,
    objects: HashMap<(ObjectKind, ObjectId), Spot>,
}

impl Booked {
    /// Adds those of one link and reports what stands twice.
    pub(super) fn add(&mut self, documents: Documents, faults: &Faults) {
        for Match { key, at, kind, id, id_at } in documents.matches {
            self.add_record(key, at, faults);
            if let Some(first) = self.objects.get(&(kind, id.clone())) {
                let (first, second) = if *first <= id_at { (first, &id_at) } else { (&id_at, first) };
                faults
                    .report(second, format!("`{id}` is matched twice: here and at {{other}}"))
                    .other(first)
                    .remedy("a QuickBooks document stands for one record: correct one of the two");
            } else {
                self.objects.insert((kind, id), id_at);
            }
        }
        for (key, at) in documents.accept {
            self.add_record(key, at, faults);
        }
    }

    fn add_record(&mut self, key: Key, at: Spot, faults: &Faults) {
        if let Some(first) = self.records.get(&key) {
            report_twice(&key.to_string(), first, &at, faults);
        } else {
            self.records.insert(key, at);
        }
    }
}

fn read_matches(entry: &Entry<'_>, documents: &mut Documents, faults: &Faults) {
    let Some(table) = entry.value.as_table() else {
        let found = super::tree::kind(entry.value);
        faults
            .report(&entry.at, format!("`match` is a table of records and ids, not {found}"))
            .remedy("write match = { \"invoice/88123\" = \"1042\" }");
        return;
    };
    for (key, value) in table {
        let inner = entry.origin.entry(key, value);
        let record = document(key.get_ref(), &inner.key, faults);
        let id = object_id(&inner, key.get_ref(), DOCUMENT, faults);
        if let (Some((key, kind)), Some(id)) = (record, id) {
            documents.matches.push(Match { key, at: inner.key, kind, id, id_at: inner.at });
        }
    }
}

fn read_accepted(entry: &Entry<'_>, documents: &mut Documents, faults: &Faults) {
    let Some(array) = entry.value.as_array() else {
        wrong_kind(entry, "accept", "an array of records", faults);
        return;
    };
    for value in array {
        let at = entry.origin.spot(value.span());
        let DeValue::String(text) = value.get_ref() else {
            faults.report(&at, "`accept` holds texts").remedy("write accept = [\"invoice/88123\"]");
            continue;
        };
        let Ok(key) = text.parse::<Key>() else {
            not_a_record(text, &at, Entity::ALL.into_iter().map(Entity::name), faults);
            continue;
        };
        if documents.matches.iter().any(|one| one.key == key) {
            faults
                .report(&at, format!("`{key}` is matched and accepted at once"))
                .remedy("`match` says what it is in QuickBooks, `accept` posts it anyway: keep one");
        } else {
            documents.accept.push((key, at));
        }
    }
}

/// The record that `text` names, if it has a document of its own.
fn document(text: &str, at: &Spot, faults: &Faults) -> Option<(Key, ObjectKind)> {
    let Ok(key) = text.parse::<Key>() else {
        not_a_record(text, at, kinds(), faults);
        return None;
    };
    let kind = matched_kind(key.entity);
    if kind.is_none() {
        let known: Vec<&str> = kinds().collect();
        faults
            .report(at, format!("`match` knows no {}s", key.entity))
            .remedy(format!("it holds documents: {}", known.join(", ")));
    }
    kind.map(|kind| (key, kind))
}

/// The kinds of records that have a document of their own.
fn kinds() -> impl Iterator<Item = &'static str> {
    Entity::ALL.into_iter().filter(|entity| matched_kind(*entity).is_some()).map(Entity::name)
}

/// Reports a text that names no record of any of some kinds.
pub(super) fn not_a_record<'k>(text: &str, at: &Spot, kinds: impl Iterator<Item = &'k str>, faults: &Faults) {
    let meant = meant(text, kinds).map(|key| format!("did you mean `{key}`?"));
    faults
        .report(at, format!("`{text}` is not a record"))
        .remedy(meant.unwrap_or_else(|| "write its kind and its id, such as \"invoice/88123\"".to_owned()));
}

/// The record that a text was probably meant to be: a word and digits.
fn meant<'k>(text: &str, kinds: impl Iterator<Item = &'k str>) -> Option<Key> {
    let (word, id) = text.split_at(text.trim_end_matches(|one: char| one.is_ascii_digit()).len());
    if word.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let word = word.trim_matches(|one: char| !one.is_alphabetic());
    format!("{}/{}", nearest(word, kinds)?, id.trim_start_matches('0')).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_records() {
        let cases = [
            ("invoice 88123", Some("invoice/88123")),
            ("Invoice/88123", Some("invoice/88123")),
            ("invoices/88123", Some("invoice/88123")),
            ("invoice/088123", Some("invoice/88123")),
            ("invoice:88123", Some("invoice/88123")),
            ("invoice#88123", Some("invoice/88123")),
            ("invoice88123", Some("invoice/88123")),
            ("charge_reversal/7", Some("charge-reversal/7")),
            ("writeoff/7", Some("write-off/7")),
            ("paymnt/7", Some("payment/7")),
            ("88123", None),
            ("invoice/88,123", None),
            ("invoice/0", None),
            ("invoice/", None),
            ("bill/7", None),
            ("invoice/99999999999999999999", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(meant(text, kinds()).map(|key| key.to_string()).as_deref(), expected, "{text:?}");
        }
    }
}
