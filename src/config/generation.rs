//! Generation: one hash of all that the files say. Comments, layout, order
//! and how the lines are spread over files do not count.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use toml::de::DeValue;

use super::tree::Tree;
use crate::model::{Link, Policy, Start, Verb};

/// The generation: `sha256:` and 64 hexadecimal digits.
pub(super) fn of(tree: &Tree<'_>, links: &BTreeMap<u64, Link>) -> String {
    let mut canon = Canon(Sha256::new());
    // `include` says where the lines are, not what is wanted.
    for (key, entry) in tree.top.iter().filter(|(key, _)| **key != "include") {
        canon.text(key);
        canon.value(entry.value);
    }
    let sections =
        tree.sections.iter().filter(|(name, section)| **name != "links" && !section.entries.is_empty());
    for (name, section) in sections {
        canon.tag(b'[');
        canon.text(name);
        for (key, entry) in &section.entries {
            canon.text(key);
            canon.value(entry.value);
        }
    }
    for (name, items) in &tree.lists {
        for item in items {
            canon.tag(b'{');
            canon.text(name);
            for (key, entry) in &item.entries {
                canon.text(key);
                canon.value(entry.value);
            }
        }
    }
    canon.tag(b'L');
    for (id, link) in links {
        canon.text(&id.to_string());
        canon.link(link);
    }
    hex(canon.0)
}

/// A finished hash as `sha256:…`.
pub(super) fn hex(hash: Sha256) -> String {
    let mut text = "sha256:".to_owned();
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Every text is preceded by its length and every value by its kind, so that
/// two different contents are never the same bytes.
struct Canon(Sha256);

impl Canon {
    fn tag(&mut self, tag: u8) {
        self.0.update([tag]);
    }

    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn value(&mut self, value: &DeValue<'_>) {
        match value {
            DeValue::String(text) => self.tagged(b's', text),
            DeValue::Integer(number) => {
                let plain = i128::from_str_radix(number.as_str(), number.radix());
                self.tagged(b'i', &plain.map_or_else(|_| number.to_string(), |plain| plain.to_string()));
            }
            DeValue::Float(number) => self.tagged(b'f', number.as_str()),
            DeValue::Boolean(yes) => self.tagged(b'b', if *yes { "true" } else { "false" }),
            DeValue::Datetime(at) => self.tagged(b'd', &at.to_string()),
            DeValue::Array(values) => {
                self.tagged(b'a', &values.len().to_string());
                values.iter().for_each(|value| self.value(value.get_ref()));
            }
            DeValue::Table(table) => {
                self.tagged(b't', &table.len().to_string());
                for (key, value) in table {
                    self.text(key.get_ref());
                    self.value(value.get_ref());
                }
            }
        }
    }

    fn tagged(&mut self, tag: u8, text: &str) {
        self.tag(tag);
        self.text(text);
    }

    fn link(&mut self, link: &Link) {
        let Link { verb, currency, shared, policy, matches, accept, by, at: _ } = link;
        match verb {
            Verb::Adopt { id, expect, start, from } => {
                self.tagged(b'A', id.as_str());
                self.text(expect);
                self.start(*start);
                if let Some(from) = from {
                    self.tagged(b'F', from.as_str());
                }
            }
            Verb::Create { name, start } => {
                self.optional(b'C', name.as_deref());
                self.start(*start);
            }
            Verb::Skip { why } => self.tagged(b'S', why),
            Verb::Unlink { why } => self.tagged(b'U', why),
        }
        self.optional(b'B', by.as_deref());
        // What is not said adds nothing; each tag differs from a length's
        // first byte, with which the next link begins.
        if let Some(currency) = currency {
            self.tagged(b'M', currency.as_str());
        }
        if *shared {
            self.tag(b'H');
        }
        match policy {
            Policy::Live => {}
            Policy::Observe => self.tag(b'O'),
        }
        for (key, id) in matches {
            self.tagged(b'=', &key.to_string());
            self.text(id.as_str());
        }
        for key in accept {
            self.tagged(b'+', &key.to_string());
        }
    }

    fn optional(&mut self, tag: u8, text: Option<&str>) {
        self.tag(tag);
        self.tag(u8::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn start(&mut self, start: Start) {
        match start {
            Start::Beginning => self.text("beginning"),
            Start::Now => self.text("now"),
            Start::On(day) => self.text(&day.to_string()),
        }
    }
}
