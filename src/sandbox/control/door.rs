//! Who may use what steers the sandbox: programs and pages of this machine,
//! under one of its own names. A page elsewhere that a browser here has open,
//! or a name elsewhere that leads here, may not.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, StatusCode};

/// Refuses calls that a browser makes for somebody else.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    match refused(request.headers()) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    }
}

/// Every browser sends Host, and Origin with each call that could change
/// something; a program that sends neither is one of this machine.
fn refused(headers: &HeaderMap) -> Option<&'static str> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(HOST);
    if host.is_some_and(|host| !is_local(host)) {
        return Some("the sandbox answers to 127.0.0.1 and localhost only\n");
    }
    let same = |origin: &str| origin.strip_prefix("http://").is_some_and(|origin| Some(origin) == host);
    if text(ORIGIN).is_some_and(|origin| !same(origin)) {
        return Some("the sandbox takes nothing from pages of other sites\n");
    }
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if matches!(site, Some("cross-site" | "same-site")) {
        return Some("the sandbox takes nothing from pages of other sites\n");
    }
    None
}

fn is_local(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    ["127.0.0.1", "localhost", "[::1]"].contains(&authority.host()) && !host.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_let_in() {
        for (host, origin, site, allowed) in [
            ("", "", "", true),
            ("127.0.0.1:8092", "", "", true),
            ("localhost:8092", "", "none", true),
            ("[::1]:8092", "", "", true),
            ("127.0.0.1:8092", "http://127.0.0.1:8092", "same-origin", true),
            ("evil.example:8092", "", "", false),
            ("localhost.evil.example", "", "", false),
            ("127.0.0.1@evil.example", "", "", false),
            ("127.0.0.1:8092", "http://evil.example", "", false),
            ("127.0.0.1:8092", "http://127.0.0.1:8093", "", false),
            ("127.0.0.1:8092", "https://127.0.0.1:8092", "", false),
            ("127.0.0.1:8092", "null", "", false),
            ("127.0.0.1:8092", "", "cross-site", false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("host", host), ("origin", origin), ("sec-fetch-site", site)] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(refused(&headers).is_none(), allowed, "{host} {origin} {site}");
        }
    }
}
