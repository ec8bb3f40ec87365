//! The change feed: what changed since a time, entity by entity.

use std::cmp::Reverse;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::books::Books;
use super::entity::{self, Known};
use super::fault::Fault;
use super::misreading::Misreading;
use super::references;
use super::shelf::Shelf;
use super::stamp;

/// Most objects of one answer, over all entities together.
const OBJECTS_MAX: usize = 1000;

/// Entities the feed says nothing about.
const UNTOLD: &[&str] = &["TaxAgency", "TaxCode", "TaxRate", "TimeActivity"];

/// How far back the feed looks.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Answers `entities` (a list with commas) since `changed_since`, a time of
/// whole seconds that counts itself.
///
/// Entities come in the order they were asked for. When more changed than one
/// answer holds, the first entities are told in full, the one at the limit
/// without its oldest changes, and those after it not at all: nothing says that
/// something was left out, as with the service (which objects it drops is not
/// recorded).
///
/// # Errors
///
/// An unknown entity, a time that is none, or one longer ago than 30 days. The
/// wording of these refusals is not recorded.
pub(super) fn answer(books: &Books, entities: &str, changed_since: &str) -> Result<Value, Fault> {
    let since = stamp::parse(changed_since)
        .ok_or_else(|| Fault::bad_value("2060", "Invalid date", "changedSince", changed_since))?;
    if books.now().duration_since(since) > LOOK_BACK {
        let detail = "changedSince cannot be more than 30 days ago";
        return Err(Fault::property(detail));
    }
    let mut left = OBJECTS_MAX;
    let mut responses = Vec::new();
    for name in entities.split(',').map(str::trim) {
        if UNTOLD.iter().any(|untold| untold.eq_ignore_ascii_case(name)) {
            return Err(not_told(name));
        }
        let known = entity::lookup(name).ok_or_else(|| not_told(name))?;
        let (name, counted) = match known {
            Known::Carried(entity) => (entity.name, entity.counted),
            Known::Empty(name) => (name, false),
        };
        let objects = changed(books, books.shelf(name), since.as_second(), left);
        left -= objects.len();
        responses.push(response((name, counted), &objects));
    }
    Ok(json!({ "CDCResponse": [{ "QueryResponse": responses }] }))
}

fn not_told(name: &str) -> Fault {
    Fault::new("2000", "Invalid object name", format!("Object {name} is not supported by the change feed"))
}

/// Objects changed and deleted at or after `since`, the last first.
fn changed(books: &Books, shelf: &Shelf, since: i64, most: usize) -> Vec<Value> {
    let living = shelf.changed_since(since);
    let mut found: Vec<(u64, Value)> =
        living.take(most).map(|(_, kept)| (kept.revision, references::render(books, &kept.object))).collect();
    let told = if books.misreads(Misreading::FeedWithoutDeletions) { 0 } else { most };
    let gone = shelf.gone_since(since).take(told);
    found.extend(gone.map(|(revision, gone)| {
        let at = stamp::seconds(jiff::Timestamp::from_second(gone.updated).unwrap_or_default());
        let trace = json!({
            "domain": "QBO", "status": "Deleted", "Id": gone.id.to_string(),
            "MetaData": { "LastUpdatedTime": at },
        });
        (revision, trace)
    }));
    found.sort_by_key(|(revision, _)| Reverse(*revision));
    found.truncate(most);
    found.into_iter().map(|(_, object)| object).collect()
}

/// The total goes with the entities whose queries bear it (recorded: invoices
/// have it, estimates do not).
fn response((name, counted): (&str, bool), objects: &[Value]) -> Value {
    if objects.is_empty() {
        return json!({});
    }
    let mut response = json!({ name: objects, "startPosition": 1, "maxResults": objects.len() });
    if counted {
        response["totalCount"] = json!(objects.len());
    }
    response
}
