//! `latchd run`: the daemon in the foreground, as systemd wants it.

use std::path::Path;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{Exit, Failure, start};
use crate::daemon::{self, Control, Failpoint, Lives};
use crate::systemd;

/// Names a failpoint, for tests of debug builds.
const FAILPOINT: &str = "LATCHD_FAILPOINT";

pub(super) async fn run(path: &Path) -> Result<Exit, Failure> {
    // Before anything that takes its time: a signal that comes meanwhile waits, and
    // does not kill.
    let signals = Signals::take()?;
    let (lives, turns) = Lives::channel();
    let mut edges = start::edges()?;
    let failpoint = (edges.secrets.env)(FAILPOINT).map(|name| Failpoint::named(&name)).unwrap_or_default();
    let control = Control { lives, failpoint, ..Control::default() };
    let (reports, follower) = watch::channel(None);
    edges.transport = control.pulse.over(edges.transport);
    let sources = systemd::Sources {
        lives: turns,
        reports: follower,
        pulse: Arc::clone(&control.pulse),
        watchdog: systemd::watchdog(),
    };
    // In the daemon's own task: where that hangs, systemd hears nothing.
    let told = systemd::follow(sources, systemd::notify);
    tokio::pin!(told);
    let ended = tokio::select! {
        ended = daemon::run(path, edges, &control, &reports) => ended.map_err(Failure::from),
        failed = signals.obey(&control) => Err(failed),
        () = &mut told => Ok(()),
    };
    // The last turn may not be told yet; there are no more after it.
    drop(control);
    told.await;
    ended.map(|()| Exit::InBalance)
}

/// SIGTERM and SIGINT end the daemon after the step in flight, a second one at
/// once; SIGHUP reads the files again; SIGUSR1 makes a pass.
struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
    usr: Signal,
}

impl Signals {
    /// They are taken from here on.
    fn take() -> Result<Self, Failure> {
        let take = |kind| {
            signal(kind).map_err(|error| {
                Failure::new(Exit::Unfinished, format!("error: cannot take signals: {error}"))
            })
        };
        Ok(Self {
            term: take(SignalKind::terminate())?,
            int: take(SignalKind::interrupt())?,
            hup: take(SignalKind::hangup())?,
            usr: take(SignalKind::user_defined1())?,
        })
    }

    /// Does what they ask for, until the second one that ends it.
    async fn obey(mut self, control: &Control) -> Failure {
        loop {
            tokio::select! {
                _ = self.term.recv() => {}
                _ = self.int.recv() => {}
                _ = self.hup.recv() => { control.reload.notify_one(); continue }
                _ = self.usr.recv() => { control.wake.notify_one(); continue }
            }
            if control.stop.is_cancelled() {
                return Failure::new(
                    Exit::Unfinished,
                    "error: ended at once, as asked twice; the next start looks for open writes",
                );
            }
            tracing::info!("ending after the step in flight");
            control.lives.stopping();
            control.stop.cancel();
        }
    }
}
