//! What is sent: one write a step, and lines that make the total.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::super::step::{Action, Step};
use super::Contradiction;
use super::step::is_new;
use crate::model::{Applied, Currency, Key, Mark, Money, ObjectKind, Part};

/// What a write does to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A new object.
    Create,
    /// A sparse update of one that stands.
    Update,
    /// A payment brought to nothing.
    Void,
}

/// One write as it is about to be written down and sent.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// The record.
    pub key: Key,
    /// Which of its objects.
    pub part: Part,
    /// What happens.
    pub operation: Operation,
    /// To what kind of object.
    pub object: ObjectKind,
    /// What the object comes to by it.
    pub total: Money,
    /// The bytes, without the wrapping of a batch.
    pub body: &'a str,
}

/// Checks what is about to be sent for `steps`: each has exactly one write, and
/// the write does what the step says, to the cent.
pub fn written(steps: &[&Step], writes: &[Write<'_>]) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for step in steps {
        let of_it = writes.iter().filter(|write| (write.key, write.part) == (step.key, step.part));
        let what = match of_it.collect::<Vec<_>>().as_slice() {
            [] => vec!["nothing is written for it".to_owned()],
            [write] => wrong_with(step, write),
            [..] => vec!["it is written twice".to_owned()],
        };
        found.extend(what.into_iter().map(|what| Contradiction { key: step.key, what }));
    }
    for write in writes {
        if steps.iter().all(|step| (step.key, step.part) != (write.key, write.part)) {
            let what = "it is written without a step".to_owned();
            found.push(Contradiction { key: write.key, what });
        }
    }
    found
}

fn wrong_with(step: &Step, write: &Write<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if write.operation != operation_of(step) {
        found.push(format!("{} is written as another operation", step.action.name()));
    }
    if write.object != step.object {
        found.push(format!("a {} is written as a {}", step.object, write.object));
    }
    if write.total != step.total {
        found.push(format!("{} is planned, and {} written", step.total, write.total));
    }
    match serde_json::from_str::<Map<String, Value>>(write.body) {
        Ok(body) => {
            let body = Body { fields: &body, currency: step.currency };
            found.extend(body.head(step).chain([body.amounts(step)]).filter_map(Result::err));
        }
        Err(error) => found.push(format!("its body is no JSON object: {error}")),
    }
    found
}

fn operation_of(step: &Step) -> Operation {
    if step.action == Action::Void {
        Operation::Void
    } else if is_new(step) {
        Operation::Create
    } else {
        Operation::Update
    }
}

/// A body, and the currency that its amounts are in.
struct Body<'a> {
    fields: &'a Map<String, Value>,
    currency: Currency,
}

