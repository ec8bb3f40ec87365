//! The tax of a sales form: who computes it, of what, and what a client may say
//! about it.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{Object, decimal, flag, list, money, reference, text};
use super::super::{normalise, references};
use super::tax_regime::{Calculation, Regime};
use super::tax_rows::{self, Row, Taxable};
use super::{Draft, currency, customer, sales_lines, tax_code, tax_per_line, tax_states};

const DETAIL: &[&str] =
    &["DefaultTaxCodeRef", "TxnTaxCodeRef", "TotalTax", "TaxLine", "TaxReviewStatus", "UseAutomatedSalesTax"];

/// What a change of the form must touch for its tax to be looked at again.
const MATTERS: &[&str] = &[
    "Line",
    "TxnTaxDetail",
    "CustomerRef",
    "BillAddr",
    "ShipAddr",
    "ApplyTaxAfterDiscount",
    "GlobalTaxCalculation",
];

/// The tax of a form: the code it names, what each rate takes, and the sum.
#[derive(Debug, Default)]
pub(crate) struct Tax {
    pub(crate) code: Option<String>,
    pub(crate) rows: Vec<Row>,
    pub(crate) total: Decimal,
}

/// Settles `TxnTaxDetail` once the lines are built, and returns what it adds to
/// them. Lines whose amounts hold their tax are brought to their net.
pub(crate) fn complete(books: &Books, draft: &mut Draft<'_>, customer: &Object) -> Result<Decimal, Fault> {
    let regime = Regime::of(books);
    check(books, regime, draft)?;
    if draft.old.is_some() && !MATTERS.iter().any(|key| draft.sent.contains_key(*key)) {
        return Ok(decimal(&detail(draft), "TotalTax"));
    }
    let tax = match regime {
        Regime::Off => Tax::default(),
        Regime::Manual => by_code(books, draft, customer),
        Regime::Automated => by_address(books, draft, customer),
        Regime::PerLine => match regime.calculation(draft)? {
            Calculation::NotApplicable => Tax::default(),
            Calculation::Excluded => tax_per_line::take(books, draft, false),
            Calculation::Inclusive => tax_per_line::take(books, draft, true),
        },
    };
    draft.set("TxnTaxDetail", tax.json());
    Ok(tax.total)
}

/// A tax the client states, which is taken as stated. Zero states nothing: tax
/// is asked away by codes on the lines, not by a sum.
pub(crate) fn stated(draft: &Draft<'_>) -> Option<Decimal> {
    let detail = detail(draft);
    // A sum without a code or rates was stated once and goes on to stand.
    let stands = !detail.contains_key("TxnTaxCodeRef") && list(&detail, "TaxLine").is_empty();
    let total = Some(decimal(&detail, "TotalTax")).filter(|total| !total.is_zero());
    total.filter(|_| draft.sends("TxnTaxDetail") || stands)
}

