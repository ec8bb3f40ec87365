//! Posting: where amounts go, out of `[posting]`, `[items]`,
//! `[deposit_accounts]` and `[taxes]`.

use std::collections::BTreeMap;

use super::faults::Faults;
use super::keys;
use super::table::Table;
use super::tree::Tree;
use crate::model::{
    ClosedPeriod, Discounts, DocumentNumbers, OnDrift, Posting, RefundAs, TaxMode, UnmappedProduct,
};

/// All settings about posting; `None` once something is wrong with them.
pub(super) fn read(tree: &Tree<'_>, faults: &Faults) -> Option<Posting> {
    let codes = taxes(&Table::open(tree, "taxes", faults));
    let items = Table::open(tree, "items", faults).texts();
    let deposit_accounts = deposit_accounts(&Table::open(tree, "deposit_accounts", faults));
    let table = Table::open_required(tree, "posting", faults)?;

    let unmapped = [("default", UnmappedProduct::Default), ("hold", UnmappedProduct::Hold)];
    let drift = [("report", OnDrift::Report), ("restore", OnDrift::Restore)];
    let numbers = [("staxbill", DocumentNumbers::Staxbill), ("quickbooks", DocumentNumbers::Quickbooks)];
    let closed = [("hold", ClosedPeriod::Hold), ("first-open-day", ClosedPeriod::FirstOpenDay)];
    let by_codes = table.choice("tax", &[("item", false), ("codes", true)]).unwrap_or(false);

    let text = |key: &str| table.text(key).map(str::to_owned);
    let tax_item = text("tax_item");
    let tax = if by_codes { TaxMode::Codes { codes } } else { TaxMode::Item { item: tax_item } };
    let discounts = discounts(&table);
    let refund_as = refund_as(&table);
    let deferred_revenue_item = table.required("deferred_revenue_item").map(str::to_owned);
    let deposit_account = table.required("deposit_account").map(str::to_owned);
    // Everything is looked at before anything missing ends it: every mistake is
    // told at once.
    let document_numbers = table.choice("document_numbers", &numbers).unwrap_or(DocumentNumbers::Staxbill);
    let closed_period = table.choice("closed_period", &closed).unwrap_or(ClosedPeriod::Hold);
    let unmapped_product = table.choice("unmapped_product", &unmapped).unwrap_or(UnmappedProduct::Default);
    let on_drift = table.choice("on_drift", &drift).unwrap_or(OnDrift::Report);
    let (discount_item, credit_item) = (text("discount_item"), text("credit_item"));
    let (bad_debt_item, no_tax_code) = (text("bad_debt_item"), text("no_tax_code"));
    Some(Posting {
        deferred_revenue_item: deferred_revenue_item?,
        deposit_account: deposit_account?,
        discount_item,
        credit_item,
        bad_debt_item,
        tax,
        no_tax_code,
        discounts: discounts?,
        document_numbers,
        refund_as: refund_as?,
        closed_period,
        items,
        deposit_accounts,
        unmapped_product,
        on_drift,
    })
}

/// A discount line needs an account, which is that of the discount item.
fn discounts(table: &Table<'_, '_>) -> Option<Discounts> {
    let words = [("net", Discounts::Net), ("line", Discounts::Line)];
    let discounts = table.choice("discounts", &words).unwrap_or(Discounts::Net);
    match discounts {
        Discounts::Net => {}
        Discounts::Line => {
            let remedy = "name the item on whose income account discounts go: discount_item = \"…\"";
            table.required_by("discount_item", ("discounts", remedy))?;
        }
    }
    Some(discounts)
}

/// The account of refunds belongs to journal entries, and they to it.
fn refund_as(table: &Table<'_, '_>) -> Option<RefundAs> {
    let words = [("payment", false), ("journal-entry", true)];
    if table.choice("refund_as", &words).unwrap_or(false) {
        let remedy = "name the account that refunds are paid from: refund_account = \"…\"";
        let account = table.required_by("refund_account", ("refund_as", remedy))?.to_owned();
        return Some(RefundAs::JournalEntry { account });
    }
    if let Some(entry) = table.entry("refund_account") {
        let text = "`refund_account` stands without refund_as = \"journal-entry\", and would do nothing";
        table
            .faults()
            .report(&entry.key, text)
            .remedy("take it out, or write refund_as = \"journal-entry\" beside it");
    }
    Some(RefundAs::Payment)
}

/// Stax Bill's methods of payment (Stax Bill: payment activity).
const METHODS: [&str; 6] = ["Check", "DirectDeposit", "CreditCard", "Cash", "ACH", "Paypal"];

/// `[deposit_accounts]`: two keys that differ in capitals alone mean the same
/// method. Stax Bill may add methods, so that only near misses are refused.
fn deposit_accounts(table: &Table<'_, '_>) -> BTreeMap<String, String> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (key, entry) in table.entries() {
        let near = keys::nearest(key, METHODS).filter(|near| !near.eq_ignore_ascii_case(key));
        if let Some(near) = near {
            table
                .faults()
                .report(&entry.key, format!("`{key}` is no method of payment in Stax Bill"))
                .remedy(format!("did you mean `{near}`?"));
        }
        if let Some(first) = seen.insert(key.to_lowercase(), key) {
            table
                .faults()
                .report(&entry.key, format!("`{key}` and `{first}` are the same method of payment"))
                .remedy("keep one of the two; capitals do not count");
        }
    }
    table.texts()
}

/// `[taxes]`: a tax is known by its name and its percentage, written the one
/// way in which latchd writes them too. They count with `tax = "codes"` alone,
/// and may stand beside `tax = "item"` for the day on which that is changed.
fn taxes(table: &Table<'_, '_>) -> BTreeMap<String, String> {
    for (key, entry) in table.entries() {
        if !is_tax(key) {
            table
                .faults()
                .report(&entry.key, format!("`{key}` is not a tax's name and percentage"))
                .remedy("write the percentage without trailing zeros, such as \"GST 5\" or \"QST 9.975\"");
        }
    }
    table.texts()
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
