//! Allocations that moved: a payment or a credit bears no stamp of it, and a
//! changed invoice is how it is noticed.

use std::collections::{BTreeMap, BTreeSet};

use super::source::take_payment;
use super::{Pass, Stop};
use crate::model::{ActivityKind, Entity, InvalidRow, Key, Money, RecordState};
use crate::staxbill::StaxError;
use crate::store::{Body, Commit, Errand, StoreError};

impl Pass<'_> {
    /// The payments and credits named at an invoice now, and before, are read
    /// again and compared by content.
    pub(super) async fn reread_allocations(&mut self) -> Result<(), Stop> {
        let invoices = self.register.recheck()?;
        if invoices.is_empty() {
            return Ok(());
        }
        let openings = self.openings()?;
        for (invoice, paid) in invoices {
            let Some(record) = self.register.record(Key::invoice(invoice))? else { continue };
            let known = self.register.funds_of(invoice)?;
            let explained = explained(&record, &known, paid);
            let customer_matters = self.link(record.customer).is_some();
            if !explained && !customer_matters && known.is_empty() {
                // It costs calls, so it waits until someone links the customer.
                continue;
            }
            let mut commit = Commit::new();
            let mut whole = true;
            if !explained {
                whole = self.reread_payments(&mut commit, invoice, &known).await?;
                self.register.commit(std::mem::take(&mut commit)).await?;
                let openings = openings.get(&record.customer).cloned().unwrap_or_default();
                self.reread_credits(&mut commit, (invoice, &record), &known, openings).await?;
            }
            if whole {
                commit.rechecked(invoice);
            }
            self.register.commit(commit).await?;
        }
        Ok(())
    }

    async fn reread_payments(
        &self,
        commit: &mut Commit,
        invoice: u64,
        known: &[(Key, Money)],
    ) -> Result<bool, Stop> {
        let mut whole = true;
        let now = match self.world.staxbill.payments_of_invoice(invoice).await {
            Err(StaxError::NotFound(_)) => Vec::new(),
            read => read?,
        };
        let before = known.iter().filter(|(fund, _)| fund.entity == Entity::Payment).map(|(fund, _)| fund.id);
        for id in now.into_iter().chain(before).collect::<BTreeSet<_>>() {
            // One that no list showed yet is in the next one, with how it was paid.
            let key = Key::payment(id);
            let Some(known) = self.register.record(key)? else { continue };
            let (customer, parent) = (known.customer, known.parent);
            let mut payment = match self.world.staxbill.payment(id).await {
                // A damaged answer is asked for again in the next pass.
                Err(StaxError::Unreadable(_)) => {
                    whole = false;
                    continue;
                }
                Err(error @ StaxError::NotFound(_)) => {
                    Err(InvalidRow { id, customer, effective_at: None, reason: error.to_string() })
                }
                read => read?,
            };
            // Only the activity tells how and by whom it was paid, and that was
            // read before.
            if let Ok(payment) = &mut payment {
                payment.parent = parent;
                if let Some(Body::Payment(kept)) = self.register.body(key)? {
                    payment.method = kept.method;
                }
            }
            take_payment(self, commit, payment)?;
        }
        Ok(whole)
    }

    async fn reread_credits(
        &self,
        commit: &mut Commit,
        (invoice, record): (u64, &RecordState),
        known: &[(Key, Money)],
        mut openings: BTreeSet<u64>,
    ) -> Result<(), Stop> {
        let before = known.iter().filter(|(fund, _)| fund.entity == Entity::Credit).map(|(fund, _)| fund.id);
        let mut credits = before.collect::<BTreeSet<_>>();
        let funds = self.register.funds_of(invoice)?;
        if credits.is_empty() && sums_up(record, &funds) {
            return Ok(());
        }
        match self.world.staxbill.credit_allocations(invoice).await {
            Err(StaxError::NotFound(_)) => {}
            read => credits.extend(read?),
        }
        for id in credits {
            let key = Key { entity: Entity::Credit, id };
            // One that the stream did not show yet is in the next reading of it.
            let Some(known) = self.register.record(key)? else { continue };
            if known.opening {
                openings.insert(id);
            } else {
                let read = self.world.staxbill.credit(id).await;
                if matches!(read, Err(StaxError::Unreadable(_))) {
                    commit.errand(Errand::Credit(id));
                    continue;
                }
                self.take_credit(commit, (key, &known), read)?;
            }
        }
        self.register.commit(std::mem::take(commit)).await?;
        self.reread_openings(openings).await
    }

    /// An opening balance shows in the stream alone.
    async fn reread_openings(&self, openings: BTreeSet<u64>) -> Result<(), Stop> {
        let openings = openings.into_iter().collect::<Vec<_>>();
        if openings.is_empty() {
            return Ok(());
        }
        for row in self.world.staxbill.ar_activities_by_id(&openings).await?.into_iter().flatten() {
            if row.kind == ActivityKind::OpeningCredit {
                let mut commit = Commit::new();
                self.take_activity(&mut commit, &row)?;
                self.register.commit(commit).await?;
            }
        }
        Ok(())
    }

    /// What customers had in hand when the account began.
    fn openings(&self) -> Result<BTreeMap<u64, BTreeSet<u64>>, StoreError> {
        let mut openings = BTreeMap::<u64, BTreeSet<u64>>::new();
        self.register.each_record(Entity::Credit, |key, record| {
            if record.opening {
                openings.entry(record.customer).or_default().insert(key.id);
            }
            Ok(())
        })?;
        Ok(openings)
    }
}

/// Whether what is known of an invoice that nothing was known to settle makes
/// what Stax Bill says of it now.
fn explained(record: &RecordState, known: &[(Key, Money)], paid: Option<Money>) -> bool {
    let payments = known.iter().filter(|(fund, _)| fund.entity == Entity::Payment);
    let sum: Money = payments.map(|(_, amount)| *amount).sum();
    paid == Some(sum) && sums_up(record, known)
}

fn sums_up(record: &RecordState, funds: &[(Key, Money)]) -> bool {
    record.amount - funds.iter().map(|(_, amount)| *amount).sum() == record.open
}
