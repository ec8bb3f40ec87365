//! Names: unique over customers, vendors and employees, free again when
//! inactive; and what the demo company holds.

use serde_json::json;

use super::{World, column};

#[tokio::test(start_paused = true)]
async fn a_customer_is_answered_as_recorded() {
    let world = World::new().await;
    let made = world.put("customer?requestid=", json!({ "DisplayName": "Doe5, Jane" })).await;
    let now = "2026-05-05T02:00:00-07:00";
    let expected = json!({
        "Taxable": true, "Job": false, "BillWithParent": false, "Balance": 0, "BalanceWithJobs": 0,
        "CurrencyRef": { "value": "USD", "name": "United States Dollar" }, "PreferredDeliveryMethod": "Print",
        "domain": "QBO", "sparse": false, "Id": "201", "SyncToken": "0", "IsProject": false,
        "MetaData": { "CreateTime": now, "LastUpdatedTime": now }, "FullyQualifiedName": "Doe5, Jane",
        "DisplayName": "Doe5, Jane", "PrintOnCheckName": "Doe5, Jane", "Active": true,
        "DefaultTaxCodeRef": { "value": "2" },
    });
    assert_eq!(made, expected);
}

#[tokio::test(start_paused = true)]
async fn names_are_unique_over_people() {
    let world = World::new().await;
    let cases = [
        ("customer", json!({ "DisplayName": "amy's bird SANCTUARY" }), "6240"),
        ("customer", json!({ "DisplayName": "Books by Bessie" }), "6240"),
        ("customer", json!({ "GivenName": "John", "FamilyName": "Johnson" }), "6240"),
        ("vendor", json!({ "DisplayName": "Cool Cars" }), "6240"),
        ("employee", json!({ "GivenName": "Mark", "FamilyName": "Cho" }), "6240"),
        ("item", json!({ "Name": "services", "IncomeAccountRef": { "value": "1" } }), "6240"),
        ("account", json!({ "Name": "Checking", "AccountType": "Bank" }), "6240"),
        ("customer", json!({ "DisplayName": "Emily Platt" }), "none"),
        ("customer", json!({ "DisplayName": "Checking" }), "none"),
        ("customer", json!({ "DisplayName": " Padded " }), "none"),
        ("vendor", json!({ "DisplayName": "Padded" }), "6240"),
    ];
    for (path, body, code) in cases {
        let reply = world.post(path, body.clone()).await;
        assert_eq!(reply.fault().0, code, "{body}: {}", reply.body);
    }
}

#[tokio::test(start_paused = true)]
async fn an_inactive_name_is_marked_and_free() {
    let world = World::new().await;
    let off = json!({ "Id": "11", "SyncToken": "0", "sparse": true, "Active": false });
    let gone = world.put("customer", off).await;
    assert_eq!(gone["DisplayName"], "Gevelber Photography (deleted)");
    assert_eq!(gone["FullyQualifiedName"], "Gevelber Photography (deleted)");
    assert_eq!(
        (&gone["PrintOnCheckName"], &gone["SyncToken"]),
        (&json!("Gevelber Photography"), &json!("1"))
    );
    world.put("customer", json!({ "DisplayName": "Gevelber Photography" })).await;
    let refused = world.company.bookkeeper().reactivate("Customer", "11").unwrap_err();
    assert_eq!(refused.code, "6240");
    world.company.bookkeeper().edit("Customer", "201", json!({ "DisplayName": "Other" })).unwrap();
    let back = world.company.bookkeeper().reactivate("Customer", "11").unwrap();
    assert_eq!((&back["DisplayName"], &back["Active"]), (&json!("Gevelber Photography"), &json!(true)));

    let owing = json!({ "Id": "1", "SyncToken": "0", "sparse": true, "Active": false });
    assert_eq!(world.post("customer", owing).await.fault().0, "6220");
}

#[tokio::test(start_paused = true)]
async fn inactive_objects_cannot_be_used_but_can_be_read() {
    let world = World::new().await;
    assert_eq!(world.read("customer/102").await["DisplayName"], "Emily Platt (deleted)");
    let made = world.post("invoice", super::invoice("102", "1")).await;
    assert_eq!(made.fault().0, "610");
    world.company.bookkeeper().inactivate("Item", "19").unwrap();
    assert_eq!(world.post("invoice", super::invoice("1", "1")).await.fault().0, "610");
}

