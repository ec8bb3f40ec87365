//! The journal for people: what is open, and what will become of it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::Memory;
use crate::clock::Clock;
use crate::model::Key;
use crate::report::{Journal, JournalRow, OpenOutcome};
use crate::store::{Intent, IntentItem, Operation, Register, StoreError};

/// What a running process knows of writes beside the state.
#[derive(Clone)]
pub struct Sending {
    memory: Arc<Memory>,
    clock: Arc<dyn Clock>,
    began: Timestamp,
}

impl Sending {
    /// Of a process that starts now.
    pub fn new(memory: Arc<Memory>, clock: Arc<dyn Clock>) -> Self {
        let began = clock.now();
        Self { memory, clock, began }
    }

    /// The journal beside this process's passes.
    pub fn journal(&self, register: &Register, unknown_wait: Duration) -> Result<Journal, StoreError> {
        let now = self.clock.now();
        let mut rows = Vec::new();
        for intent in register.intents()? {
            let sent = self.memory.sent_at.lock().unwrap_or_else(PoisonError::into_inner);
            let answered = sent.get(&intent.seq).copied();
            drop(sent);
            let due = answered.unwrap_or(self.memory.started) + unknown_wait;
            let left = due.saturating_duration_since(Instant::now());
            let outcome = match answered {
                None if intent.begun_at >= self.began => OpenOutcome::Sending,
                _ if left.is_zero() => OpenOutcome::Unknown,
                _ => OpenOutcome::Waiting,
            };
            let at = now.checked_add(SignedDuration::try_from(left).unwrap_or_default()).ok();
            let at = at.filter(|_| outcome != OpenOutcome::Sending);
            rows.extend(told(register, &intent, (outcome, at))?);
        }
        Ok(Journal::new(now, rows))
    }
}

/// The journal where no latchd runs: the wait begins with the next start.
pub fn journal_at_rest(register: &Register, now: Timestamp) -> Result<Journal, StoreError> {
    let mut rows = Vec::new();
    for intent in register.intents()? {
        rows.extend(told(register, &intent, (OpenOutcome::Waiting, None))?);
    }
    Ok(Journal::new(now, rows))
}

fn told(
    register: &Register,
    intent: &Intent,
    (outcome, next_look_at): (OpenOutcome, Option<Timestamp>),
) -> Result<Vec<JournalRow>, StoreError> {
    let next = next(intent, outcome, next_look_at);
    let row = |item: &IntentItem| {
        let operation = match item.operation {
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Void => "void",
        };
        let currency = register.record(item.key)?.map(|record| record.currency.to_string());
        Ok(JournalRow {
            outcome,
            key: item.key.to_string(),
            part: Option::<Key>::from(item.part).map(|to| to.to_string()),
            operation: operation.to_owned(),
            action: item.action.clone(),
            object: item.object.name().to_owned(),
            quickbooks_id: item.id.as_ref().map(ToString::to_string),
            amount: item.total.to_string(),
            currency,
            request_id: intent.request_id.clone(),
            batch: intent.batch,
            sent_at: intent.begun_at,
            next_look_at,
            next: next.clone(),
        })
    };
    intent.items.iter().map(row).collect()
}

/// What will become of it.
fn next(intent: &Intent, outcome: OpenOutcome, at: Option<Timestamp>) -> String {
    let then = if intent.spent {
        "what is there is taken over; what is not is decided anew and goes out under another request id"
    } else {
        "what is there is taken over; what is not is sent again, the same bytes under the same request id, where the \
         decision still stands"
    };
    match (outcome, at) {
        (OpenOutcome::Sending, _) => "Its answer is waited for.".to_owned(),
        (OpenOutcome::Unknown, _) => format!("The next pass looks for it in QuickBooks: {then}."),
        (OpenOutcome::Waiting, Some(at)) => format!(
            "Its answer did not come, and Intuit may still be working on it. From {} on latchd looks for it in \
             QuickBooks: {then}.",
            at.strftime("%H:%M:%S UTC")
        ),
        (OpenOutcome::Waiting, None) => format!(
            "The process that sent it has ended before its answer came. `latchd run` or `latchd once` waits until \
             Intuit cannot be working on it any more, and then looks for it in QuickBooks: {then}."
        ),
    }
}
