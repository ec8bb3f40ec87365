//! Takes: whether a fund can take what Stax Bill has it settle, and why not.

use jiff::civil::Date;

use super::Pass;
use super::shares::standing_on;
use crate::model::{Allocation, Applied, Code, Entity, Key, Problem, RecordState};
use crate::store::{Foreign, StoreError};

/// Days between two amounts that are taken for one and the same.
pub(super) const SAME_DAYS: i32 = 3;

/// Whether a fund can take what it is allocated to.
pub(super) enum Take {
    /// In full, or as far as it fits.
    Fits(Vec<Applied>),
    /// It waits for this record.
    Blocked(Key),
    /// It waits for this entry, and what it has beyond this gives way before: the
    /// funds that it yields to take it, and they may come first.
    Yields(Key, Vec<Applied>),
    /// That part stays unapplied, and why.
    Crossing(Problem),
    /// It cannot be at all.
    Wrong(Problem),
}

impl Pass<'_> {
    /// Whether a fund can take its part of an invoice.
    pub(super) fn take(
        &self,
        (fund, record): (Key, &RecordState),
        row: &Allocation,
    ) -> Result<Take, StoreError> {
        let key = Key::invoice(row.invoice);
        let Some(invoice) = self.register.record(key)? else { return Ok(Take::Blocked(key)) };
        if invoice.customer != record.customer {
            let reason = format!(
                "it is applied to invoice {} of customer {}, and QuickBooks applies a payment to its own \
                 customer's invoices alone; apply it there by hand, or correct it in Stax Bill",
                invoice.label, invoice.customer
            );
            return Ok(Take::Wrong(Problem::new(Code::InvalidRecord, reason)));
        }
        let raised = standing_on(record, key) < row.amount;
        if let Some(problem) = self.apart(record, (row, &invoice)).filter(|_| raised) {
            return Ok(Take::Crossing(problem));
        }
        let start = self.customers.get(&invoice.customer).and_then(|view| view.start);
        // A start that moves later takes nothing back.
        let early = invoice
            .date
            .filter(|date| raised && !invoice.matched && start.is_some_and(|start| *date < start));
        if let Some(date) = early {
            let reason = format!(
                "{} of it settles invoice {} of {date}, before the customer's start; that part stays unapplied",
                row.amount, invoice.label
            );
            return Ok(Take::Crossing(Problem::new(Code::AppliedBeforeStart, reason)));
        }
        let staying =
            self.staying.get(&key).and_then(|holders| holders.iter().find(|holder| **holder != fund));
        if let Some(by) = staying.filter(|_| raised) {
            let reason = format!(
                "{} of it settles invoice {}, on which {by} still stands in QuickBooks, which is before the customer's \
                 start now; that part stays unapplied",
                row.amount, invoice.label
            );
            return Ok(Take::Crossing(Problem::new(Code::AppliedBeforeStart, reason)));
        }
        let holder =
            self.releasing.get(&key).and_then(|holders| holders.iter().find(|holder| **holder != fund));
        if let Some(by) = holder.filter(|_| raised) {
            return Ok(Take::Blocked(self.root_of(*by)?));
        }
        let usable = invoice.living().is_some_and(|object| object.total == invoice.amount);
        if !usable {
            return Ok(Take::Blocked(invoice.blocked_by.unwrap_or(key)));
        }
        let mut share = self.share((fund, record), row, &invoice)?;
        if let Some(entry) = share.waits {
            return Ok(waits_for(entry, fund, share.lines));
        }
        let accepted = self.accepts(fund, record.customer);
        if let Some(same) = share
            .foreign
            .iter()
            .find(|one| !share.beyond.is_zero() && !accepted && looks_like(one, record, row))
        {
            // What applies a credit is no document that could be matched.
            let money = fund.entity == Entity::Payment && !same.total.is_zero();
            let settles =
                if money { self.settled_by(fund, record.customer, &same.payment) } else { String::new() };
            let reason = format!(
                "QuickBooks' payment {} took {} of invoice {} within three days of it, and is not ours{settles}",
                same.payment, same.amount, invoice.label
            );
            return Ok(Take::Wrong(Problem::new(Code::PossibleDuplicate, reason)));
        }
        let laid = self.laid_by_others((fund, record), key)?;
        share.beyond -= share.beyond.min(laid);
        if !share.beyond.is_zero() {
            self.note_foreign((fund, share.beyond), &invoice);
        }
        Ok(Take::Fits(share.lines))
    }

    /// Where an invoice and what is to settle it stand at two customers in
    /// QuickBooks: a link moved away between them.
    fn apart(&self, fund: &RecordState, (row, invoice): (&Allocation, &RecordState)) -> Option<Problem> {
        let stands = |record: &RecordState| record.living().and_then(|object| object.customer.clone());
        let linked = || self.customers.get(&fund.customer).and_then(|view| view.quickbooks_id.clone());
        let (theirs, ours) = (stands(invoice)?, stands(fund).or_else(linked)?);
        let reason = format!(
            "{} of it settles invoice {}, which stands at QuickBooks' customer {theirs}, and it is {ours}'s; \
             QuickBooks applies a payment to its own customer's invoices alone: that part stays unapplied",
            row.amount, invoice.label
        );
        (theirs != ours).then(|| Problem::new(Code::InvalidRecord, reason))
    }

    /// What keeps a fund from letting go: the refund or debit that cannot take
    /// effect, else the fund itself.
    fn root_of(&self, fund: Key) -> Result<Key, StoreError> {
        let Some(record) = self.register.record(fund)? else { return Ok(fund) };
        for withdrawal in &record.withdrawals {
            if !record.netted.contains(&withdrawal.key) && !self.is_entry(&record, withdrawal)? {
                return Ok(withdrawal.key);
            }
        }
        Ok(fund)
    }
}

/// What becomes of a fund whose entry is not there yet. A credit note is served
/// last, and keeps of the invoice just its share meanwhile.
fn waits_for(entry: Key, fund: Key, share: Vec<Applied>) -> Take {
    if fund.entity == Entity::ChargeReversal { Take::Yields(entry, share) } else { Take::Blocked(entry) }
}

/// Whether a foreign payment may be the same money: its amount, within three
/// days.
fn looks_like(foreign: &Foreign, record: &RecordState, row: &Allocation) -> bool {
    let same = [foreign.amount, foreign.total].iter().any(|one| *one == row.amount || *one == record.amount);
    let near = foreign.date.zip(record.date).is_none_or(|(one, other)| days_between(one, other) <= SAME_DAYS);
    record.object.is_none() && same && near
}

/// How many days lie between two.
pub(super) fn days_between(one: Date, other: Date) -> i32 {
    one.since(other).map_or(i32::MAX, |span| span.get_days().abs())
}
