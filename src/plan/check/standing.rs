//! What stands of a record in QuickBooks before a step, from the state alone.

use std::collections::BTreeSet;

use super::super::step::{Action, Step};
use crate::model::{Applied, Entity, Key, Money, ObjectId, Part, RecordState};

/// What stands of a record that has a living object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its document.
    pub id: Option<ObjectId>,
    /// What its document comes to.
    pub total: Money,
    /// What it is applied to.
    pub applied: Vec<Applied>,
    /// Those of these for which an object of their own stands.
    pub parts: BTreeSet<Key>,
}

impl Standing {
    /// What stands of `record`; `None` where it has no living object.
    pub fn of(record: &RecordState) -> Option<Self> {
        let object = record.living()?;
        let (id, total) = (Some(object.id.clone()), object.total);
        let living = record.applications.iter().filter(|(_, object)| object.lives());
        let parts = living.map(|(to, _)| *to).collect();
        Some(Self { id, total, applied: record.applied.clone(), parts })
    }

    /// What of it is applied in all.
    pub(super) fn spent(&self) -> Money {
        self.applied.iter().map(|row| row.amount).sum()
    }

    /// Takes over what `step` makes of it.
    pub(super) fn carry_out(&mut self, step: &Step) {
        match step.part {
            Part::Whole => {
                self.total = step.total;
                if step.entity == Entity::Payment {
                    self.applied.clone_from(&step.applied);
                }
            }
            Part::Applied(target) => {
                self.applied.retain(|row| row.to != target);
                self.applied.extend(step.applied.iter().cloned());
                if step.action == Action::Void {
                    self.parts.remove(&target);
                } else {
                    self.parts.insert(target);
                }
            }
        }
    }
}
