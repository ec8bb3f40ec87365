//! The server before the API: it refuses calls whose outside is wrong, in HTML
//! or plain text, before anyone reads them.

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};

/// The longest address taken; longer queries are posted. Ours, the service's
/// own is not recorded.
const ADDRESS_MAX: usize = 8192;

/// The refusal of a call that is not let in at all.
///
/// XML is not simulated: a client that takes nothing else is told so with 406
/// instead of being sent what it cannot read. Where the service would answer
/// XML because no `Accept` is sent, the sandbox answers JSON.
pub(super) fn turns_away(parts: &Parts) -> Option<Response> {
    if parts.uri.to_string().len() > ADDRESS_MAX {
        let page = "<html><head><title>414 Request-URI Too Large</title></head><body><center><h1>414 \
                    Request-URI Too Large</h1></center></body></html>";
        return Some((StatusCode::URI_TOO_LONG, [(CONTENT_TYPE, "text/html")], page).into_response());
    }
    let pdf = parts.uri.path().to_lowercase().ends_with("/pdf");
    let wanted: &[&str] =
        if pdf { &["application/pdf"] } else { &["json", "*/*", "application/*", "text/plain"] };
    if takes(&parts.headers, wanted, !pdf) {
        return None;
    }
    let text = format!("Not Acceptable: this sandbox answers {} here; XML is not simulated.", wanted[0]);
    Some((StatusCode::NOT_ACCEPTABLE, text).into_response())
}

fn takes(headers: &HeaderMap, wanted: &[&str], unsaid: bool) -> bool {
    let mut accepts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if accepts.peek().is_none() {
        return unsaid;
    }
    accepts.any(|accept| {
        let accept = accept.to_lowercase();
        accept.trim().is_empty() || wanted.iter().any(|wanted| accept.contains(wanted))
    })
}
