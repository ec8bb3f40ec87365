//! Publishing: the report's forms onto the disk, each whole or not at all.

mod next_try;
mod pages;
mod past;
mod roster;

pub use past::last_pass;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::config::Config;
use crate::fsx;
use crate::model::date_in;
use crate::pass::{Done, tally};
use crate::report::{
    Calls, CompanyRow, GenerationRow, HistoryLine, Notice, NoticePlace, PassRow, Past, Rejected, Status,
    TokenRow, html, markdown, prometheus,
};
use crate::store::{Register, StoreError, TokenFile};

/// A history file of this size is put aside.
const HISTORY_BYTES_MAX: u64 = 16 << 20;
/// Group readable, for a web server and `node_exporter`.
const MODE: u32 = 0o640;

/// The folder of reports.
#[derive(Debug)]
pub struct Publisher {
    folder: PathBuf,
    history: Mutex<()>,
    past: Mutex<Option<Past>>,
    lacking: AtomicBool,
}

/// What a report says besides what the state holds.
#[derive(Clone, Debug)]
pub struct Occasion<'a> {
    /// The files in force.
    pub config: &'a Config,
    /// The files that were refused, if the present ones were.
    pub rejected: Option<Rejected>,
    /// What the files on disk come to; the applied generation where they are
    /// the same.
    pub observed: String,
    /// What woke the pass.
    pub triggers: Vec<String>,
    /// When the next pass is due.
    pub next_pass_at: Option<Timestamp>,
}

impl Publisher {
    /// A publisher into `folder`.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            history: Mutex::default(),
            past: Mutex::default(),
            lacking: AtomicBool::new(false),
        }
    }

    /// Whether a report or a line of the history could not be written.
    pub fn is_lacking(&self) -> bool {
        self.lacking.load(Ordering::Relaxed)
    }

    /// Writes every form of the report; a form that cannot be written is
    /// logged, and the others are written.
    pub fn publish(
        &self,
        register: &Register,
        occasion: &Occasion<'_>,
        done: &Done,
        now: Timestamp,
    ) -> Result<Status, StoreError> {
        let mut status = status(register, occasion, done, now)?;
        self.remember(&mut status, done);
        let customers = roster::roster(register, occasion.config, done.number, now)?;
        if let Err(wrong) = status.is_consistent() {
            tracing::error!(why = %wrong, "the report's counts do not add up");
        }
        let forms = [
            ("status.json", status.to_json()),
            ("customers.json", customers.to_json()),
            ("index.html", html(&status)),
            ("overview.md", markdown(&status)),
            ("latchd.prom", prometheus(&status)),
        ];
        for (name, text) in forms {
            if let Err(error) = fsx::write_atomic(&self.folder.join(name), text.as_bytes(), MODE) {
                tracing::error!(file = name, "cannot write the report: {error}");
                self.lacking.store(true, Ordering::Relaxed);
            }
        }
        Ok(status)
    }

    /// Goes on from the report on disk when the first one is made; after that
    /// nobody else writes it.
    fn remember(&self, status: &mut Status, done: &Done) {
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let past = past.get_or_insert_with(|| past::read(&self.folder, &status.company.realm_id));
        past.fill(status, u64::try_from(done.steps.len()).unwrap_or(u64::MAX));
    }

    /// Adds a line to `history.ndjson`.
    pub fn history(&self, line: &HistoryLine) {
        let _one_at_a_time = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join("history.ndjson");
        if let Err(error) = append(&path, &line.to_line()) {
            tracing::error!(key = %line.key, "cannot write history.ndjson: {error}");
            self.lacking.store(true, Ordering::Relaxed);
        }
    }
}

fn append(path: &Path, line: &str) -> std::io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|file| file.len() > HISTORY_BYTES_MAX) {
        std::fs::rename(path, path.with_extension("ndjson.1"))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, MODE);
    options.open(path)?.write_all(line.as_bytes())
}

/// How long the token lives; `None` where there is none, or one from the files
/// whose age is not known before it is first used. A sealed one tells its times.
fn token(state: &Path) -> Option<TokenRow> {
    let token = TokenFile::new(state).peek().ok().flatten()?;
    let refresh_expires_at = token.refresh_expires_at;
    let row = TokenRow { refresh_expires_at, ends_at: Some(token.ends_at()) };
    (refresh_expires_at < Timestamp::MAX).then_some(row)
}

fn status(
    register: &Register,
    occasion: &Occasion<'_>,
    done: &Done,
    now: Timestamp,
) -> Result<Status, StoreError> {
    let marks = register.marks()?;
    let settings = &occasion.config.settings;
    let today = date_in(now, &settings.company.time_zone);
    let tally = tally(register, done, now, (&occasion.config.decisions, today))?;
    let company =
        CompanyRow { name: settings.company.name.clone(), realm_id: settings.company.realm_id.clone() };
    let generation = GenerationRow {
        applied: occasion.config.generation.clone(),
        observed: occasion.observed.clone(),
        rejected: occasion.rejected.clone(),
        commit: occasion.config.commit.clone(),
    };
    let calls = Calls {
        staxbill: done.calls.staxbill,
        quickbooks_reads: done.calls.quickbooks_reads,
        quickbooks_writes: done.calls.quickbooks_writes,
        quickbooks_batches: done.calls.quickbooks_batches,
    };
    let pass = PassRow {
        number: done.number,
        triggers: occasion.triggers.clone(),
        started_at: done.started_at,
        finished_at: done.finished_at,
        outcome: done.outcome.name().to_owned(),
        calls,
    };
    let mut status = Status::new(company, generation, pass, now, tally.entities);
    status.last_sync_at = marks.last_sync_at;
    status.next_pass_at = occasion.next_pass_at;
    status.tie_out = tally.tie_out;
    status.token = token(&settings.paths.state);
    status.warnings = tally.warnings;
    status.resends = tally.resends;
    let notices = done.notices.iter().chain(&tally.notices).map(|notice| Notice {
        code: notice.code.to_owned(),
        text: notice.text.clone(),
        at: notice.at.as_ref().map(|at| NoticePlace { file: at.file.to_string(), line: at.line }),
    });
    let files = occasion.config.notices.iter().map(|notice| Notice {
        code: notice.code.to_owned(),
        text: notice.text.clone(),
        at: Some(NoticePlace { file: notice.at.file.to_string(), line: notice.at.line }),
    });
    status.notices = notices.chain(files).collect();
    next_try::fill(&mut status, &done.causes);
    status.pages = pages::pages(register, occasion.config, &status)?;
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Tokens;

    #[test]
    fn a_report_knows_when_the_connection_really_ends() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(token(folder.path()), None);
        let [renewed, hard] = ["2027-03-01T15:00:00Z", "2026-12-01T15:00:00Z"].map(|at| at.parse().unwrap());
        let key = crate::store::SealKey::parse(&"7".repeat(64));
        for (hard_expires_at, key, until) in
            [(None, None, renewed), (Some(hard), None, hard), (Some(hard), key, hard)]
        {
            let tokens = Tokens {
                refresh_expires_at: renewed,
                hard_expires_at,
                ..Tokens::seeded("r".to_owned(), None)
            };
            TokenFile::new(folder.path()).sealed_with(key).room().unwrap().keep(&tokens).unwrap();
            let row = token(folder.path()).unwrap();
            assert_eq!((row.refresh_expires_at, row.until()), (renewed, until));
        }
    }
}
