//! The world: what a pass works with.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use jiff::civil::Date;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::settle::Outcomes;
use crate::clock::Clock;
use crate::config::Settings;
use crate::model::{Decisions, date_in};
use crate::quickbooks::QuickBooks;
use crate::staxbill::StaxBill;
use crate::store::{Calls, Register};

/// How far a pass is, for a progress bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub phase: String,
    /// How much of it.
    pub done: u64,
    /// Of how much; zero where that is not known.
    pub total: u64,
}

/// What one process remembers and the disk does not.
#[derive(Debug)]
pub struct Memory {
    /// Drawn anew at every start: request ids of another life are never used
    /// for new requests.
    pub epoch: Uuid,
    /// When the process began; writes found open then count from here.
    pub started: Instant,
    /// When a write whose outcome is open was sent.
    pub sent_at: Mutex<BTreeMap<u64, Instant>>,
    /// The next intent's number.
    pub next_seq: AtomicU64,
    /// What became of writes that the process found open when it started.
    pub outcomes: Mutex<Outcomes>,
}

impl Memory {
    /// The memory of a process that starts now.
    pub fn new(register: &Register, epoch: Uuid) -> Result<Self, crate::store::StoreError> {
        let open = register.intents()?;
        let next = open.last().map_or(0, |intent| intent.seq + 1);
        Ok(Self {
            epoch,
            started: Instant::now(),
            sent_at: Mutex::default(),
            next_seq: AtomicU64::new(next),
            outcomes: Mutex::new(Outcomes::of(&open)),
        })
    }
}

/// Everything a pass needs: the two vendors, the state, what the files say.
pub struct World {
    /// The state.
    pub register: Register,
    /// Stax Bill.
    pub staxbill: Arc<StaxBill>,
    /// QuickBooks.
    pub quickbooks: Arc<QuickBooks>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the files say, besides the links.
    pub settings: Settings,
    /// The links.
    pub decisions: Decisions,
    /// Names what the files say.
    pub generation: String,
    /// What this process remembers.
    pub memory: Arc<Memory>,
    /// Ends the pass after the step in flight.
    pub stop: CancellationToken,
    /// Where progress is told.
    pub progress: watch::Sender<Progress>,
    /// Where writes are told for the history.
    pub history: Arc<dyn Fn(&crate::report::HistoryLine) + Send + Sync>,
}

impl World {
    /// Requests so far.
    pub fn calls(&self) -> Calls {
        Calls { staxbill: self.staxbill.calls(), ..self.quickbooks.calls() }
    }

    /// The day by the company's calendar.
    pub(crate) fn today(&self) -> Date {
        date_in(self.clock.now(), &self.settings.company.time_zone)
    }

    pub(crate) fn progress(&self, phase: &str, done: u64, total: u64) {
        self.progress.send_replace(Progress { phase: phase.to_owned(), done, total });
    }
}
