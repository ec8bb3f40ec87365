//! Classes: the segments a company sorts its sales by.

use super::super::books::Books;
use super::super::fault::Fault;
use super::field::{flag, idle, reference, text};
use super::list::{self, list};
use super::{Draft, Entity, Field, Sequence, people};

pub(crate) static ENTITY: Entity = Entity {
    keys: &["Name", "FullyQualifiedName", "ParentRef"],
    complete,
    settle: |books, id, change| people::rename_below(books, id, &ENTITY, change),
    ..list("Class", Sequence::Classes, &[FIELDS])
};

const FIELDS: &[Field] = &[
    text("Name", 100).queryable(),
    text("FullyQualifiedName", 500).queryable().read_only(),
    flag("Active").queryable(),
    flag("SubClass"),
    reference("ParentRef", "Class"),
    idle("ClassEx"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    list::complete_place(books, draft, ("Class", "SubClass"))
}
