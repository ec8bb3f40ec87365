//! Customers that change hands: lines that swap, end, change their verb, or
//! come while a write is open.

use std::time::Duration;

use latchd::sandbox::staxbill::CustomerStatus;
use latchd::sandbox::trouble::{Kind, Rule};
use tokio_util::sync::CancellationToken;

use super::by_hand::{self, AMY};
use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, count_writes, customer, marked, noon, pass, the, warned,
};
use crate::company::{Company, warnings};

const START: &str = "start = 2026-01-01";

fn links(lines: &[String]) -> String {
    format!("[links]\n{}\n", lines.join("\n"))
}

fn adopts(customer: i64, id: &str, name: &str, more: &str) -> String {
    format!("{customer} = {{ adopt = \"{id}\", expect = \"{name}\", {START}{more} }}")
}

fn whose(company: &Company, key: &str) -> String {
    the(company, key)["CustomerRef"]["value"].as_str().expect("it has a customer").to_owned()
}

/// Two lines were mistaken for each other, and are put right.
#[tokio::test(start_paused = true)]
async fn two_lines_are_swapped() {
    let mut company = Company::bare("");
    let ids = ["Amy's Bird Sanctuary", "Bill's Windsurf Shop"].map(|name| customer(&company, name));
    let swapped = |one: &str, two: &str| {
        let name = |id: &str| if id == "1" { "Amy's Bird Sanctuary" } else { "Bill's Windsurf Shop" };
        let from = |id: &str, moved: bool| {
            if moved { format!(", from = \"{}\"", if id == "1" { "2" } else { "1" }) } else { String::new() }
        };
        let moved = one == "1";
        links(&[
            adopts(ids[0], one, name(one), &from(one, moved)),
            adopts(ids[1], two, name(two), &from(two, moved)),
        ])
    };
    company.files = swapped("2", "1");
    let first = bill(&company, ids[0], noon("2026-03-01"), "50.00");
    assert_all_synced(&pass(&company).await);
    company.files = swapped("1", "2");
    let second = bill(&company, ids[0], noon("2026-03-02"), "60.00");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [""; 0]);
    assert_all_synced(&pass(&company).await);
    let [before, after] = [first, second].map(|id| whose(&company, &format!("invoice/{id}")));
    assert_eq!((before.as_str(), after.as_str()), ("2", "1"));
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

/// `create` does not take a bookkeeper's customer over, nor goes on with it in
/// silence.
#[tokio::test(start_paused = true)]
async fn a_line_that_adopted_does_not_create() {
    let mut company = Company::bare("");
    let amy = customer(&company, "Amy's Bird Sanctuary");
    company.files = links(&[adopts(amy, AMY, "Amy's Bird Sanctuary", "")]);
    assert_all_synced(&pass(&company).await);
    by_hand::invoice(&company, AMY, "B-1", ("2026-03-01", "50.00"));
    let invoice = bill(&company, amy, noon("2026-03-01"), "50.00");
    assert_eq!(warned(&pass(&company).await, &format!("invoice/{invoice}")), ["possible-duplicate"]);
    company.files = format!(
        "[customers]\ncontact = \"follow\"\n{}",
        links(&[format!("{amy} = {{ create = true, {START} }}")])
    );
    company
        .sandbox
        .staxbill
        .edit_customer(amy, |fields| fields.primary_email = Some("new@amy.example".to_owned()));
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("customer/{amy} identity-mismatch")]);
    assert_eq!(writes(), 0);
    company.files = links(&status.warnings[0].paste);
    assert_eq!(warned(&pass(&company).await, &format!("invoice/{invoice}")), ["possible-duplicate"]);
}

/// `from` that never was the link is asked about, but where Stax Bill's own
/// sync had linked it so.
#[tokio::test(start_paused = true)]
async fn a_line_says_where_a_customer_comes_from_that_was_never_linked() {
    for (known, warns) in [(None, true), (Some(3), true), (Some(77), false)] {
        let mut company = Company::bare("");
        let amy = customer(&company, "Amy's Bird Sanctuary");
        if let Some(id) = known {
            company.sandbox.staxbill.synchronised_by_vendor(amy, id);
        }
        bill(&company, amy, noon("2026-03-01"), "50.00");
        company.files = links(&[adopts(amy, "2", "Bill's Windsurf Shop", ", from = \"77\"")]);
        let writes = count_writes(&company);
        let status = pass(&company).await;
        if warns {
            assert_eq!(warnings(&status), [format!("customer/{amy} identity-mismatch")], "{known:?}");
            assert!(status.warnings[0].reason.contains("it never was"), "{}", status.warnings[0].reason);
            assert_eq!(writes(), 0);
        } else {
            assert_all_synced(&status);
        }
    }
}

/// Who shares a customer waits for nobody that is not linked itself.
#[tokio::test(start_paused = true)]
async fn who_shares_a_customer_waits_for_nobody() {
    let mut company = Company::bare("");
    let ids = ["Cool Cars", "Cool Cars North"].map(|name| customer(&company, name));
    company.sandbox.staxbill.set_status(ids[0], CustomerStatus::Draft);
    let invoice = bill(&company, ids[1], noon("2026-03-01"), "50.00");
    company.files = links(&ids.map(|id| adopts(id, "3", "Cool Cars", ", shared = true")));
    assert_all_synced(&pass(&company).await);
    assert_eq!(whose(&company, &format!("invoice/{invoice}")), "3");
}

/// What came to light while a write was open speaks against sending it again.
#[tokio::test(start_paused = true)]
async fn a_write_that_was_cut_off_is_not_sent_again_against_the_files() {
    for change in ["match", "observe", "rename", "entered", "nothing"] {
        let mut company = Company::bare("");
        let amy = customer(&company, "Amy's Bird Sanctuary");
        let line = |more: &str| links(&[adopts(amy, AMY, "Amy's Bird Sanctuary", more)]);
        company.files = line("");
        assert_all_synced(&pass(&company).await);
        let invoice = bill(&company, amy, noon("2026-03-01"), "50.00");
        company.sandbox.trouble.add(
            Rule::next("/v3/company/*/invoice", Kind::Status { code: 500, after: false }).method("POST"),
        );
        let key = format!("invoice/{invoice}");
        // One pass alone: the next begins under other files.
        let world = company.engine().world(&company.config(), CancellationToken::new());
        latchd::pass::run(&world, &mut |_| {}).await.expect("the state is sound");
        assert!(latchd::pass::next_due(&world).expect("the state is sound").is_some(), "{change}");
        drop(world);
        let books = company.sandbox.quickbooks.bookkeeper();
        let mine = match change {
            "match" | "entered" => Some(by_hand::invoice(&company, AMY, "B-1", ("2026-03-01", "50.00"))),
            _ => None,
        };
        match change {
            "match" => {
                let id = mine.as_deref().expect("it was entered");
                company.files = line(&format!(", match = {{ \"{key}\" = \"{id}\" }}"));
            }
            "observe" => company.files = line(", policy = \"observe\""),
            "rename" => {
                books.edit("Customer", AMY, serde_json::json!({ "DisplayName": "Zebra Holdings" })).unwrap();
            }
            _ => {}
        }
        company.wait(Duration::from_secs(200)).await;
        let status = pass(&company).await;
        let sent = marked(&company, &key).len();
        assert_eq!(sent, usize::from(change == "nothing"), "{change}: {:?}", warnings(&status));
        assert_no_mark_twice(&company);
    }
}
