//! Lines that move, look on, share a customer or end, and what they leave.

use std::time::Duration;

use latchd::report::Status;
use latchd::sandbox::staxbill::CustomerStatus;
use serde_json::{Value, json};

use super::desk::owed;
use super::shop::{
    amount, applied, assert_all_synced, assert_no_mark_twice, bill, count_writes, customer, dec, marked,
    noon, pass, pay, rows, the, warned,
};
use crate::company::{Company, warnings};

fn links(lines: &str) -> String {
    format!("[links]\n{lines}\n")
}

/// Amy's, adopted as QuickBooks' customer 1, with an invoice and half of it
/// paid.
async fn amy() -> (Company, i64, i64) {
    let line =
        "10482 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = 2026-01-01, by = \"FIN-1\" }";
    let company = Company::bare(&links(line));
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let invoice = bill(&company, amy, noon("2026-03-01"), "50.00");
    let payment = pay(&company, amy, noon("2026-03-05"), "20.00", &[(invoice, "20.00")]);
    assert_all_synced(&pass(&company).await);
    (company, invoice, payment)
}

/// The line that a warning offers.
fn offered(status: &Status, key: &str) -> String {
    let row = status.warnings.iter().find(|row| row.key == key).expect("there is a warning");
    links(&row.paste.join("\n"))
}

fn whose(company: &Company, key: &str) -> Value {
    the(company, key)["CustomerRef"]["value"].clone()
}

fn notices<'s>(status: &'s Status, code: &str) -> Vec<&'s str> {
    status.notices.iter().filter(|one| one.code == code).map(|one| one.text.as_str()).collect()
}

/// The documents of a merged customer tell who the survivor is, and the line to
/// paste is in the report.
#[tokio::test(start_paused = true)]
async fn a_merge_is_followed_by_pasting_one_line() {
    let (mut company, invoice, _) = amy().await;
    company.sandbox.quickbooks.bookkeeper().merge_customer("1", "2").unwrap();
    let second = bill(&company, 10_482, noon("2026-04-01"), "30.00");
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 link-not-found"]);
    let reads = company.once().await.0.calls.quickbooks_reads;
    assert_eq!((writes(), reads), (0, 1), "it is told, and not asked for again");
    let line = offered(&status, "customer/10482");
    assert!(line.contains("adopt = \"2\", from = \"1\", expect = \"Bill's Windsurf Shop\""), "{line}");
    assert!(line.contains("start = 2026-01-01") && line.contains("by = \"FIN-1\""), "{line}");
    company.files = line;
    let last = pay(&company, 10_482, noon("2026-04-02"), "60.00", &[(invoice, "30.00"), (second, "30.00")]);
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(notices(&status, "left-behind"), [""; 0], "the merge took all along");
    assert_eq!(applied(&company, last), rows(&[(invoice, "30.00"), (second, "30.00")]));
    assert_eq!([invoice, second].map(|id| whose(&company, &format!("invoice/{id}"))), ["2", "2"]);
    let cards = company.sandbox.quickbooks.objects("Customer");
    let survivor = cards.iter().find(|one| one["Id"] == "2").unwrap();
    assert!(survivor["Notes"].as_str().unwrap().contains("[latchd customer/10482]"));
    assert_no_mark_twice(&company);
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

/// The survivor stands for another customer already: both lines are offered.
#[tokio::test(start_paused = true)]
async fn a_merge_into_anothers_customer_offers_both_lines() {
    let (mut company, ..) = amy().await;
    let bill = customer(&company, "Bill's Windsurf Shop");
    let line = |word: &str| {
        format!("{bill} = {{ adopt = \"2\", expect = \"Bill's Windsurf Shop\", start = 2026-01-01{word} }}")
    };
    company.files = format!("{}{}\n", company.files, line(""));
    assert_all_synced(&pass(&company).await);
    company.sandbox.quickbooks.bookkeeper().merge_customer("1", "2").unwrap();
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 link-not-found"]);
    let [one, other] = &status.warnings[0].paste[..] else { panic!("{:?}", status.warnings[0]) };
    assert!(one.contains("from = \"1\"") && *other == line(", shared = true"), "{one}\n{other}");
    company.files = links(&format!("{one}\n{other}"));
    pass(&company).await;
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn a_new_name_is_confirmed_by_pasting_one_line() {
    let (mut company, ..) = amy().await;
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Customer", "1", json!({ "DisplayName": "Zenith \"Z\" Holdings" })).unwrap();
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 identity-mismatch"]);
    company.files = offered(&status, "customer/10482");
    assert_all_synced(&pass(&company).await);
}

