//! Codes of links: what a line or the customer that it names gets wrong.

use latchd::model::Code;
use serde_json::json;

use super::super::shop::{bill, create_all, customer, noon, one_of_each, pass};
use super::{adopt, ends, stands};
use crate::company::Company;

/// Cool Cars in Stax Bill, with an invoice.
fn cool_cars(files: &str) -> Company {
    let company = Company::bare(files);
    let id = customer(&company, "Cool Cars");
    bill(&company, id, noon("2026-03-01"), "50.00");
    company
}

const KEY: &str = "customer/10482";

pub(super) async fn not_connected() {
    let mut company = cool_cars("");
    stands(&company, KEY, Code::NotConnected).await;
    company.files = create_all(1);
    ends(&company).await;
}

pub(super) async fn link_not_found() {
    let mut company = cool_cars(&adopt("").replace("\"3\"", "\"9999\""));
    stands(&company, KEY, Code::LinkNotFound).await;
    company.files = adopt("");
    ends(&company).await;
}

pub(super) async fn link_inactive() {
    let company = cool_cars(&adopt(""));
    let books = company.sandbox.quickbooks.bookkeeper();
    books.inactivate("Customer", "3").expect("a person may do that");
    stands(&company, KEY, Code::LinkInactive).await;
    books.reactivate("Customer", "3").expect("a person may do that");
    ends(&company).await;
}

pub(super) async fn link_shared() {
    let both = |more: &str| format!("{}{}", adopt(more), adopt(more).replace("[links]\n10482", "10483"));
    let mut company = cool_cars(&both(""));
    customer(&company, "Cool Cars");
    stands(&company, KEY, Code::LinkShared).await;
    company.files = both(", shared = true");
    // Each writes its mark into the notes as the one before left them.
    pass(&company).await;
    ends(&company).await;
}

pub(super) async fn link_removed() {
    let mut company = cool_cars(&adopt(""));
    pass(&company).await;
    "[links]\n10483 = { skip = \"a test\" }\n".clone_into(&mut company.files);
    stands(&company, KEY, Code::LinkRemoved).await;
    company.files = adopt("");
    ends(&company).await;
}

pub(super) async fn identity_mismatch() {
    let mut company = cool_cars(&adopt("").replace("\"3\"", "\"2\""));
    let status = stands(&company, KEY, Code::IdentityMismatch).await;
    assert_eq!(status.warnings[0].paste.len(), 1, "the line that takes what is there");
    company.files = adopt("");
    ends(&company).await;
}

pub(super) async fn currency_mismatch() {
    let mut company = cool_cars(&adopt(", currency = \"CAD\""));
    stands(&company, KEY, Code::CurrencyMismatch).await;
    company.files = adopt(", currency = \"USD\"");
    ends(&company).await;
}

pub(super) async fn name_taken() {
    let (mut company, ..) = one_of_each();
    let theirs = json!({ "DisplayName": "Bolt Bakery (10482)" });
    company.sandbox.quickbooks.bookkeeper().create("Vendor", theirs).expect("a person may do that");
    stands(&company, KEY, Code::NameTaken).await;
    "[links]\n10482 = { create = \"Bolt & Sons\", start = \"beginning\" }\n".clone_into(&mut company.files);
    ends(&company).await;
}

/// Its other causes come with the guards.
pub(super) async fn guard() {
    let mut company = cool_cars(&adopt(", policy = \"observe\""));
    stands(&company, KEY, Code::Guard).await;
    company.files = adopt("");
    ends(&company).await;
}
