//! `latchd state rebuild`: from nothing but the files and QuickBooks' marks to a
//! state whose next plan holds just what is left to do. It writes nothing to
//! QuickBooks.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::bar::Bar;
use super::once::{SETTLING, stopped};
use super::{Exit, Failure, counted, print, start};
use crate::config::{self, Config};
use crate::engine::Engine;
use crate::log;
use crate::pass::{self, Cause, Done, Outcome};
use crate::plan::Plan;
use crate::publish::Occasion;
use crate::report::Status;
use crate::store::{StoreError, name};

/// What an end in the middle leaves behind.
const SAFE: &str = "The state is begun anew, and not everything was looked at: call `latchd state rebuild` again, \
                    or start latchd, which looks at all of QuickBooks before it writes.";

pub(super) async fn rebuild(path: &Path) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    let (engine, aside, before) = Engine::open_anew(&config, start::edges()?)?;
    let place = config.settings.paths.state.display();
    print(&match &aside {
        Some(aside) => format!(
            "The state in {place} is begun anew; {}.\nThe one before is in {}; delete it when nobody needs it.\n",
            log::tame(&before),
            aside.display()
        ),
        None => format!("The state in {place} is begun anew; {before}.\n"),
    });
    let stop = CancellationToken::new();
    let looked = tokio::select! {
        looked = look(&config, &engine, &stop) => looked?,
        () = stopped(&stop) => {
            // A token that Intuit has just rotated is saved.
            let _ = tokio::time::timeout(SETTLING, engine.settled()).await;
            return Err(Failure::new(Exit::Unfinished, format!("error: ended in the middle, as asked\n{SAFE}")));
        }
    };
    match looked.done.outcome {
        Outcome::Failed => return Err(Failure::of_causes(&looked.done.causes).with_remedy(SAFE)),
        Outcome::Interrupted | Outcome::Running => {
            return Err(Failure::new(
                Exit::Unfinished,
                format!("error: ended in the middle, as asked\n{SAFE}"),
            ));
        }
        Outcome::Complete => {}
    }
    let (plan, causes) = &looked.plan;
    if causes.iter().any(Cause::stops) {
        return Err(Failure::of_causes(causes));
    }
    print(&told(&looked.status, plan, &lost(&config, &engine)?));
    Ok(Exit::InBalance)
}

/// What was seen, and what a pass would do now.
struct Looked {
    done: Done,
    status: Status,
    plan: (Plan, Vec<Cause>),
}

async fn look(config: &Config, engine: &Engine, stop: &CancellationToken) -> Result<Looked, Failure> {
    let world = engine.world(config, stop.clone());
    let occasion = Occasion {
        config,
        rejected: None,
        observed: config.generation.clone(),
        triggers: vec!["rebuild".to_owned()],
        next_pass_at: None,
    };
    let mut last: Option<Status> = None;
    let mut each =
        |done: &Done| match engine.publisher.publish(&engine.register, &occasion, done, engine.clock.now()) {
            Ok(status) => last = Some(status),
            Err(error) => tracing::error!("cannot make the report: {error}"),
        };
    let bar = Bar::follow(engine.progress());
    let mut waits = |left: Duration| {
        let seconds = left.as_secs().max(1);
        print(&format!(
            "Both sides are read. For {} more, writes of another process may come to light; then what changed is \
             read once more.\n",
            counted(usize::try_from(seconds).unwrap_or(usize::MAX), "second")
        ));
    };
    let done = pass::look_till_settled(&world, &mut each, &mut waits).await?;
    let plan = match done.outcome {
        Outcome::Complete => pass::plan(&world).await?,
        Outcome::Failed | Outcome::Interrupted | Outcome::Running => {
            (Plan::new(config.generation.clone(), Vec::new(), Vec::new(), Vec::new()), Vec::new())
        }
    };
    drop(bar);
    let Some(status) = last else { return Err(Failure::new(Exit::Unfinished, "error: there is no report")) };
    Ok(Looked { done, status, plan })
}

/// What could not be known again, in a line each.
fn lost(config: &Config, engine: &Engine) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    let days: BTreeSet<u64> = engine.register.mark(name::LOST_DAYS)?.unwrap_or_default();
    if !days.is_empty() {
        let named: Vec<String> = days.iter().take(10).map(u64::to_string).collect();
        let more = if days.len() > named.len() { ", …" } else { "" };
        lines.push(format!(
            "Which day start = \"now\" stood for is lost of {} ({}{more}): write the date into the line; until then \
             nothing of theirs is posted.",
            counted(days.len(), "customer"),
            named.join(", ")
        ));
    }
    let remembered = engine.register.rebuilt()?.is_none_or(|rebuilt| rebuilt.remembered);
    if !remembered && !config.decisions.exceptions.resends.is_empty() {
        lines.push(
            "Which resends were acted on is lost: each that stands in the files counts as handled; for another \
             time write another token."
                .to_owned(),
        );
    }
    Ok(lines)
}

fn told(status: &Status, plan: &Plan, lost: &[String]) -> String {
    let mut text = format!("\n{:<18} {:>9} {:>11} {:>9}\n", "", "Stax Bill", "QuickBooks", "in sync");
    for row in &status.entities {
        let entity = row.entity.name();
        let _ = writeln!(text, "{entity:<18} {:>9} {:>11} {:>9}", row.staxbill, row.quickbooks, row.synced);
    }
    text.push('\n');
    for line in lost {
        let _ = writeln!(text, "{line}");
    }
    let waiting = plan.held.len() + plan.blocked.len();
    if plan.steps.is_empty() {
        text.push_str("Nothing was written to QuickBooks, and nothing is left to write.\n");
    } else {
        let _ = writeln!(
            text,
            "Nothing was written to QuickBooks. {} left to write: look at {} with `latchd plan`; the next pass does it.",
            match plan.steps.len() {
                1 => "1 step is".to_owned(),
                more => format!("{more} steps are"),
            },
            if plan.steps.len() == 1 { "it" } else { "them" },
        );
    }
    if waiting > 0 {
        let _ = writeln!(
            text,
            "{} not done: `latchd plan` says why.",
            if waiting == 1 { "1 record is".to_owned() } else { format!("{waiting} records are") }
        );
    }
    text
}
