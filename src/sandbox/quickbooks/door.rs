//! Who is let in: the token, the company, the limits, the request id, and
//! only then the books.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::company::{Company, State};
use super::dispatch::{Call, Sort, dispatch};
use super::envelope::Answer;
use super::fault::Fault;
use super::oauth::Pair;
use super::{Misreading, Options};

/// The longest `requestid`; a longer one is refused.
const REQUEST_ID_MAX: usize = 50;

/// Who calls: the company they mean, and the token they carry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller<'a> {
    pub(super) realm: &'a str,
    /// The `Authorization` header, if there is one.
    pub(super) authorization: Option<&'a str>,
}

impl Caller<'_> {
    /// That a missing token and another scheme have codes of their own is
    /// documented, which they are is not recorded.
    pub(super) fn token(&self) -> Result<&str, Fault> {
        let header = self.authorization.ok_or_else(|| Fault::known("110"))?;
        let (scheme, token) = header.split_once(' ').ok_or_else(|| Fault::known("100"))?;
        if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Fault::known("100")) }
    }
}

impl Company {
    /// Answers a call, and gives the answer its transaction id.
    pub(super) fn answer(&self, caller: Caller<'_>, call: &Call<'_>) -> (Answer, String) {
        let mut state = self.lock();
        let now = state.books.now();
        let id = state.mint.next("tid");
        let tid = format!("1-{:08x}-{}", now.as_second(), &id[..24]);
        let app = caller
            .token()
            .and_then(|token| state.gate.admits(token, now).ok_or_else(|| Fault::known("3200")));
        let outcome = app.and_then(|app| self.admitted(&mut state, (app, caller.realm), call));
        let answer = match &outcome {
            Ok(()) => state.once(call, &self.options),
            Err(fault) => Answer::refused(fault, now),
        };
        state.count(call.sort(), answer.status);
        if answer.status == StatusCode::OK && self.options.core_plus.is_some() && reads(call) {
            state.throttle.count_read();
        }
        let answer = match outcome {
            Ok(()) => answer,
            Err(fault) => self.reworded(&fault, answer, now),
        };
        (answer, tid)
    }

    /// The company, the limits, and the conditions that hold.
    fn admitted(&self, state: &mut State, (app, realm): (usize, &str), call: &Call<'_>) -> Result<(), Fault> {
        let now = state.books.now();
        if realm != self.options.realm_id {
            return Err(Fault::known("3100"));
        }
        let batch = call.sort() == Sort::Batch;
        let throttle = &mut state.throttle;
        let full = self.options.throttled
            && (!throttle.admits(now, app, batch) || (call.is_mail() && !throttle.admits_mail(now)));
        if full {
            return Err(Fault::known("3001"));
        }
        state.books.standing.call()?;
        let Some(allowance) = self.options.core_plus.filter(|_| reads(call)) else { return Ok(()) };
        if state.throttle.has_reads_left(&state.books.today(), allowance) {
            return Ok(());
        }
        Err(Fault::known("3001").because("The month's allowance of CorePlus calls is used up."))
    }

    /// A refusal at the door as options want it told: limits with 403, as until
    /// some years ago (recorded by others), or a dead token misread.
    fn reworded(&self, fault: &Fault, answer: Answer, now: Timestamp) -> Answer {
        if answer.status == StatusCode::UNAUTHORIZED && self.options.misreading == Some(Misreading::Common401)
        {
            return Answer::unauthenticated_misread(now);
        }
        if fault.code != "3001" || !self.options.old_throttle {
            return answer;
        }
        let message = fault.message.replace("statusCode=429", "statusCode=403");
        let mut answer = Answer::refused(&Fault { message, ..fault.clone() }, now);
        answer.status = StatusCode::FORBIDDEN;
        answer
    }

    /// Which app names itself so; a secret is looked at where there is one.
    pub(super) fn app(&self, id: &str, secret: Option<&str>) -> Option<usize> {
        let state = self.lock();
        let first = (self.options.client_id.clone(), self.options.client_secret.clone());
        let mut apps = std::iter::once(&first).chain(&state.apps);
        apps.position(|app| app.0 == id && secret.is_none_or(|secret| secret == app.1))
    }

