//! The session: what callers ask of the line of tokens. It is kept by one
//! writer, the [`Keeper`].

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::keeper::{Keeper, TokenLine};
use super::oauth::{Credentials, OAuth};
use super::{CallError, Disconnected};
use crate::clock::Clock;
use crate::http::Transport;
use crate::store::TokenFile;

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

/// The connection to Intuit: gives access tokens, renews them one at a time.
pub struct Session {
    pub(super) keeper: Keeper,
    borrowed: bool,
}

impl Session {
    /// A session whose tokens are kept in `file`.
    pub fn new(
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        credentials: Credentials,
        file: TokenFile,
    ) -> Self {
        let oauth = Arc::new(OAuth::new(transport, credentials));
        Self { keeper: Keeper { oauth, clock, file, line: Arc::default() }, borrowed: false }
    }

    /// A session that goes on with the tokens of another of this process.
    #[must_use]
    pub fn of_line(self, line: &Arc<TokenLine>) -> Self {
        Self { keeper: Keeper { line: Arc::clone(line), ..self.keeper }, ..self }
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
        let mut flight = self.keeper.flight().await;
        if self.borrowed {
            // The owner may have renewed it since.
            flight.tokens = None;
        }
        let tokens = self.keeper.current(&mut flight)?;
        let left = tokens.access_expires_at.duration_since(self.keeper.clock.now());
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
        let keeper = self.keeper.clone();
        let renewal = async move {
            match keeper.renew(&mut flight, &tokens).await {
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
        };
        self.keeper.apart(renewal).await
    }

    /// Uses the refresh token where it was not used for a week, so that it
    /// lives on though nothing is asked of QuickBooks. It costs nothing to call
    /// this often.
    pub async fn keep_alive(&self) {
        let mut flight = self.keeper.flight().await;
        let paused = flight.paused_until.is_some_and(|until| Instant::now() < until);
        if self.borrowed || paused {
            return;
        }
        let Ok(tokens) = self.keeper.current(&mut flight) else { return };
        let age = tokens.renewed_at.map(|at| self.keeper.clock.now().duration_since(at));
        if age.is_some_and(|age| age < RENEW_EVERY) {
            return;
        }
        let keeper = self.keeper.clone();
        let renewal = async move {
            let renewed = keeper.renew(&mut flight, &tokens).await;
            if let Err(error) = &renewed {
                tracing::warn!(why = %error, "the weekly renewal of the QuickBooks token failed");
                flight.paused_until = Some(Instant::now() + KEEP_ALIVE_PAUSE);
            }
            renewed
        };
        // It was told there how it went.
        let _ = self.keeper.apart(renewal).await;
    }

    /// Why a person must connect anew before long, where that is so: a
    /// sentence with the day and the command.
    pub fn ending(&self) -> Option<String> {
        let ends_at = (*self.keeper.line.ends_at.lock().unwrap_or_else(PoisonError::into_inner))?;
        let left = ends_at.duration_since(self.keeper.clock.now());
        let login = &self.keeper.oauth.credentials.login;
        (left < WARN_AHEAD).then(|| {
            format!(
                "the connection to QuickBooks ends at {}; run `{login}` before that",
                ends_at.strftime("%Y-%m-%d %H:%M UTC")
            )
        })
    }

    /// Ends the connection at Intuit and forgets the tokens. With `anyway` they
    /// are forgotten though Intuit was not told.
    pub(super) async fn end(&self, anyway: bool) -> Result<Disconnected, CallError> {
        let mut flight = self.keeper.flight().await;
        let keeper = self.keeper.clone();
        self.keeper.apart(async move { keeper.end(&mut flight, anyway).await }).await
    }
}
