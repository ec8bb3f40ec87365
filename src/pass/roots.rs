//! Roots: which warnings are causes and which records wait for each. What is
//! blocked is folded under its cause, however long the chain, and what waits for
//! the company as a whole under the company's.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{Code, Currency, Entity, Fault, Key, Money, RecordState, State};
use crate::report::{Amount, Blocks, WarningRow};
use crate::store::{Register, StoreError};

/// A longer chain of records that wait for each other is a circle.
const CHAIN: usize = 16;

/// What waits for one cause: records, and money by kind and currency.
#[derive(Clone, Debug, Default)]
struct Waiting {
    records: u64,
    amounts: BTreeMap<(Entity, Currency), Money>,
}

impl Waiting {
    fn add(&mut self, key: Key, record: &RecordState) {
        self.records += 1;
        *self.amounts.entry((key.entity, record.currency)).or_default() += record.amount;
    }

    fn merge(&mut self, other: Self) {
        self.records += other.records;
        for (kind, amount) in other.amounts {
            *self.amounts.entry(kind).or_default() += amount;
        }
    }

    fn told(self) -> Blocks {
        // The first kind that has money alone: a payment of a blocked invoice is
        // the same money.
        let first = self.amounts.iter().find(|(_, amount)| !amount.is_zero()).map(|((entity, _), _)| *entity);
        let amounts = self.amounts.into_iter().filter(|((entity, _), _)| Some(*entity) == first);
        let amounts = amounts.map(|((_, currency), amount)| Amount { currency, amount }).collect();
        Blocks { records: self.records, amounts }
    }
}

/// The causes found so far, and what waits for them.
#[derive(Debug)]
pub(super) struct Roots {
    company: Vec<WarningRow>,
    /// What waits for the company's first cause.
    by_company: Waiting,
    records: BTreeMap<Key, WarningRow>,
    waiting: BTreeMap<Key, Waiting>,
}

impl Roots {
    /// `company`: the causes of the whole company.
    pub(super) fn new(company: Vec<WarningRow>) -> Self {
        Self { company, by_company: Waiting::default(), records: BTreeMap::new(), waiting: BTreeMap::new() }
    }

    /// Takes a record into account; tells whether it is a cause of its own.
    pub(super) fn count(&mut self, key: Key, record: &RecordState, warning: Option<WarningRow>) -> bool {
        match (record.state, record.blocked_by) {
            (State::Blocked, Some(by)) => self.waiting.entry(by).or_default().add(key, record),
            // Nothing is written while the company has a cause.
            (State::NotTried, _) if !self.company.is_empty() => self.by_company.add(key, record),
            _ => {}
        }
        let Some(warning) = warning else { return false };
        if let Some(fault) = record.fault.as_ref().filter(|fault| is_the_companys(record.state, fault)) {
            self.by_company(fault);
            self.by_company.add(key, record);
            return false;
        }
        self.records.insert(key, warning);
        true
    }

    /// A setting that holds every document is one cause and not one a document.
    fn by_company(&mut self, fault: &Fault) {
        match self.company.iter_mut().find(|row| row.code == fault.code) {
            Some(row) => row.since = row.since.min(fault.since),
            None => self.company.push(WarningRow {
                key: format!("company/{}", fault.code),
                entity: None,
                id: fault.code.name().to_owned(),
                label: fault.code.name().to_owned(),
                state: None,
                code: fault.code,
                reason: fault.reason.clone(),
                remedy: fault.code.remedy().todo.to_owned(),
                paste: Vec::new(),
                quickbooks: None,
                since: fault.since,
                attempts: 0,
                next_attempt_at: None,
                blocks: Blocks::default(),
                dismissed: None,
            }),
        }
    }

    /// The causes: those of the company, then by entity, those first that hold
    /// up most.
    pub(super) fn sorted(mut self, register: &Register) -> Result<Vec<WarningRow>, StoreError> {
        for (by, waiting) in std::mem::take(&mut self.waiting) {
            match self.root_of(by, register)? {
                Some(root) => self.waiting.entry(root).or_default().merge(waiting),
                // What was not tried yet holds it up, and the company that.
                None => self.by_company.merge(waiting),
            }
        }
        if let Some(first) = self.company.first_mut() {
            first.blocks = self.by_company.told();
        }
        let mut rows: Vec<(Key, WarningRow)> = Vec::new();
        for (key, row) in self.records {
            let blocks = self.waiting.remove(&key).unwrap_or_default().told();
            rows.push((key, WarningRow { blocks, ..row }));
        }
        rows.sort_by_key(|(key, row)| {
            let money: Money = row.blocks.amounts.iter().map(|one| one.amount).sum();
            (key.entity, Reverse(row.blocks.records), Reverse(money), key.id)
        });
        Ok(self.company.into_iter().chain(rows.into_iter().map(|(_, row)| row)).collect())
    }

    /// The cause at the end of a chain of records that wait for each other.
    fn root_of(&self, by: Key, register: &Register) -> Result<Option<Key>, StoreError> {
        let mut at = by;
        for _ in 0..CHAIN {
            if self.records.contains_key(&at) {
                return Ok(Some(at));
            }
            match register.record(at)?.and_then(|record| record.blocked_by) {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(None)
    }
}

/// Whether a document is held by a setting of the company rather than by
/// anything about itself.
fn is_the_companys(state: State, fault: &Fault) -> bool {
    let of_all = [Code::CompanySetting, Code::OtherSyncActive].contains(&fault.code);
    state == State::Held && of_all && fault.quickbooks.is_none()
}
