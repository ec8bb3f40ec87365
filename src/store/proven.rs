//! A store that proves itself: every commit carries the proof of the whole,
//! and moves the anchor and the keepsakes beside the database.

use std::io::ErrorKind;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::mutation::Mutation;

use super::anchor::Anchor;
use super::keepsake::Keepsakes;
use super::proof::Proof;
use super::{Change, Row, Store, StoreError};

/// A [`Store`] under which nothing can go missing unnoticed.
pub struct ProvenStore {
    inner: Arc<dyn Store>,
    beside: Mutex<Beside>,
    place: String,
}

struct Beside {
    anchor: Anchor,
    keepsakes: Keepsakes,
}

/// Whether a state is what was written.
pub enum Proving {
    /// It is.
    Sound(ProvenStore),
    /// It is not, and why; it must not be used.
    Unsound(String),
}

impl ProvenStore {
    /// Looks at everything in `inner`, and at what stands beside it in
    /// `folder`. A state with nothing in it begins with `begin`, or is not sound
    /// where that says why there should be one.
    ///
    /// # Errors
    ///
    /// Fails where the disk does, and on a state of a newer latchd: it is
    /// neither used nor set aside.
    pub fn prove(
        inner: &Arc<dyn Store>,
        folder: &Path,
        begin: Result<Vec<Change>, String>,
    ) -> Result<Proving, StoreError> {
        // sled panics on some damaged files.
        let proved = std::panic::catch_unwind(AssertUnwindSafe(|| prove(inner.as_ref(), folder)));
        match proved {
            Ok(Ok(Ok(()))) => match begin {
                Err(why) if Proof::kept(inner.as_ref())?.is_none() => Ok(Proving::Unsound(why)),
                begin => {
                    let begin = begin.unwrap_or_default();
                    Self::take_up(Arc::clone(inner), folder, begin).map(Proving::Sound)
                }
            },
            Ok(Ok(Err(why))) => Ok(Proving::Unsound(why)),
            Ok(Err(StoreError::Damaged { what })) => Ok(Proving::Unsound(what)),
            Ok(Err(
                error @ (StoreError::Disk { .. } | StoreError::Newer { .. } | StoreError::Unsound { .. }),
            )) => Err(error),
            Err(_) => Ok(Proving::Unsound("the database cannot be read".to_owned())),
        }
    }

    /// Goes on with a state that is sound, or begins an empty one. Whatever is
    /// cut off here leaves a state that is ahead of its anchor, or none.
    fn take_up(inner: Arc<dyn Store>, folder: &Path, mut begin: Vec<Change>) -> Result<Self, StoreError> {
        let place = folder.display().to_string();
        let failed = |source| StoreError::Disk { place: place.clone(), source };
        let proof = if let Some(proof) = Proof::kept(inner.as_ref())? {
            proof
        } else {
            let first = Proof::of_nothing().after(inner.as_ref(), &begin)?;
            begin.push(first.change());
            inner.commit(begin)?;
            first
        };
        let anchor = Anchor::create(&anchor_path(folder), &proof).map_err(failed)?;
        let keepsakes = Keepsakes::new(folder);
        keepsakes.renew(inner.as_ref())?;
        Ok(Self { inner, beside: Mutex::new(Beside { anchor, keepsakes }), place })
    }
}

/// Where the anchor of the state in `folder` is.
pub(super) fn anchor_path(folder: &Path) -> PathBuf {
    folder.join("anchor")
}

fn prove(inner: &dyn Store, folder: &Path) -> Result<Result<(), String>, StoreError> {
    // First of all: a newer latchd may have an anchor of another form too.
    let kept = Proof::kept(inner)?;
    let path = anchor_path(folder);
    let anchor = match Anchor::read(&path) {
        Ok(anchor) => anchor,
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            return Ok(Err("its anchor is damaged, so that nothing tells how far it had come".to_owned()));
        }
        Err(source) => return Err(StoreError::Disk { place: path.display().to_string(), source }),
    };
    let told = match (&kept, &anchor) {
        (None, None) if inner.scan(b"", None, 1)?.is_empty() => return Ok(Ok(())),
        (None, None) => Err("it bears no proof of what is in it".to_owned()),
        (None, Some(anchor)) => Err(format!("it is empty, and its anchor stands at commit {}", anchor.seq)),
        (Some(kept), None) if kept.seq == 1 => Ok(()),
        (Some(_), None) => Err("its anchor is missing, so that nothing tells how far it had come".to_owned()),
        (Some(kept), Some(anchor)) => beside(kept, anchor),
    };
    if told.is_err() {
        return Ok(told);
    }
    let whole = match &kept {
        Some(kept) => kept.holds(inner)?,
        None => true,
    };
    Ok(if whole {
        Ok(())
    } else {
        Err("what is in it is not what was written: something is missing".to_owned())
    })
}

/// A state ahead of its anchor is sound; behind it, or level with another
/// digest, it is not.
pub(super) fn beside(kept: &Proof, anchor: &Proof) -> Result<(), String> {
    if kept.lineage != anchor.lineage {
        return Err("it and its anchor belong to two different states".to_owned());
    }
    if kept.seq < anchor.seq && !Mutation::IgnoreAnchor.is_planted() {
        return Err(format!(
            "it ends at commit {}, and its anchor stands at {}: it was cut off, or is an older copy",
            kept.seq, anchor.seq
        ));
    }
    if kept.seq == anchor.seq && kept != anchor {
        return Err("it is level with its anchor, and is not what was kept".to_owned());
    }
    Ok(())
}

impl Store for ProvenStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.scan(prefix, after, limit)
    }

    fn commit(&self, mut changes: Vec<Change>) -> Result<(), StoreError> {
        // One commit at a time: each proof is made from the one before. It is
        // read from the database and not remembered, because a commit that
        // failed may still be in it, with its proof.
        let beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = || StoreError::Damaged { what: "its proof is missing".to_owned() };
        let proof = Proof::kept(self.inner.as_ref())?.ok_or_else(missing)?;
        let next = proof.after(self.inner.as_ref(), &changes)?;
        // A keepsake that the state does not have yet is only more careful.
        beside.keepsakes.note(&changes)?;
        changes.push(next.change());
        self.inner.commit(changes)?;
        let failed = |source| StoreError::Disk { place: self.place.clone(), source };
        beside.anchor.keep(&next).map_err(failed)
    }

    fn waits(&self) -> bool {
        self.inner.waits()
    }
}
