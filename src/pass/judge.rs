//! Judging: the facts about each record, for the one decision table, and the
//! steps that come out of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Mode, Pass};
use crate::entity::ORDER;
use crate::model::{
    Applied, Code, Counterpart, Digest, Entity, Fault, Key, Money, ObjectId, Observed, Part, Problem,
    RecordState, State,
};
use crate::plan::{Action, Decision, Facts, Note, Step};
use crate::store::{Commit, StoreError};

/// What QuickBooks refused is tried again once a day though nothing changed.
pub(crate) const PARKED: SignedDuration = SignedDuration::from_hours(24);
/// Changes in one commit.
const COMMIT: usize = 2000;

/// What its documents need to know of a customer.
#[derive(Clone, Debug, Default)]
pub(crate) struct CustomerView {
    /// Whether it counts.
    pub in_scope: bool,
    /// From which day its documents count; `None`: all of them.
    pub start: Option<Date>,
    /// Why its documents must wait.
    pub root: Option<Key>,
}

/// What was decided about one record.
pub(super) struct Verdict {
    pub(super) decision: Decision,
    /// A payment's allocations as they should be.
    pub(super) wanted: Vec<Applied>,
    /// A part of it lies beyond the customer's start.
    pub(super) crossing: Option<Problem>,
}

