//! Payment methods: how money came in, as cash, by cheque or by card.

use super::super::books::Books;
use super::super::fault::Fault;
use super::field::{flag, idle, text};
use super::list::{self, list};
use super::{Draft, Entity, Field, Sequence};

pub(crate) static ENTITY: Entity =
    Entity { complete, ..list("PaymentMethod", Sequence::PaymentMethods, &[FIELDS]) };

const FIELDS: &[Field] = &[
    text("Name", 31).queryable(),
    flag("Active").queryable(),
    text("Type", 30).queryable(),
    idle("PaymentMethodEx"),
];

const TYPES: &[&str] = &["CREDIT_CARD", "NON_CREDIT_CARD"];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    list::complete_name(books, draft, ("PaymentMethod", "Name"))?;
    draft.default("Type", "NON_CREDIT_CARD");
    let kind = draft.text("Type").unwrap_or_default();
    if TYPES.contains(&kind) {
        return Ok(());
    }
    Err(Fault::bad_value("2170", "Invalid Enumeration", "Type", kind))
}
