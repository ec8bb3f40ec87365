//! The simulated company: its books, its door, its limits, and the hands on
//! it that tests and operators have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::clock::SandboxClock;
use super::bookkeeper::Bookkeeper;
use super::books::{Books, Token};
use super::dispatch::{Call, Sort, dispatch};
use super::entity::{self, singleton};
use super::envelope::Answer;
use super::fault::Fault;
use super::oauth::{Gate, Mint, Pair};
use super::throttle::Throttle;
use super::{Calls, Misreading, Options, Refusal, demo, references, settings};

/// The longest `requestid`; a longer one is refused.
const REQUEST_ID_MAX: usize = 50;

/// A company on QuickBooks Online. Share it behind an [`Arc`].
#[derive(Debug)]
pub struct Company {
    options: Options,
    clock: SandboxClock,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) books: Books,
    gate: Gate,
    throttle: Throttle,
    /// Answers by request id. It keeps faults too; for how long the service
    /// keeps them is not published, so here it is for ever.
    replies: HashMap<String, Answer>,
    calls: Calls,
    mint: Mint,
}

impl Company {
    /// Intuit's demo company, Craig's Design and Landscaping Services, with
    /// the items and accounts a subscription business needs besides.
    pub fn demo(options: Options, clock: SandboxClock) -> Arc<Self> {
        let now = clock.now();
        let mut books = demo::books((&options.company_name, &options.country), now);
        books.set_misreading(options.misreading);
        let state = State {
            books,
            gate: Gate::new(options.refresh_token.clone(), now),
            throttle: Throttle::default(),
            replies: HashMap::new(),
            calls: Calls::default(),
            mint: Mint::new(options.seed),
        };
        Arc::new(Self { options, clock, state: Mutex::new(state) })
    }

    /// How many requests were answered so far, by sort.
    pub fn calls(&self) -> Calls {
        self.lock().calls
    }

    /// Every living object of an entity such as `"Invoice"`, inactive ones
    /// included, as the API would answer it.
    pub fn objects(&self, entity: &str) -> Vec<Value> {
        let state = self.lock();
        let rows = state.books.shelf(entity).by_id();
        rows.map(|(_, kept)| references::render(&state.books, &kept.object)).collect()
    }

    /// Sets a company setting by its dotted path, such as
    /// `SalesFormsPrefs.CustomTxnNumbers`; `null` takes it away. Also those that
    /// a client could not set, such as `TaxPrefs.PartnerTaxEnabled`.
    pub fn set_preference(&self, path: &str, value: Value) {
        settings::put(&mut self.lock().books, path, value);
    }

    /// Renames the company, as a look at the wrong one would show.
    pub fn set_company_name(&self, name: &str) {
        let mut state = self.lock();
        let Some(kept) = state.books.shelf("CompanyInfo").get(1) else { return };
        let mut card = kept.object.clone();
        for key in ["CompanyName", "LegalName"] {
            card.insert(key.into(), json!(name));
        }
        state.books.put(&singleton::COMPANY_INFO, 1, card, Token::Rise);
    }