    pub(super) fn admits(&self, token: &str) -> bool {
        let state = self.lock();
        state.gate.admits(token, state.books.now()).is_some()
    }

    /// Makes the code that a consenting administrator is sent back with;
    /// `None` where they do not consent.
    pub(super) fn consent(&self, app: usize, redirect_uri: &str) -> Option<String> {
        let mut state = self.lock();
        let now = state.books.now();
        let code = format!("AB11{}", state.mint.next("code"));
        state.consents.then(|| {
            state.gate.consent((app, redirect_uri), code.clone(), now);
            code
        })
    }

    pub(super) fn exchange(&self, app: usize, (code, uri): (&str, &str)) -> Result<Pair, &'static str> {
        let State { gate, mint, books, .. } = &mut *self.lock();
        gate.exchange(app, (code, uri), books.now(), mint)
    }

    pub(super) fn refresh(&self, app: usize, token: &str) -> Result<Pair, &'static str> {
        let State { gate, mint, books, calls, .. } = &mut *self.lock();
        let pair = gate.refresh(app, token, books.now(), mint)?;
        calls.token_refreshes += 1;
        Ok(pair)
    }

    pub(super) fn revoke(&self, app: usize, token: &str) -> bool {
        self.lock().gate.revoke(app, token)
    }
}

/// Whether a call counts as `CorePlus`. A batch that holds a query counts once
/// (presumed, not recorded); a file's address and a PDF count as reads.
fn reads(call: &Call<'_>) -> bool {
    match call.sort() {
        Sort::Read => true,
        Sort::Write => false,
        Sort::Batch => {
            let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
            let items = body["BatchItemRequest"].as_array().map_or(&[][..], Vec::as_slice);
            items.iter().any(|item| item.get("Query").is_some() || item.get("CDCQuery").is_some())
        }
    }
}

impl State {
    /// Carries a call out, or answers it as it was answered before. The first
    /// answer is the one repeated: also a fault, also when what was made has
    /// gone since, also when the body is another. Whether the service keeps
    /// faults is not recorded.
    fn once(&mut self, call: &Call<'_>, options: &Options) -> Answer {
        let now = self.books.now();
        let Some(id) = call.request_id() else { return self.carry_out(call, now) };
        if id.len() > REQUEST_ID_MAX {
            return Answer::refused(&Fault::length("requestid", REQUEST_ID_MAX, id.len()), now);
        }
        let remembered = |at: Timestamp| {
            let kept = options.request_ids_kept.and_then(|kept| SignedDuration::try_from(kept).ok());
            kept.is_none_or(|kept| now.duration_since(at) < kept)
        };
        if let Some((_, answer)) = self.replies.get(id).filter(|(at, _)| remembered(*at)) {
            return answer.clone();
        }
        let answer = self.carry_out(call, now);
        self.replies.insert(id.to_owned(), (now, answer.clone()));
        answer
    }

    fn carry_out(&mut self, call: &Call<'_>, now: Timestamp) -> Answer {
        // Whatever goes wrong inside, the caller gets an answer and the next one is heard.
        let outcome = catch_unwind(AssertUnwindSafe(|| dispatch(&mut self.books, call)));
        match outcome.unwrap_or_else(|_| Err(Fault::known("10000"))) {
            Ok(content) => Answer::found(content, now),
            Err(fault) => Answer::refused(&fault, now),
        }
    }

    fn count(&mut self, sort: Sort, status: StatusCode) {
        let calls = &mut self.calls;
        let counter = match (status, sort) {
            (StatusCode::TOO_MANY_REQUESTS, _) => &mut calls.throttled,
            (StatusCode::OK, Sort::Read) => &mut calls.reads,
            (StatusCode::OK, Sort::Write) => &mut calls.writes,
            (StatusCode::OK, Sort::Batch) => &mut calls.batches,
            _ => &mut calls.refused,
        };
        *counter += 1;
    }
}
