//! A commit: changes that become true together or not at all.

use crate::model::{Allocation, Key, Money, ObjectId, ObjectKind, RecordState};

use super::register::{Body, key_of};
use super::{Change, Intent, envelope};

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

    /// Remembers which record an object stands for.
    pub fn object(&mut self, kind: ObjectKind, id: &ObjectId, key: Key) {
        self.put(key_of::object(kind, id), &key);
    }

    /// Moves the index from invoices to the payments that Stax Bill allocated
    /// to them.
    pub fn allocations(&mut self, payment: u64, before: &[Allocation], now: &[Allocation]) {
        for row in before.iter().filter(|row| now.iter().all(|other| other.invoice != row.invoice)) {
            self.remove(key_of::allocation(row.invoice, payment));
        }
        for row in now {
            self.put(key_of::allocation(row.invoice, payment), &row.amount);
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

    /// Remembers a product's code, by where it was found.
    pub fn product(&mut self, path: &str, code: &str) {
        self.put(key_of::product(path), &code);
    }

    /// Remembers the day that a link's `start = "now"` stands for.
    pub fn start(&mut self, customer: u64, day: jiff::civil::Date) {
        self.put(key_of::start(customer), &day);
    }

    /// Sets one of the single values; `name` is one of [`super::Marks`]' own.
    pub fn mark<T: serde::Serialize>(&mut self, name: &str, value: &T) {
        self.put(key_of::mark(name), value);
    }

    fn put<T: serde::Serialize>(&mut self, key: Vec<u8>, value: &T) {
        let sealed = envelope::seal(&key, value);
        self.changes.push((key, Some(sealed)));
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.changes.push((key, None));
    }
}
