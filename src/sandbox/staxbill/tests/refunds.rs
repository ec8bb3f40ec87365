//! Money that goes back, as a client sees it.

use super::*;

const NOW: &str = "2026-11-22T15:00:00Z";

fn refund(payment: i64, amount: &str, allocations: &[(i64, &str)]) -> NewRefund {
    let allocations = allocations.iter().map(|(invoice, amount)| (*invoice, dec(amount))).collect();
    let reference = Some("goodwill".to_owned());
    NewRefund { payment, amount: dec(amount), effective: at(NOW), reference, allocations }
}

fn with(options: Options) -> Arc<Account> {
    let account = account(false, clock());
    // The same account under other readings.
    let mut other = Arc::try_unwrap(account).ok().unwrap();
    Arc::get_mut(&mut other.shared).unwrap().options = Options { throttled: false, ..options };
    Arc::new(other)
}

/// Payment 7613000 of 60 has 40 on invoice 88100 and 20 on none.
#[tokio::test(start_paused = true)]
async fn a_payment_shows_its_refunds_net_or_gross() {
    for (allocations, lies, rest) in [(Allocations::Net, "25", "15"), (Allocations::Gross, "40", "20")] {
        let account = with(Options { allocations, ..Options::default() });
        let first = account.refund(refund(7_613_000, "15", &[(88_100, "15")]));
        let second = account.refund(refund(7_613_000, "5", &[]));
        let payment = get(&account, "/v1/payments/7613000").await;
        assert_eq!(ids(&payment["refunds"]), [first, second]);
        let row = &payment["invoiceAllocations"][0];
        for (what, value, expected) in [
            ("allocated", &row["amount"], lies),
            ("unallocated", &payment["unallocatedAmount"], rest),
            ("refundable", &payment["refundableAmount"], "40"),
            ("owed now", &row["outstandingBalance"], "87.5"),
        ] {
            assert_eq!(decimal(value), dec(expected), "{allocations:?}: {what}");
        }
        let seen = get(&account, "/v1/invoices/88100/paymentAllocations").await;
        assert_eq!(decimal(&seen[0]["amount"]), dec("25"), "an invoice shows what lies on it now");
        assert_eq!(account.audit(), [""; 0]);
        assert_eq!(account.ledger(10_482), (dec("312.5"), dec("15")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refund_is_an_activity_and_an_entry_of_its_own() {
    let account = account(false, clock());
    tokio::time::advance(Duration::from_secs(5)).await;
    let id = account.refund(refund(7_613_000, "40", &[(88_100, "40")]));
    let shown = get(&account, &format!("/v1/Refunds/{id}")).await;
    for (field, value) in [
        ("originalPaymentActivityId", json!(118_400)),
        ("paymentActivityId", json!(118_401)),
        ("description", json!("Refund of payment 7613000")),
        ("reference", json!("goodwill")),
        ("quickBooksAttemptNumber", json!(0)),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    assert_eq!(shown.get("refunds"), None);
    assert_eq!(decimal(&shown["invoiceAllocations"][0]["amount"]), dec("40"));
    let list = "/v1/PaymentActivities/GetByAccountID?query=";
    for (query, expected) in [
        ("PaymentType:Refund", vec![118_401]),
        ("PaymentType:Collect", vec![118_400]),
        ("modifiedTimestamp:2026-11-22T15:00:01%7C", vec![118_401]),
    ] {
        assert_eq!(ids(&get(&account, &format!("{list}{query}")).await), expected, "{query}");
    }
    let changed = "/v1/invoiceSummaries?query=modifiedTimestamp:2026-11-22T15:00:01%7C";
    assert_eq!(ids(&get(&account, changed).await), [88_100], "the invoice opens again");
    let entry = get(&account, &format!("/v1/aractivities?query=id:{id}")).await;
    assert_eq!(
        (&entry[0]["transactionType"], &entry[0]["associatedId"], decimal(&entry[0]["arDebit"])),
        (&json!("Refund"), &json!(7_613_000), dec("40"))
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_bank_takes_back_hides_from_the_filter() {
    let account = account(false, clock());
    account.settle(7_613_000, SettlementStatus::Pending);
    let summaries = "/v1/invoiceSummaries?query=unsettled:true";
    assert_eq!(ids(&get(&account, summaries).await), [88_100]);
    account.settle(7_613_000, SettlementStatus::Failed);
    assert_eq!(ids(&get(&account, summaries).await), [0_i64; 0]);
    let before = get(&account, "/v1/payments/7613000").await;
    assert_eq!((&before["settlement"]["status"], &before["refunds"]), (&json!("Failed"), &json!([])));
    let id = account.bounce(7_613_000, at(NOW));
    let activity = get(&account, "/v1/PaymentActivities/118401").await;
    assert_eq!(
        (&activity["transactionType"], &activity["status"], &activity["transaction"]["id"]),
        (&json!("NSF"), &json!("Successful"), &json!(id))
    );
    let refunds = "/v1/PaymentActivities/GetByAccountID?query=PaymentType:Refund";
    assert_eq!(ids(&get(&account, refunds).await), [0_i64; 0]);
    let after = get(&account, "/v1/payments/7613000").await;
    assert_eq!(decimal(&after["refundableAmount"]), Decimal::ZERO);
    assert_eq!((ids(&after["refunds"]), &after["invoiceAllocations"]), (vec![id], &json!([])));
    assert_eq!(account.audit(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_pays_and_fees_are_told() {
    let account = account(false, clock());
    let parent = account.add_customer(NewCustomer::default());
    account.edit_customer(10_482, |fields| fields.parent = Some(parent));
    let id = account.collect_payment(NewPayment {
        customer: 10_482,
        amount: dec("12.5"),
        effective: at(NOW),
        method: "CreditCard".to_owned(),
        allocations: vec![(88_101, dec("12.5"))],
        parent: Some(parent),
        gateway_fee: dec("0.4"),
        surcharge: Some(dec("0.25")),
        ..NewPayment::default()
    });
    let payment = get(&account, &format!("/v1/payments/{id}")).await;
    assert_eq!(decimal(&payment["gatewayFee"]), dec("0.4"));
    assert_eq!(decimal(&payment["surchargingFee"]), dec("0.25"));
    let activity = get(&account, "/v1/PaymentActivities/118401").await;
    assert_eq!(activity["parentCustomerId"], parent);
    let seen = get(&account, "/v1/invoices/88101/paymentAllocations").await;
    assert_eq!(seen[0]["parentCustomerId"], parent);
    let shown = get(&account, &format!("/v1/customers/{parent}")).await;
    assert_eq!(shown["isParent"], true);
    account.edit_customer(10_482, |fields| fields.parent = None);
    assert_eq!(get(&account, &format!("/v1/customers/{parent}")).await["isParent"], false);
    assert_eq!(account.audit(), [""; 0]);
}
