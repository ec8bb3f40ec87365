//! Where lines go: stderr, which is a terminal, systemd's journal, or a file.

use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;

use tracing::Level;

use super::Variable;
use super::line::rank;

/// What stderr leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// systemd's journal, which writes down time and priority itself.
    pub(super) journal: bool,
    /// Somebody who sees colours, and wants to.
    pub(super) colour: bool,
}

impl Place {
    pub(super) fn of_stderr(variable: Variable<'_>) -> Self {
        let plain = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let stderr = std::io::stderr();
        let file = stderr.as_fd().try_clone_to_owned().map(File::from).and_then(|file| file.metadata());
        let number = file.map(|file| (file.dev(), file.ino())).ok();
        let journal = leads_to_journal(variable("JOURNAL_STREAM").as_deref(), number);
        Self { journal, colour: !journal && !plain && stderr.is_terminal() }
    }

    /// Writes a text of any number of lines, each with its rank for the journal.
    pub(super) fn tell(self, level: Level, text: &str) {
        let rank = if self.journal { rank(level) } else { "" };
        let lines: String = text.lines().flat_map(|line| [rank, line, "\n"]).collect();
        // Colours in it are for a terminal alone.
        let _ = anstream::stderr().lock().write_all(lines.as_bytes());
    }
}

/// Writes whole lines at once. Whoever does not listen misses them.
pub(super) fn write(lines: &str) {
    let _ = std::io::stderr().lock().write_all(lines.as_bytes());
}

/// `JOURNAL_STREAM` is `DEVICE:INODE` of what systemd made of a service's output
/// (systemd.exec(5)). A program below it may have been given another stderr.
fn leads_to_journal(stream: Option<&str>, stderr: Option<(u64, u64)>) -> bool {
    let (Some(stream), Some(stderr)) = (stream, stderr) else { return false };
    let named =
        stream.split_once(':').and_then(|(device, inode)| Some((device.parse().ok()?, inode.parse().ok()?)));
    named == Some(stderr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_there_where_its_stream_is_stderr() {
        let cases = [
            (Some("9:123"), Some((9, 123)), true),
            (Some("9:123"), Some((9, 124)), false),
            (Some("8:123"), Some((9, 123)), false),
            (Some("9"), Some((9, 123)), false),
            (Some(""), Some((9, 123)), false),
            (Some("9:123"), None, false),
            (None, Some((9, 123)), false),
        ];
        for (stream, stderr, expected) in cases {
            assert_eq!(leads_to_journal(stream, stderr), expected, "{stream:?} {stderr:?}");
        }
    }
}