/// Without a merge a line may move too; what was posted stays where it is.
#[tokio::test(start_paused = true)]
async fn a_link_that_moves_leaves_what_was_posted() {
    let (mut company, invoice, payment) = amy().await;
    let to = "10482 = { adopt = \"2\", expect = \"Bill's Windsurf Shop\", start = 2026-01-01 }";
    company.files = links(to);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 identity-mismatch"]);
    company.files = offered(&status, "customer/10482");
    assert!(company.files.contains("from = \"1\""), "{}", company.files);
    let second = bill(&company, 10_482, noon("2026-04-01"), "30.00");
    let across = pay(&company, 10_482, noon("2026-04-02"), "60.00", &[(invoice, "30.00"), (second, "30.00")]);
    // What stands there is still amended there.
    company.sandbox.staxbill.deallocate(payment, invoice, dec("5.00"));
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("payment/{across} invalid-record")]);
    let told = notices(&status, "left-behind");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("2 documents (70.00 USD) of customer/10482 stay with"), "{told:?}");
    assert_eq!(whose(&company, &format!("invoice/{invoice}")), "1");
    assert_eq!(whose(&company, &format!("payment/{payment}")), "1");
    assert_eq!(whose(&company, &format!("invoice/{second}")), "2");
    assert_eq!(applied(&company, payment), rows(&[(invoice, "15.00")]));
    assert_eq!(applied(&company, across), rows(&[(second, "30.00")]));
    assert_eq!(owed(&company, invoice), dec("35"));
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_comes_from_elsewhere_is_held() {
    let (mut company, ..) = amy().await;
    company.files = links(
        "10482 = { adopt = \"2\", from = \"3\", expect = \"Bill's Windsurf Shop\", start = 2026-01-01 }",
    );
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 identity-mismatch"]);
    let reason = &status.warnings[0].reason;
    assert!(reason.contains("customer 1") && reason.contains("it was 3"), "{reason}");
    assert_eq!(writes(), 0);
}

/// Two of Stax Bill's customers are one in QuickBooks, where both lines say so.
#[tokio::test(start_paused = true)]
async fn one_customer_stands_for_two_where_both_lines_say_so() {
    let line = |id: i64, shared: bool| {
        format!("{id} = {{ adopt = \"3\", expect = \"Cool Cars\", start = 2026-01-01, shared = {shared} }}")
    };
    let mut company = Company::bare("");
    let ids = ["Cool Cars", "Cool Cars North"].map(|name| customer(&company, name));
    let invoices = ids.map(|id| bill(&company, id, noon("2026-03-01"), "50.00"));
    company.files = links(&format!("{}\n{}", line(ids[0], true), line(ids[1], false)));
    let status = pass(&company).await;
    let keys = ids.map(|id| format!("customer/{id}"));
    assert_eq!(keys.each_ref().map(|key| warned(&status, key)), [["link-shared"], ["link-shared"]]);
    company.files = links(&format!("{}\n{}", line(ids[0], true), line(ids[1], true)));
    // One after the other: each mark is added to the notes as they are.
    assert_eq!(warnings(&pass(&company).await), [""; 0]);
    assert_all_synced(&pass(&company).await);
    assert_eq!(invoices.map(|id| whose(&company, &format!("invoice/{id}"))), ["3", "3"]);
    let cards = company.sandbox.quickbooks.objects("Customer");
    let notes = cards.iter().find(|one| one["Id"] == "3").unwrap()["Notes"].as_str().unwrap().to_owned();
    assert!(ids.iter().all(|id| notes.contains(&format!("[latchd customer/{id}]"))), "{notes}");
    let books = company.sandbox.quickbooks.bookkeeper();
    // It cannot be made inactive while money is open on it.
    for id in invoices {
        pay(
            &company,
            company.sandbox.staxbill.invoice(id).unwrap().customer,
            noon("2026-03-05"),
            "50.00",
            &[(id, "50.00")],
        );
    }
    assert_all_synced(&pass(&company).await);
    books.inactivate("Customer", "3").unwrap();
    let status = pass(&company).await;
    assert_eq!(keys.each_ref().map(|key| warned(&status, key)), [["link-inactive"], ["link-inactive"]]);
    books.reactivate("Customer", "3").unwrap();
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    // A state that was lost finds both again.
    company.store = std::sync::Arc::new(latchd::store::Overlay::empty());
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

/// A week of looking on, then live: nothing is posted before, all of it then.
#[tokio::test(start_paused = true)]
async fn a_line_looks_on_for_a_week_and_then_lives() {
    let line = |policy: &str| {
        format!(
            "10482 = {{ create = \"Bolt Bakery\", start = 2026-01-01{policy} }}\n10483 = {{ create = true, start = 2026-01-01 }}"
        )
    };
    let mut company = Company::bare(&links(&line(", policy = \"observe\"")));
    let (bolt, other) = (customer(&company, "Bolt Bakery"), customer(&company, "Cog & Co"));
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    pay(&company, bolt, noon("2026-03-05"), "40.00", &[(invoice, "40.00")]);
    bill(&company, other, noon("2026-03-01"), "10.00");
    for _ in 0..7 {
        let status = pass(&company).await;
        assert_eq!(warnings(&status), ["customer/10482 guard"]);
        assert_eq!(status.warnings[0].blocks.records, 2);
        assert!(status.tie_out.balanced, "{:?}", status.tie_out);
        assert_eq!(company.sandbox.quickbooks.objects("Invoice").len(), 1, "the other customer's");
        let (plan, _) = company.plan().await;
        let shown: Vec<_> =
            plan.observed.iter().map(|step| (step.key.to_string(), step.amount.to_string())).collect();
        assert_eq!(plan.steps.len(), 0);
        let amounts = ["0.00", "100.00", "40.00"].map(ToOwned::to_owned);
        assert_eq!(shown.iter().map(|(_, amount)| amount.clone()).collect::<Vec<_>>(), amounts);
        company.wait(Duration::from_hours(24)).await;
    }
    company.files = links(&line(""));
    assert_all_synced(&pass(&company).await);
    assert_eq!(owed(&company, invoice), dec("60"));
    // Looking on again, what stands stays, and nothing is added or amended.
    company.files = links(&line(", policy = \"observe\""));
    let second = bill(&company, bolt, noon("2026-04-01"), "30.00");
    company.sandbox.staxbill.amend_invoice(invoice, Some("PO-7"), None);
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!((writes(), warnings(&status)), (0, vec!["customer/10482 guard".to_owned()]));
    assert!(marked(&company, &format!("invoice/{second}")).is_empty());
    company.files = links(&line(""));
    assert_all_synced(&pass(&company).await);
    assert_no_mark_twice(&company);
}

/// A tombstone: what was posted stays, nothing follows.
#[tokio::test(start_paused = true)]
async fn an_unlinked_customer_is_left_as_it_stands() {
    let (mut company, invoice, payment) = amy().await;
    let before = company.files.clone();
    company.files = links("10482 = { unlink = \"account closed, books frozen\" }");
    bill(&company, 10_482, noon("2026-04-01"), "30.00");
    company.sandbox.staxbill.deallocate(payment, invoice, dec("5.00"));
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!((writes(), warnings(&status)), (0, Vec::new()));
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    company.files = before;
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payment), rows(&[(invoice, "15.00")]));
}

