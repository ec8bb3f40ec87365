//! The oracle: what stands in the books, in words that do not depend on the
//! ids and the order that a run happened to give.

use std::collections::BTreeMap;

use latchd::sandbox::Sandbox;
use rust_decimal::Decimal;
use serde_json::Value;

/// Everything of ours in QuickBooks, sorted.
///
/// # Panics
///
/// Where two living objects bear one mark, or a customer's balance is not what
/// Stax Bill says.
pub(super) fn of(sandbox: &Sandbox) -> Vec<String> {
    let quickbooks = &sandbox.quickbooks;
    let [customers, invoices, payments] =
        ["Customer", "Invoice", "Payment"].map(|entity| quickbooks.objects(entity));
    let numbers: BTreeMap<&str, &str> =
        invoices.iter().map(|invoice| (text(&invoice["Id"]), text(&invoice["DocNumber"]))).collect();
    let mut marks = BTreeMap::<String, Vec<&str>>::new();
    let mut lines = Vec::new();
    for object in customers.iter().chain(&invoices).chain(&payments) {
        let Some(mark) = mark(object) else { continue };
        marks.entry(mark.clone()).or_default().push(text(&object["Id"]));
        let taken: Vec<String> = object["Line"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|line| {
                let to = numbers.get(text(&line["LinkedTxn"][0]["TxnId"])).copied().unwrap_or_default();
                format!("{} {}{to}", amount(&line["Amount"]), item(line))
            })
            .collect();
        lines.push(format!(
            "{mark} {} {} {} total {} balance {} unapplied {} {taken:?}",
            text(&object["DisplayName"]),
            text(&object["CustomerRef"]["name"]),
            text(&object["TxnDate"]),
            amount(&object["TotalAmt"]),
            amount(&object["Balance"]),
            amount(&object["UnappliedAmt"]),
        ));
    }
    for (mark, ids) in &marks {
        assert_eq!(ids.len(), 1, "{mark} stands more than once: {ids:?}");
    }
    lines.sort();
    lines
}

/// Compares every marked customer's balance with Stax Bill's own ledger; gives
/// how many there are.
pub(super) fn balanced(sandbox: &Sandbox) -> usize {
    let mut count = 0;
    for customer in sandbox.quickbooks.objects("Customer") {
        let Some(mark) = mark(&customer) else { continue };
        let id = mark.strip_prefix("customer/").and_then(|id| id.parse().ok()).expect("a customer's mark");
        let (outstanding, unallocated) = sandbox.staxbill.ledger(id);
        assert_eq!(amount(&customer["Balance"]), outstanding - unallocated, "{mark}");
        count += 1;
    }
    count
}

/// Both vendors' whole books as text, to see that nothing moved.
pub(super) fn untouched(sandbox: &Sandbox) -> String {
    let entities = ["Customer", "Invoice", "Payment", "Item", "Account"];
    entities.map(|entity| format!("{:?}", sandbox.quickbooks.objects(entity))).concat()
}

fn mark(object: &Value) -> Option<String> {
    let note = [&object["Notes"], &object["PrivateNote"]].into_iter().find_map(Value::as_str)?;
    let from = note.find("[latchd ")? + "[latchd ".len();
    Some(note[from..].split(']').next()?.to_owned())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn item(line: &Value) -> &str {
    text(&line["SalesItemLineDetail"]["ItemRef"]["name"])
}

fn amount(value: &Value) -> Decimal {
    let text = value.to_string();
    text.trim_matches('"').parse().unwrap_or_default()
}
