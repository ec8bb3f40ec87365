//! The daemon: wake-ups in, passes out. A wake-up carries no data: whatever
//! woke it, a pass looks at everything.

mod connecting;
mod desk;
mod failpoint;
mod files;
mod folders;
mod kept;
mod life;
mod opening;
mod passing;
mod planning;
mod pulse;
mod resolving;
mod rounds;
mod suggesting;
mod waits;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::config::ConfigErrors;
use crate::engine::{Edges, Engine, EngineError};
use crate::report::Status;
use crate::socket::Socket;
use crate::store::StoreError;
use desk::DaemonDesk;
pub use failpoint::Failpoint;
use files::Files;
pub use files::{EMPTIED, emptied};
pub use life::{Life, Lives};
pub use pulse::{Pulse, Wait};
use rounds::Rounds;

/// Where systemd says which folder a service has for its sockets.
const RUNTIME: &str = "RUNTIME_DIRECTORY";
/// Where systemd says which folder a service has for its state.
const STATE: &str = "STATE_DIRECTORY";
/// A daemon that is to end gives what is under way this long, and then ends
/// within the 30 s that it has: [`REST`], and what the process waits for after
/// it. A write that takes longer stays behind with its intent, and the next start
/// looks for its outcome.
const GRACE: Duration = Duration::from_secs(22);
/// After the grace, what is still under way gets this long in all.
const REST: Duration = Duration::from_secs(2);

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
#[derive(Clone, Debug)]
pub struct Control {
    /// Ends it, after the step in flight.
    pub stop: CancellationToken,
    /// What is under way gets this long when it is to end.
    pub grace: Duration,
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

impl Default for Control {
    fn default() -> Self {
        Self {
            stop: CancellationToken::default(),
            grace: GRACE,
            wake: Arc::default(),
            reload: Arc::default(),
            pulse: Arc::default(),
            lives: Lives::default(),
            failpoint: Failpoint::default(),
        }
    }
}

impl Control {
    /// Comes when the daemon is to end and its grace is over.
    fn out_of_grace(&self) -> impl Future<Output = ()> + Send + use<> {
        let (stop, grace) = (self.stop.clone(), self.grace);
        async move {
            stop.cancelled().await;
            tokio::time::sleep(grace).await;
        }
    }
}

/// Runs until `control.stop`. Each report is told on `reports`.
pub async fn run(
    path: &Path,
    edges: Edges,
    control: &Control,
    reports: &watch::Sender<Option<Status>>,
) -> Result<(), DaemonError> {
    let [runtime, state] = [RUNTIME, STATE].map(|folder| (edges.secrets.env)(folder));
    let mut files = tokio::select! {
        files = Files::load(path, Arc::clone(&edges.clock), (state, control)) => match files? {
            Some(files) => files,
            None => return Ok(()),
        },
        () = control.stop.cancelled() => return Ok(()),
    };
    let (config, failpoint) = (Arc::clone(&files.config), control.failpoint);
    let open = move || {
        failpoint.at_the_opening();
        Engine::open(&config, edges)
    };
    let Some(engine) = opening::apart(control, open).await else { return Ok(()) };
    let mut engine = engine?;
    files.mind_emptied(&mut engine)?;
    files.remember(&engine.register).await?;
    control.lives.opened(engine.progress());
    // One waits while another is made.
    let ((plan, plans), (say, words)) = (mpsc::channel(1), mpsc::channel(1));
    let wakes = (Arc::clone(&control.wake), plan, say);
    let present = (&files.config, engine.clients());
    let state = (engine.register.clone(), engine.sending(), Arc::clone(&engine.clock));
    let desk = Arc::new(DaemonDesk::new(state, present, reports.subscribe(), wakes));
    let socket = listen(&files, runtime, &desk);
    // It counts from the moment when the end is asked for.
    let over = AbortOnDropHandle::new(tokio::spawn(control.out_of_grace()));
    let rounds = Rounds::new(path, (&mut engine, &mut files), (control, reports), (&desk, plans, words));
    let ended = rounds.run().await;
    control.stop.cancel();
    let answered = async {
        // Codes that are spent and tokens that were rotated must not be lost.
        desk.connected().await;
        engine.settled().await;
        if let Some(socket) = socket {
            socket.close().await;
        }
    };
    let late = async {
        let _ = over.await;
        tokio::time::sleep(REST).await;
    };
    tokio::select! {
        () = answered => {}
        () = late => tracing::warn!("ending in the middle of what was asked for: it takes too long"),
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
