//! What the books must say, worked out from the account and the operator's
//! decisions alone. It knows nothing of latchd's state.
//!
//! Each document that must stand is a line of text, and so is each that does
//! stand; both lists must be the same. Two things are settled by who came
//! first, so that only their sum is compared: how several credit notes share
//! what is left of their invoice, and how funds share an invoice on which
//! somebody else's payment lies or which a refund's journal entry reopened.

mod expected;
mod found;
mod ledger;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use super::player::{Line, Played, zone};
pub(super) use ledger::foreign_customers;

/// Whether the books say exactly what they must: an object for each document
/// in scope, once, with its customer, number, date, amount, open amount and
/// applications, and nothing else; and whether both sides add up.
pub(super) fn agree(played: &Played) -> Result<(), String> {
    let sides = Sides::of(played)?;
    let (expected, found) = (expected::rows(&sides), found::rows(&sides)?);
    if expected != found {
        let (missing, wrong) = (without(&expected, &found), without(&found, &expected));
        return Err(format!("missing in the books: {missing:#?}\nwrong in the books: {wrong:#?}"));
    }
    ledger::agree(&sides)
}

/// Both sides, and what leads from one to the other.
struct Sides<'a> {
    played: &'a Played,
    /// The QuickBooks customer of each link.
    customers: BTreeMap<i64, String>,
    /// What others' payments took of our invoices.
    foreign: BTreeMap<i64, Decimal>,
    /// Invoices of which only the sum is told.
    loose: BTreeSet<i64>,
}

impl<'a> Sides<'a> {
    fn of(played: &'a Played) -> Result<Self, String> {
        let customers = customers(played)?;
        let foreign = ledger::foreign(played);
        let mut sides = Self { played, customers, foreign, loose: BTreeSet::new() };
        sides.loose = sides.foreign.keys().copied().collect();
        if played.variant.entries {
            let refunds = played.company.sandbox.staxbill.refunds().into_iter();
            let standing = refunds.filter(|one| sides.refund_stands(one.payment));
            let reopened = standing.flat_map(|one| one.allocations).map(|row| row.invoice);
            let reopened: BTreeSet<i64> = reopened.filter(|id| sides.invoice_stands(*id)).collect();
            sides.loose.extend(reopened);
        }
        Ok(sides)
    }

    /// Whether a document of that day counts.
    fn counts(&self, customer: i64, at: Timestamp) -> bool {
        counts(self.played, customer, at)
    }

    fn invoice_stands(&self, id: i64) -> bool {
        let invoice = self.played.company.sandbox.staxbill.invoice(id).expect("rows lead to invoices");
        self.counts(invoice.customer, invoice.effective) && !invoice.amount().is_zero()
    }

    /// Whether a refund of a payment counts: it is never older.
    fn refund_stands(&self, payment: i64) -> bool {
        let payment =
            self.played.company.sandbox.staxbill.payment(payment).expect("a refund has its payment");
        self.counts(payment.customer, payment.effective)
    }
}

/// Whether a customer's document of that day counts.
pub(super) fn counts(played: &Played, customer: i64, at: Timestamp) -> bool {
    match played.lines.get(&customer) {
        Some(Line::Link { start, .. }) => start.is_none_or(|start| day_of(at) >= start),
        Some(Line::Skip) | None => false,
    }
}

/// The records whose documents stand in the books.
pub(super) fn marks(played: &Played) -> BTreeSet<String> {
    let quickbooks = &played.company.sandbox.quickbooks;
    let all = ["Invoice", "CreditMemo", "Payment"].into_iter().flat_map(|kind| quickbooks.objects(kind));
    all.filter_map(|object| marked(&object)).map(|(mark, _)| mark).collect()
}

/// What is in `all` more often than in `others`.
fn without<'a>(all: &'a [String], others: &[String]) -> Vec<&'a String> {
    let mut others: Vec<&String> = others.iter().collect();
    let mut left = all.iter().collect::<Vec<_>>();
    left.retain(|one| {
        others.iter().position(|other| other == one).map(|at| others.swap_remove(at)).is_none()
    });
    left
}

/// The QuickBooks customer of each link: exactly one bears the mark.
fn customers(played: &Played) -> Result<BTreeMap<i64, String>, String> {
    let objects = played.company.sandbox.quickbooks.objects("Customer");
    let mut found = BTreeMap::new();
    for customer in played.company.sandbox.staxbill.customers() {
        let mark = format!("[latchd customer/{}]", customer.id);
        let marked = objects.iter().filter(|one| text(one, "Notes").contains(&mark));
        let marked: Vec<String> = marked.map(|one| text(one, "Id")).collect();
        match (played.lines.get(&customer.id), marked.as_slice()) {
            (Some(Line::Link { adopt, .. }), [one]) if adopt.as_ref().is_none_or(|twin| twin == one) => {
                found.insert(customer.id, one.clone());
            }
            (None | Some(Line::Skip), []) => {}
            (line, marked) => {
                return Err(format!("{line:?} of customer {}: {marked:?} bear its mark", customer.id));
            }
        }
    }
    Ok(found)
}

/// The words of a mark, such as `credit/553 invoice/511684`, and what follows
/// it; none where there is no mark.
fn marked(object: &Value) -> Option<(String, String)> {
    let note = text(object, "PrivateNote");
    let (_, rest) = note.split_once("[latchd ")?;
    let (mark, rest) = rest.split_once(']')?;
    Some((mark.to_owned(), rest.trim().to_owned()))
}

pub(super) fn day_of(at: Timestamp) -> Date {
    at.to_zoned(zone()).date()
}

fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_default().to_owned()
}

/// Numbers keep their text, so nothing is lost on the way.
fn amount(object: &Value, key: &str) -> Decimal {
    let written = object[key].to_string();
    let amount = written.parse::<Decimal>().unwrap_or_else(|_| panic!("{key} of {object}"));
    amount.normalize()
}
