//! What people entered by hand before latchd, and records that may be the same.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule};
use serde_json::json;

use super::by_hand::{self, AMY, adopt_amy, matching};
use super::desk::credit;
use super::shop::{
    assert_all_synced, bill, count_calls, count_writes, customer, marked, noon, pass, pay, the, warned,
};
use crate::company::{Company, warnings};

fn number(company: &Company, invoice: i64) -> String {
    company.sandbox.staxbill.invoice(invoice).expect("the test posted it").number.to_string()
}

/// An invoice and what a bookkeeper entered: the day, the amount, whether it
/// bears the number.
#[tokio::test(start_paused = true)]
async fn what_looks_the_same_waits_for_a_person() {
    let cases = [
        ("2026-03-10", "100.00", false, true),
        ("2026-03-07", "100.00", false, true),
        ("2026-03-13", "100.00", false, true),
        ("2026-03-14", "100.00", false, false),
        ("2026-03-06", "100.00", false, false),
        ("2026-03-10", "100.01", false, false),
        ("2026-05-01", "7.00", true, true),
    ];
    // Seen by the first scan, looked for later, told by the change feed.
    for when in ["before", "linked later", "after"] {
        for (day, amount, numbered, same) in cases {
            let mut company = Company::bare(&adopt_amy("2026-03-01", ""));
            let amy = customer(&company, "Amy's Bird Sanctuary");
            if when == "linked later" {
                company.files = String::new();
                pass(&company).await;
                company.files = adopt_amy("2026-03-01", "");
            }
            if when == "after" {
                assert_all_synced(&pass(&company).await);
            }
            let invoice = bill(&company, amy, noon("2026-03-10"), "100.00");
            let text = if numbered { number(&company, invoice) } else { "B-1".to_owned() };
            let theirs = by_hand::invoice(&company, AMY, &text, (day, amount));
            let key = format!("invoice/{invoice}");
            let queries = count_calls(&company, "POST", "/v3/company/*/query");
            let status = pass(&company).await;
            let name = format!("{when} {day} {amount} {numbered}");
            if when == "after" {
                assert_eq!(queries(), 0, "{name}: the feed tells");
            }
            if !same {
                assert_all_synced(&status);
                continue;
            }
            assert_eq!(warnings(&status), [format!("{key} possible-duplicate")], "{name}");
            let reason = &status.warnings[0].reason;
            assert!(reason.contains(&format!("match = {{ \"{key}\" = \"{theirs}\" }}")), "{reason}");
            assert!(marked(&company, &key).is_empty(), "{name}");
            let (done, _) = company.once().await;
            assert_eq!((done.calls.quickbooks_reads, done.calls.quickbooks_writes), (1, 0), "{name}");
            assert_eq!(company.plan().await.0.steps, [], "{name}");
            let books = company.sandbox.quickbooks.bookkeeper();
            match day {
                "2026-03-07" => {
                    books.delete("Invoice", &theirs).unwrap();
                }
                "2026-03-13" => {
                    books.edit("Invoice", &theirs, json!({ "TxnDate": "2026-04-13" })).unwrap();
                }
                "2026-03-10" => {
                    let pasted = matching(&[(key.clone(), theirs.as_str())]);
                    company.files = adopt_amy("2026-03-01", &pasted);
                }
                _ => company.files = adopt_amy("2026-03-01", &format!(", accept = [\"{key}\"]")),
            }
            assert_all_synced(&pass(&company).await);
            assert_eq!(marked(&company, &key).len(), usize::from(day != "2026-03-10"), "{name}");
        }
    }
}

