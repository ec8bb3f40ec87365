//! The daemon's view of the operator's files: what is in force, what was
//! refused, and the last good ones for the next start.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::kept::last_good;
use super::{Control, DaemonError, opening};
use crate::clock::Clock;
use crate::config::{self, Config, ConfigErrors};
use crate::engine::Engine;
use crate::pass::Done;
use crate::report::Rejected;
use crate::store::{Commit, Register, StoreError, name};

/// So long nothing of the files changes before they are read.
const REST: Duration = Duration::from_secs(1);
/// So long files are waited for that change all the time.
pub(super) const LONGEST: Duration = Duration::from_secs(10);
/// So often files are read at a start that change meanwhile.
const READINGS: usize = 20;
/// Errors of the files that a report holds.
const ERRORS_MAX: usize = 100;

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
    clock: Arc<dyn Clock>,
}

impl Files {
    /// Reads the files; where they are invalid, the last good generation, which
    /// is looked for in what systemd calls the state's folder too. Who is
    /// changing them just now is waited for. `None` where the daemon is to end.
    pub(super) async fn load(
        path: &Path,
        clock: Arc<dyn Clock>,
        (directories, control): (Option<String>, &Control),
    ) -> Result<Option<Self>, DaemonError> {
        let quiet = config::changed_at(path).and_then(|at| Duration::try_from(clock.now() - at).ok());
        if quiet.is_some_and(|quiet| quiet < REST) {
            at_rest(path.to_owned(), String::new()).await;
        }
        let (hash, read) = read_whole(path);
        match read {
            Ok(config) => Ok(Some(Self::of(path, config, hash, clock))),
            Err(errors) => {
                let main = path.to_owned();
                let good = opening::apart(control, move || last_good(&main, directories.as_deref())).await;
                let Some(good) = good else { return Ok(None) };
                let Some(good) = good? else { return Err(DaemonError::Files(errors)) };
                tracing::error!(
                    why = brief(&errors).join("; "),
                    "the files are invalid; going on with the last good ones"
                );
                let mut files = Self::of(path, good, hash, clock);
                files.refuse(&errors);
                Ok(Some(files))
            }
        }
    }

