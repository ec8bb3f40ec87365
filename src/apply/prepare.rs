//! From steps to an intent: the exact bytes that will be sent.

use std::sync::atomic::Ordering;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Lanes;
use super::bytes::{self, Made};
use super::outcome::fault;
use crate::entity::customer;
use crate::model::{
    Code, Counterpart, Entity, Fault, Key, Mark, ObjectKind, Observed, Part, Problem, RecordState, Retry,
    State,
};
use crate::mutation::Mutation;
use crate::pass::{Cause, Pass, Stop, next_attempt, see};
use crate::plan::{self, Action, Step};
use crate::quickbooks::{CallError, batch_body, same};
use crate::staxbill::StaxError;
use crate::store::{Commit, Intent, IntentItem, Operation, StoreError};

/// Names everything that a request id is made from; never changed, because an
/// open intent keeps its id.
const NAMESPACE: Uuid = Uuid::from_u128(0x8c1f_6f0e_53a7_4d0b_9a2e_6c61_7463_6864);

/// The intent of a lot; `None` where nothing of it is to be sent.
pub(super) async fn intent(
    pass: &Pass<'_>,
    lanes: &Lanes,
    lot: &[&Step],
) -> Result<Option<Intent>, StoreError> {
    let mut items = Vec::new();
    for step in lot {
        match item(pass, step, items.len() + 1).await {
            Ok(Some(item)) => items.push(item),
            Ok(None) => {}
            Err(Refusal::Stop(stop)) => match *stop {
                Stop::Store(error) => return Err(error),
                Stop::Cause(cause) => {
                    lanes.stop(*cause);
                    return Ok(None);
                }
            },
            Err(Refusal::Problem(problem)) => hold(pass, step.key, problem, Retry::Person).await?,
            Err(Refusal::Again(problem)) => hold(pass, step.key, problem, Retry::Soon).await?,
        }
    }
    if items.is_empty() {
        return Ok(None);
    }
    if let Some(wrong) = contradiction(lot, &items) {
        let reason = format!(
            "latchd's own check found that what it was about to send is not what it had planned: {}: {}; it was not sent. Please report it.",
            wrong.key, wrong.what
        );
        lanes.stop(Cause::new(Code::Guard, reason));
        return Ok(None);
    }
    let world = pass.world;
    let batch = items.len() > 1;
    let seq = world.memory.next_seq.fetch_add(1, Ordering::Relaxed);
    let request_id = request_id(pass, &items)?;
    let (path, body) = if batch {
        (format!("batch?minorversion=75&requestid={request_id}"), batch_body(&items))
    } else {
        let item = &items[0];
        let options = match item.operation {
            Operation::Void => "operation=update&include=void&",
            // A number that QuickBooks has already is meant to be there twice.
            Operation::Create if lot.iter().any(|step| accepted(pass, step)) => {
                "include=allowduplicatedocnum&"
            }
            Operation::Create | Operation::Update => "",
        };
        let path = format!("{}?{options}minorversion=75&requestid={request_id}", item.object.path());
        (path, item.body.get().to_owned())
    };
    let generation = world.generation.clone();
    Ok(Some(Intent {
        seq,
        path,
        body,
        request_id,
        batch,
        items,
        begun_at: world.clock.now(),
        generation,
        spent: false,
    }))
}

/// Whether a step makes a document that the files accept though something looks
/// like it, or that takes the place of a voided one: its number may be there
/// already.
pub(super) fn accepted(pass: &Pass<'_>, step: &Step) -> bool {
    let numbered = match step.object {
        ObjectKind::Invoice | ObjectKind::CreditMemo | ObjectKind::JournalEntry => true,
        ObjectKind::Customer | ObjectKind::Payment => false,
    };
    let customer = step.customer.parse::<u64>();
    numbered
        && step.action == Action::Create
        && (pass.replaces_voided(step.key) || customer.is_ok_and(|customer| pass.accepts(step.key, customer)))
}

/// Whether writes about a record twice got no definite answer and had no effect.
pub(super) fn suspect(pass: &Pass<'_>, step: &Step) -> bool {
    let fault = pass.register.record(step.key).ok().flatten().and_then(|record| record.fault);
    fault.is_some_and(|fault| fault.code == Code::UnknownOutcome && fault.attempts > 1)
}

/// What a second opinion finds wrong with what is about to be written down.
/// Steps that came to no write are accounted for elsewhere: they say why.
fn contradiction(lot: &[&Step], items: &[IntentItem]) -> Option<plan::Contradiction> {
    let made = |step: &&&Step| items.iter().any(|item| (item.key, item.part) == (step.key, step.part));
    let steps = lot.iter().filter(made).copied().collect::<Vec<_>>();
    let writes = items.iter().map(write).collect::<Vec<_>>();
    plan::written(&steps, &writes).into_iter().next()
}

