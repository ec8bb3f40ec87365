//! The register: typed access to the state. One tree, keys by prefix:
//!
//! | key | value |
//! |---|---|
//! | `r/<entity>/<id>` | a record's state |
//! | `b/<entity>/<id>` | a record's content, until it is posted |
//! | `o/<Kind>/<id>` | the record that a QuickBooks object stands for |
//! | `a/<invoice>/<payment>` | an allocation as Stax Bill has it |
//! | `t/<invoice>` | an invoice whose allocations are to be read again |
//! | `j/<seq>` | an intent whose outcome is open |
//! | `p/<path>` | a product's code |
//! | `n/<customer>` | the day of a link's `start = "now"` |
//! | `m/<name>` | single values: watermarks, preflight, counters |

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{
    Customer, Digest, Entity, Invoice, Key, Money, ObjectId, ObjectKind, Payment, RecordState, Targets,
};

use super::{Commit, Intent, Store, StoreError, envelope};

/// Rows read at once: a page, not the company.
const PAGE: usize = 1000;

/// A record's content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Body {
    /// A customer.
    Customer(Box<Customer>),
    /// An invoice, with its lines once they were read.
    Invoice(Invoice),
    /// A payment.
    Payment(Payment),
}

/// Requests made in a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// Stax Bill, all of them reads.
    pub staxbill: u64,
    /// QuickBooks: reads, queries, the change feed.
    pub quickbooks_reads: u64,
    /// QuickBooks: writes of one object.
    pub quickbooks_writes: u64,
    /// QuickBooks: batches.
    pub quickbooks_batches: u64,
}

/// The single values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Up to where Stax Bill's customers, invoices and payments were read, by
    /// Stax Bill's time less an overlap.
    pub staxbill: [Option<Timestamp>; 3],
    /// Up to where QuickBooks' changes were read, by QuickBooks' time less an
    /// overlap.
    pub quickbooks: Option<Timestamp>,
    /// When everything was last looked at, by our clock.
    pub full_scan_at: Option<Timestamp>,
    /// What the last preflight found, and when, and for which settings.
    pub preflight: Option<(Timestamp, Digest, Targets)>,
    /// Passes so far.
    pub passes: u64,
    /// When a pass last ended complete.
    pub last_sync_at: Option<Timestamp>,
    /// The company this state belongs to.
    pub realm_id: Option<String>,
    /// How many links were in force.
    pub links: usize,
}

/// Typed access to a [`Store`]. Reads answer from memory or a short read of
/// the disk; commits go to a blocking thread.
#[derive(Clone)]
pub struct Register {
    store: Arc<dyn Store>,
}

