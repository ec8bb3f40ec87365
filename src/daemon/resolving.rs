//! A person's word about a write whose outcome is open: taken between two
//! passes, so that no write is under way meanwhile.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::engine::Engine;
use crate::pass::{self, Word, WordError};
use crate::socket::{Line, Problem};

/// One word.
pub(super) struct WordAsked {
    pub(super) word: Word,
    /// What is decided anew by it waits for a pass.
    pub(super) wake: Arc<Notify>,
    /// Where the answer goes.
    pub(super) lines: mpsc::Sender<Line>,
}

impl WordAsked {
    /// Takes it, and answers. Who hangs up ends nothing: what was looked at is
    /// also written down.
    pub(super) async fn answer(self, engine: &Engine, present: &Config, stop: &CancellationToken) {
        let world = engine.world(present, stop.child_token());
        let line = match pass::take_word(&world, &self.word).await {
            Ok(told) => {
                self.wake.notify_one();
                Line::result(&told)
            }
            Err(error @ (WordError::Refused(_) | WordError::TooEarly(_))) => {
                Line::error(Problem::BadRequest, error.to_string())
            }
            Err(error @ (WordError::Cause(_) | WordError::Store(_))) => {
                Line::error(Problem::Failed, error.to_string())
            }
        };
        let _ = self.lines.send(line).await;
    }
}
