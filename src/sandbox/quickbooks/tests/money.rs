//! Balances: what an invoice asks, what payments take from it and give back.

use http::StatusCode;
use serde_json::{Value, json};

use super::{World, invoice, pays, sale};

async fn balances(world: &World, customer: &str) -> (String, String) {
    let customer = world.read(&format!("customer/{customer}")).await;
    (customer["Balance"].to_string(), customer["SyncToken"].as_str().unwrap().to_owned())
}

#[tokio::test(start_paused = true)]
async fn an_invoice_is_answered_as_recorded() {
    let world = World::new().await;
    let body = json!({
        "Line": [{ "Amount": 100.0, "DetailType": "SalesItemLineDetail",
                   "SalesItemLineDetail": { "ItemRef": { "value": "1", "name": "Services" } } }],
        "CustomerRef": { "value": "1" }, "DocNumber": "1043", "AllowOnlineACHPayment": false,
    });
    let made = world.put("invoice", body).await;
    let expected = json!({
        "AllowIPNPayment": false, "AllowOnlinePayment": false, "AllowOnlineCreditCardPayment": true,
        "AllowOnlineACHPayment": false, "domain": "QBO", "sparse": false, "Id": "201", "SyncToken": "0",
        "MetaData": { "CreateTime": "2026-05-05T02:00:00-07:00", "LastUpdatedTime": "2026-05-05T02:00:00-07:00" },
        "CustomField": [], "DocNumber": "1043", "TxnDate": "2026-05-05", "LinkedTxn": [],
        "CurrencyRef": { "value": "USD", "name": "United States Dollar" },
        "Line": [
            { "Id": "1", "LineNum": 1, "DetailType": "SalesItemLineDetail", "Amount": money("100.00"),
              "SalesItemLineDetail": {
                "ItemRef": { "value": "1", "name": "Services" }, "TaxCodeRef": { "value": "NON" },
                "ItemAccountRef": { "value": "1", "name": "Services" } } },
            { "Amount": money("100.00"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {} },
        ],
        "TxnTaxDetail": { "TotalTax": 0 }, "CustomerRef": { "value": "1", "name": "Amy's Bird Sanctuary" },
        "BillAddr": { "Id": "2", "Line1": "4581 Finch St.", "City": "Bayshore", "CountrySubDivisionCode": "CA",
                      "PostalCode": "94326" },
        "DueDate": "2026-06-04", "TotalAmt": money("100.00"), "ApplyTaxAfterDiscount": false,
        "PrintStatus": "NeedToPrint", "EmailStatus": "NotSet", "Balance": money("100.00"),
    });
    assert_eq!(made, expected);
}

fn money(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn money_moves_with_a_payment_and_back() {
    let world = World::new().await;
    let (first, second) = (world.invoice("3", "100").await, world.invoice("3", "50").await);
    assert_eq!(balances(&world, "3").await, ("150.00".into(), "0".into()));

    let body = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": "130.00",
                       "Line": [pays(&first["Id"], "100"), pays(&second["Id"], "10")] });
    let payment = world.put("payment", body).await;
    assert_eq!(payment["UnappliedAmt"].to_string(), "20.00");
    assert_eq!(payment["DepositToAccountRef"], json!({ "value": "4" }));
    let debris = &payment["Line"][0]["LineEx"]["any"];
    assert_eq!(debris[1]["value"], json!({ "Name": "txnOpenBalance", "Value": "100.00" }));
    assert_eq!(balances(&world, "3").await, ("20.00".into(), "0".into()));
    let paid = world.read(&format!("invoice/{}", first["Id"].as_str().unwrap())).await;
    assert_eq!((paid["Balance"].to_string(), paid["SyncToken"].as_str()), ("0".into(), Some("1")));
    assert_eq!(paid["LinkedTxn"], json!([{ "TxnId": payment["Id"], "TxnType": "Payment" }]));

    // A note moves the payment alone; new lines let go of the old ones first.
    let note = json!({ "Id": payment["Id"], "SyncToken": "0", "sparse": true, "PrivateNote": "x" });
    world.put("payment", note).await;
    let other = world.read(&format!("invoice/{}", second["Id"].as_str().unwrap())).await;
    assert_eq!(other["SyncToken"], "1");
    let relink = json!({ "Id": payment["Id"], "SyncToken": "1", "sparse": true,
                         "Line": [pays(&first["Id"], "80"), pays(&second["Id"], "50")] });
    let payment = world.put("payment", relink).await;
    assert_eq!(payment["UnappliedAmt"].to_string(), "0");
    let opened = world.read(&format!("invoice/{}", first["Id"].as_str().unwrap())).await;
    assert_eq!((opened["Balance"].to_string(), opened["SyncToken"].as_str()), ("20.00".into(), Some("2")));

    let void = json!({ "Id": payment["Id"], "SyncToken": "2", "sparse": true });
    let voided = world.put("payment?operation=update&include=void", void).await;
    assert_eq!((&voided["TotalAmt"], &voided["Line"]), (&json!(0), &json!([])));
    assert_eq!(voided["PrivateNote"], "Voided - x");
    assert_eq!(balances(&world, "3").await, ("150.00".into(), "0".into()));
    let free = world.read(&format!("invoice/{}", second["Id"].as_str().unwrap())).await;
    assert_eq!((&free["LinkedTxn"], free["Balance"].to_string()), (&json!([]), "50.00".into()));
}

