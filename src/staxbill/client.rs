//! The client's core: pages, single reads, and the waits that Stax Bill asks
//! for. What is read stands beside it, one file a kind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::http::{Pace, Response, Transport, percent, secrets_of, server_time, wait_told, without};
use crate::model::{InvalidRow, TransactionTypes};

use crate::mutation::Mutation;

use super::StaxError;
use super::odd::odd_row;
use super::turning::Turning;
use super::wire::ErrorBody;

/// The page size that every list supports (Stax Bill: pagination).
pub(super) const PAGE: usize = 1000;
/// Attempts of a read that brought nothing.
const ATTEMPTS: u32 = 4;

/// From when on changes are wanted; `None` asks for everything.
pub type Since = Option<Timestamp>;

/// The order of a list: by id, which counts up as records are entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// A record that is entered while pages are read is on the last one.
    OldestFirst,
    /// What is new stands on the first page.
    NewestFirst,
}

/// What is asked of a list.
pub(super) struct Ask<'a> {
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) order: Order,
    pub(super) page: usize,
    pub(super) page_size: usize,
}

impl<'a> Ask<'a> {
    /// A page of the usual size. Ascending ids: a record that changes while
    /// pages are read keeps its place.
    pub(super) fn page(path: &'a str, query: &'a str, page: usize) -> Self {
        Self { path, query, order: Order::OldestFirst, page, page_size: PAGE }
    }

    pub(super) fn path_and_query(&self) -> String {
        let Self { path, query, order, page, page_size } = self;
        let order = match order {
            Order::OldestFirst => "Ascending",
            Order::NewestFirst => "Descending",
        };
        // Both sort parameters are needed (Stax Bill: sorting).
        let mut path =
            format!("{path}?pageNumber={page}&pageSize={page_size}&sortOrder={order}&sortExpression=id");
        if !query.is_empty() {
            path = format!("{path}&query={}", percent(query, b":,;"));
        }
        path
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct StaxPage<T, E = InvalidRow> {
    /// The records, and the rows that could not be read.
    pub rows: Vec<Result<T, E>>,
    /// Stax Bill's time when it answered.
    pub server_time: Option<Timestamp>,
    /// Whether another page follows.
    pub more: bool,
}

/// Stax Bill's API for one account.
pub struct StaxBill {
    transport: Arc<dyn Transport>,
    base_url: String,
    api_key: SecretString,
    pace: Arc<Pace>,
    calls: Arc<AtomicU64>,
    turning: Arc<Turning>,
    /// What the tokens of AR activities mean.
    pub(super) types: TransactionTypes,
}

impl StaxBill {
    /// A client of the account that `api_key` opens; `base_url` ends in `/v1`.
    /// The key is sent as it is: it already is base64 (Stax Bill:
    /// authentication).
    pub fn new(
        transport: Arc<dyn Transport>,
        base_url: &str,
        api_key: SecretString,
        per_minute: u32,
        types: TransactionTypes,
    ) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let pace = Arc::new(Pace::new(per_minute, 200));
        Self { transport, base_url, api_key, pace, calls: Arc::default(), turning: Arc::default(), types }
    }

    /// The same client, its pace and its count shared, that takes the tokens of
    /// AR activities for something else.
    #[must_use]
    pub fn understanding(&self, types: &TransactionTypes) -> Self {
        Self {
            transport: Arc::clone(&self.transport),
            base_url: self.base_url.clone(),
            api_key: self.api_key.clone(),
            pace: Arc::clone(&self.pace),
            calls: Arc::clone(&self.calls),
            turning: Arc::clone(&self.turning),
            types: types.clone(),
        }
    }

    /// Requests so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// A page of a list; `read` makes a record of each row, or nothing.
    pub(super) async fn list<T, E>(
        &self,
        ask: &Ask<'_>,
        read: impl FnMut(&RawValue) -> Option<Result<T, E>>,
    ) -> Result<StaxPage<T, E>, StaxError> {
        let path = ask.path_and_query();
        let answer = self.get(&path).await?;
        // Row by row: one that cannot be read stops itself alone.
        let rows: Vec<&RawValue> = parse(&path, answer.body())?;
        let header = |name: &str| answer.headers().get(name)?.to_str().ok()?.parse::<usize>().ok();
        let of_a_list = ["X-Count", "X-MaxCount", "X-PageSize", "X-MaxPageIndex"];
        if rows.is_empty() && !of_a_list.iter().any(|name| answer.headers().contains_key(*name)) {
            // Not to be believed: a proxy may say so, and nothing would seem to be there.
            return Err(StaxError::Unreadable(format!("{path}: an empty list without its headers")));
        }
        let seen = ask.page * ask.page_size + rows.len();
        let full = rows.len() == ask.page_size;
        let more = !rows.is_empty()
            && !Mutation::FirstPage.is_planted()
            && header("X-Count").map_or(full, |count| seen < count);
        if self.turning.stuck(ask, &rows, more) {
            return Err(StaxError::Unreadable(format!("{path}: it is the page before once more")));
        }
        let server_time = server_time(&answer);
        Ok(StaxPage { rows: rows.into_iter().filter_map(read).collect(), server_time, more })
    }

    /// One record; what it lacks stops it alone.
    pub(super) async fn record<R: DeserializeOwned, T>(
        &self,
        path: &str,
        read: impl FnOnce(R) -> Result<T, InvalidRow>,
    ) -> Result<Result<T, InvalidRow>, StaxError> {
        let answer = self.get(path).await?;
        let raw: &RawValue = parse(path, answer.body())?;
        match serde_json::from_str::<R>(raw.get()) {
            Ok(row) => Ok(read(row)),
            Err(error) => {
                odd_row(raw, &error).map(Err).ok_or_else(|| StaxError::Unreadable(format!("{path}: {error}")))
            }
        }
    }

    pub(super) async fn one<T: DeserializeOwned>(&self, path: &str) -> Result<T, StaxError> {
        let answer = self.get(path).await?;
        parse(path, answer.body())
    }

    async fn get(&self, path: &str) -> Result<Response, StaxError> {
        let mut last = StaxError::Unreachable("never asked".to_owned());
        for attempt in 0..ATTEMPTS {
            if attempt > 0 && matches!(last, StaxError::Unreachable(_)) {
                tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
            }
            self.pace.turn().await;
            self.calls.fetch_add(1, Ordering::Relaxed);
            let request = self.request(path)?;
            let secrets = secrets_of(request.headers());
            match self.transport.send(request).await {
                Err(error) => last = StaxError::Unreachable(error.reason),
                Ok(answer) => match self.judge(without(answer, &secrets)) {
                    Err(error @ (StaxError::Unreachable(_) | StaxError::Throttled(_))) => last = error,
                    judged => return judged,
                },
            }
        }
        Err(last)
    }

    fn request(&self, path: &str) -> Result<crate::http::Request, StaxError> {
        let broken = |what: String| StaxError::Refused { status: 0, message: what };
        let mut key =
            HeaderValue::from_str(&format!("Basic {}", self.api_key.expose_secret())).map_err(|_| {
                broken("the key holds characters that no key has; check [staxbill] api_key".to_owned())
            })?;
        key.set_sensitive(true);
        http::Request::get(format!("{}/{path}", self.base_url))
            .header(AUTHORIZATION, key)
            .header(ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|error| broken(error.to_string()))
    }

    fn judge(&self, answer: Response) -> Result<Response, StaxError> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let message = words(answer.body());
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.pace.pause(wait_until_reset(&answer));
            return Err(StaxError::Throttled(message));
        }
        Err(match status {
            StatusCode::NOT_FOUND => StaxError::NotFound(message),
            status if status.is_server_error() => StaxError::Unreachable(format!("{status} {message}")),
            status => StaxError::Refused { status: status.as_u16(), message },
        })
    }
}

