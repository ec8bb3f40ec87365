//! Facts about funds: what a payment, a credit, a credit note or a write-off
//! should come to, and what it should be applied to.

use std::cmp::max;

use super::Pass;
use super::drafts::payment_or_new;
use super::matched::hindered;
use super::shares::{standing_on, together};
use super::takes::Take;
use super::verdict::{Draft, Verdict};
use crate::entity::payment::released;
use crate::model::{
    Allocation, Applied, Code, Entity, Key, Money, Problem, RecordState, RefundAs, State, Withdrawal,
};
use crate::mutation::Mutation;
use crate::plan::{Action, Decision, Facts, Note, Parts, decide};
use crate::store::{Body, StoreError};

/// What a fund should be in QuickBooks.
#[derive(Default)]
pub(super) struct Wanted {
    /// What its document comes to.
    pub(super) total: Money,
    /// What it is applied to.
    pub(super) lines: Vec<Applied>,
    /// What of that stands until what it waits for does, where that is less.
    pub(super) until: Option<Vec<Applied>>,
    /// Refunds or debits that lower it.
    pub(super) netted: Vec<Key>,
    /// What of it lies beyond the customer's start, or waits for a person.
    pub(super) crossing: Option<Problem>,
    /// What it must wait for.
    pub(super) blocked: Option<Key>,
    /// What is wrong with it.
    pub(super) problem: Option<Problem>,
}

impl Wanted {
    /// What it keeps of what it is applied to; all else is let go.
    fn keeps(&self, record: &RecordState) -> Vec<Applied> {
        released(&record.applied, self.until.as_ref().unwrap_or(&self.lines))
    }

    /// What it lets go of, with everything that stands on what is lowered.
    pub(super) fn lowers(&self, record: &RecordState) -> Vec<Key> {
        let kept = self.keeps(record);
        let less = |row: &&Applied| {
            kept.iter().filter(|one| one.to == row.to).map(|one| one.amount).sum::<Money>() < row.amount
        };
        record.applied.iter().filter(less).map(|row| row.to).collect()
    }
}

