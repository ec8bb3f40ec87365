//! The token file: apart from the state, because it must outlive it.
//!
//! Intuit's refresh token rotates about once a day and the old value dies, so
//! the new pair is on disk, synced, before the new access token is first used,
//! and the previous value is kept for one fallback.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What Intuit gave last.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tokens {
    /// For calls.
    pub access_token: String,
    /// When it ends.
    pub access_expires_at: Timestamp,
    /// For the next access token.
    pub refresh_token: String,
    /// When it ends if it is not used (100 days).
    pub refresh_expires_at: Timestamp,
    /// The one before it.
    pub previous_refresh_token: Option<String>,
    /// Digest of the `refresh_token` in the files that this line of tokens
    /// began with: another value there begins a new line.
    pub seed: Option<String>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("access_expires_at", &self.access_expires_at).finish_non_exhaustive()
    }
}

/// `token.json` in the state folder, mode 0600.
#[derive(Clone, Debug)]
pub struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// The token file of the state in `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join("token.json") }
    }

    /// What it holds; `None` where there is none yet.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be read or is not a token file; nothing of its
    /// content is in the error.
    pub fn read(&self) -> io::Result<Option<Tokens>> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let unreadable = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not a token file");
        serde_json::from_slice(&text).map(Some).map_err(unreadable)
    }

    /// Replaces it, synced.
    pub fn write(&self, tokens: &Tokens) -> io::Result<()> {
        let text = serde_json::to_vec(tokens)?;
        crate::fsx::write_atomic(&self.path, &text, 0o600)
    }

    /// Shows that it could be replaced: asked before a refresh, because a
    /// rotated token that cannot be saved is lost.
    pub fn probe(&self) -> io::Result<()> {
        let beside = self.path.with_extension("probe");
        crate::fsx::write_atomic(&beside, b"latchd writes here before it asks for a new token\n", 0o600)?;
        std::fs::remove_file(beside)
    }
}
