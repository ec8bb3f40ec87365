//! `latchd run`: the daemon in the foreground, as systemd wants it.

use std::path::Path;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::{Exit, Failure, start};
use crate::daemon::{self, Control};

pub(super) async fn run(path: &Path) -> Result<Exit, Failure> {
    let control = Control::default();
    let (reports, _) = watch::channel(None);
    let edges = start::edges()?;
    tokio::select! {
        ended = daemon::run(path, edges, &control, &reports) => ended?,
        failed = signals(&control) => return Err(failed),
    }
    Ok(Exit::InBalance)
}

/// SIGTERM and SIGINT end the daemon after the step in flight, a second one at
/// once; SIGHUP reads the files again; SIGUSR1 makes a pass.
async fn signals(control: &Control) -> Failure {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Unfinished, format!("error: cannot take signals: {error}"))
    };
    let kinds =
        [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup(), SignalKind::user_defined1()];
    let [term, int, hup, usr] = kinds.map(signal);
    let (mut term, mut int, mut hup, mut usr) = match (term, int, hup, usr) {
        (Ok(term), Ok(int), Ok(hup), Ok(usr)) => (term, int, hup, usr),
        (Err(error), ..) | (_, Err(error), ..) | (_, _, Err(error), _) | (.., Err(error)) => {
            return failed(error);
        }
    };
    loop {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
            _ = hup.recv() => { control.wake.notify_one(); continue }
            _ = usr.recv() => { control.wake.notify_one(); continue }
        }
        if control.stop.is_cancelled() {
            return Failure::new(
                Exit::Unfinished,
                "error: ended at once, as asked twice; the next start looks for open writes",
            );
        }
        tracing::info!("ending after the step in flight");
        control.stop.cancel();
    }
}
