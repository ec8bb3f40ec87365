//! `latchd state rebuild`: whatever is in the folder, a state from the files and
//! QuickBooks' marks alone, whose next plan holds just what is left to do. Nothing
//! is written to QuickBooks on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use latchd::clock::Clock as _;
use latchd::pass::{self, Done, Outcome};
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use latchd::store::{Overlay, Rebuilt, Register, begin_anew};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{REALM, exported, reopen};
use crate::company::Company;
use crate::scenarios::desk::{credit, debit, refund, reverse, write_off};
use crate::scenarios::shop::{
    KINDS, assert_all_synced, assert_no_mark_twice, bill, count_calls, create_all, customer, id_of, noon,
    pass, pay,
};

/// Begins the state in `folder` anew, as the command does; gives where the one
/// before is.
pub(crate) fn begin(company: &mut Company, folder: &Path) -> Option<PathBuf> {
    company.store = Arc::new(Overlay::empty());
    let begun = begin_anew(folder, company.clock.now(), REALM).expect("the disk is sound");
    company.store = begun.store;
    begun.aside
}

/// Looks at both sides in a new process, as the command does; what it asks of
/// QuickBooks is reading alone.
pub(crate) async fn look(company: &Company) -> Done {
    let all = count_calls(company, "POST", "/v3/company");
    let queries = count_calls(company, "POST", "/v3/company/*/query");
    let engine = company.engine();
    let world = engine.world(&company.config(), CancellationToken::new());
    let done = pass::look_till_settled(&world, &mut |_| {}, &mut |_| {}).await.expect("the state is sound");
    assert!(queries() > 0, "QuickBooks was read");
    assert_eq!(all(), queries(), "nothing but queries went out by POST");
    assert_eq!((done.steps.len(), done.calls.quickbooks_writes), (0, 0));
    assert_eq!(company.sandbox.staxbill.refused_writes(), 0);
    done
}

/// The whole of the command.
pub(crate) async fn rebuild(company: &mut Company, folder: &Path) -> Option<PathBuf> {
    let aside = begin(company, folder);
    let done = look(company).await;
    assert_eq!(done.outcome, Outcome::Complete, "{:?}", done.causes);
    aside
}

/// Everything in QuickBooks.
pub(crate) fn books(company: &Company) -> Vec<Value> {
    KINDS.iter().flat_map(|kind| company.sandbox.quickbooks.objects(kind)).collect()
}

/// What the next plan would write.
pub(crate) async fn planned(company: &Company) -> Vec<String> {
    let (plan, causes) = company.plan().await;
    assert!(causes.is_empty(), "{causes:?}");
    plan.steps.iter().map(|step| format!("{} {}", step.action.name(), step.key)).collect()
}

/// What is remembered of the rebuilding.
fn told(company: &Company) -> Rebuilt {
    Register::new(Arc::clone(&company.store))
        .rebuilt()
        .expect("the state is sound")
        .expect("it was begun anew")
}

/// How refunds are posted.
const ENTRIES: &str = "refund_as = \"journal-entry\"\nrefund_account = \"Checking\"";

/// Documents of every kind, some of them given back in part and some as a whole,
/// in sync, with a state in `folder`.
async fn of_every_kind(folder: &Path, posting: &str) -> Company {
    let mut company = Company::bare(&create_all(3));
    company.files = format!(
        "{}10485 = {{ adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = \"now\", by = \"FIN-1\" }}\n",
        company.files
    );
    posting.clone_into(&mut company.posting);
    reopen(&mut company, folder);
    for name in ["Ada", "Bea", "Cleo"] {
        let id = customer(&company, name);
        let [invoice, second] =
            [1, 2].map(|day| bill(&company, id, noon(&format!("2026-03-0{day}")), "100.00"));
        let part = pay(&company, id, noon("2026-03-05"), "60.00", &[(invoice, "50.00")]);
        let whole = pay(&company, id, noon("2026-03-05"), "20.00", &[(second, "20.00")]);
        pay(&company, id, noon("2026-03-05"), "20.00", &[]);
        let credit = credit(&company, id, "2026-03-06", "20.00", &[(invoice, "15.00")]);
        assert_all_synced(&pass(&company).await);
        reverse(&company, invoice, "2026-03-07", &[(0, "10.00")]);
        write_off(&company, second, "2026-03-08", "5.00");
        refund(&company, part, "2026-03-09", "10.00", &[(invoice, "10.00")]);
        refund(&company, whole, "2026-03-09", "20.00", &[(second, "20.00")]);
        debit(&company, credit, "2026-03-10", "5.00", &[]);
    }
    let amy = customer(&company, "Amy's Bird Sanctuary");
    bill(&company, amy, noon("2026-11-24"), "70.00");
    bill(&company, amy, noon("2026-03-01"), "70.00");
    assert_all_synced(&pass(&company).await);
    assert_all_synced(&pass(&company).await);
    let kinds = KINDS.map(|kind| company.sandbox.quickbooks.objects(kind).len());
    assert!(kinds[..3].iter().all(|count| *count > 3) && (kinds[3] > 0) != posting.is_empty(), "{kinds:?}");
    company
}

