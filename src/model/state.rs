//! What latchd remembers of each record.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Allocation, Code, Currency, Customer, CustomerStatus, Digest, InvalidRow, Invoice, Money, ObjectId,
    Observed, Payment,
};

/// How a record stands; exactly one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// QuickBooks holds what it should.
    Synced,
    /// Waiting for its first attempt.
    #[default]
    NotTried,
    /// Something is wrong with it; its warning says what.
    Failed,
    /// What it depends on is not synced.
    Blocked,
    /// A guard, an unknown outcome or a crossing of `start` holds it.
    Held,
    /// Someone changed its object in QuickBooks.
    Drifted,
    /// The files or its dates leave it out.
    OutOfScope,
}

/// QuickBooks' own words about a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VendorFault {
    /// `code`, a string of digits.
    pub code: String,
    /// `Message`.
    pub message: String,
    /// `Detail`.
    pub detail: String,
    /// The id of the call, which Intuit's support asks for.
    pub intuit_tid: Option<String>,
}

/// Why a record is not right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The warning.
    pub code: Code,
    /// This record's own sentence.
    pub reason: String,
    /// QuickBooks' words, where it refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quickbooks: Option<VendorFault>,
    /// When it was first seen.
    pub since: Timestamp,
    /// How often QuickBooks was asked.
    pub attempts: u32,
    /// When it is asked again though nothing changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_attempt_at: Option<Timestamp>,
    /// What the attempt was made from; another basis is tried at once.
    pub basis: Digest,
}

/// The object that stands for a record in QuickBooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterpart {
    /// Its id.
    pub id: ObjectId,
    /// Its version as last seen.
    pub sync_token: String,
    /// Its total as last seen.
    pub total: Money,
    /// Its balance or unapplied amount as last seen, less what we applied since.
    pub open: Money,
    /// Its content as last seen.
    pub content: Digest,
    /// Its content as QuickBooks answered our last write: where this differs
    /// from `content`, a person changed it.
    pub written: Digest,
    /// The record's content that was last written; where the record's differs,
    /// it is to be amended.
    pub posted: Digest,
    /// A customer's name as last seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Inactive or voided.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub dead: bool,
    /// Gone from QuickBooks.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub deleted: bool,
}

impl Counterpart {
    /// The counterpart that QuickBooks answered to a write of content `posted`.
    pub fn written(observed: &Observed, posted: Digest) -> Self {
        Self {
            id: observed.id.clone(),
            sync_token: observed.sync_token.clone(),
            total: observed.total,
            open: observed.open,
            content: observed.content.clone(),
            written: observed.content.clone(),
            posted,
            name: observed.customer.is_none().then(|| observed.number.clone()).flatten(),
            dead: observed.dead,
            deleted: false,
        }
    }

    /// Takes over what the change feed or a read shows.
    pub fn see(&mut self, observed: &Observed) {
        self.sync_token.clone_from(&observed.sync_token);
        self.total = observed.total;
        self.open = observed.open;
        self.content = observed.content.clone();
        self.dead = observed.dead;
        self.deleted = false;
        if observed.customer.is_none() {
            self.name.clone_from(&observed.number);
        }
    }

    /// Whether it lives and can be referred to.
    pub fn lives(&self) -> bool {
        !self.deleted && !self.dead
    }
}

/// Everything that is remembered of one record, of whatever kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordState {
    /// The Stax Bill customer it belongs to; itself for a customer.
    pub customer: u64,
    /// A name or number for people.
    pub label: String,
    /// A customer's status.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<CustomerStatus>,
    /// Its date in the company's time zone; `None` for a customer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<Date>,
    /// Currency.
    pub currency: Currency,
    /// Stax Bill's total.
    pub amount: Money,
    /// Stax Bill's outstanding or unallocated amount.
    pub open: Money,
    /// What Stax Bill says now, digested.
    pub source: Digest,
    /// A payment's allocations as Stax Bill has them now.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub allocations: Vec<Allocation>,
    /// A payment's allocations as they stand in QuickBooks.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub applied: Vec<Allocation>,
    /// The stamp of an invoice that moves when its payments or balance do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub modified_at: Option<Timestamp>,
    /// Why Stax Bill's row cannot be read as a record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invalid: Option<String>,
    /// QuickBooks' id that Stax Bill's own integration noted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub staxbill_quickbooks_id: Option<String>,
    /// `false`: Stax Bill says not to send it.
    #[serde(skip_serializing_if = "Clone::clone", default = "yes")]
    pub send: bool,
    /// How it stood after the last pass.
    pub state: State,
    /// Its object.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<Counterpart>,
    /// Why it is not right.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Fault>,
    /// The root cause by which it is blocked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub blocked_by: Option<super::Key>,
    /// Rises after every definite answer, so that a request id is never used
    /// for two requests.
    #[serde(default)]
    pub attempt: u32,
}

fn yes() -> bool {
    true
}

impl RecordState {
    fn bare(customer: u64, label: String, currency: Currency, source: Digest) -> Self {
        Self {
            customer,
            label,
            status: None,
            date: None,
            currency,
            amount: Money::ZERO,
            open: Money::ZERO,
            source,
            allocations: Vec::new(),
            applied: Vec::new(),
            modified_at: None,
            invalid: None,
            staxbill_quickbooks_id: None,
            send: true,
            state: State::NotTried,
            object: None,
            fault: None,
            blocked_by: None,
            attempt: 0,
        }
    }

    /// What a customer, seen for the first time, is remembered as.
    pub fn of_customer(customer: &Customer) -> Self {
        Self {
            status: Some(customer.status),
            staxbill_quickbooks_id: customer.quickbooks_id.clone(),
            ..Self::bare(customer.id, customer.label(), customer.currency, customer.digest())
        }
    }

    /// What an invoice is remembered as; `date` is its day in the company's
    /// time zone.
    pub fn of_invoice(invoice: &Invoice, date: Date) -> Self {
        Self {
            date: Some(date),
            amount: invoice.amount,
            open: invoice.outstanding,
            modified_at: Some(invoice.modified_at),
            staxbill_quickbooks_id: invoice.quickbooks_id.clone(),
            ..Self::bare(invoice.customer, invoice.number.clone(), invoice.currency, invoice.digest())
        }
    }

    /// What a payment is remembered as.
    pub fn of_payment(payment: &Payment, date: Date) -> Self {
        Self {
            date: Some(date),
            amount: payment.amount,
            open: payment.unallocated,
            allocations: payment.allocations.clone(),
            staxbill_quickbooks_id: payment.quickbooks_id.clone(),
            send: payment.send,
            ..Self::bare(payment.customer, payment.id.to_string(), payment.currency, payment.digest())
        }
    }

    /// What a row that cannot be read is remembered as.
    pub fn of_invalid(row: &InvalidRow, date: Option<Date>) -> Self {
        let source = Digest::of([row.reason.as_str()]);
        let bare = Self::bare(row.customer, row.id.to_string(), Currency::NONE, source);
        Self { invalid: Some(row.reason.clone()), date, ..bare }
    }

    /// Takes over what Stax Bill says now and keeps what latchd knows.
    pub fn reread(&mut self, now: Self) {
        let kept = std::mem::replace(self, now);
        self.applied = kept.applied;
        self.state = kept.state;
        self.object = kept.object;
        self.fault = kept.fault;
        self.blocked_by = kept.blocked_by;
        self.attempt = kept.attempt;
    }

    /// The living object, if there is one.
    pub fn living(&self) -> Option<&Counterpart> {
        self.object.as_ref().filter(|object| object.lives())
    }
}
