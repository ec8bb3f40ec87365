//! `latchd demo`: sandbox, daemon and sample files together. The daemon is the
//! real one, over real HTTP on this machine; only its addresses differ.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use super::demo_files::{LATER, WRONG, latchd_toml, later_toml, links_toml, mended};
use super::{Exit, Failure, colour, print, start, width};
use crate::clock::{Clock, SystemClock};
use crate::daemon::{self, Control};
use crate::fsx;
use crate::report::{Status, terminal};
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::{Sandbox, SandboxOptions};

/// Longer than any step of it takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Options of `latchd demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Where files, state and reports go; must be empty or new.
    #[arg(long, default_value = "latchd-demo", value_name = "DIR")]
    dir: PathBuf,
    /// Leave sandbox and daemon running until Ctrl-C.
    #[arg(long)]
    keep: bool,
}

pub(super) async fn demo(args: &DemoArgs) -> Result<Exit, Failure> {
    let dir = fresh(&args.dir)?;
    let clock = SandboxClock::starting_at(SystemClock.now());
    let sandbox = Sandbox::sample(SandboxOptions { seed: 1, throttled: false, clock });
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    let served = sandbox.serve(any, any).await.map_err(|error| failed("listen on this machine", &error))?;
    let links = links_toml();
    write(&dir.join("latchd.toml"), &latchd_toml(served.quickbooks_addr, served.staxbill_addr))?;
    write(&dir.join("links.d/2026-01-onboarding.toml"), &links)?;
    say(&format!(
        "Stax Bill and QuickBooks Online run on this machine; the operator's files are in {}.",
        dir.display()
    ));
    let control = Control::default();
    let (reports, seen) = watch::channel(None);
    let config = dir.join("latchd.toml");
    let edges = start::edges()?;
    let daemon = daemon::run(&config, edges, &control, &reports);
    let story = async {
        let told = story(&dir, &links, seen).await;
        if told.is_ok() && args.keep {
            say(&format!(
                "QuickBooks on http://{}, Stax Bill on http://{}/v1, until Ctrl-C. Edit the files and watch {}.",
                served.quickbooks_addr,
                served.staxbill_addr,
                dir.join("reports/overview.md").display()
            ));
            let _ = tokio::signal::ctrl_c().await;
        }
        control.stop.cancel();
        told
    };
    tokio::pin!(daemon);
    let told = tokio::select! {
        // A daemon that ends before the story does says why.
        ended = &mut daemon => { ended?; return Err(failed("the demonstration", &"the daemon ended")) }
        told = story => told,
    };
    daemon.await?;
    served.stop().await;
    told.map(|()| Exit::InBalance)
}

/// What is shown, in order; each step waits for what it is about.
async fn story(dir: &Path, links: &str, mut seen: watch::Receiver<Option<Status>>) -> Result<(), Failure> {
    say("\n1. The daemon's first pass: customers, their invoices, then their payments.\n");
    let first = wait_for(&mut seen, "the first pass", |status| {
        status.last_pass.outcome == "complete" && status.last_pass.number >= 1 && complete(status)
    })
    .await?;
    print(&terminal(&first, width(), colour()));

    say(&format!("\n2. A colleague connects customer {LATER}, Bolt Bakery, in a file of her own:\n"));
    say(&indented(&later_toml()));
    write(&dir.join("links.d/2026-11-bolt.toml"), &later_toml())?;
    let gone = |status: &Status, id: i64| {
        !status.warnings.iter().any(|warning| warning.key == format!("customer/{id}")) && complete(status)
    };
    let second = wait_for(&mut seen, "the new customer", |status| gone(status, LATER)).await?;
    say(&format!("The daemon saw the file: {}.", counts(&first, &second)));

    let key = format!("customer/{WRONG}");
    if let Some(warning) = second.warnings.iter().find(|warning| warning.key == key) {
        say(&format!(
            "\n3. A warning, and what it holds up:\n\n   {} {}: {}\n   {} documents wait for it.\n   {}\n",
            warning.label, warning.code, warning.reason, warning.blocks.records, warning.remedy
        ));
    }
    say("   The line adopted the wrong QuickBooks customer. Corrected:\n");
    let right = mended(links);
    say(&indented(right.lines().find(|line| line.starts_with(&WRONG.to_string())).unwrap_or_default()));
    write(&dir.join("links.d/2026-01-onboarding.toml"), &right)?;
    let third = wait_for(&mut seen, "the corrected line", |status| gone(status, WRONG)).await?;
    say(&format!("The warning is gone: {}.\n", counts(&second, &third)));
    print(&terminal(&third, width(), colour()));
    say(&format!(
        "\nReports are in {}: overview.md, status.json, latchd.prom, history.ndjson.",
        dir.join("reports").display()
    ));
    Ok(())
}

/// A report at the end of a pass that looked at everything.
fn complete(status: &Status) -> bool {
    status.last_pass.outcome == "complete"
        && status.last_sync_at.is_some_and(|at| at >= status.last_pass.started_at)
}

async fn wait_for(
    seen: &mut watch::Receiver<Option<Status>>,
    what: &str,
    there: impl Fn(&Status) -> bool,
) -> Result<Status, Failure> {
    let found = seen.wait_for(|status| status.as_ref().is_some_and(&there));
    match tokio::time::timeout(PATIENCE, found).await {
        Ok(Ok(status)) => status.clone().ok_or_else(|| failed(what, &"no report")),
        Ok(Err(_)) => Err(failed(what, &"the daemon ended")),
        Err(_) => Err(failed(what, &"it took too long; the reports say how things stand")),
    }
}

fn counts(before: &Status, after: &Status) -> String {
    let rows = before.entities.iter().zip(&after.entities).filter(|(old, new)| new.synced > old.synced);
    let rows =
        rows.map(|(old, new)| format!("{} more {}s in QuickBooks", new.synced - old.synced, new.entity));
    let rows = rows.collect::<Vec<_>>();
    if rows.is_empty() { "nothing new in QuickBooks".to_owned() } else { rows.join(", ") }
}

/// The folder, made; one with files in it is refused, unless a demonstration
/// made it: then it is made anew.
fn fresh(dir: &Path) -> Result<PathBuf, Failure> {
    let made_by_us =
        dir.join("latchd.toml").is_file() && dir.join("links.d/2026-01-onboarding.toml").is_file();
    if made_by_us {
        for part in ["links.d", "state", "reports"] {
            let part = dir.join(part);
            if part.is_dir() {
                std::fs::remove_dir_all(&part)
                    .map_err(|error| failed("clear the last demonstration", &error))?;
            }
        }
        std::fs::remove_file(dir.join("latchd.toml"))
            .map_err(|error| failed("clear the last demonstration", &error))?;
    }
    std::fs::create_dir_all(dir.join("links.d")).map_err(|error| failed("make the folder", &error))?;
    let entries = std::fs::read_dir(dir).map_err(|error| failed("read the folder", &error))?.count();
    if entries > 1 {
        let words = format!(
            "error: {} has files in it that no demonstration made; name another folder with --dir",
            dir.display()
        );
        return Err(Failure::new(Exit::Unfinished, words));
    }
    dir.canonicalize().map_err(|error| failed("find the folder", &error))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fsx::write_atomic(path, text.as_bytes(), 0o644).map_err(|error| failed("write the sample files", &error))
}

fn failed(what: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Unfinished, format!("error: {what}: {why}"))
}

fn say(text: &str) {
    print(&format!("{text}\n"));
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("   {line}")).collect::<Vec<_>>().join("\n")
}