impl Body<'_> {
    /// An object that stands is named with its version, and a new one bears its
    /// mark from the call that creates it.
    fn head(&self, step: &Step) -> impl Iterator<Item = Result<(), String>> {
        let new = is_new(step);
        let named = ["Id", "SyncToken"].into_iter().all(|field| self.fields.contains_key(field));
        let any = ["Id", "SyncToken", "sparse"].into_iter().any(|field| self.fields.contains_key(field));
        let id = match (new, named, any) {
            (true, _, true) => Err("a new object names one that stands".to_owned()),
            (false, false, _) => Err("it does not name its object and the version of it".to_owned()),
            (true, _, false) | (false, true, _) => Ok(()),
        };
        let note = if step.object == ObjectKind::Customer { "Notes" } else { "PrivateNote" };
        let mark = Mark { key: step.key, part: step.part };
        let found = self.fields.get(note).and_then(Value::as_str).and_then(Mark::find);
        let marked = if !new || found == Some(mark) {
            Ok(())
        } else {
            Err(format!("a new object does not bear its mark {mark}"))
        };
        [id, marked].into_iter()
    }

    fn amounts(&self, step: &Step) -> Result<(), String> {
        if let Some(text) = self.fields.values().find_map(inexact) {
            return Err(format!("{text} is no exact decimal"));
        }
        if step.action == Action::Void {
            return Ok(());
        }
        if step.only_words {
            let says = ["Line", "TotalAmt", "TxnTaxDetail"]
                .into_iter()
                .find(|field| self.fields.contains_key(*field));
            return says.map_or(Ok(()), |field| Err(format!("it is to amend words, and sends {field}")));
        }
        match step.object {
            ObjectKind::Customer => Ok(()),
            ObjectKind::Invoice | ObjectKind::CreditMemo => self.sales(step.total),
            ObjectKind::JournalEntry => self.entry(step.total),
            ObjectKind::Payment => self.payment(step),
        }
    }

    /// Items less discounts plus tax.
    fn sales(&self, total: Money) -> Result<(), String> {
        let mut sum = self.tax()?;
        for line in self.lines()? {
            let amount = || self.amount(line, "Amount");
            match line["DetailType"].as_str() {
                Some("SalesItemLineDetail") => sum += amount()?,
                Some("DiscountLineDetail") => sum -= amount()?,
                other => return Err(format!("a line of kind {other:?} has no amount of its own")),
            }
        }
        equal(sum, total, "its lines")
    }

    /// What is taken from one account is given to another.
    fn entry(&self, total: Money) -> Result<(), String> {
        let (mut debits, mut credits) = (Money::ZERO, Money::ZERO);
        for line in self.lines()? {
            let amount = self.amount(line, "Amount")?;
            match line["JournalEntryLineDetail"]["PostingType"].as_str() {
                Some("Debit") => debits += amount,
                Some("Credit") => credits += amount,
                other => return Err(format!("a line posts {other:?}")),
            }
        }
        equal(debits, total, "its debits").and_then(|()| equal(credits, total, "its credits"))
    }

    /// A line for each thing that it is applied to and no more than its total;
    /// one of nothing lays memos on as much as it settles.
    fn payment(&self, step: &Step) -> Result<(), String> {
        equal(self.amount(&Value::Object(self.fields.clone()), "TotalAmt")?, step.total, "its TotalAmt")?;
        let (mut settles, mut credits) = (Vec::new(), Money::ZERO);
        for line in self.lines()? {
            let amount = self.amount(line, "Amount")?;
            match line["LinkedTxn"][0]["TxnType"].as_str() {
                Some("Invoice" | "JournalEntry") => settles.push(amount),
                Some("CreditMemo") => credits += amount,
                other => return Err(format!("a line is applied to {other:?}")),
            }
        }
        let rows = |rows: &[Applied]| rows.iter().map(|row| row.amount).collect::<Vec<_>>();
        let mut planned = rows(&step.applied);
        planned.extend(step.beside.iter().map(|row| row.amount));
        settles.sort();
        planned.sort();
        if settles != planned {
            return Err(format!("it is applied to {settles:?}, and {planned:?} is planned"));
        }
        let settled: Money = settles.into_iter().sum();
        match step.part {
            Part::Applied(_) => equal(settled, credits, "what it settles"),
            Part::Whole if !credits.is_zero() => Err("it lays a memo on something".to_owned()),
            Part::Whole if settled > step.total => Err(format!("{settled} is applied of {}", step.total)),
            Part::Whole => Ok(()),
        }
    }

    fn lines(&self) -> Result<&Vec<Value>, String> {
        self.fields.get("Line").and_then(Value::as_array).ok_or_else(|| "it has no lines".to_owned())
    }

    fn tax(&self) -> Result<Money, String> {
        match self.fields.get("TxnTaxDetail") {
            None => Ok(Money::ZERO),
            Some(detail) => self.amount(detail, "TotalTax"),
        }
    }

    fn amount(&self, of: &Value, field: &str) -> Result<Money, String> {
        let number = of[field].as_number().ok_or_else(|| format!("{field} is no number"))?;
        let exact = Decimal::from_str_exact(&number.to_string()).ok();
        let money = exact.and_then(|amount| Money::exact(amount, self.currency).ok());
        money.ok_or_else(|| format!("{field} {number} is no amount of {}", self.currency))
    }
}

fn equal(found: Money, planned: Money, what: &str) -> Result<(), String> {
    if found == planned { Ok(()) } else { Err(format!("{what} make {found}, and {planned} is planned")) }
}

/// The first number that a decimal cannot hold just as it is written, as one
/// that came from a float may be.
fn inexact(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            Decimal::from_str_exact(&text).is_err().then_some(text)
        }
        Value::Array(values) => values.iter().find_map(inexact),
        Value::Object(fields) => fields.values().find_map(inexact),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}
