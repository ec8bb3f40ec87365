//! The life of a connection: consent, exchange, refresh, rotation, end.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;

use super::super::Options;
use super::World;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test(start_paused = true)]
async fn discovery_names_the_host_that_was_asked() {
    let world = World::new().await;
    for path in ["openid_configuration", "openid_configuration/", "openid_sandbox_configuration/"] {
        let request = Request::get(format!("/.well-known/{path}")).header(header::HOST, "127.0.0.1:8090");
        let reply = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.body["token_endpoint"], "http://127.0.0.1:8090/oauth2/v1/tokens/bearer", "{path}");
        assert_eq!(reply.body["revocation_endpoint"], "http://127.0.0.1:8090/v2/oauth2/tokens/revoke");
    }
}

#[tokio::test(start_paused = true)]
async fn a_code_is_good_once() {
    let mut world = World::new().await;
    let query = "client_id=sandbox-client&response_type=code&scope=com.intuit.quickbooks.accounting\
                 &redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fback&state=a%20b%26c";
    let request = Request::get(format!("/connect/oauth2?{query}")).body(Body::empty());
    let reply = world.send(request.unwrap()).await;
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(reply.status, StatusCode::FOUND);
    let (before, rest) = location.split_once("code=").unwrap();
    let (code, rest) = rest.split_once('&').unwrap();
    assert_eq!((before, rest), ("http://localhost:9/back?", "state=a%20b%26c&realmId=9130350000000000"));

    let exchange = format!("grant_type=authorization_code&code={code}&redirect_uri=http://localhost:9/back");
    let tokens = world.form("/oauth2/v1/tokens/bearer", &exchange).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let expected = (&json!("bearer"), &json!(3600), &json!(8_726_400));
    let body = &tokens.body;
    assert_eq!((&body["token_type"], &body["expires_in"], &body["x_refresh_token_expires_in"]), expected);
    world.token = body["access_token"].as_str().unwrap().into();
    assert_eq!(world.get("customer/1").await.status, StatusCode::OK);
    let again = world.form("/oauth2/v1/tokens/bearer", &exchange).await;
    assert_eq!((again.status, &again.body["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
}

#[tokio::test(start_paused = true)]
async fn consent_needs_a_sound_request() {
    let world = World::new().await;
    let scope = "scope=com.intuit.quickbooks.accounting";
    for query in [
        format!("client_id=other&response_type=code&{scope}&redirect_uri=http://localhost/"),
        format!("client_id=sandbox-client&response_type=token&{scope}&redirect_uri=http://localhost/"),
        "client_id=sandbox-client&response_type=code&scope=openid&redirect_uri=http://localhost/".to_owned(),
        format!("client_id=sandbox-client&response_type=code&{scope}&redirect_uri=nowhere"),
        format!("client_id=sandbox-client&response_type=code&{scope}&redirect_uri=http://example.com/back"),
    ] {
        let request = Request::get(format!("/connect/oauth2?{query}")).body(Body::empty());
        assert_eq!(world.send(request.unwrap()).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn access_lasts_an_hour_and_refresh_rotates_in_a_day() {
    let mut world = World::new().await;
    world.clock.advance(Duration::from_secs(3599));
    assert_eq!(world.get("item/1").await.status, StatusCode::OK);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.get("item/1").await.status, StatusCode::UNAUTHORIZED);
    let same = world.refreshed("sandbox-refresh-token").await;
    assert_eq!(same.body["refresh_token"], "sandbox-refresh-token");

    world.clock.advance(HOUR * 23);
    let rotated = world.refreshed("sandbox-refresh-token").await;
    let value = rotated.body["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(value, "sandbox-refresh-token");
    let dead = world.refreshed("sandbox-refresh-token").await;
    assert_eq!((dead.status, &dead.body["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_grant")));
    world.token = rotated.body["access_token"].as_str().unwrap().into();
    assert_eq!(world.get("item/1").await.status, StatusCode::OK);

    world.clock.advance(HOUR * 24 * 102);
    assert_eq!(world.refreshed(&value).await.body["error_description"], "Token invalid");
    assert_eq!(world.company.calls().token_refreshes, 3);
}

#[tokio::test(start_paused = true)]
async fn a_value_before_lives_on_in_its_grace_alone() {
    for (grace, wait, good) in [(0, 0, false), (2, 1, true), (2, 2, false), (30, 25, true)] {
        let world = World::with(Options { rotation_grace: HOUR * grace, ..Options::default() }).await;
        world.clock.advance(HOUR * 24);
        let rotated = world.refreshed("sandbox-refresh-token").await;
        assert_ne!(rotated.body["refresh_token"], "sandbox-refresh-token");
        world.clock.advance(HOUR * wait);
        let again = world.refreshed("sandbox-refresh-token").await;
        assert_eq!(again.status == StatusCode::OK, good, "{grace} {wait}");
        if wait < 24 && good {
            assert_eq!(
                again.body["refresh_token"], rotated.body["refresh_token"],
                "it brings the present one"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn switches_and_revocation_end_tokens() {
    let mut world = World::new().await;
    world.company.expire_access_tokens();
    assert_eq!(world.get("item/1").await.status, StatusCode::UNAUTHORIZED);
    world.token =
        world.refreshed("sandbox-refresh-token").await.body["access_token"].as_str().unwrap().into();
    assert_eq!(world.get("item/1").await.status, StatusCode::OK);
    let revoked = world.form("/v2/oauth2/tokens/revoke", "token=sandbox-refresh-token").await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(world.get("item/1").await.status, StatusCode::UNAUTHORIZED, "revoking ends both");
    assert_eq!(world.refreshed("sandbox-refresh-token").await.status, StatusCode::BAD_REQUEST);

    let world = World::new().await;
    world.company.kill_refresh_tokens();
    assert_eq!(world.get("item/1").await.status, StatusCode::OK, "access lives on");
    assert_eq!(world.refreshed("sandbox-refresh-token").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(start_paused = true)]
async fn the_app_must_prove_itself() {
    let world = World::new().await;
    let body = "grant_type=refresh_token&refresh_token=sandbox-refresh-token";
    let cases = [
        (Some("Basic d3Jvbmc6d3Jvbmc="), String::new(), StatusCode::UNAUTHORIZED),
        (Some("Basic not base64"), String::new(), StatusCode::UNAUTHORIZED),
        (None, String::new(), StatusCode::UNAUTHORIZED),
        (None, "&client_id=sandbox-client&client_secret=wrong".into(), StatusCode::UNAUTHORIZED),
        (None, "&client_id=sandbox-client&client_secret=sandbox-secret".into(), StatusCode::OK),
    ];
    for (authorization, fields, status) in cases {
        let mut request = Request::post("/oauth2/v1/tokens/bearer");
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let reply = world.send(request.body(Body::from(format!("{body}{fields}"))).unwrap()).await;
        assert_eq!(reply.status, status, "{authorization:?} {fields}");
    }
    for (fields, error) in [("grant_type=password", "unsupported_grant_type"), ("", "invalid_request")] {
        let odd = world.form("/oauth2/v1/tokens/bearer", fields).await;
        assert_eq!((odd.status, &odd.body["error"]), (StatusCode::BAD_REQUEST, &json!(error)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_administrator_may_say_no() {
    let world = World::new().await;
    world.company.set_consent(false);
    let query = "client_id=sandbox-client&response_type=code&scope=com.intuit.quickbooks.accounting\
                 &redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fback%3Fa%3D1&state=s";
    let request = Request::get(format!("/connect/oauth2?{query}")).body(Body::empty());
    let reply = world.send(request.unwrap()).await;
    let target = "http://localhost:9/back?a=1&error=access_denied&state=s";
    assert_eq!((reply.status, reply.headers["location"].to_str().unwrap()), (StatusCode::FOUND, target));
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_unused_and_at_last_in_any_case() {
    let world = World::new().await;
    let day = HOUR * 24;
    world.clock.advance(day * 101);
    assert_eq!(world.refreshed("sandbox-refresh-token").await.status, StatusCode::OK, "on the last day");

    let world = World::new().await;
    world.clock.advance(day * 101 + HOUR);
    assert_eq!(world.refreshed("sandbox-refresh-token").await.body["error"], "invalid_grant");

    let world = World::new().await;
    let mut token = "sandbox-refresh-token".to_owned();
    let mut days = 0;
    loop {
        let request = Request::post("/oauth2/v1/tokens/bearer")
            .header(header::AUTHORIZATION, "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ=")
            .header("x-include-refresh-token-hard-expires-in", "true")
            .body(Body::from(format!("grant_type=refresh_token&refresh_token={token}")));
        let reply = world.send(request.unwrap()).await;
        if reply.status != StatusCode::OK {
            assert_eq!(reply.body["error"], "invalid_grant");
            break;
        }
        assert_eq!(reply.body["x_refresh_token_hard_expires_in"], 86_400 * (5 * 365 - days));
        token = reply.body["refresh_token"].as_str().unwrap().to_owned();
        world.clock.advance(day * 73);
        days += 73;
    }
    assert_eq!(days, 5 * 365 + 73);
}

#[tokio::test(start_paused = true)]
async fn revoking_takes_json_and_forms_and_either_token() {
    for (kind, body) in [
        ("application/json", r#"{"token":"sandbox-refresh-token"}"#.to_owned()),
        ("application/x-www-form-urlencoded", "token=sandbox-refresh-token".to_owned()),
        ("application/json", String::new()),
    ] {
        let world = World::new().await;
        let by_access = json!({ "token": world.token }).to_string();
        let body = if body.is_empty() { by_access } else { body };
        for status in [StatusCode::OK, StatusCode::BAD_REQUEST] {
            let request = Request::post("/v2/oauth2/tokens/revoke")
                .header(header::AUTHORIZATION, "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ=")
                .header(header::CONTENT_TYPE, kind)
                .body(Body::from(body.clone()));
            assert_eq!(world.send(request.unwrap()).await.status, status, "{body}");
        }
        assert_eq!(world.get("item/1").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(world.refreshed("sandbox-refresh-token").await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test(start_paused = true)]
async fn who_consented_is_told_to_a_good_token() {
    let world = World::new().await;
    for (token, status) in [(world.token.as_str(), StatusCode::OK), ("wrong", StatusCode::UNAUTHORIZED)] {
        let request = Request::get("/v1/openid_connect/userinfo")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty());
        let reply = world.send(request.unwrap()).await;
        assert_eq!(reply.status, status);
        assert_eq!(
            reply.body["sub"].is_string() && reply.body["emailVerified"] == true,
            status == StatusCode::OK
        );
    }
}
