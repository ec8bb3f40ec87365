//! Settling: what became of writes that were cut off. Look first, then decide.

mod outcomes;

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use super::{POISONED, Pass, Stop, World, anew, next_attempt};
use crate::apply::{self, AttemptLog, Lanes, adopt_found, find_by_mark, found, not_done, unknown};
use crate::entity::customer::{LIKENESS_MIN, likeness};
use crate::model::{
    AttemptOutcome, Code, Counterpart, Entity, Fault, Key, Link, Mark, Money, ObjectId, ObjectKind, Observed,
    Part, RecordState, Retry, Start, Verb,
};
use crate::mutation::Mutation;
use crate::store::{Commit, Intent, IntentItem, Operation, StoreError};
use outcomes::Ended;
pub(super) use outcomes::Outcomes;

/// How long until the first open write may be looked for, or a state that was
/// begun anew may be written from; `None` where nothing is waited for.
pub fn next_due(world: &World) -> Result<Option<Duration>, StoreError> {
    let waits = world.register.intents()?.iter().map(|intent| wait_left(world, intent)).collect::<Vec<_>>();
    Ok(waits.into_iter().chain(anew::wait_left(world)?).min())
}

/// Intuit works on a request for up to 120 s; whoever looks earlier may see
/// nothing and send twice. Counted on the monotonic clock, and after a restart
/// from the start of the process.
pub(super) fn wait_left(world: &World, intent: &Intent) -> Duration {
    let sent_at = world.memory.sent_at.lock().unwrap_or_else(PoisonError::into_inner);
    let since = sent_at.get(&intent.seq).copied().unwrap_or(world.memory.started);
    if Mutation::ProbeEarly.is_planted() {
        return Duration::ZERO;
    }
    let due = since + world.settings.limits.unknown_wait;
    due.saturating_duration_since(Instant::now())
}

/// What is noted of a write that a look did not find.
const SENT_AGAIN: &str = "nothing of it is in QuickBooks; the same bytes are sent again";

/// What a look at one item's object showed.
pub(super) enum Look {
    /// The write took effect.
    Done(Option<Observed>),
    /// It did not, and the object is as it was.
    Untouched,
    /// The object is neither as it was nor as it was to be.
    Moved(Option<Observed>),
}

impl Look {
    /// What it comes to where nothing is sent again.
    fn ended(&self) -> Ended {
        match self {
            Self::Done(_) => Ended::Adopted,
            Self::Untouched | Self::Moved(_) => Ended::DecidedAnew,
        }
    }
}

