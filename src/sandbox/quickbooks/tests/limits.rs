//! What the gateway turns away, on paused time, and what every answer carries.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;

use super::super::{Calls, Options};
use super::{REALM, World};

#[tokio::test(start_paused = true)]
async fn ten_a_second() {
    let world = World::with(Options::default()).await;
    for _ in 0..10 {
        assert_eq!(world.get("item/1").await.status, StatusCode::OK);
    }
    let turned = world.get("item/1").await;
    assert_eq!(turned.status, StatusCode::TOO_MANY_REQUESTS);
    let error = &turned.body["Fault"]["Error"][0];
    assert_eq!(turned.body["Fault"]["type"], "SERVICE");
    assert_eq!(error["Message"], "message=ThrottleExceeded; errorCode=003001; statusCode=429");
    tokio::time::sleep(Duration::from_millis(1001)).await;
    assert_eq!(world.get("item/999").await.status, StatusCode::BAD_REQUEST);
    let expected = Calls { reads: 10, throttled: 1, refused: 1, token_refreshes: 1, ..Calls::default() };
    assert_eq!(world.company.calls(), expected);
}

#[tokio::test(start_paused = true)]
async fn forty_batches_a_minute() {
    let world = World::with(Options::default()).await;
    let body = json!({ "BatchItemRequest": [] });
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(world.post("batch", body.clone()).await.status, StatusCode::OK);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.post("batch", body.clone()).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.get("item/1").await.status, StatusCode::OK, "single calls go on");
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(world.post("batch", body).await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_good_token_is_turned_away() {
    let mut world = World::new().await;
    world.token = "wrong".into();
    let reply = world.get("customer/1").await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply.headers["www-authenticate"], "Bearer realm=\"Intuit\", error=\"invalid_token\"");
    let expected = json!({
        "warnings": null, "intuitObject": null, "fault": { "error": [{
            "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401", "detail": "Token expired: ",
            "code": "3200", "element": null }], "type": "AUTHENTICATION" },
        "report": null, "queryResponse": null, "batchItemResponse": [], "attachableResponse": [],
        "syncErrorResponse": null, "requestId": null, "time": 1_777_971_600_000_u64, "status": null, "cdcresponse": [],
    });
    assert_eq!(reply.body, expected);
}

#[tokio::test(start_paused = true)]
async fn another_company_is_not_ours() {
    let world = World::new().await;
    let request = Request::get("/v3/company/123/customer/1")
        .header(header::AUTHORIZATION, format!("Bearer {}", world.token))
        .body(Body::empty());
    let reply = world.send(request.unwrap()).await;
    let fault = &reply.body["fault"];
    assert_eq!((reply.status, &fault["type"]), (StatusCode::FORBIDDEN, &json!("AUTHORIZATION")));
    assert_eq!(fault["error"][0]["code"], "3100");
}

#[tokio::test(start_paused = true)]
async fn every_answer_has_its_transaction_id() {
    let world = World::new().await;
    let (first, second) = (world.get("customer/1").await, world.get("customer/999").await);
    let tid = first.headers["intuit_tid"].to_str().unwrap();
    assert_eq!((tid.len(), &tid[..11]), (35, "1-69f9b190-"));
    assert_ne!(first.headers["intuit_tid"], second.headers["intuit_tid"]);
    assert_eq!(first.headers["content-type"], "application/json;charset=utf-8");
    assert!(first.headers.contains_key("service-time") && !second.headers.contains_key("service-time"));
}

#[tokio::test(start_paused = true)]
async fn the_door_tells_what_kind_of_token_it_was_shown() {
    let world = World::new().await;
    let cases =
        [(None, "110"), (Some("Basic YTpi"), "100"), (Some("token"), "100"), (Some("bearer gone"), "3200")];
    for (authorization, code) in cases {
        let mut request = Request::get(format!("/v3/company/{REALM}/customer/1"));
        if let Some(value) = authorization {
            request = request.header(header::AUTHORIZATION, value);
        }
        let reply = world.send(request.body(Body::empty()).unwrap()).await;
        let error = &reply.body["fault"]["error"][0];
        assert_eq!(
            (reply.status, &error["code"]),
            (StatusCode::UNAUTHORIZED, &json!(code)),
            "{authorization:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_app_has_its_own_ten_a_second() {
    let mut world = World::with(Options::default()).await;
    let refresh = world.company.add_app("other", "hidden");
    for _ in 0..10 {
        assert_eq!(world.get("item/1").await.status, StatusCode::OK);
    }
    assert_eq!(world.get("item/1").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.refreshed(&refresh).await.status, StatusCode::BAD_REQUEST, "another app's token");
    let fields =
        format!("grant_type=refresh_token&refresh_token={refresh}&client_id=other&client_secret=hidden");
    let request = Request::post("/oauth2/v1/tokens/bearer").body(Body::from(fields)).unwrap();
    world.token = world.send(request).await.body["access_token"].as_str().unwrap().into();
    assert_eq!(world.get("item/1").await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn limits_told_in_the_old_way() {
    let world = World::with(Options { old_throttle: true, ..Options::default() }).await;
    for _ in 0..10 {
        world.get("item/1").await;
    }
    let turned = world.get("item/1").await;
    assert_eq!((turned.status, turned.fault().0), (StatusCode::FORBIDDEN, "3001"));
    let message = "message=ThrottleExceeded; errorCode=003001; statusCode=403";
    assert_eq!(turned.body["Fault"]["Error"][0]["Message"], message);
    assert_eq!(world.company.calls().throttled, 1);
}

#[tokio::test(start_paused = true)]
async fn reads_beyond_the_months_allowance_are_blocked() {
    let options = Options { throttled: false, core_plus: Some(3), ..Options::default() };
    let mut world = World::with(options).await;
    let batch = |item| json!({ "BatchItemRequest": [item] });
    let query = batch(json!({ "bId": "1", "Query": "select count(*) from Item" }));
    let vendor = |name: &str| json!({ "DisplayName": name });
    world.put("vendor", vendor("a")).await;
    assert_eq!(world.get("item/999").await.status, StatusCode::BAD_REQUEST, "a failed read is free");
    assert_eq!(world.get("item/1").await.status, StatusCode::OK);
    assert_eq!(world.query("select * from Item").await.status, StatusCode::OK);
    assert_eq!(world.post("batch", query.clone()).await.status, StatusCode::OK);
    for reply in
        [world.get("item/1").await, world.query("select * from Item").await, world.post("batch", query).await]
    {
        assert_eq!((reply.status, reply.fault().0), (StatusCode::TOO_MANY_REQUESTS, "3001"));
    }
    world.put("vendor", vendor("b")).await;
    let write = batch(json!({ "bId": "1", "operation": "create", "Vendor": vendor("c") }));
    assert_eq!(world.post("batch", write).await.status, StatusCode::OK, "writes go on");
    world.clock.advance(Duration::from_hours(24 * 27));
    world.token =
        world.refreshed("sandbox-refresh-token").await.body["access_token"].as_str().unwrap().into();
    assert_eq!(world.get("item/1").await.status, StatusCode::OK, "a new month");
}
