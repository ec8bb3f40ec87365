//! Roots: which warnings are causes and which records wait for each. What is
//! blocked is folded under its cause, however long the chain, and what waits for
//! the company as a whole under the company's.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::{Code, Fault, Key, Money, RecordState, State};
use crate::report::{Blocks, HeldUp, WarningRow};
use crate::store::{Register, StoreError};

/// A longer chain of records that wait for each other is a circle.
const CHAIN: usize = 16;
/// A company's cause names what it is about until its reason is so long, in bytes.
const REASON: usize = 600;

/// The causes found so far, and what waits for them.
#[derive(Debug)]
pub(super) struct Roots {
    company: Vec<WarningRow>,
    /// What waits for the company's causes, by code.
    by_company: BTreeMap<Code, HeldUp>,
    /// The cause by which nothing is written at all.
    stopped: Option<Code>,
    /// What guards hold, a row a set, and what waits for each.
    guards: Vec<(WarningRow, HeldUp)>,
    /// Which of them holds a record.
    guarded: BTreeMap<Key, usize>,
    records: BTreeMap<Key, WarningRow>,
    waiting: BTreeMap<Key, HeldUp>,
}

impl Roots {
    /// `company`: the causes of the whole company, those that hold up most
    /// first; `guards`: a row for each set that a guard holds; `stopped`: the
    /// cause by which nothing is written at all.
    pub(super) fn new(company: Vec<WarningRow>, guards: Vec<WarningRow>, stopped: Option<Code>) -> Self {
        Self {
            company,
            by_company: BTreeMap::new(),
            stopped,
            guards: guards.into_iter().map(|row| (row, HeldUp::default())).collect(),
            guarded: BTreeMap::new(),
            records: BTreeMap::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// Takes a record into account; tells whether it is a cause of its own.
    pub(super) fn count(&mut self, key: Key, record: &RecordState, warning: Option<WarningRow>) -> bool {
        match (record.state, record.blocked_by) {
            (State::Blocked, Some(by)) => self.waiting.entry(by).or_default().add(key, record),
            // Nothing is written while the company has a cause.
            (State::NotTried, _) if !self.company.is_empty() => {
                let first = self.company[0].code;
                self.by_company.entry(first).or_default().add(key, record);
            }
            _ => {}
        }
        let Some(warning) = warning else { return false };
        // The line that releases it says in which set it is.
        let line = &warning.paste;
        let set = self.guards.iter().position(|(row, _)| row.paste == *line);
        if let Some(set) = set {
            self.guards[set].1.add(key, record);
            self.guarded.insert(key, set);
            return false;
        }
        if let Some(code) = record.fault.as_ref().and_then(|fault| self.of_company(record.state, fault)) {
            self.by_company.entry(code).or_default().add(key, record);
            return false;
        }
        self.records.insert(key, warning);
        true
    }

    /// The company's cause by which a record is not right, rather than by
    /// anything about itself.
    fn of_company(&mut self, state: State, fault: &Fault) -> Option<Code> {
        // Nobody can look for an outcome now.
        if fault.code == Code::UnknownOutcome && self.stopped.is_some() {
            return self.stopped;
        }
        if fault.code != Code::CompanySetting && (state, fault.code) != (State::Held, Code::OtherSyncActive) {
            return None;
        }
        self.by_company(fault);
        Some(fault.code)
    }

    /// A setting that holds every document is one cause and not one a document.
    fn by_company(&mut self, fault: &Fault) {
        match self.company.iter_mut().find(|row| row.code == fault.code) {
            Some(row) => {
                row.since = row.since.min(fault.since);
                if !row.reason.contains(&fault.reason) && row.reason.len() < REASON {
                    row.reason = format!("{}; {}", row.reason, fault.reason);
                }
            }
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
                quickbooks: fault.quickbooks.clone(),
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
                Some(root) if let Some(set) = self.guarded.get(&root) => {
                    self.guards[*set].1.merge(waiting);
                }
                Some(root) => self.waiting.entry(root).or_default().merge(waiting),
                // What was not tried yet holds it up, and the company that.
                None => {
                    if let Some(first) = self.company.first() {
                        self.by_company.entry(first.code).or_default().merge(waiting);
                    }
                }
            }
        }
        for row in &mut self.company {
            row.blocks = self.by_company.remove(&row.code).unwrap_or_default().told();
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
        let guards = self.guards.into_iter().map(|(row, held)| {
            // A set of lines that vanished holds none of the records itself.
            let blocks = if held.is_empty() { row.blocks.clone() } else { held.told() };
            WarningRow { blocks, ..row }
        });
        let rows = rows.into_iter().map(|(_, row)| row);
        Ok(self.company.into_iter().chain(guards).chain(rows).collect())
    }

    /// The cause at the end of a chain of records that wait for each other.
    fn root_of(&self, by: Key, register: &Register) -> Result<Option<Key>, StoreError> {
        let mut at = by;
        for _ in 0..CHAIN {
            if self.records.contains_key(&at) || self.guarded.contains_key(&at) {
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