impl Register {
    /// Access to `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The store below, to lay an overlay over.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Makes `commit` true, durably.
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        if commit.is_empty() {
            return Ok(());
        }
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || store.commit(commit.changes)).await;
        done.unwrap_or_else(|error| {
            Err(StoreError::Damaged { what: format!("the commit panicked: {error}") })
        })
    }

    /// A record's state.
    pub fn record(&self, key: Key) -> Result<Option<RecordState>, StoreError> {
        self.get(&key_of::record(key))
    }

    /// A record's content, where it is still kept.
    pub fn body(&self, key: Key) -> Result<Option<Body>, StoreError> {
        self.get(&key_of::body(key))
    }

    /// The record that an object stands for.
    pub fn record_of(&self, kind: ObjectKind, id: &ObjectId) -> Result<Option<Key>, StoreError> {
        self.get(&key_of::object(kind, id))
    }

    /// The payments that Stax Bill allocated to `invoice`, as far as they are
    /// known, with the amounts.
    pub fn payments_of(&self, invoice: u64) -> Result<Vec<(u64, Money)>, StoreError> {
        let prefix = key_of::allocations(invoice);
        let mut payments = Vec::new();
        self.each(&prefix, |key, amount: Money| {
            if let Some(payment) = key_of::last_number(key) {
                payments.push((payment, amount));
            }
            Ok(())
        })?;
        Ok(payments)
    }

    /// Invoices whose allocations are to be read again: in any case, or where
    /// the known payments do not make the amount.
    pub fn recheck(&self) -> Result<Vec<(u64, Option<Money>)>, StoreError> {
        let mut invoices = Vec::new();
        self.each(b"t/", |key, paid| {
            invoices.extend(key_of::last_number(key).map(|invoice| (invoice, paid)));
            Ok(())
        })?;
        Ok(invoices)
    }

    /// Every record of an entity, in order of its id.
    pub fn each_record(
        &self,
        entity: Entity,
        mut then: impl FnMut(Key, RecordState) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each(&key_of::records(entity), |key, state| match key_of::last_number(key) {
            Some(id) => then(Key { entity, id }, state),
            None => Ok(()),
        })
    }

    /// Every open intent, oldest first.
    pub fn intents(&self) -> Result<Vec<Intent>, StoreError> {
        let mut intents = Vec::new();
        self.each(b"j/", |_, intent| {
            intents.push(intent);
            Ok(())
        })?;
        Ok(intents)
    }

    /// A product's code found earlier.
    pub fn product(&self, path: &str) -> Result<Option<String>, StoreError> {
        self.get(&key_of::product(path))
    }

    /// The day that a customer's `start = "now"` stands for.
    pub fn start(&self, customer: u64) -> Result<Option<Date>, StoreError> {
        self.get(&key_of::start(customer))
    }

    /// The single values.
    pub fn marks(&self) -> Result<Marks, StoreError> {
        Ok(self.mark("marks")?.unwrap_or_default())
    }

    /// A single value of another name.
    pub fn mark<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.get(&key_of::mark(name))
    }

    fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.store.get(key)?.map(|sealed| envelope::open(key, &sealed)).transpose()
    }

    fn each<T: DeserializeOwned>(
        &self,
        prefix: &[u8],
        mut then: impl FnMut(&[u8], T) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let rows = self.store.scan(prefix, after.as_deref(), PAGE)?;
            let whole = rows.len() == PAGE;
            for (key, sealed) in &rows {
                then(key, envelope::open(key, sealed)?)?;
            }
            after = rows.into_iter().next_back().map(|(key, _)| key);
            if !whole {
                return Ok(());
            }
        }
    }
}

/// How keys are written. Numbers have twenty digits, so that key order is
/// their order.
pub(super) mod key_of {
    use super::{Entity, Key, ObjectId, ObjectKind};

    pub(in super::super) fn records(entity: Entity) -> Vec<u8> {
        format!("r/{}/", entity as u8).into_bytes()
    }

    pub(in super::super) fn record(key: Key) -> Vec<u8> {
        format!("r/{}/{:020}", key.entity as u8, key.id).into_bytes()
    }

    pub(in super::super) fn body(key: Key) -> Vec<u8> {
        format!("b/{}/{:020}", key.entity as u8, key.id).into_bytes()
    }

    pub(in super::super) fn object(kind: ObjectKind, id: &ObjectId) -> Vec<u8> {
        format!("o/{kind}/{id:0>20}").into_bytes()
    }

    pub(in super::super) fn allocations(invoice: u64) -> Vec<u8> {
        format!("a/{invoice:020}/").into_bytes()
    }

    pub(in super::super) fn allocation(invoice: u64, payment: u64) -> Vec<u8> {
        format!("a/{invoice:020}/{payment:020}").into_bytes()
    }

    pub(in super::super) fn recheck(invoice: u64) -> Vec<u8> {
        format!("t/{invoice:020}").into_bytes()
    }

    pub(in super::super) fn intent(seq: u64) -> Vec<u8> {
        format!("j/{seq:020}").into_bytes()
    }

    pub(in super::super) fn product(path: &str) -> Vec<u8> {
        format!("p/{path}").into_bytes()
    }

    pub(in super::super) fn start(customer: u64) -> Vec<u8> {
        format!("n/{customer:020}").into_bytes()
    }

    pub(in super::super) fn mark(name: &str) -> Vec<u8> {
        format!("m/{name}").into_bytes()
    }

    pub(in super::super) fn last_number(key: &[u8]) -> Option<u64> {
        std::str::from_utf8(key).ok()?.rsplit('/').next()?.parse().ok()
    }
}
