//! What the command line says of logs.

use super::{Args, Command, LogFormat};
use crate::log::{self, Form, Loudness};

/// Starts logging for this process.
pub(super) fn start(args: &Args) {
    // A command tells its result and its failure by itself; a daemon tells
    // what it does.
    let talkative = matches!(args.command, Command::Run);
    let form = match args.log_format {
        LogFormat::Text => Form::Text,
        LogFormat::Json => Form::Json,
    };
    log::start(form, Loudness { quiet: args.quiet, verbose: args.verbose, talkative }, &variable);
}

/// Tells why the process ends, with its chain of causes, once.
pub(super) fn last_words(text: &str) {
    log::last_words(text, &variable);
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}
