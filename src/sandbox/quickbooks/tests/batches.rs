//! Batches: each item its own outcome, one request id for all.

use serde_json::{Value, json};

use super::{World, fault_in, invoice, pays};

fn batch(items: &Value) -> Value {
    json!({ "BatchItemRequest": items })
}

#[tokio::test(start_paused = true)]
async fn items_succeed_and_fail_by_themselves() {
    let world = World::new().await;
    let made = world.invoice("1", "100").await;
    let items = json!([
        { "bId": "bid1", "operation": "create", "Vendor": { "DisplayName": "Boraski Family Store" } },
        { "bId": "bid2", "operation": "delete", "Invoice": { "Id": "999", "SyncToken": "0" } },
        { "bId": "bid3", "operation": "update", "Invoice": { "Id": made["Id"], "SyncToken": "7", "sparse": true } },
        { "bId": "bid4", "Query": "select * from Invoice where TotalAmt > '50.00'" },
        { "bId": "bid5", "operation": "create", "Customer": { "DisplayName": "Boraski Family Store" } },
        { "bId": "bid6", "operation": "create", "Payment":
            { "CustomerRef": { "value": "1" }, "TotalAmt": 30, "Line": [pays(&made["Id"], "30")] } },
        { "bId": "bid7", "operation": "update", "optionsData": "void",
          "Payment": { "Id": "202", "SyncToken": "0", "sparse": true } },
        { "bId": "bid8", "operation": "create", "optionsData": "allowduplicatedocnum", "Invoice": invoice("1", "1") },
        { "bId": "bid9", "operation": "explode", "Invoice": {} },
        { "bId": "bid10", "operation": "create", "Nonsense": {} },
        { "bId": "bid11", "Query": "select * from Nonsense" },
        { "bId": "bid12", "operation": "create" },
        { "bId": "bid13", "operation": "create", "Query": "select * from Item", "Vendor": { "DisplayName": "X" } },
        { "bId": "bid14", "CDCQuery": { "Entities": "Vendor,Payment", "ChangedSince": "2026-05-05T02:00:00-07:00" } },
        { "bId": "bid15", "CDCQuery": { "Entities": "Nonsense", "ChangedSince": "2026-05-05" } },
    ]);
    let reply = world.post("batch", batch(&items)).await;
    let responses = reply.body["BatchItemResponse"].as_array().unwrap();
    let outcomes: Vec<(&str, &str)> =
        responses.iter().map(|item| (item["bId"].as_str().unwrap(), fault_in(item).0)).collect();
    let expected = [
        ("bid1", "none"),
        ("bid2", "610"),
        ("bid3", "5010"),
        ("bid4", "none"),
        ("bid5", "6240"),
        ("bid6", "none"),
        ("bid7", "none"),
        ("bid8", "none"),
        ("bid9", "500"),
        ("bid10", "2000"),
        ("bid11", "4001"),
        ("bid12", "2020"),
        ("bid13", "2600"),
        ("bid14", "none"),
        ("bid15", "2000"),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(responses[0]["Vendor"]["DisplayName"], "Boraski Family Store");
    assert_eq!(responses[3]["QueryResponse"]["Invoice"][0]["Id"], made["Id"]);
    assert_eq!(responses[6]["Payment"]["PrivateNote"], "Voided");
    let feed = &responses[13]["CDCResponse"]["QueryResponse"];
    assert_eq!(feed[0]["Vendor"][0]["DisplayName"], "Boraski Family Store");
    assert_eq!(feed[1]["Payment"][0]["PrivateNote"], "Voided");
    let calls = world.company.calls();
    assert_eq!((calls.batches, calls.writes, calls.refused), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_request_id_covers_the_whole_batch() {
    let world = World::new().await;
    let one = |id: &str| json!([{ "bId": id, "operation": "create", "Invoice": invoice("1", "5") }]);
    let first = world.post("batch?requestid=r1", batch(&one("1"))).await;
    let again = world.post("batch?requestid=r1", batch(&one("1"))).await;
    assert_eq!(first.body, again.body);
    assert_eq!(world.company.objects("Invoice").len(), 1);
    let uuid = "123e4567-e89b-12d3-a456-426614174000";
    let cases = [
        (format!("requestid={uuid}"), "1234567890", "none"),
        (format!("requestid={uuid}x"), "1", "2050"),
        ("requestid=r2".to_owned(), "12345678901", "2050"),
        (String::new(), uuid, "none"),
    ];
    for (params, id, code) in cases {
        let reply = world.post(&format!("batch?{params}"), batch(&one(id))).await;
        assert_eq!(reply.fault().0, code, "{params} {id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_holds_thirty() {
    let world = World::new().await;
    for (count, code) in [(30, "none"), (31, "1040")] {
        let items: Vec<Value> = (0..count)
            .map(|id| json!({ "bId": id.to_string(), "Query": "select count(*) from Item" }))
            .collect();
        let reply = world.post("batch", batch(&json!(items))).await;
        assert_eq!(reply.fault().0, code, "{count}");
    }
    assert_eq!(world.post("batch", json!({})).await.fault().0, "2020");
}

#[tokio::test(start_paused = true)]
async fn items_are_told_apart_by_their_ids() {
    let world = World::new().await;
    let item = |id: &Value| json!({ "bId": id, "operation": "create", "Vendor": { "DisplayName": id } });
    for (ids, code) in [
        (vec![json!("a"), json!("b")], "none"),
        (vec![json!("c"), json!("c")], "2010"),
        (vec![json!("d"), Value::Null], "2020"),
        (vec![json!("")], "2020"),
    ] {
        let items: Vec<Value> = ids.iter().map(item).collect();
        let before = world.company.objects("Vendor").len();
        let reply = world.post("batch", batch(&json!(items))).await;
        assert_eq!(reply.fault().0, code, "{ids:?}: {}", reply.body);
        let made = if code == "none" { 2 } else { 0 };
        assert_eq!(world.company.objects("Vendor").len() - before, made, "{ids:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_batch_cannot_hold_is_refused_by_item() {
    let world = World::new().await;
    let made = world.invoice("1", "100").await;
    let mut again = invoice("1", "1");
    again["Id"] = made["Id"].clone();
    let items = json!([
        { "bId": "1", "operation": "create", "Invoice": again },
        { "bId": "2", "ReportQuery": "BalanceSheet" },
    ]);
    let reply = world.post("batch", batch(&items)).await;
    let outcomes = reply.body["BatchItemResponse"].as_array().unwrap();
    assert_eq!(outcomes.iter().map(|item| fault_in(item).0).collect::<Vec<_>>(), ["2010", "500"]);
    let long = json!([{ "bId": 12_345_678_901_u64, "Query": "select * from Item" }]);
    let reply = world.post("batch?requestid=one", batch(&long)).await;
    assert_eq!(reply.fault().0, "2050", "{}", reply.body);
}
