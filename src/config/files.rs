//! Files: `latchd.toml` and everything it includes, as text with line numbers.

use std::cell::OnceCell;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glob::Pattern;

use super::error::{ConfigError, Excerpt};
use super::faults::{Faults, Spot};
use super::mask::{mask, secret_ranges};
use super::source::{self, Source};

/// So many files are read at most: more of them come from a pattern that
/// matches what it should not.
const FILES_MAX: usize = 10_000;

/// One file that was read.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// How the operator would name it.
    pub name: Arc<str>,
    /// What it says; empty if it could not be read.
    pub text: String,
    line_starts: OnceCell<Vec<usize>>,
    secret_ranges: OnceCell<Vec<Range<usize>>>,
}

impl SourceFile {
    /// Reads a file; what is wrong with it is reported as of file `index`.
    pub(super) fn read(path: &Path, base: &Path, from: &dyn Source, fault: (&Faults, usize)) -> Self {
        let (faults, index) = fault;
        let spot = Spot::whole(index);
        let text = match from.read(path) {
            Ok(bytes) => source::decode(bytes).unwrap_or_else(|(message, remedy)| {
                faults.report(&spot, message).remedy(remedy);
                String::new()
            }),
            Err(error) => {
                let (message, remedy) = source::explain(&error);
                let fault = faults.report(&spot, message);
                remedy.map(|remedy| fault.remedy(remedy));
                String::new()
            }
        };
        let name = path.strip_prefix(base).ok().filter(|name| !name.as_os_str().is_empty()).unwrap_or(path);
        Self {
            path: path.to_owned(),
            name: name.to_string_lossy().into(),
            text,
            line_starts: OnceCell::new(),
            secret_ranges: OnceCell::new(),
        }
    }

    /// The number of the line that holds `offset`, from 1.
    pub(super) fn line(&self, offset: usize) -> u32 {
        let line = self.line_starts().partition_point(|start| *start <= offset).max(1);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// An error at `span`; `None`: of the file as a whole.
    pub(super) fn error(&self, span: Option<Range<usize>>, message: String) -> ConfigError {
        let file = Arc::clone(&self.name);
        let Some(span) = span.filter(|span| span.start <= self.text.len() && !self.text.is_empty()) else {
            return ConfigError { file, line: 1, column: 1, message, remedy: None, excerpt: None };
        };
        let line = self.line(span.start);
        let start = self.line_starts()[line as usize - 1];
        let text = self.text[start..].split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let from = (span.start - start).min(text.len());
        let to = (span.end - start).clamp(from, text.len());
        let column = u32::try_from(text[..from].chars().count() + 1).unwrap_or(u32::MAX);
        let secrets = self.secret_ranges.get_or_init(|| secret_ranges(&self.text));
        let after = secrets.partition_point(|range| range.start <= start);
        let secret = after > 0 && secrets[after - 1].contains(&start);
        let excerpt = Some(Excerpt { line: mask(text, secret), marked: from..to });
        ConfigError { file, line, column, message, remedy: None, excerpt }
    }

    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        })
    }
}

/// The folder that relative names are relative to.
pub(super) fn base_of(main: &Path) -> &Path {
    main.parent().unwrap_or(Path::new(""))
}

/// An `include` pattern as an absolute one, whatever letters the folder's own
/// name has.
pub(super) fn absolute_pattern(base: &Path, pattern: &str) -> String {
    if Path::new(pattern).is_absolute() || base.as_os_str().is_empty() {
        return pattern.to_owned();
    }
    Path::new(&Pattern::escape(&base.to_string_lossy())).join(pattern).to_string_lossy().into_owned()
}

/// The files that `include` brings in: sorted, each once, without the main
/// file itself.
pub(super) fn included(
    main: &Path,
    patterns: &[(Spot, String)],
    from: &dyn Source,
    faults: &Faults,
) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for (spot, pattern) in patterns {
        let found = match from.matching(&absolute_pattern(base_of(main), pattern)) {
            Ok(found) => found,
            Err(error) => {
                faults.report(spot, format!("`{pattern}` is not a pattern: {}", error.msg));
                continue;
            }
        };
        if found.is_empty() && !pattern.contains(['*', '?', '[']) {
            let remedy = "create the file, or take the name out of `include`";
            faults.report(spot, format!("the included file `{pattern}` does not exist")).remedy(remedy);
        }
        paths.extend(found);
        if paths.len() > FILES_MAX {
            faults.report(spot, format!("`include` matches more than {FILES_MAX} files"));
            return Vec::new();
        }
    }
    paths.retain(|path| path != main);
    paths.sort();
    paths.dedup();
    paths
}
