//! Configuration: what the operator's files say, as what the program uses.
//!
//! Files are read ([`Source`]), parsed (also with mistakes in them), merged by
//! key into one tree with places, and converted into [`Settings`] and
//! [`Decisions`]. Nothing stops at the first error: all of them are collected
//! and shown together.

mod commit;
mod connect;
mod days;
mod documents;
mod error;
mod exceptions;
mod excerpt;
mod faults;
mod fields;
mod files;
mod generation;
mod guard;
mod keys;
mod layout;
mod link;
mod links;
mod load;
mod mask;
mod notify;
mod operate;
mod parse;
mod pieces;
mod posting;
mod reference;
mod repair;
mod settings;
mod source;
mod statements;
mod syntax_words;
mod table;
#[cfg(test)]
mod tests;
mod transaction_types;
mod tree;
mod values;
mod watch;

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub use error::{ConfigError, ConfigErrors};
pub use excerpt::only;
pub use layout::layout;
pub use load::load_from;
pub use notify::{Occurrence, Receiver, Way};
pub use operate::STATE as DEFAULT_STATE;
pub use reference::{Reference, ResolveError, SecretSources, Variables};
pub use settings::{
    CompanySettings, Contact, CustomerSettings, Environment, Limits, OnActivation, Paths, QuickbooksSettings,
    Schedule, Settings, StaxbillSettings,
};
pub use source::{Disk, Source};
pub use watch::{changed_at, content_hash, lenient_reports_path, lenient_state_path, watched_dirs};

use crate::model::{Decisions, Place};

/// One generation of the operator's files.
#[derive(Clone)]
pub struct Config {
    /// What is set.
    pub settings: Settings,
    /// What is decided.
    pub decisions: Decisions,
    /// The SHA-256 of the parsed content, as `sha256:…`. Comments, layout,
    /// order and the spread over files do not count.
    pub generation: String,
    /// The commit checked out where they lay when they were read, in a git
    /// repository.
    pub commit: Option<String>,
    /// An emptied set of links is meant.
    pub allow_empty: bool,
    /// Every file that was read and its text, `latchd.toml` first: enough for
    /// [`load_from`] to load this generation again. Texts may hold secrets.
    pub files: Vec<(PathBuf, String)>,
    /// What is worth saying though nothing is wrong.
    pub notices: Vec<Notice>,
}

/// Something worth saying about the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A stable word.
    pub code: &'static str,
    /// The sentence.
    pub text: String,
    /// Where.
    pub at: Place,
}

/// Reads `latchd.toml` at `path` and everything it includes.
///
/// # Errors
///
/// Everything that is wrong in any of the files, sorted by file and line.
pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let config = load_from(&absolute, &Disk)?;
    Ok(Config { commit: commit::commit_of(&absolute), ..config })
}

/// Like [`load`], and refuses what the day `now` is in refuses: a `start` that
/// has not come. Only who asks whether the files are sound is told so; in a
/// running company such a line waits for its day with a warning.
///
/// # Errors
///
/// Everything that is wrong in any of the files, sorted by file and line.
pub fn check(path: &Path, now: Timestamp) -> Result<Config, ConfigErrors> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    load::load_at(&absolute, &Disk, Some(now))
}

/// Names files but never shows their texts, which may hold secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<&PathBuf> = self.files.iter().map(|(path, _)| path).collect();
        f.debug_struct("Config")
            .field("generation", &self.generation)
            .field("commit", &self.commit)
            .field("settings", &self.settings)
            .field("links", &self.decisions.links.len())
            .field("allow_empty", &self.allow_empty)
            .field("files", &files)
            .field("notices", &self.notices)
            .finish()
    }
}
