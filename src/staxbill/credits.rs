//! Credits, with the debits that take them back.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::client::StaxBill;
use super::fault::StaxError;
use super::funds::{AllocationRow, Shown, TakenRow};
use super::wire::{Invalid, currency, instant, money, text};
use crate::model::{Credit, InvalidRow};

impl StaxBill {
    /// One credit as it is now. There is no list of them: their ids come from
    /// the AR activities and from the invoices that they lie on.
    pub async fn credit(&self, id: u64) -> Result<Result<Credit, InvalidRow>, StaxError> {
        self.record(&format!("Credits/{id}"), CreditRow::record).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreditRow {
    id: u64,
    customer_id: u64,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    amount: Decimal,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
    #[serde(default)]
    unallocated_amount: Option<Decimal>,
    #[serde(default)]
    invoice_allocations: Option<Vec<AllocationRow>>,
    #[serde(default)]
    debits: Option<Vec<TakenRow>>,
    #[serde(default, deserialize_with = "text")]
    reference: Option<String>,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

impl CreditRow {
    fn record(self) -> Result<Credit, InvalidRow> {
        let (id, customer, effective_at) = (self.id, self.customer_id, Some(self.effective_timestamp));
        self.read().map_err(|reason| InvalidRow { id, customer, effective_at, reason })
    }

    fn read(self) -> Result<Credit, Invalid> {
        let currency = currency(self.currency.as_deref())?;
        let amount = money(self.amount, currency)?;
        let shown = Shown {
            currency,
            amount,
            unallocated: self.unallocated_amount.unwrap_or_default(),
            allocations: self.invoice_allocations,
            taken: self.debits,
        };
        let standing = shown.standing()?;
        Ok(Credit {
            id: self.id,
            customer: self.customer_id,
            effective_at: self.effective_timestamp,
            currency,
            amount,
            unallocated: standing.unallocated,
            allocations: standing.allocations,
            debits: standing.taken,
            reference: self.reference,
            opening: false,
            quickbooks_id: self.quick_books_id,
        })
    }
}
