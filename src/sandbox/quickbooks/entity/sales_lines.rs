//! Lines of a sales form: what they must hold, what the service adds, and
//! what they come to.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, cents, decimal, money, plain, text};
use super::super::{normalise, references};
use super::Draft;

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
const SALES_ITEM: &[&str] = &[
    "ItemRef",
    "ItemAccountRef",
    "ClassRef",
    "UnitPrice",
    "RatePercent",
    "PriceLevelRef",
    "MarkupInfo",
    "Qty",
    "UOMRef",
    "TaxCodeRef",
    "ServiceDate",
    "DiscountRate",
    "DiscountAmt",
    "TaxInclusiveAmt",
    "DeferredRevenue",
    "TaxClassificationRef",
];
const DISCOUNT: &[&str] = &[
    "PercentBased",
    "DiscountPercent",
    "DiscountAccountRef",
    "DiscountRef",
    "ClassRef",
    "TaxCodeRef",
    "ServiceDate",
];

/// Most lines a transaction may have [limits of the API].
const LINES_MAX: usize = 10_000;

/// Settles the lines of a sales form and returns what they come to before tax.
///
/// Lines come all or not at all: those that were not sent stay as they are.
pub(crate) fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<Decimal, Fault> {
    if draft.sends("Line") {
        let lines = build(books, draft)?;
        draft.set("Line", lines);
    }
    if json::list(&draft.object, "Line").is_empty() {
        return Err(Fault::missing("Line"));
    }
    Ok(net(json::list(&draft.object, "Line")))
}

/// Sets every amount of the lines to zero, as a void does.
pub(crate) fn blank(object: &mut Object) {
    let lines = object.get_mut("Line").and_then(Value::as_array_mut);
    for line in lines.into_iter().flatten().filter_map(Value::as_object_mut) {
        if line.contains_key("Amount") {
            line.insert("Amount".into(), json!(0));
        }
        let detail = line.get_mut("SalesItemLineDetail").and_then(Value::as_object_mut);
        for (key, value) in detail.into_iter().flat_map(Object::iter_mut) {
            if matches!(key.as_str(), "Qty" | "UnitPrice") {
                *value = json!(0);
            }
        }
    }
}

fn net(lines: &[Value]) -> Decimal {
    lines.iter().filter_map(Value::as_object).fold(Decimal::ZERO, |sum, line| {
        match text(line, "DetailType") {
            Some("SalesItemLineDetail") => sum + decimal(line, "Amount"),
            Some("DiscountLineDetail") => sum - decimal(line, "Amount"),
            _ => sum,
        }
    })
}

fn build(books: &Books, draft: &Draft<'_>) -> Result<Vec<Value>, Fault> {
    let sent = json::list(draft.sent, "Line");
    if sent.len() > LINES_MAX {
        return Err(Fault::business("A transaction can have no more than 10,000 lines."));
    }
    let mut ids = LineIds::of(draft.old);
    let (mut lines, mut discount) = (Vec::new(), None);
    for line in sent {
        let line = line.as_object().ok_or_else(|| Fault::property("Line"))?;
        if line.contains_key("LineEx") {
            return Err(Fault::property(
                "Unrecognized field \"globalScope\" (class javax.xml.bind.JAXBElement)\n",
            ));
        }
        normalise::check_keys(line, "Line", LINE)?;
        let kind = text(line, "DetailType").ok_or_else(|| Fault::missing("Line.DetailType"))?;
        match kind {
            "SalesItemLineDetail" => lines.push(sales_line(books, line, &mut ids)?),
            "DescriptionOnly" => lines.push(description_line(line, &mut ids)?),
            "DiscountLineDetail" if discount.is_none() => discount = Some(line),
            "DiscountLineDetail" => return Err(Fault::business("Only one discount line is allowed.")),
            "SubTotalLineDetail" => {}
            "GroupLineDetail" => return Err(Fault::unsupported("GroupLineDetail")),
            other => return Err(Fault::bad_value("2170", "Invalid Enumeration", "DetailType", other)),
        }
    }
    if lines.is_empty() {
        return Err(Fault::missing("Line"));
    }
    let subtotal = net(&lines);
    for (index, line) in lines.iter_mut().enumerate() {
        line["LineNum"] = json!(index + 1);
    }
    lines.push(json!({
        "Amount": money(subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}
    }));
    if let Some(line) = discount {
        lines.push(discount_line(books, line, subtotal)?);
    }
    Ok(lines)
}

fn sales_line(books: &Books, line: &Object, ids: &mut LineIds) -> Result<Value, Fault> {
    let empty = Object::new();
    let detail = line.get("SalesItemLineDetail").and_then(Value::as_object).unwrap_or(&empty);
    normalise::check_keys(detail, "SalesItemLineDetail", SALES_ITEM)?;
    let sent =
        line.get("Amount").filter(|value| !value.is_null()).ok_or_else(|| Fault::missing("Line.Amount"))?;
    let amount = cents(normalise::quantity("Line.Amount", sent)?);
    let (quantity, price) = (figure(detail, "Qty")?, figure(detail, "UnitPrice")?);
    if let (Some(quantity), Some(price)) = (quantity, price)
        && product(quantity, price) != Some(amount)
    {
        let message = "Amount calculation incorrect in the request";
        let detail = format!("Amount is not equal to UnitPrice * Qty. Supplied value:{amount}");
        return Err(Fault::new("6070", message, detail));
    }
    let kept = sales_detail(books, detail, (quantity, price))?;
    let mut built = json!({
        "Id": ids.take(line), "Amount": money(amount), "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": kept,
    });
    describe(line, &mut built)?;
    Ok(built)
}

