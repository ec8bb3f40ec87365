//! The register: typed access to the state. One tree, keys by prefix:
//!
//! | key | value |
//! |---|---|
//! | `r/<entity>/<id>` | a record's state |
//! | `b/<entity>/<id>` | a record's content, until it is posted |
//! | `o/<Kind>/<id>` | the record that a QuickBooks object stands for, and which of its parts |
//! | `a/<invoice>/<entity>/<id>` | an allocation as Stax Bill has it |
//! | `t/<invoice>` | an invoice whose allocations are to be read again |
//! | `v/<invoice>/<id>` | a reversal of one of an invoice's charges |
//! | `q/<list>/<id>` | something of Stax Bill's that is to be read |
//! | `x/<entity>/<id>/<payment>` | what a foreign payment takes of an object of ours |
//! | `y/<payment>` | which of our objects a foreign payment takes something of |
//! | `l/<QuickBooks customer>` | since which day it is known what people entered for it |
//! | `f/<QuickBooks customer>/<Kind>/<id>` | a document that people entered for it |
//! | `g/<Kind>/<id>` | for whom people entered a document |
//! | `j/<seq>` | an intent whose outcome is open |
//! | `e/<entity>/<id>` | the last attempts about a record |
//! | `p/<path>` | a product's code |
//! | `n/<customer>` | the day of a link's `start = "now"` |
//! | `z/<customer>` | what Stax Bill says that a customer owes, of the last full scan |
//! | `h/<entity>/<id>` | what became of a record's resends |
//! | `s/<entity>/<id>` | what a resend lets be done about a record, until it is |
//! | `m/<name>` | single values: watermarks, preflight, counters |
//! | `!proof` | count and digest of all the others |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{
    Attempt, Credit, CreditNote, Customer, Digest, Entity, Handled, Invoice, Key, Money, ObjectId,
    ObjectKind, Part, Payment, RecordState, Resent, Reversal, Targets, WriteOff,
};

use super::opening::Rebuilt;
use super::{Commit, Intent, Store, StoreError, envelope, key_of, name};

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
    /// A credit.
    Credit(Credit),
    /// A credit note.
    CreditNote(CreditNote),
    /// A write-off.
    WriteOff(WriteOff),
}

/// Something of Stax Bill's that is to be read, once it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A payment, by its activity: a refund of it was seen.
    PaymentActivity(u64),
    /// An invoice's credit notes: a reversal was seen.
    CreditNotes(u64),
    /// A credit: its row in the AR stream changed.
    Credit(u64),
    /// An invoice's words: its stamp moved.
    Words(u64),
}

