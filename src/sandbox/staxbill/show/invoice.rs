//! Posted invoices with and without lines, their summaries, and allocations
//! seen from them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::View;
use super::payment::method_text;
use crate::sandbox::staxbill::columns::SummaryRow;
use crate::sandbox::staxbill::forms::{money, money_or_text, nulls, object, time};
use crate::sandbox::staxbill::records::{Charge, ChargeSource, Discount, Invoice};

/// How an invoice's lines are to be shown.
#[derive(Clone, Copy)]
pub(in super::super) struct Detail {
    pub(in super::super) lines: bool,
    pub(in super::super) zero_charges: bool,
    pub(in super::super) grouped: bool,
}

/// The state of one instalment. There is none of the whole invoice.
pub(in super::super) fn schedule_status(
    invoice: &Invoice,
    (schedule, unsettled): (usize, bool),
    now: Timestamp,
) -> &'static str {
    let paid = invoice.outstanding_of(schedule).is_zero();
    if paid && invoice.reversed == invoice.amount() && !invoice.reversed.is_zero() {
        "Void"
    } else if paid && !invoice.written_off.is_zero() {
        "WrittenOff"
    } else if paid && unsettled {
        "Pending"
    } else if paid {
        "Paid"
    } else if invoice.schedules.get(schedule).is_some_and(|one| one.due < now) {
        "Overdue"
    } else {
        "Due"
    }
}

