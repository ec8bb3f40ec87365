//! How long the loop waits for its next pass.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::engine::Engine;
use crate::report::Status;

/// The wait after the first failed pass.
const FAILED_WAIT: Duration = Duration::from_secs(60);

/// How long until the next pass: the interval, sooner for what is open; after
/// failed passes a time that grows, so that a vendor in trouble, or a token
/// that only a person can renew, is not asked without end. Up to a quarter of
/// that is taken off by chance, `spread`.
pub(super) fn wait_after(failures: u32, interval: Duration, open: Option<Duration>, spread: u8) -> Duration {
    if failures > 0 {
        let grown = FAILED_WAIT.saturating_mul(1 << (failures - 1).min(10)).min(interval);
        // Those that failed together do not come back together.
        return grown * (1_024 - u32::from(spread)) / 1_024;
    }
    open.map_or(interval, |open| interval.min(open.max(Duration::from_millis(100))))
}

/// How long until a record is due that QuickBooks refused for something that
/// passes.
pub(super) fn until_retry(engine: &Engine, reports: &watch::Sender<Option<Status>>) -> Option<Duration> {
    let status = reports.borrow();
    let status = status.as_ref()?;
    let due = status.warnings.iter().filter_map(|warning| warning.next_attempt_at);
    until_first(due, status.last_pass.started_at, engine.clock.now())
}

/// What was due before the pass began was tried in it, or waits for something
/// else. What came due since is late, such as after the machine slept.
fn until_first(due: impl Iterator<Item = Timestamp>, began: Timestamp, now: Timestamp) -> Option<Duration> {
    let first = due.filter(|at| *at > began).min()?;
    Some(Duration::try_from(first.duration_since(now)).unwrap_or_default())
}

/// When a wait is over by the clock on the wall.
pub(super) fn due_after(engine: &Engine, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    engine.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX)
}

/// Another number every time.
pub(super) fn by_chance() -> u8 {
    RandomState::new().hash_one(()).to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_due_since_the_pass_began_is_waited_for_no_longer() {
        let at = |second: i64| Timestamp::from_second(1_000_000 + second).unwrap();
        let cases = [
            (vec![], None),
            (vec![at(-5), at(0)], None),
            (vec![at(0), at(5)], Some(0)),
            (vec![at(20)], Some(10)),
            (vec![at(30), at(15), at(-1)], Some(5)),
        ];
        for (due, expected) in cases {
            let found = until_first(due.clone().into_iter(), at(0), at(10));
            assert_eq!(found, expected.map(Duration::from_secs), "{due:?}");
        }
    }

    #[test]
    fn failures_are_waited_out_and_open_writes_looked_for() {
        let seconds = Duration::from_secs;
        let hour = seconds(3600);
        let cases = [
            (0, None, hour),
            (0, Some(seconds(0)), Duration::from_millis(100)),
            (0, Some(seconds(90)), seconds(90)),
            (1, Some(seconds(0)), seconds(60)),
            (2, None, seconds(120)),
            (99, None, hour),
        ];
        for (failures, open, expected) in cases {
            assert_eq!(wait_after(failures, hour, open, 0), expected, "{failures} {open:?}");
            let least = if failures > 0 { expected * 3 / 4 } else { expected };
            let wait = wait_after(failures, hour, open, u8::MAX);
            assert!((least..=expected).contains(&wait), "{failures} {open:?} {wait:?}");
        }
    }
}
