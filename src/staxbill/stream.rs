//! AR activities: the one stream in which every kind of transaction appears,
//! and the records that show nowhere else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::{Ask, Order, PAGE, StaxBill, StaxPage};
use super::fault::StaxError;
use super::funds::AllocationRow;
use super::odd::{Head, unreadable};
use super::wire::{Invalid, instant, money, text};
use crate::model::{
    ActivityKind, Allocation, ArActivity, Credit, Currency, InvalidRow, Money, Reversal, TransactionTypes,
    WriteOff,
};

/// An AR activity that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddActivity {
    /// What it is, as far as its token tells.
    pub kind: ActivityKind,
    /// Its transaction, and what is wrong with it.
    pub row: InvalidRow,
}

/// A row of the stream.
pub type ActivityRow = Result<ArActivity, OddActivity>;

/// A page of the account's stream.
#[derive(Debug)]
pub struct AccountActivities {
    /// Those rows that name their customer.
    pub rows: Vec<ActivityRow>,
    /// Whether all of them do: the vendor's page breaks off before it could
    /// show it. Those that do not have to be read by customer.
    pub named: bool,
    /// Whether there is another page.
    pub more: bool,
}

/// A page of the stream.
type Activities = StaxPage<ArActivity, OddActivity>;

/// Ids in one query.
const IDS: usize = 100;

impl StaxBill {
    /// The account's AR activities, by id.
    ///
    /// They bear no stamp of change and are never amended, so that the newest
    /// ids tell what is new, and a quiet pass reads one short page.
    pub async fn ar_activities(
        &self,
        order: Order,
        page: usize,
        page_size: usize,
    ) -> Result<AccountActivities, StaxError> {
        let ask = Ask { order, page_size: page_size.min(PAGE), ..Ask::page("aractivities", "", page) };
        let mut named = true;
        let page = self.list(&ask, |raw| {
            let row = activity(raw, &self.types, None);
            named &= row.is_some() || Head::of(raw).is_none();
            row
        });
        let page = page.await?;
        Ok(AccountActivities { rows: page.rows, named, more: page.more })
    }

    /// The AR activities of a customer, the oldest first; for accounts whose own
    /// list is refused.
    pub async fn ar_activities_of(&self, customer: u64, page: usize) -> Result<Activities, StaxError> {
        let path = format!("customers/{customer}/customerArActivities");
        self.list(&Ask::page(&path, "", page), |raw| activity(raw, &self.types, Some(customer))).await
    }

    /// The AR activities of some transactions.
    pub async fn ar_activities_by_id(&self, ids: &[u64]) -> Result<Vec<ActivityRow>, StaxError> {
        let mut rows = Vec::new();
        for ids in ids.chunks(IDS) {
            let query = format!("id:{}", ids.iter().map(u64::to_string).collect::<Vec<_>>().join(","));
            let ask = Ask::page("aractivities", &query, 0);
            rows.extend(self.list(&ask, |raw| activity(raw, &self.types, None)).await?.rows);
        }
        Ok(rows)
    }
}

/// What an activity takes off the balance, in its customer's currency.
///
/// # Errors
///
/// A sentence, where it is finer than `currency` allows.
pub fn amount_of(activity: &ArActivity, currency: Currency) -> Result<Money, String> {
    money(activity.amount, currency)
}

/// A credit as far as its activity tells: all there is of what a customer had
/// in hand when the account began, and not what was taken back of any other.
///
/// # Errors
///
/// A sentence, where the activity is no credit of `currency`.
pub fn credit_in(activity: &ArActivity, currency: Currency) -> Result<Credit, String> {
    let amount = taken_off(activity, currency)?;
    let mut rows = BTreeMap::<u64, Money>::new();
    for (invoice, part) in &activity.allocations {
        *rows.entry(*invoice).or_default() += money(*part, currency)?;
    }
    let unallocated = amount - rows.values().copied().sum();
    if unallocated.is_negative() || rows.values().any(|part| part.is_negative()) {
        return Err(format!("more than the {amount} of it lies on invoices"));
    }
    let rows = rows.into_iter().filter(|(_, part)| !part.is_zero());
    Ok(Credit {
        id: activity.id,
        customer: activity.customer,
        effective_at: activity.effective_at,
        currency,
        amount,
        unallocated,
        allocations: rows.map(|(invoice, amount)| Allocation { invoice, amount }).collect(),
        debits: Vec::new(),
        reference: activity.reference.clone(),
        opening: activity.kind == ActivityKind::OpeningCredit,
        quickbooks_id: None,
    })
}

