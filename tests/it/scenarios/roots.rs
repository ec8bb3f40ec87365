//! Causes and what waits for them: one row a cause, however much it holds up.

use std::time::Duration;

use latchd::pass::Outcome;
use latchd::sandbox::quickbooks::Refusal;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::json;

use super::desk::refund;
use super::shop::{
    assert_all_synced, bill, count_writes, create_all, customer, noon, one_of_each, pass, pay,
};
use crate::company::{Company, counts, warnings};

/// What each warning holds up: its key, records and money.
fn held_up(status: &latchd::report::Status) -> Vec<(String, u64, String)> {
    let rows = status.warnings.iter().map(|row| {
        let money: Vec<String> = row.blocks.amounts.iter().map(|one| one.amount.to_string()).collect();
        (row.key.clone(), row.blocks.records, money.join(" "))
    });
    rows.collect()
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_folded_under_the_end_of_its_chain() {
    let (company, _, invoice, payment) = one_of_each();
    refund(&company, payment, "2026-03-20", "10.00", &[(invoice, "10.00")]);
    let books = company.sandbox.quickbooks.bookkeeper();
    let theirs = json!({
        "CustomerRef": { "value": "1" }, "DocNumber": (invoice - 87_000).to_string(),
        "Line": [{ "Amount": 1, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": { "ItemRef": { "value": "1" } } }],
    });
    let theirs = books.create("Invoice", theirs).unwrap();
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("invoice/{invoice} duplicate-number")]);
    assert_eq!(held_up(&status)[0].1, 2, "its payment, and the refund of that: {:?}", status.warnings);
    assert_eq!(held_up(&status)[0].2, "100.00");
    books.delete("Invoice", theirs["Id"].as_str().unwrap()).unwrap();
    company.wait(Duration::from_secs(24 * 3600)).await;
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn a_payments_fault_and_its_invoices_are_one_cause() {
    let (mut company, _, invoice, payment) = one_of_each();
    company.sandbox.staxbill.synchronised_by_vendor(10_482, 4_711);
    let line = |more: &str| {
        format!("[links]\n10482 = {{ adopt = \"3\", expect = \"Cool Cars\", start = \"beginning\"{more} }}\n")
    };
    company.files = line("");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("invoice/{invoice} possible-duplicate")]);
    assert_eq!(held_up(&status)[0].1, 1);
    // The payment's own comes to light when its invoice stands.
    company.files = line(&format!(", accept = [\"invoice/{invoice}\"]"));
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("payment/{payment} possible-duplicate")]);
}

#[tokio::test(start_paused = true)]
async fn those_come_first_that_hold_up_most() {
    let company = Company::bare("");
    for (name, bills) in
        [("One", &["10.00"][..]), ("Two", &["10.00", "10.00"]), ("Dear", &["10.01"]), ("Idle", &[])]
    {
        let id = customer(&company, name);
        for amount in bills {
            bill(&company, id, noon("2026-03-01"), amount);
        }
    }
    let expected = [("10483", 2, "20.00"), ("10484", 1, "10.01"), ("10482", 1, "10.00"), ("10485", 0, "")];
    let expected = expected.map(|(id, records, money)| (format!("customer/{id}"), records, money.to_owned()));
    assert_eq!(held_up(&pass(&company).await), expected);
}

#[tokio::test(start_paused = true)]
async fn a_setting_of_the_company_is_one_cause_however_many_wait() {
    let (company, bolt, ..) = one_of_each();
    bill(&company, bolt, noon("2026-03-02"), "50.00");
    company.sandbox.quickbooks.set_preference("SalesFormsPrefs.AutoApplyCredit", json!(true));
    let status = pass(&company).await;
    assert_eq!(held_up(&status), [("company/company-setting".to_owned(), 3, "150.00".to_owned())]);
    assert_eq!((status.entities[1].held, status.entities[1].warnings), (2, 0));
    assert!(status.warnings[0].reason.contains("AutoApplyCredit"), "{}", status.warnings[0].reason);
    let since = status.warnings[0].since;
    assert_eq!(pass(&company).await.warnings[0].since, since, "it stands since then");
    company.sandbox.quickbooks.set_preference("SalesFormsPrefs.AutoApplyCredit", json!(false));
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn what_the_whole_company_waits_for_is_counted_at_its_cause() {
    for (refusal, code) in [
        (Refusal::Unsubscribed, "company-inactive"),
        (Refusal::Disconnected, "reconnect"),
        (Refusal::Maintenance, "quickbooks-unreachable"),
    ] {
        let (company, bolt, ..) = one_of_each();
        pass(&company).await;
        bill(&company, bolt, noon("2026-03-02"), "50.00");
        bill(&company, bolt, noon("2026-03-03"), "30.00");
        company.sandbox.quickbooks.refuse(refusal, true);
        let (done, _) = company.once().await;
        assert_eq!(done.outcome, Outcome::Failed);
        company.wait(Duration::from_secs(60)).await;
        let (_, status) = company.once().await;
        assert_eq!(warnings(&status), [format!("company/{code} {code}")]);
        if code == "company-inactive" {
            assert_eq!(held_up(&status)[0].1, 2, "{code}");
            assert_eq!((status.entities[1].not_tried, counts(&status, 1).1), (2, 1), "{code}");
        }
        company.sandbox.quickbooks.refuse(refusal, false);
        let writes = count_writes(&company);
        if code != "reconnect" {
            assert_all_synced(&pass(&company).await);
            assert!(writes() > 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_without_a_line_holds_all_of_its_documents() {
    let mut company = Company::bare("");
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[(invoice, "100.00")]);
    refund(&company, payment, "2026-03-20", "10.00", &[(invoice, "10.00")]);
    let status = pass(&company).await;
    assert_eq!(held_up(&status), [("customer/10482".to_owned(), 3, "100.00".to_owned())]);
    company.files = create_all(1);
    assert_all_synced(&pass(&company).await);
}

/// An outcome that nobody can look for now is no cause of its own.
#[tokio::test(start_paused = true)]
async fn an_open_outcome_waits_for_the_company() {
    let (company, ..) = one_of_each();
    let never = Rule::next("/v3/company/*", Kind::Status { code: 500, after: false });
    let never = never.of(Vendor::QuickBooks).containing("CustomerRef").method("POST").every();
    company.sandbox.trouble.add(never);
    let (_, status) = company.once().await;
    assert_eq!(warnings(&status).len(), 1, "{:?}", warnings(&status));
    assert!(warnings(&status)[0].ends_with(" unknown-outcome"), "{:?}", warnings(&status));
    company.sandbox.trouble.add(Rule::next("/v3/company/*", Kind::Refuse).of(Vendor::QuickBooks).every());
    company.wait(Duration::from_secs(200)).await;
    let (_, status) = company.once().await;
    assert_eq!(warnings(&status), ["company/quickbooks-unreachable quickbooks-unreachable"]);
    assert!(status.warnings[0].blocks.records >= 1, "{:?}", status.warnings);
    company.sandbox.trouble.clear();
    company.wait(Duration::from_secs(3 * 3600)).await;
    pass(&company).await;
    assert_all_synced(&pass(&company).await);
}
