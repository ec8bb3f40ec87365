//! Batches: up to thirty items, carried out one after another, each with its
//! own outcome.

use serde_json::{Map, Value, json};

use super::books::Books;
use super::entity::{self, Choices, Entity, Known, Voiding};
use super::fault::Fault;
use super::json::{Object, text};
use super::{query, write};

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
    if let Some(request_id) = request_id {
        check_lengths(items, request_id)?;
    }
    let responses: Vec<Value> = items.iter().map(|item| one(books, item)).collect();
    Ok(json!({ "BatchItemResponse": responses }))
}

fn check_lengths(items: &[Value], request_id: &str) -> Result<(), Fault> {
    if request_id.len() > REQUEST_ID_MAX {
        return Err(Fault::length("requestid", REQUEST_ID_MAX, request_id.len()));
    }
    let longest = items.iter().filter_map(|item| item["bId"].as_str()).map(str::len).max().unwrap_or(0);
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
    if let Some(statement) = text(item, "Query") {
        books.standing.query()?;
        return query::answer(books, statement);
    }
    let mut parts =
        item.iter().filter(|(key, _)| !matches!(key.as_str(), "bId" | "operation" | "optionsData"));
    let (name, body) = parts.next().ok_or_else(|| Fault::missing("BatchItemRequest"))?;
    let Some(Known::Carried(entity)) = entity::lookup(name) else {
        return Err(Fault::known("2000").because(format!("Object {name} is not supported")));
    };
    let body = body.as_object().ok_or_else(|| Fault::missing(entity.name))?;
    let operation = text(item, "operation").ok_or_else(|| Fault::missing("operation"))?;
    let options = text(item, "optionsData").unwrap_or_default();
    let object = operate(books, entity, body, (operation, options))?;
    Ok(json!({ entity.name: object }))
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
        "create" if !body.contains_key("Id") => write::save(books, entity, body, choices),
        "update" if choices.void => write::void(books, entity, body, Voiding::Include),
        "update" if body.contains_key("Id") => write::save(books, entity, body, choices),
        "update" => Err(Fault::missing("Id")),
        "delete" => write::delete(books, entity, body),
        "void" => write::void(books, entity, body, entity.voiding),
        other => Err(Fault::unsupported(other)),
    }
}

/// Reads `include` or `optionsData`, whose parts are joined with commas.
pub(super) fn choices(options: &str) -> Choices {
    let has = |name: &str| options.split(',').any(|option| option.trim().eq_ignore_ascii_case(name));
    Choices { duplicate_numbers: has("allowduplicatedocnum"), void: has("void") }
}
