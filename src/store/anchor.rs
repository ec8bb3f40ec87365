//! The anchor: outside the database, how far the state had come.
//!
//! A database that was cut off, or put back as it was an hour ago, is sound in
//! itself; only something beside it can tell. A state ahead of its anchor is
//! sound: the process died between the two.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::proof::Proof;
use crate::fsx;

/// Each slot is a page of its own: what tears one leaves the other.
const SLOT_BYTES: usize = 4096;
const SLOTS: usize = 2;

/// The file, open for writing. Its two slots are written in turn and in place,
/// so that it needs no room on a full disk and one sync a commit.
#[derive(Debug)]
pub(super) struct Anchor {
    file: File,
}

impl Anchor {
    /// Writes a new one.
    pub(super) fn create(path: &Path, proof: &Proof) -> io::Result<Self> {
        let mut bytes = slot(proof)?;
        bytes.resize(SLOT_BYTES * SLOTS, b' ');
        fsx::write_atomic(path, &bytes, 0o600)?;
        Self::open(path)
    }

    /// Opens the one that is there.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().write(true).mode(0o600).open(path)?;
        Ok(Self { file })
    }

    /// What it says; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Of kind `InvalidData` where no slot of it is whole.
    pub(super) fn read(path: &Path) -> io::Result<Option<Proof>> {
        let bytes = match fsx::read_capped(path, (SLOT_BYTES * SLOTS) as u64) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::FileTooLarge => {
                return Err(ErrorKind::InvalidData.into());
            }
            Err(error) => return Err(error),
        };
        let whole = bytes.chunks(SLOT_BYTES).filter_map(in_slot);
        whole.max_by_key(|proof| proof.seq).map(Some).ok_or_else(|| ErrorKind::InvalidData.into())
    }

    /// Moves it on. When this returns, it is on the disk.
    pub(super) fn keep(&self, proof: &Proof) -> io::Result<()> {
        let at = proof.seq % SLOTS as u64 * SLOT_BYTES as u64;
        self.file.write_all_at(&slot(proof)?, at)?;
        self.file.sync_data()
    }
}

/// A line of JSON after its checksum, filled up with blanks.
fn slot(proof: &Proof) -> io::Result<Vec<u8>> {
    let text = serde_json::to_string(proof)?;
    let mut bytes = format!("{:08x} {text}", crc32fast::hash(text.as_bytes())).into_bytes();
    bytes.resize(SLOT_BYTES - 1, b' ');
    bytes.push(b'\n');
    Ok(bytes)
}

fn in_slot(bytes: &[u8]) -> Option<Proof> {
    let (sum, text) = std::str::from_utf8(bytes).ok()?.trim_end().split_once(' ')?;
    let right = u32::from_str_radix(sum, 16).ok()? == crc32fast::hash(text.as_bytes());
    right.then(|| serde_json::from_str(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a slot of the first format holds: it never changes.
    #[test]
    fn the_first_format_is_frozen() {
        let proof = Proof { lineage: "3f1c".to_owned(), seq: 7, count: 5, sum: 255 };
        let frozen =
            r#"87e84ce1 {"lineage":"3f1c","seq":7,"count":5,"sum":"000000000000000000000000000000ff"}"#;
        let slot = slot(&proof).unwrap();
        assert_eq!((slot.len(), std::str::from_utf8(&slot).unwrap().trim_end()), (SLOT_BYTES, frozen));
        assert_eq!(in_slot(frozen.as_bytes()), Some(proof));
    }

    #[test]
    fn a_torn_slot_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchor");
        assert_eq!(Anchor::read(&path).unwrap(), None);
        let begun = Proof::of_nothing();
        let anchor = Anchor::create(&path, &begun).unwrap();
        let at = |seq| Proof { seq, count: 7, sum: u128::MAX - u128::from(seq), ..begun.clone() };
        for seq in 1..6 {
            anchor.keep(&at(seq)).unwrap();
            assert_eq!(Anchor::read(&path).unwrap(), Some(at(seq)));
        }
        let whole = std::fs::read(&path).unwrap();
        for torn in 0..SLOT_BYTES * 2 {
            let mut bytes = whole.clone();
            bytes[torn] ^= 1;
            fsx::write_atomic(&path, &bytes, 0o600).unwrap();
            let found = Anchor::read(&path).unwrap().unwrap();
            let padding = whole[torn] == b' ' || whole[torn] == b'\n';
            let expected = if torn >= SLOT_BYTES && !padding { at(4) } else { at(5) };
            assert!(found == expected || padding && found == at(4), "byte {torn}: {found:?}");
        }
        fsx::write_atomic(&path, &vec![0; SLOT_BYTES * 2], 0o600).unwrap();
        assert_eq!(Anchor::read(&path).unwrap_err().kind(), ErrorKind::InvalidData);
        fsx::write_atomic(&path, b"", 0o600).unwrap();
        assert_eq!(Anchor::read(&path).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
