//! Attachables: files and notes that hang on other objects.

use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{list, object, scalar};
use super::super::normalise::check_keys;
use super::field::{idle, number, open, text};
use super::{Class, Draft, Entity, Field, Known, Sequence, Voiding, lookup};

pub(crate) static ENTITY: Entity = Entity {
    name: "Attachable",
    class: Class::File,
    sequence: Sequence::Files,
    parts: &[FIELDS],
    keys: &["FileName"],
    name_property: None,
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries: super::posts_nothing,
    blank: super::stays,
    settle: super::settles_nothing,
};

const FIELDS: &[Field] = &[
    text("FileName", 1000).queryable(),
    text("Note", 2000),
    text("Category", 100),
    text("ContentType", 100),
    text("PlaceName", 2000),
    text("Lat", 100),
    text("Long", 100),
    text("Tag", 2000),
    open("AttachableRef"),
    number("Size").read_only(),
    text("FileAccessUri", 2000).read_only(),
    text("TempDownloadUri", 4000).read_only(),
    idle("ThumbnailFileAccessUri"),
    idle("ThumbnailTempDownloadUri"),
    idle("AttachableEx"),
];

const LINK: &[&str] =
    &["EntityRef", "LineInfo", "IncludeOnSend", "Inactive", "NoRefOnly", "CustomField", "Ex"];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    if draft.text("FileName").is_none() && draft.text("Note").is_none() {
        return Err(Fault::missing("Note"));
    }
    if draft.sends("AttachableRef") {
        let links: Vec<Value> = list(&draft.object, "AttachableRef")
            .iter()
            .map(|link| linked(books, link))
            .collect::<Result<_, _>>()?;
        draft.set("AttachableRef", links);
    }
    Ok(())
}

/// A link to an object that exists.
fn linked(books: &Books, link: &Value) -> Result<Value, Fault> {
    let mut link = object(link.clone());
    check_keys(&link, "AttachableRef", LINK)?;
    link.entry("IncludeOnSend").or_insert(json!(false));
    let Some(target) = link.get("EntityRef") else { return Ok(Value::Object(link)) };
    let id = target.get("value").and_then(scalar).ok_or_else(|| Fault::missing("EntityRef.value"))?;
    let kind = target.get("type").and_then(scalar).ok_or_else(|| Fault::missing("EntityRef.type"))?;
    let (name, there) = match lookup(&kind) {
        Some(Known::Carried(entity)) => (entity.name, books.find(entity.name, &id).is_some()),
        Some(Known::Empty(name)) => (name, false),
        None => return Err(unsupported(&kind)),
    };
    if !there {
        let text = format!("The entity {name} {id} that you are trying to link does not exist. {name} {id}");
        return Err(Fault::business(&text));
    }
    link.insert("EntityRef".into(), json!({ "value": id, "type": name }));
    Ok(Value::Object(link))
}

fn unsupported(kind: &str) -> Fault {
    Fault::known("6050").because(format!("The entity reference type {kind} is unsupported for Attachable"))
}
