//! `latchd status`: the last report; it opens no state and connects to nothing.

use std::path::Path;

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Span};

use super::{Exit, Failure, colour, print, width};
use crate::clock::{Clock, SystemClock};
use crate::config;
use crate::fsx;
use crate::report::{Status, is_in_balance, terminal};

/// A report of a million warnings is far below this.
const REPORT_BYTES_MAX: u64 = 1 << 30;

/// Options of `latchd status`.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = StatusFormat::Text, value_name = "FORM")]
    format: StatusFormat,
    /// Fail when the report is older, such as 2h; for monitors.
    #[arg(long, value_parser = parse_age, value_name = "AGE")]
    max_age: Option<SignedDuration>,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StatusFormat {
    /// For people.
    Text,
    /// status.json as it is.
    Json,
}

pub(super) fn status(path: &Path, args: &StatusArgs) -> Result<Exit, Failure> {
    match config::load(path) {
        Ok(config) => report(&config.settings.paths.reports, args),
        Err(errors) => {
            // The report of a daemon that goes on with its last good files is
            // worth more than none; the exit code is that of the files.
            if let Some(reports) = config::lenient_reports_path(path) {
                let _ = report(&reports, args);
            }
            Err(errors.into())
        }
    }
}

fn report(reports: &Path, args: &StatusArgs) -> Result<Exit, Failure> {
    let file = reports.join("status.json");
    let unread = |error: &dyn std::fmt::Display| {
        let words = format!(
            "error: cannot read {}: {error}; start `latchd run` or make a pass with `latchd once`",
            file.display()
        );
        Failure::new(Exit::Unfinished, words)
    };
    let text = fsx::read_capped(&file, REPORT_BYTES_MAX).map_err(|error| {
        if error.kind() != std::io::ErrorKind::PermissionDenied {
            return unread(&error);
        }
        let words = format!(
            "error: this user may not read {}; run it as the user that runs latchd, such as `sudo -u latchd latchd \
             status`, or as one of the group of the folder",
            file.display()
        );
        Failure::new(Exit::Unfinished, words)
    })?;
    let text = String::from_utf8(text).map_err(|error| unread(&error))?;
    let status = Status::read(&text).map_err(|error| unread(&error))?;
    match args.format {
        StatusFormat::Json => print(&text),
        StatusFormat::Text => print(&terminal(&status, width(), colour())),
    }
    let age = SystemClock.now().duration_since(status.generated_at);
    if let Some(max) = args.max_age.filter(|max| age > *max) {
        let words = format!(
            "error: the report of {} is older than {max:#}; see whether `latchd run` still runs, and its log",
            status.generated_at
        );
        return Err(Failure::new(Exit::Unfinished, words));
    }
    let ended_early = ["failed", "interrupted"].contains(&status.last_pass.outcome.as_str());
    Ok(if ended_early || status.last_sync_at.is_none() {
        Exit::Unfinished
    } else if status.is_guarded() {
        Exit::Guarded
    } else if !status.standing().is_empty() || !status.tie_out.balanced {
        Exit::Warnings
    } else if is_in_balance(&status) {
        Exit::InBalance
    } else {
        Exit::Unfinished
    })
}

fn parse_age(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("`{text}` is not a time; one looks like 2h or 90m");
    let span: Span = text.parse().map_err(|_| wrong())?;
    let age = SignedDuration::try_from(span).map_err(|_| wrong())?;
    if age.is_negative() { Err(wrong()) } else { Ok(age) }
}
