//! Payments of nothing that join credits with charges, and what becomes of
//! them when one side changes.

use serde_json::{Value, json};

use super::{World, invoice, names, pays, posts, sale};

/// A payment of nothing with these lines.
fn joins(customer: &str, lines: &Value) -> Value {
    json!({ "CustomerRef": { "value": customer }, "TotalAmt": 0, "Line": lines })
}

/// A journal entry that takes `amount` off what `customer` owes.
async fn written_off(world: &World, customer: &str, amount: &str) -> Value {
    let lines = json!([posts("Debit", "94", amount, None), posts("Credit", "84", amount, Some(customer))]);
    world.put("journalentry", json!({ "Line": lines })).await
}

async fn open(world: &World, entity: &str, object: &Value) -> String {
    world.again(entity, object).await["Balance"].to_string()
}

#[tokio::test(start_paused = true)]
async fn a_credit_pays_an_invoice() {
    let world = World::new().await;
    let (charge, credit) = (world.invoice("3", "100").await, world.credit("3", "60").await);
    let lines = json!([pays(&charge["Id"], "60"), names("CreditMemo", &credit["Id"], "60")]);
    let made = world.put("payment", joins("3", &lines)).await;
    assert_eq!((&made["TotalAmt"], &made["UnappliedAmt"]), (&json!(0), &json!(0)));
    assert_eq!(made.get("DepositToAccountRef"), None);
    let kinds = ["Invoice", "CreditMemo"].map(|kind| json!(kind));
    assert_eq!([0, 1].map(|at| made["Line"][at]["LinkedTxn"][0]["TxnType"].clone()), kinds);
    let before = [0, 1].map(|at| made["Line"][at]["LineEx"]["any"][1]["value"]["Value"].clone());
    assert_eq!(before, [json!("100.00"), json!("60.00")]);
    let link = json!([{ "TxnId": made["Id"], "TxnType": "Payment" }]);
    let memo = world.again("creditmemo", &credit).await;
    assert_eq!(
        (&memo["Balance"], &memo["RemainingCredit"], &memo["LinkedTxn"]),
        (&json!(0), &json!(0), &link)
    );
    let billed = world.again("invoice", &charge).await;
    assert_eq!((billed["Balance"].to_string().as_str(), &billed["LinkedTxn"]), ("40.00", &link));
    world.sound();

    world.put("payment?operation=delete", json!({ "Id": made["Id"], "SyncToken": "0" })).await;
    let memo = world.again("creditmemo", &credit).await;
    assert_eq!((memo["Balance"].to_string().as_str(), memo.get("LinkedTxn")), ("60.00", None));
    assert_eq!(open(&world, "invoice", &charge).await, "100.00");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_journal_entry_pays_an_invoice_and_asks_for_money() {
    let world = World::new().await;
    let (charge, entry) = (world.invoice("3", "100").await, written_off(&world, "3", "30").await);
    let je = |amount: &str| names("JournalEntry", &entry["Id"], amount);
    let made = world.put("payment", joins("3", &json!([je("20"), pays(&charge["Id"], "20")]))).await;
    assert_eq!(made["Line"][0]["LineEx"]["any"][1]["value"]["Value"], "30.00");
    assert_eq!(open(&world, "invoice", &charge).await, "80.00");
    assert_eq!(world.again("journalentry", &entry).await["LinkedTxn"][0]["TxnId"], made["Id"]);
    let more = joins("3", &json!([je("10.01"), pays(&charge["Id"], "10.01")]));
    assert_eq!(world.refused("payment", more).await, "6000", "ten are left");
    world.put("payment", joins("3", &json!([je("10"), pays(&charge["Id"], "10")]))).await;
    let none = joins("3", &json!([je("1"), pays(&charge["Id"], "1")]));
    assert_eq!(world.refused("payment", none).await, "620", "nothing is left");

    let lines = json!([posts("Debit", "84", "25", Some("3")), posts("Credit", "91", "25", None)]);
    let debt = world.put("journalentry", json!({ "Line": lines })).await;
    let paid = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 30, "Line": [names("JournalEntry", &debt["Id"], "25")] });
    let paid = world.put("payment", paid).await;
    assert_eq!(paid["UnappliedAmt"].to_string(), "5.00");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_payment_and_a_credit_pay_together() {
    let world = World::new().await;
    let (charge, credit) = (world.invoice("3", "100").await, world.credit("3", "30").await);
    let body = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 80,
        "Line": [pays(&charge["Id"], "100"), names("CreditMemo", &credit["Id"], "30")] });
    let made = world.put("payment", body).await;
    assert_eq!(made["UnappliedAmt"].to_string(), "10.00");
    assert_eq!(world.read("customer/3").await["Balance"].to_string(), "-10.00");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_joined_is_refused() {
    let world = World::new().await;
    let (charge, credit) = (world.invoice("3", "100").await, world.credit("3", "60").await);
    let (other, theirs) = (world.credit("4", "60").await, written_off(&world, "4", "9").await);
    let memo = |id: &Value, amount: &str| names("CreditMemo", id, amount);
    let charged = |amount: &str| pays(&charge["Id"], amount);
    let cases = [
        ("more credit than charge", json!([charged("50"), memo(&credit["Id"], "60")]), "6000"),
        ("more charge than credit", json!([charged("60"), memo(&credit["Id"], "50")]), "6000"),
        ("over the credit", json!([charged("61"), memo(&credit["Id"], "61")]), "6000"),
        ("over the charge", json!([charged("101"), memo(&credit["Id"], "60")]), "6000"),
        ("credit alone", json!([memo(&credit["Id"], "10")]), "6000"),
        ("another's credit", json!([charged("10"), memo(&other["Id"], "10")]), "620"),
        ("another's entry", json!([charged("9"), names("JournalEntry", &theirs["Id"], "9")]), "620"),
        ("an expense", json!([charged("9"), names("Expense", &json!("1"), "9")]), "620"),
        ("a check", json!([charged("9"), names("Check", &json!("1"), "9")]), "620"),
        ("a card credit", json!([charged("9"), names("CreditCardCredit", &json!("1"), "9")]), "620"),
        ("no such memo", json!([charged("9"), memo(&json!("999"), "9")]), "620"),
        ("an invoice by another name", json!([memo(&charge["Id"], "9")]), "620"),
    ];
    for (name, lines, code) in cases {
        assert_eq!(world.refused("payment", joins("3", &lines)).await, code, "{name}");
    }
    assert!(world.company.objects("Payment").is_empty());
}

