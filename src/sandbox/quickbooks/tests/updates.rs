//! Sparse and full updates, tokens, request ids, and hands other than ours.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::super::Options;
use super::{REALM, World, invoice, sale};

#[tokio::test(start_paused = true)]
async fn sparse_keeps_and_full_drops() {
    let world = World::new().await;
    let mut body = invoice("1", "100");
    body["PrivateNote"] = json!("ours");
    body["DueDate"] = json!("2026-12-31");
    let made = world.put("invoice", body).await;
    let sparse =
        json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "CustomerMemo": { "value": "hi" } });
    let after = world.put("invoice", sparse).await;
    assert_eq!((&after["PrivateNote"], &after["DueDate"]), (&json!("ours"), &json!("2026-12-31")));
    assert_eq!((&after["SyncToken"], &after["sparse"]), (&json!("1"), &json!(false)));

    let cleared =
        json!({ "Id": made["Id"], "SyncToken": "1", "sparse": true, "PrivateNote": "", "DueDate": null });
    let after = world.put("invoice", cleared).await;
    assert_eq!((after.get("PrivateNote"), &after["DueDate"]), (None, &json!("2026-12-31")));

    let full =
        json!({ "Id": made["Id"], "SyncToken": "2", "CustomerRef": { "value": "1" }, "Line": [sale("90")] });
    let after = world.put("invoice", full).await;
    assert_eq!((after.get("CustomerMemo"), &after["DueDate"]), (None, &json!("2026-06-04")));
    assert_eq!(
        (after["Balance"].to_string(), &after["MetaData"]["CreateTime"]),
        ("90.00".into(), &made["MetaData"]["CreateTime"])
    );

    let without_lines = json!({ "Id": made["Id"], "SyncToken": "3", "CustomerRef": { "value": "1" } });
    assert_eq!(world.post("invoice", without_lines).await.fault().0, "2020");
}

#[tokio::test(start_paused = true)]
async fn lines_come_all_or_not_at_all() {
    let world = World::new().await;
    let mut body = invoice("1", "100");
    body["Line"] = json!([sale("1"), sale("2"), sale("3")]);
    let made = world.put("invoice", body).await;
    let mut kept = sale("2");
    kept["Id"] = json!("2");
    let mut unknown = sale("9");
    unknown["Id"] = json!("77");
    let sparse = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "Line": [kept, unknown] });
    let after = world.put("invoice", sparse).await;
    let lines = after["Line"].as_array().unwrap();
    let ids: Vec<(&Value, &Value)> = lines.iter().map(|line| (&line["Id"], &line["LineNum"])).collect();
    assert_eq!(ids, [(&json!("2"), &json!(1)), (&json!("4"), &json!(2)), (&Value::Null, &Value::Null)]);
    assert_eq!(after["TotalAmt"].to_string(), "11.00");
}

