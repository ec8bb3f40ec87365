//! A first sync of five thousand documents whose state is lost in the middle, and
//! comes back an hour old: rebuilt by hand, and nothing stands twice.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use latchd::sandbox::Sandbox;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use latchd::store::Overlay;

use super::rebuilt::{planned, rebuild};
use super::{copy, reopen};
use crate::company::{Company, options};
use crate::scenarios::shop::{
    KINDS, assert_all_synced, assert_no_mark_twice, bill, is_void, mark_of, noon, pay,
};

const CUSTOMERS: u32 = 200;
const INVOICES: u32 = 2_800;
const BATCHES: &str = "/v3/company/*/batch";
const DATABASE: [&str; 1] = ["db"];
const FOLDER: [&str; 3] = ["db", "anchor", "keepsakes.jsonl"];

/// A generated company, each customer of which is linked: adopted where QuickBooks
/// has one of its name, else created.
fn generated() -> Company {
    let sandbox = Sandbox::generated(options(false), CUSTOMERS, INVOICES);
    let text = |object: &serde_json::Value, key: &str| object[key].as_str().unwrap_or_default().to_owned();
    let names: BTreeMap<String, String> = sandbox
        .quickbooks
        .objects("Customer")
        .into_iter()
        .map(|one| (text(&one, "DisplayName"), text(&one, "Id")))
        .collect();
    let mut files = "[links]\n".to_owned();
    for customer in sandbox.staxbill.customers() {
        let name = customer.fields.company_name.expect("generated customers have names");
        let verb = match names.get(&name) {
            Some(id) => format!("adopt = \"{id}\", expect = \"{name}\""),
            None => "create = true".to_owned(),
        };
        let _ = writeln!(files, "{} = {{ {verb}, start = \"beginning\", by = \"FIN-1\" }}", customer.id);
    }
    Company::with(sandbox, &files)
}

/// How many documents Stax Bill has.
fn documents(company: &Company) -> usize {
    company.sandbox.staxbill.invoices().len() + company.sandbox.staxbill.payments().len()
}

/// Marks of living objects in QuickBooks.
fn marks(company: &Company) -> usize {
    let objects = KINDS.iter().flat_map(|kind| company.sandbox.quickbooks.objects(kind));
    objects.filter(|object| !is_void(object) && mark_of(object).is_some()).count()
}

/// A process that is gone in the middle of writing, after so many batches. Of the
/// last ones it never saw the answer, and one is still on its way.
async fn cut_off_after(company: &Company, batches: u64) {
    let trouble = &company.sandbox.trouble;
    trouble.add(Rule::next(BATCHES, Kind::DelayAnswer { ms: 200 }).of(Vendor::QuickBooks).every());
    let late = Rule::next(BATCHES, Kind::LateEffect { seconds: 100 }).of(Vendor::QuickBooks);
    trouble.add(late.nth(batches - 1));
    let done = || company.sandbox.quickbooks.calls().batches;
    let enough = done() + batches;
    let far = async {
        while done() < enough {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        _ = company.once() => panic!("it came to its end"),
        () = far => {}
    }
    trouble.clear();
}

/// Closes the state and takes parts of its folder away.
fn close(company: &mut Company, state: &Path, parts: &[&str]) {
    company.store = Arc::new(Overlay::empty());
    for part in parts.iter().map(|part| state.join(part)) {
        if part.is_dir() {
            fs::remove_dir_all(part).expect("the folder is the test's own");
        } else {
            fs::remove_file(part).expect("the folder is the test's own");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn five_thousand_documents_survive_the_loss_of_their_state() {
    // Nothing here needs to outlive a power loss.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let (state, hour_old) = (folder.path().join("state"), folder.path().join("hour-old"));
    let mut company = generated();
    assert!(documents(&company) >= 5_000, "{}", documents(&company));
    let records = |company: &Company| documents(company) + usize::try_from(CUSTOMERS).unwrap();
    reopen(&mut company, &state);
    cut_off_after(&company, 60).await;
    let posted = marks(&company);
    assert!((1_000..4_000).contains(&posted), "{posted}");

    // Deleted in the middle, with all that lay beside it.
    close(&mut company, &state, &FOLDER);
    rebuild(&mut company, &state).await;
    assert!(marks(&company) > posted, "what was on its way came to light meanwhile");
    assert_eq!(planned(&company).await.len(), records(&company) - marks(&company));
    assert_no_mark_twice(&company);

    // It goes on, and is cut off once more; an hour later all is there.
    cut_off_after(&company, 30).await;
    company.store = Arc::new(Overlay::empty());
    copy(&state, &hour_old);
    company.wait(Duration::from_hours(1)).await;
    reopen(&mut company, &state);
    assert_all_synced(&company.once().await.1);
    let customers: Vec<i64> = company.sandbox.staxbill.customers().iter().map(|one| one.id).collect();
    for customer in customers.into_iter().take(50) {
        let invoice = bill(&company, customer, noon("2026-11-20"), "40.00");
        pay(&company, customer, noon("2026-11-21"), "50.00", &[(invoice, "40.00")]);
    }
    company.wait(Duration::from_mins(10)).await;
    assert_all_synced(&company.once().await.1);
    assert_eq!(marks(&company), records(&company));
    assert_eq!(planned(&company).await, [""; 0]);

    // The copy comes back: as a whole, so that nothing tells that it is old, or the
    // database alone.
    for parts in [&FOLDER[..], &DATABASE] {
        close(&mut company, &state, parts);
        for part in parts {
            let from = hour_old.join(part);
            copy(&from, &state.join(part));
        }
        let before = company.sandbox.quickbooks.calls();
        rebuild(&mut company, &state).await;
        assert_eq!(planned(&company).await, [""; 0], "{parts:?}");
        assert_all_synced(&company.once().await.1);
        let after = company.sandbox.quickbooks.calls();
        assert_eq!((after.writes, after.batches), (before.writes, before.batches), "{parts:?}");
        company.wait(Duration::from_mins(10)).await;
    }
    assert_eq!(marks(&company), records(&company));
    assert_no_mark_twice(&company);
    assert_eq!(company.sandbox.quickbooks.audit(), [""; 0]);
}