/// What is left of charge, credit and join after one of them changes.
#[tokio::test(start_paused = true)]
async fn each_side_lets_go_of_the_other() {
    type Row = (&'static str, &'static str, Value, [Option<&'static str>; 2], usize);
    let none: Value = json!({});
    let cases: [Row; 8] = [
        ("invoice", "", json!({ "Line": [sale("45")] }), [Some("0"), Some("15.00")], 2),
        ("invoice", "?operation=void", none.clone(), [Some("0"), Some("60.00")], 0),
        ("invoice", "", json!({ "CustomerRef": { "value": "4" } }), [Some("100.00"), Some("60.00")], 0),
        ("creditmemo", "", json!({ "Line": [sale("20")] }), [Some("80.00"), Some("0")], 2),
        ("creditmemo", "?operation=delete", none.clone(), [Some("100.00"), None], 0),
        ("creditmemo", "", json!({ "CustomerRef": { "value": "4" } }), [Some("100.00"), Some("60.00")], 0),
        ("payment", "?operation=update&include=void", none.clone(), [Some("100.00"), Some("60.00")], 0),
        ("payment", "", json!({ "Line": [] }), [Some("100.00"), Some("60.00")], 0),
    ];
    for (entity, operation, mut patch, left, lines) in cases {
        let world = World::new().await;
        let (charge, credit) = (world.invoice("3", "100").await, world.credit("3", "60").await);
        let both = json!([pays(&charge["Id"], "60"), names("CreditMemo", &credit["Id"], "60")]);
        let join = world.put("payment", joins("3", &both)).await;
        let object = match entity {
            "invoice" => &charge,
            "creditmemo" => &credit,
            _ => &join,
        };
        patch["Id"] = object["Id"].clone();
        patch["SyncToken"] = world.again(entity, object).await["SyncToken"].clone();
        patch["sparse"] = json!(true);
        world.put(&format!("{entity}{operation}"), patch.clone()).await;
        let what = format!("{entity}{operation} {patch}");
        for ((kind, object), left) in [("invoice", &charge), ("creditmemo", &credit)].into_iter().zip(left) {
            let found = world.get(&format!("{kind}/{}", object["Id"].as_str().unwrap())).await;
            let key = if kind == "invoice" { "Invoice" } else { "CreditMemo" };
            let balance = found.body.get(key).map(|object| object["Balance"].to_string());
            assert_eq!(balance.as_deref(), left, "{what}: {kind}");
        }
        let join = world.again("payment", &join).await;
        assert_eq!(join["Line"].as_array().unwrap().len(), lines, "{what}");
        assert_eq!(join["UnappliedAmt"], 0, "{what}");
        world.sound();
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_entry_lets_go_of_what_it_joined() {
    let less = json!([posts("Debit", "94", "10", None), posts("Credit", "84", "10", Some("3"))]);
    let turned = json!([posts("Credit", "94", "30", None), posts("Debit", "84", "30", Some("3"))]);
    let theirs = json!([posts("Debit", "94", "30", None), posts("Credit", "84", "30", Some("4"))]);
    for (lines, left) in
        [(Some(less), "90.00"), (Some(turned), "100.00"), (Some(theirs), "100.00"), (None, "100.00")]
    {
        let world = World::new().await;
        let (charge, entry) = (world.invoice("3", "100").await, written_off(&world, "3", "30").await);
        let both = json!([pays(&charge["Id"], "30"), names("JournalEntry", &entry["Id"], "30")]);
        world.put("payment", joins("3", &both)).await;
        let mut body = json!({ "Id": entry["Id"], "SyncToken": "1", "sparse": true });
        let path = if lines.is_some() { "journalentry" } else { "journalentry?operation=delete" };
        if let Some(lines) = lines {
            body["Line"] = lines;
        }
        world.put(path, body).await;
        assert_eq!(open(&world, "invoice", &charge).await, left);
        world.sound();
    }
}

#[tokio::test(start_paused = true)]
async fn a_merged_customer_leaves_everything_to_the_survivor() {
    let world = World::new().await;
    let charge = world.invoice("10", "100").await;
    let credit = world.credit("10", "30").await;
    written_off(&world, "10", "5").await;
    let mut receipt = invoice("10", "7");
    receipt["DepositToAccountRef"] = json!({ "value": "92" });
    world.put("salesreceipt", receipt.clone()).await;
    world.put("refundreceipt", receipt).await;
    let both = json!([pays(&charge["Id"], "30"), names("CreditMemo", &credit["Id"], "30")]);
    world.put("payment", joins("10", &both)).await;
    assert_eq!(world.read("customer/10").await["Balance"].to_string(), "694.10");
    world.company.bookkeeper().merge_customer("10", "3").unwrap();
    assert_eq!(world.read("customer/3").await["Balance"].to_string(), "694.10");
    for entity in ["Invoice", "CreditMemo", "Payment", "SalesReceipt", "RefundReceipt"] {
        for object in world.company.objects(entity) {
            assert_eq!(object["CustomerRef"]["value"], "3", "{object}");
        }
    }
    let entry = &world.company.objects("JournalEntry")[0];
    assert_eq!(entry["Line"][1]["JournalEntryLineDetail"]["Entity"]["EntityRef"]["value"], "3");
    world.sound();
    assert!(world.company.bookkeeper().merge_customer("7", "3").is_err(), "it has jobs");
}
