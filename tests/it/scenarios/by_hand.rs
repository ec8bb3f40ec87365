//! What a bookkeeper enters by hand for an adopted customer, Amy's Bird
//! Sanctuary, and the lines that an operator writes about it.

use latchd::sandbox::quickbooks::Bookkeeper;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::shop::amount;
use crate::company::Company;

/// Amy's id in the demo company.
pub(crate) const AMY: &str = "1";

/// `[links]` that adopt Amy as customer 10482 from a day on.
pub(super) fn adopt_amy(start: &str, more: &str) -> String {
    let start = if start == "beginning" { format!("\"{start}\"") } else { start.to_owned() };
    format!(
        "[links]\n10482 = {{ adopt = \"{AMY}\", expect = \"Amy's Bird Sanctuary\", start = {start}{more} }}\n"
    )
}

/// `, match = { … }` of records and objects.
pub(super) fn matching(rows: &[(String, &str)]) -> String {
    let rows = rows.iter().map(|(key, id)| format!("\"{key}\" = \"{id}\"")).collect::<Vec<_>>();
    format!(", match = {{ {} }}", rows.join(", "))
}

fn books(company: &Company) -> Bookkeeper<'_> {
    company.sandbox.quickbooks.bookkeeper()
}

fn id(object: &Value) -> String {
    object["Id"].as_str().expect("an object has an id").to_owned()
}

fn form(owner: &str, number: &str, day: &str, amount: &str) -> Value {
    let amount: Value = amount.parse().expect("a literal amount");
    json!({
        "CustomerRef": { "value": owner }, "DocNumber": number, "TxnDate": day,
        "Line": [{
            "Amount": amount, "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": { "ItemRef": { "value": "1" }, "TaxCodeRef": { "value": "NON" } },
        }],
    })
}

/// An invoice; its id.
pub(crate) fn invoice(company: &Company, owner: &str, number: &str, (day, amount): (&str, &str)) -> String {
    id(&books(company).create("Invoice", form(owner, number, day, amount)).expect("it is theirs to enter"))
}

/// A credit memo; its id.
pub(super) fn memo(company: &Company, owner: &str, number: &str, (day, amount): (&str, &str)) -> String {
    id(&books(company).create("CreditMemo", form(owner, number, day, amount)).expect("it is theirs to enter"))
}

/// A payment and the invoices that it settles; its id.
pub(crate) fn payment(
    company: &Company,
    owner: &str,
    (day, amount): (&str, &str),
    on: &[(&str, &str)],
) -> String {
    let number = |text: &str| text.parse::<Value>().expect("a literal amount");
    let line = |(id, amount): &(&str, &str)| json!({ "Amount": number(amount), "LinkedTxn": [{ "TxnId": id, "TxnType": "Invoice" }] });
    let lines = on.iter().map(line).collect::<Vec<_>>();
    let body = json!({
        "CustomerRef": { "value": owner }, "TxnDate": day, "TotalAmt": number(amount), "Line": lines,
    });
    id(&books(company).create("Payment", body).expect("it is theirs to enter"))
}

/// An object as it stands.
#[track_caller]
pub(super) fn object(company: &Company, kind: &str, id: &str) -> Value {
    let all = company.sandbox.quickbooks.objects(kind);
    all.into_iter().find(|one| one["Id"] == id).unwrap_or_else(|| panic!("no {kind} {id}"))
}

/// What is open of an object.
#[track_caller]
pub(super) fn open(company: &Company, kind: &str, id: &str) -> Decimal {
    let field = if kind == "Payment" { "UnappliedAmt" } else { "Balance" };
    amount(&object(company, kind, id), field)
}

/// What a payment is applied to, by QuickBooks' ids.
#[track_caller]
pub(super) fn lines(company: &Company, payment: &str) -> Vec<(String, Decimal)> {
    let payment = object(company, "Payment", payment);
    let row = |line: &Value| {
        let id = line["LinkedTxn"][0]["TxnId"].as_str().expect("a line settles something");
        (id.to_owned(), amount(line, "Amount"))
    };
    let mut rows = payment["Line"].as_array().into_iter().flatten().map(row).collect::<Vec<_>>();
    rows.sort();
    rows
}
