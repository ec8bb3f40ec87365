//! Exit codes: part of the contract.

use std::error::Error;
use std::fmt;

use crate::config::ConfigErrors;
use crate::daemon::DaemonError;
use crate::engine::EngineError;
use crate::log;
use crate::pass::Cause;
use crate::store::{OwnerLockError, StoreError};

/// How the program ends; the first that applies, in the contract's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything is as it should be.
    InBalance = 0,
    /// It could not finish.
    Unfinished = 1,
    /// `plan`: something would be written.
    ChangesPlanned = 2,
    /// `plan`: nothing would be written, but objects were changed by hand.
    DriftOnly = 3,
    /// A guard holds something until it is approved.
    Guarded = 4,
    /// `once`, `status`: warnings stand.
    Warnings = 5,
    /// The command line is wrong.
    Usage = 64,
    /// Another latchd holds the state.
    Held = 75,
    /// The operator's files are invalid.
    InvalidFiles = 78,
}

/// Why a command ended early: one message for the person who called it.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    message: String,
}

impl Failure {
    /// A failure with its message.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// The same with a line about what to do, where it could not finish.
    #[must_use]
    pub fn with_remedy(self, words: &str) -> Self {
        match self.exit {
            Exit::Unfinished => Self { message: format!("{}\n{words}", self.message), ..self },
            Exit::InBalance
            | Exit::ChangesPlanned
            | Exit::DriftOnly
            | Exit::Guarded
            | Exit::Warnings
            | Exit::Usage
            | Exit::Held
            | Exit::InvalidFiles => self,
        }
    }

    /// A pass that could not finish: each cause with what to do about it.
    pub fn of_causes(causes: &[Cause]) -> Self {
        let told = causes.iter().map(|cause| {
            let todo = cause.todo();
            format!("error: {} ({})\nTo do: {todo}", log::tame(&cause.reason), cause.code)
        });
        Self::new(Exit::Unfinished, told.collect::<Vec<_>>().join("\n"))
    }

    fn of(exit: Exit, error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self { exit, message: format!("error: {}", log::tame(&message)) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::new(Exit::InvalidFiles, errors.to_string())
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        let exit = match &error {
            EngineError::Owner(OwnerLockError::Held(_)) => Exit::Held,
            EngineError::Secret(_) => Exit::InvalidFiles,
            EngineError::Owner(OwnerLockError::Folder { .. })
            | EngineError::Store(_)
            | EngineError::Reports { .. } => Exit::Unfinished,
        };
        Self::of(exit, &error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::of(Exit::Unfinished, &error)
    }
}

impl From<DaemonError> for Failure {
    fn from(error: DaemonError) -> Self {
        match error {
            DaemonError::Files(errors) => errors.into(),
            DaemonError::Emptied => Self::of(Exit::InvalidFiles, &error),
            DaemonError::Engine(error) => error.into(),
            DaemonError::Store(error) => error.into(),
        }
    }
}
