//! Payments, their activities, and allocations seen from them.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::View;
use crate::sandbox::staxbill::forms::{money, nulls, object, time};
use crate::sandbox::staxbill::records::{Activity, ActivityStatus, Allocation, Payment};

impl View<'_> {
    pub(in super::super) fn payment(&self, payment: &Payment) -> Value {
        let id = payment.id;
        let currency = self.state.customers.get(&payment.customer).map_or("USD", |owner| owner.currency());
        let mut fields = object([
            ("id", json!(id)),
            ("uri", self.uri("payments", id)),
            ("paymentActivityId", json!(payment.activity)),
            ("originalPaymentActivityId", Value::Null),
            ("reference", json!(payment.reference)),
            ("description", Value::Null),
            ("effectiveTimestamp", time(payment.effective, id)),
            ("referenceDate", time(payment.effective, id + 1)),
            ("customerId", json!(payment.customer)),
            ("amount", money(payment.amount, id)),
            ("currency", json!(currency)),
            ("invoiceAllocations", payment.allocations.iter().map(|one| self.allocation(one)).collect()),
            ("refunds", json!([])),
            ("unallocatedAmount", money(payment.unallocated(), id + 1)),
            ("refundableAmount", money(payment.amount, id + 2)),
            ("gatewayFee", money(Decimal::ZERO, id)),
            ("sendToQuickbooksOnline", json!(payment.send_to_quickbooks_online)),
            ("quickBooksId", json!(payment.quickbooks_id)),
            ("quickBooksAttemptNumber", json!(i64::from(payment.quickbooks_id.is_some()))),
            ("sendToNetsuite", json!(false)),
            ("sageIntacctAttemptNumber", json!(0)),
            ("syncedToSageIntacct", json!(false)),
        ]);
        nulls(
            &mut fields,
            &["surchargingFee", "settlement", "disputeStatus", "disputeId", "netsuiteId", "sageIntacctId"],
        );
        Value::Object(fields)
    }

    /// Here, and here alone among documents, the QuickBooks id has a small b;
    /// the invoice's balance is the present one.
    fn allocation(&self, allocation: &Allocation) -> Value {
        let id = allocation.invoice;
        let invoice = self.state.invoices.get(&id);
        let mut fields = object([
            ("invoiceId", json!(id)),
            ("invoiceNumber", json!(invoice.map(|one| one.number))),
            ("amount", money(allocation.amount, id)),
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
        let id = activity.id;
        let payment = activity.payment.and_then(|payment| self.state.payments.get(&payment));
        let owner = self.state.customers.get(&activity.customer);
        let mut fields = object([
            ("id", json!(id)),
            ("uri", self.uri("PaymentActivities", id)),
            ("customerId", json!(activity.customer)),
            ("status", json!(activity.status.as_str())),
            ("transactionType", json!(activity.kind.as_str())),
            ("source", json!(source(activity))),
            ("method", json!(method_text(activity))),
            ("amount", money(activity.amount, id)),
            ("gatewayFee", money(Decimal::ZERO, id)),
            ("currency", json!(owner.map_or("USD", |owner| owner.currency()))),
            ("effectiveTimestamp", time(activity.effective, id)),
            ("createdTimestamp", time(activity.created, id + 1)),
            ("transaction", payment.map_or(Value::Null, |payment| self.payment(payment))),
            ("methodIsAch", json!(activity.method == "ACH")),
            ("isOutsidePayment", json!(matches!(activity.method.as_str(), "Check" | "Cash"))),
            ("paymentGateway", json!("")),
            ("trigger", json!("")),
            ("attemptNumber", json!(attempt(activity))),
            ("invoices", json!([])),
        ]);
        nulls(
            &mut fields,
            &["parentCustomerId", "reconciliationId", "triggeringUserId", "customer", "paymentMethod"],
        );
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
        ActivityStatus::Failed => 2,
    }
}
