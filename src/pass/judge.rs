//! Judging: the facts about each record, for the one decision table, and the
//! steps that come out of it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::{Mode, Pass};
use crate::entity::{ORDER, customer, invoice, payment};
use crate::model::{
    Allocation, Code, Counterpart, Digest, Entity, Fault, Key, Link, Money, ObjectId, ObjectKind, Observed,
    Problem, RecordState, Start, State, Verb, date_in,
};
use crate::plan::{Action, Decision, Facts, Note, Step, customer_in_scope, decide, document_in_scope};
use crate::store::{Body, Commit, StoreError};

/// What QuickBooks refused is tried again once a day though nothing changed.
pub(crate) const PARKED: SignedDuration = SignedDuration::from_hours(24);
/// Changes in one commit.
const COMMIT: usize = 2000;

/// What its documents need to know of a customer.
#[derive(Clone, Debug, Default)]
pub struct CustomerView {
    /// Whether it counts.
    pub in_scope: bool,
    /// From which day its documents count; `None`: all of them.
    pub start: Option<Date>,
    /// Why its documents must wait.
    pub root: Option<Key>,
}

/// What was decided about one record.
struct Verdict {
    decision: Decision,
    wanted: Vec<Allocation>,
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
        self.releasing.clear();
        register.each_record(Entity::Payment, |key, record| {
            if record.object.is_none() || record.allocations == record.applied && !record.amount.is_zero() {
                return Ok(());
            }
            let verdict = self.judge_payment(key, &record)?;
            let released = payment::released(&record.applied, &verdict.wanted);
            if released == record.applied && !matches!(verdict.decision, Decision::Act(Action::Void, _)) {
                return Ok(());
            }
            for row in &record.applied {
                let kept = released.iter().find(|other| other.invoice == row.invoice).map(|row| row.amount);
                if kept.unwrap_or_default() < row.amount {
                    self.releasing.insert(row.invoice, key);
                }
            }
            let verdict = match verdict.decision {
                Decision::Act(Action::Amend | Action::Apply, why) => {
                    Verdict { decision: Decision::Act(Action::Release, why), wanted: released }
                }
                decision => Verdict { decision, ..verdict },
            };
            steps.extend(self.note_verdict(&mut commit, (key, record), verdict, may_write));
            Ok(())
        })?;
        self.register.commit(commit).await?;
        Ok(steps)
    }

    /// What was let go does not hold others up any more.
    pub(super) fn after_releases(&mut self) -> Result<(), StoreError> {
        let mut open = BTreeMap::new();
        for (invoice, key) in &self.releasing {
            let record = self.register.record(*key)?;
            let standing =
                record.iter().flat_map(|record| &record.applied).find(|row| row.invoice == *invoice);
            let wanted =
                record.iter().flat_map(|record| &record.allocations).find(|row| row.invoice == *invoice);
            let amount = |row: Option<&Allocation>| row.map(|row| row.amount).unwrap_or_default();
            if amount(standing) > amount(wanted) {
                open.insert(*invoice, *key);
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
        let link = self.world.decisions.links.get(&record.customer).map(|link| format!("{:?}", link.verb));
        let object = record.object.as_ref().map(|object| object.content.as_str());
        let link = if key.entity == Entity::Customer { link.unwrap_or_default() } else { String::new() };
        Digest::of([record.source.as_str(), self.settings.as_str(), &link, object.unwrap_or_default()])
    }

    fn facts<'f>(&self, key: Key, record: &'f RecordState, basis: &'f Digest) -> Facts<'f> {
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
            changed: record.object.as_ref().is_some_and(|object| object.posted != record.source),
            basis,
            now: self.started_at,
            on_drift: self.world.settings.posting.on_drift,
        }
    }

    fn judge_customer(
        &mut self,
        commit: &mut Commit,
        key: Key,
        record: &RecordState,
    ) -> Result<Verdict, StoreError> {
        let link = self.world.decisions.links.get(&key.id);
        let status = record.status.unwrap_or(crate::model::CustomerStatus::Active);
        let basis = self.basis(key, record);
        let mut facts = self.facts(key, record, &basis);
        facts.in_scope = customer_in_scope(status, link) || (record.object.is_some() && link.is_none());
        // A customer is written once; from then on it is the bookkeepers'.
        facts.changed = false;
        let mut unread = false;
        match link.map(|link| (&link.verb, link)) {
            None if record.object.is_some() => facts.held = Some(link_removed(key)),
            None => facts.problem = facts.problem.or_else(|| Some(not_connected(record))),
            Some((Verb::Skip { .. }, _)) => {}
            Some((Verb::Adopt { id, expect, .. }, link)) => {
                let shared = self.adopts.get(id).is_some_and(|both| both.len() > 1);
                let judged = self.judge_adoption(key, record, (id, expect, shared), link)?;
                match judged {
                    Adoption::Sound => {}
                    Adoption::Possible => facts.adopt = true,
                    Adoption::Unread => unread = true,
                    Adoption::Wrong(problem) => facts.problem = Some(problem),
                    Adoption::Held(problem) => facts.held = Some(problem),
                }
            }
            Some((Verb::Create { name, .. }, _)) => {
                facts.problem = facts.problem.or(self.judge_creation(key, record, name.as_deref())?);
            }
        }
        let decision = if unread {
            let state = if record.fault.is_some() { State::Failed } else { State::NotTried };
            Decision::Rest(state, Note::Keep)
        } else {
            decide(&facts)
        };
        let start = self.start_of(commit, key.id, link)?;
        let sound = record.living().is_some() && matches!(decision, Decision::Rest(State::Synced, _));
        let root = (!sound).then_some(key);
        self.customers.insert(key.id, CustomerView { in_scope: facts.in_scope, start, root });
        Ok(Verdict { decision, wanted: Vec::new() })
    }

    fn judge_adoption(
        &self,
        key: Key,
        record: &RecordState,
        (id, expect, shared): (&ObjectId, &str, bool),
        link: &Link,
    ) -> Result<Adoption, StoreError> {
        let wrong = |code, reason| Ok(Adoption::Wrong(Problem::new(code, reason)));
        let other = self.register.record_of(ObjectKind::Customer, id)?.filter(|other| *other != key);
        if shared || other.is_some() {
            let other = other.map_or_else(|| "another link".to_owned(), |other| other.to_string());
            return wrong(
                Code::LinkShared,
                format!("QuickBooks' customer {id} is {other}'s too ({})", link.at),
            );
        }
        let (name, dead, deleted) = match (&record.object, self.candidates.get(&key.id)) {
            (Some(object), _) if object.id != *id => {
                let reason = format!(
                    "it is linked with QuickBooks' customer {}, and the line now says {id} ({}); \
                     moving a link is not supported by this version: put {} back",
                    object.id, link.at, object.id
                );
                return Ok(Adoption::Held(Problem::new(Code::IdentityMismatch, reason)));
            }
            (Some(object), _) => (object.name.clone(), object.dead, object.deleted),
            (None, None) => return Ok(Adoption::Unread),
            (None, Some(None)) => (None, false, true),
            (None, Some(Some(found))) => (found.number.clone(), found.dead, false),
        };
        if deleted {
            return wrong(Code::LinkNotFound, format!("QuickBooks has no customer {id} ({})", link.at));
        }
        let name = name.unwrap_or_default();
        if dead {
            return wrong(
                Code::LinkInactive,
                format!("QuickBooks' customer {id} `{name}` is inactive ({})", link.at),
            );
        }
        if customer::likeness(expect, &name) < customer::LIKENESS_MIN {
            let reason = format!(
                "QuickBooks' customer {id} is `{name}`, and the line expects `{expect}` ({})",
                link.at
            );
            return wrong(Code::IdentityMismatch, reason);
        }
        let found = self.candidates.get(&key.id).and_then(Option::as_ref);
        let theirs = found.and_then(|found| found.currency.as_deref()).filter(|_| self.targets.multicurrency);
        let theirs =
            theirs.map(ToOwned::to_owned).or_else(|| self.targets.home_currency.map(|home| home.to_string()));
        if record.object.is_none()
            && theirs.as_deref().is_some_and(|theirs| theirs != record.currency.as_str())
        {
            let reason = format!(
                "it is billed in {}, and QuickBooks' customer {id} is in {}",
                record.currency,
                theirs.unwrap_or_default()
            );
            return wrong(Code::CurrencyMismatch, reason);
        }
        Ok(if record.object.is_some() { Adoption::Sound } else { Adoption::Possible })
    }

    fn judge_creation(
        &self,
        key: Key,
        record: &RecordState,
        name: Option<&str>,
    ) -> Result<Option<Problem>, StoreError> {
        if let Some(object) = record.object.as_ref().filter(|object| object.dead && !object.deleted) {
            let reason = format!("its QuickBooks customer {} is inactive", object.id);
            return Ok(Some(Problem::new(Code::LinkInactive, reason)));
        }
        let (None, Some(Body::Customer(customer))) = (&record.object, self.register.body(key)?) else {
            return Ok(None);
        };
        let template = &self.world.settings.customers.display_name;
        Ok(customer::create(&customer, name, template, self.setting()).err())
    }

    fn start_of(
        &self,
        commit: &mut Commit,
        customer: u64,
        link: Option<&Link>,
    ) -> Result<Option<Date>, StoreError> {
        let start = link.map_or(Some(self.world.settings.customers.count_from), Link::start);
        match start {
            None | Some(Start::Beginning) => Ok(None),
            Some(Start::On(day)) => Ok(Some(day)),
            Some(Start::Now) => {
                if let Some(day) = self.register.start(customer)? {
                    return Ok(Some(day));
                }
                let today = date_in(self.started_at, &self.world.settings.company.time_zone);
                commit.start(customer, today);
                Ok(Some(today))
            }
        }
    }

    /// What is true of a document of any kind.
    fn document<'f>(&self, key: Key, record: &'f RecordState, basis: &'f Digest) -> Facts<'f> {
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
        } else if let (Some(closed), Some(date)) = (self.targets.closed_through, record.date) {
            if date <= closed {
                let reason = format!(
                    "its date {date} is in a closed period: QuickBooks' books are closed through {closed}"
                );
                facts.writes_held = Some(Problem::new(Code::ClosedPeriod, reason));
            }
        }
        facts
    }

    fn judge_invoice(&self, key: Key, record: &RecordState) -> Result<Verdict, StoreError> {
        let basis = self.basis(key, record);
        let mut facts = self.document(key, record, &basis);
        if facts.in_scope && record.object.is_none() && facts.blocked_by.is_none() && facts.problem.is_none()
        {
            if let Some(Body::Invoice(read)) = self.register.body(key)? {
                if read.lines.is_some() {
                    facts.problem = invoice::translate(&read, self.setting()).err();
                }
            }
        }
        if facts.in_scope && record.object.is_some() {
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
        Ok(Verdict { decision: decide(&facts), wanted: Vec::new() })
    }

    fn judge_payment(&self, key: Key, record: &RecordState) -> Result<Verdict, StoreError> {
        let basis = self.basis(key, record);
        let mut facts = self.document(key, record, &basis);
        let mut wanted = Vec::new();
        if facts.in_scope {
            for row in &record.allocations {
                match self.allocation(record, row)? {
                    Take::Fits => wanted.push(row.clone()),
                    Take::Blocked(by) => {
                        facts.blocked_by = facts.blocked_by.or(Some(by));
                        wanted.push(row.clone());
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
        Ok(Verdict { decision, wanted })
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
        let start = self.customers.get(&invoice.customer).and_then(|view| view.start);
        if let Some(date) = invoice.date.filter(|date| start.is_some_and(|start| *date < start)) {
            let reason = format!(
                "{} of it settles invoice {} of {date}, before the customer's start; that part stays unapplied",
                row.amount, invoice.label
            );
            return Ok(Take::Crossing(Problem::new(Code::AppliedBeforeStart, reason)));
        }
        let standing =
            payment.applied.iter().find(|other| other.invoice == row.invoice).map(|other| other.amount);
        let raised = standing.unwrap_or_default() < row.amount;
        if let Some(by) = self.releasing.get(&row.invoice).filter(|_| raised) {
            return Ok(Take::Blocked(*by));
        }
        let usable = invoice.living().is_some()
            && invoice.fault.as_ref().is_none_or(|fault| fault.code != Code::AmountMismatch);
        Ok(if usable { Take::Fits } else { Take::Blocked(invoice.blocked_by.unwrap_or(key)) })
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
        let basis = self.basis(key, &record);
        record.blocked_by = None;
        let mut step = None;
        match verdict.decision {
            Decision::Rest(state, note) => {
                record.state = state;
                match note {
                    Note::Keep => {}
                    Note::Clear => record.fault = None,
                    Note::Is(problem) => set_fault(&mut record, problem, &basis, self.started_at),
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
                    step = Some(self.step(key, &before, (action, reason), verdict.wanted));
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
        applied: Vec<Allocation>,
    ) -> Step {
        let sum = |rows: &[Allocation]| rows.iter().map(|row| row.amount).sum::<Money>();
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
            entity: key.entity,
            action,
            reason: reason.to_owned(),
            object: object.expect("only what is in ORDER is judged"),
            quickbooks_id: if action == Action::Adopt { candidate } else { known },
            customer: record.customer.to_string(),
            date: record.date,
            currency: record.currency,
            amount,
            applied: if action == Action::Void { Vec::new() } else { applied },
            standing: record.applied.clone(),
        }
    }
}

/// How an adoption stands.
enum Adoption {
    /// The link is carried out, and all is well.
    Sound,
    /// The living customer is the expected one.
    Possible,
    /// The living customer was not read in this pass.
    Unread,
    Wrong(Problem),
    Held(Problem),
}

/// Whether a payment can take what it is allocated to.
enum Take {
    Fits,
    Blocked(Key),
    Crossing(Problem),
    Wrong(Problem),
}

fn not_connected(record: &RecordState) -> Problem {
    let reason = match &record.staxbill_quickbooks_id {
        Some(id) => {
            format!("no line in the files; Stax Bill's own sync knows it as QuickBooks' customer {id}")
        }
        None => "no line in the files".to_owned(),
    };
    Problem::new(Code::NotConnected, reason)
}

fn link_removed(key: Key) -> Problem {
    let reason = format!(
        "the line of customer {} vanished from the files; nothing is done about it until it is back",
        key.id
    );
    Problem::new(Code::LinkRemoved, reason)
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
