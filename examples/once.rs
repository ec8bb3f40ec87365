//! One pass against the sandbox, all in this process: no port, no account, and
//! nothing but the token in a temporary folder.
//!
//! ```sh
//! cargo run --example once
//! ```

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use latchd::clock::TokioClock;
use latchd::config::{SecretSources, load_from};
use latchd::engine::{Edges, Engine};
use latchd::http::{RouterTransport, Transport};
use latchd::pass;
use latchd::publish::Occasion;
use latchd::report::terminal;
use latchd::sandbox::clock::SandboxClock;
use latchd::sandbox::{Cut, Sandbox, SandboxOptions};
use latchd::store::Overlay;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const FILES: &str = include_str!("once.toml");

type Any = Box<dyn std::error::Error>;

fn main() -> Result<(), Any> {
    // Time is nobody's: waits between requests cost none.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(once())
}

async fn once() -> Result<(), Any> {
    let now = "2026-11-22T12:00:00Z".parse()?;
    let clock = SandboxClock::starting_at(now);
    let sandbox = Sandbox::sample(SandboxOptions { clock, ..SandboxOptions::default() });
    let routers = vec![(8090, sandbox.quickbooks_router()), (8091, sandbox.staxbill_router())];
    let network: Arc<dyn Transport> =
        Arc::new(RouterTransport::new(routers, |extensions| extensions.get::<Cut>().is_some()));

    // The files, as an operator would write them.
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("state"))?;
    let main = folder.path().join("latchd.toml");
    let config = load_from(&main, &vec![(main.clone(), FILES.to_owned())])?;

    // What a process has: the network, a clock, secrets, a name of its own.
    let edges = Edges {
        transport: Arc::clone(&network),
        alerts: network,
        clock: Arc::new(TokioClock::starting_at(now)),
        secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
        epoch: Uuid::new_v4(),
    };
    let engine = Engine::with_store(&config, edges, Arc::new(Overlay::empty()))?;
    let occasion = Occasion {
        config: &config,
        rejected: None,
        observed: config.generation.clone(),
        triggers: vec!["example".to_owned()],
        next_pass_at: None,
    };
    let mut last = None;
    let mut each = |done: &pass::Done| {
        last = engine.publisher.publish(&engine.register, &occasion, done, engine.clock.now()).ok();
    };
    let world = engine.world(&config, CancellationToken::new());
    pass::run(&world, &mut each).await?;
    pass::finish(&world, &mut each).await?;

    let status = last.ok_or("a pass reports")?;
    let invoices = sandbox.quickbooks.objects("Invoice").len();
    let reports: &Path = &config.settings.paths.reports;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", terminal(&status, 100, false))?;
    writeln!(out, "{invoices} invoices stand in QuickBooks; the reports were in {}", reports.display())?;
    // The sample account's books: whoever changes this example sees it.
    let synced: u64 = status.entities.iter().map(|row| row.synced).sum();
    if synced < 40 || invoices == 0 {
        return Err(format!("only {synced} records and {invoices} invoices were posted").into());
    }
    Ok(())
}
