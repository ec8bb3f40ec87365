//! The keeper: changes the tokens of a line, one change at a time, and each in a
//! task of its own. Who asked for a change may go away in the middle of it (a
//! pass that is cut off, a client that hangs up); what Intuit gave is saved all
//! the same.

use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::oauth::{Exchanged, Granted, OAuth};
use super::{CallError, Disconnected};
use crate::clock::Clock;
use crate::model::Digest;
use crate::mutation::Mutation;
use crate::store::{TokenFile, TokenRoom, Tokens};

/// What Intuit says where the answer does not (Intuit: OAuth 2.0).
const REFRESH_SECONDS: i64 = 100 * 24 * 3600;

/// Changes the tokens of one line. Copies of it are the same keeper.
#[derive(Clone)]
pub(super) struct Keeper {
    pub(super) oauth: Arc<OAuth>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) file: TokenFile,
    pub(super) line: Arc<TokenLine>,
}

impl Keeper {
    /// Nobody else changes the tokens as long as this is held.
    pub(super) async fn flight(&self) -> OwnedMutexGuard<Flight> {
        Arc::clone(&self.line.flight).lock_owned().await
    }

    /// Does what must not be cut in the middle, in a task of its own, and waits
    /// for it; where the waiting ends early, the work goes on.
    pub(super) async fn apart<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<CallError> + Send + 'static,
    {
        match self.line.under_way.spawn(work.in_current_span()).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(CallError::NotSent("latchd ends".to_owned()).into()),
        }
    }

    /// Takes room for new tokens, before a code is spent.
    pub(super) fn room(&self) -> Result<TokenRoom, CallError> {
        self.file.room().map_err(|error| {
            CallError::Token(format!("the state folder cannot be written ({error}); no token was asked for"))
        })
    }

    /// Begins a new line with what a login gave. The `refresh_token` of the
    /// files, where there is one, is taken for older than it.
    pub(super) fn begin(
        &self,
        flight: &mut Flight,
        granted: Granted,
        room: TokenRoom,
    ) -> Result<Tokens, CallError> {
        let before = Tokens::seeded(granted.refresh_token.clone(), self.seed());
        self.keep(flight, (before, granted), room)
    }

    /// Ends the connection at Intuit and forgets the tokens. With `anyway` they
    /// are forgotten though Intuit was not told.
    pub(super) async fn end(&self, flight: &mut Flight, anyway: bool) -> Result<Disconnected, CallError> {
        let unreadable = |error: std::io::Error| CallError::Token(format!("token.json: {error}"));
        // What could not be saved is newer than the file.
        let kept = if flight.unsaved { Ok(flight.tokens.clone()) } else { self.file.read() };
        let revoked = match kept {
            Ok(None) => return Ok(Disconnected { was_alive: None, untold: None }),
            Ok(Some(tokens)) => self.oauth.revoke(&tokens.refresh_token).await,
            Err(error) => Err(unreadable(error)),
        };
        let (was_alive, untold) = match revoked {
            Ok(was_alive) => (Some(was_alive), None),
            Err(error) if anyway => (None, Some(error.to_string())),
            Err(error) => return Err(error),
        };
        self.file.remove().map_err(unreadable)?;
        *flight = Flight::default();
        *self.line.ends_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(Disconnected { was_alive, untold })
    }

    /// What `refresh_token` in the files is known by.
    fn seed(&self) -> Option<String> {
        let seed = self.oauth.credentials.refresh_token.as_ref();
        seed.map(|seed| seed_digest(seed.expose_secret()))
    }

    /// The tokens on disk, or a new line of them where the files seed one.
    pub(super) fn current(&self, flight: &mut Flight) -> Result<Tokens, CallError> {
        let seed = self.seed();
        let ours = |tokens: &Tokens| seed.is_none() || tokens.seed == seed;
        if let Some(tokens) = flight.tokens.as_ref().filter(|tokens| ours(tokens)) {
            let tokens = tokens.clone();
            if flight.unsaved {
                self.room()?.keep(&tokens).map_err(|error| unsaved(&error))?;
                flight.unsaved = false;
            }
            return Ok(tokens);
        }
        let kept = self.file.read().map_err(|error| CallError::Token(format!("token.json: {error}")))?;
        let credentials = &self.oauth.credentials;
        let tokens = match (kept, &credentials.refresh_token) {
            (Some(kept), _) if ours(&kept) => kept,
            (_, Some(token)) => Tokens::seeded(token.expose_secret().to_owned(), seed),
            (_, None) => {
                return Err(CallError::Reconnect(format!(
                    "latchd has no token for QuickBooks yet; run `{}`, or set refresh_token in [quickbooks]",
                    credentials.login
                )));
            }
        };
        self.hold(flight, tokens.clone());
        Ok(tokens)
    }

    /// Exchanges the refresh token. To be called [`apart`](Self::apart).
    pub(super) async fn renew(&self, flight: &mut Flight, tokens: &Tokens) -> Result<Tokens, CallError> {
        // A rotated token that cannot be saved is lost, so that is tried first.
        let room = || {
            self.file.room().map_err(|error| {
                CallError::Token(format!(
                    "the state folder cannot be written ({error}); the token was not renewed and stays good until {}",
                    tokens.ends_at().strftime("%Y-%m-%d")
                ))
            })
        };
        let taken = if Mutation::RefreshFirst.is_planted() { None } else { Some(room()?) };
        let mut candidates = vec![tokens.refresh_token.clone()];
        candidates.extend(tokens.previous_refresh_token.clone());
        for used in candidates {
            match self.oauth.refresh(&used).await? {
                Exchanged::Dead => {}
                Exchanged::Granted(granted) => {
                    let before = Tokens { refresh_token: used, ..tokens.clone() };
                    let room = taken.map_or_else(room, Ok)?;
                    return self.keep(flight, (before, *granted), room);
                }
            }
        }
        flight.tokens = None;
        Err(CallError::Reconnect(format!(
            "Intuit no longer accepts the refresh token (invalid_grant); run `{}`, or set a new refresh_token \
             in [quickbooks]",
            self.oauth.credentials.login
        )))
    }

    /// On disk before its first use. `before` is the line as it was, with the
    /// refresh token that was used.
    fn keep(
        &self,
        flight: &mut Flight,
        (before, granted): (Tokens, Granted),
        room: TokenRoom,
    ) -> Result<Tokens, CallError> {
        let now = self.clock.now();
        let after =
            |seconds: i64| now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        let rotated = granted.refresh_token != before.refresh_token;
        let tokens = Tokens {
            access_token: granted.access_token,
            access_expires_at: after(granted.expires_in),
            refresh_token: granted.refresh_token,
            refresh_expires_at: after(granted.x_refresh_token_expires_in.unwrap_or(REFRESH_SECONDS)),
            previous_refresh_token: if rotated {
                Some(before.refresh_token)
            } else {
                before.previous_refresh_token
            },
            seed: before.seed,
            hard_expires_at: granted.x_refresh_token_hard_expires_in.map(after).or(before.hard_expires_at),
            connected_at: before.connected_at.or(Some(now)),
            renewed_at: Some(now),
            rotated_at: if rotated { Some(now) } else { before.rotated_at },
        };
        // What could not be written is held: the predecessor may be dead by now.
        let late = Mutation::TokenAfterUse.is_planted();
        let kept = if late { Ok(()) } else { room.keep(&tokens) };
        flight.unsaved = kept.is_err() || late;
        flight.spared_until = None;
        self.hold(flight, tokens.clone());
        kept.map_err(|error| unsaved(&error))?;
        tracing::info!(rotated, "renewed the QuickBooks access token");
        Ok(tokens)
    }

    fn hold(&self, flight: &mut Flight, tokens: Tokens) {
        let ends_at = Some(tokens.ends_at()).filter(|at| *at != Timestamp::MAX);
        *self.line.ends_at.lock().unwrap_or_else(PoisonError::into_inner) = ends_at;
        flight.tokens = Some(tokens);
    }
}

