//! The daemon inside another program: started, told to make a pass, listened to,
//! and ended. Both vendors are the sandbox on ports of this machine.
//!
//! ```sh
//! cargo run --example embedding
//! ```

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use latchd::clock::{Clock as _, SystemClock};
use latchd::config::SecretSources;
use latchd::daemon::{self, Control};
use latchd::engine::Edges;
use latchd::fsx::write_atomic;
use latchd::http::WireTransport;
use latchd::report::Status;
use latchd::sandbox::clock::SandboxClock;
use latchd::sandbox::{Sandbox, SandboxOptions};
use tokio::sync::watch;
use uuid::Uuid;

const FILES: &str = include_str!("once.toml");
/// Longer than any of it takes.
const PATIENCE: Duration = Duration::from_secs(120);

type Any = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Any> {
    let clock = SandboxClock::starting_at(SystemClock.now());
    let sandbox = Sandbox::sample(SandboxOptions { clock, ..SandboxOptions::default() });
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let served = sandbox.serve(any, any).await?;
    let folder = tempfile::tempdir()?;
    let main = folder.path().join("latchd.toml");
    let files = FILES
        .replace("127.0.0.1:8090", &served.quickbooks_addr.to_string())
        .replace("127.0.0.1:8091", &served.staxbill_addr.to_string());
    write_atomic(&main, files.as_bytes(), 0o600)?;

    let secrets = SecretSources::of_process();
    let edges = Edges {
        transport: Arc::new(WireTransport::new(&secrets.env)?),
        alerts: Arc::new(WireTransport::new(&secrets.env)?),
        clock: Arc::new(SystemClock),
        secrets,
        epoch: Uuid::new_v4(),
    };
    let (control, (reports, seen)) = (Control::default(), watch::channel(None));
    let daemon = daemon::run(&main, edges, &control, &reports);
    // Runs beside the daemon, as the rest of your program does.
    let story = async {
        let told = listen(&control, seen).await;
        control.stop.cancel();
        told
    };
    let (ended, told) = tokio::join!(daemon, story);
    ended?;
    served.stop().await;
    told
}

/// Waits for a first pass, asks for another, and waits for that.
async fn listen(control: &Control, mut seen: watch::Receiver<Option<Status>>) -> Result<(), Any> {
    let mut out = std::io::stdout().lock();
    for wanted in 1..=2 {
        let complete = |status: &Option<Status>| {
            status.as_ref().is_some_and(|status| {
                status.last_pass.number >= wanted && status.last_pass.outcome == "complete"
            })
        };
        let status = tokio::time::timeout(PATIENCE, seen.wait_for(complete)).await??.clone();
        let status = status.ok_or("no report")?;
        let synced: u64 = status.entities.iter().map(|row| row.synced).sum();
        let writes = status.last_pass.calls.quickbooks_writes + status.last_pass.calls.quickbooks_batches;
        writeln!(out, "pass {}: {synced} records in sync, {writes} writes", status.last_pass.number)?;
        control.wake.notify_one();
    }
    Ok(())
}
