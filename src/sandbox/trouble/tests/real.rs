//! Kinds that reach into the vendors: lists, batches, tokens and late effects,
//! before the sandbox's own APIs.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::super::{Cut, ItemFate, Kind, PageFault, Rule};
use crate::sandbox::{Sandbox, SandboxOptions};

const COMPANY: &str = "/v3/company/9130350000000000";

struct Client {
    sandbox: Sandbox,
    token: String,
}

impl Client {
    async fn new() -> Self {
        let options = SandboxOptions { throttled: false, ..SandboxOptions::default() };
        let mut client = Self { sandbox: Sandbox::generated(options, 7, 21), token: String::new() };
        client.refresh().await;
        client
    }

    async fn refresh(&mut self) -> StatusCode {
        let form = "grant_type=refresh_token&refresh_token=sandbox-refresh-token&client_id=sandbox-client&client_secret=sandbox-secret";
        let (status, body) =
            self.send(self.sandbox.quickbooks_router(), "POST", "/oauth2/v1/tokens/bearer", form).await;
        self.token = body["access_token"].as_str().unwrap_or_default().to_owned();
        status
    }

    async fn quickbooks(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send(self.sandbox.quickbooks_router(), method, &format!("{COMPANY}/{path}"), &text).await
    }

    async fn staxbill(&self, path: &str) -> Value {
        self.send(self.sandbox.staxbill_router(), "GET", path, "").await.1
    }

