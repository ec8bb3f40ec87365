//! Unwritten: what a plan leaves as it is, and why.

use super::Pass;
use crate::entity::ORDER;
use crate::model::{Entity, Fault};
use crate::plan::{BlockedRow, HeldRow};
use crate::store::StoreError;

impl Pass<'_> {
    /// Posted documents that a change of the posting settings leaves alone.
    pub(super) fn left_alone(&self) -> Result<usize, StoreError> {
        let now = self.world.settings.posting.digest();
        let mut count = 0;
        if self.world.register.marks()?.posting.is_none_or(|then| then == now) {
            return Ok(count);
        }
        for entry in ORDER.iter().filter(|entry| entry.entity != Entity::Customer) {
            self.world.register.each_record(entry.entity, |_, record| {
                count += usize::from(record.living().is_some() && !record.matched);
                Ok(())
            })?;
        }
        Ok(count)
    }

    /// What a plan does not do, and why.
    pub(super) fn unwritten(&self) -> Result<(Vec<HeldRow>, Vec<BlockedRow>), StoreError> {
        let (mut held, mut blocked) = (Vec::new(), Vec::new());
        for entry in ORDER {
            self.register.each_record(entry.entity, |key, record| {
                match (record.blocked_by, record.fault) {
                    (Some(by), _) => blocked.push(BlockedRow { key, by }),
                    (None, Some(fault)) => {
                        let Fault { code, reason, paste, .. } = fault;
                        held.push(HeldRow { key, code, reason, paste });
                    }
                    (None, None) => {}
                }
                Ok(())
            })?;
        }
        Ok((held, blocked))
    }
}
