//! A disk that can lose its power: the engine of a state with two images, what
//! was applied and what was flushed; and how a state on it is opened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use latchd::fsx;
use latchd::store::{Change, ProvenStore, Proving, Row, Store, StoreError, begun_anew, durably};

/// What stands beside the database in the folder of a state.
const BESIDE: [&str; 2] = ["anchor", "keepsakes.jsonl"];

type Image = BTreeMap<Vec<u8>, Vec<u8>>;

/// The engine. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Disk(Arc<Mutex<Images>>);

#[derive(Default)]
struct Images {
    applied: Image,
    flushed: Image,
    /// What was applied since the last flush.
    pending: Vec<Change>,
}

/// A state as it was: the database and what stands beside it.
#[derive(Clone)]
pub(super) struct Copy {
    database: Image,
    beside: Vec<(&'static str, Vec<u8>)>,
}

impl Disk {
    /// What was not flushed is gone.
    pub(super) fn lose_power(&self) {
        let mut images = self.lock();
        images.applied = images.flushed.clone();
        images.pending.clear();
    }

    /// What would be left if the power went now, to look at.
    pub(super) fn flushed(&self) -> Arc<dyn Store> {
        Arc::new(Flushed(self.clone()))
    }

    /// The state in `folder` as it is.
    pub(super) fn copy(&self, folder: &Path) -> Copy {
        let read = |name: &'static str| Some((name, std::fs::read(folder.join(name)).ok()?));
        Copy { database: self.lock().applied.clone(), beside: BESIDE.into_iter().filter_map(read).collect() }
    }

    /// Puts an older state back; without what stands beside the database, unless
    /// it is `whole`. Tells whether it is another than was there.
    pub(super) fn put_back(&self, folder: &Path, copy: &Copy, whole: bool) -> bool {
        let is_other = self.lock().applied != copy.database;
        for (name, bytes) in copy.beside.iter().filter(|_| whole) {
            fsx::write_atomic(&folder.join(name), bytes, 0o600).expect("the folder is the test's own");
        }
        self.fill(copy.database.clone());
        is_other
    }

    /// Opens the state in `folder`, as [`latchd::store::open_state`] does one of
    /// sled's: proved, or set aside and begun anew.
    pub(super) fn open(&self, folder: &Path, now: Timestamp) -> Arc<dyn Store> {
        let why = match self.prove(folder, Vec::new()) {
            Proving::Sound(store) => return Arc::new(store),
            Proving::Unsound(why) => why,
        };
        self.fill(Image::new());
        let anchor = folder.join("anchor");
        fsx::remove(&anchor).expect("the folder is the test's own");
        match self.prove(folder, begun_anew(folder, now, why)) {
            Proving::Sound(store) => Arc::new(store),
            Proving::Unsound(why) => panic!("a state that was begun anew is not sound: {why}"),
        }
    }

    /// Begins the state in `folder` anew by hand, as [`latchd::store::begin_anew`]
    /// does one of sled's.
    pub(super) fn begin_anew(&self, folder: &Path, now: Timestamp) {
        self.fill(Image::new());
        fsx::remove(&folder.join("anchor")).expect("the folder is the test's own");
        let begun = self.prove(folder, begun_anew(folder, now, "by hand".to_owned()));
        assert!(matches!(begun, Proving::Sound(_)), "a state that was begun anew is sound");
    }

    fn prove(&self, folder: &Path, begin: Vec<Change>) -> Proving {
        let engine: Arc<dyn Store> = Arc::new(self.clone());
        ProvenStore::prove(&engine, folder, Ok(begin)).expect("the disk answers")
    }

    fn fill(&self, image: Image) {
        *self.lock() = Images { flushed: image.clone(), applied: image, pending: Vec::new() };
    }

    fn lock(&self) -> MutexGuard<'_, Images> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Disk {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().applied.get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        Ok(rows(&self.lock().applied, prefix, after, limit))
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let apply = || {
            let mut images = self.lock();
            for change in &changes {
                put(&mut images.applied, change);
            }
            images.pending.extend(changes.clone());
            Ok(())
        };
        let flush = || {
            let mut images = self.lock();
            let pending = std::mem::take(&mut images.pending);
            for change in &pending {
                put(&mut images.flushed, change);
            }
            Ok(())
        };
        durably(apply, flush)
    }

    fn waits(&self) -> bool {
        false
    }
}

/// What is safe, to look at alone.
struct Flushed(Disk);

impl Store for Flushed {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.lock().flushed.get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        Ok(rows(&self.0.lock().flushed, prefix, after, limit))
    }

    fn commit(&self, _: Vec<Change>) -> Result<(), StoreError> {
        unreachable!("nobody writes to what is looked at")
    }
}

fn rows(image: &Image, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<Row> {
    let from = after.map_or_else(|| prefix.to_vec(), |after| [after, b"\0"].concat());
    let ours = image.range(from..).take_while(|(key, _)| key.starts_with(prefix));
    ours.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn put(image: &mut Image, (key, value): &Change) {
    match value {
        Some(value) => image.insert(key.clone(), value.clone()),
        None => image.remove(key),
    };
}

/// The folder of a company's state.
pub(super) fn folder_of(main: &Path) -> PathBuf {
    main.with_file_name("state")
}
