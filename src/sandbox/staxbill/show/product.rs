//! Products, and the two records through which a charge leads to one.

use serde_json::{Value, json};

use super::View;
use crate::sandbox::staxbill::forms::{money, nulls, object, time};
use crate::sandbox::staxbill::records::{Charge, Product, ProductType};
use crate::sandbox::staxbill::state::{Purchase, SubscriptionProduct};

impl View<'_> {
    /// `priced` adds what `includePricing` asks for; the shape of a price is
    /// not recorded, so there are none.
    pub(in super::super) fn product(&self, product: &Product, priced: bool) -> Value {
        let id = product.id;
        let mut fields = object([
            ("id", json!(id)),
            ("uri", self.uri("Products", id)),
            ("code", json!(product.code)),
            ("name", json!(product.name)),
            ("productType", json!(product.product_type.as_str())),
            ("status", json!("Active")),
            ("taxExempt", json!(false)),
            ("availableForPurchase", json!(product.product_type != ProductType::RecurringService)),
            ("isTrackingItems", json!(false)),
            ("glCode", json!(product.gl_code)),
            ("deletable", json!(false)),
            ("createdTimestamp", time(product.created, id)),
            ("modifiedTimestamp", time(product.modified, id + 1)),
        ]);
        nulls(
            &mut fields,
            &[
                "description",
                "orderToCashCycle",
                "quantity",
                "avalaraItemCode",
                "avalaraTaxCode",
                "productCustomFields",
            ],
        );
        if priced {
            fields.insert("orderToCashCycles".to_owned(), json!([]));
        }
        Value::Object(fields)
    }

    pub(in super::super) fn product_summary(&self, product: &Product) -> Value {
        Value::Object(object([
            ("id", json!(product.id)),
            ("uri", self.uri("Products", product.id)),
            ("code", json!(product.code)),
            ("name", json!(product.name)),
            ("productType", json!(product.product_type.as_str())),
            ("status", json!("Active")),
            ("glCode", json!(product.gl_code)),
        ]))
    }

    /// Shows the product's code in its plan product.
    pub(in super::super) fn subscription_product(&self, source: &SubscriptionProduct) -> Value {
        let product = self.state.products.get(&source.product);
        let plan_product = object([
            ("id", json!(source.product + 20_000)),
            ("productId", json!(source.product)),
            ("productCode", json!(product.map(|one| one.code.as_str()))),
            ("productName", json!(product.map(|one| one.name.as_str()))),
            ("productType", json!(product.map(|one| one.product_type.as_str()))),
            ("productStatus", json!("Active")),
        ]);
        Value::Object(object([
            ("id", json!(source.id)),
            ("uri", self.uri("subscriptionProducts", source.id)),
            ("subscriptionId", json!(source.customer + 50_000)),
            ("planProduct", Value::Object(plan_product)),
            ("quantity", json!(1)),
            ("isIncluded", json!(true)),
            ("status", json!("Active")),
        ]))
    }

    /// Names the product by id alone; the code is one more request away.
    pub(in super::super) fn purchase(&self, source: &Purchase) -> Value {
        let invoice = self.state.invoices.get(&source.invoice);
        let charge: Option<&Charge> =
            invoice.and_then(|invoice| invoice.charges.iter().find(|one| one.id == source.charge));
        let number = |of: fn(&Charge) -> rust_decimal::Decimal| {
            charge.map_or(Value::Null, |charge| money(of(charge), source.id))
        };
        Value::Object(object([
            ("id", json!(source.id)),
            ("uri", self.uri("Purchases", source.id)),
            ("customerId", json!(source.customer)),
            ("productId", json!(source.product)),
            ("name", json!(charge.map(|one| one.name.as_str()))),
            ("description", json!(charge.and_then(|one| one.description.as_deref()))),
            ("quantity", number(|one| one.quantity)),
            ("price", number(|one| one.unit_price)),
            ("amount", number(|one| one.amount)),
            ("status", json!("Purchased")),
        ]))
    }
}
