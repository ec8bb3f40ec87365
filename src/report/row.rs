//! Rows that count: records of one kind, what a warning blocks.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::status::{Status, WarningRow};
use crate::model::{Code, Currency, Entity, Money, State};

/// How the records of one kind stand.
///
/// `staxbill = in_scope + out_of_scope`, and `in_scope` is the sum of the six
/// states in scope; [`EntityRow::count`] keeps both true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntityRow {
    /// The kind.
    pub entity: Entity,
    /// Records in Stax Bill.
    pub staxbill: u64,
    /// Records with a living counterpart in QuickBooks.
    pub quickbooks: u64,
    /// Records that should stand in QuickBooks.
    pub in_scope: u64,
    /// Records that stand there as they should.
    pub synced: u64,
    /// Records waiting for their first attempt.
    pub not_tried: u64,
    /// Records with a warning of their own.
    pub failed: u64,
    /// Records that wait for another one.
    pub blocked: u64,
    /// Records that a guard, an unknown outcome or a crossing of `start` holds.
    pub held: u64,
    /// Records whose object someone changed in QuickBooks.
    pub drifted: u64,
    /// Records that the files or their dates leave out.
    pub out_of_scope: u64,
    /// Undismissed root causes.
    pub warnings: u64,
    /// Dismissed root causes.
    pub dismissed: u64,
    /// When the records not tried yet are tried at the latest; `None` where
    /// there are none, where a person must mend something before, and where
    /// nobody waits for a next pass.
    #[serde(default)]
    pub next_try_at: Option<Timestamp>,
}

impl EntityRow {
    /// The row of a kind without records.
    pub fn empty(entity: Entity) -> Self {
        Self {
            entity,
            staxbill: 0,
            quickbooks: 0,
            in_scope: 0,
            synced: 0,
            not_tried: 0,
            failed: 0,
            blocked: 0,
            held: 0,
            drifted: 0,
            out_of_scope: 0,
            warnings: 0,
            dismissed: 0,
            next_try_at: None,
        }
    }

    /// Counts one record; `lives` says whether it has a living counterpart in
    /// QuickBooks.
    pub fn count(&mut self, state: State, lives: bool) {
        self.staxbill += 1;
        self.quickbooks += u64::from(lives);
        self.in_scope += u64::from(state != State::OutOfScope);
        *match state {
            State::Synced => &mut self.synced,
            State::NotTried => &mut self.not_tried,
            State::Failed => &mut self.failed,
            State::Blocked => &mut self.blocked,
            State::Held => &mut self.held,
            State::Drifted => &mut self.drifted,
            State::OutOfScope => &mut self.out_of_scope,
        } += 1;
    }

    /// How many records are in each state, in the order of the reports.
    pub(super) fn states(&self) -> [(State, u64); 7] {
        [
            (State::Synced, self.synced),
            (State::NotTried, self.not_tried),
            (State::Failed, self.failed),
            (State::Blocked, self.blocked),
            (State::Held, self.held),
            (State::Drifted, self.drifted),
            (State::OutOfScope, self.out_of_scope),
        ]
    }

    /// Whether the counts add up; `Err` says which do not.
    pub(super) fn adds_up(&self) -> Result<(), String> {
        let all: u64 = self.states().iter().map(|(_, count)| count).sum();
        let in_scope = all - self.out_of_scope;
        if self.in_scope != in_scope {
            return Err(format!(
                "{}: in scope {}, but its states make {in_scope}",
                self.entity, self.in_scope
            ));
        }
        if self.staxbill != all {
            return Err(format!(
                "{}: {} in Stax Bill, but {} in scope and {} out of scope",
                self.entity, self.staxbill, self.in_scope, self.out_of_scope
            ));
        }
        Ok(())
    }
}

impl Status {
    /// Whether a warning tells that the connection will end, and not that it has.
    /// One that has ended is what ends a pass; else the pass was whole, or ended
    /// by another cause of the company.
    pub fn is_early(&self, row: &WarningRow) -> bool {
        let in_part = [Code::Reconnect, Code::OtherSyncActive, Code::CompanySetting];
        let mut whole = self.warnings.iter().filter(|other| other.entity.is_none());
        let another = whole.any(|other| !in_part.contains(&other.code));
        row.code == Code::Reconnect && (another || self.last_pass.outcome == "complete")
    }
}

/// What a warning keeps from being right besides its own record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocks {
    /// Records blocked by it.
    pub records: u64,
    /// Their amounts, a row a currency.
    pub amounts: Vec<Amount>,
}

/// An amount with its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Amount {
    /// The currency.
    pub currency: Currency,
    /// The amount.
    pub amount: Money,
}
