//! Outcomes: what an answer means for the state, one commit each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Lanes, refusal};
use crate::model::{
    Applied, Code, Counterpart, Fault, Key, Money, ObjectId, Observed, RecordState, State, VendorFault,
};
use crate::pass::{Cause, PARKED, Pass, recover};
use crate::quickbooks::{Answer, CallError, ItemAnswer, Written};
use crate::report::HistoryLine;
use crate::store::{Commit, Intent, IntentItem, StoreError};

/// Writes down what became of an intent; tells whether it is still open.
pub(super) async fn finish(
    pass: &Pass<'_>,
    lanes: &Lanes,
    intent: Intent,
    answer: Result<Written, CallError>,
) -> Result<bool, StoreError> {
    match answer {
        Ok(written) => answered(pass, lanes, intent, written).await,
        // One bad item spoils the whole request: each is sent by itself, once.
        Err(CallError::Refused(fault)) if intent.batch && refusal::company_code(&fault).is_none() => {
            tracing::info!(
                code = fault.code,
                "QuickBooks refused a whole batch: {} {}",
                fault.message,
                fault.detail
            );
            let mut commit = Commit::new();
            commit.close(intent.seq);
            for item in &intent.items {
                raise_attempt(pass, &mut commit, item.key)?;
            }
            pass.register.commit(commit).await?;
            lanes.change(|carried| (carried.stale, carried.singly) = (true, true));
            Ok(false)
        }
        Err(CallError::Refused(fault)) => {
            let refused = |_| ItemAnswer::Refused(fault.clone());
            let items = intent.items.iter().map(refused).collect();
            let written = Written { items, intuit_tid: fault.intuit_tid.clone() };
            answered(pass, lanes, intent, written).await
        }
        Err(error @ (CallError::Unknown(_) | CallError::Unreadable(_))) => {
            tracing::warn!(
                seq = intent.seq,
                request_id = intent.request_id,
                "{error}; its outcome is looked for later"
            );
            lanes.cut_off(intent.items.iter().map(|item| item.key), &error.to_string());
            wait_for(pass, &intent.items).await?;
            Ok(true)
        }
        Err(error) => {
            // Definite: nothing was done.
            let mut commit = Commit::new();
            commit.close(intent.seq);
            for item in &intent.items {
                if let Some(mut record) = pass.register.record(item.key)? {
                    record.attempt += 1;
                    commit.record(item.key, &record);
                }
            }
            pass.register.commit(commit).await?;
            let code = error.company_code().unwrap_or(Code::QuickbooksUnreachable);
            lanes.stop(Cause::new(code, error.to_string()));
            Ok(false)
        }
    }
}

async fn answered(
    pass: &Pass<'_>,
    lanes: &Lanes,
    intent: Intent,
    written: Written,
) -> Result<bool, StoreError> {
    lanes.answered();
    let mut commit = Commit::new();
    let mut invoices = Invoices::default();
    let mut told = Vec::new();
    let (mut open, mut refused) = (Vec::new(), Vec::new());
    for (item, outcome) in intent.items.iter().zip(written.items) {
        match outcome {
            ItemAnswer::Done(answer) => {
                let Some(object) = observed(&answer) else { continue };
                done(pass, &mut commit, &mut invoices, (item, &object))?;
                let line = history(pass, &intent.request_id, item, &object.id);
                told.push(HistoryLine { intuit_tid: written.intuit_tid.clone(), ..line });
            }
            ItemAnswer::NotTried => raise_attempt(pass, &mut commit, item.key)?,
            ItemAnswer::Refused(fault) => refused.push((item, fault)),
            ItemAnswer::Unknown(reason) => {
                tracing::warn!(key = %item.key, "{reason}");
                open.push(item.clone());
            }
        }
    }
    // What is still open stays in the journal, and is not sent again: a part
    // of it was answered.
    if open.is_empty() {
        commit.close(intent.seq);
    } else {
        lanes.change(|carried| carried.unknown.extend(open.iter().map(|item| item.key)));
        commit.intent(&Intent { items: open.clone(), spent: true, ..intent.clone() });
    }
    invoices.store(&mut commit);
    pass.register.commit(commit).await?;
    wait_for(pass, &open).await?;
    for line in told {
        (pass.world.history)(&line);
    }
    for (item, fault) in refused {
        refusal::take(pass, lanes, item, *fault).await?;
    }
    Ok(!open.is_empty())
}

fn observed(answer: &Answer) -> Option<Observed> {
    answer.observed()
}

/// The object stands as it was written, unless QuickBooks made another total
/// of it.
fn done(
    pass: &Pass<'_>,
    commit: &mut Commit,
    invoices: &mut Invoices,
    (item, object): (&IntentItem, &Observed),
) -> Result<(), StoreError> {
    let Some(mut record) = pass.register.record(item.key)? else { return Ok(()) };
    let before = std::mem::replace(&mut record.applied, item.applied.clone());
    invoices.apply(pass, &before, &item.applied)?;
    settle_record(pass, item.key, &mut record, Counterpart::written(object, item.posted.clone()));
    if let Some(reason) = item.crossing.clone().filter(|_| record.state == State::Synced) {
        record.state = State::Held;
        let crossing = fault(pass, (item.key, &record), (Code::AppliedBeforeStart, reason), None);
        record.fault = Some(Fault { attempts: 0, next_attempt_at: None, ..crossing });
    }
    commit.record(item.key, &record);
    commit.object(item.object, &object.id, item.key);
    if record.state != State::Failed {
        commit.drop_body(item.key);
    }
    Ok(())
}