/// Earlier: what now counts is planned with its amounts, then posted. Later:
/// what stands stays, and is told.
#[tokio::test(start_paused = true)]
async fn a_start_moves_both_ways() {
    let from = |day: &str| links(&format!("10482 = {{ create = true, start = {day} }}"));
    let mut company = Company::bare(&from("2026-03-01"));
    let bolt = customer(&company, "Bolt Bakery");
    let early = ["2026-01-10", "2026-02-10"].map(|day| bill(&company, bolt, noon(day), "25.00"));
    bill(&company, bolt, noon("2026-03-10"), "10.00");
    assert_all_synced(&pass(&company).await);
    company.files = from("2026-01-01");
    let (plan, _) = company.plan().await;
    let sums: Vec<_> = plan.totals.iter().map(|total| (total.count, total.amount.to_string())).collect();
    assert_eq!(sums, [(2, "50.00".to_owned())]);
    assert!(marked(&company, &format!("invoice/{}", early[0])).is_empty(), "a plan posts nothing");
    assert_all_synced(&pass(&company).await);
    company.files = from("2026-02-01");
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_all_synced(&status);
    let told = notices(&status, "before-start");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("1 document (25.00 USD) of customer/10482"), "{told:?}");
    assert_eq!(writes(), 0);
    assert_eq!(amount(&the(&company, &format!("invoice/{}", early[0])), "Balance"), dec("25"));
}

/// An id from the wrong list is told as what it is; a currency that the line
/// names is compared with what is billed.
#[tokio::test(start_paused = true)]
async fn what_a_line_gets_wrong_is_told_by_name() {
    let vendors = Company::bare("").sandbox.quickbooks.objects("Vendor");
    let vendor = vendors[0]["Id"].as_str().unwrap().to_owned();
    let cases = [
        (format!("adopt = \"{vendor}\", expect = \"X\""), "link-not-found", "is a vendor"),
        ("adopt = \"99999\", expect = \"X\"".to_owned(), "link-not-found", "has no customer 99999"),
        (
            "adopt = \"1\", expect = \"Amy's Bird Sanctuary\", currency = \"CAD\"".to_owned(),
            "currency-mismatch",
            "the line says CAD",
        ),
    ];
    for (line, code, words) in cases {
        let company = Company::bare(&links(&format!("10482 = {{ {line}, start = 2026-01-01 }}")));
        let amy = customer(&company, "Amy's Bird Sanctuary");
        bill(&company, amy, noon("2026-03-01"), "50.00");
        let writes = count_writes(&company);
        let status = pass(&company).await;
        assert_eq!(warnings(&status), [format!("customer/10482 {code}")], "{line}");
        assert!(status.warnings[0].reason.contains(words), "{}", status.warnings[0].reason);
        let reads = company.once().await.0.calls.quickbooks_reads;
        assert_eq!((writes(), reads), (0, 1), "{line}");
    }
    let company = Company::bare(&links("10482 = { create = true, start = 2099-01-01 }"));
    customer(&company, "Amy's Bird Sanctuary");
    assert_eq!(notices(&pass(&company).await, "future-start").len(), 1);
}

