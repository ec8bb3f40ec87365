//! A bookkeeper at work while a pass runs: after it decided, and before its
//! write takes effect.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::json;

use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, customer, mark_of, noon, pass, pay, warned,
};
use crate::company::Company;

/// Linked with Cool Cars, QuickBooks' customer 3, and a document that stands.
async fn cool_cars() -> (Company, i64) {
    let line = "[links]\n10482 = { adopt = \"3\", expect = \"Cool Cars\", start = \"beginning\" }\n";
    let company = Company::bare(line);
    let id = customer(&company, "Cool Cars");
    let paid = bill(&company, id, noon("2026-03-01"), "50.00");
    // Whoever has a balance cannot be made inactive.
    pay(&company, id, noon("2026-03-01"), "50.00", &[(paid, "50.00")]);
    assert_all_synced(&pass(&company).await);
    bill(&company, id, noon("2026-03-02"), "60.00");
    (company, id)
}

/// A pass, in the middle of whose writing somebody acts.
async fn pass_while(company: &Company, act: impl FnOnce(&Company)) {
    let slow = Rule::next("/v3/company/*/invoice", Kind::Delay { ms: 10_000 });
    company.sandbox.trouble.add(slow.of(Vendor::QuickBooks).method("POST"));
    let person = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        act(company);
    };
    let (_, ()) = tokio::join!(company.once(), person);
    assert_eq!(company.sandbox.trouble.hits(), 1, "it wrote while somebody acted");
    company.sandbox.trouble.clear();
    company.wait(Duration::from_mins(5)).await;
}

/// Whose the documents are that bear our marks.
fn owners(company: &Company) -> Vec<String> {
    let invoices = company.sandbox.quickbooks.objects("Invoice");
    let ours = invoices.iter().filter(|invoice| mark_of(invoice).is_some());
    ours.map(|invoice| invoice["CustomerRef"]["value"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_merge_in_the_middle_of_a_pass_is_told_by_the_next() {
    let (mut company, id) = cool_cars().await;
    pass_while(&company, |company| {
        company.sandbox.quickbooks.bookkeeper().merge_customer("3", "1").expect("a person may do that");
    })
    .await;
    let status = pass(&company).await;
    assert_eq!(warned(&status, &format!("customer/{id}")), ["link-not-found"]);
    assert!(owners(&company).iter().all(|owner| owner == "1"), "{:?}", owners(&company));
    company.files = format!("[links]\n{}\n", status.warnings[0].paste.join("\n"));
    assert_all_synced(&pass(&company).await);
    assert_eq!(owners(&company), ["1", "1"]);
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn an_inactivation_in_the_middle_of_a_pass_waits_for_the_bookkeeper() {
    let (company, id) = cool_cars().await;
    pass_while(&company, |company| {
        company.sandbox.quickbooks.bookkeeper().inactivate("Customer", "3").expect("a person may do that");
    })
    .await;
    assert_eq!(warned(&pass(&company).await, &format!("customer/{id}")), ["link-inactive"]);
    company.sandbox.quickbooks.bookkeeper().reactivate("Customer", "3").expect("a person may do that");
    company.wait(Duration::from_hours(24)).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(owners(&company), ["3", "3"]);
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_becomes_another_in_the_middle_of_a_pass_gets_nothing_more() {
    let (mut company, id) = cool_cars().await;
    pass_while(&company, |company| {
        let name = json!({ "DisplayName": "Warm Wagons of Wyoming" });
        company.sandbox.quickbooks.bookkeeper().edit("Customer", "3", name).expect("a person may do that");
    })
    .await;
    let before = owners(&company).len();
    bill(&company, id, noon("2026-03-03"), "70.00");
    let status = pass(&company).await;
    assert_eq!(warned(&status, &format!("customer/{id}")), ["identity-mismatch"]);
    assert_eq!(owners(&company).len(), before, "what was under way ends, and nothing follows it");
    company.files = format!("[links]\n{}\n", status.warnings[0].paste.join("\n"));
    assert_all_synced(&pass(&company).await);
    assert_no_mark_twice(&company);
}
