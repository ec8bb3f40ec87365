//! Reposts: records that are sent again, looked up in QuickBooks by their ids,
//! and made ready for another attempt: tried, mended, or posted anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::recover::see;
use super::tally::was_used_up;
use super::{Pass, Stop};
use crate::entity::object_of;
use crate::model::{
    Counterpart, Credit, Digest, Entity, Key, Link, ObjectId, ObjectKind, Observed, Part, RecordState,
    Resent, State, WriteOff, noon_of,
};
use crate::staxbill::StaxError;
use crate::store::{Body, Commit, Errand, StoreError};

/// Ids in one query.
const IDS: usize = 100;

/// What is done about a record that is sent again; the later weighs more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    /// It stands as it should.
    Sound,
    /// It was not tried yet.
    NotYet,
    /// It waits for another record.
    Waits(Key),
    /// It is tried again.
    Retried,
    /// It was posted under other settings, and is amended.
    Renewed,
    /// It differs, and is amended.
    Mended,
    /// It is posted anew, in place of an object that is gone.
    Anew(ObjectId),
    /// Nothing can be done about it.
    Cannot(String),
}

/// What was done about the records that hang on one.
pub(super) struct Deeds<'d> {
    pub(super) others: &'d [Deed],
    /// Refused by themselves.
    pub(super) left: usize,
    /// More than are sent at once.
    pub(super) beyond: usize,
}

type Found = BTreeMap<(ObjectKind, ObjectId), Option<Observed>>;

