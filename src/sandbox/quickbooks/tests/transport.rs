//! The outside of a call: addresses, methods, types of content, and spellings
//! that make no difference.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::json;

use super::{REALM, Reply, World};

async fn accepting(world: &World, path: &str, accept: Option<&str>) -> Reply {
    let mut request = Request::get(format!("/v3/company/{REALM}/{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", world.token));
    if let Some(accept) = accept {
        request = request.header(header::ACCEPT, accept);
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn spellings_that_make_no_difference() {
    let world = World::new().await;
    for path in [
        "customer/1",
        "Customer/1",
        "CUSTOMER/1?minorversion=4",
        "customer/1?minorversion=75&format=json",
        "customer/1/?minorversion=none",
        "query?query=select%20*%20from%20customer&minorversion=75",
        "companyinfo/9130350000000000",
        "companyinfo/1",
        "preferences",
    ] {
        let reply = world.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_takes_json_is_answered() {
    let world = World::new().await;
    let cases = [
        (None, StatusCode::OK),
        (Some("application/json"), StatusCode::OK),
        (Some("*/*"), StatusCode::OK),
        (Some("text/xml, application/JSON;q=0.5"), StatusCode::OK),
        (Some("application/xml"), StatusCode::NOT_ACCEPTABLE),
        (Some("application/pdf"), StatusCode::NOT_ACCEPTABLE),
    ];
    for (accept, status) in cases {
        assert_eq!(accepting(&world, "customer/1", accept).await.status, status, "{accept:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn long_statements_are_posted() {
    let world = World::new().await;
    let statement = format!("select * from Customer where Id in ('1'{})", ",'2'".repeat(2500));
    let reply = world.get(&format!("query?query={}", statement.replace(' ', "%20"))).await;
    assert_eq!(reply.status, StatusCode::URI_TOO_LONG);
    assert_eq!(reply.headers["content-type"], "text/html");
    assert_eq!(world.query(&statement).await.body["QueryResponse"]["maxResults"], 2);
}

#[tokio::test(start_paused = true)]
async fn statements_come_as_text_alone() {
    let world = World::new().await;
    let cases = [
        ("application/text", "none"),
        ("text/plain", "none"),
        ("Text/Plain; charset=utf-8", "none"),
        ("application/json", "500"),
        ("application/x-www-form-urlencoded", "500"),
        ("", "500"),
    ];
    for (kind, code) in cases {
        let reply = world.call(Method::POST, "query", (kind, "select * from Item".to_owned())).await;
        assert_eq!(reply.fault().0, code, "{kind}: {}", reply.body);
    }
}

#[tokio::test(start_paused = true)]
async fn methods_and_bodies_that_are_not_taken() {
    let world = World::new().await;
    let vendor = || json!({ "DisplayName": "V" }).to_string();
    let cases = [
        (Method::PUT, "vendor", "application/json", vendor(), "500"),
        (Method::DELETE, "vendor/1", "application/json", String::new(), "500"),
        (Method::PATCH, "vendor/1", "application/json", vendor(), "500"),
        (Method::POST, "vendor", "application/xml", "<Vendor/>".to_owned(), "500"),
        (Method::POST, "vendor", "text/plain", vendor(), "500"),
        (Method::POST, "vendor", "application/json", "{".to_owned(), "2010"),
        (Method::POST, "vendor", "application/json", "[]".to_owned(), "2010"),
        (Method::POST, "vendor", "application/json", String::new(), "2010"),
        (Method::POST, "cdc", "application/json", vendor(), "500"),
        (Method::GET, "batch", "application/json", String::new(), "500"),
        (Method::GET, "nonsense/1", "application/json", String::new(), "500"),
        (Method::POST, "vendor?operation=update", "application/json", vendor(), "2020"),
        (Method::POST, "vendor", "application/json; charset=UTF-8", vendor(), "none"),
    ];
    for (method, path, kind, body, code) in cases {
        let reply = world.call(method.clone(), path, (kind, body)).await;
        let status = if code == "none" { StatusCode::OK } else { StatusCode::BAD_REQUEST };
        assert_eq!((reply.status, reply.fault().0), (status, code), "{method} {path} {kind}: {}", reply.body);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_address_of_the_api() {
    let world = World::new().await;
    for path in ["/", "/v3", "/v3/customer/1", "/v2/company/1/customer/1", "/oauth2/v1/tokens"] {
        let reply = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    let large = "x".repeat((16 << 20) + 1);
    let reply = world.call(Method::POST, "vendor", ("application/json", large)).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
}
