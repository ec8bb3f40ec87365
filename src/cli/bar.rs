//! A progress bar for long work, on a terminal only.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::pass::Progress;
use crate::report::harmless;

/// A bar that follows `progress`; it goes away when dropped.
pub(super) struct Bar {
    task: Option<JoinHandle<()>>,
    bar: ProgressBar,
}

impl Bar {
    pub(super) fn follow(mut progress: watch::Receiver<Progress>) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { task: None, bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new_spinner();
        let style = ProgressStyle::with_template("{spinner} {msg} {wide_bar} {pos}/{len} {eta}");
        let plain = ProgressStyle::with_template("{spinner} {msg}");
        let (Ok(style), Ok(plain)) = (style, plain) else { return Self { task: None, bar } };
        let shown = bar.clone();
        let task = tokio::spawn(async move {
            while progress.changed().await.is_ok() {
                let now = progress.borrow_and_update().clone();
                shown.set_style(if now.total > 0 { style.clone() } else { plain.clone() });
                shown.set_length(now.total);
                shown.set_position(now.done);
                shown.set_message(now.phase);
            }
        });
        Self { task: Some(task), bar }
    }
}

impl Bar {
    /// A line that tells what a daemon does, on a terminal only.
    pub(super) fn asked() -> Self {
        let shown = std::io::stderr().is_terminal();
        Self { task: None, bar: if shown { ProgressBar::new_spinner() } else { ProgressBar::hidden() } }
    }

    /// What it does now.
    pub(super) fn say(&self, words: &str) {
        self.bar.set_message(harmless::line(words));
        self.bar.tick();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        self.bar.finish_and_clear();
    }
}
