//! The client: one place that adds the token, waits for its turn, and sorts
//! answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::http::{Pace, Response, Transport, secrets_of, without};
use crate::model::{ObjectId, ObjectKind, Observed, RealmId};
use crate::mutation::Mutation;
use crate::store::{Calls, Intent};

use super::auth::Session;
use super::batch::{BatchAnswer, ItemAnswer};
use super::changes::{Changes, FeedAnswer};
use super::company::{CompanyInfo, Preferences};
use super::fault::{CallError, intuit_tid, judge};
use super::objects::{Answer, QueryRows};

/// Older minor versions were retired in August 2025 (Intuit: minor versions).
pub(super) const MINOR_VERSION: &str = "minorversion=75";
/// Rows of a query (Intuit: limits and throttles).
pub(super) const ROWS: usize = 1000;
/// Attempts of a read, and of a write that was throttled.
const ATTEMPTS: u32 = 4;
/// What the change feed is asked for.
const FEED: &str = "Customer,Invoice,CreditMemo,JournalEntry,Payment,Item,Account";

/// Where the company is, and how fast it may be asked.
#[derive(Clone, Debug)]
pub struct QuickBooksSettings {
    /// What stands before `/v3/company`.
    pub api_url: String,
    /// The company.
    pub realm_id: RealmId,
    /// Requests a minute.
    pub per_minute: u32,
    /// Requests a second.
    pub per_second: u32,
    /// Batches a minute.
    pub batches_per_minute: u32,
}

/// What became of a write.
#[derive(Debug)]
pub struct Written {
    /// By item, in the intent's order.
    pub items: Vec<ItemAnswer>,
    /// The id of the call.
    pub intuit_tid: Option<String>,
}

/// QuickBooks' API for one company.
pub struct QuickBooks {
    transport: Arc<dyn Transport>,
    pub(super) session: Session,
    base: String,
    pace: Pace,
    batch_pace: Pace,
    counts: [AtomicU64; 3],
}

impl QuickBooks {
    /// A client of one company.
    pub fn new(transport: Arc<dyn Transport>, session: Session, settings: &QuickBooksSettings) -> Self {
        let base = format!("{}/v3/company/{}", settings.api_url.trim_end_matches('/'), settings.realm_id);
        let pace = Pace::new(settings.per_minute, settings.per_second);
        let batch_pace = Pace::new(settings.batches_per_minute, 10);
        Self { transport, session, base, pace, batch_pace, counts: Default::default() }
    }

    /// Requests so far.
    pub fn calls(&self) -> Calls {
        let [reads, writes, batches] = &self.counts;
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Calls {
            staxbill: 0,
            quickbooks_reads: count(reads),
            quickbooks_writes: count(writes),
            quickbooks_batches: count(batches),
        }
    }

    /// The company's own page.
    pub async fn company_info(&self, realm_id: &RealmId) -> Result<CompanyInfo, CallError> {
        let answer: Answer = self.read_path(&format!("companyinfo/{realm_id}?{MINOR_VERSION}")).await?;
        answer.company_info.ok_or_else(|| CallError::Unreadable("no CompanyInfo in the answer".to_owned()))
    }

    /// The settings that matter to posting.
    pub async fn preferences(&self) -> Result<Preferences, CallError> {
        let answer: Answer = self.read_path(&format!("preferences?{MINOR_VERSION}")).await?;
        answer.preferences.ok_or_else(|| CallError::Unreadable("no Preferences in the answer".to_owned()))
    }

