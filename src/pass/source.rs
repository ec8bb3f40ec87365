//! What changed in Stax Bill: customers, invoices, payments, and allocations
//! that moved without their payment's stamp.

use jiff::{SignedDuration, Timestamp};

use super::{Pass, Stop};
use crate::model::{Customer, Entity, InvalidRow, Invoice, Key, Payment, RecordState, date_in};
use crate::staxbill::{StaxError, StaxPage};
use crate::store::{Body, Commit, StoreError};

/// Stax Bill commits records with stamps of a moment ago: what is read under a
/// mark reaches back this far, and what is seen twice is told by its digest.
const OVERLAP: SignedDuration = SignedDuration::from_hours(2);

impl Pass<'_> {
    /// Reads every list from its mark on, or from the beginning in a full scan.
    pub(super) async fn read_source(&mut self) -> Result<(), Stop> {
        let since = |index: usize| if self.full { None } else { self.marks.staxbill[index] };
        let (customers, invoices, payments) = (since(0), since(1), since(2));
        let staxbill = &self.world.staxbill;
        self.each_page(0, async |page| Ok(staxbill.customers(customers, page).await?), take_customer).await?;
        self.each_page(1, async |page| Ok(staxbill.invoice_summaries(invoices, page).await?), take_invoice)
            .await?;
        self.each_page(2, async |page| Ok(staxbill.payments(payments, page).await?), take_payment).await?;
        self.reread_allocations().await
    }

    /// Pages of one list; its mark moves when the last page was read, to Stax
    /// Bill's own time when the first was.
    async fn each_page<T>(
        &mut self,
        index: usize,
        read: impl AsyncFn(usize) -> Result<StaxPage<T>, Stop>,
        take: impl Fn(&Pass<'_>, &mut Commit, Result<T, InvalidRow>) -> Result<(), StoreError>,
    ) -> Result<(), Stop> {
        let mut began: Option<Timestamp> = None;
        let mut number = 0;
        loop {
            let page = read(number).await?;
            began = began.or(page.server_time);
            let mut commit = Commit::new();
            for row in page.rows {
                take(self, &mut commit, row)?;
            }
            self.register.commit(commit).await?;
            if !page.more {
                // It is kept with the pass's other marks, after everything that
                // was read under it.
                if let Some(at) = began.and_then(|at| at.checked_sub(OVERLAP).ok()) {
                    self.marks.staxbill[index] = Some(at);
                }
                return Ok(());
            }
            number += 1;
        }
    }

    /// Allocations move with no new stamp on the payment; a changed invoice is
    /// how they are noticed. The payments named there now, and before, are read
    /// again and compared by content.
    async fn reread_allocations(&mut self) -> Result<(), Stop> {
        for (invoice, paid) in self.register.recheck()? {
            let before = self.register.payments_of(invoice)?;
            let known = before.iter().map(|(_, amount)| *amount).sum();
            let explained = paid.is_some_and(|paid| paid == known);
            let Some(record) = self.register.record(Key::invoice(invoice))? else { continue };
            let mut commit = Commit::new();
            let customer_matters = self.world.decisions.links.contains_key(&record.customer);
            if !explained && !customer_matters && before.is_empty() {
                // It costs calls, so it waits until someone links the customer.
                continue;
            }
            if !explained {
                let mut payments = match self.world.staxbill.payments_of_invoice(invoice).await {
                    Err(StaxError::NotFound(_)) => Vec::new(),
                    read => read?,
                };
                payments.extend(before.iter().map(|(payment, _)| *payment));
                payments.sort_unstable();
                payments.dedup();
                for id in payments {
                    // One that no list showed yet is in the next one, with how it was paid.
                    let Some(known) = self.register.record(Key::payment(id))? else { continue };
                    let customer = known.customer;
                    let mut payment = match self.world.staxbill.payment(id).await {
                        Err(error @ (StaxError::NotFound(_) | StaxError::Unreadable(_))) => {
                            Err(InvalidRow { id, customer, effective_at: None, reason: error.to_string() })
                        }
                        read => read?,
                    };
                    // Only the activity tells how it was paid, and that was read before.
                    if let (Ok(payment), Some(Body::Payment(kept))) =
                        (&mut payment, self.register.body(Key::payment(id))?)
                    {
                        payment.method = kept.method;
                    }
                    take_payment(self, &mut commit, payment)?;
                }
            }
            commit.rechecked(invoice);
            self.register.commit(commit).await?;
        }
        Ok(())
    }
}