impl Pass<'_> {
    pub(super) fn judge_fund(&self, key: Key, record: &RecordState) -> Result<Verdict, StoreError> {
        let basis = self.asked_basis(key, record);
        let mut facts = self.document(key, record, basis.as_ref());
        if !facts.in_scope {
            return Ok(Verdict::rest(decide(&facts)));
        }
        if self.unread(key, record)? {
            // It is not asked for as long as its customer is not linked.
            let unasked = Decision::Rest(State::NotTried, Note::Clear);
            return Ok(Verdict::rest(facts.blocked_by.map_or(unasked, Decision::Blocked)));
        }
        let wanted = self.wanted(key, record)?;
        let memo = key.entity != Entity::Payment;
        let living = record.living();
        let pending = living.is_some_and(|object| object.total > wanted.total);
        let kept = released(&record.applied, &wanted.lines);
        let raised = kept != wanted.lines;
        wish(&mut facts, key, &wanted);
        if facts.problem.is_none() && facts.blocked_by.is_none() {
            facts.problem = self.untranslatable(key, record)?;
        }
        if pending && raised {
            facts.blocked_by = facts.blocked_by.or_else(|| first_pending(record, &wanted));
        }
        let written = record.amount - netted_sum(record);
        facts.renewed = self.is_resent(key) && self.is_made_otherwise(key, record)?;
        facts.mismatch = living.is_some_and(|object| object.total != written);
        // What a refund or a debit is to lower shows at that record.
        facts.changed = living.is_some() && if pending { raised } else { wanted.lines != record.applied };
        if memo && living.is_some() {
            // Its applications have days of their own.
            facts.writes_held = self.objection();
        }
        if facts.changed {
            facts.writes_held = facts.writes_held.or_else(|| hindered(record, &wanted.lines));
        }
        let mut decision = decide(&facts);
        let crossing = facts.crossing.clone();
        let mut drafts = Vec::new();
        if let Decision::Act(action, reason) = decision {
            drafts = if memo && living.is_some() && action != Action::Create {
                self.memo_drafts((key, record), (action, reason), &wanted, facts.mismatch || facts.renewed)?
            } else {
                vec![payment_or_new((key, record), (action, reason), &wanted)]
            };
            if let Some(closed) = drafts.iter().find_map(|draft| self.closed_for(draft)) {
                decision = Decision::Rest(State::Held, Note::Is(closed));
            } else if let ([draft], Decision::Act(..)) = (drafts.as_slice(), &decision) {
                decision = Decision::Act(draft.action, reason);
            }
        }
        Ok(Verdict { decision, drafts, crossing })
    }

    /// Whether nothing but its row in the stream is known of a credit, which
    /// tells neither what was taken back of it nor who posted it already.
    fn unread(&self, key: Key, record: &RecordState) -> Result<bool, StoreError> {
        let listed = key.entity == Entity::Credit && !record.opening && record.invalid.is_none();
        Ok(listed && record.object.is_none() && self.register.body(key)?.is_none())
    }

    /// What a fund lets go, whatever becomes of what it is to take; `None`
    /// where it lets go of nothing.
    pub(super) fn judge_release(
        &self,
        key: Key,
        record: &RecordState,
    ) -> Result<Option<Verdict>, StoreError> {
        let Some(object) = record.living() else { return Ok(None) };
        let wanted = self.wanted(key, record)?;
        let lowered = object.total > wanted.total;
        let kept = wanted.keeps(record);
        if kept == record.applied && !lowered {
            return Ok(None);
        }
        let basis = self.basis(key, record);
        let mut facts = self.document(key, record, Some(&basis));
        let memo = key.entity != Entity::Payment;
        facts.total = wanted.total;
        facts.voidable = !memo;
        facts.changed = true;
        // A release is no creation: it does not wait for what is to be taken.
        for row in &kept {
            let stands = self.register.record(row.to)?.is_some_and(|other| other.living().is_some());
            if !stands {
                facts.blocked_by = facts.blocked_by.or(Some(row.to));
            }
        }
        let pending = if lowered { first_pending(record, &wanted) } else { None };
        let refused = pending.map(|key| self.register.record(key)).transpose()?.flatten();
        if let (Some(key), Some(withdrawal)) = (pending, &refused) {
            facts.dismissed = self.is_dismissed(key, withdrawal);
        }
        let refused = refused.as_ref().and_then(|withdrawal| withdrawal.fault.as_ref());
        facts.fault = refused.or(record.fault.as_ref());
        if memo {
            facts.writes_held = self.objection();
        }
        facts.writes_held = facts.writes_held.or_else(|| hindered(record, &kept));
        let decision = decide(&facts);
        let Decision::Act(action, reason) = decision else { return Ok(Some(Verdict::rest(decision))) };
        let drafts = match (memo, action) {
            (true, _) => self.memo_releases((key, record), reason, &wanted, &kept)?,
            (false, Action::Void) => {
                let draft = Draft::whole(key, record, (Action::Void, reason), Money::ZERO);
                vec![Draft { amount: object.total, applied: Vec::new(), netted: wanted.netted, ..draft }]
            }
            (false, _) => {
                let freed = sum(&record.applied) - sum(&kept);
                let action = if action == Action::Restore { action } else { Action::Release };
                let draft = Draft::whole(key, record, (action, reason), wanted.total);
                let amount = max(freed, object.total - wanted.total);
                vec![Draft { amount, applied: kept, netted: wanted.netted, ..draft }]
            }
        };
        if let Some(closed) = drafts.iter().find_map(|draft| self.closed_for(draft)) {
            return Ok(Some(Verdict::rest(Decision::Rest(State::Held, Note::Is(closed)))));
        }
        let action = drafts.first().map_or(action, |draft| draft.action);
        Ok(Some(Verdict { decision: Decision::Act(action, reason), drafts, crossing: None }))
    }

    /// What a fund should be, from what Stax Bill says of it and how what it
    /// settles stands.
    pub(super) fn wanted(&self, key: Key, record: &RecordState) -> Result<Wanted, StoreError> {
        let start = self.customers.get(&record.customer).and_then(|view| view.start);
        let mut wanted = Wanted { total: record.amount, ..Wanted::default() };
        let mut rows = claims(record);
        if Mutation::DropApplication.is_planted() && rows.len() > 1 {
            rows.pop();
        }
        for withdrawal in record.withdrawals.iter().filter(|_| !Mutation::IgnoreWithdrawals.is_planted()) {
            let counts = start.is_none_or(|start| withdrawal.date >= start);
            if self.is_entry(record, withdrawal)? {
                for row in &withdrawal.allocations {
                    add(&mut rows, row);
                }
            } else if record.netted.contains(&withdrawal.key) || (counts && !record.matched) {
                wanted.total -= withdrawal.amount;
                wanted.netted.push(withdrawal.key);
            } else if !counts {
                let reason = format!(
                    "{} of it was taken back by {} of {}, before the customer's start",
                    withdrawal.amount, withdrawal.key, withdrawal.date
                );
                wanted.crossing = Some(Problem::new(Code::AppliedBeforeStart, reason));
            }
        }
        if let Some(parent) = record.parent.filter(|_| !as_allocated(record, &rows)) {
            let reason = format!(
                "it was paid with the payment method of its parent, customer {parent}: it stands unapplied; \
                 apply it in QuickBooks by hand just as Stax Bill shows it"
            );
            wanted.crossing = Some(Problem::new(Code::InvalidRecord, reason)).filter(|_| !rows.is_empty());
            rows.clear();
        }
        let (mut crossing, mut crossed, mut yielding) = (None, Money::ZERO, Vec::new());
        for row in &rows {
            match self.take((key, record), row)? {
                Take::Fits(lines) => wanted.lines.extend(lines),
                Take::Blocked(by) => {
                    wanted.blocked = wanted.blocked.or(Some(by));
                    wanted.lines.push(Applied { to: Key::invoice(row.invoice), amount: row.amount });
                }
                Take::Yields(by, until) => {
                    wanted.blocked = wanted.blocked.or(Some(by));
                    let to = Key::invoice(row.invoice);
                    wanted.lines.push(Applied { to, amount: row.amount });
                    yielding.push((to, until));
                }
                Take::Crossing(problem) => {
                    crossing = Some(problem);
                    let to = Key::invoice(row.invoice);
                    let amount = standing_on(record, to).min(row.amount);
                    crossed += row.amount - amount;
                    wanted.lines.extend((!amount.is_zero()).then_some(Applied { to, amount }));
                }
                Take::Wrong(problem) => wanted.problem = Some(problem),
            }
        }
        // A matched payment stands on what is older than the start already.
        if crossed > record.beside.iter().map(|row| row.amount).sum() {
            wanted.crossing = crossing;
        }
        wanted.lines = together(wanted.lines);
        if !yielding.is_empty() {
            let mut until = wanted.lines.clone();
            until.retain(|line| yielding.iter().all(|(to, _)| *to != line.to));
            until.extend(yielding.into_iter().flat_map(|(_, lines)| lines));
            wanted.until = Some(together(until));
        }
        self.keep_within(key, &mut wanted)?;
        Ok(wanted)
    }

    /// Whether a refund stands, or is to stand, as a journal entry of its own.
    pub(super) fn is_entry(&self, record: &RecordState, withdrawal: &Withdrawal) -> Result<bool, StoreError> {
        if withdrawal.key.entity != Entity::Refund || record.netted.contains(&withdrawal.key) {
            return Ok(false);
        }
        if self.taken_back_early(record, withdrawal) {
            return Ok(self.register.record(withdrawal.key)?.is_some_and(|refund| refund.object.is_some()));
        }
        // A write that is open was made under the settings of its time, and may
        // have taken effect.
        if matches!(self.world.settings.posting.refund_as, RefundAs::JournalEntry { .. })
            || self.waiting.contains(&withdrawal.key)
        {
            return Ok(true);
        }
        Ok(self.register.record(withdrawal.key)?.is_some_and(|refund| refund.object.is_some()))
    }

    /// What someone else took of a memo is not ours to apply any more.
    fn keep_within(&self, key: Key, wanted: &mut Wanted) -> Result<(), StoreError> {
        if key.entity == Entity::Payment || wanted.lines.is_empty() {
            return Ok(());
        }
        let foreign: Money = self.register.foreign_on(key)?.iter().map(|one| one.amount).sum();
        let mut over = sum(&wanted.lines) + foreign - wanted.total;
        while !over.is_negative() && !over.is_zero() {
            let Some(last) = wanted.lines.last_mut() else { break };
            let cut = last.amount.min(over);
            last.amount -= cut;
            over -= cut;
            if last.amount.is_zero() {
                wanted.lines.pop();
            }
        }
        Ok(())
    }

    /// What would keep a fund from being translated, where that is known
    /// without a call.
    fn untranslatable(&self, key: Key, record: &RecordState) -> Result<Option<Problem>, StoreError> {
        if record.object.is_some() {
            return Ok(None);
        }
        Ok(match self.register.body(key)? {
            Some(Body::Credit(credit)) => {
                crate::entity::credit::translate(&credit, credit.amount, self.setting()).err()
            }
            Some(Body::WriteOff(write_off)) => {
                crate::entity::write_off::translate(&write_off, self.setting()).err()
            }
            Some(Body::Payment(payment)) => {
                crate::entity::payment::translate(&payment, payment.amount, &[], self.setting()).err()
            }
            Some(Body::Customer(_) | Body::Invoice(_) | Body::CreditNote(_)) | None => None,
        })
    }
}