fn write(item: &IntentItem) -> plan::Write<'_> {
    plan::Write {
        key: item.key,
        part: item.part,
        operation: match item.operation {
            Operation::Create => plan::Operation::Create,
            Operation::Update => plan::Operation::Update,
            Operation::Void => plan::Operation::Void,
        },
        object: item.object,
        total: item.total,
        body: item.body.get(),
    }
}

/// A name of its own for every attempt of every part of every record, in every
/// life of the process: an id is never used for two requests.
fn request_id(pass: &Pass<'_>, items: &[IntentItem]) -> Result<String, StoreError> {
    let (realm, epoch) = (&pass.world.settings.company.realm_id, pass.world.memory.epoch);
    let mut name = format!("{realm} {epoch}");
    for item in items {
        let attempt = pass.register.record(item.key)?.map_or(0, |record| record.attempt);
        let attempt = if Mutation::ReuseRequestId.is_planted() { 0 } else { attempt };
        let part = Option::<Key>::from(item.part).map(|to| format!(" {to}")).unwrap_or_default();
        name = format!("{name} {}{part} {} {:?} {attempt}", item.key, item.action, item.operation);
    }
    Ok(Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string())
}

/// Why a step comes to no write.
pub(super) enum Refusal {
    /// Nothing more is to be written at all.
    Stop(Box<Stop>),
    /// The record is not as it should be; it is parked until it changes.
    Problem(Problem),
    /// Something was not at hand just now; the next pass looks again.
    Again(Problem),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Stop(Box::new(error.into()))
    }
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        Self::Stop(Box::new(stop))
    }
}

impl From<StaxError> for Refusal {
    /// What cannot be read of one record stops that record alone.
    fn from(error: StaxError) -> Self {
        match error {
            StaxError::Unreadable(_) => Self::Again(Problem::new(Code::InvalidRecord, error.to_string())),
            StaxError::NotFound(_) => Self::Problem(Problem::new(Code::InvalidRecord, error.to_string())),
            StaxError::Unreachable(_) | StaxError::Throttled(_) | StaxError::Refused { .. } => {
                Self::Stop(Box::new(error.into()))
            }
        }
    }
}

async fn item(pass: &Pass<'_>, step: &Step, number: usize) -> Result<Option<IntentItem>, Refusal> {
    let Some(mut record) = pass.register.record(step.key)? else { return Ok(None) };
    if step.action != Action::Adopt && !versioned(pass, step, &mut record).await? {
        return Ok(None);
    }
    let made = match (step.entity, step.action) {
        (Entity::Customer, Action::Adopt) => match adoption(pass, step, &record).await? {
            Some(body) => Made::amendment(body),
            None => return Ok(None),
        },
        _ => bytes::made(pass, step, &record).await?,
    };
    let known = match step.action {
        Action::Create => None,
        Action::Adopt => pass
            .candidates
            .get(&step.key.id)
            .and_then(Option::as_ref)
            .map(|found| (found.id.clone(), found.sync_token.clone())),
        Action::Amend | Action::Apply | Action::Release | Action::Void | Action::Restore => {
            let object = record.part(step.part).filter(|object| object.lives());
            object.map(|object| (object.id.clone(), object.sync_token.clone()))
        }
    };
    let mut body = made.body;
    if let Some((id, sync_token)) = &known {
        // Sparse: what we do not send stays as it is (a full update would null it).
        body["Id"] = json!(id.as_str());
        body["SyncToken"] = json!(sync_token);
        body["sparse"] = json!(true);
    }
    let anew = matches!(step.entity, Entity::ChargeReversal | Entity::WriteOff) && step.part == Part::Whole;
    let whole = anew || matches!(step.action, Action::Create | Action::Restore);
    let operation = match (step.action, &known) {
        (Action::Void, _) => Operation::Void,
        (_, None) => Operation::Create,
        (_, Some(_)) => Operation::Update,
    };
    let (id, sync_token) = known.unzip();
    let body = RawValue::from_string(body.to_string()).expect("a JSON value prints as JSON");
    Ok(Some(IntentItem {
        bid: number.to_string(),
        key: step.key,
        part: step.part,
        operation,
        object: step.object,
        id,
        sync_token,
        number: made.number,
        posted: record.source.clone(),
        settings: whole.then(|| pass.settings.clone()),
        total: step.total,
        applied: step.applied.clone(),
        netted: step.netted.clone(),
        words: made.words,
        crossing: step.crossing.clone(),
        action: step.action.name().to_owned(),
        amount: step.amount,
        body,
    }))
}

