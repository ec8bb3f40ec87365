//! Company: its card and those of its settings that matter to posting.

use jiff::civil::Date;
use serde::Deserialize;

use super::objects::Named;

/// The company.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CompanyInfo {
    /// Its name.
    #[serde(rename = "CompanyName")]
    pub company_name: String,
    /// `US`, `CA` …
    #[serde(rename = "Country", default)]
    pub country: Option<String>,
}

/// The settings that matter to posting.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Preferences {
    /// Sales forms.
    #[serde(rename = "SalesFormsPrefs", default)]
    pub sales: SalesPreferences,
    /// Books.
    #[serde(rename = "AccountingInfoPrefs", default)]
    pub books: BookPreferences,
    /// Currencies.
    #[serde(rename = "CurrencyPrefs", default)]
    pub currency: CurrencyPreferences,
    /// Sales tax.
    #[serde(rename = "TaxPrefs", default)]
    pub tax: TaxPreferences,
}

/// `SalesFormsPrefs`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct SalesPreferences {
    /// Whether a number of ours is kept.
    #[serde(rename = "CustomTxnNumbers", default)]
    pub custom_numbers: bool,
    /// Whether QuickBooks applies credits by itself.
    #[serde(rename = "AutoApplyCredit", default)]
    pub auto_apply_credit: bool,
    /// Whether QuickBooks applies payments by itself.
    #[serde(rename = "AutoApplyPayments", default)]
    pub auto_apply_payments: bool,
    /// Whether a form may have a discount, where the company says.
    #[serde(rename = "AllowDiscount", default)]
    pub allow_discount: Option<bool>,
}

/// `AccountingInfoPrefs`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BookPreferences {
    /// The books are closed up to this day.
    #[serde(rename = "BookCloseDate", default)]
    pub closed_through: Option<Date>,
}

/// `CurrencyPrefs`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CurrencyPreferences {
    /// Whether there is more than one.
    #[serde(rename = "MultiCurrencyEnabled", default)]
    pub several: bool,
    /// The home currency.
    #[serde(rename = "HomeCurrency", default)]
    pub home: Option<Named>,
}

/// `TaxPrefs`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TaxPreferences {
    /// Whether sales tax is taken at all, where the company says; in a company
    /// without it QuickBooks drops a tax that is sent.
    #[serde(rename = "UsingSalesTax", default)]
    pub using_sales_tax: Option<bool>,
}
