//! What latchd remembers of each record.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Allocation, Applied, Counterpart, Credit, CreditNote, Currency, Customer, CustomerStatus, Digest, Entity,
    Fault, InvalidRow, Invoice, Key, Linked, Money, Part, Payment, Taken, Words, WriteOff,
};

/// How a record stands; exactly one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
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

/// Something taken back of a record's amount: a refund, or a debit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Its record: a refund of a payment, a debit of a credit.
    pub key: Key,
    /// Its date in the company's time zone.
    pub date: Date,
    /// How much.
    pub amount: Money,
    /// What it took off invoices.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub allocations: Vec<Allocation>,
}

/// Everything that is remembered of one record, of whatever kind.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and is read by its name")]
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
    /// Whose amount a refund or a debit takes back; which invoice a credit note
    /// or a write-off lowers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub of: Option<Key>,
    /// What a list said of it, or of what settled it, where that may tell of a
    /// change.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub row: Option<Digest>,
    /// What Stax Bill has on invoices now, net of what was taken back.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub allocations: Vec<Allocation>,
    /// What was taken back of it, by id.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub withdrawals: Vec<Withdrawal>,
    /// Which of these its object is lowered by, as last written.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub netted: Vec<Key>,
    /// What it is applied to in QuickBooks, in ascending order, each once.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub applied: Vec<Applied>,
    /// The zero-amount payments that apply a memo, by what they settle.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub applications: BTreeMap<Key, Counterpart>,
    /// Whether it is a credit that the customer had in hand when the account
    /// began.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub opening: bool,
    /// The operator's words about a credit or a write-off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// The parent whose payment method paid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<u64>,
    /// What of an invoice may be amended after posting, where it was read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<Words>,
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
    /// Whether it is a customer that was created because it was active and had
    /// no line.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub activated: bool,
    /// Whether the files say that its object is one that stood already: of such
    /// a one nothing but what it is applied to is ours.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub matched: bool,
    /// What a matched payment is applied to besides: documents of nobody's.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub beside: Vec<Linked>,
    /// Why it is not right.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Fault>,
    /// The root cause by which it is blocked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub blocked_by: Option<Key>,
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
            of: None,
            row: None,
            allocations: Vec::new(),
            withdrawals: Vec::new(),
            netted: Vec::new(),
            applied: Vec::new(),
            applications: BTreeMap::new(),
            opening: false,
            reference: None,
            parent: None,
            words: None,
            modified_at: None,
            invalid: None,
            staxbill_quickbooks_id: None,
            send: true,
            state: State::NotTried,
            object: None,
            activated: false,
            matched: false,
            beside: Vec::new(),
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
        let Invoice { paid, reversed, written_off, .. } = invoice;
        // A payment that lets go of just what a reversal takes leaves the balance
        // as it was.
        let settled = Digest::of([format!("{paid} {reversed} {written_off}").as_str()]);
        Self {
            row: Some(settled),
            date: Some(date),
            amount: invoice.amount,
            open: invoice.outstanding,
            modified_at: Some(invoice.modified_at),
            staxbill_quickbooks_id: invoice.quickbooks_id.clone(),
            ..Self::bare(invoice.customer, invoice.number.clone(), invoice.currency, invoice.digest())
        }
    }

    /// What a payment is remembered as; `day` tells the day of an instant in
    /// the company's time zone.
    pub fn of_payment(payment: &Payment, day: impl Fn(Timestamp) -> Date) -> Self {
        Self {
            date: Some(day(payment.effective_at)),
            amount: payment.amount,
            open: payment.unallocated,
            allocations: payment.allocations.clone(),
            withdrawals: withdrawals(Entity::Refund, &payment.refunds, day),
            parent: payment.parent,
            staxbill_quickbooks_id: payment.quickbooks_id.clone(),
            send: payment.send,
            ..Self::bare(payment.customer, payment.id.to_string(), payment.currency, payment.digest())
        }
    }

    /// What a credit is remembered as.
    pub fn of_credit(credit: &Credit, day: impl Fn(Timestamp) -> Date) -> Self {
        Self {
            date: Some(day(credit.effective_at)),
            amount: credit.amount,
            open: credit.unallocated,
            allocations: credit.allocations.clone(),
            withdrawals: withdrawals(Entity::Credit, &credit.debits, day),
            reference: credit.reference.clone(),
            staxbill_quickbooks_id: credit.quickbooks_id.clone(),
            ..Self::bare(credit.customer, credit.id.to_string(), credit.currency, credit.digest())
        }
    }

    /// What a refund of a payment, or a debit of a credit, is remembered as.
    pub fn of_withdrawal(taken: &Taken, of: Key, whole: &Self, date: Date) -> Self {
        let source = Digest::of([format!("{of} {taken:?}").as_str()]);
        Self {
            date: Some(date),
            amount: taken.amount,
            of: Some(of),
            allocations: Vec::new(),
            staxbill_quickbooks_id: taken.quickbooks_id.clone(),
            send: whole.send,
            ..Self::bare(whole.customer, taken.id.to_string(), whole.currency, source)
        }
    }

    /// What a credit note is remembered as.
    pub fn of_credit_note(note: &CreditNote, date: Date) -> Self {
        Self {
            date: Some(date),
            amount: note.amount,
            of: Some(Key::invoice(note.invoice)),
            staxbill_quickbooks_id: note.quickbooks_id.clone(),
            ..Self::bare(note.customer, note.number.clone(), note.currency, note.digest())
        }
    }

    /// What a write-off is remembered as.
    pub fn of_write_off(write_off: &WriteOff, date: Date) -> Self {
        let row = Allocation { invoice: write_off.invoice, amount: write_off.amount };
        Self {
            date: Some(date),
            amount: write_off.amount,
            of: Some(Key::invoice(write_off.invoice)),
            allocations: vec![row],
            reference: write_off.reference.clone(),
            ..Self::bare(write_off.customer, write_off.id.to_string(), write_off.currency, write_off.digest())
        }
    }

    /// What a row that cannot be read is remembered as.
    pub fn of_invalid(row: &InvalidRow, date: Option<Date>) -> Self {
        let source = Digest::of([row.reason.as_str()]);
        let bare = Self::bare(row.customer, row.id.to_string(), Currency::NONE, source);
        Self { invalid: Some(row.reason.clone()), date, ..bare }
    }

    /// Takes over what Stax Bill says now and keeps what latchd knows. A row that
    /// cannot be read takes nothing away: what was read before it still stands.
    pub fn reread(&mut self, now: Self) {
        if now.invalid.is_some() && self.currency != Currency::NONE {
            self.invalid = now.invalid;
            return;
        }
        let kept = std::mem::replace(self, now);
        self.netted = kept.netted;
        self.applied = kept.applied;
        self.applications = kept.applications;
        self.words = self.words.take().or(kept.words);
        self.row = self.row.take().or(kept.row);
        self.state = kept.state;
        self.object = kept.object;
        self.activated = kept.activated;
        self.matched = kept.matched;
        self.beside = kept.beside;
        self.fault = kept.fault;
        self.blocked_by = kept.blocked_by;
        self.attempt = kept.attempt;
    }

    /// Notes that one of its objects is gone.
    pub fn lose_part(&mut self, part: Part) {
        match part {
            Part::Whole => {
                if let Some(object) = self.object.as_mut() {
                    object.deleted = true;
                }
                self.applied.clear();
            }
            Part::Applied(to) => {
                if let Some(object) = self.applications.get_mut(&to) {
                    object.deleted = true;
                }
                self.applied.retain(|row| row.to != to);
            }
        }
    }

    /// One of its objects.
    pub fn part(&self, part: Part) -> Option<&Counterpart> {
        match part {
            Part::Whole => self.object.as_ref(),
            Part::Applied(to) => self.applications.get(&to),
        }
    }

    /// Takes over the object that applies a memo to `to`; `applied` is what it
    /// applies now, nothing where it was voided.
    pub fn apply_part(&mut self, to: Key, applied: &[Applied], object: Counterpart) {
        self.applied.retain(|row| row.to != to);
        self.applied.extend(applied.iter().filter(|row| row.to == to).cloned());
        self.applied.sort();
        if object.lives() {
            self.applications.insert(to, object);
        } else {
            self.applications.remove(&to);
        }
    }

    /// The living object, if there is one.
    pub fn living(&self) -> Option<&Counterpart> {
        self.object.as_ref().filter(|object| object.lives())
    }
}

fn withdrawals(entity: Entity, taken: &[Taken], day: impl Fn(Timestamp) -> Date) -> Vec<Withdrawal> {
    let one = |one: &Taken| Withdrawal {
        key: Key { entity, id: one.id },
        date: day(one.effective_at),
        amount: one.amount,
        allocations: one.allocations.clone(),
    };
    taken.iter().map(one).collect()
}
