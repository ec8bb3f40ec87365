//! What would bring the books out of order, from outside and from the
//! company's own screens.

use serde_json::{Value, json};

use super::{World, fault_in, invoice, names, pays, posts};

/// A journal entry by which `owes` owes more and `against` less.
async fn between(
    world: &World,
    (debit, owes): (&str, Option<&str>),
    (credit, against): (&str, Option<&str>),
) -> Value {
    let lines = json!([posts("Debit", debit, "30", owes), posts("Credit", credit, "30", against)]);
    world.put("journalentry", json!({ "Line": lines })).await
}

fn joined(customer: &str, lines: &Value) -> Value {
    json!({ "CustomerRef": { "value": customer }, "TotalAmt": 0, "Line": lines })
}

#[tokio::test(start_paused = true)]
async fn a_merge_keeps_what_payments_joined() {
    let world = World::new().await;
    let charge = world.invoice("10", "100").await;
    let entry = between(&world, ("79", None), ("84", Some("10"))).await;
    let lines = json!([pays(&charge["Id"], "30"), names("JournalEntry", &entry["Id"], "30")]);
    world.put("payment", joined("10", &lines)).await;
    world.company.bookkeeper().merge_customer("10", "3").unwrap();
    world.sound();
    assert_eq!(world.again("invoice", &charge).await["Balance"].to_string(), "70.00");
}

#[tokio::test(start_paused = true)]
async fn a_merge_frees_what_two_customers_joined_to_one_entry() {
    let world = World::new().await;
    let charge = world.invoice("10", "100").await;
    let entry = between(&world, ("84", Some("3")), ("84", Some("10"))).await;
    let entry_line = names("JournalEntry", &entry["Id"], "30");
    world.put("payment", joined("10", &json!([pays(&charge["Id"], "30"), entry_line]))).await;
    let paid = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 30, "Line": [entry_line] });
    let paid = world.put("payment", paid).await;
    world.company.bookkeeper().merge_customer("10", "3").unwrap();
    world.sound();
    assert_eq!(world.again("journalentry", &entry).await.get("LinkedTxn"), None);
    assert_eq!(world.again("payment", &paid).await["UnappliedAmt"].to_string(), "30.00");
    assert_eq!(world.again("invoice", &charge).await["Balance"].to_string(), "100.00");
}

