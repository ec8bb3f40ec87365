//! Customers: adopted, created, refused, moved, forgotten and remembered.

use std::time::Duration;

use latchd::sandbox::staxbill::{CustomerStatus, NewCustomer};
use serde_json::{Value, json};

use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, dec, marked, noon,
    one_of_each, pass, pay, the, warned,
};
use crate::company::{Company, counts, warnings};

fn adopt(customer: i64, id: &str, expect: &str) -> String {
    format!("{customer} = {{ adopt = \"{id}\", expect = \"{expect}\", start = \"beginning\" }}\n")
}

/// An account with Amy's and one invoice of hers, linked with QuickBooks' `id`.
fn amy(id: &str, expect: &str) -> (Company, i64) {
    let company = Company::bare(&format!("[links]\n{}", adopt(10_482, id, expect)));
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let invoice = bill(&company, amy, noon("2026-03-01"), "50.00");
    (company, invoice)
}

fn quickbooks_customer(company: &Company, id: &str) -> Value {
    let all = company.sandbox.quickbooks.objects("Customer");
    all.into_iter().find(|one| one["Id"] == id).expect("it is in the demo company")
}

#[tokio::test(start_paused = true)]
async fn an_adopted_customer_keeps_everything_and_gets_our_mark() {
    let (company, invoice) = amy("1", "Amy's Bird Sanctuary");
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Customer", "1", json!({ "Notes": "Calls on Mondays.\nPrefers mail." })).unwrap();
    let before = quickbooks_customer(&company, "1");
    assert_all_synced(&pass(&company).await);
    let after = quickbooks_customer(&company, "1");
    assert_eq!(after["Notes"], "Calls on Mondays.\nPrefers mail.\n[latchd customer/10482]");
    for field in ["DisplayName", "PrimaryEmailAddr", "BillAddr", "PrimaryPhone", "Active", "GivenName"] {
        assert_eq!(before[field], after[field], "{field}");
    }
    assert_eq!(the(&company, &format!("invoice/{invoice}"))["CustomerRef"]["value"], "1");
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn notes_that_are_full_are_not_cut_for_a_mark() {
    let (company, _) = amy("1", "Amy's Bird Sanctuary");
    let full = "x".repeat(1995);
    company.sandbox.quickbooks.bookkeeper().edit("Customer", "1", json!({ "Notes": full })).unwrap();
    assert_all_synced(&pass(&company).await);
    assert_eq!(quickbooks_customer(&company, "1")["Notes"], full);
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_created_customer_has_a_name_that_quickbooks_takes() {
    let long = "Long ".repeat(60);
    for (line, company_name, reference, expected) in [
        ("true", "Bolt Bakery", None, "Bolt Bakery (10482)"),
        ("true", "Bolt Bakery", Some("C-9"), "Bolt Bakery C-9 (10482)"),
        ("true", "Bolt: Bakery", None, "Bolt  Bakery (10482)"),
        ("\"Bolt\"", "Ignored", None, "Bolt (10482)"),
        ("\"Bolt 10482\"", "Ignored", None, "Bolt 10482"),
        ("\"Bolt \\\"B\\\" O'Neil\"", "Ignored", None, "Bolt \"B\" O'Neil (10482)"),
        ("true", "Łódź Piekarnia 北京", None, ""),
        ("true", long.as_str(), None, ""),
    ] {
        let files = format!("[links]\n10482 = {{ create = {line}, start = \"beginning\" }}\n");
        let company = Company::bare(&files);
        company.sandbox.staxbill.add_customer(NewCustomer {
            company_name: Some(company_name.to_owned()),
            reference: reference.map(str::to_owned),
            ..NewCustomer::default()
        });
        let status = pass(&company).await;
        assert_eq!(warnings(&status), Vec::<String>::new(), "{company_name}");
        let name = the(&company, "customer/10482")["DisplayName"].as_str().unwrap().to_owned();
        assert!(name.ends_with("10482)") || name.ends_with("10482"), "{name}");
        assert!(name.chars().count() <= 100 && !name.contains(':'), "{name}");
        if !expected.is_empty() {
            assert_eq!(
                name.split_whitespace().collect::<Vec<_>>(),
                expected.split_whitespace().collect::<Vec<_>>()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_anybody_has_is_refused_until_the_line_changes() {
    for (kind, inactive) in
        ["Customer", "Vendor", "Employee"].into_iter().flat_map(|kind| [(kind, false), (kind, true)])
    {
        let (mut company, ..) = one_of_each();
        let body = if kind == "Employee" {
            json!({ "DisplayName": "Bolt Bakery (10482)", "GivenName": "Bolt", "FamilyName": "Bakery (10482)" })
        } else {
            json!({ "DisplayName": "Bolt Bakery (10482)" })
        };
        let books = company.sandbox.quickbooks.bookkeeper();
        let id = books.create(kind, body).unwrap()["Id"].as_str().unwrap().to_owned();
        if inactive {
            books.inactivate(kind, &id).unwrap();
        }
        let status = pass(&company).await;
        if inactive {
            // An inactive name is renamed `… (deleted)`, so it is free.
            assert_all_synced(&status);
            continue;
        }
        assert_eq!(warnings(&status), ["customer/10482 name-taken"], "{kind}");
        let word = kind.to_lowercase();
        let reason = format!("the name `Bolt Bakery (10482)` belongs to the {word} {id} in QuickBooks");
        assert_eq!(status.warnings[0].reason, reason);
        assert_eq!(status.warnings[0].blocks.records, 2, "{kind}");
        let writes = count_writes(&company);
        pass(&company).await;
        assert_eq!(writes(), 0, "{kind}: parked");
        company.files = "[links]\n10482 = { create = \"Bolt & Sons\", start = \"beginning\" }\n".to_owned();
        assert_all_synced(&pass(&company).await);
        assert_eq!(the(&company, "customer/10482")["DisplayName"], "Bolt & Sons (10482)");
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_adoptions_are_named_and_cost_nothing_when_quiet() {
    for (id, expect, code) in [
        ("9999", "Amy's Bird Sanctuary", "link-not-found"),
        ("2", "Amy's Bird Sanctuary", "identity-mismatch"),
    ] {
        let (mut company, _) = amy(id, expect);
        let status = pass(&company).await;
        assert_eq!(warnings(&status), [format!("customer/10482 {code}")]);
        assert_eq!(status.warnings[0].blocks.records, 1);
        assert!(company.sandbox.quickbooks.objects("Invoice").is_empty(), "{code}");
        let writes = count_writes(&company);
        let (done, status) = company.once().await;
        assert_eq!(warned(&status, "customer/10482"), [code]);
        assert_eq!((writes(), done.calls.quickbooks_reads), (0, 1), "{code}");
        company.files = format!("[links]\n{}", adopt(10_482, "1", "Amy's Bird Sanctuary"));
        assert_all_synced(&pass(&company).await);
    }
}

#[tokio::test(start_paused = true)]
async fn an_inactive_customer_is_mended_by_the_bookkeeper() {
    let (company, invoice) = amy("3", "Cool Cars");
    let books = company.sandbox.quickbooks.bookkeeper();
    books.inactivate("Customer", "3").unwrap();
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 link-inactive"]);
    company.wait(Duration::from_secs(600)).await;
    books.reactivate("Customer", "3").unwrap();
    assert_all_synced(&pass(&company).await);
    // And later, when documents stand.
    pay(&company, 10_482, noon("2026-03-05"), "50.00", &[(invoice, "50.00")]);
    pass(&company).await;
    company.wait(Duration::from_secs(600)).await;
    books.inactivate("Customer", "3").unwrap();
    bill(&company, 10_482, noon("2026-04-01"), "50.00");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 link-inactive"]);
    assert_eq!(counts(&status, 1), (2, 1, 1));
    books.reactivate("Customer", "3").unwrap();
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn a_created_customer_made_inactive_waits_for_the_bookkeeper() {
    let (company, bolt, ..) = one_of_each();
    pass(&company).await;
    let id = super::shop::id_of(&company, "customer/10482");
    let books = company.sandbox.quickbooks.bookkeeper();
    books.inactivate("Customer", &id).unwrap();
    bill(&company, bolt, noon("2026-04-01"), "50.00");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 link-inactive"]);
    assert_eq!(counts(&status, 1), (2, 1, 1));
    books.reactivate("Customer", &id).unwrap();
    assert_all_synced(&pass(&company).await);
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn two_lines_for_one_customer_carry_out_neither() {
    let lines = [adopt(10_482, "1", "Amy's Bird Sanctuary"), adopt(10_483, "1", "Amy's Bird Sanctuary")];
    let mut company = Company::bare("");
    for _ in 0..2 {
        let id = customer(&company, "Amy's Bird Sanctuary");
        bill(&company, id, noon("2026-03-01"), "50.00");
    }
    company.files = format!("[links]\n{}", lines[0]);
    pass(&company).await;
    company.files = format!("[links]\n{}{}", lines[0], lines[1]);
    let status = pass(&company).await;
    assert_eq!(warned(&status, "customer/10483"), ["link-shared"]);
    assert_eq!(company.sandbox.quickbooks.objects("Invoice").len(), 1);
    // A line that vanished still holds; one that lets go does not.
    company.files = format!("[links]\n{}", lines[1]);
    assert_eq!(warned(&pass(&company).await, "customer/10483"), ["link-shared"]);
    company.files = format!("[links]\n10482 = {{ skip = \"it was 10483\" }}\n{}", lines[1]);
    assert_eq!(warnings(&pass(&company).await), [""; 0]);
    assert_eq!(company.sandbox.quickbooks.objects("Invoice").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_line_that_vanishes_holds_and_comes_back_without_a_double() {
    let (mut company, bolt, invoice, _) = one_of_each();
    pass(&company).await;
    company.files = "[links]\n99 = { skip = \"nobody\" }\n".to_owned();
    let second = bill(&company, bolt, noon("2026-04-01"), "30.00");
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 link-removed"]);
    assert_eq!((counts(&status, 0), counts(&status, 1)), ((1, 0, 1), (2, 1, 1)));
    assert_eq!(writes(), 0);
    assert_eq!(super::shop::amount(&the(&company, &format!("invoice/{invoice}")), "TotalAmt"), dec("100"));
    company.files = create_all(1);
    assert_all_synced(&pass(&company).await);
    assert_no_mark_twice(&company);
    the(&company, &format!("invoice/{second}"));
}

#[tokio::test(start_paused = true)]
async fn who_counts_follows_status_and_line() {
    use CustomerStatus::{Active, Cancelled, Draft, Hold, Suspended};
    let skip = "[links]\n10482 = { skip = \"a test account\" }\n".to_owned();
    for (status, files, in_scope, synced) in [
        (Active, create_all(1), 1, 1),
        (Draft, create_all(1), 0, 0),
        (Hold, create_all(1), 1, 1),
        (Suspended, create_all(1), 1, 1),
        (Cancelled, create_all(1), 1, 1),
        (Cancelled, String::new(), 0, 0),
        (Hold, String::new(), 1, 0),
        (Active, skip.clone(), 0, 0),
        (Active, String::new(), 1, 0),
    ] {
        let company = Company::bare(&files);
        let id = customer(&company, "Bolt Bakery");
        company.sandbox.staxbill.set_status(id, status);
        bill(&company, id, noon("2026-03-01"), "50.00");
        let shown = pass(&company).await;
        let row = (in_scope, synced, synced);
        assert_eq!((counts(&shown, 0), counts(&shown, 1)), (row, row), "{status:?} {files}");
        assert_eq!(company.sandbox.quickbooks.objects("Invoice").len() as u64, synced, "{status:?} {files}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_currency_is_refused_before_a_call() {
    for files in [create_all(1), format!("[links]\n{}", adopt(10_482, "1", "Amy's Bird Sanctuary"))] {
        let company = Company::bare(&files);
        company.sandbox.staxbill.add_customer(NewCustomer {
            company_name: Some("Amy's Bird Sanctuary".to_owned()),
            currency: Some("CAD".to_owned()),
            ..NewCustomer::default()
        });
        let writes = count_writes(&company);
        let status = pass(&company).await;
        assert_eq!(warnings(&status), ["customer/10482 currency-mismatch"], "{files}");
        assert_eq!(writes(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_names_another_customer_is_held() {
    let (mut company, _) = amy("1", "Amy's Bird Sanctuary");
    pass(&company).await;
    company.files = format!("[links]\n{}", adopt(10_482, "2", "Bill's Windsurf Shop"));
    bill(&company, 10_482, noon("2026-04-01"), "50.00");
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 identity-mismatch"]);
    assert_eq!((writes(), counts(&status, 1)), (0, (2, 1, 1)));
    company.files = format!("[links]\n{}", adopt(10_482, "1", "Amy's Bird Sanctuary"));
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn a_renamed_customer_stops_posting_until_the_line_says_so() {
    let (mut company, _) = amy("1", "Amy's Bird Sanctuary");
    pass(&company).await;
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Customer", "1", json!({ "DisplayName": "Zenith Holdings" })).unwrap();
    bill(&company, 10_482, noon("2026-04-01"), "50.00");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10482 identity-mismatch"]);
    assert_eq!(counts(&status, 1), (2, 1, 1));
    company.files = format!("[links]\n{}", adopt(10_482, "1", "Zenith Holdings"));
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn a_customer_merged_away_posts_nothing_to_the_survivor() {
    let (company, _) = amy("1", "Amy's Bird Sanctuary");
    pass(&company).await;
    company.sandbox.quickbooks.bookkeeper().merge_customer("1", "2").unwrap();
    let second = bill(&company, 10_482, noon("2026-04-01"), "50.00");
    company.wait(Duration::from_secs(25 * 3600)).await;
    let status = pass(&company).await;
    assert_eq!(warned(&status, "customer/10482"), ["link-not-found"]);
    assert!(marked(&company, &format!("invoice/{second}")).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_skipped_customer_is_left_alone_whatever_stands() {
    let (mut company, bolt, ..) = one_of_each();
    pass(&company).await;
    company.files = "[links]\n10482 = { skip = \"closed\" }\n".to_owned();
    pay(&company, bolt, noon("2026-04-01"), "5.00", &[]);
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!((writes(), warnings(&status)), (0, Vec::new()));
    assert_eq!(counts(&status, 2).0, 0);
    company.files = create_all(1);
    assert_all_synced(&pass(&company).await);
    assert_no_mark_twice(&company);
}
