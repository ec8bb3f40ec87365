//! A person's word about a write whose outcome is open: that QuickBooks has it,
//! and under which id, or that it does not. It is checked in QuickBooks before
//! it is taken: a wrong word must not make a second document.

use std::time::Duration;

use super::settle::{Look, as_sent, wait_left};
use super::{Cause, Mode, Pass, Stop, World};
use crate::apply::{self, AttemptLog, adopt_found, found, not_done, take_over};
use crate::model::{Key, Mark, ObjectId, ObjectKind, Observed, Part, RecordState};
use crate::quickbooks::CallError;
use crate::report::{HistoryLine, Resolved};
use crate::store::{Commit, Intent, IntentItem, Operation, StoreError};

/// What a person says about an open write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The record.
    pub key: Key,
    /// Which of its objects, where several writes about it are open.
    pub part: Option<Key>,
    /// The object in QuickBooks; `None`: there is none.
    pub posted: Option<ObjectId>,
    /// Why they say so.
    pub why: String,
    /// Who says so.
    pub by: String,
}

/// Why a word was not taken.
#[derive(Debug, thiserror::Error)]
pub enum WordError {
    /// It does not fit what QuickBooks or the journal shows.
    #[error("{0}; nothing was changed")]
    Refused(String),
    /// Intuit may still be working on the write.
    #[error(
        "Intuit may still be working on it for up to {} s; ask again then; nothing was changed", .0.as_secs() + 1
    )]
    TooEarly(Duration),
    /// QuickBooks could not be asked.
    #[error("cannot look in QuickBooks: {} ({}); nothing was changed\nTo do: {}", .0.reason, .0.code, .0.todo())]
    Cause(Box<Cause>),
    /// The state fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Stop> for WordError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cause(cause) => Self::Cause(cause),
            Stop::Store(error) => Self::Store(error),
        }
    }
}

impl From<CallError> for WordError {
    fn from(error: CallError) -> Self {
        Stop::from(error).into()
    }
}

/// Takes a person's word; gives a sentence about what it did. No pass may be
/// under way.
pub async fn take_word(world: &World, said: &Word) -> Result<String, WordError> {
    let pass = Pass::new(world, world.register.clone(), Mode::Write)?;
    let (intent, item) = pass.meant(said)?;
    match &said.posted {
        Some(id) => pass.posted(said, (&intent, &item), id).await,
        None => pass.not_posted(said, (&intent, &item)).await,
    }
}

