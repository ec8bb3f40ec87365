//! Tax agencies: to whom collected tax is owed.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::field::{date, flag, idle, text};
use super::list::{self, read_only};
use super::{Draft, Entity, Field, Sequence};

pub(crate) static ENTITY: Entity = Entity {
    keys: &["DisplayName"],
    name_property: Some("DisplayName"),
    complete,
    ..read_only("TaxAgency", Sequence::TaxAgencies, &[FIELDS])
};

const FIELDS: &[Field] = &[
    text("DisplayName", 100).queryable(),
    text("TaxRegistrationNumber", 20),
    flag("TaxTrackedOnPurchases"),
    flag("TaxTrackedOnSales"),
    text("TaxAgencyConfig", 40),
    date("LastFileDate"),
    idle("ReportingFrequency"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    list::complete_name(books, draft, ("TaxAgency", "DisplayName"))?;
    // An agency is never made inactive and does not say that it is active.
    draft.object.remove("Active");
    draft.default("TaxTrackedOnPurchases", json!(false));
    draft.default("TaxTrackedOnSales", json!(true));
    draft.default("TaxAgencyConfig", "USER_DEFINED");
    Ok(())
}
