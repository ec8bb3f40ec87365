//! Rereading: what Stax Bill could not be read on is read once more when the
//! files send it again; without that, the next full scan does.

use super::source::{take_customer, take_invoice, take_payment};
use super::{Pass, Stop};
use crate::entity::ORDER;
use crate::model::{Entity, InvalidRow, Key, Payment, RecordState};
use crate::staxbill::StaxError;
use crate::store::{Commit, Errand};

impl Pass<'_> {
    /// Reads each of these records anew that could not be read; in the order of
    /// entities, since one may tell of another.
    pub(super) async fn read_again(&self, keys: &[Key]) -> Result<(), Stop> {
        let mut any = false;
        for entity in ORDER.iter().map(|entry| entry.entity) {
            for key in keys.iter().filter(|key| key.entity == entity) {
                if let Some(record) = self.register.record(*key)?.filter(|record| record.invalid.is_some()) {
                    let mut commit = Commit::new();
                    self.read_one_again(&mut commit, *key, &record).await?;
                    self.register.commit(commit).await?;
                    any = true;
                }
            }
        }
        if any { self.run_errands().await } else { Ok(()) }
    }

    async fn read_one_again(&self, commit: &mut Commit, key: Key, record: &RecordState) -> Result<(), Stop> {
        let staxbill = &self.world.staxbill;
        match (key.entity, record.of) {
            (Entity::Customer, _) => {
                if let Some(row) = there(staxbill.customer(key.id).await)? {
                    take_customer(self, commit, row)?;
                }
            }
            (Entity::Invoice, _) => {
                if let Some(row) = there(staxbill.invoice_summary(key.id).await)? {
                    take_invoice(self, commit, row)?;
                }
            }
            (Entity::Payment, _) | (Entity::Refund, Some(Key { entity: Entity::Payment, .. })) => {
                let payment = record.of.unwrap_or(key);
                if let Some(row) = there(self.payment_anew(payment.id).await)? {
                    take_payment(self, commit, row)?;
                }
            }
            // Where the account's stream is refused, all of it is read in every pass.
            (Entity::Credit | Entity::WriteOff, _) if !self.marks.ar_by_customer => {
                for row in there(staxbill.ar_activities_by_id(&[key.id]).await)?.into_iter().flatten() {
                    match row {
                        Ok(row) => self.take_activity(commit, &row)?,
                        Err(odd) => self.take_unreadable(commit, &odd)?,
                    }
                }
            }
            (Entity::ChargeReversal, of) => {
                let known = of.map(|of| of.id);
                let invoice = match known {
                    Some(invoice) => Some(invoice),
                    None => there(staxbill.credit_note(key.id).await)?
                        .and_then(Result::ok)
                        .map(|note| note.invoice),
                };
                if let Some(invoice) = invoice {
                    commit.errand(Errand::CreditNotes(invoice));
                }
            }
            // Its payment is not known.
            (Entity::Refund | Entity::Credit | Entity::WriteOff, _) => {}
        }
        Ok(())
    }

    /// A payment does not tell how it was paid, and its activity does.
    pub(super) async fn payment_anew(&self, id: u64) -> Result<Result<Payment, InvalidRow>, StaxError> {
        let staxbill = &self.world.staxbill;
        match staxbill.payment(id).await? {
            Ok(payment) => staxbill.payment_activity(payment.activity).await,
            Err(row) => Ok(Err(row)),
        }
    }
}

/// What could be read at all; else the reason that is known stands.
fn there<T>(read: Result<T, StaxError>) -> Result<Option<T>, StaxError> {
    match read {
        Err(StaxError::NotFound(_) | StaxError::Unreadable(_)) => Ok(None),
        read => read.map(Some),
    }
}
