//! The control page as a browser and as a program see it.

use axum::body::{Body, to_bytes};
use http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::data::View;
use crate::sandbox::trouble::{Kind, Rule};
use crate::sandbox::{Sandbox, SandboxOptions};

async fn ask(sandbox: &Sandbox, method: &str, uri: &str, body: &str) -> (u16, String) {
    let request = Request::builder().method(method).uri(uri).header("host", "127.0.0.1:8092");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let response =
        sandbox.control_router().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    (status, String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap())
}

const HOSTILE: &str = "<script>alert('x')</script> & \"co\"";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::sample(SandboxOptions::default());
    let hand = sandbox.quickbooks.bookkeeper();
    let customer = hand.create("Customer", json!({ "DisplayName": HOSTILE })).unwrap();
    let line = json!([{ "DetailType": "SalesItemLineDetail", "Amount": 12.5, "SalesItemLineDetail": { "ItemRef": { "value": "1" } } }]);
    let invoice =
        hand.create("Invoice", json!({ "CustomerRef": { "value": customer["Id"] }, "Line": line })).unwrap();
    let pays = json!([{ "Amount": 2.5, "LinkedTxn": [{ "TxnId": invoice["Id"], "TxnType": "Invoice" }] }]);
    hand.create(
        "Payment",
        json!({ "CustomerRef": { "value": customer["Id"] }, "TotalAmt": 2.5, "Line": pays }),
    )
    .unwrap();
    sandbox
}

#[tokio::test(start_paused = true)]
async fn every_view_is_shown_and_told() {
    let sandbox = sandbox();
    sandbox.trouble.add(Rule::next("/v1/<b>", Kind::Cut));
    for (name, _) in View::ALL.into_iter().chain([("", View::Overview)]) {
        let (status, page) = ask(&sandbox, "GET", &format!("/{name}"), "").await;
        assert_eq!(status, 200, "{name}");
        assert!(page.ends_with("</html>") && !page.contains("<script") && !page.contains("<b>"), "{page}");
        let twin = if name.is_empty() { "overview" } else { name };
        let (status, text) = ask(&sandbox, "GET", &format!("/{twin}.json"), "").await;
        assert_eq!(
            (status, serde_json::from_str::<Value>(&text).unwrap().is_object()),
            (200, true),
            "{name}"
        );
    }
    assert_eq!(ask(&sandbox, "GET", "/nothing", "").await.0, 404);
    let (_, page) = ask(&sandbox, "GET", "/customers", "").await;
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;co&quot;"), "{page}");
}

#[tokio::test(start_paused = true)]
async fn the_books_are_told_with_their_links() {
    let sandbox = sandbox();
    let told = |path: &'static str| {
        let sandbox = sandbox.clone();
        async move { serde_json::from_str::<Value>(&ask(&sandbox, "GET", path, "").await.1).unwrap() }
    };
    let balance = told("/books.json").await["trial_balance"].clone();
    assert_eq!((&balance["balanced"], &balance["debit"]), (&json!(true), &balance["credit"]));
    let receivable = |sandbox: &Sandbox| {
        let totals = sandbox.quickbooks.trial_balance();
        totals.iter().find(|one| one.account_id == "84").unwrap().debit
    };
    let before = receivable(&Sandbox::sample(SandboxOptions::default()));
    assert_eq!((receivable(&sandbox) - before).to_string(), "10.00");
    let documents = told("/documents.json").await["documents"].clone();
    let payment = documents.as_array().unwrap().iter().find(|one| one["kind"] == "Payment").unwrap();
    let invoice = documents.as_array().unwrap().iter().find(|one| one["kind"] == "Invoice").unwrap();
    assert_eq!(payment["links"], json!(format!("Invoice {}", invoice["id"].as_str().unwrap())));
    let customers = told("/customers.json").await["customers"].clone();
    assert!(customers.as_array().unwrap().iter().any(|one| one["name"] == HOSTILE), "{customers}");
}