/// Whatever may be one of them waits, until a person says which it is.
#[tokio::test(start_paused = true)]
async fn every_record_that_may_be_a_document_waits_for_it() {
    let mut company = Company::bare(&adopt_amy("beginning", ""));
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let invoices = ["2026-03-06", "2026-03-08", "2026-03-09", "2026-05-10"]
        .map(|day| bill(&company, amy, noon(day), "100.00"));
    let invoices = invoices.map(|id| format!("invoice/{id}"));
    let given = format!("credit/{}", credit(&company, amy, "2026-03-10", "20.00", &[]));
    let payments = ["2026-04-01", "2026-04-08"].map(|day| pay(&company, amy, noon(day), "30.00", &[]));
    let payments = payments.map(|id| format!("payment/{id}"));
    let first = by_hand::invoice(&company, AMY, "B-1", ("2026-03-10", "100.00"));
    let fourth = company.sandbox.staxbill.invoices()[3].number.to_string();
    by_hand::invoice(&company, AMY, &fourth, ("2025-01-10", "1.00"));
    // Another customer's is nobody's here.
    by_hand::invoice(&company, "2", "B-3", ("2026-03-06", "100.00"));
    let memo = by_hand::memo(&company, AMY, "B-4", ("2026-03-12", "20.00"));
    let cheque = by_hand::payment(&company, AMY, ("2026-04-09", "30.00"), &[]);
    let status = pass(&company).await;
    let mut expected = [&invoices[1], &invoices[2], &invoices[3], &payments[1], &given]
        .map(|key| format!("{key} possible-duplicate"));
    let mut found = warnings(&status);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    the(&company, &invoices[0]);
    the(&company, &payments[0]);
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    let matched = [
        (invoices[2].clone(), first.as_str()),
        (given.clone(), memo.as_str()),
        (payments[1].clone(), cheque.as_str()),
    ];
    company.files = adopt_amy("beginning", &matching(&matched));
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{} possible-duplicate", invoices[3])]);
    let reason = &status.warnings[0].reason;
    assert!(reason.contains("bears the same number") && reason.contains("in its match;"), "{reason}");
    the(&company, &invoices[1]);
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
}

/// A document that a match names no longer is nobody's again.
#[tokio::test(start_paused = true)]
async fn a_match_that_moves_lets_its_document_go() {
    let mut company = Company::bare(&adopt_amy("2026-03-01", ""));
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let first = bill(&company, amy, noon("2026-03-08"), "100.00");
    let [one, other] = ["2026-03-10", "2026-03-11"]
        .map(|day| by_hand::invoice(&company, AMY, &format!("B-{day}"), (day, "100.00")));
    let matched = |id: &str| adopt_amy("2026-03-01", &matching(&[(format!("invoice/{first}"), id)]));
    company.files = matched(&one);
    assert_all_synced(&pass(&company).await);
    company.files = matched(&other);
    assert_all_synced(&pass(&company).await);
    let second = bill(&company, amy, noon("2026-03-12"), "100.00");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("invoice/{second} possible-duplicate")]);
    let pasted = format!("\"invoice/{second}\" = \"{one}\" in its match");
    assert!(status.warnings[0].reason.contains(&pasted), "{}", status.warnings[0].reason);
}

