//! The tally: counts and root causes, from the state alone.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::dismissals::Dismissals;
use super::frozen::guard_rows;
use super::resends::resend_rows;
use super::roots::Roots;
use super::tie_out::{Books, tie_out};
use super::{Cause, Done, Notice};
use crate::entity::ORDER;
use crate::model::{Code, Decisions, Entity, Key, Money, RecordState, State};
use crate::report::{Blocks, EntityRow, ResendRow, TieOut, WarningRow};
use crate::store::{Register, StoreError};

/// Everything a report counts.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Counts by entity.
    pub entities: Vec<EntityRow>,
    /// Root causes, those of the whole company first.
    pub warnings: Vec<WarningRow>,
    /// Open amounts of both sides.
    pub tie_out: TieOut,
    /// What became of resends.
    pub resends: Vec<ResendRow>,
    /// What is worth knowing about dismissals.
    pub notices: Vec<Notice>,
}

/// Under this name the state keeps the causes of the whole company that stand.
pub(super) const CAUSES: &str = "causes";

/// A cause of the whole company, and since when it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct KnownCause {
    code: Code,
    since: Timestamp,
    passes: u32,
}

/// The causes that stand after a pass: one that stood already keeps its date.
pub(super) fn standing(causes: &[Cause], known: &[KnownCause], now: Timestamp) -> Vec<KnownCause> {
    let stood = |code: Code| known.iter().find(|known| known.code == code);
    let known = |cause: &Cause| KnownCause {
        code: cause.code,
        since: stood(cause.code).map_or(now, |stood| stood.since),
        passes: stood(cause.code).map_or(1, |stood| stood.passes + 1),
    };
    causes.iter().map(known).collect()
}

/// Counts everything as it stands at `now`, after `done` or in the middle of it;
/// `today` is the day by the company's calendar.
pub fn tally(
    register: &Register,
    done: &Done,
    now: Timestamp,
    (decisions, today): (&Decisions, Date),
) -> Result<Tally, StoreError> {
    let dismissals = Dismissals::of(register, decisions, today)?;
    let mut entities = Vec::new();
    let stopped = done.causes.iter().find(|cause| cause.stops()).map(|cause| cause.code);
    let mut roots = Roots::new(company_rows(register, done, now)?, guard_rows(register, decisions)?, stopped);
    let mut books = Books::default();
    for entry in ORDER {
        let mut row = EntityRow::empty(entry.entity);
        register.each_record(entry.entity, |key, record| {
            row.count(record.state, stands(register, key, &record)?);
            if record.state == State::NotTried {
                let due = record.fault.as_ref().and_then(|fault| fault.next_attempt_at);
                row.next_try_at = row.next_try_at.max(due);
            }
            books.weigh(key, &record);
            let warning = warning(key, &record).map(|warning| dismissals.mark((key, &record), warning));
            let dismissed = warning.as_ref().is_some_and(|warning| warning.dismissed.is_some());
            if roots.count(key, &record, warning) {
                *if dismissed { &mut row.dismissed } else { &mut row.warnings } += 1;
            }
            Ok(())
        })?;
        entities.push(row);
    }
    let mut warnings = roots.sorted(register)?;
    warnings.splice(0..0, early_rows(register, done, now)?);
    name_customers(register, &mut warnings)?;
    let written = done.steps.iter().filter_map(|step| step.customer.parse().ok()).collect();
    let (resends, notices) = (resend_rows(register, decisions)?, dismissals.notices(register)?);
    Ok(Tally { entities, warnings, tie_out: tie_out(register, &books, &written)?, resends, notices })
}

fn company_rows(register: &Register, done: &Done, now: Timestamp) -> Result<Vec<WarningRow>, StoreError> {
    let known: Vec<KnownCause> = register.mark(CAUSES)?.unwrap_or_default();
    let mut causes: Vec<&Cause> = done.causes.iter().collect();
    causes.sort_by_key(|cause| cause.holds);
    Ok(causes.into_iter().map(|cause| company_warning(cause, &known, now)).collect())
}

/// What will concern the whole company, and holds nothing up yet.
fn early_rows(register: &Register, done: &Done, now: Timestamp) -> Result<Vec<WarningRow>, StoreError> {
    let known: Vec<KnownCause> = register.mark(CAUSES)?.unwrap_or_default();
    Ok(done.early.iter().map(|cause| company_warning(cause, &known, now)).collect())
}

/// Whether a record has a living counterpart. A payment that its own refunds
/// brought to nothing counts as one, and so does what a refund or a debit
/// lowered.
fn stands(register: &Register, key: Key, record: &RecordState) -> Result<bool, StoreError> {
    if record.living().is_some() || was_used_up(record) {
        return Ok(true);
    }
    let Some(of) = record.of.filter(|of| of.entity != Entity::Invoice) else { return Ok(false) };
    let whole = register.record(of)?;
    let lowered = |whole: &RecordState| whole.living().is_some() || was_used_up(whole);
    Ok(whole.is_some_and(|whole| whole.netted.contains(&key) && lowered(&whole)))
}

/// Whether an object was voided by its own refunds.
pub(super) fn was_used_up(record: &RecordState) -> bool {
    let netted = record.withdrawals.iter().filter(|one| record.netted.contains(&one.key));
    let netted: Money = netted.map(|one| one.amount).sum();
    let voided = record.object.as_ref().is_some_and(|object| object.dead && !object.deleted);
    voided && !netted.is_zero() && netted == record.amount
}

fn warning(key: Key, record: &RecordState) -> Option<WarningRow> {
    let stands = match record.state {
        State::Failed | State::Held | State::Drifted => true,
        State::Synced | State::NotTried | State::Blocked | State::OutOfScope => false,
    };
    let fault = record.fault.as_ref().filter(|_| stands)?;
    Some(WarningRow {
        key: key.to_string(),
        entity: Some(key.entity),
        id: key.id.to_string(),
        label: record.label.clone(),
        state: Some(record.state),
        code: fault.code,
        reason: fault.reason.clone(),
        remedy: fault.code.remedy().todo.to_owned(),
        paste: fault.paste.clone(),
        quickbooks: fault.quickbooks.clone(),
        since: fault.since,
        attempts: fault.attempts,
        next_attempt_at: fault.next_attempt_at,
        blocks: Blocks::default(),
        dismissed: None,
    })
}

/// A document's warning bears its customer's name: a number alone tells a
/// reader nothing.
fn name_customers(register: &Register, warnings: &mut [WarningRow]) -> Result<(), StoreError> {
    for warning in warnings {
        let Ok(key) = warning.key.parse::<Key>() else { continue };
        if key.entity != Entity::Customer
            && let Some(record) = register.record(key)?
            && let Some(customer) = register.record(Key::customer(record.customer))?
        {
            warning.label = format!("{} of {}", record.label, customer.label);
        }
    }
    Ok(())
}

fn company_warning(cause: &Cause, known: &[KnownCause], now: Timestamp) -> WarningRow {
    let stood = known.iter().find(|known| known.code == cause.code);
    let id = cause.code.name().to_owned();
    WarningRow {
        key: format!("company/{id}"),
        entity: None,
        label: id.clone(),
        id,
        state: None,
        code: cause.code,
        reason: cause.reason.clone(),
        remedy: cause.todo().to_owned(),
        paste: Vec::new(),
        quickbooks: cause.quickbooks.clone(),
        since: stood.map_or(now, |stood| stood.since),
        attempts: stood.map_or(1, |stood| stood.passes),
        next_attempt_at: None,
        blocks: Blocks::default(),
        dismissed: None,
    }
}
