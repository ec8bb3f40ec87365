//! What is left out of a recording: tokens, keys and secrets, wherever a call
//! carries them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::sandbox::pattern;

const GONE: &str = "[redacted]";

/// Parts of names whose values are secret in headers and queries, in small
/// letters alone.
const SECRET: &[&str] = &["auth", "token", "secret", "password", "cookie", "apikey"];

/// The same in bodies, where an object's `SyncToken` is none.
const SECRET_IN_BODIES: &[&str] = &["secret", "password", "apikey", "cookie", "authorization"];

/// Shorter ones would take harmless words along.
const SECRET_LENGTH_MIN: usize = 8;

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
        Some((name, _)) if is_secret(&pattern::decoded(name)) || is_code(name) => format!("{name}={GONE}"),
        Some(_) | None => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// A body without the values of secret properties, whole or broken off; nothing
/// of it if the call is about tokens.
pub(super) fn body(text: String, oauth: bool) -> String {
    if text.is_empty() {
        text
    } else if oauth {
        GONE.to_owned()
    } else if text.trim_start().starts_with(['{', '[']) {
        json(&text)
    } else {
        form(&text)
    }
}

/// A form without the values of secret fields. What is no form has no field of
/// such a name.
fn form(text: &str) -> String {
    let pairs = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret_property(&pattern::decoded(name)) || is_code(name) => {
            format!("{name}={GONE}")
        }
        Some(_) | None => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// JSON without the values of secret properties that are texts. It is looked
/// through and not parsed, because half of a body is none.
fn json(text: &str) -> String {
    let (mut shown, mut rest, mut secret) = (String::with_capacity(text.len()), text, false);
    while let Some(quote) = rest.find('"') {
        shown.push_str(&rest[..=quote]);
        rest = &rest[quote + 1..];
        let literal = &rest[..literal_length(rest)];
        rest = &rest[literal.len()..];
        shown.push_str(if secret { GONE } else { literal });
        let Some(after) = rest.strip_prefix('"') else { break };
        shown.push('"');
        rest = after;
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        secret = value.is_some_and(|value| value.starts_with('"')) && is_secret_property(literal);
    }
    shown + rest
}

/// Up to the quote that ends it, or to the end of the text.
fn literal_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// The secrets that a call presents in its headers, which may stand anywhere
/// else in it: a token or key, and the secret half of a decoded pair.
pub(super) fn presented(headers: &HeaderMap) -> Vec<String> {
    let secret = headers.iter().filter(|(name, _)| is_secret(name.as_str()));
    let values = secret.filter_map(|(_, value)| value.to_str().ok());
    values.flat_map(of_value).filter(|text| text.len() >= SECRET_LENGTH_MIN).collect()
}

fn of_value(value: &str) -> Vec<String> {
    let token = value.split_once(' ').map_or(value, |(_, token)| token).trim();
    let decoded = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let secret = decoded.as_deref().and_then(|pair| pair.split_once(':')).map(|(_, secret)| secret);
    [Some(value), Some(token), secret].into_iter().flatten().map(str::to_owned).collect()
}

/// Secrets with the ways they are written in addresses.
pub(super) fn spelled(secrets: impl IntoIterator<Item = String>) -> impl Iterator<Item = String> {
    let long = secrets.into_iter().filter(|secret| secret.len() >= SECRET_LENGTH_MIN);
    long.flat_map(|secret| [pattern::coded(&secret), secret])
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
    let name = letters(name);
    SECRET.iter().any(|part| name.contains(part))
}

fn is_secret_property(name: &str) -> bool {
    let name = letters(name);
    let token = name.ends_with("token") && name != "synctoken";
    token || SECRET_IN_BODIES.iter().any(|part| name.contains(part))
}

/// What a consent gives out. In JSON the word means a fault's number.
fn is_code(name: &str) -> bool {
    pattern::decoded(name).eq_ignore_ascii_case("code")
}

/// The same however its words are joined.
fn letters(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).collect::<String>().to_lowercase()
}
