//! The token file: apart from the state, because it must outlive it.
//!
//! Intuit's refresh token rotates about once a day and the old value dies, so
//! the new pair is on disk, synced, before the new access token is first used,
//! and the previous value is kept for one fallback.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::seal::{SealKey, is_sealed};
use crate::fsx::{self, Room};

/// More than any tokens need: Intuit's access tokens have up to 4,096
/// characters, refresh tokens up to 512 (Intuit: OAuth 2.0), and a seal takes a
/// third more.
const ROOM_BYTES: usize = 16 << 10;
/// A larger file is not one of ours.
const BYTES_MAX: u64 = 1 << 20;

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
    /// When it ends however often it is used (5 years), where Intuit told.
    #[serde(default)]
    pub hard_expires_at: Option<Timestamp>,
    /// When this line of tokens began here: by a login or by a seed.
    #[serde(default)]
    pub connected_at: Option<Timestamp>,
    /// When the access token was renewed last.
    #[serde(default)]
    pub renewed_at: Option<Timestamp>,
    /// When the value of the refresh token changed last.
    #[serde(default)]
    pub rotated_at: Option<Timestamp>,
}

impl Tokens {
    /// A line that begins with a refresh token of unknown age.
    pub fn seeded(refresh_token: String, seed: Option<String>) -> Self {
        Self {
            access_token: String::new(),
            access_expires_at: Timestamp::MIN,
            refresh_token,
            refresh_expires_at: Timestamp::MAX,
            previous_refresh_token: None,
            seed,
            hard_expires_at: None,
            connected_at: None,
            renewed_at: None,
            rotated_at: None,
        }
    }

    /// When the connection ends if nobody renews it: the earlier of both ends
    /// of the refresh token.
    pub fn ends_at(&self) -> Timestamp {
        self.hard_expires_at.map_or(self.refresh_expires_at, |hard| hard.min(self.refresh_expires_at))
    }

    /// Whether the values are sealed, as [`TokenFile::peek`] shows them.
    pub fn is_sealed(&self) -> bool {
        is_sealed(&self.refresh_token)
    }

    /// Every secret, with the name that it has in the file.
    fn secrets(&mut self) -> impl Iterator<Item = (&'static str, &mut String)> {
        let previous = self.previous_refresh_token.as_mut();
        let both = [("access_token", &mut self.access_token), ("refresh_token", &mut self.refresh_token)];
        both.into_iter().chain(previous.map(|previous| ("previous_refresh_token", previous)))
    }
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
    key: Option<SealKey>,
}

impl TokenFile {
    /// The token file of the state in `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join("token.json"), key: None }
    }

    /// The same file, its values sealed from the next writing on where there is
    /// a key.
    #[must_use]
    pub fn sealed_with(self, key: Option<SealKey>) -> Self {
        Self { key, ..self }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds; `None` where there is none yet.
    ///
    /// # Errors
    ///
    /// Fails where it cannot be read, is not a token file, or is sealed with
    /// another key; nothing of its content is in the error.
    pub fn read(&self) -> io::Result<Option<Tokens>> {
        let Some(mut tokens) = self.peek()? else { return Ok(None) };
        let wrong = |words: &'static str| io::Error::new(io::ErrorKind::InvalidData, words);
        for (name, value) in tokens.secrets().filter(|(_, value)| is_sealed(value)) {
            let Some(key) = &self.key else {
                return Err(wrong("it is sealed, and [quickbooks] names no token_key to open it with"));
            };
            *value = key.open(name, value).ok_or_else(|| {
                wrong("it was sealed with another key than token_key in [quickbooks], or is damaged")
            })?;
        }
        Ok(Some(tokens))
    }

    /// What it holds, with sealed values as they are: for who looks at the
    /// times alone.
    pub fn peek(&self) -> io::Result<Option<Tokens>> {
        let text = match fsx::read_capped(&self.path, BYTES_MAX) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let unreadable = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not a token file");
        serde_json::from_slice(&text).map(Some).map_err(unreadable)
    }

    /// Takes room for new tokens: asked for before Intuit is, because a rotated
    /// token that cannot be saved is lost.
    pub fn room(&self) -> io::Result<TokenRoom> {
        let room = Room::take(&self.path, ROOM_BYTES, 0o600)?;
        Ok(TokenRoom { room, key: self.key.clone() })
    }

    /// Removes it; tells whether there was one.
    pub fn remove(&self) -> io::Result<bool> {
        fsx::remove(&self.path)
    }
}

/// Room for the tokens that Intuit is about to give.
#[derive(Debug)]
pub struct TokenRoom {
    room: Room,
    key: Option<SealKey>,
}

impl TokenRoom {
    /// Replaces the token file, synced.
    pub fn keep(self, tokens: &Tokens) -> io::Result<()> {
        let mut tokens = tokens.clone();
        if let Some(key) = &self.key {
            for (name, value) in tokens.secrets() {
                *value = key
                    .seal(name, value)
                    .ok_or_else(|| io::Error::other("the system has no chance to give"))?;
            }
        }
        self.room.fill(&serde_json::to_vec(&tokens)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        let previous = Some("canary-previous".to_owned());
        let access_token = "canary-access".to_owned();
        Tokens {
            access_token,
            previous_refresh_token: previous,
            ..Tokens::seeded("canary-refresh".into(), None)
        }
    }

    fn values(tokens: &Tokens) -> [&str; 3] {
        let previous = tokens.previous_refresh_token.as_deref().unwrap_or_default();
        [&tokens.access_token, &tokens.refresh_token, previous]
    }

    #[test]
    fn a_plain_file_is_sealed_at_the_next_writing_and_opens_with_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let plain = TokenFile::new(folder.path());
        plain.room().unwrap().keep(&tokens()).unwrap();
        let sealed = plain.clone().sealed_with(SealKey::parse(&"7".repeat(64)));
        let found = sealed.read().unwrap().unwrap();
        assert_eq!(values(&found), values(&tokens()), "a plain file is read with a key too");
        sealed.room().unwrap().keep(&found).unwrap();
        assert_eq!(values(&sealed.read().unwrap().unwrap()), values(&tokens()));
        let text = std::fs::read_to_string(plain.path()).unwrap();
        assert!(!text.contains("canary"), "{text}");
        assert!(sealed.peek().unwrap().unwrap().is_sealed());
        for (file, words) in [
            (plain.clone(), "names no token_key"),
            (plain.clone().sealed_with(SealKey::parse(&"8".repeat(64))), "sealed with another key"),
        ] {
            let error = file.read().unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("sealed:"), "{error}");
            assert_eq!(std::fs::read_to_string(plain.path()).unwrap(), text, "and is left as it is");
        }
    }

    #[test]
    fn a_file_of_an_older_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::new(folder.path());
        let old = r#"{"access_token":"a","access_expires_at":"2026-01-01T00:00:00Z","refresh_token":"r",
            "refresh_expires_at":"2026-04-01T00:00:00Z","previous_refresh_token":null,"seed":null}"#;
        fsx::write_atomic(file.path(), old.as_bytes(), 0o600).unwrap();
        let found = file.read().unwrap().unwrap();
        assert_eq!((found.hard_expires_at, found.ends_at()), (None, "2026-04-01T00:00:00Z".parse().unwrap()));
        let hard = Tokens { hard_expires_at: Some("2026-02-01T00:00:00Z".parse().unwrap()), ..found };
        assert_eq!(hard.ends_at().to_string(), "2026-02-01T00:00:00Z");
    }
}