    /// Status and body; a cut connection has the body `null`.
    async fn send(&self, router: Router, method: &str, path: &str, body: &str) -> (StatusCode, Value) {
        let authorization = if path.starts_with("/v1") {
            "Basic MDpzYW5kYm94".into()
        } else {
            format!("Bearer {}", self.token)
        };
        let mut request =
            Request::builder().method(method).uri(path).header("content-type", "application/json");
        if !path.starts_with("/oauth2") {
            request = request.header("authorization", authorization);
        }
        let response = router.oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        if response.extensions().get::<Cut>().is_some() {
            return (response.status(), Value::Null);
        }
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    fn trouble(&self, path: &str, what: Kind) {
        self.sandbox.trouble.add(Rule::next(path, what));
    }

    fn named(&self, name: &str) -> usize {
        let customers = self.sandbox.quickbooks.objects("Customer");
        customers.iter().filter(|customer| customer["DisplayName"] == name).count()
    }
}

fn ids(rows: &Value) -> Vec<i64> {
    let id = |row: &Value| row["id"].as_i64().or_else(|| row["Id"].as_str()?.parse().ok());
    rows.as_array().into_iter().flatten().filter_map(id).collect()
}

fn batch(names: &[&str]) -> Value {
    let item = |(index, name): (usize, &&str)| json!({ "bId": format!("b{index}"), "operation": "create", "Customer": { "DisplayName": name } });
    json!({ "BatchItemRequest": names.iter().enumerate().map(item).collect::<Vec<_>>() })
}

#[tokio::test(start_paused = true)]
async fn pages_shift_repeat_and_end_badly() {
    for (how, second) in [
        (PageFault::Inserted, vec![20003, 20004, 20005]),
        (PageFault::Deleted, vec![20005, 20006, 20007]),
        (PageFault::Repeated, vec![20001, 20002, 20003]),
        (PageFault::Endless, vec![20001, 20002, 20003]),
        (PageFault::RowTwice, vec![20004, 20005, 20006, 20006]),
        (PageFault::Short, vec![20004, 20005]),
    ] {
        let client = Client::new().await;
        client.sandbox.trouble.add(Rule::next("/v1/customers", Kind::Page { how }).nth(2));
        let page = |number| {
            format!("/v1/customers?pageSize=3&pageNumber={number}&sortExpression=id&sortOrder=Ascending")
        };
        assert_eq!(ids(&client.staxbill(&page(0)).await), [20001, 20002, 20003]);
        assert_eq!(ids(&client.staxbill(&page(1)).await), second, "{how:?}");

        let page = |start| {
            format!(
                "query?query=select%20*%20from%20Customer%20orderby%20Id%20startposition%20{start}%20maxresults%203"
            )
        };
        let rows = |answer: (StatusCode, Value)| answer.1["QueryResponse"].clone();
        let sound: Vec<i64> = ids(&rows(
            client
                .quickbooks("GET", "query?query=select%20*%20from%20Customer%20orderby%20Id", Value::Null)
                .await,
        )["Customer"]);
        let expected: Vec<i64> =
            second.iter().map(|id| sound[usize::try_from(id - 20001).unwrap()]).collect();
        client.trouble(&format!("{COMPANY}/query"), Kind::Page { how });
        let answer = rows(client.quickbooks("GET", &page(4), Value::Null).await);
        assert_eq!((ids(&answer["Customer"]), &answer["startPosition"]), (expected, &json!(4)), "{how:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn items_of_a_batch_fare_badly() {
    for (fate, ids, carried_out) in [
        (ItemFate::Failed, vec!["b0", "b1", "b2"], false),
        (ItemFate::Missing, vec!["b0", "b2"], true),
        (ItemFate::Dropped, vec!["b0", "b2"], false),
        (ItemFate::Twice, vec!["b0", "b1", "b2", "b1"], true),
        (ItemFate::Reordered, vec!["b2", "b1", "b0"], true),
        (ItemFate::UnknownId, vec!["b0", "nobody-sent-this", "b2"], true),
    ] {
        let client = Client::new().await;
        client.trouble("", Kind::BatchItem { nth: 2, fate, code: None });
        let (status, body) = client.quickbooks("POST", "batch", batch(&["Ann", "Bob", "Cid"])).await;
        let answered: Vec<&str> = body["BatchItemResponse"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|item| item["bId"].as_str())
            .collect();
        assert_eq!((status, answered), (StatusCode::OK, ids), "{fate:?}");
        assert_eq!(
            (client.named("Ann"), client.named("Bob"), client.named("Cid")),
            (1, usize::from(carried_out), 1)
        );
    }
}

/// Nothing is done twice, although the batch is sent again unchanged.
#[tokio::test(start_paused = true)]
async fn a_token_dies_in_the_middle_of_a_batch() {
    let client = Client::new().await;
    client.trouble("", Kind::Unauthorized { after_items: 2 });
    let sent = batch(&["Ann", "Bob", "Cid"]);
    let (status, body) = client.quickbooks("POST", "batch?requestid=r1", sent.clone()).await;
    assert_eq!((status, &body["fault"]["type"]), (StatusCode::UNAUTHORIZED, &json!("AUTHENTICATION")));
    assert_eq!((client.named("Bob"), client.named("Cid")), (1, 0));
    for _ in 0..2 {
        let (status, body) = client.quickbooks("POST", "batch?requestid=r1", sent.clone()).await;
        let names: Vec<&str> = body["BatchItemResponse"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|item| item["Customer"]["DisplayName"].as_str())
            .collect();
        assert_eq!((status, names), (StatusCode::OK, vec!["Ann", "Bob", "Cid"]));
    }
    assert_eq!((client.named("Ann"), client.named("Bob"), client.named("Cid")), (1, 1, 1));
}

/// The token dies twice, so the same batch is sent three times.
#[tokio::test(start_paused = true)]
async fn a_token_that_dies_twice_doubles_nothing() {
    for (after_items, between) in [(1, 0), (2, 1)] {
        let client = Client::new().await;
        client.sandbox.trouble.add(Rule::next("", Kind::Unauthorized { after_items }).times(2));
        let sent = batch(&["Ann", "Bob"]);
        for _ in 0..2 {
            let (status, _) = client.quickbooks("POST", "batch?requestid=r1", sent.clone()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED);
            assert_eq!((client.named("Ann"), client.named("Bob")), (1, between));
        }
        let (status, body) = client.quickbooks("POST", "batch?requestid=r1", sent.clone()).await;
        let answers = body["BatchItemResponse"].as_array().unwrap();
        assert_eq!((status, answers.len()), (StatusCode::OK, 2));
        assert!(answers.iter().all(|answer| answer["Fault"].is_null()), "{body}");
        client.trouble("", Kind::Unauthorized { after_items });
        client.quickbooks("POST", "batch?requestid=r1", sent).await;
        assert_eq!((client.named("Ann"), client.named("Bob")), (1, 1));
    }
}

/// Numbers that no list has get an answer.
#[tokio::test(start_paused = true)]
async fn the_largest_numbers_do_no_harm() {
    const MOST: u64 = u64::MAX;
    let client = Client::new().await;
    for how in [PageFault::Inserted, PageFault::Deleted, PageFault::Repeated, PageFault::Endless] {
        client.sandbox.trouble.add(Rule::next("", Kind::Page { how }).times(2));
        let page = format!("/v1/customers?pageNumber={MOST}&pageSize={MOST}");
        let (status, _) = client.send(client.sandbox.staxbill_router(), "GET", &page, "").await;
        assert!(!status.is_server_error(), "{how:?}: {status}");
        let page = format!("query?query=select%20*%20from%20Customer%20startposition%20{MOST}");
        let (status, _) = client.quickbooks("GET", &page, Value::Null).await;
        assert!(!status.is_server_error(), "{how:?}: {status}");
    }
    for what in [Kind::Delay { ms: MOST }, Kind::DelayAnswer { ms: MOST }] {
        client.trouble("", what);
        client.trouble("", what);
        let call = client.staxbill("/v1/customers");
        assert!(tokio::time::timeout(Duration::from_hours(1), call).await.is_err(), "{what:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_page_lacks_its_first_row() {
    let client = Client::new().await;
    client.trouble("", Kind::Page { how: PageFault::Deleted });
    let page = client.staxbill("/v1/customers?pageSize=3&sortExpression=id&sortOrder=Ascending").await;
    assert_eq!(ids(&page), [20002, 20003, 20004]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_item_names_its_fault() {
    for (code, told) in [(None, "3001"), (Some(610), "610"), (Some(77), "77")] {
        let client = Client::new().await;
        client.trouble("", Kind::BatchItem { nth: 1, fate: ItemFate::Failed, code });
        let (_, body) = client.quickbooks("POST", "batch", batch(&["Ann"])).await;
        assert_eq!(body["BatchItemResponse"][0]["Fault"]["Error"][0]["code"], told, "{body}");
        assert_eq!(body["BatchItemResponse"][0]["bId"], "b0");
    }
}

#[tokio::test(start_paused = true)]
async fn an_effect_lands_a_minute_after_the_cut() {
    let client = Client::new().await;
    client.trouble(&format!("{COMPANY}/customer"), Kind::LateEffect { seconds: 60 });
    let (_, body) = client.quickbooks("POST", "customer", json!({ "DisplayName": "Late Larry" })).await;
    assert_eq!(body, Value::Null);
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert_eq!(client.named("Late Larry"), 0);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(client.named("Late Larry"), 1);
}

#[tokio::test(start_paused = true)]
async fn tokens_and_request_ids_die_on_the_way() {
    let mut client = Client::new().await;
    let create = |name: &str| json!({ "DisplayName": name });
    client.trouble(COMPANY, Kind::ExpireTokens);
    assert_eq!(client.quickbooks("GET", "companyinfo/1", Value::Null).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(client.refresh().await, StatusCode::OK);
    assert_eq!(client.quickbooks("GET", "companyinfo/1", Value::Null).await.0, StatusCode::OK);

    let item =
        json!({ "BatchItemRequest": [{ "bId": "1", "operation": "create", "Customer": create("Dora") }] });
    for (forget, fault) in [(false, false), (false, false), (true, true)] {
        if forget {
            client.trouble("", Kind::ForgetRequestIds);
        }
        let (_, body) = client.quickbooks("POST", "batch?requestid=once", item.clone()).await;
        assert_eq!(body["BatchItemResponse"][0]["Fault"].is_object(), fault, "forgotten: the name is taken");
    }

    client.trouble("", Kind::Bury);
    let (_, made) = client.quickbooks("POST", "customer?requestid=grave", create("Dead Dan")).await;
    assert_eq!(made["Customer"]["Active"], json!(true));
    assert_eq!((client.named("Dead Dan"), client.named("Dead Dan (deleted)")), (0, 1));
    let (_, replayed) = client.quickbooks("POST", "customer?requestid=grave", create("Dead Dan")).await;
    assert_eq!(replayed, made);

    client.trouble("/oauth2", Kind::KillTokens);
    assert_eq!(client.refresh().await, StatusCode::BAD_REQUEST);
}

#[tokio::test(start_paused = true)]
async fn a_feed_is_full_and_its_time_goes_back() {
    let client = Client::new().await;
    let feed = "cdc?entities=Customer,Invoice,Item&changedSince=2026-11-01T00:00:00Z";
    let (_, sound) = client.quickbooks("GET", feed, Value::Null).await;
    let quiet = "cdc?entities=Estimate,Customer&changedSince=2099-11-01T00:00:00Z";
    for feed in [feed, quiet] {
        client.trouble("", Kind::FullFeed);
        let (_, full) = client.quickbooks("GET", feed, Value::Null).await;
        let entities = full["CDCResponse"][0]["QueryResponse"].as_array().unwrap();
        let rows = entities.iter().filter_map(Value::as_object).flatten();
        let rows = rows.filter_map(|(_, rows)| rows.as_array());
        assert_eq!(rows.map(Vec::len).sum::<usize>(), 1_000, "{feed}");
    }
    client.trouble("", Kind::TimeBack { seconds: 3_600 });
    let (_, early) = client.quickbooks("GET", feed, Value::Null).await;
    let time = |answer: &Value| answer["time"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(time(&sound).duration_since(time(&early)).as_secs(), 3_600);
}
