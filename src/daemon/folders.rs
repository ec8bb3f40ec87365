//! The watch over the folders of the files. It only wakes; the content decides.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify_debouncer_full::notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::mpsc;

use crate::config;

/// Events are gathered for this long. That the files have come to rest is seen
/// to where they are read.
const GATHERED: Duration = Duration::from_millis(100);

/// Wakes as long as it lives.
pub(super) struct Watch {
    path: PathBuf,
    debouncer: Option<Debouncer<RecommendedWatcher, RecommendedCache>>,
    /// The folders, with the device and number that each had.
    watched: BTreeMap<PathBuf, (u64, u64)>,
}

impl Watch {
    /// Watches the files of the configuration at `path`. Where the system
    /// cannot, the daemon's polling is left.
    pub(super) fn over(path: &Path, changed: &mpsc::Sender<()>) -> Self {
        let changed = changed.clone();
        let handler = move |events: DebounceEventResult| {
            let worth = events
                .is_ok_and(|events| events.iter().any(|event| !matches!(event.kind, EventKind::Access(_))));
            if worth {
                let _ = changed.try_send(());
            }
        };
        let made = new_debouncer(GATHERED, None, handler);
        let debouncer =
            made.map_err(|error| tracing::warn!("cannot watch files, polling them: {error}")).ok();
        let mut watch = Self { path: path.to_owned(), debouncer, watched: BTreeMap::new() };
        watch.renew();
        watch
    }

    /// Watches the folders that the files lie in by now, and no others: a folder
    /// may have been replaced by another of its name, a link may lead elsewhere,
    /// and `include` may name new ones.
    pub(super) fn renew(&mut self) {
        let Some(debouncer) = &mut self.debouncer else { return };
        let folders: BTreeMap<PathBuf, (u64, u64)> = config::watched_dirs(&self.path)
            .into_iter()
            .filter_map(|folder| fs::metadata(&folder).ok().map(|about| (folder, (about.dev(), about.ino()))))
            .collect();
        for (folder, about) in &self.watched {
            if folders.get(folder) != Some(about) {
                // The system forgot it already where the folder is gone.
                let _ = debouncer.unwatch(folder);
            }
        }
        self.watched.clear();
        for (folder, about) in folders {
            // Also one that is watched: another of its number may stand in its place.
            match debouncer.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => drop(self.watched.insert(folder, about)),
                Err(error) => {
                    tracing::warn!(folder = %folder.display(), "cannot watch it, polling it: {error}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::fsx;

    /// Longer than any event takes, and far shorter than the poll.
    const PATIENCE: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_link_in_the_middle_of_the_way_is_noticed_and_what_it_led_to_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        // As git-sync and a ConfigMap do: etc/links.d -> ../sync/current/links.d,
        // sync/current -> 1.
        for version in ["1", "2"] {
            fsx::private_dir(&at(&format!("sync/{version}/links.d"))).unwrap();
            fsx::write_atomic(&at(&format!("sync/{version}/links.d/a.toml")), b"[links]", 0o600).unwrap();
        }
        fsx::private_dir(&at("etc")).unwrap();
        let main = at("etc/latchd.toml");
        fsx::write_atomic(&main, b"include = [\"links.d/*.toml\"]", 0o600).unwrap();
        symlink("1", at("sync/current")).unwrap();
        symlink("../sync/current/links.d", at("etc/links.d")).unwrap();
        let (sender, mut changed) = mpsc::channel(1);
        let mut watch = Watch::over(&main, &sender);
        let watched = |watch: &Watch| watch.watched.keys().cloned().collect::<Vec<_>>();
        assert_eq!(watched(&watch), [at("etc"), at("sync"), at("sync/1/links.d")]);
        symlink("2", at("swap")).unwrap();
        fs::rename(at("swap"), at("sync/current")).unwrap();
        tokio::time::timeout(PATIENCE, changed.recv()).await.expect("the swap is noticed");
        watch.renew();
        assert_eq!(watched(&watch), [at("etc"), at("sync"), at("sync/2/links.d")]);
        // What it leads to now wakes. What came before the folder was watched no more
        // may still be on its way.
        fsx::write_atomic(&at("sync/2/links.d/b.toml"), b"[links]", 0o600).unwrap();
        tokio::time::timeout(PATIENCE, changed.recv()).await.expect("the new folder is watched");
    }
}
