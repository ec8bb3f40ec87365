//! Stax Bill's own trouble: answers that do not come, come late or cannot be
//! read.

use std::time::Duration;

use latchd::model::Code;
use latchd::pass::Outcome;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};

use super::desk::reverse;
use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, count_calls, count_writes, create_all, customer, dec,
    marked, noon, one_of_each, pass, pay, the, warned,
};
use crate::company::{Company, counts, warnings};

const LISTS: [&str; 3] = ["/v1/customers", "/v1/invoiceSummaries", "/v1/PaymentActivities"];

fn stax(path: &str, what: Kind) -> Rule {
    Rule::next(path, what).of(Vendor::StaxBill)
}

#[tokio::test(start_paused = true)]
async fn one_bad_answer_is_asked_for_again() {
    for path in LISTS.into_iter().chain(["/v1/Invoices/", "/v1/customerAddressPreferences"]) {
        for fate in [
            Kind::Refuse,
            Kind::Cut,
            Kind::Status { code: 500, after: false },
            Kind::Status { code: 503, after: true },
            Kind::TooMany { retry_after: None },
            Kind::TooMany { retry_after: Some(7) },
        ] {
            let (company, ..) = one_of_each();
            company.sandbox.trouble.add(stax(path, fate));
            let (done, status) = company.once().await;
            assert_eq!(company.sandbox.trouble.hits(), 1, "{path}");
            assert_eq!(done.outcome, Outcome::Complete, "{path} {fate:?} {:?}", done.causes);
            assert_all_synced(&status);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_stays_bad_is_one_cause_and_moves_no_mark() {
    for path in LISTS {
        for (fate, code) in [
            (Kind::Refuse, Code::StaxbillUnreachable),
            (Kind::Status { code: 500, after: false }, Code::StaxbillUnreachable),
            (Kind::Html { code: 200 }, Code::StaxbillUnreachable),
            (Kind::HalfBody, Code::StaxbillUnreachable),
            (Kind::Status { code: 401, after: false }, Code::StaxbillRefused),
            (Kind::TooMany { retry_after: Some(30) }, Code::Throttled),
        ] {
            let (company, bolt, ..) = one_of_each();
            pass(&company).await;
            let (invoice, payment) = (
                bill(&company, bolt, noon("2026-04-01"), "70.00"),
                pay(&company, bolt, noon("2026-04-02"), "30.00", &[]),
            );
            company.sandbox.staxbill.allocate(payment, invoice, dec("20.00"));
            company.sandbox.trouble.add(stax(path, fate).every());
            let writes = count_writes(&company);
            for _ in 0..2 {
                let (done, status) = company.once().await;
                assert_eq!(done.outcome, Outcome::Failed, "{path} {fate:?}");
                assert_eq!(
                    done.causes.iter().map(|cause| cause.code).collect::<Vec<_>>(),
                    [code],
                    "{path} {fate:?}"
                );
                assert_eq!((writes(), warnings(&status).len()), (0, 1), "{path} {fate:?}");
                company.wait(Duration::from_secs(3 * 3600)).await;
            }
            company.sandbox.trouble.clear();
            assert_all_synced(&pass(&company).await);
            the(&company, &format!("invoice/{invoice}"));
            the(&company, &format!("payment/{payment}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_fails_in_the_middle_loses_nothing() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoices: Vec<i64> = (0..1_030).map(|_| bill(&company, bolt, noon("2026-03-01"), "1.00")).collect();
    company.sandbox.trouble.add(stax("/v1/invoiceSummaries", Kind::Refuse).nth(2).times(4));
    let (done, _) = company.once().await;
    assert_eq!(done.outcome, Outcome::Failed);
    assert!(company.sandbox.quickbooks.objects("Invoice").is_empty());
    company.wait(Duration::from_secs(5 * 3600)).await;
    let status = pass(&company).await;
    assert_eq!(counts(&status, 1), (1_030, 1_030, 1_030));
    assert_no_mark_twice(&company);
    the(&company, &format!("invoice/{}", invoices[1_029]));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_posted_exactly_stops_itself_only() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let fine = bill(&company, bolt, noon("2026-03-01"), "10.005");
    let good = bill(&company, bolt, noon("2026-03-02"), "10.00");
    let odd = pay(&company, bolt, noon("2026-03-03"), "3.333", &[]);
    let paid = pay(&company, bolt, noon("2026-03-04"), "5.00", &[(good, "5.00")]);
    for _ in 0..2 {
        let status = pass(&company).await;
        assert_eq!(
            warnings(&status),
            [format!("invoice/{fine} invalid-record"), format!("payment/{odd} invalid-record")]
        );
        the(&company, &format!("invoice/{good}"));
        the(&company, &format!("payment/{paid}"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_odd_payment_on_a_posted_invoice_stops_itself_only() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-02"), "10.00");
    let paid = pay(&company, bolt, noon("2026-03-04"), "5.00", &[(invoice, "5.00")]);
    pass(&company).await;
    let odd = pay(&company, bolt, noon("2026-03-05"), "3.333", &[(invoice, "3.00")]);
    let later = bill(&company, bolt, noon("2026-04-02"), "10.00");
    let status = pass(&company).await;
    assert_eq!(warned(&status, &format!("payment/{odd}")), ["invalid-record"]);
    the(&company, &format!("payment/{paid}"));
    the(&company, &format!("invoice/{later}"));
}

#[tokio::test(start_paused = true)]
async fn what_stax_bills_own_sync_posted_is_not_posted_again() {
    let (company, bolt, invoice, payment) = one_of_each();
    company.sandbox.staxbill.synchronised_by_vendor(bolt, 900);
    let status = pass(&company).await;
    assert_eq!(warned(&status, &format!("customer/{bolt}")), ["possible-duplicate"]);
    assert!(marked(&company, &format!("customer/{bolt}")).is_empty());
    // Adopted, its customer is known, and its documents are still theirs.
    let mut company = company;
    company.files =
        "[links]\n10482 = { adopt = \"3\", expect = \"Cool Cars\", start = \"beginning\" }\n".to_owned();
    let second = bill(&company, bolt, noon("2026-04-01"), "5.00");
    let status = pass(&company).await;
    // The payment waits for its invoice, whatever is the matter with itself.
    for (kind, id, expected) in [("invoice", invoice, &["possible-duplicate"][..]), ("payment", payment, &[])]
    {
        let key = format!("{kind}/{id}");
        assert_eq!(warned(&status, &key), expected);
        assert!(marked(&company, &key).is_empty());
    }
    the(&company, &format!("invoice/{second}"));
}

/// Only a note's own rows tell that it is theirs; they are read once.
#[tokio::test(start_paused = true)]
async fn a_credit_note_of_stax_bills_own_sync_is_asked_about_once() {
    let (company, bolt, invoice, _) = one_of_each();
    assert_all_synced(&pass(&company).await);
    let note = reverse(&company, invoice, "2026-03-08", &[(0, "10.00")]);
    company.sandbox.staxbill.synchronised_by_vendor(bolt, 900);
    let key = format!("charge-reversal/{note}");
    // The ids appeared while latchd runs: nothing is created, nor looked at for it.
    let status = pass(&company).await;
    assert_eq!(warned(&status, "company/other-sync-active"), ["other-sync-active"]);
    assert_eq!(warned(&status, &key), [""; 0], "it waits for the company's cause");
    company.wait(Duration::from_secs(25 * 3600)).await;
    assert_eq!(warned(&pass(&company).await, &key), ["possible-duplicate"]);
    let asked = count_calls(&company, "GET", "/v1/CreditNotes");
    assert_eq!(warned(&pass(&company).await, &key), ["possible-duplicate"]);
    assert_eq!(asked(), 0);
    assert_eq!(company.plan().await.0.steps.len(), 0);
    assert!(marked(&company, &key).is_empty());
}

#[tokio::test(start_paused = true)]
async fn quickbooks_that_does_not_answer_is_one_cause() {
    for (fate, code) in [
        (Kind::Refuse, Code::QuickbooksUnreachable),
        (Kind::Status { code: 500, after: false }, Code::QuickbooksUnreachable),
        (Kind::Html { code: 200 }, Code::QuickbooksUnreachable),
        (Kind::HalfBody, Code::QuickbooksUnreachable),
        (Kind::TooMany { retry_after: None }, Code::Throttled),
    ] {
        for path in ["cdc", "query", "*"] {
            let (company, ..) = one_of_each();
            let rule = Rule::next(&format!("/v3/company/*/{path}"), fate).of(Vendor::QuickBooks).every();
            company.sandbox.trouble.add(rule);
            let (done, status) = company.once().await;
            assert_eq!(
                done.causes.iter().map(|cause| cause.code).collect::<Vec<_>>(),
                [code],
                "{path} {fate:?}"
            );
            assert_eq!(company.sandbox.quickbooks.calls().writes, 0);
            assert_eq!(warnings(&status).iter().filter(|row| row.starts_with("company/")).count(), 1);
            company.sandbox.trouble.clear();
            company.wait(Duration::from_secs(200)).await;
            assert_all_synced(&pass(&company).await);
            assert_no_mark_twice(&company);
        }
    }
}
