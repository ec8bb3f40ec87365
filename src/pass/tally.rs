//! The tally: counts, root causes and the tie-out, from the state alone and
//! independent of the planner.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Cause;
use crate::entity::ORDER;
use crate::model::{Currency, Entity, Key, Money, RecordState, State};
use crate::report::{Amount, Blocks, EntityRow, TieOut, TieOutRow, WarningRow};
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
}

/// What a customer's records come to in one currency.
#[derive(Default)]
struct Balance {
    staxbill: Money,
    quickbooks: Money,
    unsettled: bool,
}

/// Counts everything. `causes` are those of the last pass, which ended at
/// `now`.
pub fn tally(register: &Register, causes: &[Cause], now: Timestamp) -> Result<Tally, StoreError> {
    let mut entities = Vec::new();
    let mut warnings = Vec::new();
    let mut blocks = BTreeMap::<Key, (u64, BTreeMap<Currency, Money>)>::new();
    let mut balances = BTreeMap::<(u64, Currency), Balance>::new();
    let mut linked = 0;
    for entry in ORDER {
        let mut row = EntityRow::empty(entry.entity);
        register.each_record(entry.entity, |key, record| {
            row.count(record.state, stands(&record));
            if key.entity == Entity::Customer {
                linked += u64::from(record.living().is_some() && record.state != State::OutOfScope);
            } else if record.state != State::OutOfScope {
                weigh(&mut balances, key, &record);
            }
            if let (State::Blocked, Some(by)) = (record.state, record.blocked_by) {
                let blocked = blocks.entry(by).or_default();
                blocked.0 += 1;
                *blocked.1.entry(record.currency).or_default() += record.amount;
            }
            if let Some(warning) = warning(key, &record) {
                row.warnings += 1;
                warnings.push((key, warning));
            }
            Ok(())
        })?;
        entities.push(row);
    }
    let causes = causes.iter().map(|cause| company_warning(cause, now));
    let roots = warnings.into_iter().map(|(key, warning)| {
        let (records, amounts) = blocks.remove(&key).unwrap_or_default();
        let amounts = amounts.into_iter().map(|(currency, amount)| Amount { currency, amount }).collect();
        WarningRow { blocks: Blocks { records, amounts }, ..warning }
    });
    let warnings = causes.chain(roots).collect();
    Ok(Tally { entities, warnings, tie_out: tie_out(register, linked, balances)? })
}

/// A payment that its own refunds brought to nothing counts as standing.
fn stands(record: &RecordState) -> bool {
    let nothing_left = |record: &RecordState| record.amount.is_zero() && record.date.is_some();
    record
        .object
        .as_ref()
        .is_some_and(|object| object.lives() || (object.dead && !object.deleted && nothing_left(record)))
}

/// Open amounts: what Stax Bill says is owed less what it holds unallocated,
/// against QuickBooks' balances less what is unapplied there.
fn weigh(balances: &mut BTreeMap<(u64, Currency), Balance>, key: Key, record: &RecordState) {
    let balance = balances.entry((record.customer, record.currency)).or_default();
    let sign = |amount: Money| if key.entity == Entity::Payment { -amount } else { amount };
    balance.staxbill += sign(record.open);
    balance.quickbooks += record.living().map(|object| sign(object.open)).unwrap_or_default();
    balance.unsettled |= record.state != State::Synced;
}

/// A difference is explained by warnings, holds and crossings of the same
/// customer; what remains is not.
fn tie_out(
    register: &Register,
    customers: u64,
    balances: BTreeMap<(u64, Currency), Balance>,
) -> Result<TieOut, StoreError> {
    let mut unexplained = Vec::new();
    for ((customer, currency), balance) in balances {
        let difference = balance.staxbill - balance.quickbooks;
        if difference.is_zero() || balance.unsettled {
            continue;
        }
        let record = register.record(Key::customer(customer))?;
        unexplained.push(TieOutRow {
            customer: customer.to_string(),
            label: record.map(|record| record.label).unwrap_or_default(),
            currency,
            staxbill: balance.staxbill,
            quickbooks: balance.quickbooks,
            difference,
        });
    }
    Ok(TieOut { balanced: unexplained.is_empty(), customers, unexplained })
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
        quickbooks: fault.quickbooks.clone(),
        since: fault.since,
        attempts: fault.attempts,
        next_attempt_at: fault.next_attempt_at,
        blocks: Blocks::default(),
        dismissed: None,
    })
}

fn company_warning(cause: &Cause, now: Timestamp) -> WarningRow {
    let id = cause.code.name().to_owned();
    WarningRow {
        key: format!("company/{id}"),
        entity: None,
        label: id.clone(),
        id,
        state: None,
        code: cause.code,
        reason: cause.reason.clone(),
        remedy: cause.code.remedy().todo.to_owned(),
        quickbooks: cause.quickbooks.clone(),
        since: now,
        attempts: 1,
        next_attempt_at: None,
        blocks: Blocks::default(),
        dismissed: None,
    }
}
