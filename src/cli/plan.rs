//! `latchd plan`: what a pass would do; writes nothing. A running daemon is asked
//! over its socket, also about files that are not in force; without one the state
//! is read here.

use std::path::Path;

use clap::{Args, ValueEnum};
use tokio_util::sync::CancellationToken;

use super::bar::Bar;
use super::{Exit, Failure, print, start};
use crate::config::{self, Config};
use crate::pass::{self, Cause};
use crate::plan::PlanAnswer;
use crate::socket::{AskError, FileTexts, Problem, Request, ask_following};

/// Options of `latchd plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// The form of the plan.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text, value_name = "FORM")]
    format: PlanFormat,
}

/// The form of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// For people: sums first.
    Text,
    /// For programs: every step.
    Json,
}

pub(super) async fn plan(path: &Path, args: &PlanArgs) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    let answer = match asked(&config).await? {
        Some(answer) => answer,
        None => own(path).await?,
    };
    print(match args.format {
        PlanFormat::Text => &answer.text,
        PlanFormat::Json => &answer.json,
    });
    if answer.guarded {
        return Ok(Exit::Guarded);
    }
    Ok(match (answer.changes, answer.drifted) {
        (true, _) => Exit::ChangesPlanned,
        (false, true) => Exit::DriftOnly,
        (false, false) => Exit::InBalance,
    })
}

/// What a running daemon says under these files, which may be others than its
/// own; `None` where there is none.
async fn asked(config: &Config) -> Result<Option<PlanAnswer>, Failure> {
    let unfinished =
        |words: &dyn std::fmt::Display| Failure::new(Exit::Unfinished, format!("error: {words}"));
    let bar = Bar::asked();
    let request = Request::Plan { files: FileTexts(config.files.clone()) };
    match ask_following(&config.settings.paths.state, &request, &mut |words| bar.say(words)).await {
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
        Err(AskError::Refused { problem: Problem::BadRequest, message }) => {
            Err(Failure::new(Exit::InvalidFiles, format!("error: {message}")))
        }
        Err(error) => Err(unfinished(&error)),
    }
}

/// The plan that is made here, under the state's lock.
async fn own(path: &Path) -> Result<PlanAnswer, Failure> {
    let (config, engine) = start::engine(path, true)?;
    let world = engine.world(&config, CancellationToken::new());
    let bar = Bar::follow(engine.progress());
    let (plan, causes) = pass::plan(&world).await?;
    drop(bar);
    if causes.iter().any(Cause::stops) {
        return Err(Failure::of_causes(&causes));
    }
    Ok(PlanAnswer::of(&plan))
}
