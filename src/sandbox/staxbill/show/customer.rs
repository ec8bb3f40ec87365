//! Customers and their overview.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::View;
use crate::sandbox::staxbill::forms::{money, nulls, object, time};
use crate::sandbox::staxbill::records::{
    ActivityStatus, Credit, Customer, Invoice, LatchType, NewCustomer, Payment,
};

impl View<'_> {
    pub(in super::super) fn customer(&self, customer: &Customer) -> Value {
        Value::Object(self.customer_fields(customer))
    }

    /// The customer with its balances. Here the QuickBooks id is spelled with
    /// a small b.
    pub(in super::super) fn overview(&self, customer: &Customer) -> Value {
        let (id, state) = (customer.id, self.state);
        let unallocated: Decimal = state.payments_of(id).map(Payment::unallocated).sum();
        let credits = |opening: bool| -> Decimal {
            state.credits_of(id).filter(|one| one.opening == opening).map(Credit::unallocated).sum()
        };
        let unknown = state.activities_of(id).filter(|one| one.status == ActivityStatus::Unknown);
        let parent = customer.fields.parent.and_then(|parent| state.customers.get(&parent));
        let lifetime: Decimal = self.state.invoices_of(id).map(Invoice::amount).sum();
        let mut fields = self.customer_fields(customer);
        fields.remove("quickBooksId");
        fields.extend(object([
            ("quickbooksId", json!(customer.quickbooks_id)),
            ("pendingCharges", money(Decimal::ZERO, id)),
            ("arBalance", money(customer.balance, id + 1)),
            ("unallocatedPayments", money(unallocated, id + 2)),
            ("unallocatedCredits", money(credits(false), id)),
            ("unallocatedOpeningBalance", money(credits(true), id + 4)),
            ("parentName", json!(parent.and_then(|one| one.fields.company_name.as_deref()))),
            ("unknownPaymentActivityId", json!(unknown.last().map(|one| one.id))),
            ("lifetimeValue", money(lifetime, id + 3)),
            ("customerAccountStatusTimestamp", time(customer.created, id)),
            ("statusTimestamp", time(customer.modified, id)),
        ]));
        nulls(
            &mut fields,
            &[
                "daysUntilSuspension",
                "daysUntilCancellation",
                "nextBillingDate",
                "sageIntacctId",
                "avalaraId",
            ],
        );
        Value::Object(fields)
    }

    fn customer_fields(&self, customer: &Customer) -> Map<String, Value> {
        let (id, entered) = (customer.id, &customer.fields);
        let mut fields = identity(entered);
        fields.extend(object([
            ("id", json!(id)),
            ("uri", self.uri("customers", id)),
            ("status", json!(entered.status.as_str())),
            ("customerAccountStatus", json!("Good")),
            ("currency", json!(customer.currency())),
            ("canChangeCurrency", json!(self.state.invoices_of(id).next().is_none())),
            ("customerReference", self.reference(id)),
            ("customerAcquisition", self.acquisition(id)),
            ("monthlyRecurringRevenue", money(Decimal::ZERO, id)),
            ("netMonthlyRecurringRevenue", money(Decimal::ZERO, id + 1)),
            ("netsuiteSynchStatus", json!("")),
            ("netsuiteCustomerType", json!("")),
            ("parentId", json!(entered.parent)),
            ("isParent", json!(self.state.is_parent(id))),
            ("quickBooksLatchType", json!(customer.latch_type().map(LatchType::as_str))),
            ("quickBooksId", json!(customer.quickbooks_id)),
            ("quickBooksSyncToken", json!(customer.quickbooks_id.map(|_| 0))),
            ("createdTimestamp", time(customer.created, id)),
            ("modifiedTimestamp", time(customer.modified, id + 1)),
            ("requiresProjectedInvoiceGeneration", json!(false)),
            ("requiresFinancialCalendarGeneration", json!(false)),
        ]));
        nulls(
            &mut fields,
            &[
                "salesforceId",
                "salesforceAccountType",
                "salesforceSynchStatus",
                "netsuiteId",
                "portalUserName",
                "hubSpotId",
                "hubSpotCompanyId",
                "geotabId",
                "digitalRiverId",
            ],
        );
        fields
    }

    fn reference(&self, id: i64) -> Value {
        let mut fields = object([
            ("salesTrackingCodes", json!([])),
            ("id", json!(id)),
            ("uri", self.uri("customers", id)),
        ]);
        nulls(&mut fields, &["reference1", "reference2", "reference3"]);
        Value::Object(fields)
    }

    fn acquisition(&self, id: i64) -> Value {
        let mut fields = object([("id", json!(id)), ("uri", self.uri("customers", id))]);
        nulls(&mut fields, &["adContent", "campaign", "keyword", "landingPage", "medium", "source"]);
        Value::Object(fields)
    }

    /// A customer as an invoice remembers it.
    pub(super) fn snapshot(&self, id: i64, entered: &NewCustomer) -> Value {
        let mut fields = identity(entered);
        fields.extend(object([
            ("id", json!(id)),
            ("uri", self.uri("customers", id)),
            ("currency", json!(entered.currency())),
        ]));
        Value::Object(fields)
    }
}

fn identity(entered: &NewCustomer) -> Map<String, Value> {
    object([
        ("title", json!("")),
        ("firstName", json!(entered.first_name)),
        ("middleName", Value::Null),
        ("lastName", json!(entered.last_name)),
        ("suffix", Value::Null),
        ("companyName", json!(entered.company_name)),
        ("primaryEmail", json!(entered.primary_email)),
        ("secondaryEmail", Value::Null),
        ("primaryPhone", phone(entered.primary_phone.as_deref())),
        ("secondaryPhone", Value::Null),
        ("reference", json!(entered.reference)),
    ])
}

/// A number of nothing but digits arrives as a bare number, as in the
/// vendor's samples.
fn phone(text: Option<&str>) -> Value {
    let digits = text.filter(|text| text.len() <= 15 && !text.starts_with('0'));
    digits.and_then(|text| text.parse::<u64>().ok()).map_or_else(|| json!(text), |number| json!(number))
}
