//! The sandbox's own time: it starts where it is told and runs with tokio's
//! clock, so that paused time in a test holds for the vendors too.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// The vendors' clock; clones share it.
#[derive(Clone, Debug)]
pub struct SandboxClock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    origin: Mutex<Origin>,
    /// Wakes those who wait for an hour whenever someone moves the hands.
    moved: watch::Sender<()>,
}

#[derive(Clone, Copy, Debug)]
struct Origin {
    at: Timestamp,
    since: Instant,
    speed: u32,
}

impl Origin {
    fn now(&self) -> Timestamp {
        let elapsed = self.since.elapsed().saturating_mul(self.speed);
        let elapsed = SignedDuration::try_from(elapsed).unwrap_or(SignedDuration::MAX);
        self.at.saturating_add(elapsed).unwrap_or(Timestamp::MAX)
    }
}

impl SandboxClock {
    /// A clock that shows `at` now and then runs on.
    pub fn starting_at(at: Timestamp) -> Self {
        let origin = Mutex::new(Origin { at, since: Instant::now(), speed: 1 });
        Self(Arc::new(Hands { origin, moved: watch::Sender::new(()) }))
    }

    /// The vendors' present time.
    pub fn now(&self) -> Timestamp {
        self.origin().now()
    }

    /// Puts the clock forward, as an operator's switch does.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.turn(|origin| origin.at = origin.at.saturating_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Puts the clock to `at`, which may lie before the present.
    pub fn set(&self, at: Timestamp) {
        self.turn(|origin| origin.at = at);
    }

    /// From now on so many of its seconds pass in one; 0 stops it.
    pub fn set_speed(&self, speed: u32) {
        self.turn(|origin| origin.speed = speed);
    }

    /// How many of its seconds pass in one.
    pub fn speed(&self) -> u32 {
        self.origin().speed
    }

    /// Returns once the clock shows `at` or later, also when someone puts it
    /// there.
    pub async fn reached(&self, at: Timestamp) {
        let mut moved = self.0.moved.subscribe();
        loop {
            let origin = *self.origin();
            let Ok(left) = Duration::try_from(at.duration_since(origin.now())) else { return };
            if left.is_zero() {
                return;
            }
            // A clock that stands still is waited for until someone moves it.
            let real = left.checked_div(origin.speed).unwrap_or(LONG).saturating_add(TICK).min(LONG);
            tokio::select! {
                () = sleep(real) => {}
                _ = moved.changed() => {}
            }
        }
    }

    fn turn(&self, act: impl FnOnce(&mut Origin)) {
        {
            let mut origin = self.origin();
            *origin = Origin { at: origin.now(), since: Instant::now(), speed: origin.speed };
            act(&mut origin);
        }
        self.0.moved.send_replace(());
    }

    fn origin(&self) -> MutexGuard<'_, Origin> {
        self.0.origin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The longest sleep at a stretch; timers are made for less than two years.
const LONG: Duration = Duration::from_hours(24);

/// A division rounds down, and a waker that came a nanosecond early would have
/// to sleep again.
const TICK: Duration = Duration::from_nanos(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> (SandboxClock, Timestamp) {
        let at: Timestamp = "2026-01-31T23:59:00-08:00".parse().unwrap();
        (SandboxClock::starting_at(at), at)
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_set_put_forward_and_runs_fast() {
        let (clock, start) = clock();
        let seconds = |clock: &SandboxClock| clock.now().duration_since(start).as_secs();
        sleep(Duration::from_secs(10)).await;
        assert_eq!(seconds(&clock), 10);
        clock.set_speed(60);
        assert_eq!(seconds(&clock), 10, "another speed moves no hand");
        sleep(Duration::from_secs(2)).await;
        assert_eq!((seconds(&clock), clock.speed()), (130, 60));
        clock.set_speed(0);
        sleep(Duration::from_secs(99)).await;
        assert_eq!(seconds(&clock), 130);
        clock.advance(Duration::from_hours(1));
        assert_eq!(seconds(&clock), 130 + 3600);
        clock.set(start);
        assert_eq!(seconds(&clock), 0);
    }

    /// Real seconds until an hour ten minutes ahead is there.
    #[tokio::test(start_paused = true)]
    async fn an_hour_is_waited_for_at_any_speed() {
        for (speed, moved, expected) in [(1, 0, 600), (60, 0, 10), (1, 590, 10), (1, 600, 0), (0, 700, 0)] {
            let (clock, start) = clock();
            clock.set_speed(speed);
            let began = Instant::now();
            let waiting = tokio::spawn({
                let (clock, at) = (clock.clone(), start + SignedDuration::from_mins(10));
                async move { clock.reached(at).await }
            });
            tokio::task::yield_now().await;
            clock.advance(Duration::from_secs(moved));
            waiting.await.unwrap();
            assert_eq!(began.elapsed().as_secs(), expected, "speed {speed}, put forward by {moved} s");
        }
    }
}
