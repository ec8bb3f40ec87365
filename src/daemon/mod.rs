//! The daemon: wake-ups in, passes out. A wake-up carries no data: whatever
//! woke it, a pass looks at everything.

mod asked;
mod connecting;
mod desk;
mod failpoint;
mod files;
mod folders;
mod life;
mod planning;
mod pulse;
mod waits;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::alert::{self, Audience};
use crate::config::{ConfigErrors, SecretSources};
use crate::engine::{Edges, Engine, EngineError};
use crate::pass::{self, Done, Outcome};
use crate::publish::Occasion;
use crate::report::Status;
use crate::socket::Socket;
use crate::store::StoreError;
use asked::Asked;
use desk::DaemonDesk;
pub use failpoint::Failpoint;
pub use files::{EMPTIED, emptied};
use files::{Files, LONGEST, Reading};
use folders::Watch;
pub use life::{Life, Lives};
pub use pulse::{Pulse, Wait};
use waits::{by_chance, due_after, until_retry, wait_after};

/// Where systemd says which folder a service has for its sockets.
const RUNTIME: &str = "RUNTIME_DIRECTORY";
/// A daemon that is to end gives the step in flight this long, which leaves 5 s
/// of the 30 within which it ends. A write that takes longer stays behind with
/// its intent, and the next start looks for its outcome.
const GRACE: Duration = Duration::from_secs(25);

/// The daemon cannot start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The files are invalid, and no good generation is known.
    #[error("{0}")]
    Files(ConfigErrors),
    /// The files lost all of their links, and no good generation is known.
    #[error("{EMPTIED}")]
    Emptied,
    /// The state, a secret or a folder.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The state fails while running.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the outside asks of a running daemon.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Ends it, after the step in flight.
    pub stop: CancellationToken,
    /// Makes a pass (SIGUSR1).
    pub wake: Arc<Notify>,
    /// Looks at the files again, also during a pass, and makes one (SIGHUP).
    pub reload: Arc<Notify>,
    /// Whether the daemon gets on.
    pub pulse: Arc<Pulse>,
    /// Where turns in its life are told.
    pub lives: Lives,
    /// How a test makes it fail.
    pub failpoint: Failpoint,
}

/// Runs until `control.stop`. Each report is told on `reports`.
pub async fn run(
    path: &Path,
    edges: Edges,
    control: &Control,
    reports: &watch::Sender<Option<Status>>,
) -> Result<(), DaemonError> {
    let mut files = tokio::select! {
        files = Files::load(path, Arc::clone(&edges.clock)) => files?,
        () = control.stop.cancelled() => return Ok(()),
    };
    let runtime = (edges.secrets.env)(RUNTIME);
    let mut engine = Engine::open(&files.config, edges)?;
    files.mind_emptied(&mut engine)?;
    files.remember(&engine.register).await?;
    control.lives.opened(engine.progress());
    let wake = Arc::clone(&control.wake);
    // One waits while another is made.
    let (ask, mut plans) = mpsc::channel(1);
    let wakes = (wake, ask);
    let present = (&files.config, engine.quickbooks());
    let state = (engine.register.clone(), engine.sending());
    let desk = Arc::new(DaemonDesk::new(state, present, reports.subscribe(), wakes));
    let socket = listen(&files, runtime, &desk);
    let over = tokio::spawn(out_of_grace(control.stop.clone()));
    let ended = rounds(path, (&mut engine, &mut files), (control, reports), (&desk, &mut plans)).await;
    control.stop.cancel();
    tokio::select! {
        () = desk.connected() => {}
        _ = over => {}
    }
    if let Some(socket) = socket {
        socket.close().await;
    }
    ended
}

/// Puts the socket up. Without one the daemon does its work, and only cannot
/// be asked.
fn listen(files: &Files, runtime: Option<String>, desk: &Arc<DaemonDesk>) -> Option<Socket> {
    // systemd names several folders where a unit asks for several.
    let runtime = runtime.and_then(|folders| folders.split(':').next().map(PathBuf::from));
    let runtime = runtime.filter(|folder| folder.is_dir());
    let desk = Arc::<DaemonDesk>::clone(desk);
    match Socket::open(&files.config.settings.paths.state, runtime.as_deref(), desk) {
        Ok(socket) => Some(socket),
        Err(error) => {
            let why = std::error::Error::source(&error).map(|why| format!(": {why}")).unwrap_or_default();
            tracing::warn!("nobody can ask this daemon: {error}{why}");
            None
        }
    }
}

