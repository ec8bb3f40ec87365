//! Facts about refunds and debits: they lower the payment or the credit that
//! they take back, or stand as a journal entry.

use super::Pass;
use super::matched::taken_back_by_hand;
use super::verdict::{Draft, Verdict};
use crate::entity::refund;
use crate::model::{Code, Entity, Key, Problem, RecordState, State, Taken, Withdrawal, noon_of};
use crate::plan::{Decision, Note, decide};
use crate::store::StoreError;

impl Pass<'_> {
    pub(super) fn judge_withdrawal(
        &self,
        key: Key,
        record: &RecordState,
        of: Key,
    ) -> Result<Verdict, StoreError> {
        let Some(whole) = self.register.record(of)? else { return Ok(Verdict::rest(Decision::Blocked(of))) };
        let entry = whole.withdrawals.iter().find(|one| one.key == key);
        if let Some(withdrawal) = entry
            && self.is_entry(&whole, withdrawal)?
        {
            return Ok(self.judge_entry(key, record, (of, &whole), withdrawal));
        }
        let basis = self.asked_basis(key, record);
        let mut facts = self.document(key, record, basis.as_ref());
        if !facts.in_scope || facts.problem.is_some() {
            return Ok(Verdict::rest(decide(&facts)));
        }
        facts.writes_held = None;
        if let Some(rest) = self.beyond(record, (of, &whole)) {
            return Ok(Verdict::rest(rest));
        }
        let object = whole.object.as_ref().filter(|object| !object.deleted);
        let rest = match object {
            Some(_) if whole.netted.contains(&key) => Decision::Rest(State::Synced, Note::Clear),
            Some(_) if let Some(problem) = taken_back_by_hand(of, &whole, record) => {
                Decision::Rest(State::Held, Note::Is(problem))
            }
            _ if self.waiting.contains(&of) => Decision::Blocked(of),
            None if let Some(by) = facts.blocked_by => Decision::Blocked(by),
            None if whole.state == State::NotTried && whole.blocked_by.is_none() && whole.fault.is_none() => {
                Decision::Rest(State::NotTried, Note::Clear)
            }
            None => Decision::Blocked(whole.blocked_by.unwrap_or(of)),
            Some(_) => match self.judge_release(of, &whole)?.map(|verdict| verdict.decision) {
                Some(Decision::Act(..)) => Decision::Rest(State::NotTried, Note::Keep),
                Some(Decision::Rest(State::Held, Note::Is(problem))) => {
                    Decision::Rest(State::Held, Note::Is(problem))
                }
                Some(Decision::Rest(State::Failed, Note::Keep)) if record.fault.is_some() => {
                    Decision::Rest(State::Failed, Note::Keep)
                }
                Some(Decision::Blocked(by)) => Decision::Blocked(by),
                Some(Decision::Rest(State::OutOfScope, _)) => {
                    let reason = format!(
                        "it takes back {of}, which stands in QuickBooks and is before the customer's start now; lower \
                         it there by hand, or move the start back"
                    );
                    Decision::Rest(State::Held, Note::Is(Problem::new(Code::AppliedBeforeStart, reason)))
                }
                // What is wrong with the whole shows there.
                Some(Decision::Rest(..)) | None => Decision::Blocked(whole.blocked_by.unwrap_or(of)),
            },
        };
        Ok(Verdict::rest(rest))
    }

    /// Where what it takes back does not count here.
    fn beyond(&self, record: &RecordState, (of, whole): (Key, &RecordState)) -> Option<Decision> {
        let start = self.customers.get(&record.customer).and_then(|view| view.start);
        let early = whole.date.filter(|date| start.is_some_and(|start| *date < start));
        if let Some(date) = early.filter(|_| whole.object.is_none()) {
            let reason = format!("it takes back {of} of {date}, before the customer's start");
            let problem = Problem::new(Code::AppliedBeforeStart, reason);
            return Some(Decision::Rest(State::Held, Note::Is(problem)));
        }
        (!whole.send).then_some(Decision::Rest(State::OutOfScope, Note::Clear))
    }

    /// A refund as a journal entry of its own.
    fn judge_entry(
        &self,
        key: Key,
        record: &RecordState,
        (of, whole): (Key, &RecordState),
        withdrawal: &Withdrawal,
    ) -> Verdict {
        let basis = self.asked_basis(key, record);
        let mut facts = self.document(key, record, basis.as_ref());
        if !facts.in_scope || facts.problem.is_some() {
            return Verdict::rest(decide(&facts));
        }
        if record.object.is_none() {
            if let Some(rest) = self.beyond(record, (of, whole)) {
                return Verdict::rest(rest);
            }
            if self.waiting.contains(&of) {
                // A write that is open may lower the payment by this very refund.
                return Verdict::rest(Decision::Blocked(of));
            }
            if whole.living().is_none() {
                facts.blocked_by = facts.blocked_by.or(Some(whole.blocked_by.unwrap_or(of)));
            }
            facts.problem = refund::translate(
                &self.taken(withdrawal),
                (record.customer, record.currency),
                self.setting(),
            )
            .err();
        }
        facts.mismatch = record.living().is_some_and(|object| object.total != record.amount);
        facts.changed = false;
        let decision = decide(&facts);
        let drafts = match decision {
            Decision::Act(action, reason) => vec![Draft::whole(key, record, (action, reason), record.amount)],
            Decision::Rest(..) | Decision::Blocked(_) => Vec::new(),
        };
        Verdict { decision, drafts, crossing: None }
    }

    /// A refund as it was read, as far as an entry needs it.
    pub(crate) fn taken(&self, withdrawal: &Withdrawal) -> Taken {
        Taken {
            id: withdrawal.key.id,
            effective_at: noon_of(withdrawal.date, &self.world.settings.company.time_zone),
            amount: withdrawal.amount,
            allocations: withdrawal.allocations.clone(),
            quickbooks_id: None,
        }
    }
}

/// Whether a record takes another back.
pub(super) fn takes_back(key: Key, record: &RecordState) -> Option<Key> {
    match key.entity {
        Entity::Refund | Entity::Credit => record.of.filter(|of| of.entity != Entity::Invoice),
        Entity::Customer | Entity::Invoice | Entity::Payment | Entity::ChargeReversal | Entity::WriteOff => {
            None
        }
    }
}