    fn of(path: &Path, config: Config, hash: String, clock: Arc<dyn Clock>) -> Self {
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
            clock,
        }
    }

    /// What the files hold by now; it borrows nothing, so that a pass goes on
    /// meanwhile. `None` where they came to rest as they were.
    pub(super) fn reading(&self) -> impl Future<Output = Option<Reading>> + Send + use<> {
        at_rest(self.path.clone(), self.hash.clone())
    }

    /// Takes over what was read; it is in force from the next refresh on.
    pub(super) fn take(&mut self, reading: Option<Reading>) {
        let Some(Reading { hash, read }) = reading else { return };
        self.hash = hash;
        match read {
            Ok(config) => self.next = Some(*config),
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
        let kept: Option<(String, Vec<(PathBuf, String)>)> = engine.register.mark(name::LAST_GOOD)?;
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

    /// Whether what was read is other than what is in force, and not refused.
    pub(super) fn would_change(&self) -> bool {
        let refused = self.rejected.as_ref().and_then(|rejected| rejected.generation.as_ref());
        let other = |next: &&Config| next.generation != self.config.generation;
        self.next.as_ref().filter(other).is_some_and(|next| refused != Some(&next.generation))
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
            self.reject(Some(next.generation.clone()), vec![error.to_string()]);
            // A secret may be there the next time, though the files stay.
            self.next = Some(next);
            return Ok(false);
        }
        let changed = next.generation != self.config.generation || self.rejected.is_some();
        self.observed.clone_from(&next.generation);
        self.rejected = None;
        if changed {
            let (generation, links) = (&next.generation, next.decisions.links.len());
            tracing::info!(generation, links, "the files are in force");
        }
        self.config = Arc::new(next);
        self.remember(&engine.register).await?;
        Ok(changed)
    }

    fn refuse(&mut self, errors: &ConfigErrors) {
        self.reject(None, brief(errors));
    }

    fn reject(&mut self, generation: Option<String>, errors: Vec<String>) {
        let since = self.rejected.as_ref().map_or_else(|| self.clock.now(), |rejected| rejected.since);
        self.observed = generation.clone().unwrap_or_else(|| format!("content:{}", self.hash));
        let rejected = Some(Rejected { generation, errors, since });
        self.news |= self.rejected != rejected;
        self.rejected = rejected;
    }

    pub(super) fn last_done(&self) -> Done {
        self.done.clone().unwrap_or_else(|| Done::none(self.clock.now()))
    }

    /// Keeps the generation in force for the next start.
    pub(super) async fn remember(&self, register: &Register) -> Result<(), StoreError> {
        let kept: Option<(String, Vec<(PathBuf, String)>)> = register.mark(name::LAST_GOOD)?;
        if kept.is_some_and(|(generation, _)| generation == self.config.generation) {
            return Ok(());
        }
        let mut commit = Commit::new();
        commit.mark(name::LAST_GOOD, &(&self.config.generation, &self.config.files));
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

/// Reads the files as they are, and once more where they changed meanwhile.
fn read_whole(path: &Path) -> (String, Result<Config, ConfigErrors>) {
    let mut hash = config::content_hash(path);
    for _ in 0..READINGS {
        let read = config::load(path);
        let now = config::content_hash(path);
        if now == hash {
            return (hash, read);
        }
        hash = now;
    }
    (hash, config::load(path))
}

/// Files that were read while they were at rest.
pub(super) struct Reading {
    hash: String,
    read: Result<Box<Config>, ConfigErrors>,
}

/// Waits until the files rest for [`REST`], for [`LONGEST`] at most, and reads
/// them: read, hash, read again. `None` where they rest as `known`, and where
/// they change even while they are read, so that the next look finds them.
async fn at_rest(path: PathBuf, known: String) -> Option<Reading> {
    let began = Instant::now();
    let mut hash = config::content_hash(&path);
    if hash == known {
        tracing::debug!("the files are as they were");
        return None;
    }
    loop {
        tokio::time::sleep(REST).await;
        let now = config::content_hash(&path);
        let rests = now == hash || began.elapsed() >= LONGEST;
        hash = now;
        if !rests {
            continue;
        }
        if hash == known {
            tracing::debug!("the files are as they were");
            return None;
        }
        let read = config::load(&path).map(Box::new);
        // What is written while it is read is half of it.
        if config::content_hash(&path) == hash {
            return Some(Reading { hash, read });
        }
        if began.elapsed() >= 2 * LONGEST {
            tracing::warn!("the files change all the time; they are looked at again later");
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::fsx;

    /// A checkout writes one file after the other, and a machine that starts may
    /// start latchd in the middle of it.
    #[tokio::test(start_paused = true)]
    async fn a_start_waits_for_who_is_changing_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            fsx::write_atomic(&path, text.as_bytes(), 0o600).unwrap();
        };
        let link =
            |customer: u32| format!("[links]\n{customer} = {{ create = true, start = \"beginning\" }}\n");
        write("latchd.toml", include_str!("../../config/latchd.toml"));
        write("links.d/a.toml", &link(1));
        let checkout = async {
            for customer in 2..5 {
                tokio::time::sleep(REST * 3 / 4).await;
                write(&format!("links.d/{customer}.toml"), &link(customer));
            }
        };
        let main = folder.path().join("latchd.toml");
        let control = Control::default();
        let (files, ()) = tokio::join!(Files::load(&main, Arc::new(SystemClock), (None, &control)), checkout);
        assert_eq!(files.unwrap().unwrap().config.decisions.links.len(), 4);
        // What rests is read at once.
        let later =
            crate::clock::TokioClock::starting_at(SystemClock.now() + jiff::SignedDuration::from_secs(9));
        let began = Instant::now();
        Files::load(&main, Arc::new(later), (None, &control)).await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
