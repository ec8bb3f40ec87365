//! `latchd.prom`: the figures in the text format that `node_exporter` reads
//! from its textfile directory.
//!
//! Series never come and go with the state of things, so that an alert sees a
//! nought and not a gap.

use std::fmt::{Display, Write as _};

use jiff::Timestamp;

use super::harmless::label;
use super::phrase;
use super::status::{Calls, Status, TokenRow};
use crate::model::Code;

/// The figures; ends in a newline.
pub fn prometheus(status: &Status) -> String {
    let mut page = Page { out: String::new(), company: label(&status.company.name) };
    records(&mut page, status);
    warnings(&mut page, status);
    passes(&mut page, status);
    budget(&mut page, status);
    tie_out(&mut page, status);
    files(&mut page, status);
    page.out
}

fn records(page: &mut Page, status: &Status) {
    page.family("latchd_records", "gauge", "Stax Bill's records by kind and state.");
    for row in &status.entities {
        for (state, count) in row.states() {
            page.row(
                "latchd_records",
                &[("entity", row.entity.name()), ("state", phrase::state(state))],
                count,
            );
        }
    }
    page.family(
        "latchd_system_records",
        "gauge",
        "Records in Stax Bill, and living counterparts in QuickBooks.",
    );
    for row in &status.entities {
        for (system, count) in [("staxbill", row.staxbill), ("quickbooks", row.quickbooks)] {
            page.row("latchd_system_records", &[("entity", row.entity.name()), ("system", system)], count);
        }
    }
    let blocked: u64 = status.entities.iter().map(|row| row.blocked).sum();
    page.single("latchd_blocked_records", "Records that wait for another one.", blocked);
}

fn warnings(page: &mut Page, status: &Status) {
    let standing = status.standing();
    let company = standing.iter().filter(|warning| warning.entity.is_none()).count();
    page.family(
        "latchd_warnings",
        "gauge",
        "Undismissed root causes by kind; company: of the whole company.",
    );
    page.row("latchd_warnings", &[("entity", "company")], company);
    for row in &status.entities {
        page.row("latchd_warnings", &[("entity", row.entity.name())], row.warnings);
    }
    page.family("latchd_warnings_dismissed", "gauge", "Dismissed root causes by kind.");
    for row in &status.entities {
        page.row("latchd_warnings_dismissed", &[("entity", row.entity.name())], row.dismissed);
    }
    page.family("latchd_warnings_by_code", "gauge", "Undismissed root causes by warning code.");
    for code in Code::ALL {
        let count = standing.iter().filter(|warning| warning.code == *code).count();
        page.row("latchd_warnings_by_code", &[("code", code.name())], count);
    }
}

fn passes(page: &mut Page, status: &Status) {
    let pass = &status.last_pass;
    page.moment("latchd_report_timestamp_seconds", "When this was written.", Some(status.generated_at));
    // One that is under way has no end yet: the one before it does.
    let running = pass.outcome == "running";
    let before = status.recent_passes.last().map(|before| (before.finished_at, before.outcome.as_str()));
    let ended = if running { before } else { Some((pass.finished_at, pass.outcome.as_str())) };
    let help = "End of the last pass that ended; 0: none yet.";
    page.moment("latchd_last_pass_timestamp_seconds", help, ended.map(|(at, _)| at));
    page.moment(
        "latchd_last_sync_timestamp_seconds",
        "End of the last pass that no cause of the whole company kept from its work; 0: none yet.",
        status.last_sync_at,
    );
    page.moment(
        "latchd_next_pass_timestamp_seconds",
        "When the next pass begins at the latest; 0: nobody waits.",
        status.next_pass_at,
    );
    let took = pass.finished_at.duration_since(pass.started_at).as_secs();
    page.single("latchd_last_pass_duration_seconds", "How long the last pass took.", took);
    let complete = u8::from(ended.is_some_and(|(_, outcome)| outcome == "complete"));
    page.single("latchd_last_pass_complete", "Whether the last pass that ended did all its work.", complete);
    page.family("latchd_passes_total", "counter", "Passes over the life of the state.");
    page.row("latchd_passes_total", &[], pass.number);
    page.family("latchd_pass_calls", "gauge", "Requests of the last pass by what the vendors meter.");
    for (api, count) in by_api(pass.calls) {
        page.row("latchd_pass_calls", &[("api", api)], count);
    }
}

