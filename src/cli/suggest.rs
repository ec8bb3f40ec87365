//! `latchd suggest`: who might be who, for a person to decide; links nothing
//! and keeps nothing.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::{Exit, Failure, print, start, width};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config};
use crate::engine::Connection;
use crate::model::Start;
use crate::propose::{self, Asked, Form, Unproposed, Vendors};
use crate::socket::{AskError, FileTexts, Problem, Request, ask};

/// Options of `latchd suggest`.
#[derive(Debug, Args)]
pub(super) struct SuggestArgs {
    /// The form of the suggestions.
    #[arg(long, value_enum, default_value_t = SuggestFormat::Toml, value_name = "FORM")]
    format: SuggestFormat,
    /// From which day financials count in the lines: 2026-01-01, beginning or
    /// now. Without it the lines say "now", which posts nothing of the past.
    #[arg(long, value_parser = propose::start, value_name = "DAY")]
    start: Option<Start>,
    /// One Stax Bill customer alone, also one that has a line.
    #[arg(long, value_name = "ID")]
    customer: Option<u64>,
    /// QuickBooks customers by a text: an id, an e-mail, a telephone, a part of
    /// a name.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// The links that Stax Bill's own integration made, and the documents that
    /// it posted and that are open.
    #[arg(long, conflicts_with = "search")]
    from_staxbill: bool,
    /// Do not ask Stax Bill for addresses: one call less for each customer that
    /// has a candidate, and less to tell customers apart by.
    #[arg(long)]
    without_addresses: bool,
}

/// The form of suggestions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SuggestFormat {
    /// Lines for a file of links: live where there is nothing to hesitate
    /// about, else commented out with the reasons.
    Toml,
    /// For people.
    Table,
    /// For programs.
    Json,
}

impl SuggestFormat {
    fn word(self) -> &'static str {
        match self {
            Self::Toml => "toml",
            Self::Table => "table",
            Self::Json => "json",
        }
    }

    fn form(self) -> Form {
        match self {
            Self::Toml => Form::Toml,
            Self::Table => Form::Table(width()),
            Self::Json => Form::Json,
        }
    }
}

pub(super) async fn suggest(path: &Path, args: &SuggestArgs) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    let text = match daemons(&config, args).await? {
        Some(text) => text,
        None => own(&config, args).await?,
    };
    print(&text);
    Ok(Exit::InBalance)
}

/// What a running daemon says under these files, over its own connections; `None`
/// where there is none.
async fn daemons(config: &Config, args: &SuggestArgs) -> Result<Option<String>, Failure> {
    let unfinished =
        |words: &dyn std::fmt::Display| Failure::new(Exit::Unfinished, format!("error: {words}"));
    let request = Request::Suggest {
        files: FileTexts(config.files.clone()),
        format: args.format.word().to_owned(),
        width: width(),
        start: args.start.map(|start| match start {
            Start::On(day) => day.to_string(),
            Start::Beginning => "beginning".to_owned(),
            Start::Now => "now".to_owned(),
        }),
        customer: args.customer,
        search: args.search.clone(),
        from_staxbill: args.from_staxbill,
        without_addresses: args.without_addresses,
    };
    match ask(&config.settings.paths.state, &request).await {
        Ok(answer) => match serde_json::from_str(answer.get()) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(unfinished(&AskError::Unreadable(error.to_string()))),
        },
        // One of an earlier version, or another user's: both sides are read here.
        Err(
            AskError::NoDaemon
            | AskError::Denied { .. }
            | AskError::Refused { problem: Problem::UnknownCommand, .. },
        ) => Ok(None),
        Err(AskError::Refused { problem: Problem::Busy, message }) => {
            Err(Failure::new(Exit::Held, format!("error: {message}")))
        }
        Err(AskError::Refused { problem: Problem::BadRequest, message }) => {
            Err(Failure::new(Exit::InvalidFiles, format!("error: {message}")))
        }
        Err(error) => Err(unfinished(&error)),
    }
}

/// What is read here, also beside a latchd that answers nobody.
async fn own(config: &Config, args: &SuggestArgs) -> Result<String, Failure> {
    let connection = Connection::open(config, &start::edges()?)?;
    let vendors = Vendors {
        staxbill: Arc::clone(&connection.staxbill),
        quickbooks: Arc::clone(&connection.quickbooks),
        borrowed: connection.beside,
    };
    let asked = Asked {
        form: args.format.form(),
        start: args.start,
        customer: args.customer,
        search: args.search.clone(),
        from_staxbill: args.from_staxbill,
        without_addresses: args.without_addresses,
        now: SystemClock.now(),
    };
    let proposed = propose::propose(config, &vendors, &asked).await;
    proposed.map_err(|error| match error {
        Unproposed::Cause(cause) => Failure::of_causes(&[*cause]),
        error @ (Unproposed::NoCustomer(_) | Unproposed::OtherCompany { .. } | Unproposed::State(_)) => {
            Failure::new(Exit::Unfinished, format!("error: {error}"))
        }
    })
}
