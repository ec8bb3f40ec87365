//! Lines of an invoice or a memo: what is sold or given back on which item, and
//! the one line of its discounts.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Setting, number, text};
use crate::model::{Code, Money, ObjectId, Problem};

/// Longest description of a line (Intuit: Invoice).
const DESCRIPTION_CHARS_MAX: usize = 4000;
/// Most lines of a transaction, and most that are taxed in the United States
/// (Intuit: limits).
const LINES_MAX: usize = 10_000;
const TAXED_LINES_MAX: usize = 750;

/// A line that sells an item, or gives back what was sold of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// QuickBooks' item.
    pub item: ObjectId,
    /// What it adds.
    pub amount: Money,
    /// For people.
    pub words: String,
    /// Quantity and price of one, where they make the amount.
    pub priced: Option<(Decimal, Decimal)>,
}

impl Line {
    /// The line as it is sent, with its tax code where there is one to send.
    pub(super) fn body(&self, code: Option<&str>, setting: Setting<'_>) -> Value {
        let mut detail = json!({ "ItemRef": { "value": self.item.as_str() } });
        if let Some(code) = code {
            detail["TaxCodeRef"] = json!({ "value": code });
        }
        if let Some((quantity, price)) = self.priced {
            detail["Qty"] = number(quantity.normalize());
            detail["UnitPrice"] = number(price.normalize());
        }
        json!({
            "Amount": number(self.amount.decimal()),
            "DetailType": "SalesItemLineDetail",
            "Description": text::fit(&self.words, DESCRIPTION_CHARS_MAX, setting.targets),
            "SalesItemLineDetail": detail,
        })
    }
}

/// The line of all discounts of a form; none of nothing.
///
/// QuickBooks refuses a sales line below zero (2290). Its own way is one
/// `DiscountLineDetail` a form, on an account: that of the discount item.
pub(super) fn discount(amount: Money, setting: Setting<'_>) -> Result<Option<Value>, Problem> {
    if amount.is_zero() {
        return Ok(None);
    }
    let Some(account) = &setting.targets.discount_account else {
        let name = setting.posting.discount_item.as_deref().unwrap_or("(none)");
        let reason = format!(
            "QuickBooks has no active item `{name}` with an income account, on which [posting] discount_item puts discounts"
        );
        return Err(Problem::new(Code::ReferenceMissing, reason));
    };
    Ok(Some(json!({
        "Amount": number(amount.decimal()),
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": { "PercentBased": false, "DiscountAccountRef": { "value": account.as_str() } },
    })))
}

/// Whether QuickBooks takes so many lines.
pub(super) fn check_count(lines: usize, taxed: usize) -> Result<(), Problem> {
    let (count, max, what) = if lines > LINES_MAX {
        (lines, LINES_MAX, "lines")
    } else if taxed > TAXED_LINES_MAX {
        (taxed, TAXED_LINES_MAX, "taxed lines")
    } else {
        return Ok(());
    };
    let reason = format!("it has {count} {what}, and QuickBooks takes no more than {max}");
    Err(Problem::new(Code::InvalidRecord, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_lines_than_quickbooks_takes() {
        let cases = [
            (10_000, 750, None),
            (101, 0, None),
            (10_001, 0, Some("it has 10001 lines, and QuickBooks takes no more than 10000")),
            (751, 751, Some("it has 751 taxed lines, and QuickBooks takes no more than 750")),
        ];
        for (lines, taxed, expected) in cases {
            let reason = check_count(lines, taxed).err().map(|problem| problem.reason);
            assert_eq!(reason.as_deref(), expected, "{lines} {taxed}");
        }
    }
}