fn sales_detail(
    books: &Books,
    detail: &Object,
    (quantity, price): (Option<Decimal>, Option<Decimal>),
) -> Result<Object, Fault> {
    let item = sent_reference(detail, "ItemRef")?.unwrap_or_else(|| default_item(books));
    let item_object = references::check(books, "Item", &item)?;
    let tax = sent_reference(detail, "TaxCodeRef")?.unwrap_or_else(|| "NON".to_owned());
    if !matches!(tax.as_str(), "TAX" | "NON") {
        return Err(Fault::new("6100", "Invalid tax code", "US TaxCode must be TAX or NON."));
    }
    let mut kept = Object::new();
    kept.insert("ItemRef".into(), json!({ "value": item }));
    if let Some(account) = json::reference(item_object, "IncomeAccountRef") {
        kept.insert("ItemAccountRef".into(), json!({ "value": account }));
    }
    for (key, value) in [("Qty", quantity), ("UnitPrice", price)] {
        if let Some(value) = value {
            kept.insert(key.into(), plain(value));
        }
    }
    if let Some(day) = detail.get("ServiceDate").filter(|day| !is_blank(day)) {
        kept.insert("ServiceDate".into(), normalise::day("ServiceDate", day)?);
    }
    if let Some(class) = sent_reference(detail, "ClassRef")? {
        references::check(books, "Class", &class)?;
        kept.insert("ClassRef".into(), json!({ "value": class }));
    }
    kept.insert("TaxCodeRef".into(), json!({ "value": tax }));
    Ok(kept)
}

fn description_line(line: &Object, ids: &mut LineIds) -> Result<Value, Fault> {
    let mut built = json!({
        "Id": ids.take(line), "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}
    });
    describe(line, &mut built)?;
    Ok(built)
}

/// The discount is taken off what the sales lines come to.
fn discount_line(books: &Books, line: &Object, subtotal: Decimal) -> Result<Value, Fault> {
    if !books.allows("SalesFormsPrefs.AllowDiscount") {
        return Err(Fault::business("Discounts are turned off for this company."));
    }
    let empty = Object::new();
    let detail = line.get("DiscountLineDetail").and_then(Value::as_object).unwrap_or(&empty);
    normalise::check_keys(detail, "DiscountLineDetail", DISCOUNT)?;
    let percent = figure(detail, "DiscountPercent")?;
    let by_percent = json::flag(detail, "PercentBased").unwrap_or(false);
    let amount = match (by_percent, percent, figure(line, "Amount")?) {
        (true, Some(percent), _) if percent <= Decimal::ONE_HUNDRED => {
            cents(subtotal * percent / Decimal::ONE_HUNDRED)
        }
        (false, _, Some(amount)) => cents(amount),
        _ => {
            return Err(Fault::new(
                "6090",
                "Invalid discount",
                "A discount line needs an amount or a percentage.",
            ));
        }
    };
    let default = books.preference("SalesFormsPrefs.DefaultDiscountAccount").and_then(json::scalar);
    let account = sent_reference(detail, "DiscountAccountRef")?.or(default).unwrap_or_default();
    references::check(books, "Account", &account)?;
    let mut kept = json!({ "PercentBased": by_percent, "DiscountAccountRef": { "value": account } });
    if by_percent {
        kept["DiscountPercent"] = plain(percent.unwrap_or_default());
    }
    Ok(json!({ "Amount": money(amount), "DetailType": "DiscountLineDetail", "DiscountLineDetail": kept }))
}

/// Without an item a line sells the company's default one.
fn default_item(books: &Books) -> String {
    let pairs = books.preference("OtherPrefs.NameValue").and_then(Value::as_array);
    let named = |pair: &&Value| pair["Name"] == "SalesFormsPrefs.DefaultItem";
    let found =
        pairs.and_then(|pairs| pairs.iter().find(named)).and_then(|pair| json::scalar(&pair["Value"]));
    found.unwrap_or_else(|| "1".to_owned())
}

/// What a quantity costs, in cents; nothing where it is beyond all numbers.
fn product(quantity: Decimal, price: Decimal) -> Option<Decimal> {
    quantity.checked_mul(price).map(cents)
}

fn describe(line: &Object, built: &mut Value) -> Result<(), Fault> {
    if let Some(value) = line.get("Description").filter(|value| !is_blank(value)) {
        built["Description"] = json!(normalise::text("Line.Description", value, 4000)?);
    }
    Ok(())
}

fn figure(detail: &Object, key: &str) -> Result<Option<Decimal>, Fault> {
    let value = detail.get(key).filter(|value| !is_blank(value));
    value.map(|value| normalise::quantity(key, value)).transpose()
}

fn sent_reference(detail: &Object, key: &str) -> Result<Option<String>, Fault> {
    let Some(value) = detail.get(key).filter(|value| !is_blank(value)) else { return Ok(None) };
    Ok(normalise::reference(key, value)?.get("value").and_then(json::scalar))
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value == ""
}

/// Gives lines their ids: a known one is kept, any other is a new line.
struct LineIds {
    known: BTreeSet<u64>,
    last: u64,
}

impl LineIds {
    fn of(old: Option<&Object>) -> Self {
        let lines = old.map_or(&[][..], |old| json::list(old, "Line"));
        let known: BTreeSet<u64> =
            lines.iter().filter_map(|line| line["Id"].as_str()?.parse().ok()).collect();
        Self { last: known.last().copied().unwrap_or(0), known }
    }

    fn take(&mut self, line: &Object) -> String {
        let sent = line.get("Id").and_then(json::scalar).and_then(|id| id.parse().ok());
        let id = sent.filter(|id| self.known.remove(id)).unwrap_or_else(|| {
            self.last += 1;
            self.last
        });
        id.to_string()
    }
}
