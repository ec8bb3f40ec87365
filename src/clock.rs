//! Clocks: the one place that asks what time it is.

use jiff::{SignedDuration, Timestamp};

/// What tells the time. Everything that needs the time takes one, so that
/// tests own it.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock that everything else takes")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that starts at a given instant and runs with tokio's time, which a
/// test may pause and advance.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    start: Timestamp,
    origin: tokio::time::Instant,
}

impl TokioClock {
    /// A clock that shows `start` now.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { start, origin: tokio::time::Instant::now() }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.origin.elapsed()).unwrap_or(SignedDuration::MAX);
        self.start.checked_add(passed).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn runs_with_paused_time_alone() {
        let clock = TokioClock::starting_at("2026-11-22T15:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2026-11-22T15:00:00Z");
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(clock.now().to_string(), "2026-11-22T16:00:00Z");
    }

    #[test]
    fn the_machine_is_past_the_day_this_was_written() {
        assert!(SystemClock.now() > "2026-01-01T00:00:00Z".parse().unwrap());
    }
}
