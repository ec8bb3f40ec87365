//! `latchd journal`: writes whose outcome is open, and a person's word about one.
//! A running daemon is asked over its socket; without one the state is read here.

use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};
use tokio_util::sync::CancellationToken;

use super::state_verify::{owned, there_is_one};
use super::{Exit, Failure, print, start, width};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, Config, SecretSources};
use crate::log;
use crate::model::{Key, ObjectId};
use crate::pass::{Word, WordError, journal_at_rest, take_word};
use crate::report::Journal;
use crate::socket::{AskError, Problem, Request, ask};
use crate::store::{Register, open_sound};

/// Characters of a reason.
const WHY_MAX: usize = 500;

/// Options of `latchd journal`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct JournalArgs {
    /// The form of the list.
    #[arg(long, value_enum, default_value_t = JournalFormat::Text, value_name = "FORM")]
    format: JournalFormat,
    #[command(subcommand)]
    command: Option<JournalCommand>,
}

/// The form of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum JournalFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum JournalCommand {
    /// Says what became of a write whose outcome is not known; it is checked in
    /// QuickBooks first.
    Resolve(ResolveArgs),
}

/// Options of `latchd journal resolve`.
#[derive(Debug, Args)]
struct ResolveArgs {
    /// The record, such as payment/7.
    #[arg(value_name = "KEY")]
    key: Key,
    /// What a credit is applied to, where several writes about it are open.
    #[arg(long, value_name = "KEY")]
    part: Option<Key>,
    /// The write took effect: the id of its object in QuickBooks.
    #[arg(long, value_name = "ID", value_parser = id, required_unless_present = "not_posted")]
    posted: Option<String>,
    /// The write had no effect: it is dropped, and decided anew.
    #[arg(long, conflicts_with = "posted")]
    not_posted: bool,
    /// Why you say so; kept in history.ndjson and in the log.
    #[arg(long, value_name = "TEXT", value_parser = why)]
    why: String,
    /// Who says so; the user's name otherwise.
    #[arg(long, value_name = "WHO", value_parser = why)]
    by: Option<String>,
}

pub(super) async fn journal(path: &Path, args: &JournalArgs) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    if let Some(JournalCommand::Resolve(resolve)) = &args.command {
        return self::resolve(path, &config, resolve).await;
    }
    let journal: Journal = match asked(&config, &Request::Journal {}).await? {
        Some(journal) => journal,
        None => own(&config)?,
    };
    print(&match args.format {
        JournalFormat::Text => journal.text(width()),
        JournalFormat::Json => journal.to_json(),
    });
    Ok(Exit::InBalance)
}

async fn resolve(path: &Path, config: &Config, args: &ResolveArgs) -> Result<Exit, Failure> {
    let ResolveArgs { key, part, posted, why, by, .. } = args;
    let by = by.clone().unwrap_or_else(user);
    let request = Request::JournalResolve {
        key: key.to_string(),
        part: part.map(|part| part.to_string()),
        posted: posted.clone(),
        why: why.clone(),
        by: by.clone(),
    };
    let told: String = if let Some(told) = asked(config, &request).await? {
        told
    } else {
        let posted = posted.as_ref().map(ObjectId::new);
        self_resolved(path, Word { key: *key, part: *part, posted, why: why.clone(), by }).await?
    };
    print(&format!("{}\n", log::tame(&told)));
    Ok(Exit::InBalance)
}

/// What a running daemon answers; `None` where there is none.
async fn asked<T: serde::de::DeserializeOwned>(
    config: &Config,
    request: &Request,
) -> Result<Option<T>, Failure> {
    let unfinished =
        |words: &dyn std::fmt::Display| Failure::new(Exit::Unfinished, format!("error: {words}"));
    match ask(&config.settings.paths.state, request).await {
        Ok(answer) => match serde_json::from_str(answer.get()) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => Err(unfinished(&AskError::Unreadable(error.to_string()))),
        },
        Err(AskError::NoDaemon) => Ok(None),
        Err(AskError::Refused { problem: Problem::UnknownCommand, message }) => {
            Err(unfinished(&format!("{message}; the daemon is another version of latchd: restart it")))
        }
        Err(AskError::Refused { problem: Problem::Busy, message }) => {
            Err(Failure::new(Exit::Held, format!("error: {message}")))
        }
        Err(error) => Err(unfinished(&error)),
    }
}

/// What the state says, read here under its lock.
fn own(config: &Config) -> Result<Journal, Failure> {
    there_is_one(config)?;
    let _lock = owned(config)?;
    let register = Register::new(open_sound(&config.settings.paths.state)?);
    Ok(journal_at_rest(&register, SystemClock.now())?)
}

/// The word is taken here. This process does not know when the write was sent,
/// so it waits as long as one that begins.
async fn self_resolved(path: &Path, said: Word) -> Result<String, Failure> {
    let failed = |error: &WordError| Failure::new(Exit::Unfinished, format!("error: {error}"));
    let config = config::load(path)?;
    there_is_one(&config)?;
    let (config, engine) = start::engine(path, true)?;
    let world = engine.world(&config, CancellationToken::new());
    loop {
        match take_word(&world, &said).await {
            Err(WordError::TooEarly(left)) => {
                tracing::info!(
                    wait_s = left.as_secs() + 1,
                    "waiting until Intuit cannot be working on the write any more"
                );
                tokio::time::sleep(left).await;
            }
            Err(error) => return Err(failed(&error)),
            Ok(told) => return Ok(told),
        }
    }
}

/// The user that runs this, as the system calls them.
fn user() -> String {
    let sources = SecretSources::of_process();
    let named = ["LOGNAME", "USER"].iter().find_map(|name| (sources.env)(name));
    let named = named.filter(|name| why(name).is_ok());
    named.unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw()))
}

fn why(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("say it in words".to_owned()),
        1..=WHY_MAX => Ok(text.to_owned()),
        _ => Err(format!("at most {WHY_MAX} signs")),
    }
}

fn id(text: &str) -> Result<String, String> {
    let digits = !text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(text.to_owned()) } else { Err("QuickBooks' ids are digits, such as 145".to_owned()) }
}
