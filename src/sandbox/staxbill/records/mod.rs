//! What a Stax Bill account keeps, and what its biller hands in.

mod activity;
mod ar;
mod credit;
mod customer;
mod invoice;
mod payment;
mod product;
mod reversal;

use jiff::Timestamp;
use rust_decimal::Decimal;

pub use activity::{Activity, ActivityStatus, ActivityType, Attempt, NewAttempt};
pub use ar::{ArEntry, ArKind};
pub use credit::{Credit, Debit, NewCredit, NewDebit};
pub(super) use customer::currency_id;
pub use customer::{Address, Customer, CustomerStatus, LatchType, NewCustomer};
pub use invoice::{Charge, ChargeSource, Discount, Invoice, NewCharge, NewInvoice, Schedule, Tax, WriteOff};
pub use payment::{NewPayment, NewRefund, Payment, Refund, Settlement, SettlementStatus};
pub use product::{NewProduct, Product, ProductType};
pub use reversal::{CreditNote, NewReversal, Reversal};

/// Money of a payment or a credit on one invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The invoice.
    pub invoice: i64,
    /// How much.
    pub amount: Decimal,
    /// When it was put there; may be long after the money came.
    pub at: Timestamp,
}

/// What Stax Bill's own synchronisation wrote on a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnSync {
    /// `quickBooksId`, once it got through.
    pub id: Option<i64>,
    /// `quickBooksAttemptNumber`.
    pub attempts: i64,
}

fn total(allocations: &[Allocation]) -> Decimal {
    allocations.iter().map(|one| one.amount).sum()
}
