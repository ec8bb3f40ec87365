//! The company's settings and its card: what a client may change, and what
//! follows from it.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::Refusal;
use super::{World, invoice, pays};

fn sparse(token: &str, section: &str, settings: Value) -> Value {
    let mut body = json!({ "Id": "1", "SyncToken": token, "sparse": true });
    body[section] = settings;
    body
}

#[tokio::test(start_paused = true)]
async fn a_sparse_update_changes_what_it_names() {
    let world = World::new().await;
    let before = world.read("preferences").await;
    let body = sparse(
        "0",
        "SalesFormsPrefs",
        json!({ "AllowDiscount": false, "IPNSupportEnabled": true, "DefaultTerms": { "value": "1" } }),
    );
    let after = world.put("preferences", body).await;
    let forms = &after["SalesFormsPrefs"];
    assert_eq!(
        (&forms["AllowDiscount"], &forms["IPNSupportEnabled"], &forms["DefaultTerms"]["value"]),
        (&json!(false), &json!(false), &json!("1"))
    );
    assert_eq!(
        (&forms["CustomTxnNumbers"], &after["TaxPrefs"], &after["SyncToken"]),
        (&json!(true), &before["TaxPrefs"], &json!("1"))
    );
    assert_eq!(world.invoice("1", "1").await["DueDate"], "2026-05-05");
    let pair = json!({ "NameValue": [{ "Name": "WarnDuplicateJournalNumber", "Value": "false" }] });
    let after = world.put("preferences", sparse("1", "OtherPrefs", pair)).await;
    let pairs = |preferences: &Value| preferences["OtherPrefs"]["NameValue"].as_array().unwrap().clone();
    let mut kept = pairs(&before);
    kept.retain(|pair| pair["Name"] != "WarnDuplicateJournalNumber");
    let (changed, same): (Vec<Value>, Vec<Value>) =
        pairs(&after).into_iter().partition(|pair| pair["Name"] == "WarnDuplicateJournalNumber");
    assert_eq!((same, changed.len()), (kept, 1));
    assert_eq!(changed[0]["Value"], "false");
}

#[tokio::test(start_paused = true)]
async fn an_echo_changes_nothing_and_what_is_left_out_is_cleared() {
    let world = World::new().await;
    let before = world.read("preferences").await;
    let echoed = world.put("preferences", before.clone()).await;
    assert_eq!(echoed, before);
    let mut body = before.clone();
    body.as_object_mut().unwrap().remove("ReportPrefs");
    body["SalesFormsPrefs"].as_object_mut().unwrap().remove("AllowDiscount");
    body["CurrencyPrefs"] = Value::Null;
    let after = world.put("preferences", body).await;
    assert_eq!(after["SalesFormsPrefs"]["AllowDiscount"], false);
    assert_eq!(
        (&after["CurrencyPrefs"], after["ReportPrefs"].get("ReportBasis")),
        (&before["CurrencyPrefs"], None)
    );
}

#[tokio::test(start_paused = true)]
async fn an_account_that_libraries_send_as_none_is_none() {
    let world = World::new().await;
    for (turn, none) in [json!(false), json!("")].into_iter().enumerate() {
        let forms = json!({ "DefaultDiscountAccount": none, "EstimateMessage": "Hello." });
        let after = world.put("preferences", sparse(&(2 * turn).to_string(), "SalesFormsPrefs", forms)).await;
        assert_eq!(after["SalesFormsPrefs"].get("DefaultDiscountAccount"), None, "{none}");
        assert_eq!(after["SalesFormsPrefs"]["EstimateMessage"], "Hello.");
        world.company.set_preference("SalesFormsPrefs.DefaultDiscountAccount", json!("86"));
    }
    let day = sparse("4", "AccountingInfoPrefs", json!({ "BookCloseDate": false }));
    assert_eq!(world.post("preferences", day).await.fault().0, "2060");
}

