//! What all traffic must obey, whatever is decided: seen from the wire and from
//! the journal on the disk, and from nothing else of latchd's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Method;
use http::header::AUTHORIZATION;
use jiff::{SignedDuration, Timestamp};
use latchd::http::{Phase, Request, Response, TransportError};
use latchd::store::{Register, Store};
use serde_json::Value;

/// What is broken, and how.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    /// The rule, in a word or two.
    pub(super) invariant: &'static str,
    /// What was seen.
    pub(super) words: String,
}

impl Broken {
    pub(super) fn new(invariant: &'static str, words: impl Into<String>) -> Self {
        Self { invariant, words: words.into() }
    }
}

/// Every write has a durable intent with the same bytes (I2).
pub(super) const NO_INTENT: &str = "I2 no request without an intent";
/// A requestid is never used for two bodies (I3).
pub(super) const REQUEST_ID: &str = "I3 a requestid names one body";
/// The same bytes go out again after an unknown outcome alone.
pub(super) const SENT_AGAIN: &str = "no write is repeated after its answer";
/// What was cut off is looked for before it is sent again.
pub(super) const NOT_PROBED: &str = "an unknown outcome is looked for first";
/// Nothing is sent again while Intuit may still work on it.
pub(super) const TOO_EARLY: &str = "an unknown outcome is left alone for 130 s";

/// An open intent keeps its id and its bytes.
pub(super) const INTENT: &str = "I2 an open intent stays as it is";
/// A state that went back is noticed.
pub(super) const UNNOTICED: &str = "I17 a state never goes back unnoticed";
/// A dismissal is for its own warning alone.
pub(super) const DISMISSED: &str = "I9 a dismissal hides no other warning";
/// A token is on the disk before it is used, and asked for when it can be kept.
pub(super) const TOKEN: &str = "I11 no token is used or spent that is not on the disk";
/// latchd's second opinion of its own plan finds nothing.
pub(super) const OWN_CHECK: &str = "latchd's own check finds no contradiction";

/// Intuit works on a request for up to 120 s; ten more are left for the way.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(130);
/// Characters of a `requestid`, and of a `bId` in a batch (Intuit: batch).
const REQUEST_ID_MAX: usize = 36;
const BID_MAX: usize = 10;
/// Where tokens are asked for.
const TOKENS: &str = "/oauth2/v1/tokens/bearer";

/// Customers are asked for with those that are inactive.
const EVERYONE: &str = " WHERE Active IN (true, false)";

/// The watch over all traffic of one history. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Wire(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// The disk, as a power loss would leave it.
    disk: Option<Arc<dyn Store>>,
    /// The folder of the state.
    folder: PathBuf,
    /// Access tokens that were seen in it.
    tokens: BTreeSet<String>,
    /// The intents that were seen on it: when they were written down, their place
    /// and their bytes.
    intents: BTreeMap<(Timestamp, u64), (String, String)>,
    sent: Vec<Sent>,
    by_request_id: BTreeMap<String, Vec<usize>>,
    /// Successful looks at QuickBooks: when each was answered, and what it asked.
    looks: Vec<(Timestamp, String)>,
    broken: Option<Broken>,
}

/// A write on the wire.
struct Sent {
    at: Timestamp,
    request_id: String,
    place: String,
    body: String,
    /// What it creates.
    creates: Vec<Created>,
    answer: Answer,
}

/// An object that a write creates.
struct Created {
    /// `Invoice`.
    kind: String,
    /// The mark that it bears.
    mark: String,
    /// What it is found by: its number, else its day.
    found_by: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// None yet; a process that was killed never gets one.
    None,
    /// Nobody knows what became of it.
    Unknown,
    /// It was not carried out, and may be sent again as it is.
    NotTried,
    /// It was carried out or refused.
    Definite,
}

/// A call that was sent: which, if it matters.
pub(super) enum Watched {
    Write(usize),
    Look(String),
    Other,
}

impl Wire {
    /// Watches the journal in this store, and the token in this folder.
    pub(super) fn watch(&self, disk: Arc<dyn Store>, folder: PathBuf) {
        let mut seen = self.seen();
        (seen.disk, seen.folder) = (Some(disk), folder);
    }

    /// What was broken first.
    pub(super) fn broken(&self) -> Option<Broken> {
        self.seen().broken.clone()
    }

    /// A pass told why it ended.
    pub(super) fn told(&self, reason: &str) {
        if reason.contains("latchd's own check") {
            self.breaks(Broken::new(OWN_CHECK, reason));
        }
    }

    /// Something is broken, unless something was before.
    pub(super) fn breaks(&self, broken: Broken) {
        self.seen().broken.get_or_insert(broken);
    }

