//! Employees: here for their names, which no customer may take.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::field::{address, date, email, flag, idle, number, phone, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, people};

pub(crate) static ENTITY: Entity = Entity {
    name: "Employee",
    class: Class::List,
    sequence: Sequence::Names,
    parts: &[FIELDS],
    keys: &["DisplayName"],
    name_property: Some("DisplayName"),
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries: super::posts_nothing,
    blank: super::stays,
    settle: super::settles_nothing,
};

const FIELDS: &[Field] = &[
    text("DisplayName", 500).queryable(),
    text("Title", 16),
    text("GivenName", 100).queryable(),
    text("MiddleName", 100).queryable(),
    text("FamilyName", 100).queryable(),
    text("Suffix", 16),
    text("PrintOnCheckName", 110).queryable(),
    email("PrimaryEmailAddr"),
    phone("PrimaryPhone"),
    phone("Mobile"),
    address("PrimaryAddr"),
    flag("Active").queryable(),
    flag("BillableTime"),
    text("EmployeeNumber", 100),
    text("SSN", 100),
    date("HiredDate"),
    date("ReleasedDate"),
    date("BirthDate"),
    text("Gender", 10),
    number("BillRate"),
    number("CostRate"),
    idle("Organization"),
    idle("CompanyName"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    if draft.text("GivenName").is_none() && draft.text("FamilyName").is_none() {
        return Err(Fault::missing("GivenName or FamilyName"));
    }
    people::complete_names(books, draft)?;
    draft.default("BillableTime", json!(false));
    Ok(())
}