#[tokio::test(start_paused = true)]
async fn settings_are_held_to_the_rules() {
    let world = World::new().await;
    world.company.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
    let cases = [
        (json!({ "Id": "1", "sparse": true }), "2020"),
        (json!({ "SyncToken": "1", "sparse": true }), "2020"),
        (sparse("0", "SalesFormsPrefs", json!({})), "5010"),
        (sparse("1", "SalesFormsPrefs", json!({ "Bogus": 1 })), "2010"),
        (sparse("1", "Bogus", json!({})), "2010"),
        (sparse("1", "SalesFormsPrefs", json!({ "AllowDiscount": "maybe" })), "2010"),
        (sparse("1", "SalesFormsPrefs", json!({ "DefaultDiscountAccount": "999" })), "2500"),
        (sparse("1", "SalesFormsPrefs", json!({ "DefaultTerms": { "value": "99" } })), "2500"),
        (sparse("1", "AccountingInfoPrefs", json!({ "BookCloseDate": "soon" })), "2060"),
        (sparse("1", "CurrencyPrefs", json!({ "MultiCurrencyEnabled": false })), "6000"),
    ];
    for (body, code) in cases {
        assert_eq!(world.post("preferences", body.clone()).await.fault().0, code, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn switches_change_what_the_service_does() {
    let world = World::new().await;
    let class = world.put("class", json!({ "Name": "North" })).await;
    let mut body = invoice("1", "10");
    body["ClassRef"] = json!({ "value": class["Id"] });
    body["DepartmentRef"] =
        json!({ "value": world.put("department", json!({ "Name": "Shop" })).await["Id"] });
    body["Line"][0]["SalesItemLineDetail"]["ClassRef"] = json!({ "value": class["Id"] });
    let kept = |made: &Value| {
        let on_line = made["Line"][0]["SalesItemLineDetail"].get("ClassRef").is_some();
        (made.get("ClassRef").is_some(), on_line, made.get("DepartmentRef").is_some())
    };
    let made = world.put("invoice", body.clone()).await;
    assert_eq!(kept(&made), (false, false, false));
    let cases = [
        ("ClassTrackingPerTxn", (true, false, false)),
        ("ClassTrackingPerTxnLine", (true, true, false)),
        ("TrackDepartments", (true, true, true)),
    ];
    for (switch, expected) in cases {
        world.company.set_preference(&format!("AccountingInfoPrefs.{switch}"), json!(true));
        assert_eq!(kept(&world.put("invoice", body.clone()).await), expected, "{switch}");
    }
    let made = world.put("invoice", body.clone()).await;
    assert_eq!(
        (&made["ClassRef"]["name"], &made["DepartmentRef"]["name"]),
        (&json!("North"), &json!("Shop"))
    );
    world.company.set_preference("AccountingInfoPrefs.ClassTrackingPerTxn", json!(false));
    let note = world.company.bookkeeper().edit(
        "Invoice",
        made["Id"].as_str().unwrap(),
        json!({ "PrivateNote": "x" }),
    );
    assert_eq!(note.unwrap()["ClassRef"]["name"], "North");
    let close = sparse("6", "AccountingInfoPrefs", json!({ "BookCloseDate": "2026-05-31" }));
    let token = world.read("preferences").await["SyncToken"].clone();
    let mut close = close;
    close["SyncToken"] = token;
    world.put("preferences", close).await;
    assert_eq!(world.post("invoice", body).await.fault().0, "6210");
}

#[tokio::test(start_paused = true)]
async fn the_card_is_changed_in_parts_and_tells_the_subscription() {
    let world = World::new().await;
    let card = || async { world.read("companyinfo/9130350000000000").await };
    let before = card().await;
    for key in [
        "LegalAddr",
        "CustomerCommunicationAddr",
        "CompanyStartDate",
        "FiscalYearStartMonth",
        "SupportedLanguages",
    ] {
        assert!(before.get(key).is_some(), "{key}");
    }
    let body = json!({ "Id": "1", "SyncToken": "0", "sparse": true, "CompanyName": "Ours", "Country": "FR",
        "CompanyAddr": { "Line1": "1 Road" }, "NameValue": [] });
    let after = world.put("companyinfo", body).await;
    assert_eq!(
        (&after["CompanyName"], &after["Country"], &after["NameValue"]),
        (&json!("Ours"), &json!("US"), &before["NameValue"])
    );
    assert_eq!(after["CompanyAddr"]["Line1"], "1 Road");
    assert_eq!(world.post("companyinfo", json!({ "CompanyName": "New" })).await.fault().0, "2020");
    let status = |card: &Value| {
        let pairs = card["NameValue"].as_array().unwrap();
        pairs.iter().find(|pair| pair["Name"] == "SubscriptionStatus").unwrap()["Value"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (lapsed, code, shown) in [(true, "6190", "EXPIRED"), (false, "none", "PAID")] {
        world.company.refuse(Refusal::Unsubscribed, lapsed);
        assert_eq!(world.post("invoice", invoice("1", "1")).await.fault().0, code);
        assert_eq!(status(&card().await), shown);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deposit_on_the_invoice_is_paid_already() {
    let world = World::new().await;
    world.company.set_preference("SalesFormsPrefs.AllowDeposit", json!(false));
    let with = |deposit: &str, account: &str| {
        let mut body = invoice("3", "100");
        body["Deposit"] = json!(deposit);
        body["DepositToAccountRef"] = json!({ "value": account });
        body
    };
    assert_eq!(world.refused("invoice", with("30", "35")).await, "6000", "turned off");
    world.company.set_preference("SalesFormsPrefs.AllowDeposit", json!(true));
    for (deposit, account, code) in [("100.01", "35", "6000"), ("-1", "35", "6000"), ("30", "94", "6430")] {
        assert_eq!(world.refused("invoice", with(deposit, account)).await, code, "{deposit} to {account}");
    }
    let before: Decimal = world.account("35").await.parse().unwrap();
    let made = world.put("invoice", with("30", "35")).await;
    assert_eq!(
        (made["TotalAmt"].to_string(), made["Balance"].to_string()),
        ("100.00".into(), "70.00".into())
    );
    assert_eq!(world.account("35").await, (before + Decimal::from(30)).to_string());
    assert_eq!(world.read("customer/3").await["Balance"].to_string(), "70.00");
    let pay = |amount: &str| json!({ "CustomerRef": { "value": "3" }, "TotalAmt": amount, "Line": [pays(&made["Id"], amount)] });
    assert_eq!(world.refused("payment", pay("70.01")).await, "6000");
    world.put("payment", pay("70")).await;
    world.sound();
    // More is paid with the form than before, so the payment lets go of some.
    let id = made["Id"].as_str().unwrap();
    world.company.bookkeeper().edit("Invoice", id, json!({ "Deposit": 50 })).unwrap();
    world.sound();
    assert_eq!(world.company.objects("Payment")[0]["UnappliedAmt"].to_string(), "20.00");
    world.company.bookkeeper().void("Invoice", id).unwrap();
    world.sound();
    assert_eq!(world.account("35").await, before.to_string());
}
