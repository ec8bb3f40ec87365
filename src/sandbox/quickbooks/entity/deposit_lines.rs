//! Lines of a deposit: payments and receipts that waited, and money that comes
//! from an account directly.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, cents, decimal, money};
use super::super::{ledger, normalise, references};
use super::Draft;
use super::line_ids::LineIds;

const LINE: &[&str] = &[
    "Id",
    "LineNum",
    "Description",
    "Amount",
    "DetailType",
    "DepositLineDetail",
    "LinkedTxn",
    "ProjectRef",
    "CustomField",
    "CustomExtensions",
];
const DETAIL: &[&str] = &[
    "Entity",
    "ClassRef",
    "AccountRef",
    "PaymentMethodRef",
    "CheckNum",
    "TxnType",
    "TaxCodeRef",
    "TaxApplicableOn",
];
const LINKED: &[&str] = &["TxnId", "TxnType", "TxnLineId"];

/// A transaction whose money waits: its entity and its id.
pub(crate) type Source = (&'static str, u64);

/// The kinds of transactions whose money may wait. The service takes more.
const SOURCES: [&str; 2] = ["Payment", "SalesReceipt"];

/// What a deposit brings to the bank.
pub(crate) fn sources(deposit: &Object) -> BTreeSet<Source> {
    json::list(deposit, "Line").iter().filter_map(|line| source(line.as_object()?)).collect()
}

/// The transaction a line brings.
pub(crate) fn source(line: &Object) -> Option<Source> {
    let named = json::list(line, "LinkedTxn").first()?;
    let entity = SOURCES.into_iter().find(|entity| named["TxnType"] == *entity)?;
    Some((entity, json::scalar(&named["TxnId"])?.parse().ok()?))
}

/// Builds the lines of a deposit anew.
pub(crate) fn build(books: &Books, draft: &Draft<'_>) -> Result<Vec<Value>, Fault> {
    let own = draft.old.map(sources).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut ids = LineIds::of(draft.old, 1);
    let mut lines = Vec::new();
    for line in json::list(draft.sent, "Line") {
        let line = line.as_object().ok_or_else(|| Fault::property("Line"))?;
        normalise::check_keys(line, "Line", LINE)?;
        check_type(line)?;
        let linked = normalise::linked(line)?.is_some();
        let mut built = if linked {
            let source = check_source(books, line, &own)?;
            if !seen.insert(source) {
                return Err(Fault::cannot_link());
            }
            waiting(books, line, source)?
        } else {
            direct(books, line)?
        };
        built["Id"] = json!(ids.take(line));
        built["LineNum"] = json!(lines.len() + 1);
        lines.push(built);
    }
    Ok(lines)
}

fn check_type(line: &Object) -> Result<(), Fault> {
    match json::text(line, "DetailType") {
        None | Some("DepositLineDetail") => Ok(()),
        Some(other) => Err(Fault::bad_value("2170", "Invalid Enumeration", "DetailType", other)),
    }
}

/// Whom money comes from: a customer, a vendor or an employee. Where the kind is
/// not told, the id does, because people's ids come from one sequence.
fn check_name(books: &Books, detail: &Object) -> Result<(), Fault> {
    const KINDS: [&str; 3] = ["Customer", "Vendor", "Employee"];
    let Some(entity) = detail.get("Entity").and_then(Value::as_object) else { return Ok(()) };
    let id = json::reference(detail, "Entity").ok_or_else(|| Fault::missing("Entity.value"))?;
    let kind = match json::text(entity, "type").or_else(|| json::text(entity, "Type")) {
        None => KINDS.into_iter().find(|kind| books.find(kind, id).is_some()).unwrap_or(KINDS[0]),
        Some(told) => {
            let known = KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(told));
            known.ok_or_else(|| Fault::bad_value("2170", "Invalid Enumeration", "Entity.type", told))?
        }
    };
    references::check(books, kind, id).map(drop)
}