/// The tokens as a process knows them. Sessions that follow one another share it,
/// so that two of them never renew, or begin, the same line at once.
#[derive(Default)]
pub struct TokenLine {
    flight: Arc<Mutex<Flight>>,
    /// Changes that were begun.
    under_way: TaskTracker,
    /// The end of the connection, as far as this process has seen its tokens.
    pub(super) ends_at: std::sync::Mutex<Option<Timestamp>>,
}

impl TokenLine {
    /// The file is read again before the tokens are next used, unless somebody
    /// changes them at the moment.
    pub fn forget(&self) {
        if let Ok(mut flight) = self.flight.try_lock()
            && !flight.unsaved
        {
            flight.tokens = None;
        }
    }

    /// Waits until every change that was begun is over.
    pub async fn settled(&self) {
        self.under_way.close();
        self.under_way.wait().await;
    }
}

/// Held by who changes the tokens: one at a time.
#[derive(Default)]
pub(super) struct Flight {
    pub(super) tokens: Option<Tokens>,
    /// Whether they are still to be written: they are not used before.
    unsaved: bool,
    pub(super) paused_until: Option<Instant>,
    /// After a renewal failed though the token lives: until then it is used
    /// without trying again, lest every call asks Intuit, and tells it.
    pub(super) spared_until: Option<Instant>,
}

fn unsaved(error: &std::io::Error) -> CallError {
    CallError::Token(format!("the new token cannot be saved ({error}); it is not used before it is"))
}

/// What a `refresh_token` of the files is known by in the token file.
pub fn seed_digest(refresh_token: &str) -> String {
    Digest::of(["seed", refresh_token]).as_str().to_owned()
}
