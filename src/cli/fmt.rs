//! `latchd fmt`: link files in their canonical form, so that two people's
//! changes meet in the same places.

use std::fmt::Write as _;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::{Exit, Failure, counted, print};
use crate::config::{self, Disk, Source as _};
use crate::fsx;

/// How a text from the standard input is called.
const INPUT: &str = "<stdin>";
/// Longer than any list of customers.
const INPUT_BYTES_MAX: u64 = 64 << 20;

/// The arguments of `latchd fmt`.
#[derive(Debug, clap::Args)]
pub(super) struct FmtArgs {
    /// Change nothing; name the files that would change, and end with 1.
    #[arg(long)]
    check: bool,
    /// Files; `-` reads the standard input and writes the result. Without any:
    /// the operator's file and all that it includes.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn fmt(main: &Path, args: &FmtArgs) -> Result<Exit, Failure> {
    if args.files.iter().any(|file| file.as_os_str() == "-") {
        return input(args);
    }
    let texts = if args.files.is_empty() { all(main)? } else { read(&args.files)? };
    // Nothing is written before all of them are known to be sound.
    let mut changed = Vec::new();
    for (path, text) in &texts {
        let laid_out = config::layout(path, text)?;
        if laid_out != *text {
            changed.push((path, laid_out));
        }
    }
    let mut told = String::new();
    for (path, text) in &changed {
        if !args.check {
            write(path, text)?;
        }
        let _ = writeln!(told, "{}", path.display());
    }
    let verb = if args.check { "would change" } else { "changed" };
    let files = counted(texts.len(), "file");
    print(&format!("{told}{} of {files} {verb}\n", changed.len()));
    Ok(if args.check && !changed.is_empty() { Exit::Unfinished } else { Exit::InBalance })
}

fn input(args: &FmtArgs) -> Result<Exit, Failure> {
    if args.files.len() > 1 {
        return Err(Failure::new(Exit::Usage, "error: `-` stands alone; leave the other files out"));
    }
    let mut text = String::new();
    let read = std::io::stdin().lock().take(INPUT_BYTES_MAX).read_to_string(&mut text);
    read.map_err(|error| Failure::new(Exit::Unfinished, format!("error: cannot read the input: {error}")))?;
    let laid_out = config::layout(Path::new(INPUT), &text)?;
    if args.check {
        return Ok(if laid_out == text { Exit::InBalance } else { Exit::Unfinished });
    }
    print(&laid_out);
    Ok(Exit::InBalance)
}

/// The operator's file and what it includes, as they are on the disk.
fn all(main: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    Ok(config::load(main)?.files)
}

fn read(files: &[PathBuf]) -> Result<Vec<(PathBuf, String)>, Failure> {
    let one = |path: &PathBuf| {
        let wrong = |why: String| {
            Failure::new(Exit::InvalidFiles, format!("error: {}: {why}; nothing was changed", path.display()))
        };
        let bytes = Disk.read(path).map_err(|error| wrong(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| wrong("this is not text in UTF-8".to_owned()))?;
        Ok((path.clone(), text))
    };
    files.iter().map(one).collect()
}

/// Replaces the file behind a link, not the link; its mode stays.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let replaced = std::fs::canonicalize(path).and_then(|real| {
        let mode = std::fs::metadata(&real)?.permissions().mode() & 0o7777;
        fsx::write_atomic(&real, text.as_bytes(), mode)
    });
    replaced.map_err(|error| {
        Failure::new(Exit::Unfinished, format!("error: cannot write {}: {error}", path.display()))
    })
}