#[tokio::test(start_paused = true)]
async fn the_clock_is_turned_and_scenarios_are_played() {
    let sandbox = sandbox();
    for (uri, body, status, now, speed) in [
        ("/clock/turn", "advance=1h", 303, "2026-11-22T13:00:00Z", 1),
        ("/clock/turn", "set=2026-01-31T23%3A59%3A00-08%3A00", 303, "2026-02-01T07:59:00Z", 1),
        ("/clock/turn", "speed=60", 303, "2026-02-01T07:59:00Z", 60),
        ("/clock/turn", "speed=fast", 422, "2026-02-01T07:59:00Z", 60),
        ("/clock/turn", "advance=1+hour", 422, "2026-02-01T07:59:00Z", 60),
        ("/clock/turn", "speed=1%0A[[step]]", 422, "2026-02-01T07:59:00Z", 60),
        ("/scenario", "[clock]\nspeed = 1\nset = 2026-03-01T00:00:00Z\n", 303, "2026-03-01T00:00:00Z", 1),
        ("/scenario", "[clok]\n", 422, "2026-03-01T00:00:00Z", 1),
    ] {
        assert_eq!(ask(&sandbox, "POST", uri, body).await.0, status, "{uri} {body}");
        assert_eq!((sandbox.clock.now().to_string().as_str(), sandbox.clock.speed()), (now, speed), "{body}");
    }
    sandbox.trouble.add(Rule::next("", Kind::Cut));
    assert_eq!(ask(&sandbox, "POST", "/trouble/clear", "").await.0, 303);
    assert!(sandbox.trouble.rules().is_empty());
}

#[tokio::test(start_paused = true)]
async fn strangers_are_shown_the_door() {
    let sandbox = sandbox();
    for (router, uri) in [(sandbox.control_router(), "/"), (sandbox.quickbooks_router(), "/sandbox/trouble")]
    {
        for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example")] {
            let request = Request::builder().uri(uri).header(name, value).body(Body::empty()).unwrap();
            assert_eq!(router.clone().oneshot(request).await.unwrap().status(), 403, "{uri} {name}");
        }
    }
}

/// What people read is told in words, sums in groups of three, times to the
/// second; programs get it as it is.
#[tokio::test(start_paused = true)]
async fn people_read_words() {
    let sandbox = sandbox();
    let empty = ask(&sandbox, "GET", "/steps", "").await.1;
    assert!(empty.contains("None. Start with --scenario FILE"), "{empty}");
    sandbox.trouble.add(Rule { skip: 2, ..Rule::next("/v3", Kind::TooMany { retry_after: Some(30) }) });
    let text = "[[step]]\nat = \"1h30m\"\nquickbooks = \"expire-tokens\"\n";
    assert_eq!(ask(&sandbox, "POST", "/scenario", text).await.0, 303);
    for (uri, word) in [
        ("/trouble", ">too-many: retry-after 30<"),
        ("/trouble", ">path /v3, skip 2, times 1<"),
        ("/steps", ">after 1h30m<"),
        ("/steps", "<time>2026-11-22&nbsp;13:30:00</time>"),
        ("/books", ">13,495.00<"),
        ("/clock", "<time>2026-11-22&nbsp;12:00:00</time> UTC<"),
        ("/documents", "data-is=\"Customer\">&lt;script&gt;"),
    ] {
        let page = ask(&sandbox, "GET", uri, "").await.1;
        assert!(page.contains(word), "{uri} {word}: {page}");
    }
    assert!(ask(&sandbox, "GET", "/books.json", "").await.1.contains("\"13495.00\""));
}

/// A browser neither guesses at the type of an answer nor shows it in a frame.
#[tokio::test(start_paused = true)]
async fn pages_and_data_are_taken_for_what_they_are() {
    let sandbox = sandbox();
    for uri in ["/", "/books", "/books.json", "/calls.json", "/nothing"] {
        let request =
            Request::builder().uri(uri).header("host", "127.0.0.1:8092").body(Body::empty()).unwrap();
        let response = sandbox.control_router().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["x-content-type-options"], "nosniff", "{uri}");
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{uri} {policy}");
    }
}

/// Signs that cannot be seen, or that turn the text around them, are made
/// visible.
#[tokio::test(start_paused = true)]
async fn signs_without_a_shape_are_shown() {
    let sandbox = sandbox();
    for sign in ['\u{7}', '\u{61c}', '\u{200b}', '\u{200f}', '\u{202e}', '\u{2066}', '\u{feff}'] {
        sandbox.trouble.clear();
        sandbox.trouble.add(Rule::next(&format!("/pay{sign}ee"), Kind::Cut));
        let page = ask(&sandbox, "GET", "/trouble", "").await.1;
        assert!(page.contains("/pay\u{fffd}ee"), "{sign:?}");
        assert!(!page.contains(sign), "{sign:?}");
    }
}
