//! What is asked for beside the passes and done between two of them, so that no
//! write is under way meanwhile.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::planning::PlanAsked;
use crate::config::Config;
use crate::engine::Engine;
use crate::pass::{self, Word, WordError};
use crate::socket::{Line, Problem};

/// One question.
pub(super) enum Asked {
    /// What a pass would do.
    Plan(PlanAsked),
    /// What a person says of a write whose outcome is open.
    Word(WordAsked),
}

/// A person's word.
pub(super) struct WordAsked {
    pub(super) word: Word,
    /// What is decided anew by it waits for a pass.
    pub(super) wake: Arc<Notify>,
    /// Where the answer goes.
    pub(super) lines: mpsc::Sender<Line>,
}

impl Asked {
    /// Does it, and answers.
    pub(super) async fn answer(self, engine: &Engine, present: &Config, stop: &CancellationToken) {
        match self {
            Self::Plan(plan) => plan.answer(engine, present, stop).await,
            Self::Word(word) => word.answer(engine, present, stop).await,
        }
    }
}

impl WordAsked {
    /// Who hangs up ends nothing: what was looked at is also written down.
    async fn answer(self, engine: &Engine, present: &Config, stop: &CancellationToken) {
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