fn budget(page: &mut Page, status: &Status) {
    let calls = status.budget.as_ref().map(|budget| budget.calls).unwrap_or_default();
    let granted = status.budget.as_ref().map_or(0, |budget| budget.quickbooks_reads_month);
    page.family("latchd_month_calls", "gauge", "Requests since the month began by what the vendors meter.");
    for (api, count) in by_api(calls) {
        page.row("latchd_month_calls", &[("api", api)], count);
    }
    page.single(
        "latchd_month_quickbooks_reads_granted",
        "Reads from QuickBooks a month that Intuit grants without a fee; 0: not counted yet.",
        granted,
    );
    page.moment(
        "latchd_token_expiry_timestamp_seconds",
        "When the connection to QuickBooks ends; 0: not known.",
        status.token.map(TokenRow::until),
    );
}

fn by_api(calls: Calls) -> [(&'static str, u64); 4] {
    [
        ("staxbill", calls.staxbill),
        ("quickbooks-read", calls.quickbooks_reads),
        ("quickbooks-write", calls.quickbooks_writes),
        ("quickbooks-batch", calls.quickbooks_batches),
    ]
}

fn tie_out(page: &mut Page, status: &Status) {
    let tie_out = &status.tie_out;
    page.single(
        "latchd_tie_out_balanced",
        "Whether every difference in open amounts is explained.",
        u8::from(tie_out.balanced),
    );
    page.single("latchd_tie_out_customers", "Customers whose open amounts were compared.", tie_out.customers);
    page.single(
        "latchd_tie_out_unexplained",
        "Differences in open amounts that nothing explains.",
        tie_out.unexplained.len(),
    );
    page.single(
        "latchd_tie_out_explained",
        "Parts of differences in open amounts that a warning, a hold or a crossing explains.",
        tie_out.explained.len(),
    );
    page.single(
        "latchd_tie_out_other_customers",
        "Customers who owe something in QuickBooks besides what is ours.",
        tie_out.other.len(),
    );
    page.single(
        "latchd_tie_out_staxbill_differs",
        "Customers whose balance in Stax Bill its records did not make in the last full scan.",
        tie_out.staxbill_differs.len(),
    );
}

fn files(page: &mut Page, status: &Status) {
    page.single(
        "latchd_config_last_reload_successful",
        "Whether the files were accepted when they were last read.",
        u8::from(status.generation.rejected.is_none()),
    );
    page.family("latchd_config_generation_info", "gauge", "The generation in force.");
    page.row("latchd_config_generation_info", &[("generation", &status.generation.applied)], 1);
    page.family("latchd_build_info", "gauge", "The version of latchd.");
    page.row("latchd_build_info", &[("version", &status.version)], 1);
}

/// The text so far, and the label that every row bears.
struct Page {
    out: String,
    company: String,
}

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn row(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.out, "{name}{{company=\"{}\"", self.company);
        for (key, text) in labels {
            let _ = write!(self.out, ",{key}=\"{}\"", label(text));
        }
        let _ = writeln!(self.out, "}} {value}");
    }

    fn single(&mut self, name: &str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.row(name, &[], value);
    }

    fn moment(&mut self, name: &str, help: &str, at: Option<Timestamp>) {
        self.single(name, help, at.map_or(0, Timestamp::as_second));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::super::sample::{hostile, sample};
    use super::*;

    /// What `promtool check metrics` refuses, and that rows of a family stand
    /// together under its head.
    fn check(text: &str) -> BTreeMap<String, String> {
        let (mut heads, mut rows) = (BTreeMap::new(), BTreeMap::new());
        let (mut family, mut described) = (String::new(), BTreeSet::new());
        assert!(text.ends_with('\n') && !text.contains("\n\n"));
        for line in text.lines() {
            if let Some(head) = line.strip_prefix("# HELP ") {
                let (name, help) = head.split_once(' ').unwrap();
                assert!(help.ends_with('.') && described.insert(name.to_owned()), "{line}");
            } else if let Some(head) = line.strip_prefix("# TYPE ") {
                let (name, kind) = head.split_once(' ').unwrap();
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                assert!(described.contains(name) && heads.insert(name.to_owned(), kind).is_none(), "{line}");
                assert!(name.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()), "{line}");
                name.clone_into(&mut family);
            } else {
                let (series, value) = line.rsplit_once(' ').unwrap();
                assert!(value.parse::<u64>().is_ok(), "{line}");
                assert!(
                    series.starts_with(&format!("{family}{{company=\"")) && series.ends_with("\"}"),
                    "{line}"
                );
                let bare = series.replace("\\\\", "").replace("\\\"", "");
                assert_eq!(bare.matches('"').count(), 2 * bare.matches("=\"").count(), "{line}");
                assert!(rows.insert(series.to_owned(), value.to_owned()).is_none(), "{line}");
            }
        }
        assert!(heads.keys().all(|name| rows.keys().any(|series| series.starts_with(&format!("{name}{{")))));
        rows
    }

    #[test]
    fn a_pass_under_way_has_not_ended() {
        let mut status = sample();
        let says = |status: &Status, line: &str| {
            let (name, value) = line.split_once(' ').unwrap();
            let text = prometheus(status);
            let mut lines = text.lines();
            lines.any(|one| one.starts_with(name) && one.ends_with(&format!(" {value}")))
        };
        "complete".clone_into(&mut status.last_pass.outcome);
        assert!(says(&status, "latchd_last_pass_complete 1"));
        let before = status.recent_passes.last().unwrap().finished_at;
        "running".clone_into(&mut status.last_pass.outcome);
        status.last_pass.finished_at = before + jiff::SignedDuration::from_hours(3);
        status.recent_passes.last_mut().unwrap().outcome = "complete".to_owned();
        assert!(says(&status, "latchd_last_pass_complete 1"));
        let line = format!("latchd_last_pass_timestamp_seconds {}", before.as_second());
        assert!(says(&status, &line), "{}", prometheus(&status));
        status.recent_passes.clear();
        assert!(says(&status, "latchd_last_pass_timestamp_seconds 0"), "{}", prometheus(&status));
    }

    #[test]
    fn the_figures_are_those_of_the_report() {
        let rows = check(&prometheus(&sample()));
        let cases = [
            (r#"latchd_records{company="craigs",entity="customer",state="synced"}"#, "3"),
            (r#"latchd_records{company="craigs",entity="write-off",state="out-of-scope"}"#, "0"),
            (r#"latchd_system_records{company="craigs",entity="invoice",system="staxbill"}"#, "7"),
            (r#"latchd_warnings{company="craigs",entity="company"}"#, "1"),
            (r#"latchd_warnings_by_code{company="craigs",code="name-taken"}"#, "1"),
            (r#"latchd_warnings_by_code{company="craigs",code="reconnect"}"#, "0"),
            (r#"latchd_blocked_records{company="craigs"}"#, "2"),
            (r#"latchd_last_sync_timestamp_seconds{company="craigs"}"#, "1795356000"),
            (r#"latchd_last_pass_duration_seconds{company="craigs"}"#, "30"),
            (r#"latchd_pass_calls{company="craigs",api="staxbill"}"#, "9"),
            (r#"latchd_month_calls{company="craigs",api="quickbooks-read"}"#, "812"),
            (r#"latchd_month_quickbooks_reads_granted{company="craigs"}"#, "500000"),
            (r#"latchd_token_expiry_timestamp_seconds{company="craigs"}"#, "1798815600"),
            (r#"latchd_tie_out_balanced{company="craigs"}"#, "0"),
            (r#"latchd_tie_out_explained{company="craigs"}"#, "3"),
            (r#"latchd_tie_out_other_customers{company="craigs"}"#, "1"),
            (r#"latchd_tie_out_staxbill_differs{company="craigs"}"#, "1"),
            (r#"latchd_config_last_reload_successful{company="craigs"}"#, "1"),
        ];
        for (series, value) in cases {
            assert_eq!(rows.get(series).map(String::as_str), Some(value), "{series}");
        }
    }

    #[test]
    fn series_neither_come_nor_go_and_names_stay_inside_their_quotes() {
        let mut quiet = sample();
        quiet.warnings.clear();
        quiet.last_sync_at = None;
        quiet.budget = None;
        quiet.token = None;
        let names = |rows: BTreeMap<String, String>| rows.into_keys().collect::<Vec<_>>();
        assert_eq!(names(check(&prometheus(&quiet))), names(check(&prometheus(&sample()))));
        let mut bad = hostile();
        bad.company.name.push_str("\"} 1\n# TYPE x counter\\");
        check(&prometheus(&bad));
    }
}
