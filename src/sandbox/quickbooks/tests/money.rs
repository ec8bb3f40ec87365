//! Balances: what an invoice asks, what payments take from it and give back.

use std::collections::BTreeMap;

use http::StatusCode;
use rust_decimal::Decimal;
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
                      "PostalCode": "94326", "Lat": "INVALID", "Long": "INVALID" },
        "DueDate": "2026-06-04", "TotalAmt": money("100.00"), "ApplyTaxAfterDiscount": false,
        "PrintStatus": "NeedToPrint", "EmailStatus": "NotSet", "Balance": money("100.00"),
    });
    assert_eq!(made, expected);
}

fn money(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_books_balance_from_the_start() {
    let world = World::new().await;
    assert_eq!(world.company.audit(), Vec::<String>::new());
    world.invoice("3", "100").await;
    let totals = world.company.trial_balance();
    let (debits, credits) = totals.iter().fold((Decimal::ZERO, Decimal::ZERO), |(debits, credits), total| {
        (debits + total.debit, credits + total.credit)
    });
    assert_eq!(debits, credits);
    let named = |name: &str| totals.iter().find(|total| total.name == name).unwrap().clone();
    assert_eq!(named("Deferred revenue").credit.to_string(), "100.00");
    assert_eq!(named("Truck:Original Cost").debit.to_string(), "13495.00");
    let owed: Decimal = world.company.objects("Customer").iter().map(|one| money_in(&one["Balance"])).sum();
    assert_eq!(named("Accounts Receivable (A/R)").debit, owed);
    let shown = ["84", "41", "38", "37", "91", "1"].map(|id| account_balance(&world, id));
    let expected =
        [owed.to_string(), "-157.72".into(), "13495.00".into(), "0".into(), "-100.00".into(), "0".into()];
    assert_eq!(shown, expected);
}

fn money_in(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

fn account_balance(world: &World, id: &str) -> String {
    let accounts = world.company.objects("Account");
    accounts.iter().find(|account| account["Id"] == id).unwrap()["CurrentBalance"].to_string()
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
        let body = json!({ "Id": id, "SyncToken": "1" });
        if operation == "delete" {
            assert_eq!(world.refused("invoice?operation=delete", body).await, "6000", "unlink it first");
            world.company.bookkeeper().delete("Invoice", id).unwrap();
        } else {
            world.put(&format!("invoice?operation={operation}"), body).await;
        }
        world.sound();
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
    let nothing = world.invoice("3", "0").await;
    let line = |amount: &str| json!([pays(&made["Id"], amount)]);
    let linked =
        |kind: &str, id: &str| json!([{ "Amount": 1, "LinkedTxn": [{ "TxnId": id, "TxnType": kind }] }]);
    let cases = [
        ("over the open balance", json!({ "TotalAmt": 200, "Line": line("100.01") }), "6000"),
        ("twice", json!({ "TotalAmt": 200, "Line": [line("60")[0], line("60")[0]] }), "6000"),
        ("nothing open", json!({ "TotalAmt": 200, "Line": [pays(&nothing["Id"], "1")] }), "620"),
        ("beyond numbers", json!({ "TotalAmt": "1e15" }), "2090"),
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
async fn an_invoice_that_changes_hands_leaves_its_payment_behind() {
    let world = World::new().await;
    let made = world.invoice("3", "100").await;
    let body = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 60, "Line": [pays(&made["Id"], "60")] });
    let payment = world.put("payment", body).await;
    let moved =
        json!({ "Id": made["Id"], "SyncToken": "1", "sparse": true, "CustomerRef": { "value": "4" } });
    let moved = world.put("invoice", moved).await;
    assert_eq!((moved["Balance"].to_string().as_str(), &moved["LinkedTxn"]), ("100.00", &json!([])));
    let payment = world.read(&format!("payment/{}", payment["Id"].as_str().unwrap())).await;
    assert_eq!(payment["UnappliedAmt"].to_string(), "60.00");
    assert_eq!(
        (balances(&world, "3").await.0, balances(&world, "4").await.0),
        ("-60.00".into(), "100.00".into())
    );
}

/// However the money moved, a customer owes what is open less what is unapplied.
#[tokio::test(start_paused = true)]
async fn the_books_add_up_after_every_step() {
    let world = World::new().await;
    let bookkeeper = world.company.bookkeeper();
    let mut random = 7_u64;
    let mut draw = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let pick =
        |list: Vec<Value>, at: u64| list.get(usize::try_from(at).unwrap() % list.len().max(1)).cloned();
    for step in 0..600 {
        let customer = ["3", "4", "7", "8"][usize::try_from(draw(4)).unwrap()];
        let invoices = || world.company.objects("Invoice");
        let target = pick(invoices(), draw(1000)).unwrap_or_default();
        let payment = pick(world.company.objects("Payment"), draw(1000)).unwrap_or_default();
        let (target_id, payment_id) =
            (target["Id"].as_str().unwrap_or("0"), payment["Id"].as_str().unwrap_or("0"));
        let amount = (draw(200) + 1).to_string();
        let lines = json!([pays(&target["Id"], &amount)]);
        let body = json!({ "CustomerRef": target["CustomerRef"], "TotalAmt": amount, "Line": lines });
        // Many of these are refused, and a refusal must not move anything.
        let _ = match draw(12) {
            0..=2 => bookkeeper.create("Invoice", invoice(customer, &amount)),
            3..=5 => bookkeeper.create("Payment", body),
            6 => bookkeeper.edit("Payment", payment_id, json!({ "Line": lines })),
            7 => bookkeeper.edit("Invoice", target_id, json!({ "Line": [sale(&amount)] })),
            8 => bookkeeper.void("Invoice", target_id),
            9 => bookkeeper.delete("Invoice", target_id),
            10 => bookkeeper.void("Payment", payment_id),
            _ => bookkeeper.edit("Invoice", target_id, json!({ "CustomerRef": { "value": customer } })),
        };
        check_books(&world, step);
    }
    assert!(world.company.objects("Payment").len() > 20);
}

fn check_books(world: &World, step: i32) {
    assert_eq!(world.company.audit(), Vec::<String>::new(), "step {step}");
    let number = |value: &Value| value.to_string().parse::<Decimal>().unwrap();
    let mut owed: BTreeMap<String, Decimal> = BTreeMap::new();
    let mut applied: BTreeMap<String, Decimal> = BTreeMap::new();
    for payment in world.company.objects("Payment") {
        *owed.entry(payment["CustomerRef"]["value"].to_string()).or_default() -=
            number(&payment["UnappliedAmt"]);
        let mut rest = number(&payment["TotalAmt"]);
        for line in payment["Line"].as_array().unwrap() {
            rest -= number(&line["Amount"]);
            *applied.entry(line["LinkedTxn"][0]["TxnId"].to_string()).or_default() += number(&line["Amount"]);
        }
        assert_eq!(rest, number(&payment["UnappliedAmt"]), "step {step}: {payment}");
    }
    for invoice in world.company.objects("Invoice") {
        *owed.entry(invoice["CustomerRef"]["value"].to_string()).or_default() += number(&invoice["Balance"]);
        let paid = applied.remove(&invoice["Id"].to_string()).unwrap_or_default();
        assert_eq!(
            number(&invoice["TotalAmt"]) - paid,
            number(&invoice["Balance"]),
            "step {step}: {invoice}"
        );
        assert_eq!(
            invoice["LinkedTxn"].as_array().unwrap().is_empty(),
            paid.is_zero(),
            "step {step}: {invoice}"
        );
    }
    assert!(applied.is_empty(), "step {step}: {applied:?} applied to nothing");
    for customer in world.company.objects("Customer") {
        if ["3", "4", "7", "8"].contains(&customer["Id"].as_str().unwrap()) {
            let owed = owed.get(&customer["Id"].to_string()).copied().unwrap_or_default();
            assert_eq!(number(&customer["Balance"]), owed, "step {step}: {customer}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deposited_payment_is_frozen() {
    let world = World::new().await;
    let payment = world.put("payment", json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 5 })).await;
    let id = payment["Id"].as_str().unwrap();
    world.company.bookkeeper().deposit(id).unwrap();
    let body = json!({ "Id": id, "SyncToken": "0", "sparse": true });
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
