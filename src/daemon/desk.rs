//! What the daemon answers on its socket: reads of the state as it stands, and
//! wake-ups. It shares nothing with a pass that either could wait for.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use crate::config::Config;
use crate::explain::{Beside, Known, explain};
use crate::model::Key;
use crate::report::Status;
use crate::socket::{Desk, Line, Problem, Request};
use crate::store::Register;

/// What answers are made from.
pub(super) struct DaemonDesk {
    register: Register,
    files: watch::Sender<Arc<Config>>,
    reports: watch::Receiver<Option<Status>>,
    wake: Arc<Notify>,
}

impl DaemonDesk {
    pub(super) fn new(
        register: Register,
        config: &Arc<Config>,
        reports: watch::Receiver<Option<Status>>,
        wake: Arc<Notify>,
    ) -> Self {
        Self { register, files: watch::Sender::new(Arc::clone(config)), reports, wake }
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

impl Desk for DaemonDesk {
    fn answer(&self, request: Request) -> Line {
        match request {
            Request::Explain { key } => self.explain(&key),
            Request::Pass {} => {
                self.wake.notify_one();
                Line::result(&serde_json::json!({ "woken": true }))
            }
        }
    }
}
