//! Lists that shift while they are read, repeat themselves, end early or never
//! end, and change feeds that are full or whose time goes back.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{DATE, HeaderValue};
use http::{HeaderMap, HeaderName, Uri};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::bodies::taken;
use super::kind::PageFault;
use crate::sandbox::{http_date, pattern};

/// Most objects of a change feed; [`super::Kind::FullFeed`] fills it up.
const FEED_MAX: usize = 1_000;

/// Which rows a request asks for: the first, counted from zero, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    first: u64,
    size: u64,
}

impl Window {
    /// The rows that are answered instead: those of another window, if the
    /// fault is one of place.
    pub(super) fn shifted(self, how: PageFault) -> Self {
        let first = match how {
            PageFault::Inserted => self.first.saturating_sub(1),
            PageFault::Deleted => self.first.saturating_add(1),
            PageFault::Repeated => self.first.saturating_sub(self.size),
            PageFault::Endless => 0,
            PageFault::RowTwice | PageFault::Short => self.first,
        };
        Self { first, ..self }
    }

    /// Its first row as QuickBooks counts, from one.
    pub(super) fn start(self) -> u64 {
        self.first.saturating_add(1)
    }

    /// Pages of Stax Bill that together hold these rows: the number of the
    /// first, and how many of its rows are not wanted.
    pub(super) fn pages(self) -> (u64, u64) {
        let size = self.size.max(1);
        (self.first / size, self.first % size)
    }
}

/// The window of a query to QuickBooks, or of a list of Stax Bill.
pub(super) fn window(uri: &Uri, body: &[u8]) -> Window {
    let statement = statement(uri, body).to_ascii_uppercase();
    if statement.starts_with("SELECT") {
        let first = number_after(&statement, "STARTPOSITION").unwrap_or(1);
        let size = number_after(&statement, "MAXRESULTS").unwrap_or(100);
        return Window { first: first.saturating_sub(1), size };
    }
    let size = parameter(uri, "pagesize").unwrap_or(100);
    Window { first: parameter(uri, "pagenumber").unwrap_or(0).saturating_mul(size), size }
}

/// The request for another window.
pub(super) fn moved(mut request: Request, body: &Bytes, to: Window) -> (Request, Bytes) {
    let statement = statement(request.uri(), body);
    if !statement.to_ascii_uppercase().starts_with("SELECT") {
        return (with_page(request, to.pages().0), body.clone());
    }
    let statement = placed(&statement, to.start());
    if request.method() == http::Method::POST {
        return (request, statement.into());
    }
    let kept = request.uri().query().unwrap_or_default();
    let kept: Vec<&str> = kept.split('&').filter(|pair| !pair.starts_with("query=")).collect();
    let query = format!("query={}&{}", pattern::coded(&statement), kept.join("&"));
    replace_query(&mut request, query.trim_end_matches('&'));
    (request, body.clone())
}

/// The request for page `number` of a list of Stax Bill.
pub(super) fn with_page(mut request: Request, number: u64) -> Request {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let others = query.split('&').filter(|pair| !pair.to_lowercase().starts_with("pagenumber="));
    let mut pairs: Vec<&str> = others.filter(|pair| !pair.is_empty()).collect();
    let page = format!("pageNumber={number}");
    pairs.push(&page);
    replace_query(&mut request, &pairs.join("&"));
    request
}

fn replace_query(request: &mut Request, query: &str) {
    let path = request.uri().path();
    if let Ok(uri) = format!("{path}?{query}").parse::<Uri>() {
        *request.uri_mut() = uri;
    }
}

/// The rows of `pages`, one after another, cut to the window, in the first
/// page's response. Counts go on speaking of what was asked for.
pub(super) fn stitched(mut parts: http::response::Parts, pages: &[Value], window: Window) -> Response {
    let skip = usize::try_from(window.pages().1).unwrap_or(0);
    let size = usize::try_from(window.size).unwrap_or(usize::MAX);
    let rows = pages.iter().filter_map(Value::as_array).flatten();
    let rows: Vec<&Value> = rows.skip(skip).take(size).collect();
    parts.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(json!(rows).to_string()))
}

/// The headers of Stax Bill that say where a list goes on.
pub(super) fn tell_place(headers: &mut HeaderMap, page: u64, endless: bool) {
    let mut tell = |name: &'static str, number: u64| {
        let name = HeaderName::from_static(name);
        if headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from(number));
        }
    };
    tell("x-currentpage", page);
    if endless {
        tell("x-nextpage", page.saturating_add(1));
        tell("x-maxpageindex", page.saturating_add(1));
    }
}

/// A page with its last row twice, or without it.
pub(super) async fn ragged(response: Response, how: PageFault) -> Response {
    changed(response, |body| {
        let Some(rows) = rows(body) else { return };
        match how {
            PageFault::RowTwice => rows.extend(rows.last().cloned()),
            PageFault::Short => drop(rows.pop()),
            PageFault::Inserted | PageFault::Deleted | PageFault::Repeated | PageFault::Endless => {}
        }
    })
    .await
}

/// The entities that a change feed was asked for.
pub(super) fn feed_entities(uri: &Uri) -> Vec<String> {
    let mut pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let asked = pairs.find(|(key, _)| key.eq_ignore_ascii_case("entities"));
    let asked = asked.map(|(_, names)| pattern::decoded(names)).unwrap_or_default();
    asked.split(',').map(|name| name.trim().to_owned()).collect()
}

