//! What a service manager is told of the daemon's life, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, watch};

use crate::pass::Progress;

/// A turn in the daemon's life.
#[derive(Debug)]
pub enum Life {
    /// It still opens the state.
    Opening,
    /// Files and state are read: it is up, and its first pass begins.
    Opened(watch::Receiver<Progress>),
    /// It reads the files again, as asked.
    Reloading,
    /// What the files say is in force, or refused.
    Reloaded,
    /// It was asked to end.
    Stopping,
}

/// Where turns are told; nowhere by default.
#[derive(Clone, Debug, Default)]
pub struct Lives {
    told: Option<mpsc::UnboundedSender<Life>>,
    reloading: Arc<AtomicBool>,
}

impl Lives {
    /// Turns, and where they arrive.
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Life>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { told: Some(sender), ..Self::default() }, receiver)
    }

    /// It was asked to end.
    pub fn stopping(&self) {
        self.tell(Life::Stopping);
    }

    pub(super) fn opening(&self) {
        self.tell(Life::Opening);
    }

    pub(super) fn opened(&self, progress: watch::Receiver<Progress>) {
        self.tell(Life::Opened(progress));
    }

    pub(super) fn reloading(&self) {
        if !self.reloading.swap(true, Ordering::Relaxed) {
            self.tell(Life::Reloading);
        }
    }

    /// The files were read and put into force or refused; told where that was
    /// asked for.
    pub(super) fn reloaded(&self) {
        if self.reloading.swap(false, Ordering::Relaxed) {
            self.tell(Life::Reloaded);
        }
    }

    fn tell(&self, life: Life) {
        if let Some(told) = &self.told {
            // Nobody listens at the very end.
            let _ = told.send(life);
        }
    }
}
