//! Bytes: the body of each step, from the record's content where it is kept,
//! from Stax Bill where it is not.

use serde_json::{Value, json};

use super::prepare::Refusal;
use crate::entity::{
    application, charge_reversal, credit, customer, invoice, memo, payment, refund, write_off,
};
use crate::model::{
    Code, Counterpart, Credit, CreditNote, Desired, DocumentNumbers, Edit, Entity, Invoice, Key, Mark,
    ObjectKind, Observed, Part, Problem, RecordState, Reference, Verb, Words, fill,
};
use crate::pass::{Pass, Stop};
use crate::plan::{Action, Step};
use crate::store::{Body, Commit, Errand, StoreError};

/// What is sent.
pub(super) struct Made {
    pub(super) body: Value,
    /// The number by which a new object is found.
    pub(super) number: Option<String>,
    /// What of an invoice may be amended later.
    pub(super) words: Option<Words>,
}

impl Made {
    /// A change of something that stands.
    pub(super) fn amendment(body: Value) -> Self {
        Self { body, number: None, words: None }
    }
}

/// The body of a step, with the ids of what it refers to.
pub(super) async fn made(pass: &Pass<'_>, step: &Step, record: &RecordState) -> Result<Made, Refusal> {
    let stands = record.part(step.part).is_some_and(Counterpart::lives);
    let amends = stands && step.action != Action::Create;
    if step.action == Action::Void {
        return Ok(Made::amendment(json!({})));
    }
    if let Part::Applied(to) = step.part {
        return applied(pass, (step, record), to, amends);
    }
    match step.entity {
        Entity::Customer if amends && step.action == Action::Restore => {
            let found = living(pass, (step, record)).await?;
            let notes = found.as_ref().and_then(|found| customer::marked_notes(step.key, found));
            let notes = notes.or_else(|| found.and_then(|found| found.note)).unwrap_or_default();
            Ok(Made::amendment(json!({ "Notes": notes })))
        }
        Entity::Customer if amends => contact(pass, step).await,
        Entity::Payment if amends => {
            let (mut body, references) =
                payment::amendment(record.customer, step.total, &step.applied, &step.beside);
            if let (Action::Restore, Some(date)) = (step.action, step.date) {
                body["TxnDate"] = json!(date.to_string());
                body["PaymentRefNum"] = json!(step.key.id.to_string());
            }
            let unmarked = record.object.as_ref().is_some_and(|object| object.edited.contains(&Edit::Mark));
            if step.action == Action::Restore && unmarked {
                // What else stands in the note is the bookkeepers'.
                let note =
                    living(pass, (step, record)).await?.and_then(|found| found.note).unwrap_or_default();
                body["PrivateNote"] = json!(format!("{} {note}", Mark::of(step.key)).trim_end());
            }
            Ok(Made::amendment(filled(pass, (step, record), body, &references)?))
        }
        Entity::Credit if amends && step.action == Action::Amend => {
            let item = record.object.as_ref().and_then(|object| object.item.as_ref());
            let Some(item) = item else { return whole(pass, step, record).await };
            let (body, references) = memo::lowered(record.customer, item, step.total, pass.setting());
            Ok(Made::amendment(filled(pass, (step, record), body, &references)?))
        }
        Entity::Invoice if step.only_words => {
            let read = read_invoice(pass, step.key.id, true).await?;
            let lines = read.lines.as_ref();
            let posted = record.object.as_ref().and_then(|object| object.words.as_ref());
            let body = lines.map(|lines| invoice::words(read.id, lines, posted, pass.setting()));
            let words = lines.map(crate::model::InvoiceLines::words);
            Ok(Made { words, ..Made::amendment(body.unwrap_or_default()) })
        }
        Entity::Customer
        | Entity::Invoice
        | Entity::Payment
        | Entity::Refund
        | Entity::Credit
        | Entity::ChargeReversal
        | Entity::WriteOff => whole(pass, step, record).await,
    }
}

/// An object that stands, as it is now.
async fn living(pass: &Pass<'_>, (step, record): (&Step, &RecordState)) -> Result<Option<Observed>, Refusal> {
    let Some(object) = record.living() else { return Ok(None) };
    let found = pass.world.quickbooks.object(step.object, &object.id).await;
    found.map_err(|error| Refusal::from(Stop::from(error)))
}

/// Contact data that changed.
async fn contact(pass: &Pass<'_>, step: &Step) -> Result<Made, Refusal> {
    let Some(Body::Customer(mut customer)) = pass.register.body(step.key)? else {
        return Err(gone(step.key));
    };
    let staxbill = &pass.world.staxbill;
    (customer.billing_address, customer.shipping_address) = staxbill.addresses(customer.id).await?;
    Ok(Made::amendment(customer::contact(&customer, pass.setting())))
}

