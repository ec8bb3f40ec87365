//! One failure holds its own dependants and nobody else's, and what was
//! refused costs no call until something changes.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::json;

use super::shop::{
    applied, assert_all_synced, bill, count_writes, create_all, customer, marked, noon, one_of_each, pass,
    pay, rows, the, warned,
};
use crate::company::{Company, counts, warnings};

/// Two customers with two invoices, each paid; the bookkeeper holds the number
/// of the first invoice.
fn taken_number() -> (Company, [i64; 4], [i64; 4], String) {
    let company = Company::bare(&create_all(2));
    let (mut invoices, mut payments) = ([0; 4], [0; 4]);
    for owner in 0..2 {
        let id = customer(&company, ["Ada", "Bea"][owner]);
        for turn in 0..2 {
            let at = owner * 2 + turn;
            invoices[at] = bill(&company, id, noon("2026-03-01"), "50.00");
            payments[at] = pay(&company, id, noon("2026-03-09"), "50.00", &[(invoices[at], "50.00")]);
        }
    }
    let theirs = json!({
        "DocNumber": "1100", "CustomerRef": { "value": "1" },
        "Line": [{ "Amount": 5, "DetailType": "SalesItemLineDetail",
                   "SalesItemLineDetail": { "ItemRef": { "value": "1" } } }],
    });
    let theirs = company.sandbox.quickbooks.bookkeeper().create("Invoice", theirs).expect("it is sound");
    (company, invoices, payments, theirs["Id"].as_str().expect("an id").to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_refused_invoice_blocks_its_payment_and_no_other() {
    let (company, invoices, payments, theirs) = taken_number();
    let status = pass(&company).await;
    let refused = format!("invoice/{}", invoices[0]);
    assert_eq!(warnings(&status), [format!("{refused} duplicate-number")]);
    assert_eq!(status.warnings[0].blocks.records, 1);
    assert_eq!((counts(&status, 1), counts(&status, 2)), ((4, 3, 3), (4, 3, 3)));
    assert!(marked(&company, &format!("payment/{}", payments[0])).is_empty());
    for at in 1..4 {
        assert_eq!(applied(&company, payments[at]), rows(&[(invoices[at], "50.00")]));
    }
    // Quiet: it costs nothing until something changes.
    let writes = count_writes(&company);
    let (done, status) = company.once().await;
    assert_eq!((writes(), done.calls.quickbooks_reads), (0, 1));
    assert_eq!(warned(&status, &refused), ["duplicate-number"]);
    // The bookkeeper renumbers the other one; a day later it is tried again.
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Invoice", &theirs, json!({ "DocNumber": "7001" })).unwrap();
    company.wait(Duration::from_secs(3600)).await;
    pass(&company).await;
    assert_eq!(writes(), 0, "nothing of ours changed");
    company.wait(Duration::from_secs(24 * 3600)).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payments[0]), rows(&[(invoices[0], "50.00")]));
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_is_tried_again_when_something_changes() {
    type Change = fn(&mut Company);
    let changes: [(&str, Change, u64); 5] = [
        ("nothing", |_| {}, 0),
        (
            "record",
            |company| {
                let phone = Some("555 0199".to_owned());
                company.sandbox.staxbill.edit_customer(10_482, |fields| fields.primary_phone = phone);
            },
            1,
        ),
        ("settings", |company| company.credit_item = "Subscription services".to_owned(), 1),
        ("link", |company| company.files = company.files.replace("\"beginning\"", "2026-01-01"), 1),
        ("a day", |company| company.sandbox.clock.advance(Duration::ZERO), 1),
    ];
    for (name, change, expected) in changes {
        let (mut company, ..) = one_of_each();
        let theirs = json!({ "DisplayName": "Bolt Bakery (10482)" });
        company.sandbox.quickbooks.bookkeeper().create("Vendor", theirs).unwrap();
        pass(&company).await;
        company.wait(Duration::from_secs(if name == "a day" { 24 } else { 3 } * 3600)).await;
        change(&mut company);
        let writes = count_writes(&company);
        let status = pass(&company).await;
        assert_eq!(writes(), expected, "{name}");
        assert_eq!(warnings(&status), ["customer/10482 name-taken"], "{name}");
        assert_eq!(status.warnings[0].attempts, u32::try_from(1 + expected).unwrap(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_invoice_whose_outcome_is_unknown_holds_its_payment_only() {
    let company = Company::bare(&create_all(2));
    for name in ["Ada", "Bea"] {
        let id = customer(&company, name);
        let invoice = bill(&company, id, noon("2026-03-01"), "50.00");
        pay(&company, id, noon("2026-03-09"), "50.00", &[(invoice, "50.00")]);
    }
    let rule = Rule::next("/v3/company/*/invoice", Kind::Cut).of(Vendor::QuickBooks).method("POST");
    company.sandbox.trouble.add(rule);
    let engine = company.engine();
    let config = company.config();
    let world = engine.world(&config, tokio_util::sync::CancellationToken::new());
    let done = latchd::pass::run(&world, &mut |_| {}).await.unwrap();
    assert!(done.causes.is_empty());
    assert_eq!(company.sandbox.quickbooks.objects("Payment").len(), 1, "the other customer's");
    assert_all_synced(&company.once_in(&engine).await.1);
    assert_eq!(company.sandbox.quickbooks.objects("Payment").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_fails_blocks_its_documents_and_counts_them() {
    let company = Company::bare(&create_all(1));
    for name in ["Ada", "Unlinked"] {
        let id = customer(&company, name);
        let invoice = bill(&company, id, noon("2026-03-01"), "50.00");
        pay(&company, id, noon("2026-03-09"), "20.00", &[(invoice, "20.00")]);
    }
    let status = pass(&company).await;
    assert_eq!(warnings(&status), ["customer/10483 not-connected"]);
    assert_eq!(status.warnings[0].blocks.records, 2);
    assert_eq!((counts(&status, 1), counts(&status, 2)), ((2, 1, 1), (2, 1, 1)));
    the(&company, "customer/10482");
    assert!(marked(&company, "customer/10483").is_empty());
}
