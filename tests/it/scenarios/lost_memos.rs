//! Lost answers for memos, applications, entries and what lowers them: each is
//! looked for, and nothing stands twice.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};

use super::desk::{credit, debit, laid, memo, refund, reverse, write_off};
use super::shop::{
    applied, assert_all_synced, assert_no_mark_twice, bill, create_all, customer, dec, noon, pass, pay, rows,
};
use crate::company::Company;

const ENTRIES: &str = "refund_as = \"journal-entry\"\nrefund_account = \"Checking\"";

struct Made {
    invoices: [i64; 2],
    payment: i64,
    credit: i64,
}

/// Something of every kind; then all of it changes.
fn first(company: &Company) -> Made {
    let bolt = customer(company, "Bolt Bakery");
    let invoices = [1, 2].map(|day| bill(company, bolt, noon(&format!("2026-03-0{day}")), "100.00"));
    let payment = pay(company, bolt, noon("2026-03-05"), "60.00", &[(invoices[0], "60.00")]);
    let credit = credit(company, bolt, "2026-03-06", "40.00", &[(invoices[1], "40.00")]);
    Made { invoices, payment, credit }
}

fn second(company: &Company, made: &Made) {
    let [a, b] = made.invoices;
    refund(company, made.payment, "2026-04-01", "15.00", &[(a, "15.00")]);
    debit(company, made.credit, "2026-04-02", "10.00", &[(b, "10.00")]);
    company.sandbox.staxbill.deallocate_credit(made.credit, b, dec("12.00"));
    company.sandbox.staxbill.allocate_credit(made.credit, a, dec("12.00"));
    reverse(company, b, "2026-04-03", &[(0, "30.00")]);
    write_off(company, a, "2026-04-04", "5.00");
}

fn check(company: &Company, made: &Made, entries: bool, when: &str) {
    let [a, b] = made.invoices;
    let paid = if entries { "60.00" } else { "45.00" };
    assert_eq!(applied(company, made.payment), rows(&[(a, paid)]), "{when}");
    let key = format!("credit/{}", made.credit);
    assert_eq!(memo(company, &key), (dec("30"), dec("0")), "{when}");
    assert_eq!(laid(company, &key), rows(&[(a, "12.00"), (b, "18.00")]), "{when}");
    assert_no_mark_twice(company);
    assert_eq!(company.sandbox.quickbooks.audit(), [""; 0], "{when}");
}

/// Each write in turn is lost, before or after its effect.
#[tokio::test(start_paused = true)]
async fn whatever_answer_is_lost_nothing_stands_twice() {
    for entries in [false, true] {
        for kind in [Kind::Cut, Kind::Refuse, Kind::Status { code: 500, after: true }] {
            for nth in 1..=9 {
                let when = format!("{kind:?} {nth} {entries}");
                let mut company = Company::bare(&create_all(1));
                company.posting = if entries { ENTRIES.to_owned() } else { String::new() };
                let made = first(&company);
                let lost =
                    |nth| Rule::next("/v3/company", kind).of(Vendor::QuickBooks).method("POST").nth(nth);
                company.sandbox.trouble.add(lost(nth));
                company.once().await;
                company.sandbox.trouble.clear();
                company.wait(Duration::from_mins(5)).await;
                assert_all_synced(&pass(&company).await);
                second(&company, &made);
                company.sandbox.trouble.add(lost(nth));
                company.once().await;
                company.sandbox.trouble.clear();
                company.wait(Duration::from_mins(5)).await;
                assert_all_synced(&pass(&company).await);
                check(&company, &made, entries, &when);
            }
        }
    }
}

/// A process dies at each step of the way; the next one ends it.
#[tokio::test(start_paused = true)]
async fn wherever_a_process_dies_the_next_ends_it() {
    for steps in (1..60).step_by(3) {
        let company = Company::bare(&create_all(1));
        let made = first(&company);
        assert_all_synced(&pass(&company).await);
        second(&company, &made);
        company.sandbox.trouble.add(Rule::next("", Kind::DelayAnswer { ms: 20 }).every());
        let killed = tokio::time::timeout(Duration::from_millis(20 * steps + 10), company.once());
        drop(killed.await);
        company.sandbox.trouble.clear();
        company.wait(Duration::from_mins(5)).await;
        pass(&company).await;
        assert_all_synced(&pass(&company).await);
        check(&company, &made, false, &format!("after {steps} steps"));
    }
}