    /// One object; `None` where QuickBooks knows none by that id (code 610).
    pub async fn object(&self, kind: ObjectKind, id: &ObjectId) -> Result<Option<Observed>, CallError> {
        match self.read_path::<Answer>(&format!("{}/{id}?{MINOR_VERSION}", kind.path())).await {
            Ok(answer) => Ok(answer.observed().filter(|object| object.kind == kind)),
            Err(CallError::Refused(fault)) if fault.code == "610" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The rows of `statement`, as many as one answer holds.
    pub async fn query(&self, statement: &str) -> Result<QueryRows, CallError> {
        #[derive(serde::Deserialize)]
        struct QueryAnswer {
            #[serde(rename = "QueryResponse", default)]
            rows: QueryRows,
        }
        // By POST: a statement of any length, and nothing to encode.
        let path = format!("query?{MINOR_VERSION}");
        let answer = self.read(Method::POST, &path, Bytes::from(statement.to_owned())).await?;
        parse::<QueryAnswer>("query", answer.body()).map(|answer| answer.rows)
    }

    /// All rows of `from_where` (`Invoice WHERE …`), a page at a time.
    ///
    /// By ascending id, because unordered answers are not sorted by id and
    /// pages would skip rows.
    pub async fn each_page(
        &self,
        from_where: &str,
        mut then: impl AsyncFnMut(QueryRows) -> Result<(), CallError>,
    ) -> Result<(), CallError> {
        let mut position = 1;
        loop {
            let page = format!("ORDERBY Id STARTPOSITION {position} MAXRESULTS {ROWS}");
            let rows = self.query(&format!("SELECT * FROM {from_where} {page}")).await?;
            let count = rows.len();
            then(rows).await?;
            if count < ROWS {
                return Ok(());
            }
            position += count;
        }
    }

    /// What changed since, in one call.
    pub async fn changes(&self, since: Timestamp) -> Result<Changes, CallError> {
        let since = since.strftime("%Y-%m-%dT%H:%M:%S-00:00").to_string().replace(':', "%3A");
        let path = format!("cdc?entities={FEED}&changedSince={since}&{MINOR_VERSION}").replace(',', "%2C");
        let answer: FeedAnswer = self.read_path(&path).await?;
        Ok(answer.changes())
    }

    /// Sends a journaled write. After an `Err` nothing is known to be done,
    /// unless it is [`CallError::Unknown`]: then it may be.
    pub async fn write(&self, intent: &Intent) -> Result<Written, CallError> {
        let counter = if intent.batch { &self.counts[2] } else { &self.counts[1] };
        let body = Bytes::from(intent.body.clone());
        let mut throttled = 0;
        let answer = loop {
            if intent.batch {
                self.batch_pace.turn().await;
            }
            let sent = self.authorised(Method::POST, &intent.path, &body, "application/json").await;
            counter.fetch_add(1, Ordering::Relaxed);
            match sent {
                // A 429 is definite: nothing was done, and the same id may be sent again.
                Err(CallError::Throttled(wait)) => {
                    throttled += 1;
                    self.pace.pause(wait);
                    if throttled == ATTEMPTS {
                        return Err(CallError::Throttled(wait));
                    }
                }
                Err(CallError::Unknown(_)) if Mutation::RetryBlindly.is_planted() && throttled < ATTEMPTS => {
                    throttled += 1;
                }
                sent => break sent?,
            }
        };
        let tid = intuit_tid(&answer);
        let unreadable = |error: CallError| CallError::Unknown(error.to_string());
        let items = if intent.batch {
            let parsed: BatchAnswer = parse("batch", answer.body()).map_err(unreadable)?;
            parsed.outcomes(&intent.items, tid.as_deref())
        } else {
            let parsed: Answer = parse("write", answer.body()).map_err(unreadable)?;
            let kind = intent.items.first().map(|item| item.object);
            if parsed.observed().map(|object| object.kind) != kind {
                return Err(CallError::Unknown(
                    "the answer holds no object of the kind that was written".to_owned(),
                ));
            }
            vec![ItemAnswer::Done(Box::new(parsed))]
        };
        Ok(Written { items, intuit_tid: tid })
    }

    async fn read_path<T: DeserializeOwned>(&self, path: &str) -> Result<T, CallError> {
        let answer = self.read(Method::GET, path, Bytes::new()).await?;
        parse(path.split('?').next().unwrap_or(path), answer.body())
    }

    /// A read may be made again whatever became of it.
    pub(super) async fn read(&self, method: Method, path: &str, body: Bytes) -> Result<Response, CallError> {
        let mut last = CallError::NotSent("never asked".to_owned());
        for attempt in 0..ATTEMPTS {
            if attempt > 0 && !matches!(last, CallError::Throttled(_)) {
                tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
            }
            self.counts[0].fetch_add(1, Ordering::Relaxed);
            match self.authorised(method.clone(), path, &body, "application/text").await {
                Err(CallError::Throttled(wait)) => {
                    self.pace.pause(wait);
                    last = CallError::Throttled(wait);
                }
                Err(error @ (CallError::NotSent(_) | CallError::Unknown(_))) => last = error,
                answer => return answer,
            }
        }
        Err(last)
    }

    /// Sends with a living token; a token that is refused is renewed once.
    async fn authorised(
        &self,
        method: Method,
        path: &str,
        body: &Bytes,
        content: &str,
    ) -> Result<Response, CallError> {
        let token = self.session.access_token(None).await?;
        let first = self.send(&token, method.clone(), path, (body, content)).await;
        let Err(CallError::Unauthorised(_)) = first else { return first };
        let token = self.session.access_token(Some(&token)).await?;
        match self.send(&token, method, path, (body, content)).await {
            Err(CallError::Unauthorised(fault)) => Err(CallError::Reconnect(format!(
                "QuickBooks refuses a fresh access token ({} {})",
                fault.code, fault.message
            ))),
            answer => answer,
        }
    }

    pub(super) async fn send(
        &self,
        token: &SecretString,
        method: Method,
        path: &str,
        (body, content): (&Bytes, &str),
    ) -> Result<Response, CallError> {
        self.pace.turn().await;
        let unusable = |_| CallError::Reconnect("Intuit's token is not usable in a header".to_owned());
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).map_err(unusable)?;
        bearer.set_sensitive(true);
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.base))
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, content)
            .body(body.clone())
            .map_err(|error| CallError::Unreadable(format!("the address {path}: {error}")))?;
        let secrets = secrets_of(request.headers());
        judge(without(self.transport.send(request).await?, &secrets))
    }
}

pub(super) fn parse<T: DeserializeOwned>(what: &str, body: &[u8]) -> Result<T, CallError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| CallError::Unreadable(format!("{what}: {error}")))
}
