//! What was found: the plan, the books and the report, as rows.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::compare::{Difference, Wrong};
use super::section::{Row, SECTIONS, Section, WHOLE};
use crate::model::Key;
use crate::plan::Plan;
use crate::report::Status;
use crate::sandbox::Sandbox;
use crate::sandbox::quickbooks::Company;
use crate::sandbox::scenario::Played;
use crate::sandbox::trouble::Rule;

/// Kinds of documents, in the order in which they are told.
const DOCUMENTS: [&str; 4] = ["Invoice", "CreditMemo", "Payment", "JournalEntry"];

/// Everything that could have been expected.
#[derive(Debug)]
pub struct Found {
    pub(super) whole: Row,
    pub(super) sections: Vec<(&'static Section, Vec<Row>)>,
    played: Vec<Played>,
    /// Troubles that struck no call.
    idle: Vec<Rule>,
}

impl Found {
    pub(super) fn of(plan: Option<&Plan>, sandbox: &Sandbox, status: Option<&Status>) -> Self {
        let plan = plan.and_then(|plan| serde_json::to_value(plan).ok()).unwrap_or_default();
        let report = status.and_then(|status| serde_json::to_value(status).ok()).unwrap_or_default();
        let values = |name: &str| match name {
            "plan" => each(&plan["steps"], |step| step["to"] = step["applied_to"].take()),
            "total" => each(&plan["totals"], |_| {}),
            "held" => each(&plan["held"], |_| {}),
            "customer" => customers(&sandbox.quickbooks),
            "posting" => postings(&sandbox.quickbooks),
            "warning" => each(&report["warnings"], |warning| {
                warning["blocks"] = warning["blocks"]["records"].take();
                warning["dismissed"] = json!(!warning["dismissed"].is_null());
            }),
            "notice" => each(&report["notices"], |_| {}),
            _ => each(&report["entities"], |_| {}),
        };
        let rows = |section: &'static Section| {
            (section, values(section.name).iter().map(|value| section.row(value)).collect())
        };
        let whole = json!({
            "outcome": report["last_pass"]["outcome"], "balanced": report["tie_out"]["balanced"],
        });
        Self {
            whole: WHOLE.row(&whole),
            sections: SECTIONS.iter().map(rows).collect(),
            played: sandbox.stage.steps(),
            idle: sandbox
                .trouble
                .rules()
                .into_iter()
                .filter(|rule| rule.hit == 0)
                .map(|one| one.rule)
                .collect(),
        }
    }

    pub(super) fn rows(&self, name: &str) -> Option<&Vec<Row>> {
        self.sections.iter().find(|(section, _)| section.name == name).map(|(_, rows)| rows)
    }

    /// Steps that came to nothing: a scenario that rests on one proves nothing.
    pub(super) fn steps(&self) -> Vec<Difference> {
        let failed = self.played.iter().filter_map(|step| {
            let why = match &step.failed {
                Some(why) => why.clone(),
                None if step.times == 0 => format!("it was never played: it waits for {}", step.when),
                None => return None,
            };
            let row = format!("line {}: {}", step.line, step.title);
            Some(Difference { section: "step", row, wrong: Wrong::Failed(why) })
        });
        let idle = self.idle.iter().map(|rule| Difference {
            section: "step",
            row: format!("trouble on {}", if rule.path.is_empty() { "any call" } else { &rule.path }),
            wrong: Wrong::Failed("it struck no call: mend its path, its hour, or what it counts".to_owned()),
        });
        failed.chain(idle).collect()
    }
}

fn each(list: &Value, change: impl Fn(&mut Value)) -> Vec<Value> {
    let mut rows = list.as_array().cloned().unwrap_or_default();
    rows.iter_mut().for_each(change);
    rows
}

/// Customers in the books that bear a mark.
fn customers(company: &Company) -> Vec<Value> {
    let objects = company.objects("Customer").into_iter();
    let rows = objects.filter_map(|object| {
        let (key, _) = mark(&object)?;
        let row = json!({
            "key": key, "id": object["Id"], "name": object["DisplayName"], "active": object["Active"],
            "email": object["PrimaryEmailAddr"]["Address"], "balance": object["Balance"],
        });
        Some((place(&key), row))
    });
    sorted(rows.collect())
}

