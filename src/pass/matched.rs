//! Matched documents: what of them is ours, and what is a person's.

use super::Pass;
use super::funds::{claims, netted_sum, sum};
use super::recover::found_netted;
use super::verdict::Verdict;
use crate::model::{
    Applied, Code, Entity, Key, Linked, Money, ObjectKind, Observed, OnDrift, Part, Problem, RecordState,
    State, Withdrawal,
};
use crate::plan::{Decision, Note};
use crate::store::{Register, StoreError};

impl Pass<'_> {
    /// What becomes of a record that the files match and that has no object:
    /// it is never created.
    pub(super) fn unmatched(&self, key: Key, record: &RecordState) -> Option<Verdict> {
        let one = self.matches.get(&key).filter(|_| record.object.is_none())?;
        let view = self.customers.get(&record.customer)?;
        if !view.in_scope || !record.send || self.waiting.contains(&key) {
            return None;
        }
        let decision = match (&one.problem, view.root) {
            (Some(problem), _) => Decision::Rest(State::Failed, Note::Is(problem.clone())),
            (None, Some(root)) => Decision::Blocked(root),
            (None, None) => Decision::Rest(State::NotTried, Note::Clear),
        };
        Some(Verdict::rest(decision))
    }

    /// What is wrong with a matched document: amounts are never ours to mend.
    pub(super) fn match_problem(&self, key: Key, record: &RecordState) -> Option<Problem> {
        if let Some(problem) = self.matches.get(&key).and_then(|one| one.problem.clone()) {
            return Some(problem);
        }
        let object = record.living().filter(|_| record.matched)?;
        let should = record.amount - netted_sum(record);
        let reason = format!(
            "it is matched with QuickBooks' {}, which comes to {}, and in Stax Bill to {should}; correct it there by \
             hand, or the match",
            object.id, object.total
        );
        (object.total != should).then(|| Problem::new(Code::AmountMismatch, reason))
    }

    /// Whether what was taken back of a matched document lies before its
    /// customer's start, and is nobody's to post.
    pub(super) fn taken_back_early(&self, record: &RecordState, withdrawal: &Withdrawal) -> bool {
        let start = self.customers.get(&record.customer).and_then(|view| view.start);
        record.matched && start.is_some_and(|start| withdrawal.date < start)
    }

    /// What of a matched memo's part of an invoice a foreign payment lays there
    /// already, as Stax Bill's own sync does.
    pub(super) fn laid_by_others(
        &self,
        (fund, record): (Key, &RecordState),
        on: Key,
    ) -> Result<Money, StoreError> {
        if !record.matched {
            return Ok(Money::ZERO);
        }
        let own = self.register.foreign_on(fund)?;
        let on = self.register.foreign_on(on)?;
        let both = on.iter().filter(|one| own.iter().any(|other| other.payment == one.payment));
        Ok(both.map(|one| one.amount).sum())
    }
}

/// Why a matched payment cannot be applied as it should be: lines that are
/// not ours are sent along, and stay as they are.
pub(super) fn hindered(record: &RecordState, wanted: &[Applied]) -> Option<Problem> {
    let object = record.living().filter(|_| record.matched && !record.beside.is_empty())?;
    let plain = |row: &&Linked| row.kind == ObjectKind::Invoice || row.kind == ObjectKind::JournalEntry;
    let beside: Money = record.beside.iter().filter(plain).map(|row| row.amount).sum();
    let other = record.beside.iter().find(|row| !plain(row));
    let why = match other {
        Some(row) if row.amount.is_zero() => {
            format!("QuickBooks' payment {} is applied to something that latchd does not know", object.id)
        }
        Some(row) => format!("QuickBooks' payment {} applies the {} {} too", object.id, row.kind, row.id),
        None if sum(wanted) + beside > object.total => {
            let row = &record.beside[0];
            format!(
                "{beside} of QuickBooks' payment {} stands on documents that are no records of ours, such as the {} \
                 {}, and leaves no room",
                object.id, row.kind, row.id
            )
        }
        None => return None,
    };
    let reason =
        format!("{why}; apply it there by hand just as Stax Bill shows it, or match those documents too");
    Some(Problem::new(Code::PossibleDuplicate, reason))
}

/// Why a refund or a debit of a matched document waits for a person.
pub(super) fn taken_back_by_hand(of: Key, whole: &RecordState, of_it: &RecordState) -> Option<Problem> {
    let object = whole.living().filter(|_| whole.matched)?;
    let payment = of.entity == Entity::Payment;
    let entry = if payment { ", or write refund_as = \"journal-entry\"" } else { "" };
    let reason = format!(
        "it takes back {of}, which is matched with QuickBooks' {} and is never lowered by latchd; lower it there by \
         hand by {}{entry}",
        object.id, of_it.amount
    );
    Some(Problem::new(Code::AmountMismatch, reason))
}

/// Takes over how a matched document stands in QuickBooks now. What it is
/// applied to is ours; the rest is a person's, and as it is.
pub(super) fn see_matched(
    pass: &Pass<'_>,
    record: &mut RecordState,
    object: &Observed,
) -> Result<(), StoreError> {
    let Some(known) = record.object.as_mut() else { return Ok(()) };
    let (moved, drifted) = (known.content != object.content, known.content != known.written);
    known.see(object);
    if !moved {
        return Ok(());
    }
    let (applied, beside) = lines_of(&pass.register, object)?;
    record.beside = beside;
    let before = std::mem::replace(&mut record.applied, applied);
    record.netted = found_netted(pass, record, object.total)?;
    let wanted =
        claims(record).into_iter().map(|row| Applied { to: Key::invoice(row.invoice), amount: row.amount });
    let as_wanted = record.applied.iter().cloned().eq(wanted);
    let restores = pass.world.settings.posting.on_drift == OnDrift::Restore;
    let sound = as_wanted || restores || (!drifted && record.applied == before);
    if let Some(known) = record.object.as_mut().filter(|_| sound) {
        known.written = known.content.clone();
    }
    Ok(())
}

/// What a payment is applied to: by our records, and besides. What has no kind
/// that latchd knows shows as a memo of nothing.
pub(super) fn lines_of(
    register: &Register,
    object: &Observed,
) -> Result<(Vec<Applied>, Vec<Linked>), StoreError> {
    let (mut applied, mut beside) = (Vec::new(), Vec::new());
    if object.kind != ObjectKind::Payment {
        return Ok((applied, beside));
    }
    let mut settled = Money::ZERO;
    for row in &object.applied {
        let known = register.record_of(row.kind, &row.id)?;
        match (row.kind, known) {
            (ObjectKind::Invoice | ObjectKind::JournalEntry, Some((to, Part::Whole))) => {
                settled += row.amount;
                applied.push(Applied { to, amount: row.amount });
            }
            (ObjectKind::Invoice | ObjectKind::JournalEntry, _) => {
                settled += row.amount;
                beside.push(row.clone());
            }
            (ObjectKind::Customer | ObjectKind::CreditMemo | ObjectKind::Payment, _) => {
                settled -= row.amount;
                beside.push(row.clone());
            }
        }
    }
    if settled != object.total - object.open {
        beside.push(Linked { kind: ObjectKind::CreditMemo, id: object.id.clone(), amount: Money::ZERO });
    }
    applied.sort();
    Ok((applied, beside))
}

/// The lines of a payment that are not ours, where a write has to send them
/// along.
pub(super) fn sent_along(key: Key, part: Part, record: &RecordState) -> Vec<Linked> {
    let payment = key.entity == Entity::Payment && part == Part::Whole;
    if payment && record.matched { record.beside.clone() } else { Vec::new() }
}
