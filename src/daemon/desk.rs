//! What the daemon answers on its socket: reads of the state as it stands, and
//! wake-ups. It shares nothing with a pass that either could wait for.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};

use super::asked::{Asked, WordAsked};
use super::connecting::{AuthAsked, Connecting};
use super::planning::PlanAsked;
use crate::config::Config;
use crate::explain::{Beside, Known, explain};
use crate::model::{Key, ObjectId};
use crate::pass::{Sending, Word};
use crate::quickbooks::QuickBooks;
use crate::report::Status;
use crate::socket::{Answer, Desk, FileTexts, Line, Problem, Request};
use crate::store::Register;

/// Lines of an answer that wait for a slow reader.
const LINES: usize = 4;

/// What answers are made from.
pub(super) struct DaemonDesk {
    register: Register,
    sending: Sending,
    files: watch::Sender<Arc<Config>>,
    reports: watch::Receiver<Option<Status>>,
    wake: Arc<Notify>,
    asked: mpsc::Sender<Asked>,
    connecting: Connecting,
}

impl DaemonDesk {
    pub(super) fn new(
        (register, sending): (Register, Sending),
        (config, quickbooks): (&Arc<Config>, Arc<QuickBooks>),
        reports: watch::Receiver<Option<Status>>,
        (wake, asked): (Arc<Notify>, mpsc::Sender<Asked>),
    ) -> Self {
        let connecting = Connecting::new(quickbooks, Arc::clone(&wake));
        Self {
            register,
            sending,
            files: watch::Sender::new(Arc::clone(config)),
            reports,
            wake,
            asked,
            connecting,
        }
    }

    /// The files that are in force from now on, and the client that goes with
    /// them.
    pub(super) fn put(&self, config: &Arc<Config>, quickbooks: Arc<QuickBooks>) {
        self.files.send_replace(Arc::clone(config));
        self.connecting.put(quickbooks);
    }

    /// Waits for logins under way: the code of one is spent.
    pub(super) async fn connected(&self) {
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
    fn plan(&self, FileTexts(files): FileTexts) -> Answer {
        self.hand(|lines| Asked::Plan(PlanAsked { files, lines }))
    }

    /// Hands the question to the loop, which is in a pass or waits.
    fn hand(&self, asked: impl FnOnce(mpsc::Sender<Line>) -> Asked) -> Answer {
        let (lines, answer) = mpsc::channel(LINES);
        if self.asked.try_send(asked(lines)).is_ok() {
            Answer::Lines(answer)
        } else {
            let words = "another question waits for the end of the pass; ask again in a moment";
            Answer::Now(Line::error(Problem::Busy, words))
        }
    }

    fn journal(&self) -> Line {
        let wait = self.files.borrow().settings.limits.unknown_wait;
        match self.sending.journal(&self.register, wait) {
            Ok(journal) => Line::result(&journal),
            Err(error) => Line::error(Problem::Failed, error.to_string()),
        }
    }

    fn resolve(
        &self,
        (key, part): (&str, Option<&str>),
        word: impl FnOnce(Key, Option<Key>) -> Word,
    ) -> Answer {
        match (key.parse(), part.map(str::parse).transpose()) {
            (Ok(key), Ok(part)) => {
                let (word, wake) = (word(key, part), Arc::clone(&self.wake));
                self.hand(|lines| Asked::Word(WordAsked { word, wake, lines }))
            }
            (Err(error), _) | (_, Err(error)) => {
                Answer::Now(Line::error(Problem::BadRequest, format!("{error}")))
            }
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

impl Desk for DaemonDesk {
    fn answer(&self, request: Request) -> Answer {
        match request {
            Request::Explain { key } => Answer::Now(self.explain(&key)),
            Request::Pass {} => {
                self.wake.notify_one();
                Answer::Now(Line::result(&serde_json::json!({ "woken": true })))
            }
            Request::Plan { files } => self.plan(files),
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
