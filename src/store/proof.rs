//! The proof that a state is what was written: how many keys there are, and a
//! digest of all of them with their values.
//!
//! sled opens truncated and zeroed files without an error and with records
//! missing. A checksum in every value shows a damaged value and not a missing
//! one; the proof shows that too.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Change, Row, Store, StoreError, envelope};

/// The key of the proof; it stands outside of what it proves.
pub(super) const KEY: &[u8] = b"!proof";
/// Rows read at once.
const PAGE: usize = 1000;

/// Count and digest over all live keys and values, as of one commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Proof {
    /// Drawn when the state began: a state and an anchor of two beginnings do
    /// not belong together.
    pub(super) lineage: String,
    /// How many commits there were.
    pub(super) seq: u64,
    /// How many keys there are.
    pub(super) count: u64,
    /// The sum of the digests of all rows, which does not depend on their
    /// order: a commit adds what came and takes off what went.
    #[serde(with = "hexadecimal")]
    pub(super) sum: u128,
}

impl Proof {
    /// Of a state with nothing in it.
    pub(super) fn of_nothing() -> Self {
        Self { lineage: Uuid::new_v4().to_string(), seq: 0, count: 0, sum: 0 }
    }

    /// What `store` says of itself.
    pub(super) fn kept(store: &dyn Store) -> Result<Option<Self>, StoreError> {
        store.get(KEY)?.map(|sealed| envelope::open(KEY, &sealed)).transpose()
    }

    /// The proof after `changes`, of which a later one of the same key counts.
    pub(super) fn after(&self, store: &dyn Store, changes: &[Change]) -> Result<Self, StoreError> {
        let mut next = Self { seq: self.seq + 1, ..self.clone() };
        let mut last = std::collections::BTreeMap::new();
        for (key, value) in changes {
            last.insert(key, value);
        }
        for (key, value) in last {
            if let Some(before) = store.get(key)? {
                next.count = next.count.wrapping_sub(1);
                next.sum = next.sum.wrapping_sub(of_row(key, &before));
            }
            if let Some(now) = value {
                next.count = next.count.wrapping_add(1);
                next.sum = next.sum.wrapping_add(of_row(key, now));
            }
        }
        Ok(next)
    }

    /// The change that keeps it.
    pub(super) fn change(&self) -> Change {
        (KEY.to_vec(), Some(envelope::seal(KEY, self)))
    }

    /// Whether everything in `store` is just what it proves.
    ///
    /// # Errors
    ///
    /// Fails on the first value that is damaged or of a newer format.
    pub(super) fn holds(&self, store: &dyn Store) -> Result<bool, StoreError> {
        let (mut count, mut sum) = (0, 0_u128);
        each_row(store, |(key, sealed)| {
            envelope::check(&key, &sealed)?;
            count += 1;
            sum = sum.wrapping_add(of_row(&key, &sealed));
            Ok(())
        })?;
        Ok((count, sum) == (self.count, self.sum))
    }
}

/// Every row but the proof, in key order.
pub(super) fn each_row(
    store: &dyn Store,
    mut then: impl FnMut(Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let rows = store.scan(b"", after.as_deref(), PAGE)?;
        let whole = rows.len() == PAGE;
        after = rows.last().map(|(key, _)| key.clone());
        for row in rows.into_iter().filter(|(key, _)| key != KEY) {
            then(row)?;
        }
        if !whole {
            return Ok(());
        }
    }
}

pub(super) fn of_row(key: &[u8], value: &[u8]) -> u128 {
    let mut hasher = Sha256::new();
    hasher.update((key.len() as u64).to_be_bytes());
    hasher.update(key);
    hasher.update(value);
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize()[..16]);
    u128::from_be_bytes(first)
}

/// JSON has no numbers of this size that every reader takes.
mod hexadecimal {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(sum: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{sum:032x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        let text = String::deserialize(deserializer)?;
        u128::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}