/// Passes until the end, and what wakes them.
async fn rounds(
    path: &Path,
    (engine, files): (&mut Engine, &mut Files),
    (control, reports): (&Control, &watch::Sender<Option<Status>>),
    (desk, plans): (&DaemonDesk, &mut mpsc::Receiver<Asked>),
) -> Result<(), DaemonError> {
    let (sender, mut changed) = mpsc::channel::<()>(1);
    let mut watch = Watch::over(path, &sender);
    let audience = watch::Sender::new(Audience::of(&files.config));
    let _alerts = alert::beside(engine.desk(&files.config), reports.subscribe(), audience.subscribe());
    let mut triggers = vec!["start".to_owned()];
    let mut failures = 0;
    while !control.stop.is_cancelled() {
        Audience::renew(&audience, &files.config);
        // A secret may have a new value behind the same reference.
        if let Err(error) = engine.reconnect(&files.config, &SecretSources::of_process()) {
            tracing::warn!("going on with the secrets read before: {error}");
        }
        desk.put(&files.config, engine.quickbooks());
        let open = one_pass(
            engine,
            files,
            (control, reports),
            (&mut changed, &mut watch),
            std::mem::take(&mut triggers),
        )
        .await?;
        let open = open.into_iter().chain(until_retry(engine, reports)).min();
        let failed = files.last_done().outcome == Outcome::Failed;
        failures = if failed { failures + 1 } else { 0 };
        let interval = files.config.settings.schedule.interval;
        let wait = wait_after(failures, interval, open, by_chance());
        let due = Instant::now() + wait;
        let due_at = due_after(engine, wait);
        files.news |= wait != interval;
        loop {
            tokio::select! {
                () = engine.keep_alive() => {}
                () = out_of_grace(control.stop.clone()) => return Ok(()),
            }
            // Also what was read while the pass ran.
            let Some(newer) = look((engine, files), control, &mut watch).await? else { return Ok(()) };
            if newer {
                triggers.push("files".to_owned());
            }
            desk.put(&files.config, engine.quickbooks());
            control.lives.reloaded();
            // The clock may be further than the timer, which slept with the machine.
            if triggers.is_empty() && engine.clock.now() >= due_at {
                triggers.push("timer".to_owned());
            }
            if !triggers.is_empty() {
                break;
            }
            if std::mem::take(&mut files.news) {
                publish((engine, files), reports, &files.last_done(), Vec::new(), due)?;
            }
            let poll = control.failpoint.poll();
            let _rest = control.pulse.wait(poll);
            tokio::select! {
                biased;
                () = control.stop.cancelled() => return Ok(()),
                () = control.reload.notified() => {
                    control.lives.reloading();
                    triggers.push("signal".to_owned());
                }
                () = control.wake.notified() => triggers.push("signal".to_owned()),
                Some(asked) = plans.recv() => asked.answer(engine, &files.config, &control.stop).await,
                Some(()) = changed.recv() => watch.renew(),
                () = tokio::time::sleep_until(due) => triggers.push("timer".to_owned()),
                () = tokio::time::sleep(poll) => {}
            }
        }
    }
    Ok(())
}

/// Puts newer files into force; tells whether anything changed by them, and
/// `None` where the daemon is to end.
async fn look(
    (engine, files): (&mut Engine, &mut Files),
    control: &Control,
    watch: &mut Watch,
) -> Result<Option<bool>, DaemonError> {
    let _looking = control.pulse.wait(3 * LONGEST);
    let reading = tokio::select! {
        reading = files.reading() => reading,
        () = control.stop.cancelled() => return Ok(None),
    };
    if reading.is_some() {
        // Also where the watch missed it: a folder may be another.
        watch.renew();
    }
    files.take(reading);
    files.refresh(engine).await.map(Some)
}

