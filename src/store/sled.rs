//! sled as the embedded default: one tree, one commit a step.

use std::io;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;

use super::{Change, Row, Store, StoreError, durably};

/// How often, and how long each time, a database is waited for that this process
/// has just closed.
const LOCKED_TRIES: u32 = 200;
const LOCKED_WAIT: Duration = Duration::from_millis(10);

/// The state in a sled database. A commit is `apply_batch` and `flush`, so
/// that what was committed survives a power loss; sled's own timed flush is
/// off.
#[derive(Clone, Debug)]
pub struct SledStore {
    db: ::sled::Db,
    place: String,
}

impl SledStore {
    /// Opens or creates the database in `folder`.
    ///
    /// sled panics on some damaged files; that is caught here and told as
    /// damage.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let place = folder.display().to_string();
        let config = ::sled::Config::new()
            .path(folder)
            .mode(::sled::Mode::LowSpace)
            .cache_capacity(64 << 20)
            .flush_every_ms(None);
        let open = || std::panic::catch_unwind(AssertUnwindSafe(|| config.open()));
        let mut opened = open();
        // Whoever opens it holds the state's own lock, so that this one is a remainder
        // of this very process: sled's threads let go of the file a little after it
        // was closed.
        for _ in 0..LOCKED_TRIES {
            if !matches!(&opened, Ok(Err(error)) if is_locked(error)) {
                break;
            }
            std::thread::sleep(LOCKED_WAIT);
            opened = open();
        }
        match opened {
            Ok(Ok(db)) => Ok(Self { db, place }),
            Ok(Err(error)) => Err(fault(&place, error)),
            Err(_) => Err(StoreError::Damaged { what: format!("{place} cannot be opened") }),
        }
    }
}

impl Store for SledStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.db.get(key).map_err(|error| fault(&self.place, error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        let from = after.map_or_else(|| prefix.to_vec(), |after| [after, b"\0"].concat());
        for row in self.db.range(from..).take(limit) {
            let (key, value) = row.map_err(|error| fault(&self.place, error))?;
            if !key.starts_with(prefix) {
                break;
            }
            rows.push((key.to_vec(), value.to_vec()));
        }
        Ok(rows)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut batch = ::sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        let failed = |error| fault(&self.place, error);
        durably(|| self.db.apply_batch(batch).map_err(failed), || self.db.flush().map(|_| ()).map_err(failed))
    }
}

/// Whether it is open already; sled tells that in words alone.
fn is_locked(error: &::sled::Error) -> bool {
    matches!(error, ::sled::Error::Io(why) if why.to_string().starts_with("could not acquire lock"))
}

fn fault(place: &str, error: ::sled::Error) -> StoreError {
    match error {
        ::sled::Error::Io(source) => StoreError::Disk { place: place.to_owned(), source },
        ::sled::Error::Corruption { .. } => StoreError::Damaged { what: format!("{place}: {error}") },
        ::sled::Error::CollectionNotFound(_)
        | ::sled::Error::Unsupported(_)
        | ::sled::Error::ReportableBug(_) => {
            StoreError::Disk { place: place.to_owned(), source: io::Error::other(error.to_string()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::conformance;
    use super::*;

    #[test]
    fn one_that_was_just_closed_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let first = SledStore::open(folder.path()).unwrap();
        let later = std::thread::spawn(move || {
            std::thread::sleep(5 * LOCKED_WAIT);
            drop(first);
        });
        SledStore::open(folder.path()).unwrap();
        later.join().unwrap();
    }

    #[test]
    fn sled_keeps_the_contract_and_survives_a_reopen() {
        let folder = tempfile::tempdir().unwrap();
        {
            let store = SledStore::open(folder.path()).unwrap();
            conformance(&store);
        }
        let store = SledStore::open(folder.path()).unwrap();
        assert_eq!(store.get(b"c/kept").unwrap().as_deref(), Some(&b"yes"[..]));
    }
}