impl Pass<'_> {
    /// Decides about every record of an entity; gives the steps.
    pub(super) async fn judge(&mut self, entity: Entity, may_write: bool) -> Result<Vec<Step>, StoreError> {
        self.world.progress(&format!("deciding about {entity}s"), 0, 0);
        let register = self.register.clone();
        let (mut steps, mut commit, mut commits) = (Vec::new(), Commit::new(), Vec::new());
        register.each_record(entity, |key, record| {
            let verdict = match entity {
                Entity::Customer => self.judge_customer(&mut commit, key, &record)?,
                Entity::Invoice => self.judge_invoice(key, &record)?,
                Entity::Payment => self.judge_payment(key, &record)?,
                Entity::Refund | Entity::Credit | Entity::ChargeReversal | Entity::WriteOff => return Ok(()),
            };
            steps.extend(self.note_verdict(&mut commit, (key, record), verdict, may_write));
            if commit.len() >= COMMIT {
                commits.push(std::mem::take(&mut commit));
            }
            Ok(())
        })?;
        commits.push(commit);
        for commit in commits {
            self.register.commit(commit).await?;
        }
        Ok(steps)
    }

    /// The first half of amendments that move money from one invoice to
    /// another: what is let go, before anything is taken.
    pub(super) async fn judge_releases(&mut self, may_write: bool) -> Result<Vec<Step>, StoreError> {
        let register = self.register.clone();
        let (mut steps, mut commit) = (Vec::new(), Commit::new());
        self.releasing = self.open_takes()?;
        register.each_record(Entity::Payment, |key, record| {
            if record.object.is_none() || wanted(&record) == record.applied && !record.amount.is_zero() {
                return Ok(());
            }
            let verdict = self.judge_release(key, &record)?;
            if verdict.wanted == record.applied && !matches!(verdict.decision, Decision::Act(Action::Void, _))
            {
                return Ok(());
            }
            for row in &record.applied {
                let kept = verdict.wanted.iter().find(|other| other.to == row.to);
                if kept.map(|row| row.amount).unwrap_or_default() < row.amount {
                    self.releasing.entry(row.to.id).or_default().insert(key);
                }
            }
            steps.extend(self.note_verdict(&mut commit, (key, record), verdict, may_write));
            Ok(())
        })?;
        self.register.commit(commit).await?;
        Ok(steps)
    }

    /// What a write may have taken whose outcome is open, though Stax Bill gave
    /// it to another since.
    fn open_takes(&self) -> Result<BTreeMap<u64, BTreeSet<Key>>, StoreError> {
        let mut open = BTreeMap::<u64, BTreeSet<Key>>::new();
        for item in self.register.intents()?.iter().flat_map(|intent| &intent.items) {
            let record = self.register.record(item.key)?;
            for row in &item.applied {
                let wanted = record.iter().flat_map(wanted);
                let wanted = wanted.filter(|other| other.to == row.to).map(|row| row.amount).sum::<Money>();
                if row.amount > wanted {
                    open.entry(row.to.id).or_default().insert(item.key);
                }
            }
        }
        Ok(open)
    }

    /// What was let go does not hold others up any more.
    pub(super) fn after_releases(&mut self) -> Result<(), StoreError> {
        let mut open = self.open_takes()?;
        for (invoice, keys) in &self.releasing {
            for key in keys {
                let record = self.register.record(*key)?;
                let of = |rows: Vec<Applied>| {
                    let rows = rows.into_iter().filter(|row| row.to.id == *invoice);
                    rows.map(|row| row.amount).sum::<Money>()
                };
                let standing = of(record.as_ref().map(|record| record.applied.clone()).unwrap_or_default());
                if standing > of(record.as_ref().map(wanted).unwrap_or_default()) {
                    open.entry(*invoice).or_default().insert(*key);
                }
            }
        }
        self.releasing = open;
        Ok(())
    }

    /// Customers that were written can be referred to from now on.
    pub(super) fn after(&mut self, entity: Entity) -> Result<(), StoreError> {
        if entity != Entity::Customer {
            return Ok(());
        }
        for key in self.steps.iter().map(|step| step.key).filter(|key| key.entity == Entity::Customer) {
            let living = self.register.record(key)?.is_some_and(|record| record.living().is_some());
            if let Some(view) = self.customers.get_mut(&key.id).filter(|_| living) {
                view.root = None;
            }
        }
        Ok(())
    }

    /// Lays steps over the state as if they had been written.
    pub(super) async fn lay_over(&self, steps: &[Step]) -> Result<(), StoreError> {
        debug_assert!(self.mode == Mode::Plan);
        let mut commit = Commit::new();
        for step in steps {
            let Some(mut record) = self.register.record(step.key)? else { continue };
            let content = Digest::of(["planned"]);
            let id =
                record.object.as_ref().map_or_else(|| ObjectId::new("planned"), |object| object.id.clone());
            record.object = Some(Counterpart {
                id,
                sync_token: String::new(),
                total: record.amount,
                open: record.open,
                content: content.clone(),
                written: content,
                posted: record.source.clone(),
                name: None,
                words: None,
                item: None,
                dead: step.action == Action::Void,
                deleted: false,
            });
            record.applied.clone_from(&step.applied);
            record.fault = None;
            commit.record(step.key, &record);
        }
        self.register.commit(commit).await
    }

    /// What an attempt is made from: where it changes, a refusal is forgotten.
    pub(crate) fn basis(&self, key: Key, record: &RecordState) -> Digest {
        let link =
            self.world.decisions.links.get(&record.customer).filter(|_| key.entity == Entity::Customer);
        let link = link.map(|link| format!("{:?}", link.verb)).unwrap_or_default();
        let object = record.object.as_ref().map(|object| object.content.as_str());
        Digest::of([record.source.as_str(), self.settings.as_str(), &link, object.unwrap_or_default()])
    }

    /// The basis where an attempt was refused: it is dear to make for every
    /// record of a company.
    pub(super) fn asked_basis(&self, key: Key, record: &RecordState) -> Option<Digest> {
        record.fault.as_ref().map(|_| self.basis(key, record))
    }

    pub(super) fn facts<'f>(
        &self,
        key: Key,
        record: &'f RecordState,
        basis: Option<&'f Digest>,
    ) -> Facts<'f> {
        let invalid = record.invalid.as_ref();
        Facts {
            record,
            in_scope: true,
            waiting: self.waiting.contains(&key),
            held: None,
            problem: invalid.map(|reason| Problem::new(Code::InvalidRecord, reason.clone())),
            blocked_by: None,
            writes_held: None,
            crossing: None,
            adopt: false,
            mismatch: false,
            changed: record.object.as_ref().is_some_and(|object| object.posted != record.source),
            basis,
            now: self.started_at,
            on_drift: self.world.settings.posting.on_drift,
        }
    }

    /// Writes a verdict into the record; gives the step where there is one.
    fn note_verdict(
        &self,
        commit: &mut Commit,
        (key, before): (Key, RecordState),
        verdict: Verdict,
        may_write: bool,
    ) -> Option<Step> {
        let mut record = before.clone();
        record.blocked_by = None;
        let mut step = None;
        match verdict.decision {
            Decision::Rest(state, note) => {
                record.state = state;
                match note {
                    Note::Keep => {}
                    Note::Clear => record.fault = None,
                    Note::Is(problem) => {
                        let basis = self.basis(key, &before);
                        set_fault(&mut record, problem, &basis, self.started_at);
                    }
                }
            }
            Decision::Blocked(by) => {
                record.state = State::Blocked;
                record.fault = None;
                record.blocked_by = Some(by);
            }
            Decision::Act(action, reason) => {
                // The outcome sets the state; until then it stays as it was,
                // or waits for its first attempt.
                if record.fault.is_none() {
                    record.state = State::NotTried;
                } else if record.state == State::Held || record.state == State::Blocked {
                    record.state = State::Failed;
                }
                if may_write {
                    let made = self.step(key, &before, (action, reason), verdict.wanted);
                    step = Some(Step { crossing: verdict.crossing, ..made });
                }
            }
        }
        if record != before {
            commit.record(key, &record);
        }
        step
    }

    fn step(
        &self,
        key: Key,
        record: &RecordState,
        (action, reason): (Action, &str),
        applied: Vec<Applied>,
    ) -> Step {
        let sum = |rows: &[Applied]| rows.iter().map(|row| row.amount).sum::<Money>();
        let amount = match action {
            Action::Release => sum(&record.applied) - sum(&applied),
            Action::Apply => sum(&applied) - sum(&record.applied),
            Action::Void => record.object.as_ref().map(|object| object.total).unwrap_or_default(),
            Action::Create | Action::Adopt | Action::Amend | Action::Restore => record.amount,
        };
        let candidate =
            self.candidates.get(&key.id).and_then(Option::as_ref).map(|found: &Observed| found.id.clone());
        let known = record.object.as_ref().map(|object| object.id.clone());
        let object = ORDER.iter().find(|entry| entry.entity == key.entity).map(|entry| entry.object);
        Step {
            key,
            part: Part::Whole,
            entity: key.entity,
            action,
            reason: reason.to_owned(),
            object: object.expect("only what is in ORDER is judged"),
            quickbooks_id: if action == Action::Adopt { candidate } else { known },
            customer: record.customer.to_string(),
            date: record.date,
            currency: record.currency,
            amount,
            total: record.amount,
            netted: Vec::new(),
            only_words: false,
            applied: if action == Action::Void { Vec::new() } else { applied },
            standing: record.applied.clone(),
            crossing: None,
        }
    }
}

