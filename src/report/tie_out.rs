//! The tie-out's rows: open amounts of both sides that differ, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Currency, Money};

/// Whether open amounts agree, per customer and currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TieOut {
    /// Nothing is unexplained.
    pub balanced: bool,
    /// Customers compared.
    pub customers: u64,
    /// Differences that nothing explains.
    pub unexplained: Vec<TieOutRow>,
    /// What a warning, a hold or a crossing explains of a difference.
    #[serde(default)]
    pub explained: Vec<ExplainedRow>,
    /// What customers owe in QuickBooks besides what is ours, as their balance
    /// was last seen.
    #[serde(default)]
    pub other: Vec<OtherRow>,
    /// Customers whose balance in Stax Bill its records did not make in the
    /// last full scan.
    #[serde(default)]
    pub staxbill_differs: Vec<StaxbillRow>,
}

impl TieOut {
    /// Nothing was compared yet.
    pub fn none() -> Self {
        Self { balanced: true, ..Self::default() }
    }
}

/// A difference that nothing explains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TieOutRow {
    /// The customer's id in Stax Bill.
    pub customer: String,
    /// Its name.
    pub label: String,
    /// The currency.
    pub currency: Currency,
    /// Open in Stax Bill.
    pub staxbill: Money,
    /// Open in QuickBooks.
    pub quickbooks: Money,
    /// Stax Bill's less QuickBooks', less what is explained.
    pub difference: Money,
}

/// A part of a difference that is explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExplainedRow {
    /// The customer's id in Stax Bill.
    pub customer: String,
    /// Its name.
    pub label: String,
    /// The currency.
    pub currency: Currency,
    /// What it puts on Stax Bill's side over QuickBooks'; below zero the
    /// reverse.
    pub amount: Money,
    /// The record that explains it: the root, for what is blocked; the
    /// customer, for what was not tried yet.
    pub key: String,
    /// The warning's code, `not-tried`, or `out-of-scope`.
    pub code: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// What a customer owes in QuickBooks besides what is ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OtherRow {
    /// The customer's id in Stax Bill.
    pub customer: String,
    /// Its name.
    pub label: String,
    /// The currency.
    pub currency: Currency,
    /// QuickBooks' balance of the customer.
    pub balance: Money,
    /// What of it is not ours; below zero where it is in the customer's favour.
    pub amount: Money,
}

/// A customer whose balance in Stax Bill its records do not make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StaxbillRow {
    /// The customer's id in Stax Bill.
    pub customer: String,
    /// Its name.
    pub label: String,
    /// The currency.
    pub currency: Currency,
    /// Stax Bill's own balance.
    pub ar_balance: Money,
    /// What all its records make, in scope or not.
    pub records: Money,
    /// The former less the latter.
    pub difference: Money,
}
