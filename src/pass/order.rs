//! The order of writing: entity by entity, what is let go before what is taken,
//! a memo before what applies it.

use tracing::Instrument as _;

use super::{Cause, Done, Mode, Outcome, Pass};
use crate::apply;
use crate::entity::ORDER;
use crate::model::{Code, Entity, Key};
use crate::mutation::Mutation;
use crate::plan::{self, Step};
use crate::store::{Calls, StoreError};

/// Rounds of deciding and writing about one entity: a memo, what applies it,
/// and once more where an object had moved on.
const WAVES: usize = 4;

/// Whether records of an entity settle invoices.
fn is_fund(entity: Entity) -> bool {
    match entity {
        Entity::Payment | Entity::Credit | Entity::ChargeReversal | Entity::WriteOff => true,
        Entity::Customer | Entity::Invoice | Entity::Refund => false,
    }
}

impl Pass<'_> {
    /// Decides and writes, entity by entity. Between customers and documents,
    /// funds let go of what others are to take.
    pub(super) async fn write_all(
        &mut self,
        before: &Calls,
        each: &mut (dyn FnMut(&Done) + Send),
    ) -> Result<(), StoreError> {
        let mut may_write = self.mode != Mode::Look;
        self.guard_links().await?;
        for entry in ORDER {
            if entry.entity == Entity::Invoice {
                self.guard_documents().await?;
                self.release_all(&mut may_write).await?;
                if may_write {
                    let read = self.read_details().await;
                    may_write = self.note(read)?;
                }
            }
            let span = tracing::info_span!("entity", entity = entry.entity.name());
            let wrote = self.write_entity(entry.entity, &mut may_write).instrument(span).await?;
            if entry.entity == Entity::Customer {
                self.note_odd_lines();
            }
            if entry.entity == Entity::Refund && wrote {
                // Payments take of the entries that reopened their invoices.
                self.write_entity(Entity::Payment, &mut may_write).await?;
            }
            self.after(entry.entity)?;
            if self.mode == Mode::Write {
                each(&Done { outcome: Outcome::Running, ..self.done(before) });
            }
        }
        if !may_write {
            return Ok(());
        }
        self.close_guards().await?;
        self.close_resends().await
    }

    /// What frees an invoice comes first, in reverse order.
    async fn release_all(&mut self, may_write: &mut bool) -> Result<(), StoreError> {
        self.releasing = self.open_takes()?;
        self.staying.clear();
        for entry in ORDER.into_iter().rev().filter(|entry| is_fund(entry.entity)) {
            let span = tracing::info_span!("entity", entity = entry.entity.name());
            self.release(entry.entity, may_write).instrument(span).await?;
        }
        self.after_releases()
    }

    async fn release(&mut self, entity: Entity, may_write: &mut bool) -> Result<(), StoreError> {
        if Mutation::TakeFirst.is_planted() {
            return Ok(());
        }
        for _ in 0..WAVES {
            let steps = self.judge_releases(entity, *may_write).await?;
            if steps.is_empty() {
                break;
            }
            self.carry_out(steps, may_write).await?;
        }
        Ok(())
    }

    /// Decides about an entity and writes, until nothing is left to be written:
    /// a memo stands before it is applied. Tells whether anything was.
    async fn write_entity(&mut self, entity: Entity, may_write: &mut bool) -> Result<bool, StoreError> {
        for wave in 0..WAVES {
            if wave > 0 && is_fund(entity) {
                self.release(entity, may_write).await?;
                self.after_releases()?;
            }
            let steps = self.judge(entity, *may_write).await?;
            let steps = self.sift(steps, may_write).await?;
            let steps = if entity == Entity::Customer { self.guard_creations(steps).await? } else { steps };
            if steps.is_empty() {
                return Ok(wave > 0);
            }
            self.carry_out(steps, may_write).await?;
            // Others are decided anew once, where an object had moved on.
            if !std::mem::take(&mut self.stale) && !is_fund(entity) {
                return Ok(true);
            }
        }
        Ok(true)
    }

    /// Steps without documents that seem to stand already.
    async fn sift(&mut self, steps: Vec<Step>, may_write: &mut bool) -> Result<Vec<Step>, StoreError> {
        match self.hold_doubles(steps).await {
            Ok(steps) => Ok(steps),
            Err(stop) => {
                *may_write = self.note(Err(stop))?;
                Ok(Vec::new())
            }
        }
    }

    /// Writes steps, or lays them over the state where only a plan is wanted.
    async fn carry_out(&mut self, steps: Vec<Step>, may_write: &mut bool) -> Result<(), StoreError> {
        if steps.is_empty() {
            return Ok(());
        }
        let standing =
            |key: Key| self.register.record(key).ok().flatten().as_ref().and_then(plan::Standing::of);
        if let Some(wrong) = plan::check(&steps, standing).first() {
            let reason = format!(
                "latchd's own check found a contradiction in the plan: {}: {}; nothing of it was written. Please report it.",
                wrong.key, wrong.what
            );
            self.causes.push(Cause::new(Code::Guard, reason));
            *may_write = false;
            return Ok(());
        }
        match self.mode {
            Mode::Look => return Ok(()),
            Mode::Plan => self.lay_over(&steps).await?,
            Mode::Write => {
                let carried = apply::carry_out(self, &steps, self.singly).await?;
                self.singly = carried.singly;
                self.waiting.extend(carried.unknown);
                self.stale |= carried.stale;
                if carried.look_again {
                    self.marks.preflight = None;
                }
                if let Some(cause) = carried.cause {
                    tracing::warn!(code = cause.code.name(), why = cause.reason, "nothing more is written");
                    self.causes.push(cause);
                    *may_write = false;
                }
            }
        }
        self.steps.extend(steps);
        if self.world.stop.is_cancelled() {
            *may_write = false;
        }
        Ok(())
    }
}
