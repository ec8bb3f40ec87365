//! Writing a state down as lines, to be kept elsewhere: everything in it but
//! what may hold secrets. The token is not in the state.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::lines::{END, ExportHeader, FORMAT, KIND, RowLine, Trailer};
use super::opening::Rebuilt;
use super::proof::{self, Proof};
use super::{Store, StoreError, envelope, key_of, name, stored};

/// The state cannot be written down.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The state fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lines cannot be written.
    #[error("cannot write the export: {0}")]
    Write(#[from] io::Error),
}

/// Writes the state of the company `realm_id` to `out`; gives how many values
/// there were.
///
/// # Errors
///
/// Fails on a value that is damaged: half a state is no copy.
pub fn export(
    store: &dyn Store,
    (realm_id, now): (&str, Timestamp),
    out: &mut dyn Write,
) -> Result<u64, ExportError> {
    let mut count = 0;
    proof::each_row(store, |(key, _)| {
        count += u64::from(stored::travels(&key));
        Ok(())
    })?;
    let header = ExportHeader {
        kind: KIND.to_owned(),
        format: FORMAT,
        latchd: env!("CARGO_PKG_VERSION").to_owned(),
        realm_id: realm_id.to_owned(),
        exported_at: now,
        count,
        lineage: Proof::kept(store)?.map(|proof| proof.lineage).unwrap_or_default(),
        remembered: remembers(store)?,
    };
    let mut out = Summed { out, sum: Sha256::new() };
    out.line(&header)?;
    let mut written = 0;
    let mut failed = None;
    proof::each_row(store, |(key, sealed)| {
        if !stored::travels(&key) || failed.is_some() {
            return Ok(());
        }
        let (v, json) = envelope::parts(&key, &sealed)?;
        stored::reads(&key, json).map_err(|what| StoreError::Damaged {
            what: format!("{}: {what}", String::from_utf8_lossy(&key)),
        })?;
        written += 1;
        failed = out.row(v, &key, json).err();
        Ok(())
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let sha256 = format!("{:x}", out.sum.clone().finalize());
    out.line(&Trailer { kind: END.to_owned(), count: written, sha256 })?;
    out.out.flush()?;
    Ok(written)
}

/// Whether every day of `start = "now"` and every handled resend is known.
fn remembers(store: &dyn Store) -> Result<bool, StoreError> {
    let lost: Option<Vec<u64>> = mark(store, name::LOST_DAYS)?;
    let rebuilt: Option<Rebuilt> = mark(store, name::REBUILT)?;
    let known = rebuilt.is_none_or(|rebuilt| rebuilt.remembered || rebuilt.settled);
    Ok(known && lost.is_none_or(|lost| lost.is_empty()))
}

fn mark<T: DeserializeOwned>(store: &dyn Store, name: &str) -> Result<Option<T>, StoreError> {
    let key = key_of::mark(name);
    store.get(&key)?.map(|sealed| envelope::open(&key, &sealed)).transpose()
}

struct Summed<'a> {
    out: &'a mut dyn Write,
    sum: Sha256,
}

impl Summed<'_> {
    fn line<T: Serialize>(&mut self, line: &T) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.sum.update(&bytes);
        self.out.write_all(&bytes)
    }

    fn row(&mut self, v: u8, key: &[u8], json: &[u8]) -> io::Result<()> {
        let no_text = |_| io::Error::new(io::ErrorKind::InvalidData, "a key or a value is no text");
        let key = std::str::from_utf8(key).map_err(no_text)?;
        // Between the parts of JSON a line's end means nothing; within a text it cannot be.
        let text = std::str::from_utf8(json).map_err(no_text)?.replace(['\n', '\r'], " ");
        let value: &RawValue = serde_json::from_str(&text)?;
        self.line(&RowLine { v, key, value })
    }
}