impl Pass<'_> {
    /// Records about which a write is open: its outcome is not known yet.
    pub(super) fn open_writes(&self) -> Result<BTreeSet<Key>, StoreError> {
        let mut intents = self.register.intents()?;
        intents.retain(|_| !Mutation::WriteWhileOpen.is_planted());
        Ok(intents.iter().flat_map(|intent| intent.items.iter().map(|item| item.key)).collect())
    }

    /// Looks for the outcome of every open write that has waited long enough.
    pub(super) async fn settle(&mut self) -> Result<(), Stop> {
        for intent in self.register.intents()? {
            if wait_left(self.world, &intent).is_zero() {
                self.settle_one(intent).await?;
            }
        }
        let notice = self.outcomes_notice()?;
        self.notices.extend(notice);
        Ok(())
    }

    async fn settle_one(&mut self, intent: Intent) -> Result<(), Stop> {
        let mut looks = Vec::new();
        for item in &intent.items {
            looks.push(self.look(item).await?);
        }
        let untouched = looks.iter().all(|look| matches!(look, Look::Untouched));
        let stands =
            intent.items.iter().map(|item| self.still_wanted(item)).collect::<Result<Vec<_>, _>>()?;
        tracing::info!(
            seq = intent.seq,
            request_id = intent.request_id,
            untouched,
            items = intent.items.len(),
            "looked for the outcome of a write that was cut off"
        );
        let spent = intent.spent || self.anew.restored();
        if untouched && !spent && !self.poisoned(&intent)? && stands.iter().all(|wanted| *wanted) {
            // Nothing of it is there: the same bytes under the same id.
            let again = second(Intent { spent: true, ..intent });
            let mut commit = Commit::new();
            let mut log = AttemptLog::of(self, &again);
            again.items.iter().for_each(|item| log.note(item, not_done(SENT_AGAIN)));
            log.store(self, &mut commit)?;
            commit.intent(&again);
            self.register.commit(commit).await?;
            self.note_outcome(again.seq, vec![Ended::SentAgain; again.items.len()]);
            let lanes = Lanes::new();
            apply::send(self, &lanes, again).await?;
            return match lanes.into_carried().cause {
                Some(cause) => Err(Stop::Cause(Box::new(cause))),
                None => Ok(()),
            };
        }
        self.note_outcome(intent.seq, looks.iter().map(Look::ended).collect());
        let mut log = AttemptLog::of(self, &intent);
        for (item, look) in intent.items.iter().zip(looks) {
            log.note(item, self.shown(item, &look)?);
            self.take_look(item, look, &intent.request_id).await?;
        }
        let mut commit = Commit::new();
        commit.close(intent.seq);
        log.store(self, &mut commit)?;
        self.register.commit(commit).await?;
        Ok(())
    }

    pub(super) async fn look(&self, item: &IntentItem) -> Result<Look, Stop> {
        let quickbooks = &self.world.quickbooks;
        if Mutation::SkipProbe.is_planted() {
            return Ok(Look::Untouched);
        }
        match (item.operation, &item.id) {
            (Operation::Create, _) | (_, None) => {
                // The change feed may have found it under another number.
                let record = self.register.record(item.key)?;
                if record.is_some_and(|record| record.part(item.part).is_some_and(Counterpart::lives)) {
                    return Ok(Look::Done(None));
                }
                let found = find_by_mark(self, item).await?;
                Ok(found.into_iter().next().map_or(Look::Untouched, |found| Look::Done(Some(found))))
            }
            (Operation::Update, Some(id)) => {
                let Some(found) = quickbooks.object(item.object, id).await? else {
                    return Ok(Look::Moved(None));
                };
                Ok(match item.sync_token.as_deref() == Some(found.sync_token.as_str()) {
                    true => Look::Untouched,
                    false if as_sent(item, &found) => Look::Done(Some(found)),
                    false => Look::Moved(Some(found)),
                })
            }
            (Operation::Void, Some(id)) => {
                let Some(found) = quickbooks.object(item.object, id).await? else {
                    return Ok(Look::Moved(None));
                };
                Ok(match item.sync_token.as_deref() == Some(found.sync_token.as_str()) {
                    true => Look::Untouched,
                    false if found.dead => Look::Done(Some(found)),
                    false => Look::Moved(Some(found)),
                })
            }
        }
    }

    /// What a look means for the attempt whose outcome was open.
    fn shown(&self, item: &IntentItem, look: &Look) -> Result<AttemptOutcome, StoreError> {
        Ok(match look {
            Look::Done(Some(object)) => found(object),
            Look::Done(None) => {
                let record = self.register.record(item.key)?;
                let object = record.as_ref().and_then(|record| record.part(item.part));
                object.map_or_else(
                    || unknown("the object that was found is gone again"),
                    |object| AttemptOutcome::Found {
                        id: object.id.clone(),
                        sync_token: object.sync_token.clone(),
                    },
                )
            }
            Look::Untouched => not_done("nothing of it is in QuickBooks; it is decided anew"),
            Look::Moved(Some(_)) => unknown("someone changed the object meanwhile; it is decided anew"),
            Look::Moved(None) => unknown("the object is gone from QuickBooks; it is decided anew"),
        })
    }

    pub(super) async fn take_look(
        &self,
        item: &IntentItem,
        look: Look,
        request_id: &str,
    ) -> Result<(), StoreError> {
        match look {
            Look::Done(Some(found)) => {
                apply::tell_history(self, request_id, item, &found.id);
                if item.operation == Operation::Create || item.id.is_none() {
                    return adopt_found(self, item, &found, Commit::new()).await;
                }
                self.change_record(item.key, |record| {
                    apply::take_over(record, item, &found);
                })
                .await?;
                let mut commit = Commit::new();
                commit.object(item.object, &found.id, (item.key, item.part));
                self.register.commit(commit).await
            }
            Look::Moved(Some(found)) => {
                let Some(mut record) = self.register.record(item.key)? else { return Ok(()) };
                super::recover::see(self, &mut record, item.part, &found)?;
                self.close_record(item.key, record).await
            }
            Look::Moved(None) => self.change_record(item.key, |record| record.lose_part(item.part)).await,
            // The change feed found it as it stands; that it says what was sent is
            // known here alone, and it may have been amended since.
            Look::Done(None) => {
                self.change_record(item.key, |record| {
                    let found = record.object.as_mut().filter(|_| item.part == Part::Whole);
                    if let Some(object) = found.filter(|object| object.words.is_none()) {
                        object.words.clone_from(&item.words);
                    }
                })
                .await
            }
            // Not done: the table decides anew, under a new id.
            Look::Untouched => self.note_no_effect(item.key).await,
        }
    }

    /// A write without effect is decided anew; after several, not at once.
    async fn note_no_effect(&self, key: Key) -> Result<(), StoreError> {
        let Some(mut record) = self.register.record(key)? else { return Ok(()) };
        record.attempt += 1;
        let unknown = record.fault.take().filter(|fault| fault.code == Code::UnknownOutcome);
        record.fault = unknown.map(|fault| match fault.attempts.checked_sub(POISONED) {
            None => fault,
            Some(more) => Fault {
                reason: format!(
                    "QuickBooks gave no definite answer to {} attempts, and none of them had an effect; latchd tries \
                     again",
                    fault.attempts
                ),
                next_attempt_at: next_attempt(key, Retry::Probe, more + 1, self.world.clock.now()),
                ..fault
            },
        });
        let mut commit = Commit::new();
        commit.record(key, &record);
        self.register.commit(commit).await
    }

    /// Whether the same bytes would only cost another call.
    fn poisoned(&self, intent: &Intent) -> Result<bool, StoreError> {
        for item in &intent.items {
            let fault = self.register.record(item.key)?.and_then(|record| record.fault);
            if fault.is_some_and(|fault| fault.code == Code::UnknownOutcome && fault.attempts > POISONED) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn change_record(&self, key: Key, change: impl FnOnce(&mut RecordState)) -> Result<(), StoreError> {
        let Some(mut record) = self.register.record(key)? else { return Ok(()) };
        change(&mut record);
        self.close_record(key, record).await
    }

    async fn close_record(&self, key: Key, mut record: RecordState) -> Result<(), StoreError> {
        record.attempt += 1;
        record.fault = None;
        let mut commit = Commit::new();
        commit.record(key, &record);
        self.register.commit(commit).await
    }

    /// Whether the decision behind a write still stands: its customer is linked
    /// as it was, and the record counts and says what it said.
    fn still_wanted(&self, item: &IntentItem) -> Result<bool, StoreError> {
        let creates = item.operation == Operation::Create && item.part == Part::Whole;
        if creates && self.creation_held().is_some() {
            return Ok(false);
        }
        let Some(record) = self.register.record(item.key)? else { return Ok(false) };
        let Some(link) = self.link(record.customer) else { return Ok(false) };
        let document = item.key.entity != Entity::Customer;
        let customer = self.register.record(Key::customer(record.customer))?;
        let living = customer.as_ref().and_then(RecordState::living);
        let linked = match &link.verb {
            Verb::Skip { .. } | Verb::Unlink { .. } => false,
            // A document's bytes name the customer that was linked when they were made.
            Verb::Adopt { id, .. } if document => living.is_some_and(|object| object.id == *id),
            Verb::Adopt { id, .. } => item.id.as_ref() == Some(id),
            Verb::Create { .. } if document => living.is_some(),
            Verb::Create { .. } => item.id.is_none(),
        };
        let start = match link.start() {
            Some(Start::On(day)) => Some(day),
            Some(Start::Now) => self.register.start(record.customer)?,
            Some(Start::Beginning) | None => None,
        };
        let counts = record.matched || record.date.is_none_or(|date| start.is_none_or(|start| date >= start));
        let name = living.and_then(|object| object.name.as_deref());
        if document && !self.is_meant((item, &record), link, name)? {
            return Ok(false);
        }
        // What a credit note can take depends on others; it is decided anew.
        let own = item.key.entity != Entity::ChargeReversal || item.part == Part::Whole;
        Ok(linked && counts && own && record.source == item.posted)
    }
}

impl Pass<'_> {
    /// Whether nothing that came to light since a document's bytes were made
    /// speaks against them: the files only look on or match it, its customer is
    /// called otherwise or somebody else's too, or a person entered it.
    fn is_meant(
        &self,
        (item, record): (&IntentItem, &RecordState),
        link: &Link,
        name: Option<&str>,
    ) -> Result<bool, StoreError> {
        let renamed = match (&link.verb, name) {
            (Verb::Adopt { expect, .. }, Some(name)) => likeness(expect, name) < LIKENESS_MIN,
            _ => false,
        };
        let matched = !record.matched && link.matches.contains_key(&item.key);
        if link.observes() || renamed || matched || self.sharing.contains_key(&record.customer) {
            return Ok(false);
        }
        let creates = item.operation == Operation::Create && item.part == Part::Whole;
        Ok(!creates || !self.is_entered(item, record)?)
    }
}