    /// A call goes out.
    pub(super) fn sends(&self, at: Timestamp, request: &Request) -> Watched {
        let wrong = self.seen().token(request);
        if let Some(wrong) = wrong {
            self.breaks(wrong);
        }
        let path = request.uri().path();
        let Some((_, place)) = path.strip_prefix("/v3/company/").and_then(|rest| rest.split_once('/')) else {
            return Watched::Other;
        };
        let text = String::from_utf8_lossy(request.body()).into_owned();
        if request.method() == Method::GET {
            let query = request.uri().query().unwrap_or_default();
            return Watched::Look(format!("{place}?{query}"));
        }
        if place == "query" {
            return Watched::Look(text);
        }
        let query = request.uri().query().unwrap_or_default();
        let request_id =
            query.split('&').find_map(|pair| pair.strip_prefix("requestid=")).unwrap_or_default();
        let sent = Sent {
            at,
            request_id: request_id.to_owned(),
            place: format!("{place}?{query}"),
            creates: creates(place, &text),
            body: text,
            answer: Answer::None,
        };
        Watched::Write(self.seen().send(sent))
    }

    /// Its answer came, or it is known that none will.
    pub(super) fn answered(
        &self,
        watched: Watched,
        at: Timestamp,
        answer: Result<&Response, &TransportError>,
    ) {
        let mut seen = self.seen();
        match watched {
            Watched::Write(place) => seen.sent[place].answer = judge(answer),
            Watched::Look(asked) if answer.is_ok_and(|answer| answer.status().is_success()) => {
                seen.looks.push((at, asked));
            }
            Watched::Look(_) | Watched::Other => {}
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn send(&mut self, sent: Sent) -> usize {
        let place = self.sent.len();
        let wrong = self.journaled(&sent).or_else(|| self.named(&sent)).or_else(|| self.looked(&sent));
        if let Some(wrong) = wrong {
            self.broken.get_or_insert(wrong);
        }
        self.by_request_id.entry(sent.request_id.clone()).or_default().push(place);
        self.sent.push(sent);
        place
    }

    /// Whether the token that a call bears is on the disk, and whether there is
    /// room for the one that it asks for.
    fn token(&mut self, request: &Request) -> Option<Broken> {
        let path = request.uri().path();
        if path == TOKENS {
            let full = self.folder.join("token.json.new").is_dir();
            return full.then(|| Broken::new(TOKEN, "a token was renewed that cannot be kept"));
        }
        let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|value| value.strip_prefix("Bearer "))?;
        let kept = std::fs::read_to_string(self.folder.join("token.json")).unwrap_or_default();
        // One that was renewed since may still be on its way to a call.
        if kept.contains(token) {
            self.tokens.insert(token.to_owned());
        }
        let known = self.tokens.contains(token);
        (!known).then(|| Broken::new(TOKEN, format!("{path} bears a token that was never kept")))
    }

    /// Whether the journal on the disk holds it, byte by byte.
    fn journaled(&mut self, sent: &Sent) -> Option<Broken> {
        let intents = Register::new(Arc::clone(self.disk.as_ref()?)).intents();
        let intents = intents.map_err(|error| error.to_string()).unwrap_or_default();
        for intent in &intents {
            let bytes = (intent.path.clone(), intent.body.clone());
            let first = self.intents.entry((intent.begun_at, intent.seq)).or_insert_with(|| bytes.clone());
            if *first != bytes {
                return Some(Broken::new(INTENT, format!("{first:?} became {bytes:?}")));
            }
        }
        let held = intents.iter().any(|intent| intent.path == sent.place && intent.body == sent.body);
        (!held).then(|| Broken::new(NO_INTENT, format!("{} was sent: {}", sent.place, sent.body)))
    }

    /// Whether its name is its own.
    fn named(&self, sent: &Sent) -> Option<Broken> {
        let earlier = self.by_request_id.get(&sent.request_id).into_iter().flatten();
        for earlier in earlier.map(|place| &self.sent[*place]) {
            if (&earlier.place, &earlier.body) != (&sent.place, &sent.body) {
                let words = format!("{}: {} and then {}", sent.request_id, earlier.body, sent.body);
                return Some(Broken::new(REQUEST_ID, words));
            }
            if earlier.answer == Answer::Definite {
                let words = format!("{} went out at {} and again at {}", sent.place, earlier.at, sent.at);
                return Some(Broken::new(SENT_AGAIN, words));
            }
        }
        let items = items(&sent.body);
        let bids: BTreeSet<&str> = items.iter().filter_map(|item| item["bId"].as_str()).collect();
        let short = bids.iter().all(|bid| bid.len() <= BID_MAX) && sent.request_id.len() <= REQUEST_ID_MAX;
        let own = bids.len() == items.len() && !sent.request_id.is_empty();
        (!short || !own).then(|| Broken::new(REQUEST_ID, format!("{} with {bids:?}", sent.place)))
    }

    /// Whether what it creates was looked for, where an earlier try of that has
    /// no answer.
    fn looked(&self, sent: &Sent) -> Option<Broken> {
        for made in &sent.creates {
            let last = self.sent.iter().rev().find(|one| one.creates.iter().any(|one| one.mark == made.mark));
            let Some(last) = last.filter(|one| matches!(one.answer, Answer::None | Answer::Unknown)) else {
                continue;
            };
            let mark = &made.mark;
            if sent.at.duration_since(last.at) < LEFT_ALONE {
                let words = format!("{mark} went out at {} and again at {}", last.at, sent.at);
                return Some(Broken::new(TOO_EARLY, words));
            }
            let all = format!("SELECT * FROM {}", made.kind);
            // A state that was begun anew knows no intent: it reads all, and once
            // more what changed since then.
            let anew = last.request_id != sent.request_id;
            let scan = |asked: &str| {
                let rest = asked.strip_prefix(&all).unwrap_or_default();
                rest.strip_prefix(EVERYONE).unwrap_or(rest).starts_with(" ORDERBY")
            };
            let scans = self.looks.iter().filter(|(_, asked)| scan(asked));
            let read = scans.map(|(at, _)| *at).max().map_or(last.at, |at| at.max(last.at));
            let asks = |asked: &str| {
                let named = asked.starts_with(&all) && asked.contains(&made.found_by);
                named || scan(asked) || anew && tells_since(asked, read)
            };
            let looked = self.looks.iter().rev().take_while(|(at, _)| *at >= last.at);
            let mut looked = looked.filter(|(at, _)| at.duration_since(last.at) >= LEFT_ALONE);
            if !looked.any(|(_, asked)| asks(asked)) {
                let words =
                    format!("{mark} ({}) went out at {} and again at {}", made.found_by, last.at, sent.at);
                return Some(Broken::new(NOT_PROBED, words));
            }
        }
        None
    }
}

/// What an answer tells of a write, as little as can be made of it.
fn judge(answer: Result<&Response, &TransportError>) -> Answer {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.phase == Phase::BeforeSend => return Answer::NotTried,
        Err(_) => return Answer::Unknown,
    };
    let Ok(body) = serde_json::from_slice::<Value>(answer.body()) else {
        return if answer.status().is_client_error() { Answer::NotTried } else { Answer::Unknown };
    };
    match answer.status().as_u16() {
        401 | 429 => Answer::NotTried,
        500.. => Answer::Unknown,
        _ if body["BatchItemResponse"].is_array() && !whole(&body) => Answer::Unknown,
        _ => Answer::Definite,
    }
}

