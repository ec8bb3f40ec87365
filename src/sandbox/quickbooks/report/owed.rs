//! What customers owe: in all, and by how long it is overdue. Both show this
//! day; a day in the past is not kept.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::json::{Object, decimal, reference, text};
use super::{Span, Table, cell, linked, money};

/// Columns of the aging after the customer, the last being their sum.
const AGES: [&str; 6] = ["Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total"];

pub(super) fn customer_balance(books: &Books, span: &Span) -> Table {
    let columns = json!([
        { "ColTitle": "", "ColType": "Customer" },
        { "ColTitle": "Total", "ColType": "Money" },
    ]);
    let mut total = Decimal::ZERO;
    let mut rows = Vec::new();
    for (id, customer) in customers(books, span) {
        let balance = decimal(customer, "Balance");
        if !balance.is_zero() {
            total += balance;
            rows.push(json!({ "ColData": [named(id, customer), cell(money(balance))] }));
        }
    }
    let empty = rows.is_empty();
    rows.push(grand(&[cell("TOTAL"), cell(money(total))]));
    Table { columns, rows, empty, standard: false }
}

/// Invoices by the days since they were due. Credits and payments that are
/// open count as current, and what was owed before the first document as the
/// oldest: that is ours.
pub(super) fn aged_receivables(books: &Books, span: &Span) -> Table {
    let mut columns = vec![json!({ "ColTitle": "", "ColType": "Customer" })];
    columns.extend(AGES.iter().map(|age| json!({ "ColTitle": age, "ColType": "Money" })));
    let ages = ages(books);
    let mut totals = [Decimal::ZERO; AGES.len()];
    let mut rows = Vec::new();
    for (id, customer) in customers(books, span) {
        let mut row = ages.get(&id).copied().unwrap_or_default();
        let told: Decimal = row.iter().sum();
        row[4] += decimal(customer, "Balance") - told;
        row[5] = decimal(customer, "Balance");
        if row.iter().all(Decimal::is_zero) {
            continue;
        }
        for (total, amount) in totals.iter_mut().zip(row) {
            *total += amount;
        }
        let mut cells = vec![named(id, customer)];
        let shown = |amount: &Decimal| cell(if amount.is_zero() { String::new() } else { money(*amount) });
        cells.extend(row.iter().map(shown));
        rows.push(json!({ "ColData": cells }));
    }
    let empty = rows.is_empty();
    let mut cells = vec![cell("TOTAL")];
    cells.extend(totals.iter().map(|total| cell(money(*total))));
    rows.push(grand(&cells));
    Table { columns: json!(columns), rows, empty, standard: false }
}

fn customers<'a>(books: &'a Books, span: &'a Span) -> impl Iterator<Item = (u64, &'a Object)> {
    let all = books.shelf("Customer").by_id().map(|(id, kept)| (id, &kept.object));
    all.filter(|(id, _)| span.customer.is_empty() || span.customer == id.to_string())
}

fn named(id: u64, customer: &Object) -> Value {
    linked(text(customer, "FullyQualifiedName").unwrap_or_default(), &id.to_string())
}

fn grand(cells: &[Value]) -> Value {
    json!({ "Summary": { "ColData": cells }, "type": "Section", "group": "GrandTotal" })
}

/// Open amounts of documents by customer and age, the sum left at zero.
fn ages(books: &Books) -> BTreeMap<u64, [Decimal; AGES.len()]> {
    let mut ages: BTreeMap<u64, [Decimal; AGES.len()]> = BTreeMap::new();
    let today: Date = books.today().parse().unwrap_or_default();
    let open = [("Invoice", "Balance"), ("CreditMemo", "Balance"), ("Payment", "UnappliedAmt")];
    for (entity, property) in open {
        for (_, kept) in books.shelf(entity).by_id() {
            let object = &kept.object;
            let customer = reference(object, "CustomerRef").and_then(|id| id.parse().ok());
            let (Some(customer), amount) = (customer, decimal(object, property)) else { continue };
            let row = ages.entry(customer).or_default();
            if entity == "Invoice" {
                row[age(object, today)] += amount;
            } else {
                row[0] -= amount;
            }
        }
    }
    ages
}

fn age(invoice: &Object, today: Date) -> usize {
    let due: Option<Date> = text(invoice, "DueDate").and_then(|due| due.parse().ok());
    let days = due.and_then(|due| today.since(due).ok()).map_or(0, |span| span.get_days());
    match days {
        i32::MIN..=0 => 0,
        1..=30 => 1,
        31..=60 => 2,
        61..=90 => 3,
        _ => 4,
    }
}
