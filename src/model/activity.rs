//! What Stax Bill's lists tell of a transaction before its record is read.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Currency, Money};

/// A credit note as Stax Bill shows it, before its reversals are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditNoteHead {
    /// Stax Bill's id.
    pub id: u64,
    /// The number printed on it.
    pub number: String,
    /// Whose it is.
    pub customer: u64,
    /// The invoice whose charges were reversed.
    pub invoice: u64,
    /// Currency.
    pub currency: Currency,
    /// Charge less discount plus tax.
    pub amount: Money,
    /// What it reverses; empty in a list.
    pub lines: Vec<CreditNoteLine>,
}

/// A row of a credit note. Stax Bill's page on it breaks off, so that either id
/// may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditNoteLine {
    /// The reversal.
    pub reversal: Option<u64>,
    /// The charge it takes back.
    pub charge: Option<u64>,
    /// The charge's part, before discount and tax.
    pub amount: Option<Money>,
    /// QuickBooks' id that Stax Bill's own integration noted.
    pub quickbooks_id: Option<String>,
}

/// What an AR activity tells of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivityKind {
    /// A credit given by hand.
    Credit,
    /// What a customer had in hand when the account began.
    OpeningCredit,
    /// A credit taken back.
    Debit,
    /// A charge taken back.
    ChargeReversal,
    /// An invoice given up.
    WriteOff,
    /// Known, and told by other lists: charges, discounts, taxes, payments,
    /// refunds, and what is reversed with a charge.
    Other,
    /// A token that the table does not know.
    Unknown(String),
}

/// An entry of the AR stream, the one list in which every kind of transaction
/// appears (Stax Bill: transactions).
///
/// It names no currency for certain; amounts become money with the customer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArActivity {
    /// The transaction's id.
    pub id: u64,
    /// Whose it is.
    pub customer: u64,
    /// What it is.
    pub kind: ActivityKind,
    /// Its accounting instant.
    pub effective_at: Timestamp,
    /// What it takes off the balance; one that adds to it is below zero.
    pub amount: Decimal,
    /// What it undoes: the charge of a reversal, the credit of a debit.
    pub associated: Option<u64>,
    /// Invoice and amount.
    pub allocations: Vec<(u64, Decimal)>,
    /// The user's own words.
    pub reference: Option<String>,
}
