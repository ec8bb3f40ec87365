//! One latchd per state: the second finds the lock held.

use std::fs::{File, TryLockError};
use std::path::Path;

use thiserror::Error;

/// Held as long as the value lives; the kernel lets go of it when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct OwnerLock {
    _file: File,
}

/// The state cannot be owned.
#[derive(Debug, Error)]
pub enum OwnerLockError {
    /// Someone else has it.
    #[error("another latchd holds the state in {0}; stop it first, or give this one its own [paths] state")]
    Held(String),
    /// The folder cannot be used.
    #[error(
        "cannot use the state folder {place}: {why}; \
         make it a folder owned by the user that runs latchd, mode 0700, or name another in [paths] state"
    )]
    Folder {
        /// The folder.
        place: String,
        /// Why.
        why: std::io::Error,
    },
}

impl OwnerLock {
    /// Takes the lock of the state in `folder`, which is created where it is
    /// missing.
    pub fn take(folder: &Path) -> Result<Self, OwnerLockError> {
        let place = folder.display().to_string();
        let failed = |why| OwnerLockError::Folder { place: place.clone(), why };
        crate::fsx::private_dir(folder).map_err(failed)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OwnerLockError::Held(place)),
            Err(TryLockError::Error(why)) => Err(failed(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_owner_is_refused_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let first = OwnerLock::take(&state).unwrap();
        assert!(matches!(OwnerLock::take(&state), Err(OwnerLockError::Held(_))));
        drop(first);
        OwnerLock::take(&state).unwrap();
    }
}
