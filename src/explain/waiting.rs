//! What a record waits for, and what waits for it.

use super::Look;
use crate::model::{Code, Entity, Key, RecordState, State};
use crate::report::{Blocks, HeldUp, HoldsUp, RecordRow, Status, WaitRow, WarningRow};
use crate::store::StoreError;

/// Records between a blocked one and its root cause that are named.
const BETWEEN_MAX: usize = 5;
/// Records that wait for one and are named.
const FIRST_MAX: usize = 5;
/// Steps to a root; a record's root has none of its own.
const STEPS_MAX: usize = 8;

impl Look<'_> {
    /// What it waits for, the nearest first and the root cause last.
    pub(super) fn waits_for(&self) -> Result<Vec<WaitRow>, StoreError> {
        let mut rows = Vec::new();
        let waits = match self.record.state {
            State::Blocked | State::NotTried | State::Held => true,
            State::Synced | State::Failed | State::Drifted | State::OutOfScope => false,
        };
        if !waits {
            return Ok(rows);
        }
        let mut root = self.record.blocked_by.filter(|_| self.record.state == State::Blocked);
        if let Some(root) = root {
            for between in needs(self.record) {
                let Some(record) = self.register.record(between)? else { continue };
                let same = record.state == State::Blocked && record.blocked_by == Some(root);
                if same && between != root && rows.len() < BETWEEN_MAX {
                    rows.push(self.wait(between, Some(&record)));
                }
            }
        }
        for _ in 0..STEPS_MAX {
            let Some(key) = root.filter(|key| *key != self.key) else { break };
            let record = self.register.record(key)?;
            rows.push(self.wait(key, record.as_ref()));
            root =
                record.filter(|record| record.state == State::Blocked).and_then(|record| record.blocked_by);
        }
        rows.extend(self.causes());
        Ok(rows)
    }

    /// The causes of the whole company that stand.
    fn causes(&self) -> Vec<WaitRow> {
        let Some(last) = self.beside.last else { return Vec::new() };
        let company = last.warnings.iter().filter(|row| self.is_held_by(last, row));
        let row = company.map(|row| WaitRow {
            key: row.key.clone(),
            label: String::new(),
            state: None,
            code: Some(row.code),
            reason: Some(row.reason.clone()),
            remedy: Some(row.remedy.clone()),
        });
        row.collect()
    }

    /// Whether a cause of the whole company keeps this record from being right:
    /// not one that holds nothing up yet, and one that holds creations alone only
    /// where it is a creation.
    fn is_held_by(&self, last: &Status, row: &WarningRow) -> bool {
        if row.entity.is_some() || row.dismissed.is_some() {
            return false;
        }
        let in_part = [Code::OtherSyncActive, Code::CompanySetting].contains(&row.code);
        let its_own = self.record.fault.as_ref().is_some_and(|fault| fault.code == row.code);
        !last.is_early(row) && (!in_part || its_own)
    }

    fn wait(&self, key: Key, record: Option<&RecordState>) -> WaitRow {
        let blocked = record.is_some_and(|record| record.state == State::Blocked);
        let fault = record.and_then(|record| record.fault.as_ref()).filter(|_| !blocked);
        WaitRow {
            key: key.to_string(),
            label: record.map(|record| record.label.clone()).unwrap_or_default(),
            state: record.map(|record| record.state),
            code: fault.map(|fault| fault.code),
            reason: fault.map(|fault| fault.reason.clone()),
            remedy: fault.map(|fault| self.remedy(key, fault.code)),
        }
    }

    /// What waits for it: read record by record, and only where something can.
    pub(super) fn holds_up(&self) -> Result<HoldsUp, StoreError> {
        match self.record.state {
            State::Synced | State::OutOfScope => return Ok(HoldsUp::default()),
            State::NotTried | State::Failed | State::Blocked | State::Held | State::Drifted => {}
        }
        let mut found = HoldsUp::default();
        let mut held_up = HeldUp::default();
        // A customer waits for nobody.
        for entity in Entity::ALL.into_iter().skip(1) {
            self.register.each_record(entity, |key, record| {
                if self.holds(&record) {
                    held_up.add(key, &record);
                    if found.first.len() < FIRST_MAX {
                        let (label, state) = (record.label, Some(record.state));
                        found.first.push(RecordRow { key, label, state });
                    }
                }
                Ok(())
            })?;
        }
        let Blocks { records, amounts } = held_up.told();
        (found.records, found.amounts) = (records, amounts);
        Ok(found)
    }

    /// Whether another record waits for this one: as its root, or on the way
    /// to the root that both have.
    fn holds(&self, other: &RecordState) -> bool {
        if other.state != State::Blocked {
            return false;
        }
        let between = self.record.state == State::Blocked
            && other.blocked_by == self.record.blocked_by
            && needs(other).any(|key| key == self.key);
        other.blocked_by == Some(self.key) || between
    }
}

/// What a record refers to, besides its customer, which is told as the root.
fn needs(record: &RecordState) -> impl Iterator<Item = Key> {
    record.of.into_iter().chain(record.allocations.iter().map(|row| Key::invoice(row.invoice)))
}