    /// The hands of a person at the company's own screens.
    pub fn bookkeeper(&self) -> Bookkeeper<'_> {
        Bookkeeper::new(self)
    }

    /// Begins or ends a condition under which calls are turned away.
    pub fn refuse(&self, refusal: Refusal, holds: bool) {
        let mut state = self.lock();
        state.books.standing.set(refusal, holds);
        if refusal == Refusal::Unsubscribed {
            singleton::set_subscription(&mut state.books, !holds);
        }
    }

    /// The conditions that hold, the first that is looked at first.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.lock().books.standing.all()
    }

    /// Lets every access token expire at once.
    pub fn expire_access_tokens(&self) {
        self.lock().gate.expire_access();
    }

    /// Ends every connection: the next refresh is refused. Access tokens that
    /// are out live on for their hour.
    pub fn kill_refresh_tokens(&self) {
        self.lock().gate.kill_refresh();
    }

    /// Forgets the answers to all request ids so far, so that a repeated write
    /// is done again (reported against Intuit's .NET SDK, issue 352).
    pub fn forget_request_ids(&self) {
        self.lock().replies.clear();
    }

    /// The company's id.
    pub fn realm_id(&self) -> &str {
        &self.options.realm_id
    }

    /// Locks the state and tells the books what time it is.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.books.set_now(self.clock.now());
        state
    }

    /// Answers a call that carries `token` for the company `realm`, and gives
    /// the answer its transaction id.
    pub(super) fn answer(&self, (realm, token): (&str, Option<&str>), call: &Call<'_>) -> (Answer, String) {
        let mut state = self.lock();
        let now = state.books.now();
        let id = state.mint.next("tid");
        let tid = format!("1-{:08x}-{}", now.as_second(), &id[..24]);
        let batch = call.sort() == Sort::Batch;
        let known = token.is_some_and(|token| state.gate.admits(token, now));
        let admitted = if !known {
            Err(Fault::known("3200"))
        } else if realm != self.options.realm_id {
            Err(Fault::known("3100"))
        } else if self.options.throttled && !state.throttle.admits(now, batch) {
            Err(Fault::known("3001"))
        } else {
            state.books.standing.call()
        };
        let answer = match admitted {
            Ok(()) => state.once(call),
            Err(_) if !known => self.turned_away(now),
            Err(fault) => Answer::refused(&fault, now),
        };
        state.count(call.sort(), answer.status);
        (answer, tid)
    }

    fn turned_away(&self, now: Timestamp) -> Answer {
        if self.options.misreading == Some(Misreading::Common401) {
            Answer::unauthenticated_misread(now)
        } else {
            Answer::refused(&Fault::known("3200"), now)
        }
    }

    pub(super) fn is_client(&self, id: &str, secret: Option<&str>) -> bool {
        id == self.options.client_id && secret.is_none_or(|secret| secret == self.options.client_secret)
    }

    pub(super) fn admits(&self, token: &str) -> bool {
        let state = self.lock();
        state.gate.admits(token, state.books.now())
    }

    /// Makes the code that a consenting administrator is sent back with.
    pub(super) fn consent(&self, redirect_uri: &str) -> String {
        let mut state = self.lock();
        let now = state.books.now();
        let code = format!("AB11{}", state.mint.next("code"));
        state.gate.consent(redirect_uri, code.clone(), now);
        code
    }

    pub(super) fn exchange(&self, code: &str, redirect_uri: &str) -> Result<Pair, &'static str> {
        let State { gate, mint, books, .. } = &mut *self.lock();
        gate.exchange((code, redirect_uri), books.now(), mint)
    }

    pub(super) fn refresh(&self, token: &str) -> Result<Pair, &'static str> {
        let State { gate, mint, books, calls, .. } = &mut *self.lock();
        let pair = gate.refresh(token, books.now(), mint)?;
        calls.token_refreshes += 1;
        Ok(pair)
    }

    pub(super) fn revoke(&self, token: &str) -> bool {
        self.lock().gate.revoke(token)
    }
}

impl State {
    /// Carries a call out, or answers it as it was answered before.
    fn once(&mut self, call: &Call<'_>) -> Answer {
        let now = self.books.now();
        let Some(id) = call.request_id() else { return self.carry_out(call, now) };
        if id.len() > REQUEST_ID_MAX {
            return Answer::refused(&Fault::length("requestid", REQUEST_ID_MAX, id.len()), now);
        }
        if let Some(answer) = self.replies.get(id) {
            return answer.clone();
        }
        let answer = self.carry_out(call, now);
        self.replies.insert(id.to_owned(), answer.clone());
        answer
    }

    fn carry_out(&mut self, call: &Call<'_>, now: Timestamp) -> Answer {
        match dispatch(&mut self.books, call) {
            Ok(body) => Answer::found(body, now),
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

/// The carried entity of that name, for those who write past the API.
pub(super) fn entity_named(name: &str) -> Result<&'static entity::Entity, Fault> {
    entity::carried(name).ok_or_else(|| Fault::new("2000", "Invalid object name", name))
}
