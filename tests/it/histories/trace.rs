//! The trace of a history: every call on the wire, every act, every pass, with
//! the time on the sandbox's clock. Two histories that were the same have the
//! same hash.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use latchd::http::{Request, Response, Transport, TransportError};
use latchd::pass::{Cause, Done};
use latchd::plan::Plan;
use latchd::sandbox::clock::SandboxClock;
use sha2::{Digest as _, Sha256};

use super::wire::Wire;
use crate::company::Witness;

/// Hexadecimal digits that name a body.
const BODY_DIGITS: usize = 8;
/// Hexadecimal digits that name a history.
const HASH_DIGITS: usize = 16;
/// So many marks of a body are told.
const MARKS_MAX: usize = 3;
/// So much of a query's or a refusal's words is told.
const WORDS_MAX: usize = 160;

/// What happened in a history, in order. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Trace {
    clock: Arc<OnceLock<SandboxClock>>,
    lines: Arc<Mutex<Vec<String>>>,
    /// What all traffic must obey.
    pub(super) wire: Wire,
}

impl Trace {
    /// From now on it tells the time by this clock.
    pub(super) fn begin(&self, clock: &SandboxClock) {
        self.clock.get_or_init(|| clock.clone());
    }

    /// Notes that something happened.
    pub(crate) fn note(&self, what: impl Display) {
        let line = format!("{} {what}", self.now());
        self.lock().push(line);
    }

    fn now(&self) -> Timestamp {
        self.clock.get().map_or(Timestamp::UNIX_EPOCH, SandboxClock::now)
    }

    /// All of it.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lock().clone()
    }

    /// Names all of it.
    pub(super) fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for line in self.lock().iter() {
            hasher.update(line.as_bytes());
            hasher.update(b"\n");
        }
        format!("{:x}", hasher.finalize())[..HASH_DIGITS].to_owned()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Witness for Trace {
    fn over(&self, network: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Traced { network, trace: self.clone() })
    }

    fn pass(&self, done: &Done) {
        let causes: Vec<String> =
            done.causes.iter().map(|cause| format!("{} ({})", cause.code.name(), cause.reason)).collect();
        for cause in &causes {
            self.wire.told(cause);
        }
        let (number, outcome, steps) = (done.number, done.outcome, done.steps.len());
        self.note(format_args!("= pass {number}: {outcome:?}, {steps} steps {causes:?}"));
    }

    fn plan(&self, plan: &Plan, causes: &[Cause]) {
        self.note(format_args!("= a plan of {} steps, {} causes", plan.steps.len(), causes.len()));
    }
}

struct Traced {
    network: Arc<dyn Transport>,
    trace: Trace,
}

impl Transport for Traced {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let told = told(&request);
            self.trace.note(format_args!("→ {told}"));
            let sent = self.trace.wire.sends(self.trace.now(), &request);
            let mut call = Call { trace: &self.trace, told, answered: false };
            let answer = self.network.send(request).await;
            call.answered = true;
            self.trace.wire.answered(sent, self.trace.now(), answer.as_ref());
            match &answer {
                Ok(answer) => self.trace.note(format_args!("← {} {}", call.told, answer_told(answer))),
                Err(error) => self.trace.note(format_args!("← {} {error}", call.told)),
            }
            answer
        }
        .boxed()
    }
}

/// A call on its way; it was killed where it goes without an answer.
struct Call<'a> {
    trace: &'a Trace,
    told: String,
    answered: bool,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.trace.note(format_args!("✗ {} killed before its answer", self.told));
        }
    }
}

fn told(request: &Request) -> String {
    let place = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let (method, body) = (request.method(), request.body());
    if body.is_empty() {
        return format!("{method} {place}");
    }
    let text = String::from_utf8_lossy(body);
    let words =
        if text.starts_with("SELECT ") { brief(&text) } else { format!("{}{}", digest(body), marks(&text)) };
    format!("{method} {place} {words}")
}

fn answer_told(answer: &Response) -> String {
    let (status, body) = (answer.status().as_u16(), answer.body());
    if answer.status().is_success() {
        format!("{status} {}", digest(body))
    } else {
        format!("{status} {} {}", digest(body), brief(&String::from_utf8_lossy(body)))
    }
}

/// The first marks of a body, and how many there are.
fn marks(text: &str) -> String {
    let all: Vec<&str> = text.split("[latchd ").skip(1).filter_map(|rest| rest.split(']').next()).collect();
    if all.is_empty() {
        return String::new();
    }
    let first = all.iter().take(MARKS_MAX).copied().collect::<Vec<_>>().join(", ");
    if all.len() > MARKS_MAX { format!(" [{first} … {}]", all.len()) } else { format!(" [{first}]") }
}

fn brief(text: &str) -> String {
    text.chars().take(WORDS_MAX).collect()
}

fn digest(body: &[u8]) -> String {
    format!("{:x}", Sha256::digest(body))[..BODY_DIGITS].to_owned()
}
