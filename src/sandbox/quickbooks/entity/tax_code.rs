//! Tax codes: the rates that apply together, and in which order.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{Object, decimal, list as rows, reference};
use super::field::{flag, idle, open, text};
use super::list::{self, read_only};
use super::{Draft, Entity, Field, Sequence};

pub(crate) static ENTITY: Entity = Entity { complete, ..read_only("TaxCode", Sequence::TaxCodes, &[FIELDS]) };

const FIELDS: &[Field] = &[
    text("Name", 100).queryable(),
    text("Description", 100),
    flag("Active").queryable(),
    flag("Taxable"),
    flag("TaxGroup"),
    flag("Hidden"),
    open("SalesTaxRateList"),
    open("PurchaseTaxRateList"),
    text("TaxCodeConfigType", 30),
    idle("AdjustmentTaxRateList"),
];

/// One rate of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) rate: String,
    /// In hundredths: 8 is eight percent.
    pub(crate) percent: Decimal,
    /// Whether it is taken of the amount and the taxes before it.
    pub(crate) on_tax: bool,
}

/// The rates a code takes of a sale, in their order.
pub(crate) fn sales_rates(books: &Books, code: &Object) -> Vec<Applied> {
    let listed = code.get("SalesTaxRateList").and_then(Value::as_object);
    let details = listed.map_or(&[][..], |list| rows(list, "TaxRateDetail"));
    let mut details: Vec<&Object> = details.iter().filter_map(Value::as_object).collect();
    details.sort_by_key(|detail| decimal(detail, "TaxOrder"));
    let applied = details.into_iter().filter_map(|detail| {
        let id = reference(detail, "TaxRateRef")?;
        let percent = decimal(books.find("TaxRate", id)?, "RateValue");
        let on_tax = detail.get("TaxTypeApplicable").is_some_and(|kind| kind == "TaxOnTax");
        Some(Applied { rate: id.to_owned(), percent, on_tax })
    });
    applied.collect()
}

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    list::complete_name(books, draft, ("TaxCode", "Name"))?;
    let name = draft.text("Name").unwrap_or_default().to_owned();
    draft.default("Description", name);
    let grouped = draft.object.contains_key("SalesTaxRateList");
    draft.default("Taxable", json!(grouped));
    draft.default("TaxGroup", json!(grouped));
    draft.default("Hidden", json!(false));
    draft.default("SalesTaxRateList", json!({ "TaxRateDetail": [] }));
    draft.default("PurchaseTaxRateList", json!({ "TaxRateDetail": [] }));
    draft.default("TaxCodeConfigType", "USER_DEFINED");
    Ok(())
}
