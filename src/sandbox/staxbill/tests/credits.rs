//! Credits, debits and write-offs, as a client sees them.

use super::*;

const NOW: &str = "2026-11-22T15:00:00Z";

fn give(account: &Account, amount: &str, allocations: &[(i64, &str)]) -> i64 {
    let allocations = allocations.iter().map(|(invoice, amount)| (*invoice, dec(amount))).collect();
    let reference = Some("referral".to_owned());
    let (customer, amount, effective) = (10_482, dec(amount), at(NOW));
    account.give_credit(NewCredit { customer, amount, effective, reference, allocations, opening: false })
}

#[tokio::test(start_paused = true)]
async fn a_credit_is_allocated_later_and_taken_back() {
    let account = account(false, clock());
    let credit = give(&account, "30", &[(88_101, "10")]);
    tokio::time::advance(Duration::from_secs(5)).await;
    account.allocate_credit(credit, 88_102, dec("20"));
    let changed = "/v1/invoiceSummaries?query=modifiedTimestamp:2026-11-22T15:00:01%7C;invoiceStatus:Overdue";
    assert_eq!(ids(&get(&account, changed).await), [88_102, 88_102]);
    let seen = get(&account, "/v1/invoices/88102/creditAllocations").await;
    assert_eq!(seen, json!([{ "creditId": credit, "invoiceId": 88_102, "amount": "20.0000" }]));
    let debit = account.debit(NewDebit {
        credit,
        amount: dec("15"),
        effective: at(NOW),
        reference: None,
        allocations: vec![(88_101, dec("10")), (88_102, dec("5"))],
    });
    let shown = get(&account, &format!("/v1/credits/{credit}")).await;
    assert_eq!(ids(&shown["debits"]), [debit]);
    for (field, amount) in [("amount", "30"), ("unallocatedAmount", "0"), ("reversableAmount", "15")] {
        assert_eq!(decimal(&shown[field]), dec(amount), "{field}");
    }
    assert_eq!(shown["invoiceAllocations"].as_array().unwrap().len(), 1);
    let shown = get(&account, &format!("/v1/Debits/{debit}")).await;
    assert_eq!(
        (&shown["originalCreditId"], &shown["description"]),
        (&json!(credit), &json!(format!("Reversal of credit {credit}")))
    );
    account.deallocate_credit(credit, 88_102, dec("15"));
    assert_eq!(account.ledger(10_482), (dec("297.5"), dec("35")));
    assert_eq!(account.audit(), [""; 0]);
    let (status, _, body) = send(&account, Method::GET, "/v1/Credits/123").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(body["Errors"][0]["Value"], "Credit with id 123 not found.");
}

#[tokio::test(start_paused = true)]
async fn what_was_in_hand_at_the_beginning_is_seen_in_the_stream_alone() {
    let account = account(false, clock());
    let id = account.give_credit(NewCredit {
        customer: 10_482,
        amount: dec("25"),
        effective: at("2026-01-05T00:00:00Z"),
        allocations: vec![(88_100, dec("5"))],
        opening: true,
        ..NewCredit::default()
    });
    let (status, ..) = send(&account, Method::GET, &format!("/v1/credits/{id}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let overview = get(&account, "/v1/customers/10482/overview").await;
    assert_eq!(decimal(&overview["unallocatedOpeningBalance"]), dec("20"));
    assert_eq!(decimal(&overview["unallocatedCredits"]), Decimal::ZERO);
    assert_eq!(decimal(&overview["arBalance"]), dec("252.5"));
    assert_eq!(get(&account, "/v1/invoices/88100/creditAllocations").await, json!([]));
    let entry = &get(&account, &format!("/v1/aractivities?query=id:{id}")).await[0];
    assert_eq!(entry["transactionType"], "OpeningBalance");
    assert_eq!(entry["invoiceAllocation"][0]["invoiceId"], 88_100);
    assert_eq!(account.audit(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_write_off_shows_in_the_total_and_in_the_stream() {
    let account = account(false, clock());
    let part = account.write_off(88_101, dec("12.5"), (at(NOW), None));
    let rows = "/v1/invoiceSummaries?query=id:88101";
    let row = &get(&account, rows).await[0];
    assert_eq!((decimal(&row["writeoffs"]), &row["invoiceStatus"]), (dec("12.5"), &json!("Overdue")));
    account.write_off(88_101, dec("100"), (at(NOW), Some("gone away")));
    assert_eq!(get(&account, rows).await[0]["invoiceStatus"], "WrittenOff");
    let invoice = get(&account, "/v1/Invoices/88101").await;
    assert_eq!(decimal(&invoice["totalWriteoffs"]), dec("112.5"));
    assert!(invoice["datePaid"].is_string(), "{invoice}");
    let entry = &get(&account, &format!("/v1/aractivities?query=id:{part}")).await[0];
    assert_eq!(
        (&entry["transactionType"], decimal(&entry["arCredit"]), &entry["invoiceAllocation"][0]["invoiceId"]),
        (&json!("WriteOff"), dec("12.5"), &json!(88_101))
    );
    let (status, ..) = send(&account, Method::GET, &format!("/v1/writeoffs/{part}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "nothing shows a write-off by itself");
    assert_eq!(account.audit(), [""; 0]);
}
