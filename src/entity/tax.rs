//! Tax: how the taxes of an invoice, or of a part of it, stand on a form.
//!
//! Stax Bill tells taxes of whole invoices, never of a charge. With
//! `tax = "item"` they are one line; with `tax = "codes"` every line bears the
//! code and the sum is stated, so that QuickBooks does not take its own. What a
//! form says otherwise is decided by the company's country.

use serde_json::{Value, json};

use super::line::Line;
use super::{Setting, number, target_item};
use crate::model::{Code, Discounts, Money, Problem, Tax, TaxMode};

/// What a form says about tax.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taxed {
    /// What each of its lines bears.
    pub code: String,
    /// The one line of its taxes.
    pub line: Option<Line>,
    /// Its `TxnTaxDetail`.
    pub detail: Option<Value>,
    /// Whether QuickBooks counts its lines as taxed in the United States.
    pub marked: bool,
}

impl Taxed {
    /// Writes what is said of the whole form into `body`.
    pub(super) fn write(&self, body: &mut Value, setting: Setting<'_>) {
        if let Some(detail) = &self.detail {
            body["TxnTaxDetail"] = detail.clone();
            // Stax Bill taxes what is left after discounts; the company's own
            // way may be another, and would show another amount as taxed.
            if setting.posting.discounts == Discounts::Line {
                body["ApplyTaxAfterDiscount"] = json!(true);
            }
        }
        // Required outside the United States, where it decides whether amounts
        // hold their tax (Intuit: GlobalTaxCalculation).
        if !setting.targets.united_states {
            body["GlobalTaxCalculation"] = json!("TaxExcluded");
        }
    }
}

/// A form without tax.
pub(super) fn none(setting: Setting<'_>) -> Result<Taxed, Problem> {
    let code = free_code(setting).ok_or_else(|| no_code(setting))?;
    Ok(Taxed { code, line: None, detail: None, marked: false })
}

/// A form with `taxes`, each of which comes to its total.
pub(super) fn of(taxes: &[Tax], setting: Setting<'_>) -> Result<Taxed, Problem> {
    match &setting.posting.tax {
        TaxMode::Item { item } => by_item(taxes, item.as_deref(), setting),
        TaxMode::Codes { .. } => by_codes(taxes, setting),
    }
}

/// The code of a line without tax: `NON` in the United States (Intuit: tax
/// codes), a real one elsewhere.
pub(super) fn free_code(setting: Setting<'_>) -> Option<String> {
    if setting.targets.united_states {
        return Some("NON".to_owned());
    }
    let name = setting.posting.no_tax_code.as_ref()?;
    setting.targets.tax_codes.get(name).map(|id| id.as_str().to_owned())
}

fn no_code(setting: Setting<'_>) -> Problem {
    if let Some(name) = &setting.posting.no_tax_code {
        let reason = format!("QuickBooks has no active tax code `{name}`, which the files name");
        return Problem::new(Code::ReferenceMissing, reason);
    }
    let reason = "outside the United States every line needs a tax code, and [posting] names no no_tax_code";
    Problem::new(Code::CompanySetting, reason)
}

fn by_item(taxes: &[Tax], item: Option<&str>, setting: Setting<'_>) -> Result<Taxed, Problem> {
    let total: Money = taxes.iter().map(|tax| tax.total).sum();
    let free = none(setting)?;
    if total.is_zero() {
        return Ok(free);
    }
    let words = taxes
        .iter()
        .filter(|tax| !tax.total.is_zero())
        .map(|tax| format!("{} {}%: {}", tax.name, tax.percent.normalize(), tax.total))
        .collect::<Vec<_>>()
        .join("; ");
    let Some(item) = item else {
        let reason = format!("it bears tax ({words}), and [posting] names no tax_item");
        return Err(Problem::new(Code::UnmappedTax, reason));
    };
    let item = target_item(item, setting)?;
    Ok(Taxed { line: Some(Line { item, amount: total, words, priced: None }), ..free })
}

fn by_codes(taxes: &[Tax], setting: Setting<'_>) -> Result<Taxed, Problem> {
    let total: Money = taxes.iter().map(|tax| tax.total).sum();
    if total.is_zero() {
        return zero_rated(taxes, setting);
    }
    let mut keys = taxes.iter().filter(|tax| !tax.total.is_zero()).map(key_of).collect::<Vec<_>>();
    keys.sort_unstable();
    keys.dedup();
    let unmapped = keys.iter().filter(|key| named(key, setting).is_none());
    let unmapped = unmapped.map(|key| format!("\"{key}\"")).collect::<Vec<_>>();
    if !unmapped.is_empty() {
        let keys = unmapped.join(" and ");
        let reason = format!(
            "it bears tax that [taxes] does not name: add a line for {keys} with its tax code in QuickBooks"
        );
        return Err(Problem::new(Code::UnmappedTax, reason));
    }
    let mut codes = keys.iter().filter_map(|key| named(key, setting)).collect::<Vec<_>>();
    codes.sort_unstable();
    codes.dedup();
    let [code] = codes.as_slice() else {
        let pairs =
            keys.iter().map(|key| format!("\"{key}\" = \"{}\"", named(key, setting).unwrap_or_default()));
        let reason = format!(
            "its taxes go to several tax codes ({}), and Stax Bill does not say which charge bears which: name one code that takes them all",
            pairs.collect::<Vec<_>>().join(", ")
        );
        return Err(Problem::new(Code::UnmappedTax, reason));
    };
    let id = code_id(code, setting)?;
    let mut detail = json!({ "TotalTax": number(total.decimal()) });
    if setting.targets.united_states {
        detail["TxnTaxCodeRef"] = json!({ "value": id });
    }
    let line_code = if setting.targets.united_states { "TAX".to_owned() } else { id };
    Ok(Taxed { code: line_code, line: None, detail: Some(detail), marked: setting.targets.united_states })
}

/// Tax of nothing. Outside the United States a rate of zero may have a code of
/// its own; a tax that was rounded to nothing must not be taken anew.
fn zero_rated(taxes: &[Tax], setting: Setting<'_>) -> Result<Taxed, Problem> {
    let free = || none(setting);
    if setting.targets.united_states {
        return free();
    }
    let rated = taxes.iter().filter(|tax| tax.percent.is_zero());
    let mut codes = rated.filter_map(|tax| named(&key_of(tax), setting)).collect::<Vec<_>>();
    codes.sort_unstable();
    codes.dedup();
    match codes.as_slice() {
        [code] => {
            let code = code_id(code, setting)?;
            Ok(Taxed { code, line: None, detail: None, marked: false })
        }
        _ => free(),
    }
}

/// The key of a tax in `[taxes]`: its name and percentage, as in `GST 5`.
fn key_of(tax: &Tax) -> String {
    format!("{} {}", tax.name.trim(), tax.percent.normalize())
}

fn named<'a>(key: &str, setting: Setting<'a>) -> Option<&'a str> {
    match &setting.posting.tax {
        TaxMode::Item { .. } => None,
        TaxMode::Codes { codes } => codes.get(key).map(String::as_str),
    }
}

fn code_id(name: &str, setting: Setting<'_>) -> Result<String, Problem> {
    let id = setting.targets.tax_codes.get(name).map(|id| id.as_str().to_owned());
    id.ok_or_else(|| {
        let reason = format!("QuickBooks has no active tax code `{name}`, which [taxes] names");
        Problem::new(Code::ReferenceMissing, reason)
    })
}
