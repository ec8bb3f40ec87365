//! Activations: customers without a line that the files let be created, unless
//! QuickBooks has one that it may be.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pass, Stop};
use crate::config::OnActivation;
use crate::model::{
    Address, Code, Customer, CustomerStatus, Entity, Key, Link, Mark, ObjectId, Place, RecordState, Start,
    Verb,
};
use crate::quickbooks::{Contact, PostalAddress};
use crate::store::{Body, Commit, StoreError};
use crate::suggest::{Candidate, Index, Living, Objection, suggest};

/// What becomes of a customer without a line.
pub(crate) enum Activation {
    /// It is created, as if this line stood in the files.
    Created(Link),
    /// QuickBooks has one that it may be; the line to decide about.
    Resembles(String),
    /// What was found out before still stands.
    Told,
}

impl Pass<'_> {
    /// The line about a customer, or what stands for one.
    pub(crate) fn link(&self, customer: u64) -> Option<&Link> {
        let activated = || match self.activations.get(&customer)? {
            Activation::Created(link) => Some(link),
            Activation::Resembles(_) | Activation::Told => None,
        };
        self.world
            .decisions
            .links
            .get(&customer)
            .or_else(activated)
            .or_else(|| self.guarded.unlinked(customer))
    }

    /// From when on customers count that are created unasked.
    fn activates(&self) -> Option<Start> {
        match self.world.settings.customers.on_activation {
            OnActivation::Leave => None,
            OnActivation::Create { start } => Some(start),
        }
    }

    /// Those that were to be created before stand as if they had a line.
    pub(super) fn load_activations(&mut self) -> Result<(), StoreError> {
        let Some(start) = self.activates() else { return Ok(()) };
        let mut known = Vec::new();
        self.register.each_record(Entity::Customer, |key, record| {
            if record.activated && !self.world.decisions.links.contains_key(&key.id) {
                known.push(key.id);
            }
            Ok(())
        })?;
        self.activations.extend(known.into_iter().map(|id| (id, Activation::Created(line(start)))));
        Ok(())
    }

    /// Decides about active customers without a line. QuickBooks' customers are
    /// read for it, and only where there is somebody to decide about.
    pub(super) async fn read_activations(&mut self) -> Result<(), Stop> {
        let Some(start) = self.activates() else { return Ok(()) };
        self.reopen()?;
        let (asked, told) = self.without_line()?;
        self.activations.extend(told.into_iter().map(|id| (id, Activation::Told)));
        if asked.is_empty() {
            return Ok(());
        }
        let linked: BTreeMap<ObjectId, u64> =
            self.adopts.iter().filter_map(|(id, all)| Some((id.clone(), *all.first()?))).collect();
        let mut all = Vec::new();
        let read = self.world.quickbooks.each_contact(|contact| {
            let mut one = living(contact);
            one.linked = linked.get(&one.id).copied();
            all.push(one);
        });
        read.await?;
        let index = Index::new(all);
        let mut commit = Commit::new();
        for suggestion in suggest(&index, &asked, &BTreeSet::new()) {
            let id = suggestion.customer;
            let key = Key::customer(id);
            let may_be = suggestion
                .candidates
                .iter()
                .find(|one| !one.against.iter().any(|what| is_nobodys_double(*what)));
            let activation = match may_be {
                Some(candidate) => Activation::Resembles(adopting(id, candidate, start)),
                None => Activation::Created(line(start)),
            };
            let activated = may_be.is_none();
            if let Some(record) = self.register.record(key)?.filter(|record| record.activated != activated) {
                commit.record(key, &RecordState { activated, ..record });
            }
            self.activations.insert(id, activation);
        }
        self.register.commit(commit).await?;
        Ok(())
    }

    /// What was to be created and was not, nor is under way, is asked about
    /// anew: meanwhile somebody may have entered it, or it may be cancelled.
    fn reopen(&mut self) -> Result<(), StoreError> {
        let mut open = Vec::new();
        for id in self.activations.keys() {
            let key = Key::customer(*id);
            let Some(record) = self.register.record(key)? else { continue };
            if record.object.is_none() && !self.waiting.contains(&key) && !self.is_parked(key, &record) {
                open.push(*id);
            }
        }
        for id in open {
            self.activations.remove(&id);
        }
        Ok(())
    }

    /// Whether nothing is tried about it in this pass.
    fn is_parked(&self, key: Key, record: &RecordState) -> bool {
        let same = record.fault.as_ref().is_some_and(|fault| fault.basis == self.basis(key, record));
        same && self.rests(key, record)
    }

    /// Active customers nobody decided about, and those of whom a person was
    /// told already.
    fn without_line(&self) -> Result<(Vec<Customer>, BTreeSet<u64>), StoreError> {
        let (mut asked, mut told) = (Vec::new(), BTreeSet::new());
        self.register.each_record(Entity::Customer, |key, record| {
            let open = record.object.is_none() && record.invalid.is_none() && self.link(key.id).is_none();
            if !open
                || record.status != Some(CustomerStatus::Active)
                || record.staxbill_quickbooks_id.is_some()
            {
                return Ok(());
            }
            let names = record
                .fault
                .as_ref()
                .is_some_and(|fault| fault.code == Code::NotConnected && !fault.paste.is_empty());
            if names && self.is_parked(key, &record) {
                told.insert(key.id);
            } else if let Some(Body::Customer(customer)) = self.register.body(key)? {
                asked.push(*customer);
            }
            Ok(())
        })?;
        Ok((asked, told))
    }
}

/// Whether an objection tells that a candidate stands for somebody else, so
/// that creating doubles nobody. An inactive one may be revived.
fn is_nobodys_double(objection: Objection) -> bool {
    matches!(objection, Objection::OtherCurrency | Objection::Linked | Objection::OtherMark)
}

/// The line that nobody wrote.
fn line(start: Start) -> Link {
    let at = Place { file: "[customers] on_activation".into(), line: 0 };
    Link::new(Verb::Create { name: None, start }, at)
}

/// The line that adopts a candidate.
fn adopting(customer: u64, candidate: &Candidate, start: Start) -> String {
    let (id, expect) = (candidate.id.clone(), candidate.name.clone());
    let at = Place { file: "".into(), line: 0 };
    Link::new(Verb::Adopt { id, expect, start, from: None }, at).line(customer)
}

/// A customer of QuickBooks as far as matching looks at it.
pub fn living(contact: Contact) -> Living {
    let name = contact.display_name.unwrap_or_default();
    let name = name.strip_suffix(" (deleted)").map(ToOwned::to_owned).unwrap_or(name);
    Living {
        full_name: contact.fully_qualified_name,
        company: contact.company_name,
        given: contact.given_name,
        family: contact.family_name,
        email: contact.email,
        phones: [contact.phone, contact.other_phone, contact.mobile].into_iter().flatten().collect(),
        address: contact.bill_addr.or(contact.ship_addr).map(address),
        currency: contact.currency.map(|currency| currency.value),
        is_inactive: contact.active == Some(false),
        is_sub: contact.parent.is_some(),
        mark: contact.notes.as_deref().and_then(Mark::find).map(|mark| mark.key.id),
        ..Living::new(ObjectId::new(contact.id), name)
    }
}

fn address(address: PostalAddress) -> Address {
    let PostalAddress { line1, line2, city, state, postal_code, country } = address;
    Address { company: None, line1, line2, city, state, postal_code, country }
}
