//! From steps to an intent: the exact bytes that will be sent.

use std::sync::atomic::Ordering;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Lanes;
use crate::entity::{customer, invoice, payment};
use crate::model::{
    Code, Counterpart, Desired, Entity, Key, ObjectKind, Observed, Problem, RecordState, Reference, State,
    Verb, fill,
};
use crate::pass::{Pass, Stop};
use crate::plan::{Action, Step};
use crate::quickbooks::{CallError, batch_body, escape};
use crate::staxbill::StaxError;
use crate::store::{Body, Commit, Intent, IntentItem, Operation, StoreError};

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
                    lanes.stop(cause);
                    return Ok(None);
                }
            },
            Err(Refusal::Problem(problem)) => hold(pass, step.key, problem).await?,
        }
    }
    if items.is_empty() {
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
        let void = if item.operation == Operation::Void { "operation=update&include=void&" } else { "" };
        let path = format!("{}?{void}minorversion=75&requestid={request_id}", item.object.path());
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

/// A name of its own for every attempt of every part of every record, in every
/// life of the process: an id is never used for two requests.
fn request_id(pass: &Pass<'_>, items: &[IntentItem]) -> Result<String, StoreError> {
    let (realm, epoch) = (&pass.world.settings.company.realm_id, pass.world.memory.epoch);
    let mut name = format!("{realm} {epoch}");
    for item in items {
        let attempt = pass.register.record(item.key)?.map_or(0, |record| record.attempt);
        name = format!("{name} {} {} {:?} {attempt}", item.key, item.action, item.operation);
    }
    Ok(Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string())
}

enum Refusal {
    Stop(Box<Stop>),
    Problem(Problem),
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
            StaxError::Unreadable(_) | StaxError::NotFound(_) => {
                Self::Problem(Problem::new(Code::InvalidRecord, error.to_string()))
            }
            StaxError::Unreachable(_) | StaxError::Throttled(_) | StaxError::Refused { .. } => {
                Self::Stop(Box::new(error.into()))
            }
        }
    }
}

async fn item(pass: &Pass<'_>, step: &Step, number: usize) -> Result<Option<IntentItem>, Refusal> {
    let Some(record) = pass.register.record(step.key)? else { return Ok(None) };
    let (body, find) = match (step.entity, step.action) {
        (Entity::Customer, Action::Adopt) => match adoption(pass, step, &record).await? {
            Some(body) => (body, None),
            None => return Ok(None),
        },
        (Entity::Payment, Action::Void) => (json!({}), None),
        (Entity::Payment, Action::Amend | Action::Apply | Action::Release | Action::Restore) => {
            let (mut body, references) = payment::amendment(record.customer, record.amount, &step.applied);
            if let (Action::Restore, Some(date)) = (step.action, record.date) {
                body["TxnDate"] = json!(date.to_string());
                body["PaymentRefNum"] = json!(step.key.id.to_string());
            }
            (filled(pass, body, &references)?, None)
        }
        _ => {
            let desired = desired(pass, step).await?;
            (filled(pass, desired.body.clone(), &desired.references)?, Some(desired.number))
        }
    };
    let known = match step.action {
        Action::Create => None,
        Action::Adopt => pass
            .candidates
            .get(&step.key.id)
            .and_then(Option::as_ref)
            .map(|found| (found.id.clone(), found.sync_token.clone())),
        Action::Amend | Action::Apply | Action::Release | Action::Void | Action::Restore => {
            record.object.as_ref().map(|object| (object.id.clone(), object.sync_token.clone()))
        }
    };
    let mut body = body;
    if let Some((id, sync_token)) = &known {
        // Sparse: what we do not send stays as it is (a full update would null it).
        body["Id"] = json!(id.as_str());
        body["SyncToken"] = json!(sync_token);
        body["sparse"] = json!(true);
    }
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
        operation,
        object: step.object,
        id,
        sync_token,
        number: find,
        posted: record.source.clone(),
        applied: step.applied.clone(),
        crossing: step.crossing.as_ref().map(|problem| problem.reason.clone()),
        action: step.action.name().to_owned(),
        amount: step.amount,
        body,
    }))
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
    commit.object(ObjectKind::Customer, &found.id, step.key);
    commit.drop_body(step.key);
    pass.register.commit(commit).await?;
    Ok(None)
}

