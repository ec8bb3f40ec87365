//! Answers a query from the books, through an index where one helps.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::entity::{self, Entity, Known};
use super::super::fault::Fault;
use super::super::misreading::Misreading;
use super::super::references;
use super::super::shelf::{Kept, Shelf, place};
use super::conditions::{Datum, Property, Test, check_projection, invalid, sort_key};
use super::statement::{Direction, Operator, Statement, parse};

/// Rows of a query that names no maximum, and the most it may name.
const ROWS_DEFAULT: u64 = 100;
const ROWS_MAX: u64 = 1000;

type Row<'a> = (u64, &'a Kept);
type Rows<'a> = Box<dyn Iterator<Item = Row<'a>> + 'a>;

/// The `QueryResponse` to a query.
pub(crate) fn answer(books: &Books, query: &str) -> Result<Value, Fault> {
    let statement = if books.misreads(Misreading::PlainQuote) {
        // The quote ends the string, and what follows it is out of place.
        parse(&query.replace("\\'", "\\ '"))?
    } else {
        parse(query)?
    };
    let entity = match entity::lookup(&statement.entity) {
        Some(Known::Carried(entity)) => entity,
        Some(Known::Empty(_)) => return Ok(nothing(&statement)),
        None => return Err(invalid(&format!("invalid context declaration: {}", statement.entity))),
    };
    for name in &statement.projection {
        check_projection(entity, name)?;
    }
    let tests: Vec<Test> = statement
        .conditions
        .iter()
        .map(|condition| Test::new(entity, condition))
        .collect::<Result<_, _>>()?;
    let mut order: Vec<(Property, Direction)> = statement
        .order
        .iter()
        .map(|(name, direction)| Ok((sort_key(entity, name)?, *direction)))
        .collect::<Result<_, Fault>>()?;
    if order.is_empty() && books.misreads(Misreading::SortedLists) {
        order.push((Property::Id, Direction::Rising));
    }
    let shelf = books.shelf(entity.name);
    let (rows, listed) = matching(shelf, entity, &tests);
    if statement.count {
        return Ok(json!({ "QueryResponse": { "totalCount": rows.count() } }));
    }
    let mut rows: Rows<'_> = if listed && order.is_empty() {
        rows
    } else {
        Box::new(sorted(rows.collect(), entity, &order).into_iter())
    };
    let (before, page) = paged(&mut rows, &statement);
    let every = tests.is_empty() && entity.name_property.is_none();
    let total = entity.counted.then(|| if every { shelf.len() } else { before + page.len() + rows.count() });
    Ok(shown(books, entity, (&page, total), statement.start.unwrap_or(1)))
}

fn nothing(statement: &Statement) -> Value {
    let body = if statement.count { json!({ "totalCount": 0 }) } else { json!({}) };
    json!({ "QueryResponse": body })
}

/// Rows that pass every test, and whether they come in the order of a list
/// without ORDERBY. Inactive names pass only where `Active` is asked about.
fn matching<'a>(shelf: &'a Shelf, entity: &Entity, tests: &'a [Test]) -> (Rows<'a>, bool) {
    let asks = |test: &Test| matches!(test.property, Property::Of(field) if field.name == "Active");
    let all = tests.iter().any(asks);
    let active = |kept: &Kept| kept.object.get("Active").and_then(Value::as_bool).unwrap_or(true);
    let fits =
        move |(id, kept): &Row<'_>| (all || active(kept)) && tests.iter().all(|test| test.holds(*id, kept));
    let is_name = entity.name_property.is_some();
    if let Some(ids) = tests.iter().find_map(|test| looked_up(shelf, entity, test)) {
        let rows = ids.into_iter().filter_map(|id| Some((id, shelf.get(id)?)));
        (Box::new(rows.filter(fits)), false)
    } else if let Some(since) = tests.iter().find_map(changed_since) {
        (Box::new(shelf.changed_since(since).filter(fits)), !is_name)
    } else if is_name {
        (Box::new(shelf.by_place().filter(fits)), true)
    } else {
        (Box::new(shelf.newest_first().filter(fits)), true)
    }
}

