//! The HTTP side: who asks, whether it may, and the headers of every answer.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, Request, State as With};
use axum::response::Response;
use http::header::{ALLOW, DATE, HOST, HeaderMap};
use http::{HeaderName, Method, StatusCode, Uri};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::answer::{Answer, Refusal, set};
use super::listing::Parameters;
use super::routes::Reader;
use super::show::View;
use super::{Account, gate, lock};

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
        .and_then(|parameters| account.answer(&path, &parameters, (request.headers(), now)));
    let refused = outcome.as_ref().err().map(|refusal| refusal.status);
    let mut response = outcome.map_or_else(Refusal::into_response, Answer::into_response);
    set(&mut response, lock(&account.shared.gate).headers());
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

/// `Sun, 22 Nov 2026 17:21:30 GMT`.
fn http_date(at: Timestamp) -> String {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap_or_default()
}

fn read(uri: &Uri) -> Result<Parameters, Refusal> {
    let pairs: Query<Vec<(String, String)>> =
        Query::try_from_uri(uri).map_err(|_| Refusal::bad("The query string is not readable."))?;
    Ok(Parameters::new(pairs.0))
}

impl Account {
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
        (headers, now): (&HeaderMap, Timestamp),
    ) -> Result<Answer, Refusal> {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let base =
            host.map_or_else(|| "https://secure.fusebill.com".to_owned(), |host| format!("http://{host}"));
        let state = self.state();
        let view = View { state: &state, now, base: &base };
        Reader { found: &self.shared.found, view, parameters, path }.answer()
    }
}
