//! Bringing a state back from its lines. The file is read twice: once to know
//! that all of it is right, once into a database beside the one that is used.
//! Only then does that one take its place, so that whatever is cut off leaves
//! the state that was there, or none, and never a half of either.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;

use super::anchor::Anchor;
use super::anew::Before;
use super::keepsake::{Keepsakes, Kept};
use super::lines::{ExportHeader, Lines};
use super::opening::{Rebuilt, database_path, open_sound, set_aside};
use super::proof::{self, Proof};
use super::proven::anchor_path;
use super::{Change, Commit, SledStore, Store, StoreError, envelope, name, stored};
use crate::fsx;

/// Values that are committed at once.
const PAGE: usize = 1000;

/// The state cannot be brought back.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("cannot read {place}: {why}")]
    Unreadable {
        /// The file.
        place: String,
        /// Why.
        why: io::Error,
    },
    /// The file is something else.
    #[error("{place} is not an exported state; `latchd state export FILE` makes one")]
    NoExport {
        /// The file.
        place: String,
    },
    /// A newer latchd made it.
    #[error("the file was made by a newer latchd ({latchd}, format {format}); use that one")]
    Newer {
        /// The format of the file.
        format: u32,
        /// The version that made it.
        latchd: String,
    },
    /// It is not what was written.
    #[error("{place}, line {line}: {what}; nothing was changed: use another copy, or `latchd state rebuild`")]
    Damaged {
        /// The file.
        place: String,
        /// Which line.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// It is about another company.
    #[error(
        "the file is the state of company {theirs}, and the files are about {ours}; nothing was changed: use that \
         company's copy, or the files that go with this one"
    )]
    Foreign {
        /// The company of the file.
        theirs: String,
        /// The company of the operator's files.
        ours: String,
    },
    /// There is one already.
    #[error(
        "there is a state in {place} already; nothing was changed: `--replace` sets it aside and puts the file's in \
         its place"
    )]
    Occupied {
        /// The folder.
        place: String,
    },
    /// The folder fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file of which every line was read and found right.
pub struct Import {
    path: PathBuf,
    /// What it says of itself.
    pub header: ExportHeader,
}

impl Import {
    /// Reads all of the file and changes nothing.
    pub fn check(path: &Path, realm_id: &str) -> Result<Self, ImportError> {
        let header = each_line(path, &mut |_| Ok(()))?;
        if header.realm_id != realm_id {
            let theirs = header.realm_id;
            return Err(ImportError::Foreign { theirs, ours: realm_id.to_owned() });
        }
        Ok(Self { path: path.to_owned(), header })
    }

    /// Puts it into `folder`, whose lock the caller holds; gives where the state
    /// is now that was there before.
    pub fn bring_in(
        self,
        folder: &Path,
        now: Timestamp,
        replace: bool,
    ) -> Result<Option<PathBuf>, ImportError> {
        let failed = |source| StoreError::Disk { place: folder.display().to_string(), source };
        if !replace && !is_empty(folder)? {
            return Err(ImportError::Occupied { place: folder.display().to_string() });
        }
        let staged = folder.join("db.importing");
        // What one left that was cut off: nobody ever used it.
        discard(&staged).map_err(failed)?;
        let was_there = database_path(folder).exists() || anchor_path(folder).exists();
        let aside = was_there.then(|| super::opening::aside(folder, now));
        // Days and resends of another company's customers say nothing of this one's.
        let theirs = Before::read(folder).realm_id.is_some_and(|theirs| theirs != self.header.realm_id);
        let kept = if theirs {
            Kept::default()
        } else {
            Keepsakes::new(folder).read().unwrap_or_default().readable()
        };
        let placed = self.stage(folder, (&staged, &kept), (now, aside.as_deref())).and_then(|()| {
            if let Some(aside) = &aside {
                set_aside(folder, aside, !theirs)?;
            }
            fs::rename(&staged, database_path(folder)).map_err(failed)?;
            Ok(fsx::sync_folder(folder).map_err(failed)?)
        });
        if let Err(error) = placed {
            let _ = discard(&staged);
            return Err(error);
        }
        // Proves it once more, and writes the anchor and the keepsakes.
        open_sound(folder)?;
        Ok(aside)
    }

