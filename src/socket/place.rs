//! Where the socket is, and how it gets there: only the holder of the state's
//! lock puts one into the state folder, so what lies there before is stale.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use super::SocketError;

/// Its name in either folder.
const NAME: &str = "latchd.sock";
/// Bytes of the path of a Unix socket, without its end (Linux: `sun_path`).
const PATH_MAX: usize = 107;

/// The socket on the disk; it is removed when the value goes.
pub(super) struct Placed {
    path: PathBuf,
    made: (u64, u64),
    link: Option<PathBuf>,
}

/// Listens in `runtime`, where that is given and not taken by another latchd,
/// else in the state folder, whose lock the caller holds.
pub(super) fn listen(state: &Path, runtime: Option<&Path>) -> Result<(UnixListener, Placed), SocketError> {
    let known = state.join(NAME);
    let free = |path: &PathBuf| {
        let taken = UnixStream::connect(path).is_ok();
        if taken {
            tracing::warn!("another latchd listens on {}; listening in the state folder", path.display());
        }
        !taken
    };
    let apart = runtime.map(|folder| folder.join(NAME)).filter(|path| *path != known).filter(free);
    let path = apart.as_ref().unwrap_or(&known);
    let failed = |why| SocketError::Place { place: path.display().to_string(), why };
    if path.as_os_str().len() > PATH_MAX {
        return Err(SocketError::TooLong { place: path.display().to_string(), max: PATH_MAX });
    }
    let listener = put(path, |near| {
        let listener = UnixListener::bind(near)?;
        fs::set_permissions(near, Permissions::from_mode(0o600))?;
        Ok(listener)
    });
    let listener = listener.map_err(failed)?;
    let about = fs::symlink_metadata(path).map_err(failed)?;
    let made = (about.dev(), about.ino());
    let mut placed = Placed { path: path.clone(), made, link: None };
    if apart.is_some() {
        put(&known, |near| symlink(path, near)).map_err(failed)?;
        placed.link = Some(known);
    }
    Ok((listener, placed))
}

/// Where a client finds the socket of the state in `state`.
pub(super) fn find(state: &Path) -> PathBuf {
    let known = state.join(NAME);
    // The limit holds for the path that is connected to.
    fs::read_link(&known).unwrap_or(known)
}

/// Makes something in a private folder beside `path` and moves it there, so
/// that it is there whole and at no moment open to others.
fn put<T>(path: &Path, make: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Shorter than the name, so that its path is not too long either.
    let private = tempfile::Builder::new()
        .prefix(".")
        .rand_bytes(6)
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(folder)?;
    let near = private.path().join("s");
    let value = make(&near)?;
    fs::rename(&near, path)?;
    Ok(value)
}

impl Drop for Placed {
    fn drop(&mut self) {
        let ours = |about: fs::Metadata| (about.dev(), about.ino()) == self.made;
        if fs::symlink_metadata(&self.path).is_ok_and(ours) {
            let _ = fs::remove_file(&self.path);
        }
        let leads_here = |link: &PathBuf| fs::read_link(link).is_ok_and(|target| target == self.path);
        if let Some(link) = self.link.as_ref().filter(|link| leads_here(link)) {
            let _ = fs::remove_file(link);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    #[tokio::test]
    async fn it_is_private_replaces_what_is_stale_and_goes_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        // What a killed daemon left.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(UnixStream::connect(&path).is_err());
        let (_listener, placed) = listen(folder.path(), None).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!((find(folder.path()), names(folder.path())), (path.clone(), vec![NAME.to_owned()]));
        UnixStream::connect(&path).unwrap();
        drop(placed);
        assert!(names(folder.path()).is_empty());
    }

    #[tokio::test]
    async fn a_runtime_directory_is_found_through_the_state_folder() {
        let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let [first, second, runtime] = folders.each_ref().map(tempfile::TempDir::path);
        let (listener, placed) = listen(first, Some(runtime)).unwrap();
        assert_eq!(find(first), runtime.join(NAME));
        UnixStream::connect(find(first)).unwrap();
        // A second daemon of another state leaves the living one alone.
        let (_other, kept) = listen(second, Some(runtime)).unwrap();
        assert_eq!(find(second), second.join(NAME));
        drop(kept);
        UnixStream::connect(find(first)).unwrap();
        // A successor took the name: it is not the first one's any more.
        drop(listener);
        let (_successor, theirs) = listen(second, Some(runtime)).unwrap();
        drop(placed);
        assert_eq!(names(runtime), [NAME]);
        drop(theirs);
        assert!(folders.iter().all(|folder| names(folder.path()).is_empty()));
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let deep = |length: usize| {
            let rest = length - folder.path().as_os_str().len() - "//latchd.sock".len();
            let state = folder.path().join("x".repeat(rest));
            fs::create_dir(&state).unwrap();
            assert_eq!(state.join(NAME).as_os_str().len(), length);
            state
        };
        let (_listener, _placed) = listen(&deep(PATH_MAX), None).unwrap();
        let refused = listen(&deep(PATH_MAX + 1), None).err().unwrap().to_string();
        assert!(refused.contains("107") && refused.contains("[paths] state"), "{refused}");
        let short = tempfile::tempdir().unwrap();
        let state = deep(PATH_MAX + 2);
        let (_listener, _placed) = listen(&state, Some(short.path())).unwrap();
        UnixStream::connect(find(&state)).unwrap();
    }
}
