//! Funds: payments, credits, credit notes and write-offs, which settle invoices.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Currency, Digest, Money};

/// A part of a payment or a credit that settles an invoice, as Stax Bill has
/// it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Allocation {
    /// The invoice.
    pub invoice: u64,
    /// How much.
    pub amount: Money,
}

/// What was taken back of a payment or a credit: a refund, or a debit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Stax Bill's id of the refund or debit.
    pub id: u64,
    /// Its accounting instant.
    pub effective_at: Timestamp,
    /// How much.
    pub amount: Money,
    /// What it took off invoices, in ascending order, each invoice once.
    pub allocations: Vec<Allocation>,
    /// QuickBooks' id that Stax Bill's own integration noted.
    pub quickbooks_id: Option<String>,
}

/// A successful payment, with what was refunded of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Stax Bill's id.
    pub id: u64,
    /// The id of its payment activity, by which its refunds name it.
    #[serde(default)]
    pub activity: u64,
    /// Whose it is.
    pub customer: u64,
    /// Its accounting instant.
    pub effective_at: Timestamp,
    /// Currency.
    pub currency: Currency,
    /// Received, whatever was refunded since.
    pub amount: Money,
    /// Neither allocated nor refunded.
    pub unallocated: Money,
    /// What lies on invoices now, net of refunds: by invoice, in ascending
    /// order, each invoice once.
    pub allocations: Vec<Allocation>,
    /// Its refunds, by id.
    #[serde(default)]
    pub refunds: Vec<Taken>,
    /// Stax Bill's word for how it was paid, such as `CreditCard`; empty where
    /// the reading does not tell.
    pub method: String,
    /// The operator's reference, such as a cheque's number.
    pub reference: Option<String>,
    /// The parent whose payment method paid for this child, if one did.
    #[serde(default)]
    pub parent: Option<u64>,
    /// `false`: an operator of Stax Bill asked not to send it.
    pub send: bool,
    /// QuickBooks' id that Stax Bill's own integration noted.
    pub quickbooks_id: Option<String>,
}

impl Payment {
    /// Tells whether what is posted changed.
    pub fn digest(&self) -> Digest {
        let Self { id, customer, effective_at, currency, amount, allocations, refunds, send, parent, .. } =
            self;
        let Self { activity: _, unallocated: _, method: _, reference: _, quickbooks_id: _, .. } = self;
        let head = format!("{id} {customer} {effective_at} {currency} {amount} {send} {parent:?}");
        Digest::of([head.as_str(), rows(allocations).as_str(), taken(refunds).as_str()])
    }
}

/// A credit given by hand, or what a customer had in hand when the account
/// began; with what was taken back of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Stax Bill's id.
    pub id: u64,
    /// Whose it is.
    pub customer: u64,
    /// Its accounting instant.
    pub effective_at: Timestamp,
    /// Currency.
    pub currency: Currency,
    /// Given, whatever was taken back since.
    pub amount: Money,
    /// Neither allocated nor taken back.
    pub unallocated: Money,
    /// What lies on invoices now, net of debits: by invoice, in ascending
    /// order, each invoice once.
    pub allocations: Vec<Allocation>,
    /// Its debits, by id.
    pub debits: Vec<Taken>,
    /// Why it was given.
    pub reference: Option<String>,
    /// An opening balance: it shows in the AR activities alone.
    pub opening: bool,
    /// QuickBooks' id that Stax Bill's own integration noted.
    pub quickbooks_id: Option<String>,
}

impl Credit {
    /// Tells whether what is posted changed.
    pub fn digest(&self) -> Digest {
        let Self { id, customer, effective_at, currency, amount, allocations, debits, .. } = self;
        let Self { unallocated: _, reference: _, opening: _, quickbooks_id: _, .. } = self;
        let head = format!("{id} {customer} {effective_at} {currency} {amount}");
        Digest::of([head.as_str(), rows(allocations).as_str(), taken(debits).as_str()])
    }
}

/// One charge reversed, in full or in part, as an AR activity tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversal {
    /// Stax Bill's id of the reversal, a transaction.
    pub id: u64,
    /// The charge it takes back.
    pub charge: u64,
    /// The charge's part, before discount and tax.
    pub amount: Money,
    /// Its accounting instant.
    pub effective_at: Timestamp,
}

/// A credit note: the document of charges reversed together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNote {
    /// Stax Bill's id.
    pub id: u64,
    /// The number printed on it, such as `360-CR-02`.
    pub number: String,
    /// Whose it is.
    pub customer: u64,
    /// The invoice whose charges were reversed.
    pub invoice: u64,
    /// The accounting instant of its reversals; the note's own is the
    /// invoice's (Stax Bill: credit notes).
    pub effective_at: Timestamp,
    /// Currency.
    pub currency: Currency,
    /// Charge less discount plus tax.
    pub amount: Money,
    /// What it reverses, by id.
    pub reversals: Vec<Reversal>,
    /// QuickBooks' id that Stax Bill's own integration noted on a reversal.
    pub quickbooks_id: Option<String>,
}

impl CreditNote {
    /// Tells whether what is posted changed.
    pub fn digest(&self) -> Digest {
        let Self { id, number, customer, invoice, effective_at, currency, amount, .. } = self;
        let Self { reversals, quickbooks_id: _, .. } = self;
        let head = format!("{id} {number} {customer} {invoice} {effective_at} {currency} {amount}");
        // Which reversals it documents may be learned one by one.
        let reversed = reversals.iter().map(|one| format!("{} {} {}", one.id, one.charge, one.amount));
        Digest::of([head.as_str(), reversed.collect::<Vec<_>>().join(";").as_str()])
    }
}

/// A write-off; its id is that of its AR activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteOff {
    /// Stax Bill's id of the AR activity.
    pub id: u64,
    /// Whose it is.
    pub customer: u64,
    /// The invoice that is given up, in full or in part.
    pub invoice: u64,
    /// Its accounting instant.
    pub effective_at: Timestamp,
    /// Currency.
    pub currency: Currency,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reference: Option<String>,
}

impl WriteOff {
    /// Tells whether what is posted changed.
    pub fn digest(&self) -> Digest {
        let Self { id, customer, invoice, effective_at, currency, amount, reference: _ } = self;
        Digest::of([format!("{id} {customer} {invoice} {effective_at} {currency} {amount}").as_str()])
    }
}

fn rows(allocations: &[Allocation]) -> String {
    allocations.iter().map(|row| format!("{} {}", row.invoice, row.amount)).collect::<Vec<_>>().join(";")
}

fn taken(taken: &[Taken]) -> String {
    let one =
        |one: &Taken| format!("{} {} {} [{}]", one.id, one.effective_at, one.amount, rows(&one.allocations));
    taken.iter().map(one).collect::<Vec<_>>().join(";")
}
