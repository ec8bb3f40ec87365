//! Payments and refunds, which come in one list: the payment activities.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::{Ask, Since, StaxBill, StaxPage, changed};
use super::fault::StaxError;
use super::funds::{AllocationRow, Shown, TakenRow};
use super::odd::unreadable;
use super::wire::{Invalid, currency, instant, money, text};
use crate::model::{InvalidRow, Payment};

/// A payment activity that is money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoneyRow {
    /// Money that came.
    Payment(Payment),
    /// Money that went back, by a refund or because the bank took it (NSF).
    /// What it was shows in its payment.
    Refund {
        /// Stax Bill's id of the refund.
        id: u64,
        /// Whose it is.
        customer: u64,
        /// The activity of the payment that it gives back.
        of_activity: u64,
    },
    /// A refund that cannot be read; a payment that cannot is the row's error.
    InvalidRefund(InvalidRow),
}

impl StaxBill {
    /// Successful payments and refunds changed since.
    ///
    /// One list without a filter by `PaymentType`: no such filter selects an
    /// NSF activity, and it takes money back as a refund does.
    pub async fn payment_activities(
        &self,
        since: Since,
        page: usize,
    ) -> Result<StaxPage<MoneyRow>, StaxError> {
        let mut query = "PaymentActivityStatus:Successful".to_owned();
        if since.is_some() {
            query = format!("{query};{}", changed(since));
        }
        self.list(&Ask::page("PaymentActivities/GetByAccountID", &query, page), money_row).await
    }

    /// The payment behind an activity as it is now, with how it was paid and by
    /// which parent.
    ///
    /// # Errors
    ///
    /// [`StaxError::NotFound`] also where the activity is not a payment, or not
    /// a successful one.
    pub async fn payment_activity(&self, activity: u64) -> Result<Result<Payment, InvalidRow>, StaxError> {
        let path = format!("PaymentActivities/{activity}");
        let raw: Box<RawValue> = self.one(&path).await?;
        match money_row(&raw) {
            Some(Ok(MoneyRow::Payment(payment))) => Ok(Ok(payment)),
            Some(Err(row)) => Ok(Err(row)),
            Some(Ok(MoneyRow::Refund { .. } | MoneyRow::InvalidRefund(_))) | None => {
                Err(StaxError::NotFound(format!("payment activity {activity} is not a successful payment")))
            }
        }
    }

    /// One payment as it is now. It does not tell how it was paid.
    pub async fn payment(&self, id: u64) -> Result<Result<Payment, InvalidRow>, StaxError> {
        self.record(&format!("payments/{id}"), PaymentRow::record).await
    }
}

/// An activity, before its transaction is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActivityRow<'a> {
    id: u64,
    #[serde(default)]
    customer_id: Option<u64>,
    #[serde(default)]
    parent_customer_id: Option<u64>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    transaction_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    method: Option<String>,
    #[serde(default, borrow)]
    transaction: Option<&'a RawValue>,
}

/// What every transaction has, and a refund.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransactionHead {
    id: u64,
    #[serde(default)]
    customer_id: Option<u64>,
    #[serde(default)]
    original_payment_activity_id: Option<u64>,
}

/// The money behind an activity: only one that is successful and has a
/// transaction is any (Stax Bill: payment activity).
fn money_row(raw: &RawValue) -> Option<Result<MoneyRow, InvalidRow>> {
    let activity = match serde_json::from_str::<ActivityRow<'_>>(raw.get()) {
        Ok(activity) => activity,
        Err(error) => {
            tracing::warn!("Stax Bill sent a payment activity without an id: {error}");
            return None;
        }
    };
    let transaction = activity.transaction?;
    let kind = activity.transaction_type.as_deref().unwrap_or_default();
    if activity.status.as_deref() != Some("Successful") || kind == "Validate" {
        return None;
    }
    let head = match serde_json::from_str::<TransactionHead>(transaction.get()) {
        Ok(head) => head,
        Err(error) => {
            tracing::warn!("payment activity {} has a transaction without an id: {error}", activity.id);
            return None;
        }
    };
    let id = head.id;
    let customer = head.customer_id.or(activity.customer_id).unwrap_or(id);
    let invalid = |reason| InvalidRow { id, customer, effective_at: None, reason };
    match (kind, head.original_payment_activity_id) {
        ("Collect", _) => {
            let row = serde_json::from_str::<PaymentRow>(transaction.get());
            let row = row.map_err(|error| invalid(unreadable(&error)));
            Some(
                row.and_then(PaymentRow::record).map(|payment| MoneyRow::Payment(activity.complete(payment))),
            )
        }
        (_, Some(of_activity)) => Some(Ok(MoneyRow::Refund { id, customer, of_activity })),
        ("Refund" | "NSF", None) => {
            Some(Ok(MoneyRow::InvalidRefund(invalid("the refund does not name its payment".to_owned()))))
        }
        (other, None) => Some(Err(invalid(format!("latchd does not know payment activities of `{other}`")))),
    }
}

impl ActivityRow<'_> {
    /// The payment with what its activity alone tells.
    fn complete(&self, payment: Payment) -> Payment {
        // "CreditCard (Visa ending in 1111)": the word before the bracket.
        let method = self.method.as_deref().unwrap_or_default();
        let method = method.split_once('(').map_or(method, |(word, _)| word).trim().to_owned();
        let parent = self.parent_customer_id.filter(|parent| *parent != payment.customer);
        Payment { activity: self.id, method, parent, ..payment }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentRow {
    id: u64,
    #[serde(default)]
    payment_activity_id: Option<u64>,
    customer_id: u64,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    amount: Decimal,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
    #[serde(default)]
    invoice_allocations: Option<Vec<AllocationRow>>,
    #[serde(default)]
    refunds: Option<Vec<TakenRow>>,
    #[serde(default)]
    unallocated_amount: Option<Decimal>,
    #[serde(default, deserialize_with = "text")]
    reference: Option<String>,
    #[serde(default)]
    send_to_quickbooks_online: Option<bool>,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

impl PaymentRow {
    fn record(self) -> Result<Payment, InvalidRow> {
        let (id, customer, effective_at) = (self.id, self.customer_id, Some(self.effective_timestamp));
        self.read().map_err(|reason| InvalidRow { id, customer, effective_at, reason })
    }

    fn read(self) -> Result<Payment, Invalid> {
        let currency = currency(self.currency.as_deref())?;
        let amount = money(self.amount, currency)?;
        let shown = Shown {
            currency,
            amount,
            unallocated: self.unallocated_amount.unwrap_or_default(),
            allocations: self.invoice_allocations,
            taken: self.refunds,
        };
        let standing = shown.standing()?;
        Ok(Payment {
            id: self.id,
            activity: self.payment_activity_id.unwrap_or_default(),
            customer: self.customer_id,
            effective_at: self.effective_timestamp,
            currency,
            amount,
            unallocated: standing.unallocated,
            allocations: standing.allocations,
            refunds: standing.taken,
            parent: None,
            method: String::new(),
            reference: self.reference,
            send: self.send_to_quickbooks_online.unwrap_or(true),
            quickbooks_id: self.quick_books_id,
        })
    }
}