/// The ids a test leaves, if an index tells them.
fn looked_up(shelf: &Shelf, entity: &Entity, test: &Test) -> Option<BTreeSet<u64>> {
    let values = test.exact()?;
    match test.property {
        Property::Id => Some(values.iter().filter_map(number).collect()),
        Property::Of(field) => {
            let key = entity.keys.iter().find(|key| **key == field.name)?;
            let texts: Option<Vec<&str>> = values.iter().map(words).collect();
            Some(texts?.into_iter().flat_map(|text| shelf.with(key, text)).collect())
        }
        Property::Created | Property::Updated => None,
    }
}

fn number(value: &Datum) -> Option<u64> {
    if let Datum::Number(number) = value { number.to_u64() } else { None }
}

fn words(value: &Datum) -> Option<&str> {
    if let Datum::Text(text) = value { Some(text) } else { None }
}

fn changed_since(test: &Test) -> Option<i64> {
    let from = matches!(test.operator, Operator::AtLeast | Operator::Greater);
    match (test.property, &test.values[0]) {
        (Property::Updated, Datum::Number(since)) if from => since.to_i64(),
        _ => None,
    }
}

/// Without ORDERBY transactions come last changed first and names by alphabet,
/// never by id (recorded): a sub-account or a job right after its parent, and
/// vendors and employees, who have none, with capital letters first.
fn sorted<'a>(mut rows: Vec<Row<'a>>, entity: &Entity, order: &[(Property, Direction)]) -> Vec<Row<'a>> {
    if let [(Property::Id, direction)] = order {
        rows.sort_by_key(|(id, _)| *id);
        if *direction == Direction::Falling {
            rows.reverse();
        }
    } else if !order.is_empty() {
        rows.sort_by_cached_key(|row| SortKey::new(row, order));
    } else if entity.name_property.is_some() {
        rows.sort_by_cached_key(|(id, kept)| (place(entity, &kept.object), *id));
    } else {
        rows.sort_by_key(|(_, kept)| std::cmp::Reverse(kept.revision));
    }
    rows
}

#[derive(PartialEq, Eq)]
struct SortKey(Vec<(Datum, Direction)>, u64);

impl SortKey {
    fn new((id, kept): &Row<'_>, order: &[(Property, Direction)]) -> Self {
        Self(order.iter().map(|(property, direction)| (property.of(*id, kept), *direction)).collect(), *id)
    }
}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let pairs = self.0.iter().zip(&other.0);
        let by_order = pairs.map(|((mine, direction), (theirs, _))| match direction {
            Direction::Rising => mine.cmp(theirs),
            Direction::Falling => theirs.cmp(mine),
        });
        by_order.fold(Ordering::Equal, Ordering::then).then(self.1.cmp(&other.1))
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// How many rows come before the page, and the page.
fn paged<'a>(rows: &mut Rows<'a>, statement: &Statement) -> (usize, Vec<Row<'a>>) {
    let start = statement.start.unwrap_or(1) - 1;
    let max = statement.max.unwrap_or(ROWS_DEFAULT).min(ROWS_MAX);
    let (start, max) =
        (usize::try_from(start).unwrap_or(usize::MAX), usize::try_from(max).unwrap_or(usize::MAX));
    (rows.by_ref().take(start).count(), rows.by_ref().take(max).collect())
}

fn shown(books: &Books, entity: &Entity, (page, total): (&[Row<'_>], Option<usize>), start: u64) -> Value {
    if page.is_empty() {
        return json!({ "QueryResponse": {} });
    }
    let rows: Vec<Value> = page.iter().map(|(_, kept)| references::render(books, &kept.object)).collect();
    let mut response = json!({ "startPosition": start, "maxResults": rows.len() });
    response[entity.name] = Value::Array(rows);
    if let Some(total) = total {
        response["totalCount"] = json!(total);
    }
    json!({ "QueryResponse": response })
}
