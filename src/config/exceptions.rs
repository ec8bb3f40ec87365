//! Exceptions: warnings that are left alone and records that are sent again,
//! out of `[dismiss]`, `[dismiss_rule]` and `[resend]`.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::days;
use super::documents::not_a_record;
use super::faults::{Faults, Spot};
use super::fields::{Fields, Form, words};
use super::files::SourceFile;
use super::keys::{DISMISS, DISMISS_RULE, RESEND, nearest};
use super::table::{text, word, wrong_kind};
use super::tree::{Entry, Tree};
use crate::model::{
    COMPANY_CODES, Code, DismissRule, Dismissal, Entity, Exceptions, Key, Place, Resend, Scope,
};

const DISMISSAL: Form = Form {
    table: "dismiss",
    what: "a dismissal",
    keys: DISMISS,
    example: "{ codes = [\"…\"], until = 2026-12-31, why = \"…\", by = \"…\" }",
};
const RULE: Form = Form {
    table: "dismiss_rule",
    what: "a rule of dismissal",
    keys: DISMISS_RULE,
    example: "{ entity = \"invoice\", codes = [\"…\"], max_matches = 10, until = 2026-12-31, why = \"…\", by = \"…\" }",
};
const SENDING: Form = Form {
    table: "resend",
    what: "a resend",
    keys: RESEND,
    example: "{ token = \"2026-11-20.1\", scope = \"with-dependants\" }",
};
const CODES: &str = "[\"duplicate-number\"]";
/// A rule for more than these is no exception any more.
const MATCHES_MAX: u32 = 100_000;

/// The three tables.
pub(super) fn read(tree: &Tree<'_>, files: &[SourceFile], faults: &Faults) -> Exceptions {
    let reader = Reader { tree, files, faults };
    let mut exceptions = Exceptions::default();
    for (name, line) in reader.lines("dismiss") {
        let dismissal = reader.dismissal(name, line);
        exceptions.dismissals.extend(reader.record(name, &line.key).zip(dismissal));
    }
    for (name, line) in reader.lines("dismiss_rule") {
        exceptions.rules.extend(reader.rule(name, line).map(|rule| (name.to_owned(), rule)));
    }
    for (name, line) in reader.lines("resend") {
        let resend = reader.resend(name, line);
        exceptions.resends.extend(reader.record(name, &line.key).zip(resend));
    }
    exceptions
}

struct Reader<'s, 't> {
    tree: &'s Tree<'t>,
    files: &'s [SourceFile],
    faults: &'s Faults,
}

impl<'s, 't> Reader<'s, 't> {
    fn lines(&self, table: &str) -> impl Iterator<Item = (&'t str, &'s Entry<'t>)> + use<'s, 't> {
        let section = self.tree.sections.get(table);
        section.into_iter().flat_map(|section| section.entries.iter().map(|(name, line)| (*name, line)))
    }

    fn place(&self, line: &Entry<'_>) -> Place {
        let file = &self.files[line.key.file];
        Place { file: file.name.clone(), line: file.line(line.key.start()) }
    }

    /// The record that a line is about.
    fn record(&self, name: &str, at: &Spot) -> Option<Key> {
        if name.starts_with("company/") {
            self.faults
                .report(at, format!("`{name}` concerns the whole company, and is no record"))
                .remedy("take it out: such a cause is told until it is mended");
            return None;
        }
        let key = name.parse::<Key>().ok();
        if key.is_none() {
            not_a_record(name, at, Entity::ALL.into_iter().map(Entity::name), self.faults);
        }
        key
    }

    fn dismissal(&self, name: &str, line: &Entry<'t>) -> Option<Dismissal> {
        let fields = Fields::open(&DISMISSAL, (name, line), self.tree, self.faults)?;
        self.dismissed(&fields, line)
    }

    /// What dismissals and rules have alike. All of it is read before anything
    /// is missed.
    fn dismissed(&self, fields: &Fields<'_, 't>, line: &Entry<'t>) -> Option<Dismissal> {
        let todo = format!("write the faults that it is for: codes = {CODES}");
        let codes = fields.needs("codes", &todo, self.faults).map(|entry| self.codes(entry));
        let todo = "write the last day on which it holds: until = 2026-12-31";
        let until = fields.needs("until", todo, self.faults);
        let until = until.and_then(|entry| days::day(entry, "until", self.faults));
        let why = self.needs_text(fields, "why", "write why it is left alone: why = \"…\"");
        let by = self.needs_text(fields, "by", "write who or which ticket decided: by = \"…\"");
        let codes = codes.filter(|codes| !codes.is_empty());
        Some(Dismissal { codes: codes?, until: until?, why: why?, by: by?, at: self.place(line) })
    }

