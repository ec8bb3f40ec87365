//! Warnings that the files leave alone: counted apart, tried again only on a
//! change, and shown again where they say something else.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::json;

use super::shop::{
    assert_all_synced, bill, count_writes, create_all, customer, id_of, noon, one_of_each, pass, pay,
};
use crate::company::{Company, counts, warnings};
use latchd::report::Status;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A bookkeeper's invoice of that number.
pub(super) fn take_number(company: &Company, number: &str) -> String {
    let theirs = json!({
        "DocNumber": number, "CustomerRef": { "value": "1" },
        "Line": [{ "Amount": 5, "DetailType": "SalesItemLineDetail",
                   "SalesItemLineDetail": { "ItemRef": { "value": "1" } } }],
    });
    let theirs = company.sandbox.quickbooks.bookkeeper().create("Invoice", theirs).expect("it is sound");
    theirs["Id"].as_str().expect("an id").to_owned()
}

/// A customer with an invoice and its payment; the bookkeeper holds the number
/// of the invoice.
pub(super) fn taken() -> (Company, String, String, String) {
    let (company, _, invoice, payment) = one_of_each();
    let theirs = take_number(&company, "1100");
    (company, format!("invoice/{invoice}"), format!("payment/{payment}"), theirs)
}

fn dismiss(key: &str, code: &str, until: &str) -> String {
    format!(
        "[dismiss]\n\"{key}\" = {{ codes = [\"{code}\"], until = {until}, why = \"booked by hand\", by = \"FIN-1\" }}\n"
    )
}

/// Undismissed and dismissed warnings about invoices.
fn told(status: &Status) -> (u64, u64) {
    let row = &status.entities[1];
    assert_eq!(status.standing().len() as u64, row.warnings);
    assert_eq!(status.dismissed().len() as u64, row.dismissed);
    (row.warnings, row.dismissed)
}

fn noticed(status: &Status) -> Vec<String> {
    let place = |notice: &latchd::report::Notice| {
        let at = notice.at.as_ref().map(|at| format!(" {}:{}", at.file, at.line));
        format!("{}{}", notice.code, at.unwrap_or_default())
    };
    status.notices.iter().map(place).collect()
}

#[tokio::test(start_paused = true)]
async fn a_dismissal_hides_a_warning_keeps_its_count_and_is_not_tried_by_time() {
    let (mut company, invoice, _, theirs) = taken();
    let links = company.files.clone();
    assert_eq!(told(&pass(&company).await), (1, 0));
    company.files = format!("{links}{}", dismiss(&invoice, "duplicate-number", "2026-12-31"));
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!((told(&status), noticed(&status)), ((0, 1), Vec::new()));
    let row = &status.warnings[0];
    assert_eq!((row.dismissed.as_deref(), row.next_attempt_at), (Some("booked by hand"), None));
    assert_eq!(row.blocks.records, 1, "what waits for it goes on waiting");
    assert_eq!((status.entities[1].failed, status.entities[2].blocked), (1, 1));
    company.sandbox.quickbooks.bookkeeper().edit("Invoice", &theirs, json!({ "DocNumber": "7001" })).unwrap();
    company.wait(3 * DAY).await;
    assert_eq!((told(&pass(&company).await), writes()), ((0, 1), 0), "time changes nothing");
    company.credit_item = "Subscription services".to_owned();
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert!(writes() > 0, "a change of the settings does");
    assert_eq!(noticed(&status).len(), 1, "{:?}", status.notices);
    assert!(noticed(&status)[0].starts_with("unused-dismissal latchd.toml:"), "{:?}", status.notices);
}

#[tokio::test(start_paused = true)]
async fn another_fault_on_the_same_record_shows_again() {
    let (mut company, invoice, _, theirs) = taken();
    company.files.push_str(&dismiss(&invoice, "duplicate-number", "2026-12-31"));
    assert_eq!(told(&pass(&company).await), (0, 1));
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Invoice", &theirs, json!({ "DocNumber": "7001" })).unwrap();
    company.credit_item = "Subscription services".to_owned();
    assert_all_synced(&pass(&company).await);
    books.edit("Invoice", &id_of(&company, &invoice), json!({ "TxnDate": "2026-03-20" })).unwrap();
    let status = pass(&company).await;
    assert_eq!((told(&status), warnings(&status)), ((1, 0), vec![format!("{invoice} drifted")]));
    assert!(noticed(&status)[0].starts_with("unused-dismissal"), "{:?}", status.notices);
}

