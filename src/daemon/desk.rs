//! What the daemon answers on its socket: reads of the state as it stands, and
//! wake-ups. It shares nothing with a pass that either could wait for.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};

use super::connecting::{AuthAsked, Connecting};
use super::planning::PlanAsked;
use super::resolving::WordAsked;
use super::suggesting::{Clients, Suggesting};
use crate::clock::Clock;
use crate::config::Config;
use crate::explain::{Beside, Known, explain};
use crate::model::{Key, ObjectId};
use crate::pass::{Sending, Word};
use crate::propose::{Asked, Form, start};
use crate::report::Status;
use crate::socket::{Answer, Desk, FileTexts, Line, Problem, Request};
use crate::store::Register;

/// Lines of an answer that wait for a slow reader.
const LINES: usize = 4;

/// What answers are made from.
pub(super) struct DaemonDesk {
    register: Register,
    sending: Sending,
    clock: Arc<dyn Clock>,
    files: watch::Sender<Arc<Config>>,
    reports: watch::Receiver<Option<Status>>,
    wake: Arc<Notify>,
    plans: mpsc::Sender<PlanAsked>,
    words: mpsc::Sender<WordAsked>,
    connecting: Connecting,
    suggesting: Suggesting,
}

impl DaemonDesk {
    pub(super) fn new(
        (register, sending, clock): (Register, Sending, Arc<dyn Clock>),
        (config, clients): (&Arc<Config>, Clients),
        reports: watch::Receiver<Option<Status>>,
        (wake, plans, words): (Arc<Notify>, mpsc::Sender<PlanAsked>, mpsc::Sender<WordAsked>),
    ) -> Self {
        let connecting = Connecting::new(Arc::clone(&clients.1), Arc::clone(&wake));
        let (files, suggesting) = (watch::Sender::new(Arc::clone(config)), Suggesting::new(clients));
        Self { register, sending, clock, files, reports, wake, plans, words, connecting, suggesting }
    }

    /// The files that are in force from now on, and the clients that go with
    /// them.
    pub(super) fn put(&self, config: &Arc<Config>, clients: Clients) {
        self.files.send_replace(Arc::clone(config));
        self.connecting.put(Arc::clone(&clients.1));
        self.suggesting.put(clients);
    }

    /// Waits for logins under way: the code of one is spent.
    pub(super) async fn connected(&self) {
        self.suggesting.end();
        self.connecting.over().await;
    }

    fn explain(&self, key: &str) -> Line {
        let key: Key = match key.parse() {
            Ok(key) => key,
            Err(error) => return Line::error(Problem::BadRequest, format!("{error}")),
        };
        // A copy: the report must not be kept from the next pass.
        let last = self.reports.borrow().clone();
        let config = Arc::clone(&self.files.borrow());
        let beside = Beside { config: &config, last: last.as_ref() };
        match explain(&self.register, &beside, key) {
            Ok(Known::Record(explained)) => Line::result(&explained),
            Ok(Known::Nothing(message)) => Line::error(Problem::UnknownKey, message),
            Err(error) => Line::error(Problem::Failed, error.to_string()),
        }
    }
}

impl DaemonDesk {
    /// Hands the question to the loop, which is in a pass or waits.
    fn plan(&self, files: FileTexts) -> Answer {
        let (lines, answer) = mpsc::channel(LINES);
        match self.plans.try_send(PlanAsked { files: Arc::new(files), lines }) {
            Ok(()) => Answer::Lines(answer),
            Err(_) => {
                Answer::Now(Line::error(Problem::Busy, "another plan is being made; ask again in a moment"))
            }
        }
    }

    fn journal(&self) -> Line {
        let wait = self.files.borrow().settings.limits.unknown_wait;
        match self.sending.journal(&self.register, wait) {
            Ok(journal) => Line::result(&journal),
            Err(error) => Line::error(Problem::Failed, error.to_string()),
        }
    }

    /// A person's word goes to the loop, too: it is taken between two passes.
    fn resolve(
        &self,
        (key, part): (&str, Option<&str>),
        word: impl FnOnce(Key, Option<Key>) -> Word,
    ) -> Answer {
        let (key, part) = match (key.parse(), part.map(str::parse).transpose()) {
            (Ok(key), Ok(part)) => (key, part),
            (Err(error), _) | (_, Err(error)) => {
                return Answer::Now(Line::error(Problem::BadRequest, format!("{error}")));
            }
        };
        let (lines, answer) = mpsc::channel(LINES);
        let (word, wake) = (word(key, part), Arc::clone(&self.wake));
        if self.words.try_send(WordAsked { word, wake, lines }).is_ok() {
            Answer::Lines(answer)
        } else {
            let words = "another word waits for the end of the pass; say it again in a moment";
            Answer::Now(Line::error(Problem::Busy, words))
        }
    }
}

impl DaemonDesk {
    /// Hands it to a task that nobody's hanging up ends.
    fn connect(&self, realm_id: &str, asked: AuthAsked) -> Answer {
        let company = self.files.borrow().settings.company.clone();
        if company.realm_id.as_str() != realm_id {
            let words = format!(
                "the files are about company {realm_id}, and this daemon keeps {}; was `latchd.toml` changed, and not \
                 taken up? `latchd status` tells why",
                company.realm_id
            );
            return Answer::Now(Line::error(Problem::BadRequest, words));
        }
        Answer::Lines(self.connecting.begin(company, asked))
    }
}

impl DaemonDesk {
    fn suggest(&self, request: Request) -> Answer {
        let refused = |words: &str| Answer::Now(Line::error(Problem::BadRequest, words));
        let Request::Suggest {
            files,
            format,
            width,
            start: day,
            customer,
            search,
            from_staxbill,
            without_addresses,
        } = request
        else {
            return refused("this is no question for suggestions");
        };
        let form = match format.as_str() {
            "toml" => Form::Toml,
            "table" => Form::Table(width),
            "json" => Form::Json,
            _ => return refused("suggestions come as `toml`, `table` or `json`"),
        };
        let start = match day.as_deref().map(start).transpose() {
            Ok(start) => start,
            Err(words) => return refused(&words),
        };
        let now = self.clock.now();
        let asked = Asked { form, start, customer, search, from_staxbill, without_addresses, now };
        let present = Arc::clone(&self.files.borrow());
        self.suggesting.begin(&present, files, asked)
    }
}

impl Desk for DaemonDesk {
    fn answer(&self, request: Request) -> Answer {
        match request {
            Request::Explain { key } => Answer::Now(self.explain(&key)),
            Request::Pass {} => {
                self.wake.notify_one();
                Answer::Now(Line::result(&serde_json::json!({ "woken": true })))
            }
            Request::Plan { files } => self.plan(files),
            suggest @ Request::Suggest { .. } => self.suggest(suggest),
            Request::Journal {} => Answer::Now(self.journal()),
            Request::JournalResolve { key, part, posted, why, by } => {
                let posted = posted.map(ObjectId::new);
                self.resolve((&key, part.as_deref()), |key, part| Word { key, part, posted, why, by })
            }
            Request::AuthPage { realm_id, redirect_uri, state } => {
                self.connect(&realm_id, AuthAsked::Page { redirect_uri, state })
            }
            Request::AuthLogin { realm_id, redirect_uri, state, address } => {
                self.connect(&realm_id, AuthAsked::Login { redirect_uri, state, address })
            }
            Request::AuthLogout { realm_id, forget } => self.connect(&realm_id, AuthAsked::Logout { forget }),
        }
    }
}