impl Pass<'_> {
    /// Looks each record up and makes it ready; all of it is one commit with the
    /// token that asks for it.
    pub(super) async fn look_and_send(&self, commit: &mut Commit, keys: &[Key]) -> Result<Vec<Deed>, Stop> {
        let mut records = Vec::new();
        for key in keys {
            records.extend(self.register.record(*key)?.map(|record| (*key, record)));
        }
        let wanted = records.iter().flat_map(|(key, record)| objects(*key, record));
        let found = self.look_by_id(wanted.map(|(_, kind, id)| (kind, id)).collect()).await?;
        let mut deeds = Vec::new();
        for (key, mut record) in records {
            let before = record.clone();
            self.see_all(key, &mut record, &found)?;
            deeds.push(self.ready(commit, key, &mut record).await?);
            if record != before {
                commit.record(key, &record);
            }
        }
        Ok(deeds)
    }

    async fn look_by_id(&self, wanted: BTreeSet<(ObjectKind, ObjectId)>) -> Result<Found, Stop> {
        let mut found = Found::new();
        for kind in ObjectKind::ALL {
            let all = if kind == ObjectKind::Customer { " AND Active IN (true, false)" } else { "" };
            let ids = wanted.iter().filter(|one| one.0 == kind).map(|one| &one.1).collect::<Vec<_>>();
            for page in ids.chunks(IDS) {
                let list = page.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
                let statement = format!("SELECT * FROM {kind} WHERE Id IN ({list}){all} MAXRESULTS 1000");
                let rows = self.world.quickbooks.query(&statement).await?;
                found.extend(rows.observed().map(|object| ((object.kind, object.id.clone()), Some(object))));
            }
        }
        for (kind, id) in wanted {
            // What a query does not show is asked for by itself before it counts as gone.
            if !found.contains_key(&(kind, id.clone())) {
                let object = self.world.quickbooks.object(kind, &id).await?;
                found.insert((kind, id), object);
            }
        }
        Ok(found)
    }

    fn see_all(&self, key: Key, record: &mut RecordState, found: &Found) -> Result<(), StoreError> {
        for (part, kind, id) in objects(key, record) {
            match found.get(&(kind, id)) {
                Some(Some(object)) => see(self, record, part, object)?,
                Some(None) => record.lose_part(part),
                None => {}
            }
        }
        Ok(())
    }

    async fn ready(&self, commit: &mut Commit, key: Key, record: &mut RecordState) -> Result<Deed, Stop> {
        let Some(object) = record.object.clone() else { return Ok(unpark(commit, key, record)) };
        if !object.lives() {
            return self.replace(commit, (key, record), &object).await;
        }
        let lost = lose_applications(commit, record);
        let parts = record.applications.values().any(|one| one.content != one.written);
        let differs = lost || parts || object.content != object.written || self.is_elsewhere(record)?;
        if differs && !record.matched {
            if record.fault.is_some() {
                unpark(commit, key, record);
            }
            commit.resent(key, Resent::Mend);
            return Ok(Deed::Mended);
        }
        if record.state == State::Synced && self.is_made_otherwise(key, record)? {
            if let Err(why) = self.content_again(commit, key, record).await? {
                return Ok(Deed::Cannot(why));
            }
            commit.resent(key, Resent::Mend);
            return Ok(Deed::Renewed);
        }
        Ok(unpark(commit, key, record))
    }

    /// What becomes of a record whose object is gone.
    async fn replace(
        &self,
        commit: &mut Commit,
        (key, record): (Key, &mut RecordState),
        object: &Counterpart,
    ) -> Result<Deed, Stop> {
        let id = &object.id;
        if key.entity == Entity::Customer {
            unpark(commit, key, record);
            let why = format!("its QuickBooks customer {id} is inactive or gone, and is not made again");
            return Ok(Deed::Cannot(why));
        }
        if record.matched {
            let why = format!("it is matched with QuickBooks' {id}, which is gone; name another in its line");
            return Ok(Deed::Cannot(why));
        }
        if was_used_up(record) {
            return Ok(Deed::Sound);
        }
        if let Err(why) = self.content_again(commit, key, record).await? {
            return Ok(Deed::Cannot(why));
        }
        commit.no_object(object_of(key.entity), id);
        commit.resent(key, if object.deleted { Resent::Mend } else { Resent::Anew });
        forget_object(record);
        Ok(Deed::Anew(id.clone()))
    }

    /// Whether someone gave its object to another customer in QuickBooks.
    fn is_elsewhere(&self, record: &RecordState) -> Result<bool, StoreError> {
        let theirs = record.object.as_ref().and_then(|object| object.customer.as_ref());
        let customer = self.register.record(Key::customer(record.customer))?;
        let ours = customer.as_ref().and_then(RecordState::living).map(|object| &object.id);
        let left = self.link(record.customer).and_then(Link::relinked_from);
        Ok(theirs.is_some() && ours.is_some() && theirs != ours && theirs != left)
    }

    /// Has at hand what a record is posted from: it was let go once it stood.
    async fn content_again(
        &self,
        commit: &mut Commit,
        key: Key,
        record: &mut RecordState,
    ) -> Result<Result<(), String>, Stop> {
        let body = match (key.entity, record.of) {
            // They are read again when they are written.
            (Entity::Invoice | Entity::Refund, _) => return Ok(Ok(())),
            (Entity::Payment, _) => self.payment_again(key.id).await,
            (Entity::Credit, _) if !record.opening => match self.world.staxbill.credit(key.id).await {
                Ok(read) => Ok(read.map(Body::Credit).map_err(|row| row.reason)),
                Err(error) => Err(error),
            },
            (Entity::Credit, _) => Ok(self.opening_credit(key, record)),
            (Entity::WriteOff, Some(of)) => Ok(self.write_off_again(key, record, of)),
            (Entity::ChargeReversal, Some(of)) => {
                // The note is read once more as if it were new.
                record.source = Digest::of(["sent again"]);
                commit.errand(Errand::CreditNotes(of.id));
                return Ok(Ok(()));
            }
            (Entity::Customer | Entity::WriteOff | Entity::ChargeReversal, _) => {
                return Ok(Err("it cannot be made again".to_owned()));
            }
        };
        match body {
            Ok(Ok(body)) => {
                commit.body(key, &body);
                Ok(Ok(()))
            }
            Ok(Err(reason)) => Ok(Err(reason)),
            Err(error @ (StaxError::NotFound(_) | StaxError::Unreadable(_))) => Ok(Err(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// Has what a document is put back from at hand for the next pass, which
    /// puts it back as one that is sent again.
    pub(crate) async fn content_for_next(&self, key: Key) -> Result<(), Stop> {
        let Some(mut record) = self.register.record(key)? else { return Ok(()) };
        let mut commit = Commit::new();
        if self.content_again(&mut commit, key, &mut record).await?.is_ok() {
            commit.resent(key, Resent::Mend);
            commit.record(key, &record);
            self.register.commit(commit).await?;
        }
        Ok(())
    }

    /// A payment does not tell how it was paid, and its activity does.
    async fn payment_again(&self, id: u64) -> Result<Result<Body, String>, StaxError> {
        let staxbill = &self.world.staxbill;
        let payment = match staxbill.payment(id).await? {
            Ok(payment) => payment,
            Err(row) => return Ok(Err(row.reason)),
        };
        let read = staxbill.payment_activity(payment.activity).await?;
        Ok(read.map(Body::Payment).map_err(|row| row.reason))
    }

    fn opening_credit(&self, key: Key, record: &RecordState) -> Result<Body, String> {
        let date = record.date.ok_or_else(|| "it has no date".to_owned())?;
        Ok(Body::Credit(Credit {
            id: key.id,
            customer: record.customer,
            effective_at: noon_of(date, &self.world.settings.company.time_zone),
            currency: record.currency,
            amount: record.amount,
            unallocated: record.open,
            allocations: record.allocations.clone(),
            debits: Vec::new(),
            reference: None,
            opening: true,
            quickbooks_id: None,
        }))
    }

    fn write_off_again(&self, key: Key, record: &RecordState, of: Key) -> Result<Body, String> {
        let date = record.date.ok_or_else(|| "it has no date".to_owned())?;
        Ok(Body::WriteOff(WriteOff {
            id: key.id,
            customer: record.customer,
            invoice: of.id,
            effective_at: noon_of(date, &self.world.settings.company.time_zone),
            currency: record.currency,
            amount: record.amount,
            reference: None,
        }))
    }
}

/// Lets a record be tried in this pass, under a new request id.
fn unpark(commit: &mut Commit, key: Key, record: &mut RecordState) -> Deed {
    match (record.state, record.blocked_by) {
        (State::Synced, _) => return Deed::Sound,
        (State::Blocked, Some(by)) => return Deed::Waits(by),
        (State::NotTried, _) if record.fault.is_none() => return Deed::NotYet,
        _ => {}
    }
    if let Some(fault) = record.fault.as_mut() {
        fault.next_attempt_at = None;
    }
    record.attempt += 1;
    commit.resent(key, Resent::Mend);
    Deed::Retried
}

/// The objects of a record that QuickBooks is not known to have deleted.
fn objects(key: Key, record: &RecordState) -> Vec<(Part, ObjectKind, ObjectId)> {
    let whole = record.object.iter().map(|object| (Part::Whole, object_of(key.entity), object));
    let parts =
        record.applications.iter().map(|(to, object)| (Part::Applied(*to), ObjectKind::Payment, object));
    let known = whole.chain(parts).filter(|(_, _, object)| !object.deleted);
    known.map(|(part, kind, object)| (part, kind, object.id.clone())).collect()
}

/// A record whose document is gone stands as if it had never been posted. What
/// applied a memo stays, where it lives: it is laid on the new one.
fn forget_object(record: &mut RecordState) {
    record.object = None;
    record.applied.clear();
    record.netted.clear();
    record.applications.retain(|_, one| one.lives());
    record.fault = None;
    record.state = State::NotTried;
    record.attempt += 1;
}

/// Takes out what applied a memo and is gone; tells whether anything was.
fn lose_applications(commit: &mut Commit, record: &mut RecordState) -> bool {
    let gone = record.applications.iter().filter(|(_, one)| !one.lives());
    let gone = gone.map(|(to, one)| (*to, one.id.clone())).collect::<Vec<_>>();
    for (to, id) in &gone {
        commit.no_object(ObjectKind::Payment, id);
        record.applications.remove(to);
        record.applied.retain(|row| row.to != *to);
    }
    !gone.is_empty()
}

impl fmt::Display for Deeds<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |of: fn(&Deed) -> bool| self.others.iter().filter(|deed| of(deed)).count();
        let counts = [
            (count(|deed| matches!(deed, Deed::Retried)), "tried again"),
            (count(|deed| matches!(deed, Deed::Mended | Deed::Renewed)), "mended"),
            (count(|deed| matches!(deed, Deed::Anew(_))), "posted again"),
            (count(|deed| matches!(deed, Deed::Sound)), "verified"),
            (count(|deed| matches!(deed, Deed::NotYet | Deed::Waits(_))), "waiting"),
            (count(|deed| matches!(deed, Deed::Cannot(_))) + self.left, "left alone"),
            (self.beyond, "beyond what is sent at once"),
        ];
        let told =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let told = told.collect::<Vec<_>>().join(", ");
        f.write_str(if told.is_empty() { "nothing" } else { &told })
    }
}
