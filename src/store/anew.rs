//! Beginning a state anew because a person asks for it, whatever is in the folder:
//! a sound state, one that is damaged, older, another company's or a newer
//! latchd's, a half of one, or none. What is there is set aside and never deleted.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::opening::{Rebuilt, aside, database_path, open_sound, set_aside};
use super::proven::anchor_path;
use super::register::Marks;
use super::{SledStore, Store, StoreError, envelope, key_of, name};

/// Who asked for it.
const BY_HAND: &str = "`latchd state rebuild` was called";

/// A state that a person had begun anew.
pub struct BegunAnew {
    /// It.
    pub store: Arc<dyn Store>,
    /// Where the one before is now, where there was one.
    pub aside: Option<PathBuf>,
    /// What that one was, in a few words.
    pub before: String,
}

/// Sets the state in `folder`, whose lock the caller holds, aside, and begins it
/// anew for the company `realm_id`.
///
/// Whatever is cut off here leaves the state that was there, or one that is known
/// to be lost, or the new one: each of them looks at everything, and waits, before
/// anything is written.
///
/// # Errors
///
/// Fails where the disk does; the state is then as it was, or known to be lost.
pub fn begin_anew(folder: &Path, now: Timestamp, realm_id: &str) -> Result<BegunAnew, StoreError> {
    let there = database_path(folder).exists() || anchor_path(folder).exists();
    let before = Before::read(folder);
    let foreign = before.realm_id.as_deref().filter(|theirs| *theirs != realm_id);
    let told = match foreign {
        _ if !there => "there was none".to_owned(),
        Some(theirs) => format!("it was that of company {theirs}"),
        // A sound one brings its keepsakes up to date here, should they be damaged.
        None => match open_sound(folder) {
            Ok(_) => "it was sound".to_owned(),
            Err(StoreError::Unsound { why } | StoreError::Damaged { what: why }) => {
                format!("it was not sound: {why}")
            }
            Err(StoreError::Newer { found }) => format!("it was made by a newer latchd (format {found})"),
            Err(error @ StoreError::Disk { .. }) => return Err(error),
        },
    };
    // Days and resends of another company's customers say nothing of this one's.
    let (before, keepsakes) = match foreign {
        Some(_) => (Before::default(), false),
        None => (before.clone(), true),
    };
    let aside = there.then(|| aside(folder, now));
    if let Some(aside) = &aside {
        set_aside(folder, aside, keepsakes)?;
    }
    tracing::warn!(before = told, aside = ?aside, "the state is begun anew by hand");
    let rebuilt = Rebuilt {
        aside: aside.as_ref().map(|aside| aside.display().to_string()),
        ..Rebuilt::at(now, format!("{BY_HAND}; of the state before, {told}"))
    };
    let store = rebuilt.begin(folder, &before)?;
    Ok(BegunAnew { store, aside, before: told })
}

/// What of a state is asked that another takes the place of, be it sound or not:
/// whose it was, and what it had lost itself. It only makes the new one more
/// careful.
#[derive(Clone, Debug)]
pub(super) struct Before {
    pub(super) realm_id: Option<String>,
    pub(super) remembered: bool,
    pub(super) lost_days: Option<BTreeSet<u64>>,
}

impl Default for Before {
    fn default() -> Self {
        Self { realm_id: None, remembered: true, lost_days: None }
    }
}

impl Before {
    /// Of the state in `folder`; what cannot be read is not known.
    pub(super) fn read(folder: &Path) -> Self {
        let database = database_path(folder);
        if !database.exists() {
            return Self::default();
        }
        // sled panics on some damaged files.
        let read = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let store = SledStore::open(&database).ok()?;
            let marks = mark::<Marks>(&store, "marks");
            let rebuilt = mark::<Rebuilt>(&store, name::REBUILT);
            Some(Self {
                realm_id: marks.and_then(|marks| marks.realm_id),
                remembered: rebuilt.is_none_or(|rebuilt| rebuilt.remembered),
                lost_days: mark(&store, name::LOST_DAYS),
            })
        }));
        read.ok().flatten().unwrap_or_default()
    }
}

fn mark<T: serde::de::DeserializeOwned>(store: &SledStore, name: &str) -> Option<T> {
    let key = key_of::mark(name);
    envelope::open(&key, &store.get(&key).ok()??).ok()
}
