//! Stax Bill's own integration comes alive while latchd runs, or was alive
//! before it.

use std::time::Duration;

use latchd::report::Status;
use latchd::sandbox::staxbill::Account;
use latchd::sandbox::trouble::{Kind, Rule};

use super::desk::{credit, refund, reverse};
use super::shop::{
    applied, assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, dec, marked,
    noon, one_of_each, pass, pay, rows, the, warned,
};
use crate::company::{Company, warnings};

const HOUR: Duration = Duration::from_secs(3600);
const ACTIVE: &str = "company/other-sync-active";

/// What is told of the whole company.
fn causes(status: &Status) -> Vec<String> {
    warnings(status).into_iter().filter(|row| row.starts_with("company/")).collect()
}

#[tokio::test(start_paused = true)]
async fn creations_stop_while_it_is_at_work_and_follow_when_it_is_not() {
    let company = Company::bare(&create_all(2));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let paid = pay(&company, bolt, noon("2026-03-05"), "40.00", &[(invoice, "40.00")]);
    let spare = pay(&company, bolt, noon("2026-03-06"), "30.00", &[]);
    assert_all_synced(&pass(&company).await);
    company.sandbox.staxbill.own_synchronisation(true);
    let theirs = bill(&company, bolt, noon("2026-04-01"), "5.00");
    company.wait(HOUR).await;
    assert_eq!(causes(&pass(&company).await).len(), 1);
    company.sandbox.staxbill.own_synchronisation(false);
    // The next are not theirs yet.
    let cogs = customer(&company, "Cog & Co");
    let next = bill(&company, bolt, noon("2026-04-02"), "7.00");
    company.sandbox.staxbill.allocate(spare, invoice, dec("30.00"));
    for waited in [HOUR, HOUR * 23, HOUR] {
        let status = pass(&company).await;
        assert_eq!(causes(&status), [format!("{ACTIVE} other-sync-active")]);
        let told = &status.warnings[0];
        assert!(told.reason.contains("on 5 records since 2026-11-22 13:01 UTC, the latest on"), "{told:?}");
        assert_eq!(warned(&status, &format!("invoice/{theirs}")), ["possible-duplicate"]);
        for key in [format!("customer/{cogs}"), format!("invoice/{next}")] {
            // They wait for the company's cause, and are counted there.
            assert_eq!(warned(&status, &key), [""; 0]);
            assert!(marked(&company, &key).is_empty());
        }
        assert_eq!(told.blocks.records, 2, "{told:?}");
        // What stands is kept true.
        assert_eq!(applied(&company, spare), rows(&[(invoice, "30.00")]));
        company.wait(waited).await;
    }
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("invoice/{theirs} possible-duplicate")]);
    the(&company, &format!("customer/{cogs}"));
    the(&company, &format!("invoice/{next}"));
    the(&company, &format!("payment/{paid}"));
    assert!(marked(&company, &format!("invoice/{theirs}")).is_empty());
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn it_is_told_once_costs_nothing_and_survives_what_fails() {
    let (company, bolt, ..) = one_of_each();
    assert_all_synced(&pass(&company).await);
    company.sandbox.staxbill.synchronised_by_vendor(bolt, 900);
    // The ids are read, and then the pass fails: they are no news to the next.
    company.sandbox.trouble.add(Rule::next("/v3/company/*/cdc", Kind::Refuse).every());
    let (_, status) = company.once().await;
    assert_eq!(causes(&status).len(), 2, "{:?}", warnings(&status));
    company.sandbox.trouble.clear();
    company.wait(Duration::from_secs(300)).await;
    bill(&company, bolt, noon("2026-04-01"), "5.00");
    let writes = count_writes(&company);
    for _ in 0..3 {
        let (done, status) = company.once().await;
        assert_eq!((done.calls.quickbooks_reads, writes()), (1, 0));
        assert_eq!(causes(&status), [format!("{ACTIVE} other-sync-active")]);
        assert!(status.warnings[0].reason.contains("on 3 records"), "{:?}", status.warnings[0]);
    }
    let (plan, causes) = company.plan().await;
    assert_eq!((plan.steps.len(), plan.held.len(), causes.len()), (0, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_stood_there_before_is_no_sign_whenever_it_is_read() {
    let mut company = Company::bare("");
    let bolt = customer(&company, "Cool Cars");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-05"), "50.00", &[(invoice, "50.00")]);
    refund(&company, payment, "2026-03-06", "10.00", &[(invoice, "10.00")]);
    let given = credit(&company, bolt, "2026-03-07", "20.00", &[(invoice, "20.00")]);
    reverse(&company, invoice, "2026-03-08", &[(0, "5.00")]);
    company.sandbox.staxbill.synchronised_by_vendor(bolt, 900);
    assert!(causes(&pass(&company).await).is_empty());
    // Only now is the credit itself read, and a second note has the first one's
    // rows read.
    company.files =
        "[links]\n10482 = { adopt = \"3\", expect = \"Cool Cars\", start = \"beginning\" }\n".to_owned();
    reverse(&company, invoice, "2026-03-09", &[(0, "6.00")]);
    let second = bill(&company, bolt, noon("2026-04-01"), "5.00");
    for waited in [HOUR, HOUR * 24, HOUR] {
        let status = pass(&company).await;
        assert!(causes(&status).is_empty(), "{:?}", warnings(&status));
        // The credit waits for its invoice, whatever is the matter with itself.
        assert_eq!(warned(&status, &format!("invoice/{invoice}")), ["possible-duplicate"]);
        assert!(marked(&company, &format!("credit/{given}")).is_empty());
        company.wait(waited).await;
    }
    the(&company, &format!("invoice/{second}"));
}

#[tokio::test(start_paused = true)]
async fn an_id_is_a_sign_where_it_is_new_and_not_the_objects_own() {
    type Act = fn(&Company, i64);
    let adopt = "[links]\n10482 = { adopt = \"3\", expect = \"Cool Cars\", start = \"beginning\" }\n";
    let sync = |company: &Company, id| account(company).synchronised_by_vendor(id, 900);
    let cases: [(&str, Act, bool); 6] = [
        ("the customer that is adopted", |company, id| account(company).synchronised_by_vendor(id, 3), false),
        ("another customer", sync, true),
        (
            "a new customer",
            |company, _| account(company).synchronised_by_vendor(customer(company, "New"), 7),
            true,
        ),
        ("nothing", |_, _| {}, false),
        (
            "a new invoice",
            |company, id| {
                bill(company, id, noon("2026-04-01"), "5.00");
                account(company).synchronised_by_vendor(id, 3);
            },
            true,
        ),
        (
            "a new credit",
            |company, id| {
                credit(company, id, "2026-04-01", "5.00", &[]);
                account(company).synchronised_by_vendor(id, 3);
            },
            true,
        ),
    ];
    for (name, act, expected) in cases {
        let company = Company::bare(adopt);
        let bolt = customer(&company, "Cool Cars");
        assert_all_synced(&pass(&company).await);
        act(&company, bolt);
        let status = pass(&company).await;
        assert_eq!(!causes(&status).is_empty(), expected, "{name}: {:?}", warnings(&status));
    }
}

/// What was decided before it came alive is looked for, and not sent again.
#[tokio::test(start_paused = true)]
async fn a_creation_that_was_cut_off_is_not_sent_again() {
    let (company, bolt, ..) = one_of_each();
    assert_all_synced(&pass(&company).await);
    company.sandbox.staxbill.own_synchronisation(true);
    company.wait(Duration::from_secs(58 * 60)).await;
    let next = bill(&company, bolt, noon("2026-04-02"), "7.00");
    company.sandbox.trouble.add(Rule::next("/v3/company/*/invoice", Kind::Refuse));
    // It ends with a pass after the hour.
    let (done, status) = company.once().await;
    assert_eq!((company.sandbox.trouble.hits(), done.causes.len()), (1, 1));
    assert_eq!(warned(&status, &format!("invoice/{next}")), ["possible-duplicate"]);
    assert!(marked(&company, &format!("invoice/{next}")).is_empty());
}

fn account(company: &Company) -> &Account {
    &company.sandbox.staxbill
}
