//! The change feed.

use std::time::Duration;

use serde_json::{Value, json};

use super::{World, column};

async fn feed(world: &World, entities: &str, since: &str) -> Vec<Value> {
    let since = since.replace(':', "%3A").replace('+', "%2B");
    let reply = world.get(&format!("cdc?entities={entities}&changedSince={since}")).await;
    reply.body["CDCResponse"][0]["QueryResponse"]
        .as_array()
        .unwrap_or_else(|| panic!("{}", reply.body))
        .clone()
}

#[tokio::test(start_paused = true)]
async fn tells_changes_deletions_and_nothing() {
    let world = World::new().await;
    let nothing = feed(&world, "Customer,Invoice,creditmemo,Preferences", "2026-05-01T00:00:00-07:00").await;
    assert_eq!(nothing, vec![json!({}); 4]);

    let (first, second) = (world.invoice("1", "1").await, world.invoice("2", "2").await);
    world.clock.advance(Duration::from_secs(10));
    world.put("invoice?operation=delete", json!({ "Id": first["Id"], "SyncToken": "0" })).await;
    world.company.bookkeeper().inactivate("Item", "2").unwrap();

    let all = feed(&world, "Payment,Invoice,Customer,Item", "2026-05-05T09:00:00Z").await;
    assert_eq!(all[0], json!({}));
    let gone = json!({ "domain": "QBO", "status": "Deleted", "Id": first["Id"],
                       "MetaData": { "LastUpdatedTime": "2026-05-05T02:00:10-07:00" } });
    let expected = json!({ "Invoice": [gone, second], "startPosition": 1, "maxResults": 2, "totalCount": 2 });
    assert_eq!(all[1], expected);
    // A balance that moved shows its customer, whose token stays.
    assert_eq!(column(&all[2]["Customer"], "Id"), ["1", "2"]);
    assert_eq!(column(&all[2]["Customer"], "SyncToken"), ["0", "0"]);
    assert_eq!(
        (&all[3]["Item"][0]["Active"], &all[3]["Item"][0]["Name"]),
        (&json!(false), &json!("Hours (deleted)"))
    );

    let late = feed(&world, "invoice", "2026-05-05T09:00:01Z").await;
    assert_eq!(column(&late[0]["Invoice"], "status"), ["Deleted"]);
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_hides_nothing() {
    let world = World::new().await;
    world.clock.advance(Duration::from_mins(30));
    let (late, gone) = (world.invoice("1", "1").await, world.invoice("2", "2").await);
    world.put("invoice?operation=delete", json!({ "Id": gone["Id"], "SyncToken": "0" })).await;
    world.clock.set("2026-05-05T09:05:00Z".parse().unwrap());
    let early = world.invoice("3", "3").await;
    world.put("invoice?operation=delete", json!({ "Id": early["Id"], "SyncToken": "0" })).await;
    let told = feed(&world, "Invoice", "2026-05-05T09:20:00Z").await;
    let mut ids = column(&told[0]["Invoice"], "Id");
    ids.sort();
    let mut expected = vec![late["Id"].as_str().unwrap().to_owned(), gone["Id"].as_str().unwrap().to_owned()];
    expected.sort();
    assert_eq!(ids, expected);
    let found =
        world.query("select * from Invoice where MetaData.LastUpdatedTime >= '2026-05-05T09:20:00Z'").await;
    assert_eq!(column(&found.body["QueryResponse"]["Invoice"], "Id"), [late["Id"].as_str().unwrap()]);
}

#[tokio::test(start_paused = true)]
async fn holds_a_thousand_over_all_entities() {
    let world = World::new().await;
    let bookkeeper = world.company.bookkeeper();
    for _ in 0..600 {
        bookkeeper.create("Invoice", super::invoice("1", "1")).unwrap();
        bookkeeper.create("Payment", json!({ "CustomerRef": { "value": "2" }, "TotalAmt": 1 })).unwrap();
    }
    let all = feed(&world, "Invoice,Payment,Customer", "2026-05-05").await;
    assert_eq!(
        (&all[0]["maxResults"], &all[1]["maxResults"], &all[2]),
        (&json!(600), &json!(400), &json!({}))
    );
}

#[tokio::test(start_paused = true)]
async fn looks_back_thirty_days() {
    let world = World::new().await;
    let cases = [
        ("cdc?entities=Invoice&changedSince=2026-04-05T09:00:00Z", "none"),
        ("cdc?entities=Invoice&changedSince=2026-04-05T08:59:59Z", "2010"),
        ("cdc?entities=Invoice&changedSince=soon", "2060"),
        ("cdc?entities=Invoice&changedSince=2026-05-05T11:00:00%2B02:00", "none"),
        ("cdc?entities=Invoice&changedSince=2026-05-05T11:00:00+02:00", "2060"),
        ("cdc?entities=INVOICE,payment&changedSince=2030-01-01", "none"),
        ("cdc?entities=Nonsense&changedSince=2026-05-05", "2000"),
        ("cdc?entities=Invoice,taxcode&changedSince=2026-05-05", "2000"),
        ("cdc?entities=Invoice", "2020"),
        ("cdc?changedSince=2026-05-05", "2020"),
    ];
    for (path, code) in cases {
        let reply = world.get(path).await;
        assert_eq!(reply.fault().0, code, "{path}: {}", reply.body);
    }
}
