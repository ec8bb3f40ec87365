//! What is counted, what is recorded, and what never is.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use http::Request;
use serde_json::json;
use tower::ServiceExt as _;

use super::*;
use crate::sandbox::trouble::{Kind, Rule};
use crate::sandbox::{Sandbox, SandboxOptions};

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn recorded() -> (Sandbox, Paper) {
    let (sandbox, paper) = (Sandbox::bare(SandboxOptions::default()), Paper::default());
    sandbox.witness.record_to(paper.clone());
    (sandbox, paper)
}

async fn call(router: Router, (method, uri): (&str, &str), headers: &[(&str, &str)], body: &str) -> String {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn exchanges_are_written_as_they_end() {
    let (sandbox, paper) = recorded();
    let key = [("authorization", "Basic MDpzYW5kYm94"), ("accept", "application/json")];
    let answer = call(sandbox.staxbill_router(), ("GET", "/v1/customers?pageSize=5"), &key, "").await;
    let lines = paper.lines();
    assert_eq!(lines.len(), 1);
    for (pointer, value) in [
        ("/vendor", json!("staxbill")),
        ("/method", json!("GET")),
        ("/path", json!("/v1/customers")),
        ("/query", json!("pageSize=5")),
        ("/request_headers/accept", json!("application/json")),
        ("/request_headers/authorization", json!("[redacted]")),
        ("/request_body", json!("")),
        ("/status", json!(200)),
        ("/cut", json!(false)),
        ("/response_body", json!(answer)),
        ("/response_bytes", json!(answer.len())),
        ("/response_complete", json!(true)),
        ("/time", json!("2026-11-22T12:00:00Z")),
    ] {
        assert_eq!(lines[0].pointer(pointer), Some(&value), "{pointer}");
    }
    sandbox.trouble.add(Rule::next("", Kind::Cut));
    call(sandbox.staxbill_router(), ("GET", "/v1/customers"), &key, "").await;
    let lines = paper.lines();
    assert_eq!((lines.len(), &lines[1]["cut"], &lines[1]["status"]), (2, &json!(true), &Value::Null));
    assert!(lines[1].get("response_body").is_none());
}

/// Every secret of both vendors on its usual way, and where it has no business.
#[tokio::test(start_paused = true)]
async fn secrets_are_never_written() {
    let (sandbox, paper) = recorded();
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ="),
    ];
    let body = "grant_type=refresh_token&refresh_token=sandbox-refresh-token";
    let quickbooks = || sandbox.quickbooks_router();
    let granted = call(quickbooks(), ("POST", "/oauth2/v1/tokens/bearer"), &form, body).await;
    let granted: Value = serde_json::from_str(&granted).unwrap();
    let access = granted["access_token"].as_str().unwrap().to_owned();
    let consent = "/connect/oauth2?client_id=sandbox-client&response_type=code&scope=com.intuit.quickbooks.accounting&redirect_uri=http://localhost/&state=canary-state";
    call(quickbooks(), ("GET", consent), &[], "").await;
    let bearer = format!("Bearer {access}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-api-key", "canary-key-1"),
        ("cookie", "canary-cookie"),
        ("content-type", "application/json"),
    ];
    let path = format!(
        "/v3/company/9130350000000000/query?access_token=canary-param&code=canary-code&query=select%20*%20from%20Item%20where%20Name='{access}'"
    );
    call(quickbooks(), ("GET", &path), &headers, "").await;
    call(
        quickbooks(),
        ("POST", "/v3/company/9130350000000000/customer"),
        &headers,
        &json!({ "DisplayName": access }).to_string(),
    )
    .await;
    call(quickbooks(), ("POST", "/v2/oauth2/tokens/revoke"), &form, &json!({ "token": access }).to_string())
        .await;
    let key = [("authorization", "Basic MDpzYW5kYm94")];
    call(sandbox.staxbill_router(), ("GET", "/v1/customers/MDpzYW5kYm94"), &key, "").await;
    let text = paper.text();
    assert_eq!(paper.lines().len(), 6);
    for secret in [
        access.as_str(),
        "sandbox-secret",
        "sandbox-refresh-token",
        "c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ=",
        "MDpzYW5kYm94",
        "AB11",
        "canary",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// A client that loses its way tells its secrets to anyone, under any name and
/// in any case; what is no secret stays.
#[tokio::test(start_paused = true)]
async fn secrets_go_astray() {
    const FORM: &str = "grant_type=refresh_token&refresh_token=canary&Code=canary&client%5Fsecret=canary";
    let refresh = "grant_type=refresh_token&refresh_token=sandbox-refresh-token";
    for (path, header, body) in [
        ("/v3/company/1/customer", ("accept", "*/*"), FORM),
        ("/v1/nothing", ("accept", "*/*"), r#"{"token": "canary", "refresh_token":"canary"}"#),
        (
            "/v1/nothing",
            ("accept", "*/*"),
            r#"[{"a":{"ApiKey" : "can\"ary"},"b":"\\"},{"Access-Token":"canary"#,
        ),
        ("/v1/nothing?api_key=canary&Code=canary&API%5FKEY=canary&CODE=canary", ("accept", "*/*"), ""),
        ("/v1/nothing", ("x-api_key", "canary-of-a-key"), "canary-of-a-key"),
        ("/v1/canary-without-scheme", ("authorization", "canary-without-scheme"), ""),
        ("/v1/sandbox-secret", ("accept", "*/*"), "this is sandbox-secret, and sandbox-refresh-token"),
        ("/v1/nothing", ("accept", "MDpzYW5kYm94"), "MDpzYW5kYm94"),
    ] {
        let (sandbox, paper) = recorded();
        for router in [sandbox.quickbooks_router(), sandbox.staxbill_router()] {
            call(router, ("POST", path), &[header], body).await;
        }
        let text = paper.text();
        assert_eq!(paper.lines().len(), 2);
        let own = ["canary", "can\\\"ary", "sandbox-secret", "sandbox-refresh-token", "MDpzYW5kYm94"];
        for secret in own {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let (sandbox, paper) = recorded();
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ="),
    ];
    let granted =
        call(sandbox.quickbooks_router(), ("POST", "/oauth2/v1/tokens/bearer"), &form, refresh).await;
    let granted: Value = serde_json::from_str(&granted).unwrap();
    let access = granted["access_token"].as_str().unwrap();
    call(sandbox.staxbill_router(), ("POST", "/v1/x"), &[], access).await;
    assert!(!paper.text().contains(access), "{}", paper.text());
    let harmless = r#"{"Id":"7","SyncToken":"3","code":"610"}"#;
    call(sandbox.staxbill_router(), ("POST", "/v1/x"), &[], harmless).await;
    assert_eq!(paper.lines()[2]["request_body"], harmless);
}

#[tokio::test(start_paused = true)]
async fn calls_are_counted_by_sort_and_the_last_remembered() {
    let sandbox = Sandbox::bare(SandboxOptions::default());
    let key = [("authorization", "Basic MDpzYW5kYm94")];
    for id in 0..250 {
        call(sandbox.staxbill_router(), ("GET", &format!("/v1/customers/{id}")), &key, "").await;
    }
    call(sandbox.quickbooks_router(), ("GET", "/v3/company/1/cdc"), &[], "").await;
    let sort = |vendor, path: &str, status| Sort {
        vendor,
        method: "GET".into(),
        path: path.into(),
        status: Some(status),
    };
    let expected = [
        (sort(Vendor::QuickBooks, "/v3/company/{id}/cdc", 401), 1),
        (sort(Vendor::StaxBill, "/v1/customers/{id}", 404), 250),
    ];
    assert_eq!(sandbox.witness.counts(), expected);
    let last = sandbox.witness.last_calls();
    assert_eq!(
        (last.len(), last[0].path.as_str(), last[1].path.as_str()),
        (200, "/v3/company/1/cdc", "/v1/customers/249")
    );
}
