//! Table: typed values out of one merged table; what does not fit is reported
//! and replaced by the default, so that reading goes on.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::faults::{Faults, Spot};
use super::keys::{self, Keys};
use super::tree::{Entry, Section, Tree, kind, not_yet};
use super::values;

/// One table of the files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'s, 't> {
    name: &'static str,
    section: Option<&'s Section<'t>>,
    tree: &'s Tree<'t>,
    faults: &'s Faults,
}

impl<'s, 't> Table<'s, 't> {
    /// The table `name`; keys it does not know are reported at once.
    pub(super) fn open(tree: &'s Tree<'t>, name: &'static str, faults: &'s Faults) -> Self {
        let section = tree.sections.get(name);
        if let Some((_, Keys::Fixed(known))) = keys::of_table(name) {
            let unknown = section.into_iter().flat_map(|section| &section.entries);
            for (key, entry) in unknown.filter(|(key, _)| !known.contains(*key)) {
                let fault = faults.report(&entry.key, format!("unknown key `{key}` in [{name}]"));
                fault.remedy(keys::remedy(key, name, known));
            }
        }
        Self { name, section, tree, faults }
    }

    /// Like [`Table::open`], for a table that must be there.
    pub(super) fn open_required(tree: &'s Tree<'t>, name: &'static str, faults: &'s Faults) -> Option<Self> {
        let table = Self::open(tree, name, faults);
        if table.section.is_none() && tree.misses(&[name]) && !tree.guessed.contains(name) {
            faults
                .report(&Spot::whole(0), format!("the table [{name}] is missing"))
                .remedy("write it, with its keys; the shipped latchd.toml shows them all");
        }
        table.section.map(|_| table)
    }

    /// The key, if it is there.
    pub(super) fn entry(&self, key: &str) -> Option<&'s Entry<'t>> {
        self.section.and_then(|section| section.entries.get(key))
    }

    /// All keys.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'t str, &'s Entry<'t>)> {
        self.section.into_iter().flat_map(|section| section.entries.iter().map(|(key, entry)| (*key, entry)))
    }

    /// A text, if the key is there.
    pub(super) fn text(&self, key: &str) -> Option<&'t str> {
        self.entry(key).and_then(|entry| text(entry, key, self.faults))
    }

    /// A text; its absence is an error.
    pub(super) fn required(&self, key: &str) -> Option<&'t str> {
        self.needs(key)?;
        self.text(key)
    }

    /// Reports the absence of a key.
    pub(super) fn needs(&self, key: &str) -> Option<&'s Entry<'t>> {
        if let Some(section) = self.section.filter(|_| self.lacks(key)) {
            self.faults.report(&section.header, format!("[{}] needs `{key}`", self.name));
        }
        self.entry(key)
    }

    /// A text; its absence is an error of the choice that asks for it.
    pub(super) fn required_by(&self, key: &str, choice: (&str, &str)) -> Option<&'t str> {
        self.needs_by(key, choice)?;
        self.text(key)
    }

    /// Reports the absence of a key that a choice asks for.
    pub(super) fn needs_by(&self, key: &str, (choice, remedy): (&str, &str)) -> Option<&'s Entry<'t>> {
        if let Some(choice) = self.entry(choice).filter(|_| self.lacks(key)) {
            let word = choice.value.as_str().unwrap_or_default();
            self.faults.report(&choice.at, format!("\"{word}\" needs `{key}`")).remedy(remedy);
        }
        self.entry(key)
    }

    /// Whether a key is absent, and not merely misspelt or in a broken part.
    fn lacks(&self, key: &str) -> bool {
        self.entry(key).is_none() && self.tree.misses(&[self.name, key]) && !self.guesses(key)
    }

    /// Whether an unknown key of this table was probably meant to be `key`.
    fn guesses(&self, key: &str) -> bool {
        let Some((_, Keys::Fixed(known))) = keys::of_table(self.name) else { return false };
        let mut unknown = self.entries().filter(|(word, _)| !known.contains(word));
        unknown.any(|(word, _)| keys::nearest(word, known.iter().copied()) == Some(key))
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        self.entry(key).and_then(|entry| word(entry, key, words, self.faults))
    }

    /// Reports keys that this version does not carry out.
    pub(super) fn refuse(&self, keys: &[&str]) {
        for (key, entry) in keys.iter().filter_map(|key| Some((key, self.entry(key)?))) {
            not_yet(self.faults, &entry.key, key);
        }
    }

    /// A span of time such as `"1h30m"`, with the place of its value.
    pub(super) fn duration(&self, key: &str, default: Duration) -> Duration {
        let read = || {
            let entry = self.entry(key)?;
            if !entry.value.is_str() {
                let fault = self.faults.report(&entry.at, format!("`{key}` is a text with a unit"));
                fault.remedy(format!("write it as {key} = \"1h30m\""));
                return None;
            }
            let parsed = values::duration(text(entry, key, self.faults)?);
            parsed.map_err(|(message, remedy)| self.faults.report(&entry.at, message).remedy(remedy)).ok()
        };
        read().unwrap_or(default)
    }

    /// A whole number within `range`.
    pub(super) fn number(&self, key: &str, range: RangeInclusive<u32>, default: u32) -> u32 {
        let Some(entry) = self.entry(key) else { return default };
        let Some(number) = entry.value.as_integer() else {
            wrong_kind(entry, key, "a number", self.faults);
            return default;
        };
        let parsed = u32::from_str_radix(number.as_str(), number.radix()).ok();
        parsed.filter(|number| range.contains(number)).unwrap_or_else(|| {
            let (low, high) = (range.start(), range.end());
            self.faults.report(&entry.at, format!("`{key}` lies between {low} and {high}"));
            default
        })
    }

    /// Key to text, for tables whose keys the operator chooses.
    pub(super) fn texts(&self) -> BTreeMap<String, String> {
        let pair = |(key, entry): (&str, &Entry<'_>)| {
            if key.trim().is_empty() {
                self.faults.report(&entry.key, format!("a key of [{}] is empty", self.name));
            }
            text(entry, key, self.faults).map(|text| (key.to_owned(), text.to_owned()))
        };
        self.entries().filter_map(pair).collect()
    }

    /// Where faults are reported.
    pub(super) fn faults(&self) -> &'s Faults {
        self.faults
    }
}

