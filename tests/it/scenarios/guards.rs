//! Guards: a slip of the pen is held, the rest of the company goes on, and the
//! line from the report releases exactly what it showed.

use std::fmt::Write as _;

use latchd::report::{Status, WarningRow};

use super::shop::{bill, customer, marked, noon, the};
use crate::company::{Company, counts, warnings};

const FIRST: i64 = 10_482;

/// The warnings of sets that a guard holds.
fn sets(status: &Status) -> Vec<&WarningRow> {
    status.warnings.iter().filter(|warning| warning.key.starts_with("company/guard-")).collect()
}

/// The line that releases the one set that is held, completed.
#[track_caller]
fn approval(status: &Status) -> String {
    let sets = sets(status);
    assert_eq!(sets.len(), 1, "{:?}", warnings(status));
    completed(&sets[0].paste)
}

#[track_caller]
fn completed(paste: &[String]) -> String {
    assert_eq!(paste.len(), 1, "{paste:?}");
    let line = paste[0].replace("why = \"\", by = \"\"", "why = \"it is meant\", by = \"FIN-1\"");
    assert_ne!(line, paste[0]);
    format!("[approve]\n{line}\n")
}

fn notices(status: &Status) -> Vec<&str> {
    let codes = status.notices.iter().map(|notice| notice.code.as_str());
    codes.filter(|code| code.contains("approval")).collect()
}

