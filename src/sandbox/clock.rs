//! The sandbox's own time: it starts where it is told and runs with tokio's
//! clock, so that paused time in a test holds for the vendors too.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The vendors' clock; clones share it.
#[derive(Clone, Debug)]
pub struct SandboxClock(Arc<Mutex<Origin>>);

#[derive(Debug)]
struct Origin {
    at: Timestamp,
    since: Instant,
}

impl SandboxClock {
    /// A clock that shows `at` now and then runs on.
    pub fn starting_at(at: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Origin { at, since: Instant::now() })))
    }

    /// The vendors' present time.
    pub fn now(&self) -> Timestamp {
        let origin = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = SignedDuration::try_from(origin.since.elapsed()).unwrap_or(SignedDuration::MAX);
        origin.at.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }

    /// Puts the clock forward, as an operator's switch does.
    pub fn advance(&self, by: Duration) {
        let mut origin = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        origin.at = origin.at.saturating_add(by).unwrap_or(Timestamp::MAX);
    }
}
