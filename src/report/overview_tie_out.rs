//! The tie-out's part of `overview.md`: what is unexplained first, then what is
//! explained, folded by cause, then what is not ours.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::harmless::markdown as safe;
use super::overview::{SHOWN, fold};
use super::phrase;
use super::status::Status;
use super::tie_out::{ExplainedRow, TieOut};
use crate::model::{Currency, Money};

pub(super) fn tie_out(out: &mut String, status: &Status) {
    let _ = writeln!(out, "\n## Tie-out\n\n{}", phrase::tie_out(status));
    let tie_out = &status.tie_out;
    unexplained(out, tie_out);
    explained(out, &tie_out.explained);
    other(out, tie_out);
    staxbill(out, tie_out);
}

fn unexplained(out: &mut String, tie_out: &TieOut) {
    let rows = &tie_out.unexplained;
    if rows.is_empty() {
        return;
    }
    out.push_str("\n| customer | | Stax Bill | QuickBooks | unexplained |\n|---|---|--:|--:|--:|\n");
    for row in rows.iter().take(SHOWN) {
        let (customer, label) = (safe(&row.customer), safe(&row.label));
        let sums = [row.staxbill, row.quickbooks].map(|sum| sum.to_string()).join(" | ");
        let _ = writeln!(out, "| {customer} | {label} | {sums} | {} {} |", row.difference, row.currency);
    }
    fold(out, rows.len());
}

/// A line a cause: all its rows, what they come to, and where to begin.
fn explained(out: &mut String, rows: &[ExplainedRow]) {
    if rows.is_empty() {
        return;
    }
    let mut causes = BTreeMap::<(&str, Currency), (Money, Vec<&ExplainedRow>)>::new();
    for row in rows {
        let cause = causes.entry((row.code.as_str(), row.currency)).or_default();
        cause.0 += row.amount;
        cause.1.push(row);
    }
    out.push_str("\nExplained, as Stax Bill's side over QuickBooks':\n\n");
    for ((code, currency), (amount, rows)) in &causes {
        let begin = rows[0];
        let (key, label, reason) = (safe(&begin.key), safe(&begin.label), safe(&begin.reason));
        let count = phrase::counted(rows.len() as u64, "difference");
        let code = safe(code);
        let _ = writeln!(out, "- {code}: {amount} {currency} in {count}; {key} of {label}: {reason}");
    }
}

fn other(out: &mut String, tie_out: &TieOut) {
    let rows = &tie_out.other;
    if rows.is_empty() {
        return;
    }
    out.push_str("\nOpen in QuickBooks besides what is ours:\n\n");
    out.push_str("| customer | | balance | other |\n|---|---|--:|--:|\n");
    for row in rows.iter().take(SHOWN) {
        let (customer, label) = (safe(&row.customer), safe(&row.label));
        let _ = writeln!(out, "| {customer} | {label} | {} | {} {} |", row.balance, row.amount, row.currency);
    }
    fold(out, rows.len());
}

fn staxbill(out: &mut String, tie_out: &TieOut) {
    let rows = &tie_out.staxbill_differs;
    if rows.is_empty() {
        return;
    }
    out.push_str("\nStax Bill's own balance is not what its records make:\n\n");
    out.push_str("| customer | | its balance | its records | difference |\n|---|---|--:|--:|--:|\n");
    for row in rows.iter().take(SHOWN) {
        let (customer, label) = (safe(&row.customer), safe(&row.label));
        let sums = [row.ar_balance, row.records].map(|sum| sum.to_string()).join(" | ");
        let _ = writeln!(out, "| {customer} | {label} | {sums} | {} {} |", row.difference, row.currency);
    }
    fold(out, rows.len());
}

#[cfg(test)]
mod tests {
    use super::super::sample::sample;
    use super::*;

    #[test]
    fn causes_are_folded_and_what_is_not_there_is_not_told() {
        let mut status = sample();
        let mut out = String::new();
        tie_out(&mut out, &status);
        assert!(
            out.contains("- duplicate-number: 150.00 USD in 2 differences; invoice/88123 of Acme: "),
            "{out}"
        );
        assert!(out.contains("- applied-before-start: -5.00 USD in 1 difference; payment/7"), "{out}");
        status.tie_out = TieOut { customers: 3, ..TieOut::none() };
        out.clear();
        tie_out(&mut out, &status);
        assert_eq!(out, "\n## Tie-out\n\nOpen amounts agree for 3 customers.\n");
    }
}
