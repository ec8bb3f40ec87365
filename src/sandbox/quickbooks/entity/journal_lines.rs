//! Lines of a journal entry: what they must hold, and that they balance.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, cents, money};
use super::super::{ledger, normalise, references};
use super::Draft;
use super::line_ids::LineIds;

const LINE: &[&str] = &[
    "Id",
    "LineNum",
    "Description",
    "Amount",
    "DetailType",
    "JournalEntryLineDetail",
    "LinkedTxn",
    "ProjectRef",
    "CustomField",
    "CustomExtensions",
];
const DETAIL: &[&str] = &[
    "PostingType",
    "AccountRef",
    "Entity",
    "ClassRef",
    "DepartmentRef",
    "TaxCodeRef",
    "TaxAmount",
    "TaxApplicableOn",
    "BillableStatus",
    "JournalCodeRef",
    "TaxInclusiveAmt",
];
const ENTITY: &[&str] = &["Type", "EntityRef"];

/// Builds the lines of an entry anew.
///
/// # Errors
///
/// Debits that differ from credits are 2300, a line of the customers' or the
/// vendors' account that names none of them is 6000 (the wording is that of the
/// service's screens).
pub(crate) fn build(books: &Books, draft: &Draft<'_>) -> Result<Vec<Value>, Fault> {
    let mut ids = LineIds::of(draft.old, 0);
    let (mut lines, mut balance, mut control) = (Vec::new(), Decimal::ZERO, BTreeSet::new());
    for line in json::list(draft.sent, "Line") {
        let line = line.as_object().ok_or_else(|| Fault::property("Line"))?;
        normalise::check_keys(line, "Line", LINE)?;
        let kind = json::text(line, "DetailType").ok_or_else(|| Fault::missing("Line.DetailType"))?;
        match kind {
            "JournalEntryLineDetail" => {}
            "DescriptionOnly" => continue,
            other => return Err(Fault::bad_value("2170", "Invalid Enumeration", "DetailType", other)),
        }
        let detail = build_detail(books, line)?;
        let account = json::reference(&detail, "AccountRef").unwrap_or_default();
        if is_control(books, account) {
            control.insert(account.to_owned());
        }
        let amount = amount(line)?;
        let credit = json::text(&detail, "PostingType") == Some("Credit");
        balance += if credit { -amount } else { amount };
        let mut built = json!({
            "Id": ids.take(line), "Amount": money(amount), "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": detail, "CustomExtensions": [],
        });
        if let Some(value) = line.get("Description").filter(|value| !value.is_null() && *value != "") {
            built["Description"] = json!(normalise::text("Line.Description", value, 4000)?);
        }
        lines.push(built);
    }
    if lines.is_empty() {
        return Err(Fault::missing("Line"));
    }
    if control.len() > 1 {
        let text = "You can use only one Accounts Receivable or Accounts Payable account in a journal entry.";
        return Err(Fault::business(text));
    }
    if !balance.is_zero() {
        let detail = format!("The debits and the credits of the journal entry differ by {}.", balance.abs());
        return Err(Fault::new("2300", "Journal entry is not balanced", detail).at("Line"));
    }
    Ok(lines)
}

fn amount(line: &Object) -> Result<Decimal, Fault> {
    let sent = line.get("Amount").filter(|value| !value.is_null());
    let amount = normalise::quantity("Line.Amount", sent.ok_or_else(|| Fault::missing("Line.Amount"))?)?;
    if amount < Decimal::ZERO {
        return Err(Fault::bad_value(
            "2290",
            "Negative amounts are not supported",
            "Amount",
            &amount.to_string(),
        ));
    }
    Ok(cents(amount))
}

fn build_detail(books: &Books, line: &Object) -> Result<Object, Fault> {
    let empty = Object::new();
    let detail = line.get("JournalEntryLineDetail").and_then(Value::as_object).unwrap_or(&empty);
    normalise::check_keys(detail, "JournalEntryLineDetail", DETAIL)?;
    let posting = json::text(detail, "PostingType").ok_or_else(|| {
        Fault::new("2260", "Posting type is missing", "Each line needs the PostingType Debit or Credit.")
            .at("PostingType")
    })?;
    if !matches!(posting, "Debit" | "Credit") {
        return Err(Fault::bad_value("2170", "Invalid Enumeration", "PostingType", posting));
    }
    let account = json::reference(detail, "AccountRef").ok_or_else(|| Fault::missing("AccountRef"))?;
    references::check(books, "Account", account)?;
    let mut kept = Object::new();
    kept.insert("PostingType".into(), json!(posting));
    kept.insert("AccountRef".into(), json!({ "value": account }));
    let entity = detail.get("Entity").filter(|entity| !entity.is_null()).map(|sent| name(books, sent));
    let entity = entity.transpose()?;
    check_named(books, account, entity.as_ref())?;
    kept.extend(entity.map(|entity| ("Entity".to_owned(), entity)));
    for (key, target) in [("ClassRef", "Class"), ("DepartmentRef", "Department"), ("TaxCodeRef", "TaxCode")] {
        if let Some(id) = json::reference(detail, key) {
            references::check(books, target, id)?;
            kept.insert(key.into(), json!({ "value": id }));
        }
    }
    Ok(kept)
}

/// Whom a line is about: a customer, a vendor or an employee.
fn name(books: &Books, sent: &Value) -> Result<Value, Fault> {
    let sent = sent.as_object().ok_or_else(|| Fault::property("Entity"))?;
    normalise::check_keys(sent, "EntityTypeRef", ENTITY)?;
    let id = json::reference(sent, "EntityRef").ok_or_else(|| Fault::missing("EntityRef"))?;
    let kind = json::text(sent, "Type").ok_or_else(|| Fault::missing("Entity.Type"))?;
    if !matches!(kind, "Customer" | "Vendor" | "Employee") {
        return Err(Fault::bad_value("2170", "Invalid Enumeration", "Entity.Type", kind));
    }
    references::check(books, kind, id)?;
    Ok(json!({ "Type": kind, "EntityRef": { "value": id } }))
}

/// The accounts that stand for all customers and all vendors need to know whom.
fn check_named(books: &Books, account: &str, entity: Option<&Value>) -> Result<(), Fault> {
    let kind = entity.and_then(|entity| entity["Type"].as_str());
    match ledger::account_type(books, account) {
        Some("Accounts Receivable") if kind != Some("Customer") => Err(Fault::business(
            "When you use Accounts Receivable, you must choose a customer in the Name field.",
        )),
        Some("Accounts Payable") if kind != Some("Vendor") => {
            Err(Fault::business("When you use Accounts Payable, you must choose a vendor in the Name field."))
        }
        _ => Ok(()),
    }
}

fn is_control(books: &Books, account: &str) -> bool {
    matches!(ledger::account_type(books, account), Some("Accounts Receivable" | "Accounts Payable"))
}
