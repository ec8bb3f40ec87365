//! `overview.md`: the overview for a repository or a chat. Every text that is
//! not latchd's own is escaped.

use std::fmt::Write as _;

use super::harmless::markdown as safe;
use super::overview_tie_out::tie_out;
use super::phrase;
use super::status::{Status, WarningRow};

/// Rows of a list that are shown before the rest is folded: a page that nobody
/// reads to its end hides more than it tells.
pub(super) const SHOWN: usize = 100;

/// The overview as Markdown; it ends in a newline.
pub fn markdown(status: &Status) -> String {
    let mut out = String::new();
    let standing = status.standing();
    let (company, records): (Vec<&WarningRow>, Vec<_>) =
        standing.into_iter().partition(|warning| warning.entity.is_none());
    head(&mut out, status);
    if !company.is_empty() {
        out.push_str("\n## The whole company\n\n");
        list(&mut out, status, &company);
    }
    table(&mut out, status);
    tie_out(&mut out, status);
    warnings(&mut out, status, &records);
    dismissed(&mut out, &status.dismissed());
    resends(&mut out, status);
    notices(&mut out, status);
    out
}

fn head(out: &mut String, status: &Status) {
    let _ = writeln!(out, "# {}\n", safe(&status.company.name));
    let _ = writeln!(out, "**{}** Last sync: {}.\n", phrase::verdict(status), phrase::last_sync(status));
    let _ = writeln!(out, "{}. It made {}.", safe(&phrase::pass(status)), phrase::calls(status));
    let _ = writeln!(
        out,
        "QuickBooks company {}, generation {}, latchd {}.",
        safe(status.company.realm_id.as_str()),
        safe(&status.generation.applied),
        safe(&status.version)
    );
    month(out, status);
    if let Some(rejected) = &status.generation.rejected {
        let since = phrase::moment(rejected.since);
        let _ = writeln!(out, "\n**The files were refused at {since}; the last good ones stay in force:**\n");
        for error in rejected.errors.iter().take(SHOWN) {
            let _ = writeln!(out, "- {}", safe(error));
        }
        fold(out, rejected.errors.len());
    }
}

/// What was asked this month, and how long the token lives.
fn month(out: &mut String, status: &Status) {
    if let Some(budget) = &status.budget {
        let (month, used) = (safe(&budget.month), budget.calls.quickbooks_reads);
        let granted = phrase::grouped(&budget.quickbooks_reads_month.to_string());
        let _ = writeln!(out, "Reads from QuickBooks in {month}: {used} of {granted} that are granted.");
    }
    if let Some(token) = status.token {
        let until = phrase::moment(token.until());
        let _ = writeln!(out, "The connection to QuickBooks ends {until}, unless it is renewed before.");
    }
}

fn table(out: &mut String, status: &Status) {
    out.push_str("\n## Overview\n\n");
    out.push_str("| | Stax Bill | QuickBooks | in scope | synced | not tried | failed | blocked | held | drifted | warnings | dismissed |\n");
    out.push_str("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    for row in &status.entities {
        let _ = write!(out, "| {} ", phrase::plural(row.entity));
        for count in [row.staxbill, row.quickbooks, row.in_scope, row.synced, row.not_tried, row.failed] {
            let _ = write!(out, "| {count} ");
        }
        for count in [row.blocked, row.held, row.drifted, row.warnings, row.dismissed] {
            let _ = write!(out, "| {count} ");
        }
        out.push_str("|\n");
    }
    if let Some(waiting) = phrase::not_tried(status) {
        let _ = writeln!(out, "\n{waiting}");
    }
}

fn warnings(out: &mut String, status: &Status, records: &[&WarningRow]) {
    if records.is_empty() {
        return;
    }
    out.push_str("\n## Warnings\n\nStart at the top: what is mended there often mends what stands below.\n");
    let shown = records.len().min(SHOWN);
    for of_kind in records[..shown].chunk_by(|one, other| one.entity == other.entity) {
        if let Some(entity) = of_kind[0].entity {
            let _ = writeln!(out, "\n### {}\n", phrase::plural(entity));
        }
        list(out, status, of_kind);
    }
    fold(out, records.len());
}

