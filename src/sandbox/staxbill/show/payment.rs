//! Payments and refunds, their activities, and allocations seen from them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::View;
use crate::sandbox::staxbill::forms::{money, nulls, object, time};
use crate::sandbox::staxbill::options::Allocations;
use crate::sandbox::staxbill::records::{Activity, ActivityStatus, Allocation, OwnSync, Payment, Refund};

impl View<'_> {
    pub(in super::super) fn payment(&self, payment: &Payment) -> Value {
        let id = payment.id;
        let refunds: Vec<&Refund> =
            payment.refunds.iter().filter_map(|id| self.state.refunds.get(id)).collect();
        let taken = refunds.iter().flat_map(|refund| &refund.allocations);
        let (allocations, unallocated) =
            self.net_or_gross((&payment.allocations, payment.unallocated(), payment.amount), taken);
        let surcharge = payment.surcharge.map_or(Value::Null, |fee| money(fee, id + 3));
        let settlement = payment.settlement.map_or(Value::Null, |one| {
            Value::Object(object([
                ("status", json!(one.status.as_str())),
                ("modifiedTimestamp", time(one.modified, id + 4)),
            ]))
        });
        let mut fields = self.transaction((id, payment.activity, payment.customer), payment.own_sync);
        fields.extend(object([
            ("uri", self.uri("payments", id)),
            ("originalPaymentActivityId", Value::Null),
            ("reference", json!(payment.reference)),
            ("description", Value::Null),
            ("effectiveTimestamp", time(payment.effective, id)),
            ("referenceDate", time(payment.effective, id + 1)),
            ("amount", money(payment.amount, id)),
            ("invoiceAllocations", self.allocations(&allocations)),
            ("refunds", refunds.iter().map(|refund| self.refund(refund)).collect()),
            ("unallocatedAmount", money(unallocated, id + 1)),
            ("refundableAmount", money(payment.amount - payment.refunded, id + 2)),
            ("gatewayFee", money(payment.gateway_fee, id)),
            ("surchargingFee", surcharge),
            ("settlement", settlement),
            ("sendToQuickbooksOnline", json!(payment.send_to_quickbooks_online)),
        ]));
        Value::Object(fields)
    }

    /// A refund is a payment's twin with a positive amount; it names the
    /// payment's activity, and the payment itself in words alone.
    pub(in super::super) fn refund(&self, refund: &Refund) -> Value {
        let id = refund.id;
        let payment = self.state.payments.get(&refund.payment);
        let word = if refund.nsf { "NSF" } else { "Refund" };
        let rows: Vec<_> = refund.allocations.iter().map(|one| (one.invoice, one.amount)).collect();
        let mut fields = self.transaction((id, refund.activity, refund.customer), refund.own_sync);
        fields.extend(object([
            ("uri", self.uri("refunds", id)),
            ("originalPaymentActivityId", json!(payment.map(|one| one.activity))),
            ("reference", json!(refund.reference)),
            ("description", json!(format!("{word} of payment {}", refund.payment))),
            ("effectiveTimestamp", time(refund.effective, id)),
            ("referenceDate", time(refund.effective, id + 1)),
            ("amount", money(refund.amount, id)),
            ("invoiceAllocations", self.allocations(&rows)),
            ("unallocatedAmount", money(Decimal::ZERO, id + 1)),
            ("gatewayFee", money(Decimal::ZERO, id)),
            ("sendToQuickbooksOnline", json!(payment.is_none_or(|one| one.send_to_quickbooks_online))),
        ]));
        nulls(&mut fields, &["surchargingFee", "settlement"]);
        Value::Object(fields)
    }

    /// What payments and refunds have alike.
    fn transaction(&self, (id, activity, customer): (i64, i64, i64), sync: OwnSync) -> Map<String, Value> {
        let mut fields = object([
            ("id", json!(id)),
            ("paymentActivityId", json!(activity)),
            ("customerId", json!(customer)),
            ("currency", self.currency(customer)),
            ("quickBooksId", json!(sync.id)),
            ("quickBooksAttemptNumber", json!(sync.attempts)),
            ("sendToNetsuite", json!(false)),
            ("sageIntacctAttemptNumber", json!(0)),
            ("syncedToSageIntacct", json!(false)),
        ]);
        nulls(&mut fields, &["disputeStatus", "disputeId", "netsuiteId", "sageIntacctId"]);
        fields
    }

    /// Rows and rest as they stand now, or with what was taken back since.
    pub(super) fn net_or_gross<'r>(
        &self,
        (standing, rest, amount): (&'r [Allocation], Decimal, Decimal),
        taken: impl Iterator<Item = &'r Allocation>,
    ) -> (Vec<(i64, Decimal)>, Decimal) {
        match self.options.allocations {
            Allocations::Net => (standing.iter().map(|one| (one.invoice, one.amount)).collect(), rest),
            Allocations::Gross => {
                let mut rows = BTreeMap::<i64, Decimal>::new();
                for one in standing.iter().chain(taken) {
                    *rows.entry(one.invoice).or_default() += one.amount;
                }
                let rest = amount - rows.values().sum::<Decimal>();
                (rows.into_iter().collect(), rest)
            }
        }
    }

    pub(super) fn allocations(&self, rows: &[(i64, Decimal)]) -> Value {
        rows.iter().map(|(invoice, amount)| self.allocation(*invoice, *amount)).collect()
    }

    /// Here, and here alone among documents, the QuickBooks id has a small b;
    /// the invoice's balance is the present one.
    fn allocation(&self, id: i64, amount: Decimal) -> Value {
        let invoice = self.state.invoices.get(&id);
        let mut fields = object([
            ("invoiceId", json!(id)),
            ("invoiceNumber", json!(invoice.map(|one| one.number))),
            ("amount", money(amount, id)),
            ("outstandingBalance", invoice.map_or(Value::Null, |one| money(one.outstanding(), id + 1))),
            ("invoiceTotal", invoice.map_or(Value::Null, |one| money(one.amount(), id + 2))),
            ("poNumber", json!(invoice.and_then(|one| one.po_number.as_deref()))),
            ("quickbooksId", json!(invoice.and_then(|one| one.quickbooks_id))),
            ("invoiceNote", json!(invoice.and_then(|one| one.notes.as_deref()))),
            ("uri", self.uri("Invoices", id)),
        ]);
        nulls(&mut fields, &["surchargingFee", "netsuiteId"]);
        Value::Object(fields)
    }

    pub(in super::super) fn activity(&self, activity: &Activity) -> Value {
        let (id, state) = (activity.id, self.state);
        let payment = activity.payment.and_then(|payment| state.payments.get(&payment));
        let refund = activity.refund.and_then(|refund| state.refunds.get(&refund));
        let transaction = payment.map(|one| self.payment(one)).or_else(|| refund.map(|one| self.refund(one)));
        let fee = payment.map_or(Decimal::ZERO, |one| one.gateway_fee);
        let mut fields = object([
            ("id", json!(id)),
            ("uri", self.uri("PaymentActivities", id)),
            ("customerId", json!(activity.customer)),
            ("parentCustomerId", json!(activity.parent)),
            ("status", json!(activity.status.as_str())),
            ("transactionType", json!(activity.kind.as_str())),
            ("source", json!(source(activity))),
            ("method", json!(method_text(activity))),
            ("amount", money(activity.amount, id)),
            ("gatewayFee", money(fee, id)),
            ("currency", self.currency(activity.customer)),
            ("effectiveTimestamp", time(activity.effective, id)),
            ("createdTimestamp", time(activity.created, id + 1)),
            ("transaction", transaction.unwrap_or(Value::Null)),
            ("methodIsAch", json!(activity.method == "ACH")),
            ("isOutsidePayment", json!(matches!(activity.method.as_str(), "Check" | "Cash"))),
            ("paymentGateway", json!("")),
            ("trigger", json!("")),
            ("attemptNumber", json!(attempt(activity))),
            ("invoices", json!([])),
        ]);
        nulls(&mut fields, &["reconciliationId", "triggeringUserId", "customer", "paymentMethod"]);
        Value::Object(fields)
    }
}

/// Who set a payment going: what a person takes at the counter is entered by
/// hand.
pub(in super::super) fn source(activity: &Activity) -> &'static str {
    match activity.method.as_str() {
        "Check" | "Cash" | "DirectDeposit" => "Manual",
        _ => "Automatic",
    }
}

/// The method in words: a card and a bank account show their last digits.
pub(super) fn method_text(activity: &Activity) -> String {
    let digits = 1_000 + activity.customer.rem_euclid(9_000);
    match activity.method.as_str() {
        "CreditCard" => format!("CreditCard (Visa ending in {digits})"),
        "ACH" => format!("ACH (account ending in {digits})"),
        plain => plain.to_owned(),
    }
}

fn attempt(activity: &Activity) -> i64 {
    match activity.status {
        ActivityStatus::Successful => 1,
        ActivityStatus::Failed | ActivityStatus::Unknown => 2,
    }
}