fn take_customer(
    pass: &Pass<'_>,
    commit: &mut Commit,
    row: Result<Customer, InvalidRow>,
) -> Result<(), StoreError> {
    match row {
        Ok(customer) => {
            let key = Key::customer(customer.id);
            let changed = take(pass, commit, key, RecordState::of_customer(&customer))?;
            if changed == Some(false) {
                commit.body(key, &Body::Customer(Box::new(customer)));
            }
            Ok(())
        }
        Err(row) => take_invalid(pass, commit, Entity::Customer, &row),
    }
}

fn take_invoice(
    pass: &Pass<'_>,
    commit: &mut Commit,
    row: Result<Invoice, InvalidRow>,
) -> Result<(), StoreError> {
    match row {
        Ok(invoice) => {
            let key = Key::invoice(invoice.id);
            let date = date_in(invoice.effective_at, &pass.world.settings.company.time_zone);
            let Some(posted) = take(pass, commit, key, RecordState::of_invoice(&invoice, date))? else {
                return Ok(());
            };
            let allocated = !pass.register.payments_of(invoice.id)?.is_empty();
            if allocated {
                commit.recheck(invoice.id, None);
            } else if pass.marks.staxbill[2].is_some() && !invoice.paid.is_zero() {
                commit.recheck(invoice.id, Some(invoice.paid));
            }
            if !posted {
                // Lines that were read stay, unless a note or the like was amended.
                let lines = match pass.register.body(key)? {
                    Some(Body::Invoice(kept)) if kept.modified_at == invoice.modified_at => kept.lines,
                    _ => None,
                };
                commit.body(key, &Body::Invoice(Invoice { lines, ..invoice }));
            }
            Ok(())
        }
        Err(row) => take_invalid(pass, commit, Entity::Invoice, &row),
    }
}

fn take_payment(
    pass: &Pass<'_>,
    commit: &mut Commit,
    row: Result<Payment, InvalidRow>,
) -> Result<(), StoreError> {
    match row {
        Ok(payment) => {
            let key = Key::payment(payment.id);
            let day = |at| date_in(at, &pass.world.settings.company.time_zone);
            let before = pass.register.record(key)?.map(|record| record.allocations).unwrap_or_default();
            let Some(posted) = take(pass, commit, key, RecordState::of_payment(&payment, day))? else {
                return Ok(());
            };
            commit.allocations(payment.id, &before, &payment.allocations);
            if !posted {
                commit.body(key, &Body::Payment(payment));
            }
            Ok(())
        }
        Err(row) => take_invalid(pass, commit, Entity::Payment, &row),
    }
}

fn take_invalid(
    pass: &Pass<'_>,
    commit: &mut Commit,
    entity: Entity,
    row: &InvalidRow,
) -> Result<(), StoreError> {
    let date = row.effective_at.map(|at| date_in(at, &pass.world.settings.company.time_zone));
    let key = Key { entity, id: row.id };
    take(pass, commit, key, RecordState::of_invalid(row, date)).map(|_| ())
}

/// Remembers what a row says. `None` where it says nothing new; else whether
/// the record stands in QuickBooks already, so that its content is not needed.
fn take(
    pass: &Pass<'_>,
    commit: &mut Commit,
    key: Key,
    now: RecordState,
) -> Result<Option<bool>, StoreError> {
    let Some(kept) = pass.register.record(key)? else {
        commit.record(key, &now);
        return Ok(Some(false));
    };
    let mut merged = kept.clone();
    merged.reread(now);
    if merged == kept {
        return Ok(None);
    }
    commit.record(key, &merged);
    Ok(Some(merged.object.is_some()))
}
