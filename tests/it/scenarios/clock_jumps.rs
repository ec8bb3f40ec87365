//! Clocks that jump: the machine slept, or someone set the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use latchd::clock::{Clock, TokioClock};
use latchd::daemon::{self, Control};
use tokio::sync::watch;
use tokio::time::Instant;

use super::shop::{assert_no_mark_twice, create_all, one_of_each};

/// The clock on the wall, which a test moves against the machine's own.
struct Wall {
    inner: TokioClock,
    off_s: AtomicI64,
}

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        self.inner.now() + SignedDuration::from_secs(self.off_s.load(Ordering::Relaxed))
    }
}

/// Forwards, the pass that is due by then comes with the next look; back, the
/// next one comes when it would have. Neither makes passes without end.
#[tokio::test(start_paused = true)]
async fn a_daemon_lives_with_a_clock_that_jumps() {
    let (mut company, ..) = one_of_each();
    company.files = create_all(1);
    let path = company.on_disk();
    let wall = Arc::new(Wall { inner: company.clock, off_s: AtomicI64::new(0) });
    let control = Control::default();
    let (reports, mut told) = watch::channel(None);
    let edges = company.edges(Arc::clone(&wall) as Arc<dyn Clock>);
    let play = async {
        let mut number = 0;
        for (off_s, least_s, most_s) in
            [(0, 0, 60), (3 * 3600, 0, 60), (-5 * 3600, 3000, 3700), (0, 3000, 3700)]
        {
            wall.off_s.fetch_add(off_s, Ordering::Relaxed);
            let began = Instant::now();
            let report = told.wait_for(|report: &Option<latchd::report::Status>| {
                let pass = report.as_ref().map(|status| &status.last_pass);
                pass.is_some_and(|pass| pass.number > number && pass.outcome == "complete")
            });
            let report = report.await.expect("the daemon reports").clone().expect("it was waited for");
            assert_eq!(report.last_pass.number, number + 1, "{off_s}");
            number = report.last_pass.number;
            let took = began.elapsed();
            let range = Duration::from_secs(least_s)..=Duration::from_secs(most_s);
            assert!(range.contains(&took), "{off_s}: {took:?}");
        }
        control.stop.cancel();
    };
    let (ended, ()) = tokio::join!(daemon::run(&path, edges, &control, &reports), play);
    ended.expect("it ends as asked");
    assert_no_mark_twice(&company);
}
