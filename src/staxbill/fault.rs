//! Why Stax Bill did not answer, sorted by what the reader can do.

use thiserror::Error;

use crate::model::Code;

/// A call to Stax Bill that brought nothing.
#[derive(Debug, Error)]
pub enum StaxError {
    /// No answer came, or a server's error; it may come later.
    #[error("Stax Bill does not answer: {0}")]
    Unreachable(String),
    /// Too many calls, still after waiting.
    #[error("Stax Bill asks for fewer calls: {0}")]
    Throttled(String),
    /// The key is not accepted (400 and 401 of §authentication) or the call is
    /// not allowed.
    #[error("Stax Bill refuses the call ({status}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Stax Bill's words.
        message: String,
    },
    /// There is no such thing.
    #[error("Stax Bill does not know it: {0}")]
    NotFound(String),
    /// The answer is not what the documentation describes.
    #[error("Stax Bill answered something that is not documented, at {0}")]
    Unreadable(String),
}

impl StaxError {
    /// The warning of the whole company that it becomes.
    pub fn code(&self) -> Code {
        match self {
            Self::Unreachable(_) | Self::Unreadable(_) => Code::StaxbillUnreachable,
            Self::Throttled(_) => Code::Throttled,
            Self::Refused { .. } | Self::NotFound(_) => Code::StaxbillRefused,
        }
    }
}
