//! Sources: where the files are read from, the disk or a stored generation.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern, PatternError};

use crate::fsx;

/// A file larger than this is not an operator's file.
pub(super) const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Where configuration files come from.
pub trait Source {
    /// The bytes of one file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Everything whose path matches a glob pattern, sorted. Names that begin
    /// with a dot match only where the pattern has one, because editors keep
    /// their own files beside the operator's.
    fn matching(&self, pattern: &str) -> Result<Vec<PathBuf>, PatternError>;
}

/// The files on the disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

const MATCH: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

impl Source for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fsx::read_capped(path, FILE_BYTES_MAX)
    }

    fn matching(&self, pattern: &str) -> Result<Vec<PathBuf>, PatternError> {
        let mut found: Vec<PathBuf> = glob::glob_with(pattern, MATCH)?
            .map(|entry| entry.unwrap_or_else(|error| error.path().to_owned()))
            .collect();
        found.sort();
        Ok(found)
    }
}

/// Files as [`Config::files`](super::Config::files) holds them.
impl Source for Vec<(PathBuf, String)> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.iter().find(|(stored, _)| stored == path);
        found.map(|(_, text)| text.clone().into_bytes()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn matching(&self, pattern: &str) -> Result<Vec<PathBuf>, PatternError> {
        let pattern = Pattern::new(pattern)?;
        let fits = |path: &&PathBuf| pattern.matches_path_with(path, MATCH);
        let mut found: Vec<PathBuf> = self.iter().map(|(path, _)| path).filter(fits).cloned().collect();
        found.sort();
        Ok(found)
    }
}

/// What a failure to read says to the operator, and what to do.
pub(super) fn explain(error: &io::Error) -> (String, Option<&'static str>) {
    let plain = PLAIN.iter().find(|(kind, ..)| *kind == error.kind());
    plain.map_or_else(
        || (format!("this file cannot be read: {error}"), None),
        |(_, message, remedy)| ((*message).to_owned(), Some(*remedy)),
    )
}

const PLAIN: [(ErrorKind, &str, &str); 5] = [
    (ErrorKind::NotFound, "this file does not exist", "create it, or name another with --config"),
    (ErrorKind::IsADirectory, "this is a folder, not a file", "name a file"),
    (ErrorKind::FileTooLarge, "this file is larger than 64 MiB", "split it into several files"),
    (ErrorKind::InvalidInput, "this is not a regular file", "name a file with text"),
    (
        ErrorKind::PermissionDenied,
        "latchd may not read this file",
        "give the user that runs latchd the right to read it",
    ),
];

/// The text of a file's bytes; else what is wrong, and what to do.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, (String, &'static str)> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(("this file is UTF-16 text".to_owned(), "save it as UTF-8"));
    }
    if bytes.contains(&0) {
        return Err(("this is a binary file, not TOML".to_owned(), "put the right file in its place"));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.split(|byte| *byte == b'\n').count();
        (format!("this file is not UTF-8 text: line {line} holds other bytes"), "save it as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_told_apart() {
        let cases: [(&[u8], Result<&str, &str>); 6] = [
            (b"a = 1\r\n", Ok("a = 1\r\n")),
            (b"\xef\xbb\xbfa = 1", Ok("a = 1")),
            (b"", Ok("")),
            (b"a\n\xe9 = 1", Err("this file is not UTF-8 text: line 2 holds other bytes")),
            (b"\x7fELF\x00\x01", Err("this is a binary file, not TOML")),
            (b"\xff\xfea\x00", Err("this file is UTF-16 text")),
        ];
        for (bytes, expected) in cases {
            let found = decode(bytes.to_vec());
            let found = found.as_ref().map(String::as_str).map_err(|(message, _)| message.as_str());
            assert_eq!(found, expected, "{bytes:?}");
        }
    }

    #[test]
    fn the_disk_and_a_stored_generation_match_alike() {
        let folder = tempfile::tempdir().unwrap();
        let links = folder.path().join("links.d");
        std::fs::create_dir(&links).unwrap();
        let mut stored = Vec::new();
        for name in ["b.toml", "a.toml", ".hidden.toml", "c.txt"] {
            fsx::write_atomic(&links.join(name), b"", 0o600).unwrap();
            stored.push((links.join(name), String::new()));
        }
        for (pattern, count) in [("links.d/*.toml", 2), ("links.d/a.toml", 1), ("*.toml", 0), ("none/*", 0)] {
            let pattern = folder.path().join(pattern);
            let pattern = pattern.to_str().unwrap();
            let found = Disk.matching(pattern).unwrap();
            assert_eq!(found, stored.matching(pattern).unwrap(), "{pattern}");
            assert_eq!(found.len(), count, "{pattern}");
        }
    }
}
