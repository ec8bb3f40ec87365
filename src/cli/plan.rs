//! `latchd plan`: what a pass would do; writes nothing.

use std::path::Path;

use clap::{Args, ValueEnum};
use tokio_util::sync::CancellationToken;

use super::bar::Bar;
use super::{Exit, Failure, print, start};
use crate::model::Code;
use crate::pass::{self, Cause};
use crate::plan as planning;

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
    let (config, engine) = start::engine(path, true)?;
    let world = engine.world(&config, CancellationToken::new());
    let bar = Bar::follow(engine.progress());
    let (plan, causes) = pass::plan(&world).await?;
    drop(bar);
    if causes.iter().any(Cause::stops) {
        return Err(Failure::of_causes(&causes));
    }
    match args.format {
        PlanFormat::Text => print(&planning::text(&plan)),
        PlanFormat::Json => {
            let text = serde_json::to_string_pretty(&plan)
                .map_err(|error| Failure::new(Exit::Unfinished, error.to_string()))?;
            print(&format!("{text}\n"));
        }
    }
    Ok(if !plan.steps.is_empty() {
        Exit::ChangesPlanned
    } else if plan.held.iter().any(|held| held.code == Code::Drifted) {
        Exit::DriftOnly
    } else {
        Exit::InBalance
    })
}