/// An invoice given up, in full or in part.
///
/// # Errors
///
/// A sentence, where the activity is no write-off of one invoice.
pub fn write_off(activity: &ArActivity, currency: Currency) -> Result<WriteOff, String> {
    let amount = taken_off(activity, currency)?;
    let [(invoice, part)] = activity.allocations[..] else {
        return Err(format!("the write-off names {} invoices instead of one", activity.allocations.len()));
    };
    let part = money(part, currency)?;
    if part != amount {
        return Err(format!("{amount} is written off, but {part} on its invoice"));
    }
    Ok(WriteOff {
        id: activity.id,
        customer: activity.customer,
        invoice,
        effective_at: activity.effective_at,
        currency,
        amount,
        reference: activity.reference.clone(),
    })
}

/// A charge taken back, in full or in part.
///
/// # Errors
///
/// A sentence, where the activity takes nothing back or names no charge.
pub fn reversal(activity: &ArActivity, currency: Currency) -> Result<Reversal, String> {
    let amount = taken_off(activity, currency)?;
    let charge = activity.associated.ok_or("the reversal does not name its charge")?;
    Ok(Reversal { id: activity.id, charge, amount, effective_at: activity.effective_at })
}

fn taken_off(activity: &ArActivity, currency: Currency) -> Result<Money, Invalid> {
    let amount = amount_of(activity, currency)?;
    if amount.is_zero() || amount.is_negative() {
        return Err(format!("it should take something off the balance, but its amount is {amount}"));
    }
    Ok(amount)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ArRow {
    id: u64,
    #[serde(default)]
    customer_id: Option<u64>,
    #[serde(default, deserialize_with = "text")]
    transaction_type: Option<String>,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    #[serde(default)]
    ar_debit: Option<Decimal>,
    #[serde(default)]
    ar_credit: Option<Decimal>,
    #[serde(default)]
    associated_id: Option<u64>,
    #[serde(default)]
    invoice_allocation: Option<Vec<AllocationRow>>,
    #[serde(default)]
    invoice_allocations: Option<Vec<AllocationRow>>,
    #[serde(default, deserialize_with = "text")]
    manual_reference: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    #[serde(default, deserialize_with = "text")]
    transaction_type: Option<String>,
}

/// An activity; `asked` is the customer whose activities were asked for. `None`
/// where neither this nor the row tells whose it is.
fn activity(raw: &RawValue, types: &TransactionTypes, asked: Option<u64>) -> Option<ActivityRow> {
    let odd = |reason: String| {
        let head = Head::of(raw)?;
        let token = serde_json::from_str::<Token>(raw.get()).ok().and_then(|row| row.transaction_type);
        let kind = types.kind_of(&token.unwrap_or_default(), Decimal::ONE);
        let customer = head.customer_id.or(asked)?;
        Some(Err(OddActivity { kind, row: InvalidRow { id: head.id, customer, effective_at: None, reason } }))
    };
    let row = match serde_json::from_str::<ArRow>(raw.get()) {
        Ok(row) => row,
        Err(error) => return odd(unreadable(&error)),
    };
    let customer = row.customer_id.or(asked)?;
    let (credit, debit) = (row.ar_credit.unwrap_or_default(), row.ar_debit.unwrap_or_default());
    let Some(amount) = credit.checked_sub(debit) else {
        return odd(format!("{credit} less {debit} is no amount"));
    };
    // Stax Bill's page has the one name, its other records the other.
    let allocations = row.invoice_allocation.or(row.invoice_allocations).unwrap_or_default();
    Some(Ok(ArActivity {
        id: row.id,
        customer,
        kind: types.kind_of(row.transaction_type.as_deref().unwrap_or_default(), amount),
        effective_at: row.effective_timestamp,
        amount,
        associated: row.associated_id,
        allocations: allocations.into_iter().map(|row| (row.invoice_id, row.amount)).collect(),
        reference: row.manual_reference,
    }))
}
