//! Customer types: groups of customers that are made at the company's screens
//! and that the API only reads.

use super::field::{flag, text};
use super::list::{self, read_only};
use super::{Entity, Field, Sequence};

pub(crate) static ENTITY: Entity = Entity {
    complete: |books, draft| list::complete_name(books, draft, ("CustomerType", "Name")),
    ..read_only("CustomerType", Sequence::CustomerTypes, &[FIELDS])
};

const FIELDS: &[Field] = &[text("Name", 100).queryable(), flag("Active").queryable()];