#[tokio::test(start_paused = true)]
async fn a_stale_token_is_refused() {
    let world = World::new().await;
    let made = world.invoice("1", "5").await;
    let id = made["Id"].as_str().unwrap();
    world.company.bookkeeper().edit("Invoice", id, json!({ "PrivateNote": "by hand" })).unwrap();
    for path in ["invoice", "invoice?operation=delete", "invoice?operation=void"] {
        let reply = world.post(path, json!({ "Id": id, "SyncToken": "0", "sparse": true })).await;
        let (code, detail) = reply.fault();
        assert_eq!((reply.status, code), (StatusCode::BAD_REQUEST, "5010"), "{path}");
        assert!(detail.starts_with("Stale Object Error : You and "), "{detail}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_id_answers_once() {
    let world = World::new().await;
    let path = "invoice?minorversion=75&requestid=abc";
    let first = world.post(path, invoice("1", "5")).await;
    world.clock.advance(Duration::from_mins(1));
    let second = world.post(path, invoice("2", "6")).await;
    assert_eq!(first.body, second.body);
    assert_eq!(world.company.objects("Invoice").len(), 1);

    let refused = world.post("payment?requestid=bad", json!({})).await;
    let mended =
        world.post("payment?requestid=bad", json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 1 })).await;
    assert_eq!(refused.fault().0, "2020");
    assert_eq!(refused.body, mended.body);

    let long = "x".repeat(51);
    assert_eq!(world.post(&format!("invoice?requestid={long}"), invoice("1", "5")).await.fault().0, "2050");
    world.post("invoice?requestid=", invoice("1", "5")).await;
    world.post("invoice?requestid=", invoice("1", "5")).await;
    assert_eq!(world.company.objects("Invoice").len(), 3, "an empty id is none");

    world.company.forget_request_ids();
    world.post(path, invoice("1", "5")).await;
    assert_eq!(world.company.objects("Invoice").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_is_not_found() {
    let world = World::new().await;
    let made = world.invoice("1", "5").await;
    let id = made["Id"].as_str().unwrap();
    let deleted = world.put("invoice?operation=delete", json!({ "Id": id, "SyncToken": "0" })).await;
    assert_eq!(deleted, json!({ "domain": "QBO", "status": "Deleted", "Id": id }));
    assert_eq!(world.get(&format!("invoice/{id}")).await.fault().0, "610");
    assert_eq!(
        world.post("invoice", json!({ "Id": id, "SyncToken": "0", "sparse": true })).await.fault().0,
        "610"
    );
    assert_eq!(world.read("customer/1").await["Balance"].to_string(), "239.00");
}

#[tokio::test(start_paused = true)]
async fn numbers_follow_the_preference() {
    let world = World::new().await;
    let numbered = |number: &str| {
        let mut body = invoice("1", "1");
        body["DocNumber"] = json!(number);
        body
    };
    assert_eq!(
        world.put("invoice", invoice("1", "1")).await.get("DocNumber"),
        None,
        "by hand: none sent, none given"
    );
    let first = world.put("invoice", numbered("SB-7")).await;
    let reply = world.post("invoice", numbered("SB-7")).await;
    let (code, detail) = reply.fault();
    assert_eq!(code, "6140");
    let id = first["Id"].as_str().unwrap();
    assert!(
        detail.ends_with(&format!("DocNumber=SB-7 is assigned to TxnType=Invoice with TxnId={id}")),
        "{detail}"
    );
    world.put("invoice?include=allowduplicatedocnum", numbered("SB-7")).await;

    world.company.set_preference("SalesFormsPrefs.CustomTxnNumbers", json!(false));
    assert_eq!(world.put("invoice", invoice("1", "1")).await["DocNumber"], "SB-8");
    assert_eq!(world.put("invoice", numbered("2000")).await["DocNumber"], "2000");
    assert_eq!(world.put("invoice", invoice("1", "1")).await["DocNumber"], "2001");
    world.put("invoice", numbered("2000")).await;
}

#[tokio::test(start_paused = true)]
async fn a_voided_note_keeps_the_note_before() {
    let world = World::new().await;
    let mut body = invoice("1", "10");
    body["PrivateNote"] = json!("[mark]");
    let made = world.put("invoice", body).await;
    let voided = world.put("invoice?operation=void", json!({ "Id": made["Id"], "SyncToken": "0" })).await;
    assert_eq!(voided["PrivateNote"], "Voided - [mark]");
    let again = world.put("invoice?operation=void", json!({ "Id": made["Id"], "SyncToken": "1" })).await;
    assert_eq!((&again["PrivateNote"], &again["SyncToken"]), (&json!("Voided - [mark]"), &json!("2")));
}

#[tokio::test(start_paused = true)]
async fn a_replay_tells_what_was_even_when_it_is_gone() {
    let world = World::new().await;
    let first = world.post("invoice?requestid=r", invoice("1", "5")).await;
    let made = &first.body["Invoice"]["Id"];
    world.put("invoice?operation=delete", json!({ "Id": made, "SyncToken": "0" })).await;
    let again = world.post("invoice?requestid=r", invoice("1", "5")).await;
    assert_eq!((again.status, again.body), (StatusCode::OK, first.body.clone()), "a dead object, replayed");
    assert!(world.company.objects("Invoice").is_empty());
    world.company.forget_request_ids();
    let anew = world.post("invoice?requestid=r", invoice("1", "5")).await;
    assert_ne!(&anew.body["Invoice"]["Id"], made);
    let empty = [
        world.post("invoice?requestid=", invoice("1", "5")).await,
        world.post("invoice?requestid=", invoice("1", "5")).await,
    ];
    assert_ne!(empty[0].body["Invoice"]["Id"], empty[1].body["Invoice"]["Id"], "an empty id is none");
}

#[tokio::test(start_paused = true)]
async fn request_ids_may_be_forgotten_after_a_while() {
    let minute = Duration::from_secs(60);
    let options = Options { throttled: false, request_ids_kept: Some(minute), ..Options::default() };
    let world = World::with(options).await;
    for (after, count) in [(0, 1), (59, 1), (1, 2), (59, 2)] {
        world.clock.advance(Duration::from_secs(after));
        assert_eq!(world.post("invoice?requestid=r", invoice("1", "5")).await.status, StatusCode::OK);
        assert_eq!(world.company.objects("Invoice").len(), count, "after {after} s more");
    }
}

/// node-quickbooks sends one always; it means nothing.
#[tokio::test(start_paused = true)]
async fn a_request_id_in_a_header_is_ignored() {
    let world = World::new().await;
    for count in [1, 2] {
        let request = Request::post(format!("/v3/company/{REALM}/invoice"))
            .header("request-id", "r")
            .header("authorization", format!("Bearer {}", world.token))
            .header("content-type", "application/json")
            .body(Body::from(invoice("1", "5").to_string()));
        assert_eq!(world.send(request.unwrap()).await.status, StatusCode::OK);
        assert_eq!(world.company.objects("Invoice").len(), count);
    }
}
