//! The stream of AR activities, as Stax Bill sends it.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::client::Order;
use super::payments::{AllocationRow, allocations, listed};
use super::wire::{instant, money, text};
use super::{StaxBill, StaxError, StaxPage};
use crate::model::{
    Allocation, ArActivity, Currency, InvalidRow, Money, Reversal, TransactionTypes, WriteOff,
};

/// Ids in one query.
const IDS: usize = 100;

impl StaxBill {
    /// The activities of the whole account, by id.
    pub async fn ar_activities(
        &self,
        order: Order,
        page: usize,
        size: usize,
    ) -> Result<StaxPage<ArActivity>, StaxError> {
        let read = |row: ArRow| Some(row.record(&self.types, None));
        self.ordered("aractivities", "", (order, page, size), read).await
    }

    /// The activities of one customer, for accounts whose own list is refused.
    pub async fn ar_activities_of(
        &self,
        customer: u64,
        page: usize,
    ) -> Result<StaxPage<ArActivity>, StaxError> {
        let path = format!("customers/{customer}/customerArActivities");
        self.list(&path, "", page, |row: ArRow| Some(row.record(&self.types, Some(customer)))).await
    }

    /// Single activities of the account.
    pub async fn ar_activities_by_id(
        &self,
        ids: &[u64],
    ) -> Result<Vec<Result<ArActivity, InvalidRow>>, StaxError> {
        let mut rows = Vec::new();
        for ids in ids.chunks(IDS) {
            let query = format!("id:{}", ids.iter().map(u64::to_string).collect::<Vec<_>>().join(","));
            let read = |row: ArRow| Some(row.record(&self.types, None));
            rows.extend(self.list("aractivities", &query, 0, read).await?.rows);
        }
        Ok(rows)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ArRow {
    id: u64,
    #[serde(default)]
    customer_id: Option<u64>,
    transaction_type: String,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    #[serde(default)]
    ar_debit: Option<Decimal>,
    #[serde(default)]
    ar_credit: Option<Decimal>,
    #[serde(default)]
    associated_id: Option<u64>,
    #[serde(default, alias = "invoiceAllocations")]
    invoice_allocation: Option<Vec<AllocationRow>>,
    #[serde(default, deserialize_with = "text")]
    manual_reference: Option<String>,
}

impl ArRow {
    fn record(self, types: &TransactionTypes, asked: Option<u64>) -> Result<ArActivity, InvalidRow> {
        let (id, effective_at) = (self.id, self.effective_timestamp);
        let Some(customer) = self.customer_id.or(asked) else {
            let reason = "it does not tell whose it is".to_owned();
            return Err(InvalidRow { id, customer: 0, effective_at: Some(effective_at), reason });
        };
        let amount = self.ar_credit.unwrap_or_default() - self.ar_debit.unwrap_or_default();
        let rows = self.invoice_allocation.unwrap_or_default();
        Ok(ArActivity {
            id,
            customer,
            kind: types.kind_of(&self.transaction_type, amount),
            effective_at,
            amount,
            associated: self.associated_id,
            allocations: rows.iter().map(AllocationRow::pair).collect(),
            reference: self.manual_reference,
        })
    }
}

/// What an activity takes off the balance, in its customer's currency.
pub fn amount_of(row: &ArActivity, currency: Currency) -> Result<Money, String> {
    money(row.amount, currency)
}

/// What it has on invoices, each once.
pub fn allocations_of(row: &ArActivity, currency: Currency) -> Result<Vec<Allocation>, String> {
    let rows = row.allocations.iter().map(|(invoice, amount)| AllocationRow::of(*invoice, *amount));
    Ok(listed(allocations(Some(rows.collect()), currency)?))
}

/// The write-off that an activity tells of.
pub fn write_off(row: &ArActivity, currency: Currency) -> Result<WriteOff, String> {
    let amount = above_zero(row, currency)?;
    let invoice = row.allocations.first().map(|(invoice, _)| *invoice).ok_or("it names no invoice")?;
    let (id, customer, effective_at) = (row.id, row.customer, row.effective_at);
    Ok(WriteOff { id, customer, invoice, effective_at, currency, amount, reference: row.reference.clone() })
}

/// The reversal of a charge that an activity tells of.
pub fn reversal(row: &ArActivity, currency: Currency) -> Result<Reversal, String> {
    let amount = above_zero(row, currency)?;
    let charge = row.associated.ok_or("it names no charge")?;
    Ok(Reversal { id: row.id, charge, amount, effective_at: row.effective_at })
}

fn above_zero(row: &ArActivity, currency: Currency) -> Result<Money, String> {
    let amount = amount_of(row, currency)?;
    if amount.is_negative() || amount.is_zero() {
        return Err(format!("it takes {amount} off the balance, which is not above zero"));
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ActivityKind;

    fn read(json: &str) -> Result<ArActivity, InvalidRow> {
        serde_json::from_str::<ArRow>(json).unwrap().record(&TransactionTypes::default(), None)
    }

    #[test]
    fn rows_become_records_or_say_why_not() {
        let row = read(
            r#"{"id":5,"customerId":2,"transactionType":"WriteOff","effectiveTimestamp":"2026-01-02","arCredit":"9.00",
                "arDebit":0,"invoiceAllocation":[{"invoiceId":7,"amount":9}],"manualReference":"gone"}"#,
        )
        .unwrap();
        assert_eq!(row.kind, ActivityKind::WriteOff);
        let found = write_off(&row, Currency::USD).unwrap();
        assert_eq!((found.invoice, found.amount.to_string().as_str()), (7, "9.00"));
        assert_eq!(reversal(&row, Currency::USD).unwrap_err(), "it names no charge");
        let fine = ArActivity { amount: Decimal::new(9001, 3), ..row.clone() };
        assert!(write_off(&fine, Currency::USD).unwrap_err().contains("finer"));
        let owed = ArActivity { amount: Decimal::NEGATIVE_ONE, ..row };
        assert!(write_off(&owed, Currency::USD).unwrap_err().contains("not above zero"));
        let nobody = read(r#"{"id":5,"transactionType":"Charge","effectiveTimestamp":"2026-01-02"}"#);
        assert!(nobody.is_err());
    }
}