/// The object that applies a memo.
fn applied(
    pass: &Pass<'_>,
    (step, record): (&Step, &RecordState),
    to: Key,
    amends: bool,
) -> Result<Made, Refusal> {
    let memo = application::Memo {
        key: step.key,
        customer: record.customer,
        number: memo_number(step.key, record),
        currency: pass.targets.multicurrency.then_some(record.currency),
    };
    let row = step.applied.iter().find(|row| row.to == to);
    let row = row.ok_or_else(|| invalid(format!("nothing of {} is to be applied to {to}", step.key)))?;
    if amends && step.action != Action::Restore {
        let (body, references) = application::amendment(&memo, row);
        return Ok(Made::amendment(filled(pass, (step, record), body, &references)?));
    }
    let date = step.date.ok_or_else(|| invalid(format!("{} has no date", step.key)))?;
    let desired = application::create(&memo, row, date);
    let number = Some(desired.number.clone());
    let body = moved(pass, step, filled(pass, (step, record), desired.body, &desired.references)?);
    Ok(Made { number, ..Made::amendment(body) })
}

/// The number that a record's memo bears where Stax Bill numbers documents.
pub(crate) fn memo_number(key: Key, record: &RecordState) -> String {
    match key.entity {
        Entity::Credit => credit::number(key.id),
        Entity::WriteOff => write_off::number(key.id),
        Entity::Refund => refund::number_of(key.id),
        Entity::Payment => key.id.to_string(),
        Entity::Customer | Entity::Invoice | Entity::ChargeReversal => record.label.clone(),
    }
}

/// The whole document.
async fn whole(pass: &Pass<'_>, step: &Step, record: &RecordState) -> Result<Made, Refusal> {
    let (desired, words) = desired(pass, step, record).await?;
    let by_mark = pass.world.settings.posting.document_numbers == DocumentNumbers::Quickbooks;
    let numbered = matches!(desired.object, ObjectKind::Customer | ObjectKind::Payment) || !by_mark;
    let number = numbered.then(|| desired.number.clone());
    let mut body = moved(pass, step, filled(pass, (step, record), desired.body, &desired.references)?);
    // What stands keeps its day: it may have been moved to an open one.
    if step.action != Action::Create
        && let (Some(date), true) = (step.date, body.get("TxnDate").is_some())
    {
        body["TxnDate"] = json!(date.to_string());
    }
    Ok(Made { body, number, words })
}

/// A creation that is dated into a closed period goes to the first open day,
/// where the files say so.
fn moved(pass: &Pass<'_>, step: &Step, mut body: Value) -> Value {
    let closed = pass.targets.closed_through.filter(|_| pass.moves_creations());
    if let (Some(closed), Some(date)) = (closed, step.date)
        && step.quickbooks_id.is_none()
        && date <= closed
        && let Ok(open) = closed.tomorrow()
    {
        body["TxnDate"] = json!(open.to_string());
    }
    body
}

async fn desired(
    pass: &Pass<'_>,
    step: &Step,
    record: &RecordState,
) -> Result<(Desired, Option<Words>), Refusal> {
    let setting = pass.setting();
    let translated = match (step.entity, pass.register.body(step.key)?) {
        (Entity::Customer, Some(Body::Customer(mut customer))) => {
            let staxbill = &pass.world.staxbill;
            (customer.billing_address, customer.shipping_address) = staxbill.addresses(customer.id).await?;
            let link = pass.link(customer.id).map(|link| &link.verb);
            let name = match link {
                Some(Verb::Create { name, .. }) => name.as_deref(),
                Some(Verb::Adopt { .. } | Verb::Skip { .. } | Verb::Unlink { .. }) | None => None,
            };
            customer::create(&customer, name, &pass.world.settings.customers.display_name, setting)
        }
        (Entity::Invoice, _) => {
            let read = read_invoice(pass, step.key.id, false).await?;
            let words = read.lines.as_ref().map(crate::model::InvoiceLines::words);
            return Ok((invoice::translate(&read, setting).map_err(Refusal::Problem)?, words));
        }
        (Entity::Payment, Some(Body::Payment(payment))) => {
            payment::translate(&payment, step.total, &step.applied, setting)
        }
        (Entity::Refund, _) => {
            let of = record.of.ok_or_else(|| gone(step.key))?;
            let payment = pass.register.record(of)?.ok_or_else(|| gone(step.key))?;
            let refunded = payment.withdrawals.iter().find(|one| one.key == step.key);
            let refunded = pass.taken(refunded.ok_or_else(|| gone(step.key))?);
            refund::translate(&refunded, (record.customer, record.currency), setting)
        }
        (Entity::Credit, body) if body.is_some() || !record.opening => {
            credit::translate(&read_credit(pass, step.key, body).await?, step.total, setting)
        }
        (Entity::ChargeReversal, Some(Body::CreditNote(note))) => return note_memo(pass, &note).await,
        (Entity::WriteOff, Some(Body::WriteOff(write_off))) => write_off::translate(&write_off, setting),
        (Entity::Credit | Entity::ChargeReversal | Entity::WriteOff, _) => {
            pass.content_for_next(step.key).await?;
            let reason = format!("the content of {} is read again, and the next pass writes it", step.key);
            return Err(Refusal::Again(Problem::new(Code::InvalidRecord, reason)));
        }
        (Entity::Customer | Entity::Payment, _) => return Err(gone(step.key)),
    };
    Ok((translated.map_err(Refusal::Problem)?, None))
}

