//! The tables below the warnings: open amounts, requests, resends, notices and
//! passes. All have one form, so that the page has one way to show them.

use super::super::harmless::line;
use super::super::phrase;
use super::super::status::Status;
use super::super::tie_out::TieOut;
use super::figures::{grouped, share, sum};
use super::warnings::Pages;
use crate::model::{Currency, Money};

/// Rows that are shown: whoever needs more of them reads `status.json`.
const SHOWN: usize = 200;

/// A table with its caption; the first cell of a row heads it.
pub(super) struct Table {
    pub(super) caption: &'static str,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) more: String,
}

/// The head of a column.
pub(super) struct Head {
    pub(super) text: &'static str,
    pub(super) is_number: bool,
}

/// A cell, tamed.
pub(super) struct Cell {
    pub(super) text: String,
    /// Its page in QuickBooks.
    pub(super) page: Option<String>,
    pub(super) is_number: bool,
}

/// What is to stand in a cell.
struct Entry {
    text: String,
    page: Option<String>,
}

impl From<String> for Entry {
    fn from(text: String) -> Self {
        Self { text, page: None }
    }
}

impl Table {
    /// A table of all `rows`; none where there are none. The heads of numbers
    /// begin with `#`.
    fn of<E: Into<Entry>>(caption: &'static str, heads: &[&'static str], rows: Vec<Vec<E>>) -> Option<Self> {
        let more = rows.len().saturating_sub(SHOWN);
        let heads: Vec<Head> = heads
            .iter()
            .map(|head| Head { text: head.trim_start_matches('#'), is_number: head.starts_with('#') })
            .collect();
        let cell = |(entry, head): (E, &Head)| {
            let Entry { text, page } = entry.into();
            Cell { text, page, is_number: head.is_number }
        };
        let cells = |row: Vec<E>| row.into_iter().zip(&heads).map(cell).collect();
        let rows: Vec<Vec<Cell>> = rows.into_iter().take(SHOWN).map(cells).collect();
        let more = if more > 0 { grouped(more as u64) } else { String::new() };
        (!rows.is_empty()).then_some(Self { caption, heads, rows, more })
    }
}

/// The tables of the tie-out: what nothing explains first.
pub(super) fn books(tie_out: &TieOut, pages: &Pages) -> Vec<Table> {
    let customer = |label: &str, id: &str| Entry {
        text: format!("{} ({})", line(label), line(id)),
        page: pages.get(&format!("customer/{id}")).cloned(),
    };
    let unexplained = tie_out.unexplained.iter().map(|row| {
        let sums = [row.staxbill, row.quickbooks].map(|of| sum(of).into());
        let difference = money(row.difference, row.currency).into();
        [customer(&row.label, &row.customer)].into_iter().chain(sums).chain([difference]).collect()
    });
    let explained = tie_out.explained.iter().map(|row| {
        let record = Entry { text: line(&row.key), page: pages.get(&row.key).cloned() };
        let words = [line(&row.code), line(&row.reason), money(row.amount, row.currency)].map(Entry::from);
        [customer(&row.label, &row.customer), record].into_iter().chain(words).collect()
    });
    let other = tie_out.other.iter().map(|row| {
        let sums = [sum(row.balance), money(row.amount, row.currency)].map(Entry::from);
        [customer(&row.label, &row.customer)].into_iter().chain(sums).collect()
    });
    let staxbill = tie_out.staxbill_differs.iter().map(|row| {
        let sums = [row.ar_balance, row.records].map(|of| sum(of).into());
        let difference = money(row.difference, row.currency).into();
        [customer(&row.label, &row.customer)].into_iter().chain(sums).chain([difference]).collect()
    });
    [
        Table::of(
            "Differences that nothing explains",
            &["Customer", "#Stax Bill", "#QuickBooks", "#Unexplained"],
            unexplained.collect(),
        ),
        Table::of(
            "Differences that a warning, a hold or a crossing explains",
            &["Customer", "Record", "Code", "Reason", "#Stax Bill over QuickBooks"],
            explained.collect(),
        ),
        Table::of(
            "Open in QuickBooks besides what is ours",
            &["Customer", "#Balance", "#Other"],
            other.collect(),
        ),
        Table::of(
            "Customers whose balance in Stax Bill its records do not make",
            &["Customer", "#Its balance", "#Its records", "#Difference"],
            staxbill.collect(),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Requests of the last pass and of the month.
pub(super) fn requests(status: &Status) -> Table {
    let pass = status.last_pass.calls;
    let month = status.budget.as_ref().map(|budget| budget.calls);
    let granted = status.budget.as_ref().map(|budget| budget.quickbooks_reads_month);
    let used = month.zip(granted).map(|(calls, granted)| {
        format!("{} of {}", share(calls.quickbooks_reads, granted), grouped(granted))
    });
    let rows = [
        ("Stax Bill", pass.staxbill, month.map(|calls| calls.staxbill), None),
        ("QuickBooks, reads", pass.quickbooks_reads, month.map(|calls| calls.quickbooks_reads), used),
        ("QuickBooks, writes", pass.quickbooks_writes, month.map(|calls| calls.quickbooks_writes), None),
        ("QuickBooks, batches", pass.quickbooks_batches, month.map(|calls| calls.quickbooks_batches), None),
    ];
    let rows = rows.into_iter().map(|(api, pass, month, granted)| {
        let month = month.map(grouped).unwrap_or_default();
        vec![api.to_owned(), grouped(pass), month, granted.unwrap_or_default()]
    });
    let heads = ["API", "#Last pass", "#This month", "#Granted a month"];
    Table::of("Requests to the vendors", &heads, rows.collect()).expect("it has four rows")
}

pub(super) fn resends(status: &Status) -> Option<Table> {
    let rows = status.resends.iter().map(|row| {
        let record = Entry { text: line(&row.key), page: status.pages.get(&row.key).cloned() };
        vec![record, line(&row.last_handled).into(), line(&row.outcome).into()]
    });
    Table::of("Requests to send again", &["Record", "Token", "Outcome"], rows.collect())
}

pub(super) fn notices(status: &Status) -> Option<Table> {
    let rows = status.notices.iter().map(|notice| {
        let at = notice.at.as_ref().map(|at| format!("{}:{}", line(&at.file), at.line)).unwrap_or_default();
        vec![line(&notice.code), phrase::sentence(&line(&notice.text)), at]
    });
    Table::of("Notices", &["Code", "Notice", "Where"], rows.collect())
}

pub(super) fn passes(status: &Status) -> Option<Table> {
    let rows = status.recent_passes.iter().rev().map(|pass| {
        let (at, outcome) = (phrase::moment(pass.finished_at), line(&pass.outcome));
        let figures = [pass.warnings, pass.writes, pass.synced].map(grouped);
        [vec![pass.number.to_string(), at, outcome], figures.to_vec()].concat()
    });
    let heads = ["Pass", "Ended", "Outcome", "#Warnings", "#Writes", "#Synced"];
    Table::of("The last passes", &heads, rows.collect())
}

fn money(of: Money, currency: Currency) -> String {
    format!("{} {currency}", sum(of))
}