/// Contact data follow where the files say so, for customers that latchd
/// created; names and what bookkeepers entered stay.
#[tokio::test(start_paused = true)]
async fn contact_data_follow_where_the_files_say_so() {
    for follow in [false, true] {
        let setting = if follow { "[customers]\ncontact = \"follow\"\n" } else { "" };
        let adopted = "10483 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = 2026-01-01 }";
        let lines = format!("10482 = {{ create = true, start = 2026-01-01 }}\n{adopted}");
        let company = Company::bare(&format!("{setting}{}", links(&lines)));
        let [bolt, amy] = ["Bolt Bakery", "Amy's Bird Sanctuary"].map(|name| customer(&company, name));
        assert_all_synced(&pass(&company).await);
        let books = company.sandbox.quickbooks.bookkeeper();
        let created = the(&company, &format!("customer/{bolt}"));
        let website = json!({ "WebAddr": { "URI": "http://bolt.example" } });
        books.edit("Customer", created["Id"].as_str().unwrap(), website.clone()).unwrap();
        let writes = count_writes(&company);
        for id in [bolt, amy] {
            company.sandbox.staxbill.edit_customer(id, |fields| {
                fields.company_name = Some("Bolt & Daughters".to_owned());
                fields.primary_email = Some("new@bolt.example".to_owned());
            });
        }
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), u64::from(follow));
        let now = the(&company, &format!("customer/{bolt}"));
        assert_eq!(now["DisplayName"], created["DisplayName"]);
        assert_eq!(now["WebAddr"], website["WebAddr"]);
        assert_eq!(now["PrimaryEmailAddr"]["Address"] == "new@bolt.example", follow, "{now}");
        pass(&company).await;
        assert_eq!(writes(), u64::from(follow));
    }
}

/// Active customers without a line are created where the files say so, and
/// nobody for whom QuickBooks has one that it may be.
#[tokio::test(start_paused = true)]
async fn active_customers_are_created_unless_quickbooks_may_have_them() {
    let setting = "[customers]\non_activation = \"create\"\nstart = 2026-01-01\n";
    let mut company = Company::bare(setting);
    let [bolt, amy] = ["Bolt Bakery", "Amy's Bird Sanctuary"].map(|name| customer(&company, name));
    let draft = customer(&company, "Draft Dairy");
    company.sandbox.staxbill.set_status(draft, CustomerStatus::Draft);
    let invoices = [bolt, amy, draft].map(|id| bill(&company, id, noon("2026-03-01"), "50.00"));
    let (plan, _) = company.plan().await;
    assert_eq!(
        plan.steps.iter().map(|step| step.key.to_string()).collect::<Vec<_>>(),
        [format!("customer/{bolt}"), format!("invoice/{}", invoices[0]),]
    );
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("customer/{amy} not-connected")]);
    let created = the(&company, &format!("customer/{bolt}"));
    assert_eq!(created["DisplayName"], format!("Bolt Bakery ({bolt})"));
    the(&company, &format!("invoice/{}", invoices[0]));
    assert!(marked(&company, &format!("invoice/{}", invoices[1])).is_empty());
    // Told once: QuickBooks' customers are not read again for it.
    let reads = company.once().await.0.calls.quickbooks_reads;
    assert_eq!(reads, 1);
    // What follows is posted too, and the line that was offered is taken.
    let later = bill(&company, bolt, noon("2026-04-01"), "5.00");
    let line = offered(&status, &format!("customer/{amy}"));
    assert!(line.contains("adopt = \"1\""), "{line}");
    company.files = format!("{setting}{line}");
    assert_all_synced(&pass(&company).await);
    the(&company, &format!("invoice/{later}"));
    assert_eq!(whose(&company, &format!("invoice/{}", invoices[1])), "1");
    // Left alone from now on, what was created is held until it has a line.
    company.files = line;
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("customer/{bolt} link-removed")]);
    assert_no_mark_twice(&company);
}
