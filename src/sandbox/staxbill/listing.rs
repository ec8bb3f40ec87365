//! Lists: filters, order and pages, with the headers that tell of them.

use std::collections::VecDeque;
use std::sync::Arc;

use http::HeaderName;
use serde_json::Value;

use super::answer::{Answer, Refusal};
use super::filter::{self, Cell, Condition, Kind};

/// The most records of a page. The vendor promises no less than this for any
/// entity, and nothing beyond it.
const PAGE_SIZE_MAX: usize = 1_000;
/// What a page holds when nobody says.
const PAGE_SIZE_DEFAULT: usize = 100;
/// How many lists are remembered; pages of more lists than this at once are
/// slower, not wrong.
const REMEMBERED: usize = 8;

/// What a row is found by: an id, and the instalment where an id has several.
pub(super) type Key = (i64, usize);

/// A record as a list sees it.
pub(super) trait Listed<'a>: Copy {
    /// The names that filter and sort it.
    const NAMES: &'static [(&'static str, Kind)];
    /// Its place in the list of all.
    fn key(self) -> Key;
    /// Its value under a name of `NAMES`, given in lower case.
    fn cell(self, name: &str) -> Cell<'a>;
}

/// The query string's parameters, names in lower case as the vendor reads
/// them.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn number(&self, name: &str, absent: usize) -> Result<usize, Refusal> {
        self.get(name).map_or(Ok(absent), |value| {
            value.parse().map_err(|_| Refusal::bad(format!("The value '{value}' is not valid for {name}.")))
        })
    }
}

/// What a request asks of a list.
pub(super) struct Ask {
    page: usize,
    size: usize,
    /// In lower case; `None` is the id.
    sort: Option<String>,
    descending: bool,
    conditions: Vec<Condition>,
    /// What makes two requests ask for pages of one list.
    same: String,
}

impl Ask {
    pub(super) fn read(parameters: &Parameters, names: &[(&str, Kind)]) -> Result<Self, Refusal> {
        let size = parameters.number("pagesize", PAGE_SIZE_DEFAULT)?;
        if size == 0 {
            return Err(Refusal::bad("pageSize must be greater than 0."));
        }
        let query = parameters.get("query").unwrap_or_default();
        let (expression, order) = (parameters.get("sortexpression"), parameters.get("sortorder"));
        let (sort, descending) = sorting(expression, order, names)?;
        Ok(Self {
            page: parameters.number("pagenumber", 0)?,
            size: size.min(PAGE_SIZE_MAX),
            same: format!("{query}\n{}\n{descending}", sort.as_deref().unwrap_or("id")),
            sort,
            descending,
            conditions: filter::parse(query, names)?,
        })
    }

    /// Whether the answer depends on the hour, as overdue invoices do; such a
    /// list is not worth remembering.
    fn is_timely(&self) -> bool {
        self.same.to_lowercase().contains("invoicestatus")
    }
}

/// Both parameters or neither: the vendor requires both, and one of the two
/// being ignored would silently turn a client's pages around.
fn sorting(
    expression: Option<&str>,
    order: Option<&str>,
    names: &[(&str, Kind)],
) -> Result<(Option<String>, bool), Refusal> {
    match (expression, order) {
        (None, None) => Ok((None, true)),
        (Some(_), None) | (None, Some(_)) => {
            Err(Refusal::bad("sortOrder and sortExpression must be given together."))
        }
        (Some(name), Some(order)) => {
            filter::kind_of(name, names)?;
            let descending = match order.to_lowercase().as_str() {
                "ascending" => false,
                "descending" => true,
                _ => return Err(Refusal::bad(format!("'{order}' is not a sort order."))),
            };
            let name = name.trim().to_lowercase();
            Ok(((name != "id").then_some(name), descending))
        }
    }
}

/// The keys of all rows that an [`Ask`] selects, in its order.
fn select<'a, R: Listed<'a>>(rows: impl Iterator<Item = R>, ask: &Ask) -> Vec<Key> {
    let chosen = rows.filter(|row| ask.conditions.iter().all(|one| one.holds(&row.cell(&one.name))));
    let mut keys: Vec<Key> = if let Some(name) = &ask.sort {
        let mut sorted: Vec<_> = chosen.map(|row| (folded(row.cell(name)), row.key())).collect();
        sorted.sort_by(|one, other| {
            let order = one.0.partial_cmp(&other.0).unwrap_or(std::cmp::Ordering::Equal);
            order.then(one.1.cmp(&other.1))
        });
        sorted.into_iter().map(|(_, key)| key).collect()
    } else {
        let mut keys: Vec<_> = chosen.map(Listed::key).collect();
        keys.sort_unstable();
        keys
    };
    if ask.descending {
        keys.reverse();
    }
    keys
}

fn folded(cell: Cell<'_>) -> Cell<'_> {
    if let Cell::Text(text) = &cell { Cell::Text(text.to_lowercase().into()) } else { cell }
}

/// The lists that were asked for last. Reading n records page by page then
/// costs one selection instead of one a page.
#[derive(Default)]
pub(super) struct Found {
    lists: VecDeque<(String, u64, Arc<Vec<Key>>)>,
    /// How often all rows were gone through.
    pub(super) selections: u64,
}

impl Found {
    /// The list named `path` at `version` as `ask` wants it.
    pub(super) fn keys<'a, R: Listed<'a>>(
        &mut self,
        (path, version): (&str, u64),
        ask: &Ask,
        rows: impl Iterator<Item = R>,
    ) -> Arc<Vec<Key>> {
        if ask.is_timely() {
            self.selections += 1;
            return Arc::new(select(rows, ask));
        }
        let name = format!("{path}\n{}", ask.same);
        if let Some((_, _, keys)) = self.lists.iter().find(|(known, at, _)| *known == name && *at == version)
        {
            return Arc::clone(keys);
        }
        self.selections += 1;
        let keys = Arc::new(select(rows, ask));
        self.lists.retain(|(known, at, _)| *known != name && *at == version);
        self.lists.truncate(REMEMBERED - 1);
        self.lists.push_front((name, version, Arc::clone(&keys)));
        keys
    }
}

/// One page: a bare array, and headers. `total` counts what there is without
/// the filter.
pub(super) fn page(ask: &Ask, keys: &[Key], total: usize, show: impl Fn(Key) -> Option<Value>) -> Answer {
    let from = ask.page.saturating_mul(ask.size).min(keys.len());
    let to = from.saturating_add(ask.size).min(keys.len());
    let rows: Vec<_> = keys[from..to].iter().filter_map(|key| show(*key)).collect();
    let last = keys.len().saturating_sub(1) / ask.size;
    let next = if ask.page < last { (ask.page + 1).to_string() } else { "-1".to_owned() };
    let previous = ask.page.checked_sub(1).map_or_else(|| "-1".to_owned(), |page| page.to_string());
    let headers = [
        ("x-count", keys.len().to_string()),
        ("x-maxcount", total.to_string()),
        ("x-currentpage", ask.page.to_string()),
        ("x-nextpage", next),
        ("x-previouspage", previous),
        ("x-pagesize", ask.size.to_string()),
        ("x-maxpageindex", last.to_string()),
        ("x-sortorder", if ask.descending { "Descending" } else { "Ascending" }.to_owned()),
        ("x-sortexpression", ask.sort.clone().unwrap_or_else(|| "id".to_owned())),
    ];
    let headers = headers.map(|(name, value)| (HeaderName::from_static(name), value));
    Answer { body: Value::Array(rows), headers: headers.into() }
}
