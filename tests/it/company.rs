//! A company for tests: the sandbox's routers as the network, paused time, the
//! real engine over a store in memory. One value is one company; an engine of
//! it is one process.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use latchd::clock::{Clock, TokioClock};
use latchd::config::{Config, SecretSources, load_from};
use latchd::engine::{Edges, Engine};
use latchd::http::{RouterTransport, Transport};
use latchd::pass::{self, Cause, Done};
use latchd::plan::Plan;
use latchd::publish::Occasion;
use latchd::report::Status;
use latchd::sandbox::clock::SandboxClock;
use latchd::sandbox::{Cut, Sandbox, SandboxOptions};
use latchd::store::{Overlay, Store};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// When tests begin, on both vendors' clocks and ours.
pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";

/// One company and its state.
pub(crate) struct Company {
    /// Both vendors.
    pub sandbox: Sandbox,
    /// The state, which outlives processes.
    pub store: Arc<dyn Store>,
    /// `[links]` and whatever else a test adds.
    pub files: String,
    /// Added to `[posting]`.
    pub posting: String,
    /// The item of credits.
    pub credit_item: String,
    folder: tempfile::TempDir,
    pub(crate) clock: TokioClock,
    processes: AtomicU64,
    /// How a process opens the state, where it is not just there.
    pub(crate) opens: Option<Box<dyn Fn() -> Arc<dyn Store> + Send + Sync>>,
    /// Who sees what happens, if anybody.
    pub(crate) witness: Option<Box<dyn Witness>>,
}

/// Who sees what happens to a company.
pub(crate) trait Witness: Send + Sync {
    /// The network, with its traffic seen.
    fn over(&self, network: Arc<dyn Transport>) -> Arc<dyn Transport>;
    /// A pass came to this.
    fn pass(&self, done: &Done);
    /// A plan was made.
    fn plan(&self, plan: &Plan, causes: &[Cause]);
}

impl Company {
    /// The demo company beside the sample account.
    pub(crate) fn sample(files: &str) -> Self {
        Self::with(Sandbox::sample(options(false)), files)
    }

    /// The demo company beside an empty account.
    pub(crate) fn bare(files: &str) -> Self {
        Self::with(Sandbox::bare(options(false)), files)
    }

    /// A company over a sandbox of any kind.
    pub(crate) fn with(sandbox: Sandbox, files: &str) -> Self {
        // Nothing of a test needs to outlive a power loss: memory, where it is a folder.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let folder = folder.expect("a folder for reports and token");
        std::fs::create_dir(folder.path().join("state")).expect("a folder for the token");
        Self {
            sandbox,
            store: Arc::new(Overlay::empty()),
            files: files.to_owned(),
            posting: String::new(),
            credit_item: "Account credit".to_owned(),
            folder,
            clock: TokioClock::starting_at(NOW.parse().expect("a literal instant")),
            processes: AtomicU64::new(1),
            opens: None,
            witness: None,
        }
    }

