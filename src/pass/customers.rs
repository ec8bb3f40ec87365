//! Facts about customers: is the link sound, is the living customer the one
//! that is meant, may it be created.

use jiff::civil::Date;

use super::judge::CustomerView;
use super::verdict::{Draft, Verdict};
use super::{Notice, Pass};
use crate::entity::customer;
use crate::model::{
    Code, CustomerStatus, Key, Link, Money, ObjectId, ObjectKind, Problem, RecordState, Start, State, Verb,
    date_in,
};
use crate::plan::{Action, Decision, Note, customer_in_scope, decide};
use crate::store::{Body, Commit, StoreError};

impl Pass<'_> {
    /// Lines for customers that Stax Bill does not have: said, because a digit
    /// may be wrong in them.
    pub(super) fn note_unknown_customers(&mut self) {
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
        let link = self.world.decisions.links.get(&key.id);
        let status = record.status.unwrap_or(CustomerStatus::Active);
        let basis = self.asked_basis(key, record);
        let mut facts = self.facts(key, record, basis.as_ref());
        facts.in_scope = customer_in_scope(status, link) || (record.object.is_some() && link.is_none());
        // A customer is written once; from then on it is the bookkeepers'.
        facts.changed = false;
        let mut unread = false;
        match link.map(|link| (&link.verb, link)) {
            None if record.object.is_some() => facts.held = Some(link_removed(key)),
            None => facts.problem = facts.problem.or_else(|| Some(not_connected(record))),
            Some((Verb::Skip { .. } | Verb::Unlink { .. }, _)) => {}
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
        let drafts = match decision {
            Decision::Act(action, reason) => vec![self.customer_draft(key, record, (action, reason))],
            Decision::Rest(..) | Decision::Blocked(_) => Vec::new(),
        };
        Ok(Verdict { decision, drafts, crossing: None })
    }

    fn customer_draft(&self, key: Key, record: &RecordState, why: (Action, &'static str)) -> Draft {
        let candidate = self.candidates.get(&key.id).and_then(Option::as_ref).map(|found| found.id.clone());
        let draft = Draft::whole(key, record, why, Money::ZERO);
        let known = draft.quickbooks_id.clone();
        Draft { quickbooks_id: if why.0 == Action::Adopt { candidate } else { known }, ..draft }
    }

    fn judge_adoption(
        &self,
        key: Key,
        record: &RecordState,
        (id, expect, shared): (&ObjectId, &str, bool),
        link: &Link,
    ) -> Result<Adoption, StoreError> {
        let wrong = |code, reason| Ok(Adoption::Wrong(Problem::new(code, reason)));
        let other = self.register.record_of(ObjectKind::Customer, id)?.map(|(other, _)| other);
        let other = other.filter(|other| *other != key);
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
