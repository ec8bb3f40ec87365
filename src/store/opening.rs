//! Opening the state: proved, and where it is not sound, set aside and begun
//! anew. QuickBooks' marks and Stax Bill bring back what was in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::anew::Before;
use super::keepsake::Keepsakes;
use super::proven::{ProvenStore, Proving, anchor_path};
use super::{Change, Commit, SledStore, Store, StoreError, name};

/// What the name of a state begins with that was set aside.
const ASIDE: &str = "db.aside-";

/// A state that was begun anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuilt {
    /// When.
    pub at: Timestamp,
    /// What was wrong with the one before, in a sentence.
    pub why: String,
    /// Where that one is now.
    pub aside: Option<String>,
    /// Whether the days of `start = "now"` and the handled resends are known.
    pub remembered: bool,
    /// Whether everything was looked at since, long enough after the start of
    /// the process that no write of another one can still come to light.
    pub settled: bool,
    /// Of when the copy is that it was restored from; `None` where nothing was
    /// left of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exported_at: Option<Timestamp>,
}

/// Opens the state in `folder`, or begins it anew where it cannot be used.
///
/// `known_of` says how it is known that there was one, where there is none: a
/// state that was removed is one that was lost.
pub fn open_state(
    folder: &Path,
    now: Timestamp,
    known_of: Option<String>,
) -> Result<Arc<dyn Store>, StoreError> {
    let lost = lost(folder, known_of);
    if let Some(why) = &lost {
        tracing::warn!(why, "the state is lost; it is rebuilt from QuickBooks' marks");
    }
    let begin = lost.map(|why| Rebuilt::at(now, why).changes(folder, &Before::default()));
    match prove_in(folder, Ok(begin.unwrap_or_default()))? {
        Proving::Sound(store) => Ok(Arc::new(store)),
        Proving::Unsound(why) => rebuild(folder, now, why),
    }
}

/// Opens the state in `folder` for who only looks: it is left as it is.
///
/// # Errors
///
/// Fails with [`StoreError::Unsound`] where it is not what was written.
pub fn open_sound(folder: &Path) -> Result<Arc<dyn Store>, StoreError> {
    open_to_look(folder, None)
}

/// Like [`open_sound`]; `known_of` says how it is known that there was a state,
/// where there is none.
///
/// # Errors
///
/// Those of [`open_sound`].
pub fn open_to_look(folder: &Path, known_of: Option<String>) -> Result<Arc<dyn Store>, StoreError> {
    let lost = lost(folder, known_of);
    if let Some(why) = lost.clone().filter(|_| !database_path(folder).exists()) {
        return Err(StoreError::Unsound { why });
    }
    match prove_in(folder, lost.map_or(Ok(Vec::new()), Err))? {
        Proving::Sound(store) => Ok(Arc::new(store)),
        Proving::Unsound(why) => Err(StoreError::Unsound { why }),
    }
}

/// Why there should be a state in `folder`, where there is no anchor of one. A
/// database says nothing: one without a proof was only about to be begun.
fn lost(folder: &Path, known_of: Option<String>) -> Option<String> {
    let left = (Keepsakes::new(folder).exists() || one_is_aside(folder))
        .then(|| "the database is gone from the state folder".to_owned());
    left.or(known_of).filter(|_| !anchor_path(folder).exists())
}

/// What a state in `folder` begins with that takes the place of one that was not
/// sound, for whoever opens the engine himself.
pub fn begun_anew(folder: &Path, now: Timestamp, why: String) -> Vec<Change> {
    Rebuilt::at(now, why).changes(folder, &Before::default())
}

/// Sets the state in `folder` aside and begins it anew; `why` is told.
pub fn rebuild(folder: &Path, now: Timestamp, why: String) -> Result<Arc<dyn Store>, StoreError> {
    let before = Before::read(folder);
    let aside = aside(folder, now);
    set_aside(folder, &aside, true)?;
    let aside = aside.display().to_string();
    tracing::warn!(why, aside, "the state was set aside; it is rebuilt from QuickBooks' marks");
    Rebuilt { aside: Some(aside), ..Rebuilt::at(now, why) }.begin(folder, &before)
}

impl Rebuilt {
    pub(super) fn at(at: Timestamp, why: String) -> Self {
        Self { at, why, aside: None, remembered: false, settled: false, exported_at: None }
    }

    /// What a state begins with that takes another's place.
    fn changes(self, folder: &Path, before: &Before) -> Vec<Change> {
        let kept = Keepsakes::new(folder).read().unwrap_or_default().readable();
        let remembered = kept.whole && (before.remembered || before.lost_days.is_some());
        let mut commit = Commit::new();
        commit.changes = kept.changes();
        commit.mark(name::REBUILT, &Self { remembered, ..self });
        if let Some(lost) = before.lost_days.as_ref().filter(|lost| remembered && !lost.is_empty()) {
            commit.mark(name::LOST_DAYS, lost);
        }
        commit.changes
    }

