//! `latchd test`: scenarios in TOML, played against the embedded sandbox. No
//! secret is read, no port is opened, and nothing is written.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tracing::subscriber::NoSubscriber;

use super::{Exit, Failure, colour, counted, print};
use crate::config::{Disk, Source as _};
use crate::trial::{self, Prepared, Trial, TrialError, Verdict};

/// Options of `latchd test`.
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Files, or folders with files that end in .toml; without any: `tests`
    /// beside the operator's file.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The form of the outcome.
    #[arg(long, value_enum, default_value_t = TestFormat::Text, value_name = "FORM")]
    format: TestFormat,
    /// Show all that was found in one scenario, as [expect] to paste; judge nothing.
    #[arg(long, conflicts_with = "format")]
    found: bool,
}

/// The form of the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TestFormat {
    /// For people: a line a scenario, and what is not as expected.
    Text,
    /// For programs.
    Json,
}

pub(super) async fn test(main: &Path, verbose: bool, args: &TestArgs) -> Result<Exit, Failure> {
    let files = scenarios(main, &args.files)?;
    if args.found && files.len() != 1 {
        return Err(Failure::new(Exit::Usage, "error: --found is for one scenario; name its file"));
    }
    let (main, found, format) = (main.to_owned(), args.found, args.format);
    // Time stands still in a scenario, which no other task may see.
    let played = tokio::task::spawn_blocking(move || {
        let _silent = (!verbose).then(|| tracing::subscriber::set_default(NoSubscriber::default()));
        let prepared = prepare(&main, &files, found)?;
        prepared.iter().map(play).collect::<Result<Vec<_>, _>>()
    });
    let verdicts = played.await.map_err(|_| {
        Failure::new(Exit::Unfinished, "error: a scenario could not be played to its end; please report it")
    })??;
    if let Some(verdict) = verdicts.first().filter(|_| found) {
        print(&verdict.found.to_toml());
        return Ok(Exit::InBalance);
    }
    print(&match format {
        TestFormat::Text => trial::text(&verdicts),
        TestFormat::Json => trial::json(&verdicts),
    });
    Ok(if verdicts.iter().all(Verdict::passed) { Exit::InBalance } else { Exit::Unfinished })
}

/// All files are read before any is played, so that every mistake is told.
fn prepare(main: &Path, files: &[PathBuf], found: bool) -> Result<Vec<Prepared>, Failure> {
    let (mut prepared, mut wrong) = (Vec::new(), Vec::new());
    for file in files {
        let name = file.display().to_string();
        let text = match read(file) {
            Ok(text) => text,
            Err(why) => {
                wrong.push(format!("error: cannot read {name}: {why}"));
                continue;
            }
        };
        match Trial::parse(&name, file, &text, found).and_then(|trial| trial.prepare(main)) {
            Ok(trial) => prepared.push(trial),
            // Files that several scenarios try are wrong once.
            Err(invalid) => {
                let told = invalid.render(colour());
                if !wrong.contains(&told) {
                    wrong.push(told);
                }
            }
        }
    }
    if wrong.is_empty() { Ok(prepared) } else { Err(Failure::new(Exit::InvalidFiles, wrong.join("\n\n"))) }
}

fn read(file: &Path) -> Result<String, String> {
    let bytes = Disk.read(file).map_err(|error| format!("{error}; check the path"))?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8: save it as UTF-8".to_owned())
}

/// Plays one on a clock of its own, which no second of this machine passes on.
fn play(prepared: &Prepared) -> Result<Verdict, Failure> {
    let failed = |why: &dyn std::fmt::Display| Failure::new(Exit::Unfinished, format!("error: {why}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = runtime.map_err(|error| failed(&error))?;
    runtime.block_on(trial::play(prepared)).map_err(|error: TrialError| failed(&error))
}

/// The files that are meant, sorted within each folder.
fn scenarios(main: &Path, named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let beside = main.parent().unwrap_or(Path::new("")).join("tests");
    let named = if named.is_empty() { std::slice::from_ref(&beside) } else { named };
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let pattern = Path::new(&glob::Pattern::escape(&path.to_string_lossy())).join("**/*.toml");
            files.extend(Disk.matching(&pattern.to_string_lossy()).unwrap_or_default());
        } else if path != &beside {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        let folders: Vec<String> = named.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::new(
            Exit::InvalidFiles,
            format!(
                "error: there is no scenario in {}: write one that ends in .toml, or name its file",
                folders.join(", ")
            ),
        ));
    }
    tracing::debug!("{} to play", counted(files.len(), "scenario"));
    Ok(files)
}
