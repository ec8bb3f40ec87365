//! The lines of an exported state: a header, a line a value in key order, and a
//! trailer with a digest of all before it, so that a file that was cut off or
//! edited is known.
//!
//! ```text
//! {"kind":"latchd-state","format":1,"latchd":"0.1.0","realm_id":"…","exported_at":"…","count":2, …}
//! {"v":1,"key":"n/00000000000000010482","value":"2026-01-01"}
//! {"v":1,"key":"r/1/00000000000000088123","value":{…}}
//! {"kind":"end","count":2,"sha256":"…"}
//! ```

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::import::ImportError;

/// What the first line calls itself.
pub(super) const KIND: &str = "latchd-state";
/// The present format of the file.
pub(super) const FORMAT: u32 = 1;
/// The last line.
pub(super) const END: &str = "end";
/// A batch of thirty documents is far below this.
const LINE_MAX: u64 = 64 << 20;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportHeader {
    pub(super) kind: String,
    pub(super) format: u32,
    /// The version of latchd that made the file.
    pub latchd: String,
    /// The company.
    pub realm_id: String,
    /// When it was made.
    pub exported_at: Timestamp,
    /// How many values follow.
    pub count: u64,
    /// The state's own name, which it shares with its anchor alone.
    pub(super) lineage: String,
    /// Whether the days of `start = "now"` and the handled resends were known.
    pub(super) remembered: bool,
}

/// A line of a value.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RowLine<'a> {
    /// The format of the value.
    pub(super) v: u8,
    pub(super) key: &'a str,
    #[serde(borrow)]
    pub(super) value: &'a RawValue,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Trailer {
    pub(super) kind: String,
    pub(super) count: u64,
    pub(super) sha256: String,
}

/// Reads a file line by line; memory is bounded by a line.
pub(super) struct Lines {
    from: BufReader<File>,
    place: String,
    line: Vec<u8>,
    number: u64,
    sum: Sha256,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let place = path.display().to_string();
        let failed = |why| ImportError::Unreadable { place: place.clone(), why };
        // A pipe cannot be read twice, and could block for ever.
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(std::io::Error::other("it is not a regular file")));
        }
        let from = BufReader::new(File::open(path).map_err(failed)?);
        Ok(Self { from, place, line: Vec::new(), number: 0, sum: Sha256::new() })
    }

    /// The first line.
    pub(super) fn header(&mut self) -> Result<ExportHeader, ImportError> {
        #[derive(Deserialize)]
        struct Head {
            kind: String,
            format: u32,
            #[serde(default)]
            latchd: String,
        }
        self.step()?;
        let head: Option<Head> = serde_json::from_slice(&self.line).ok();
        let Some(head) = head.filter(|head| head.kind == KIND) else {
            return Err(ImportError::NoExport { place: self.place.clone() });
        };
        if head.format > FORMAT {
            let latchd = if head.latchd.is_empty() { "?".to_owned() } else { head.latchd };
            return Err(ImportError::Newer { format: head.format, latchd });
        }
        let header = serde_json::from_slice(&self.line).map_err(|error| self.wrong(&error.to_string()))?;
        self.sum.update(&self.line);
        Ok(header)
    }

    /// The next value; `None` after the last, when the trailer was found right.
    pub(super) fn row(&mut self) -> Result<Option<RowLine<'_>>, ImportError> {
        self.step()?;
        if let Ok(trailer) = serde_json::from_slice::<Trailer>(&self.line) {
            return self.end(&trailer).map(|()| None);
        }
        self.sum.update(&self.line);
        match serde_json::from_slice::<RowLine<'_>>(&self.line) {
            Ok(row) => Ok(Some(row)),
            Err(error) => Err(ImportError::Damaged {
                place: self.place.clone(),
                line: self.number,
                what: error.to_string(),
            }),
        }
    }

    /// Something is wrong with the present line.
    pub(super) fn wrong(&self, what: &str) -> ImportError {
        ImportError::Damaged { place: self.place.clone(), line: self.number, what: what.to_owned() }
    }

    fn end(&mut self, trailer: &Trailer) -> Result<(), ImportError> {
        if trailer.kind != END {
            return Err(self.wrong("it is neither a value nor the end"));
        }
        let rows = self.number - 2;
        if trailer.count != rows {
            return Err(self.wrong(&format!("the file ends with {rows} of {} values", trailer.count)));
        }
        if trailer.sha256 != format!("{:x}", self.sum.clone().finalize()) {
            return Err(self.wrong("the digest is not that of the lines before it"));
        }
        let mut more = [0];
        match self.from.read(&mut more) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.wrong("more follows after the end")),
            Err(why) => Err(ImportError::Unreadable { place: self.place.clone(), why }),
        }
    }

    fn step(&mut self) -> Result<(), ImportError> {
        self.line.clear();
        self.number += 1;
        let read = (&mut self.from).take(LINE_MAX).read_until(b'\n', &mut self.line);
        match read {
            Ok(_) if self.line.last() == Some(&b'\n') => Ok(()),
            Ok(_) if self.number == 1 => Err(ImportError::NoExport { place: self.place.clone() }),
            Ok(0) => Err(self.wrong("the file was cut off: its last line is missing")),
            Ok(_) => Err(self.wrong("the file was cut off in the middle of a line, or this one is too long")),
            Err(why) => Err(ImportError::Unreadable { place: self.place.clone(), why }),
        }
    }
}
