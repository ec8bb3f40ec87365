//! Customers: people and companies who owe, and the jobs below them.

use rust_decimal::Decimal;
use serde_json::json;

use super::super::books::Books;
use super::super::country::Country;
use super::super::fault::Fault;
use super::super::json::{decimal, flag};
use super::field::{
    address, amount, date, email, flag as boolean, idle, number, phone, reference, text, url,
};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, currency, people};

pub(crate) static ENTITY: Entity = Entity {
    name: "Customer",
    class: Class::List,
    sequence: Sequence::Names,
    fields: FIELDS,
    keys: &["DisplayName", "ParentRef"],
    name_property: Some("DisplayName"),
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries: super::posts_nothing,
    blank: super::stays,
    settle: |books, id, change| people::rename_below(books, id, &ENTITY, change),
};

const FIELDS: &[Field] = &[
    text("DisplayName", 500).queryable(),
    text("Title", 16),
    text("GivenName", 100).queryable(),
    text("MiddleName", 100).queryable(),
    text("FamilyName", 100).queryable(),
    text("Suffix", 16),
    text("CompanyName", 100).queryable(),
    text("FullyQualifiedName", 500).queryable().read_only(),
    text("PrintOnCheckName", 110).queryable(),
    email("PrimaryEmailAddr").queryable(),
    phone("PrimaryPhone"),
    phone("AlternatePhone"),
    phone("Mobile"),
    phone("Fax"),
    url("WebAddr"),
    address("BillAddr"),
    address("ShipAddr"),
    text("Notes", 2000),
    boolean("Active").queryable(),
    amount("Balance").queryable().read_only(),
    amount("BalanceWithJobs").sortable().read_only(),
    date("OpenBalanceDate"),
    reference("CurrencyRef", ""),
    boolean("Taxable"),
    reference("DefaultTaxCodeRef", "TaxCode"),
    text("TaxExemptionReasonId", 2),
    reference("SalesTermRef", "Term"),
    reference("PaymentMethodRef", "PaymentMethod"),
    reference("CustomerTypeRef", "CustomerType"),
    reference("ParentRef", "Customer"),
    boolean("Job"),
    boolean("BillWithParent"),
    number("Level").read_only(),
    text("PreferredDeliveryMethod", 30),
    text("ResaleNum", 16),
    reference("ARAccountRef", "Account"),
    boolean("IsProject").read_only(),
    text("PrimaryTaxIdentifier", 20),
    idle("SecondaryTaxIdentifier"),
    idle("BusinessNumber"),
    idle("GSTIN"),
    idle("GSTRegistrationType"),
    idle("Source"),
    idle("OtherAddr"),
    idle("OtherContactInfo"),
    idle("ContactName"),
    idle("AltContactName"),
    idle("AcctNum"),
    idle("AttachableRef"),
    idle("Organization"),
    idle("UserId"),
    idle("CreditLimit"),
    idle("OverDueBalance"),
    idle("TotalRevenue"),
    idle("TotalExpense"),
    idle("CCDetail"),
    idle("JobInfo"),
    idle("RootCustomerRef"),
    idle("PriceLevelRef"),
    idle("SalesRepRef"),
    idle("TaxGroupCodeRef"),
    idle("TaxRegime"),
    idle("CustomerEx"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    people::complete_names(books, draft)?;
    complete_place(books, draft)?;
    currency::complete_once(books, draft)?;
    let was_active = draft.old.and_then(|old| flag(old, "Active")).unwrap_or(true);
    if was_active && !draft.active() && decimal(&draft.object, "Balance") != Decimal::ZERO {
        let detail = "You can't make a customer inactive who has a balance.";
        return Err(Fault::new("6220", "Delete with balance", detail));
    }
    draft.default("Taxable", json!(true));
    draft.default("Balance", json!(0));
    draft.default("BalanceWithJobs", json!(0));
    draft.default("PreferredDeliveryMethod", json!("Print"));
    draft.default("IsProject", json!(false));
    // The demo company's own code; elsewhere a customer has none of its own.
    if Country::of(books).is_us() && books.allows("TaxPrefs.UsingSalesTax") {
        draft.default("DefaultTaxCodeRef", json!({ "value": "2" }));
    }
    Ok(())
}

/// A job stands below its parent and is called after it.
fn complete_place(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    draft.default("Job", json!(false));
    draft.default("BillWithParent", json!(false));
    let name = people::bare(draft.text("DisplayName").unwrap_or_default()).to_owned();
    let full = people::qualified(books, draft, "Customer", &name)?;
    if draft.reference("ParentRef").is_some() {
        draft.set("Level", json!(full.split(':').count() - 1));
    } else if flag(&draft.object, "Job") == Some(true) {
        return Err(Fault::missing("ParentRef"));
    }
    draft.set("FullyQualifiedName", people::shown(&full, draft.active()));
    Ok(())
}
