//! Logs: to stderr, text or JSON, by `RUST_LOG` or `-v` and `-q`.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::{Args, Command, LogFormat};

/// Starts logging for this process.
pub(super) fn start(args: &Args) {
    // A command tells its result and its failure by itself; a daemon tells
    // what it does.
    let talkative = matches!(args.command, Command::Run);
    let level = match (args.quiet, args.verbose, talkative) {
        (true, _, _) => "error",
        (false, 0, false) => "latchd=error",
        (false, 0, true) => "latchd=info",
        (false, 1, _) => "latchd=debug",
        (false, _, _) => "trace,sled=info,hyper=info,h2=info,rustls=info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start (in tests) finds the first one's subscriber, which is as good.
    let _ = match args.log_format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
