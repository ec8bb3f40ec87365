//! The end of a daemon: in time, whatever hangs; and alerts, which go their own
//! way.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use latchd::daemon::{self, Control};
use latchd::http::{Request, Response, Transport, TransportError};
use latchd::report::Status;
use latchd::sandbox::trouble::{Kind, Rule};
use latchd::socket::{self, ask};
use tokio::sync::watch;
use tokio::time::Instant;

use super::shop::{assert_no_mark_twice, create_all, one_of_each};
use crate::company::Company;

/// Longer than any grace.
const HANGS: Kind = Kind::DelayAnswer { ms: 600_000 };

fn company() -> Company {
    let (mut company, ..) = one_of_each();
    company.files = create_all(1);
    company
}

/// A daemon that is asked to end once `when` comes true; gives how long it took
/// from there.
async fn ended(company: &Company, grace: Duration, when: impl AsyncFnOnce(&Path)) -> Duration {
    let path = company.on_disk();
    let control = Control { grace, ..Control::default() };
    let (reports, _) = watch::channel(None);
    let edges = company.edges(Arc::new(company.clock));
    let play = async {
        when(&company.config().settings.paths.state).await;
        let asked = Instant::now();
        control.stop.cancel();
        asked
    };
    let (ended, asked) = tokio::join!(daemon::run(&path, edges, &control, &reports), play);
    ended.expect("it ends as asked");
    asked.elapsed()
}

/// What it is that goes on, and comes to no end.
#[derive(Clone, Copy, Debug)]
enum Hanging {
    Nothing,
    Write,
    Renewal,
    Logout,
}

#[tokio::test(start_paused = true)]
async fn whatever_hangs_a_daemon_ends_after_its_grace_and_little_more() {
    let seconds = Duration::from_secs;
    let little = seconds(3);
    for (hanging, grace) in [
        (Hanging::Nothing, seconds(22)),
        (Hanging::Write, seconds(22)),
        (Hanging::Write, seconds(4)),
        (Hanging::Renewal, seconds(22)),
        (Hanging::Logout, seconds(22)),
    ] {
        let company = company();
        let trouble = &company.sandbox.trouble;
        let path = match hanging {
            Hanging::Nothing => None,
            Hanging::Write => Some("/v3/company/*/customer"),
            Hanging::Renewal => Some("/oauth2/v1/tokens/bearer"),
            Hanging::Logout => Some("/v2/oauth2/tokens/revoke"),
        };
        trouble.clear();
        if let Some(path) = path {
            trouble.add(Rule::next(path, HANGS).every());
        }
        let took = Box::pin(ended(&company, grace, async |state| {
            if matches!(hanging, Hanging::Logout) {
                let (state, realm_id) = (state.to_owned(), "9130350000000000".to_owned());
                tokio::spawn(async move {
                    let logout = socket::Request::AuthLogout { realm_id, forget: false };
                    while matches!(ask(&state, &logout).await, Err(socket::AskError::NoDaemon)) {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                });
            }
            let began = Instant::now();
            while trouble.hits() == 0 && began.elapsed() < seconds(30) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert_eq!(trouble.hits() > 0, path.is_some(), "{hanging:?}");
        }))
        .await;
        let expected = if path.is_some() { grace..=grace + little } else { Duration::ZERO..=little };
        assert!(expected.contains(&took), "{hanging:?} with a grace of {grace:?}: {took:?}");
        trouble.clear();
        assert_no_mark_twice(&company);
    }
}

/// A network that takes everything and answers nothing.
#[derive(Default)]
struct Silent(AtomicUsize);

impl Transport for Silent {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        std::future::pending().boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_hangs_has_a_way_of_its_own() {
    let mut company = company();
    company.files += "[[notify]]\nname = \"chat\"\nurl = \"http://127.0.0.1:9/hook\"\n";
    let path = company.on_disk();
    let control = Control::default();
    let (reports, mut told) = watch::channel(None::<Status>);
    let silent = Arc::new(Silent::default());
    let mut edges = company.edges(Arc::new(company.clock));
    edges.alerts = Arc::clone(&silent) as Arc<dyn Transport>;
    let play = async {
        for number in 1..=3 {
            let began = Instant::now();
            let report = told.wait_for(|report| {
                let pass = report.as_ref().map(|status| &status.last_pass);
                pass.is_some_and(|pass| pass.number == number && pass.outcome == "complete")
            });
            drop(report.await.expect("the daemon reports"));
            assert!(began.elapsed() < Duration::from_secs(15), "{number}: {:?}", began.elapsed());
            control.wake.notify_one();
        }
        // What the first pass brought is being told.
        while silent.0.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        control.stop.cancel();
        Instant::now()
    };
    let (ended, asked) = tokio::join!(daemon::run(&path, edges, &control, &reports), play);
    ended.expect("it ends as asked");
    assert!(asked.elapsed() < Duration::from_secs(25), "{:?}", asked.elapsed());
}
