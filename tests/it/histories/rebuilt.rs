//! The state is begun anew by hand, in the middle of a history and at its end.

use std::path::PathBuf;
use std::time::Duration;

use latchd::pass::{self, Done, Outcome};
use latchd::sandbox::clock::SandboxClock;
use tokio_util::sync::CancellationToken;

use super::disk::Disk;
use super::player::Player;
use super::playing::AT_REST;
use super::wire::Broken;
use crate::company::Company;

/// Rebuilding only looks.
const LOOKS: &str = "a rebuilding writes nothing";

/// What begins a state anew.
pub(super) struct Anew {
    disk: Disk,
    folder: PathBuf,
    clock: SandboxClock,
}

impl Anew {
    pub(super) fn new(disk: Disk, folder: PathBuf, clock: SandboxClock) -> Self {
        Self { disk, folder, clock }
    }

    /// As `latchd state rebuild` does it.
    async fn rebuild(&self, company: &Company) -> Result<Done, Broken> {
        self.disk.begin_anew(&self.folder, self.clock.now());
        let engine = company.engine();
        let world = engine.world(&company.config(), CancellationToken::new());
        let done = pass::look_till_settled(&world, &mut |_| {}, &mut |_| {}).await.expect("the disk answers");
        let calls = world.calls();
        if calls.quickbooks_writes + calls.quickbooks_batches == 0 && done.steps.is_empty() {
            Ok(done)
        } else {
            Err(Broken::new(LOOKS, format!("{calls:?} {:#?}", done.steps)))
        }
    }

    /// Where all is well, nothing is left to do afterwards.
    pub(super) async fn leaves_nothing(&self, company: &Company) -> Result<(), Broken> {
        company.wait(Duration::from_mins(10)).await;
        let done = self.rebuild(company).await?;
        let (plan, causes) = company.plan().await;
        if done.outcome == Outcome::Complete && plan.steps.is_empty() && causes.is_empty() {
            Ok(())
        } else {
            Err(Broken::new(AT_REST, format!("after a rebuilding the plan is {:#?} {causes:?}", plan.steps)))
        }
    }
}

impl Player {
    /// Whatever process ran is gone, and its state too. What keeps the command from
    /// its work keeps the next pass from it.
    pub(super) async fn rebuild(&mut self, anew: &Anew) -> Result<(), Broken> {
        self.engine = None;
        self.played.put_back = true;
        anew.rebuild(&self.played.company).await.map(|_| ())
    }
}