    /// Makes the database in `staged`. Its proof comes last: without one it is
    /// not sound, whoever finds it.
    fn stage(
        &self,
        folder: &Path,
        (staged, kept): (&Path, &Kept),
        (now, aside): (Timestamp, Option<&Path>),
    ) -> Result<(), ImportError> {
        let store = SledStore::open(staged)?;
        let mut staging = Staging { store: &store, proof: Proof::of_nothing(), page: Vec::new() };
        let header = each_line(&self.path, &mut |(key, sealed)| {
            // What stands beside the database is newer than the file.
            let newer = std::str::from_utf8(&key).is_ok_and(|key| kept.rows.contains_key(key));
            if newer { Ok(()) } else { staging.put((key, Some(sealed))) }
        })?;
        if header != self.header {
            return Err(ImportError::Damaged {
                place: self.path.display().to_string(),
                line: 1,
                what: "the file was changed while it was read".to_owned(),
            });
        }
        for change in self.beginning(folder, kept, (now, aside)) {
            staging.put(change)?;
        }
        staging.end()?;
        Ok(())
    }

    /// What a restored state begins with beside the values of the file.
    fn beginning(&self, folder: &Path, kept: &Kept, (now, aside): (Timestamp, Option<&Path>)) -> Vec<Change> {
        // Nothing tells what was done since the copy was made but what stands beside the
        // very state that it is a copy of.
        let anchor = Anchor::read(&anchor_path(folder)).ok().flatten();
        let same = anchor.is_some_and(|anchor| anchor.lineage == self.header.lineage);
        let remembered = self.header.remembered && kept.whole && same;
        let mut commit = Commit::new();
        commit.changes = kept.changes();
        if remembered {
            commit.mark(name::RESENDS, &true);
        }
        let why = format!("it was restored from a copy of {}", self.header.exported_at);
        commit.mark(
            name::REBUILT,
            &Rebuilt {
                aside: aside.map(|aside| aside.display().to_string()),
                remembered,
                exported_at: Some(self.header.exported_at),
                ..Rebuilt::at(now, why)
            },
        );
        commit.changes
    }
}

/// Reads a file to its end; each value is told with its key, in the present
/// format.
fn each_line(
    path: &Path,
    then: &mut dyn FnMut((Vec<u8>, Vec<u8>)) -> Result<(), StoreError>,
) -> Result<ExportHeader, ImportError> {
    let mut lines = Lines::open(path)?;
    let header = lines.header()?;
    let (mut count, mut before) = (0, String::new());
    while let Some(row) = lines.row()? {
        let key = row.key.to_owned();
        let read = stored::reads(key.as_bytes(), row.value.get().as_bytes());
        let sealed = envelope::seal_again(key.as_bytes(), row.v, row.value);
        if key <= before {
            return Err(lines.wrong("its key is not after the one before"));
        }
        if !stored::travels(key.as_bytes()) {
            return Err(lines.wrong("such a value does not stand in an export"));
        }
        let sealed = match (read, sealed) {
            (Ok(()), Ok(sealed)) => sealed,
            (_, Err(error @ StoreError::Newer { .. })) => return Err(error.into()),
            (Err(what), _) => return Err(lines.wrong(&what)),
            (_, Err(error)) => return Err(lines.wrong(&error.to_string())),
        };
        then((key.clone().into_bytes(), sealed))?;
        before = key;
        count += 1;
    }
    if count == header.count {
        Ok(header)
    } else {
        Err(lines.wrong(&format!("there are {count} values, and the first line says {}", header.count)))
    }
}

/// A database in the making.
struct Staging<'a> {
    store: &'a SledStore,
    proof: Proof,
    page: Vec<Change>,
}

impl Staging<'_> {
    fn put(&mut self, (key, sealed): Change) -> Result<(), StoreError> {
        if let Some(sealed) = &sealed {
            self.proof.count += 1;
            self.proof.sum = self.proof.sum.wrapping_add(proof::of_row(&key, sealed));
        }
        self.page.push((key, sealed));
        if self.page.len() >= PAGE {
            self.store.commit(std::mem::take(&mut self.page))?;
        }
        Ok(())
    }

    /// As a state that began with one commit, whose anchor is not there yet.
    fn end(mut self) -> Result<(), StoreError> {
        self.proof.seq = 1;
        self.page.push(self.proof.change());
        self.store.commit(self.page)
    }
}

/// Whether nobody would miss the state in `folder`: there is none, or one with
/// nothing but single values in it.
fn is_empty(folder: &Path) -> Result<bool, ImportError> {
    if !database_path(folder).exists() {
        return Ok(!anchor_path(folder).exists());
    }
    let store: Arc<dyn Store> = match open_sound(folder) {
        Ok(store) => store,
        Err(StoreError::Damaged { .. } | StoreError::Unsound { .. } | StoreError::Newer { .. }) => {
            return Ok(false);
        }
        Err(error @ StoreError::Disk { .. }) => return Err(error.into()),
    };
    let mut empty = true;
    proof::each_row(store.as_ref(), |(key, _)| {
        empty &= key.starts_with(b"m/");
        Ok(())
    })?;
    Ok(empty)
}

fn discard(staged: &Path) -> io::Result<()> {
    match fs::remove_dir_all(staged) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
