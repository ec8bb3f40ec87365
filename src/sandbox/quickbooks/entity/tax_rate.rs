//! Tax rates: so many percent, owed to one agency.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::decimal;
use super::super::json::plain;
use super::field::{flag, idle, number, open, reference, text};
use super::list::{self, read_only};
use super::{Draft, Entity, Field, Sequence};

pub(crate) static ENTITY: Entity = Entity { complete, ..read_only("TaxRate", Sequence::TaxRates, &[FIELDS]) };

const FIELDS: &[Field] = &[
    text("Name", 100).queryable(),
    text("Description", 100),
    flag("Active").queryable(),
    number("RateValue"),
    reference("AgencyRef", "TaxAgency"),
    reference("TaxReturnLineRef", ""),
    open("EffectiveTaxRate"),
    text("SpecialTaxType", 30),
    text("DisplayType", 30),
    idle("OriginalTaxRate"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    list::complete_name(books, draft, ("TaxRate", "Name"))?;
    let rate = plain(decimal(&draft.object, "RateValue"));
    draft.set("RateValue", rate.clone());
    draft.default("SpecialTaxType", "NONE");
    draft.default("DisplayType", "ReadOnly");
    let since = format!("{}T00:00:00-08:00", books.today());
    draft.default("EffectiveTaxRate", json!([{ "RateValue": rate, "EffectiveDate": since }]));
    Ok(())
}
