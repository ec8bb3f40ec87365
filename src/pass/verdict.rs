//! Verdicts: what was decided about one record, written into its state and
//! turned into steps.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Pass;
use super::again::PARKED;
use super::matched::sent_along;
use crate::entity::object_of;
use crate::model::{
    Applied, Code, Digest, Entity, Fault, Key, Link, Money, ObjectId, ObjectKind, Part, Problem, RecordState,
    State,
};
use crate::plan::{Action, Decision, Note, Step};
use crate::store::Commit;

/// What was decided about one record.
pub(super) struct Verdict {
    pub(super) decision: Decision,
    /// The writes, where the decision is to write.
    pub(super) drafts: Vec<Draft>,
    /// A part of it lies beyond the customer's start, or waits for a person.
    pub(super) crossing: Option<Problem>,
}

impl Verdict {
    /// A decision without a write.
    pub(super) fn rest(decision: Decision) -> Self {
        Self { decision, drafts: Vec::new(), crossing: None }
    }
}

/// One write about a record, before it is a step.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) part: Part,
    pub(super) action: Action,
    pub(super) reason: &'static str,
    pub(super) object: ObjectKind,
    pub(super) quickbooks_id: Option<ObjectId>,
    pub(super) date: Option<Date>,
    pub(super) amount: Money,
    pub(super) total: Money,
    pub(super) applied: Vec<Applied>,
    pub(super) standing: Vec<Applied>,
    pub(super) netted: Vec<Key>,
    pub(super) only_words: bool,
}

impl Draft {
    /// A write about the document itself, which comes to `total` by it.
    pub(super) fn whole(
        key: Key,
        record: &RecordState,
        (action, reason): (Action, &'static str),
        total: Money,
    ) -> Self {
        Self {
            part: Part::Whole,
            action,
            reason,
            object: object_of(key.entity),
            quickbooks_id: record.object.as_ref().map(|object| object.id.clone()),
            date: match action {
                // Its day may be what someone changed.
                Action::Restore => record.date,
                Action::Create
                | Action::Adopt
                | Action::Amend
                | Action::Apply
                | Action::Release
                | Action::Void => record.object.as_ref().and_then(|object| object.date).or(record.date),
            },
            amount: total,
            total,
            applied: record.applied.clone(),
            standing: record.applied.clone(),
            netted: record.netted.clone(),
            only_words: false,
        }
    }

    /// A write about the object that applies a memo to `now.to`; `date` is the
    /// later of the two documents'.
    pub(super) fn part(
        record: &RecordState,
        (action, reason): (Action, &'static str),
        now: Applied,
        date: Option<Date>,
    ) -> Self {
        let standing: Vec<Applied> = record.applied.iter().filter(|row| row.to == now.to).cloned().collect();
        let before: Money = standing.iter().map(|row| row.amount).sum();
        let amount = if now.amount > before { now.amount - before } else { before - now.amount };
        let living = record.applications.get(&now.to).filter(|object| object.lives());
        Self {
            part: Part::Applied(now.to),
            action,
            reason,
            object: ObjectKind::Payment,
            quickbooks_id: living.map(|object| object.id.clone()),
            date,
            amount: if action == Action::Restore { now.amount } else { amount },
            total: Money::ZERO,
            applied: if now.amount.is_zero() { Vec::new() } else { vec![now] },
            standing,
            netted: record.netted.clone(),
            only_words: false,
        }
    }
}

impl Pass<'_> {
    /// Writes a verdict into the record; gives the steps where there are some.
    pub(super) fn note_verdict(
        &self,
        commit: &mut Commit,
        (key, before): (Key, RecordState),
        verdict: Verdict,
        may_write: bool,
    ) -> Vec<Step> {
        let mut record = before.clone();
        record.blocked_by = None;
        let mut steps = Vec::new();
        match verdict.decision {
            Decision::Rest(state, note) => {
                record.state = state;
                match note {
                    Note::Keep => {}
                    Note::Clear => record.fault = None,
                    Note::Is(problem) => {
                        let basis = self.basis(key, &before);
                        let asked = key.entity == Entity::Customer && self.activations.contains_key(&key.id);
                        let looked_up = asked || self.matches.contains_key(&key);
                        set_fault(&mut record, problem, (&basis, looked_up), self.started_at);
                    }
                }
            }
            Decision::Blocked(by) => {
                record.state = State::Blocked;
                record.fault = None;
                record.blocked_by = Some(by);
            }
            Decision::Act(..) => {
                // The outcome sets the state; until then it stays as it was,
                // or waits for its first attempt.
                if record.fault.is_none() {
                    record.state = State::NotTried;
                } else if record.state == State::Held || record.state == State::Blocked {
                    record.state = State::Failed;
                }
                if may_write {
                    let crossing = verdict.crossing;
                    let link = self.link(before.customer);
                    let observed = link.is_some_and(Link::observes);
                    let drafts = verdict.drafts.into_iter();
                    let made = drafts.map(|draft| step(key, &before, draft, crossing.clone()));
                    steps.extend(made.map(|step| Step { observed, ..self.told_why(step) }));
                }
            }
        }
        if record != before {
            commit.record(key, &record);
        }
        steps
    }
}

fn step(key: Key, record: &RecordState, draft: Draft, crossing: Option<Problem>) -> Step {
    let Draft { part, action, reason, object, quickbooks_id, date, amount, .. } = draft;
    let Draft { total, applied, standing, netted, only_words, .. } = draft;
    Step {
        key,
        part,
        entity: key.entity,
        action,
        reason: reason.to_owned(),
        object,
        quickbooks_id,
        customer: record.customer.to_string(),
        date,
        currency: record.currency,
        amount,
        total,
        applied,
        standing,
        netted,
        beside: sent_along(key, part, record),
        only_words,
        crossing,
        observed: false,
    }
}

/// Notes a problem; one that stood already keeps its date.
fn set_fault(
    record: &mut RecordState,
    problem: Problem,
    (basis, looked_up): (&Digest, bool),
    now: Timestamp,
) {
    let kept = record.fault.take().filter(|fault| fault.code == problem.code);
    let since = kept.as_ref().map_or(now, |fault| fault.since);
    // What was looked up in QuickBooks is looked up again once a day.
    let due = kept.as_ref().filter(|fault| fault.basis == *basis).and_then(|fault| fault.next_attempt_at);
    let due = due.filter(|at| now < *at).or_else(|| now.saturating_add(PARKED).ok());
    let looked_up = looked_up
        || matches!(
            problem.code,
            Code::LinkNotFound | Code::LinkInactive | Code::IdentityMismatch | Code::CurrencyMismatch
        );
    record.fault = Some(Fault {
        code: problem.code,
        reason: problem.reason,
        paste: problem.paste,
        quickbooks: None,
        since,
        attempts: kept.map_or(0, |fault| fault.attempts),
        next_attempt_at: if looked_up { due } else { None },
        basis: basis.clone(),
    });
}
