//! The company itself: its settings, its name, its subscription.

use std::time::Duration;

use latchd::model::Code;
use latchd::pass::Outcome;
use latchd::sandbox::clock::SandboxClock;
use latchd::sandbox::{Sandbox, SandboxOptions, quickbooks, staxbill};
use serde_json::json;

use super::dismissals::taken;
use super::shop::{
    assert_all_synced, bill, count_writes, create_all, customer, noon, one_of_each, pass, the,
};
use crate::company::{Company, NOW, counts, warnings};

#[tokio::test(start_paused = true)]
async fn a_setting_that_forbids_posting_holds_documents_and_not_customers() {
    for (path, wrong, right) in [
        ("SalesFormsPrefs.AutoApplyCredit", json!(true), json!(false)),
        ("SalesFormsPrefs.AutoApplyPayments", json!(true), json!(false)),
        ("SalesFormsPrefs.CustomTxnNumbers", json!(false), json!(true)),
    ] {
        let (company, ..) = one_of_each();
        company.sandbox.quickbooks.set_preference(path, wrong);
        let status = pass(&company).await;
        assert_eq!(
            (counts(&status, 0), counts(&status, 1).1, counts(&status, 2).1),
            ((1, 1, 1), 0, 0),
            "{path}"
        );
        assert!(
            warnings(&status).iter().any(|row| row.ends_with(" company-setting")),
            "{:?}",
            warnings(&status)
        );
        assert!(company.sandbox.quickbooks.objects("Invoice").is_empty(), "{path}");
        company.sandbox.quickbooks.set_preference(path, right);
        assert_all_synced(&pass(&company).await);
    }
}

/// All that is to be changed is told at once, before anything waits for it.
#[tokio::test(start_paused = true)]
async fn settings_are_told_together_and_early() {
    let mut company = Company::bare("");
    let bolt = customer(&company, "Bolt Bakery");
    bill(&company, bolt, noon("2026-03-01"), "10.00");
    let paths = ["SalesFormsPrefs.AutoApplyCredit", "SalesFormsPrefs.AutoApplyPayments"];
    for path in paths {
        company.sandbox.quickbooks.set_preference(path, json!(true));
    }
    for files in [String::new(), create_all(1)] {
        company.files = files;
        let (done, status) = company.once().await;
        assert_eq!(done.outcome, Outcome::Complete, "the customers are connected all the same");
        let row = &status.warnings[0];
        assert_eq!((row.key.as_str(), row.code), ("company/company-setting", Code::CompanySetting));
        assert!(
            row.reason.contains("AutoApplyCredit") && row.reason.contains("AutoApplyPayments"),
            "{row:?}"
        );
        assert_eq!(row.blocks.records, u64::from(!company.files.is_empty()), "{:?}", status.warnings);
    }
    for path in paths {
        company.sandbox.quickbooks.set_preference(path, json!(false));
    }
    assert_all_synced(&pass(&company).await);
}

/// What was refused keeps its own fault, its date and its count meanwhile.
#[tokio::test(start_paused = true)]
async fn a_setting_does_not_forget_what_was_wrong() {
    let (company, invoice, ..) = taken();
    let before = pass(&company).await.warnings.remove(0);
    let (path, writes) = ("SalesFormsPrefs.AutoApplyPayments", count_writes(&company));
    for on in [true, false] {
        company.sandbox.quickbooks.set_preference(path, json!(on));
        let status = pass(&company).await;
        let row = status.warnings.iter().find(|row| row.key == invoice).expect("its own fault stands");
        assert_eq!((row.code, row.since, row.attempts), (before.code, before.since, before.attempts), "{on}");
    }
    assert_eq!(writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn another_company_is_never_written_to() {
    let (company, ..) = one_of_each();
    company.sandbox.quickbooks.set_company_name("Somebody else's company");
    let writes = count_writes(&company);
    let (done, status) = company.once().await;
    assert_eq!(done.outcome, Outcome::Failed);
    assert_eq!(done.causes.iter().map(|cause| cause.code).collect::<Vec<_>>(), [Code::IdentityMismatch]);
    assert_eq!((writes(), status.last_pass.outcome.as_str()), (0, "failed"));
    assert_eq!(warnings(&status).len(), 1, "{:?}", warnings(&status));
    assert!(warnings(&status)[0].starts_with("company/"), "{:?}", warnings(&status));
    company.sandbox.quickbooks.set_company_name("Craig's Design and Landscaping Services");
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn another_realm_is_never_written_to() {
    let clock = SandboxClock::starting_at(NOW.parse().unwrap());
    let options = quickbooks::Options {
        realm_id: "4620816365".to_owned(),
        throttled: false,
        ..quickbooks::Options::default()
    };
    let account = staxbill::Options { throttled: false, ..staxbill::Options::default() };
    let sandbox = Sandbox {
        quickbooks: quickbooks::Company::demo(options, clock.clone()),
        staxbill: staxbill::Account::empty(account, clock.clone()),
        ..Sandbox::bare(SandboxOptions { clock, ..SandboxOptions::default() })
    };
    let company = Company::with(sandbox, &create_all(1));
    let id = customer(&company, "Bolt Bakery");
    bill(&company, id, noon("2026-03-01"), "10.00");
    let (done, status) = company.once().await;
    assert_eq!((done.outcome, done.causes.len()), (Outcome::Failed, 1));
    assert_eq!(done.causes[0].code, Code::Reconnect, "{:?}", done.causes);
    assert_eq!(company.sandbox.quickbooks.calls().writes, 0);
    assert_eq!(warnings(&status).len(), 1, "{:?}", warnings(&status));
}

#[tokio::test(start_paused = true)]
async fn what_was_read_of_the_company_holds_for_a_day() {
    let (company, bolt, ..) = one_of_each();
    pass(&company).await;
    pass(&company).await;
    let (done, _) = company.once().await;
    assert_eq!(done.calls.quickbooks_reads, 1);
    company.wait(Duration::from_secs(25 * 3600)).await;
    company.sandbox.quickbooks.set_preference("SalesFormsPrefs.AutoApplyCredit", json!(true));
    let second = bill(&company, bolt, noon("2026-04-01"), "10.00");
    let status = pass(&company).await;
    assert_eq!(counts(&status, 1), (2, 1, 1));
    company.sandbox.quickbooks.set_preference("SalesFormsPrefs.AutoApplyCredit", json!(false));
    assert_all_synced(&pass(&company).await);
    the(&company, &format!("invoice/{second}"));
}
