//! Items in their kinds, bundles on forms, and what customers and accounts are
//! held to besides their names.

use http::StatusCode;
use serde_json::{Value, json};

use super::{World, invoice};

fn bundle(parts: &Value) -> Value {
    json!({ "Name": "Fountain kit", "Type": "Group", "ItemGroupDetail": { "ItemGroupLine": parts } })
}

fn renamed(mut item: Value) -> Value {
    item["Name"] = json!("Another kit");
    item
}

fn part(item: &str, quantity: i32) -> Value {
    json!({ "ItemRef": { "value": item }, "Qty": quantity })
}

#[tokio::test(start_paused = true)]
async fn a_bundle_becomes_the_lines_of_its_parts() {
    let world = World::new().await;
    let kit = world.put("item", bundle(&json!([part("5", 1), part("11", 2), part("4", 3)]))).await;
    let group = |more: Value| {
        let mut detail = json!({ "GroupItemRef": { "value": kit["Id"] }, "Quantity": 2 });
        detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([{ "DetailType": "GroupLineDetail", "GroupLineDetail": detail }])
    };
    let mut body = invoice("1", "1");
    body["Line"] = group(json!({}));
    body["TxnTaxDetail"] = json!({ "TxnTaxCodeRef": { "value": "2" } });
    let made = world.put("invoice", body.clone()).await;
    let line = &made["Line"][0];
    let parts = line["GroupLineDetail"]["Line"].as_array().unwrap();
    let told: Vec<String> = parts
        .iter()
        .map(|part| {
            let detail = &part["SalesItemLineDetail"];
            format!(
                "{} {} {} {} {}",
                part["LineNum"],
                detail["ItemRef"]["name"].as_str().unwrap(),
                detail["Qty"],
                part["Amount"],
                detail["TaxCodeRef"]["value"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(told, ["2 Rock Fountain 2 550.00 TAX", "3 Pump 4 60.00 TAX", "4 Design 6 450.00 NON"]);
    assert_eq!(
        (line["Amount"].to_string(), &line["GroupLineDetail"]["GroupItemRef"]["name"]),
        ("1060.00".into(), &json!("Fountain kit"))
    );
    // Eight percent of what is taxed.
    assert_eq!(made["TotalAmt"].to_string(), "1108.80");
    world.put("invoice?operation=void", json!({ "Id": made["Id"], "SyncToken": "0" })).await;
    let voided = world.read(&format!("invoice/{}", made["Id"].as_str().unwrap())).await;
    assert_eq!(voided["Line"][0]["GroupLineDetail"]["Line"][0]["Amount"].to_string(), "0");
    body["Line"] = group(json!({ "Line": [{ "Amount": 7, "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": { "ItemRef": { "value": "4" } } }] }));
    assert_eq!(world.put("invoice", body).await["TotalAmt"].to_string(), "7.00");
}

#[tokio::test(start_paused = true)]
async fn items_are_held_to_their_kind() {
    let world = World::new().await;
    let top = world.put("item", json!({ "Name": "Outdoor", "Type": "Category" })).await;
    let kit = world.put("item", bundle(&json!([part("4", 1)]))).await;
    let sub = json!({ "Name": "Hose", "IncomeAccountRef": { "value": "79" }, "SubItem": true, "ParentRef": { "value": top["Id"] } });
    let hose = world.put("item", sub).await;
    assert_eq!(
        (&hose["FullyQualifiedName"], &hose["Level"], &hose["SubItem"]),
        (&json!("Outdoor:Hose"), &json!(1), &json!(true))
    );
    let stock = json!({ "Name": "Tank", "Type": "Inventory", "IncomeAccountRef": { "value": "79" }, "ExpenseAccountRef": { "value": "80" },
        "AssetAccountRef": { "value": "81" }, "QtyOnHand": 3, "InvStartDate": "2026-01-01" });
    let without = |key: &str| {
        let mut body = stock.clone();
        body.as_object_mut().unwrap().remove(key);
        body
    };
    let id = |item: &Value, more: Value| {
        let mut body = json!({ "Id": item["Id"], "SyncToken": "0", "sparse": true });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let cases = [
        (renamed(bundle(&json!([]))), "2020"),
        (json!({ "Name": "Kit", "Type": "Group" }), "2020"),
        (renamed(bundle(&json!([part("999", 1)]))), "2500"),
        (renamed(bundle(&json!([{ "Qty": 1 }]))), "2020"),
        (
            json!({ "Name": "Kit", "Type": "Group", "ItemGroupDetail": { "ItemGroupLine": [{ "ItemRef": { "value": kit["Id"] } }] } }),
            "6000",
        ),
        (json!({ "Name": "Below", "Type": "Category", "ParentRef": { "value": "4" } }), "700"),
        (json!({ "Name": "Lost", "SubItem": true, "IncomeAccountRef": { "value": "79" } }), "2020"),
        (without("AssetAccountRef"), "2020"),
        (without("QtyOnHand"), "2020"),
        (without("InvStartDate"), "2020"),
        (id(&hose, json!({ "Type": "Category" })), "6000"),
        (id(&top, json!({ "ParentRef": { "value": top["Id"] } })), "900"),
    ];
    for (body, code) in cases {
        let reply = world.post("item", body.clone()).await;
        assert_eq!(
            (reply.status, reply.fault().0),
            (StatusCode::BAD_REQUEST, code),
            "{body}: {}",
            reply.body
        );
    }
    world.put("item", stock).await;
    let sold = |item: &Value| {
        let mut body = invoice("1", "1");
        body["Line"][0]["SalesItemLineDetail"]["ItemRef"] = json!({ "value": item["Id"] });
        body
    };
    for item in [&top, &kit] {
        assert_eq!(world.post("invoice", sold(item)).await.fault().0, "6000", "{item}");
    }
}

#[tokio::test(start_paused = true)]
async fn customers_and_accounts_are_held_to_the_rest() {
    let world = World::new().await;
    world.put("account", json!({ "Name": "Numbered", "AccountType": "Bank", "AcctNum": "1000" })).await;
    let cases = [
        ("customer", json!({ "DisplayName": "New", "PreferredDeliveryMethod": "Pigeon" }), "2170"),
        ("customer", json!({ "DisplayName": "New", "TaxExemptionReasonId": "16" }), "2170"),
        ("customer", json!({ "DisplayName": "New", "DefaultTaxCodeRef": { "value": "99" } }), "2500"),
        (
            "customer",
            json!({ "Id": "7", "SyncToken": "0", "sparse": true, "Job": true, "ParentRef": { "value": "8" } }),
            "900",
        ),
        ("account", json!({ "Name": "New", "AccountType": "Bank", "AcctNum": "1000" }), "6240"),
        ("account", json!({ "Name": "New", "AccountType": "Bank", "AcctNum": "1".repeat(21) }), "2050"),
        ("account", json!({ "Name": "New", "AccountType": "Bank", "ParentRef": { "value": "84" } }), "6010"),
        (
            "account",
            json!({ "Id": "45", "SyncToken": "0", "sparse": true, "ParentRef": { "value": "46" } }),
            "900",
        ),
    ];
    for (path, body, code) in cases {
        assert_eq!(world.post(path, body.clone()).await.fault().0, code, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_customer_may_bring_what_it_owed() {
    let world = World::new().await;
    let made = world
        .put(
            "customer",
            json!({ "DisplayName": "Old friend", "Balance": "75.50", "OpenBalanceDate": "2026-01-01" }),
        )
        .await;
    assert_eq!(
        (made["Balance"].to_string(), made["BalanceWithJobs"].to_string(), &made["SyncToken"]),
        ("75.50".into(), "75.50".into(), &json!("0"))
    );
    let echoed = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "Balance": 5, "Notes": "x" });
    assert_eq!(world.put("customer", echoed).await["Balance"].to_string(), "75.50");
    let zero = world.put("customer", json!({ "DisplayName": "Python", "Balance": 0 })).await;
    assert_eq!(zero["Balance"].to_string(), "0");
}
