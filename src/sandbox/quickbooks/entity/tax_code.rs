//! Tax codes: the rates that apply together, and in which order.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::field::{flag, idle, open, text};
use super::list::{self, read_only};
use super::{Draft, Entity, Field, Sequence};

pub(crate) static ENTITY: Entity = Entity { complete, ..read_only("TaxCode", Sequence::TaxCodes, FIELDS) };

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
