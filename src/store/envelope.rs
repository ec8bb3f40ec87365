//! The envelope of every stored value: a format version, a checksum, JSON.
//!
//! sled does not notice a damaged file, so each value brings its own proof.
//! The checksum covers the key too: a value under a wrong key is damage.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::StoreError;

/// The present format of values. A newer one, its checksum right, is refused; an older one is read
/// by its own, frozen rules (there is none yet).
pub(super) const FORMAT: u8 = 1;
const HEAD: usize = 5;

pub(super) fn seal<T: Serialize + ?Sized>(key: &[u8], value: &T) -> Vec<u8> {
    let mut sealed = vec![FORMAT, 0, 0, 0, 0];
    serde_json::to_writer(&mut sealed, value).expect("stored types serialise to JSON");
    let proof = proof(key, &sealed[HEAD..], FORMAT);
    sealed[1..HEAD].copy_from_slice(&proof.to_be_bytes());
    sealed
}

pub(super) fn open<T: DeserializeOwned>(key: &[u8], sealed: &[u8]) -> Result<T, StoreError> {
    let body = body(key, sealed)?;
    serde_json::from_slice(body).map_err(|error| damaged(key, &error.to_string()))
}

/// Whether a value is as it was written; without reading it.
pub(super) fn check(key: &[u8], sealed: &[u8]) -> Result<(), StoreError> {
    body(key, sealed).map(|_| ())
}

/// The format of a value, and its JSON as it was written.
pub(super) fn parts<'a>(key: &[u8], sealed: &'a [u8]) -> Result<(u8, &'a [u8]), StoreError> {
    body(key, sealed).map(|body| (sealed[0], body))
}

/// A value in the present format out of another one's JSON.
pub(super) fn seal_again(key: &[u8], format: u8, json: &RawValue) -> Result<Vec<u8>, StoreError> {
    match format {
        FORMAT => Ok(seal(key, json)),
        newer if newer > FORMAT => Err(StoreError::Newer { found: newer }),
        _ => Err(damaged(key, "there is no such format")),
    }
}

fn body<'a>(key: &[u8], sealed: &'a [u8]) -> Result<&'a [u8], StoreError> {
    let (head, body) = sealed.split_at_checked(HEAD).ok_or_else(|| damaged(key, "too short"))?;
    let sound = head[1..] == proof(key, body, head[0]).to_be_bytes();
    if sound && head[0] > FORMAT {
        return Err(StoreError::Newer { found: head[0] });
    }
    if !sound || head[0] != FORMAT {
        return Err(damaged(key, "wrong checksum"));
    }
    Ok(body)
}

fn damaged(key: &[u8], how: &str) -> StoreError {
    StoreError::Damaged { what: format!("{}: {how}", String::from_utf8_lossy(key)) }
}

fn proof(key: &[u8], body: &[u8], format: u8) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[format]);
    hasher.update(key);
    hasher.update(body);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of the first format: they never change.
    #[test]
    fn the_first_format_is_frozen() {
        let sealed = seal(b"r/1/7", &vec![1, 2, 3]);
        assert_eq!(sealed, b"\x01\x3a\x87\x69\xfa[1,2,3]");
        assert_eq!(open::<Vec<i32>>(b"r/1/7", &sealed).unwrap(), [1, 2, 3]);
        // A newer one is told from damage: its checksum is right.
        let mut newer = sealed;
        newer[0] = FORMAT + 1;
        assert!(matches!(open::<Vec<i32>>(b"r/1/7", &newer), Err(StoreError::Damaged { .. })));
        let sum = proof(b"r/1/7", &newer[HEAD..], FORMAT + 1);
        newer[1..HEAD].copy_from_slice(&sum.to_be_bytes());
        let refused = open::<Vec<i32>>(b"r/1/7", &newer).unwrap_err();
        assert!(matches!(refused, StoreError::Newer { found: 2 }), "{refused}");
        assert!(refused.to_string().contains("made by a newer latchd"), "{refused}");
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let sealed = seal(b"r/1/7", &vec![1, 2, 3]);
        assert_eq!(open::<Vec<i32>>(b"r/1/7", &sealed).unwrap(), vec![1, 2, 3]);
        assert!(open::<Vec<i32>>(b"r/1/8", &sealed).is_err(), "under another key");
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open::<Vec<i32>>(b"r/1/7", &flipped).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open::<Vec<i32>>(b"r/1/7", &sealed[..length]).is_err(), "length {length}");
        }
    }
}
