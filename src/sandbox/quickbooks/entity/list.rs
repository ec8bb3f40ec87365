//! What the short lists have in common: terms, classes, payment methods and
//! the like have a name of their own and little else.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::flag;
use super::{Class, Draft, Entity, Field, Sequence, Voiding, people};

/// A list without rules of its own; its file adds them.
pub(crate) const fn list(
    name: &'static str,
    sequence: Sequence,
    parts: &'static [&'static [Field]],
) -> Entity {
    Entity {
        name,
        class: Class::List,
        sequence,
        parts,
        keys: &["Name"],
        name_property: Some("Name"),
        counted: false,
        voiding: Voiding::Never,
        complete: |_, _| Ok(()),
        entries: super::posts_nothing,
        blank: super::stays,
        settle: super::settles_nothing,
    }
}

/// A list of which a client may read everything and write nothing.
pub(crate) const fn read_only(
    name: &'static str,
    sequence: Sequence,
    parts: &'static [&'static [Field]],
) -> Entity {
    let mut entity = list(name, sequence, parts);
    entity.class = Class::ReadOnly;
    entity
}

/// Settles the name of something that stands below nothing. Two active ones of
/// a list may not share a name, in any case of letters.
pub(crate) fn complete_name(
    books: &Books,
    draft: &mut Draft<'_>,
    (entity, property): (&'static str, &'static str),
) -> Result<(), Fault> {
    let sent = draft.text(property).ok_or_else(|| Fault::missing(property))?;
    let name = people::bare(sent).trim().to_owned();
    people::check_characters(property, &name)?;
    draft.default("Active", json!(true));
    if draft.active() && people::is_taken(books, &[entity], draft.id, (property, &name)) {
        return Err(Fault::name_taken());
    }
    draft.set(property, people::shown(&name, draft.active()));
    Ok(())
}

/// Settles the name and place of something that may stand below another of its
/// kind, and says under `nested` whether it does.
pub(crate) fn complete_place(
    books: &Books,
    draft: &mut Draft<'_>,
    (entity, nested): (&'static str, &'static str),
) -> Result<(), Fault> {
    people::check_parent(books, draft, entity)?;
    people::complete_name(books, draft, entity)?;
    let below = draft.reference("ParentRef").is_some();
    if flag(draft.sent, nested) == Some(true) && !below {
        return Err(Fault::missing("ParentRef"));
    }
    draft.set(nested, json!(below));
    Ok(())
}