/// The tax detail of the form as it stands in the draft.
pub(crate) fn detail(draft: &Draft<'_>) -> Object {
    draft.object.get("TxnTaxDetail").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// The United States by hand: the form's code, or that of a taxable customer,
/// applies to the lines marked `TAX`.
fn by_code(books: &Books, draft: &Draft<'_>, customer: &Object) -> Tax {
    let sent = reference(&detail(draft), "TxnTaxCodeRef").map(str::to_owned);
    let base = taxed(draft);
    let usual = || {
        let applies = base.is_some() && flag(customer, "Taxable") != Some(false);
        customer::tax_code(books, customer).filter(|_| applies).map(str::to_owned)
    };
    let code = sent.or_else(usual);
    let rates = code.as_ref().and_then(|code| books.find("TaxCode", code));
    let rates = rates.map(|code| tax_code::sales_rates(books, code)).unwrap_or_default();
    let places = places(draft);
    let rows = tax_rows::rows(&[Taxable { rates, net: base.unwrap_or_default() }], places);
    Tax { code, rows, total: Decimal::ZERO }.or_stated(stated(draft), places)
}

/// Automated tax: the code of the place the sale goes to, whatever code was
/// sent. A form without a taxed line has none, whatever sum was sent.
fn by_address(books: &Books, draft: &Draft<'_>, customer: &Object) -> Tax {
    let Some(net) = taxed(draft).filter(|_| flag(customer, "Taxable") != Some(false)) else {
        return Tax::default();
    };
    let address = |holder: &Object| {
        let kept = ["ShipAddr", "BillAddr"].into_iter().find_map(|key| holder.get(key)?.as_object().cloned());
        kept.filter(|address| text(address, "CountrySubDivisionCode").is_some())
    };
    let place = address(&draft.object).or_else(|| address(customer));
    let code = place.and_then(|place| tax_states::code_at(books, &place));
    let rates = code.map(|(_, code)| tax_code::sales_rates(books, code)).unwrap_or_default();
    let places = places(draft);
    let rows = tax_rows::rows(&[Taxable { rates, net }], places);
    let code = code.map(|(id, _)| id.to_string());
    Tax { code, rows, total: Decimal::ZERO }.or_stated(stated(draft), places)
}

/// What the lines marked `TAX` come to; nothing where there are none. Where tax
/// comes after the discount, their share of it is off.
fn taxed(draft: &Draft<'_>) -> Option<Decimal> {
    let lines = list(&draft.object, "Line");
    let taxed = |line: &&Object| line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "TAX";
    let mut amounts = sales_lines::sold(lines).filter(taxed).map(|line| decimal(line, "Amount")).peekable();
    amounts.peek()?;
    let amount: Decimal = amounts.sum();
    let after_discount = flag(&draft.object, "ApplyTaxAfterDiscount") == Some(true);
    Some(if after_discount { amount - discount_share(draft, amount) } else { amount })
}

/// The part of the form's discount that falls on lines of `amount`.
pub(crate) fn discount_share(draft: &Draft<'_>, amount: Decimal) -> Decimal {
    let discount = sales_lines::discount(&draft.object);
    let whole = sales_lines::net(&draft.object) + discount;
    tax_rows::round(tax_rows::part(discount, amount, whole), places(draft))
}

pub(crate) fn places(draft: &Draft<'_>) -> u32 {
    currency::places(draft.reference("CurrencyRef").unwrap_or_default())
}

impl Tax {
    /// The tax as computed, or as stated and spread over the rates.
    pub(crate) fn or_stated(mut self, stated: Option<Decimal>, places: u32) -> Self {
        if let Some(stated) = stated {
            tax_rows::prorate(&mut self.rows, stated, places);
            self.total = stated;
        } else {
            self.total = tax_rows::total(&self.rows);
        }
        self
    }

    fn json(&self) -> Value {
        let mut detail = Object::new();
        if let Some(code) = &self.code {
            detail.insert("TxnTaxCodeRef".into(), json!({ "value": code }));
        }
        detail.insert("TotalTax".into(), money(self.total));
        if !self.rows.is_empty() {
            detail.insert("TaxLine".into(), self.rows.iter().map(Row::json).collect());
        }
        Value::Object(detail)
    }
}

/// Holds a sent tax detail to its form. Which code a contradiction gets is ours.
fn check(books: &Books, regime: Regime, draft: &mut Draft<'_>) -> Result<(), Fault> {
    if !draft.sends("TxnTaxDetail") {
        return Ok(());
    }
    let detail = detail(draft);
    normalise::check_keys(&detail, "TxnTaxDetail", DETAIL)?;
    let stated = detail.get("TotalTax").filter(|total| !total.is_null() && **total != "");
    let stated = stated.map(|total| normalise::quantity("TotalTax", total)).transpose()?;
    if stated.is_some_and(|total| total.is_sign_negative() && !total.is_zero()) {
        return Err(Fault::known("2270").because("The tax of a transaction cannot be negative"));
    }
    // Automated tax overrides the code that is sent, so it may be anything.
    let named = reference(&detail, "TxnTaxCodeRef").filter(|_| regime == Regime::Manual);
    if let Some(code) = named {
        references::check(books, "TaxCode", code)?;
    }
    let mut sum = Decimal::ZERO;
    for line in list(&detail, "TaxLine") {
        let line = line.as_object().ok_or_else(|| Fault::property("TaxLine"))?;
        sum += check_row(books, line)?;
    }
    let stated = stated.filter(|total| !total.is_zero() && !list(&detail, "TaxLine").is_empty());
    match stated {
        Some(total) if total != sum => Err(Fault::known("6470")),
        _ => Ok(()),
    }
}

fn check_row(books: &Books, line: &Object) -> Result<Decimal, Fault> {
    let kind = text(line, "DetailType").ok_or_else(|| Fault::missing("TxnTaxDetail.TaxLine.DetailType"))?;
    if kind != "TaxLineDetail" {
        return Err(Fault::bad_value("2170", "Invalid Enumeration", "DetailType", kind));
    }
    let detail = line.get("TaxLineDetail").and_then(Value::as_object).ok_or_else(|| Fault::known("6170"))?;
    let rate = reference(detail, "TaxRateRef").ok_or_else(|| Fault::known("6170"))?;
    books.find("TaxRate", rate).ok_or_else(|| Fault::known("6230"))?;
    line.get("Amount").map_or(Ok(Decimal::ZERO), |amount| normalise::quantity("TaxLine.Amount", amount))
}
