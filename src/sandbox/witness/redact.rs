//! What is left out of a recording: tokens, keys and secrets, wherever a call
//! carries them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::sandbox::pattern;

const GONE: &str = "[redacted]";

/// Parts of names whose values are secret. `code` is the one that a consent
/// gives out, and is secret in a query alone.
const SECRET: &[&str] = &["auth", "token", "secret", "password", "cookie", "api-key", "apikey"];

/// Whether a call is about tokens, so that neither its bodies nor its query are
/// written down.
pub(super) fn is_oauth(path: &str) -> bool {
    let path = path.to_lowercase();
    path.contains("oauth2") || path.contains("openid_connect")
}

/// Headers by name, without those that carry secrets.
pub(super) fn headers(headers: &HeaderMap, oauth: bool) -> Value {
    let mut shown = Map::new();
    for (name, value) in headers {
        let secret = is_secret(name.as_str()) || (oauth && name == http::header::LOCATION);
        let text = if secret { GONE.into() } else { String::from_utf8_lossy(value.as_bytes()) };
        shown.insert(name.as_str().to_owned(), text.into());
    }
    Value::Object(shown)
}

/// A query without the values of secret parameters.
pub(super) fn query(query: &str, oauth: bool) -> String {
    if oauth && !query.is_empty() {
        return GONE.to_owned();
    }
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(&pattern::decoded(name)) || name == "code" => format!("{name}={GONE}"),
        Some(_) | None => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// A body, unless the call is about tokens.
pub(super) fn body(text: String, oauth: bool) -> String {
    if oauth && !text.is_empty() { GONE.to_owned() } else { text }
}

/// The secrets that a call presents, which may stand anywhere else in it: a
/// token, and both halves of a decoded pair.
pub(super) fn presented(headers: &HeaderMap) -> Vec<String> {
    let value = headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((_, token)) = value.and_then(|value| value.split_once(' ')) else { return Vec::new() };
    let token = token.trim().to_owned();
    let decoded = STANDARD.decode(&token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let secret =
        decoded.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, secret)| secret.to_owned());
    // Short ones would take harmless words along.
    [Some(token), secret].into_iter().flatten().filter(|text| text.len() >= 8).collect()
}

/// A value without the secrets, wherever they stand in it.
pub(super) fn wipe(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) => {
            for secret in secrets.iter().filter(|secret| text.contains(secret.as_str())).collect::<Vec<_>>() {
                *text = text.replace(secret.as_str(), GONE);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| wipe(value, secrets)),
        Value::Object(values) => values.values_mut().for_each(|value| wipe(value, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET.iter().any(|part| name.contains(part))
}
