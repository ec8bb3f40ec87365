//! Pace: how often requests may leave, so that a vendor's limit is used and
//! never overrun.

use std::num::NonZeroU32;
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// tokio's clock for governor: monotonic, and it obeys paused time.
#[derive(Clone, Debug)]
struct TokioClock {
    since: Instant,
}

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.since.elapsed()
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// A queue at the door: each caller waits for its turn.
///
/// Requests are spaced evenly instead of in bursts: whatever window the vendor
/// counts in, none holds more than its limit.
#[derive(Debug)]
pub struct Pace {
    limiter: Limiter,
    door: Mutex<()>,
    paused_until: StdMutex<Option<Instant>>,
}

impl Pace {
    /// At most `per_minute` in any minute and `per_second` in any second.
    ///
    /// Two hundredths are left to spare, for a clock that differs from ours.
    pub fn new(per_minute: u32, per_second: u32) -> Self {
        let minute = Duration::from_secs(60) / per_minute.max(1);
        let second = Duration::from_secs(1) / per_second.max(1);
        let gap = minute.max(second).mul_f32(1.02).max(Duration::from_nanos(1));
        let quota = Quota::with_period(gap).expect("the gap is not zero").allow_burst(NonZeroU32::MIN);
        let clock = TokioClock { since: Instant::now() };
        Self {
            limiter: RateLimiter::direct_with_clock(quota, clock),
            door: Mutex::new(()),
            paused_until: StdMutex::new(None),
        }
    }

    /// Waits for a turn, in the order of asking.
    pub async fn turn(&self) {
        let _place = self.door.lock().await;
        loop {
            let pause = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(until) = pause.filter(|until| *until > Instant::now()) {
                tokio::time::sleep_until(until).await;
                continue;
            }
            match self.limiter.check() {
                Ok(()) => return,
                Err(early) => {
                    let wait = early.wait_time_from(self.limiter.clock().now());
                    // tokio's timer counts whole milliseconds; waking early would spin.
                    tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
                }
            }
        }
    }

    /// Nobody leaves for `wait`: the vendor answered 429.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = Some(paused.map_or(until, |earlier| earlier.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_window_holds_more_than_its_limit() {
        let pace = Pace::new(60, 10);
        let start = Instant::now();
        let mut left = Vec::new();
        for _ in 0..120 {
            pace.turn().await;
            left.push(start.elapsed());
        }
        for window in left.windows(61) {
            assert!(window[60].saturating_sub(window[0]) > Duration::from_secs(60));
        }
        assert!(start.elapsed() < Duration::from_secs(125), "98 % of the limit is used");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_everyone() {
        let pace = Pace::new(6000, 1000);
        pace.turn().await;
        let start = Instant::now();
        pace.pause(Duration::from_secs(60));
        pace.pause(Duration::from_secs(5));
        pace.turn().await;
        assert!(start.elapsed() >= Duration::from_secs(60));
    }
}
