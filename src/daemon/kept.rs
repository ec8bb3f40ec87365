//! The last good generation on the disk, for a start with files that do not
//! parse. It lies in the state folder, which is named in those very files.

use std::path::{Path, PathBuf, absolute};
use std::sync::Arc;

use super::DaemonError;
use crate::config::{self, Config};
use crate::engine::EngineError;
use crate::store::{OwnerLock, OwnerLockError, Register, SledStore, Store, name};

/// The last good generation of the files at `path`: in the folder that they
/// name, invalid as they are, else in one of systemd's (`directories`, with colons
/// between them), else in the usual one. Where the folder is a guess, what was
/// kept there for other files counts for nothing.
///
/// # Errors
///
/// Fails where another latchd holds the state.
pub(super) fn last_good(path: &Path, directories: Option<&str>) -> Result<Option<Config>, DaemonError> {
    let told = config::lenient_state_path(path);
    let guessed = directories.into_iter().flat_map(|all| all.split(':')).filter(|one| !one.is_empty());
    let guessed = guessed.map(PathBuf::from).chain([PathBuf::from(config::DEFAULT_STATE)]);
    for (state, is_told) in told.map(|told| (told, true)).into_iter().chain(guessed.map(|one| (one, false))) {
        if let Some(files) = kept_in(&state)? {
            // A relative path may have been another file's.
            let theirs = files.first().map(|(main, _)| main).filter(|main| main.is_absolute());
            if (is_told || theirs == absolute(path).ok().as_ref())
                && let Ok(config) = config::load_from(path, &files)
            {
                return Ok(Some(config));
            }
        }
    }
    Ok(None)
}

/// The files that are kept in a state folder.
fn kept_in(state: &Path) -> Result<Option<Vec<(PathBuf, String)>>, DaemonError> {
    let folder = state.join("db");
    if !folder.is_dir() {
        return Ok(None);
    }
    let _lock = match OwnerLock::take(state) {
        Ok(lock) => lock,
        Err(held @ OwnerLockError::Held(_)) => return Err(EngineError::from(held).into()),
        // Somebody else's.
        Err(OwnerLockError::Folder { .. }) => return Ok(None),
    };
    let Ok(store) = SledStore::open(&folder) else { return Ok(None) };
    let store: Arc<dyn Store> = Arc::new(store);
    let kept: Option<(String, Vec<(PathBuf, String)>)> =
        Register::new(store).mark(name::LAST_GOOD).ok().flatten();
    Ok(kept.map(|(_, files)| files))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsx;
    use crate::store::Commit;

    /// A folder with a state that keeps these files.
    async fn state(folder: &Path, main: &Path, text: &str) {
        fsx::private_dir(&folder.join("db")).unwrap();
        let store: Arc<dyn Store> = Arc::new(SledStore::open(&folder.join("db")).unwrap());
        let mut commit = Commit::new();
        commit.mark(name::LAST_GOOD, &("a generation", vec![(main.to_owned(), text.to_owned())]));
        Register::new(store).commit(commit).await.unwrap();
    }

    #[tokio::test]
    async fn it_is_found_where_the_files_do_not_tell_the_place_and_only_for_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let good = include_str!("../../config/latchd.toml");
        let (main, other) = (at("latchd.toml"), at("other.toml"));
        state(&at("ours"), &main, good).await;
        state(&at("theirs"), &other, good).await;
        let directories = |names: &[&str]| {
            let all: Vec<_> = names.iter().map(|name| at(name).display().to_string()).collect();
            Some(all.join(":"))
        };
        let told = |name: &str| {
            format!("version = 1\n[paths]\nstate = \"{}\"\n[company]\nnme = 3\n", at(name).display())
        };
        let (ours, theirs) = (told("ours"), told("theirs"));
        let cases = [
            ("version = 1\n[pat", directories(&["ours"]), true),
            ("version = 1\n[pat", directories(&["none", "theirs", "ours"]), true),
            ("version = 1\n[pat", directories(&["theirs"]), false),
            ("version = 1\n[pat", None, false),
            (ours.as_str(), None, true),
            (theirs.as_str(), None, false),
            (theirs.as_str(), directories(&["ours"]), true),
        ];
        for (text, directories, found) in cases {
            fsx::write_atomic(&main, text.as_bytes(), 0o600).unwrap();
            let kept = last_good(&main, directories.as_deref()).unwrap();
            assert_eq!(kept.is_some(), found, "{text:?} {directories:?}");
        }
        let lock = OwnerLock::take(&at("theirs")).unwrap();
        let held = last_good(&main, None).unwrap_err();
        assert!(matches!(held, DaemonError::Engine(EngineError::Owner(OwnerLockError::Held(_)))), "{held}");
        drop(lock);
    }
}
