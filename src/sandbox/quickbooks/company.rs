//! The simulated company: what it holds, and the hands on it that tests and
//! operators have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::clock::SandboxClock;
use super::bookkeeper::Bookkeeper;
use super::books::{Books, Token};
use super::entity::{self, singleton};
use super::envelope::Answer;
use super::fault::Fault;
use super::oauth::{Gate, Mint};
use super::throttle::Throttle;
use super::upload::File;
use super::{Calls, Options, Refusal, demo, references, settings, taxes, write};

/// A company on QuickBooks Online. Share it behind an [`Arc`].
#[derive(Debug)]
pub struct Company {
    pub(super) options: Options,
    clock: SandboxClock,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) books: Books,
    pub(super) gate: Gate,
    pub(super) throttle: Throttle,
    /// Answers by request id, and when they were given. Faults are kept too.
    pub(super) replies: HashMap<String, (Timestamp, Answer)>,
    pub(super) calls: Calls,
    pub(super) mint: Mint,
    /// The apps besides the one of the options: id and secret.
    pub(super) apps: Vec<(String, String)>,
    /// What the administrator says when an app asks to be connected.
    pub(super) consents: bool,
}

impl Company {
    /// Intuit's demo company, Craig's Design and Landscaping Services, with
    /// the items and accounts a subscription business needs besides.
    pub fn demo(options: Options, clock: SandboxClock) -> Arc<Self> {
        Self::begun(options, clock, false)
    }

    /// A company that has just begun: accounts, terms and tax codes, but no
    /// customer, no item and no balance.
    pub fn new(options: Options, clock: SandboxClock) -> Arc<Self> {
        Self::begun(options, clock, true)
    }

    fn begun(options: Options, clock: SandboxClock, new: bool) -> Arc<Self> {
        let now = clock.now();
        let mut books = demo::books((&options.company_name, &options.country), now, new);
        books.set_misreading(options.misreading);
        let grace = SignedDuration::try_from(options.rotation_grace).unwrap_or(SignedDuration::MAX);
        let state = State {
            books,
            gate: Gate::new(options.refresh_token.clone(), grace, now),
            throttle: Throttle::default(),
            replies: HashMap::new(),
            calls: Calls::default(),
            mint: Mint::new(options.seed),
            apps: Vec::new(),
            consents: true,
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
    ///
    /// # Panics
    ///
    /// For a path that [`Company::try_set_preference`] refuses.
    pub fn set_preference(&self, path: &str, value: Value) {
        self.try_set_preference(path, value).expect("the path leads to a setting");
    }

    /// As [`Company::set_preference`], for a path of somebody else's.
    ///
    /// # Errors
    ///
    /// Where the path leads through a setting that holds no others.
    pub fn try_set_preference(&self, path: &str, value: Value) -> Result<(), String> {
        settings::put(&mut self.lock().books, path, value)
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

    /// Puts in an object under an id of one's choice; ids go on after it.
    ///
    /// # Errors
    ///
    /// The [`Fault`] the API would answer.
    pub fn put_in(&self, entity: &str, id: u64, body: Value) -> Result<(), Fault> {
        let entity = entity_named(entity)?;
        let mut state = self.lock();
        if state.books.shelf(entity.name).get(id).is_some() {
            return Err(Fault::business("There is an object of that id already."));
        }
        let mut body = super::json::object(body);
        body.insert("Id".into(), json!(id.to_string()));
        write::seed(&mut state.books, entity, body)?;
        state.books.number_after(entity.sequence, id);
        Ok(())
    }

    /// Makes a tax code of one rate.
    ///
    /// # Errors
    ///
    /// The [`Fault`] the API would answer.
    pub fn add_tax_code(&self, name: &str, percent: &str) -> Result<(), Fault> {
        let percent = percent.parse::<serde_json::Number>().map_err(|_| Fault::property("RateValue"))?;
        let rate = json!({
            "TaxRateName": format!("{name} {percent}%"), "RateValue": percent, "TaxAgencyId": "1",
            "TaxApplicableOn": "Sales",
        });
        let body = json!({ "TaxCode": name, "TaxRateDetails": [rate] });
        taxes::create(&mut self.lock().books, &super::json::object(body)).map(|_| ())
    }

    /// The conditions that hold, the first that is looked at first.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.lock().books.standing.all()
    }

    /// Connects one more app, and gives its refresh token: limits count for
    /// each app, and no app may use another's tokens.
    pub fn add_app(&self, client_id: &str, client_secret: &str) -> String {
        let State { gate, mint, books, apps, .. } = &mut *self.lock();
        apps.push((client_id.to_owned(), client_secret.to_owned()));
        gate.connect(apps.len(), books.now(), mint)
    }

    /// Every secret of every app: its own, its tokens and its codes.
    pub fn secrets(&self) -> Vec<String> {
        let state = self.lock();
        let own = [&self.options.client_secret, &self.options.refresh_token];
        let apps = state.apps.iter().map(|(_, secret)| secret);
        own.into_iter().chain(apps).chain(state.gate.secrets()).cloned().collect()
    }

    /// What the administrator says from now on when an app asks to be
    /// connected.
    pub fn set_consent(&self, consents: bool) {
        self.lock().consents = consents;
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

    /// Whether a call under this request id was answered and is still
    /// remembered.
    pub fn has_answered(&self, request_id: &str) -> bool {
        self.lock().replies.contains_key(request_id)
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

    /// An uploaded file by the last part of its address.
    pub(super) fn file(&self, name: &str) -> Option<File> {
        self.lock().books.files.values().find(|file| file.name == name).cloned()
    }
}

/// The carried entity of that name, for those who write past the API.
pub(super) fn entity_named(name: &str) -> Result<&'static entity::Entity, Fault> {
    entity::carried(name).ok_or_else(|| Fault::new("2000", "Invalid object name", name))
}