/// An invoice with its lines and products: kept until it is posted, read again
/// afterwards.
async fn read_invoice(pass: &Pass<'_>, id: u64, again: bool) -> Result<Invoice, Refusal> {
    let staxbill = &pass.world.staxbill;
    let kept = match pass.register.body(Key::invoice(id))? {
        Some(Body::Invoice(kept)) if kept.lines.is_some() && !again => return Ok(kept),
        _ => staxbill.invoice_summary(id).await?.map_err(|row| invalid(row.reason))?,
    };
    let mut lines = staxbill.invoice_lines(id, kept.currency).await?.map_err(invalid)?;
    let mut commit = Commit::new();
    pass.fill_products(&mut commit, &mut lines).await?;
    pass.register.commit(commit).await?;
    Ok(Invoice { lines: Some(lines), ..kept })
}

/// A credit that is to be posted: kept, or read again where it stood before.
async fn read_credit(pass: &Pass<'_>, key: Key, body: Option<Body>) -> Result<Credit, Refusal> {
    match body {
        Some(Body::Credit(credit)) => Ok(credit),
        _ => pass.world.staxbill.credit(key.id).await?.map_err(|row| invalid(row.reason)),
    }
}

/// The memo of a credit note: its charges are those of its invoice, and what
/// earlier notes took back of them counts.
async fn note_memo(pass: &Pass<'_>, note: &CreditNote) -> Result<(Desired, Option<Words>), Refusal> {
    // A list shows no rows, and these alone tell what Stax Bill's own
    // integration posted.
    let head = pass.world.staxbill.credit_note(note.id).await?.map_err(|row| invalid(row.reason))?;
    let key = Key { entity: Entity::ChargeReversal, id: note.id };
    let posted = head.lines.iter().find_map(|row| row.quickbooks_id.clone());
    if let Some(id) = posted.filter(|_| !pass.accepts(key, note.customer)) {
        return Err(theirs(pass, key, id).await?);
    }
    if head.reverses_more(&note.reversals) {
        let mut commit = Commit::new();
        commit.errand(Errand::CreditNotes(note.invoice));
        pass.register.commit(commit).await?;
        return Err(invalid("Stax Bill's stream does not tell all of its reversals yet".to_owned()));
    }
    let invoice = read_invoice(pass, note.invoice, false).await?;
    let lines = invoice.lines.as_ref().ok_or_else(|| gone(Key::invoice(note.invoice)))?;
    let first = note.reversals.iter().map(|one| one.id).min().unwrap_or(u64::MAX);
    let earlier = pass.register.reversals_of(note.invoice)?;
    let notes = pass.register.funds_of(note.invoice)?.into_iter();
    let earlier = charge_reversal::Earlier {
        reversals: earlier.into_iter().filter(|one| one.id < first).collect(),
        amount: notes
            .filter(|(key, _)| key.entity == Entity::ChargeReversal && key.id < note.id)
            .map(|(_, amount)| amount)
            .sum(),
    };
    let made = charge_reversal::translate(note, lines, &earlier, pass.setting());
    Ok((made.map_err(Refusal::Problem)?, None))
}

/// What Stax Bill's own integration posted is not posted again, and a plan shows
/// it from now on.
async fn theirs(pass: &Pass<'_>, key: Key, id: String) -> Result<Refusal, StoreError> {
    let reason = format!("Stax Bill's own integration posted it as {id}; it is not posted a second time");
    if let Some(mut record) = pass.register.record(key)? {
        record.staxbill_quickbooks_id = Some(id);
        let mut commit = Commit::new();
        commit.record(key, &record);
        pass.register.commit(commit).await?;
    }
    Ok(Refusal::Problem(Problem::new(Code::PossibleDuplicate, reason)))
}

fn invalid(reason: String) -> Refusal {
    Refusal::Problem(Problem::new(Code::InvalidRecord, reason))
}

fn gone(key: Key) -> Refusal {
    let reason = format!("the content of {key} is not at hand; the next full scan reads it again");
    Refusal::Again(Problem::new(Code::InvalidRecord, reason))
}

/// The body with the ids of what it names. What stands keeps its customer: a
/// link that moved away takes nothing along.
fn filled(
    pass: &Pass<'_>,
    (step, record): (&Step, &RecordState),
    body: Value,
    references: &[Reference],
) -> Result<Value, Refusal> {
    let stands = record.living().filter(|_| step.action != Action::Restore);
    let stays = stands.and_then(|object| object.customer.as_ref());
    fill(body, references, |to| {
        if let Some(customer) = stays.filter(|_| to.entity == Entity::Customer) {
            return Ok(customer.as_str().to_owned());
        }
        let record = pass.register.record(to)?;
        let id = record.as_ref().and_then(RecordState::living).map(|object| object.id.as_str().to_owned());
        let reason = || format!("{to} has no object in QuickBooks any more");
        id.ok_or_else(|| Refusal::Again(Problem::new(Code::InvalidRecord, reason())))
    })
}