fn wish(facts: &mut Facts<'_>, key: Key, wanted: &Wanted) {
    facts.crossing.clone_from(&wanted.crossing);
    facts.problem = facts.problem.take().or_else(|| wanted.problem.clone());
    facts.blocked_by = facts.blocked_by.or(wanted.blocked);
    facts.total = wanted.total;
    facts.voidable = key.entity == Entity::Payment;
    facts.parts = parts(facts.record, &wanted.lines);
}

/// What Stax Bill has a fund settle.
pub(super) fn claims(record: &RecordState) -> Vec<Allocation> {
    match record.of {
        Some(Key { entity: Entity::Invoice, id }) => vec![Allocation { invoice: id, amount: record.amount }],
        Some(_) | None => record.allocations.clone(),
    }
}

/// Whether a fund lets go of nothing, as can be seen without looking at what it
/// settles: for nearly all of them, in nearly every pass.
pub(super) fn stands_as_claimed(record: &RecordState) -> bool {
    let total = record.object.as_ref().map(|object| object.total);
    as_allocated(record, &claims(record)) && total == Some(record.amount - netted_sum(record))
}

/// Whether it is applied in QuickBooks just as Stax Bill has it.
fn as_allocated(record: &RecordState, rows: &[Allocation]) -> bool {
    let applied = record.applied.iter().map(|row| (row.to, row.amount));
    applied.eq(rows.iter().map(|row| (Key::invoice(row.invoice), row.amount)))
}

fn add(rows: &mut Vec<Allocation>, more: &Allocation) {
    match rows.iter_mut().find(|row| row.invoice == more.invoice) {
        Some(row) => row.amount += more.amount,
        None => rows.push(more.clone()),
    }
    rows.sort();
}

fn first_pending(record: &RecordState, wanted: &Wanted) -> Option<Key> {
    wanted.netted.iter().find(|key| !record.netted.contains(key)).copied()
}

pub(super) fn netted_sum(record: &RecordState) -> Money {
    let netted = record.withdrawals.iter().filter(|one| record.netted.contains(&one.key));
    netted.map(|one| one.amount).sum()
}

pub(super) fn sum(rows: &[Applied]) -> Money {
    rows.iter().map(|row| row.amount).sum()
}

/// How the objects stand that apply a memo, where they are still wanted.
fn parts(record: &RecordState, lines: &[Applied]) -> Parts {
    for object in lines.iter().filter_map(|row| record.applications.get(&row.to)) {
        if !object.lives() {
            return Parts::Gone(object.id.clone());
        }
        if object.lives() && object.content != object.written {
            return Parts::Changed(object.id.clone());
        }
    }
    Parts::Sound
}
