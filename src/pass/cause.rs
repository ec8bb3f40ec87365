//! Causes that concern the whole company, and what ends a part of a pass.

use crate::model::{Code, Place, VendorFault};
use crate::quickbooks::CallError;
use crate::staxbill::StaxError;
use crate::store::StoreError;

/// What a cause of the whole company keeps a pass from, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holds {
    /// From everything.
    Pass,
    /// From every write of a document.
    Writes,
    /// From creations.
    Creations,
    /// From nothing yet.
    Nothing,
}

/// A cause that concerns the whole company; its key is `company/<name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The warning.
    pub code: Code,
    /// What happened, in a sentence.
    pub reason: String,
    /// QuickBooks' words, where it spoke.
    pub quickbooks: Option<VendorFault>,
    /// How much it keeps a pass from.
    pub holds: Holds,
    /// What to do, where the code's own remedy is about a record.
    pub todo: Option<&'static str>,
}

impl Cause {
    /// A cause of kind `code`.
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), quickbooks: None, holds: Holds::Pass, todo: None }
    }

    /// One that keeps a pass from `holds` alone.
    pub fn of(holds: Holds, code: Code, reason: impl Into<String>) -> Self {
        Self { holds, ..Self::new(code, reason) }
    }

    /// Whether it ends a pass before anything is decided.
    pub fn stops(&self) -> bool {
        self.holds == Holds::Pass
    }

    /// What to do about it.
    pub fn todo(&self) -> &'static str {
        self.todo.unwrap_or(self.code.remedy().todo)
    }
}

/// Something worth saying though nothing is held up by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// A stable word.
    pub code: &'static str,
    /// The sentence.
    pub text: String,
    /// Where in the files, if it is about them.
    pub at: Option<Place>,
}

/// The token is good, and latchd's own folder is not.
const TOKEN_TODO: &str = "Do what the reason says: make room in the state folder, let the user that runs latchd write there, \
     or give latchd the token_key. No new login is needed.";

/// What ended a part of a pass early.
#[derive(Debug)]
pub enum Stop {
    /// The state cannot be used: latchd ends.
    Store(StoreError),
    /// Something concerns the whole company: nothing is written, the report
    /// says why.
    Cause(Box<Cause>),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<StaxError> for Stop {
    fn from(error: StaxError) -> Self {
        Self::Cause(Box::new(Cause::new(error.code(), error.to_string())))
    }
}

impl From<CallError> for Stop {
    fn from(error: CallError) -> Self {
        let code = error.company_code().unwrap_or(Code::Refused);
        let quickbooks = match &error {
            CallError::Refused(fault) | CallError::Unauthorised(fault) => Some((**fault).clone()),
            CallError::NotSent(_)
            | CallError::Unknown(_)
            | CallError::Throttled(_)
            | CallError::Reconnect(_)
            | CallError::Token(_)
            | CallError::Unreadable(_) => None,
        };
        let todo = matches!(error, CallError::Token(_)).then_some(TOKEN_TODO);
        Self::Cause(Box::new(Cause { quickbooks, todo, ..Cause::new(code, error.to_string()) }))
    }
}
