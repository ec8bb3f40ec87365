//! `latchd sandbox`: both vendors on this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::demo_files::all_links;
use super::demo_files::settings;
use super::sandbox_sides::{AccountArgs, CompanyArgs};
use super::{Exit, Failure, colour, print};
use crate::clock::{Clock, SystemClock};
use crate::fsx;
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::scenario::Scenario;
use crate::sandbox::server::Served;
use crate::sandbox::{Sandbox, SandboxOptions};

const SHORT: &str = "--help tells how to point client libraries at it, and about trouble and scenarios.";

const HELP: &str = include_str!("sandbox_help.txt");

/// Options of `latchd sandbox`.
#[derive(Debug, Args)]
#[command(after_help = SHORT, after_long_help = HELP)]
pub(super) struct SandboxArgs {
    /// The port of QuickBooks; 0: any.
    #[arg(long, default_value_t = 8090, value_name = "PORT")]
    quickbooks_port: u16,
    /// The port of Stax Bill; 0: any.
    #[arg(long, default_value_t = 8091, value_name = "PORT")]
    staxbill_port: u16,
    /// Generate this many customers instead of the sample account.
    #[arg(long, requires = "invoices", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    customers: Option<u32>,
    /// Generate this many invoices, with payments.
    #[arg(long, requires = "customers", value_name = "M")]
    invoices: Option<u32>,
    /// Everything that looks random follows from it.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Do not enforce the vendors' limits.
    #[arg(long)]
    no_throttle: bool,
    /// The port of the control page; 0: any.
    #[arg(long, default_value_t = 8092, value_name = "PORT")]
    control_port: u16,
    /// Play this scenario from the start; examples/sandbox-scenario.toml shows
    /// everything that one can say.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// Record all traffic of both vendors to this new file, a JSON object a
    /// line, without tokens and keys.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// The vendors' time at the start: 2026-01-31T23:59:00-08:00. Without it,
    /// the present.
    #[arg(long, value_name = "INSTANT")]
    clock: Option<Timestamp>,
    /// So many of the vendors' seconds pass in one; 0 stops their clock.
    #[arg(long, default_value_t = 1, value_name = "N")]
    clock_speed: u32,
    #[command(flatten)]
    company: CompanyArgs,
    #[command(flatten)]
    account: AccountArgs,
    /// Write links for all customers to this file: adopted where QuickBooks has
    /// the name, created elsewhere.
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
}

pub(super) async fn sandbox(args: &SandboxArgs) -> Result<Exit, Failure> {
    let scenario = args.scenario.as_deref().map(scenario).transpose()?;
    let recording = args.record.as_deref().map(recording).transpose()?;
    let sandbox = made(args);
    if let Some(file) = recording {
        sandbox.witness.record_to(file);
    }
    if let Some(file) = &args.links {
        let links = all_links(&sandbox);
        fsx::write_atomic(file, links.as_bytes(), 0o644).map_err(|error| {
            let words = format!(
                "error: cannot write {}: {error}; name a file in a folder that is there",
                file.display()
            );
            Failure::new(Exit::Unfinished, words)
        })?;
    }
    let served = serve(&sandbox, args).await?;
    if let Some(scenario) = scenario {
        sandbox.play(scenario);
    }
    let control =
        served.control_addr.map(|address| format!(" Control page: http://{address}.")).unwrap_or_default();
    print(&format!(
        "# QuickBooks Online on http://{} and Stax Bill on http://{}/v1, until Ctrl-C.{control}\n\
         # This is a latchd.toml for them. Save it in a folder, add links in links.d (--links writes them), and run\n\
         # latchd once --config latchd.toml\n\n{}\n",
        served.quickbooks_addr,
        served.staxbill_addr,
        settings(
            (served.quickbooks_addr, &args.company.options()),
            (served.staxbill_addr, &args.account.options())
        )
    ));
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .map_err(|error| Failure::new(Exit::Unfinished, format!("error: {error}")))?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
    served.stop().await;
    Ok(Exit::InBalance)
}

/// Both sides and their clock, as the options want them.
fn made(args: &SandboxArgs) -> Sandbox {
    let clock = SandboxClock::starting_at(args.clock.unwrap_or_else(|| SystemClock.now()));
    clock.set_speed(args.clock_speed);
    let options = SandboxOptions {
        seed: args.seed,
        throttled: !args.no_throttle,
        clock,
        quickbooks: args.company.options(),
        staxbill: args.account.options(),
    };
    let sandbox = match (args.customers, args.invoices) {
        (Some(customers), Some(invoices)) => Sandbox::generated(options, customers, invoices),
        (None | Some(_), None) | (None, Some(_)) => Sandbox::sample(options),
    };
    if args.company.multicurrency {
        sandbox.quickbooks.set_preference("CurrencyPrefs.MultiCurrencyEnabled", true.into());
    }
    sandbox.staxbill.own_synchronisation(args.account.own_synchronisation);
    sandbox
}

