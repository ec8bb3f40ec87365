//! Facts about customers: is the link sound, is the living customer the one
//! that is meant, may it be created.

use jiff::civil::Date;

use super::activation::Activation;
use super::adoption::Adoption;
use super::judge::CustomerView;
use super::verdict::{Draft, Verdict};
use super::{Mode, Notice, Pass};
use crate::config::Contact;
use crate::entity::customer;
use crate::model::{
    Code, CustomerStatus, Key, Link, Money, Problem, RecordState, Start, State, Verb, date_in,
};
use crate::plan::{Action, Decision, Facts, Note, customer_in_scope, decide};
use crate::store::{Body, Commit, StoreError};

impl Pass<'_> {
    /// Lines for customers that Stax Bill does not have, and lines whose day has
    /// not come: said, because a digit may be wrong in them.
    pub(super) fn note_odd_lines(&mut self) {
        let today = date_in(self.started_at, &self.world.settings.company.time_zone);
        for (customer, day, link) in self.world.decisions.future(today) {
            let text = format!(
                "the start of customer {customer} is {day}, which has not come; nothing is posted before"
            );
            self.notices.push(Notice { code: "future-start", text, at: Some(link.at.clone()) });
        }
        for (customer, link) in &self.world.decisions.links {
            if !self.customers.contains_key(customer) {
                let text = format!("Stax Bill has no customer {customer}; check the line, or take it out");
                self.notices.push(Notice { code: "unknown-customer", text, at: Some(link.at.clone()) });
            }
        }
    }

    pub(super) fn judge_customer(
        &mut self,
        commit: &mut Commit,
        key: Key,
        record: &RecordState,
    ) -> Result<Verdict, StoreError> {
        if let Some(verdict) = self.guarded_customer(key, record)? {
            return Ok(verdict);
        }
        let unasked =
            self.link(key.id).filter(|_| !self.world.decisions.links.contains_key(&key.id)).cloned();
        let link = self.world.decisions.links.get(&key.id).or(unasked.as_ref());
        let status = record.status.unwrap_or(CustomerStatus::Active);
        let basis = self.asked_basis(key, record);
        let mut facts = self.facts(key, record, basis.as_ref());
        facts.in_scope = customer_in_scope(status, link) || (record.object.is_some() && link.is_none());
        // A customer is written once; from then on it is the bookkeepers', unless
        // the files say that its contact data follow.
        facts.changed = self.follows(key.id) && facts.changed && self.register.body(key)?.is_some();
        let mut rest = None;
        match link.map(|link| (&link.verb, link)) {
            None if record.object.is_some() => {
                // Where many vanished, the line that ends all of them is given.
                let lines = self.guarded.link(key.id).map(|set| set.paste).unwrap_or_default();
                facts.held = Some(link_removed(key).with_lines(lines));
            }
            None => match self.activations.get(&key.id) {
                Some(Activation::Told) => rest = Some(Decision::Rest(State::Failed, Note::Keep)),
                found => facts.problem = facts.problem.or_else(|| Some(not_connected(record, found))),
            },
            Some((Verb::Skip { .. } | Verb::Unlink { .. }, _)) => {
                // Should it be linked again with "now", that is another day.
                if self.register.start(key.id)?.is_some() {
                    commit.forget_start(key.id);
                }
            }
            Some((Verb::Adopt { id, .. }, link)) => {
                let judged = self.judge_adoption(key, record, (id, link))?;
                rest = note_adoption(&mut facts, record, judged);
            }
            Some((Verb::Create { .. }, link)) if let Some(gone) = not_alive(record) => {
                let judged = self.gone(key.id, link, gone);
                rest = note_adoption(&mut facts, record, judged);
            }
            Some((Verb::Create { .. }, link))
                if let Some(problem) = creates_what_is_adopted(record, link) =>
            {
                facts.held = Some(problem);
            }
            Some((Verb::Create { name, .. }, _)) => {
                facts.problem = facts.problem.or(self.judge_creation(key, record, name.as_deref())?);
            }
        }
        if let Some(problem) = link.and_then(|link| self.undated(key.id, link)) {
            facts.held = Some(problem);
        }
        let decision = rest.unwrap_or_else(|| self.observed(decide(&facts), link));
        if let (Decision::Act(..), Some(id)) = (&decision, link.and_then(Link::adopted)) {
            self.adopting.insert(id.clone());
        }
        let start = self.start_of(commit, key.id, link)?;
        // One without its mark can still be referred to.
        let sound = record.living().is_some()
            && matches!(decision, Decision::Rest(State::Synced | State::Drifted, _));
        let root = (!sound).then_some(key);
        let quickbooks_id = record.object.as_ref().map(|object| object.id.clone());
        let before = link.and_then(Link::relinked_from).cloned();
        let view = CustomerView { in_scope: facts.in_scope, start, root, quickbooks_id, before };
        self.customers.insert(key.id, view);
        let drafts = match decision {
            Decision::Act(action, reason) => vec![self.customer_draft(key, record, (action, reason))],
            Decision::Rest(..) | Decision::Blocked(_) => Vec::new(),
        };
        Ok(Verdict { decision, drafts, crossing: None })
    }

    /// Whether the contact data of a customer follow Stax Bill's: it was created,
    /// and the files say so.
    pub(super) fn follows(&self, customer: u64) -> bool {
        let link = self.link(customer);
        let created = link.is_some_and(|link| matches!(link.verb, Verb::Create { .. }));
        created && self.world.settings.customers.contact == Contact::Follow
    }

    /// Where the line only looks on, what would be written is held, with all
    /// that waits for it. A plan shows it.
    fn observed(&self, decision: Decision, link: Option<&Link>) -> Decision {
        if self.mode == Mode::Plan || !link.is_some_and(Link::observes) {
            return decision;
        }
        match decision {
            Decision::Act(..) | Decision::Rest(State::Synced, _) => {
                let reason = "its line says policy = \"observe\": nothing is posted; `latchd plan` shows what would be";
                Decision::Rest(State::Held, Note::Is(Problem::new(Code::Guard, reason)))
            }
            other @ (Decision::Rest(..) | Decision::Blocked(_)) => other,
        }
    }

    fn customer_draft(&self, key: Key, record: &RecordState, why: (Action, &'static str)) -> Draft {
        let candidate = self.candidates.get(&key.id).and_then(Option::as_ref).map(|found| found.id.clone());
        let draft = Draft::whole(key, record, why, Money::ZERO);
        let known = draft.quickbooks_id.clone();
        Draft { quickbooks_id: if why.0 == Action::Adopt { candidate } else { known }, ..draft }
    }

    fn judge_creation(
        &self,
        key: Key,
        record: &RecordState,
        name: Option<&str>,
    ) -> Result<Option<Problem>, StoreError> {
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
                if link.is_none_or(|link| self.undated(customer, link).is_none()) {
                    commit.start(customer, today);
                }
                Ok(Some(today))
            }
        }
    }
}