/// A change feed with exactly as many objects as fit into one answer. On a
/// quiet feed they are copies of `spare`: which of the entities that were asked
/// for, its name, and an object of it.
pub(super) async fn full_feed(response: Response, spare: Option<(usize, String, Value)>) -> Response {
    changed(response, |body| {
        let Some(entities) = body.pointer_mut("/CDCResponse/0/QueryResponse").and_then(Value::as_array_mut)
        else {
            return;
        };
        if entities.iter().all(|entity| entity.as_object().is_some_and(Map::is_empty))
            && let Some((place, name, object)) = spare
            && let Some(quiet) = entities.get_mut(place)
        {
            *quiet = json!({ name: [object], "startPosition": 1 });
        }
        let fields = entities.iter().filter_map(Value::as_object).flatten();
        let there: usize = fields.filter_map(|(_, rows)| rows.as_array()).map(Vec::len).sum();
        let lists = entities.iter_mut().filter_map(Value::as_object_mut);
        let Some(last) = lists.filter(|entity| entity.values().any(Value::is_array)).last() else { return };
        if let Some(rows) = last.values_mut().find_map(Value::as_array_mut) {
            let copy = rows.last().cloned().unwrap_or_default();
            rows.resize(rows.len() + FEED_MAX.saturating_sub(there), copy);
            let now = json!(rows.len());
            last.insert("maxResults".into(), now.clone());
            last.insert("totalCount".into(), now);
        }
    })
    .await
}

/// The answer of an earlier hour.
pub(super) async fn time_back(response: Response, (now, seconds): (Timestamp, u64)) -> Response {
    let back = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    let earlier = |at: Timestamp| at.saturating_sub(back).unwrap_or(Timestamp::MIN);
    let mut response = changed(response, |body| {
        let said = body.get("time").and_then(Value::as_str).and_then(|time| time.parse::<Timestamp>().ok());
        if let Some(at) = said {
            body["time"] = json!(crate::sandbox::quickbooks::wire_time(earlier(at)));
        }
    })
    .await;
    if let Ok(date) = HeaderValue::from_str(&http_date(earlier(now))) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// The rows of a page: of Stax Bill a bare list, of QuickBooks the one list in
/// the response to a query.
fn rows(body: &mut Value) -> Option<&mut Vec<Value>> {
    if body.is_array() {
        return body.as_array_mut();
    }
    body.get_mut("QueryResponse")?.as_object_mut()?.values_mut().find_map(Value::as_array_mut)
}

async fn changed(response: Response, change: impl FnOnce(&mut Value)) -> Response {
    let (parts, whole) = taken(response).await;
    let Ok(mut body) = serde_json::from_slice(&whole) else {
        return Response::from_parts(parts, Body::from(whole));
    };
    change(&mut body);
    Response::from_parts(parts, Body::from(body.to_string()))
}

fn statement(uri: &Uri, body: &[u8]) -> String {
    let query = uri.query().unwrap_or_default();
    let sent = query.split('&').find_map(|pair| pair.strip_prefix("query=")).map(pattern::decoded);
    sent.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()).trim().to_owned()
}

fn number_after(statement: &str, word: &str) -> Option<u64> {
    let rest = statement.rsplit_once(word)?.1.trim_start();
    rest.split(|sign: char| !sign.is_ascii_digit()).next()?.parse().ok()
}

/// The statement with another `STARTPOSITION`.
fn placed(statement: &str, start: u64) -> String {
    const WORD: &str = "STARTPOSITION";
    let Some(at) = statement.to_ascii_uppercase().rfind(WORD) else {
        return format!("{statement} {WORD} {start}");
    };
    let rest = statement[at + WORD.len()..].trim_start();
    let rest = rest.trim_start_matches(|sign: char| sign.is_ascii_digit());
    format!("{}{WORD} {start}{rest}", &statement[..at])
}

fn parameter(uri: &Uri, name: &str) -> Option<u64> {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    values.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_and_moved() {
        let post = |statement: &'static str| (http::Method::POST, "/query", statement);
        let get = |uri: &'static str| (http::Method::GET, uri, "");
        for ((method, uri, body), window, how, expected) in [
            (
                post("select * from Invoice"),
                (0, 100),
                PageFault::Repeated,
                "select * from Invoice STARTPOSITION 1",
            ),
            (
                post("SELECT * FROM Invoice startposition 101 MAXRESULTS 50"),
                (100, 50),
                PageFault::Repeated,
                "SELECT * FROM Invoice STARTPOSITION 51 MAXRESULTS 50",
            ),
            (
                post("SELECT * FROM Invoice MAXRESULTS 50 STARTPOSITION 101"),
                (100, 50),
                PageFault::Inserted,
                "SELECT * FROM Invoice MAXRESULTS 50 STARTPOSITION 100",
            ),
            (
                get("/query?query=select%20*+from%20Item%20startposition%2011&minorversion=75"),
                (10, 100),
                PageFault::Deleted,
                "/query?query=select * from Item STARTPOSITION 12&minorversion=75",
            ),
            (
                get("/v1/customers?pageNumber=3&pageSize=20"),
                (60, 20),
                PageFault::Endless,
                "/v1/customers?pageSize=20&pageNumber=0",
            ),
            (get("/v1/customers"), (0, 100), PageFault::Deleted, "/v1/customers?pageNumber=0"),
        ] {
            let request = http::Request::builder().method(method).uri(uri).body(Body::empty()).unwrap();
            let read = super::window(request.uri(), body.as_bytes());
            assert_eq!((read.first, read.size), window, "{uri} {body}");
            let (request, body) = moved(request, &Bytes::from_static(body.as_bytes()), read.shifted(how));
            let sent = if body.is_empty() {
                pattern::decoded(&request.uri().to_string())
            } else {
                String::from_utf8(body.to_vec()).unwrap()
            };
            assert_eq!(sent, expected);
        }
    }
}