/// What stands is not asked about, whatever people enter beside it.
#[tokio::test(start_paused = true)]
async fn what_is_posted_stays_synced() {
    let company = Company::bare(&adopt_amy("2026-03-01", ""));
    let amy = customer(&company, "Amy's Bird Sanctuary");
    bill(&company, amy, noon("2026-03-10"), "100.00");
    pay(&company, amy, noon("2026-03-12"), "60.00", &[]);
    assert_all_synced(&pass(&company).await);
    by_hand::invoice(&company, AMY, "B-1", ("2026-03-10", "100.00"));
    by_hand::payment(&company, AMY, ("2026-03-12", "60.00"), &[]);
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    company.wait(Duration::from_hours(25)).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

/// Nobody watches a customer whose line is gone.
#[tokio::test(start_paused = true)]
async fn a_line_that_comes_back_is_looked_into_again() {
    let mut company = Company::bare(&adopt_amy("2026-03-01", ""));
    let amy = customer(&company, "Amy's Bird Sanctuary");
    bill(&company, amy, noon("2026-03-01"), "5.00");
    assert_all_synced(&pass(&company).await);
    company.files = "[links]\n10482 = { skip = \"for now\" }\n".to_owned();
    pass(&company).await;
    by_hand::invoice(&company, AMY, "B-1", ("2026-03-10", "100.00"));
    pass(&company).await;
    company.files = adopt_amy("2026-03-01", "");
    let invoice = bill(&company, amy, noon("2026-03-10"), "100.00");
    assert_eq!(warnings(&pass(&company).await), [format!("invoice/{invoice} possible-duplicate")]);
}

/// A start that moves back opens a window that nobody looked into; a plan tells
/// what lies there before anything is posted.
#[tokio::test(start_paused = true)]
async fn a_start_that_moves_back_is_looked_into_once() {
    let mut company = Company::bare("[links]\n");
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let older = bill(&company, amy, noon("2026-01-10"), "80.00");
    let newer = bill(&company, amy, noon("2026-03-10"), "90.00");
    by_hand::invoice(&company, AMY, "B-1", ("2026-01-10", "80.00"));
    pass(&company).await;
    company.files = adopt_amy("2026-03-01", "");
    let queries = count_calls(&company, "POST", "/v3/company/*/query");
    assert_all_synced(&pass(&company).await);
    let first = queries();
    the(&company, &format!("invoice/{newer}"));
    bill(&company, amy, noon("2026-03-12"), "10.00");
    assert_all_synced(&pass(&company).await);
    assert_eq!(queries(), first, "once a customer and start");
    company.files = adopt_amy("2026-01-01", "");
    let (plan, _) = company.plan().await;
    assert!(plan.steps.is_empty(), "{:?}", plan.steps);
    assert_eq!(plan.held[0].key.to_string(), format!("invoice/{older}"));
    let planned = queries();
    assert_eq!(warned(&pass(&company).await, &format!("invoice/{older}")), ["possible-duplicate"]);
    assert_eq!(queries(), planned + 1, "invoices alone");
    let writes = count_writes(&company);
    assert_eq!(warned(&pass(&company).await, &format!("invoice/{older}")), ["possible-duplicate"]);
    assert_eq!((queries(), writes()), (planned + 1, 0));
}

/// A customer that latchd created has nothing by hand before it.
#[tokio::test(start_paused = true)]
async fn nobody_looks_for_customers_that_were_created() {
    let company = Company::bare(&super::shop::create_all(1));
    customer(&company, "Bolt Bakery");
    assert_all_synced(&pass(&company).await);
    let queries = count_calls(&company, "POST", "/v3/company/*/query");
    bill(&company, 10_482, noon("2026-03-10"), "100.00");
    assert_all_synced(&pass(&company).await);
    assert_eq!(queries(), 0);
}

/// A look that fails posts nothing for anybody, and is made again.
#[tokio::test(start_paused = true)]
async fn nothing_is_posted_past_a_look_that_failed() {
    let mut company = Company::bare("[links]\n");
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let invoice = bill(&company, amy, noon("2026-03-10"), "100.00");
    by_hand::invoice(&company, AMY, "B-1", ("2026-03-10", "100.00"));
    pass(&company).await;
    company.files = adopt_amy("2026-03-01", "");
    let cut = Rule::next("/v3/company/*/query", Kind::Status { code: 503, after: false });
    company.sandbox.trouble.add(cut.every());
    let (_, status) = company.once().await;
    assert_eq!(warnings(&status), ["company/quickbooks-unreachable quickbooks-unreachable"]);
    assert!(marked(&company, &format!("invoice/{invoice}")).is_empty());
    company.sandbox.trouble.clear();
    assert_eq!(warnings(&pass(&company).await), [format!("invoice/{invoice} possible-duplicate")]);
}
