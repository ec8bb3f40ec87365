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

/// How Stax Bill's taxes are posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaxMode {
    /// One line on this item; every other line is sent as not taxable.
    Item {
        /// QuickBooks' item, by name or id; needed once an invoice bears tax.
        item: Option<String>,
    },
    /// As QuickBooks' own sales tax.
    Codes {
        /// `name percent`, as in `GST 5`, to a tax code's name or id.
        codes: BTreeMap<String, String>,
    },
}

/// How discounts are posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discounts {
    /// They lower the line of their charge.
    Net,
    /// Each invoice's are a line of their own on the discount item.
    Line,
}

/// Who numbers documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentNumbers {
    /// They bear Stax Bill's numbers.
    Staxbill,
    /// QuickBooks numbers them; their mark alone tells whose they are.
    Quickbooks,
}

/// What a refund becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundAs {
    /// Its payment is lowered, as Stax Bill does.
    Payment,
    /// A journal entry: receivables against this account.
    JournalEntry {
        /// QuickBooks' account that the money went out of, by name or id.
        account: String,
    },
}

/// What becomes of a document that is dated into a closed period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedPeriod {
    /// It is held.
    Hold,
    /// It is created on the first day that is open; what stands is held.
    FirstOpenDay,
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
    /// The item of discounts, with [`Discounts::Line`].
    pub discount_item: Option<String>,
    /// The item of credits; needed once there is one.
    pub credit_item: Option<String>,
    /// The item of write-offs; needed once there is one.
    pub bad_debt_item: Option<String>,
    /// Taxes.
    pub tax: TaxMode,
    /// The tax code of lines without tax, outside the United States.
    pub no_tax_code: Option<String>,
    /// Discounts.
    pub discounts: Discounts,
    /// Numbers.
    pub document_numbers: DocumentNumbers,
    /// Refunds.
    pub refund_as: RefundAs,
    /// Closed periods.
    pub closed_period: ClosedPeriod,
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
    /// Whether anything depends on a charge's product: without `[items]` the
    /// default item takes all, and no call is spent on the question.
    pub fn products_matter(&self) -> bool {
        !self.items.is_empty() || self.unmapped_product == UnmappedProduct::Hold
    }

    /// Every item that is named anywhere, as written.
    pub fn item_names(&self) -> Vec<&str> {
        let tax = match &self.tax {
            TaxMode::Item { item } => item.as_deref(),
            TaxMode::Codes { .. } => None,
        };
        let mut names: Vec<&str> = vec![&self.deferred_revenue_item];
        let others = [&self.discount_item, &self.credit_item, &self.bad_debt_item];
        names.extend(others.into_iter().filter_map(|name| name.as_deref()).chain(tax));
        names.extend(self.items.values().map(String::as_str));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Every account that is named anywhere, as written.
    pub fn account_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = vec![&self.deposit_account];
        names.extend(self.deposit_accounts.values().map(String::as_str));
        if let RefundAs::JournalEntry { account } = &self.refund_as {
            names.push(account);
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Every tax code that is named anywhere, as written.
    pub fn tax_code_names(&self) -> Vec<&str> {
        let codes = match &self.tax {
            TaxMode::Item { .. } => None,
            TaxMode::Codes { codes } => Some(codes.values().map(String::as_str)),
        };
        let mut names: Vec<&str> = codes.into_iter().flatten().chain(self.no_tax_code.as_deref()).collect();
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
    /// The currency of each of those accounts, where the company has several.
    #[serde(default)]
    pub account_currencies: BTreeMap<ObjectId, Currency>,
    /// Tax code likewise.
    #[serde(default)]
    pub tax_codes: BTreeMap<String, ObjectId>,
    /// The income account of the discount item, which a discount line bears.
    #[serde(default)]
    pub discount_account: Option<ObjectId>,
    /// The account of receivables in the home currency.
    #[serde(default)]
    pub receivable: Option<ObjectId>,
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
