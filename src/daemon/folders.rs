//! The watch over the folders of the files. It only wakes; the content decides.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify_debouncer_full::notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::mpsc;

use crate::config;

/// Files are quiet for this long before they are read.
const QUIET: Duration = Duration::from_secs(1);

/// Wakes as long as it lives.
pub(super) struct Watch {
    path: PathBuf,
    debouncer: Option<Debouncer<RecommendedWatcher, RecommendedCache>>,
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
        let made = new_debouncer(QUIET, None, handler);
        let debouncer =
            made.map_err(|error| tracing::warn!("cannot watch files, polling them: {error}")).ok();
        let mut watch = Self { path: path.to_owned(), debouncer };
        watch.renew();
        watch
    }

    /// Watches the folders that the files lie in by now: a folder may have
    /// been replaced by another of its name, and `include` may name new ones.
    pub(super) fn renew(&mut self) {
        let Some(debouncer) = &mut self.debouncer else { return };
        for folder in config::watched_dirs(&self.path) {
            if let Err(error) = debouncer.watch(&folder, RecursiveMode::NonRecursive) {
                tracing::warn!(folder = %folder.display(), "cannot watch it, polling it: {error}");
            }
        }
    }
}
