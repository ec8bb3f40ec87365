//! Intuit's OAuth endpoints: one request each, and what their answers mean.
//! What is done with tokens is the [`Session`](super::Session)'s.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::CallError;
use crate::http::{Phase, Response, Transport, TransportError, percent};

/// Without it the end that no use of the token moves is not told (Intuit:
/// refresh token policy, 2026).
const TELL_HARD_END: HeaderName = HeaderName::from_static("x-include-refresh-token-hard-expires-in");
const FORM: &str = "application/x-www-form-urlencoded";
/// What latchd asks for, and nothing beside it (Intuit: scopes).
const SCOPE: &str = "com.intuit.quickbooks.accounting";

/// What Intuit knows the app by.
pub struct Credentials {
    /// Client id.
    pub client_id: SecretString,
    /// Client secret.
    pub client_secret: SecretString,
    /// A refresh token to begin with; a new value begins a new line.
    pub refresh_token: Option<SecretString>,
    /// Where the endpoints are told.
    pub discovery_url: String,
    /// The command with which a person connects anew.
    pub login: String,
}

/// What Intuit gives for a code or a refresh token.
#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: String,
    pub(super) expires_in: i64,
    pub(super) refresh_token: String,
    #[serde(default)]
    pub(super) x_refresh_token_expires_in: Option<i64>,
    #[serde(default)]
    pub(super) x_refresh_token_hard_expires_in: Option<i64>,
}

