//! QuickBooks Online on loopback: an honest simulator with books of its own.
//!
//! It holds a company's objects, keeps the rules the service keeps, refuses
//! what the service refuses in the service's words, and lives in the vendors'
//! time, so that a test can let a day pass. What a client believes about the
//! service shares no code with what is written here.
//!
//! A call passes [`router`], the `door` (token, limits, request id) and
//! `dispatch`, is carried out by `write`, `query`, `cdc`, `batch`, `report` or
//! `upload` on the `books` by the rules of its `entity`, and goes out in an
//! `envelope`. Adding an entity is one file there and one entry.
//!
//! What an object posts goes through `ledger`, what it pays or is paid by
//! through `links`, what two rates make of it through `exchange`; `audit` adds
//! all of it up anew and shares no figure with them. Every refusal is a row of
//! `fault`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::{StatusCode, header};

mod audit;
mod auto_apply;
mod batch;
mod bookkeeper;
mod books;
mod cdc;
mod company;
mod country;
mod demo;
mod dispatch;
mod door;
mod entity;
mod envelope;
mod exchange;
mod fault;
mod forms;
mod front;
mod glance;
mod json;
mod ledger;
mod links;
mod misreading;
mod multipart;
mod normalise;
mod oauth;
mod oauth_pages;
mod pdf;
mod query;
mod references;
mod refusal;
mod report;
mod settings;
mod shelf;
mod stamp;
mod taxes;
#[cfg(test)]
mod tests;
mod throttle;
mod trial_balance;
mod upload;
mod write;

pub use bookkeeper::Bookkeeper;
pub use company::Company;
pub use fault::Fault;
pub use misreading::Misreading;
pub use query::read_back as read_query_back;
pub use refusal::Refusal;
pub(crate) use stamp::millis as wire_time;
pub use trial_balance::AccountTotal;

/// How the simulated company is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The company's id in every URL.
    pub realm_id: String,
    /// The country it does its books in: `US`, `CA`, `GB` or `AU`. It decides
    /// the home currency, the tax codes it starts with and how tax is taken.
    pub country: String,
    /// The name on its `CompanyInfo`.
    pub company_name: String,
    /// The app that may connect.
    pub client_id: String,
    /// That app's secret.
    pub client_secret: String,
    /// A refresh token that is good from the start.
    pub refresh_token: String,
    /// Whether the limits of the API hold: 500 requests a minute, 10 a second
    /// and 40 batches a minute for each app, 120 batches for all, 40 e-mails a
    /// day.
    pub throttled: bool,
    /// Whether the limits are told in the old way: 403 instead of 429.
    pub old_throttle: bool,
    /// Successful reads the app may make in a calendar month, beyond which
    /// they are answered with 429; 500,000 on Intuit's free tier. Writes and
    /// tokens are never counted. `None` meters nothing, as in Intuit's own
    /// sandboxes.
    pub core_plus: Option<u64>,
    /// How long the value of a refresh token is good after another took its
    /// place. That there is such a time is not documented: by default none.
    pub rotation_grace: Duration,
    /// How long answers are kept for their request ids; `None` for ever. How
    /// long the service keeps them is not published.
    pub request_ids_kept: Option<Duration>,
    /// What tokens and transaction ids are drawn from.
    pub seed: u64,
    /// What it understands wrongly, to judge those who judge it.
    pub misreading: Option<Misreading>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            realm_id: "9130350000000000".into(),
            country: "US".into(),
            company_name: "Craig's Design and Landscaping Services".into(),
            client_id: "sandbox-client".into(),
            client_secret: "sandbox-secret".into(),
            refresh_token: "sandbox-refresh-token".into(),
            throttled: true,
            old_throttle: false,
            core_plus: None,
            rotation_grace: Duration::ZERO,
            request_ids_kept: None,
            seed: 1,
            misreading: None,
        }
    }
}

/// Requests answered since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Successful reads, queries and change feeds, the calls Intuit meters.
    pub reads: u64,
    /// Successful single writes.
    pub writes: u64,
    /// Batches answered, whatever became of their items.
    pub batches: u64,
    /// Calls refused with 400, 401 or 403.
    pub refused: u64,
    /// Successful exchanges of a refresh token.
    pub token_refreshes: u64,
    /// Calls turned away with 429.
    pub throttled: u64,
}

/// The most a request may weigh.
const BODY_MAX: usize = 16 << 20;

/// The vendor's addresses, OAuth and Accounting API, on one host.
pub fn router(company: Arc<Company>) -> Router {
    Router::new()
        .route("/.well-known/openid_configuration", get(oauth_pages::discovery))
        .route("/.well-known/openid_configuration/", get(oauth_pages::discovery))
        .route("/.well-known/openid_sandbox_configuration", get(oauth_pages::discovery))
        .route("/.well-known/openid_sandbox_configuration/", get(oauth_pages::discovery))
        .route("/op/v1/jwks", get(oauth_pages::keys))
        .route("/connect/oauth2", get(oauth_pages::consent))
        .route("/oauth2/v1/tokens/bearer", post(oauth_pages::token))
        .route("/v2/oauth2/tokens/revoke", post(oauth_pages::revoke))
        .route("/v1/openid_connect/userinfo", get(oauth_pages::userinfo))
        .route("/v3/company/{realm}", any(company_itself))
        .route("/v3/company/{realm}/{*path}", any(accounting))
        .route("/attachments/{name}", get(attachment))
        .with_state(company)
}

/// A company's bare address, which is no resource.
async fn company_itself(
    state: State<Arc<Company>>,
    Path(realm): Path<String>,
    params: Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, StatusCode> {
    accounting(state, Path((realm, String::new())), params, request).await
}

async fn accounting(
    State(company): State<Arc<Company>>,
    Path((realm, path)): Path<(String, String)>,
    Query(params): Query<HashMap<String, String>>,
    request: Request,
) -> Result<Response, StatusCode> {
    let (parts, body) = request.into_parts();
    if let Some(refusal) = front::turns_away(&parts) {
        return Ok(refusal);
    }
    let body = axum::body::to_bytes(body, BODY_MAX).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let base = format!("http://{host}/v3/company/{realm}");
    let call = dispatch::Call {
        method: &parts.method,
        path: &path,
        full_path: parts.uri.path(),
        params: &params,
        content_type: content_type.unwrap_or_default(),
        base: &base,
        body: &body,
    };
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (answer, tid) = company.answer(door::Caller { realm: &realm, authorization }, &call);
    Ok(answer.into_response(&tid))
}

/// A file under the address its attachable names; nobody has to prove who they
/// are.
async fn attachment(State(company): State<Arc<Company>>, Path(name): Path<String>) -> Response {
    match company.file(&name) {
        Some(file) => ([(header::CONTENT_TYPE, file.content_type)], file.bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