async fn desired(pass: &Pass<'_>, step: &Step) -> Result<Desired, Refusal> {
    let staxbill = &pass.world.staxbill;
    let gone = || {
        Problem::new(
            Code::InvalidRecord,
            format!("the content of {} is not at hand; the next full scan reads it again", step.key),
        )
    };
    let translated = match pass.register.body(step.key)? {
        Some(Body::Customer(mut record)) => {
            (record.billing_address, record.shipping_address) = staxbill.addresses(record.id).await?;
            let link = pass.world.decisions.links.get(&record.id).map(|link| &link.verb);
            let name = match link {
                Some(Verb::Create { name, .. }) => name.as_deref(),
                Some(Verb::Adopt { .. } | Verb::Skip { .. }) | None => None,
            };
            customer::create(&record, name, &pass.world.settings.customers.display_name, pass.setting())
        }
        Some(Body::Invoice(record)) => invoice::translate(&record, pass.setting()),
        Some(Body::Payment(record)) => payment::translate(&record, step.total, &step.applied, pass.setting()),
        None if step.entity == Entity::Invoice => {
            // A posted invoice's lines are not kept: to write them again, they are read again.
            let mut record = staxbill
                .invoice_summary(step.key.id)
                .await?
                .map_err(|row| Refusal::Problem(Problem::new(Code::InvalidRecord, row.reason)))?;
            let read = staxbill.invoice_lines(record.id, record.currency).await?;
            let mut lines =
                read.map_err(|reason| Refusal::Problem(Problem::new(Code::InvalidRecord, reason)))?;
            let mut commit = Commit::new();
            pass.fill_products(&mut commit, &mut lines).await?;
            pass.register.commit(commit).await?;
            record.lines = Some(lines);
            invoice::translate(&record, pass.setting())
        }
        None => return Err(Refusal::Problem(gone())),
    };
    translated.map_err(Refusal::Problem)
}

fn filled(pass: &Pass<'_>, body: Value, references: &[Reference]) -> Result<Value, Refusal> {
    fill(body, references, |to| {
        let record = pass.register.record(to)?;
        let id = record.as_ref().and_then(RecordState::living).map(|object| object.id.as_str().to_owned());
        let reason = format!("{to} has no object in QuickBooks any more");
        id.ok_or_else(|| Refusal::Problem(Problem::new(Code::InvalidRecord, reason)))
    })
}

async fn hold(pass: &Pass<'_>, key: Key, problem: Problem) -> Result<(), StoreError> {
    let Some(mut record) = pass.register.record(key)? else { return Ok(()) };
    let basis = pass.basis(key, &record);
    record.state = State::Failed;
    record.fault = Some(crate::model::Fault {
        code: problem.code,
        reason: problem.reason,
        quickbooks: None,
        since: pass.world.clock.now(),
        attempts: 0,
        next_attempt_at: None,
        basis,
    });
    let mut commit = Commit::new();
    commit.record(key, &record);
    pass.register.commit(commit).await
}

/// The living object that bears a record's mark, by the number it was given.
/// A voided object never answers.
pub(crate) async fn find_by_mark(
    pass: &Pass<'_>,
    key: Key,
    object: ObjectKind,
    number: &str,
) -> Result<Vec<Observed>, CallError> {
    let (field, more) = match object {
        ObjectKind::Customer => ("DisplayName", " AND Active IN (true, false)"),
        ObjectKind::Invoice | ObjectKind::CreditMemo | ObjectKind::JournalEntry => ("DocNumber", ""),
        ObjectKind::Payment => ("PaymentRefNum", ""),
    };
    let statement =
        format!("SELECT * FROM {object} WHERE {field} = '{}'{more} MAXRESULTS 1000", escape(number));
    let rows = pass.world.quickbooks.query(&statement).await?;
    let mut found = rows
        .observed()
        .filter(|found| found.mark == Some(crate::model::Mark::of(key)) && !found.dead)
        .collect::<Vec<_>>();
    // The older one is ours; a "Copy" of it bears the mark too.
    found.sort_by_key(|found| found.id.as_str().parse::<u64>().unwrap_or(u64::MAX));
    Ok(found)
}
