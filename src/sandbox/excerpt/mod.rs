//! An excerpt of both vendors' data as a file says it, record by record, with
//! the ids that they have there.
//!
//! `rows` is what a file may say of Stax Bill, `account` enters it, `books` is
//! QuickBooks' side: what its company holds before anybody calls.

mod account;
mod books;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::Sandbox;
use super::scenario::words::plain;
use super::scenario::{ScenarioError, read_value};
pub use books::Wanted;
use books::{AccountRow, BookCustomerRow, BooksFile, ItemRow};
use rows::{
    CreditRow, CustomerRow, DebitRow, InvoiceRow, PaymentRow, ProductRow, RefundRow, ReversalRow, WriteOffRow,
};

/// The tables of an excerpt.
pub const TABLES: &[&str] = &[
    "product",
    "customer",
    "invoice",
    "payment",
    "refund",
    "credit",
    "debit",
    "reversal",
    "write_off",
    "quickbooks",
];

/// What both vendors hold when a scenario begins.
#[derive(Debug, Default)]
pub struct Excerpt {
    products: Vec<Spanned<ProductRow>>,
    customers: Vec<Spanned<CustomerRow>>,
    invoices: Vec<Spanned<InvoiceRow>>,
    payments: Vec<Spanned<PaymentRow>>,
    refunds: Vec<Spanned<RefundRow>>,
    credits: Vec<Spanned<CreditRow>>,
    debits: Vec<Spanned<DebitRow>>,
    reversals: Vec<Spanned<ReversalRow>>,
    write_offs: Vec<Spanned<WriteOffRow>>,
    books: BooksFile,
    book_customers: Vec<Spanned<BookCustomerRow>>,
    items: Vec<Spanned<ItemRow>>,
    accounts: Vec<Spanned<AccountRow>>,
}

/// What an excerpt stands on besides the file.
#[derive(Clone, Debug)]
pub struct Ground {
    /// In which days begin.
    pub zone: TimeZone,
    /// Items, accounts and tax codes that QuickBooks has although the file does
    /// not say so, unless it says `only_declared`.
    pub wanted: Vec<Wanted>,
}

impl Excerpt {
    /// Takes one of the [`TABLES`] of a file.
    pub fn take(&mut self, table: &str, value: Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) {
        match table {
            "product" => self.products = list(table, value, errors),
            "customer" => self.customers = list(table, value, errors),
            "invoice" => self.invoices = list(table, value, errors),
            "payment" => self.payments = list(table, value, errors),
            "refund" => self.refunds = list(table, value, errors),
            "credit" => self.credits = list(table, value, errors),
            "debit" => self.debits = list(table, value, errors),
            "reversal" => self.reversals = list(table, value, errors),
            "write_off" => self.write_offs = list(table, value, errors),
            _ => self.take_books(value, errors),
        }
    }

    fn take_books(&mut self, value: Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) {
        let span = value.span();
        let DeValue::Table(mut table) = value.into_inner() else {
            errors.push(ScenarioError {
                span,
                message: "`quickbooks` is a table".to_owned(),
                remedy: Some("write [quickbooks], or [[quickbooks.customer]]".to_owned()),
            });
            return;
        };
        if let Some(value) = table.remove("customer") {
            self.book_customers = list("quickbooks.customer", value, errors);
        }
        if let Some(value) = table.remove("item") {
            self.items = list("quickbooks.item", value, errors);
        }
        if let Some(value) = table.remove("account") {
            self.accounts = list("quickbooks.account", value, errors);
        }
        let rest = Spanned::new(span, DeValue::Table(table));
        self.books = read_value(rest, errors).unwrap_or_default();
    }

    /// The ids of its Stax Bill customers.
    pub fn customers(&self) -> impl Iterator<Item = i64> {
        self.customers.iter().map(|row| row.get_ref().id)
    }

    /// The country that the QuickBooks company does its books in.
    pub fn country(&self) -> Option<&str> {
        self.books.country.as_deref()
    }

    /// Fills a sandbox that has just begun.
    ///
    /// # Errors
    ///
    /// Everything that either vendor would not have.
    pub fn fill(&self, sandbox: &Sandbox, ground: &Ground) -> Result<(), Vec<ScenarioError>> {
        let mut errors = Vec::new();
        self.found_books(&sandbox.quickbooks, ground, &mut errors);
        self.enter(&sandbox.staxbill, (&ground.zone, sandbox.clock.now()), &mut errors);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// The rows of a list of tables, each with its place.
fn list<T>(table: &str, value: Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) -> Vec<Spanned<T>>
where
    T: for<'t> Deserialize<'t>,
{
    let span = value.span();
    let DeValue::Array(values) = value.into_inner() else {
        errors.push(ScenarioError {
            span,
            message: format!("`{table}` is a list of tables"),
            remedy: Some(format!("begin each with [[{table}]]")),
        });
        return Vec::new();
    };
    let rows = values.into_iter().filter_map(|value| {
        let span = value.span();
        read_value(value, errors).map(|row| Spanned::new(span, row))
    });
    rows.collect()
}

/// A record whose id another one bears already.
fn twice<T>(
    what: &str,
    rows: &[Spanned<T>],
    id: impl Fn(&T) -> Option<String>,
    errors: &mut Vec<ScenarioError>,
) {
    let mut seen = BTreeMap::<String, Range<usize>>::new();
    for row in rows {
        let Some(id) = id(row.get_ref()) else { continue };
        if seen.insert(id.clone(), row.span()).is_some() {
            let message = format!("{what} {id} stands here twice");
            errors.push(ScenarioError {
                span: row.span(),
                message,
                remedy: Some("give it an id of its own".into()),
            });
        }
    }
}

/// A day, which is noon in the company's time zone, or an instant.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub enum Moment {
    /// A day, whose hour does not matter.
    Day(Date),
    /// An instant, where the hour decides which day it is.
    Instant(Timestamp),
}

impl TryFrom<Value> for Moment {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let value = plain(value);
        let text = value.as_str().unwrap_or_default();
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text).map(Self::Day);
        let instant = || text.parse::<Timestamp>().ok().map(Self::Instant);
        day.or_else(instant).ok_or_else(|| {
            format!("{value} is no day and no instant; write 2026-03-01 or 2026-03-01T23:30:00-08:00")
        })
    }
}

impl Moment {
    /// The instant, where days begin in `zone`.
    pub fn at(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => {
                let noon = day.at(12, 0, 0, 0).to_zoned(zone.clone());
                noon.map_or(Timestamp::MAX, |noon| noon.timestamp())
            }
        }
    }
}
