//! Batches: up to thirty items, carried out one after another, each with its
//! own outcome.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::books::Books;
use super::entity::{self, Choices, Entity, Known, Voiding};
use super::fault::Fault;
use super::json::{Object, scalar, text};
use super::{cdc, forms, query, write};

/// Items a batch may hold.
const ITEMS_MAX: usize = 30;

/// With a request id, both together must stay within fifty characters.
const REQUEST_ID_MAX: usize = 36;
const ITEM_ID_MAX: usize = 10;

/// Carries out a batch.
///
/// # Errors
///
/// Only for the batch as a whole; a refused item has its fault beside its id.
pub(super) fn answer(books: &mut Books, body: &Object, request_id: Option<&str>) -> Result<Value, Fault> {
    let items = body.get("BatchItemRequest").and_then(Value::as_array);
    let items = items.ok_or_else(|| Fault::missing("BatchItemRequest"))?;
    if items.len() > ITEMS_MAX {
        let detail = format!("The batch holds {} items. Maximum allowed is {ITEMS_MAX}", items.len());
        return Err(Fault::known("1040").because(detail));
    }
    check_ids(items)?;
    if let Some(request_id) = request_id {
        check_lengths(items, request_id)?;
    }
    let responses: Vec<Value> = items.iter().map(|item| one(books, item)).collect();
    Ok(json!({ "BatchItemResponse": responses }))
}

/// An item's id is required and unique, because nothing else ties an outcome
/// to its item. That the batch as a whole is refused for it is our reading.
fn check_ids(items: &[Value]) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for item in items {
        let id = item.get("bId").and_then(scalar).filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| Fault::missing("bId"))?;
        if !seen.insert(id.clone()) {
            return Err(Fault::property(&format!("bId {id} stands for more than one item\n")));
        }
    }
    Ok(())
}

fn check_lengths(items: &[Value], request_id: &str) -> Result<(), Fault> {
    if request_id.len() > REQUEST_ID_MAX {
        return Err(Fault::length("requestid", REQUEST_ID_MAX, request_id.len()));
    }
    let longest = items
        .iter()
        .filter_map(|item| item.get("bId").and_then(scalar))
        .map(|id| id.len())
        .max()
        .unwrap_or(0);
    if longest > ITEM_ID_MAX { Err(Fault::length("bId", ITEM_ID_MAX, longest)) } else { Ok(()) }
}

fn one(books: &mut Books, item: &Value) -> Value {
    let empty = Map::new();
    let item = item.as_object().unwrap_or(&empty);
    let mut response = match carry_out(books, item) {
        Ok(response) => response,
        Err(fault) => json!({ "Fault": fault.json() }),
    };
    if let Some(id) = item.get("bId") {
        response["bId"] = id.clone();
    }
    response
}

fn carry_out(books: &mut Books, item: &Object) -> Result<Value, Fault> {
    let parts: Vec<(&String, &Value)> =
        item.iter().filter(|(key, _)| !matches!(key.as_str(), "bId" | "operation" | "optionsData")).collect();
    let (name, body) = match parts.as_slice() {
        [] => return Err(Fault::missing("BatchItemRequest")),
        [part] => *part,
        _ => return Err(Fault::known("2600").because("A batch item holds one object or one query")),
    };
    if let Some(found) = look_up(books, name, body) {
        return found;
    }
    let Some(Known::Carried(entity)) = entity::lookup(name) else {
        return Err(Fault::known("2000").because(format!("Object {name} is not supported")));
    };
    let body = body.as_object().ok_or_else(|| Fault::missing(entity.name))?;
    let operation = text(item, "operation").ok_or_else(|| Fault::missing("operation"))?;
    let options = text(item, "optionsData").unwrap_or_default();
    let object = operate(books, entity, body, (operation, options))?;
    Ok(json!({ entity.name: object }))
}

/// Answers an item that only reads; `None` for one that does not.
fn look_up(books: &Books, name: &str, body: &Value) -> Option<Result<Value, Fault>> {
    match name {
        "Query" => Some(
            books
                .standing
                .query()
                .and_then(|()| query::answer(books, body.as_str().ok_or_else(|| Fault::missing("Query"))?)),
        ),
        "CDCQuery" => Some(changes(books, body)),
        // The schema has it; what it answers is not recorded.
        "ReportQuery" => Some(Err(Fault::unsupported("ReportQuery in a batch"))),
        _ => None,
    }
}

/// The feed as an item (its keys are those of Intuit's own libraries).
fn changes(books: &Books, body: &Value) -> Result<Value, Fault> {
    let part = |name: &str| body[name].as_str().ok_or_else(|| Fault::missing(name));
    let mut answer = cdc::answer(books, part("Entities")?, part("ChangedSince")?)?;
    // A batch answers many feeds, each item its one.
    Ok(json!({ "CDCResponse": answer["CDCResponse"][0].take() }))
}

fn operate(
    books: &mut Books,
    entity: &'static Entity,
    body: &Object,
    (operation, options): (&str, &str),
) -> Result<Value, Fault> {
    books.standing.write(entity.name)?;
    let choices = choices(options);
    match operation {
        // What a create with an id comes to is not recorded; it must not change another object.
        "create" if body.get("Id").and_then(scalar).is_some_and(|id| !id.is_empty()) => {
            Err(Fault::property("Id cannot be sent with the operation create\n").at("Id"))
        }
        "create" => write::save(books, entity, body, choices),
        "update" if choices.void => write::void(books, entity, body, Voiding::Include),
        "update" if body.contains_key("Id") => write::save(books, entity, body, choices),
        "update" => Err(Fault::missing("Id")),
        "delete" => write::delete(books, entity, body),
        "void" => write::void(books, entity, body, entity.voiding),
        "send" => {
            let id = body.get("Id").and_then(scalar).ok_or_else(|| Fault::missing("Id"))?;
            forms::send(books, entity, (id.parse().map_err(|_| Fault::invalid_id(&id))?, ""))
        }
        other => Err(Fault::unsupported(other)),
    }
}

/// Reads `include` or `optionsData`, whose parts are joined with commas.
pub(super) fn choices(options: &str) -> Choices {
    let has = |name: &str| options.split(',').any(|option| option.trim().eq_ignore_ascii_case(name));
    Choices {
        duplicate_numbers: has("allowduplicatedocnum"),
        auto_number: has("allowautodocnum"),
        void: has("void"),
    }
}
