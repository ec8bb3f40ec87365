//! Content: what a record that stood is posted from, read again. It is let go
//! once a record stands, and is wanted again where its object is gone or was
//! changed by someone.

use std::collections::BTreeSet;

use super::errands::documented;
use super::{Pass, Stop};
use crate::model::{Credit, CreditNoteHead, Entity, Key, RecordState, WriteOff, noon_of};
use crate::staxbill::StaxError;
use crate::store::Body;

/// Content, or a sentence that says why there is none.
type Content = Result<Body, String>;

impl Pass<'_> {
    /// The content of a payment, a credit, a credit note or a write-off.
    pub(crate) async fn content(&self, key: Key, record: &RecordState) -> Result<Content, Stop> {
        let read = match (key.entity, record.of) {
            (Entity::Payment, _) => {
                self.payment_anew(key.id).await.map(|read| read.map(Body::Payment).map_err(|row| row.reason))
            }
            (Entity::Credit, _) if record.opening => Ok(self.opening_credit(key, record)),
            (Entity::Credit, _) => {
                let read = self.world.staxbill.credit(key.id).await;
                read.map(|read| read.map(Body::Credit).map_err(|row| row.reason))
            }
            (Entity::WriteOff, Some(of)) => Ok(self.write_off_again(key, record, of)),
            (Entity::ChargeReversal, _) => return self.note_again(key).await,
            (Entity::Customer | Entity::Invoice | Entity::Refund | Entity::WriteOff, _) => {
                Ok(Err(format!("the content of {key} is not at hand")))
            }
        };
        match read {
            Ok(content) => Ok(content),
            Err(error @ (StaxError::NotFound(_) | StaxError::Unreadable(_))) => Ok(Err(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// An opening balance has nothing but its row in the stream, which is kept.
    fn opening_credit(&self, key: Key, record: &RecordState) -> Content {
        let date = record.date.ok_or_else(|| "it has no date".to_owned())?;
        Ok(Body::Credit(Credit {
            id: key.id,
            customer: record.customer,
            effective_at: noon_of(date, &self.world.settings.company.time_zone),
            currency: record.currency,
            amount: record.amount,
            unallocated: record.open,
            allocations: record.allocations.clone(),
            debits: Vec::new(),
            reference: record.reference.clone(),
            opening: true,
            quickbooks_id: None,
        }))
    }

    fn write_off_again(&self, key: Key, record: &RecordState, of: Key) -> Content {
        let date = record.date.ok_or_else(|| "it has no date".to_owned())?;
        Ok(Body::WriteOff(WriteOff {
            id: key.id,
            customer: record.customer,
            invoice: of.id,
            effective_at: noon_of(date, &self.world.settings.company.time_zone),
            currency: record.currency,
            amount: record.amount,
            reference: record.reference.clone(),
        }))
    }

    /// A credit note with the reversals that it documents: all of them where it
    /// is alone on its invoice, else what the notes before it leave.
    async fn note_again(&self, key: Key) -> Result<Content, Stop> {
        let head = match self.note_head(key.id).await? {
            Ok(head) => head,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut left = self.register.reversals_of(head.invoice)?;
        let mut others = BTreeSet::new();
        for (other, _) in self.register.funds_of(head.invoice)? {
            others.extend((other.entity == key.entity && other != key).then_some(other.id));
        }
        for earlier in others.iter().filter(|id| **id < key.id) {
            if let Ok(earlier) = self.note_head(*earlier).await? {
                documented(&earlier, &mut left);
            }
        }
        let reversals = if others.is_empty() { left } else { documented(&head, &mut left) };
        let Some(effective_at) = reversals.iter().map(|one| one.effective_at).min() else {
            return Ok(Err("Stax Bill's stream tells no reversal that it documents".to_owned()));
        };
        Ok(Ok(Body::CreditNote(head.note(effective_at, reversals))))
    }

    async fn note_head(&self, id: u64) -> Result<Result<CreditNoteHead, String>, StaxError> {
        match self.world.staxbill.credit_note(id).await {
            Ok(read) => Ok(read.map_err(|row| row.reason)),
            Err(error @ (StaxError::NotFound(_) | StaxError::Unreadable(_))) => Ok(Err(error.to_string())),
            Err(error) => Err(error),
        }
    }
}
