//! Tokens: one line of refresh tokens, kept by one writer.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::http::{Phase, Transport, percent};
use crate::model::Digest;
use crate::store::{TokenFile, Tokens};

use super::CallError;

/// An access token is renewed when less than this is left of it (it lives 60
/// minutes), so that no call meets its end.
const RENEW_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// One that somebody else renews is used until shortly before its end.
const BORROW_AHEAD: SignedDuration = SignedDuration::from_secs(30);

/// What Intuit knows the app by.
pub struct Credentials {
    /// Client id.
    pub client_id: SecretString,
    /// Client secret.
    pub client_secret: SecretString,
    /// A refresh token to begin with; a new value begins a new line.
    pub refresh_token: Option<SecretString>,
    /// Where the token endpoint is told.
    pub discovery_url: String,
}

/// The connection to Intuit: gives access tokens, renews them one at a time.
pub struct Session {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    credentials: Credentials,
    file: TokenFile,
    borrowed: bool,
    flight: Mutex<Flight>,
}

#[derive(Default)]
struct Flight {
    tokens: Option<Tokens>,
    token_url: Option<String>,
}

#[derive(Deserialize)]
struct Discovery {
    token_endpoint: String,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: i64,
    refresh_token: String,
    #[serde(default)]
    x_refresh_token_expires_in: Option<i64>,
}

#[derive(Deserialize)]
struct TokenFault {
    error: String,
}

enum Renewed {
    Tokens(Box<TokenAnswer>),
    Dead,
}

impl Session {
    /// A session whose tokens are kept in `file`.
    pub fn new(
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        credentials: Credentials,
        file: TokenFile,
    ) -> Self {
        Self { transport, clock, credentials, file, borrowed: false, flight: Mutex::default() }
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
        let mut flight = self.flight.lock().await;
        if self.borrowed {
            // The owner may have renewed it since.
            flight.tokens = None;
        }
        let tokens = self.current(&mut flight)?;
        let now = self.clock.now();
        let ahead = if self.borrowed { BORROW_AHEAD } else { RENEW_AHEAD };
        let fresh = tokens.access_expires_at.duration_since(now) > ahead;
        let refused = refused.is_some_and(|refused| refused.expose_secret() == tokens.access_token);
        if fresh && !refused && !tokens.access_token.is_empty() {
            return Ok(SecretString::from(tokens.access_token));
        }
        if self.borrowed {
            let words = "the latchd that holds the state has no living access token, and only it may renew one; \
                         try again after its next pass";
            return Err(CallError::Reconnect(words.to_owned()));
        }
        let renewed = self.renew(&mut flight, &tokens).await?;
        let access = SecretString::from(renewed.access_token.clone());
        flight.tokens = Some(renewed);
        Ok(access)
    }

    /// The tokens on disk, or a new line of them where the files seed one.
    fn current(&self, flight: &mut Flight) -> Result<Tokens, CallError> {
        let kept = match flight.tokens.take() {
            Some(tokens) => Some(tokens),
            None => self.file.read().map_err(|error| CallError::Token(format!("token.json: {error}")))?,
        };
        let seed = self.credentials.refresh_token.as_ref();
        let seed_digest = seed.map(|seed| Digest::of(["seed", seed.expose_secret()]).as_str().to_owned());
        let tokens = match (kept, seed, seed_digest) {
            (Some(kept), _, None) => kept,
            (Some(kept), _, digest) if kept.seed == digest => kept,
            (_, Some(seed), digest) => Tokens {
                access_token: String::new(),
                access_expires_at: Timestamp::MIN,
                refresh_token: seed.expose_secret().to_owned(),
                refresh_expires_at: Timestamp::MAX,
                previous_refresh_token: None,
                seed: digest,
            },
            (None, None, _) | (_, None, Some(_)) => {
                let words = "latchd has no token for QuickBooks yet; set refresh_token in [quickbooks]";
                return Err(CallError::Reconnect(words.to_owned()));
            }
        };
        flight.tokens = Some(tokens.clone());
        Ok(tokens)
    }

    async fn renew(&self, flight: &mut Flight, tokens: &Tokens) -> Result<Tokens, CallError> {
        // A rotated token that cannot be saved is lost, so that is tried first.
        let unsafe_place = |error| {
            CallError::Token(format!(
                "the state folder cannot be written ({error}); the token was not renewed"
            ))
        };
        self.file.probe().map_err(unsafe_place)?;
        let mut candidates = vec![tokens.refresh_token.clone()];
        candidates.extend(tokens.previous_refresh_token.clone());
        for refresh_token in candidates {
            match self.exchange(flight, &refresh_token).await? {
                Renewed::Dead => {}
                Renewed::Tokens(answer) => return self.keep(tokens, refresh_token, *answer),
            }
        }
        flight.tokens = None;
        Err(CallError::Reconnect("Intuit no longer accepts the refresh token (invalid_grant)".to_owned()))
    }