/// Whether a batch's answer leaves nothing open.
fn whole(body: &Value) -> bool {
    let items = body["BatchItemResponse"].as_array().into_iter().flatten();
    let codes = items.filter_map(|item| item["Fault"]["Error"][0]["code"].as_str());
    codes.into_iter().all(|code| !matches!(code, "600" | "10000" | "150" | "140" | "130" | "4002" | "3001"))
}

fn items(body: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body["BatchItemRequest"].as_array().cloned().unwrap_or_default()
}

/// What a write creates, by the marks in its body.
fn creates(place: &str, body: &str) -> Vec<Created> {
    let items = items(body);
    if !items.is_empty() {
        let made = items.iter().filter(|item| item["operation"] == "create");
        let objects = made.filter_map(|item| item.as_object()?.iter().find(|(_, value)| value.is_object()));
        return objects.filter_map(|(kind, object)| created(kind, object)).collect();
    }
    let object: Value = serde_json::from_str(body).unwrap_or_default();
    let kinds = ["Customer", "Invoice", "CreditMemo", "JournalEntry", "Payment"];
    let kind = kinds.into_iter().find(|kind| kind.to_lowercase() == place);
    kind.filter(|_| object["Id"].is_null()).and_then(|kind| created(kind, &object)).into_iter().collect()
}

fn created(kind: &str, object: &Value) -> Option<Created> {
    let text = |key: &str| object[key].as_str();
    let note = text("PrivateNote").or_else(|| text("Notes"))?;
    let mark = note.split_once("[latchd ")?.1.split_once(']')?.0.to_owned();
    let numbers = ["DocNumber", "PaymentRefNum", "DisplayName"];
    let found_by = numbers.into_iter().find_map(text).or_else(|| text("TxnDate")).unwrap_or_default();
    Some(Created { kind: kind.to_owned(), mark, found_by: format!("'{found_by}'") })
}

/// Whether a look was one at the change feed that reaches back to `at`.
fn tells_since(asked: &str, at: Timestamp) -> bool {
    let since = asked.strip_prefix("cdc?").and_then(|query| query.split("changedSince=").nth(1));
    let since = since.and_then(|rest| rest.split('&').next()).map(|text| text.replace("%3A", ":"));
    since.and_then(|text| text.parse::<Timestamp>().ok()).is_some_and(|since| since <= at)
}
