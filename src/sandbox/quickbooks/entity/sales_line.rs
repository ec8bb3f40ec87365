//! One line of a sales form, of an item or of words alone.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, money, plain, text};
use super::super::{normalise, references};
use super::line_ids::LineIds;
use super::tax_regime::{Calculation, Regime};
use super::tax_rows::round;

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

/// What the lines of one form have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    pub(crate) books: &'a Books,
    pub(crate) customer: &'a Object,
    pub(crate) regime: Regime,
    pub(crate) calculation: Calculation,
    /// Decimals of the form's currency.
    pub(crate) places: u32,
}

type Figures = (Option<Decimal>, Option<Decimal>);

impl Rules<'_> {
    /// A line that sells an item.
    pub(crate) fn sales_line(&self, line: &Object, ids: &mut LineIds) -> Result<Value, Fault> {
        let empty = Object::new();
        let detail = line.get("SalesItemLineDetail").and_then(Value::as_object).unwrap_or(&empty);
        normalise::check_keys(detail, "SalesItemLineDetail", SALES_ITEM)?;
        let sent = line
            .get("Amount")
            .filter(|value| !value.is_null())
            .ok_or_else(|| Fault::missing("Line.Amount"))?;
        let amount = round(normalise::quantity("Line.Amount", sent)?, self.places);
        let (quantity, price) = match (figure(detail, "Qty")?, figure(detail, "UnitPrice")?) {
            // Clients that write zeros for what is unset send both beside an amount.
            (Some(quantity), Some(price)) if quantity.is_zero() && price.is_zero() && !amount.is_zero() => {
                (None, None)
            }
            figures => figures,
        };
        if let (Some(quantity), Some(price)) = (quantity, price)
            && self.product(quantity, price) != Some(amount)
        {
            let detail = format!("Amount is not equal to UnitPrice * Qty. Supplied value:{amount}");
            return Err(Fault::known("6070").because(detail));
        }
        let mut built = self.priced(detail, (quantity, price), &ids.take(line))?;
        built["Amount"] = money(amount);
        describe(line, &mut built)?;
        Ok(built)
    }

    /// A line without its amount.
    fn priced(&self, detail: &Object, (quantity, price): Figures, id: &str) -> Result<Value, Fault> {
        let kept = self.sales_detail(detail, (quantity, price))?;
        Ok(json!({ "Id": id, "Amount": 0, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": kept }))
    }

    fn sales_detail(&self, detail: &Object, (quantity, price): Figures) -> Result<Object, Fault> {
        let books = self.books;
        let item = sent_reference(detail, "ItemRef")?.unwrap_or_else(|| default_item(books));
        let item_object = references::check(books, "Item", &item)?;
        check_sold(item_object)?;
        let code = (sent_reference(detail, "TaxCodeRef")?, self.calculation);
        let code = self.regime.line_code(books, code, (item_object, self.customer))?;
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
            // Without classes on lines the service has no place for one.
            if books.allows("AccountingInfoPrefs.ClassTrackingPerTxnLine") {
                kept.insert("ClassRef".into(), json!({ "value": class }));
            }
        }
        if let Some(code) = code {
            kept.insert("TaxCodeRef".into(), json!({ "value": code }));
        }
        if self.calculation == Calculation::Inclusive
            && let Some(gross) = figure(detail, "TaxInclusiveAmt")?
        {
            kept.insert("TaxInclusiveAmt".into(), money(round(gross, self.places)));
        }
        Ok(kept)
    }

    /// What a quantity costs; nothing where it is beyond all numbers.
    pub(crate) fn product(&self, quantity: Decimal, price: Decimal) -> Option<Decimal> {
        quantity.checked_mul(price).map(|amount| round(amount, self.places))
    }
}

/// A line that only says something. An amount on it does not count.
pub(crate) fn description_line(line: &Object, ids: &mut LineIds) -> Result<Value, Fault> {
    let mut built = json!({
        "Id": ids.take(line), "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}
    });
    describe(line, &mut built)?;
    Ok(built)
}

pub(crate) fn describe(line: &Object, built: &mut Value) -> Result<(), Fault> {
    if let Some(value) = line.get("Description").filter(|value| !is_blank(value)) {
        built["Description"] = json!(normalise::text("Line.Description", value, 4000)?);
    }
    Ok(())
}

pub(crate) fn figure(detail: &Object, key: &str) -> Result<Option<Decimal>, Fault> {
    let value = detail.get(key).filter(|value| !is_blank(value));
    value.map(|value| normalise::quantity(key, value)).transpose()
}

pub(crate) fn sent_reference(detail: &Object, key: &str) -> Result<Option<String>, Fault> {
    let Some(value) = detail.get(key).filter(|value| !is_blank(value)) else { return Ok(None) };
    Ok(normalise::reference(key, value)?.get("value").and_then(json::scalar))
}

/// A category sells nothing, and a bundle is sold as a group line.
fn check_sold(item: &Object) -> Result<(), Fault> {
    match text(item, "Type") {
        Some("Category") => Err(Fault::business(
            "An item in this transaction is set up as a category instead of a product or service.",
        )),
        Some("Group") => Err(Fault::business("A bundle can only be sold on a group line.")),
        _ => Ok(()),
    }
}

/// Without an item a line sells the company's default one.
fn default_item(books: &Books) -> String {
    let pairs = books.preference("OtherPrefs.NameValue").and_then(Value::as_array);
    let named = |pair: &&Value| pair["Name"] == "SalesFormsPrefs.DefaultItem";
    let found =
        pairs.and_then(|pairs| pairs.iter().find(named)).and_then(|pair| json::scalar(&pair["Value"]));
    found.unwrap_or_else(|| "1".to_owned())
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value == ""
}
