//! Stax Bill's own synchronisation, seen at work: ids of QuickBooks that appear
//! on records while latchd runs.
//!
//! Whoever takes over finds ids that stood there before; they are no sign. One
//! on a record that had none when it was last read is, and so is one on a
//! record that is new since everything was first read.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Cause, Holds, Pass};
use crate::model::{Code, Entity, Key, Problem, RecordState};
use crate::store::{Body, Commit, Marks, Register, StoreError};

/// Under this name the state keeps what was seen.
const OTHER_SYNC: &str = "other-sync";
/// It runs about every hour (Stax Bill: the integration's own page), and what
/// it writes may show in a full scan alone, once a day: a day and an hour
/// without a new id is an end.
const STANDS: SignedDuration = SignedDuration::from_hours(25);

/// Ids that appeared one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Signs {
    since: Timestamp,
    last: Timestamp,
    records: u64,
    latest: Key,
}

/// What a pass knows of Stax Bill's own synchronisation.
pub(crate) struct OwnSync {
    /// Up to where the account's stream of activities had been read; `None`
    /// where it is read by customer.
    stream: Option<u64>,
    /// Whether everything was read once: what stood there then is no sign.
    began: bool,
    now: Timestamp,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    signs: Option<Signs>,
    /// Records that this pass saw first, by a row that tells no ids.
    fresh: BTreeSet<Key>,
}

impl OwnSync {
    pub(super) fn load(register: &Register, marks: &Marks, now: Timestamp) -> Result<Self, StoreError> {
        let seen = Mutex::new(Seen { signs: register.mark(OTHER_SYNC)?, fresh: BTreeSet::new() });
        // Customers' own streams begin when they are linked: what is new in them
        // may be old.
        let stream = (!marks.ar_by_customer).then(|| marks.ar_activity.unwrap_or(0));
        Ok(Self { stream, began: marks.full_scan_at.is_some(), now, seen })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is told while it is at work.
    fn reason(&self) -> Option<String> {
        let seen = self.seen();
        let signs = seen.signs.as_ref().filter(|signs| signs.stand(self.now))?;
        let records = match signs.records {
            1 => "1 record".to_owned(),
            count => format!("{count} records"),
        };
        Some(format!(
            "Stax Bill's own integration has noted QuickBooks ids on {records} since {}, the latest on {} at {}; \
             nothing is created, so that nothing is posted twice",
            minute(signs.since),
            signs.latest,
            minute(signs.last)
        ))
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

impl Signs {
    fn stand(&self, now: Timestamp) -> bool {
        now.duration_since(self.last) < STANDS
    }

    /// One more; what stood too long ago is forgotten.
    fn with(before: Option<Self>, key: Key, now: Timestamp) -> Self {
        let before = before.filter(|signs| signs.stand(now));
        let (since, records) = before.map_or((now, 0), |signs| (signs.since, signs.records));
        Self { since, last: now, records: records + 1, latest: key }
    }
}

impl Pass<'_> {
    /// Looks whether what is taken in bears an id that it did not have; what was
    /// seen becomes true with the record.
    pub(super) fn watch_own_sync(
        &self,
        commit: &mut Commit,
        (key, kept): (Key, Option<&RecordState>),
        now: &RecordState,
    ) -> Result<(), StoreError> {
        if !self.own_sync.began {
            return Ok(());
        }
        let Some(id) = &now.staxbill_quickbooks_id else {
            if kept.is_none() && self.is_new(key) {
                self.own_sync.seen().fresh.insert(key);
            }
            return Ok(());
        };
        let appeared = match kept {
            None => self.is_new(key),
            Some(kept) if kept.staxbill_quickbooks_id.is_some() => false,
            Some(kept) => self.own_sync.seen().fresh.contains(&key) || self.told_none(key, kept)?,
        };
        if !appeared || self.is_ours((key, kept), now.customer, id) {
            return Ok(());
        }
        let mut seen = self.own_sync.seen();
        let signs = Signs::with(seen.signs.take(), key, self.own_sync.now);
        commit.mark(OTHER_SYNC, &signs);
        seen.signs = Some(signs);
        Ok(())
    }

    /// Whether a record that is seen for the first time came into being since
    /// everything was first read.
    fn is_new(&self, key: Key) -> bool {
        match key.entity {
            Entity::Customer
            | Entity::Invoice
            | Entity::Payment
            | Entity::Refund
            | Entity::ChargeReversal => true,
            Entity::Credit | Entity::WriteOff => self.own_sync.stream.is_some_and(|last| key.id > last),
        }
    }

    /// Whether what was last read of a record would have shown an id: a row that
    /// cannot be read shows none, nor do those of the stream and of lists of
    /// credit notes.
    fn told_none(&self, key: Key, kept: &RecordState) -> Result<bool, StoreError> {
        let read = kept.invalid.is_none();
        let credit = match (key.entity, kept.of) {
            (Entity::Customer | Entity::Invoice | Entity::Payment | Entity::Refund, _) => return Ok(read),
            (Entity::ChargeReversal | Entity::WriteOff, _) => return Ok(false),
            (Entity::Credit, of) => of.unwrap_or(key),
        };
        if let Some(Body::Credit(_)) = self.register.body(credit)? {
            return Ok(read);
        }
        Ok(read && self.register.record(credit)?.is_some_and(|credit| credit.object.is_some()))
    }

    /// Whether an id is that of the object that stands for the record anyway:
    /// by the state, or by the files.
    fn is_ours(&self, (key, kept): (Key, Option<&RecordState>), customer: u64, id: &str) -> bool {
        let standing = kept.and_then(|kept| kept.object.as_ref()).map(|object| &object.id);
        let link = self.link(customer);
        let named = link.and_then(|link| match key.entity {
            Entity::Customer => link.adopted(),
            Entity::Invoice
            | Entity::Payment
            | Entity::Refund
            | Entity::Credit
            | Entity::ChargeReversal
            | Entity::WriteOff => link.matches.get(&key),
        });
        standing.into_iter().chain(named).any(|ours| ours.as_str() == id)
    }

    /// Why nothing is created while Stax Bill's own synchronisation is at work.
    pub(super) fn creation_held(&self) -> Option<Problem> {
        Some(Problem::new(Code::OtherSyncActive, self.own_sync.reason()?))
    }

    /// Says so, once for the whole company. The pass goes on: what stands is
    /// kept true.
    pub(super) fn tell_own_sync(&mut self) {
        if let Some(reason) = self.own_sync.reason() {
            tracing::warn!(code = Code::OtherSyncActive.name(), "{reason}");
            self.causes.push(Cause::of(Holds::Creations, Code::OtherSyncActive, reason));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_stand_for_a_day_and_an_hour_and_are_counted_from_the_first() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let first = Signs::with(None, Key::invoice(1), at("2026-03-01T00:00:00Z"));
        let cases = [
            ("the next", "2026-03-01T01:00:00Z", ("2026-03-01T00:00:00Z", 2)),
            ("just in time", "2026-03-02T00:59:59Z", ("2026-03-01T00:00:00Z", 2)),
            ("too late", "2026-03-02T01:00:00Z", ("2026-03-02T01:00:00Z", 1)),
        ];
        for (name, now, (since, records)) in cases {
            let signs = Signs::with(Some(first.clone()), Key::payment(2), at(now));
            let expected = Signs { since: at(since), last: at(now), records, latest: Key::payment(2) };
            assert_eq!(signs, expected, "{name}");
            assert_eq!(first.stand(at(now)), records == 2, "{name}");
        }
    }
}