    /// What the files say now.
    pub(crate) fn config(&self) -> Config {
        let main = self.main();
        load_from(&main, &vec![(main.clone(), self.text())]).unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// Where the operator's file is, or would be.
    pub(crate) fn main(&self) -> PathBuf {
        self.folder.path().join("latchd.toml")
    }

    /// The files, as one.
    pub(crate) fn text(&self) -> String {
        let text = LATCHD_TOML.replace("@credit_item", &self.credit_item);
        text.replace("#posting", &self.posting).replace("#files", &self.files)
    }

    /// A new process over the state.
    pub(crate) fn engine(&self) -> Engine {
        let edges = self.edges(Arc::new(self.clock));
        let store = self.opens.as_ref().map_or_else(|| Arc::clone(&self.store), |open| open());
        Engine::with_store(&self.config(), edges, store).expect("the engine starts")
    }

    /// The edges of a new process with a clock of its own.
    pub(crate) fn edges(&self, clock: Arc<dyn Clock>) -> Edges {
        let routers = vec![(8090, self.sandbox.quickbooks_router()), (8091, self.sandbox.staxbill_router())];
        let network = RouterTransport::new(routers, |extensions| extensions.get::<Cut>().is_some());
        let network: Arc<dyn Transport> = Arc::new(network);
        Edges {
            alerts: Arc::clone(&network),
            transport: match &self.witness {
                Some(witness) => witness.over(network),
                None => network,
            },
            clock,
            secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
            epoch: Uuid::from_u128(u128::from(self.processes.fetch_add(1, Ordering::Relaxed))),
        }
    }

    /// The files on the disk, for a daemon.
    #[expect(clippy::disallowed_methods, reason = "an operator's editor writes as it likes")]
    pub(crate) fn on_disk(&self) -> PathBuf {
        let main = self.folder.path().join("latchd.toml");
        std::fs::write(&main, self.text()).expect("the folder is the test's own");
        main
    }

    /// `latchd once` in a new process: a pass, and what it left open.
    pub(crate) async fn once(&self) -> (Done, Status) {
        self.once_in(&self.engine()).await
    }

    /// `latchd once` in a given process.
    pub(crate) async fn once_in(&self, engine: &Engine) -> (Done, Status) {
        let config = self.config();
        let world = engine.world(&config, CancellationToken::new());
        let occasion = Occasion {
            config: &config,
            rejected: None,
            observed: config.generation.clone(),
            triggers: vec!["test".to_owned()],
            next_pass_at: None,
        };
        let mut last = None;
        let mut each = |done: &Done| {
            let status = engine.publisher.publish(&engine.register, &occasion, done, engine.clock.now());
            last = Some(status.expect("the state is sound"));
        };
        let mut done = pass::run(&world, &mut each).await.expect("the state is sound");
        self.note(&done);
        if let Some(later) = pass::finish(&world, &mut each).await.expect("the state is sound") {
            done = later;
            self.note(&done);
        }
        let status = last.expect("a pass reports");
        status.is_consistent().unwrap_or_else(|wrong| panic!("{wrong}"));
        (done, status)
    }

    /// `latchd plan` in a new process.
    pub(crate) async fn plan(&self) -> (Plan, Vec<Cause>) {
        let engine = self.engine();
        let world = engine.world(&self.config(), CancellationToken::new());
        let planned = pass::plan(&world).await.expect("the state is sound");
        if let Some(witness) = &self.witness {
            witness.plan(&planned.0, &planned.1);
        }
        planned
    }

    /// Tells what a pass came to.
    pub(crate) fn note(&self, done: &Done) {
        if let Some(witness) = &self.witness {
            witness.pass(done);
        }
    }

    /// Lets both vendors' time and ours go on.
    pub(crate) async fn wait(&self, time: Duration) {
        tokio::time::advance(time).await;
    }
}

/// Sandbox options with the clock at [`NOW`].
pub(crate) fn options(throttled: bool) -> SandboxOptions {
    let clock = SandboxClock::starting_at(NOW.parse().expect("a literal instant"));
    SandboxOptions { throttled, clock, ..SandboxOptions::default() }
}

/// Warnings as `key code`, in the report's order.
pub(crate) fn warnings(status: &Status) -> Vec<String> {
    status.warnings.iter().map(|warning| format!("{} {}", warning.key, warning.code)).collect()
}

/// The counts of an entity (0 customers, 1 invoices, 2 payments) as
/// `(in scope, synced, in QuickBooks)`.
pub(crate) fn counts(status: &Status, entity: usize) -> (u64, u64, u64) {
    let row = &status.entities[entity];
    (row.in_scope, row.synced, row.quickbooks)
}

const LATCHD_TOML: &str = r#"
version = 1

[company]
name = "craigs"
realm_id = "9130350000000000"
expect = "Craig's Design and Landscaping Services"
time_zone = "America/Los_Angeles"

[staxbill]
base_url = "http://127.0.0.1:8091/v1"
api_key = "MDpzYW5kYm94"

[quickbooks]
environment = "sandbox"
api_url = "http://127.0.0.1:8090"
discovery_url = "http://127.0.0.1:8090/.well-known/openid_configuration"
client_id = "sandbox-client"
client_secret = "sandbox-secret"
refresh_token = "sandbox-refresh-token"

[paths]
state = "state"
reports = "reports"

[posting]
deferred_revenue_item = "Subscription services"
deposit_account = "Undeposited Funds"
tax_item = "Sales tax collected"
credit_item = "@credit_item"
bad_debt_item = "Bad debt"
discount_item = "Discounts given"
#posting

[deposit_accounts]
"CreditCard" = "Card clearing"

[limits]
quickbooks_requests_minute = 60000
quickbooks_requests_second = 1000
quickbooks_batches_minute = 6000
staxbill_requests_minute = 60000

#files
"#;
