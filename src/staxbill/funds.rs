//! What payments and credits have alike: rows on invoices, what was taken back
//! since, and whether the rows are net of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::wire::{Invalid, instant, money, text};
use crate::model::{Allocation, Currency, Money, Taken};

/// A part of it on an invoice.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AllocationRow {
    pub(super) invoice_id: u64,
    pub(super) amount: Decimal,
}

/// A refund within its payment, or a debit within its credit.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TakenRow {
    id: u64,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    amount: Decimal,
    #[serde(default)]
    invoice_allocations: Option<Vec<AllocationRow>>,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

/// What a payment or a credit shows of where it lies.
pub(super) struct Shown {
    pub(super) currency: Currency,
    /// As received or given.
    pub(super) amount: Money,
    pub(super) unallocated: Decimal,
    pub(super) allocations: Option<Vec<AllocationRow>>,
    pub(super) taken: Option<Vec<TakenRow>>,
}

/// Where it lies now, net of what was taken back.
pub(super) struct Standing {
    pub(super) unallocated: Money,
    pub(super) allocations: Vec<Allocation>,
    pub(super) taken: Vec<Taken>,
}

impl Shown {
    /// Where it lies now.
    ///
    /// Whether `invoiceAllocations` is net of refunds and debits is
    /// undocumented, so it is decided by identity: allocated + unallocated +
    /// taken back = amount means net; allocated + unallocated = amount means
    /// gross, and what was taken off invoices is subtracted.
    pub(super) fn standing(self) -> Result<Standing, Invalid> {
        let Self { currency, amount: total, .. } = self;
        let taken = self.taken.unwrap_or_default().into_iter().map(|row| row.taken(currency));
        let mut taken = taken.collect::<Result<Vec<_>, _>>()?;
        taken.sort_by_key(|one| one.id);
        let back = taken.iter().map(|one| one.amount).sum::<Money>();
        let mut rows = by_invoice(self.allocations.unwrap_or_default(), currency)?;
        let allocated = rows.values().copied().sum::<Money>();
        let unallocated = money(self.unallocated, currency)?;
        let net = allocated + unallocated + back == total;
        let gross = allocated + unallocated == total;
        if !net && !gross {
            return Err(format!(
                "{allocated} allocated, {unallocated} unallocated and {back} taken back do not make {total}"
            ));
        }
        if !net {
            for row in taken.iter().flat_map(|one| &one.allocations) {
                *rows.entry(row.invoice).or_default() -= row.amount;
            }
        }
        let left = total - back;
        let unallocated = left - rows.values().copied().sum();
        let below = left.is_negative() || unallocated.is_negative();
        if below || rows.values().any(|amount| amount.is_negative()) {
            return Err(format!("more is taken back than there was ({back} of {total})"));
        }
        Ok(Standing { unallocated, allocations: listed(rows), taken })
    }
}

impl TakenRow {
    fn taken(self, currency: Currency) -> Result<Taken, Invalid> {
        Ok(Taken {
            id: self.id,
            effective_at: self.effective_timestamp,
            amount: money(self.amount, currency)?,
            allocations: listed(by_invoice(self.invoice_allocations.unwrap_or_default(), currency)?),
            quickbooks_id: self.quick_books_id,
        })
    }
}

fn by_invoice(rows: Vec<AllocationRow>, currency: Currency) -> Result<BTreeMap<u64, Money>, Invalid> {
    let mut sums = BTreeMap::<u64, Money>::new();
    for row in rows {
        *sums.entry(row.invoice_id).or_default() += money(row.amount, currency)?;
    }
    Ok(sums)
}

fn listed(rows: BTreeMap<u64, Money>) -> Vec<Allocation> {
    let rows = rows.into_iter().filter(|(_, amount)| !amount.is_zero());
    rows.map(|(invoice, amount)| Allocation { invoice, amount }).collect()
}