/// What applies a memo moves the memo's version too, and the answer does not
/// tell it: it is read before the memo is written. Tells whether it still is as
/// it was known.
async fn versioned(pass: &Pass<'_>, step: &Step, record: &mut RecordState) -> Result<bool, Refusal> {
    let Some(known) = record.part(step.part).filter(|object| object.sync_token.is_empty()) else {
        return Ok(true);
    };
    let (id, content) = (known.id.clone(), known.content.clone());
    let found = pass.world.quickbooks.object(step.object, &id).await;
    let found = found.map_err(|error| Refusal::from(Stop::from(error)))?;
    let same = found.as_ref().is_some_and(|found| found.content == content);
    match found {
        Some(found) => see(pass, record, step.part, &found)?,
        None => record.lose_part(step.part),
    }
    let mut commit = Commit::new();
    commit.record(step.key, record);
    pass.register.commit(commit).await?;
    Ok(same)
}

/// An adopted customer gets our mark into its notes; one that bears it, or has
/// no room for it, is ours without a write.
async fn adoption(pass: &Pass<'_>, step: &Step, record: &RecordState) -> Result<Option<Value>, Refusal> {
    let Some(found) = pass.candidates.get(&step.key.id).and_then(Option::as_ref) else { return Ok(None) };
    if let Some(notes) = customer::marked_notes(step.key, found) {
        return Ok(Some(json!({ "Notes": notes })));
    }
    let mut record = record.clone();
    record.object = Some(Counterpart::written(found, record.source.clone()));
    record.state = State::Synced;
    record.fault = None;
    let mut commit = Commit::new();
    commit.record(step.key, &record);
    commit.object(ObjectKind::Customer, &found.id, (step.key, Part::Whole));
    commit.drop_body(step.key);
    pass.register.commit(commit).await?;
    Ok(None)
}

/// Parks a record that comes to no write: what it cost to find out is not spent
/// again in every wave and every pass.
async fn hold(pass: &Pass<'_>, key: Key, problem: Problem, retry: Retry) -> Result<(), StoreError> {
    let Some(mut record) = pass.register.record(key)? else { return Ok(()) };
    record.state = State::Failed;
    let fault = fault(pass, (key, &record), (problem.code, problem.reason), None);
    let next_attempt_at = next_attempt(key, retry, fault.attempts, pass.world.clock.now());
    record.fault = Some(Fault { next_attempt_at, ..fault });
    let mut commit = Commit::new();
    commit.record(key, &record);
    pass.register.commit(commit).await
}

/// The living objects that bear an item's mark: by the number it was given,
/// else by its day. A voided object never answers.
pub(crate) async fn find_by_mark(pass: &Pass<'_>, item: &IntentItem) -> Result<Vec<Observed>, CallError> {
    let sent = serde_json::from_str::<Value>(item.body.get()).unwrap_or_default();
    let (field, more) = match item.object {
        ObjectKind::Customer => ("DisplayName", " AND Active IN (true, false)"),
        ObjectKind::Invoice | ObjectKind::CreditMemo | ObjectKind::JournalEntry => ("DocNumber", ""),
        ObjectKind::Payment => ("PaymentRefNum", ""),
    };
    let text = |pointer: &str| sent.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let filter = match (&item.number, item.object) {
        (Some(number), _) => format!("{}{more}", same(field, number)),
        // QuickBooks numbered it; a journal entry cannot be asked for by customer.
        (None, ObjectKind::JournalEntry) => format!("TxnDate = '{}'", text("/TxnDate")),
        (None, _) => {
            format!(
                "{} AND TxnDate = '{}'",
                same("CustomerRef", text("/CustomerRef/value")),
                text("/TxnDate")
            )
        }
    };
    let statement = format!("SELECT * FROM {} WHERE {filter} MAXRESULTS 1000", item.object);
    let rows = pass.world.quickbooks.query(&statement).await?;
    let mark = Mark { key: item.key, part: item.part };
    let mut found = rows.observed().filter(|found| is_ours(found, mark) && !found.dead).collect::<Vec<_>>();
    // The older one is ours; a "Copy" of it bears the mark too.
    found.sort_by_key(|found| found.id.as_str().parse::<u64>().unwrap_or(u64::MAX));
    Ok(found)
}

/// By its number alone a document may be anybody's.
fn is_ours(found: &Observed, mark: Mark) -> bool {
    found.mark == Some(mark) || found.mark.is_none() && Mutation::AdoptByNumber.is_planted()
}
