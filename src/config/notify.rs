//! Receivers of alerts, out of `[[notify]]`.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Time;

use super::faults::{Faults, Spot};
use super::files::SourceFile;
use super::keys;
use super::reference::Reference;
use super::table::{text, word, wrong_kind};
use super::tree::{Entry, Section, Tree};
use crate::model::Place;

/// When a digest is told unless the files name another time.
const DIGEST_AT: Time = Time::constant(8, 0, 0, 0);
/// Receivers of one company.
const RECEIVERS_MAX: usize = 20;

const OCCURRENCES: [(&str, Occurrence); 5] = [
    ("warning", Occurrence::Warning),
    ("recovery", Occurrence::Recovery),
    ("reload", Occurrence::Reload),
    ("token", Occurrence::Token),
    ("digest", Occurrence::Digest),
];

/// Who is told when something happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Receiver {
    /// What logs call it, and under which the state remembers what it was told.
    pub name: String,
    /// How it is told.
    pub way: Way,
    /// What it is told of.
    pub on: Vec<Occurrence>,
    /// When it gets its digest, in the company's time zone.
    pub digest_at: Time,
}

/// How a receiver is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// A POST to this address, which may be a secret.
    Webhook(Reference),
    /// A program, by its absolute path, with its arguments; the message is on
    /// its standard input.
    Command(Vec<String>),
}

/// What a receiver can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// A root cause that was not there before.
    Warning,
    /// One that was told is gone.
    Recovery,
    /// Files that were refused, and that they are right again.
    Reload,
    /// A token that soon needs a person.
    Token,
    /// Everything that stands, once a day.
    Digest,
}

/// `[[notify]]`
pub(super) fn read(tree: &Tree<'_>, files: &[SourceFile], faults: &Faults) -> Vec<Receiver> {
    let items = tree.lists.get("notify").map(Vec::as_slice).unwrap_or_default();
    let mut names = BTreeMap::<&str, Spot>::new();
    let mut receivers = Vec::new();
    for table in items {
        let item = Item { table, files, faults };
        if let (Some(name), Some(entry)) = (item.text("name"), item.entry("name")) {
            if let Some(first) = names.get(name) {
                faults
                    .report(&entry.at, format!("two receivers are called \"{name}\": here and at {{other}}"))
                    .other(first)
                    .remedy("give each its own name: by it latchd remembers what was told");
            }
            names.entry(name).or_insert_with(|| entry.at.clone());
        }
        receivers.extend(item.receiver());
    }
    if let Some(item) = items.get(RECEIVERS_MAX) {
        faults.report(&item.header, format!("there are more than {RECEIVERS_MAX} receivers"));
    }
    receivers
}

/// One `[[notify]]`.
struct Item<'i, 't> {
    table: &'i Section<'t>,
    files: &'i [SourceFile],
    faults: &'i Faults,
}