    /// Begins a state in `folder`, from which the one before is set aside.
    pub(super) fn begin(self, folder: &Path, before: &Before) -> Result<Arc<dyn Store>, StoreError> {
        match prove_in(folder, Ok(self.changes(folder, before)))? {
            Proving::Sound(store) => Ok(Arc::new(store)),
            Proving::Unsound(what) => Err(StoreError::Damaged { what }),
        }
    }
}

/// Where the database of the state in `folder` is.
pub fn database_path(folder: &Path) -> PathBuf {
    folder.join("db")
}

fn prove_in(folder: &Path, begin: Result<Vec<Change>, String>) -> Result<Proving, StoreError> {
    let store: Arc<dyn Store> = match SledStore::open(&database_path(folder)) {
        Ok(store) => Arc::new(store),
        Err(StoreError::Damaged { what }) => return Ok(Proving::Unsound(what)),
        Err(error @ (StoreError::Disk { .. } | StoreError::Newer { .. } | StoreError::Unsound { .. })) => {
            return Err(error);
        }
    };
    ProvenStore::prove(&store, folder, begin)
}

/// Whether a state was set aside in `folder`, so that one that is not there was
/// lost between that and its successor.
fn one_is_aside(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(ASIDE))
}

/// Where the state in `folder` goes that is set aside now.
pub(super) fn aside(folder: &Path, now: Timestamp) -> PathBuf {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let mut aside = folder.join(format!("{ASIDE}{stamp}"));
    let mut number = 1;
    while aside.exists() {
        number += 1;
        aside = folder.join(format!("{ASIDE}{stamp}-{number}"));
    }
    aside
}

