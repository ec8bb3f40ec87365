//! Customers without a line that were about to be created, and whom somebody
//! entered, inactivated or cancelled meanwhile.

use std::time::Duration;

use latchd::sandbox::staxbill::CustomerStatus;
use serde_json::json;

use super::shop::{assert_all_synced, count_writes, customer, marked, pass, the};
use crate::company::{Company, warnings};

const CREATE: &str = "[customers]\non_activation = \"create\"\nstart = 2026-01-01\n";

/// A create that was refused or cut off is no decision for ever.
#[tokio::test(start_paused = true)]
async fn what_was_not_created_is_asked_about_anew() {
    let company = Company::bare(CREATE);
    let books = company.sandbox.quickbooks.bookkeeper();
    let all = ["Bolt Bakery", "Cog Cinemas", "Dune Dairy"].map(|name| (name, customer(&company, name)));
    let vendors = all.map(|(name, id)| {
        let vendor = books.create("Vendor", json!({ "DisplayName": format!("{name} ({id})") })).unwrap();
        vendor["Id"].as_str().unwrap().to_owned()
    });
    let refused = all.map(|(_, id)| format!("customer/{id} name-taken"));
    assert_eq!(warnings(&pass(&company).await), refused);
    for (at, vendor) in vendors.iter().enumerate() {
        books.edit("Vendor", vendor, json!({ "DisplayName": format!("Vendor {at}") })).unwrap();
    }
    let [(_, bolt), (_, cog), (_, dune)] = all;
    let entered = books.create("Customer", json!({ "DisplayName": "Bolt Bakery" })).unwrap();
    company.sandbox.staxbill.set_status(cog, CustomerStatus::Cancelled);
    // While it is parked QuickBooks' customers are not read for it.
    company.wait(Duration::from_hours(1)).await;
    assert_eq!(company.once().await.0.calls.quickbooks_reads, 1);
    company.wait(Duration::from_hours(24)).await;
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("customer/{bolt} not-connected")]);
    let line = format!("{bolt} = {{ adopt = {}", entered["Id"]);
    assert!(status.warnings[0].paste[0].starts_with(&line), "{:?}", status.warnings[0]);
    for id in [bolt, cog] {
        assert!(marked(&company, &format!("customer/{id}")).is_empty());
    }
    assert_eq!(the(&company, &format!("customer/{dune}"))["DisplayName"], format!("Dune Dairy ({dune})"));
}

/// An inactive customer may be revived; one that is linked is somebody else's.
#[tokio::test(start_paused = true)]
async fn nobody_is_created_past_an_inactive_customer() {
    let adopted =
        "[links]\n10482 = { adopt = \"2\", expect = \"Bill's Windsurf Shop\", start = 2026-01-01 }\n";
    let mut company = Company::bare(&format!("{CREATE}{adopted}"));
    let [bill, cars, other] =
        ["Bill's Windsurf Shop", "Cool Cars", "Bill's Windsurf Shop"].map(|name| customer(&company, name));
    assert_eq!(bill, 10_482);
    let books = company.sandbox.quickbooks.bookkeeper();
    books.inactivate("Customer", "3").unwrap();
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("customer/{cars} not-connected")]);
    assert!(status.warnings[0].paste[0].contains("adopt = \"3\""), "{:?}", status.warnings[0]);
    assert!(marked(&company, &format!("customer/{cars}")).is_empty());
    the(&company, &format!("customer/{other}"));
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
    // It is made all the same where a person says so.
    company.files = format!("{CREATE}{adopted}{cars} = {{ create = true, start = 2026-01-01 }}\n");
    assert_all_synced(&pass(&company).await);
}