/// What a token request came to.
pub(super) enum Exchanged {
    /// New tokens.
    Granted(Box<Granted>),
    /// What was sent is not, or no longer, good (`invalid_grant`).
    Dead,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Where everything is (Intuit's discovery document).
#[derive(Clone, Deserialize)]
struct Endpoints {
    #[serde(rename = "token_endpoint")]
    token: String,
    #[serde(rename = "authorization_endpoint", default)]
    authorization: Option<String>,
    #[serde(rename = "revocation_endpoint", default)]
    revocation: Option<String>,
}

/// The conversation with Intuit's OAuth endpoints.
pub(super) struct OAuth {
    transport: Arc<dyn Transport>,
    pub(super) credentials: Credentials,
    endpoints: OnceCell<Endpoints>,
}

impl OAuth {
    pub(super) fn new(transport: Arc<dyn Transport>, credentials: Credentials) -> Self {
        Self { transport, credentials, endpoints: OnceCell::new() }
    }

    /// The page on which an administrator of the company gives consent.
    pub(super) async fn consent_url(&self, redirect_uri: &str, state: &str) -> Result<String, CallError> {
        let page = self.endpoint(|all| all.authorization.as_ref()).await?;
        let client_id = percent(self.credentials.client_id.expose_secret(), b"");
        let joint = if page.contains('?') { '&' } else { '?' };
        Ok(format!(
            "{page}{joint}client_id={client_id}&response_type=code&scope={SCOPE}&redirect_uri={}&state={}",
            percent(redirect_uri, b""),
            percent(state, b"")
        ))
    }

    /// Exchanges the code of a consent.
    pub(super) async fn redeem(
        &self,
        code: &SecretString,
        redirect_uri: &str,
    ) -> Result<Exchanged, CallError> {
        self.exchange(format!(
            "grant_type=authorization_code&code={}&redirect_uri={}",
            percent(code.expose_secret(), b""),
            percent(redirect_uri, b"")
        ))
        .await
    }

    /// Exchanges a refresh token.
    pub(super) async fn refresh(&self, refresh_token: &str) -> Result<Exchanged, CallError> {
        self.exchange(format!("grant_type=refresh_token&refresh_token={}", percent(refresh_token, b""))).await
    }

    /// Ends the connection that a refresh token belongs to; tells whether it
    /// was alive.
    pub(super) async fn revoke(&self, refresh_token: &str) -> Result<bool, CallError> {
        let url = self.endpoint(|all| all.revocation.as_ref()).await?;
        let body = serde_json::json!({ "token": refresh_token }).to_string();
        let answer = self.post(&url, "application/json", body).await?;
        if answer.status().is_success() {
            return Ok(true);
        }
        match refused(&answer, "end the connection") {
            Some(Ok(())) => Ok(false),
            Some(Err(error)) => Err(error),
            None => Err(odd(&answer, "the revocation endpoint")),
        }
    }

    async fn exchange(&self, form: String) -> Result<Exchanged, CallError> {
        let url = self.endpoint(|all| Some(&all.token)).await?;
        let answer = self.post(&url, FORM, form).await?;
        // A refusal came once with status 200 (node-quickbooks #171), so the body decides.
        match refused(&answer, "give a token") {
            Some(Ok(())) => return Ok(Exchanged::Dead),
            Some(Err(error)) => return Err(error),
            None => {}
        }
        match serde_json::from_slice::<Granted>(answer.body()) {
            Ok(granted) if answer.status().is_success() => Ok(Exchanged::Granted(Box::new(granted))),
            _ => Err(odd(&answer, "the token endpoint")),
        }
    }

    async fn post(&self, url: &str, kind: &'static str, body: String) -> Result<Response, CallError> {
        let request = http::Request::post(url)
            .header(AUTHORIZATION, self.basic()?)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, kind)
            .header(TELL_HARD_END, "true")
            .body(Bytes::from(body))
            .map_err(|error| {
                CallError::Unreadable(format!("an address in the discovery document: {error}"))
            })?;
        self.transport.send(request).await.map_err(unreached)
    }

    async fn endpoint(&self, of: fn(&Endpoints) -> Option<&String>) -> Result<String, CallError> {
        let endpoints = self.endpoints.get_or_try_init(|| self.discover()).await?;
        let url = of(endpoints).ok_or_else(|| {
            CallError::NotSent("Intuit's discovery document does not name the endpoint".to_owned())
        })?;
        same_trust(&self.credentials.discovery_url, url)?;
        Ok(url.clone())
    }

    async fn discover(&self) -> Result<Endpoints, CallError> {
        let request = http::Request::get(&self.credentials.discovery_url)
            .header(ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|error| CallError::Unreadable(format!("discovery_url: {error}")))?;
        let answer = self.transport.send(request).await.map_err(unreached)?;
        serde_json::from_slice(answer.body()).map_err(|_| {
            CallError::NotSent(format!("Intuit's discovery document is not readable ({})", answer.status()))
        })
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

/// A refusal in the words of OAuth: `Ok` where what was sent is dead.
fn refused(answer: &Response, what: &str) -> Option<Result<(), CallError>> {
    if answer.status().is_server_error() || answer.status() == StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let refusal = serde_json::from_slice::<Refusal>(answer.body()).ok()?;
    Some(match refusal.error.as_str() {
        "invalid_grant" => Ok(()),
        "invalid_client" => Err(CallError::Reconnect(
            "Intuit does not know this client_id and client_secret; check [quickbooks]".to_owned(),
        )),
        _ => Err(CallError::Reconnect(format!("Intuit refuses to {what}; check [quickbooks]"))),
    })
}

/// An answer that is neither what was asked for nor a refusal.
fn odd(answer: &Response, who: &str) -> CallError {
    let status = answer.status();
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        CallError::NotSent(format!("Intuit: {who} answers {status}"))
    } else if status.is_client_error() {
        CallError::Reconnect(format!("Intuit: {who} refuses with {status}; check [quickbooks]"))
    } else {
        CallError::NotSent(format!("Intuit: {who} answered something else than was asked for"))
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
        "the discovery document names an endpoint without https; it was not used".to_owned(),
    ))
}

/// A refresh that got no answer is like one that was not made: the next one
/// falls back to the previous token.
fn unreached(error: TransportError) -> CallError {
    match error.phase {
        Phase::BeforeSend | Phase::Unknown => CallError::NotSent(error.reason),
    }
}
