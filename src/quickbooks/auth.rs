//! The session: one line of refresh tokens, kept by one writer.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::oauth::{Credentials, Exchanged, Granted, OAuth};
use super::{CallError, Disconnected};
use crate::clock::Clock;
use crate::http::Transport;
use crate::model::Digest;
use crate::mutation::Mutation;
use crate::store::{TokenFile, TokenRoom, Tokens};

/// An access token is renewed when less than this is left of it (it lives 60
/// minutes), so that no call meets its end.
const RENEW_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// One that cannot be renewed now, or that somebody else renews, is used until
/// shortly before its end.
const USED_UNTIL: SignedDuration = SignedDuration::from_secs(30);

/// A refresh token is used at least this often, though nobody calls: unused, it
/// ends after 100 days.
const RENEW_EVERY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So long before its end a connection is said to need a new login.
pub const WARN_AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);

/// The pause after a renewal without need that failed.
const KEEP_ALIVE_PAUSE: Duration = Duration::from_hours(1);

/// The pause after a renewal ahead of the end that failed.
const AHEAD_PAUSE: Duration = Duration::from_secs(60);

/// What Intuit says where the answer does not (Intuit: OAuth 2.0).
const REFRESH_SECONDS: i64 = 100 * 24 * 3600;

/// The connection to Intuit: gives access tokens, renews them one at a time.
pub struct Session {
    pub(super) oauth: OAuth,
    clock: Arc<dyn Clock>,
    file: TokenFile,
    borrowed: bool,
    line: Arc<TokenLine>,
}

/// The tokens as a process knows them. Sessions that follow one another share it,
/// so that two of them never renew, or begin, the same line at once.
#[derive(Default)]
pub struct TokenLine {
    flight: Mutex<Flight>,
    /// The end of the connection, as far as this process has seen its tokens.
    ends_at: std::sync::Mutex<Option<Timestamp>>,
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
}

/// Held by who changes the tokens: one at a time.
#[derive(Default)]
pub(super) struct Flight {
    tokens: Option<Tokens>,
    /// Whether they are still to be written: they are not used before.
    unsaved: bool,
    paused_until: Option<Instant>,
    /// After a renewal failed though the token lives: until then it is used
    /// without trying again, lest every call asks Intuit, and tells it.
    spared_until: Option<Instant>,
}

impl Session {
    /// A session whose tokens are kept in `file`.
    pub fn new(
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        credentials: Credentials,
        file: TokenFile,
    ) -> Self {
        let oauth = OAuth::new(transport, credentials);
        Self { oauth, clock, file, borrowed: false, line: Arc::default() }
    }

    /// A session that goes on with the tokens of another of this process.
    #[must_use]
    pub fn of_line(self, line: &Arc<TokenLine>) -> Self {
        Self { line: Arc::clone(line), ..self }
    }

    /// The session of a process that reads beside the one that owns the state:
    /// it uses the owner's access token and never renews it, because the line
    /// of refresh tokens has one writer.
    #[must_use]
    pub fn borrowed(self) -> Self {
        Self { borrowed: true, ..self }
    }

    /// A living access token. `refused` is one that QuickBooks just did not
    /// accept: it is not given again.
    pub async fn access_token(&self, refused: Option<&SecretString>) -> Result<SecretString, CallError> {
        // One at a time: whoever waits here finds the token that the first one got.
        let mut flight = self.line.flight.lock().await;
        if self.borrowed {
            // The owner may have renewed it since.
            flight.tokens = None;
        }
        let tokens = self.current(&mut flight)?;
        let left = tokens.access_expires_at.duration_since(self.clock.now());
        let refused = refused.is_some_and(|refused| refused.expose_secret() == tokens.access_token);
        let usable = !refused && !tokens.access_token.is_empty() && left > USED_UNTIL;
        let spared = flight.spared_until.is_some_and(|until| Instant::now() < until);
        if usable && (self.borrowed || left > RENEW_AHEAD || spared) {
            return Ok(SecretString::from(tokens.access_token));
        }
        if self.borrowed {
            let words = "the latchd that holds the state has no living access token, and only it may renew one; \
                         try again after its next pass";
            return Err(CallError::Reconnect(words.to_owned()));
        }
        match self.renew(&mut flight, &tokens).await {
            Ok(renewed) => Ok(SecretString::from(renewed.access_token)),
            Err(error) if usable => {
                if flight.spared_until.is_none() {
                    tracing::warn!(why = %error, "using the QuickBooks access token to its end");
                }
                flight.spared_until = Some(Instant::now() + AHEAD_PAUSE);
                Ok(SecretString::from(tokens.access_token))
            }
            Err(error) => Err(error),
        }
    }

    /// Uses the refresh token where it was not used for a week, so that it
    /// lives on though nothing is asked of QuickBooks. It costs nothing to call
    /// this often.
    pub async fn keep_alive(&self) {
        let mut flight = self.line.flight.lock().await;
        let paused = flight.paused_until.is_some_and(|until| Instant::now() < until);
        if self.borrowed || paused {
            return;
        }
        let Ok(tokens) = self.current(&mut flight) else { return };
        let age = tokens.renewed_at.map(|at| self.clock.now().duration_since(at));
        if age.is_some_and(|age| age < RENEW_EVERY) {
            return;
        }
        if let Err(error) = self.renew(&mut flight, &tokens).await {
            tracing::warn!(why = %error, "the weekly renewal of the QuickBooks token failed");
            flight.paused_until = Some(Instant::now() + KEEP_ALIVE_PAUSE);
        }
    }

    /// Why a person must connect anew before long, where that is so: a
    /// sentence with the day and the command.
    pub fn ending(&self) -> Option<String> {
        let ends_at = (*self.line.ends_at.lock().unwrap_or_else(PoisonError::into_inner))?;
        let left = ends_at.duration_since(self.clock.now());
        let login = &self.oauth.credentials.login;
        (left < WARN_AHEAD).then(|| {
            format!(
                "the connection to QuickBooks ends at {}; run `{login}` before that",
                ends_at.strftime("%Y-%m-%d %H:%M UTC")
            )
        })
    }

    /// Nobody else changes the tokens as long as this is held.
    pub(super) async fn flight(&self) -> MutexGuard<'_, Flight> {
        self.line.flight.lock().await
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
    pub(super) async fn end(&self, anyway: bool) -> Result<Disconnected, CallError> {
        let mut flight = self.line.flight.lock().await;
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
    fn current(&self, flight: &mut Flight) -> Result<Tokens, CallError> {
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

    async fn renew(&self, flight: &mut Flight, tokens: &Tokens) -> Result<Tokens, CallError> {
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

fn unsaved(error: &std::io::Error) -> CallError {
    CallError::Token(format!("the new token cannot be saved ({error}); it is not used before it is"))
}

/// What a `refresh_token` of the files is known by in the token file.
pub fn seed_digest(refresh_token: &str) -> String {
    Digest::of(["seed", refresh_token]).as_str().to_owned()
}
