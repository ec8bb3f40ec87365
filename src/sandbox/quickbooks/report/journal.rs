//! The general ledger: account by account, every entry and the balance after
//! it. Accounts below others stand inside their sections (recorded).

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::json::{Object, reference, text};
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
    let ledger = Ledger { books, span, all: lines(books) };
    let rows: Vec<Value> = ledger.below(None).into_iter().map(|(row, _)| row).collect();
    let empty = rows.is_empty();
    Table { columns: json!(columns), rows, empty, standard: false }
}

/// Account types in the order of the ledger (recorded).
const ORDER: [&str; 15] = [
    "Bank",
    "Accounts Receivable",
    "Other Current Asset",
    "Fixed Asset",
    "Other Asset",
    "Accounts Payable",
    "Credit Card",
    "Other Current Liability",
    "Long Term Liability",
    "Equity",
    "Income",
    "Cost of Goods Sold",
    "Expense",
    "Other Income",
    "Other Expense",
];

struct Ledger<'a> {
    books: &'a Books,
    span: &'a Span,
    all: Vec<Line<'a>>,
}

impl Ledger<'_> {
    /// The sections of the accounts directly below one, or of those below none,
    /// each with what was posted to it.
    fn below(&self, parent: Option<u64>) -> Vec<(Value, Decimal)> {
        let above = |object: &Object| reference(object, "ParentRef").and_then(|id| id.parse().ok());
        let accounts = self.books.shelf("Account").by_id();
        let mut accounts: Vec<(u64, &Object)> = accounts
            .map(|(id, kept)| (id, &kept.object))
            .filter(|(_, object)| above(object) == parent)
            .collect();
        accounts.sort_by_cached_key(|(_, object)| {
            let kind = text(object, "AccountType").unwrap_or_default();
            (ORDER.iter().position(|known| *known == kind), text(object, "Name").map(str::to_lowercase))
        });
        accounts.into_iter().filter_map(|(id, object)| self.section((id, object), parent.is_some())).collect()
    }

    /// One account; `None` where there is nothing to tell of it or below it.
    /// Those below others bear no id (recorded).
    fn section(&self, (id, object): (u64, &Object), nested: bool) -> Option<(Value, Decimal)> {
        let own = self.all.iter().filter(|line| line.account == id);
        let (before, rest): (Vec<&Line<'_>>, Vec<&Line<'_>>) =
            own.filter(|line| self.span.concerns(line)).partition(|line| line.day < self.span.from.as_str());
        let opened = if self.span.customer.is_empty() { opening(self.books, id) } else { Decimal::ZERO };
        let began = opened + before.iter().map(|line| line.amount).sum::<Decimal>();
        let mut balance = natural(object, began);
        let mut inner = Vec::new();
        if !began.is_zero() {
            inner.push(data(&wide(&[(0, cell("Beginning Balance")), (7, cell(money(balance)))])));
        }
        let mut posted = Vec::new();
        for line in rest.into_iter().filter(|line| self.span.holds(line)) {
            let amount = natural(object, line.amount);
            balance += amount;
            posted.push(amount);
            inner.push(entry(self.books, &self.all, line, (amount, balance)));
        }
        for (row, total) in self.below(Some(id)) {
            inner.push(row);
            posted.push(total);
        }
        if inner.is_empty() {
            return None;
        }
        let name = text(object, "Name").unwrap_or_default();
        let total: Decimal = posted.iter().sum();
        let sum = if posted.iter().all(Decimal::is_zero) { String::new() } else { money(total) };
        let title = if nested { cell(name) } else { linked(name, &id.to_string()) };
        let row = json!({
            "Header": { "ColData": wide(&[(0, title)]) },
            "Rows": { "Row": inner },
            "Summary": { "ColData": wide(&[(0, cell(format!("Total for {name}"))), (6, cell(sum))]) },
            "type": "Section",
        });
        Some((row, total))
    }
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
