//! Attempts: what became of each request, kept beside the record for whoever
//! asks why it stands as it does.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{Attempt, AttemptOutcome, Key, Observed, VendorFault};
use crate::pass::Pass;
use crate::store::{Commit, Intent, IntentItem, StoreError};

/// Characters that are kept of a vendor's words: its details can be pages.
const WORDS_MAX: usize = 600;

/// Attempts of one request, collected for the commit that stores its outcome.
pub(crate) struct AttemptLog {
    at: Timestamp,
    pass: u64,
    request_id: String,
    intuit_tid: Option<String>,
    rows: BTreeMap<Key, Vec<Attempt>>,
}

impl AttemptLog {
    /// Nothing yet of what became of `intent`.
    pub(crate) fn of(pass: &Pass<'_>, intent: &Intent) -> Self {
        Self {
            at: pass.world.clock.now(),
            pass: pass.number,
            request_id: intent.request_id.clone(),
            intuit_tid: None,
            rows: BTreeMap::new(),
        }
    }

    /// The same of a call that has a name with Intuit.
    pub(crate) fn called(self, intuit_tid: Option<String>) -> Self {
        Self { intuit_tid, ..self }
    }

    /// Notes what became of one item, and tells it.
    pub(crate) fn note(&mut self, item: &IntentItem, outcome: AttemptOutcome) {
        self.keep(item, outcome, true);
    }

    /// The same of an item whose trouble is told with what it is part of.
    pub(crate) fn note_part(&mut self, item: &IntentItem, outcome: AttemptOutcome) {
        self.keep(item, outcome, false);
    }

    fn keep(&mut self, item: &IntentItem, outcome: AttemptOutcome, words: bool) {
        let attempt = Attempt {
            at: self.at,
            pass: self.pass,
            action: item.action.clone(),
            object: item.object,
            to: item.part.into(),
            request_id: self.request_id.clone(),
            intuit_tid: self.intuit_tid.clone(),
            outcome,
        };
        tell(item, &attempt, words);
        self.rows.entry(item.key).or_default().push(attempt);
    }

    /// Adds what was noted to what is known; outcomes are stored one at a time,
    /// so nothing is lost between the two.
    pub(crate) fn store(self, pass: &Pass<'_>, commit: &mut Commit) -> Result<(), StoreError> {
        for (key, rows) in self.rows {
            let mut known = pass.register.attempts(key)?;
            known.extend(rows);
            commit.attempts(key, &known);
        }
        Ok(())
    }
}

/// The one line of a write in the log. A trouble that is told elsewhere is not
/// told again: `words` says whether this is the place.
fn tell(item: &IntentItem, attempt: &Attempt, words: bool) {
    let Attempt { action, request_id, intuit_tid, outcome, .. } = attempt;
    let (key, object, to) = (item.key, item.object.name(), attempt.to.map(tracing::field::display));
    let was = item.id.as_ref().map(tracing::field::display);
    let name = outcome.name();
    match outcome {
        AttemptOutcome::Done { id, .. } | AttemptOutcome::Found { id, .. } => {
            tracing::info!(%key, action, object, %id, to, request_id, intuit_tid, outcome = name, "written");
        }
        AttemptOutcome::Refused { code, words: why } if words => {
            tracing::warn!(%key, action, object, id = was, to, request_id, intuit_tid, outcome = name, code, why, "not written");
        }
        AttemptOutcome::Unknown { why } if words => {
            tracing::warn!(%key, action, object, id = was, to, request_id, intuit_tid, outcome = name, why, "perhaps written");
        }
        AttemptOutcome::NotDone { why } if words => {
            tracing::info!(%key, action, object, id = was, to, request_id, intuit_tid, outcome = name, why, "not written");
        }
        AttemptOutcome::Refused { code, .. } => {
            tracing::info!(%key, action, object, id = was, to, request_id, intuit_tid, outcome = name, code, "not written");
        }
        AttemptOutcome::NotDone { .. } => {
            tracing::info!(%key, action, object, id = was, to, request_id, intuit_tid, outcome = name, "not written");
        }
        AttemptOutcome::Unknown { .. } => {
            tracing::info!(%key, action, object, id = was, to, request_id, intuit_tid, outcome = name, "perhaps written");
        }
    }
}

/// QuickBooks did it.
pub(crate) fn done(object: &Observed) -> AttemptOutcome {
    AttemptOutcome::Done { id: object.id.clone(), sync_token: object.sync_token.clone() }
}

/// A look showed the object.
pub(crate) fn found(object: &Observed) -> AttemptOutcome {
    AttemptOutcome::Found { id: object.id.clone(), sync_token: object.sync_token.clone() }
}

/// QuickBooks refused it.
pub(crate) fn refused(fault: &VendorFault) -> AttemptOutcome {
    let detail = if fault.detail == fault.message { "" } else { fault.detail.as_str() };
    AttemptOutcome::Refused {
        code: fault.code.clone(),
        words: brief(format!("{} {detail}", fault.message).trim()),
    }
}

/// Nothing was done.
pub(crate) fn not_done(why: &str) -> AttemptOutcome {
    AttemptOutcome::NotDone { why: brief(why) }
}

/// Nobody knows.
pub(crate) fn unknown(why: &str) -> AttemptOutcome {
    AttemptOutcome::Unknown { why: brief(why) }
}

fn brief(words: &str) -> String {
    words.chars().take(WORDS_MAX).collect()
}
