//! The OAuth endpoints: discovery, consent, tokens, revocation, userinfo.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::company::Company;
use super::oauth::{ACCESS_SECONDS, Pair, REFRESH_SECONDS};

type Fields = HashMap<String, String>;

/// The discovery document; its addresses are those of whoever asked.
pub(super) async fn discovery(headers: HeaderMap) -> Json<Value> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let base = format!("http://{host}");
    Json(json!({
        "issuer": format!("{base}/op/v1"),
        "authorization_endpoint": format!("{base}/connect/oauth2"),
        "token_endpoint": format!("{base}/oauth2/v1/tokens/bearer"),
        "userinfo_endpoint": format!("{base}/v1/openid_connect/userinfo"),
        "revocation_endpoint": format!("{base}/v2/oauth2/tokens/revoke"),
        "jwks_uri": format!("{base}/op/v1/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }))
}

/// The sandbox signs nothing, so it has no keys to show.
pub(super) async fn keys() -> Json<Value> {
    Json(json!({ "keys": [] }))
}

/// The consent page, where an administrator always says yes.
pub(super) async fn consent(State(company): State<Arc<Company>>, Query(fields): Query<Fields>) -> Response {
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let redirect_uri = field("redirect_uri");
    let app = company.app(field("client_id"), None);
    let sound = field("response_type") == "code"
        && field("scope").split([' ', '+']).any(|scope| scope == "com.intuit.quickbooks.accounting")
        && redirect_uri.parse::<Uri>().is_ok_and(|uri| is_redirect(&uri));
    let Some(app) = app.filter(|_| sound) else {
        let text =
            "Sorry, but the request is not valid: check client_id, response_type, scope and redirect_uri.";
        return (StatusCode::BAD_REQUEST, text).into_response();
    };
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    let state = fields.get("state").map(|state| format!("&state={}", encoded(state))).unwrap_or_default();
    let outcome = match company.consent(app, redirect_uri) {
        Some(code) => format!("code={code}{state}&realmId={}", company.realm_id()),
        None => format!("error=access_denied{state}"),
    };
    let target = format!("{redirect_uri}{joint}{outcome}");
    (StatusCode::FOUND, [(header::LOCATION, target)]).into_response()
}

/// Plain http is for this machine alone, as where an app is registered.
fn is_redirect(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => here,
        _ => false,
    }
}

/// Exchanges a code or a refresh token.
pub(super) async fn token(State(company): State<Arc<Company>>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = form(&body);
    let Some(app) = identified(&company, &headers, &fields) else {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_client", None);
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let outcome = match field("grant_type") {
        "authorization_code" => company.exchange(app, (field("code"), field("redirect_uri"))),
        "refresh_token" => company.refresh(app, field("refresh_token")),
        "" => return refusal(StatusCode::BAD_REQUEST, "invalid_request", None),
        _ => return refusal(StatusCode::BAD_REQUEST, "unsupported_grant_type", None),
    };
    let hard = headers.get("x-include-refresh-token-hard-expires-in").is_some_and(|value| value == "true");
    match outcome {
        Ok(pair) => plain(StatusCode::OK, &granted(&pair, hard)),
        Err(description) => refusal(StatusCode::BAD_REQUEST, "invalid_grant", Some(description)),
    }
}

/// Ends a connection; the token comes as JSON or as a form.
pub(super) async fn revoke(State(company): State<Arc<Company>>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = form(&body);
    let Some(app) = identified(&company, &headers, &fields) else {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_client", None);
    };
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let token = sent["token"].as_str().or_else(|| fields.get("token").map(String::as_str));
    if token.is_some_and(|token| company.revoke(app, token)) {
        StatusCode::OK.into_response()
    } else {
        refusal(StatusCode::BAD_REQUEST, "invalid_grant", Some("Token invalid"))
    }
}

/// Who gave consent.
pub(super) async fn userinfo(State(company): State<Arc<Company>>, headers: HeaderMap) -> Response {
    if !bearer(&headers).is_some_and(|token| company.admits(token)) {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_token", None);
    }
    let person = json!({
        "sub": "1182d6ec-2a1f-4aa3-af3f-bb3b95db45af", "email": "craig@example.com", "emailVerified": true,
        "givenName": "Craig", "familyName": "Carlson", "phoneNumber": "+1 6505550100",
        "phoneNumberVerified": false,
        "address": { "streetAddress": "123 Sierra Way", "locality": "San Pablo", "region": "CA",
                     "postalCode": "87999", "country": "US" },
    });
    plain(StatusCode::OK, &person)
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The client names itself in the header or in the form.
fn identified(company: &Company, headers: &HeaderMap, fields: &Fields) -> Option<usize> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let encoded = value.to_str().ok().and_then(|value| value.strip_prefix("Basic "));
        let decoded = encoded.and_then(|text| STANDARD.decode(text.trim()).ok());
        let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = pair?;
        let (id, secret) = pair.split_once(':')?;
        return company.app(id, Some(secret));
    }
    company.app(fields.get("client_id")?, Some(fields.get("client_secret")?))
}

fn granted(pair: &Pair, hard: bool) -> Value {
    let mut body = json!({
        "token_type": "bearer",
        "expires_in": ACCESS_SECONDS,
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "x_refresh_token_expires_in": REFRESH_SECONDS,
    });
    if hard {
        body["x_refresh_token_hard_expires_in"] = json!(pair.hard_seconds);
    }
    body
}

fn refusal(status: StatusCode, error: &str, description: Option<&str>) -> Response {
    let mut body = json!({ "error": error });
    if let Some(description) = description {
        body["error_description"] = json!(description);
    }
    plain(status, &body)
}

fn plain(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json;charset=UTF-8"),
        (header::CACHE_CONTROL, "no-cache, no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    (status, headers, body.to_string()).into_response()
}

fn form(body: &Bytes) -> Fields {
    let query = String::from_utf8_lossy(body);
    let uri = format!("/?{}", query.trim()).parse::<Uri>();
    let fields = uri.ok().and_then(|uri| Query::<Fields>::try_from_uri(&uri).ok());
    fields.map(|Query(fields)| fields).unwrap_or_default()
}

/// Percent-encodes what may not stand in a query.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).expect("four bits are a hexadecimal digit").to_ascii_uppercase()
}
