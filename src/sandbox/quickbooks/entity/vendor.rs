//! Vendors: here for their names, which no customer may take.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::field::{address, amount, email, flag, idle, phone, reference, text, url};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, currency, people};

pub(crate) static ENTITY: Entity = Entity {
    name: "Vendor",
    class: Class::List,
    sequence: Sequence::Names,
    parts: &[FIELDS],
    keys: &["DisplayName"],
    name_property: Some("DisplayName"),
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries: super::posts_nothing,
    blank: super::stays,
    settle: super::settles_nothing,
};

const FIELDS: &[Field] = &[
    text("DisplayName", 500).queryable(),
    text("Title", 16),
    text("GivenName", 100).queryable(),
    text("MiddleName", 100).queryable(),
    text("FamilyName", 100).queryable(),
    text("Suffix", 16),
    text("CompanyName", 100).queryable(),
    text("PrintOnCheckName", 110).queryable(),
    // Exists and cannot be asked for, unlike the customer's (recorded).
    email("PrimaryEmailAddr"),
    phone("PrimaryPhone"),
    phone("AlternatePhone"),
    phone("Mobile"),
    phone("Fax"),
    url("WebAddr"),
    address("BillAddr"),
    flag("Active").queryable(),
    amount("Balance").queryable().read_only(),
    text("AcctNum", 100),
    flag("Vendor1099"),
    reference("CurrencyRef", ""),
    reference("TermRef", "Term"),
    text("TaxIdentifier", 20),
    idle("BillRate"),
    idle("CostRate"),
    idle("APAccountRef"),
    idle("BusinessNumber"),
    idle("GSTIN"),
    idle("HasTPAR"),
    idle("OtherContactInfo"),
    idle("Source"),
    idle("TaxReportingBasis"),
    idle("T4AEligible"),
    idle("T5018Eligible"),
    idle("VendorPaymentBankDetail"),
    idle("ShipAddr"),
    idle("Notes"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    people::complete_names(books, draft)?;
    currency::complete_once(books, draft)?;
    draft.default("Balance", json!(0));
    draft.default("Vendor1099", json!(false));
    Ok(())
}
