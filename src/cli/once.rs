//! `latchd once`: one pass, then exit.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::bar::Bar;
use super::{Exit, Failure, colour, print, start, width};
use crate::alert;
use crate::pass::{self, Done, Outcome};
use crate::publish::Occasion;
use crate::report::{Status, terminal};

/// Someone may be waiting at the terminal: the step in flight gets this long.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);
/// A change of the tokens that is under way then gets this long.
pub(super) const SETTLING: std::time::Duration = std::time::Duration::from_secs(3);
const CUT_OFF: &str =
    "error: ended in the middle, as asked; run it again: it looks first for what became of the last write";

pub(super) async fn once(path: &Path) -> Result<Exit, Failure> {
    let (config, engine) = start::engine(path, false)?;
    let stop = CancellationToken::new();
    let world = engine.world(&config, stop.clone());
    let occasion = Occasion {
        config: &config,
        rejected: None,
        observed: config.generation.clone(),
        triggers: vec!["once".to_owned()],
        next_pass_at: None,
    };
    let mut last: Option<Status> = None;
    let mut each =
        |done: &Done| match engine.publisher.publish(&engine.register, &occasion, done, engine.clock.now()) {
            Ok(status) => last = Some(status),
            Err(error) => tracing::error!("cannot make the report: {error}"),
        };
    let bar = Bar::follow(engine.progress());
    let work = async {
        let mut done = pass::run(&world, &mut each).await?;
        if done.outcome != Outcome::Interrupted
            && let Some(later) = pass::finish(&world, &mut each).await?
        {
            done = later;
        }
        Ok::<Done, Failure>(done)
    };
    let done = tokio::select! {
        done = work => done?,
        () = stopped(&stop) => {
            // A token that Intuit has just rotated is saved.
            let _ = tokio::time::timeout(SETTLING, engine.settled()).await;
            return Err(Failure::new(Exit::Unfinished, CUT_OFF));
        }
    };
    drop(bar);
    let Some(status) = last else { return Err(Failure::new(Exit::Unfinished, "error: there is no report")) };
    print(&terminal(&status, width(), colour()));
    if !config.settings.receivers.is_empty() {
        alert::tell(&engine.desk(&config), &config, &status).await;
    }
    match done.outcome {
        Outcome::Failed => Err(Failure::of_causes(&done.causes)),
        Outcome::Interrupted | Outcome::Running => Err(Failure::new(
            Exit::Unfinished,
            "error: ended after the step in flight, as asked; run it again to do the rest",
        )),
        Outcome::Complete if engine.publisher.is_lacking() => Err(Failure::new(
            Exit::Unfinished,
            "error: the report could not be written whole, as the log says; make room in [paths] reports and run it again",
        )),
        Outcome::Complete if status.is_guarded() => Ok(Exit::Guarded),
        Outcome::Complete if !status.standing().is_empty() || !status.tie_out.balanced => Ok(Exit::Warnings),
        Outcome::Complete => Ok(Exit::InBalance),
    }
}

/// The first SIGINT or SIGTERM ends the pass after the step in flight, if that
/// does not take too long; the second ends everything at once. A write that is
/// left behind has its intent: the next run looks for its outcome.
pub(super) async fn stopped(stop: &CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    stop.cancel();
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
}
