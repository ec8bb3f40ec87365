//! The state on disk: what latchd remembers, and the journal of its writes.
//!
//! [`Store`] is the seam (sled in production, memory in tests and for plans
//! that must not write); [`ProvenStore`] lies over sled's and proves what is in
//! it; [`Register`] is what the rest of latchd sees of it.

mod anchor;
mod anew;
mod by_hand;
mod commit;
mod envelope;
mod export;
mod import;
mod inspect;
mod intent;
mod keepsake;
mod key_of;
mod lines;
mod lock;
mod memory;
pub mod name;
mod opening;
mod proof;
mod proven;
mod register;
mod seal;
mod sled;
mod stored;
mod token;

pub use anew::{BegunAnew, begin_anew};
pub use by_hand::{ByHand, Looked};
pub use commit::{ATTEMPTS_MAX, Commit};
pub use export::{ExportError, export};
pub use import::{Import, ImportError};
pub use inspect::{Finding, Inspection, inspect};
pub use intent::{Intent, IntentItem, Operation};
pub use lines::ExportHeader;
pub use lock::{OwnerLock, OwnerLockError};
pub use memory::Overlay;
pub use opening::{Rebuilt, begun_anew, database_path, open_sound, open_state, open_to_look, rebuild};
pub use proven::{ProvenStore, Proving};
pub use register::{Body, Calls, Errand, Foreign, Marks, Register};
pub use seal::SealKey;
pub use sled::SledStore;
pub use token::{TokenFile, TokenRoom, Tokens};

use std::sync::Arc;

use thiserror::Error;

use crate::mutation::Mutation;

/// A change of one key: a new value, or `None` to remove it.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// What the state is kept in: ordered keys and values in one tree.
pub trait Store: Send + Sync {
    /// The value of `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Up to `limit` keys and values that begin with `prefix` and come after
    /// `after`, in key order.
    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// Applies all changes or none, durably when it returns.
    fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError>;

    /// Whether a commit waits for a disk, and is to be called off the async
    /// threads.
    fn waits(&self) -> bool {
        true
    }
}

/// A commit of an engine that keeps what is applied to it in memory until it is
/// flushed: it is on the disk when this returns.
pub fn durably(
    apply: impl FnOnce() -> Result<(), StoreError>,
    flush: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    apply()?;
    if Mutation::SkipFlush.is_planted() { Ok(()) } else { flush() }
}

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

impl<S: Store + ?Sized> Store for Arc<S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).get(key)
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        (**self).scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        (**self).commit(changes)
    }

    fn waits(&self) -> bool {
        (**self).waits()
    }
}

/// The state cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The folder or the disk fails: latchd stops writing to QuickBooks.
    #[error("the state in {place} cannot be read or written; check the disk and the folder's owner")]
    Disk {
        /// The folder.
        place: String,
        /// What the engine says.
        #[source]
        source: std::io::Error,
    },
    /// A value is not what was written: the state must not be used.
    #[error(
        "the state is damaged ({what}); start latchd again: it sets the state aside and rebuilds it from the marks \
         of its documents in QuickBooks"
    )]
    Damaged {
        /// Which key, and how.
        what: String,
    },
    /// The state is not what was written, and who found that only looks.
    #[error(
        "the state is not sound ({why}); `latchd run` or `latchd once` sets it aside and rebuilds it from the marks \
         of its documents in QuickBooks"
    )]
    Unsound {
        /// What is wrong with it.
        why: String,
    },
    /// A value was written by a newer latchd.
    #[error(
        "the state was made by a newer latchd (format {found}), and is left as it is; use that one, or \
         `latchd state rebuild`"
    )]
    Newer {
        /// The format found.
        found: u8,
    },
}