/// Documents in the books that bear a mark, as their screens show them.
fn postings(company: &Company) -> Vec<Value> {
    let objects: Vec<(&str, Value)> = DOCUMENTS
        .iter()
        .flat_map(|kind| company.objects(kind).into_iter().map(|object| (*kind, object)))
        .collect();
    let keys: BTreeMap<(&str, &str), String> = objects
        .iter()
        .filter_map(|(kind, object)| Some(((*kind, object["Id"].as_str()?), mark(object)?.0)))
        .collect();
    let codes = company.objects("TaxCode");
    let accounts = company.objects("Account");
    let named =
        |id: &Value| accounts.iter().find(|account| account["Id"] == *id).map(|account| &account["Name"]);
    let rows = objects.iter().filter_map(|(kind, object)| {
        let (key, to) = mark(object)?;
        let lines = object["Line"].as_array().map(Vec::as_slice).unwrap_or_default();
        let number = ["DocNumber", "PaymentRefNum"].iter().find_map(|name| object[*name].as_str());
        let balance =
            ["Balance", "RemainingCredit"].iter().map(|name| &object[*name]).find(|value| !value.is_null());
        let note = object["PrivateNote"].as_str().unwrap_or_default();
        let row = json!({
            "key": key, "kind": kind, "to": to, "number": number, "customer": object["CustomerRef"]["name"],
            "date": object["TxnDate"], "due": object["DueDate"], "currency": object["CurrencyRef"]["value"],
            "total": object["TotalAmt"], "tax": object["TxnTaxDetail"]["TotalTax"], "balance": balance,
            "unapplied": object["UnappliedAmt"], "account": named(&object["DepositToAccountRef"]["value"]),
            "void": note.starts_with("Voided"),
            "lines": lines.iter().filter_map(|row| line(row, &codes)).collect::<Vec<_>>(),
            "applied": lines.iter().flat_map(|line| applied(line, &keys)).collect::<Vec<_>>(),
        });
        Some((place(&key), row))
    });
    sorted(rows.collect())
}

/// A line that sells something, takes something off, or books it.
///
/// A tax code is told by its name; the two words of the United States are no
/// codes of the books.
fn line(line: &Value, codes: &[Value]) -> Option<Value> {
    let named = |id: &Value| {
        codes.iter().find(|code| code["Id"] == *id).map_or_else(|| id.clone(), |code| code["Name"].clone())
    };
    let detail = |name: &str| Some(&line[name]).filter(|detail| !detail.is_null());
    let (item, account, code, side) = if let Some(sold) = detail("SalesItemLineDetail") {
        (&sold["ItemRef"]["name"], &Value::Null, &sold["TaxCodeRef"]["value"], &Value::Null)
    } else if let Some(taken) = detail("DiscountLineDetail") {
        (&Value::Null, &taken["DiscountAccountRef"]["name"], &taken["TaxCodeRef"]["value"], &Value::Null)
    } else if let Some(booked) = detail("JournalEntryLineDetail") {
        (&Value::Null, &booked["AccountRef"]["name"], &Value::Null, &booked["PostingType"])
    } else {
        return None;
    };
    Some(json!({
        "item": item, "account": account, "tax": named(code), "side": side, "amount": line["Amount"],
        "description": line["Description"],
    }))
}

/// What a line of a payment is put on: the records' keys, or what QuickBooks
/// calls it where it is nobody's.
fn applied(line: &Value, keys: &BTreeMap<(&str, &str), String>) -> Vec<Value> {
    let linked = line["LinkedTxn"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows = linked.iter().filter_map(|linked| {
        let (kind, id) = (linked["TxnType"].as_str()?, linked["TxnId"].as_str()?);
        let to = keys.get(&(kind, id)).cloned().unwrap_or_else(|| format!("{kind} {id}"));
        Some(json!({ "to": to, "amount": line["Amount"] }))
    });
    rows.collect()
}

/// `[latchd credit/553 invoice/511684]`: the record, and what a part of it is
/// applied to.
fn mark(object: &Value) -> Option<(String, Option<String>)> {
    let note = ["PrivateNote", "Notes"].iter().find_map(|name| object[*name].as_str())?;
    let (mark, _) = note.split_once("[latchd ")?.1.split_once(']')?;
    let mut words = mark.split(' ').map(str::to_owned);
    Some((words.next()?, words.next()))
}

/// Where a record stands among others: in entity order.
fn place(key: &str) -> Option<Key> {
    key.parse().ok()
}

/// Rows in the order of their records, those of one record as they stood.
fn sorted(mut rows: Vec<(Option<Key>, Value)>) -> Vec<Value> {
    rows.sort_by_key(|row| row.0);
    rows.into_iter().map(|(_, row)| row).collect()
}
