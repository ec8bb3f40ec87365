//! Reports from the books, in the service's nested rows: the ones that follow
//! from the ledger and from what customers owe.
//!
//! All are on accrual basis and in home currency, with one column of totals.
//! Profit is not carried to retained earnings at the year's end, so that every
//! account shows all that was ever posted to it; that is ours.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::Books;
use super::entity::{Class, ENTITIES};
use super::fault::Fault;
use super::json::{Object, reference, text};
use super::stamp;

mod journal;
mod owed;
mod statements;

/// Answers a report by its name in any case.
///
/// # Errors
///
/// A report, basis, span or summary that is not simulated is refused as
/// unsupported rather than answered wrongly; a date that is none with 2060.
pub(super) fn answer(books: &Books, name: &str, params: &HashMap<String, String>) -> Result<Value, Fault> {
    let known: &[(&str, Report)] = &[
        ("TrialBalance", statements::trial_balance),
        ("BalanceSheet", statements::balance_sheet),
        ("ProfitAndLoss", statements::profit_and_loss),
        ("GeneralLedger", journal::general_ledger),
        ("CustomerBalance", owed::customer_balance),
        ("AgedReceivables", owed::aged_receivables),
    ];
    let found = known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (name, report) = found.ok_or_else(|| Fault::unsupported(&format!("report {name}")))?;
    let span = Span::of(books, name, params)?;
    let Table { columns, rows, empty, standard } = report(books, &span);
    if !empty && !span.summary.is_empty() && !span.summary.eq_ignore_ascii_case("Total") {
        return Err(Fault::unsupported(&format!("summarize_column_by={}", span.summary)));
    }
    let mut header = json!({
        "Time": stamp::seconds(books.now()), "ReportName": name, "ReportBasis": "Accrual",
        "StartPeriod": span.from, "EndPeriod": span.to, "Currency": books.home_currency(),
    });
    for (key, value) in [
        ("DateMacro", span.spoken),
        ("SummarizeColumnsBy", if standard { span.summary.as_str() } else { "" }),
        ("Customer", span.customer.as_str()),
    ] {
        if !value.is_empty() {
            header[key] = json!(value);
        }
    }
    let mut options = vec![json!({ "Name": "NoReportData", "Value": empty.to_string() })];
    if standard {
        options.insert(0, json!({ "Name": "AccountingStandard", "Value": "GAAP" }));
    }
    header["Option"] = json!(options);
    Ok(json!({ "Header": header, "Columns": { "Column": columns }, "Rows": { "Row": rows } }))
}

type Report = fn(&Books, &Span) -> Table;

/// A report without its header.
struct Table {
    columns: Value,
    rows: Vec<Value>,
    empty: bool,
    /// Whether it names its accounting standard, as statements do (recorded).
    standard: bool,
}

/// The days and the customer a report is about.
struct Span {
    from: String,
    to: String,
    /// The span in words, where the caller named no days.
    spoken: &'static str,
    customer: String,
    summary: String,
}

impl Span {
    fn of(books: &Books, name: &str, params: &HashMap<String, String>) -> Result<Self, Fault> {
        let param = |key: &str| params.get(key).map_or("", String::as_str);
        if !param("accounting_method").is_empty()
            && !param("accounting_method").eq_ignore_ascii_case("Accrual")
        {
            return Err(Fault::unsupported(&format!("accounting_method={}", param("accounting_method"))));
        }
        if !param("date_macro").is_empty() {
            return Err(Fault::unsupported(&format!("date_macro={}", param("date_macro"))));
        }
        let today = books.today();
        let day = |key: &str| match param(key) {
            "" => Ok(None),
            text => {
                stamp::date(text).map(Some).ok_or_else(|| Fault::bad_value("2060", "Invalid date", key, text))
            }
        };
        let (from, to) = (day("start_date")?, day("end_date")?);
        if day("report_date")?.is_some_and(|day| day != today) {
            return Err(Fault::unsupported("report_date other than today"));
        }
        let monthly = matches!(name, "GeneralLedger" | "TrialBalance");
        let spoken = match (from.is_none() && to.is_none(), monthly) {
            (true, true) => "this month-to-date",
            (true, false) => "this calendar year-to-date",
            (false, _) => "",
        };
        let to = to.unwrap_or(today);
        let first = if monthly { format!("{}-01", &to[..7]) } else { format!("{}-01-01", &to[..4]) };
        let summary = match param("summarize_column_by") {
            "" if name == "ProfitAndLoss" || name == "BalanceSheet" => "Total",
            summary => summary,
        };
        Ok(Self {
            from: from.unwrap_or(first),
            to,
            spoken,
            customer: param("customer").to_owned(),
            summary: summary.to_owned(),
        })
    }

    fn holds(&self, line: &Line<'_>) -> bool {
        line.day >= self.from.as_str() && line.day <= self.to.as_str() && self.concerns(line)
    }

    fn concerns(&self, line: &Line<'_>) -> bool {
        self.customer.is_empty() || reference(line.object, "CustomerRef") == Some(self.customer.as_str())
    }
}

/// One entry of the ledger, and the transaction it comes from.
struct Line<'a> {
    account: u64,
    /// A debit is positive.
    amount: Decimal,
    day: &'a str,
    entity: &'static str,
    id: u64,
    object: &'a Object,
}

/// Every entry a document posted, the oldest day first.
fn lines(books: &Books) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for entity in ENTITIES.iter().filter(|entity| entity.class == Class::Transaction) {
        for (id, kept) in books.shelf(entity.name).by_id() {
            let day = text(&kept.object, "TxnDate").unwrap_or_default();
            lines.extend(books.ledger().posted((entity.name, id)).iter().map(|entry| Line {
                account: entry.account,
                amount: entry.amount,
                day,
                entity: entity.name,
                id,
                object: &kept.object,
            }));
        }
    }
    lines.sort_by_key(|line| (line.day, line.id));
    lines
}

/// What stood in an account before the first document.
fn opening(books: &Books, account: u64) -> Decimal {
    let entries = books.ledger().openings().iter().filter(|entry| entry.account == account);
    entries.map(|entry| entry.amount).sum()
}

/// A balance as people read it: positive on the side the account grows on.
fn natural(account: &Object, amount: Decimal) -> Decimal {
    match text(account, "Classification") {
        Some("Asset" | "Expense") | None => amount,
        Some(_) => -amount,
    }
}

fn money(amount: Decimal) -> String {
    format!("{amount:.2}")
}

fn cell(value: impl Into<String>) -> Value {
    json!({ "value": value.into() })
}

fn linked(value: &str, id: &str) -> Value {
    json!({ "value": value, "id": id })
}

fn data(cells: &[Value]) -> Value {
    json!({ "ColData": cells, "type": "Data" })
}

/// A section with a heading, its rows and its sum.
fn section((title, group): (&str, &str), rows: Vec<Value>, total: &str) -> Value {
    let mut section = json!({
        "Header": { "ColData": [cell(title), cell("")] },
        "Summary": { "ColData": [cell(format!("Total {title}")), cell(total)] },
        "type": "Section", "group": group,
    });
    if !rows.is_empty() {
        section["Rows"]["Row"] = Value::Array(rows);
    }
    section
}

/// A line that only sums up what is above it.
fn sum((title, group): (&str, &str), total: &str) -> Value {
    json!({ "Summary": { "ColData": [cell(title), cell(total)] }, "type": "Section", "group": group })
}
