//! What changed in Stax Bill's lists that have stamps: customers, invoices,
//! payments and refunds.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::funds::claims;
use super::{Mode, Pass, Stop};
use crate::model::{
    Allocation, Customer, Entity, InvalidRow, Invoice, Key, Money, Payment, RecordState, Taken, date_in,
};
use crate::mutation::Mutation;
use crate::staxbill::{MoneyRow, StaxPage};
use crate::store::{Body, Commit, Errand, StoreError};

/// Stax Bill commits records with stamps of a moment ago: what is read under a
/// mark reaches back this far, and what is seen twice is told by its digest.
const OVERLAP: SignedDuration = SignedDuration::from_hours(2);

impl Pass<'_> {
    /// The day of an instant in the company's time zone.
    pub(super) fn day(&self, at: Timestamp) -> Date {
        date_in(at, &self.world.settings.company.time_zone)
    }

    /// Reads every list from its mark on, or from the beginning in a full scan.
    pub(super) async fn read_source(&mut self) -> Result<(), Stop> {
        let since = |index: usize| if self.full { None } else { self.marks.staxbill[index] };
        let (customers, invoices, money) = (since(0), since(1), since(2));
        let staxbill = &self.world.staxbill;
        self.each_page(0, async |page| Ok(staxbill.customers(customers, page).await?), take_customer).await?;
        self.each_page(1, async |page| Ok(staxbill.invoice_summaries(invoices, page).await?), take_invoice)
            .await?;
        self.each_page(2, async |page| Ok(staxbill.payment_activities(money, page).await?), take_money)
            .await?;
        self.read_stream().await?;
        self.run_errands().await?;
        self.reread_allocations().await?;
        if self.full && self.mode != Mode::Plan {
            self.read_balances().await?;
        }
        Ok(())
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
            let page = match read(number).await {
                Err(_) if Mutation::AdvanceWatermark.is_planted() => {
                    self.marks.staxbill[index] = Some(self.started_at);
                    return Ok(());
                }
                page => page?,
            };
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
}

pub(super) fn take_customer(
    pass: &Pass<'_>,
    commit: &mut Commit,
    row: Result<Customer, InvalidRow>,
) -> Result<(), StoreError> {
    match row {
        Ok(customer) => {
            let key = Key::customer(customer.id);
            let changed = take(pass, commit, key, RecordState::of_customer(&customer))?;
            if changed.is_some_and(|posted| !posted || pass.follows(customer.id)) {
                commit.body(key, &Body::Customer(Box::new(customer)));
            }
            Ok(())
        }
        Err(row) => take_invalid(pass, commit, Entity::Customer, &row),
    }
}

pub(super) fn take_invoice(
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
            let known = pass.register.funds_of(invoice.id)?.len();
            if known > 0 {
                commit.recheck(invoice.id, None);
            } else if pass.marks.staxbill[2].is_some() && invoice.outstanding != invoice.amount {
                commit.recheck(invoice.id, Some(invoice.paid));
            }
            let linked = pass.link(invoice.customer).is_some();
            let open = pass.waiting.contains(&key);
            if (posted || open) && linked {
                // Only the invoice itself tells whether its notes were amended.
                commit.errand(Errand::Words(invoice.id));
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

fn take_money(
    pass: &Pass<'_>,
    commit: &mut Commit,
    row: Result<MoneyRow, InvalidRow>,
) -> Result<(), StoreError> {
    match row {
        Ok(MoneyRow::Payment(payment)) => take_payment(pass, commit, Ok(payment)),
        Ok(MoneyRow::Refund { id, customer, of_activity }) => {
            // A refund leaves its payment's stamp as it was: the payment is
            // read again unless it told of the refund itself.
            let key = Key { entity: Entity::Refund, id };
            let told = pass.register.record(key)?.is_some_and(|known| known.of.is_some());
            if !told && !commit.holds(key) {
                commit.errand(Errand::PaymentActivity(of_activity));
                let reason = format!(
                    "Stax Bill lists it as money back of the payment activity {of_activity}, which does not show it"
                );
                return take_invalid(
                    pass,
                    commit,
                    Entity::Refund,
                    &InvalidRow { id, customer, effective_at: None, reason },
                );
            }
            Ok(())
        }
        Ok(MoneyRow::InvalidRefund(row)) => take_invalid(pass, commit, Entity::Refund, &row),
        Err(row) => take_invalid(pass, commit, Entity::Payment, &row),
    }
}

pub(super) fn take_payment(
    pass: &Pass<'_>,
    commit: &mut Commit,
    row: Result<Payment, InvalidRow>,
) -> Result<(), StoreError> {
    match row {
        Ok(payment) => {
            let key = Key::payment(payment.id);
            let now = RecordState::of_payment(&payment, |at| pass.day(at));
            take_withdrawals(pass, commit, (key, &now), &payment.refunds)?;
            let Some(posted) = take_fund(pass, commit, key, now)? else { return Ok(()) };
            if !posted {
                commit.body(key, &Body::Payment(payment));
            }
            Ok(())
        }
        Err(row) => take_invalid(pass, commit, Entity::Payment, &row),
    }
}

/// Refunds of a payment, debits of a credit: each a record of its own.
pub(super) fn take_withdrawals(
    pass: &Pass<'_>,
    commit: &mut Commit,
    (of, whole): (Key, &RecordState),
    taken: &[Taken],
) -> Result<(), StoreError> {
    for one in taken {
        let entity = if of.entity == Entity::Payment { Entity::Refund } else { Entity::Credit };
        let now = RecordState::of_withdrawal(one, of, whole, pass.day(one.effective_at));
        take(pass, commit, Key { entity, id: one.id }, now)?;
    }
    Ok(())
}

/// Remembers a fund and what it settles. An invoice that a refund took it off
/// stays in the index, with nothing.
pub(super) fn take_fund(
    pass: &Pass<'_>,
    commit: &mut Commit,
    key: Key,
    now: RecordState,
) -> Result<Option<bool>, StoreError> {
    let before = pass.register.record(key)?.map(|record| settles(&record)).unwrap_or_default();
    let rows = settles(&now);
    let taken = take(pass, commit, key, now)?;
    if taken.is_some() {
        commit.allocations(key, &before, &rows);
    }
    Ok(taken)
}

fn settles(record: &RecordState) -> Vec<Allocation> {
    let mut rows = claims(record);
    for row in record.withdrawals.iter().flat_map(|one| &one.allocations) {
        if rows.iter().all(|other| other.invoice != row.invoice) {
            rows.push(Allocation { invoice: row.invoice, amount: Money::ZERO });
        }
    }
    rows
}

pub(super) fn take_invalid(
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
pub(super) fn take(
    pass: &Pass<'_>,
    commit: &mut Commit,
    key: Key,
    now: RecordState,
) -> Result<Option<bool>, StoreError> {
    let kept = pass.register.record(key)?;
    pass.watch_own_sync(commit, (key, kept.as_ref()), &now)?;
    let Some(kept) = kept else {
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
