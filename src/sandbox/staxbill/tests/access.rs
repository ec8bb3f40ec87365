//! Who may call, with which verb, and how often.

use super::*;

#[tokio::test(start_paused = true)]
async fn keys_are_taken_as_shown() {
    let account = account(false, clock());
    for (key, status) in [
        (None, 401),
        (Some("Basic MDpzYW5kYm94"), 200),
        (Some("basic MDpzYW5kYm94"), 200),
        (Some("Basic MDpvdGhlcg=="), 401),
        (Some("MDpzYW5kYm94"), 400),
        (Some("Bearer MDpzYW5kYm94"), 400),
        (Some("Basic 0:sandbox"), 400),
        (Some("Basic c2FuZGJveA=="), 400),
        (Some("Basic OnNhbmRib3g="), 400),
        (Some("Basic MDpzYW5kYm94 "), 400),
        (Some("Basic  MDpzYW5kYm94"), 400),
    ] {
        let mut request = Request::builder().uri("/v1/customers");
        if let Some(key) = key {
            request = request.header("authorization", key);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = router(Arc::clone(&account)).oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{key:?}");
        assert!(response.headers().contains_key("x-rate-limit-remaining-day"), "{key:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_get_is_allowed() {
    let account = account(false, clock());
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let (status, headers, body) = send(&account, method, "/v1/payments").await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!((&headers["allow"], &body["HttpStatusCode"]), (&"GET".parse().unwrap(), &json!(405)));
    }
    assert_eq!((account.refused_writes(), account.calls()), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn windows_close_and_open_again() {
    let time = clock();
    let account = account(true, time.clone());
    for _ in 0..1_000 {
        get(&account, "/v1/Products/310").await;
    }
    let (status, headers, body) = send(&account, Method::GET, "/v1/Products/310").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(body["Errors"][0]["Value"].as_str().unwrap().contains("minute"), "{body}");
    for (name, value) in [
        ("x-rate-limit-limit-minute", "1000"),
        ("x-rate-limit-remaining-minute", "0"),
        ("x-rate-limit-reset-minute", "2026-11-22T15:01:00"),
        ("x-rate-limit-remaining-day", "179000"),
        ("x-rate-limit-reset-day", "2026-11-23T15:00:00"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    tokio::time::advance(Duration::from_mins(1)).await;
    get(&account, "/v1/Products/310").await;
    assert_eq!(account.calls_by_endpoint()["products/{id}"], 1_002);
}
