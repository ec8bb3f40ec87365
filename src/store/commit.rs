//! A commit: changes that become true together or not at all.

use crate::model::{
    Allocation, Attempt, Handled, Key, Money, ObjectId, ObjectKind, Part, RecordState, Resent, Reversal,
};

use super::opening::Rebuilt;
use super::register::{Body, Errand, Foreign};
use super::{Change, Intent, envelope, key_of, name};

/// Attempts that are kept of one record.
pub const ATTEMPTS_MAX: usize = 20;

/// Changes to the state, collected and then handed to
/// [`super::Register::commit`].
#[derive(Debug, Default)]
pub struct Commit {
    pub(super) changes: Vec<Change>,
}

impl Commit {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing was collected.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many changes were collected.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether a record's state is among the changes.
    pub fn holds(&self, key: Key) -> bool {
        let key = key_of::record(key);
        self.changes.iter().any(|(other, _)| *other == key)
    }

    /// Sets a record's state.
    pub fn record(&mut self, key: Key, state: &RecordState) {
        self.put(key_of::record(key), state);
    }

    /// Keeps a record's content until it is posted.
    pub fn body(&mut self, key: Key, body: &Body) {
        self.put(key_of::body(key), body);
    }

    /// Drops a record's content: it is posted.
    pub fn drop_body(&mut self, key: Key) {
        self.remove(key_of::body(key));
    }

    /// Remembers which record an object stands for, and which of its parts.
    pub fn object(&mut self, kind: ObjectKind, id: &ObjectId, (key, part): (Key, Part)) {
        self.put(key_of::object(kind, id), &(key, part));
    }

    /// An object stands for no record any more.
    pub fn no_object(&mut self, kind: ObjectKind, id: &ObjectId) {
        self.remove(key_of::object(kind, id));
    }

    /// Moves the index from invoices to what Stax Bill allocated to them.
    pub fn allocations(&mut self, fund: Key, before: &[Allocation], now: &[Allocation]) {
        for row in before.iter().filter(|row| now.iter().all(|other| other.invoice != row.invoice)) {
            self.remove(key_of::allocation(row.invoice, fund));
        }
        for row in now {
            self.put(key_of::allocation(row.invoice, fund), &row.amount);
        }
    }

    /// Remembers a reversal of one of an invoice's charges.
    pub fn reversal(&mut self, invoice: u64, reversal: &Reversal) {
        self.put(key_of::reversal(invoice, reversal.id), reversal);
    }

    /// Notes that something is to be read in Stax Bill.
    pub fn errand(&mut self, errand: Errand) {
        self.put(key_of::errand(errand), &());
    }

    /// It was read.
    pub fn errand_done(&mut self, errand: Errand) {
        self.remove(key_of::errand(errand));
    }

    /// Remembers what a foreign payment takes of our objects; `before` are
    /// those that it took something of.
    pub fn foreign(&mut self, payment: &ObjectId, before: &[Key], now: &[(Key, Foreign)]) {
        for key in before {
            self.remove(key_of::foreign_take(*key, payment));
        }
        for (key, take) in now {
            self.put(key_of::foreign_take(*key, payment), take);
        }
        if now.is_empty() {
            self.remove(key_of::foreign(payment));
        } else {
            self.put(key_of::foreign(payment), &now.iter().map(|(key, _)| *key).collect::<Vec<_>>());
        }
    }

    /// Notes that an invoice's allocations are to be read again: in any case,
    /// or where the payments that are known then do not make `paid`.
    pub fn recheck(&mut self, invoice: u64, paid: Option<Money>) {
        self.put(key_of::recheck(invoice), &paid);
    }

    /// They were read.
    pub fn rechecked(&mut self, invoice: u64) {
        self.remove(key_of::recheck(invoice));
    }

    /// Writes an intent down.
    pub fn intent(&mut self, intent: &Intent) {
        self.put(key_of::intent(intent.seq), intent);
    }

    /// Removes an intent: its outcome is known, and part of this commit.
    pub fn close(&mut self, seq: u64) {
        self.remove(key_of::intent(seq));
    }

    /// Sets what is remembered of the attempts about a record: the last
    /// [`ATTEMPTS_MAX`] of `attempts`, oldest first.
    pub fn attempts(&mut self, key: Key, attempts: &[Attempt]) {
        let kept = &attempts[attempts.len().saturating_sub(ATTEMPTS_MAX)..];
        self.put(key_of::attempts(key), &kept);
    }

    /// Remembers a product's code, by where it was found.
    pub fn product(&mut self, path: &str, code: &str) {
        self.put(key_of::product(path), &code);
    }

    /// Remembers the day that a link's `start = "now"` stands for.
    pub fn start(&mut self, customer: u64, day: jiff::civil::Date) {
        self.put(key_of::start(customer), &day);
    }

    /// Forgets it: the link is gone.
    pub fn forget_start(&mut self, customer: u64) {
        self.remove(key_of::start(customer));
    }

    /// Remembers what Stax Bill says that a customer owes.
    pub fn ar_balance(&mut self, customer: u64, balance: Money) {
        self.put(key_of::ar_balance(customer), &balance);
    }

    /// Notes what became of a record's resends.
    pub fn handled(&mut self, key: Key, handled: &Handled) {
        self.put(key_of::handled(key), handled);
    }

    /// A resend lets this be done about a record, until it is.
    pub fn resent(&mut self, key: Key, resent: Resent) {
        self.put(key_of::resent(key), &resent);
    }

    /// It was done, or cannot be.
    pub fn resent_done(&mut self, key: Key) {
        self.remove(key_of::resent(key));
    }

    /// Notes how far a state is that was begun anew.
    pub fn rebuilt(&mut self, rebuilt: &Rebuilt) {
        self.mark(name::REBUILT, rebuilt);
    }

    /// Sets one of the single values; `name` is one of [`super::Marks`]' own.
    pub fn mark<T: serde::Serialize>(&mut self, name: &str, value: &T) {
        self.put(key_of::mark(name), value);
    }

    /// Forgets a single value.
    pub fn unmark(&mut self, name: &str) {
        self.remove(key_of::mark(name));
    }

    pub(super) fn put<T: serde::Serialize>(&mut self, key: Vec<u8>, value: &T) {
        let sealed = envelope::seal(&key, value);
        self.changes.push((key, Some(sealed)));
    }

    pub(super) fn remove(&mut self, key: Vec<u8>) {
        self.changes.push((key, None));
    }
}
