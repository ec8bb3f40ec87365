//! What Stax Bill sends of payments, and how it becomes a record.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::wire::{Invalid, currency, instant, money, text};
use crate::model::{Allocation, Currency, InvalidRow, Money, Payment, Taken};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActivityRow {
    status: String,
    transaction_type: String,
    #[serde(default, deserialize_with = "text")]
    method: Option<String>,
    #[serde(default)]
    parent_customer_id: Option<u64>,
    #[serde(default)]
    transaction: Option<PaymentRow>,
}

/// Money that came in, or went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoneyRow {
    /// A payment, with all that was refunded of it.
    Payment(Payment),
    /// A refund, or a payment that the bank took back (NSF), of the payment
    /// behind `of_activity`.
    Refund {
        /// The refund's id.
        id: u64,
        /// Whose it is.
        customer: u64,
        /// The payment's activity.
        of_activity: u64,
    },
}

impl ActivityRow {
    /// The money behind it: successful, and not a mere validation of a card.
    pub(super) fn money(self) -> Option<Result<MoneyRow, InvalidRow>> {
        if self.status != "Successful" {
            return None;
        }
        match self.transaction_type.as_str() {
            "Collect" => Some(self.payment()?.map(MoneyRow::Payment)),
            "Refund" | "NSF" => {
                let row = self.transaction?;
                let Some(of_activity) = row.original_payment_activity_id else {
                    tracing::warn!(refund = row.id, "a refund names no payment");
                    return None;
                };
                Some(Ok(MoneyRow::Refund { id: row.id, customer: row.customer_id, of_activity }))
            }
            _ => None,
        }
    }