#[tokio::test(start_paused = true)]
async fn an_invoice_lets_go_of_its_payments() {
    for (operation, left) in [("void", Some("0")), ("delete", None)] {
        let world = World::new().await;
        let made = world.invoice("3", "100").await;
        let id = made["Id"].as_str().unwrap();
        let body =
            json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 60, "Line": [pays(&made["Id"], "60")] });
        let payment = world.put("payment", body).await;
        world.put(&format!("invoice?operation={operation}"), json!({ "Id": id, "SyncToken": "1" })).await;
        let payment = world.read(&format!("payment/{}", payment["Id"].as_str().unwrap())).await;
        assert_eq!((payment["UnappliedAmt"].to_string().as_str(), &payment["Line"]), ("60.00", &json!([])));
        assert_eq!(balances(&world, "3").await.0, "-60.00", "{operation}");
        let after = world.get(&format!("invoice/{id}")).await;
        match left {
            Some(balance) => {
                let after = &after.body["Invoice"];
                assert_eq!(
                    (after["Balance"].to_string().as_str(), &after["PrivateNote"]),
                    (balance, &json!("Voided"))
                );
                assert_eq!(after["Line"][0]["Amount"], 0);
                assert_eq!((&after["LinkedTxn"], &after["DocNumber"]), (&json!([]), &Value::Null));
            }
            None => assert_eq!(after.fault().0, "610"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_smaller_invoice_frees_what_was_paid_too_much() {
    let world = World::new().await;
    let made = world.invoice("3", "100").await;
    let body = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 90, "Line": [pays(&made["Id"], "90")] });
    let payment = world.put("payment", body).await;
    let smaller = json!({ "Id": made["Id"], "SyncToken": "1", "sparse": true, "Line": [sale("70")] });
    let smaller = world.put("invoice", smaller).await;
    assert_eq!(
        (smaller["Balance"].to_string(), smaller["TotalAmt"].to_string()),
        ("0".into(), "70.00".into())
    );
    let payment = world.read(&format!("payment/{}", payment["Id"].as_str().unwrap())).await;
    assert_eq!(payment["UnappliedAmt"].to_string(), "20.00");
    assert_eq!(payment["Line"][0]["Amount"].to_string(), "70.00");
    assert_eq!(balances(&world, "3").await.0, "-20.00");
}

