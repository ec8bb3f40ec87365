//! The daemon: wake-ups in, passes out. A wake-up carries no data: whatever
//! woke it, a pass looks at everything.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use notify_debouncer_full::notify::{EventKind, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, new_debouncer};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::{self, Config, ConfigErrors};
use crate::engine::{Edges, Engine, EngineError};
use crate::pass::{self, Done};
use crate::publish::Occasion;
use crate::report::{Rejected, Status};
use crate::store::{Commit, Register, SledStore, Store, StoreError};

/// Files are quiet for this long before they are read.
const QUIET: Duration = Duration::from_secs(1);
/// The guarantee behind the watch, which some file systems do not keep.
const POLL: Duration = Duration::from_secs(30);
/// A daemon that is to end gives the step in flight this long. A write that
/// is left behind has its intent, and the next start looks for its outcome.
const GRACE: Duration = Duration::from_secs(5);
/// Errors of the files that a report holds.
const ERRORS_MAX: usize = 100;
/// Where the last good generation stands in the state.
const LAST_GOOD: &str = "last-good";

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
    /// Looks at the files again and makes a pass (SIGHUP).
    pub wake: Arc<Notify>,
}

/// Runs until `control.stop`. Each report is told on `reports`.
pub async fn run(
    path: &Path,
    edges: Edges,
    control: &Control,
    reports: &watch::Sender<Option<Status>>,
) -> Result<(), DaemonError> {
    let mut files = Files::load(path)?;
    let mut engine = Engine::open(&files.config, edges)?;
    files.mind_emptied(&mut engine)?;
    files.remember(&engine.register).await?;
    let (sender, mut changed) = mpsc::channel::<()>(1);
    let _watcher = watch_files(path, &sender);
    let mut triggers = vec!["start".to_owned()];
    while !control.stop.is_cancelled() {
        let wait = one_pass(
            &mut engine,
            &mut files,
            (control, reports),
            &mut changed,
            std::mem::take(&mut triggers),
        )
        .await?;
        let due = Instant::now() + wait;
        loop {
            tokio::select! {
                biased;
                () = control.stop.cancelled() => return Ok(()),
                () = control.wake.notified() => triggers.push("signal".to_owned()),
                Some(()) = changed.recv() => {}
                () = tokio::time::sleep_until(due.min(Instant::now() + POLL)) => {}
            }
            if files.look().await && files.refresh(&mut engine).await? {
                triggers.push("files".to_owned());
            }
            if Instant::now() >= due {
                triggers.push("timer".to_owned());
            }
            if !triggers.is_empty() {
                break;
            }
            if files.news {
                files.news = false;
                publish((&engine, &files), reports, &files.last_done(), Vec::new(), due)?;
            }
        }
    }
    Ok(())
}

/// Makes one pass under the files in force; a newer generation ends it after
/// the step in flight. Gives the time until the next.
async fn one_pass(
    engine: &mut Engine,
    files: &mut Files,
    (control, reports): (&Control, &watch::Sender<Option<Status>>),
    changed: &mut mpsc::Receiver<()>,
    triggers: Vec<String>,
) -> Result<Duration, DaemonError> {
    let interval = files.config.settings.schedule.interval;
    let due = Instant::now() + interval;
    let stop = control.stop.child_token();
    let world = engine.world(&files.config, stop.clone());
    let done = {
        let (shared, current) = (&*engine, files.clone());
        let mut each = |done: &Done| {
            if let Err(error) = publish((shared, &current), reports, done, triggers.clone(), due) {
                tracing::error!("cannot make the report: {error}");
            }
        };
        let pass = pass::run(&world, &mut each);
        tokio::pin!(pass);
        let out_of_grace = out_of_grace(&control.stop);
        tokio::pin!(out_of_grace);
        loop {
            tokio::select! {
                biased;
                done = &mut pass => break done?,
                () = &mut out_of_grace => {
                    tracing::warn!("the pass did not end in time; the next start looks for what it was writing");
                    return Ok(Duration::ZERO);
                }
                Some(()) = changed.recv() => {
                    if files.look().await && files.would_change() {
                        tracing::info!("the files changed; the pass ends after the step in flight");
                        stop.cancel();
                    }
                }
            }
        }
    };
    tracing::info!(
        pass = done.number,
        outcome = done.outcome.name(),
        writes = done.steps.len(),
        "pass ended"
    );
    files.done = Some(done);
    let open = pass::next_due(&world)?;
    if stop.is_cancelled() && !control.stop.is_cancelled() {
        files.refresh(engine).await?;
        return Ok(Duration::ZERO);
    }
    Ok(open.map_or(interval, |open| interval.min(open.max(Duration::from_millis(100)))))
}

