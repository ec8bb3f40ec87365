//! When QuickBooks refuses: how often it is asked again.

use std::time::Duration;

use latchd::sandbox::quickbooks::Refusal;
use latchd::sandbox::trouble::{Kind, Rule};

use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, count_calls, create_all, customer, noon, one_of_each,
    pass, warned,
};
use crate::company::Company;

/// Passes of half a day, five minutes apart, and how many calls each hour cost.
async fn calls_by_hour(company: &Company, calls: impl Fn() -> u64) -> Vec<u64> {
    let (mut hours, mut before) = (Vec::new(), calls());
    for _ in 0..12 {
        for _ in 0..12 {
            company.once().await;
            company.wait(Duration::from_secs(300)).await;
        }
        hours.push(calls() - before);
        before = calls();
    }
    hours
}

#[tokio::test(start_paused = true)]
async fn what_passes_by_itself_is_tried_soon_and_then_less_and_less() {
    let (company, ..) = one_of_each();
    company.sandbox.quickbooks.refuse(Refusal::NamesBusy, true);
    let calls = count_calls(&company, "POST", "/v3/company/*/customer");
    let status = pass(&company).await;
    assert_eq!((calls(), warned(&status, "customer/10482")), (1, vec!["refused"]));
    let warning = &status.warnings[0];
    let wait = warning.next_attempt_at.unwrap().duration_since(warning.since).as_secs();
    assert!((45..=60).contains(&wait), "{wait}");
    assert!(warning.reason.contains("one name at a time"), "{}", warning.reason);
    let hours = calls_by_hour(&company, calls).await;
    assert!(hours[0] > 2 && hours[3..].iter().all(|calls| *calls <= 1), "{hours:?}");
    assert!(hours.iter().sum::<u64>() >= 12, "it is not given up: {hours:?}");
    company.sandbox.quickbooks.refuse(Refusal::NamesBusy, false);
    company.wait(Duration::from_secs(2 * 3600)).await;
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_person_costs_one_call_a_day() {
    let (company, ..) = one_of_each();
    company
        .sandbox
        .trouble
        .add(Rule::next("/v3/company/*/customer", Kind::Fault { code: 2050 }).method("POST").every());
    let calls = count_calls(&company, "POST", "/v3/company/*/customer");
    let hours = calls_by_hour(&company, calls).await;
    assert_eq!((hours[0], hours.iter().sum::<u64>()), (1, 1), "{hours:?}");
}

/// QuickBooks fails over one document for ever. The others go through, and it
/// costs no more than a write and a look every other hour.
#[tokio::test(start_paused = true)]
async fn a_record_without_a_definite_answer_is_not_sent_without_end() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let poison = bill(&company, bolt, noon("2026-03-01"), "66.60");
    for _ in 0..6 {
        bill(&company, bolt, noon("2026-03-02"), "10.00");
    }
    let poisoned = || {
        Rule::next("/v3/company/*", Kind::Status { code: 500, after: false })
            .containing("66.6")
            .method("POST")
    };
    company.sandbox.trouble.add(poisoned().every());
    let place = company.sandbox.trouble.rules().len() - 1;
    let calls = || company.sandbox.trouble.rules()[place].seen;
    let hours = calls_by_hour(&company, calls).await;
    assert_eq!(company.sandbox.quickbooks.objects("Invoice").len(), 6, "the others");
    assert!(hours[4..].iter().all(|calls| *calls <= 1), "{hours:?}");
    assert!(hours[4..].iter().sum::<u64>() >= 2, "it is not given up: {hours:?}");
    let status = company.once().await.1;
    assert_eq!(warned(&status, &format!("invoice/{poison}")), ["unknown-outcome"]);
    assert_no_mark_twice(&company);
}
