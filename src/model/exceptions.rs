//! Exceptions: warnings that people leave alone, and records that they have
//! sent again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Code, Entity, Key, Place};

/// Codes of causes that concern the whole company: nobody can leave them alone,
/// because they say that nothing is looked at any more.
pub const COMPANY_CODES: &[Code] = &[
    Code::CompanySetting,
    Code::CompanyInactive,
    Code::Reconnect,
    Code::Throttled,
    Code::OtherSyncActive,
    Code::StaxbillUnreachable,
    Code::StaxbillRefused,
    Code::QuickbooksUnreachable,
];

/// Handled tokens of one record that are remembered: putting an old one back
/// sends nothing.
const TOKENS_MAX: usize = 32;

/// What stands in the files besides the links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Warnings that are left alone, by their record.
    pub dismissals: BTreeMap<Key, Dismissal>,
    /// Rules by which warnings are left alone, by their name.
    pub rules: BTreeMap<String, DismissRule>,
    /// Records that are sent again.
    pub resends: BTreeMap<Key, Resend>,
}

/// Which warnings are left alone, how long, and on whose word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dismissal {
    /// The faults that it was written for: another one shows again.
    pub codes: BTreeSet<Code>,
    /// The last day on which it holds.
    pub until: Date,
    /// Why.
    pub why: String,
    /// Who or which ticket decided.
    pub by: String,
    /// Where it is written.
    pub at: Place,
}

/// A dismissal of many warnings at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DismissRule {
    /// Of which kind of record.
    pub entity: Entity,
    /// Only of records dated before this day.
    pub before: Option<Date>,
    /// The fuse: where it fits more warnings than these, it holds for none.
    pub max_matches: u32,
    /// What a dismissal says.
    pub dismissal: Dismissal,
}

/// A record that is sent again, once for each new token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resend {
    /// Any text that was not used before.
    pub token: String,
    /// How far it reaches.
    pub scope: Scope,
    /// Why, when said.
    pub why: Option<String>,
    /// Who or which ticket decided, when said.
    pub by: Option<String>,
    /// Where it is written.
    pub at: Place,
}

/// How far a resend reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The record alone.
    #[default]
    Record,
    /// The record and what hangs on it: a customer's documents, what settles an
    /// invoice, what was taken back of a payment or a credit.
    WithDependants,
}

/// What became of a record's resends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handled {
    /// Every token so far, the last one last.
    tokens: Vec<String>,
    /// What was done, in a sentence.
    pub outcome: String,
    /// How far that has come.
    pub fate: Fate,
}

/// How far a resend has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// What it leads to is still to be told.
    Open,
    /// That was told.
    Told,
    /// Nothing was done, for a reason that a person must know.
    Refused,
}

impl Handled {
    /// Notes what became of `token`, after what was handled `before`.
    pub fn after(before: Option<Self>, token: &str, (outcome, fate): (String, Fate)) -> Self {
        let mut tokens = before.map(|before| before.tokens).unwrap_or_default();
        tokens.push(token.to_owned());
        let beyond = tokens.len().saturating_sub(TOKENS_MAX);
        tokens.drain(..beyond);
        Self { tokens, outcome, fate }
    }

    /// The same, with what it led to.
    #[must_use]
    pub fn told(self, end: &str) -> Self {
        Self { outcome: format!("{}; {end}", self.outcome), fate: Fate::Told, ..self }
    }

    /// The last token that was acted on.
    pub fn last(&self) -> &str {
        self.tokens.last().map(String::as_str).unwrap_or_default()
    }

    /// Whether a token was acted on already.
    pub fn knows(&self, token: &str) -> bool {
        self.tokens.iter().any(|known| known == token)
    }
}

/// What a resend lets be done about a record that `on_drift` or its parking
/// would leave as it is; it goes with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resent {
    /// What differs from what was written is amended.
    Mend,
    /// It is posted anew, in place of an object that is gone: QuickBooks may
    /// still hold the number of one that was voided.
    Anew,
}

impl DismissRule {
    /// Whether it fits a warning about a record.
    pub fn fits(&self, entity: Entity, date: Option<Date>, code: Code) -> bool {
        let early = self.before.is_none_or(|before| date.is_some_and(|date| date < before));
        self.entity == entity && early && self.dismissal.codes.contains(&code)
    }
}

impl Dismissal {
    /// Whether it still holds on the day `today` of the company's calendar.
    pub fn holds_on(&self, today: Date) -> bool {
        today <= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(before: Option<Date>) -> DismissRule {
        let dismissal = Dismissal {
            codes: [Code::Refused, Code::Drifted].into(),
            until: Date::constant(2026, 12, 31),
            why: "old".to_owned(),
            by: "FIN-1".to_owned(),
            at: Place { file: "a.toml".into(), line: 1 },
        };
        DismissRule { entity: Entity::Invoice, before, max_matches: 2, dismissal }
    }

    #[test]
    fn a_rule_fits_by_kind_code_and_day() {
        let day = |day| Some(Date::constant(2026, 3, day));
        let cases = [
            (None, Entity::Invoice, None, Code::Refused, true),
            (None, Entity::Payment, None, Code::Refused, false),
            (None, Entity::Invoice, None, Code::ClosedPeriod, false),
            (day(5), Entity::Invoice, day(4), Code::Drifted, true),
            (day(5), Entity::Invoice, day(5), Code::Drifted, false),
            (day(5), Entity::Invoice, None, Code::Drifted, false),
        ];
        for (before, entity, date, code, expected) in cases {
            assert_eq!(
                rule(before).fits(entity, date, code),
                expected,
                "{before:?} {entity} {date:?} {code}"
            );
        }
        let until = rule(None).dismissal;
        assert!(until.holds_on(until.until) && !until.holds_on(until.until.tomorrow().unwrap()));
    }

    #[test]
    fn an_old_token_is_known_and_only_so_many_are_kept() {
        let mut handled = None;
        for number in 0..=TOKENS_MAX {
            handled = Some(Handled::after(handled, &format!("t{number}"), ("done".to_owned(), Fate::Told)));
        }
        let handled = handled.unwrap();
        assert_eq!(handled.last(), "t32");
        assert!(handled.knows("t1") && !handled.knows("t0") && !handled.knows("t33"));
    }
}
