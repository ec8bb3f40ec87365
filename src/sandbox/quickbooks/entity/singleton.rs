//! The company's own card and its settings: one object each, read by clients
//! and set from outside the API.

use super::field::{idle, open, text};
use super::{Class, Entity, Field, Sequence, Voiding};

pub(crate) static COMPANY_INFO: Entity = singleton("CompanyInfo", COMPANY_INFO_FIELDS);

pub(crate) static PREFERENCES: Entity = singleton("Preferences", PREFERENCES_FIELDS);

const COMPANY_INFO_FIELDS: &[Field] = &[
    text("CompanyName", 1024).queryable(),
    text("LegalName", 1024),
    open("CompanyAddr"),
    open("CustomerCommunicationAddr"),
    open("LegalAddr"),
    open("PrimaryPhone"),
    text("CompanyStartDate", 10),
    text("FiscalYearStartMonth", 20),
    text("Country", 255),
    open("Email"),
    open("WebAddr"),
    text("SupportedLanguages", 100),
    open("NameValue"),
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

const fn singleton(name: &'static str, fields: &'static [Field]) -> Entity {
    Entity {
        name,
        class: Class::Singleton,
        sequence: Sequence::Names,
        fields,
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
