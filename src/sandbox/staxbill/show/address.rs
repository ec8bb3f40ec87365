//! Addresses, countries and billing settings.

use serde_json::{Map, Value, json};

use super::View;
use crate::sandbox::staxbill::forms::{nulls, object, time};
use crate::sandbox::staxbill::records::{Address, Customer, NewCustomer};

/// Billing addresses are numbered from here on, shipping addresses from
/// [`SHIPPING`] on, each by its customer.
const BILLING: i64 = 400_000;
/// See [`BILLING`]; far enough away for any account.
const SHIPPING: i64 = 200_400_000;

/// ISO 3166: numeric, name, and both codes.
const COUNTRIES: [(i64, &str, &str, &str); 11] = [
    (36, "Australia", "AU", "AUS"),
    (124, "Canada", "CA", "CAN"),
    (203, "Czech Republic", "CZ", "CZE"),
    (250, "France", "FR", "FRA"),
    (276, "Germany", "DE", "DEU"),
    (392, "Japan", "JP", "JPN"),
    (410, "South Korea", "KR", "KOR"),
    (484, "Mexico", "MX", "MEX"),
    (724, "Spain", "ES", "ESP"),
    (826, "United Kingdom", "GB", "GBR"),
    (840, "United States", "US", "USA"),
];

/// Id, country, name and code of the states that addresses here name.
const STATES: [(i64, i64, &str, &str); 6] = [
    (1, 840, "California", "CA"),
    (2, 840, "New York", "NY"),
    (3, 840, "Texas", "TX"),
    (10, 124, "Ontario", "ON"),
    (11, 124, "Quebec", "QC"),
    (12, 124, "British Columbia", "BC"),
];

impl View<'_> {
    pub(in super::super) fn address_preference(&self, id: i64, entered: &NewCustomer) -> Value {
        let name = [&entered.first_name, &entered.last_name];
        let name: Vec<&str> = name.into_iter().filter_map(Option::as_deref).collect();
        let contact = (!name.is_empty()).then(|| name.join(" "));
        let (billing, shipping) = (entered.billing_address.as_ref(), entered.shipping_address.as_ref());
        Value::Object(object([
            ("id", json!(id)),
            ("uri", self.uri("customerAddressPreferences", id)),
            ("contactName", json!(contact)),
            ("shippingInstructions", Value::Null),
            ("useBillingAddressAsShippingAddress", json!(shipping.is_none())),
            ("billingAddress", self.address_or_null((id, BILLING), entered, billing)),
            ("shippingAddress", self.address_or_null((id, SHIPPING), entered, shipping)),
        ]))
    }

    /// `Addresses/{id}`.
    pub(in super::super) fn address(&self, id: i64) -> Option<Value> {
        [SHIPPING, BILLING].into_iter().find_map(|first| {
            let entered = &self.state.customers.get(&id.checked_sub(first)?)?.fields;
            let address = if first == BILLING { &entered.billing_address } else { &entered.shipping_address };
            Some(self.address_or_null((id - first, first), entered, Some(address.as_ref()?)))
        })
    }

    fn address_or_null(
        &self,
        (customer, first): (i64, i64),
        entered: &NewCustomer,
        address: Option<&Address>,
    ) -> Value {
        let Some(address) = address else { return Value::Null };
        let country = COUNTRIES.iter().find(|one| one.1 == address.country).map(|one| one.0);
        let state = STATES.iter().find(|one| one.2 == address.state && Some(one.1) == country);
        let id = first + customer;
        Value::Object(object([
            ("id", json!(id)),
            ("uri", self.uri("Addresses", id)),
            ("customerAddressPreferenceId", json!(customer)),
            ("companyName", json!(entered.company_name)),
            ("line1", json!(address.line1)),
            ("line2", Value::Null),
            ("city", json!(address.city)),
            ("postalZip", json!(address.postal_zip)),
            ("countryId", json!(country)),
            ("country", json!(address.country)),
            ("stateId", json!(state.map(|one| one.0))),
            ("state", json!(address.state)),
            ("addressType", json!(if first == BILLING { "Billing" } else { "Shipping" })),
            ("valid", json!(true)),
        ]))
    }

    /// `customerbillingsetting/{customerId}`: how it is billed.
    pub(in super::super) fn billing_setting(&self, customer: &Customer) -> Value {
        let id = customer.id;
        let mut fields: Map<String, Value> = object([
            ("id", json!(id)),
            ("uri", self.uri("customerBillingSetting", id)),
            ("term", json!("Net30")),
            ("interval", json!("Monthly")),
            ("autoCollect", json!(true)),
            ("autoPostDraftInvoice", json!(true)),
            ("taxExempt", json!(false)),
            ("modifiedTimestamp", time(customer.modified, id)),
        ]);
        nulls(&mut fields, &["rechargeType", "standingPo", "billingPeriodStart", "taxExemptCode"]);
        Value::Object(fields)
    }
}

/// `Countries`, each with its states.
pub(in super::super) fn countries() -> Value {
    let of = |(id, name, iso, iso3): &(i64, &str, &str, &str)| {
        let states = STATES.iter().filter(|one| one.1 == *id);
        let state = |(state, _, name, code): &(i64, i64, &str, &str)| {
            json!({
                "id": state, "name": name, "subdivisionIsoCode": code,
                "combinedIsoCode": format!("{iso}-{code}"),
            })
        };
        json!({ "id": id, "name": name, "iso": iso, "iso3": iso3, "states": states.map(state).collect::<Vec<_>>() })
    };
    COUNTRIES.iter().map(of).collect()
}
