//! Trial balance, balance sheet, and profit and loss.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::json::{Object, text};
use super::{Span, Table, cell, data, lines, linked, money, natural, opening, section, sum};

/// Every account's balance on the last day of the span, as debit or credit.
pub(super) fn trial_balance(books: &Books, span: &Span) -> Table {
    let columns = json!([
        { "ColTitle": "", "ColType": "Account" },
        { "ColTitle": "Debit", "ColType": "Money" },
        { "ColTitle": "Credit", "ColType": "Money" },
    ]);
    let (mut debits, mut credits) = (Decimal::ZERO, Decimal::ZERO);
    let mut rows = Vec::new();
    for (id, amount) in balances(books, span) {
        let Some(account) = account(books, id) else { continue };
        let (debit, credit) = (amount.max(Decimal::ZERO), (-amount).max(Decimal::ZERO));
        let side = |side: Decimal| cell(if side.is_zero() { String::new() } else { money(side) });
        rows.push(json!({ "ColData": [linked(name(account), &id.to_string()), side(debit), side(credit)] }));
        debits += debit;
        credits += credit;
    }
    let empty = rows.is_empty();
    let total = [cell("TOTAL"), cell(money(debits)), cell(money(credits))];
    rows.push(json!({ "Summary": { "ColData": total }, "type": "Section", "group": "GrandTotal" }));
    Table { columns, rows, empty, standard: false }
}

/// What the company has, owes, and is worth on the last day of the span.
pub(super) fn balance_sheet(books: &Books, span: &Span) -> Table {
    let balances = balances(books, span);
    let sheet = Sheet { books, balances: &balances };
    let current_assets = sheet.group(
        ("Current Assets", "CurrentAssets"),
        &[
            ("Bank Accounts", "BankAccounts", "Bank"),
            ("Accounts Receivable", "AR", "Accounts Receivable"),
            ("Other Current Assets", "OtherCurrentAssets", "Other Current Asset"),
        ],
    );
    let fixed = sheet.of_type(("Fixed Assets", "FixedAssets", "Fixed Asset"));
    let other = sheet.of_type(("Other Assets", "OtherAssets", "Other Asset"));
    let current = sheet.group(
        ("Current Liabilities", "CurrentLiabilities"),
        &[
            ("Accounts Payable", "AP", "Accounts Payable"),
            ("Credit Cards", "CreditCards", "Credit Card"),
            ("Other Current Liabilities", "OtherCurrentLiabilities", "Other Current Liability"),
        ],
    );
    let long = sheet.of_type(("Long-Term Liabilities", "LongTermLiabilities", "Long Term Liability"));
    let assets = joined(("ASSETS", "TotalAssets"), vec![current_assets, fixed, other]);
    let liabilities = joined(("Liabilities", "Liabilities"), vec![current, long]);
    let equity = sheet.equity();
    let claims = joined(("LIABILITIES AND EQUITY", "TotalLiabilitiesAndEquity"), vec![liabilities, equity]);
    let rows = [assets, claims].into_iter().flatten().map(|part| part.row).collect();
    Table { columns: total_column(), rows, empty: balances.is_empty(), standard: true }
}

/// What was earned and spent within the span.
pub(super) fn profit_and_loss(books: &Books, span: &Span) -> Table {
    let mut moved: BTreeMap<u64, Decimal> = BTreeMap::new();
    for line in lines(books).iter().filter(|line| span.holds(line)) {
        *moved.entry(line.account).or_default() += line.amount;
    }
    moved.retain(|id, amount| !amount.is_zero() && account(books, *id).is_some_and(is_profit));
    let empty = moved.is_empty();
    // Without data the sums are blank (recorded).
    let shown = |amount: Decimal| if empty { String::new() } else { money(amount) };
    let sheet = Sheet { books, balances: &moved };
    let mut rows = Vec::new();
    let mut total = |titles: (&str, &str, &str), always: bool| {
        let part = sheet.of_type(titles);
        let amount = part.as_ref().map_or(Decimal::ZERO, |part| part.total);
        match part {
            Some(part) => rows.push(part.row),
            None if always => rows.push(section((titles.0, titles.1), Vec::new(), &shown(Decimal::ZERO))),
            None => {}
        }
        (amount, rows.len())
    };
    let (income, _) = total(("Income", "Income", "Income"), true);
    let (cost, after_cost) = total(("Cost of Goods Sold", "COGS", "Cost of Goods Sold"), false);
    let (expenses, after_expenses) = total(("Expenses", "Expenses", "Expense"), true);
    let (more, _) = total(("Other Income", "OtherIncome", "Other Income"), false);
    let (less, _) = total(("Other Expenses", "OtherExpenses", "Other Expense"), false);
    let operating = income - cost - expenses;
    rows.insert(after_expenses, sum(("Net Operating Income", "NetOperatingIncome"), &shown(operating)));
    rows.insert(after_cost, sum(("Gross Profit", "GrossProfit"), &shown(income - cost)));
    rows.push(sum(("Net Income", "NetIncome"), &shown(operating + more - less)));
    Table { columns: total_column(), rows, empty, standard: true }
}