fn list(out: &mut String, status: &Status, rows: &[&WarningRow]) {
    for warning in rows {
        let _ = writeln!(
            out,
            "- **{}** {}: {}, {}",
            safe(&warning.key),
            safe(&warning.label),
            phrase::standing(warning),
            phrase::attempts(warning)
        );
        let _ = writeln!(out, "  - {}", safe(&warning.reason));
        if let Some(fault) = &warning.quickbooks {
            let _ = writeln!(out, "  - QuickBooks: {}", safe(&phrase::vendor(fault)));
        }
        let _ = writeln!(out, "  - To do: {}", safe(&warning.remedy));
        paste(out, &warning.paste);
        if let Some(blocks) = phrase::blocks(&warning.blocks) {
            let _ = writeln!(out, "  - Blocks {blocks}");
        }
        if let Some(page) = status.pages.get(&warning.key) {
            let _ = writeln!(out, "  - <{page}>");
        }
    }
}

/// Lines to paste, as they are: between fences longer than any within them.
fn paste(out: &mut String, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let mut fence = "```".to_owned();
    while lines.iter().any(|line| line.contains(&fence)) {
        fence.push('`');
    }
    let _ = writeln!(out, "\n    {fence}toml");
    for line in lines {
        let _ = writeln!(out, "    {line}");
    }
    let _ = writeln!(out, "    {fence}\n");
}

fn dismissed(out: &mut String, rows: &[&WarningRow]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("\n## Dismissed\n\n");
    for warning in rows.iter().take(SHOWN) {
        let why = warning.dismissed.as_deref().unwrap_or_default();
        let (key, label) = (safe(&warning.key), safe(&warning.label));
        let _ = writeln!(out, "- **{key}** {label}: {}: {}", phrase::standing(warning), safe(why));
    }
    fold(out, rows.len());
}

fn resends(out: &mut String, status: &Status) {
    if status.resends.is_empty() {
        return;
    }
    out.push_str("\n## Resends\n\n");
    for row in status.resends.iter().take(SHOWN) {
        let (key, token, outcome) = (safe(&row.key), safe(&row.last_handled), safe(&row.outcome));
        let _ = writeln!(out, "- **{key}** {token}: {outcome}");
    }
    fold(out, status.resends.len());
}

fn notices(out: &mut String, status: &Status) {
    if status.notices.is_empty() {
        return;
    }
    out.push_str("\n## Notices\n\n");
    for notice in status.notices.iter().take(SHOWN) {
        let at =
            notice.at.as_ref().map(|at| format!(" ({}:{})", safe(&at.file), at.line)).unwrap_or_default();
        let _ = writeln!(out, "- {}: {}{}", safe(&notice.code), safe(&notice.text), at);
    }
    fold(out, status.notices.len());
}

pub(super) fn fold(out: &mut String, all: usize) {
    if all > SHOWN {
        let _ = writeln!(out, "\n… and {} more; all of them are in status.json.", all - SHOWN);
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{HOSTILE, hostile, sample};
    use super::*;

    #[test]
    fn the_whole_page() {
        insta::assert_snapshot!(markdown(&sample()));
    }

    #[test]
    fn names_in_bad_faith_stay_text() {
        let page = markdown(&hostile());
        for bad in ["<script", "\u{1b}", "\u{202e}", "two\nlines", "**bold**", "`code`"] {
            assert!(!page.contains(bad), "{bad:?}");
        }
        for line in page.lines().filter(|line| line.starts_with("| ")) {
            let cells = line.replace("\\|", "").matches('|').count();
            assert!(cells == 13 || cells == 6 || cells == 5, "{line}");
        }
        assert!(page.lines().all(|line| !line.starts_with('=')));
        assert_eq!(page.matches("&lt;script&gt;").count(), HOSTILE.len() + 3);
    }

    #[test]
    fn what_does_not_fit_is_folded() {
        let mut status = sample();
        let row = status.warnings[1].clone();
        status.warnings = vec![row; SHOWN];
        assert!(!markdown(&status).contains("more;"));
        status.warnings.push(status.warnings[0].clone());
        let page = markdown(&status);
        assert_eq!(page.matches("customer/20771").count(), SHOWN);
        assert!(page.contains("… and 1 more; all of them are in status.json."));
    }
}
