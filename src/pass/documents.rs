//! Facts about documents: do they count, what do they wait for, what can a
//! payment take.

use super::Pass;
use super::judge::Verdict;
use crate::entity::{invoice, payment};
use crate::model::{Allocation, Applied, Code, Digest, Key, Problem, RecordState};
use crate::plan::{Action, Decision, Facts, decide, document_in_scope};
use crate::store::{Body, StoreError};

impl Pass<'_> {
    /// What is true of a document of any kind.
    fn document<'f>(&self, key: Key, record: &'f RecordState, basis: Option<&'f Digest>) -> Facts<'f> {
        let mut facts = self.facts(key, record, basis);
        let Some(view) = self.customers.get(&record.customer) else {
            let reason = format!("Stax Bill does not list its customer {}", record.customer);
            facts.problem = Some(Problem::new(Code::InvalidRecord, reason));
            return facts;
        };
        let worth = !record.amount.is_zero() || record.object.is_some() || record.invalid.is_some();
        let dated = record.date.is_none_or(|date| document_in_scope(date, view.start, worth));
        facts.in_scope = view.in_scope && dated && record.send;
        facts.blocked_by = view.root;
        if let Some(objection) = self.targets.objections.first() {
            facts.writes_held = Some(Problem::new(Code::CompanySetting, objection.clone()));
        } else if let (Some(closed), Some(date)) = (self.targets.closed_through, record.date)
            && date <= closed
        {
            let reason = format!(
                "its date {date} is in a closed period: QuickBooks' books are closed through {closed}"
            );
            facts.writes_held = Some(Problem::new(Code::ClosedPeriod, reason));
        }
        facts
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
        facts.mismatch = record.living().is_some_and(|object| object.total != record.amount);
        if facts.in_scope {
            let start = self.customers.get(&record.customer).and_then(|view| view.start);
            for (id, amount) in self.register.payments_of(key.id)? {
                let payment = self.register.record(Key::payment(id))?;
                let early = payment
                    .and_then(|payment| payment.date)
                    .filter(|date| start.is_some_and(|start| *date < start));
                if let Some(date) = early {
                    let reason = format!(
                        "{amount} of it was paid by payment {id} of {date}, before the customer's start"
                    );
                    facts.crossing = Some(Problem::new(Code::AppliedBeforeStart, reason));
                }
            }
        }
        Ok(Verdict { decision: decide(&facts), wanted: Vec::new(), crossing: facts.crossing })
    }

    pub(super) fn judge_payment(&self, key: Key, record: &RecordState) -> Result<Verdict, StoreError> {
        let basis = self.asked_basis(key, record);
        let mut facts = self.document(key, record, basis.as_ref());
        let mut wanted = Vec::new();
        if facts.in_scope {
            for row in &record.allocations {
                match self.allocation(record, row)? {
                    Take::Fits => wanted.push(Applied { to: Key::invoice(row.invoice), amount: row.amount }),
                    Take::Blocked(by) => {
                        facts.blocked_by = facts.blocked_by.or(Some(by));
                        wanted.push(Applied { to: Key::invoice(row.invoice), amount: row.amount });
                    }
                    Take::Crossing(problem) => facts.crossing = Some(problem),
                    Take::Wrong(problem) => facts.problem = Some(problem),
                }
            }
        }
        let differs = record.object.as_ref().is_some_and(|object| object.total != record.amount);
        facts.changed = record.object.is_some() && (wanted != record.applied || differs);
        let released = payment::released(&record.applied, &wanted) == record.applied;
        let mut decision = decide(&facts);
        if let Decision::Act(Action::Amend, why) = decision {
            // What is still to be let go comes first, in a write of its own.
            let action = if released && !differs { Action::Apply } else { Action::Amend };
            decision = Decision::Act(action, why);
        }
        Ok(Verdict { decision, wanted, crossing: facts.crossing })
    }

    /// What a payment lets go, whatever becomes of what it is to take: it does
    /// not wait for an invoice that it does not hold.
    pub(super) fn judge_release(&self, key: Key, record: &RecordState) -> Result<Verdict, StoreError> {
        let basis = self.asked_basis(key, record);
        let mut facts = self.document(key, record, basis.as_ref());
        let wanted = payment::released(&record.applied, &super::judge::wanted(record));
        for row in &wanted {
            let invoice = row.to;
            let stands = self.register.record(invoice)?.is_some_and(|invoice| invoice.living().is_some());
            if !stands {
                facts.blocked_by = facts.blocked_by.or(Some(invoice));
            }
        }
        facts.changed = wanted != record.applied || record.amount.is_zero();
        let decision = match decide(&facts) {
            Decision::Act(Action::Amend, why) => Decision::Act(Action::Release, why),
            decision @ (Decision::Act(..) | Decision::Rest(..) | Decision::Blocked(_)) => decision,
        };
        Ok(Verdict { decision, wanted, crossing: None })
    }

    fn allocation(&self, payment: &RecordState, row: &Allocation) -> Result<Take, StoreError> {
        let key = Key::invoice(row.invoice);
        let Some(invoice) = self.register.record(key)? else { return Ok(Take::Blocked(key)) };
        if invoice.customer != payment.customer {
            let reason = format!(
                "it is applied to invoice {} of customer {}; payments for another customer are not supported by this version",
                invoice.label, invoice.customer
            );
            return Ok(Take::Wrong(Problem::new(Code::InvalidRecord, reason)));
        }
        let standing = payment.applied.iter().find(|other| other.to == key).map(|other| other.amount);
        let raised = standing.unwrap_or_default() < row.amount;
        let start = self.customers.get(&invoice.customer).and_then(|view| view.start);
        // A start that moves later takes nothing back.
        let early = invoice.date.filter(|date| raised && start.is_some_and(|start| *date < start));
        if let Some(date) = early {
            let reason = format!(
                "{} of it settles invoice {} of {date}, before the customer's start; that part stays unapplied",
                row.amount, invoice.label
            );
            return Ok(Take::Crossing(Problem::new(Code::AppliedBeforeStart, reason)));
        }
        let holder = self.releasing.get(&row.invoice).and_then(|holders| holders.first().copied());
        if let Some(by) = holder.filter(|_| raised) {
            return Ok(Take::Blocked(by));
        }
        let usable = invoice.living().is_some_and(|object| object.total == invoice.amount);
        Ok(if usable { Take::Fits } else { Take::Blocked(invoice.blocked_by.unwrap_or(key)) })
    }
}

/// Whether a payment can take what it is allocated to.
enum Take {
    Fits,
    Blocked(Key),
    Crossing(Problem),
    Wrong(Problem),
}