/// Lines that create customers, by their place and start.
fn links(lines: impl IntoIterator<Item = (i64, &'static str)>) -> String {
    lines.into_iter().fold("[links]\n".to_owned(), |mut text, (at, start)| {
        let _ = writeln!(text, "{} = {{ create = true, start = {start} }}", FIRST + at);
        text
    })
}

/// `count` customers with an invoice of this year each, all of them synced.
async fn synced(count: i64) -> Company {
    let company = Company::bare(&links((0..count).map(|at| (at, "2026-01-01"))));
    for at in 0..count {
        let id = customer(&company, &format!("Bakery {at}"));
        bill(&company, id, noon("2026-03-01"), "100.00");
    }
    let (_, status) = company.once().await;
    assert_eq!(warnings(&status), Vec::<String>::new());
    assert_eq!(counts(&status, 1).1, u64::try_from(count).expect("a small number"));
    company
}

#[tokio::test(start_paused = true)]
async fn a_digit_more_in_a_start_is_held_and_the_line_of_the_report_releases_it() {
    let mut company = synced(2).await;
    let new = customer(&company, "Cog & Co");
    let old = bill(&company, new, noon("2016-03-01"), "70.00");
    let present = bill(&company, new, noon("2026-03-01"), "30.00");
    let other = bill(&company, FIRST, noon("2026-04-01"), "10.00");
    let lines = links([(0, "2026-01-01"), (1, "2026-01-01"), (2, "2016-01-01")]);
    company.files.clone_from(&lines);
    let (planned, _) = company.plan().await;
    let held = planned.held.iter().find(|held| held.key.id == old.unsigned_abs());
    let told = completed(&held.expect("a plan tells what is held").paste);

    let (_, status) = company.once().await;
    assert_eq!(warnings(&status), [format!("{} guard", sets(&status)[0].key)]);
    let set = sets(&status)[0];
    assert_eq!((set.blocks.records, set.blocks.amounts[0].amount.to_string()), (1, "70.00".to_owned()));
    assert_eq!(approval(&status), told, "the plan prints what the pass prints");
    assert!(marked(&company, &format!("invoice/{old}")).is_empty());
    the(&company, &format!("invoice/{present}"));
    the(&company, &format!("invoice/{other}"));

    // Held by every later process too; what comes later is judged by itself.
    let later = bill(&company, new, noon("2026-05-01"), "20.00");
    let (_, status) = company.once().await;
    the(&company, &format!("invoice/{later}"));
    assert_eq!(approval(&status), told);

    company.files = format!("{lines}{told}");
    let (_, status) = company.once().await;
    the(&company, &format!("invoice/{old}"));
    assert_eq!((warnings(&status), notices(&status)), (Vec::new(), Vec::new()));
    let (_, status) = company.once().await;
    assert_eq!((warnings(&status), notices(&status)), (Vec::new(), vec!["used-approval"]));
    company.files = lines;
    let (_, status) = company.once().await;
    assert_eq!((warnings(&status), notices(&status)), (Vec::new(), Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn an_emptied_file_of_links_is_held_and_ends_them_once_approved() {
    let mut company = synced(12).await;
    let lines = links((0..6).map(|at| (at, "2026-01-01")));
    company.files.clone_from(&lines);
    let goes_on = bill(&company, FIRST, noon("2026-04-01"), "10.00");
    let waits = bill(&company, FIRST + 7, noon("2026-04-01"), "10.00");
    let (_, status) = company.once().await;
    assert_eq!(warnings(&status).len(), 1, "one warning for all of them: {:?}", warnings(&status));
    assert_eq!(status.entities[0].held, 6);
    the(&company, &format!("invoice/{goes_on}"));
    assert!(marked(&company, &format!("invoice/{waits}")).is_empty());

    company.files = format!("{lines}{}", approval(&status));
    for _ in 0..2 {
        let (_, status) = company.once().await;
        assert_eq!(warnings(&status), Vec::<String>::new());
        assert_eq!((status.entities[0].held, status.entities[0].out_of_scope), (0, 6));
        assert!(marked(&company, &format!("invoice/{waits}")).is_empty());
    }
    // A line that comes back counts again.
    company.files = links((0..8).map(|at| (at, "2026-01-01")));
    let (_, status) = company.once().await;
    the(&company, &format!("invoice/{waits}"));
    assert_eq!(warnings(&status), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn links_that_a_script_pointed_elsewhere_are_held_and_the_rest_goes_on() {
    let mut company = synced(6).await;
    let before = company.files.clone();
    let new = customer(&company, "Cog & Co");
    let waits = bill(&company, FIRST, noon("2026-04-01"), "10.00");
    let goes_on = bill(&company, new, noon("2026-04-01"), "10.00");
    let mut moved = "[links]\n".to_owned();
    for at in 0..6 {
        let _ = writeln!(moved, "{} = {{ create = true, start = 2026-02-01 }}", FIRST + at);
    }
    let _ = writeln!(moved, "{new} = {{ create = true, start = 2026-01-01 }}");
    company.files.clone_from(&moved);
    let (_, status) = company.once().await;
    assert_eq!(warnings(&status).len(), 1, "{:?}", warnings(&status));
    assert_eq!((status.entities[0].held, sets(&status)[0].blocks.records), (6, 7));
    the(&company, &format!("invoice/{goes_on}"));
    assert!(marked(&company, &format!("invoice/{waits}")).is_empty());
    let approval = approval(&status);

    // Put back, nothing is held; the slip once more is the same slip.
    company.files = before;
    let (_, status) = company.once().await;
    the(&company, &format!("invoice/{waits}"));
    assert!(sets(&status).is_empty());
    company.files = format!("{moved}{approval}");
    let (_, status) = company.once().await;
    assert_eq!(warnings(&status), Vec::<String>::new(), "approved in the change itself");
    let (_, status) = company.once().await;
    assert_eq!(notices(&status), ["used-approval"]);
}

#[tokio::test(start_paused = true)]
async fn customers_are_created_only_so_many_at_once() {
    let mut company = synced(1).await;
    for at in 1..5 {
        customer(&company, &format!("Bakery {at}"));
    }
    let all = format!("[guard]\ncustomers = 3\n{}", links((0..5).map(|at| (at, "2026-01-01"))));
    company.files.clone_from(&all);
    let (planned, _) = company.plan().await;
    assert!(planned.steps.is_empty(), "{:?}", planned.steps);
    let (_, status) = company.once().await;
    assert_eq!((counts(&status, 0).1, warnings(&status).len()), (1, 1), "{:?}", warnings(&status));
    // One more than the four is judged by itself.
    customer(&company, "Late");
    let late = format!("{} = {{ create = true, start = 2026-01-01 }}\n", FIRST + 5);
    company.files = format!("{all}{late}");
    let (_, status) = company.once().await;
    assert_eq!(counts(&status, 0).1, 2);
    company.files = format!("{all}{late}{}", approval(&status));
    let (_, status) = company.once().await;
    assert_eq!((counts(&status, 0).1, warnings(&status)), (6, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn documents_and_amounts_are_held_and_later_ones_make_a_set_of_their_own() {
    for (guard, first, second) in [("documents = 2", 3, 3), ("amount = { USD = \"25.00\" }", 3, 3)] {
        let mut company = synced(1).await;
        let files = company.files.clone();
        company.files = format!("[guard]\n{guard}\n{files}");
        let post = |count| (0..count).map(|_| bill(&company, FIRST, noon("2026-05-01"), "10.00")).collect();
        let early: Vec<i64> = post(first);
        let (_, status) = company.once().await;
        let line = approval(&status);
        let late: Vec<i64> = post(second);
        let (_, status) = company.once().await;
        assert_eq!((sets(&status).len(), status.entities[1].held), (2, 6), "{guard}");
        company.files = format!("[guard]\n{guard}\n{files}{line}");
        let (_, status) = company.once().await;
        let there = |id: &i64| !marked(&company, &format!("invoice/{id}")).is_empty();
        assert!(early.iter().all(there) && !late.iter().any(there), "{guard}: exactly what was approved");
        assert_eq!(sets(&status).len(), 1, "{guard}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_generation_is_judged_only_where_the_files_say_so() {
    for (said, held) in [("free", 0), ("hold", 3)] {
        let company = Company::bare(&format!(
            "[guard]\nfirst_sync = \"{said}\"\ncustomers = 2\n{}",
            links((0..3).map(|at| (at, "2026-01-01")))
        ));
        for at in 0..3 {
            customer(&company, &format!("Bakery {at}"));
        }
        let (_, status) = company.once().await;
        assert_eq!((status.entities[0].held, status.entities[0].synced), (held, 3 - held), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_names_nothing_is_told() {
    let mut company = synced(1).await;
    let digest = "0".repeat(64);
    let _ = writeln!(company.files, "[approve]\n\"sha256:{digest}\" = {{ why = \"w\", by = \"b\" }}");
    let (_, status) = company.once().await;
    assert_eq!((warnings(&status), notices(&status)), (Vec::new(), vec!["unknown-approval"]));
}