/// The anchor goes first: a state without one is not sound, whoever finds it. Only
/// keepsakes that stay behind may be those of the next state; others go before the
/// anchor, as long as a sound state can still write them anew.
pub(super) fn set_aside(folder: &Path, aside: &Path, keepsakes_stay: bool) -> Result<(), StoreError> {
    let database = database_path(folder);
    let failed = |source| StoreError::Disk { place: folder.display().to_string(), source };
    fs::create_dir_all(&database).map_err(failed)?;
    let keepsakes = Keepsakes::new(folder);
    if !keepsakes_stay && keepsakes.exists() {
        fs::rename(keepsakes.path(), database.join("keepsakes.jsonl")).map_err(failed)?;
    }
    let anchor = anchor_path(folder);
    if anchor.exists() {
        fs::rename(&anchor, database.join("anchor")).map_err(failed)?;
    }
    fs::rename(&database, aside).map_err(failed)?;
    crate::fsx::sync_folder(folder).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Marks, Register};

    const NOW: &str = "2026-11-23T09:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn open(folder: &Path) -> Register {
        Register::new(open_state(folder, now(), None).unwrap())
    }

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().unwrap()
    }

    /// A state of many rows, in `commits` commits.
    fn fill(folder: &Path, commits: u64) {
        let register = open(folder);
        for number in 1..=commits {
            let mut commit = Commit::new();
            for product in 0..20 {
                commit.product(&format!("{number}/{product}"), &"code ".repeat(20));
            }
            commit.start(number, jiff::civil::date(2026, 1, 1));
            commit.mark("marks", &Marks { passes: number, ..Marks::default() });
            runtime().block_on(register.commit(commit)).unwrap();
        }
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }

    type Spoil<'a> = &'a dyn Fn(&Path);

    /// Why a state was begun anew; `None` where it was not.
    fn why(register: &Register) -> Option<String> {
        register.rebuilt().unwrap().map(|rebuilt| rebuilt.why)
    }

    #[test]
    fn a_sound_state_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), 3);
        let register = open(folder.path());
        assert_eq!((why(&register), register.marks().unwrap().passes), (None, 3));
        drop(register);
        assert!(open_sound(folder.path()).is_ok());
        // A process that died between its commit and the anchor.
        let before = fs::read(anchor_path(folder.path())).unwrap();
        fill(folder.path(), 5);
        crate::fsx::write_atomic(&anchor_path(folder.path()), &before, 0o600).unwrap();
        let register = open(folder.path());
        assert_eq!((why(&register), register.marks().unwrap().passes), (None, 5));
    }

    #[test]
    fn what_is_not_sound_is_set_aside_and_only_that_is_kept_that_nothing_else_knows() {
        let whole = tempfile::tempdir().unwrap();
        fill(whole.path(), 4);
        let older = tempfile::tempdir().unwrap();
        copy(whole.path(), older.path());
        fill(whole.path(), 8);
        let other = tempfile::tempdir().unwrap();
        fill(other.path(), 20);
        let replace = |from: &Path, folder: &Path| {
            fs::remove_dir_all(database_path(folder)).unwrap();
            copy(&database_path(from), &database_path(folder));
        };
        let cases: [(&str, &str, Spoil<'_>, bool); 8] = [
            ("an older copy of the database", "is an older copy", &|at| replace(older.path(), at), true),
            ("another state's database", "two different states", &|at| replace(other.path(), at), true),
            ("no anchor", "anchor is missing", &|at| fs::remove_file(anchor_path(at)).unwrap(), true),
            (
                "an anchor of nothing",
                "anchor is damaged",
                &|at| crate::fsx::write_atomic(&anchor_path(at), b"", 0o600).unwrap(),
                true,
            ),
            ("no database", "it is empty", &|at| fs::remove_dir_all(database_path(at)).unwrap(), true),
            ("half of a copy", "", &|at| fs::remove_file(database_path(at).join("db")).unwrap(), true),
            (
                "neither database nor anchor",
                "is gone",
                &|at| {
                    fs::remove_dir_all(database_path(at)).unwrap();
                    fs::remove_file(anchor_path(at)).unwrap();
                },
                true,
            ),
            (
                "nor keepsakes",
                "anchor is missing",
                &|at| {
                    fs::remove_file(anchor_path(at)).unwrap();
                    fs::remove_file(at.join("keepsakes.jsonl")).unwrap();
                },
                false,
            ),
        ];
        for (name, words, spoil, remembered) in cases {
            let folder = tempfile::tempdir().unwrap();
            copy(whole.path(), folder.path());
            spoil(folder.path());
            let register = open(folder.path());
            let rebuilt = register.rebuilt().unwrap().unwrap_or_else(|| panic!("{name} was not noticed"));
            assert!(rebuilt.why.contains(words), "{name}: {}", rebuilt.why);
            assert_eq!((rebuilt.remembered, rebuilt.settled), (remembered, false), "{name}");
            assert_eq!(register.marks().unwrap().passes, 0, "{name}: nothing of it is used");
            assert_eq!(register.start(7).unwrap().is_some(), remembered, "{name}: days of \"now\"");
            drop(register);
            let again = open(folder.path());
            assert_eq!(again.rebuilt().unwrap(), Some(rebuilt), "{name}: and the new one is sound");
        }
    }

    /// Whoever is cut off between setting a state aside and the first commit of the
    /// next leaves a database with nothing in it.
    #[test]
    fn what_was_only_about_to_be_begun_is_lost_still() {
        for begun in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            fill(folder.path(), 3);
            fs::remove_dir_all(database_path(folder.path())).unwrap();
            fs::remove_file(anchor_path(folder.path())).unwrap();
            if begun {
                drop(SledStore::open(&database_path(folder.path())).unwrap());
            }
            let kept = fs::read(folder.path().join("keepsakes.jsonl")).unwrap();
            assert!(matches!(open_sound(folder.path()), Err(StoreError::Unsound { .. })), "{begun}");
            assert_eq!(fs::read(folder.path().join("keepsakes.jsonl")).unwrap(), kept, "{begun}");
            assert!(!anchor_path(folder.path()).exists(), "{begun}: who only looks begins nothing");
            let register = open(folder.path());
            assert!(why(&register).is_some_and(|why| why.contains("is gone")), "{begun}");
            assert!(register.start(2).unwrap().is_some(), "{begun}: days of \"now\"");
        }
    }

    /// Nothing but the file itself is known here: whatever it does, the state is
    /// just what was written, or it is set aside.
    #[test]
    fn a_damaged_file_is_never_used() {
        let whole = tempfile::tempdir().unwrap();
        fill(whole.path(), 60);
        let rows = |register: &Register| {
            let mut rows = Vec::new();
            super::super::proof::each_row(register.store().as_ref(), |row| {
                rows.push(row);
                Ok(())
            })
            .unwrap();
            rows
        };
        let right = rows(&open(whole.path()));
        std::panic::set_hook(Box::new(|_| {}));
        let (mut set_aside, mut harmless) = (0, 0);
        for number in 0..60_u64 {
            let folder = tempfile::tempdir().unwrap();
            copy(whole.path(), folder.path());
            let path = database_path(folder.path()).join("db");
            let mut bytes = fs::read(&path).unwrap();
            // Where something is: the rest of the file is room for later.
            let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
            let at = used * usize::try_from(number / 3 + 1).unwrap() / 21;
            match number % 3 {
                0 => bytes.truncate(at),
                1 => bytes[at..(at + 4096).min(used)].fill(0),
                _ => bytes[at..(at + 16).min(used)].iter_mut().for_each(|byte| *byte ^= 0x55),
            }
            crate::fsx::write_atomic(&path, &bytes, 0o600).unwrap();
            let register = open(folder.path());
            if why(&register).is_some() {
                set_aside += 1;
            } else {
                harmless += 1;
                assert_eq!(rows(&register), right, "damage {number}");
            }
        }
        let _ = std::panic::take_hook();
        assert!(set_aside >= 30, "{set_aside} of 60 were set aside, {harmless} did no harm");
    }

    #[test]
    fn who_only_looks_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path(), 2);
        fs::remove_file(anchor_path(folder.path())).unwrap();
        let error = open_sound(folder.path()).err().unwrap();
        assert!(
            matches!(&error, StoreError::Unsound { why } if why.contains("anchor is missing")),
            "{error}"
        );
        assert!(database_path(folder.path()).is_dir() && !anchor_path(folder.path()).exists());
    }
}
