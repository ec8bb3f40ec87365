//! Errands: what lists only hinted at is read, once it matters.

use std::collections::BTreeMap;

use super::source::{take_fund, take_invalid, take_payment, take_withdrawals};
use super::{Pass, Stop};
use crate::model::{
    Credit, CreditNoteHead, Entity, InvalidRow, Key, Money, Payment, RecordState, Reversal, Start,
};
use crate::staxbill::StaxError;
use crate::store::{Body, Commit, Errand, StoreError};

/// From so many invoices on, all credit notes are listed at once.
const NOTES_LISTED: usize = 20;

/// All credit notes, without their rows.
struct Notes {
    by_invoice: BTreeMap<u64, Vec<CreditNoteHead>>,
    /// None of them was unreadable: an invoice may have one more otherwise.
    whole: bool,
}

/// A record as it was read; the outer failure ends the pass.
type Read<T> = Result<Result<T, InvalidRow>, StaxError>;

impl Pass<'_> {
    /// Reads what is to be read and matters now.
    pub(super) async fn run_errands(&self) -> Result<(), Stop> {
        let mut errands = self.register.errands()?;
        let invoices = errands.iter().filter(|errand| matches!(errand, Errand::CreditNotes(_))).count();
        let list = self.full || invoices > NOTES_LISTED;
        let listed = if list { Some(self.list_credit_notes().await?) } else { None };
        for (invoice, notes) in listed.iter().flat_map(|notes| &notes.by_invoice) {
            // A note may be listed later than the reversals that it documents.
            let errand = Errand::CreditNotes(*invoice);
            let key = |id| Key { entity: Entity::ChargeReversal, id };
            let mut unknown = false;
            for note in notes {
                unknown |= self.register.record(key(note.id))?.is_none();
            }
            if unknown && !errands.contains(&errand) {
                errands.push(errand);
            }
        }
        for errand in errands {
            let mut commit = Commit::new();
            let done = match errand {
                Errand::PaymentActivity(id) => self.read_activity(&mut commit, id).await?,
                Errand::CreditNotes(id) => self.read_notes(&mut commit, id, listed.as_ref()).await?,
                Errand::Credit(id) => self.read_credit(&mut commit, id).await?,
                Errand::Words(id) => self.read_words(&mut commit, id).await?,
            };
            if done {
                commit.errand_done(errand);
            }
            self.register.commit(commit).await?;
        }
        Ok(())
    }

    async fn read_activity(&self, commit: &mut Commit, id: u64) -> Result<bool, Stop> {
        match self.payment_behind(id).await {
            Ok(payment) => take_payment(self, commit, payment)?,
            // A damaged answer is asked for again in the next pass.
            Err(StaxError::Unreadable(_)) => return Ok(false),
            Err(error @ StaxError::NotFound(_)) => {
                tracing::warn!(
                    activity = id,
                    "a refund names a payment activity that cannot be read: {error}"
                );
            }
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    }

    /// A payment that money was taken back of. Where its activity shows none of
    /// it, the payment itself may.
    async fn payment_behind(&self, activity: u64) -> Read<Payment> {
        let staxbill = &self.world.staxbill;
        let read = staxbill.payment_activity(activity).await?;
        let Ok(mut payment) = read else { return Ok(read) };
        if payment.refunds.is_empty()
            && let Ok(whole) = staxbill.payment(payment.id).await?
        {
            payment = Payment { activity, parent: payment.parent, method: payment.method, ..whole };
        }
        Ok(Ok(payment))
    }

    async fn list_credit_notes(&self) -> Result<Notes, Stop> {
        let mut notes = Notes { by_invoice: BTreeMap::new(), whole: true };
        let mut page = 0;
        loop {
            let read = self.world.staxbill.credit_notes(page).await?;
            let mut commit = Commit::new();
            for note in read.rows {
                match note {
                    Ok(note) => notes.by_invoice.entry(note.invoice).or_default().push(note),
                    Err(row) => {
                        notes.whole = false;
                        take_invalid(self, &mut commit, Entity::ChargeReversal, &row)?;
                    }
                }
            }
            self.register.commit(commit).await?;
            if !read.more {
                return Ok(notes);
            }
            page += 1;
        }
    }

    /// An invoice's credit notes, and whether all of them could be read.
    async fn ask_for_notes(
        &self,
        commit: &mut Commit,
        invoice: u64,
    ) -> Result<Option<(Vec<CreditNoteHead>, bool)>, Stop> {
        let (mut heads, mut whole) = (Vec::new(), true);
        let rows = match self.world.staxbill.credit_notes_of(invoice).await {
            Err(StaxError::NotFound(_) | StaxError::Unreadable(_)) => return Ok(None),
            read => read?,
        };
        for row in rows {
            match row {
                Ok(head) => heads.push(head),
                Err(row) => {
                    whole = false;
                    take_invalid(self, commit, Entity::ChargeReversal, &row)?;
                }
            }
        }
        Ok(Some((heads, whole)))
    }

    /// An invoice's credit notes, each with the reversals that it documents.
    async fn read_notes(
        &self,
        commit: &mut Commit,
        invoice: u64,
        listed: Option<&Notes>,
    ) -> Result<bool, Stop> {
        let (mut heads, whole) = match listed {
            Some(notes) if notes.by_invoice.contains_key(&invoice) => {
                (notes.by_invoice[&invoice].clone(), notes.whole)
            }
            Some(_) | None => match self.ask_for_notes(commit, invoice).await? {
                Some(notes) => notes,
                None => return Ok(false),
            },
        };
        heads.sort_by_key(|note| note.id);
        let reversals = self.register.reversals_of(invoice)?;
        let alone = whole && heads.len() == 1;
        if alone && reversals.len() < 2 {
            self.take_note(commit, &heads[0], reversals)?;
            return Ok(true);
        }
        let mut left = reversals;
        for head in &heads {
            let whole = match self.world.staxbill.credit_note(head.id).await {
                // It stops its own invoice's notes alone, until the next pass.
                Err(StaxError::NotFound(_) | StaxError::Unreadable(_)) => return Ok(false),
                Err(error) => return Err(error.into()),
                Ok(Ok(whole)) => whole,
                Ok(Err(row)) => {
                    take_invalid(self, commit, Entity::ChargeReversal, &row)?;
                    continue;
                }
            };
            let mut its = documented(&whole, &mut left);
            if its.is_empty() && alone {
                // Its rows say nothing, and there is no other.
                its.append(&mut left);
            }
            self.take_note(commit, head, its)?;
        }
        // The note of the latest reversals may not be there yet.
        Ok(left.is_empty())
    }

    fn take_note(
        &self,
        commit: &mut Commit,
        head: &CreditNoteHead,
        reversals: Vec<Reversal>,
    ) -> Result<(), StoreError> {
        let key = Key { entity: Entity::ChargeReversal, id: head.id };
        let Some(effective_at) = reversals.iter().map(|one| one.effective_at).min() else {
            let reason =
                "Stax Bill's stream tells no reversal that it documents, so that it has no date".to_owned();
            let row = InvalidRow { id: head.id, customer: head.customer, effective_at: None, reason };
            return take_invalid(self, commit, Entity::ChargeReversal, &row);
        };
        let known = self.register.record(key)?.and_then(|known| known.staxbill_quickbooks_id);
        let mut note = head.note(effective_at, reversals);
        note.quickbooks_id = note.quickbooks_id.or(known);
        let now = RecordState::of_credit_note(&note, self.day(effective_at));
        let posted = take_fund(self, commit, key, now)?;
        if posted == Some(false) {
            commit.body(key, &Body::CreditNote(note));
        }
        Ok(())
    }

    /// A credit, where its customer is linked and it may count.
    async fn read_credit(&self, commit: &mut Commit, id: u64) -> Result<bool, Stop> {
        let key = Key { entity: Entity::Credit, id };
        let Some(record) = self.register.record(key)? else { return Ok(true) };
        if !self.matters(key, &record)? {
            return Ok(false);
        }
        let read = self.world.staxbill.credit(id).await;
        if matches!(read, Err(StaxError::Unreadable(_))) {
            return Ok(false);
        }
        self.take_credit(commit, (key, &record), read)?;
        Ok(true)
    }

    pub(super) fn take_credit(
        &self,
        commit: &mut Commit,
        (key, known): (Key, &RecordState),
        read: Read<Credit>,
    ) -> Result<(), Stop> {
        let credit = match read {
            Ok(Ok(credit)) => credit,
            Ok(Err(row)) => return Ok(take_invalid(self, commit, Entity::Credit, &row)?),
            Err(error @ (StaxError::NotFound(_) | StaxError::Unreadable(_))) => {
                let reason = error.to_string();
                let row = InvalidRow { id: key.id, customer: known.customer, effective_at: None, reason };
                return Ok(take_invalid(self, commit, Entity::Credit, &row)?);
            }
            Err(error) => return Err(error.into()),
        };
        let now = RecordState::of_credit(&credit, |at| self.day(at));
        take_withdrawals(self, commit, (key, &now), &credit.debits)?;
        take_fund(self, commit, key, now)?;
        if known.object.is_none() {
            commit.body(key, &Body::Credit(credit));
        }
        Ok(())
    }

    /// The words of an invoice that stands: they may have been amended.
    async fn read_words(&self, commit: &mut Commit, id: u64) -> Result<bool, Stop> {
        let key = Key::invoice(id);
        let Some(mut record) = self.register.record(key)? else { return Ok(true) };
        if self.waiting.contains(&key) {
            // Which words were sent shows when the write's outcome does.
            return Ok(false);
        }
        if record.living().is_none() || record.matched || !self.matters(key, &record)? {
            return Ok(true);
        }
        let lines = match self.world.staxbill.invoice_lines(id, record.currency).await {
            Ok(Ok(lines)) => lines,
            // Its amounts stand as they are.
            Ok(Err(_)) | Err(StaxError::NotFound(_)) => return Ok(true),
            Err(StaxError::Unreadable(_)) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        record.words = Some(lines.words());
        if let Some(object) = record.object.as_mut().filter(|object| object.words.is_none()) {
            // It was found in QuickBooks and is taken as found.
            object.words.clone_from(&record.words);
        }
        commit.record(key, &record);
        Ok(true)
    }

    /// Whether a record may count: its customer is linked, and it is matched or
    /// not older than a day that the link names.
    pub(super) fn matters(&self, key: Key, record: &RecordState) -> Result<bool, StoreError> {
        let Some(link) = self.link(record.customer) else { return Ok(false) };
        let start = match link.start() {
            Some(Start::On(day)) => Some(day),
            Some(Start::Now) => self.register.start(record.customer)?,
            Some(Start::Beginning) | None => None,
        };
        let counts = record.date.is_none_or(|date| start.is_none_or(|start| date >= start));
        let matched = record.matched || link.matches.contains_key(&key);
        Ok((counts || matched) && link.counts())
    }
}

/// Which of the reversals left a note documents: by their ids, else by charge
/// and amount. Stax Bill's page on a note's rows breaks off, so that a row's id
/// may be the reversal's or the charge's.
pub(super) fn documented(note: &CreditNoteHead, left: &mut Vec<Reversal>) -> Vec<Reversal> {
    let mut found = Vec::new();
    for line in &note.lines {
        let by_id = left.iter().position(|one| Some(one.id) == line.reversal);
        let alike = |one: &Reversal| {
            Some(one.charge) == line.charge.or(line.reversal)
                && line.amount.is_none_or(|amount: Money| amount == one.amount)
        };
        if let Some(at) = by_id.or_else(|| left.iter().position(alike)) {
            found.push(left.remove(at));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CreditNoteLine, Currency};

    #[test]
    fn a_note_finds_its_reversals_by_id_else_by_charge_and_amount() {
        let reversal = |id, charge, cents| Reversal {
            id,
            charge,
            amount: Money::from_cents(cents),
            effective_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let line = |reversal, charge, cents: Option<i64>| CreditNoteLine {
            reversal,
            charge,
            amount: cents.map(Money::from_cents),
            quickbooks_id: None,
        };
        let all = || vec![reversal(1, 70, 500), reversal(2, 70, 300), reversal(3, 71, 500)];
        let cases = [
            ("by id", vec![line(Some(2), None, None)], vec![2]),
            ("by charge and amount", vec![line(None, Some(70), Some(300))], vec![2]),
            ("by charge alone", vec![line(None, Some(71), None)], vec![3]),
            ("both", vec![line(Some(9), Some(70), Some(500)), line(None, Some(71), None)], vec![1, 3]),
            ("a row that bears its charge's id", vec![line(Some(71), None, Some(500))], vec![3]),
            ("none", vec![line(None, None, Some(500))], vec![]),
        ];
        for (name, lines, expected) in cases {
            let note = CreditNoteHead {
                id: 5,
                number: "1-CR-01".to_owned(),
                customer: 1,
                invoice: 1,
                currency: Currency::USD,
                amount: Money::ZERO,
                lines,
            };
            let mut left = all();
            let found = documented(&note, &mut left).iter().map(|one| one.id).collect::<Vec<_>>();
            assert_eq!(found, expected, "{name}");
            assert_eq!(left.len() + found.len(), 3, "{name}");
        }
    }
}
