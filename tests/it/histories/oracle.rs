//! What the books must say, worked out from the account and the operator's
//! decisions alone. It knows nothing of latchd's state.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use super::player::{Line, Played, zone};

/// Whether the books say exactly what they must: an object for each document
/// in scope, once, with its customer, number, date, amount, open amount and
/// applications, and nothing else.
pub(super) fn agree(played: &Played) -> Result<(), String> {
    let customers = customers(played)?;
    let (expected, found) = (expected(played, &customers), found(played)?);
    if expected != found {
        let (missing, wrong) = (without(&expected, &found), without(&found, &expected));
        return Err(format!("missing in the books: {missing:#?}\nwrong in the books: {wrong:#?}"));
    }
    open_amounts(played, &customers)
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

/// A line of text for each document that should stand.
fn expected(played: &Played, customers: &BTreeMap<i64, String>) -> Vec<String> {
    let account = &played.company.sandbox.staxbill;
    let mut rows = Vec::new();
    let mut paid = BTreeMap::<i64, Decimal>::new();
    let invoices = account.invoices();
    let in_scope = |id: i64| {
        let invoice = invoices.iter().find(|one| one.id == id).expect("an allocation leads to an invoice");
        counts(played, invoice.customer, invoice.effective) && !invoice.amount().is_zero()
    };
    for payment in account.payments() {
        if !counts(played, payment.customer, payment.effective) {
            continue;
        }
        let (mut open, mut applied) = (payment.amount, Vec::new());
        for row in payment.allocations.iter().filter(|row| in_scope(row.invoice)) {
            open -= row.amount;
            *paid.entry(row.invoice).or_default() += row.amount;
            applied.push(format!("invoice/{} {}", row.invoice, row.amount.normalize()));
        }
        applied.sort();
        rows.push(format!(
            "[latchd payment/{id}] {id} of {} on {} {} open {} {applied:?}",
            customers[&payment.customer],
            day_of(payment.effective),
            payment.amount.normalize(),
            open.normalize(),
            id = payment.id,
        ));
    }
    for invoice in &invoices {
        if in_scope(invoice.id) {
            let open = invoice.amount() - paid.get(&invoice.id).copied().unwrap_or_default();
            rows.push(format!(
                "[latchd invoice/{}] {} of {} on {} {} open {}",
                invoice.id,
                invoice.number,
                customers[&invoice.customer],
                day_of(invoice.effective),
                invoice.amount().normalize(),
                open.normalize(),
            ));
        }
    }
    rows.sort();
    rows
}

/// A line of text for each document in the books.
fn found(played: &Played) -> Result<Vec<String>, String> {
    let quickbooks = &played.company.sandbox.quickbooks;
    let mut rows = Vec::new();
    let mut marks = BTreeMap::new();
    for invoice in quickbooks.objects("Invoice") {
        let mark = mark(&invoice)?;
        rows.push(format!("{mark} {}", document(&invoice, "DocNumber", "Balance")));
        marks.insert(text(&invoice, "Id"), mark);
    }
    for payment in quickbooks.objects("Payment") {
        let mut applied = Vec::new();
        for line in payment["Line"].as_array().into_iter().flatten() {
            let id = text(&line["LinkedTxn"][0], "TxnId");
            let invoice = marks.get(&id).ok_or_else(|| format!("applied to what is not there: {payment}"))?;
            let invoice = invoice.trim_start_matches("[latchd ").trim_end_matches(']');
            applied.push(format!("{invoice} {}", amount(line, "Amount")));
        }
        applied.sort();
        let document = document(&payment, "PaymentRefNum", "UnappliedAmt");
        rows.push(format!("{} {document} {applied:?}", mark(&payment)?));
    }
    rows.sort();
    Ok(rows)
}

/// For customers that count from the beginning, what the account itself says
/// is open must be what the books say.
fn open_amounts(played: &Played, customers: &BTreeMap<i64, String>) -> Result<(), String> {
    let quickbooks = &played.company.sandbox.quickbooks;
    for (customer, id) in customers {
        if !counts(played, *customer, Timestamp::MIN) {
            continue;
        }
        let sum = |entity: &str, key: &str| {
            let objects = quickbooks.objects(entity).into_iter();
            let own = objects.filter(|one| text(&one["CustomerRef"], "value") == *id);
            own.map(|one| amount(&one, key)).sum::<Decimal>()
        };
        let books = sum("Invoice", "Balance") - sum("Payment", "UnappliedAmt");
        let (outstanding, unallocated) = played.company.sandbox.staxbill.ledger(*customer);
        if books != outstanding - unallocated {
            return Err(format!("customer {customer}: open {books}, not {}", outstanding - unallocated));
        }
    }
    Ok(())
}

/// Whether a document of that day counts.
fn counts(played: &Played, customer: i64, at: Timestamp) -> bool {
    match played.lines.get(&customer) {
        Some(Line::Link { start, .. }) => start.is_none_or(|start| day_of(at) >= start),
        Some(Line::Skip) | None => false,
    }
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(zone()).date()
}

fn document(object: &Value, number: &str, open: &str) -> String {
    format!(
        "{} of {} on {} {} open {}",
        text(object, number),
        text(&object["CustomerRef"], "value"),
        text(object, "TxnDate"),
        amount(object, "TotalAmt"),
        amount(object, open),
    )
}

fn mark(object: &Value) -> Result<String, String> {
    let note = text(object, "PrivateNote");
    let mark = note.split_inclusive(']').next().filter(|mark| mark.starts_with("[latchd "));
    mark.map(ToOwned::to_owned).ok_or_else(|| format!("a document without a mark: {object}"))
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
