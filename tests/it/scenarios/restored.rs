//! A state comes back from a copy that is older than the books: what was posted
//! since is found by its mark, and nothing stands twice.

use std::path::{Path, PathBuf};
use std::time::Duration;

use latchd::clock::Clock as _;
use latchd::report::Status;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use latchd::store::Import;

use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, noon, pass, pay, the,
};
use crate::company::Company;
use crate::states::{REALM, exported, reopen};

/// Writes a state down in `folder`.
fn copy(company: &Company, folder: &Path) -> PathBuf {
    let path = folder.join("copy.jsonl");
    latchd::fsx::write_atomic(&path, exported(company).as_bytes(), 0o600)
        .expect("the folder is the test's own");
    path
}

/// Brings it back into `state`, in whose place there may be one.
fn restore(company: &mut Company, path: &Path, state: &Path) {
    company.store = std::sync::Arc::new(latchd::store::Overlay::empty());
    let import = Import::check(path, REALM).expect("it is whole");
    import.bring_in(state, company.clock.now(), true).expect("the disk is sound");
    reopen(company, state);
}

fn restored(status: &Status) -> Option<&str> {
    let notice = status.notices.iter().find(|notice| notice.code == "state-restored");
    notice.map(|notice| notice.text.as_str())
}

#[tokio::test(start_paused = true)]
async fn what_was_posted_since_the_copy_is_found_and_not_posted_again() {
    for beside in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let mut company = Company::bare(&create_all(3));
        reopen(&mut company, &state);
        let bolt = customer(&company, "Bolt Bakery");
        let first = bill(&company, bolt, noon("2026-03-01"), "100.00");
        assert_all_synced(&company.once().await.1);
        let path = copy(&company, folder.path());
        // Two days in which much happens: a new customer, documents, a payment of one that
        // the copy knows, and free payments, of which QuickBooks takes any number.
        company.wait(Duration::from_hours(47)).await;
        let cog = customer(&company, "Cog & Co");
        let second = bill(&company, cog, noon("2026-11-23"), "70.00");
        pay(&company, cog, noon("2026-11-23"), "70.00", &[(second, "30.00")]);
        pay(&company, bolt, noon("2026-11-23"), "500.00", &[(first, "100.00")]);
        pay(&company, bolt, noon("2026-11-23"), "500.00", &[]);
        assert_all_synced(&pass(&company).await);
        let (now, books) = (exported(&company), company.sandbox.quickbooks.objects("Payment"));

        let state = if beside { state } else { folder.path().join("elsewhere") };
        restore(&mut company, &path, &state);
        let writes = count_writes(&company);
        let plan = company.plan().await.0;
        assert_eq!(plan.steps.len(), 0, "{plan:?}");
        let (_, status) = company.once().await;
        assert_all_synced(&status);
        let told = restored(&status).expect("it is said that the state was restored");
        assert!(told.contains("from a copy of 2026-11-22 12:0"), "{told}");
        assert_eq!(told.contains("counts as handled"), !beside, "{told}");
        assert_eq!((writes(), company.sandbox.quickbooks.objects("Payment")), (0, books));
        assert_no_mark_twice(&company);
        let records = |lines: &str| lines.lines().filter(|line| line.contains("\"key\":\"o/")).count();
        assert_eq!(records(&exported(&company)), records(&now), "every object is known again");
        // It is a state like any other from here on.
        bill(&company, bolt, noon("2026-11-24"), "20.00");
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 1);
        company.wait(Duration::from_hours(24 * 8)).await;
        assert_eq!(restored(&pass(&company).await), None, "and after a week it is not news any more");
    }
}

/// The copy has a write for open that was answered since, and what it made was
/// voided after that: sent again under its old id, QuickBooks could answer with
/// the old answer, or make a second one.
#[tokio::test(start_paused = true)]
async fn what_was_open_in_the_copy_is_looked_for_and_never_sent_again() {
    for lands in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let mut company = Company::bare(&create_all(1));
        reopen(&mut company, &state);
        let bolt = customer(&company, "Bolt Bakery");
        company.once().await;
        let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[]);
        let kind = if lands { Kind::LateEffect { seconds: 1 } } else { Kind::Refuse };
        company.sandbox.trouble.add(Rule::next("/v3/company", kind).of(Vendor::QuickBooks).method("POST"));
        let died = tokio::time::timeout(Duration::from_secs(10), company.once()).await;
        assert!(died.is_err(), "it waits for the write that was cut off");
        let path = copy(&company, folder.path());
        let open = exported(&company).lines().filter(|line| line.contains("\"key\":\"j/")).count();
        assert_eq!(open, 1);
        company.sandbox.trouble.clear();
        // The process goes on, and settles it.
        assert_all_synced(&company.once().await.1);
        let before = the(&company, &format!("payment/{payment}"));
        restore(&mut company, &path, &folder.path().join("elsewhere"));
        company.sandbox.quickbooks.forget_request_ids();
        let writes = count_writes(&company);
        assert_all_synced(&company.once().await.1);
        assert_eq!((writes(), the(&company, &format!("payment/{payment}"))), (0, before));
        assert_no_mark_twice(&company);
    }
}

/// What a copy cannot know is not guessed: a resend that was acted on after it
/// is not acted on again, and a day of "now" that it does not have is asked for.
#[tokio::test(start_paused = true)]
async fn resends_and_days_since_the_copy_are_remembered_or_counted_as_handled() {
    for beside in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let mut company = Company::bare(&create_all(1));
        reopen(&mut company, &state);
        let bolt = customer(&company, "Bolt Bakery");
        let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
        assert_all_synced(&company.once().await.1);
        let path = copy(&company, folder.path());
        company.files = format!(
            "{}10483 = {{ create = true, start = \"now\" }}\n[resend]\n\"invoice/{invoice}\" = \"again\"\n",
            create_all(1)
        );
        customer(&company, "Cog & Co");
        company.wait(Duration::from_hours(2)).await;
        let status = pass(&company).await;
        assert_all_synced(&status);
        assert_eq!(status.resends.len(), 1);
        let outcome = status.resends[0].outcome.clone();
        let state = if beside { state } else { folder.path().join("elsewhere") };
        company.wait(Duration::from_hours(48)).await;
        restore(&mut company, &path, &state);
        let writes = count_writes(&company);
        let (_, status) = company.once().await;
        assert_eq!(writes(), 0, "nothing is sent again");
        let held: Vec<_> = status.warnings.iter().map(|warning| warning.key.as_str()).collect();
        if beside {
            assert_all_synced(&status);
            assert_eq!(status.resends[0].outcome, outcome, "it is known beside the database");
        } else {
            assert_eq!(held, ["customer/10483"], "its day is not known");
            assert!(status.resends[0].outcome.contains("the state was new"), "{:?}", status.resends);
        }
        assert_no_mark_twice(&company);
    }
}
