//! Each kind of trouble, on a router that counts what takes effect.

mod real;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use tower::ServiceExt as _;

use super::*;
use crate::sandbox::clock::SandboxClock;

const ANSWER: &str = r#"{"whole": true}"#;

struct World {
    trouble: Trouble,
    router: Router,
    effects: Arc<AtomicU64>,
}

fn world(vendor: Vendor) -> World {
    let (trouble, effects) = (Trouble::default(), Arc::new(AtomicU64::new(0)));
    let counter = Arc::clone(&effects);
    let inner = Router::new().fallback(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        std::future::ready(ANSWER)
    });
    let clock = SandboxClock::starting_at("2026-11-22T12:00:00Z".parse().unwrap());
    let ground = Ground { vendor, clock, company: None };
    World { router: trouble.before(inner, ground), trouble, effects }
}

impl World {
    async fn call(&self, method: &str, path: &str) -> Response {
        self.send(method, path, Body::empty()).await
    }

    async fn send(&self, method: &str, path: &str, body: Body) -> Response {
        let method: Method = method.parse().unwrap();
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }

    fn effects(&self) -> u64 {
        self.effects.load(Ordering::Relaxed)
    }
}

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_kind_strikes_once_and_is_over() {
    for (what, status, effects, cut, word) in [
        (Kind::Refuse, 502, 0, true, ""),
        (Kind::Cut, 502, 1, true, ""),
        (Kind::TooMany { retry_after: Some(7) }, 429, 0, false, "ThrottleExceeded"),
        (Kind::Status { code: 500, after: false }, 500, 0, false, "SystemFault"),
        (Kind::Status { code: 503, after: true }, 503, 1, false, "Service Unavailable"),
        (Kind::Html { code: 200 }, 200, 0, false, "<h1>"),
        (Kind::Html { code: 502 }, 502, 0, false, "<h1>"),
        (Kind::HalfBody, 200, 1, false, r#"{"whole"#),
        (Kind::TooManyOld, 403, 0, false, "ThrottleExceeded; errorCode=003001; statusCode=403"),
        (Kind::Unauthorized { after_items: 0 }, 401, 0, false, "errorCode=003200"),
        (Kind::Fault { code: 6190 }, 400, 0, false, "Subscription period has ended"),
        (Kind::Fault { code: 77 }, 400, 0, false, r#""code":"77""#),
        (Kind::Mutilate { how: Damage::Half, seed: 0 }, 200, 1, false, r#"{"whole"#),
        (Kind::Mutilate { how: Damage::Empty, seed: 0 }, 200, 1, false, ""),
        (Kind::Oversize { bytes: 4_000 }, 200, 1, false, ANSWER),
        (Kind::Drip { bytes_per_second: 100 }, 200, 1, false, ANSWER),
        (Kind::LateEffect { seconds: 60 }, 502, 0, true, ""),
        (Kind::ExpireTokens, 200, 1, false, ANSWER),
        (Kind::Delay { ms: 5 }, 200, 1, false, ANSWER),
        (Kind::DelayAnswer { ms: 5 }, 200, 1, false, ANSWER),
    ] {
        let world = world(Vendor::QuickBooks);
        world.trouble.add(Rule::next("", what));
        let response = world.call("GET", "/v3/company/1/query").await;
        assert_eq!(response.status().as_u16(), status, "{what:?}");
        assert_eq!(response.extensions().get::<Cut>().is_some(), cut, "{what:?}");
        assert_eq!(response.headers().contains_key("retry-after"), status == 429, "{what:?}");
        assert_eq!(world.effects(), effects, "{what:?}");
        let body = text(response).await;
        let half = matches!(what, Kind::HalfBody | Kind::Mutilate { how: Damage::Half, .. });
        assert!(body.contains(word) && (!half || body.len() == ANSWER.len() / 2), "{body}");
        let after = world.call("GET", "/v3/company/1/query").await;
        assert_eq!((text(after).await.as_str(), world.trouble.hits()), (ANSWER, 1), "{what:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rules_choose_their_calls() {
    let refuse = || Rule::next("", Kind::Refuse);
    for (rule, calls, struck) in [
        (refuse().nth(3), vec![("GET", "/a"); 4], vec![3]),
        (refuse().nth(2).times(2), vec![("GET", "/a"); 5], vec![2, 3]),
        (refuse().nth(3).every(), vec![("GET", "/a"); 5], vec![3, 4, 5]),
        (refuse().method("post"), vec![("GET", "/a"), ("POST", "/a")], vec![2]),
        (refuse().of(Vendor::QuickBooks), vec![("GET", "/a")], vec![]),
        (refuse().of(Vendor::StaxBill), vec![("GET", "/a")], vec![1]),
        (refuse().containing("find me").every(), vec![("GET", "/a?q=find+me"), ("GET", "/a")], vec![1]),
        (refuse().chance(0, 7), vec![("GET", "/a"); 9], vec![]),
        (refuse().chance(100, 7), vec![("GET", "/a"); 3], vec![1, 2, 3]),
        (refuse().chance(50, 7), vec![("GET", "/a"); 9], vec![3, 4, 6, 7, 8, 9]),
        (
            Rule::next("/v1/Invoices", Kind::Refuse),
            vec![("GET", "/v1/customers"), ("GET", "/V1/invoices/7")],
            vec![2],
        ),
        (
            Rule::next("/v1/*/7", Kind::Refuse),
            vec![("GET", "/v1/invoices/77"), ("GET", "/v1/invoices/7?a=b")],
            vec![2],
        ),
    ] {
        let world = world(Vendor::StaxBill);
        world.trouble.add(rule.clone());
        let mut cut = Vec::new();
        for (place, (method, path)) in (1..).zip(calls) {
            if world.call(method, path).await.extensions().get::<Cut>().is_some() {
                cut.push(place);
            }
        }
        assert_eq!(cut, struck, "{rule:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delayed_answer_is_given_up_after_it_took_effect() {
    for (what, effects) in [(Kind::DelayAnswer { ms: 60_000 }, 1), (Kind::Delay { ms: 60_000 }, 0)] {
        let world = world(Vendor::StaxBill);
        world.trouble.add(Rule::next("", what).every());
        let answer = timeout(Duration::from_secs(30), world.call("GET", "/")).await;
        assert!(answer.is_err(), "{what:?}");
        assert_eq!(world.effects(), effects, "{what:?}");
        let start = Instant::now();
        assert_eq!(world.call("GET", "/").await.status(), StatusCode::OK);
        assert_eq!(start.elapsed(), Duration::from_mins(1), "{what:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn rules_come_and_go_by_http() {
    let world = world(Vendor::StaxBill);
    world.trouble.add(Rule::next("", Kind::Refuse).every());
    for (method, body, status, rules) in [
        ("GET", json!(null), 200, 1),
        ("DELETE", json!(null), 204, 0),
        ("POST", json!({ "what": "cut" }), 201, 1),
        ("POST", json!({ "what": { "delay": { "ms": 5 } }, "vendor": "staxbill", "path": "/v1" }), 201, 2),
        ("POST", json!({ "what": { "too-many": {} }, "every": true, "skip": 2, "method": "GET" }), 201, 3),
        ("POST", json!({ "what": { "status": { "code": 500 } }, "times": 3 }), 201, 4),
        ("POST", json!({ "what": "no-such-thing" }), 422, 4),
        ("POST", json!({ "what": { "status": { "code": 100 } } }), 422, 4),
        ("POST", json!({ "what": { "html": { "code": 600 } } }), 422, 4),
        ("POST", json!({ "what": "cut", "times": 0 }), 422, 4),
        ("POST", json!({ "what": "cut", "chance": 101 }), 422, 4),
        ("POST", json!({ "what": { "batch-item": { "nth": 0, "fate": "failed" } } }), 422, 4),
        ("POST", json!({ "what": { "batch-item": { "nth": 1, "fate": "twice", "code": 610 } } }), 422, 4),
        ("POST", json!({ "what": "cut", "tmes": 3 }), 422, 4),
        ("DELETE", json!(null), 204, 0),
    ] {
        let response = world.send(method, "/sandbox/trouble", Body::from(body.to_string())).await;
        assert_eq!(response.status().as_u16(), status, "{method} {body}");
        assert_eq!(world.trouble.rules().len(), rules, "{method} {body}");
    }
    world.trouble.add(Rule::next("/x", Kind::Delay { ms: 9 }));
    let listed: Value =
        serde_json::from_str(&text(world.call("GET", "/sandbox/trouble").await).await).unwrap();
    assert_eq!(listed[0]["rule"]["what"], json!({ "delay": { "ms": 9 } }));
    assert_eq!(world.effects(), 0, "the routes never reach the vendor");
}

/// Stax Bill's errors are its own: other keys, other words.
#[tokio::test(start_paused = true)]
async fn errors_are_in_the_vendors_words() {
    for (vendor, what, pointer, value) in [
        (Vendor::StaxBill, Kind::TooMany { retry_after: None }, "/HttpStatusCode", json!(429)),
        (Vendor::StaxBill, Kind::Status { code: 500, after: false }, "/Errors/0/Key", json!("Api Error")),
        (Vendor::QuickBooks, Kind::TooMany { retry_after: None }, "/Fault/Error/0/code", json!("3001")),
        (Vendor::QuickBooks, Kind::Status { code: 500, after: false }, "/Fault/type", json!("SystemFault")),
    ] {
        let world = world(vendor);
        world.trouble.add(Rule::next("", what));
        let response = world.call("GET", "/").await;
        assert!(!response.headers().contains_key("retry-after"), "{what:?}");
        let body: Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(body.pointer(pointer), Some(&value), "{vendor:?} {what:?}");
    }
}

/// A storm lasts from one hour to another, on the sandbox's clock.
#[tokio::test(start_paused = true)]
async fn a_storm_begins_and_ends() {
    let clock = SandboxClock::starting_at("2026-11-22T12:00:00Z".parse().unwrap());
    let trouble = Trouble::default();
    let ground = Ground { vendor: Vendor::QuickBooks, clock: clock.clone(), company: None };
    let inner = Router::new().fallback(|| std::future::ready(ANSWER));
    let world = World { router: trouble.before(inner, ground), trouble, effects: Arc::default() };
    let from = "2026-11-22T12:10:00Z".parse().unwrap();
    let storm = Rule::next("", Kind::TooMany { retry_after: None });
    world.trouble.add(Rule { from: Some(from), ..storm.until("2026-11-22T12:20:00Z".parse().unwrap()) });
    for (minutes, status) in [(0, 200), (9, 200), (1, 429), (5, 429), (4, 429), (1, 200), (60, 200)] {
        clock.advance(Duration::from_mins(minutes));
        assert_eq!(world.call("GET", "/a").await.status().as_u16(), status, "{}", clock.now());
    }
}

/// What a reader sees of a body, up to `most` bytes.
async fn beginning(response: Response, most: usize) -> usize {
    let mut stream = response.into_body().into_data_stream();
    let mut length = 0;
    while let Some(piece) = futures_util::StreamExt::next(&mut stream).await {
        length += piece.unwrap().len();
        if length >= most {
            break;
        }
    }
    length
}

#[tokio::test(start_paused = true)]
async fn large_bodies_are_made_as_they_are_read() {
    const GIGABYTE: u64 = 1 << 30;
    let many = 8 << 20;
    for (what, least, most, promised) in [
        (Kind::Endless, many, many + (64 << 10), None),
        (Kind::Oversize { bytes: GIGABYTE }, many, many + (64 << 10), Some("1073741824")),
        (Kind::GzipBomb { bytes: GIGABYTE }, 6_000_000, 7_000_000, None),
    ] {
        let world = world(Vendor::QuickBooks);
        world.trouble.add(Rule::next("", what));
        let response = world.call("GET", "/").await;
        let length = response.headers().get("content-length").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(length.as_deref(), promised, "{what:?}");
        let read = beginning(response, many).await;
        assert!((least..=most).contains(&read), "{what:?}: {read}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_drip_takes_its_time() {
    for (bytes_per_second, seconds) in [(1, 15), (5, 3), (10, 1), (1_000_000, 0)] {
        let world = world(Vendor::QuickBooks);
        world.trouble.add(Rule::next("", Kind::Drip { bytes_per_second }));
        let start = Instant::now();
        assert_eq!(text(world.call("GET", "/").await).await, ANSWER);
        assert_eq!(start.elapsed().as_secs(), seconds, "{bytes_per_second}");
    }
}

/// The same on the wire as in Rust, because scenario files are written by hand.
#[test]
fn kinds_are_called_by_their_names() {
    for (name, kind) in [
        (json!("cut"), Kind::Cut),
        (json!({ "late-effect": { "seconds": 60 } }), Kind::LateEffect { seconds: 60 }),
        (json!({ "gzip-bomb": { "bytes": 9 } }), Kind::GzipBomb { bytes: 9 }),
        (json!({ "mutilate": { "how": "bit-flips" } }), Kind::Mutilate { how: Damage::BitFlips, seed: 0 }),
        (json!({ "too-many": {} }), Kind::TooMany { retry_after: None }),
        (json!("too-many-old"), Kind::TooManyOld),
        (json!({ "unauthorized": {} }), Kind::Unauthorized { after_items: 0 }),
        (json!({ "page": { "how": "row-twice" } }), Kind::Page { how: PageFault::RowTwice }),
        (
            json!({ "batch-item": { "nth": 2, "fate": "unknown-id" } }),
            Kind::BatchItem { nth: 2, fate: ItemFate::UnknownId, code: None },
        ),
    ] {
        assert_eq!(serde_json::from_value::<Kind>(name.clone()).unwrap(), kind, "{name}");
    }
}