#[tokio::test(start_paused = true)]
async fn some_customers_cannot_be_merged() {
    let world = World::new().await;
    world.company.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
    world.put("companycurrency", json!({ "Code": "EUR" })).await;
    let abroad = json!({ "DisplayName": "Euro", "CurrencyRef": { "value": "EUR" } });
    let abroad = world.put("customer", abroad).await;
    let abroad = abroad["Id"].as_str().unwrap();
    for (from, into) in [("3", "3"), ("3", "03"), (abroad, "3"), ("3", abroad), ("7", "3"), ("3", "999")] {
        assert!(world.company.bookkeeper().merge_customer(from, into).is_err(), "{from} into {into}");
    }
    assert_eq!(world.read("customer/3").await["Id"], "3");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn what_has_no_void_is_not_voided() {
    let world = World::new().await;
    let memo = world.credit("3", "60").await;
    let entry = between(&world, ("79", None), ("84", Some("3"))).await;
    let only = |object: &Value| json!({ "Id": object["Id"], "SyncToken": object["SyncToken"] });
    let cases = [
        ("CreditMemo", only(&memo)),
        ("JournalEntry", only(&entry)),
        ("Customer", only(&world.read("customer/3").await)),
        ("Account", only(&world.read("account/79").await)),
        ("Preferences", only(&world.read("preferences").await)),
    ];
    for (entity, body) in cases {
        let id = body["Id"].as_str().unwrap().to_owned();
        let item = json!({ "BatchItemRequest": [{ "bId": "1", "operation": "void", entity: body }] });
        let reply = world.post("batch", item).await;
        assert_eq!(fault_in(&reply.body["BatchItemResponse"][0]).0, "500", "{entity}: {}", reply.body);
        assert!(world.company.bookkeeper().void(entity, &id).is_err(), "{entity}");
    }
    assert_eq!(world.again("creditmemo", &memo).await["Balance"].to_string(), "60.00");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn numbers_go_on_as_the_last_one_was_written() {
    let cases = [
        ("INV-0099", "INV-0100"),
        ("7", "8"),
        ("199", "200"),
        ("999", "1000"),
        ("18446744073709551615", "18446744073709551616"),
        ("999999999999999999999", "1038"),
        ("ABC", "1038"),
    ];
    for (used, next) in cases {
        let world = World::new().await;
        world.company.set_preference("SalesFormsPrefs.CustomTxnNumbers", json!(true));
        let mut body = invoice("3", "1");
        body["DocNumber"] = json!(used);
        world.put("invoice", body).await;
        world.company.set_preference("SalesFormsPrefs.CustomTxnNumbers", json!(false));
        assert_eq!(world.invoice("3", "1").await["DocNumber"], next, "after {used}");
    }
    let world = World::new().await;
    let body = |number: Value| json!({ "DocNumber": number, "Line": [posts("Debit", "79", "1", None), posts("Credit", "91", "1", None)] });
    world.put("journalentry", body(json!("18446744073709551615"))).await;
    let made = world.put("journalentry?include=allowautodocnum", body(Value::Null)).await;
    assert_eq!(made["DocNumber"], "18446744073709551616");
}

#[tokio::test(start_paused = true)]
async fn who_stands_below_moves_along_and_never_too_deep() {
    let world = World::new().await;
    let mut chain: Vec<Value> = Vec::new();
    for name in ["One", "Two", "Three"] {
        let above = chain.last().map_or(Value::Null, |above| json!({ "value": above["Id"] }));
        let body = json!({ "DisplayName": name, "Job": !above.is_null(), "ParentRef": above });
        chain.push(world.put("customer", body).await);
    }
    let mut tops: Vec<Value> = Vec::new();
    for name in ["Top", "Under", "Deep"] {
        let above = tops.last().map_or(Value::Null, |above| json!({ "value": above["Id"] }));
        let body = json!({ "DisplayName": name, "Job": !above.is_null(), "ParentRef": above });
        tops.push(world.put("customer", body).await);
    }
    let moved = |parent: &Value| json!({ "Id": chain[0]["Id"], "SyncToken": "0", "sparse": true, "Job": true, "ParentRef": { "value": parent["Id"] } });
    assert_eq!(world.refused("customer", moved(&tops[2])).await, "6000", "six levels");
    world.put("customer", moved(&tops[1])).await;
    let last = world.again("customer", &chain[2]).await;
    assert_eq!((&last["Level"], &last["FullyQualifiedName"]), (&json!(4), &json!("Top:Under:One:Two:Three")));
    let own = json!({ "Id": tops[0]["Id"], "SyncToken": "0", "sparse": true, "Job": true, "ParentRef": { "value": chain[2]["Id"] } });
    assert_eq!(world.refused("customer", own).await, "900");
}

#[tokio::test(start_paused = true)]
async fn what_must_be_a_list_is_one_and_a_line_links_once() {
    let world = World::new().await;
    let charge = world.invoice("3", "100").await;
    let link = json!({ "TxnId": charge["Id"], "TxnType": "Invoice" });
    let pay = |lines: Value| json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 60, "Line": lines });
    let cases = [
        ("payment", pay(json!({ "Amount": 1, "LinkedTxn": [link] })), "2010"),
        ("payment", pay(json!("")), "2010"),
        ("payment", pay(json!([{ "Amount": 1, "LinkedTxn": link }])), "2010"),
        ("payment", pay(json!([{ "Amount": 1, "LinkedTxn": [link, link] }])), "620"),
        ("invoice", json!({ "CustomerRef": { "value": "3" }, "Line": "none" }), "2010"),
        ("journalentry", json!({ "Line": 7 }), "2010"),
        ("deposit", json!({ "DepositToAccountRef": { "value": "35" }, "Line": true }), "2010"),
    ];
    for (path, body, code) in cases {
        assert_eq!(world.refused(path, body.clone()).await, code, "{path} {body}");
    }
}

