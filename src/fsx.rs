//! Files: written whole or not at all, read up to a bound.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Replaces `path` by a file of these bytes and this `mode` (`0o600`), so that
/// a reader and a power cut see the old one or the new one, never a part.
///
/// The mode is set before the content is written: a secret is at no moment
/// readable by others. When this returns, file and folder are on the disk.
pub fn write_atomic(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    write_atomic_by(path, mode, |file| file.write_all(bytes))
}

/// The same of a file that is too long to be held as a whole: `write` writes it
/// piece by piece.
pub fn write_atomic_by<T, E: From<io::Error>>(
    path: &Path,
    mode: u32,
    write: impl FnOnce(&mut dyn io::Write) -> Result<T, E>,
) -> Result<T, E> {
    let folder = folder_of(path);
    let permissions = Permissions::from_mode(mode);
    let mut file =
        tempfile::Builder::new().prefix(".latchd-").permissions(permissions.clone()).tempfile_in(folder)?;
    // The umask took bits away from what the builder asked for.
    file.as_file().set_permissions(permissions)?;
    let written = write(&mut file)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?;
    Ok(written)
}

/// Room on the disk for a file whose content is not known yet: taken before
/// something happens that must not be forgotten, such as a token that rotates.
///
/// It lies beside the file, under one name, so that processes that were killed
/// leave one remainder at most. Nothing is left where it is dropped unused.
#[derive(Debug)]
pub struct Room {
    file: File,
    beside: PathBuf,
    path: PathBuf,
    used: bool,
}

impl Room {
    /// Takes room of `bytes` for what will replace `path`, with this `mode`.
    pub fn take(path: &Path, bytes: usize, mode: u32) -> io::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let beside = path.with_file_name(name);
        // What a process left that was killed here; a link is not followed.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let file = File::options().write(true).create_new(true).mode(mode).open(&beside)?;
        let mut room = Self { file, beside, path: path.to_owned(), used: false };
        room.file.set_permissions(Permissions::from_mode(mode))?;
        room.file.write_all(&vec![b' '; bytes])?;
        room.file.sync_all()?;
        Ok(room)
    }

    /// Replaces the file by these bytes, which take the place of what was
    /// reserved. When this returns, file and folder are on the disk.
    pub fn fill(mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.rewind()?;
        self.file.write_all(bytes)?;
        self.file.set_len(bytes.len() as u64)?;
        self.file.sync_all()?;
        fs::rename(&self.beside, &self.path)?;
        self.used = true;
        File::open(folder_of(&self.path))?.sync_all()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if !self.used {
            // Where it cannot be removed, the next one is taken in its place.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Removes a file, and has that on the disk; tells whether there was one.
pub fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => File::open(folder_of(path))?.sync_all().map(|()| true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The bytes of a regular file of at most `bytes_max`.
///
/// # Errors
///
/// Of kind `IsADirectory`, `FileTooLarge`, or `InvalidInput` for pipes and
/// devices (which could block for ever), beside those of the system.
pub fn read_capped(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let about = fs::metadata(path)?;
    if about.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if !about.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len().min(bytes_max)).unwrap_or(0) + 1);
    File::open(path)?.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

/// Makes sure that a folder exists; one that is made here is for its owner
/// alone (0700). One that exists is left as it is.
pub fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Has the names in a folder on the disk.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.json");
        for (bytes, mode) in [(&b"first, longer"[..], 0o600), (b"second", 0o644), (b"", 0o640)] {
            write_atomic(&path, bytes, mode).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
            assert_eq!(mode_of(&path), mode);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_remains() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        fs::create_dir(&path).unwrap();
        assert!(write_atomic(&path, b"x", 0o600).is_err());
        assert!(path.is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_atomic(&folder.path().join("none/report"), b"x", 0o600).is_err());
    }

    #[test]
    fn room_is_taken_first_and_filled_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token.json");
        let names = || fs::read_dir(folder.path()).unwrap().count();
        write_atomic(&path, b"old", 0o600).unwrap();
        drop(Room::take(&path, 4096, 0o600).unwrap());
        assert_eq!((fs::read(&path).unwrap(), names()), (b"old".to_vec(), 1), "unused, it leaves nothing");
        std::mem::forget(Room::take(&path, 4096, 0o600).unwrap());
        let room = Room::take(&path, 4096, 0o600).unwrap();
        assert_eq!((fs::read(&path).unwrap(), names()), (b"old".to_vec(), 2), "in place of a killed one's");
        assert_eq!(mode_of(&folder.path().join("token.json.new")), 0o600);
        room.fill(b"new").unwrap();
        assert_eq!((fs::read(&path).unwrap(), names(), mode_of(&path)), (b"new".to_vec(), 1, 0o600));
        for bytes in [10, 5000] {
            Room::take(&path, 4096, 0o600).unwrap().fill(&vec![b'x'; bytes]).unwrap();
            assert_eq!(fs::read(&path).unwrap().len(), bytes);
        }
        assert!(Room::take(&folder.path().join("none/token.json"), 1, 0o600).is_err());
        assert_eq!((remove(&path).unwrap(), remove(&path).unwrap(), names()), (true, false, 0));
    }

    #[test]
    fn reading_stops_at_the_bound_and_at_what_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_atomic(&path, b"12345", 0o600).unwrap();
        assert_eq!(read_capped(&path, 5).unwrap(), b"12345");
        let kind = |path: &Path| read_capped(path, 4).unwrap_err().kind();
        assert_eq!(kind(&path), ErrorKind::FileTooLarge);
        assert_eq!(kind(folder.path()), ErrorKind::IsADirectory);
        assert_eq!(kind(Path::new("/dev/null")), ErrorKind::InvalidInput);
        assert_eq!(kind(&folder.path().join("b")), ErrorKind::NotFound);
    }

    #[test]
    fn a_private_folder_is_private_and_may_be_there_already() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/store");
        private_dir(&path).unwrap();
        private_dir(&path).unwrap();
        assert_eq!(mode_of(&path), 0o700);
    }
}