    /// On disk before its first use.
    fn keep(&self, before: &Tokens, used: String, answer: TokenAnswer) -> Result<Tokens, CallError> {
        let now = self.clock.now();
        let after =
            |seconds: i64| now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        let previous =
            if answer.refresh_token == used { before.previous_refresh_token.clone() } else { Some(used) };
        let tokens = Tokens {
            access_token: answer.access_token,
            access_expires_at: after(answer.expires_in),
            refresh_token: answer.refresh_token,
            refresh_expires_at: after(answer.x_refresh_token_expires_in.unwrap_or(100 * 24 * 3600)),
            previous_refresh_token: previous,
            seed: before.seed.clone(),
        };
        self.file.write(&tokens).map_err(|error| CallError::Token(error.to_string()))?;
        tracing::info!("renewed the QuickBooks access token");
        Ok(tokens)
    }

    async fn exchange(&self, flight: &mut Flight, refresh_token: &str) -> Result<Renewed, CallError> {
        let url = match &flight.token_url {
            Some(url) => url.clone(),
            None => self.discover().await?,
        };
        flight.token_url = Some(url.clone());
        let form = format!("grant_type=refresh_token&refresh_token={}", percent(refresh_token, b""));
        let request = http::Request::post(&url)
            .header(AUTHORIZATION, self.basic()?)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .map_err(|error| CallError::Unreadable(format!("the token endpoint's address: {error}")))?;
        let answer = self.transport.send(request).await.map_err(unreached)?;
        let status = answer.status();
        // A refusal came once with status 200 (node-quickbooks #171), so the body decides.
        if let Ok(fault) = serde_json::from_slice::<TokenFault>(answer.body()) {
            return match fault.error.as_str() {
                "invalid_grant" => Ok(Renewed::Dead),
                "invalid_client" => Err(CallError::Reconnect(
                    "Intuit does not know this client_id and client_secret; check [quickbooks]".to_owned(),
                )),
                _ => Err(CallError::Reconnect(
                    "Intuit refuses to renew the token; check [quickbooks]".to_owned(),
                )),
            };
        }
        match serde_json::from_slice::<TokenAnswer>(answer.body()) {
            Ok(tokens) if status.is_success() => Ok(Renewed::Tokens(Box::new(tokens))),
            _ if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
                Err(CallError::NotSent(format!("Intuit's token endpoint answers {status}")))
            }
            _ if status.is_client_error() => Err(CallError::Reconnect(format!(
                "Intuit's token endpoint refuses with {status}; check [quickbooks]"
            ))),
            _ => Err(CallError::NotSent(
                "Intuit's token endpoint answered something else than tokens".to_owned(),
            )),
        }
    }

    async fn discover(&self) -> Result<String, CallError> {
        let request = http::Request::get(&self.credentials.discovery_url)
            .header(ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|error| CallError::Unreadable(format!("discovery_url: {error}")))?;
        let answer = self.transport.send(request).await.map_err(unreached)?;
        let parsed = serde_json::from_slice::<Discovery>(answer.body());
        let words = || {
            CallError::NotSent(format!("Intuit's discovery document is not readable ({})", answer.status()))
        };
        let url = parsed.map_err(|_| words())?.token_endpoint;
        same_trust(&self.credentials.discovery_url, &url)?;
        Ok(url)
    }

    fn basic(&self) -> Result<HeaderValue, CallError> {
        use base64::Engine as _;
        let Credentials { client_id, client_secret, .. } = &self.credentials;
        let pair = format!("{}:{}", client_id.expose_secret(), client_secret.expose_secret());
        let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| CallError::Reconnect("client_id is not usable".to_owned()))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Secrets go to https, or to the machine that the discovery document came
/// from.
fn same_trust(discovery: &str, endpoint: &str) -> Result<(), CallError> {
    let host = |url: &str| url.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(ToOwned::to_owned));
    if endpoint.starts_with("https://") || host(discovery) == host(endpoint) {
        return Ok(());
    }
    Err(CallError::Reconnect(
        "the discovery document names a token endpoint without https; it was not used".to_owned(),
    ))
}

/// A refresh that got no answer is like one that was not made: the next one
/// falls back to the previous token.
fn unreached(error: crate::http::TransportError) -> CallError {
    match error.phase {
        Phase::BeforeSend | Phase::Unknown => CallError::NotSent(error.reason),
    }
}
