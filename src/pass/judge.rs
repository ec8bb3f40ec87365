//! Judging: the facts about each record, for the one decision table, and the
//! steps that come out of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::funds::{claims, stands_as_claimed};
use super::verdict::Verdict;
use super::withdrawals::takes_back;
use super::{Mode, Pass};
use crate::model::{
    Code, Counterpart, Digest, Entity, Key, Money, ObjectId, ObjectKind, Part, Problem, RecordState, State,
};
use crate::plan::{Action, Decision, Facts, Parts, Step, decide};
use crate::store::{Commit, StoreError};

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
    /// Its customer in QuickBooks.
    pub quickbooks_id: Option<ObjectId>,
    /// Which it was before the files moved the link: what was posted there
    /// stays there.
    pub before: Option<ObjectId>,
}

impl Pass<'_> {
    /// Decides about every record of an entity; gives the steps.
    pub(super) async fn judge(&mut self, entity: Entity, may_write: bool) -> Result<Vec<Step>, StoreError> {
        self.world.progress(&format!("deciding about {entity}s"), 0, 0);
        let register = self.register.clone();
        let (mut steps, mut commit, mut commits) = (Vec::new(), Commit::new(), Vec::new());
        self.adopting.clear();
        register.each_record(entity, |key, mut record| {
            let _record = tracing::debug_span!("record", %key).entered();
            self.take_edits_over(key, &mut record)?;
            let verdict = match (entity, takes_back(key, &record)) {
                _ if let Some(verdict) = self.unmatched(key, &record) => verdict,
                (Entity::Customer, _) => self.judge_customer(&mut commit, key, &record)?,
                (Entity::Invoice, _) => self.judge_invoice(key, &record)?,
                (Entity::Refund | Entity::Credit, Some(of)) => self.judge_withdrawal(key, &record, of)?,
                (Entity::Refund, None) => self.judge_orphan(key, &record),
                (Entity::Payment | Entity::Credit | Entity::ChargeReversal | Entity::WriteOff, _) => {
                    self.judge_fund(key, &record)?
                }
            };
            tracing::trace!(acts = matches!(verdict.decision, Decision::Act(..)), "decided");
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

    /// What records of an entity let go, before anything is taken: the first
    /// half of amendments that move money from one invoice to another, and
    /// what refunds and debits take back.
    pub(super) async fn judge_releases(
        &mut self,
        entity: Entity,
        may_write: bool,
    ) -> Result<Vec<Step>, StoreError> {
        let register = self.register.clone();
        let (mut steps, mut commit) = (Vec::new(), Commit::new());
        register.each_record(entity, |key, mut record| {
            self.take_edits_over(key, &mut record)?;
            if record.object.is_none() || record.of.is_some_and(|of| of.entity != Entity::Invoice) {
                return Ok(());
            }
            let settled = record.withdrawals.iter().all(|one| record.netted.contains(&one.key));
            // A credit note yields to what came after it, though it stands as claimed.
            let yields = entity == Entity::ChargeReversal;
            if settled && (record.applied.is_empty() || !yields && stands_as_claimed(&record)) {
                return Ok(());
            }
            let Some(verdict) = self.judge_release(key, &record)? else { return Ok(()) };
            let stays = matches!(verdict.decision, Decision::Rest(State::OutOfScope, _));
            for to in self.wanted(key, &record)?.lowers(&record) {
                let holders = if stays { &mut self.staying } else { &mut self.releasing };
                holders.entry(to).or_default().insert(key);
            }
            let acts = matches!(verdict.decision, Decision::Act(..));
            // What keeps a refund or a debit from taking effect shows there.
            if acts || settled {
                steps.extend(self.note_verdict(&mut commit, (key, record), verdict, may_write));
            }
            Ok(())
        })?;
        self.register.commit(commit).await?;
        Ok(steps)
    }

    /// What a write may have taken whose outcome is open, though Stax Bill gave
    /// it to another since.
    pub(super) fn open_takes(&self) -> Result<BTreeMap<Key, BTreeSet<Key>>, StoreError> {
        let mut open = BTreeMap::<Key, BTreeSet<Key>>::new();
        for item in self.register.intents()?.iter().flat_map(|intent| &intent.items) {
            let record = self.register.record(item.key)?;
            for row in &item.applied {
                let wanted = record.iter().flat_map(claims);
                let wanted = wanted.filter(|other| Key::invoice(other.invoice) == row.to);
                if row.amount > wanted.map(|row| row.amount).sum::<Money>() {
                    open.entry(row.to).or_default().insert(item.key);
                }
            }
        }
        Ok(open)
    }

    /// What was let go does not hold others up any more.
    pub(super) fn after_releases(&mut self) -> Result<(), StoreError> {
        let mut open = self.open_takes()?;
        let releasing = std::mem::take(&mut self.releasing);
        for (to, keys) in releasing {
            for key in keys {
                let Some(record) = self.register.record(key)? else { continue };
                if self.wanted(key, &record)?.lowers(&record).contains(&to) {
                    open.entry(to).or_default().insert(key);
                }
            }
        }
        self.releasing = open;
        Ok(())
    }

    /// A refund whose payment is not known: it cannot be told whose it is.
    fn judge_orphan(&self, key: Key, record: &RecordState) -> Verdict {
        let basis = self.asked_basis(key, record);
        let mut facts = self.document(key, record, basis.as_ref());
        let reason = "Stax Bill does not tell which payment it refunds";
        facts.problem = facts.problem.or_else(|| Some(Problem::new(Code::InvalidRecord, reason)));
        Verdict::rest(decide(&facts))
    }

    /// Customers that were written can be referred to from now on.
    pub(super) fn after(&mut self, entity: Entity) -> Result<(), StoreError> {
        if entity != Entity::Customer {
            return Ok(());
        }
        for key in self.steps.iter().map(|step| step.key).filter(|key| key.entity == Entity::Customer) {
            let living =
                self.register.record(key)?.and_then(|record| record.living().map(|object| object.id.clone()));
            if let (Some(view), Some(id)) = (self.customers.get_mut(&key.id), living) {
                view.root = None;
                view.quickbooks_id = Some(id);
            }
        }
        Ok(())
    }

    /// Lays steps over the state as if they had been written.
    pub(super) async fn lay_over(&self, steps: &[Step]) -> Result<(), StoreError> {
        debug_assert!(self.mode == Mode::Plan);
        for step in steps {
            let Some(mut record) = self.register.record(step.key)? else { continue };
            let known = match step.part {
                Part::Whole => record.object.as_ref(),
                Part::Applied(to) => record.applications.get(&to),
            };
            let object = planned(step, &record, known);
            match step.part {
                Part::Whole => {
                    record.object = Some(object);
                    record.netted.clone_from(&step.netted);
                    record.applied.clone_from(&step.applied);
                }
                Part::Applied(to) => {
                    record.apply_part(to, &step.applied, object);
                }
            }
            record.fault = None;
            let mut commit = Commit::new();
            commit.record(step.key, &record);
            self.register.commit(commit).await?;
        }
        Ok(())
    }

    /// What an attempt is made from: where it changes, a refusal is forgotten.
    pub(crate) fn basis(&self, key: Key, record: &RecordState) -> Digest {
        let link = self.link(record.customer);
        let link = link.map(|link| match (key.entity, link.matches.get(&key)) {
            (Entity::Customer, _) => format!("{:?} {:?} {}", link.verb, link.currency, link.shared),
            (_, Some(id)) => format!("match {id}"),
            (_, None) if link.accept.contains(&key) => "accept".to_owned(),
            (_, None) => String::new(),
        });
        let link = link.unwrap_or_default();
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
            creation_held: match record.object {
                None => self.guarded.document(key).or_else(|| self.creation_held()),
                Some(_) => None,
            },
            crossing: None,
            adopt: false,
            relink: false,
            accepted: self.accepts(key, record.customer),
            mismatch: false,
            total: record.amount,
            voidable: false,
            parts: Parts::Sound,
            moved: None,
            fault: record.fault.as_ref(),
            changed: record.object.as_ref().is_some_and(|object| object.posted != record.source),
            basis,
            now: self.started_at,
            dismissed: self.is_dismissed(key, record),
            resent: self.is_resent(key),
            renewed: false,
            on_drift: self.on_drift(key),
        }
    }
}

/// The object that a step would leave.
fn planned(step: &Step, record: &RecordState, known: Option<&Counterpart>) -> Counterpart {
    let content = Digest::of(["planned"]);
    let applied: Money = step.applied.iter().map(|row| row.amount).sum();
    let open = match step.object {
        ObjectKind::Customer | ObjectKind::JournalEntry => Money::ZERO,
        ObjectKind::Invoice => known.map_or(step.total, |object| object.open),
        ObjectKind::Payment if step.part != Part::Whole => Money::ZERO,
        ObjectKind::Payment | ObjectKind::CreditMemo => {
            step.total - applied - step.beside.iter().map(|row| row.amount).sum()
        }
    };
    Counterpart {
        id: step.quickbooks_id.clone().unwrap_or_else(|| ObjectId::new("planned")),
        sync_token: String::new(),
        total: step.total,
        open,
        content: content.clone(),
        written: content,
        posted: record.source.clone(),
        name: None,
        customer: known.and_then(|object| object.customer.clone()),
        date: step.date,
        settings: None,
        words: record.words.clone(),
        item: known.and_then(|object| object.item.clone()),
        adopted: known.is_some_and(|object| object.adopted),
        frame: None,
        edited: Vec::new(),
        dead: step.action == Action::Void,
        deleted: false,
    }
}
