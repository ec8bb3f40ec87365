//! Posting: where amounts go, out of `[posting]`, `[items]`,
//! `[deposit_accounts]` and `[taxes]`.

use super::faults::Faults;
use super::table::{Table, text};
use super::tree::Tree;
use crate::model::{
    ClosedPeriod, Discounts, DocumentNumbers, OnDrift, Posting, RefundAs, TaxMode, UnmappedProduct,
};

/// All settings about posting; `None` once something is wrong with them.
pub(super) fn read(tree: &Tree<'_>, faults: &Faults) -> Option<Posting> {
    taxes(&Table::open(tree, "taxes", faults));
    let items = Table::open(tree, "items", faults).texts();
    let deposit_accounts = Table::open(tree, "deposit_accounts", faults).texts();
    let table = Table::open_required(tree, "posting", faults)?;

    table.refuse(&["refund_account", "no_tax_code"]);
    table.choice("tax", &[("item", Some(())), ("codes", None)]);
    table.choice("discounts", &[("net", Some(())), ("line", None)]);
    table.choice("document_numbers", &[("staxbill", Some(())), ("quickbooks", None)]);
    table.choice("refund_as", &[("payment", Some(())), ("journal-entry", None)]);
    table.choice("closed_period", &[("hold", Some(())), ("first-open-day", None)]);
    let unmapped = [("default", Some(UnmappedProduct::Default)), ("hold", Some(UnmappedProduct::Hold))];
    let drift = [("report", Some(OnDrift::Report)), ("restore", Some(OnDrift::Restore))];
    let unmapped_product = table.choice("unmapped_product", &unmapped).unwrap_or(UnmappedProduct::Default);
    let on_drift = table.choice("on_drift", &drift).unwrap_or(OnDrift::Report);

    let text = |key: &str| table.text(key).map(str::to_owned);
    let item = table.text("tax_item").map(str::to_owned);
    let deferred_revenue_item = table.required("deferred_revenue_item").map(str::to_owned);
    let deposit_account = table.required("deposit_account").map(str::to_owned);
    Some(Posting {
        deferred_revenue_item: deferred_revenue_item?,
        deposit_account: deposit_account?,
        discount_item: text("discount_item"),
        credit_item: text("credit_item"),
        bad_debt_item: text("bad_debt_item"),
        tax: TaxMode::Item { item },
        no_tax_code: None,
        discounts: Discounts::Net,
        document_numbers: DocumentNumbers::Staxbill,
        refund_as: RefundAs::Payment,
        closed_period: ClosedPeriod::Hold,
        items,
        deposit_accounts,
        unmapped_product,
        on_drift,
    })
}

/// Checks `[taxes]`: a tax is known by its name and its percentage, written
/// the one way in which latchd writes them too.
fn taxes(table: &Table<'_, '_>) {
    for (key, entry) in table.entries() {
        let _ = text(entry, key, table.faults());
        if !is_tax(key) {
            table
                .faults()
                .report(&entry.key, format!("`{key}` is not a tax's name and percentage"))
                .remedy("write the percentage without trailing zeros, such as \"GST 5\" or \"QST 9.975\"");
        }
    }
}

fn is_tax(key: &str) -> bool {
    let Some((name, percent)) = key.rsplit_once(' ') else { return false };
    let (whole, part) = percent.split_once('.').map_or((percent, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole_sound = digits(whole) && (whole == "0" || !whole.starts_with('0'));
    let part_sound = part.is_none_or(|part| digits(part) && !part.ends_with('0'));
    !name.trim().is_empty() && name.trim() == name && whole_sound && part_sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_tax_by_name_and_percentage() {
        for (key, expected) in [
            ("GST 5", true),
            ("QST 9.975", true),
            ("State Tax 0", true),
            ("VAT 0.5", true),
            ("GST 5.0", false),
            ("GST 5.50", false),
            ("GST 05", false),
            ("GST", false),
            ("5", false),
            (" 5", false),
            ("GST 5%", false),
            ("GST .5", false),
            ("GST 5.", false),
        ] {
            assert_eq!(is_tax(key), expected, "{key:?}");
        }
    }
}