/// What a payment that is not ours takes of an object of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    /// Its id in QuickBooks.
    pub payment: ObjectId,
    /// What it takes.
    pub amount: Money,
    /// Its total; zero where it applies a credit.
    pub total: Money,
    /// Its date.
    pub date: Option<Date>,
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
    /// The latest AR activity that was read.
    #[serde(default)]
    pub ar_activity: Option<u64>,
    /// Transaction types of the stream that the table does not know.
    #[serde(default)]
    pub unknown_tokens: BTreeSet<String>,
    /// Whether Stax Bill refuses the AR activities of the whole account, so
    /// that they are read customer by customer.
    #[serde(default)]
    pub ar_by_customer: bool,
    /// The posting settings of the last pass.
    #[serde(default)]
    pub posting: Option<Digest>,
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
/// the disk; commits that wait for
/// the disk go to a blocking thread.
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
        if !self.store.waits() {
            return self.store.commit(commit.changes);
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

    /// The record that an object stands for, and which of its parts.
    pub fn record_of(&self, kind: ObjectKind, id: &ObjectId) -> Result<Option<(Key, Part)>, StoreError> {
        self.get(&key_of::object(kind, id))
    }

    /// What Stax Bill allocated to `invoice`, as far as it is known, with the
    /// amounts; nothing of what was refunded since.
    pub fn funds_of(&self, invoice: u64) -> Result<Vec<(Key, Money)>, StoreError> {
        let mut funds = Vec::new();
        self.each(&key_of::allocations(invoice), |key, amount: Money| {
            funds.extend(key_of::last_record(key).map(|fund| (fund, amount)));
            Ok(())
        })?;
        Ok(funds)
    }

    /// The reversals of an invoice's charges, by id.
    pub fn reversals_of(&self, invoice: u64) -> Result<Vec<Reversal>, StoreError> {
        let mut reversals = Vec::new();
        self.each(&key_of::reversals(invoice), |_, reversal| {
            reversals.push(reversal);
            Ok(())
        })?;
        Ok(reversals)
    }

    /// What is to be read in Stax Bill.
    pub fn errands(&self) -> Result<Vec<Errand>, StoreError> {
        let mut errands = Vec::new();
        self.each(b"q/", |key, (): ()| {
            errands.extend(key_of::errand_in(key));
            Ok(())
        })?;
        Ok(errands)
    }

    /// What foreign payments take of a record's object.
    pub fn foreign_on(&self, key: Key) -> Result<Vec<Foreign>, StoreError> {
        let mut takes = Vec::new();
        self.each(&key_of::foreign_on(key), |_, take| {
            takes.push(take);
            Ok(())
        })?;
        Ok(takes)
    }

    /// Whose objects a foreign payment takes something of.
    pub fn foreign(&self, payment: &ObjectId) -> Result<Vec<Key>, StoreError> {
        Ok(self.get(&key_of::foreign(payment))?.unwrap_or_default())
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

    /// The last attempts about a record, oldest first; at most
    /// [`super::ATTEMPTS_MAX`].
    pub fn attempts(&self, key: Key) -> Result<Vec<Attempt>, StoreError> {
        Ok(self.get(&key_of::attempts(key))?.unwrap_or_default())
    }

    /// A product's code found earlier.
    pub fn product(&self, path: &str) -> Result<Option<String>, StoreError> {
        self.get(&key_of::product(path))
    }

    /// The day that a customer's `start = "now"` stands for.
    pub fn start(&self, customer: u64) -> Result<Option<Date>, StoreError> {
        self.get(&key_of::start(customer))
    }

    /// What Stax Bill said in the last full scan that a customer owes.
    pub fn ar_balance(&self, customer: u64) -> Result<Option<Money>, StoreError> {
        self.get(&key_of::ar_balance(customer))
    }

    /// What became of a record's resends.
    pub fn handled(&self, key: Key) -> Result<Option<Handled>, StoreError> {
        self.get(&key_of::handled(key))
    }

    /// What resends let be done and was not yet, by record.
    pub fn resent(&self) -> Result<BTreeMap<Key, Resent>, StoreError> {
        let mut all = BTreeMap::new();
        self.each(b"s/", |key, resent| {
            all.extend(key_of::last_record(key).map(|key| (key, resent)));
            Ok(())
        })?;
        Ok(all)
    }

    /// How the state came to be begun anew, where it did.
    pub fn rebuilt(&self) -> Result<Option<Rebuilt>, StoreError> {
        self.mark(name::REBUILT)
    }

    /// The single values.
    pub fn marks(&self) -> Result<Marks, StoreError> {
        Ok(self.mark("marks")?.unwrap_or_default())
    }

    /// A single value of another name.
    pub fn mark<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.get(&key_of::mark(name))
    }

    /// The single values whose names begin with `prefix`, with the rest of each
    /// name, a page at a time.
    pub fn each_mark<T: DeserializeOwned>(
        &self,
        prefix: &str,
        mut then: impl FnMut(&str, T) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let prefix = key_of::mark(prefix);
        self.each(&prefix, |key, value| match std::str::from_utf8(&key[prefix.len()..]) {
            Ok(rest) => then(rest, value),
            Err(_) => Ok(()),
        })
    }

    pub(super) fn get<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.store.get(key)?.map(|sealed| envelope::open(key, &sealed)).transpose()
    }

    pub(super) fn each<T: DeserializeOwned>(
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
