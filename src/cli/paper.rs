//! `latchd completions` and `latchd man`: made from the command line itself,
//! so that they never say anything else.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::{Args, Exit, Failure};

/// The arguments of `latchd completions`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// For which shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// The arguments of `latchd man`.
#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Of which command; without one, the page of latchd itself.
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// The completions of one shell.
pub(super) fn completions(args: &CompletionsArgs) -> Exit {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "latchd", &mut out);
    super::print(&String::from_utf8_lossy(&out));
    Exit::InBalance
}

/// One page in the form of `man`.
pub(super) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let mut whole = Args::command();
    whole.build();
    let page = match &args.command {
        None => whole,
        Some(name) => page_of(&whole, name)?,
    };
    let mut out = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut out)
        .map_err(|error| Failure::new(Exit::Unfinished, format!("error: cannot make the page: {error}")))?;
    super::print(&String::from_utf8_lossy(&out));
    Ok(Exit::InBalance)
}

fn page_of(whole: &Command, name: &str) -> Result<Command, Failure> {
    let found = whole.find_subcommand(name).filter(|command| !command.is_hide_set());
    let known: Vec<&str> = whole.get_subcommands().map(Command::get_name).collect();
    found.cloned().ok_or_else(|| {
        let text = format!("error: there is no command `{name}`\n\nknown are {}", known.join(", "));
        Failure::new(Exit::Usage, text)
    })
}
