//! What bookkeepers do in QuickBooks beside latchd.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};

use super::acts::Pick;
use super::player::{Player, zone};

/// Bookkeepers of QuickBooks date their payments so, long before anything that
/// they could be taken for.
const FOREIGN_DAY: &str = "2026-01-15";

impl Player {
    /// Closes QuickBooks' books through a day, or opens them.
    pub(super) fn close_books(&self, days_back: Option<i64>) {
        let day = days_back.map(|days| self.days_ago(days).to_zoned(zone()).date().to_string());
        self.played
            .company
            .sandbox
            .quickbooks
            .set_preference("AccountingInfoPrefs.BookCloseDate", json!(day));
    }

    /// A bookkeeper enters a payment on one of the invoices that are open in
    /// QuickBooks, unless the books are closed.
    pub(super) fn pay_by_hand(&self, invoice: Pick, percent: u32) {
        let quickbooks = &self.played.company.sandbox.quickbooks;
        let open = |one: &Value| !amount(one, "Balance").is_zero();
        let invoices: Vec<Value> = quickbooks.objects("Invoice").into_iter().filter(open).collect();
        if invoices.is_empty() {
            return;
        }
        let invoice = invoice.get(&invoices);
        let balance = amount(invoice, "Balance");
        let part = balance * Decimal::from(percent) / Decimal::ONE_HUNDRED;
        let yen = invoice["CurrencyRef"]["value"] == "JPY";
        let part = part.round_dp_with_strategy(if yen { 0 } else { 2 }, RoundingStrategy::AwayFromZero);
        let part: Value =
            serde_json::from_str(&part.min(balance).to_string()).expect("an amount is a number");
        let body = json!({
            "CustomerRef": invoice["CustomerRef"], "CurrencyRef": invoice["CurrencyRef"],
            "TxnDate": FOREIGN_DAY, "TotalAmt": part,
            "Line": [{ "Amount": part, "LinkedTxn": [{ "TxnId": invoice["Id"], "TxnType": "Invoice" }] }],
        });
        if let Err(refused) = quickbooks.bookkeeper().create("Payment", body) {
            let words = format!("{refused:?}");
            assert!(words.contains("6210") || words.contains("6200"), "{words}");
        }
    }
}

fn amount(object: &Value, key: &str) -> Decimal {
    object[key].to_string().parse().unwrap_or_else(|_| panic!("{key} of {object}"))
}
