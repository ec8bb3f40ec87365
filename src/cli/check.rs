//! `latchd check`: validates the files, offline; no secret is read.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::findings::Findings;
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
    let checked = config::check(path, SystemClock.now());
    let findings = match &checked {
        Ok(config) => Findings::of(config),
        Err(errors) => Findings::wrong(errors),
    };
    match (args.format, checked) {
        (CheckFormat::Text, Ok(_)) => print(&text(&findings)),
        (CheckFormat::Text, Err(errors)) => {
            return Err(Failure::new(Exit::InvalidFiles, errors.render(colour())));
        }
        (CheckFormat::Json, _) => print(&findings.json()),
        (CheckFormat::Github, _) => print(&findings.annotations(path.parent())),
    }
    Ok(if findings.valid { Exit::InBalance } else { Exit::InvalidFiles })
}

fn text(findings: &Findings) -> String {
    let mut text = String::new();
    for found in &findings.findings {
        let code = found.code.map(|code| format!("{code}: ")).unwrap_or_default();
        let _ = writeln!(text, "{}:{}: {code}{}", found.file, found.line, found.message);
    }
    let links = &findings.links;
    text + &format!(
        "{}, {}: {} adopt, {} create, {} skip, {} unlink\n{}\n",
        counted(findings.files, "file"),
        counted(links.adopt + links.create + links.skip + links.unlink, "link"),
        links.adopt,
        links.create,
        links.skip,
        links.unlink,
        findings.generation.as_deref().unwrap_or_default()
    )
}
