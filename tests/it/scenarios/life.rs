//! A year of ordinary life, with trouble all the way, ends in balance.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::json;

use super::shop::{
    amount, applied, assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, dec,
    id_of, noon, one_of_each, pass, pay, rows, the, warned,
};
use crate::company::{Company, counts, warnings};

#[tokio::test(start_paused = true)]
async fn every_call_in_turn_may_fail_and_the_books_end_the_same() {
    for vendor in [Vendor::QuickBooks, Vendor::StaxBill] {
        for fate in [Kind::Refuse, Kind::Cut, Kind::HalfBody, Kind::TooMany { retry_after: Some(5) }] {
            for nth in 1.. {
                let (company, bolt, invoice, payment) = one_of_each();
                company.sandbox.trouble.add(Rule::next("", fate).of(vendor).nth(nth));
                company.once().await;
                company.wait(Duration::from_secs(200)).await;
                let hit = company.sandbox.trouble.hits() == 1;
                company.sandbox.trouble.clear();
                assert_all_synced(&pass(&company).await);
                assert_no_mark_twice(&company);
                assert_eq!(
                    applied(&company, payment),
                    rows(&[(invoice, "100.00")]),
                    "{vendor:?} {fate:?} {nth}"
                );
                the(&company, &format!("customer/{bolt}"));
                if !hit {
                    assert!(nth > 4, "{vendor:?} {nth}");
                    break;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_says_what_the_pass_then_does_and_writes_nothing() {
    let (company, bolt, invoice, payment) = one_of_each();
    let writes = count_writes(&company);
    let (plan, causes) = company.plan().await;
    let steps: Vec<String> =
        plan.steps.iter().map(|step| format!("{} {}", step.action.name(), step.key)).collect();
    assert_eq!(
        steps,
        [
            format!("create customer/{bolt}"),
            format!("create invoice/{invoice}"),
            format!("create payment/{payment}")
        ]
    );
    assert_eq!((writes(), causes.len()), (0, 0));
    pass(&company).await;
    assert!(company.plan().await.0.steps.is_empty());
    // Money that moves is two steps, in that order.
    let second = bill(&company, bolt, noon("2026-04-01"), "100.00");
    pass(&company).await;
    company.sandbox.staxbill.deallocate(payment, invoice, dec("100.00"));
    company.sandbox.staxbill.allocate(payment, second, dec("100.00"));
    let (plan, _) = company.plan().await;
    let steps: Vec<String> =
        plan.steps.iter().map(|step| format!("{} {}", step.action.name(), step.key)).collect();
    assert_eq!(steps, [format!("release payment/{payment}"), format!("apply payment/{payment}")]);
    let before = writes();
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes() - before, 2);
    assert!(company.plan().await.0.steps.is_empty());
}

#[tokio::test(start_paused = true)]
async fn months_pass_and_every_day_is_quiet_or_right() {
    let company = Company::bare(&create_all(2));
    let people = ["Ada", "Bea"].map(|name| customer(&company, name));
    for month in 0..4 {
        let at = company.sandbox.clock.now();
        let mut posted = Vec::new();
        for id in people {
            posted.push((bill(&company, id, at, "49.00"), pay(&company, id, at, "49.00", &[])));
        }
        assert_all_synced(&pass(&company).await);
        company.wait(Duration::from_secs(10 * 86_400)).await;
        for (invoice, payment) in &posted {
            company.sandbox.staxbill.allocate(*payment, *invoice, dec("49.00"));
        }
        assert_all_synced(&pass(&company).await);
        for (invoice, payment) in &posted {
            assert_eq!(applied(&company, *payment), rows(&[(*invoice, "49.00")]), "{month}");
            assert_eq!(amount(&the(&company, &format!("invoice/{invoice}")), "Balance"), dec("0"));
        }
        company.wait(Duration::from_secs(20 * 86_400)).await;
        let writes = count_writes(&company);
        pass(&company).await;
        assert_eq!(writes(), 0, "{month}");
    }
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn an_invoice_that_is_deleted_blocks_what_would_take_it() {
    let (company, bolt, invoice, payment) = one_of_each();
    let other = bill(&company, bolt, noon("2026-03-02"), "60.00");
    pass(&company).await;
    let key = format!("invoice/{other}");
    company.sandbox.quickbooks.bookkeeper().delete("Invoice", &id_of(&company, &key)).unwrap();
    let second = pay(&company, bolt, noon("2026-03-10"), "60.00", &[(other, "60.00")]);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} deleted-in-quickbooks")]);
    assert_eq!(status.warnings[0].blocks.records, 1);
    assert_eq!(counts(&status, 2), (2, 1, 1));
    assert_eq!(applied(&company, payment), rows(&[(invoice, "100.00")]));
    assert!(super::shop::marked(&company, &format!("payment/{second}")).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_paid_invoice_that_is_deleted_frees_its_payment_and_says_both() {
    let (company, bolt, invoice, payment) = one_of_each();
    pass(&company).await;
    let key = format!("invoice/{invoice}");
    company.sandbox.quickbooks.bookkeeper().delete("Invoice", &id_of(&company, &key)).unwrap();
    let later = bill(&company, bolt, noon("2026-04-01"), "10.00");
    let writes = count_writes(&company);
    for turn in 0..2 {
        let status = pass(&company).await;
        assert_eq!(warned(&status, &key), ["deleted-in-quickbooks"], "{turn}");
        assert_eq!(warned(&status, &format!("payment/{payment}")), ["drifted"], "{turn}");
    }
    assert_eq!(writes(), 1, "the later invoice alone");
    the(&company, &format!("invoice/{later}"));
}

#[tokio::test(start_paused = true)]
async fn restoring_touches_nothing_that_is_gone_and_no_customer() {
    let (mut company, _, invoice, _) = one_of_each();
    pass(&company).await;
    company.posting = "on_drift = \"restore\"".to_owned();
    let books = company.sandbox.quickbooks.bookkeeper();
    let customer = id_of(&company, "customer/10482");
    books.edit("Customer", &customer, json!({ "DisplayName": "Bolt Bakery & Sons" })).unwrap();
    books.delete("Invoice", &id_of(&company, &format!("invoice/{invoice}"))).unwrap();
    let writes = count_writes(&company);
    pass(&company).await;
    pass(&company).await;
    assert_eq!(the(&company, "customer/10482")["DisplayName"], "Bolt Bakery & Sons");
    assert!(super::shop::marked(&company, &format!("invoice/{invoice}")).is_empty());
    assert_eq!(writes(), 0);
}
