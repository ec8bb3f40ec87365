//! Allocations that move after the fact: what frees an invoice comes before
//! what takes it.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};

use super::shop::{
    amount, applied, assert_all_synced, assert_no_mark_twice, bill, count_calls, count_writes, create_all,
    customer, dec, id_of, noon, pass, pay, rows, the, warned,
};
use crate::company::{Company, warnings};

/// A customer with two invoices of 100.00, of which one or both are paid.
fn two(paid: usize) -> (Company, [i64; 2], Vec<i64>) {
    let company = Company::bare(&create_all(1));
    let id = customer(&company, "Bolt Bakery");
    let invoices = [1, 2].map(|day| bill(&company, id, noon(&format!("2026-03-0{day}")), "100.00"));
    let pays = invoices.iter().take(paid);
    let payments =
        pays.map(|invoice| pay(&company, id, noon("2026-03-09"), "100.00", &[(*invoice, "100.00")]));
    let payments = payments.collect();
    (company, invoices, payments)
}

fn balance(company: &Company, invoice: i64) -> rust_decimal::Decimal {
    amount(&the(company, &format!("invoice/{invoice}")), "Balance")
}

#[tokio::test(start_paused = true)]
async fn money_that_moves_is_let_go_first_and_taken_then() {
    let (company, [a, b], payments) = two(1);
    assert_all_synced(&pass(&company).await);
    let account = &company.sandbox.staxbill;
    account.deallocate(payments[0], a, dec("100.00"));
    account.allocate(payments[0], b, dec("100.00"));
    let writes = count_calls(&company, "POST", "/v3/company/*/payment");
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 2, "a release, then an application");
    assert_eq!(applied(&company, payments[0]), rows(&[(b, "100.00")]));
    assert_eq!((balance(&company, a), balance(&company, b)), (dec("100"), dec("0")));
}

#[tokio::test(start_paused = true)]
async fn two_payments_swap_their_invoices() {
    let (company, [a, b], payments) = two(2);
    assert_all_synced(&pass(&company).await);
    let account = &company.sandbox.staxbill;
    account.deallocate(payments[0], a, dec("100.00"));
    account.deallocate(payments[1], b, dec("100.00"));
    account.allocate(payments[0], b, dec("100.00"));
    account.allocate(payments[1], a, dec("100.00"));
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 4);
    assert_eq!(applied(&company, payments[0]), rows(&[(b, "100.00")]));
    assert_eq!(applied(&company, payments[1]), rows(&[(a, "100.00")]));
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0, "nothing was refused on the way");
    pass(&company).await;
    assert_eq!(writes(), 4);
}

#[tokio::test(start_paused = true)]
async fn many_payments_that_swap_go_in_two_batches() {
    let company = Company::bare(&create_all(1));
    let id = customer(&company, "Bolt Bakery");
    let invoices: Vec<i64> = (0..8).map(|_| bill(&company, id, noon("2026-03-01"), "100.00")).collect();
    let payments: Vec<i64> = invoices
        .iter()
        .map(|invoice| pay(&company, id, noon("2026-03-09"), "100.00", &[(*invoice, "100.00")]))
        .collect();
    assert_all_synced(&pass(&company).await);
    let account = &company.sandbox.staxbill;
    for at in 0..8 {
        account.deallocate(payments[at], invoices[at], dec("100.00"));
    }
    for at in 0..8 {
        account.allocate(payments[at], invoices[(at + 1) % 8], dec("100.00"));
    }
    let batches = count_calls(&company, "POST", "/v3/company/*/batch");
    assert_all_synced(&pass(&company).await);
    assert_eq!(batches(), 2);
    for at in 0..8 {
        assert_eq!(applied(&company, payments[at]), rows(&[(invoices[(at + 1) % 8], "100.00")]));
    }
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_moves_leaves_the_rest() {
    let (company, [a, b], payments) = two(1);
    pass(&company).await;
    let account = &company.sandbox.staxbill;
    account.deallocate(payments[0], a, dec("40.00"));
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payments[0]), rows(&[(a, "60.00")]));
    assert_eq!(amount(&the(&company, &format!("payment/{}", payments[0])), "UnappliedAmt"), dec("40"));
    account.allocate(payments[0], b, dec("40.00"));
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payments[0]), rows(&[(a, "60.00"), (b, "40.00")]));
    account.deallocate(payments[0], a, dec("60.00"));
    account.deallocate(payments[0], b, dec("40.00"));
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payments[0]), rows(&[]));
}

