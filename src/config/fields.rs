//! Fields: the keys of one line of a table whose keys the operator chooses, such
//! as `[dismiss]`.

use std::collections::BTreeMap;

use toml::de::DeValue;

use super::faults::Faults;
use super::keys::{nearest, remedy};
use super::table::wrong_kind;
use super::tree::{Entry, Tree, kind};

/// What the lines of a table look like.
pub(super) struct Form {
    /// The table.
    pub table: &'static str,
    /// How a line of it is called.
    pub what: &'static str,
    /// The keys of a line.
    pub keys: &'static [&'static str],
    /// A line as it should be, behind its key.
    pub example: &'static str,
}

/// The known keys of one line.
pub(super) struct Fields<'s, 't> {
    form: &'s Form,
    name: &'s str,
    line: &'s Entry<'t>,
    found: BTreeMap<&'static str, Entry<'t>>,
    /// What unknown ones were probably meant to be.
    guessed: Vec<&'static str>,
    tree: &'s Tree<'t>,
}

impl<'s, 't> Fields<'s, 't> {
    /// The keys of the line `name`; those that such a line does not have are
    /// reported.
    pub(super) fn open(
        form: &'s Form,
        (name, line): (&'s str, &'s Entry<'t>),
        tree: &'s Tree<'t>,
        faults: &Faults,
    ) -> Option<Self> {
        let Some(table) = line.value.as_table() else {
            let found = kind(line.value);
            faults
                .report(&line.at, format!("{} is a table, not {found}", form.what))
                .remedy(format!("write \"{name}\" = {}", form.example));
            return None;
        };
        let mut fields = Self { form, name, line, found: BTreeMap::new(), guessed: Vec::new(), tree };
        for (key, value) in table {
            let (word, entry) = (&**key.get_ref(), line.origin.entry(key, value));
            if let Some(known) = form.keys.iter().find(|known| **known == word) {
                fields.found.insert(known, entry);
            } else {
                fields.guessed.extend(nearest(word, form.keys.iter().copied()));
                faults
                    .report(&entry.key, format!("unknown key `{word}` in {}", form.what))
                    .remedy(remedy(word, form.table, form.keys));
            }
        }
        Some(fields)
    }

    /// The key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<&Entry<'t>> {
        self.found.get(key)
    }

    /// The key; its absence is an error, unless another was meant to be it or it
    /// was lost in a broken part.
    pub(super) fn needs(&self, key: &str, todo: &str, faults: &Faults) -> Option<&Entry<'t>> {
        let path = [self.form.table, self.name, key];
        let told = self.guessed.contains(&key) || !self.tree.swallowed.spares(self.line.key.file, &path);
        if self.get(key).is_none() && !told {
            faults.report(&self.line.key, format!("{} needs `{key}`", self.form.what)).remedy(todo);
        }
        self.get(key)
    }
}

/// The texts of an array that is not empty, each with its place.
pub(super) fn words<'t>(
    entry: &Entry<'t>,
    key: &str,
    example: &str,
    faults: &Faults,
) -> Vec<(&'t str, super::faults::Spot)> {
    let Some(array) = entry.value.as_array() else {
        wrong_kind(entry, key, "an array of texts", faults);
        return Vec::new();
    };
    if array.is_empty() {
        faults.report(&entry.at, format!("`{key}` is empty")).remedy(format!("write {key} = {example}"));
    }
    let mut words = Vec::new();
    for value in array {
        let at = entry.origin.spot(value.span());
        if let DeValue::String(word) = value.get_ref() {
            words.push((&**word, at));
        } else {
            faults.report(&at, format!("`{key}` holds texts")).remedy(format!("write {key} = {example}"));
        }
    }
    words
}