impl View<'_> {
    pub(in super::super) fn invoice(&self, invoice: &Invoice, detail: Detail) -> Value {
        let id = invoice.id;
        let mut fields = object([
            ("id", json!(id)),
            ("uri", self.uri("Invoices", id)),
            ("invoiceNumber", json!(invoice.number)),
            ("invoiceSignature", json!("<p>Thank you for your business.</p>")),
            ("poNumber", json!(invoice.po_number)),
            ("effectiveTimestamp", time(invoice.effective, id)),
            ("postedTimestamp", time(invoice.posted, id + 1)),
            ("createdTimestamp", time(invoice.posted, id + 2)),
            ("modifiedTimestamp", time(invoice.modified, id + 3)),
            ("unsettled", json!(self.state.is_unsettled(invoice))),
            ("terms", terms(invoice)),
            ("defaultTerms", json!("Net30")),
            ("isDefaultTerms", json!(invoice.schedules.iter().all(|one| one.due_days == 30))),
            ("customerId", json!(invoice.customer)),
            ("invoiceCustomer", self.snapshot(invoice.customer, &invoice.snapshot)),
            (
                "invoiceCustomerAddressPreference",
                self.address_preference(invoice.customer, &invoice.snapshot),
            ),
            ("taxes", taxes(invoice)),
            ("paymentSchedules", self.schedules(invoice)),
            ("totalInstallments", json!(invoice.schedules.len())),
            ("notes", json!(invoice.notes)),
            ("customerReferenceValue", json!(invoice.snapshot.reference)),
            ("invoiceInMemoryOnly", json!(false)),
            ("quickBooksId", json!(invoice.quickbooks_id)),
            ("datePaid", invoice.settled.map_or(Value::Null, |at| time(at, id))),
        ]);
        fields.extend(amounts(invoice));
        fields.extend(self.lines(invoice, detail));
        nulls(&mut fields, &["netsuiteId", "salesforceId", "avalaraId"]);
        Value::Object(fields)
    }

    /// The lines: in `charges`, or in `chargeGroups` where asked for, the
    /// other being null; both null where a list shows none.
    fn lines(&self, invoice: &Invoice, detail: Detail) -> Map<String, Value> {
        let shown = |charge: &&Charge| detail.zero_charges || !charge.amount.is_zero();
        let charges = || invoice.charges.iter().filter(shown).map(|charge| self.charge(invoice, charge));
        let (flat, grouped) = match (detail.lines, detail.grouped) {
            (false, _) => (Value::Null, Value::Null),
            (true, false) => (charges().collect(), Value::Null),
            (true, true) => {
                let mut group = object([("charges", charges().collect())]);
                nulls(&mut group, &["name", "description", "reference"]);
                (Value::Null, json!([group]))
            }
        };
        object([("charges", flat), ("chargeGroups", grouped)])
    }

    /// A line. Nothing here names the product: one has to follow the
    /// subscription product or the purchase.
    fn charge(&self, invoice: &Invoice, charge: &Charge) -> Value {
        let id = charge.id;
        let (subscription_product, purchase) = match charge.source {
            ChargeSource::SubscriptionProduct(source) => {
                (json!({ "id": source, "uri": self.uri("subscriptionProducts", source) }), Value::Null)
            }
            ChargeSource::Purchase(source) => {
                (Value::Null, json!({ "id": source, "uri": self.uri("Purchases", source) }))
            }
            ChargeSource::Neither => (Value::Null, Value::Null),
        };
        let mut fields = object([
            ("id", json!(id)),
            ("name", json!(charge.name)),
            ("description", json!(charge.description)),
            ("quantity", money(charge.quantity, id)),
            ("unitPrice", money(charge.unit_price, id + 1)),
            ("amount", money(charge.amount, id + 2)),
            ("glCode", json!(charge.gl_code)),
            ("effectiveTimestamp", time(invoice.effective, id)),
            ("startServiceDate", time(invoice.effective, id + 1)),
            ("endServiceDate", time(invoice.effective, id + 2)),
            ("isReversable", json!(charge.reversed < charge.amount)),
            ("discounts", self.discounts(invoice, charge)),
            ("subscriptionProduct", subscription_product),
            ("purchase", purchase),
            ("chargeTiers", json!([])),
        ]);
        nulls(&mut fields, &["proratedUnitPrice", "rangeQuantity", "discount", "netsuiteChargeItem"]);
        Value::Object(fields)
    }

    fn discounts(&self, invoice: &Invoice, charge: &Charge) -> Value {
        let of = |discount: &Discount| {
            let id = discount.id;
            Value::Object(object([
                ("id", json!(id)),
                ("uri", self.uri("Discounts", id)),
                ("configuredDiscountAmount", money(discount.amount, id)),
                ("amount", money(discount.amount, id + 1)),
                ("discountType", json!("Amount")),
                ("effectiveTimestamp", time(invoice.effective, id)),
                ("description", Value::Null),
            ]))
        };
        charge.discounts.iter().map(of).collect()
    }

    fn schedules(&self, invoice: &Invoice) -> Value {
        let (id, unsettled) = (invoice.id, self.state.is_unsettled(invoice));
        let one = |(place, schedule): (usize, &crate::sandbox::staxbill::records::Schedule)| {
            Value::Object(object([
                ("dueDateTimestamp", time(schedule.due, id)),
                ("status", json!(schedule_status(invoice, (place, unsettled), self.now))),
                ("amount", money(schedule.amount, id + 1)),
                ("outstandingBalance", money(invoice.outstanding_of(place), id + 2)),
                ("daysDueAfterTerm", json!(schedule.due_days)),
            ]))
        };
        invoice.schedules.iter().enumerate().map(one).collect()
    }

    /// One instalment's row. The amounts are those of the whole invoice.
    pub(in super::super) fn summary(&self, row: SummaryRow<'_>) -> Value {
        let SummaryRow { invoice, schedule, now, .. } = row;
        let (id, fields) = (invoice.id, &invoice.snapshot);
        Value::Object(object([
            ("id", json!(id)),
            ("uri", self.uri("Invoices", id)),
            ("invoiceNumber", json!(invoice.number)),
            ("customerId", json!(invoice.customer)),
            ("companyName", json!(fields.company_name)),
            ("firstName", json!(fields.first_name)),
            ("middleName", Value::Null),
            ("lastName", json!(fields.last_name)),
            ("reference", json!(fields.reference)),
            ("currency", json!(fields.currency())),
            ("dueDate", invoice.schedules.get(schedule).map_or(Value::Null, |one| time(one.due, id))),
            ("effectiveTimestamp", time(invoice.effective, id + 1)),
            ("postedTimestamp", time(invoice.posted, id + 2)),
            ("modifiedTimestamp", time(invoice.modified, id + 3)),
            ("sumOfCharges", money(invoice.subtotal(), id)),
            ("invoiceAmount", money(invoice.amount(), id + 1)),
            ("totalPayments", money(invoice.paid, id + 2)),
            ("totalCreditNotes", money(invoice.reversed, id)),
            ("writeoffs", money(invoice.written_off, id + 3)),
            ("outstandingBalance", money(invoice.outstanding(), id + 4)),
            ("unsettled", json!(row.unsettled)),
            ("quickBooksId", json!(invoice.quickbooks_id.map(|id| id.to_string()))),
            ("invoiceStatus", json!(schedule_status(invoice, (schedule, row.unsettled), now))),
        ]))
    }

    /// The payments on an invoice, seen from the invoice.
    pub(in super::super) fn payment_allocations(&self, invoice: &Invoice) -> Vec<Value> {
        let payments = invoice.payments.iter().filter_map(|id| self.state.payments.get(id));
        let on_invoice = payments.flat_map(|payment| {
            let here = payment.allocations.iter().filter(|one| one.invoice == invoice.id);
            here.map(move |one| (payment, one))
        });
        on_invoice
            .map(|(payment, allocation)| {
                let activity = self.state.activities.get(&payment.activity);
                let fields = object([
                    ("paymentId", json!(payment.id)),
                    ("invoiceId", json!(invoice.id)),
                    ("amount", money_or_text(allocation.amount, payment.id)),
                    ("paymentEffectiveTimestamp", time(payment.effective, payment.id)),
                    ("effectiveTimestamp", time(allocation.at, payment.id + 1)),
                    ("paymentMethod", json!(activity.map(method_text))),
                    ("paymentReference", json!(payment.reference)),
                    ("paymentActivityId", json!(payment.activity)),
                    ("parentCustomerId", json!(activity.and_then(|one| one.parent))),
                    ("surchargingFee", payment.surcharge.map_or(Value::Null, |fee| money(fee, payment.id))),
                ]);
                Value::Object(fields)
            })
            .collect()
    }
}