#[tokio::test(start_paused = true)]
async fn nobody_takes_what_was_not_let_go() {
    let (company, [a, b], payments) = two(1);
    pass(&company).await;
    let books = company.sandbox.quickbooks.bookkeeper();
    books.deposit(&id_of(&company, &format!("payment/{}", payments[0]))).unwrap();
    let account = &company.sandbox.staxbill;
    account.deallocate(payments[0], a, dec("100.00"));
    account.allocate(payments[0], b, dec("100.00"));
    let id = account.invoice(a).unwrap().customer;
    let second = pay(&company, id, noon("2026-03-10"), "100.00", &[(a, "100.00")]);
    let status = pass(&company).await;
    let key = format!("payment/{}", payments[0]);
    assert_eq!(warnings(&status), [format!("{key} deposited")]);
    assert_eq!(status.warnings[0].blocks.records, 1, "the second payment waits for the first");
    assert!(super::shop::marked(&company, &format!("payment/{second}")).is_empty());
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!((writes(), warned(&status, &key)), (0, vec!["deposited"]), "parked");
}

#[tokio::test(start_paused = true)]
async fn a_release_that_is_cut_off_keeps_takers_waiting() {
    for fate in [Kind::Refuse, Kind::Cut] {
        let (company, [a, b], payments) = two(2);
        pass(&company).await;
        let account = &company.sandbox.staxbill;
        account.deallocate(payments[0], a, dec("100.00"));
        account.deallocate(payments[1], b, dec("100.00"));
        account.allocate(payments[0], b, dec("100.00"));
        account.allocate(payments[1], a, dec("100.00"));
        let rule = Rule::next("/v3/company/*/payment", fate).of(Vendor::QuickBooks).method("POST");
        company.sandbox.trouble.add(rule);
        let (_, status) = company.once().await;
        assert_all_synced(&status);
        assert_eq!(company.sandbox.quickbooks.calls().refused, 0, "{fate:?}");
        assert_eq!(applied(&company, payments[0]), rows(&[(b, "100.00")]), "{fate:?}");
        assert_eq!(applied(&company, payments[1]), rows(&[(a, "100.00")]), "{fate:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_between_release_and_take_is_followed_by_one_that_ends_it() {
    let (company, [a, b], payments) = two(1);
    pass(&company).await;
    let account = &company.sandbox.staxbill;
    account.deallocate(payments[0], a, dec("100.00"));
    account.allocate(payments[0], b, dec("100.00"));
    let slow = Rule::next("/v3/company/*/payment", Kind::Delay { ms: 60_000 }).method("POST").nth(2);
    company.sandbox.trouble.add(slow);
    tokio::select! {
        _ = company.once() => panic!("it was to be killed"),
        () = tokio::time::sleep(Duration::from_secs(30)) => {}
    }
    assert_eq!(applied(&company, payments[0]), rows(&[]), "let go, and not taken yet");
    let (_, status) = company.once().await;
    assert_all_synced(&status);
    assert_eq!(applied(&company, payments[0]), rows(&[(b, "100.00")]));
}

#[tokio::test(start_paused = true)]
async fn money_is_let_go_though_what_it_moves_to_is_refused() {
    let (company, [a, _], payments) = two(1);
    pass(&company).await;
    let account = &company.sandbox.staxbill;
    let id = account.invoice(a).unwrap().customer;
    let third = bill(&company, id, noon("2026-03-03"), "100.00");
    let theirs = serde_json::json!({
        "DocNumber": "1102", "CustomerRef": { "value": "1" },
        "Line": [{ "Amount": 5, "DetailType": "SalesItemLineDetail",
                   "SalesItemLineDetail": { "ItemRef": { "value": "1" } } }],
    });
    company.sandbox.quickbooks.bookkeeper().create("Invoice", theirs).unwrap();
    account.deallocate(payments[0], a, dec("100.00"));
    account.allocate(payments[0], third, dec("100.00"));
    let second = pay(&company, id, noon("2026-03-10"), "100.00", &[(a, "100.00")]);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("invoice/{third} duplicate-number")]);
    assert_eq!(status.warnings[0].blocks.records, 1);
    assert_eq!(applied(&company, payments[0]), rows(&[]));
    assert_eq!(applied(&company, second), rows(&[(a, "100.00")]));
}
