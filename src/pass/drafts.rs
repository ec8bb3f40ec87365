//! Drafts: the writes that bring a payment or a memo to what it should be.

use std::cmp::max;

use super::Pass;
use super::funds::{Wanted, sum};
use super::shares::standing_on;
use super::verdict::Draft;
use crate::entity::payment::released;
use crate::model::{Applied, Entity, Key, Money, Part, Problem, RecordState};
use crate::plan::Action;
use crate::store::StoreError;

impl Pass<'_> {
    /// The writes about a memo that stands: itself where the `whole` of it is to
    /// be another, else what applies it.
    pub(super) fn memo_drafts(
        &self,
        (key, record): (Key, &RecordState),
        (action, reason): (Action, &'static str),
        wanted: &Wanted,
        whole: bool,
    ) -> Result<Vec<Draft>, StoreError> {
        let drifted = record.object.as_ref().is_some_and(|object| object.content != object.written);
        if whole || (action == Action::Restore && drifted) {
            let draft = Draft::whole(key, record, (action, reason), wanted.total);
            return Ok(vec![Draft { netted: wanted.netted.clone(), ..draft }]);
        }
        let mut drafts = Vec::new();
        for row in &wanted.lines {
            let changed = record.applications.get(&row.to).is_some_and(|one| one.content != one.written);
            if action == Action::Restore && changed {
                drafts.push(self.part((key, record), (Action::Restore, reason), row.clone())?);
            } else if action != Action::Restore && standing_on(record, row.to) < row.amount {
                drafts.push(self.part((key, record), (Action::Apply, reason), row.clone())?);
            }
        }
        Ok(drafts)
    }

    /// What a memo lets go: its applications first, and once these are
    /// answered, the memo itself.
    pub(super) fn memo_releases(
        &self,
        (key, record): (Key, &RecordState),
        reason: &'static str,
        wanted: &Wanted,
        kept: &[Applied],
    ) -> Result<Vec<Draft>, StoreError> {
        let mut drafts = Vec::new();
        for row in &record.applied {
            let stays = kept.iter().filter(|one| one.to == row.to).map(|one| one.amount).sum::<Money>();
            if stays < row.amount {
                let action = if stays.is_zero() { Action::Void } else { Action::Release };
                drafts.push(self.part(
                    (key, record),
                    (action, reason),
                    Applied { to: row.to, amount: stays },
                )?);
            }
        }
        if drafts.is_empty() {
            let draft =
                Draft::whole(key, record, (Action::Amend, "it was taken back in Stax Bill"), wanted.total);
            drafts.push(Draft { netted: wanted.netted.clone(), ..draft });
        }
        Ok(drafts)
    }

    fn part(
        &self,
        (_, record): (Key, &RecordState),
        why: (Action, &'static str),
        now: Applied,
    ) -> Result<Draft, StoreError> {
        let other = self.register.record(now.to)?;
        let of = |record: &RecordState| record.object.as_ref().and_then(|object| object.date).or(record.date);
        // Its day may be what someone changed.
        let known = record.applications.get(&now.to).filter(|one| one.lives() && why.0 != Action::Restore);
        let known = known.and_then(|one| one.date);
        let date = known.or_else(|| max(of(record), other.as_ref().and_then(of)));
        Ok(Draft::part(record, why, now, date))
    }

    /// Why a write may not be made for its day.
    pub(super) fn closed_for(&self, draft: &Draft) -> Option<Problem> {
        let new = draft.quickbooks_id.is_none();
        let whole = draft.part == Part::Whole;
        self.closed(draft.date.filter(|_| !(new && self.moves_creations())), new && whole)
    }
}

/// The write about a payment, or about a memo that is not there yet.
pub(super) fn payment_or_new(
    (key, record): (Key, &RecordState),
    (action, reason): (Action, &'static str),
    wanted: &Wanted,
) -> Draft {
    let only_raised = released(&record.applied, &wanted.lines) == record.applied;
    let memo = key.entity != Entity::Payment;
    let (lines, netted) = (wanted.lines.clone(), wanted.netted.clone());
    match action {
        // One that was refunded in full before it was first seen is created
        // whole and voided next: the end is the same whenever one looks.
        Action::Create if !memo && wanted.total.is_zero() => {
            let draft = Draft::whole(key, record, (action, reason), record.amount);
            Draft { applied: Vec::new(), netted: Vec::new(), ..draft }
        }
        Action::Create => {
            let draft = Draft::whole(key, record, (action, reason), wanted.total);
            Draft { applied: if memo { Vec::new() } else { lines }, netted, ..draft }
        }
        Action::Amend if only_raised => {
            let total = record.object.as_ref().map_or(wanted.total, |object| object.total);
            let draft = Draft::whole(key, record, (Action::Apply, reason), total);
            Draft { amount: sum(&lines) - sum(&record.applied), applied: lines, ..draft }
        }
        Action::Amend | Action::Apply | Action::Adopt | Action::Release | Action::Void | Action::Restore => {
            let draft = Draft::whole(key, record, (action, reason), wanted.total);
            Draft { applied: lines, netted, ..draft }
        }
    }
}
