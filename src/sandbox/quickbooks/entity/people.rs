//! Names of customers, vendors and employees, which share one space: no two
//! active ones may have the same.

use serde_json::json;

use super::super::books::{Books, Token};
use super::super::fault::Fault;
use super::super::json::{Object, flag, reference, text};
use super::super::shelf::Kept;
use super::{Change, Draft, Entity};

/// What an inactive name ends in, in every answer.
const DELETED: &str = " (deleted)";

const SHARED: &[&str] = &["Customer", "Vendor", "Employee"];

/// The parts a missing `DisplayName` is made of, in order.
const PARTS: &[&str] = &["Title", "GivenName", "MiddleName", "FamilyName", "Suffix"];

/// Settles the names of a person or company.
pub(crate) fn complete_names(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    for part in PARTS.iter().chain(&["DisplayName", "CompanyName", "PrintOnCheckName"]) {
        check_characters(part, draft.text(part).unwrap_or_default())?;
    }
    let sent = draft.text("DisplayName").map(|name| bare(name).trim().to_owned());
    let name = sent.unwrap_or_else(|| joined(draft, PARTS));
    if name.is_empty() {
        return Err(Fault::missing("DisplayName"));
    }
    if draft.active() && has_namesake(books, draft, &name) {
        return Err(Fault::name_taken());
    }
    let person = Some(joined(draft, &["GivenName", "FamilyName"])).filter(|person| !person.is_empty());
    let printed = draft.text("CompanyName").map(str::to_owned).or(person).unwrap_or_else(|| name.clone());
    draft.default("PrintOnCheckName", printed);
    draft.default("Active", json!(true));
    draft.set("DisplayName", shown(&name, draft.active()));
    Ok(())
}

/// Settles the name of an account or item under its parent, if it has one.
pub(crate) fn complete_name(books: &Books, draft: &mut Draft<'_>, entity: &'static str) -> Result<(), Fault> {
    let name = bare(draft.text("Name").ok_or_else(|| Fault::missing("Name"))?).trim().to_owned();
    check_characters("Name", &name)?;
    draft.default("Active", json!(true));
    let full = qualified(books, draft, entity, &name)?;
    if draft.active() && is_taken(books, &[entity], draft.id, ("FullyQualifiedName", &full)) {
        return Err(Fault::name_taken());
    }
    draft.set("Name", shown(&name, draft.active()));
    draft.set("FullyQualifiedName", shown(&full, draft.active()));
    Ok(())
}

/// Nothing may stand below itself, at however many steps.
pub(crate) fn check_parent(books: &Books, draft: &Draft<'_>, entity: &str) -> Result<(), Fault> {
    let own = draft.id.map(|id| id.to_string());
    let mut above = draft.reference("ParentRef").map(str::to_owned);
    while let Some(id) = above {
        if Some(&id) == own.as_ref() {
            return Err(Fault::new(
                "900",
                "Parent cannot be child",
                "An object cannot be its own parent or child.",
            ));
        }
        above = books.find(entity, &id).and_then(|parent| reference(parent, "ParentRef")).map(str::to_owned);
    }
    Ok(())
}

/// The name with those above it: `Parent:Child`, at most five levels with what
/// stands below. The parent has been checked.
pub(crate) fn qualified(books: &Books, draft: &Draft<'_>, entity: &str, name: &str) -> Result<String, Fault> {
    let parent = draft.reference("ParentRef").and_then(|id| books.find(entity, id));
    let above = parent.and_then(|parent| parent.get("FullyQualifiedName")?.as_str());
    let full = above.map_or_else(|| name.to_owned(), |above| format!("{}:{name}", bare(above)));
    let below = draft.id.map_or(0, |id| levels_below(books, id, entity));
    if full.split(':').count() + below > 5 {
        return Err(Fault::business("You can only have up to five levels of sub-names."));
    }
    Ok(full)
}

/// How many levels stand below an object.
fn levels_below(books: &Books, id: u64, entity: &str) -> usize {
    let id = id.to_string();
    let children = books.shelf(entity).with("ParentRef", &id);
    children.map(|child| 1 + levels_below(books, child, entity)).max().unwrap_or(0)
}

/// A name as answers show it.
pub(crate) fn shown(name: &str, active: bool) -> String {
    if active { name.to_owned() } else { format!("{name}{DELETED}") }
}

/// A name without the mark of inactivity.
pub(crate) fn bare(name: &str) -> &str {
    name.strip_suffix(DELETED).unwrap_or(name)
}

fn joined(draft: &Draft<'_>, parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().filter_map(|part| draft.text(part)).collect();
    parts.join(" ")
}

/// Colons mean hierarchy; tabs and line breaks never belong into a name.
pub(crate) fn check_characters(property: &str, name: &str) -> Result<(), Fault> {
    if name.contains([':', '\t', '\n', '\r']) { Err(Fault::characters(property)) } else { Ok(()) }
}

/// Whether somebody active bears the name. Customers below different parents
/// may bear the same (recorded), because their full names differ.
fn has_namesake(books: &Books, draft: &Draft<'_>, name: &str) -> bool {
    SHARED.iter().any(|entity| {
        let shelf = books.shelf(entity);
        shelf.with("DisplayName", name).filter(|id| Some(*id) != draft.id).any(|id| {
            shelf.get(id).is_some_and(|kept| {
                let elsewhere = *entity == "Customer"
                    && reference(&kept.object, "ParentRef") != draft.reference("ParentRef");
                flag(&kept.object, "Active").unwrap_or(true) && !elsewhere
            })
        })
    })
}

/// Ids of people come from one sequence, so `own` is nobody else's id.
pub(crate) fn is_taken(
    books: &Books,
    entities: &[&'static str],
    own: Option<u64>,
    (property, name): (&'static str, &str),
) -> bool {
    let active = |kept: &Kept| flag(&kept.object, "Active").unwrap_or(true);
    entities.iter().any(|entity| {
        let shelf = books.shelf(entity);
        shelf.with(property, name).any(|id| Some(id) != own && shelf.get(id).is_some_and(active))
    })
}

/// Carries a new name or place over to the full names and levels of what stands
/// below.
pub(crate) fn rename_below(books: &mut Books, id: u64, entity: &'static Entity, change: Change<'_>) {
    let full = |object: Option<&Object>| {
        object.and_then(|object| text(object, "FullyQualifiedName")).map(str::to_owned)
    };
    let (Some(before), Some(after)) = (full(change.old), full(change.new)) else { return };
    if before == after {
        return;
    }
    let children: Vec<u64> = books.shelf(entity.name).with("ParentRef", &id.to_string()).collect();
    for child in children {
        let Some(kept) = books.shelf(entity.name).get(child) else { continue };
        let old = kept.object.clone();
        let own = text(&old, entity.name_property.unwrap_or("Name")).unwrap_or_default();
        let mut new = old.clone();
        let name = format!("{}:{own}", bare(&after));
        if new.contains_key("Level") {
            new.insert("Level".into(), json!(name.split(':').count() - 1));
        }
        new.insert("FullyQualifiedName".into(), json!(name));
        books.put(entity, child, new.clone(), Token::Stay);
        rename_below(books, child, entity, Change { old: Some(&old), new: Some(&new) });
    }
}
