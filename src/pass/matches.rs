//! Matches: documents that the files say stand in QuickBooks already, looked up
//! once and taken over as they are. Nothing is written about it, not even a
//! mark.

use std::collections::{BTreeMap, BTreeSet};

use super::matched::lines_of;
use super::recover::{found_netted, recover};
use super::withdrawals::takes_back;
use super::{Notice, Pass, Stop};
use crate::entity::object_of;
use crate::model::{
    Code, Counterpart, Entity, Key, Link, ObjectId, ObjectKind, Observed, Part, Place, Problem, RecordState,
    matched_kind,
};
use crate::quickbooks::{CallError, QueryRows};
use crate::store::{Commit, StoreError};

/// Ids in one query.
const IDS: usize = 100;

/// A document that the files say stands already.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    id: ObjectId,
    at: Place,
    /// Why it could not be taken over.
    pub(super) problem: Option<Problem>,
}

/// What is to be looked up: a record, and the QuickBooks customer that it is to
/// be of.
struct Wanted {
    key: Key,
    kind: ObjectKind,
    record: RecordState,
    customer: ObjectId,
}

impl Pass<'_> {
    /// Whether the files say that a document is posted though something looks
    /// like it.
    pub(crate) fn accepts(&self, key: Key, customer: u64) -> bool {
        self.world.decisions.links.get(&customer).is_some_and(|link| link.accept.contains(&key))
    }

    /// Takes over every document that is matched and was not yet, and notes why
    /// where it cannot be.
    pub(super) async fn match_documents(&mut self) -> Result<(), Stop> {
        let world = self.world;
        let mut wanted = Vec::new();
        for (customer, link) in world.decisions.links.iter().filter(|(_, link)| link.counts()) {
            for key in &link.accept {
                self.unmatch(*key, (*customer, link)).await?;
            }
            for (key, id) in &link.matches {
                let one = Match { id: id.clone(), at: link.at.clone(), problem: None };
                self.matches.insert(*key, one);
                match self.told(*key, (*customer, link))? {
                    Sifted::Done => {}
                    Sifted::Wrong(problem) => self.object_to(*key, problem),
                    Sifted::Look(one) => wanted.push(*one),
                }
            }
        }
        // What a payment is applied to is told by what was taken over before.
        wanted.sort_by_key(|one| (one.kind, one.key));
        let mut settled = BTreeSet::new();
        let mut objects = self.look_up(&wanted).await?;
        for one in wanted {
            let found = objects.remove(&(one.kind, self.matches[&one.key].id.clone()));
            match self.check_match(&one, found.as_ref())? {
                Err(problem) => self.object_to(one.key, problem),
                Ok(found) => {
                    if one.kind != ObjectKind::Payment && found.open != found.total {
                        settled.insert(one.customer.clone());
                    }
                    self.take_match(one, found).await?;
                }
            }
        }
        for customer in settled {
            self.look_at_payments(&customer).await?;
        }
        Ok(())
    }

    fn object_to(&mut self, key: Key, problem: Problem) {
        if let Some(one) = self.matches.get_mut(&key) {
            one.problem = Some(problem);
        }
    }

    fn unused(&mut self, text: String, at: &Place) {
        self.notices.push(Notice { code: "unused-match", text, at: Some(at.clone()) });
    }

    /// What can be told of a match without a look into QuickBooks.
    fn told(&mut self, key: Key, (customer, link): (u64, &Link)) -> Result<Sifted, StoreError> {
        let Some(record) = self.register.record(key)? else {
            self.unused(
                format!("Stax Bill has no {key}, which customer {customer}'s line matches"),
                &link.at,
            );
            return Ok(Sifted::Done);
        };
        let id = &link.matches[&key];
        let wrong = |code, reason: String| Ok(Sifted::Wrong(Problem::new(code, reason)));
        if record.customer != customer {
            return wrong(
                Code::PossibleDuplicate,
                format!(
                    "the line of customer {customer} matches it with {id} ({}), and it is customer {}'s; move the \
                     match to that line",
                    link.at, record.customer
                ),
            );
        }
        let Some(kind) = matched_kind(key.entity).filter(|_| takes_back(key, &record).is_none()) else {
            let reason = format!("it has no document of its own that could be matched ({})", link.at);
            return wrong(Code::InvalidRecord, reason);
        };
        match &record.object {
            Some(object) if object.id == *id => return Ok(Sifted::Done),
            Some(object) if !record.matched => {
                let text = format!(
                    "{key} was posted as QuickBooks' {kind} {} before its line matched it with {id}; one of the two \
                     is to be taken out there by hand",
                    object.id
                );
                self.unused(text, &link.at);
                return Ok(Sifted::Done);
            }
            Some(object) => {
                if let Some(by) = self.bound(key, &record)? {
                    let reason = format!(
                        "it was matched with QuickBooks' {kind} {}, on which {by} stands by now, and the line says {id} \
                         ({}); put {} back",
                        object.id, link.at, object.id
                    );
                    return wrong(Code::PossibleDuplicate, reason);
                }
            }
            None => {}
        }
        if self.waiting.contains(&key) {
            return Ok(Sifted::Done);
        }
        let basis = self.basis(key, &record);
        let looked = record.fault.as_ref().filter(|fault| fault.basis == basis && self.rests(key, &record));
        if let Some(fault) = looked {
            return wrong(fault.code, fault.reason.clone());
        }
        let created = self.register.record(Key::customer(customer))?;
        let created = created.as_ref().and_then(RecordState::living).map(|object| object.id.clone());
        Ok(match link.adopted().cloned().or(created) {
            Some(customer) => Sifted::Look(Box::new(Wanted { key, kind, record, customer })),
            None => Sifted::Done,
        })
    }

    /// A match that is taken back because the document is to be posted anyway.
    async fn unmatch(&mut self, key: Key, (customer, link): (u64, &Link)) -> Result<(), StoreError> {
        let Some(mut record) = self.register.record(key)? else { return Ok(()) };
        if record.customer != customer {
            let text = format!(
                "the line of customer {customer} accepts {key}, which is customer {}'s; move it to that line",
                record.customer
            );
            self.unused(text, &link.at);
            return Ok(());
        }
        let Some(object) = record.object.clone().filter(|_| record.matched) else { return Ok(()) };
        if let Some(by) = self.bound(key, &record)? {
            let text = format!(
                "{key} was matched with {}, on which {by} stands by now; it stays so, whatever `accept` says",
                object.id
            );
            self.unused(text, &link.at);
            return Ok(());
        }
        record.object = None;
        record.matched = false;
        record.netted.clear();
        record.beside.clear();
        let mut commit = Commit::new();
        let_go(&mut commit, object_of(key.entity), &object);
        commit.record(key, &record);
        self.register.commit(commit).await
    }

    /// What of ours stands on a matched document, or is known to.
    fn bound(&self, key: Key, record: &RecordState) -> Result<Option<Key>, StoreError> {
        if let Some(row) = record.applied.first() {
            return Ok(Some(row.to));
        }
        for withdrawal in &record.withdrawals {
            if self.register.record(withdrawal.key)?.is_some_and(|one| one.living().is_some()) {
                return Ok(Some(withdrawal.key));
            }
        }
        if key.entity != Entity::Invoice {
            return Ok(None);
        }
        for (fund, _) in self.register.funds_of(key.id)? {
            let on_it = |fund: &RecordState| fund.applied.iter().any(|row| row.to == key);
            if self.register.record(fund)?.as_ref().is_some_and(on_it) {
                return Ok(Some(fund));
            }
        }
        Ok(None)
    }

    async fn look_up(&self, wanted: &[Wanted]) -> Result<BTreeMap<(ObjectKind, ObjectId), Observed>, Stop> {
        let mut found = BTreeMap::new();
        for kind in ObjectKind::ALL {
            let ids = wanted.iter().filter(|one| one.kind == kind).map(|one| &self.matches[&one.key].id);
            for page in ids.collect::<Vec<_>>().chunks(IDS) {
                let ids = page.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
                let statement = format!("SELECT * FROM {kind} WHERE Id IN ({ids}) MAXRESULTS 1000");
                let rows = self.world.quickbooks.query(&statement).await?;
                found.extend(rows.observed().map(|object| ((object.kind, object.id.clone()), object)));
            }
        }
        Ok(found)
    }

    /// The object, if it can be the one that is meant.
    fn check_match<'o>(
        &self,
        Wanted { key, kind, record, customer }: &Wanted,
        found: Option<&'o Observed>,
    ) -> Result<Result<&'o Observed, Problem>, StoreError> {
        let Match { id, at, .. } = &self.matches[key];
        let wrong = |code, reason: String| Ok(Err(Problem::new(code, reason)));
        let Some(found) = found else {
            return wrong(Code::ReferenceMissing, format!("QuickBooks has no {kind} {id} ({at})"));
        };
        if found.dead {
            return wrong(Code::ReferenceMissing, format!("QuickBooks' {kind} {id} was voided ({at})"));
        }
        if found.customer.as_ref() != Some(customer) {
            let whose = found.customer.as_ref().map(ObjectId::as_str).unwrap_or_default();
            let reason = format!(
                "QuickBooks' {kind} {id} is of customer {whose}, and the line links {customer} ({at})"
            );
            return wrong(Code::PossibleDuplicate, reason);
        }
        let stands = |other: &RecordState, part| other.part(part).is_some_and(|one| one.id == *id);
        let other = match self.register.record_of(*kind, id)? {
            Some((other, part)) => {
                self.register.record(other)?.filter(|one| stands(one, part)).map(|_| other)
            }
            None => None,
        };
        let other = other.or(found.mark.map(|mark| mark.key)).filter(|other| other != key);
        if let Some(other) = other {
            return wrong(
                Code::PossibleDuplicate,
                format!("QuickBooks' {kind} {id} is {other}'s already ({at})"),
            );
        }
        let theirs = found.currency.clone().filter(|_| self.targets.multicurrency);
        let theirs = theirs.or_else(|| self.targets.home_currency.map(|home| home.to_string()));
        if let Some(theirs) = theirs.filter(|theirs| theirs != record.currency.as_str()) {
            let reason =
                format!("it is in {}, and QuickBooks' {kind} {id} in {theirs} ({at})", record.currency);
            return wrong(Code::CurrencyMismatch, reason);
        }
        Ok(Ok(found))
    }

    async fn take_match(&self, wanted: Wanted, found: &Observed) -> Result<(), StoreError> {
        let Wanted { key, kind, mut record, .. } = wanted;
        let mut commit = Commit::new();
        if let Some(before) = record.object.take() {
            let_go(&mut commit, kind, &before);
        }
        if found.mark.is_some() {
            // It bears the record's own mark: it is ours.
            recover(self, &mut record, Part::Whole, found)?;
            record.matched = false;
        } else {
            record.object = Some(Counterpart::written(found, record.source.clone()));
            record.matched = true;
            record.netted = found_netted(self, &record, found.total)?;
            (record.applied, record.beside) = lines_of(&self.register, found)?;
        }
        record.fault = None;
        tracing::info!(%key, id = %found.id, "the files say that it stands in QuickBooks already");
        self.forget_foreign(&mut commit, kind, &found.id)?;
        commit.record(key, &record);
        commit.object(kind, &found.id, (key, Part::Whole));
        self.register.commit(commit).await
    }

    /// What payments of a customer have on what was taken over just now: the
    /// change feed told of them before anybody knew that it matters.
    async fn look_at_payments(&mut self, customer: &ObjectId) -> Result<(), Stop> {
        let quickbooks = &self.world.quickbooks;
        let from = format!("{} WHERE CustomerRef = '{customer}'", ObjectKind::Payment);
        let mut failed = None;
        let pages = quickbooks.each_page(&from, async |rows: QueryRows| {
            for object in rows.observed() {
                if let Err(error) = self.look_at_payment(&object).await {
                    failed = Some(error);
                    return Err(CallError::Unreadable("the state failed".to_owned()));
                }
            }
            Ok(())
        });
        let read = pages.await;
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(read?),
        }
    }

    async fn look_at_payment(&mut self, object: &Observed) -> Result<(), StoreError> {
        if let Some((key, Part::Whole)) = self.register.record_of(object.kind, &object.id)?
            && let Some(mut record) = self.register.record(key)?.filter(|record| record.matched)
            && record.object.as_ref().is_some_and(|known| known.content == object.content)
        {
            (record.applied, record.beside) = lines_of(&self.register, object)?;
            let mut commit = Commit::new();
            commit.record(key, &record);
            return self.register.commit(commit).await;
        }
        self.take_object(object).await
    }
}

/// An object is nobody's again, which what is known of its customer's documents
/// does not tell.
fn let_go(commit: &mut Commit, kind: ObjectKind, object: &Counterpart) {
    commit.no_object(kind, &object.id);
    object.customer.iter().for_each(|customer| commit.not_looked(customer));
}

/// What is known of a match before QuickBooks is asked.
enum Sifted {
    /// There is nothing to do, or not yet.
    Done,
    Wrong(Problem),
    Look(Box<Wanted>),
}
