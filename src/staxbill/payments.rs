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
    transaction: Option<PaymentRow>,
}

impl ActivityRow {
    /// The payment behind it, if it is money: successful and collected.
    pub(super) fn record(self) -> Option<Result<Payment, InvalidRow>> {
        let money = self.status == "Successful" && self.transaction_type == "Collect";
        let row = self.transaction.filter(|_| money)?;
        Some(row.record().map(|payment| {
            // "CreditCard (Visa ending in 1111)": the word before the bracket.
            let method = self.method.as_deref().unwrap_or_default();
            let word = method.split_once(" (").map_or(method, |(word, _)| word).trim().to_owned();
            Payment { method: word, ..payment }
        }))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentRow {
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
struct AllocationRow {
    invoice_id: u64,
    amount: Decimal,
}

impl PaymentRow {
    /// What a refund takes back.
    fn taken(self, currency: Currency) -> Result<Taken, Invalid> {
        let mut by_invoice = BTreeMap::<u64, Money>::new();
        for row in self.invoice_allocations.unwrap_or_default() {
            *by_invoice.entry(row.invoice_id).or_default() += money(row.amount, currency)?;
        }
        let allocations = by_invoice.into_iter().filter(|(_, amount)| !amount.is_zero());
        Ok(Taken {
            id: self.id,
            effective_at: self.effective_timestamp,
            amount: money(self.amount, currency)?,
            allocations: allocations.map(|(invoice, amount)| Allocation { invoice, amount }).collect(),
            quickbooks_id: self.quick_books_id,
        })
    }

    pub(super) fn record(self) -> Result<Payment, InvalidRow> {
        let (id, customer, effective_at) = (self.id, self.customer_id, Some(self.effective_timestamp));
        self.read().map_err(|reason| InvalidRow { id, customer, effective_at, reason })
    }

    /// The payment, net of its refunds.
    ///
    /// Whether `invoiceAllocations` is net of refunds is undocumented, so it is
    /// decided by identity: allocated + unallocated + refunded = amount means
    /// net; allocated + unallocated = amount means gross, and what the refunds
    /// un-applied is subtracted.
    fn read(self) -> Result<Payment, Invalid> {
        let currency = currency(self.currency.as_deref())?;
        let refunds = self.refunds.unwrap_or_default();
        let total = money(self.amount, currency)?;
        let mut refunded = Money::ZERO;
        for refund in &refunds {
            refunded += money(refund.amount, currency)?;
        }
        let mut by_invoice = BTreeMap::<u64, Money>::new();
        for row in self.invoice_allocations.unwrap_or_default() {
            *by_invoice.entry(row.invoice_id).or_default() += money(row.amount, currency)?;
        }
        let allocated = by_invoice.values().copied().sum::<Money>();
        let unallocated = money(self.unallocated_amount, currency)?;
        let net = allocated + unallocated + refunded == total;
        let gross = allocated + unallocated == total;
        if !net && !gross {
            return Err(format!(
                "{allocated} allocated, {unallocated} unallocated and {refunded} refunded do not make {total}"
            ));
        }
        if !net {
            for row in refunds.iter().flat_map(|refund| refund.invoice_allocations.iter().flatten()) {
                *by_invoice.entry(row.invoice_id).or_default() -= money(row.amount, currency)?;
            }
        }
        let left = total - refunded;
        let unallocated = left - by_invoice.values().copied().sum();
        if left.is_negative()
            || unallocated.is_negative()
            || by_invoice.values().any(|amount| amount.is_negative())
        {
            return Err(format!("more than was paid or allocated is refunded ({refunded} of {total})"));
        }
        let allocations = by_invoice.into_iter().filter(|(_, amount)| !amount.is_zero());
        let allocations = allocations.map(|(invoice, amount)| Allocation { invoice, amount }).collect();
        let refunds = refunds.into_iter().map(|refund| refund.taken(currency)).collect::<Result<_, _>>()?;
        Ok(Payment {
            id: self.id,
            activity: self.payment_activity_id.unwrap_or_default(),
            customer: self.customer_id,
            effective_at: self.effective_timestamp,
            currency,
            amount: total,
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
            ("net", format!(r#""amount":10,"unallocatedAmount":2,"invoiceAllocations":[{{"invoiceId":7,"amount":5}}],{refund}"#), "7.00", "2.00", "7:5.00"),
            ("gross", format!(r#""amount":10,"unallocatedAmount":2,"invoiceAllocations":[{{"invoiceId":7,"amount":8}}],{refund}"#), "7.00", "2.00", "7:5.00"),
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