fn total_column() -> Value {
    let key = |key: &str| json!([{ "Name": "ColKey", "Value": key }]);
    json!([
        { "ColTitle": "", "ColType": "Account", "MetaData": key("account") },
        { "ColTitle": "TOTAL", "ColType": "Money", "MetaData": key("total") },
    ])
}

/// Debit balances by account on the last day of the span, without the zeros.
fn balances(books: &Books, span: &Span) -> BTreeMap<u64, Decimal> {
    let mut balances: BTreeMap<u64, Decimal> =
        books.shelf("Account").by_id().map(|(id, _)| (id, opening(books, id))).collect();
    for line in lines(books).iter().filter(|line| line.day <= span.to.as_str()) {
        *balances.entry(line.account).or_default() += line.amount;
    }
    balances.retain(|_, amount| !amount.is_zero());
    balances
}

fn account(books: &Books, id: u64) -> Option<&Object> {
    books.shelf("Account").get(id).map(|kept| &kept.object)
}

fn name(account: &Object) -> &str {
    text(account, "FullyQualifiedName").unwrap_or_default()
}

fn is_profit(account: &Object) -> bool {
    matches!(text(account, "Classification"), Some("Revenue" | "Expense"))
}

/// A part of a statement and what it comes to.
struct Part {
    row: Value,
    total: Decimal,
}

struct Sheet<'a> {
    books: &'a Books,
    balances: &'a BTreeMap<u64, Decimal>,
}

impl Sheet<'_> {
    /// The accounts of one type; `None` without any.
    fn of_type(&self, (title, group, kind): (&str, &str, &str)) -> Option<Part> {
        let (rows, total) = self.rows(kind);
        (!rows.is_empty()).then(|| Part { row: section((title, group), rows, &money(total)), total })
    }

    fn rows(&self, kind: &str) -> (Vec<Value>, Decimal) {
        let mut total = Decimal::ZERO;
        let mut rows = Vec::new();
        for (id, amount) in self.balances {
            let Some(account) = account(self.books, *id) else { continue };
            if text(account, "AccountType") == Some(kind) {
                let amount = natural(account, *amount);
                total += amount;
                rows.push(data(&[linked(name(account), &id.to_string()), cell(money(amount))]));
            }
        }
        (rows, total)
    }

    fn group(&self, titles: (&str, &str), kinds: &[(&str, &str, &str)]) -> Option<Part> {
        joined(titles, kinds.iter().map(|kind| self.of_type(*kind)).collect())
    }

    /// Equity, with the profit of all days in a line of its own.
    fn equity(&self) -> Option<Part> {
        let (mut rows, mut total) = self.rows("Equity");
        let profits = self.balances.iter().filter(|(id, _)| account(self.books, **id).is_some_and(is_profit));
        let profit: Decimal = profits.map(|(_, amount)| -*amount).sum();
        if !profit.is_zero() {
            rows.push(json!({
                "ColData": [cell("Net Income"), cell(money(profit))], "type": "Data", "group": "NetIncome",
            }));
        }
        total += profit;
        (!rows.is_empty()).then(|| Part { row: section(("Equity", "Equity"), rows, &money(total)), total })
    }
}

fn joined(titles: (&str, &str), parts: Vec<Option<Part>>) -> Option<Part> {
    let parts: Vec<Part> = parts.into_iter().flatten().collect();
    let total: Decimal = parts.iter().map(|part| part.total).sum();
    let rows: Vec<Value> = parts.into_iter().map(|part| part.row).collect();
    (!rows.is_empty()).then(|| Part { row: section(titles, rows, &money(total)), total })
}
