//! What does stand, from QuickBooks' books.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::{Sides, amount, marked, text};

/// A line of text for each document in the books that is not somebody else's,
/// in order.
pub(super) fn rows(sides: &Sides<'_>) -> Result<Vec<String>, String> {
    let mut found = Found {
        sides,
        rows: Vec::new(),
        marks: BTreeMap::new(),
        noted: BTreeMap::new(),
        sums: BTreeMap::new(),
    };
    for kind in ["Invoice", "CreditMemo", "JournalEntry"] {
        for object in sides.played.company.sandbox.quickbooks.objects(kind) {
            let (mark, rest) =
                marked(&object).ok_or_else(|| format!("a document without a mark: {object}"))?;
            found.marks.insert((kind.to_owned(), text(&object, "Id")), mark.clone());
            let row = match kind {
                "Invoice" => found.invoice(&mark, &rest, &object),
                "CreditMemo" => document(&mark, &object, "DocNumber"),
                _ => entry(&mark, &object),
            };
            found.rows.push(row);
        }
    }
    for payment in sides.played.company.sandbox.quickbooks.objects("Payment") {
        found.payment(&payment)?;
    }
    Ok(found.all())
}

struct Found<'a> {
    sides: &'a Sides<'a>,
    rows: Vec<String>,
    /// The marks of what payments may name, by kind and id.
    marks: BTreeMap<(String, String), String>,
    noted: BTreeMap<String, Decimal>,
    sums: BTreeMap<String, Decimal>,
}

impl Found<'_> {
    fn all(mut self) -> Vec<String> {
        let noted = self.noted.iter();
        self.rows.extend(
            noted.map(|(invoice, taken)| format!("credit notes take {} of {invoice}", taken.normalize())),
        );
        let sums = self.sums.iter();
        self.rows.extend(sums.map(|(of, sum)| format!("in sum {} of invoices of {of}", sum.normalize())));
        self.rows.sort();
        self.rows
    }

    fn is_loose(&self, mark: &str) -> bool {
        let id = mark.strip_prefix("invoice/").and_then(|id| id.parse().ok());
        // What is no invoice is an entry.
        id.is_none_or(|id: i64| self.sides.loose.contains(&id))
    }

    fn invoice(&self, mark: &str, rest: &str, object: &Value) -> String {
        let open =
            if self.is_loose(mark) { String::new() } else { format!(" open {}", amount(object, "Balance")) };
        let words = Some((rest.strip_prefix("PO ").unwrap_or(rest), text(&object["CustomerMemo"], "value")));
        let (po_number, notes) = words.filter(|_| !self.sides.played.put_back).unwrap_or_default();
        format!("{}{open} {po_number:?} {notes:?}", document(mark, object, "DocNumber"))
    }

    /// A payment of money, or of nothing: then it applies a memo.
    fn payment(&mut self, object: &Value) -> Result<(), String> {
        let Some((mark, _)) = marked(object) else { return Ok(()) };
        let lines = self.lines(object)?;
        let Some((memo, target)) = mark.split_once(' ') else {
            let mut applied = Vec::new();
            for (to, part) in lines {
                if self.is_loose(&to) {
                    self.add_up(object, part);
                } else {
                    applied.push(format!("{to} {part}"));
                }
            }
            applied.sort();
            self.rows.push(format!("{} {applied:?}", document(&mark, object, "PaymentRefNum")));
            return Ok(());
        };
        // One whose allocation is gone was voided.
        if lines.is_empty() && text(object, "PrivateNote").starts_with("Voided") {
            return Ok(());
        }
        let part = match lines.as_slice() {
            [(one, part), (other, same)] | [(other, same), (one, part)]
                if one == memo && other == target && part == same =>
            {
                *part
            }
            _ => return Err(format!("it does not apply {memo} to {target}: {object}")),
        };
        if self.is_loose(target) {
            self.add_up(object, part);
        } else if memo.starts_with("charge-reversal/") {
            *self.noted.entry(target.to_owned()).or_default() += part;
        } else {
            let head = head(&mark, object, "PaymentRefNum");
            self.rows.push(format!("{head} applies {part}"));
        }
        Ok(())
    }

    fn add_up(&mut self, object: &Value, part: Decimal) {
        *self.sums.entry(text(&object["CustomerRef"], "value")).or_default() += part;
    }

    /// What a payment's lines name, by mark.
    fn lines(&self, object: &Value) -> Result<Vec<(String, Decimal)>, String> {
        let lines = object["Line"].as_array().into_iter().flatten();
        let named = lines.map(|line| {
            let linked = &line["LinkedTxn"][0];
            let mark = self.marks.get(&(text(linked, "TxnType"), text(linked, "TxnId")));
            let mark = mark.ok_or_else(|| format!("applied to what is not there: {object}"))?;
            Ok((mark.clone(), amount(line, "Amount")))
        });
        named.collect()
    }
}

fn head(mark: &str, object: &Value, number: &str) -> String {
    let of = text(&object["CustomerRef"], "value");
    format!("{mark} {} of {of} on {}", text(object, number), text(object, "TxnDate"))
}

fn document(mark: &str, object: &Value, number: &str) -> String {
    format!("{} {}", head(mark, object, number), amount(object, "TotalAmt"))
}

/// What a journal entry lays upon its customer.
fn entry(mark: &str, object: &Value) -> String {
    let lines = object["Line"].as_array().into_iter().flatten();
    let named = lines.filter(|line| line["JournalEntryLineDetail"]["Entity"].is_object());
    let owed = named.map(|line| {
        let detail = &line["JournalEntryLineDetail"];
        let sign = if detail["PostingType"] == "Debit" { Decimal::ONE } else { -Decimal::ONE };
        (text(&detail["Entity"]["EntityRef"], "value"), sign * amount(line, "Amount"))
    });
    let owed: BTreeMap<String, Decimal> = owed.collect();
    let rows: Vec<String> =
        owed.iter().map(|(of, owed)| format!("of {of} on {} {owed}", text(object, "TxnDate"))).collect();
    format!("{mark} {} {}", text(object, "DocNumber"), rows.join(" and "))
}