#[tokio::test(start_paused = true)]
async fn a_dismissal_ends_with_its_last_day_by_the_companys_calendar() {
    let (mut company, invoice, ..) = taken();
    company.files.push_str(&dismiss(&invoice, "duplicate-number", "2026-11-22"));
    assert_eq!(told(&pass(&company).await), (0, 1));
    // Midnight in Los Angeles is eight in the morning in Greenwich.
    company.wait(Duration::from_secs(19 * 3600)).await;
    assert_eq!(told(&pass(&company).await), (0, 1));
    let writes = count_writes(&company);
    company.wait(Duration::from_secs(3600)).await;
    let status = pass(&company).await;
    assert_eq!((told(&status), writes()), ((1, 0), 0));
    assert!(noticed(&status)[0].starts_with("expired-dismissal latchd.toml:"), "{:?}", status.notices);
    company.wait(DAY).await;
    pass(&company).await;
    assert_eq!(writes(), 1, "once a day, as before");
}

#[tokio::test(start_paused = true)]
async fn lines_that_can_never_match_are_told() {
    let (mut company, invoice, payment, _) = taken();
    company.files = company.files.replace("\"beginning\"", "2026-03-03");
    let lines = [&invoice, "invoice/1", &payment]
        .map(|key| dismiss(key, "refused", "2026-12-31").replace("[dismiss]\n", ""));
    let _ = write!(company.files, "[dismiss]\n{}", lines.concat());
    let status = pass(&company).await;
    let codes = status.notices.iter().map(|notice| (notice.code.as_str(), notice.text.as_str()));
    let codes = codes.collect::<Vec<_>>();
    assert_eq!(codes.len(), 3, "{codes:?}");
    let expected = [
        ("never-matching-dismissal", "Stax Bill has no invoice/1"),
        ("never-matching-dismissal", "out of scope"),
        ("unused-dismissal", "applied-before-start"),
    ];
    for ((code, text), (of, says)) in codes.iter().zip(expected) {
        assert!(*code == of && text.contains(says), "{codes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_leaves_many_alone_and_none_once_it_fits_more_than_it_may() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    for at in 0..4 {
        let invoice = bill(&company, bolt, noon(&format!("2026-03-0{}", 1 + at)), "50.00");
        pay(&company, bolt, noon("2026-03-09"), "50.00", &[(invoice, "50.00")]);
        take_number(&company, &format!("{}", 1100 + at));
    }
    let mut company = company;
    let links = company.files.clone();
    let rule = |most: u32| {
        format!(
            "[dismiss_rule.old]\nentity = \"invoice\"\ncodes = [\"duplicate-number\"]\nbefore = 2026-03-04\n\
             max_matches = {most}\nuntil = 2026-12-31\nwhy = \"before the move\"\nby = \"FIN-1\"\n"
        )
    };
    company.files = format!("{links}{}", rule(3));
    let status = pass(&company).await;
    assert_eq!((told(&status), noticed(&status)), ((1, 3), Vec::new()));
    assert_eq!(status.warnings.iter().filter(|row| row.dismissed.is_some()).count(), 3);
    let writes = count_writes(&company);
    company.wait(2 * DAY).await;
    pass(&company).await;
    assert_eq!(writes(), 1, "the fourth alone");
    company.files = format!("{links}{}", rule(2));
    let status = pass(&company).await;
    assert_eq!(told(&status), (4, 0));
    let found = noticed(&status);
    assert!(found.len() == 1 && found[0].starts_with("over-matching-dismissal latchd.toml:"), "{found:?}");
    assert_eq!((writes(), counts(&status, 1)), (4, (4, 0, 0)), "tried again once a day, as before");
}