/// Notes a problem; one that stood already keeps its date.
fn set_fault(record: &mut RecordState, problem: Problem, basis: &Digest, now: Timestamp) {
    let kept = record.fault.take().filter(|fault| fault.code == problem.code);
    let since = kept.as_ref().map_or(now, |fault| fault.since);
    // What was looked up in QuickBooks is looked up again once a day.
    let due = kept.as_ref().filter(|fault| fault.basis == *basis).and_then(|fault| fault.next_attempt_at);
    let due = due.filter(|at| now < *at).or_else(|| now.saturating_add(PARKED).ok());
    let looked_up = matches!(
        problem.code,
        Code::LinkNotFound | Code::LinkInactive | Code::IdentityMismatch | Code::CurrencyMismatch
    );
    record.fault = Some(Fault {
        code: problem.code,
        reason: problem.reason,
        quickbooks: None,
        since,
        attempts: kept.map_or(0, |fault| fault.attempts),
        next_attempt_at: if looked_up { due } else { None },
        basis: basis.clone(),
    });
}

/// What a fund should be applied to.
pub(super) fn wanted(record: &RecordState) -> Vec<Applied> {
    let row = |row: &crate::model::Allocation| Applied { to: Key::invoice(row.invoice), amount: row.amount };
    record.allocations.iter().map(row).collect()
}
