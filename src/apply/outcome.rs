//! Outcomes: what an answer means for the state, one commit each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use tracing::Instrument as _;

use super::attempts::{self, AttemptLog};
use super::{Lanes, refusal};
use crate::model::{
    self, Applied, Code, Counterpart, Fault, Key, Money, ObjectId, ObjectKind, Observed, Part, RecordState,
    State, VendorFault,
};
use crate::mutation::Mutation;
use crate::pass::{Cause, PARKED, Pass, recover};
use crate::quickbooks::{Answer, CallError, ItemAnswer, Written, company_code};
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
        Err(CallError::Refused(fault)) if intent.batch && company_code(&fault).is_none() => {
            tracing::info!(
                request_id = intent.request_id,
                code = fault.code,
                why = format!("{} {}", fault.message, fault.detail),
                "QuickBooks refused a whole batch; its items go out one by one"
            );
            let mut commit = Commit::new();
            commit.close(intent.seq);
            let mut log = AttemptLog::of(pass, &intent).called(fault.intuit_tid.clone());
            for item in &intent.items {
                raise_attempt(pass, &mut commit, item.key)?;
                log.note_part(item, attempts::refused(&fault));
            }
            log.store(pass, &mut commit)?;
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
        Err(error @ (CallError::Unknown(_) | CallError::Unreadable(_)))
            if !Mutation::ForgetUnknown.is_planted() =>
        {
            tracing::warn!(
                request_id = intent.request_id,
                why = %error,
                "the answer to a write did not come; its outcome is looked for later"
            );
            lanes.cut_off(intent.items.iter().map(|item| item.key), &error.to_string());
            let mut log = AttemptLog::of(pass, &intent);
            intent.items.iter().for_each(|item| log.note_part(item, attempts::unknown(&error.to_string())));
            let mut commit = Commit::new();
            log.store(pass, &mut commit)?;
            wait_for(pass, &intent.items, commit).await?;
            Ok(true)
        }
        Err(error) => {
            // Definite: nothing was done.
            let mut commit = Commit::new();
            commit.close(intent.seq);
            let mut log = AttemptLog::of(pass, &intent);
            for item in &intent.items {
                log.note_part(item, attempts::not_done(&error.to_string()));
                if let Some(mut record) = pass.register.record(item.key)? {
                    record.attempt += 1;
                    commit.record(item.key, &record);
                }
            }
            log.store(pass, &mut commit)?;
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
    let mut changed = Changed::default();
    let mut told = Vec::new();
    let mut log = AttemptLog::of(pass, &intent).called(written.intuit_tid.clone());
    let (mut open, mut refused) = (Vec::new(), Vec::new());
    for (item, outcome) in intent.items.iter().zip(written.items) {
        match outcome {
            ItemAnswer::Done(answer) => {
                let Some(object) = observed(&answer) else { continue };
                done(pass, &mut commit, &mut changed, (item, &object))?;
                log.note(item, attempts::done(&object));
                let line = history(pass, &intent.request_id, item, Some(&object.id));
                told.push(HistoryLine { intuit_tid: written.intuit_tid.clone(), ..line });
            }
            ItemAnswer::NotTried => {
                changed.record(pass, item.key)?.attempt += 1;
                log.note(item, attempts::not_done("QuickBooks asked for fewer calls"));
            }
            ItemAnswer::Refused(fault) => {
                // What concerns the whole company is told as the cause that ends the pass.
                match company_code(&fault) {
                    Some(_) => log.note_part(item, attempts::refused(&fault)),
                    None => log.note(item, attempts::refused(&fault)),
                }
                refused.push((item, fault));
            }
            ItemAnswer::Unknown(reason) => {
                log.note(item, attempts::unknown(&reason));
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
    changed.store(&mut commit);
    log.store(pass, &mut commit)?;
    pass.register.commit(commit).await?;
    wait_for(pass, &open, Commit::new()).await?;
    for line in told {
        (pass.world.history)(&line);
    }
    for (item, fault) in refused {
        let record = tracing::info_span!("record", key = %item.key);
        refusal::take(pass, lanes, (&intent, item), *fault).instrument(record).await?;
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
    changed: &mut Changed,
    (item, object): (&IntentItem, &Observed),
) -> Result<(), StoreError> {
    if pass.register.record(item.key)?.is_none() {
        return Ok(());
    }
    let record = changed.record(pass, item.key)?;
    let before = take_over(record, item, object);
    settle_record(pass, item, record, object.total);
    if let Some(crossing) = item.crossing.clone().filter(|_| record.state == State::Synced) {
        record.state = State::Held;
        let crossing = fault(pass, (item.key, record), (crossing.code, crossing.reason), None);
        record.fault = Some(Fault { attempts: 0, next_attempt_at: None, ..crossing });
    }
    if record.state != State::Failed {
        commit.drop_body(item.key);
    }
    commit.object(item.object, &object.id, (item.key, item.part));
    changed.apply(pass, item, &before)
}

/// Makes the object that QuickBooks answered the record's; gives what it was
/// applied to before.
pub(crate) fn take_over(record: &mut RecordState, item: &IntentItem, object: &Observed) -> Vec<Applied> {
    let counterpart = Counterpart::written(object, item.posted.clone());
    match item.part {
        Part::Whole => {
            let words =
                item.words.clone().or_else(|| record.object.as_ref().and_then(|one| one.words.clone()));
            let standing = record.object.as_ref().filter(|one| one.id == object.id);
            let adopted = match standing {
                Some(one) => one.adopted,
                None => item.object == ObjectKind::Customer && item.id.is_some(),
            };
            let before = standing.and_then(|one| one.settings.clone());
            let settings = item.settings.clone().or(before);
            record.object = Some(Counterpart { settings, words, adopted, ..counterpart });
            record.netted.clone_from(&item.netted);
            std::mem::replace(&mut record.applied, item.applied.clone())
        }
        Part::Applied(to) => {
            let before = record.applied.iter().filter(|row| row.to == to).cloned().collect();
            record.apply_part(to, &item.applied, counterpart);
            before
        }
    }
}

fn settle_record(pass: &Pass<'_>, item: &IntentItem, record: &mut RecordState, total: Money) {
    record.attempt += 1;
    record.blocked_by = None;
    if total == item.total || item.object == ObjectKind::Customer {
        record.state = State::Synced;
        record.fault = None;
    } else {
        let reason = format!("Stax Bill's total is {}, and QuickBooks made it {total}", item.total);
        record.state = State::Failed;
        record.fault = Some(fault(pass, (item.key, record), (Code::AmountMismatch, reason), None));
    }
}

/// An object found by its mark takes the place of a write whose outcome was
/// not known, or that QuickBooks refused because it is there already; `commit`
/// is what becomes true with it.
pub(crate) async fn adopt_found(
    pass: &Pass<'_>,
    item: &IntentItem,
    object: &Observed,
    mut commit: Commit,
) -> Result<(), StoreError> {
    let Some(mut record) = pass.register.record(item.key)? else { return Ok(()) };
    recover(pass, &mut record, item.part, object)?;
    if let (Part::Whole, Some(written)) = (item.part, record.object.as_mut()) {
        // It says what was sent, which may have been amended since.
        written.words.clone_from(&item.words);
    }
    let same = match item.object {
        ObjectKind::Invoice | ObjectKind::CreditMemo | ObjectKind::JournalEntry | ObjectKind::Payment => {
            object.total
        }
        ObjectKind::Customer => item.total,
    };
    settle_record(pass, item, &mut record, same);
    pass.forget_foreign(&mut commit, object.kind, &object.id)?;
    commit.record(item.key, &record);
    commit.object(object.kind, &object.id, (item.key, item.part));
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
        paste: Vec::new(),
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

async fn wait_for(pass: &Pass<'_>, items: &[IntentItem], mut commit: Commit) -> Result<(), StoreError> {
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
pub(crate) fn history(
    pass: &Pass<'_>,
    request_id: &str,
    item: &IntentItem,
    id: Option<&ObjectId>,
) -> HistoryLine {
    let currency = pass.register.record(item.key).ok().flatten().map(|record| record.currency);
    HistoryLine {
        at: pass.world.clock.now(),
        pass: pass.number,
        key: item.key,
        action: item.action.clone(),
        object: item.object,
        quickbooks_id: id.cloned(),
        amount: item.amount,
        currency: currency.unwrap_or(model::Currency::NONE),
        request_id: request_id.to_owned(),
        intuit_tid: None,
        resolved: None,
    }
}

/// Tells the history of a write that was cut off and had taken effect.
pub(crate) fn tell_history(pass: &Pass<'_>, request_id: &str, item: &IntentItem, id: &ObjectId) {
    (pass.world.history)(&history(pass, request_id, item, Some(id)));
}

/// Records that an answer changes, each read once: two items of a batch may be
/// about one record, or settle one invoice.
#[derive(Default)]
struct Changed(BTreeMap<Key, RecordState>);

impl Changed {
    fn record(&mut self, pass: &Pass<'_>, key: Key) -> Result<&mut RecordState, StoreError> {
        match self.0.entry(key) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let missing = || StoreError::Damaged { what: format!("{key} has no state") };
                Ok(entry.insert(pass.register.record(key)?.ok_or_else(missing)?))
            }
        }
    }

    /// What applying does to the open amounts of both ends, so that nothing
    /// has to be read for the tie-out; the change feed brings QuickBooks' own
    /// figures.
    fn apply(&mut self, pass: &Pass<'_>, item: &IntentItem, before: &[Applied]) -> Result<(), StoreError> {
        let signed = before.iter().map(|row| (row.to, row.amount));
        let signed = signed.chain(item.applied.iter().map(|row| (row.to, Money::ZERO - row.amount)));
        let mut freed = Money::ZERO;
        for (to, change) in signed.collect::<Vec<_>>() {
            freed += change;
            let settled = to.entity == model::Entity::Invoice && pass.register.record(to)?.is_some();
            if settled && let Some(object) = self.record(pass, to)?.object.as_mut() {
                object.open += change;
            }
        }
        // A payment's own open amount is in the answer; a memo's is not.
        if item.part != Part::Whole
            && let Some(memo) = self.record(pass, item.key)?.object.as_mut()
        {
            memo.open += freed;
            memo.sync_token.clear();
        }
        Ok(())
    }

    fn store(self, commit: &mut Commit) {
        for (key, record) in self.0 {
            commit.record(key, &record);
        }
    }
}