/// The name of its customer in QuickBooks that is inactive or gone, as after a
/// merge, and whether it is gone.
fn not_alive(record: &RecordState) -> Option<(&str, bool)> {
    let object = record.object.as_ref().filter(|object| !object.lives())?;
    Some((object.name.as_deref().unwrap_or_default(), object.deleted))
}

/// A line that creates cannot take over what another line adopted: nothing
/// would be created, and a bookkeeper's customer be taken for ours.
fn creates_what_is_adopted(record: &RecordState, link: &Link) -> Option<Problem> {
    let object = record.object.as_ref().filter(|object| object.adopted)?;
    let (id, name) = (&object.id, object.name.clone().unwrap_or_default());
    let mut right = link.clone();
    if let Verb::Create { start, .. } = link.verb {
        right.verb = Verb::Adopt { id: id.clone(), expect: name.clone(), start, from: None };
    }
    let reason = format!(
        "it is linked with QuickBooks' customer {id} `{name}`, which its line adopted before; `create` does not \
         undo that ({}). To go on with it, the line to paste is given; if it was the wrong one, create the right \
         one in QuickBooks and adopt it with from = \"{id}\"",
        link.at
    );
    Some(Problem::new(Code::IdentityMismatch, reason).with_lines(vec![right.line(record.customer)]))
}

/// Takes what was found out about an adoption into the facts, or rests where
/// nothing new was.
fn note_adoption(facts: &mut Facts<'_>, record: &RecordState, judged: Adoption) -> Option<Decision> {
    match judged {
        Adoption::Sound => {}
        // The table knows no object that is to become another.
        Adoption::Possible if record.object.is_some() => facts.relink = true,
        Adoption::Possible => facts.adopt = true,
        Adoption::Next => return Some(Decision::Rest(State::NotTried, Note::Clear)),
        Adoption::Unread | Adoption::Known => {
            let state = if record.fault.is_some() { State::Failed } else { State::NotTried };
            return Some(Decision::Rest(state, Note::Keep));
        }
        Adoption::Wrong(problem) => facts.problem = Some(problem),
        Adoption::Held(problem) => facts.held = Some(problem),
    }
    None
}

fn not_connected(record: &RecordState, found: Option<&Activation>) -> Problem {
    let problem = |reason: String| Problem::new(Code::NotConnected, reason);
    match (&record.staxbill_quickbooks_id, found) {
        (None, Some(Activation::Resembles(line))) => problem(
            "no line in the files, and QuickBooks has a customer that it may be. If that is the one, the line to \
             paste is given; an inactive one is made active first"
                .to_owned(),
        )
        .with_lines(vec![line.clone()]),
        (Some(id), _) => {
            problem(format!("no line in the files; Stax Bill's own sync knows it as QuickBooks' customer {id}"))
        }
        (None, _) => problem("no line in the files".to_owned()),
    }
}

fn link_removed(key: Key) -> Problem {
    let reason = format!(
        "the line of customer {} vanished from the files; nothing is done about it until it is back",
        key.id
    );
    Problem::new(Code::LinkRemoved, reason)
}