/// Makes one pass under the files in force; a newer generation ends it after
/// the step in flight. Gives the time until a write whose outcome is open may
/// be looked for.
async fn one_pass(
    engine: &Engine,
    files: &mut Files,
    (control, reports): (&Control, &watch::Sender<Option<Status>>),
    (changed, watch): (&mut mpsc::Receiver<()>, &mut Watch),
    triggers: Vec<String>,
) -> Result<Option<Duration>, DaemonError> {
    if triggers.iter().any(|trigger| trigger == "signal") {
        control.failpoint.at_an_asked_for_pass().await;
    }
    let interval = files.config.settings.schedule.interval;
    let due = Instant::now() + interval;
    let stop = control.stop.child_token();
    let world = engine.world(&files.config, stop.clone());
    let done = {
        let current = files.clone();
        let mut each = |done: &Done| {
            if let Err(error) = publish((engine, &current), reports, done, triggers.clone(), due) {
                tracing::error!("cannot make the report: {error}");
            }
        };
        let pass = pass::run(&world, &mut each);
        tokio::pin!(pass);
        let out_of_grace = out_of_grace(control.stop.clone());
        tokio::pin!(out_of_grace);
        let (mut reading, mut asked) = (None, false);
        let mut poll = tokio::time::interval(control.failpoint.poll());
        let done = loop {
            tokio::select! {
                biased;
                done = &mut pass => break done,
                () = &mut out_of_grace => {
                    tracing::warn!("the pass did not end in time; the next start looks for what it was writing");
                    return Ok(None);
                }
                // The pass goes on while the files come to rest.
                read = taken(&mut reading) => {
                    files.take(read);
                    end_if_changed(files, &stop);
                    if std::mem::take(&mut asked) && !files.would_change() {
                        control.lives.reloaded();
                        control.wake.notify_one();
                    }
                }
                Some(()) = changed.recv() => {
                    watch.renew();
                    reading.get_or_insert_with(|| Box::pin(files.reading()));
                }
                // Its first turn comes at once: what changed before the watch was up.
                _ = poll.tick(), if reading.is_none() => {
                    reading.get_or_insert_with(|| Box::pin(files.reading()));
                }
                () = control.reload.notified() => {
                    control.lives.reloading();
                    asked = true;
                    reading.get_or_insert_with(|| Box::pin(files.reading()));
                }
            }
        };
        if asked {
            // The pass was over first; the next look is the reload.
            control.wake.notify_one();
        }
        done?
    };
    tracing::info!(
        pass = done.number,
        outcome = done.outcome.name(),
        writes = done.steps.len(),
        "pass ended"
    );
    files.done = Some(done);
    let open = pass::next_due(&world)?;
    Ok(if stop.is_cancelled() { Some(Duration::ZERO) } else { open })
}

/// What a reading under way gives; never, where none is.
async fn taken<F: Future<Output = Option<Reading>>>(reading: &mut Option<Pin<Box<F>>>) -> Option<Reading> {
    let Some(under_way) = reading else { return std::future::pending().await };
    let read = under_way.await;
    *reading = None;
    read
}

/// Newer files end the pass under way.
fn end_if_changed(files: &Files, stop: &CancellationToken) {
    if files.would_change() {
        tracing::info!("the files changed; the pass ends after the step in flight");
        stop.cancel();
    }
}

async fn out_of_grace(stop: CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

fn publish(
    (engine, files): (&Engine, &Files),
    reports: &watch::Sender<Option<Status>>,
    done: &Done,
    triggers: Vec<String>,
    due: Instant,
) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let left = SignedDuration::try_from(due.saturating_duration_since(Instant::now())).unwrap_or_default();
    let occasion = Occasion {
        config: &files.config,
        rejected: files.rejected.clone(),
        observed: files.observed.clone(),
        triggers,
        next_pass_at: now.checked_add(left).ok(),
    };
    let status = engine.publisher.publish(&engine.register, &occasion, done, now)?;
    reports.send_replace(Some(status));
    Ok(())
}