/// The numbers of records in each state, by what the state says.
fn records(company: &Company) -> Vec<String> {
    let lines = exported(company);
    let record = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("it is JSON");
        let key = line["key"].as_str().filter(|key| key.starts_with("r/"))?.to_owned();
        let value = &line["value"];
        Some(format!("{key} {} {} {}", value["state"], value["object"]["id"], value["applied"]))
    };
    lines.lines().filter_map(record).collect()
}

#[tokio::test(start_paused = true)]
async fn a_company_in_sync_has_nothing_left_to_do() {
    for posting in ["", ENTRIES] {
        let folder = tempfile::tempdir().unwrap();
        let mut company = of_every_kind(folder.path(), posting).await;
        let before = records(&company);
        // Gone: nothing but the keepsakes is left; sound; and rebuilt once more.
        company.store = Arc::new(Overlay::empty());
        fs::remove_dir_all(folder.path().join("db")).unwrap();
        fs::remove_file(folder.path().join("anchor")).unwrap();
        for (round, words) in ["there was none", "it was sound", "it was sound"].into_iter().enumerate() {
            let aside = rebuild(&mut company, folder.path()).await;
            let rebuilt = told(&company);
            assert!(rebuilt.why.ends_with(words) && rebuilt.remembered && rebuilt.settled, "{rebuilt:?}");
            assert_eq!(rebuilt.aside, aside.as_ref().map(|aside| aside.display().to_string()));
            assert_eq!(aside.is_some(), round > 0);
            assert!(aside.is_none_or(|aside| aside.join("db").exists() && aside.join("anchor").exists()));
            assert_eq!(planned(&company).await, [""; 0], "{posting}");
            assert_eq!(records(&company), before, "every record is as it was");
            company.wait(Duration::from_mins(3)).await;
        }
        let before = books(&company);
        let status = pass(&company).await;
        assert_all_synced(&status);
        assert!(status.notices.iter().any(|notice| notice.code == "state-rebuilt"), "{:?}", status.notices);
        assert!(books(&company) == before, "and the next pass writes nothing");
        assert_no_mark_twice(&company);
        assert_eq!(company.sandbox.quickbooks.audit(), [""; 0]);
    }
}

type Spoil = fn(&Path);

/// What is found in the folder does not matter, but for what it says of itself.
#[tokio::test(start_paused = true)]
async fn whatever_is_in_the_folder_is_set_aside_and_kept() {
    let cases: [(&str, bool, Spoil); 6] = [
        ("its anchor is missing", true, |at| fs::remove_file(at.join("anchor")).unwrap()),
        ("it was not sound: ", true, |at| {
            let path = at.join("db/db");
            let bytes = fs::read(&path).unwrap();
            let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
            latchd::fsx::write_atomic(&path, &bytes[..used / 2], 0o600).unwrap();
        }),
        ("it was not sound: ", true, |at| fs::remove_file(at.join("db/db")).unwrap()),
        ("it was not sound: ", true, |at| fs::remove_dir_all(at.join("db")).unwrap()),
        ("it was sound", true, |at| fs::remove_file(at.join("keepsakes.jsonl")).unwrap()),
        ("its anchor is missing", false, |at| {
            fs::remove_file(at.join("anchor")).unwrap();
            fs::remove_file(at.join("keepsakes.jsonl")).unwrap();
        }),
    ];
    for (words, remembered, spoil) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut company = of_every_kind(folder.path(), "").await;
        company.store = Arc::new(Overlay::empty());
        spoil(folder.path());
        let aside = rebuild(&mut company, folder.path()).await.expect("there was one");
        assert!(aside.starts_with(folder.path()) && aside.is_dir(), "{words}");
        let rebuilt = told(&company);
        assert!(rebuilt.why.contains(words), "{words}: {rebuilt:?}");
        assert_eq!(rebuilt.remembered, remembered, "{words}");
        assert_eq!(planned(&company).await, [""; 0], "{words}");
        let status = pass(&company).await;
        let warned: Vec<_> = status.warnings.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(warned.contains(&"customer/10485"), !remembered, "its day is lost: {warned:?}");
        // What one rebuilding did not know, the next one does not take for known.
        rebuild(&mut company, folder.path()).await;
        assert_eq!(planned(&company).await, [""; 0], "{words}");
        let again: Vec<_> = pass(&company).await.warnings.iter().map(|row| row.key.clone()).collect();
        assert_eq!(again, warned, "{words}");
        assert_no_mark_twice(&company);
    }
}