/// The text that a key holds: one line, not empty.
pub(super) fn text<'t>(entry: &Entry<'t>, key: &str, faults: &Faults) -> Option<&'t str> {
    let Some(text) = entry.value.as_str() else {
        wrong_kind(entry, key, "a text", faults);
        return None;
    };
    let wrong = if text.trim().is_empty() {
        format!("`{key}` is empty")
    } else if text.trim() != text {
        format!("`{key}` begins or ends with a space")
    } else if text.chars().any(char::is_control) {
        format!("`{key}` holds a control character or a line break")
    } else {
        return Some(text);
    };
    faults.report(&entry.at, wrong);
    None
}

/// The one of some words that a key holds.
pub(super) fn word<T: Copy>(entry: &Entry<'_>, key: &str, words: &[(&str, T)], faults: &Faults) -> Option<T> {
    let word = text(entry, key, faults)?;
    let value = words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value);
    if value.is_none() {
        let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let near = keys::nearest(word, words.iter().map(|(word, _)| *word));
        let remedy = near.map(|near| format!("did you mean \"{near}\"?"));
        faults
            .report(&entry.at, format!("`{key}` knows no \"{word}\""))
            .remedy(remedy.unwrap_or_else(|| format!("one of {}", known.join(", "))));
    }
    value
}

/// Reports a value of the wrong kind.
pub(super) fn wrong_kind(entry: &Entry<'_>, key: &str, wanted: &str, faults: &Faults) {
    let found = kind(entry.value);
    let fault = faults.report(&entry.at, format!("`{key}` is {wanted}, not {found}"));
    let digits =
        entry.value.as_integer().filter(|number| number.radix() == 10 && !number.as_str().is_empty());
    let bare = digits.map(|number| number.as_str().to_owned());
    let date = entry.value.as_datetime().map(ToString::to_string);
    if let Some(bare) = bare.or(date).filter(|_| wanted == "a text") {
        let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        let key = if plain { key.to_owned() } else { format!("\"{key}\"") };
        fault.remedy(format!("write it in quotes: {key} = \"{bare}\""));
    } else if wanted == "a number" && found == "a text" {
        fault.remedy("write it without quotes");
    }
}
