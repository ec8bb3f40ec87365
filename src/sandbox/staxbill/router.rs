//! The HTTP side: who asks, whether it may, and the headers of every answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, Request, State as With};
use axum::response::Response;
use http::header::{ALLOW, CONTENT_TYPE, DATE, HOST, RETRY_AFTER};
use http::uri::Authority;
use http::{HeaderName, Method, StatusCode, Uri};
use jiff::Timestamp;

use super::answer::{Answer, Refusal, set};
use super::listing::Parameters;
use super::routes::Reader;
use super::show::View;
use super::{Account, gate, lock};
use crate::sandbox::http_date;

/// The account's API. Paths are matched without regard to case, as the
/// vendor's own pages spell them in several ways.
pub fn router(account: Arc<Account>) -> Router {
    Router::new().fallback(respond).with_state(account)
}

async fn respond(With(account): With<Arc<Account>>, request: Request) -> Response {
    let now = account.shared.clock.now();
    let path = request.uri().path().trim_matches('/').to_lowercase();
    account.count(&path, request.method() == Method::GET);
    let outcome = account
        .admit(&request, now)
        .and_then(|()| read(request.uri()))
        .and_then(|parameters| account.answer(&path, &parameters, (&base(&request), now)));
    let refused = outcome.as_ref().err().map(|refusal| refusal.status);
    let mut response = outcome.map_or_else(Refusal::into_response, Answer::into_response);
    set(&mut response, lock(&account.shared.gate).headers(now));
    set(&mut response, [(DATE, http_date(now))]);
    match refused {
        Some(StatusCode::METHOD_NOT_ALLOWED) => set(&mut response, [(ALLOW, "GET".to_owned())]),
        Some(StatusCode::UNAUTHORIZED) => {
            set(&mut response, [(HeaderName::from_static("x-authorizationfailed"), "true".to_owned())]);
        }
        Some(_) | None => {}
    }
    response
}

/// What the client called this host, so that a `uri` it follows leads back
/// here; the vendor's own name where it called nothing.
fn base(request: &Request) -> String {
    let named = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    match named.or(request.uri().authority().map(Authority::as_str)) {
        Some(host) => format!("http://{host}"),
        None => "https://secure.fusebill.com".to_owned(),
    }
}

fn read(uri: &Uri) -> Result<Parameters, Refusal> {
    let pairs: Query<Vec<(String, String)>> =
        Query::try_from_uri(uri).map_err(|_| Refusal::bad("The query string is not readable."))?;
    Ok(Parameters::new(pairs.0))
}

impl Account {
    /// An answer that was given in this account's name, with the six headers
    /// that every answer of the account bears; one that says the limit is
    /// reached names this account's limits. What does not come as JSON came
    /// from what stands before the vendor, and is left as it is.
    pub(in crate::sandbox) fn as_if_its_own(&self, mut response: Response) -> Response {
        let json = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json = json.is_some_and(|kind| kind.starts_with("application/json"));
        if !is_json || response.headers().contains_key("x-rate-limit-limit-minute") {
            return response;
        }
        let (now, mut gate) = (self.shared.clock.now(), lock(&self.shared.gate));
        if response.status() != StatusCode::TOO_MANY_REQUESTS {
            set(&mut response, gate.headers(now));
            return response;
        }
        let (refusal, headers) = gate.closed(now);
        let mut closed = refusal.into_response();
        if let Some(wait) = response.headers_mut().remove(RETRY_AFTER) {
            closed.headers_mut().insert(RETRY_AFTER, wait);
        }
        set(&mut closed, headers);
        closed
    }

    fn count(&self, path: &str, is_read: bool) {
        let mut tally = lock(&self.shared.tally);
        tally.calls += 1;
        tally.refused_writes += u64::from(!is_read);
        let words = path.strip_prefix("v1/").unwrap_or(path).split('/');
        let words: Vec<_> =
            words.map(|word| if word.parse::<i64>().is_ok() { "{id}" } else { word }).collect();
        *tally.by_endpoint.entry(words.join("/")).or_default() += 1;
    }

    /// The key first, then the limits, then the verb: a stranger costs the
    /// account nothing.
    fn admit(&self, request: &Request, now: Timestamp) -> Result<(), Refusal> {
        gate::authorize(request.headers(), &self.shared.options.api_key)?;
        lock(&self.shared.gate).admit(now)?;
        if request.method() == Method::GET {
            return Ok(());
        }
        let text = format!("The requested resource does not support http method '{}'.", request.method());
        Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, text))
    }

    fn answer(
        &self,
        path: &str,
        parameters: &Parameters,
        (base, now): (&str, Timestamp),
    ) -> Result<Answer, Refusal> {
        let mut state = self.state();
        state.catch_up(now);
        let view = View { state: &state, options: &self.shared.options, now, base };
        Reader { found: &self.shared.found, view, parameters, path }.answer()
    }
}