    fn needs_text(&self, fields: &Fields<'_, 't>, key: &str, todo: &str) -> Option<String> {
        let entry = fields.needs(key, todo, self.faults)?;
        text(entry, key, self.faults).map(str::to_owned)
    }

    fn codes(&self, entry: &Entry<'t>) -> BTreeSet<Code> {
        let mut codes = BTreeSet::new();
        for (name, at) in words(entry, "codes", CODES, self.faults) {
            let Some(code) = Code::ALL.iter().find(|code| code.name() == name) else {
                let near = nearest(name, Code::ALL.iter().map(|code| code.name()));
                let near = near.map(|near| format!("did you mean \"{near}\"?"));
                let else_ = "copy the code from the warning, as the report shows it".to_owned();
                self.faults.report(&at, format!("`codes` knows no \"{name}\"")).remedy(near.unwrap_or(else_));
                continue;
            };
            if COMPANY_CODES.contains(code) {
                self.faults
                    .report(&at, format!("`{name}` concerns the whole company and cannot be left alone"))
                    .remedy("take it out: such a cause is told until it is mended");
            } else if !codes.insert(*code) {
                self.faults.report(&at, format!("`{name}` stands twice in `codes`"));
            }
        }
        codes
    }

    fn rule(&self, name: &str, line: &Entry<'t>) -> Option<DismissRule> {
        let fields = Fields::open(&RULE, (name, line), self.tree, self.faults)?;
        let kinds = Entity::ALL.map(|entity| (entity.name(), entity));
        let todo = "write the kind of record that it is for: entity = \"invoice\"";
        let entity = fields.needs("entity", todo, self.faults);
        let entity = entity.and_then(|entry| word(entry, "entity", &kinds, self.faults));
        let before = self.before(&fields, entity);
        let todo = "write how many warnings it may fit at most: max_matches = 10; if it fits more, it holds for none";
        let max_matches = fields.needs("max_matches", todo, self.faults);
        let max_matches = max_matches.and_then(|entry| self.max_matches(entry));
        let dismissal = self.dismissed(&fields, line);
        Some(DismissRule {
            entity: entity?,
            before: before.ok()?,
            max_matches: max_matches?,
            dismissal: dismissal?,
        })
    }

    fn before(&self, fields: &Fields<'_, 't>, entity: Option<Entity>) -> Result<Option<Date>, ()> {
        let Some(entry) = fields.get("before") else { return Ok(None) };
        if entity == Some(Entity::Customer) {
            self.faults
                .report(&entry.key, "`before` has no meaning for customers, which have no date")
                .remedy("take it out");
            return Err(());
        }
        days::day(entry, "before", self.faults).map(Some).ok_or(())
    }

    fn max_matches(&self, entry: &Entry<'t>) -> Option<u32> {
        let Some(number) = entry.value.as_integer() else {
            wrong_kind(entry, "max_matches", "a number", self.faults);
            return None;
        };
        let read = u32::from_str_radix(number.as_str(), number.radix()).ok();
        let read = read.filter(|number| (1..=MATCHES_MAX).contains(number));
        if read.is_none() {
            self.faults.report(&entry.at, format!("`max_matches` lies between 1 and {MATCHES_MAX}"));
        }
        read
    }

    fn resend(&self, name: &str, line: &Entry<'t>) -> Option<Resend> {
        let at = self.place(line);
        if line.value.is_str() {
            let token = text(line, name, self.faults)?.to_owned();
            return Some(Resend { token, scope: Scope::Record, why: None, by: None, at });
        }
        let fields = Fields::open(&SENDING, (name, line), self.tree, self.faults)?;
        let todo = "write a text that was not used before: token = \"2026-11-20.1\"";
        let token = self.needs_text(&fields, "token", todo);
        let scopes = [("record", Scope::Record), ("with-dependants", Scope::WithDependants)];
        let scope = match fields.get("scope") {
            Some(entry) => word(entry, "scope", &scopes, self.faults),
            None => Some(Scope::Record),
        };
        let said = |key| fields.get(key).and_then(|entry| text(entry, key, self.faults)).map(str::to_owned);
        let (why, by) = (said("why"), said("by"));
        Some(Resend { token: token?, scope: scope?, why, by, at })
    }
}
