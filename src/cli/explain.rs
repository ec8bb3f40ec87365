//! `latchd explain`: everything that is known of one record. A running daemon
//! is asked over its socket; without one the state is read here.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::explain_key::{Asked, parse};
use super::{Exit, Failure, colour, print, width};
use crate::config::{self, Config};
use crate::explain::{self as explaining, Beside, Known};
use crate::fsx;
use crate::model::{Code, Key};
use crate::report::{Explained, ExplainedCause, Status, catalogue, catalogue_json, explain_text};
use crate::socket::{AskError, Problem, Request, ask};
use crate::store::{OwnerLock, OwnerLockError, Register, SledStore};

/// A report of a million warnings is far below this.
const REPORT_BYTES_MAX: u64 = 1 << 30;

/// Options of `latchd explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The record, such as invoice/88123 or customer/10482; a cause of the whole
    /// company, such as company/reconnect; or a code, such as name-taken.
    #[arg(value_name = "KEY", value_parser = parse, required_unless_present = "codes", conflicts_with = "codes")]
    key: Option<Asked>,
    /// Every code of a warning: what it means, and what to do.
    #[arg(long)]
    codes: bool,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text, value_name = "FORM")]
    format: ExplainFormat,
}

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExplainFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

pub(super) async fn explain(path: &Path, args: &ExplainArgs) -> Result<Exit, Failure> {
    let key = match &args.key {
        Some(Asked::Record(key)) => *key,
        Some(Asked::Code(code)) => {
            tell_codes(&[*code], args.format);
            return Ok(Exit::InBalance);
        }
        Some(Asked::Company(code)) => return cause(path, *code, args.format),
        None => {
            tell_codes(Code::ALL, args.format);
            return Ok(Exit::InBalance);
        }
    };
    let config = match config::load(path) {
        Ok(config) => config,
        Err(errors) => {
            // A daemon that goes on with its last good files can still tell;
            // the exit code is that of the files.
            if let Some(state) = config::lenient_state_path(path)
                && let Ok(explained) = asked(&state, key).await
            {
                tell(&explained, args.format);
            }
            return Err(errors.into());
        }
    };
    let state = &config.settings.paths.state;
    let explained = match asked(state, key).await {
        Err(Unanswered::NoDaemon) => own(&config, key)?,
        Err(Unanswered::Failure(failure)) => return Err(failure),
        Ok(explained) => explained,
    };
    tell(&explained, args.format);
    Ok(Exit::InBalance)
}

/// A cause of the whole company is what the last report says of it, with and
/// without a daemon.
fn cause(path: &Path, code: Code, format: ExplainFormat) -> Result<Exit, Failure> {
    let tell = |reports: &Path| {
        let last = last_report(reports);
        let explained = ExplainedCause::of(code, last.as_ref());
        print(&match format {
            ExplainFormat::Text => explained.text(width(), colour()),
            ExplainFormat::Json => explained.to_json(),
        });
    };
    match config::load(path) {
        Ok(config) => tell(&config.settings.paths.reports),
        Err(errors) => {
            if let Some(reports) = config::lenient_reports_path(path) {
                tell(&reports);
            }
            return Err(errors.into());
        }
    }
    Ok(Exit::InBalance)
}

fn last_report(reports: &Path) -> Option<Status> {
    let bytes = fsx::read_capped(&reports.join("status.json"), REPORT_BYTES_MAX).ok()?;
    Status::read(std::str::from_utf8(&bytes).ok()?).ok()
}

fn tell_codes(codes: &[Code], format: ExplainFormat) {
    print(&match format {
        ExplainFormat::Text => catalogue(codes, width(), colour()),
        ExplainFormat::Json => catalogue_json(codes),
    });
}

fn tell(explained: &Explained, format: ExplainFormat) {
    print(&match format {
        ExplainFormat::Text => explain_text(explained, width(), colour()),
        ExplainFormat::Json => explained.to_json(),
    });
}

enum Unanswered {
    NoDaemon,
    Failure(Failure),
}

/// What a running daemon says.
async fn asked(state: &Path, key: Key) -> Result<Explained, Unanswered> {
    let failure = |words: &dyn std::fmt::Display| {
        Unanswered::Failure(Failure::new(Exit::Unfinished, format!("error: {words}")))
    };
    match ask(state, &Request::Explain { key: key.to_string() }).await {
        Ok(answer) => serde_json::from_str(answer.get())
            .map_err(|error| failure(&AskError::Unreadable(error.to_string()))),
        Err(AskError::NoDaemon) => Err(Unanswered::NoDaemon),
        Err(AskError::Refused { problem: Problem::UnknownCommand, message }) => {
            Err(failure(&format!("{message}; the daemon is another version of latchd: restart it")))
        }
        Err(error) => Err(failure(&error)),
    }
}

/// What the state says, read here under its lock.
fn own(config: &Config, key: Key) -> Result<Explained, Failure> {
    let paths = &config.settings.paths;
    let unread = |words: String| Failure::new(Exit::Unfinished, format!("error: {words}"));
    let db = paths.state.join("db");
    match std::fs::metadata(&db).map_err(|error| error.kind()) {
        Ok(_) => {}
        Err(ErrorKind::PermissionDenied) => {
            let place = paths.state.display();
            return Err(unread(format!("{place} may not be read; ask as the user that runs latchd")));
        }
        Err(_) => {
            let place = paths.state.display();
            return Err(unread(format!(
                "there is no state in {place} yet; start `latchd run` or make a pass with `latchd once`"
            )));
        }
    }
    let _lock = OwnerLock::take(&paths.state).map_err(|error| match error {
        OwnerLockError::Held(place) => Failure::new(
            Exit::Held,
            format!(
                "error: another latchd holds the state in {place} and cannot be asked; wait until it ends"
            ),
        ),
        OwnerLockError::Folder { .. } => unread(error.to_string()),
    })?;
    let register = Register::new(Arc::new(SledStore::open(&db)?));
    let last = last_report(&paths.reports);
    match explaining::explain(&register, &Beside { config, last: last.as_ref() }, key)? {
        Known::Record(explained) => Ok(*explained),
        Known::Nothing(message) => Err(unread(message)),
    }
}
