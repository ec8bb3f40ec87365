//! Posting: where in the books each kind of amount goes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Currency, Digest, ObjectId};

/// A part of the display name that a created customer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamePart {
    /// `company_name`.
    CompanyName,
    /// `reference`: the operator's own number for the customer.
    Reference,
    /// `first_name`.
    FirstName,
    /// `last_name`.
    LastName,
}

/// How Stax Bill's taxes become lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaxMode {
    /// One line on this item; every other line is sent as not taxable.
    Item {
        /// QuickBooks' item, by name or id; needed once an invoice bears tax.
        item: Option<String>,
    },
}

/// What to do with a charge whose product has no entry in `[items]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnmappedProduct {
    /// It goes to the default item.
    Default,
    /// Its invoice waits, with `unmapped-product`.
    Hold,
}

/// What to do when someone changed one of our objects in QuickBooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDrift {
    /// Say so, and leave it.
    Report,
    /// Write our content again.
    Restore,
}

/// `[posting]`, `[items]` and `[deposit_accounts]`: QuickBooks' names or ids
/// as the operator wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The item of charges that have no item of their own.
    pub deferred_revenue_item: String,
    /// The account of payments whose method has none of its own.
    pub deposit_account: String,
    /// The other items the file names (discounts, credits, bad debt): looked
    /// up now, so that a slip shows before the first document needs them.
    pub other_items: BTreeMap<String, String>,
    /// Taxes.
    pub tax: TaxMode,
    /// Stax Bill's product code to an item.
    pub items: BTreeMap<String, String>,
    /// Stax Bill's payment method to an account.
    pub deposit_accounts: BTreeMap<String, String>,
    /// Charges without an item of their own.
    pub unmapped_product: UnmappedProduct,
    /// Objects that someone changed.
    pub on_drift: OnDrift,
}

impl Posting {
    /// Every item that is named anywhere, as written.
    pub fn item_names(&self) -> Vec<&str> {
        let TaxMode::Item { item } = &self.tax;
        let mut names: Vec<&str> = vec![&self.deferred_revenue_item];
        names.extend(item.as_deref());
        names.extend(self.other_items.values().chain(self.items.values()).map(String::as_str));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Every account that is named anywhere, as written.
    pub fn account_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = vec![&self.deposit_account];
        names.extend(self.deposit_accounts.values().map(String::as_str));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Tells whether settings changed, so that what waited for a change of
    /// settings is tried again.
    pub fn digest(&self) -> Digest {
        Digest::of([format!("{self:?}").as_str()])
    }
}

/// What a preflight found in the company, kept in the state for a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// Item as written in the files to QuickBooks' id; one that is missing is
    /// not there or not active.
    pub items: BTreeMap<String, ObjectId>,
    /// Account likewise.
    pub accounts: BTreeMap<String, ObjectId>,
    /// Company settings that forbid posting, in words; empty when all is well.
    pub objections: Vec<String>,
    /// The books are closed up to this day, inclusive.
    pub closed_through: Option<Date>,
    /// The home currency.
    pub home_currency: Option<Currency>,
    /// Whether other currencies may be used.
    pub multicurrency: bool,
    /// Whether the company is in the United States (Latin-1 text only, `NON`
    /// as a tax code).
    pub united_states: bool,
}

impl Targets {
    /// Tells whether anything here changed.
    pub fn digest(&self) -> Digest {
        Digest::of([format!("{self:?}").as_str()])
    }
}
