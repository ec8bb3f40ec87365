//! What a pass keeps for the next: how far both sides were read, and since when
//! causes of the whole company stand.

use super::{Cause, Mode, Pass, tally};
use crate::store::{Commit, StoreError};

impl Pass<'_> {
    /// Keeps since when causes of the whole company stand.
    pub(super) async fn remember_causes(&self) -> Result<(), StoreError> {
        let known: Vec<tally::KnownCause> = self.register.mark(tally::CAUSES)?.unwrap_or_default();
        let causes = [self.causes.clone(), self.early()].concat();
        if known.is_empty() && causes.is_empty() {
            return Ok(());
        }
        let mut commit = Commit::new();
        commit.mark(tally::CAUSES, &tally::standing(&causes, &known, self.world.clock.now()));
        self.register.commit(commit).await
    }

    /// Counts a pass that did not see everything; its marks are forgotten.
    pub(super) async fn count(&self) -> Result<(), StoreError> {
        let mut marks = self.register.marks()?;
        marks.passes = self.number;
        let mut commit = Commit::new();
        commit.mark("marks", &marks);
        self.register.commit(commit).await
    }

    /// Keeps the marks of a pass that saw everything.
    pub(super) async fn remember(&mut self) -> Result<(), StoreError> {
        self.marks.passes = self.number;
        self.marks.links = self.world.decisions.links.len();
        self.marks.posting = Some(self.world.settings.posting.digest());
        self.marks.realm_id = Some(self.world.settings.company.realm_id.as_str().to_owned());
        // One that was ended early, or only looks, did not do all that it saw.
        let whole = self.mode == Mode::Write && !self.world.stop.is_cancelled();
        if whole && !self.causes.iter().any(Cause::stops) && !self.anew.waits {
            self.marks.last_sync_at = Some(self.world.clock.now());
        }
        let mut commit = Commit::new();
        commit.mark("marks", &self.marks);
        self.remember_anew(&mut commit);
        self.register.commit(commit).await
    }
}