impl<'t> Item<'_, 't> {
    fn receiver(&self) -> Option<Receiver> {
        for (key, entry) in self.table.entries.iter().filter(|(key, _)| !keys::NOTIFY.contains(*key)) {
            let fault = self.faults.report(&entry.key, format!("unknown key `{key}` in [[notify]]"));
            fault.remedy(keys::remedy(key, "notify", keys::NOTIFY));
        }
        let (name, way, on) = (self.name(), self.way(), self.on());
        let digest_at = self.digest_at();
        Some(Receiver { name: name?, way: way?, on, digest_at })
    }

    fn entry(&self, key: &str) -> Option<&Entry<'t>> {
        self.table.entries.get(key)
    }

    fn text(&self, key: &str) -> Option<&'t str> {
        self.entry(key).and_then(|entry| text(entry, key, self.faults))
    }

    fn name(&self) -> Option<String> {
        if self.entry("name").is_none() {
            self.faults.report(&self.table.header, "[[notify]] needs `name`");
        }
        self.text("name").map(ToOwned::to_owned)
    }

    fn way(&self) -> Option<Way> {
        match (self.entry("url"), self.entry("command")) {
            (Some(_), Some(command)) => {
                let fault = self.faults.report(&command.key, "a receiver has `url` or `command`, not both");
                fault.remedy("write two receivers");
                None
            }
            (Some(url), None) => self.webhook(url).map(Way::Webhook),
            (None, Some(command)) => self.command(command).map(Way::Command),
            (None, None) => {
                let fault = self.faults.report(&self.table.header, "[[notify]] needs `url` or `command`");
                fault.remedy("write url = \"${cred:NAME}\", or command = [\"/path/of/a/program\"]");
                None
            }
        }
    }

    fn webhook(&self, entry: &Entry<'t>) -> Option<Reference> {
        let text = text(entry, "url", self.faults)?;
        let file = &self.files[entry.key.file];
        let at = Place { file: file.name.clone(), line: file.line(entry.key.start()) };
        let base = self.files[0].path.parent().unwrap_or(Path::new(""));
        let wrong = |(message, remedy): (&str, String)| {
            self.faults.report(&entry.at, message).remedy(remedy);
        };
        let reference = Reference::parse(text, "notify.url", at, base).map_err(wrong).ok()?;
        if let (true, Err(problem)) = (reference.is_literal(), sound(text)) {
            wrong((problem, "write https://, and no user or password".to_owned()));
        }
        Some(reference)
    }

    fn command(&self, entry: &Entry<'t>) -> Option<Vec<String>> {
        let Some(array) = entry.value.as_array() else {
            wrong_kind(entry, "command", "an array of texts", self.faults);
            return None;
        };
        let words: Option<Vec<String>> =
            array.iter().map(|word| word.get_ref().as_str().map(ToOwned::to_owned)).collect();
        let sound = |words: &Vec<String>| {
            words.first().is_some_and(|program| Path::new(program).is_absolute())
                && words.iter().all(|word| !word.contains('\0'))
        };
        let words = words.filter(sound);
        if words.is_none() {
            let fault = self.faults.report(&entry.at, "`command` begins with the absolute path of a program");
            fault.remedy("write command = [\"/usr/local/bin/tell\", \"an argument\"]; no shell reads it");
        }
        words
    }

    fn on(&self) -> Vec<Occurrence> {
        let every = || OCCURRENCES.map(|(_, occurrence)| occurrence).to_vec();
        let Some(entry) = self.entry("on") else { return every() };
        let Some(array) = entry.value.as_array().filter(|array| !array.is_empty()) else {
            let known = OCCURRENCES.map(|(word, _)| format!("\"{word}\"")).join(", ");
            let fault = self.faults.report(&entry.at, "`on` is an array of what to tell");
            fault.remedy(format!("known are {known}"));
            return every();
        };
        let one = |value: &'t toml::Spanned<toml::de::DeValue<'t>>| {
            let at = entry.origin.spot(value.span());
            let entry = Entry { key: entry.key.clone(), at, value: value.get_ref(), origin: entry.origin };
            word(&entry, "on", &OCCURRENCES, self.faults)
        };
        array.iter().filter_map(one).collect()
    }

    fn digest_at(&self) -> Time {
        let Some(entry) = self.entry("digest_at") else { return DIGEST_AT };
        let read = |text: &str| {
            let digits = text.len() == 5 && text.as_bytes()[2] == b':';
            Time::strptime("%H:%M", text).ok().filter(|_| digits)
        };
        let time = entry.value.as_str().and_then(read);
        if time.is_none() {
            let fault = self.faults.report(&entry.at, "`digest_at` is a time of day");
            fault.remedy("write it as digest_at = \"08:00\", in the company's time zone");
        }
        time.unwrap_or(DIGEST_AT)
    }
}

/// Whether an address may be told: HTTPS, or HTTP on this machine. Its path
/// and query may be what lets it in, so no word of it is in an error.
fn sound(text: &str) -> Result<(), &'static str> {
    let url = reqwest::Url::parse(text).map_err(|_| "this is not an address")?;
    let loopback = url.host_str().is_some_and(super::values::is_loopback);
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => {
            Err("an address may not hold a user or a password")
        }
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        _ => Err("a receiver's address begins with https://"),
    }
}

impl Way {
    /// Whether a resolved address may be told.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it, without a word of it.
    pub fn check_address(address: &str) -> Result<(), &'static str> {
        sound(address)
    }
}