fn amounts(invoice: &Invoice) -> Map<String, Value> {
    let id = invoice.id;
    object([
        ("subtotal", money(invoice.subtotal(), id)),
        ("invoiceAmount", money(invoice.amount(), id + 1)),
        ("totalPayments", money(invoice.paid, id + 2)),
        ("outstandingBalance", money(invoice.outstanding(), id + 3)),
        ("sumOfCreditNotes", money(invoice.reversed, id)),
        ("totalWriteoffs", money(invoice.written_off, id + 1)),
        ("totalDiscount", money(invoice.discounts(), id + 4)),
        ("openingArBalance", money(invoice.opening_balance, id)),
        ("closingArBalance", money(invoice.opening_balance + invoice.amount(), id + 1)),
    ])
}

fn taxes(invoice: &Invoice) -> Value {
    let id = invoice.id;
    let one = |tax: &crate::sandbox::staxbill::records::Tax| {
        Value::Object(object([
            ("name", json!(tax.name)),
            ("registrationCode", Value::Null),
            ("percent", money(tax.percent, id)),
            ("total", money(tax.total, id + 1)),
        ]))
    };
    invoice.taxes.iter().map(one).collect()
}

fn terms(invoice: &Invoice) -> Value {
    let days = invoice.schedules.first().map_or(0, |one| one.due_days);
    let known = [0, 5, 7, 10, 15, 21, 30, 45, 60, 75, 90].contains(&days);
    if known { Value::String(format!("Net{days}")) } else { Value::Null }
}
