//! Credits that a biller gives, and the debits that take them back.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Allocation, OwnSync, total};

/// A credit to be given.
#[derive(Clone, Debug, Default)]
pub struct NewCredit {
    /// To whom.
    pub customer: i64,
    /// How much.
    pub amount: Decimal,
    /// The accounting date.
    pub effective: Timestamp,
    /// The reason.
    pub reference: Option<String>,
    /// Invoice and amount.
    pub allocations: Vec<(i64, Decimal)>,
    /// Whether it is what the customer had in hand when the account began.
    pub opening: bool,
}

/// A credit to be taken back.
#[derive(Clone, Debug, Default)]
pub struct NewDebit {
    /// Of which credit.
    pub credit: i64,
    /// How much.
    pub amount: Decimal,
    /// The accounting date.
    pub effective: Timestamp,
    /// The reason.
    pub reference: Option<String>,
    /// What is taken off invoices, which open again; the rest comes from what
    /// lay on none.
    pub allocations: Vec<(i64, Decimal)>,
}

/// A credit.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Credit {
    pub id: i64,
    pub customer: i64,
    pub amount: Decimal,
    pub effective: Timestamp,
    pub reference: Option<String>,
    /// What lies on invoices now, after debits.
    pub allocations: Vec<Allocation>,
    /// Its debits, by id.
    pub debits: Vec<i64>,
    /// What was taken back so far.
    pub debited: Decimal,
    /// An opening balance; it is no credit to `Credits/{id}` and shows in the
    /// AR activities alone.
    pub opening: bool,
    pub own_sync: OwnSync,
}

impl Credit {
    /// What lies on no invoice and was not taken back.
    pub fn unallocated(&self) -> Decimal {
        self.amount - self.debited - total(&self.allocations)
    }
}

/// A debit, which reverses a credit or a part of it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Debit {
    pub id: i64,
    pub credit: i64,
    pub customer: i64,
    pub amount: Decimal,
    pub effective: Timestamp,
    pub reference: Option<String>,
    /// What it took off invoices.
    pub allocations: Vec<Allocation>,
    pub own_sync: OwnSync,
}
