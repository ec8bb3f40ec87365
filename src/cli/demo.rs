//! `latchd demo`: sandbox, daemon and sample files together. The daemon is the
//! real one, over real HTTP on this machine; only its addresses differ.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use super::demo_files::{
    FIRST_FILE, LATER, LATER_FILE, SIGN, WRONG, latchd_toml, later_toml, links_toml, mended,
};
use super::{Exit, Failure, colour, counted, print, start, width};
use crate::clock::{Clock, SystemClock};
use crate::daemon::{self, Control};
use crate::fsx;
use crate::report::{Status, terminal, terminal_overview};
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
    let sandbox =
        Sandbox::sample(SandboxOptions { seed: 1, throttled: false, clock, ..SandboxOptions::default() });
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    let served = sandbox.serve(any, any).await.map_err(|error| failed("listen on this machine", &error))?;
    let links = links_toml(sandbox.clock.now());
    write(&dir.join("latchd.toml"), &latchd_toml(served.quickbooks_addr, served.staxbill_addr))?;
    write(&dir.join("links.d").join(FIRST_FILE), &links)?;
    prose(
        "",
        "latchd keeps QuickBooks Online true to Stax Bill. For this demonstration both run on this machine; \
         latchd is the real one. The operator's files are in:",
    );
    say(&format!("{INDENT}{}", dir.display()));
    let control = Control::default();
    let (reports, seen) = watch::channel(None);
    let config = dir.join("latchd.toml");
    let edges = start::edges()?;
    let daemon = daemon::run(&config, edges, &control, &reports);
    let story = async {
        let told = story(&dir, &links, seen).await;
        if told.is_ok() && args.keep {
            say(&format!(
                "\nQuickBooks: http://{}, Stax Bill: http://{}/v1, until Ctrl-C.\n\
                 Edit the files, and watch {} change.",
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
    chapter("1. The first pass: customers, then their invoices, then what settles or reverses them.");
    let first = wait_for(&mut seen, "the first pass", complete).await?;
    print(&terminal(&first, width(), colour()));

    chapter(&format!("2. Bolt Bakery is not connected yet. A colleague adds links.d/{LATER_FILE}:"));
    say(&indented(&later_toml()));
    write(&dir.join("links.d").join(LATER_FILE), &later_toml())?;
    let gone = |status: &Status, id: i64| {
        !status.warnings.iter().any(|warning| warning.key == format!("customer/{id}")) && complete(status)
    };
    let second = wait_for(&mut seen, "the new customer", |status| gone(status, LATER)).await?;
    say("");
    prose(INDENT, &format!("The daemon saw the file. New in QuickBooks: {}.", news(&first, &second)));

    let key = format!("customer/{WRONG}");
    if let Some(warning) = second.warnings.iter().find(|warning| warning.key == key) {
        chapter(&format!("3. One warning holds up {} documents:", warning.blocks.records));
        prose(INDENT, &format!("{} ({}): {}.", warning.label, warning.code, warning.reason));
        prose(INDENT, &format!("To do: {}", warning.remedy));
        say("");
    }
    prose(INDENT, "The line adopts the wrong QuickBooks customer, so nothing was posted to it. Corrected:");
    let right = mended(links);
    let line = right.lines().find(|line| line.starts_with(&WRONG.to_string())).unwrap_or_default();
    say(&format!("\n{}", indented(line)));
    write(&dir.join("links.d").join(FIRST_FILE), &right)?;
    let third = wait_for(&mut seen, "the corrected line", |status| gone(status, WRONG)).await?;
    say("");
    prose(INDENT, &format!("The warning is gone. New in QuickBooks: {}.", news(&second, &third)));

    chapter("4. How the books stand now:");
    print(&terminal_overview(&third, width(), colour()));
    say("");
    prose("", "What is left is for a person to decide. To read it:");
    say(&format!("{INDENT}latchd status --config {}", dir.join("latchd.toml").display()));
    prose(
        "",
        "The reports index.html, overview.md, status.json, customers.json, latchd.prom and history.ndjson are in:",
    );
    say(&format!("{INDENT}{}", dir.join("reports").display()));
    Ok(())
}

/// What stands before everything that is shown.
const INDENT: &str = "   ";

fn chapter(title: &str) {
    say("");
    prose("", title);
    say("");
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

/// What was posted between two reports: `1 customer, 12 invoices and 12 payments`.
fn news(before: &Status, after: &Status) -> String {
    let rows = before.entities.iter().zip(&after.entities).filter(|(old, new)| new.synced > old.synced);
    let mut rows: Vec<String> = rows
        .map(|(old, new)| {
            let count = usize::try_from(new.synced - old.synced).unwrap_or(usize::MAX);
            counted(count, new.entity.name())
        })
        .collect();
    match (rows.pop(), rows.is_empty()) {
        (None, _) => "nothing".to_owned(),
        (Some(last), true) => last,
        (Some(last), false) => format!("{} and {last}", rows.join(", ")),
    }
}

/// The folder, made; one with files in it is refused, unless a demonstration
/// made it: then it is made anew.
fn fresh(dir: &Path) -> Result<PathBuf, Failure> {
    let other = |why: &str| {
        let words = format!("error: {} {why}; name another folder with --dir", dir.display());
        Failure::new(Exit::Unfinished, words)
    };
    let unusable = |error: std::io::Error| other(&format!("cannot be used: {error}"));
    let made_by_us =
        std::fs::read_to_string(dir.join("latchd.toml")).is_ok_and(|text| text.starts_with(SIGN));
    if made_by_us {
        for part in ["links.d", "state", "reports"].map(|part| dir.join(part)) {
            if part.is_dir() {
                std::fs::remove_dir_all(&part).map_err(unusable)?;
            }
        }
        std::fs::remove_file(dir.join("latchd.toml")).map_err(unusable)?;
    }
    if dir.exists() && std::fs::read_dir(dir).map_err(unusable)?.next().is_some() {
        return Err(other("has files in it that no demonstration made"));
    }
    std::fs::create_dir_all(dir.join("links.d")).map_err(unusable)?;
    dir.canonicalize().map_err(unusable)
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

/// Prints a text behind `indent`, wrapped between words.
fn prose(indent: &str, text: &str) {
    let width = usize::from(width().clamp(60, 100)) - indent.len();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            say(&format!("{indent}{}", std::mem::take(&mut line)));
        }
        line = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
    }
    say(&format!("{indent}{line}"));
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("{INDENT}{line}")).collect::<Vec<_>>().join("\n")
}