#[tokio::test(start_paused = true)]
async fn totals_are_the_lines_less_the_discount_plus_the_tax() {
    let discount = |detail: Value, amount: Value| json!({ "DetailType": "DiscountLineDetail", "DiscountLineDetail": detail, "Amount": amount });
    let priced = json!({ "Amount": 100, "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": { "Qty": "3", "UnitPrice": 33.333_333 } });
    let cases = [
        (json!([sale("10.50"), sale("0.25")]), json!({}), "10.75"),
        (json!([sale("100"), sale("-40")]), json!({}), "60.00"),
        (
            json!([
                sale("100"),
                discount(json!({ "PercentBased": true, "DiscountPercent": 12.5 }), json!(1))
            ]),
            json!({}),
            "87.50",
        ),
        (json!([sale("100"), discount(json!({ "PercentBased": false }), json!("5"))]), json!({}), "95.00"),
        (json!([sale("100")]), json!({ "TotalTax": 8 }), "108.00"),
        (json!([priced]), json!({}), "100.00"),
        (
            json!([sale("1"), { "DetailType": "DescriptionOnly", "Description": "x", "Amount": 7 }]),
            json!({}),
            "1.00",
        ),
        (json!([sale("0")]), json!({}), "0"),
    ];
    let world = World::new().await;
    for (lines, tax, total) in cases {
        let mut body = invoice("1", "1");
        body["Line"] = lines.clone();
        body["TxnTaxDetail"] = tax;
        let made = world.put("invoice", body).await;
        assert_eq!(made["TotalAmt"].to_string(), total, "{lines}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_applied_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let made = world.invoice("3", "100").await;
    let line = |amount: &str| json!([pays(&made["Id"], amount)]);
    let linked =
        |kind: &str, id: &str| json!([{ "Amount": 1, "LinkedTxn": [{ "TxnId": id, "TxnType": kind }] }]);
    let cases = [
        ("over the open balance", json!({ "TotalAmt": 200, "Line": line("100.01") }), "6000"),
        ("twice", json!({ "TotalAmt": 200, "Line": [line("60")[0], line("60")[0]] }), "6000"),
        ("over the payment", json!({ "TotalAmt": 50, "Line": line("60") }), "6000"),
        (
            "another customer's",
            json!({ "TotalAmt": 50, "Line": line("50"), "CustomerRef": { "value": "4" } }),
            "620",
        ),
        ("no such invoice", json!({ "TotalAmt": 50, "Line": linked("Invoice", "999") }), "620"),
        ("not carried", json!({ "TotalAmt": 50, "Line": linked("CreditMemo", "999") }), "620"),
        ("no amount", json!({}), "6000"),
        ("negative", json!({ "TotalAmt": -1 }), "6000"),
        ("into receivables", json!({ "TotalAmt": 1, "DepositToAccountRef": { "value": "84" } }), "6430"),
        ("echoed", json!({ "TotalAmt": 1, "Line": [{ "Amount": 1, "LineEx": {} }] }), "2010"),
    ];
    for (name, mut body, code) in cases {
        if body.get("CustomerRef").is_none() {
            body["CustomerRef"] = json!({ "value": "3" });
        }
        let reply = world.post("payment", body).await;
        assert_eq!(
            (reply.status, reply.fault().0),
            (StatusCode::BAD_REQUEST, code),
            "{name}: {}",
            reply.body
        );
    }
    assert_eq!(balances(&world, "3").await.0, "100.00");
    assert!(world.company.objects("Payment").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deposited_payment_is_frozen() {
    let world = World::new().await;
    let payment = world.put("payment", json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 5 })).await;
    let id = payment["Id"].as_str().unwrap();
    world.company.bookkeeper().deposit(id).unwrap();
    let body = json!({ "Id": id, "SyncToken": "1", "sparse": true });
    for path in ["payment", "payment?operation=delete", "payment?operation=update&include=void"] {
        assert_eq!(world.post(path, body.clone()).await.fault().0, "6540", "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_parent_pays_for_its_job_and_both_balances_tell() {
    let world = World::new().await;
    let made = world.invoice("8", "40").await;
    let parent = world.read("customer/7").await;
    assert_eq!(
        (parent["Balance"].to_string(), parent["BalanceWithJobs"].to_string()),
        ("0".into(), "40.00".into())
    );
    let body = json!({ "CustomerRef": { "value": "7" }, "TotalAmt": 40, "Line": [pays(&made["Id"], "40")] });
    world.put("payment", body).await;
    assert_eq!(balances(&world, "8").await.0, "0");
}