/// Filter for what changed since; whole seconds, because the filter knows no
/// fraction. The lower bound is inclusive (Stax Bill: date filtering).
pub(super) fn changed(since: Since) -> String {
    since.map_or_else(String::new, |since| {
        format!("modifiedTimestamp:{}|", since.strftime("%Y-%m-%dT%H:%M:%S"))
    })
}

/// How long a 429 means: until the later reset of the windows that are used
/// up, else as [`wait_told`] says.
fn wait_until_reset(answer: &Response) -> Duration {
    let header = |name: String| answer.headers().get(name)?.to_str().ok().map(ToOwned::to_owned);
    let now = server_time(answer);
    let reset = |window: &str| {
        let left = header(format!("X-Rate-Limit-Remaining-{window}"))?;
        let at = crate::model::parse_vendor_timestamp(&header(format!("X-Rate-Limit-Reset-{window}"))?)?;
        let wait = Duration::try_from(at.duration_since(now?)).ok()?;
        (left.trim() == "0").then_some(wait + Duration::from_secs(1))
    };
    let told = ["Minute", "Day"].into_iter().filter_map(reset).max();
    told.unwrap_or_else(|| wait_told(answer)).min(Duration::from_secs(3600))
}

/// Stax Bill's words in an error body, cut; some errors are not JSON.
fn words(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<ErrorBody>(body) {
        Ok(error) => {
            let values = error.errors.into_iter().filter_map(|entry| entry.value).collect::<Vec<_>>();
            if values.is_empty() { error.message.unwrap_or_default() } else { values.join("; ") }
        }
        Err(_) => String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned(),
    };
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn parse<'de, T: Deserialize<'de>>(path: &str, body: &'de [u8]) -> Result<T, StaxError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        StaxError::Unreadable(format!("{}: {error}", path.split('?').next().unwrap_or(path)))
    })
}
