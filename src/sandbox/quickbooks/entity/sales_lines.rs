//! Lines of a sales form: what they must hold, what the service adds, and
//! what they come to.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, decimal, money, text};
use super::super::normalise;
use super::line_ids::LineIds;
use super::sales_line::{Rules, description_line};
use super::tax_regime::Regime;
use super::{Draft, currency, discount_line, group_line};

const LINE: &[&str] = &[
    "Id",
    "LineNum",
    "Description",
    "Amount",
    "Received",
    "LinkedTxn",
    "DetailType",
    "SalesItemLineDetail",
    "DiscountLineDetail",
    "SubTotalLineDetail",
    "DescriptionLineDetail",
    "GroupLineDetail",
    "TaxLineDetail",
    "CustomField",
    "CustomExtensions",
    "ProjectRef",
    "CostAmount",
    "HomeAmount",
];

/// Most lines a transaction may have, and most that are taxed in the United
/// States [limits of the API].
const LINES_MAX: usize = 10_000;
const TAXED_MAX: usize = 750;

/// Settles the lines of a sales form.
///
/// Lines come all or not at all: those that were not sent stay as they are.
pub(crate) fn complete(books: &Books, draft: &mut Draft<'_>, customer: &Object) -> Result<(), Fault> {
    let regime = Regime::of(books);
    let calculation = regime.calculation(draft)?;
    if draft.sends("Line") {
        let places = currency::places(draft.reference("CurrencyRef").unwrap_or_default());
        let lines = build(&Rules { books, customer, regime, calculation, places }, draft)?;
        draft.set("Line", lines);
    }
    if json::list(&draft.object, "Line").is_empty() {
        return Err(Fault::missing("Line"));
    }
    Ok(())
}

/// What the lines of a form come to before tax: its sales less its discount.
pub(crate) fn net(form: &Object) -> Decimal {
    sales(json::list(form, "Line")) - discount(form)
}

/// What the discount of a form takes off.
pub(crate) fn discount(form: &Object) -> Decimal {
    let lines = json::list(form, "Line").iter().filter_map(Value::as_object);
    let discounts = lines.filter(|line| text(line, "DetailType") == Some("DiscountLineDetail"));
    discounts.map(|line| decimal(line, "Amount")).sum()
}

/// The lines of a form that sell something, also those inside bundles.
pub(crate) fn sold(lines: &[Value]) -> impl Iterator<Item = &Object> {
    lines.iter().flat_map(parts).filter_map(Value::as_object)
}

/// The same, to be changed.
pub(crate) fn sold_mut(form: &mut Object) -> impl Iterator<Item = &mut Object> {
    let lines = form.get_mut("Line").and_then(Value::as_array_mut);
    lines.into_iter().flatten().flat_map(parts_mut).filter_map(Value::as_object_mut)
}

/// Adds up anew after amounts of sales lines have changed.
pub(crate) fn retotal(form: &mut Object, places: u32) {
    let lines = form.get_mut("Line").and_then(Value::as_array_mut);
    let Some(lines) = lines else { return };
    let subtotal = sales(lines);
    for line in lines {
        match line["DetailType"].as_str() {
            Some("SubTotalLineDetail") => line["Amount"] = money(subtotal),
            Some("DiscountLineDetail") => discount_line::rescale(line, subtotal, places),
            Some("GroupLineDetail") => line["Amount"] = money(sales(std::slice::from_ref(line))),
            _ => {}
        }
    }
}

/// Sets every amount of the lines to zero, as a void does.
pub(crate) fn blank(form: &mut Object) {
    for line in sold_mut(form) {
        line.insert("Amount".into(), json!(0));
        let detail = line.get_mut("SalesItemLineDetail").and_then(Value::as_object_mut);
        for (key, value) in detail.into_iter().flat_map(Object::iter_mut) {
            if matches!(key.as_str(), "Qty" | "UnitPrice" | "TaxInclusiveAmt") {
                *value = json!(0);
            }
        }
    }
    let lines = form.get_mut("Line").and_then(Value::as_array_mut);
    for line in lines.into_iter().flatten().filter_map(Value::as_object_mut) {
        if line.contains_key("Amount") {
            line.insert("Amount".into(), json!(0));
        }
    }
}

fn sales(lines: &[Value]) -> Decimal {
    sold(lines).map(|line| decimal(line, "Amount")).sum()
}

fn parts(line: &Value) -> &[Value] {
    match line["DetailType"].as_str() {
        Some("SalesItemLineDetail") => std::slice::from_ref(line),
        Some("GroupLineDetail") => line["GroupLineDetail"]["Line"].as_array().map_or(&[], Vec::as_slice),
        _ => &[],
    }
}

fn parts_mut(line: &mut Value) -> &mut [Value] {
    match line["DetailType"].as_str() {
        Some("SalesItemLineDetail") => std::slice::from_mut(line),
        Some("GroupLineDetail") => {
            line["GroupLineDetail"]["Line"].as_array_mut().map_or(&mut [], Vec::as_mut_slice)
        }
        _ => &mut [],
    }
}

fn build(rules: &Rules<'_>, draft: &Draft<'_>) -> Result<Vec<Value>, Fault> {
    let sent = json::list(draft.sent, "Line");
    if sent.len() > LINES_MAX {
        return Err(Fault::business("A transaction can have no more than 10,000 lines."));
    }
    let mut ids = LineIds::of(draft.old, 1);
    let (mut lines, mut discount) = (Vec::new(), None);
    for line in sent {
        let line = line.as_object().ok_or_else(|| Fault::property("Line"))?;
        check_line(line)?;
        let kind = text(line, "DetailType").ok_or_else(|| Fault::missing("Line.DetailType"))?;
        match kind {
            "SalesItemLineDetail" => lines.push(rules.sales_line(line, &mut ids)?),
            "DescriptionOnly" => lines.push(description_line(line, &mut ids)?),
            "GroupLineDetail" => lines.push(group_line::build(rules, line, &mut ids)?),
            "DiscountLineDetail" if discount.is_none() => discount = Some(line),
            "DiscountLineDetail" => return Err(Fault::business("Only one discount line is allowed.")),
            "SubTotalLineDetail" => {}
            other => return Err(Fault::bad_value("2170", "Invalid Enumeration", "DetailType", other)),
        }
    }
    if lines.is_empty() {
        return Err(Fault::missing("Line"));
    }
    check_taxed(&lines)?;
    number(&mut lines);
    let subtotal = sales(&lines);
    lines.push(json!({
        "Amount": money(subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}
    }));
    if let Some(line) = discount {
        lines.push(discount_line::build(rules, line, subtotal)?);
    }
    Ok(lines)
}

fn check_line(line: &Object) -> Result<(), Fault> {
    if line.contains_key("LineEx") {
        return Err(Fault::line_ex());
    }
    normalise::check_keys(line, "Line", LINE)
}

fn check_taxed(lines: &[Value]) -> Result<(), Fault> {
    let taxed = |line: &&Object| line["SalesItemLineDetail"]["TaxCodeRef"]["value"] == "TAX";
    if sold(lines).filter(taxed).count() <= TAXED_MAX {
        return Ok(());
    }
    Err(Fault::business("A taxable transaction can have no more than 750 lines."))
}

/// Counts the lines from one; the parts of a bundle count after it.
fn number(lines: &mut [Value]) {
    let mut last = 0;
    let mut next = || {
        last += 1;
        json!(last)
    };
    for line in lines {
        line["LineNum"] = next();
        if line["DetailType"] == "GroupLineDetail" {
            for part in parts_mut(line) {
                part["LineNum"] = next();
            }
        }
    }
}
