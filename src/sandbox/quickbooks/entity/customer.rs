//! Customers: people and companies who owe, and the jobs below them.

use rust_decimal::Decimal;
use serde_json::json;

use super::super::books::{Books, Token};
use super::super::country::Country;
use super::super::fault::Fault;
use super::super::json::{Object, decimal, flag, reference as reference_in};
use super::field::{
    address, amount, date, email, flag as boolean, idle, number, phone, reference, text, url,
};
use super::{Change, Class, Draft, Entity, Field, Sequence, Voiding, currency, people};

pub(crate) static ENTITY: Entity = Entity {
    name: "Customer",
    class: Class::List,
    sequence: Sequence::Names,
    parts: &[FIELDS],
    keys: &["DisplayName", "ParentRef"],
    name_property: Some("DisplayName"),
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries: super::posts_nothing,
    blank: super::stays,
    settle,
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
    amount("Balance").queryable(),
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
    people::check_parent(books, draft, "Customer")?;
    people::complete_names(books, draft)?;
    complete_place(books, draft)?;
    currency::complete_once(books, draft)?;
    let above = draft.reference("ParentRef").and_then(|id| books.find("Customer", id));
    if above.is_some_and(|above| reference_in(above, "CurrencyRef") != draft.reference("CurrencyRef")) {
        return Err(Fault::business("A sub-customer has the currency of its parent."));
    }
    let was_active = draft.old.and_then(|old| flag(old, "Active")).unwrap_or(true);
    if was_active && !draft.active() && decimal(&draft.object, "Balance") != Decimal::ZERO {
        let detail = "You can't make a customer inactive who has a balance.";
        return Err(Fault::new("6220", "Delete with balance", detail));
    }
    draft.default("Taxable", json!(true));
    complete_balance(books, draft)?;
    draft.default("PreferredDeliveryMethod", json!("Print"));
    let delivery = draft.text("PreferredDeliveryMethod").unwrap_or_default();
    if !matches!(delivery, "Print" | "Email" | "None") {
        return Err(Fault::bad_value("2170", "Invalid Enumeration", "PreferredDeliveryMethod", delivery));
    }
    let reason = draft.text("TaxExemptionReasonId").map(|reason| (reason, reason.parse::<u8>()));
    if let Some((reason, number)) = reason
        && !number.is_ok_and(|number| (1..=15).contains(&number))
    {
        return Err(Fault::bad_value("2170", "Invalid Enumeration", "TaxExemptionReasonId", reason));
    }
    draft.default("IsProject", json!(false));
    Ok(())
}

/// The tax code that applies to a customer's sales: its own, or the company's
/// usual one. Nothing for one who is not taxable and has none of its own.
///
/// A customer's own code is in every answer. The usual one is in answers to
/// reads and writes of that customer and not in rows of queries (both recorded
/// in 2020, of the same customers). It is the demo company's code; companies
/// outside the United States have none.
pub(crate) fn tax_code<'a>(books: &Books, customer: &'a Object) -> Option<&'a str> {
    let taxable = flag(customer, "Taxable") != Some(false);
    let usual = Country::of(books).is_us() && books.allows("TaxPrefs.UsingSalesTax") && taxable;
    reference_in(customer, "DefaultTaxCodeRef").or_else(|| usual.then_some("2"))
}

/// What a job owes counts with those above it, wherever it stands now.
fn settle(books: &mut Books, id: u64, change: Change<'_>) {
    people::rename_below(books, id, &ENTITY, change);
    let Some(new) = change.new else { return };
    let Some(old) = change.old else { return open_balance(books, id, new) };
    let above = |object: &Object| reference_in(object, "ParentRef").and_then(|id| id.parse().ok());
    let owed = decimal(old, "BalanceWithJobs");
    if above(old) != above(new) && !owed.is_zero() {
        books.move_jobs(above(old), -owed);
        books.move_jobs(above(new), owed);
    }
}

/// What a customer owes is told by documents. Only a new one may bring a
/// balance, from before the books began; later what is sent for it is ignored.
/// Clients write zero for it without meaning anything.
fn complete_balance(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    if let Some(old) = draft.old {
        draft.set("Balance", old.get("Balance").cloned().unwrap_or_else(|| json!(0)));
        return Ok(());
    }
    draft.default("Balance", json!(0));
    draft.default("BalanceWithJobs", json!(0));
    if decimal(&draft.object, "Balance").is_zero() {
        return Ok(());
    }
    if draft.reference("CurrencyRef") != Some(books.home_currency()) {
        return Err(Fault::business("A customer with another currency starts without a balance."));
    }
    let day = draft.text("OpenBalanceDate").map_or_else(|| books.today(), str::to_owned);
    if books.is_closed(&day) { Err(Fault::closed()) } else { Ok(()) }
}

/// A new customer's opening balance goes through the ledger, against Opening
/// Balance Equity. (In general practice QuickBooks makes an invoice of it, which
/// is not recorded. The sandbox makes no document, so no payment can name it.)
fn open_balance(books: &mut Books, id: u64, new: &Object) {
    let opening = decimal(new, "Balance");
    if opening.is_zero() {
        return;
    }
    let mut card = new.clone();
    card.insert("Balance".into(), json!(0));
    books.put(&ENTITY, id, card, Token::Stay);
    books.open_customer(id, opening);
}

/// A job stands below its parent and is called after it.
fn complete_place(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    draft.default("Job", json!(false));
    draft.default("BillWithParent", json!(false));
    let name = people::bare(draft.text("DisplayName").unwrap_or_default()).to_owned();
    let full = people::qualified(books, draft, "Customer", &name)?;
    draft.object.remove("Level");
    if draft.reference("ParentRef").is_some() {
        draft.set("Level", json!(full.split(':').count() - 1));
    } else if flag(&draft.object, "Job") == Some(true) {
        return Err(Fault::missing("ParentRef"));
    }
    draft.set("FullyQualifiedName", people::shown(&full, draft.active()));
    Ok(())
}