/// Days of "now" and resends of another company's customers say nothing of ours.
#[tokio::test(start_paused = true)]
async fn another_companys_state_leaves_nothing_behind() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut company = of_every_kind(folder.path(), "").await;
    company.store = Arc::new(Overlay::empty());
    // The same folder, as the other company's: only the realm tells them apart.
    let begun = begin_anew(folder.path(), company.clock.now(), "77").unwrap();
    assert_eq!(begun.before, format!("it was that of company {REALM}"));
    let aside = begun.aside.expect("there was one");
    assert!(aside.join("keepsakes.jsonl").exists() && aside.join("anchor").exists());
    let register = Register::new(begun.store);
    assert_eq!((register.start(10_485).unwrap(), register.marks().unwrap().passes), (None, 0));
    assert!(!register.rebuilt().unwrap().unwrap().remembered);
    drop(register);
    // Put back as it was, it is a sound state: nothing of it was lost.
    fs::rename(aside.join("anchor"), other.path().join("anchor")).unwrap();
    fs::rename(aside.join("keepsakes.jsonl"), other.path().join("keepsakes.jsonl")).unwrap();
    fs::rename(&aside, other.path().join("db")).unwrap();
    reopen(&mut company, other.path());
    let register = Register::new(Arc::clone(&company.store));
    assert!(register.start(10_485).unwrap().is_some() && register.rebuilt().unwrap().is_none());
}

/// The process is gone at one moment after the other: another command, or just
/// the next pass, goes on from there.
#[tokio::test(start_paused = true)]
async fn cut_off_at_any_moment_it_is_done_again_or_the_next_pass_does_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut company = of_every_kind(folder.path(), "").await;
    company.sandbox.trouble.add(Rule::next("/v", Kind::Delay { ms: 1000 }).every());
    let before = books(&company);
    let mut moments = 0;
    for second in (1_u64..).step_by(4) {
        begin(&mut company, folder.path());
        let cut = tokio::time::timeout(Duration::from_secs(second), look(&company)).await;
        if cut.is_ok() {
            break;
        }
        moments += 1;
        if second % 8 == 1 {
            rebuild(&mut company, folder.path()).await;
            assert_eq!(planned(&company).await, [""; 0], "after {second} s");
        } else {
            reopen(&mut company, folder.path());
            assert_all_synced(&company.once().await.1);
        }
        assert!(books(&company) == before, "after {second} s");
    }
    assert!(moments > 20, "{moments}");
    // Between the state that was and the one that is to be: there is none.
    for keepsakes in [true, false] {
        let aside = begin(&mut company, folder.path()).expect("there was one");
        company.store = Arc::new(Overlay::empty());
        assert!(aside.is_dir());
        fs::remove_dir_all(folder.path().join("db")).unwrap();
        fs::remove_file(folder.path().join("anchor")).unwrap();
        if !keepsakes {
            fs::remove_file(folder.path().join("keepsakes.jsonl")).unwrap();
        }
        reopen(&mut company, folder.path());
        assert!(told(&company).why.contains("is gone"), "a lost state is not a new one");
        company.once().await;
        assert!(books(&company) == before);
    }
}

/// What is missing in QuickBooks is left to the next pass, and so is what a write
/// of the dead process makes meanwhile: that comes to light within the wait.
#[tokio::test(start_paused = true)]
async fn what_is_missing_is_planned_and_what_comes_late_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut company = of_every_kind(folder.path(), "").await;
    let lost = bill(&company, 10_482, noon("2026-03-20"), "40.00");
    assert_all_synced(&pass(&company).await);
    let id = id_of(&company, &format!("invoice/{lost}"));
    company.sandbox.quickbooks.bookkeeper().delete("Invoice", &id).unwrap();
    rebuild(&mut company, folder.path()).await;
    assert_eq!(planned(&company).await, [format!("create invoice/{lost}")]);
    assert_all_synced(&pass(&company).await);
    for lands in [true, false] {
        let payment = pay(&company, 10_482, noon("2026-03-21"), "30.00", &[]);
        let kind = if lands { Kind::LateEffect { seconds: 100 } } else { Kind::Refuse };
        company
            .sandbox
            .trouble
            .add(Rule::next("/v3/company/*/payment", kind).of(Vendor::QuickBooks).method("POST"));
        let died = tokio::time::timeout(Duration::from_secs(1), company.once()).await;
        assert!(died.is_err(), "it waits for the write that was cut off");
        company.sandbox.trouble.clear();
        assert!(exported(&company).contains("\"key\":\"j/"), "its journal says so");
        begin(&mut company, folder.path());
        assert_eq!(look(&company).await.outcome, Outcome::Complete);
        let left = if lands { vec![] } else { vec![format!("create payment/{payment}")] };
        assert_eq!(planned(&company).await, left);
        assert_all_synced(&pass(&company).await);
        assert_no_mark_twice(&company);
    }
    assert_eq!(company.sandbox.quickbooks.audit(), [""; 0]);
}
