//! Plays a trial: the company comes into being, passes are made at their hours,
//! and what came of them is compared with what was expected.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::compare::{Difference, Wrong, differences, fields};
use super::expect::Expected;
use super::files::{Prepared, QUICKBOOKS_PORT, STAXBILL_PORT};
use super::section::{Row, WHOLE};
use super::{Found, TrialError, Verdict};
use crate::clock::Clock;
use crate::config::{Config, SecretSources};
use crate::engine::{Edges, Engine};
use crate::http::{RouterTransport, Transport};
use crate::pass::{self, Done, Outcome};
use crate::plan::Plan;
use crate::publish::Occasion;
use crate::report::Status;
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::{Cut, Sandbox};
use crate::store::Overlay;

/// Steps of the hour of a pass come before it.
const MOMENT: Duration = Duration::from_millis(10);

/// Plays it, on tokio's paused time.
///
/// # Errors
///
/// What keeps it from being played at all.
///
/// # Panics
///
/// Outside a tokio runtime.
pub async fn play(prepared: &Prepared) -> Result<Verdict, TrialError> {
    let plan = if prepared.trial.expected.plans() { Some(plan(prepared).await?) } else { None };
    let company = Company::new(prepared)?;
    company.begin(prepared);
    let mut status = None;
    for hour in &prepared.trial.passes {
        company.reach(prepared, *hour).await;
        status = company.once().await?.or(status);
    }
    let found = Found::of(plan.as_ref(), &company.sandbox, status.as_ref());
    Ok(verdict(prepared, found))
}

/// What the first pass would do. It has both vendors for itself, so that calls
/// which steps wait for are those of the passes.
async fn plan(prepared: &Prepared) -> Result<Plan, TrialError> {
    let company = Company::new(prepared)?;
    company.begin(prepared);
    company.reach(prepared, prepared.trial.passes.first().copied().unwrap_or_default()).await;
    let world = company.engine.world(&company.config, CancellationToken::new());
    Ok(pass::plan(&world).await?.0)
}

/// Both vendors and a process of latchd's.
struct Company {
    sandbox: Sandbox,
    config: Config,
    engine: Engine,
    _folder: tempfile::TempDir,
}

impl Company {
    fn new(prepared: &Prepared) -> Result<Self, TrialError> {
        // Nothing of it needs to outlive a power loss: memory, where it is a folder.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
        for part in ["state", "reports"] {
            std::fs::create_dir(folder.path().join(part))?;
        }
        let sandbox = prepared.sandbox().map_err(|_| TrialError::Excerpt)?;
        let config = prepared.towards_the_sandbox(folder.path());
        let engine = Engine::with_store(&config, edges(&sandbox), Arc::new(Overlay::empty()))?;
        Ok(Self { sandbox, config, engine, _folder: folder })
    }

    fn begin(&self, prepared: &Prepared) {
        self.sandbox.play(prepared.trial.scenario.clone());
    }

    /// Waits for the hour of a pass, and for the steps of that hour.
    async fn reach(&self, prepared: &Prepared, hour: Duration) {
        let hour = SignedDuration::try_from(hour).unwrap_or(SignedDuration::MAX);
        self.sandbox.clock.reached(prepared.begins.saturating_add(hour).unwrap_or(Timestamp::MAX)).await;
        tokio::time::sleep(MOMENT).await;
    }

    /// `latchd once`: a pass, and what it left open.
    async fn once(&self) -> Result<Option<Status>, TrialError> {
        let world = self.engine.world(&self.config, CancellationToken::new());
        let occasion = Occasion {
            config: &self.config,
            rejected: None,
            observed: self.config.generation.clone(),
            triggers: vec!["test".to_owned()],
            next_pass_at: None,
        };
        let mut last = None;
        let mut broken = None;
        let mut each = |done: &Done| {
            if done.outcome == Outcome::Running {
                return;
            }
            match self.engine.publisher.publish(
                &self.engine.register,
                &occasion,
                done,
                self.engine.clock.now(),
            ) {
                Ok(status) => last = Some(status),
                Err(error) => broken = Some(error),
            }
        };
        let done = pass::run(&world, &mut each).await?;
        if done.outcome == Outcome::Complete {
            pass::finish(&world, &mut each).await?;
        }
        broken.map_or(Ok(last), |error| Err(error.into()))
    }
}

fn edges(sandbox: &Sandbox) -> Edges {
    let routers =
        vec![(QUICKBOOKS_PORT, sandbox.quickbooks_router()), (STAXBILL_PORT, sandbox.staxbill_router())];
    let network = RouterTransport::new(routers, |extensions| extensions.get::<Cut>().is_some());
    let network: Arc<dyn Transport> = Arc::new(network);
    Edges {
        alerts: Arc::clone(&network),
        transport: network,
        clock: Arc::new(TheirClock(sandbox.clock.clone())),
        secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
        epoch: Uuid::from_u128(1),
    }
}

/// The vendors' clock is everybody's: a step may put it forward.
struct TheirClock(SandboxClock);

impl Clock for TheirClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

fn verdict(prepared: &Prepared, found: Found) -> Verdict {
    let trial = &prepared.trial;
    let differences = judged(&trial.expected, &found);
    Verdict { name: Arc::clone(&trial.name), about: trial.about.clone(), differences, found }
}

/// What was found and is not as expected.
pub(super) fn judged(expected: &Expected, found: &Found) -> Vec<Difference> {
    let mut told = Vec::new();
    let whole = fields(&WHOLE, &expected.whole, &found.whole);
    if !whole.is_empty() {
        told.push(Difference { section: WHOLE.name, row: String::new(), wrong: Wrong::Differs(whole) });
    }
    let none: Vec<Row> = Vec::new();
    for (section, rows) in &expected.sections {
        told.extend(differences(section, rows, found.rows(section.name).unwrap_or(&none)));
    }
    told.extend(found.steps());
    told
}
