//! The tally: counts, root causes and the tie-out, from the state alone and
//! independent of the planner.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Cause;
use crate::entity::ORDER;
use crate::model::{Code, Currency, Entity, Key, Money, RecordState, State};
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

/// What a customer's records come to in one currency.
#[derive(Default)]
struct Balance {
    staxbill: Money,
    quickbooks: Money,
    /// What is not posted, or posted with another total: a warning says why.
    explained: Money,
}

impl Balance {
    fn remainder(&self) -> Money {
        self.staxbill - self.quickbooks - self.explained
    }
}

/// Counts everything. `causes` are those of the last pass, which ended at
/// `now`.
pub fn tally(register: &Register, causes: &[Cause], now: Timestamp) -> Result<Tally, StoreError> {
    let mut entities = Vec::new();
    let mut warnings = Vec::new();
    let mut blocks = BTreeMap::<Key, (u64, BTreeMap<(Entity, Currency), Money>)>::new();
    let mut balances = BTreeMap::<(u64, Currency), Balance>::new();
    let mut linked = BTreeSet::new();
    for entry in ORDER {
        let mut row = EntityRow::empty(entry.entity);
        register.each_record(entry.entity, |key, record| {
            row.count(record.state, stands(&record));
            if key.entity == Entity::Customer {
                if record.living().is_some() && record.state != State::OutOfScope {
                    linked.insert(key.id);
                }
            } else if record.state != State::OutOfScope && linked.contains(&record.customer) {
                weigh(&mut balances, key, &record);
            }
            if let (State::Blocked, Some(by)) = (record.state, record.blocked_by) {
                let blocked = blocks.entry(by).or_default();
                blocked.0 += 1;
                *blocked.1.entry((key.entity, record.currency)).or_default() += record.amount;
            }
            if let Some(warning) = warning(key, &record) {
                row.warnings += 1;
                warnings.push((key, warning));
            }
            Ok(())
        })?;
        entities.push(row);
    }
    let known: Vec<KnownCause> = register.mark(CAUSES)?.unwrap_or_default();
    let causes = causes.iter().map(|cause| company_warning(cause, &known, now));
    let roots = warnings.into_iter().map(|(key, warning)| {
        let (records, amounts) = blocks.remove(&key).unwrap_or_default();
        // The first kind alone: a payment of a blocked invoice is the same money.
        let first = amounts.keys().next().map(|(entity, _)| *entity);
        let amounts = amounts.into_iter().filter(|((entity, _), _)| Some(*entity) == first);
        let amounts = amounts.map(|((_, currency), amount)| Amount { currency, amount }).collect();
        WarningRow { blocks: Blocks { records, amounts }, ..warning }
    });
    let mut warnings = causes.chain(roots).collect::<Vec<_>>();
    name_customers(register, &mut warnings)?;
    Ok(Tally { entities, warnings, tie_out: tie_out(register, linked.len() as u64, balances)? })
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
    let posted = record.living().map(|object| object.total).unwrap_or_default();
    balance.explained += sign(record.amount - posted);
}

/// What lies on both sides of a start, or of two customers: a payment's part
/// that settles an invoice which does not count here, and the reverse.
fn crossing(register: &Register, key: Key, record: &RecordState) -> Result<Money, StoreError> {
    let counts = |key: Key| {
        let other = register.record(key)?;
        let same = |other: RecordState| other.state != State::OutOfScope && other.customer == record.customer;
        Ok::<bool, StoreError>(other.is_some_and(same))
    };
    let mut crossing = Money::ZERO;
    if key.entity == Entity::Payment {
        for row in &record.allocations {
            if !counts(Key::invoice(row.invoice))? {
                crossing += row.amount;
            }
        }
    } else {
        for (fund, amount) in register.funds_of(key.id)? {
            if !counts(fund)? {
                crossing -= amount;
            }
        }
    }
    Ok(crossing)
}

/// A difference is first explained by what is not posted and by crossings; what
/// remains is not explained.
fn tie_out(
    register: &Register,
    customers: u64,
    mut balances: BTreeMap<(u64, Currency), Balance>,
) -> Result<TieOut, StoreError> {
    balances.retain(|_, balance| !balance.remainder().is_zero());
    if !balances.is_empty() {
        for entity in [Entity::Invoice, Entity::Payment] {
            register.each_record(entity, |key, record| {
                if record.state != State::OutOfScope
                    && let Some(balance) = balances.get_mut(&(record.customer, record.currency))
                {
                    balance.explained += crossing(register, key, &record)?;
                }
                Ok(())
            })?;
        }
    }
    let mut unexplained = Vec::new();
    for ((customer, currency), balance) in balances {
        let difference = balance.remainder();
        if difference.is_zero() {
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
        quickbooks: cause.quickbooks.clone(),
        since: stood.map_or(now, |stood| stood.since),
        attempts: stood.map_or(1, |stood| stood.passes),
        next_attempt_at: None,
        blocks: Blocks::default(),
        dismissed: None,
    }
}
