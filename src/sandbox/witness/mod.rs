//! The witness: counts every call to both vendors, remembers the last ones, and
//! on request records all traffic as lines of JSON, without secrets.

mod layer;
mod redact;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::trouble::Vendor;
pub use layer::Secrets;

/// So many calls are remembered.
const REMEMBERED: usize = 200;

/// A call and how it was answered.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// When it came, on the sandbox's clock.
    pub time: Timestamp,
    /// To whom.
    pub vendor: Vendor,
    /// Its verb.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// The status of the answer; none if the connection was cut instead.
    pub status: Option<u16>,
}

/// How often calls of one sort were answered alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Sort {
    /// To whom.
    pub vendor: Vendor,
    /// The verb.
    pub method: String,
    /// The path with `{id}` for every number.
    pub path: String,
    /// The status; none if the connection was cut instead.
    pub status: Option<u16>,
}

/// What was seen of both vendors' traffic. Clones share it.
#[derive(Clone, Default)]
pub struct Witness(Arc<Seen>);

#[derive(Default)]
struct Seen {
    log: Mutex<Log>,
    records: AtomicBool,
    pen: Mutex<Option<Box<dyn Write + Send>>>,
    /// Every secret that either vendor held while it was recorded; dead ones
    /// too, because a client may send them again.
    secrets: Mutex<BTreeSet<String>>,
}

#[derive(Default)]
struct Log {
    last: VecDeque<Call>,
    counts: BTreeMap<Sort, u64>,
}

impl Witness {
    /// The last calls, the newest first.
    pub fn last_calls(&self) -> Vec<Call> {
        self.log().last.iter().rev().cloned().collect()
    }

    /// How many calls of each sort there were.
    pub fn counts(&self) -> Vec<(Sort, u64)> {
        self.log().counts.iter().map(|(sort, count)| (sort.clone(), *count)).collect()
    }

    /// From now on every exchange is written to `pen`, one JSON object a line,
    /// flushed as soon as its answer has ended.
    pub fn record_to(&self, pen: impl Write + Send + 'static) {
        *self.0.pen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(pen));
        self.0.records.store(true, Ordering::Release);
    }

    fn records(&self) -> bool {
        self.0.records.load(Ordering::Acquire)
    }

    fn learn(&self, secrets: Vec<String>) {
        self.secrets().extend(redact::spelled(secrets));
    }

    /// The longest first: one may hold another.
    fn learned(&self) -> Vec<String> {
        let mut known: Vec<String> = self.secrets().iter().cloned().collect();
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        known
    }

    fn secrets(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, call: Call) {
        let sort = Sort {
            vendor: call.vendor,
            method: call.method.clone(),
            path: shape(&call.path),
            status: call.status,
        };
        let mut log = self.log();
        *log.counts.entry(sort).or_default() += 1;
        if log.last.len() >= REMEMBERED {
            log.last.pop_front();
        }
        log.last.push_back(call);
    }

    /// A disk that is full ends the recording, not the sandbox.
    fn write(&self, exchange: &Value) {
        let mut pen = self.0.pen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = pen.as_mut() else { return };
        let mut line = exchange.to_string();
        line.push('\n');
        if let Err(error) = write_line(writer.as_mut(), &line) {
            tracing::error!("the recording ends here: {error}");
            *pen = None;
            self.0.records.store(false, Ordering::Release);
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_line(writer: &mut dyn Write, line: &str) -> io::Result<()> {
    writer.write_all(line.as_bytes())?;
    writer.flush()
}

/// `/v1/invoices/{id}` for `/v1/invoices/88100`. Paths that strangers make up
/// are cut, so that they cannot fill the memory one by one.
fn shape(path: &str) -> String {
    let words = path.split('/').take(7);
    let plain = |word: &str| word.chars().take(40).collect::<String>();
    let words = words.map(|word| {
        let numbered = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        if numbered { "{id}".to_owned() } else { plain(word) }
    });
    words.collect::<Vec<_>>().join("/")
}
