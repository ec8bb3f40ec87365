//! Echoes: a service or a proxy that repeats a request in its answer repeats
//! the secret that the request bore.

use base64::Engine as _;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::Response;

/// What stands in the place of a secret.
const REDACTED: &str = "[REDACTED]";
/// Shorter ones are found in words that are no secret.
const LENGTH_MIN: usize = 6;

/// What of a request must be in nobody's log: what follows the scheme in its
/// `Authorization`, and a user and password in it.
pub fn secrets_of(headers: &HeaderMap) -> Vec<String> {
    let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let Ok(given) = std::str::from_utf8(given) else { return Vec::new() };
    let (scheme, secret) = given.split_once(' ').unwrap_or(("", given));
    let mut secrets = vec![secret.to_owned()];
    if scheme.eq_ignore_ascii_case("basic") {
        let engine = base64::engine::general_purpose::STANDARD;
        let pair = engine.decode(secret).ok().and_then(|pair| String::from_utf8(pair).ok());
        secrets.extend(pair.iter().flat_map(|pair| pair.splitn(2, ':')).map(ToOwned::to_owned));
    }
    secrets.retain(|secret| secret.len() >= LENGTH_MIN);
    secrets
}

/// The answer without the secrets of its request, in its body and its headers.
///
/// An answer of another encoding than UTF-8 is left as it is: it is read as
/// text nowhere.
#[must_use]
pub fn without(mut answer: Response, secrets: &[String]) -> Response {
    for value in answer.headers_mut().values_mut() {
        let hidden = value.to_str().ok().and_then(|text| hide(text, secrets));
        if let Some(hidden) = hidden.and_then(|text| HeaderValue::from_str(&text).ok()) {
            *value = hidden;
        }
    }
    let hidden = std::str::from_utf8(answer.body()).ok().and_then(|text| hide(text, secrets));
    if let Some(hidden) = hidden {
        *answer.body_mut() = Bytes::from(hidden);
    }
    answer
}

/// The text with secrets replaced; `None` where it holds none.
fn hide(text: &str, secrets: &[String]) -> Option<String> {
    let mut hidden: Option<String> = None;
    for secret in secrets {
        let now = hidden.as_deref().unwrap_or(text);
        if now.contains(secret.as_str()) {
            hidden = Some(now.replace(secret.as_str(), REDACTED));
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_bore_is_hidden_in_its_answer() {
        let basic = |pair: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let cases = [
            ("Bearer canary-token".to_owned(), r#"{"detail":"Bearer canary-token"}"#, "Bearer [REDACTED]"),
            (basic("the-client:canary-word"), "<p>canary-word of the-client", "[REDACTED] of [REDACTED]"),
            ("Basic canaryaa".to_owned(), "canaryaacanaryaa", "[REDACTED][REDACTED]"),
            ("Bearer canary".to_owned(), "nothing of it", "nothing of it"),
            ("Bearer a".to_owned(), "a word", "a word"),
        ];
        for (header, body, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(&header).unwrap());
            let answer = http::Response::builder().header("x-echo", body).body(Bytes::from(body)).unwrap();
            let answer = without(answer, &secrets_of(&headers));
            let text = String::from_utf8(answer.body().to_vec()).unwrap();
            assert!(text.contains(expected) && !text.contains("canary"), "{text}");
            assert_eq!(answer.headers()["x-echo"], text.as_str());
        }
        assert!(secrets_of(&HeaderMap::new()).is_empty());
    }
}
