//! The tax of a sales form.

use rust_decimal::Decimal;
use serde_json::Value;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, money};
use super::super::normalise;
use super::Draft;

/// Settles `TxnTaxDetail` once the lines are built, and returns what it adds to
/// them. A tax that the client states is taken as stated.
pub(crate) fn complete(_books: &Books, draft: &mut Draft<'_>) -> Result<Decimal, Fault> {
    let empty = Object::new();
    let detail = draft.object.get("TxnTaxDetail").and_then(Value::as_object).unwrap_or(&empty);
    let total = detail.get("TotalTax").filter(|total| !total.is_null());
    let total = total.map_or(Ok(Decimal::ZERO), |total| normalise::quantity("TotalTax", total))?;
    let mut kept = detail.clone();
    kept.insert("TotalTax".into(), money(total));
    draft.set("TxnTaxDetail", kept);
    Ok(json::cents(total))
}
