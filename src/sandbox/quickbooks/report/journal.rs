//! The general ledger: account by account, every entry and the balance after
//! it. Accounts below others stand beside them under their full names.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::json::{reference, text};
use super::{Line, Span, Table, cell, data, lines, linked, money, natural, opening};

const COLUMNS: [(&str, &str); 8] = [
    ("Date", "tx_date"),
    ("Transaction Type", "txn_type"),
    ("Num", "doc_num"),
    ("Name", "name"),
    ("Memo/Description", "memo"),
    ("Split", "split_acc"),
    ("Amount", "subt_nat_amount"),
    ("Balance", "rbal_nat_amount"),
];

pub(super) fn general_ledger(books: &Books, span: &Span) -> Table {
    let columns = COLUMNS.map(|(title, kind)| json!({ "ColTitle": title, "ColType": kind }));
    let all = lines(books);
    let mut rows = Vec::new();
    for (id, kept) in books.shelf("Account").by_id() {
        let own: Vec<&Line<'_>> = all.iter().filter(|line| line.account == id).collect();
        let before = own.iter().filter(|line| line.day < span.from.as_str() && span.concerns(line));
        let began: Decimal = before.map(|line| line.amount).sum::<Decimal>()
            + if span.customer.is_empty() { opening(books, id) } else { Decimal::ZERO };
        let within: Vec<&Line<'_>> = own.into_iter().filter(|line| span.holds(line)).collect();
        if began.is_zero() && within.is_empty() {
            continue;
        }
        let name = text(&kept.object, "FullyQualifiedName").unwrap_or_default();
        let mut balance = natural(&kept.object, began);
        let mut total = Decimal::ZERO;
        let mut inner = Vec::new();
        if !began.is_zero() {
            inner.push(data(&wide(&[(0, cell("Beginning Balance")), (7, cell(money(balance)))])));
        }
        for line in &within {
            let amount = natural(&kept.object, line.amount);
            balance += amount;
            total += amount;
            inner.push(entry(books, &all, line, (amount, balance)));
        }
        let sum = if within.is_empty() { String::new() } else { money(total) };
        rows.push(json!({
            "Header": { "ColData": wide(&[(0, linked(name, &id.to_string()))]) },
            "Rows": { "Row": inner },
            "Summary": { "ColData": wide(&[(0, cell(format!("Total for {name}"))), (6, cell(sum))]) },
            "type": "Section",
        }));
    }
    let empty = rows.is_empty();
    Table { columns: json!(columns), rows, empty, standard: false }
}

fn entry(books: &Books, all: &[Line<'_>], line: &Line<'_>, (amount, balance): (Decimal, Decimal)) -> Value {
    let customer = reference(line.object, "CustomerRef").unwrap_or_default();
    let name = books.find("Customer", customer).and_then(|customer| text(customer, "DisplayName"));
    let number = text(line.object, "DocNumber").or_else(|| text(line.object, "PaymentRefNum"));
    data(&wide(&[
        (0, cell(line.day)),
        (1, linked(spoken(line.entity), &line.id.to_string())),
        (2, cell(number.unwrap_or_default())),
        (3, linked(name.unwrap_or_default(), customer)),
        (4, cell(text(line.object, "PrivateNote").unwrap_or_default())),
        (5, split(books, all, line)),
        (6, cell(money(amount))),
        (7, cell(money(balance))),
    ]))
}

/// The account on the other side, or that there are several.
fn split(books: &Books, all: &[Line<'_>], line: &Line<'_>) -> Value {
    let same = |other: &&Line<'_>| other.entity == line.entity && other.id == line.id;
    let mut others: Vec<u64> = all.iter().filter(same).map(|other| other.account).collect();
    others.retain(|account| *account != line.account);
    others.dedup();
    match others.as_slice() {
        [one] => {
            let kept = books.shelf("Account").get(*one);
            let name = kept.and_then(|kept| text(&kept.object, "FullyQualifiedName"));
            linked(name.unwrap_or_default(), &one.to_string())
        }
        _ => cell("-Split-"),
    }
}

fn wide(cells: &[(usize, Value)]) -> Vec<Value> {
    let mut row = vec![cell(""); COLUMNS.len()];
    for (column, cell) in cells {
        row[*column] = cell.clone();
    }
    row
}

fn spoken(entity: &str) -> &str {
    match entity {
        "CreditMemo" => "Credit Memo",
        "JournalEntry" => "Journal Entry",
        "RefundReceipt" => "Refund",
        "SalesReceipt" => "Sales Receipt",
        entity => entity,
    }
}
