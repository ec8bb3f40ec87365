//! Trials: scenarios that a company writes about its own files, played against
//! the embedded sandbox. A file says what Stax Bill and QuickBooks hold, what
//! goes wrong on the way, and what is expected: the plan, the documents in the
//! books, the warnings.
//!
//! Everything but the two vendors is the real thing: the operator's files, the
//! engine, its passes, the reports. No port is opened, no secret is read, and
//! the clock is the scenario's own.
//!
//! | file | job |
//! |---|---|
//! | `read` | a file as a [`Trial`], or all that is wrong with it |
//! | `files` | the operator's files, or the scenario's own, turned towards the sandbox |
//! | `play` | the company, its passes, what came of them |
//! | `found` | what the plan, the books and the report hold, as rows |
//! | `section` | which rows there are, and the values in them |
//! | `compare` | rows that were expected beside rows that were found |
//! | `show` | all of that for people, for programs, and as TOML to paste |

mod compare;
mod expect;
mod files;
mod found;
mod play;
mod read;
mod section;
mod show;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::config::ConfigErrors;
use crate::engine::EngineError;
use crate::sandbox::excerpt::{Excerpt, Moment};
use crate::sandbox::scenario::{Scenario, ScenarioErrors};
use crate::store::StoreError;
pub use compare::Difference;
use expect::Expected;
pub use files::Prepared;
pub use found::Found;
pub use play::play;
pub use show::{json, text};

/// A scenario as its file says it.
#[derive(Debug)]
pub struct Trial {
    name: Arc<str>,
    path: PathBuf,
    text: Arc<str>,
    about: Option<String>,
    /// The operator's file that is tried, beside the scenario's own.
    config: Option<(String, Range<usize>)>,
    /// The settings of its own, where the first of them stands.
    settings: Option<Range<usize>>,
    /// Whether it has decisions of its own.
    decides: bool,
    now: Moment,
    passes: Vec<Duration>,
    scenario: Scenario,
    excerpt: Excerpt,
    expected: Expected,
}

/// What became of a trial.
#[derive(Debug)]
pub struct Verdict {
    /// The file, as it was named.
    pub name: Arc<str>,
    /// What it is about.
    pub about: Option<String>,
    /// What is not as it was expected; nothing where it passed.
    pub differences: Vec<Difference>,
    /// What was found.
    pub found: Found,
}

impl Verdict {
    /// Whether everything is as expected.
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// A file that cannot be tried.
#[derive(Debug)]
pub enum Invalid {
    /// Something is wrong with the scenario.
    Scenario(ScenarioErrors),
    /// Something is wrong with the files that it tries, or with its own tables
    /// of their kind.
    Files(ConfigErrors),
}

impl Invalid {
    /// All of it as text, with colour on request.
    pub fn render(&self, colour: bool) -> String {
        match self {
            Self::Scenario(errors) => errors.render(colour),
            Self::Files(errors) => errors.render(colour),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// A trial that could not be played: nothing that its file says is to blame.
#[derive(Debug, Error)]
pub enum TrialError {
    /// The engine did not start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Its state broke.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Both vendors took what the file says once, and not again.
    #[error("the excerpt was taken once and then refused; please report it")]
    Excerpt,
    /// There is no room for its reports.
    #[error("cannot make a temporary folder: {0}")]
    Folder(#[from] std::io::Error),
}
