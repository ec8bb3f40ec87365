//! What became of writes that were under way when the process before this one
//! ended, as told to people.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use crate::pass::{Notice, Pass};
use crate::store::{Intent, StoreError};

/// For how long after the start it is told.
const TOLD: Duration = Duration::from_hours(24);

/// What a look showed of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It had taken effect, and its object is taken over.
    Adopted,
    /// It had not, and the same bytes went out once more.
    SentAgain,
    /// It had not, or someone changed the object since: the plan decides.
    DecidedAnew,
}

/// Writes that the process found open when it started.
#[derive(Debug)]
pub struct Outcomes {
    /// The first intent of this process's own.
    own: u64,
    found: usize,
    /// What the first look at each showed.
    looked: BTreeMap<u64, Vec<Ended>>,
}

impl Outcomes {
    /// Of the intents that are open at a start.
    pub(in crate::pass) fn of(open: &[Intent]) -> Self {
        Self {
            own: open.last().map_or(0, |intent| intent.seq + 1),
            found: open.iter().map(|intent| intent.items.len()).sum(),
            looked: BTreeMap::new(),
        }
    }

    /// Notes what a look at an intent showed; one of this process's own, or a
    /// second look, tells nothing of the one before.
    pub(super) fn note(&mut self, seq: u64, ended: Vec<Ended>) {
        if seq < self.own {
            self.looked.entry(seq).or_insert(ended);
        }
    }

    /// What is told, where so many of them are still to be looked for.
    fn text(&self, waiting: usize) -> Option<String> {
        let count = |what| self.looked.values().flatten().filter(|ended| **ended == what).count();
        let rows = [
            (
                count(Ended::Adopted),
                "had reached QuickBooks and was adopted",
                "had reached QuickBooks and were adopted",
            ),
            (count(Ended::SentAgain), "had not and was sent again", "had not and were sent again"),
            (count(Ended::DecidedAnew), "was decided anew", "were decided anew"),
            (waiting, "is still to be looked for", "are still to be looked for"),
        ];
        let told: Vec<String> = rows
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
            .collect();
        let (found, were) = (self.found, if self.found == 1 { "write was" } else { "writes were" });
        (!told.is_empty()).then(|| format!("{found} {were} under way when latchd ended: {}", told.join(", ")))
    }
}

impl Pass<'_> {
    /// Notes what a look at an open intent showed.
    pub(super) fn note_outcome(&self, seq: u64, ended: Vec<Ended>) {
        self.world.memory.outcomes.lock().unwrap_or_else(PoisonError::into_inner).note(seq, ended);
    }

    /// What was found of the writes of the process before, for a day.
    pub(super) fn outcomes_notice(&self) -> Result<Option<Notice>, StoreError> {
        if Instant::now().saturating_duration_since(self.world.memory.started) > TOLD {
            return Ok(None);
        }
        let open = self.register.intents()?;
        let outcomes = self.world.memory.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        let waits =
            |intent: &&Intent| intent.seq < outcomes.own && !outcomes.looked.contains_key(&intent.seq);
        let waiting = open.iter().filter(waits).map(|intent| intent.items.len()).sum();
        Ok(outcomes.text(waiting).map(|text| Notice { code: "outcomes-found", text, at: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_write_of_the_process_before_is_told_once() {
        let mut outcomes = Outcomes { own: 5, found: 4, looked: BTreeMap::new() };
        assert_eq!(Outcomes::of(&[]).text(0), None);
        assert_eq!(
            outcomes.text(4).as_deref(),
            Some("4 writes were under way when latchd ended: 4 are still to be looked for")
        );
        outcomes.note(5, vec![Ended::Adopted]);
        outcomes.note(3, vec![Ended::Adopted, Ended::Adopted, Ended::DecidedAnew]);
        outcomes.note(4, vec![Ended::SentAgain]);
        outcomes.note(4, vec![Ended::Adopted]);
        assert_eq!(
            outcomes.text(0).as_deref(),
            Some(
                "4 writes were under way when latchd ended: 2 had reached QuickBooks and were adopted, \
                 1 had not and was sent again, 1 was decided anew"
            )
        );
    }
}
