//! Keepsakes: what of the state can be read nowhere else, and is therefore kept
//! a second time, outside the database: the days of `start = "now"`, and which
//! resends were acted on. QuickBooks' marks bring back all the rest.
//!
//! A file of lines, each a checksum and JSON, appended to and written anew at
//! every start; the last line of a key counts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Change, Store, StoreError, envelope, stored};
use crate::fsx;

/// The keys that are kept twice.
const PREFIXES: [&[u8]; 2] = [b"n/", b"h/"];
/// More than a million links need.
const BYTES_MAX: u64 = 1 << 30;

/// The file.
#[derive(Debug)]
pub(super) struct Keepsakes {
    path: PathBuf,
}

/// What the file held.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Kept {
    /// By key, as the state had them.
    pub(super) rows: BTreeMap<String, Value>,
    /// Whether every line of it was whole, but for one that was being written.
    pub(super) whole: bool,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    value: Option<Value>,
}

impl Keepsakes {
    pub(super) fn new(folder: &Path) -> Self {
        Self { path: folder.join("keepsakes.jsonl") }
    }

    /// Whether the value under `key` is one that is kept twice.
    pub(super) fn has(key: &[u8]) -> bool {
        PREFIXES.iter().any(|prefix| key.starts_with(prefix))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is one.
    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// What it holds; nothing, and not whole, where there is none.
    pub(super) fn read(&self) -> io::Result<Kept> {
        let bytes = match fsx::read_capped(&self.path, BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Kept::default()),
            Err(error) => return Err(error),
        };
        let mut kept = Kept { whole: true, ..Kept::default() };
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let mut lines = lines.filter(|line| *line != b"\n").peekable();
        while let Some(line) = lines.next() {
            match parse(line) {
                Some(Line { key, value: Some(value) }) => {
                    kept.rows.insert(key, value);
                }
                Some(Line { key, value: None }) => {
                    kept.rows.remove(&key);
                }
                None => kept.whole &= lines.peek().is_none(),
            }
        }
        Ok(kept)
    }

    /// Writes the file anew from what `store` has, where it says otherwise.
    pub(super) fn renew(&self, store: &dyn Store) -> Result<(), StoreError> {
        let mut rows = BTreeMap::new();
        for prefix in PREFIXES {
            let mut after: Option<Vec<u8>> = None;
            loop {
                let page = store.scan(prefix, after.as_deref(), 1000)?;
                for (key, sealed) in &page {
                    rows.insert(
                        String::from_utf8_lossy(key).into_owned(),
                        envelope::open::<Value>(key, sealed)?,
                    );
                }
                after = page.last().map(|(key, _)| key.clone());
                if page.len() < 1000 {
                    break;
                }
            }
        }
        let failed = |source| StoreError::Disk { place: self.path.display().to_string(), source };
        let stands = self.read().is_ok_and(|kept| kept.whole && kept.rows == rows);
        if stands {
            return Ok(());
        }
        let lines = rows.into_iter().map(|(key, value)| line(&Line { key, value: Some(value) }));
        let text = lines.collect::<io::Result<Vec<_>>>().map_err(failed)?.concat();
        fsx::write_atomic(&self.path, text.as_bytes(), 0o600).map_err(failed)
    }

    /// Notes what of these changes is to be kept. When this returns, it is on
    /// the disk.
    pub(super) fn note(&self, changes: &[Change]) -> Result<(), StoreError> {
        let ours = Self::has;
        if !changes.iter().any(|(key, _)| ours(key)) {
            return Ok(());
        }
        let failed = |source| StoreError::Disk { place: self.path.display().to_string(), source };
        // Should the line before have been torn, this one is still a line.
        let mut text = String::from("\n");
        for (key, sealed) in changes.iter().filter(|(key, _)| ours(key)) {
            let value = sealed.as_ref().map(|sealed| envelope::open(key, sealed)).transpose()?;
            let key = String::from_utf8_lossy(key).into_owned();
            text.push_str(&line(&Line { key, value }).map_err(failed)?);
        }
        let append = || {
            let mut file = File::options().append(true).create(true).mode(0o600).open(&self.path)?;
            file.write_all(text.as_bytes())?;
            file.sync_data()
        };
        append().map_err(failed)
    }
}

impl Kept {
    /// What of it this latchd understands; a newer one may have kept other things.
    pub(super) fn readable(mut self) -> Self {
        let before = self.rows.len();
        self.rows.retain(|key, value| stored::reads(key.as_bytes(), value.to_string().as_bytes()).is_ok());
        self.whole &= self.rows.len() == before;
        self
    }

    /// The changes that bring it back.
    pub(super) fn changes(&self) -> Vec<Change> {
        let change = |(key, value): (&String, &Value)| {
            let key = key.as_bytes().to_vec();
            let sealed = envelope::seal(&key, value);
            (key, Some(sealed))
        };
        self.rows.iter().map(change).collect()
    }
}

fn line(line: &Line) -> io::Result<String> {
    let text = serde_json::to_string(line)?;
    Ok(format!("{:08x} {text}\n", crc32fast::hash(text.as_bytes())))
}

fn parse(line: &[u8]) -> Option<Line> {
    let (sum, text) = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.split_once(' ')?;
    let right = u32::from_str_radix(sum, 16).ok()? == crc32fast::hash(text.as_bytes());
    let line: Line = right.then(|| serde_json::from_str(text).ok()).flatten()?;
    Keepsakes::has(line.key.as_bytes()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Overlay;

    fn change(key: &str, value: Option<&str>) -> Change {
        let key = key.as_bytes().to_vec();
        let value = value.map(|value| envelope::seal(&key, &value));
        (key, value)
    }

    /// A line of the first format: it never changes.
    #[test]
    fn the_first_format_is_frozen() {
        let frozen = r#"70ea22fb {"key":"n/00000000000000010482","value":"2026-01-01"}"#;
        let read = parse(format!("{frozen}\n").as_bytes()).unwrap();
        assert_eq!((read.key.as_str(), &read.value), ("n/00000000000000010482", &Some("2026-01-01".into())));
        assert_eq!(line(&read).unwrap().trim_end(), frozen);
    }

    #[test]
    fn what_was_noted_is_kept_whatever_tears_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = Keepsakes::new(folder.path());
        assert_eq!(file.read().unwrap(), Kept::default(), "none: not whole");
        file.note(&[change("n/1", Some("day")), change("r/1", Some("other")), change("n/2", Some("day"))])
            .unwrap();
        file.note(&[change("r/2", None)]).unwrap();
        file.note(&[change("n/2", None), change("h/1", Some("token"))]).unwrap();
        let kept = file.read().unwrap();
        let keys = |kept: &Kept| kept.rows.keys().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!((keys(&kept).as_str(), kept.whole), ("h/1 n/1", true));
        let store = Overlay::empty();
        store.commit(kept.changes()).unwrap();
        file.renew(&store).unwrap();
        assert_eq!(file.read().unwrap(), kept, "and so it is written anew");
        let text = std::fs::read(&file.path).unwrap();
        for end in 0..text.len() {
            fsx::write_atomic(&file.path, &text[..end], 0o600).unwrap();
            assert!(file.read().unwrap().whole, "torn at {end}");
            file.note(&[change("n/9", Some("later"))]).unwrap();
            assert!(file.read().unwrap().rows.contains_key("n/9"), "torn at {end}, then written on");
        }
        fsx::write_atomic(&file.path, &[b"garbage\n", &text[..]].concat(), 0o600).unwrap();
        let damaged = file.read().unwrap();
        assert_eq!((keys(&damaged).as_str(), damaged.whole), ("h/1 n/1", false));
    }
}