/// Whether an object that moved on says what was sent: then the write took
/// effect. Where that cannot be shown, the table decides anew.
pub(super) fn as_sent(item: &IntentItem, found: &Observed) -> bool {
    let Ok(sent) = serde_json::from_str::<serde_json::Value>(item.body.get()) else { return false };
    let text = |pointer: &str| sent.pointer(pointer).and_then(serde_json::Value::as_str);
    let fits = |pointer: &str, there: Option<&str>| text(pointer).is_none_or(|sent| Some(sent) == there);
    let amount = |value: &serde_json::Value| value["Amount"].to_string().parse::<Money>().ok();
    let date = found.date.map(|date| date.to_string());
    let mark = Mark { key: item.key, part: item.part };
    // A matched document bears none, and gets none.
    let marked = found.mark == Some(mark) || (found.mark.is_none() && text("/PrivateNote").is_none());
    let head = marked
        && fits("/CustomerRef/value", found.customer.as_ref().map(ObjectId::as_str))
        && fits("/TxnDate", date.as_deref())
        && fits("/DocNumber", found.number.as_deref())
        && fits("/PaymentRefNum", found.number.as_deref());
    let mut rows = Vec::new();
    for line in sent["Line"].as_array().into_iter().flatten() {
        let id = ["/LinkedTxn/0/TxnId", "/SalesItemLineDetail/ItemRef/value"]
            .into_iter()
            .find_map(|pointer| line.pointer(pointer)?.as_str());
        rows.extend(id.map(|id| (ObjectId::new(id), amount(line))));
    }
    let applied = found.applied.iter().map(|row| (row.id.clone(), row.amount)).collect::<Vec<_>>();
    let there = if item.object == ObjectKind::Payment { &applied } else { &found.lines };
    let mut there = there.iter().map(|(id, amount)| (id.clone(), Some(*amount))).collect::<Vec<_>>();
    rows.sort();
    there.sort();
    let total = sent["TotalAmt"].to_string().parse::<Money>().ok();
    // Without lines nothing but words was sent, of which no trace is kept.
    head && !rows.is_empty() && rows == there && total.is_none_or(|total| total == found.total)
        || head && item.object == ObjectKind::Payment && rows == there && total == Some(found.total)
}

/// A write as it goes out for the second time, which is as it was: only a planted
/// bug makes another of it.
fn second(mut intent: Intent) -> Intent {
    if Mutation::FreshRequestId.is_planted() {
        let fresh = intent.request_id.chars().rev().collect::<String>();
        intent.path = intent.path.replace(&intent.request_id, &fresh);
        intent.request_id = fresh;
    }
    if intent.batch && Mutation::RecomposeBatch.is_planted() {
        intent.items.reverse();
        intent.body = crate::quickbooks::batch_body(&intent.items);
    }
    intent
}