async fn out_of_grace(stop: &CancellationToken) {
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

/// The operator's files: what is in force, and what was refused.
#[derive(Clone)]
struct Files {
    path: PathBuf,
    config: Config,
    /// Files that were read and are not in force yet.
    next: Option<Config>,
    rejected: Option<Rejected>,
    observed: String,
    hash: String,
    done: Option<Done>,
    news: bool,
}

impl Files {
    /// Reads the files; where they are invalid, the last good generation.
    fn load(path: &Path) -> Result<Self, DaemonError> {
        let hash = config::content_hash(path);
        match config::load(path) {
            Ok(config) => Ok(Self::of(path, config, hash)),
            Err(errors) => {
                let Some(good) = last_good(path) else { return Err(DaemonError::Files(errors)) };
                tracing::error!(
                    "the files are invalid; going on with the last good ones\n{}",
                    brief(&errors).join("\n")
                );
                let mut files = Self::of(path, good, hash);
                files.refuse(&errors);
                Ok(files)
            }
        }
    }

    fn of(path: &Path, config: Config, hash: String) -> Self {
        let observed = config.generation.clone();
        Self {
            path: path.to_owned(),
            config,
            next: None,
            rejected: None,
            observed,
            hash,
            done: None,
            news: false,
        }
    }

    /// Reads the files again where their content changed and came to rest:
    /// read, hash, read again. Tells whether there is something new.
    async fn look(&mut self) -> bool {
        let hash = config::content_hash(&self.path);
        if hash == self.hash {
            return false;
        }
        let read = config::load(&self.path);
        if config::content_hash(&self.path) != hash {
            tokio::time::sleep(QUIET).await;
            return Box::pin(self.look()).await;
        }
        self.hash = hash;
        match read {
            Ok(config) => self.next = Some(config),
            Err(errors) => {
                tracing::error!("the files are invalid; nothing was changed\n{}", brief(&errors).join("\n"));
                self.next = None;
                self.refuse(&errors);
            }
        }
        true
    }

    /// At a start, files without any link are in force only where that is
    /// meant: the last good ones are, for which the state was made.
    fn mind_emptied(&mut self, engine: &mut Engine) -> Result<(), DaemonError> {
        if !emptied(&self.config, engine.register.marks()?.links) {
            return Ok(());
        }
        let kept: Option<(String, Vec<(PathBuf, String)>)> = engine.register.mark(LAST_GOOD)?;
        let good = kept.and_then(|(_, files)| config::load_from(&self.path, &files).ok());
        let Some(good) = good.filter(|good| !good.decisions.links.is_empty()) else {
            return Err(DaemonError::Emptied);
        };
        tracing::error!("going on with the last good files: {EMPTIED}");
        let refused = std::mem::replace(&mut self.config, good);
        engine.reconnect(&self.config, &config::SecretSources::of_process())?;
        self.reject(Some(refused.generation), vec![EMPTIED.to_owned()]);
        Ok(())
    }

    fn would_change(&self) -> bool {
        self.next.as_ref().is_some_and(|next| next.generation != self.config.generation)
    }

    /// Puts what was read into force; tells whether it differs.
    async fn refresh(&mut self, engine: &mut Engine) -> Result<bool, DaemonError> {
        let Some(next) = self.next.take() else { return Ok(false) };
        if emptied(&next, self.config.decisions.links.len()) {
            self.reject(None, vec![EMPTIED.to_owned()]);
            return Ok(false);
        }
        let sources = config::SecretSources::of_process();
        if let Err(error) = engine.reconnect(&next, &sources) {
            self.reject(Some(next.generation), vec![error.to_string()]);
            return Ok(false);
        }
        let changed = next.generation != self.config.generation || self.rejected.is_some();
        self.observed.clone_from(&next.generation);
        self.rejected = None;
        self.config = next;
        self.remember(&engine.register).await?;
        Ok(changed)
    }

    fn refuse(&mut self, errors: &ConfigErrors) {
        self.reject(None, brief(errors));
    }

    fn reject(&mut self, generation: Option<String>, errors: Vec<String>) {
        let since = self.rejected.as_ref().map_or_else(now, |rejected| rejected.since);
        self.observed = generation.clone().unwrap_or_else(|| format!("content:{}", self.hash));
        self.rejected = Some(Rejected { generation, errors, since });
        self.news = true;
    }

    fn last_done(&self) -> Done {
        self.done.clone().unwrap_or_else(|| Done::none(now()))
    }

    /// Keeps the generation in force for the next start.
    async fn remember(&self, register: &Register) -> Result<(), StoreError> {
        let kept: Option<(String, Vec<(PathBuf, String)>)> = register.mark(LAST_GOOD)?;
        if kept.is_some_and(|(generation, _)| generation == self.config.generation) {
            return Ok(());
        }
        let mut commit = Commit::new();
        commit.mark(LAST_GOOD, &(&self.config.generation, &self.config.files));
        register.commit(commit).await
    }
}

/// The errors for log and report, which are written again and again: a line
/// each, and not without end.
fn brief(errors: &ConfigErrors) -> Vec<String> {
    let mut lines: Vec<String> = errors.iter().take(ERRORS_MAX).map(ToString::to_string).collect();
    let more = errors.iter().count().saturating_sub(ERRORS_MAX);
    if more > 0 {
        lines.push(format!("… and {more} more; `latchd check` shows them all"));
    }
    lines
}

/// What is said of an emptied set of links.
pub const EMPTIED: &str = "the files hold no link any more; where that is meant, set `allow_empty = true` at the top of latchd.toml";

/// Whether the files lost all of their links and do not say that it is meant.
pub fn emptied(config: &Config, links_before: usize) -> bool {
    config.decisions.links.is_empty() && links_before > 0 && !config.allow_empty
}

fn now() -> Timestamp {
    crate::clock::Clock::now(&crate::clock::SystemClock)
}

/// The last good generation, from the state that the files, though invalid,
/// still name.
fn last_good(path: &Path) -> Option<Config> {
    let state = config::lenient_state_path(path)?;
    let folder = state.join("db");
    if !folder.is_dir() {
        return None;
    }
    let store: Arc<dyn Store> = Arc::new(SledStore::open(&folder).ok()?);
    let (_, files): (String, Vec<(PathBuf, String)>) = Register::new(store).mark(LAST_GOOD).ok()??;
    config::load_from(path, &files).ok()
}

/// Watches the folders of the files. The watch only wakes; the content decides.
fn watch_files(path: &Path, changed: &mpsc::Sender<()>) -> Option<impl Sized> {
    let changed = changed.clone();
    let handler = move |events: DebounceEventResult| {
        let worth =
            events.is_ok_and(|events| events.iter().any(|event| !matches!(event.kind, EventKind::Access(_))));
        if worth {
            let _ = changed.try_send(());
        }
    };
    let made = new_debouncer(QUIET, None, handler);
    let mut debouncer =
        made.map_err(|error| tracing::warn!("cannot watch files, polling them: {error}")).ok()?;
    for folder in config::watched_dirs(path) {
        if let Err(error) = debouncer.watch(&folder, RecursiveMode::NonRecursive) {
            tracing::warn!(folder = %folder.display(), "cannot watch it, polling it: {error}");
        }
    }
    Some(debouncer)
}
