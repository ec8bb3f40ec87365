//! Guards over what a pass would create: customers, and documents by their
//! number, their amount and their age.

use std::collections::BTreeMap;

use jiff::ToSpan as _;

use super::guards::link_digest;
use super::withdrawals::takes_back;
use super::{Mode, Pass};
use crate::entity::ORDER;
use crate::model::{Backfill, Code, Digest, Entity, Fault, Guard, GuardRow, Key, Link, RecordState, State};
use crate::plan::{Action, Candidate, Caught, Step, customers_held, documents_held, sums};
use crate::store::{Commit, StoreError};

const DOCUMENTS: [Guard; 3] = [Guard::Backfill, Guard::Amount, Guard::Documents];

impl Pass<'_> {
    /// Judges how many customers are to be created; gives the steps that are not
    /// held.
    pub(super) async fn guard_creations(&mut self, steps: Vec<Step>) -> Result<Vec<Step>, StoreError> {
        if self.guarded.free {
            return Ok(steps);
        }
        let creates =
            |step: &&Step| step.entity == Entity::Customer && step.action == Action::Create && !step.observed;
        let digest = |key: Key| self.link(key.id).map_or_else(|| Digest::of(["none"]), link_digest);
        let rows: BTreeMap<Key, Digest> =
            steps.iter().filter(creates).map(|step| (step.key, digest(step.key))).collect();
        let mut commit = Commit::new();
        let mut sifted = self.sift_sets(&mut commit, &[Guard::Customers], &rows)?;
        let free = rows.into_iter().filter(|(key, _)| sifted.is_free(*key));
        let new: Vec<GuardRow> = free.map(|(key, digest)| GuardRow { key, digest }).collect();
        if let Some(reason) = customers_held(&self.world.settings.guards, new.len()) {
            self.freeze(&mut commit, (Guard::Customers, reason), (&new, BTreeMap::new()), &mut sifted)?;
        }
        for (key, set) in &sifted.held {
            let Some(mut record) = self.register.record(*key)? else { continue };
            let problem = sifted.sets[*set].problem();
            let kept = record.fault.take().filter(|fault| fault.code == Code::Guard);
            record.state = State::Held;
            record.fault = Some(Fault {
                code: problem.code,
                reason: problem.reason,
                paste: problem.paste,
                quickbooks: None,
                since: kept.map_or(self.started_at, |fault| fault.since),
                attempts: 0,
                next_attempt_at: None,
                basis: self.basis(*key, &record),
            });
            commit.record(*key, &record);
        }
        self.register.commit(commit).await?;
        Ok(steps.into_iter().filter(|step| !sifted.held.contains_key(&step.key)).collect())
    }

    /// Judges the documents that are to be created, once customers are written
    /// and before any document is.
    pub(super) async fn guard_documents(&mut self) -> Result<(), StoreError> {
        if self.mode == Mode::Look || self.guarded.free {
            return Ok(());
        }
        let (mut candidates, mut standing) = (Vec::new(), 0);
        for entry in ORDER.iter().filter(|entry| entry.entity != Entity::Customer) {
            self.register.each_record(entry.entity, |key, record| {
                standing += usize::from(record.object.is_some());
                candidates.extend(self.creation(key, &record));
                Ok(())
            })?;
        }
        let rows = candidates.iter().map(|one| (one.row.key, one.row.digest.clone())).collect();
        let mut commit = Commit::new();
        let mut sifted = self.sift_sets(&mut commit, &DOCUMENTS, &rows)?;
        drop(rows);
        candidates.retain(|one| sifted.is_free(one.row.key));
        let guards = &self.world.settings.guards;
        let today = self.world.today();
        let earliest = match guards.backfill {
            Backfill::From(day) => day,
            Backfill::Days(days) => today.saturating_sub(days.days()),
        };
        for Caught { guard, reason, at } in documents_held(guards, &candidates, (earliest, standing)) {
            let rows: Vec<GuardRow> = at.iter().map(|at| candidates[*at].row.clone()).collect();
            let amounts = sums(at.iter().map(|at| &candidates[*at]));
            self.freeze(&mut commit, (guard, reason), (&rows, amounts), &mut sifted)?;
        }
        self.guarded.documents = sifted;
        self.register.commit(commit).await
    }

    /// The document that a pass would create of a record, if it would.
    fn creation(&self, key: Key, record: &RecordState) -> Option<Candidate> {
        if record.object.is_some()
            || key.entity == Entity::Refund
            || takes_back(key, record).is_some()
            || self.matches.contains_key(&key)
            || self.link(record.customer).is_some_and(Link::observes)
            || record.fault.as_ref().is_some_and(|fault| fault.attempts > 0)
            || (record.staxbill_quickbooks_id.is_some() && !self.accepts(key, record.customer))
        {
            return None;
        }
        let facts = self.document(key, record, None);
        let free = facts.in_scope
            && !facts.waiting
            && facts.blocked_by.is_none()
            && facts.problem.is_none()
            && facts.writes_held.is_none();
        if !free {
            return None;
        }
        let told = format!("{} {} {:?}", record.amount, record.currency, record.date);
        let fresh = self.guarded.fresh.get(&record.customer).copied();
        let (changed, back) = fresh.unwrap_or_default();
        Some(Candidate {
            row: GuardRow { key, digest: Digest::of([told.as_str()]) },
            date: record.date,
            currency: record.currency,
            amount: record.amount,
            changed,
            back,
        })
    }
}