    /// The payment behind it, with how and by whom it was paid.
    pub(super) fn payment(self) -> Option<Result<Payment, InvalidRow>> {
        let row = self.transaction?;
        Some(row.record().map(|payment| {
            // "CreditCard (Visa ending in 1111)": the word before the bracket.
            let method = self.method.as_deref().unwrap_or_default();
            let word = method.split_once(" (").map_or(method, |(word, _)| word).trim().to_owned();
            let parent = self.parent_customer_id.filter(|parent| *parent != payment.customer);
            Payment { method: word, parent, ..payment }
        }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentRow {
    id: u64,
    #[serde(default)]
    payment_activity_id: Option<u64>,
    #[serde(default)]
    original_payment_activity_id: Option<u64>,
    customer_id: u64,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    amount: Decimal,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
    #[serde(default)]
    invoice_allocations: Option<Vec<AllocationRow>>,
    #[serde(default)]
    refunds: Option<Vec<Self>>,
    #[serde(default)]
    unallocated_amount: Decimal,
    #[serde(default, deserialize_with = "text")]
    reference: Option<String>,
    #[serde(default)]
    send_to_quickbooks_online: Option<bool>,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AllocationRow {
    invoice_id: u64,
    amount: Decimal,
}

impl AllocationRow {
    pub(super) fn of(invoice_id: u64, amount: Decimal) -> Self {
        Self { invoice_id, amount }
    }

    pub(super) fn pair(&self) -> (u64, Decimal) {
        (self.invoice_id, self.amount)
    }
}

impl PaymentRow {
    pub(super) fn record(self) -> Result<Payment, InvalidRow> {
        let (id, customer, effective_at) = (self.id, self.customer_id, Some(self.effective_timestamp));
        self.read().map_err(|reason| InvalidRow { id, customer, effective_at, reason })
    }

    fn read(self) -> Result<Payment, Invalid> {
        let currency = currency(self.currency.as_deref())?;
        let refunds = self.refunds.unwrap_or_default().into_iter().map(|refund| refund.taken(currency));
        let refunds = refunds.collect::<Result<Vec<_>, _>>()?;
        let amount = money(self.amount, currency)?;
        let rows = allocations(self.invoice_allocations, currency)?;
        let (allocations, unallocated) =
            net((amount, money(self.unallocated_amount, currency)?), rows, (&refunds, "refunded"))?;
        Ok(Payment {
            id: self.id,
            activity: self.payment_activity_id.unwrap_or_default(),
            customer: self.customer_id,
            effective_at: self.effective_timestamp,
            currency,
            amount,
            unallocated,
            allocations,
            refunds,
            parent: None,
            method: String::new(),
            reference: self.reference,
            send: self.send_to_quickbooks_online.unwrap_or(true),
            quickbooks_id: self.quick_books_id,
        })
    }

    /// What a refund takes back.
    fn taken(self, currency: Currency) -> Result<Taken, Invalid> {
        Ok(Taken {
            id: self.id,
            effective_at: self.effective_timestamp,
            amount: money(self.amount, currency)?,
            allocations: listed(allocations(self.invoice_allocations, currency)?),
            quickbooks_id: self.quick_books_id,
        })
    }
}

/// Amounts by invoice.
pub(super) type ByInvoice = BTreeMap<u64, Money>;

pub(super) fn allocations(
    rows: Option<Vec<AllocationRow>>,
    currency: Currency,
) -> Result<ByInvoice, Invalid> {
    let mut by_invoice = ByInvoice::new();
    for row in rows.unwrap_or_default() {
        *by_invoice.entry(row.invoice_id).or_default() += money(row.amount, currency)?;
    }
    Ok(by_invoice)
}

pub(super) fn listed(by_invoice: ByInvoice) -> Vec<Allocation> {
    let rows = by_invoice.into_iter().filter(|(_, amount)| !amount.is_zero());
    rows.map(|(invoice, amount)| Allocation { invoice, amount }).collect()
}

/// What lies on invoices now, and what on none.
///
/// Whether `invoiceAllocations` is net of what was taken back is undocumented,
/// so it is decided by identity: allocated + unallocated + taken = amount means
/// net; allocated + unallocated = amount means gross, and what the refunds or
/// debits un-applied is subtracted.
pub(super) fn net(
    (total, unallocated): (Money, Money),
    mut by_invoice: ByInvoice,
    (taken, word): (&[Taken], &str),
) -> Result<(Vec<Allocation>, Money), Invalid> {
    let sum: Money = taken.iter().map(|one| one.amount).sum();
    let allocated = by_invoice.values().copied().sum::<Money>();
    let net = allocated + unallocated + sum == total;
    if !net && allocated + unallocated != total {
        return Err(format!(
            "{allocated} allocated, {unallocated} unallocated and {sum} {word} do not make {total}"
        ));
    }
    if !net {
        for row in taken.iter().flat_map(|one| &one.allocations) {
            *by_invoice.entry(row.invoice).or_default() -= row.amount;
        }
    }
    let left = total - sum;
    let unallocated = left - by_invoice.values().copied().sum();
    let wrong = left.is_negative() || unallocated.is_negative();
    if wrong || by_invoice.values().any(|amount| amount.is_negative()) {
        return Err(format!("more than was there or allocated is {word} ({sum} of {total})"));
    }
    Ok((listed(by_invoice), unallocated))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(json: &str) -> Result<Payment, Invalid> {
        serde_json::from_str::<PaymentRow>(json).unwrap().record().map_err(|row| row.reason)
    }

    #[test]
    fn allocations_are_net_of_refunds_by_identity() {
        let head = r#""id":1,"customerId":2,"effectiveTimestamp":"2026-01-02T03:04:05","currency":"USD""#;
        let refund = r#""refunds":[{"id":9,"customerId":2,"effectiveTimestamp":"2026-01-03","currency":"USD","amount":"3.0000","invoiceAllocations":[{"invoiceId":7,"amount":3}]}]"#;
        let cases = [
            // (name, rest, amount, unallocated, allocations)
            ("plain", r#""amount":10.0,"unallocatedAmount":2,"invoiceAllocations":[{"invoiceId":7,"amount":"8.0000"}]"#.to_owned(), "10.00", "2.00", "7:8.00"),
            ("net", format!(r#""amount":10,"unallocatedAmount":2,"invoiceAllocations":[{{"invoiceId":7,"amount":5}}],{refund}"#), "10.00", "2.00", "7:5.00"),
            ("gross", format!(r#""amount":10,"unallocatedAmount":2,"invoiceAllocations":[{{"invoiceId":7,"amount":8}}],{refund}"#), "10.00", "2.00", "7:5.00"),
            ("twice the same invoice", r#""amount":8,"unallocatedAmount":0,"invoiceAllocations":[{"invoiceId":7,"amount":5},{"invoiceId":7,"amount":3}]"#.to_owned(), "8.00", "0.00", "7:8.00"),
        ];
        for (name, rest, amount, unallocated, rows) in cases {
            let read = payment(&format!("{{{head},{rest}}}")).unwrap();
            assert_eq!(read.amount.to_string(), amount, "{name}");
            assert_eq!(read.unallocated.to_string(), unallocated, "{name}");
            let found = read
                .allocations
                .iter()
                .map(|row| format!("{}:{}", row.invoice, row.amount))
                .collect::<Vec<_>>();
            assert_eq!(found.join(" "), rows, "{name}");
        }
        let wrong =
            payment(&format!(r#"{{{head},"amount":10,"unallocatedAmount":1,"invoiceAllocations":[]}}"#));
        assert!(wrong.unwrap_err().contains("do not make 10"));
        let fine = payment(&format!(r#"{{{head},"amount":10.005,"unallocatedAmount":10.005}}"#));
        assert!(fine.unwrap_err().contains("finer"));
    }
}
