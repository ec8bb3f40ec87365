//! `latchd sandbox`: both vendors on this machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::demo_files::all_links;
use super::demo_files::settings;
use super::{Exit, Failure, print};
use crate::clock::{Clock, SystemClock};
use crate::fsx;
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::quickbooks::Misreading;
use crate::sandbox::{Sandbox, SandboxOptions};

/// Options of `latchd sandbox`.
#[derive(Debug, Args)]
#[command(after_help = TROUBLE)]
pub(super) struct SandboxArgs {
    /// The port of QuickBooks; 0: any.
    #[arg(long, default_value_t = 8090, value_name = "PORT")]
    quickbooks_port: u16,
    /// The port of Stax Bill; 0: any.
    #[arg(long, default_value_t = 8091, value_name = "PORT")]
    staxbill_port: u16,
    /// Generate this many customers instead of the sample account.
    #[arg(long, requires = "invoices", value_name = "N")]
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
    /// Write links for all customers to this file: adopted where QuickBooks has
    /// the name, created elsewhere.
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
    /// Understand QuickBooks wrongly in one point: sorted-lists,
    /// ignored-sync-token, plain-quote, common-401 or feed-without-deletions.
    /// Tests that still pass against it do not test that point.
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    misread: Option<Misreading>,
}

const TROUBLE: &str = "Trouble on request, on either port, by a rule:
  curl -H 'Content-Type: application/json' http://127.0.0.1:8090/sandbox/trouble -d '{\"what\":{\"status\":{\"code\":500,\"after\":true}},\"vendor\":\"quickbooks\",\"path\":\"/v3/company/*/invoice\",\"times\":1}'
GET lists the rules, DELETE removes them. Kinds: refuse, cut, delay, delay-answer, too-many, status, html, half-body.";

pub(super) async fn sandbox(args: &SandboxArgs) -> Result<Exit, Failure> {
    let clock = SandboxClock::starting_at(SystemClock.now());
    let options = SandboxOptions {
        seed: args.seed,
        throttled: !args.no_throttle,
        clock,
        misreading: args.misread,
        ..SandboxOptions::default()
    };
    let sandbox = match (args.customers, args.invoices) {
        (Some(customers), Some(invoices)) => Sandbox::generated(options, customers, invoices),
        (None | Some(_), None) | (None, Some(_)) => Sandbox::sample(options),
    };
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
    let at = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let served = sandbox.serve(at(args.quickbooks_port), at(args.staxbill_port)).await.map_err(|error| {
        let words = format!(
            "error: cannot listen on ports {} and {}: {error}; another sandbox may be running: choose other ports, or 0 for any",
            args.quickbooks_port, args.staxbill_port
        );
        Failure::new(Exit::Unfinished, words)
    })?;
    print(&format!(
        "# QuickBooks Online on http://{} and Stax Bill on http://{}/v1, until Ctrl-C.\n\
         # This is a latchd.toml for them. Save it in a folder, add links in links.d (--links writes them), and run\n\
         # latchd once --config latchd.toml\n\n{}\n",
        served.quickbooks_addr,
        served.staxbill_addr,
        settings(served.quickbooks_addr, served.staxbill_addr)
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