/// All three ports, or which of them is taken.
async fn serve(sandbox: &Sandbox, args: &SandboxArgs) -> Result<Served, Failure> {
    let at = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let taken = |ports: String, error: &std::io::Error| {
        let words = format!(
            "error: cannot listen on {ports}: {error}; another sandbox may be running: choose other ports with \
             --quickbooks-port, --staxbill-port and --control-port, or 0 for any"
        );
        Failure::new(Exit::Unfinished, words)
    };
    let (quickbooks, staxbill, control) = (args.quickbooks_port, args.staxbill_port, args.control_port);
    let served = sandbox.serve(at(quickbooks), at(staxbill)).await;
    let served = served.map_err(|error| taken(format!("ports {quickbooks} and {staxbill}"), &error))?;
    let served = served.with_control(sandbox, at(control)).await;
    served.map_err(|error| taken(format!("port {control}"), &error))
}

fn scenario(file: &Path) -> Result<Scenario, Failure> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::new(Exit::InvalidFiles, format!("error: cannot read {name}: {error}; check the path"))
    })?;
    Scenario::parse(&name, &text).map_err(|errors| Failure::new(Exit::InvalidFiles, errors.render(colour())))
}

/// A new file, because a recording that was made before may be all that is left
/// of a failure. It is its owner's alone: it holds what both vendors said.
fn recording(file: &Path) -> Result<std::fs::File, Failure> {
    let mut options = std::fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600);
    options.open(file).map_err(|error| {
        let words = format!("error: cannot record to {}: {error}; name a new file", file.display());
        Failure::new(Exit::Unfinished, words)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use clap::Parser as _;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        sandbox: SandboxArgs,
    }

    fn parsed(line: &str) -> Result<SandboxArgs, clap::Error> {
        let line = ["sandbox"].into_iter().chain(line.split_whitespace());
        Ok(Line::try_parse_from(line)?.sandbox)
    }

    fn preference(sandbox: &Sandbox, pointer: &str) -> String {
        sandbox.quickbooks.objects("Preferences")[0]
            .pointer(pointer)
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn the_sandbox_is_made_as_the_options_want_it() {
        type Reads = fn(&Sandbox) -> String;
        let home: Reads = |sandbox| preference(sandbox, "/CurrencyPrefs/HomeCurrency/value");
        let several: Reads = |sandbox| preference(sandbox, "/CurrencyPrefs/MultiCurrencyEnabled");
        let table: &[(&str, &str, Reads)] = &[
            ("", "\"USD\"", home),
            ("--country CA", "\"CAD\"", home),
            ("--country GB", "\"GBP\"", home),
            ("", "false", several),
            ("--multicurrency", "true", several),
            ("--country AU --multicurrency", "true", several),
            ("--customers 7 --invoices 9", "7", |sandbox| sandbox.staxbill.customers().len().to_string()),
            ("--clock-speed 60", "60", |sandbox| sandbox.clock.speed().to_string()),
            ("--clock 2026-01-31T23:59:00-08:00", "2026-02-01T07:59:00Z", |sandbox| {
                sandbox.clock.now().to_string()
            }),
        ];
        for (line, expected, reads) in table {
            assert_eq!(reads(&made(&parsed(line).unwrap())), *expected, "{line}");
        }
    }

    /// Its ids come with the first call after a full hour.
    #[tokio::test(start_paused = true)]
    async fn stax_bills_own_synchronisation_is_switched_on() {
        for (line, expected) in [("", false), ("--own-synchronisation", true)] {
            let sandbox = made(&parsed(&format!("--customers 3 --invoices 3 {line}")).unwrap());
            sandbox.clock.advance(Duration::from_mins(61));
            let request =
                Request::builder().uri("/v1/customers").header("authorization", "Basic MDpzYW5kYm94");
            let answer =
                sandbox.staxbill_router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), 200, "{line}");
            let customers = sandbox.staxbill.customers();
            assert!(customers.iter().all(|one| one.quickbooks_id.is_some() == expected), "{line}");
        }
    }

    #[test]
    fn a_recording_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recording.jsonl");
        recording(&file).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        assert!(recording(&file).is_err(), "it is never overwritten");
    }

    #[test]
    fn sizes_come_together() {
        for line in ["--customers 5", "--invoices 5", "--customers 0 --invoices 5", "--clock yesterday"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
