//! How an account is reached, and how it reads what the vendor leaves open.

use std::collections::BTreeMap;

use super::records::ArKind;

/// How an account is reached and what it does where readings differ.
#[derive(Clone, Debug)]
pub struct Options {
    /// The key as the vendor shows it, which is already base64.
    pub api_key: String,
    /// Whether the account's limits are enforced.
    pub throttled: bool,
    /// Whose limits those are.
    pub account: AccountKind,
    /// Whether allocations are shown after refunds and debits or before.
    pub allocations: Allocations,
    /// How many credit notes one act of reversing makes.
    pub credit_notes: CreditNotes,
    /// Whether reversing a charge that was paid sets its payment free. If not,
    /// the payment stays and the invoice's balance goes below zero.
    pub reversal_frees_payments: bool,
    /// Tokens of `transactionType` other than [`ArKind::token`]'s.
    pub tokens: BTreeMap<ArKind, String>,
}

impl Default for Options {
    /// A live account with its limits, allocations net of refunds, and one
    /// credit note an act.
    fn default() -> Self {
        Self {
            api_key: "MDpzYW5kYm94".to_owned(),
            throttled: true,
            account: AccountKind::default(),
            allocations: Allocations::default(),
            credit_notes: CreditNotes::default(),
            reversal_frees_payments: false,
            tokens: BTreeMap::new(),
        }
    }
}

impl Options {
    /// The token of a kind in this account.
    pub(super) fn token(&self, kind: ArKind) -> &str {
        self.tokens.get(&kind).map_or(kind.token(), String::as_str)
    }
}

/// Kinds of accounts, which differ in their limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountKind {
    /// 1,000 calls a minute and 180,000 a day.
    #[default]
    Live,
    /// 50 and 5,000.
    Sandbox,
    /// 10 and 500.
    TestDrive,
}

impl AccountKind {
    /// Calls a minute and calls a day (Stax Bill: rate limits).
    pub fn limits(self) -> (u64, u64) {
        match self {
            Self::Live => (1_000, 180_000),
            Self::Sandbox => (50, 5_000),
            Self::TestDrive => (10, 500),
        }
    }
}

/// Whether `invoiceAllocations` of payments and credits, and what they show
/// as unallocated, are net of refunds and debits. The vendor does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Allocations {
    /// What lies on invoices now: allocated, unallocated and refunded make the
    /// amount.
    #[default]
    Net,
    /// What was put there before anything was refunded: allocated and
    /// unallocated make the amount.
    Gross,
}

/// The granularity of credit notes; the vendor's pages differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CreditNotes {
    /// One for all charges that are reversed together.
    #[default]
    PerAct,
    /// One for each charge.
    PerCharge,
}
