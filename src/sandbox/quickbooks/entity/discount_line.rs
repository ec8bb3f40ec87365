//! The one discount a sales form may have: off what its sales lines come to.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, money, plain};
use super::super::{normalise, references};
use super::sales_line::{Rules, figure, sent_reference};
use super::tax_rows::round;

const DISCOUNT: &[&str] = &[
    "PercentBased",
    "DiscountPercent",
    "DiscountAccountRef",
    "DiscountRef",
    "ClassRef",
    "TaxCodeRef",
    "ServiceDate",
];

pub(crate) fn build(rules: &Rules<'_>, line: &Object, subtotal: Decimal) -> Result<Value, Fault> {
    if !rules.books.allows("SalesFormsPrefs.AllowDiscount") {
        return Err(Fault::business("Discounts are turned off for this company."));
    }
    let empty = Object::new();
    let detail = line.get("DiscountLineDetail").and_then(Value::as_object).unwrap_or(&empty);
    normalise::check_keys(detail, "DiscountLineDetail", DISCOUNT)?;
    let percent = figure(detail, "DiscountPercent")?;
    let by_percent = json::flag(detail, "PercentBased").unwrap_or(false);
    let sent = figure(line, "Amount")?;
    for (key, number) in [("DiscountPercent", percent), ("Amount", sent)] {
        if let Some(number) = number.filter(|number| *number < Decimal::ZERO) {
            let supplied = number.to_string();
            return Err(Fault::bad_value("2150", "Invalid percent", key, &supplied));
        }
    }
    let amount = match (by_percent, percent, sent) {
        (true, Some(percent), _) if percent <= Decimal::ONE_HUNDRED => {
            round(subtotal * percent / Decimal::ONE_HUNDRED, rules.places)
        }
        (false, _, Some(amount)) => round(amount, rules.places),
        _ => return Err(Fault::known("6090")),
    };
    let account = match sent_reference(detail, "DiscountAccountRef")? {
        Some(account) => account,
        None => default_account(rules.books)?,
    };
    references::check(rules.books, "Account", &account)?;
    let mut kept = json!({ "PercentBased": by_percent, "DiscountAccountRef": { "value": account } });
    if by_percent {
        kept["DiscountPercent"] = plain(percent.unwrap_or_default());
    }
    Ok(json!({ "Amount": money(amount), "DetailType": "DiscountLineDetail", "DiscountLineDetail": kept }))
}

/// Takes the percentage anew after the lines before it have changed.
pub(crate) fn rescale(line: &mut Value, subtotal: Decimal, places: u32) {
    let detail = line.get("DiscountLineDetail").and_then(Value::as_object);
    let percent = detail.filter(|detail| json::flag(detail, "PercentBased") == Some(true));
    if let Some(percent) = percent.map(|detail| json::decimal(detail, "DiscountPercent")) {
        line["Amount"] = money(round(subtotal * percent / Decimal::ONE_HUNDRED, places));
    }
}

fn default_account(books: &Books) -> Result<String, Fault> {
    let default = books.preference("SalesFormsPrefs.DefaultDiscountAccount").and_then(json::scalar);
    default.ok_or_else(|| Fault::missing("DiscountAccountRef"))
}
