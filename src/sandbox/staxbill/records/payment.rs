//! Payments, their refunds, and where their money lies.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Allocation, OwnSync, total};

/// Money that came in.
#[derive(Clone, Debug, Default)]
pub struct NewPayment {
    /// From whom.
    pub customer: i64,
    /// How much.
    pub amount: Decimal,
    /// The accounting date.
    pub effective: Timestamp,
    /// `CreditCard`, `Check`, `ACH`, `Cash`, `DirectDeposit` or `Paypal`.
    pub method: String,
    /// A cheque's number and the like.
    pub reference: Option<String>,
    /// Invoice and amount.
    pub allocations: Vec<(i64, Decimal)>,
    /// The parent whose method paid for this child.
    pub parent: Option<i64>,
    /// What the gateway kept; no part of the books.
    pub gateway_fee: Decimal,
    /// What the payer was charged beyond `amount`; no part of the books.
    pub surcharge: Option<Decimal>,
}

/// Money that goes back.
#[derive(Clone, Debug, Default)]
pub struct NewRefund {
    /// Of which payment.
    pub payment: i64,
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

/// Whether a gateway's money arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's words, which are the documentation")]
pub enum SettlementStatus {
    Unknown,
    Pending,
    Successful,
    Failed,
}

impl SettlementStatus {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::Pending => "Pending",
            Self::Successful => "Successful",
            Self::Failed => "Failed",
        }
    }
}

/// How far the money of a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Settlement {
    pub status: SettlementStatus,
    pub modified: Timestamp,
}

/// A successful payment.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Payment {
    pub id: i64,
    pub activity: i64,
    pub customer: i64,
    pub amount: Decimal,
    pub effective: Timestamp,
    pub reference: Option<String>,
    /// What lies on invoices now, after refunds.
    pub allocations: Vec<Allocation>,
    /// Its refunds, by id.
    pub refunds: Vec<i64>,
    /// What went back so far.
    pub refunded: Decimal,
    pub gateway_fee: Decimal,
    pub surcharge: Option<Decimal>,
    pub settlement: Option<Settlement>,
    pub send_to_quickbooks_online: bool,
    pub own_sync: OwnSync,
}

impl Payment {
    /// What lies on no invoice and did not go back.
    pub fn unallocated(&self) -> Decimal {
        self.amount - self.refunded - total(&self.allocations)
    }
}

/// A successful refund.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Refund {
    pub id: i64,
    pub activity: i64,
    pub payment: i64,
    pub customer: i64,
    pub amount: Decimal,
    pub effective: Timestamp,
    pub reference: Option<String>,
    /// What it took off invoices.
    pub allocations: Vec<Allocation>,
    /// Whether the bank took it back instead of the biller giving it.
    pub nsf: bool,
    pub own_sync: OwnSync,
}
