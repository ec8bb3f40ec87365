//! What a file may say of Stax Bill's records.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::Moment;
use crate::sandbox::scenario::words::Amount;

/// A product; one that charges name and no row declares is a recurring service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProductRow {
    pub(super) code: String,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) kind: ProductKind,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ProductKind {
    #[default]
    Recurring,
    Goods,
    OneTime,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerRow {
    pub(super) id: i64,
    /// The company's name.
    pub(super) name: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) status: Option<String>,
    pub(super) currency: Option<String>,
    pub(super) parent: Option<i64>,
    /// When it was entered; before anything else where nothing is said.
    pub(super) added: Option<Moment>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InvoiceRow {
    pub(super) id: i64,
    /// The number that customers see; the id where nothing is said.
    pub(super) number: Option<i64>,
    pub(super) customer: i64,
    pub(super) date: Moment,
    pub(super) due_days: Option<i64>,
    pub(super) po_number: Option<String>,
    pub(super) notes: Option<String>,
    pub(super) lines: Vec<LineRow>,
    #[serde(default)]
    pub(super) taxes: Vec<TaxRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineRow {
    pub(super) product: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) quantity: Option<Number>,
    pub(super) price: Option<Number>,
    /// Before the discount.
    pub(super) amount: Amount,
    pub(super) discount: Option<Amount>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TaxRow {
    pub(super) name: String,
    pub(super) percent: Number,
    pub(super) amount: Amount,
}

/// Amounts by the id of their invoice.
pub(super) type OnInvoices = BTreeMap<String, Amount>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaymentRow {
    pub(super) id: i64,
    pub(super) customer: i64,
    pub(super) date: Moment,
    pub(super) amount: Amount,
    pub(super) method: Option<String>,
    pub(super) reference: Option<String>,
    /// What it was put on; the rest lies on nothing.
    #[serde(default)]
    pub(super) invoices: OnInvoices,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundRow {
    pub(super) id: i64,
    pub(super) payment: i64,
    pub(super) date: Moment,
    pub(super) amount: Amount,
    pub(super) reference: Option<String>,
    /// What it takes off them; the rest comes from what lies on nothing.
    #[serde(default)]
    pub(super) invoices: OnInvoices,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreditRow {
    pub(super) id: i64,
    pub(super) customer: i64,
    pub(super) date: Moment,
    pub(super) amount: Amount,
    pub(super) reference: Option<String>,
    #[serde(default)]
    pub(super) invoices: OnInvoices,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DebitRow {
    pub(super) id: i64,
    pub(super) credit: i64,
    pub(super) date: Moment,
    pub(super) amount: Amount,
    pub(super) reference: Option<String>,
    #[serde(default)]
    pub(super) invoices: OnInvoices,
}

/// All charges of an invoice taken back, or some of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReversalRow {
    /// The credit note's.
    pub(super) id: i64,
    pub(super) invoice: i64,
    pub(super) date: Moment,
    pub(super) reference: Option<String>,
    /// Which of the invoice's lines, from 1, and how much of each before
    /// discount; all of them where nothing is said.
    #[serde(default)]
    pub(super) lines: BTreeMap<String, Amount>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WriteOffRow {
    pub(super) id: i64,
    pub(super) invoice: i64,
    pub(super) date: Moment,
    pub(super) amount: Amount,
    pub(super) reference: Option<String>,
}

/// A number that is no money: a text, or a whole number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Number(pub(super) Decimal);

impl TryFrom<Value> for Number {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let whole = value.as_i64().map(Decimal::from);
        let number = whole.or_else(|| value.as_str()?.parse().ok());
        number
            .map(Self)
            .ok_or_else(|| format!("{value} is no number; write \"2.25\" in quotes, or a whole number"))
    }
}
