//! What each kind of record is in QuickBooks, to the letter: a record in, the
//! exact JSON out.

mod books;
mod chance;
mod invoices;
mod memos;
mod payments;
mod reversals;
mod taxes;
mod texts;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::*;
use crate::model::{
    Charge, ClosedPeriod, Currency, Desired, Discounts, DocumentNumbers, Invoice, InvoiceLines, Money,
    OnDrift, RefundAs, Tax, TaxMode, UnmappedProduct,
};

#[test]
fn the_order_is_that_of_the_entities() {
    assert!(ORDER.windows(2).all(|pair| pair[0].entity < pair[1].entity));
    assert!(ORDER.iter().all(|entry| object_of(entry.entity) == entry.object));
}

/// Settings as most companies have them.
pub(super) fn posting() -> Posting {
    let text = |text: &str| Some(text.to_owned());
    Posting {
        deferred_revenue_item: "Subscription services".to_owned(),
        deposit_account: "Undeposited Funds".to_owned(),
        discount_item: text("Discounts given"),
        credit_item: text("Credit"),
        bad_debt_item: text("Bad debt"),
        tax: TaxMode::Item { item: text("Sales tax") },
        no_tax_code: None,
        discounts: Discounts::Net,
        document_numbers: DocumentNumbers::Staxbill,
        refund_as: RefundAs::Payment,
        closed_period: ClosedPeriod::Hold,
        items: BTreeMap::from([("PRO".to_owned(), "Pro plan".to_owned())]),
        deposit_accounts: BTreeMap::from([("CreditCard".to_owned(), "Card clearing".to_owned())]),
        unmapped_product: UnmappedProduct::Default,
        on_drift: OnDrift::Report,
    }
}

/// Taxes as QuickBooks' own.
pub(super) fn by_codes() -> Posting {
    let rows =
        [("GST 5", "GST"), ("QST 9.975", "GST/QST"), ("GST+QST 5", "GST/QST"), ("Zero 0", "Zero-rated")];
    let codes = rows.iter().map(|(tax, code)| ((*tax).to_owned(), (*code).to_owned())).collect();
    Posting { tax: TaxMode::Codes { codes }, no_tax_code: Some("Exempt".to_owned()), ..posting() }
}

/// What the preflight of a company in the United States found.
pub(super) fn targets() -> Targets {
    let ids = |rows: &[(&str, &str)]| {
        rows.iter().map(|(name, id)| ((*name).to_owned(), ObjectId::new(*id))).collect()
    };
    Targets {
        items: ids(&[
            ("Subscription services", "30"),
            ("Sales tax", "31"),
            ("Pro plan", "32"),
            ("Credit", "33"),
            ("Bad debt", "34"),
            ("Discounts given", "35"),
        ]),
        accounts: ids(&[("Undeposited Funds", "4"), ("Card clearing", "90"), ("Checking", "35")]),
        tax_codes: ids(&[("GST", "5"), ("GST/QST", "8"), ("Exempt", "2"), ("Zero-rated", "3")]),
        discount_account: Some(ObjectId::new("86")),
        receivable: Some(ObjectId::new("84")),
        home_currency: Some(Currency::USD),
        united_states: true,
        ..Targets::default()
    }
}

/// What the preflight of a company elsewhere found.
pub(super) fn abroad() -> Targets {
    Targets { united_states: false, ..targets() }
}

/// A setting in Los Angeles.
fn in_setting<T>(posting: &Posting, targets: &Targets, act: impl FnOnce(Setting<'_>) -> T) -> T {
    let zone = TimeZone::get("America/Los_Angeles").unwrap();
    act(Setting { posting, targets, zone: &zone })
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// JSON with its numbers' own digits.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn charge(quantity: &str, price: &str, amount: &str, discount: &str, code: Option<&str>) -> Charge {
    Charge {
        id: 7_001,
        name: "Pro".to_owned(),
        description: Some("March".to_owned()),
        quantity: quantity.parse().unwrap(),
        unit_price: price.parse().unwrap(),
        amount: money(amount),
        discount: money(discount),
        product_path: None,
        product_code: code.map(ToOwned::to_owned),
    }
}

fn tax(name: &str, percent: &str, total: &str) -> Tax {
    Tax { name: name.to_owned(), percent: percent.parse().unwrap(), total: money(total) }
}

fn invoice(charges: Vec<Charge>, taxes: Vec<Tax>) -> Invoice {
    let net = charges.iter().map(|charge| charge.amount - charge.discount).sum::<Money>();
    let amount = net + taxes.iter().map(|tax| tax.total).sum::<Money>();
    let at = |text: &str| text.parse().unwrap();
    Invoice {
        id: 88123,
        number: "1100".to_owned(),
        customer: 10482,
        effective_at: at("2026-03-01T05:00:00Z"),
        modified_at: at("2026-03-01T05:00:00Z"),
        currency: Currency::USD,
        amount,
        outstanding: amount,
        paid: Money::ZERO,
        reversed: Money::ZERO,
        written_off: Money::ZERO,
        quickbooks_id: None,
        lines: Some(InvoiceLines {
            charges,
            taxes,
            due_at: Some(at("2026-03-31T05:00:00Z")),
            po_number: None,
            notes: None,
        }),
    }
}

fn billed(invoice: &Invoice, posting: &Posting, targets: &Targets) -> Result<Desired, Problem> {
    in_setting(posting, targets, |setting| invoice::translate(invoice, setting))
}
