//! Passes that write nothing to QuickBooks: a plan, which leaves the state as it
//! is too, and a look, which keeps what it saw, for a state that is rebuilt by
//! hand.

use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument as _;

use super::{Cause, Done, Mode, Outcome, Pass, World, anew, run_inside, span};
use crate::model::{Code, Key};
use crate::plan::{self, Plan};
use crate::store::{Overlay, Register, StoreError};

/// The least that is waited: what is left may be less than the clock can tell.
const TICK: Duration = Duration::from_millis(10);

/// A pass that only looks. It reads both sides, makes what bears our marks the
/// records' own again and judges every record; what it would write is left to the
/// next pass.
pub async fn look(world: &World, each: &mut (dyn FnMut(&Done) + Send)) -> Result<Done, StoreError> {
    let span = span(world)?;
    run_inside(world, Mode::Look, each).instrument(span).await
}

/// Looks at everything, waits until no write of another process can come to light
/// any more, and looks once more at what changed. `waits` is told how long that
/// takes.
///
/// What the state before had open needs nothing else. No write of it is sent
/// again, because its journal is not taken over, and the ids of this process are
/// new. A create bears its mark from the very call that it was sent in, and Intuit
/// has done with a call before the wait is over, which begins after the state's
/// lock was taken: either its object is found by the second look at the latest, or
/// it never comes and the plan makes one. An update or a void that comes late
/// finds its `SyncToken` gone where anything was written since, and is seen by
/// the next change feed where nothing was.
pub async fn look_till_settled(
    world: &World,
    each: &mut (dyn FnMut(&Done) + Send),
    waits: &mut (dyn FnMut(Duration) + Send),
) -> Result<Done, StoreError> {
    loop {
        let done = look(world, each).await?;
        let ended = match done.outcome {
            Outcome::Complete => false,
            Outcome::Running | Outcome::Interrupted | Outcome::Failed => true,
        };
        let Some(left) = anew::wait_left(world)?.filter(|_| !ended) else { return Ok(done) };
        waits(left);
        world.progress("waiting for writes of another process that may come to light", 0, 0);
        tokio::select! {
            () = tokio::time::sleep(left.max(TICK)) => {}
            () = world.stop.cancelled() => return Ok(Done { outcome: Outcome::Interrupted, ..done }),
        }
    }
}

/// What a pass would do. Reads both sides, writes nothing anywhere.
pub async fn plan(world: &World) -> Result<(Plan, Vec<Cause>), StoreError> {
    let span = span(world)?;
    plan_inside(world).instrument(span).await
}

async fn plan_inside(world: &World) -> Result<(Plan, Vec<Cause>), StoreError> {
    let over = |below: &Register| Register::new(Arc::new(Overlay::over(below.store())));
    let mut pass = Pass::new(world, over(&world.register), Mode::Plan)?;
    let seen = pass.observe().await;
    pass.tell_own_sync();
    pass.tell_settings();
    // What was found stays as it was; what would be written is laid over it.
    let found = pass.register.clone();
    pass.register = over(&found);
    let before = world.calls();
    if pass.note(seen)? {
        pass.write_all(&before, &mut |_| {}).await?;
    }
    let (held, blocked) = pass.unwritten()?;
    let steps = std::mem::take(&mut pass.steps);
    // Each wave was checked by itself; their order is checked here.
    let standing = |key: Key| found.record(key).ok().flatten().as_ref().and_then(plan::Standing::of);
    if let Some(wrong) = plan::check_plan(&steps, standing).first() {
        let reason = format!(
            "latchd's own check found a contradiction in the plan: {}: {}. Please report it.",
            wrong.key, wrong.what
        );
        pass.causes.push(Cause::new(Code::Guard, reason));
    }
    let left_alone = pass.left_alone()?;
    let plan = Plan { left_alone, ..Plan::new(world.generation.clone(), steps, held, blocked) };
    Ok((plan, pass.causes))
}