impl Pass<'_> {
    /// The one open write that is spoken of.
    fn meant(&self, word: &Word) -> Result<(Intent, IntentItem), WordError> {
        let mut meant = Vec::new();
        for intent in self.register.intents()? {
            for item in &intent.items {
                if item.key == word.key && word.part.is_none_or(|part| item.part == Part::Applied(part)) {
                    meant.push((intent.clone(), item.clone()));
                }
            }
        }
        match meant.len() {
            1 => Ok(meant.remove(0)),
            0 => {
                let words =
                    format!("no write about {} is open; `latchd journal` lists those that are", word.key);
                Err(WordError::Refused(words))
            }
            _ => {
                let parts = meant.iter().filter_map(|(_, item)| Option::<Key>::from(item.part));
                let parts: Vec<String> = parts.map(|to| format!("--part {to}")).collect();
                let words =
                    format!("several writes about {} are open; name one: {}", word.key, parts.join(", "));
                Err(WordError::Refused(words))
            }
        }
    }

    async fn posted(
        &self,
        word: &Word,
        (intent, item): (&Intent, &IntentItem),
        id: &ObjectId,
    ) -> Result<String, WordError> {
        let refused = |words: String| Err(WordError::Refused(words));
        let Some(mut record) = self.register.record(item.key)? else {
            return refused(format!("{} is not known any more; say --not-posted", item.key));
        };
        let Some(object) = self.world.quickbooks.object(item.object, id).await? else {
            return refused(format!("QuickBooks has no {} {id}", item.object));
        };
        if let Some(misfit) = self.misfit((item, &record), &object)? {
            return refused(format!("QuickBooks' {} {id} {misfit}", item.object));
        }
        let creates = item.operation == Operation::Create || item.id.is_none();
        if creates
            && let Look::Done(Some(ours)) = self.look(item).await?
            && ours.id != *id
        {
            return refused(format!("QuickBooks' {} {} bears the mark of {}", ours.kind, ours.id, item.key));
        }
        let left = wait_left(self.world, intent);
        if object.mark.is_none() && !left.is_zero() {
            // What bears no mark may be a person's, and the write may still land beside it.
            return Err(WordError::TooEarly(left));
        }
        let mut commit = without(intent, item);
        let mut log = AttemptLog::of(self, intent);
        log.note(item, found(&object));
        log.store(self, &mut commit)?;
        if creates {
            adopt_found(self, item, &object, commit).await?;
        } else {
            take_over(&mut record, item, &object);
            record.attempt += 1;
            record.fault = None;
            commit.record(item.key, &record);
            commit.object(item.object, &object.id, (item.key, item.part));
            self.register.commit(commit).await?;
        }
        self.tell_word(word, (intent, item), Some(&object));
        Ok(format!("{}: QuickBooks' {} {id} is its own from now on", item.key, item.object))
    }

    async fn not_posted(
        &self,
        word: &Word,
        (intent, item): (&Intent, &IntentItem),
    ) -> Result<String, WordError> {
        let left = wait_left(self.world, intent);
        if !left.is_zero() {
            return Err(WordError::TooEarly(left));
        }
        let look = self.look(item).await?;
        match &look {
            Look::Done(Some(there)) => {
                let (kind, id) = (there.kind, &there.id);
                return Err(WordError::Refused(format!(
                    "QuickBooks has it: {kind} {id}; say --posted {id} if that is right"
                )));
            }
            Look::Done(None) => {
                let words =
                    format!("{} has its object in QuickBooks already; the next pass closes it", item.key);
                return Err(WordError::Refused(words));
            }
            Look::Untouched | Look::Moved(_) => {}
        }
        let mut commit = without(intent, item);
        let mut log = AttemptLog::of(self, intent);
        log.note(item, not_done(&format!("{} says that it was not posted: {}", word.by, word.why)));
        log.store(self, &mut commit)?;
        // First what is decided from, then that it is: cut off between the two, the
        // write is still open and looked for.
        self.take_look(item, look, &intent.request_id).await?;
        self.register.commit(commit).await?;
        self.tell_word(word, (intent, item), None);
        Ok(format!("{}: the write is dropped, and the next pass decides anew", item.key))
    }

    /// Why an object cannot be what the write made.
    fn misfit(
        &self,
        (item, record): (&IntentItem, &RecordState),
        object: &Observed,
    ) -> Result<Option<String>, StoreError> {
        let mark = Mark { key: item.key, part: item.part };
        let known = self.register.record_of(object.kind, &object.id)?;
        let customer = self.register.record(Key::customer(record.customer))?;
        let customer = customer.as_ref().and_then(RecordState::living).map(|living| &living.id);
        let document = item.object != ObjectKind::Customer;
        let wrong = if let Some(other) = object.mark.filter(|other| *other != mark) {
            format!("bears the mark of {}", other.key)
        } else if let Some((other, _)) = known.filter(|known| *known != (item.key, item.part)) {
            format!("stands for {other}")
        } else if let Some(id) = item.id.as_ref().filter(|id| **id != object.id) {
            format!("is not what the write was about, which is {id}")
        } else if item.operation == Operation::Void && !object.dead {
            "is not voided".to_owned()
        } else if item.operation != Operation::Void && object.dead {
            "is voided or inactive, and stands for nothing".to_owned()
        } else if item.id.is_some() && item.sync_token.as_ref() == Some(&object.sync_token) {
            "is as it was before the write".to_owned()
        } else if document && object.customer.as_ref().is_some_and(|other| Some(other) != customer) {
            let whose = object.customer.as_ref().map(ToString::to_string).unwrap_or_default();
            let ours = customer.map_or("nobody there yet".to_owned(), |id| format!("{id} there"));
            format!(
                "is customer {whose}'s, and {} belongs to customer {}, who is {ours}",
                item.key, record.customer
            )
        } else if document && object.total != item.total {
            format!("is over {}, and the write was over {}", object.total, item.total)
        } else if item.operation == Operation::Update && item.id.is_some() && !as_sent(item, object) {
            "was changed since and does not say what the write was to; the next pass decides anew".to_owned()
        } else if item.id.is_none() && object.mark.is_none() && object.number != item.number {
            format!(
                "bears neither the mark nor the number of {}; a `match` in the customer's line names it",
                item.key
            )
        } else {
            return Ok(None);
        };
        Ok(Some(wrong))
    }

    /// Whose word it was, and why, for the log and the history.
    fn tell_word(&self, word: &Word, (intent, item): (&Intent, &IntentItem), object: Option<&Observed>) {
        let posted = object.is_some();
        let (by, why) = (word.by.clone(), word.why.clone());
        tracing::warn!(
            key = %item.key, request_id = intent.request_id, posted, by, why,
            "a person said what became of a write"
        );
        let line = apply::history(self, &intent.request_id, item, object.map(|object| &object.id));
        (self.world.history)(&HistoryLine { resolved: Some(Resolved { posted, by, why }), ..line });
    }
}

/// The journal without this item: what else was in its request stays open, and
/// is not sent again.
fn without(intent: &Intent, item: &IntentItem) -> Commit {
    let others = intent.items.iter().filter(|other| (other.key, other.part) != (item.key, item.part));
    let others: Vec<IntentItem> = others.cloned().collect();
    let mut commit = Commit::new();
    if others.is_empty() {
        commit.close(intent.seq);
    } else {
        commit.intent(&Intent { items: others, spent: true, ..intent.clone() });
    }
    commit
}
