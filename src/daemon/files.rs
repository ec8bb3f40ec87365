//! The daemon's view of the operator's files: what is in force, what was
//! refused, and the last good ones for the next start.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::DaemonError;
use crate::config::{self, Config, ConfigErrors};
use crate::engine::Engine;
use crate::pass::Done;
use crate::report::Rejected;
use crate::store::{Commit, Register, SledStore, Store, StoreError};

/// Between two readings of files that are being written.
const REST: Duration = Duration::from_secs(1);
/// Errors of the files that a report holds.
const ERRORS_MAX: usize = 100;
/// Where the last good generation stands in the state.
const LAST_GOOD: &str = "last-good";

/// The operator's files: what is in force, and what was refused.
#[derive(Clone)]
pub(super) struct Files {
    path: PathBuf,
    pub(super) config: Arc<Config>,
    /// Files that were read and are not in force yet.
    next: Option<Config>,
    pub(super) rejected: Option<Rejected>,
    pub(super) observed: String,
    hash: String,
    pub(super) done: Option<Done>,
    /// There is something to tell that no pass will tell.
    pub(super) news: bool,
}

impl Files {
    /// Reads the files; where they are invalid, the last good generation.
    pub(super) fn load(path: &Path) -> Result<Self, DaemonError> {
        let hash = config::content_hash(path);
        match config::load(path) {
            Ok(config) => Ok(Self::of(path, config, hash)),
            Err(errors) => {
                let Some(good) = last_good(path) else { return Err(DaemonError::Files(errors)) };
                tracing::error!(
                    why = brief(&errors).join("; "),
                    "the files are invalid; going on with the last good ones"
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
            config: Arc::new(config),
            next: None,
            rejected: None,
            observed,
            hash,
            done: None,
            news: false,
        }
    }

    /// Reads the files again where their content changed and came to rest:
    /// read, hash, read again.
    pub(super) async fn look(&mut self) {
        let hash = config::content_hash(&self.path);
        if hash == self.hash {
            return;
        }
        let read = config::load(&self.path);
        if config::content_hash(&self.path) != hash {
            tokio::time::sleep(REST).await;
            return Box::pin(self.look()).await;
        }
        self.hash = hash;
        match read {
            Ok(config) => self.next = Some(config),
            Err(errors) => {
                tracing::error!(
                    why = brief(&errors).join("; "),
                    "the files are invalid; nothing was changed"
                );
                self.next = None;
                self.refuse(&errors);
            }
        }
    }

    /// At a start, files without any link are in force only where that is
    /// meant: the last good ones are, for which the state was made.
    pub(super) fn mind_emptied(&mut self, engine: &mut Engine) -> Result<(), DaemonError> {
        if !emptied(&self.config, engine.register.marks()?.links) {
            return Ok(());
        }
        let kept: Option<(String, Vec<(PathBuf, String)>)> = engine.register.mark(LAST_GOOD)?;
        let good = kept.and_then(|(_, files)| config::load_from(&self.path, &files).ok());
        let Some(good) = good.filter(|good| !good.decisions.links.is_empty()) else {
            return Err(DaemonError::Emptied);
        };
        tracing::error!("going on with the last good files: {EMPTIED}");
        let refused = std::mem::replace(&mut self.config, Arc::new(good));
        engine.reconnect(&self.config, &config::SecretSources::of_process())?;
        self.reject(Some(refused.generation.clone()), vec![EMPTIED.to_owned()]);
        Ok(())
    }

    pub(super) fn would_change(&self) -> bool {
        self.next.as_ref().is_some_and(|next| next.generation != self.config.generation)
    }

    /// Puts what was read into force; tells whether it differs.
    pub(super) async fn refresh(&mut self, engine: &mut Engine) -> Result<bool, DaemonError> {
        let Some(next) = self.next.take() else { return Ok(false) };
        if emptied(&next, self.config.decisions.links.len()) {
            self.reject(None, vec![EMPTIED.to_owned()]);
            return Ok(false);
        }
        if next.settings.paths != self.config.settings.paths {
            self.reject(Some(next.generation), vec![MOVED.to_owned()]);
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
        self.config = Arc::new(next);
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

    pub(super) fn last_done(&self) -> Done {
        self.done.clone().unwrap_or_else(|| Done::none(now()))
    }

    /// Keeps the generation in force for the next start.
    pub(super) async fn remember(&self, register: &Register) -> Result<(), StoreError> {
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

const MOVED: &str = "[paths] changed, which holds from a start on: restart latchd, or change it back";

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
