//! Lines of a payment: which documents they name, and how much of each.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, cents};
use super::super::links::{self, Kind, Target};
use super::super::normalise;
use super::{Draft, currency, tax_rows};

const LINE: &[&str] =
    &["Id", "LineNum", "Amount", "LinkedTxn", "Description", "DetailType", "CustomExtensions"];
const LINKED: &[&str] = &["TxnId", "TxnType", "TxnLineId"];

/// Builds the lines anew, in the order they came, and holds what they apply
/// against what is open. What this payment applied so far is free again.
pub(crate) fn build(books: &Books, draft: &Draft<'_>, payer: &str) -> Result<Vec<Value>, Fault> {
    let mut own = draft.old.map(links::applied).unwrap_or_default();
    // What a journal entry holds open it holds open for one customer.
    if draft.old.is_some_and(|old| json::reference(old, "CustomerRef") != Some(payer)) {
        own.retain(|target, _| target.kind != Kind::JournalEntry);
    }
    let places = currency::places(draft.reference("CurrencyRef").unwrap_or_default());
    let mut taken: BTreeMap<Target, Decimal> = BTreeMap::new();
    let mut lines = Vec::new();
    for line in json::list(&draft.object, "Line") {
        let line = line.as_object().ok_or_else(|| Fault::property("Line"))?;
        let Some((target, amount)) = link(line, draft.sends("Line"))? else { continue };
        let amount = tax_rows::round(amount, places);
        let document = links::document(books, target).ok_or_else(Fault::cannot_link)?;
        if target.kind != Kind::JournalEntry && !owes_through(books, document, payer) {
            return Err(Fault::cannot_link());
        }
        if !same_currency(books, document, &draft.object) {
            return Err(Fault::business("The transactions must be in the currency of the payment."));
        }
        let open = links::open(books, target, payer).unwrap_or_default().abs();
        let open = open + own.get(&target).copied().unwrap_or_default();
        if open.is_zero() {
            return Err(Fault::cannot_link());
        }
        let before = taken.entry(target).or_default();
        if *before + amount > open {
            let text = "The amount you are trying to apply is more than the open balance of the transaction.";
            return Err(Fault::business(text));
        }
        lines.push(links::line(target, document, amount, open - *before));
        *before += amount;
    }
    Ok(lines)
}

/// Reads one line: which document, and how much of it. Lines of nothing are
/// dropped.
fn link(line: &Object, sent: bool) -> Result<Option<(Target, Decimal)>, Fault> {
    if sent && line.contains_key("LineEx") {
        return Err(Fault::line_ex());
    }
    if sent {
        normalise::check_keys(line, "Line", LINE)?;
    }
    let amount = line.get("Amount").ok_or_else(|| Fault::missing("Line.Amount"))?;
    let amount = cents(normalise::quantity("Line.Amount", amount)?);
    if amount < Decimal::ZERO {
        return Err(Fault::business("The amount applied must be zero or more."));
    }
    let linked = normalise::linked(line)?.ok_or_else(|| Fault::missing("Line.LinkedTxn"))?;
    normalise::check_keys(linked, "LinkedTxn", LINKED)?;
    let id =
        linked.get("TxnId").and_then(json::scalar).ok_or_else(|| Fault::missing("Line.LinkedTxn.TxnId"))?;
    let kind = json::text(linked, "TxnType").and_then(Kind::named).ok_or_else(Fault::cannot_link)?;
    let id = id.parse().map_err(|_| Fault::invalid_id(&id))?;
    Ok((!amount.is_zero()).then_some((Target { kind, id }, amount)))
}

/// What is written without a currency is in the company's own.
fn same_currency(books: &Books, one: &Object, other: &Object) -> bool {
    let currency =
        |object| json::reference(object, "CurrencyRef").unwrap_or(books.home_currency()).to_owned();
    currency(one) == currency(other)
}

/// A customer pays its own documents and those of the jobs below it.
fn owes_through(books: &Books, document: &Object, customer: &str) -> bool {
    let mut debtor = json::reference(document, "CustomerRef");
    while let Some(id) = debtor {
        if id == customer {
            return true;
        }
        debtor = books.find("Customer", id).and_then(|object| json::reference(object, "ParentRef"));
    }
    false
}
