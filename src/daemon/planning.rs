//! Plans that are asked for beside the passes: made in the loop between two of
//! them, so that no write is under way while both sides are looked at.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::files::{EMPTIED, emptied};
use crate::config::{self, Config};
use crate::engine::Engine;
use crate::pass::{self, Cause};
use crate::plan::PlanAnswer;
use crate::socket::{Line, Problem};

/// Between two signs of life.
const SIGN: Duration = Duration::from_secs(5);

/// One question.
pub(super) struct PlanAsked {
    /// `latchd.toml` and what it includes.
    pub(super) files: Vec<(PathBuf, String)>,
    /// Where the answer goes; nobody takes it any more where this is closed.
    pub(super) lines: mpsc::Sender<Line>,
}

impl PlanAsked {
    /// Makes the plan and answers; ends early where nobody waits for it.
    pub(super) async fn answer(self, engine: &Engine, present: &Config, stop: &CancellationToken) {
        let line = tokio::select! {
            line = self.line(engine, present, stop) => line,
            () = self.lines.closed() => return,
            () = stop.cancelled() => Line::error(Problem::Failed, "the daemon ends; ask again when it is back"),
        };
        // Who hung up does not want it.
        let _ = self.lines.send(line).await;
    }

    async fn line(&self, engine: &Engine, present: &Config, stop: &CancellationToken) -> Line {
        let config = match self.config(engine, present) {
            Ok(config) => config,
            Err(refused) => return refused,
        };
        let mut world = engine.world(&config, stop.child_token());
        // How far a pass is, is told elsewhere.
        world.progress = watch::Sender::default();
        let mut progress = world.progress.subscribe();
        let plan = pass::plan(&world);
        tokio::pin!(plan);
        let planned = loop {
            tokio::select! {
                planned = &mut plan => break planned,
                () = tokio::time::sleep(SIGN) => {
                    let now = progress.borrow_and_update().clone();
                    let counted = if now.total > 0 { format!(" {} of {}", now.done, now.total) } else { String::new() };
                    // A slow reader misses some of them.
                    let _ = self.lines.try_send(Line::progress(format!("{}{counted}", now.phase)));
                }
            }
        };
        match planned {
            Ok((_, causes)) if causes.iter().any(Cause::stops) => {
                let told = causes
                    .iter()
                    .map(|cause| format!("{} ({})\nTo do: {}", cause.reason, cause.code, cause.todo()));
                Line::error(Problem::Failed, told.collect::<Vec<_>>().join("\n"))
            }
            Ok((plan, _)) => Line::result(&PlanAnswer::of(&plan)),
            Err(error) => Line::error(Problem::Failed, error.to_string()),
        }
    }

    /// The files, where a plan under them says anything about this state.
    fn config(&self, engine: &Engine, present: &Config) -> Result<Config, Line> {
        let refused = |words: String| Line::error(Problem::BadRequest, words);
        let Some((main, _)) = self.files.first() else {
            return Err(refused("a plan needs files".to_owned()));
        };
        let config = config::load_from(main, &self.files).map_err(|errors| refused(errors.to_string()))?;
        let (theirs, ours) = (&config.settings, &present.settings);
        if theirs.company.realm_id != ours.company.realm_id {
            return Err(refused(format!(
                "the files are about company {}, and this daemon keeps {}",
                theirs.company.realm_id, ours.company.realm_id
            )));
        }
        let links =
            engine.register.marks().map_err(|error| Line::error(Problem::Failed, error.to_string()))?.links;
        if emptied(&config, links) {
            return Err(refused(EMPTIED.to_owned()));
        }
        Ok(config)
    }
}
