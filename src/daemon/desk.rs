//! What the daemon answers on its socket: reads of the state as it stands, and
//! wake-ups. It shares nothing with a pass that either could wait for.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};

use super::planning::PlanAsked;
use crate::config::Config;
use crate::explain::{Beside, Known, explain};
use crate::model::Key;
use crate::report::Status;
use crate::socket::{Answer, Desk, FileTexts, Line, Problem, Request};
use crate::store::Register;

/// Lines of an answer that wait for a slow reader.
const LINES: usize = 4;

/// What answers are made from.
pub(super) struct DaemonDesk {
    register: Register,
    files: watch::Sender<Arc<Config>>,
    reports: watch::Receiver<Option<Status>>,
    wake: Arc<Notify>,
    plans: mpsc::Sender<PlanAsked>,
}

impl DaemonDesk {
    pub(super) fn new(
        register: Register,
        config: &Arc<Config>,
        reports: watch::Receiver<Option<Status>>,
        (wake, plans): (Arc<Notify>, mpsc::Sender<PlanAsked>),
    ) -> Self {
        Self { register, files: watch::Sender::new(Arc::clone(config)), reports, wake, plans }
    }

    /// The files that are in force from now on.
    pub(super) fn put(&self, config: &Arc<Config>) {
        self.files.send_replace(Arc::clone(config));
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
    fn plan(&self, FileTexts(files): FileTexts) -> Answer {
        let (lines, answer) = mpsc::channel(LINES);
        match self.plans.try_send(PlanAsked { files, lines }) {
            Ok(()) => Answer::Lines(answer),
            Err(_) => {
                Answer::Now(Line::error(Problem::Busy, "another plan is being made; ask again in a moment"))
            }
        }
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
        }
    }
}
