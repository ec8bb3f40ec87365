//! The state is lost: it is begun anew from QuickBooks' marks, and nothing
//! stands twice.

use std::fs;
use std::path::Path;
use std::time::Duration;

use latchd::clock::Clock as _;
use latchd::model::Code;
use latchd::report::Status;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use latchd::store::open_state;

use super::shop::{assert_all_synced, assert_no_mark_twice, bill, create_all, customer, noon, pass, pay};
use crate::company::Company;

fn reopen(company: &mut Company, folder: &Path) {
    company.store = open_state(folder, company.clock.now(), None).expect("the disk is sound");
}

fn rebuilt(status: &Status) -> Option<&str> {
    let notice = status.notices.iter().find(|notice| notice.code == "state-rebuilt");
    notice.map(|notice| notice.text.as_str())
}

/// The database goes while a request of the process before is still on its way:
/// what it makes comes to light within the wait, and is ours again.
#[tokio::test(start_paused = true)]
async fn what_the_dead_process_sent_is_waited_for() {
    let state = tempfile::tempdir().unwrap();
    let mut company = Company::bare(&create_all(1));
    reopen(&mut company, state.path());
    let bolt = customer(&company, "Bolt Bakery");
    bill(&company, bolt, noon("2026-03-01"), "100.00");
    let (_, status) = company.once().await;
    assert_eq!(rebuilt(&status), None, "a new state is not a lost one");
    assert_all_synced(&status);

    // QuickBooks refuses a second invoice of one number, and a second payment of an
    // invoice; of free payments it takes any number.
    pay(&company, bolt, noon("2026-03-05"), "100.00", &[]);
    let late = Rule::next("/v3/company", Kind::LateEffect { seconds: 60 });
    company.sandbox.trouble.add(late.of(Vendor::QuickBooks).method("POST"));
    let died = tokio::time::timeout(Duration::from_secs(10), company.once()).await;
    assert!(died.is_err(), "it waits for the write that was cut off");
    company.store = std::sync::Arc::new(latchd::store::Overlay::empty());
    fs::remove_dir_all(state.path().join("db")).unwrap();

    reopen(&mut company, state.path());
    bill(&company, bolt, noon("2026-03-02"), "50.00");
    let (_, status) = company.once().await;
    company.wait(Duration::from_mins(5)).await;
    assert_all_synced(&status);
    let told = rebuilt(&status).expect("it is said that the state was lost");
    assert!(told.contains("it is empty") && !told.contains("Nothing is written"), "{told}");
    assert_no_mark_twice(&company);
    assert_eq!(company.sandbox.quickbooks.audit(), [""; 0]);
    let plan = company.plan().await.0;
    assert_eq!(plan.steps.len(), 0, "{plan:?}");
    company.wait(Duration::from_hours(24 * 8)).await;
    assert_eq!(rebuilt(&pass(&company).await), None, "and after a week it is not news any more");
    assert_no_mark_twice(&company);
}

/// Which day "now" was is known again from beside the database; where that is
/// lost too, the customer is held until its line says a date.
#[tokio::test(start_paused = true)]
async fn the_day_of_now_is_kept_beside_the_database() {
    for keepsakes in [true, false] {
        let state = tempfile::tempdir().unwrap();
        let links = create_all(1).replace("beginning", "now");
        assert!(links.contains("\"now\""), "{links}");
        let mut company = Company::bare(&links);
        reopen(&mut company, state.path());
        let bolt = customer(&company, "Bolt Bakery");
        company.once().await;
        company.store = std::sync::Arc::new(latchd::store::Overlay::empty());
        fs::remove_file(state.path().join("anchor")).unwrap();
        if !keepsakes {
            fs::remove_file(state.path().join("keepsakes.jsonl")).unwrap();
        }
        company.wait(Duration::from_hours(48)).await;
        // It was in scope by the day that was lost, and would not be by today's.
        bill(&company, bolt, company.clock.now() - jiff::SignedDuration::from_hours(30), "20.00");
        reopen(&mut company, state.path());
        let (_, status) = company.once().await;
        let held = status.warnings.iter().find(|warning| warning.code == Code::Guard);
        assert_eq!(held.is_some(), !keepsakes, "{:?}", status.warnings);
        if let Some(held) = held {
            assert!(held.reason.contains("write the date into the line"), "{}", held.reason);
            company.files = create_all(1);
            assert_all_synced(&company.once().await.1);
        } else {
            assert_all_synced(&status);
            assert_eq!(status.entities[1].synced, 1, "the invoice counts");
        }
        assert_no_mark_twice(&company);
    }
}
