//! QuickBooks Online on loopback: an honest simulator with books of its own.
//!
//! It holds a company's objects, keeps the rules the service keeps, refuses
//! what the service refuses in the service's words, and lives in the vendors'
//! time, so that a test can let a day pass. What a client believes about the
//! service shares no code with what is written here.
//!
//! A call passes [`router`] and `dispatch`, is carried out by `write`, `query`,
//! `cdc` or `batch` on the `books` by the rules of its `entity`, and goes out
//! in an `envelope`. Adding an entity is one file there and one entry.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::response::Response;
use axum::routing::{any, get, post};
use http::{StatusCode, header};

mod audit;
mod batch;
mod bookkeeper;
mod books;
mod cdc;
mod company;
mod demo;
mod dispatch;
mod entity;
mod envelope;
mod fault;
mod front;
mod glance;
mod json;
mod ledger;
mod links;
mod misreading;
mod normalise;
mod oauth;
mod oauth_pages;
mod query;
mod references;
mod refusal;
mod shelf;
mod stamp;
#[cfg(test)]
mod tests;
mod throttle;
mod trial_balance;
mod write;

pub use bookkeeper::Bookkeeper;
pub use company::Company;
pub use fault::Fault;
pub use misreading::Misreading;
pub use refusal::Refusal;
pub(crate) use stamp::millis as wire_time;
pub use trial_balance::AccountTotal;

/// How the simulated company is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The company's id in every URL.
    pub realm_id: String,
    /// The name on its `CompanyInfo`.
    pub company_name: String,
    /// The app that may connect.
    pub client_id: String,
    /// That app's secret.
    pub client_secret: String,
    /// A refresh token that is good from the start.
    pub refresh_token: String,
    /// Whether the limits of the API hold: 500 requests a minute, 10 a second,
    /// 40 batches a minute.
    pub throttled: bool,
    /// What tokens and transaction ids are drawn from.
    pub seed: u64,
    /// What it understands wrongly, to judge those who judge it.
    pub misreading: Option<Misreading>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            realm_id: "9130350000000000".into(),
            company_name: "Craig's Design and Landscaping Services".into(),
            client_id: "sandbox-client".into(),
            client_secret: "sandbox-secret".into(),
            refresh_token: "sandbox-refresh-token".into(),
            throttled: true,
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
        .route("/v3/company/{realm}/{*path}", any(accounting))
        .with_state(company)
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
    let call = dispatch::Call {
        method: &parts.method,
        path: &path,
        full_path: parts.uri.path(),
        params: &params,
        content_type: content_type.unwrap_or_default(),
        body: &body,
    };
    let (answer, tid) = company.answer((&realm, oauth_pages::bearer(&parts.headers)), &call);
    Ok(answer.into_response(&tid))
}
