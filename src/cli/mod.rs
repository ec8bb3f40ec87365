//! The command line: one file a command. Results go to stdout, logs to stderr.

mod auth;
mod auth_door;
mod auth_login;
mod auth_side;
mod auth_status;
mod bar;
mod check;
mod demo;
mod demo_files;
mod dumps;
mod exit;
mod explain;
mod explain_key;
mod findings;
mod fmt;
mod journal;
mod log;
mod once;
mod paper;
mod plan;
mod run;
mod sandbox;
mod sandbox_sides;
mod start;
mod state;
mod state_export;
mod state_import;
mod state_rebuild;
mod state_verify;
mod status;
mod suggest;
mod test;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand, ValueEnum};

pub use exit::{Exit, Failure};

/// Keeps QuickBooks Online true to Stax Bill, from reviewed TOML.
///
/// Stax Bill is the source, QuickBooks Online the target. Which customer is
/// which, and from which day on, is declared in files; latchd does the rest.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
struct Args {
    /// The operator's file.
    #[arg(
        long,
        global = true,
        env = "LATCHD_CONFIG",
        default_value = "/etc/latchd/latchd.toml",
        value_name = "PATH"
    )]
    config: PathBuf,
    /// Log more; twice: each record; three times: the libraries too.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Log errors alone.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// The form of log lines.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, value_name = "FORM")]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str =
    "Exit codes: 0 in balance, 1 could not finish, 2 changes planned (plan), 3 drift only (plan),
4 held by a guard, 5 undismissed warnings stand (once, status), 64 usage,
75 another latchd holds the state, 78 invalid files.";

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The daemon: watches the files, reconciles, reports.
    Run,
    /// One pass, then exit.
    Once,
    /// What a pass would do, with amounts; writes nothing.
    Plan(plan::PlanArgs),
    /// Validates the files, offline.
    Check(check::CheckArgs),
    /// Scenarios in TOML against the embedded sandbox: tests of a company's own files.
    Test(test::TestArgs),
    /// The canonical layout of the link files.
    Fmt(fmt::FmtArgs),
    /// The last report.
    Status(status::StatusArgs),
    /// Everything known of one record, and what to do; or what a code means.
    Explain(explain::ExplainArgs),
    /// Which QuickBooks customer each Stax Bill customer without a line might
    /// be, as lines to paste; links nothing.
    Suggest(suggest::SuggestArgs),
    /// The connection to Intuit: make it, look at it, end it.
    #[command(subcommand)]
    Auth(auth::AuthCommand),
    /// Writes whose outcome is open, and a person's word about one.
    Journal(journal::JournalArgs),
    /// What latchd remembers: look at it, write it down, bring it back, or begin it anew.
    #[command(subcommand)]
    State(state::StateCommand),
    /// Both vendors' APIs on this machine, with sample data and trouble on request.
    Sandbox(Box<sandbox::SandboxArgs>),
    /// Sandbox, daemon and sample files together: the whole job, no account needed.
    Demo(demo::DemoArgs),
    /// Completions for a shell.
    Completions(paper::CompletionsArgs),
    /// A page for `man`.
    Man(paper::ManArgs),
}

/// Runs the program with the process's own arguments.
pub fn main() -> ExitCode {
    dumps::forbid();
    crate::log::tell_panics();
    ExitCode::from(run_with(std::env::args_os()) as u8)
}

/// Runs the program; gives the exit code of the contract.
pub fn run_with(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // A reader that went away is no reason to fail.
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked { Exit::InBalance } else { Exit::Usage };
        }
    };
    log::start(&args);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return tell(&Failure::new(Exit::Unfinished, format!("cannot start: {error}"))),
    };
    let ended = runtime.block_on(dispatch(&args));
    // A write to the disk in flight is waited for; nothing else is.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match ended {
        Ok(exit) => exit,
        Err(failure) => tell(&failure),
    }
}

async fn dispatch(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Run => Box::pin(run::run(&args.config)).await,
        Command::Once => once::once(&args.config).await,
        Command::Plan(plan) => plan::plan(&args.config, plan).await,
        Command::Check(check) => check::check(&args.config, check),
        Command::Test(files) => test::test(&args.config, args.verbose > 0, files).await,
        Command::Fmt(files) => fmt::fmt(&args.config, files),
        Command::Status(status) => status::status(&args.config, status),
        Command::Explain(explain) => explain::explain(&args.config, explain).await,
        Command::Suggest(suggest) => suggest::suggest(&args.config, suggest).await,
        Command::Auth(auth) => auth::auth(&args.config, auth).await,
        Command::Journal(journal) => journal::journal(&args.config, journal).await,
        Command::State(command) => Box::pin(state::state(&args.config, command)).await,
        Command::Sandbox(sandbox) => sandbox::sandbox(sandbox).await,
        Command::Demo(demo) => Box::pin(demo::demo(demo)).await,
        Command::Completions(shell) => Ok(paper::completions(shell)),
        Command::Man(page) => paper::man(page),
    }
}

/// Prints a failure, with its chain of causes, once.
fn tell(failure: &Failure) -> Exit {
    log::last_words(&failure.to_string());
    failure.exit
}

/// Prints a result. A reader that went away (`| head`) is no failure.
fn print(text: &str) {
    let mut out = anstream::stdout();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// `1 file`, `2 files`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// How wide results may be: as the terminal; where there is none, lines are not
/// wrapped, so that they can be searched.
fn width() -> u16 {
    comfy_table::Table::new().width().unwrap_or(u16::MAX)
}

/// Whether results may be coloured.
fn colour() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
