//! `latchd check`: validates the files, offline; no secret is read.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::findings::Checked;
use super::{Exit, Failure, colour, counted, print};
use crate::clock::{Clock as _, SystemClock};
use crate::config;

/// Options of `latchd check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The form of what is found.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text, value_name = "FORM")]
    format: CheckFormat,
}

/// The form of what `latchd check` finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// For people: each error with its line and a caret.
    Text,
    /// For programs: one object.
    Json,
    /// For GitHub Actions: an annotation at each line of the pull request.
    Github,
}

pub(super) fn check(path: &Path, args: &CheckArgs) -> Result<Exit, Failure> {
    let config = config::check(path, SystemClock.now());
    let checked = match &config {
        Ok(config) => Checked::of(config),
        Err(errors) => Checked::wrong(errors),
    };
    match (args.format, config) {
        (CheckFormat::Text, Ok(_)) => print(&text(&checked)),
        (CheckFormat::Text, Err(errors)) => {
            return Err(Failure::new(Exit::InvalidFiles, errors.render(colour())));
        }
        (CheckFormat::Json, _) => print(&checked.json()),
        (CheckFormat::Github, _) => print(&checked.annotations(path.parent())),
    }
    Ok(if checked.valid { Exit::InBalance } else { Exit::InvalidFiles })
}

fn text(checked: &Checked) -> String {
    let mut text = String::new();
    for found in &checked.findings {
        let code = found.code.map(|code| format!("{code}: ")).unwrap_or_default();
        let _ = writeln!(text, "{}:{}: {code}{}", found.file, found.line, found.message);
    }
    let links = &checked.links;
    text + &format!(
        "{}, {}: {} adopt, {} create, {} skip, {} unlink\n{}\n",
        counted(checked.files, "file"),
        counted(links.adopt + links.create + links.skip + links.unlink, "link"),
        links.adopt,
        links.create,
        links.skip,
        links.unlink,
        checked.generation.as_deref().unwrap_or_default()
    )
}