/// What may be deposited: a payment or a receipt whose money waits in
/// Undeposited Funds and that no other deposit holds.
fn check_source(books: &Books, line: &Object, own: &BTreeSet<Source>) -> Result<Source, Fault> {
    let named = normalise::linked(line)?;
    normalise::check_keys(named.ok_or_else(|| Fault::property("LinkedTxn"))?, "LinkedTxn", LINKED)?;
    let source = source(line).ok_or_else(Fault::cannot_link)?;
    let kept = books.shelf(source.0).get(source.1).ok_or_else(Fault::cannot_link)?;
    let elsewhere = json::list(&kept.object, "LinkedTxn").iter().any(|link| link["TxnType"] == "Deposit");
    if elsewhere && !own.contains(&source) {
        return Err(Fault::deposited());
    }
    let account = json::reference(&kept.object, "DepositToAccountRef").unwrap_or_default();
    let kind = books.find("Account", account).and_then(|account| json::text(account, "AccountSubType"));
    if kind == Some("UndepositedFunds") { Ok(source) } else { Err(Fault::cannot_link()) }
}

/// A line that brings all of what waits; the service splits none.
fn waiting(books: &Books, line: &Object, (entity, id): Source) -> Result<Value, Fault> {
    let kept = books.shelf(entity).get(id).ok_or_else(Fault::cannot_link)?;
    let total = decimal(&kept.object, "TotalAmt");
    let sent = line.get("Amount").filter(|value| !value.is_null());
    let amount = sent.map_or(Ok(total), |value| normalise::quantity("Line.Amount", value))?;
    if cents(amount) != total {
        return Err(Fault::business("The amount of a deposit line must be the amount of its transaction."));
    }
    let mut detail = json!({ "AccountRef": kept.object["DepositToAccountRef"].clone() });
    if let Some(customer) = json::reference(&kept.object, "CustomerRef") {
        detail["Entity"] = json!({ "value": customer, "type": "CUSTOMER" });
    }
    Ok(json!({
        "Amount": money(total), "DetailType": "DepositLineDetail", "DepositLineDetail": detail,
        "LinkedTxn": [{ "TxnId": id.to_string(), "TxnType": entity, "TxnLineId": "0" }],
    }))
}

/// A line that comes from an account, such as interest.
fn direct(books: &Books, line: &Object) -> Result<Value, Fault> {
    let sent = line.get("Amount").filter(|value| !value.is_null());
    let amount = normalise::quantity("Line.Amount", sent.ok_or_else(|| Fault::missing("Line.Amount"))?)?;
    let empty = Object::new();
    let detail = line.get("DepositLineDetail").and_then(Value::as_object).unwrap_or(&empty);
    normalise::check_keys(detail, "DepositLineDetail", DETAIL)?;
    let account = json::reference(detail, "AccountRef").ok_or_else(|| Fault::missing("AccountRef"))?;
    references::check(books, "Account", account)?;
    if matches!(ledger::account_type(books, account), Some("Accounts Receivable" | "Accounts Payable")) {
        let detail = "A deposit line cannot come from receivables or payables.";
        return Err(Fault::new("6430", "Invalid account type", detail));
    }
    for (key, target) in [("ClassRef", "Class"), ("PaymentMethodRef", "PaymentMethod")] {
        json::reference(detail, key).map_or(Ok(()), |id| references::check(books, target, id).map(drop))?;
    }
    check_name(books, detail)?;
    let mut kept = detail.clone();
    kept.retain(|_, value| !value.is_null());
    let mut built = json!({
        "Amount": money(amount), "DetailType": "DepositLineDetail", "DepositLineDetail": kept,
    });
    if let Some(value) = line.get("Description").filter(|value| !value.is_null() && *value != "") {
        built["Description"] = json!(normalise::text("Line.Description", value, 4000)?);
    }
    Ok(built)
}

/// What a deposit hands out in cash is less than what it brings.
pub(crate) fn check_cash_back(books: &Books, deposit: &Object) -> Result<Decimal, Fault> {
    let Some(back) = deposit.get("CashBack").and_then(Value::as_object) else { return Ok(Decimal::ZERO) };
    let account = json::reference(back, "AccountRef").ok_or_else(|| Fault::missing("CashBack.AccountRef"))?;
    references::check(books, "Account", account)?;
    let sent = back.get("Amount").ok_or_else(|| Fault::missing("CashBack.Amount"))?;
    Ok(cents(normalise::quantity("CashBack.Amount", sent)?))
}