#[tokio::test(start_paused = true)]
async fn references_carry_the_present_name() {
    let world = World::new().await;
    let made = world.invoice("3", "1").await;
    let id = made["Id"].as_str().unwrap();
    world.company.bookkeeper().edit("Customer", "3", json!({ "DisplayName": "Warm Cars" })).unwrap();
    let read = world.read(&format!("invoice/{id}")).await;
    assert_eq!((&read["CustomerRef"]["name"], &read["SyncToken"]), (&json!("Warm Cars"), &json!("0")));
}

#[tokio::test(start_paused = true)]
async fn jobs_stand_below_their_parent() {
    let world = World::new().await;
    let job = json!({ "DisplayName": "Shed", "Job": true, "ParentRef": { "value": "3" } });
    let made = world.put("customer", job).await;
    assert_eq!(
        (&made["FullyQualifiedName"], made["Level"].to_string()),
        (&json!("Cool Cars:Shed"), "1".into())
    );
    assert_eq!(world.post("customer", json!({ "DisplayName": "Lost", "Job": true })).await.fault().0, "2020");
}

#[tokio::test(start_paused = true)]
async fn a_new_name_reaches_those_below() {
    let world = World::new().await;
    world.company.bookkeeper().edit("Account", "45", json!({ "Name": "Gardens" })).unwrap();
    let cases = [("46", "Gardens:Job Materials"), ("52", "Gardens:Labor:Installation")];
    for (id, name) in cases {
        let account = world.read(&format!("account/{id}")).await;
        assert_eq!((&account["FullyQualifiedName"], &account["SyncToken"]), (&json!(name), &json!("0")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_merged_customer_leaves_its_documents_to_the_survivor() {
    let world = World::new().await;
    let made = world.invoice("3", "10").await;
    world.company.bookkeeper().merge_customer("3", "4").unwrap();
    assert_eq!(world.get("customer/3").await.fault().0, "610");
    let read = world.read(&format!("invoice/{}", made["Id"].as_str().unwrap())).await;
    assert_eq!(read["CustomerRef"], json!({ "value": "4", "name": "Diego Rodriguez" }));
    assert_eq!(world.read("customer/4").await["Balance"].to_string(), "10.00");
}

#[tokio::test(start_paused = true)]
async fn the_demo_company_is_there() {
    let world = World::new().await;
    let cases = [
        ("customer/1", "DisplayName", "Amy's Bird Sanctuary"),
        ("customer/15", "DisplayName", "Pye's Cakes"),
        ("customer/101", "DisplayName", "Pye's Cakes & Pastries"),
        ("customer/103", "DisplayName", "Kate Whelan (deleted)"),
        ("customer/9", "FullyQualifiedName", "Freeman Sporting Goods:55 Twin Lane"),
        ("item/1", "Name", "Services"),
        ("account/4", "AccountSubType", "UndepositedFunds"),
        ("account/35", "Name", "Checking"),
        ("account/84", "AccountType", "Accounts Receivable"),
        ("account/33", "AccountType", "Accounts Payable"),
        ("account/79", "Classification", "Revenue"),
        ("account/57", "FullyQualifiedName", "Insurance:Workers Compensation"),
        ("companyinfo/9130350000000000", "CompanyName", "Craig's Design and Landscaping Services"),
    ];
    for (path, key, value) in cases {
        assert_eq!(world.read(path).await[key], value, "{path}");
    }
    let items = world.company.objects("Item");
    for name in
        ["Subscription services", "Discounts given", "Account credit", "Bad debt", "Sales tax collected"]
    {
        assert!(column(&json!(items), "Name").contains(&name.to_owned()), "{name}");
    }
    let preferences = world.read("preferences").await;
    assert_eq!(preferences["SalesFormsPrefs"]["CustomTxnNumbers"], true);
    assert_eq!(preferences["AccountingInfoPrefs"].get("BookCloseDate"), None);
    assert_eq!(world.read("customer/1").await["MetaData"]["CreateTime"], "2025-05-05T02:00:00-07:00");
    world.company.set_company_name("Another company");
    assert_eq!(world.read("companyinfo/9130350000000000").await["CompanyName"], "Another company");
}
