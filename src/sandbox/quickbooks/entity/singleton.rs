//! The company's own card and its settings: one object each, which clients read
//! and change in parts.

use serde_json::{Value, json};

use super::super::books::{Books, Token};
use super::super::fault::Fault;
use super::field::{address, date, email, idle, open, phone, text, url};
use super::{Class, Draft, Entity, Field, Sequence, Voiding};

pub(crate) static COMPANY_INFO: Entity =
    Entity { complete: complete_card, ..singleton("CompanyInfo", &[COMPANY_INFO_FIELDS]) };

pub(crate) static PREFERENCES: Entity = singleton("Preferences", &[PREFERENCES_FIELDS]);

const COMPANY_INFO_FIELDS: &[Field] = &[
    text("CompanyName", 1024).queryable(),
    text("LegalName", 1024),
    address("CompanyAddr"),
    address("CustomerCommunicationAddr"),
    address("LegalAddr"),
    email("CustomerCommunicationEmailAddr"),
    phone("PrimaryPhone"),
    email("Email"),
    url("WebAddr"),
    date("CompanyStartDate").read_only(),
    text("FiscalYearStartMonth", 20).read_only(),
    text("Country", 255).read_only(),
    text("SupportedLanguages", 100).read_only(),
    text("DefaultTimeZone", 100).read_only(),
    open("NameValue").read_only(),
    idle("CompanyEmailAddr"),
    idle("CompanyURL"),
    idle("EmployerId"),
];

const PREFERENCES_FIELDS: &[Field] = &[
    open("AccountingInfoPrefs"),
    open("ProductAndServicesPrefs"),
    open("SalesFormsPrefs"),
    open("EmailMessagesPrefs"),
    open("VendorAndPurchasesPrefs"),
    open("TimeTrackingPrefs"),
    open("TaxPrefs"),
    open("CurrencyPrefs"),
    open("ReportPrefs"),
    open("OtherPrefs"),
];

/// Shows on the card whether the subscription is paid. Why writes are refused
/// is seen there first.
pub(crate) fn set_subscription(books: &mut Books, paid: bool) {
    let Some(kept) = books.shelf("CompanyInfo").get(1) else { return };
    let mut card = kept.object.clone();
    for pair in card.get_mut("NameValue").and_then(Value::as_array_mut).into_iter().flatten() {
        if pair["Name"] == "SubscriptionStatus" {
            pair["Value"] = json!(if paid { "PAID" } else { "EXPIRED" });
        }
    }
    books.put(&COMPANY_INFO, 1, card, Token::Rise);
}

/// A company has a name; an address or number that was cleared stands empty.
fn complete_card(_: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    if draft.text("CompanyName").is_none() {
        return Err(Fault::missing("CompanyName"));
    }
    for key in ["PrimaryPhone", "WebAddr"] {
        draft.default(key, json!({}));
    }
    Ok(())
}

const fn singleton(name: &'static str, parts: &'static [&'static [Field]]) -> Entity {
    Entity {
        name,
        class: Class::Singleton,
        sequence: Sequence::Names,
        parts,
        keys: &[],
        name_property: None,
        counted: false,
        voiding: Voiding::Never,
        complete: |_, _| Ok(()),
        entries: super::posts_nothing,
        blank: super::stays,
        settle: super::settles_nothing,
    }
}
