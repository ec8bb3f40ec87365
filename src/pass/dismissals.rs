//! Dismissals: which warnings the files leave alone, and which lines about that
//! are in vain.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Notice, Pass};
use crate::entity::ORDER;
use crate::model::{Code, Decisions, Dismissal, Exceptions, Fault, Key, RecordState, State};
use crate::mutation::Mutation;
use crate::report::WarningRow;
use crate::store::{Register, StoreError};

/// The dismissals of one generation on one day.
pub(crate) struct Dismissals<'d> {
    exceptions: &'d Exceptions,
    today: Date,
    /// How many warnings each rule fits.
    fitting: BTreeMap<&'d str, u32>,
}

impl<'d> Dismissals<'d> {
    /// What the files leave alone of the warnings that stand. Without rules
    /// nothing has to be counted for it.
    pub(super) fn of(register: &Register, decisions: &'d Decisions, today: Date) -> Result<Self, StoreError> {
        let exceptions = &decisions.exceptions;
        let mut fitting = BTreeMap::new();
        for entry in ORDER {
            let rules = exceptions.rules.iter().filter(|(_, rule)| rule.entity == entry.entity);
            let rules = rules.collect::<Vec<_>>();
            if rules.is_empty() {
                continue;
            }
            register.each_record(entry.entity, |key, record| {
                let Some(fault) = standing(&record) else { return Ok(()) };
                for (name, _) in
                    rules.iter().filter(|(_, rule)| rule.fits(key.entity, record.date, fault.code))
                {
                    *fitting.entry(name.as_str()).or_default() += 1;
                }
                Ok(())
            })?;
        }
        Ok(Self { exceptions, today, fitting })
    }

    /// By which line a fault of a record is left alone: by its own, else by the
    /// first rule.
    fn covers(&self, (key, record): (Key, &RecordState), code: Code) -> Option<&'d Dismissal> {
        let holds = |one: &&Dismissal| one.holds_on(self.today);
        let own = self
            .exceptions
            .dismissals
            .get(&key)
            .filter(holds)
            .filter(|own| own.codes.contains(&code) || Mutation::DismissAll.is_planted());
        let rules = || {
            let fit =
                self.exceptions.rules.iter().filter(|(_, rule)| rule.fits(key.entity, record.date, code));
            let sound = fit.filter(|(name, rule)| self.count(name) <= rule.max_matches);
            sound.map(|(_, rule)| &rule.dismissal).find(holds)
        };
        own.or_else(rules)
    }

    fn count(&self, rule: &str) -> u32 {
        self.fitting.get(rule).copied().unwrap_or_default()
    }

    /// A warning with the reason why it is left alone, where it is. Time alone
    /// brings no further attempt then.
    pub(super) fn mark(&self, of: (Key, &RecordState), warning: WarningRow) -> WarningRow {
        match self.covers(of, warning.code) {
            Some(by) => WarningRow { dismissed: Some(by.why.clone()), next_attempt_at: None, ..warning },
            None => warning,
        }
    }

    /// Lines that came to their end, that leave nothing alone, or too much.
    pub(super) fn notices(&self, register: &Register) -> Result<Vec<Notice>, StoreError> {
        // Before everything was read once, nothing can be missed.
        let read = register.marks()?.last_sync_at.is_some();
        let mut notices = Vec::new();
        for (key, dismissal) in &self.exceptions.dismissals {
            let said = match register.record(*key)? {
                _ if !dismissal.holds_on(self.today) => {
                    Some(ended(&format!("the dismissal of {key}"), dismissal))
                }
                _ if !read => None,
                found => in_vain(*key, found.as_ref(), dismissal),
            };
            notices.extend(said.map(|(code, text)| Notice { code, text, at: Some(dismissal.at.clone()) }));
        }
        for (name, rule) in &self.exceptions.rules {
            let (count, most) = (self.count(name), rule.max_matches);
            let said = match count {
                _ if !rule.dismissal.holds_on(self.today) => {
                    Some(ended(&format!("the rule `{name}`"), &rule.dismissal))
                }
                _ if count > most => Some((
                    "over-matching-dismissal",
                    format!(
                        "the rule `{name}` fits {count} warnings, more than max_matches = {most}, and leaves none of \
                         them alone; look at them, then narrow it or raise the number"
                    ),
                )),
                0 if read => Some((
                    "unused-dismissal",
                    format!("the rule `{name}` fits no warning that stands; take it out"),
                )),
                _ => None,
            };
            notices.extend(said.map(|(code, text)| Notice {
                code,
                text,
                at: Some(rule.dismissal.at.clone()),
            }));
        }
        Ok(notices)
    }
}

type Said = (&'static str, String);

fn ended(what: &str, dismissal: &Dismissal) -> Said {
    let text = format!("{what} held until {}; what it left alone shows again", dismissal.until);
    ("expired-dismissal", text)
}

/// Why the dismissal of one record leaves nothing alone.
fn in_vain(key: Key, found: Option<&RecordState>, dismissal: &Dismissal) -> Option<Said> {
    let Some(record) = found else {
        let text = format!("Stax Bill has no {key}, which a dismissal names; check the line, or take it out");
        return Some(("never-matching-dismissal", text));
    };
    if record.state == State::OutOfScope {
        let text =
            format!("{key} is out of scope and has no warning that could be left alone; take the line out");
        return Some(("never-matching-dismissal", text));
    }
    let why = match standing(record).map(|fault| fault.code) {
        Some(code) if dismissal.codes.contains(&code) => return None,
        Some(code) => format!("its warning is `{code}`, for which the dismissal was not written"),
        None if record.state == State::Blocked => {
            "it waits for another record and has no warning of its own".to_owned()
        }
        None => "it has no warning any more; take the line out".to_owned(),
    };
    Some(("unused-dismissal", format!("{key} is not left alone: {why}")))
}

/// The warning of a record, where it stands.
fn standing(record: &RecordState) -> Option<&Fault> {
    match record.state {
        State::Failed | State::Held | State::Drifted => record.fault.as_ref(),
        State::Synced | State::NotTried | State::Blocked | State::OutOfScope => None,
    }
}

impl Pass<'_> {
    /// Whether the files leave a record's warning alone.
    pub(super) fn is_dismissed(&self, key: Key, record: &RecordState) -> bool {
        self.dismissed_by(key, record).is_some()
    }

    /// The line that leaves a record's warning alone.
    pub(super) fn dismissed_by(&self, key: Key, record: &RecordState) -> Option<&Dismissal> {
        let fault = record.fault.as_ref()?;
        self.dismissals.covers((key, record), fault.code)
    }

    /// Whether what was found out about a record is not looked up again yet: its
    /// time has not come, or the files leave it alone.
    pub(super) fn rests(&self, key: Key, record: &RecordState) -> bool {
        let due = record.fault.as_ref().and_then(|fault| fault.next_attempt_at);
        due.is_some_and(|at| self.started_at < at || self.is_dismissed(key, record))
    }
}