#[tokio::test(start_paused = true)]
async fn accounts_stay_what_the_books_need() {
    let world = World::new().await;
    between(&world, ("79", None), ("91", None)).await;
    let account = |id: &str, patch: Value| {
        let mut body = json!({ "Id": id, "SyncToken": "0", "sparse": true });
        body.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        body
    };
    let typed = |id: &str, kind: &str| account(id, json!({ "AccountType": kind }));
    let off = |id: &str| account(id, json!({ "Active": false }));
    let cases = [
        (typed("79", "Expense"), "6000"),
        (typed("84", "Bank"), "6010"),
        (typed("94", "Accounts Payable"), "6010"),
        (off("84"), "6000"),
        (off("33"), "6000"),
        (off("4"), "6000"),
        (off("90"), "6000"),
    ];
    for (body, code) in cases {
        assert_eq!(world.refused("account", body.clone()).await, code, "{body}");
    }
    world.put("account", typed("79", "Other Income")).await;
    world.put("account", typed("94", "Other Income")).await;
    world.put("account", account("94", json!({ "SyncToken": "1", "Active": false }))).await;
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn deposits_and_payments_hold_to_what_they_name() {
    let world = World::new().await;
    let direct = |detail: Value, kind: &str| {
        let mut detail = detail;
        detail["AccountRef"] = json!({ "value": "25" });
        json!({ "DepositToAccountRef": { "value": "35" },
            "Line": [{ "Amount": 5, "DetailType": kind, "DepositLineDetail": detail }] })
    };
    let of = |key: &str, reference: Value| direct(json!({ key: reference }), "DepositLineDetail");
    let mut waits = of("CheckNum", json!("1"));
    waits["DepositToAccountRef"]["value"] = json!("4");
    let cases = [
        (direct(json!({}), "SalesItemLineDetail"), "2170"),
        (of("ClassRef", json!({ "value": "999" })), "2500"),
        (of("PaymentMethodRef", json!({ "value": "999" })), "2500"),
        (of("Entity", json!({ "value": "999", "type": "CUSTOMER" })), "2500"),
        (of("Entity", json!({ "value": "3", "type": "Friend" })), "2170"),
        (of("Entity", json!({ "value": "999" })), "2500"),
        (waits, "6430"),
    ];
    for (body, code) in cases {
        assert_eq!(world.refused("deposit", body.clone()).await, code, "{body}");
    }
    for entity in [json!({ "value": "3", "type": "CUSTOMER" }), json!({ "value": "3" })] {
        world.put("deposit", of("Entity", entity)).await;
    }
    let pay = |account: &str| json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 1, "ARAccountRef": { "value": account } });
    assert_eq!(world.refused("payment", pay("35")).await, "6430");
    world.put("payment", pay("84")).await;
}

#[tokio::test(start_paused = true)]
async fn jobs_and_yen_keep_to_their_currency() {
    let world = World::new().await;
    world.company.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
    for code in ["EUR", "JPY"] {
        world.put("companycurrency", json!({ "Code": code })).await;
    }
    let job = json!({ "DisplayName": "Job", "Job": true, "ParentRef": { "value": "3" },
        "CurrencyRef": { "value": "EUR" } });
    assert_eq!(world.refused("customer", job).await, "6000");
    let japan = json!({ "DisplayName": "Japan", "CurrencyRef": { "value": "JPY" } });
    let japan = world.put("customer", japan).await;
    let paid = json!({ "CustomerRef": { "value": japan["Id"] }, "CurrencyRef": { "value": "JPY" }, "TotalAmt": "100.6" });
    let paid = world.put("payment", paid).await;
    assert_eq!(
        (paid["TotalAmt"].to_string(), paid["UnappliedAmt"].to_string()),
        ("101.00".into(), "101.00".into())
    );
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn an_opening_balance_keeps_out_of_closed_books() {
    let world = World::new().await;
    world.company.set_preference("AccountingInfoPrefs.BookCloseDate", json!("2026-03-31"));
    let opened = |name: &str, day: &str, amount: u32| json!({ "DisplayName": name, "Balance": amount, "OpenBalanceDate": day });
    assert_eq!(world.refused("customer", opened("Old", "2026-03-31", 5)).await, "6210");
    world.put("customer", opened("Empty", "2026-03-31", 0)).await;
    world.put("customer", opened("New", "2026-04-01", 5)).await;
    world.sound();
}
