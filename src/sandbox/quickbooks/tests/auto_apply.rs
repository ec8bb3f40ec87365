//! What the company applies by itself, with its two switches on and off.

use serde_json::{Value, json};

use super::{World, pays};

async fn with(switches: &[&str]) -> World {
    let world = World::new().await;
    for switch in switches {
        world.company.set_preference(&format!("SalesFormsPrefs.{switch}"), json!(true));
    }
    world
}

async fn paid(world: &World, customer: &str, amount: &str) -> Value {
    world.put("payment", json!({ "CustomerRef": { "value": customer }, "TotalAmt": amount })).await
}

#[tokio::test(start_paused = true)]
async fn a_new_invoice_takes_what_is_open() {
    let cases = [
        (&[][..], "100.00", ["30.00", "50.00"], 1),
        (&["AutoApplyCredit"], "70.00", ["0", "50.00"], 2),
        (&["AutoApplyPayments"], "50.00", ["30.00", "0"], 1),
        (&["AutoApplyCredit", "AutoApplyPayments"], "20.00", ["0", "0"], 2),
    ];
    for (switches, balance, left, payments) in cases {
        let world = with(switches).await;
        let (credit, payment) = (world.credit("3", "30").await, paid(&world, "3", "50").await);
        world.credit("4", "999").await;
        let made = world.invoice("3", "100").await;
        assert_eq!(made["Balance"].to_string(), balance, "{switches:?}");
        let credit = world.again("creditmemo", &credit).await["RemainingCredit"].to_string();
        let payment = world.again("payment", &payment).await["UnappliedAmt"].to_string();
        assert_eq!([credit.as_str(), payment.as_str()], left, "{switches:?}");
        assert_eq!(world.company.objects("Payment").len(), payments, "{switches:?}");
        world.sound();
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_says_that_it_was_the_service() {
    let world = with(&["AutoApplyCredit"]).await;
    let (first, second) = (world.invoice("3", "20").await, world.invoice("3", "20").await);
    let credit = world.credit("3", "30").await;
    assert_eq!((&credit["Balance"], &credit["RemainingCredit"]), (&json!(0), &json!(0)));
    let made = world.company.objects("Payment");
    assert_eq!(made.len(), 2, "one for each pair, the oldest charge first");
    for (payment, (charge, amount)) in made.iter().zip([(&first, "20.00"), (&second, "10.00")]) {
        assert_eq!(payment["PrivateNote"], "Created by QB Online to link credits to charges.");
        assert_eq!((&payment["TotalAmt"], payment.get("DepositToAccountRef")), (&json!(0), None));
        let lines = payment["Line"].as_array().unwrap();
        let named = lines.iter().map(|line| (&line["LinkedTxn"][0]["TxnId"], line["Amount"].to_string()));
        assert_eq!(
            named.collect::<Vec<_>>(),
            [(&charge["Id"], amount.to_owned()), (&credit["Id"], amount.to_owned())]
        );
    }
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_link_of_our_own_comes_too_late() {
    let world = with(&["AutoApplyPayments"]).await;
    let older = world.invoice("3", "40").await;
    let newer = world.invoice("3", "40").await;
    let payment = paid(&world, "3", "40").await;
    assert_eq!(payment["Line"][0]["LinkedTxn"][0]["TxnId"], older["Id"], "the oldest first");
    let late = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 40, "Line": [pays(&older["Id"], "40")] });
    assert_eq!(world.refused("payment", late).await, "620");
    // Taking the link away is a change, and changes are left alone.
    let free = json!({ "Id": payment["Id"], "SyncToken": payment["SyncToken"], "sparse": true, "Line": [] });
    assert_eq!(world.put("payment", free).await["UnappliedAmt"].to_string(), "40.00");
    assert_eq!(world.again("invoice", &newer).await["Balance"].to_string(), "40.00");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn what_is_frozen_or_closed_is_left_alone() {
    let world = with(&["AutoApplyCredit", "AutoApplyPayments"]).await;
    let payment = paid(&world, "3", "40").await;
    world.company.bookkeeper().deposit(payment["Id"].as_str().unwrap()).unwrap();
    let old = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 40, "TxnDate": "2026-04-01" });
    world.put("payment", old).await;
    world.company.set_preference("AccountingInfoPrefs.BookCloseDate", json!("2026-04-30"));
    assert_eq!(world.invoice("3", "100").await["Balance"].to_string(), "100.00");
    world.sound();
}
