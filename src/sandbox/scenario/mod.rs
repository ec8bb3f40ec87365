//! Scenarios: what happens in the sandbox and when, from a file or from Rust.
//!
//! `read` turns a text into steps or into errors with their places, `step` is
//! what a file may say, `words` the small values in it; `stage` plays steps
//! when their hour or their call has come and remembers how they went;
//! `company`, `account`, `money` and `credits` are the hands that act on the two vendors.

pub(in crate::sandbox) mod account;
mod company;
mod credits;
mod errors;
mod money;
pub(in crate::sandbox) mod read;
mod stage;
mod step;
#[cfg(test)]
mod tests;
pub(in crate::sandbox) mod words;

pub use errors::{ScenarioError, ScenarioErrors};
pub use read::{meant, read as read_value, told};
pub use stage::{Played, Stage};
use step::{ClockFile, Step};
use toml::Spanned;
use toml::de::DeValue;
pub use words::Span;

/// A plan of things that happen to both vendors.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    clock: ClockFile,
    steps: Vec<Step>,
}

impl Scenario {
    /// Reads a scenario; `name` is what errors call the file.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with places and remedies.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScenarioErrors> {
        read::scenario(name, text)
    }

    /// Reads the `[[step]]` of another kind of file, `text`.
    pub fn of_steps(text: &str, value: Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) -> Self {
        Self { clock: ClockFile::default(), steps: read::steps(text, value, errors) }
    }

    /// How many steps it has.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether nothing happens in it.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}
