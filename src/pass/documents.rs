//! Facts about documents of any kind, and about invoices: do they count, what
//! do they wait for, may they be written.

use jiff::civil::Date;

use super::left::Why;
use super::verdict::{Draft, Verdict};
use super::{Cause, Holds, Pass};
use crate::entity::invoice;
use crate::model::{ClosedPeriod, Code, Digest, Key, Money, OnDrift, Problem, RecordState};
use crate::plan::{Action, Decision, Facts, decide, document_in_scope};
use crate::store::{Body, StoreError};

impl Pass<'_> {
    /// What is true of a document of any kind.
    pub(super) fn document<'f>(
        &self,
        key: Key,
        record: &'f RecordState,
        basis: Option<&'f Digest>,
    ) -> Facts<'f> {
        let mut facts = self.facts(key, record, basis);
        let Some(view) = self.customers.get(&record.customer) else {
            let reason = format!("Stax Bill does not list its customer {}", record.customer);
            facts.problem = Some(Problem::new(Code::InvalidRecord, reason));
            return facts;
        };
        let worth = !record.amount.is_zero() || record.object.is_some() || record.invalid.is_some();
        let matched = record.matched || self.matches.contains_key(&key);
        let dated = matched || record.date.is_none_or(|date| document_in_scope(date, view.start, worth));
        facts.in_scope = view.in_scope && dated && record.send;
        facts.problem = facts.problem.or_else(|| self.match_problem(key, record));
        if record.matched {
            // What a person changed of it is a person's.
            facts.on_drift = OnDrift::Report;
        }
        facts.blocked_by = view.root;
        let living = record.living();
        if living.is_some() && view.in_scope && !dated {
            self.left.note(Why::Earlier { customer: record.customer }, (key, record));
        }
        let theirs = living.and_then(|object| object.customer.as_ref());
        let pair = theirs.zip(view.quickbooks_id.as_ref());
        if let Some((theirs, ours)) = pair.filter(|(theirs, ours)| theirs != ours) {
            if view.before.as_ref() == Some(theirs) {
                let why = Why::Relinked { customer: record.customer, from: theirs.clone() };
                self.left.note(why, (key, record));
            } else if view.root.is_none() {
                facts.moved = Some((theirs.clone(), ours.clone()));
            }
        }
        let day = match &record.object {
            Some(object) => object.date.or(record.date),
            None => record.date.filter(|_| !self.moves_creations()),
        };
        facts.writes_held = self.objection().or_else(|| self.closed(day, record.object.is_none()));
        facts
    }

    /// The settings of the company that forbid every write.
    pub(super) fn objection(&self) -> Option<Problem> {
        let objections = &self.targets.objections;
        (!objections.is_empty()).then(|| Problem::new(Code::CompanySetting, objections.join("; ")))
    }

    /// Tells of them once for the company, whether or not anything waits yet.
    pub(super) fn tell_settings(&mut self) {
        if let Some(problem) = self.objection() {
            tracing::warn!(code = problem.code.name(), "{}", problem.reason);
            self.causes.push(Cause::of(Holds::Writes, problem.code, problem.reason));
        }
    }

    /// Why nothing is written that is dated `day`. What is `new` there can be
    /// left out by a later start, and the reason names the earliest that does.
    pub(super) fn closed(&self, day: Option<Date>, new: bool) -> Option<Problem> {
        let (closed, day) = (self.targets.closed_through?, day?);
        if day > closed {
            return None;
        }
        let open = closed.tomorrow().ok().filter(|_| new);
        let open = open.map(|open| format!("; the earliest start that asks for nothing in it is {open}"));
        let reason = format!(
            "its date {day} is in a closed period: QuickBooks' books are closed through {closed}{}",
            open.unwrap_or_default()
        );
        Some(Problem::new(Code::ClosedPeriod, reason))
    }

    /// Whether what is dated into a closed period is created on the first open
    /// day instead.
    pub(crate) fn moves_creations(&self) -> bool {
        self.world.settings.posting.closed_period == ClosedPeriod::FirstOpenDay
    }

    pub(super) fn judge_invoice(&self, key: Key, record: &RecordState) -> Result<Verdict, StoreError> {
        let basis = self.asked_basis(key, record);
        let mut facts = self.document(key, record, basis.as_ref());
        if facts.in_scope
            && record.object.is_none()
            && facts.blocked_by.is_none()
            && facts.problem.is_none()
            && let Some(Body::Invoice(read)) = self.register.body(key)?
            && read.lines.is_some()
        {
            facts.problem = invoice::translate(&read, self.setting()).err();
        }
        facts.renewed = self.is_resent(key) && self.is_made_otherwise(key, record)?;
        facts.mismatch = record.living().is_some_and(|object| object.total != record.amount);
        let words = record.words.as_ref();
        let posted = record.living().and_then(|object| object.words.as_ref());
        let reworded = words.zip(posted).is_some_and(|(now, then)| now != then);
        facts.changed = reworded && !record.matched;
        if facts.in_scope {
            facts.crossing = self.settled_before_start(key, record)?;
        }
        let decision = decide(&facts);
        let crossing = facts.crossing.clone();
        let drafts = match decision {
            Decision::Act(action, reason) => {
                let draft = Draft::whole(key, record, (action, reason), record.amount);
                let only_words = action == Action::Amend && !facts.mismatch;
                vec![Draft { only_words, ..draft }]
            }
            Decision::Rest(..) | Decision::Blocked(_) => Vec::new(),
        };
        Ok(Verdict { decision, drafts, crossing })
    }

    /// What of an invoice was settled by something that does not count here,
    /// because it is older than the customer's start.
    fn settled_before_start(&self, key: Key, record: &RecordState) -> Result<Option<Problem>, StoreError> {
        let start = self.customers.get(&record.customer).and_then(|view| view.start);
        let Some(start) = start else { return Ok(None) };
        let (mut found, mut sum) = (None, Money::ZERO);
        for (fund, amount) in self.register.funds_of(key.id)? {
            let Some(other) = self.register.record(fund)? else { continue };
            if let Some(date) =
                other.date.filter(|date| *date < start && other.object.is_none() && !amount.is_zero())
            {
                let reason =
                    format!("{amount} of it was settled by {fund} of {date}, before the customer's start");
                found = Some(Problem::new(Code::AppliedBeforeStart, reason));
                sum += amount;
            }
        }
        if record.matched && found.is_some() {
            // What settled it there before is a person's, or Stax Bill's own.
            let there: Money = self.register.foreign_on(key)?.iter().map(|one| one.amount).sum();
            found = found.filter(|_| there < sum);
        }
        Ok(found)
    }
}
