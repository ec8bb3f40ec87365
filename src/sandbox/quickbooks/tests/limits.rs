//! What the gateway turns away, on paused time, and what every answer carries.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;

use super::super::{Calls, Options};
use super::World;

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
