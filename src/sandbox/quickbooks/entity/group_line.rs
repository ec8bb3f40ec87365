//! Bundles on a sales form: one line that holds the lines of its parts.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::fault::Fault;
use super::super::json::{self, Object, decimal, list, money, plain, text};
use super::super::{normalise, references};
use super::line_ids::LineIds;
use super::sales_line::{Rules, describe, figure, sent_reference};
use super::tax_regime::Regime;

const GROUP: &[&str] = &["GroupItemRef", "Quantity", "UOMRef", "Line", "ServiceDate"];

/// The bundle's line with a sales line for each of its parts: those the client
/// sent, else those of the item at their own prices. Its amount is theirs
/// together (not recorded).
pub(crate) fn build(rules: &Rules<'_>, line: &Object, ids: &mut LineIds) -> Result<Value, Fault> {
    let empty = Object::new();
    let detail = line.get("GroupLineDetail").and_then(Value::as_object).unwrap_or(&empty);
    normalise::check_keys(detail, "GroupLineDetail", GROUP)?;
    let id = sent_reference(detail, "GroupItemRef")?.ok_or_else(|| Fault::missing("GroupItemRef"))?;
    let item = references::check(rules.books, "Item", &id)?;
    if text(item, "Type") != Some("Group") {
        return Err(Fault::business("The item of a group line must be a bundle."));
    }
    let quantity = figure(detail, "Quantity")?.unwrap_or(Decimal::ONE);
    let own = ids.take(line);
    let sent = list(detail, "Line");
    let parts = if sent.is_empty() { expanded(rules, item, quantity)? } else { sent.to_vec() };
    let parts = parts.iter().filter_map(Value::as_object).map(|part| rules.sales_line(part, ids));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let amount: Decimal = parts.iter().filter_map(Value::as_object).map(|part| decimal(part, "Amount")).sum();
    let mut built = json!({
        "Id": own, "Amount": money(amount), "DetailType": "GroupLineDetail",
        "GroupLineDetail": { "GroupItemRef": { "value": id }, "Quantity": plain(quantity), "Line": parts },
    });
    if let Some(words) = text(item, "Description") {
        built["Description"] = json!(words);
    }
    describe(line, &mut built)?;
    Ok(built)
}

fn expanded(rules: &Rules<'_>, bundle: &Object, quantity: Decimal) -> Result<Vec<Value>, Fault> {
    let group = bundle.get("ItemGroupDetail").and_then(Value::as_object);
    let parts = group.map_or(&[][..], |group| list(group, "ItemGroupLine"));
    let parts = parts.iter().filter_map(Value::as_object).map(|part| {
        let id = json::reference(part, "ItemRef").unwrap_or_default();
        let item = references::check(rules.books, "Item", id)?;
        let quantity = quantity.checked_mul(decimal(part, "Qty"));
        let price = decimal(item, "UnitPrice");
        let priced = quantity.and_then(|quantity| Some((quantity, rules.product(quantity, price)?)));
        let (quantity, amount) = priced.ok_or_else(|| Fault::known("2160"))?;
        let mut line = json!({
            "Amount": money(amount), "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {
                "ItemRef": { "value": id }, "Qty": plain(quantity), "UnitPrice": plain(price),
            },
        });
        // Taxability by item, as for any line without a code; elsewhere the item names its code.
        if let Some(code) = json::reference(item, "SalesTaxCodeRef") {
            line["SalesItemLineDetail"]["TaxCodeRef"] = json!({ "value": code });
        } else if rules.regime != Regime::PerLine && json::flag(item, "Taxable") == Some(true) {
            line["SalesItemLineDetail"]["TaxCodeRef"] = json!({ "value": "TAX" });
        }
        if let Some(words) = text(item, "Description") {
            line["Description"] = json!(words);
        }
        Ok(line)
    });
    parts.collect()
}