fn settle_record(pass: &Pass<'_>, key: Key, record: &mut RecordState, object: Counterpart) {
    let total = object.total;
    record.attempt += 1;
    record.object = Some(object);
    record.blocked_by = None;
    if total == record.amount || key.entity == crate::model::Entity::Customer {
        record.state = State::Synced;
        record.fault = None;
    } else {
        let reason = format!("Stax Bill's total is {}, and QuickBooks made it {total}", record.amount);
        record.state = State::Failed;
        record.fault = Some(fault(pass, (key, record), (Code::AmountMismatch, reason), None));
    }
}

/// An object found by its mark takes the place of a write whose outcome was
/// not known, or that QuickBooks refused because it is there already.
pub(crate) async fn adopt_found(pass: &Pass<'_>, key: Key, object: &Observed) -> Result<(), StoreError> {
    let Some(mut record) = pass.register.record(key)? else { return Ok(()) };
    recover(&pass.register, &mut record, object)?;
    record.attempt += 1;
    record.state = State::Synced;
    if key.entity == crate::model::Entity::Invoice && object.total != record.amount {
        let found = record.object.clone();
        if let Some(found) = found {
            settle_record(pass, key, &mut record, found);
        }
    }
    let mut commit = Commit::new();
    commit.record(key, &record);
    commit.object(object.kind, &object.id, key);
    pass.register.commit(commit).await
}

pub(super) fn fault(
    pass: &Pass<'_>,
    (key, record): (Key, &RecordState),
    (code, reason): (Code, String),
    quickbooks: Option<VendorFault>,
) -> Fault {
    let now = pass.world.clock.now();
    let kept = record.fault.as_ref().filter(|fault| fault.code == code);
    Fault {
        code,
        reason,
        quickbooks,
        since: kept.map_or(now, |fault| fault.since),
        attempts: kept.map_or(0, |fault| fault.attempts) + 1,
        next_attempt_at: now.saturating_add(PARKED).ok(),
        basis: pass.basis(key, record),
    }
}

pub(super) fn raise_attempt(pass: &Pass<'_>, commit: &mut Commit, key: Key) -> Result<(), StoreError> {
    if let Some(mut record) = pass.register.record(key)? {
        record.attempt += 1;
        commit.record(key, &record);
    }
    Ok(())
}

async fn wait_for(pass: &Pass<'_>, items: &[IntentItem]) -> Result<(), StoreError> {
    let mut commit = Commit::new();
    for item in items {
        if let Some(mut record) = pass.register.record(item.key)? {
            let reason =
                "a write was cut off; latchd looks for its outcome before it writes again".to_owned();
            record.state = State::Held;
            record.fault = Some(Fault {
                next_attempt_at: None,
                ..fault(pass, (item.key, &record), (Code::UnknownOutcome, reason), None)
            });
            commit.record(item.key, &record);
        }
    }
    pass.register.commit(commit).await
}

/// A line of the history: what was written, under which request id.
fn history(pass: &Pass<'_>, request_id: &str, item: &IntentItem, id: &ObjectId) -> HistoryLine {
    let currency = pass.register.record(item.key).ok().flatten().map(|record| record.currency);
    HistoryLine {
        at: pass.world.clock.now(),
        pass: pass.number,
        key: item.key,
        action: item.action.clone(),
        object: item.object,
        quickbooks_id: id.clone(),
        amount: item.amount,
        currency: currency.unwrap_or(crate::model::Currency::NONE),
        request_id: request_id.to_owned(),
        intuit_tid: None,
    }
}

/// Tells the history of a write that was cut off and had taken effect.
pub(crate) fn tell_history(pass: &Pass<'_>, request_id: &str, item: &IntentItem, id: &ObjectId) {
    (pass.world.history)(&history(pass, request_id, item, id));
}

/// What applying a payment does to its invoices' balances, so that nothing has
/// to be read for the tie-out; the change feed brings QuickBooks' own figures.
#[derive(Default)]
struct Invoices(BTreeMap<Key, RecordState>);

impl Invoices {
    fn apply(&mut self, pass: &Pass<'_>, before: &[Applied], now: &[Applied]) -> Result<(), StoreError> {
        let signed = before
            .iter()
            .map(|row| (row.to, row.amount))
            .chain(now.iter().map(|row| (row.to, Money::ZERO - row.amount)));
        for (key, change) in signed {
            let record = match self.0.entry(key) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let Some(record) = pass.register.record(key)? else { continue };
                    entry.insert(record)
                }
            };
            if let Some(object) = record.object.as_mut() {
                object.open += change;
            }
        }
        Ok(())
    }

    fn store(self, commit: &mut Commit) {
        for (key, record) in self.0 {
            commit.record(key, &record);
        }
    }
}
