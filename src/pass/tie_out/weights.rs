//! The differences that are looked for: objects that have another amount than
//! their record or are not there, and applications of which one end does not
//! count.

use std::collections::{BTreeMap, BTreeSet};

use super::Account;
use super::books::{Books, Role};
use super::explain::Explanations;
use crate::entity::ORDER;
use crate::model::{Entity, Key, Money, RecordState, Withdrawal};
use crate::store::{Register, StoreError};

/// Explains the differences of the accounts in `differing`.
pub(super) fn explain(
    register: &Register,
    books: &Books,
    differing: &BTreeMap<Account, Money>,
    explanations: &mut Explanations<'_>,
) -> Result<(), StoreError> {
    let mut weights = Weights { register, books, explanations };
    for entry in ORDER {
        register.each_record(entry.entity, |key, record| {
            let Some(role) = Role::of(key, &record) else { return Ok(()) };
            if !differing.contains_key(&(record.customer, record.currency)) {
                return Ok(());
            }
            if !books.counts(&record) {
                return weights.crossing_memo((key, &record), role);
            }
            weights.weigh((key, &record), role)
        })?;
    }
    Ok(())
}

struct Weights<'a, 'b> {
    register: &'a Register,
    books: &'a Books,
    explanations: &'a mut Explanations<'b>,
}

impl Weights<'_, '_> {
    fn weigh(&mut self, (key, record): (Key, &RecordState), role: Role) -> Result<(), StoreError> {
        let posted = record.living().map(|object| object.total).unwrap_or_default();
        match role {
            Role::Invoice => {
                self.off((key, record), record.amount - posted)?;
                self.crossing_invoice((key, record))
            }
            Role::Memo => {
                self.off((key, record), posted - record.amount)?;
                self.crossing_fund((key, record))
            }
            Role::Fund => {
                let netted = record.withdrawals.iter().filter(|one| record.netted.contains(&one.key));
                let netted: Money = netted.map(|one| one.amount).sum();
                self.off((key, record), posted - (record.amount - netted))?;
                for withdrawal in record.withdrawals.iter().filter(|one| !record.netted.contains(&one.key)) {
                    self.withdrawal((key, record), withdrawal)?;
                }
                self.crossing_fund((key, record))
            }
            Role::Withdrawal => self.withdrawal_alone((key, record)),
        }
    }

    /// A difference that the record's own state has to explain.
    fn off(&mut self, record: (Key, &RecordState), amount: Money) -> Result<(), StoreError> {
        if amount.is_zero() { Ok(()) } else { self.explanations.by_state(record, amount) }
    }

    /// What was taken back of a fund in Stax Bill and not of its object.
    fn withdrawal(
        &mut self,
        (_, fund): (Key, &RecordState),
        withdrawal: &Withdrawal,
    ) -> Result<(), StoreError> {
        let Some(record) = self.register.record(withdrawal.key)? else { return Ok(()) };
        if !self.counts_with(fund, &record) {
            return self.explanations.by_crossing(
                (withdrawal.key, &record),
                record.of.unwrap_or(withdrawal.key),
                withdrawal.amount,
            );
        }
        let entry = record.living().map(|object| object.total).unwrap_or_default();
        self.off((withdrawal.key, &record), withdrawal.amount - entry)
    }

    /// The entry of a refund whose payment does not count.
    fn withdrawal_alone(&mut self, (key, record): (Key, &RecordState)) -> Result<(), StoreError> {
        let Some(object) = record.living() else { return Ok(()) };
        let fund = record.of.map(|of| self.register.record(of)).transpose()?.flatten();
        match (record.of, fund) {
            (Some(_), Some(fund)) if self.counts_with(record, &fund) => Ok(()),
            (Some(of), _) => self.explanations.by_crossing((key, record), of, -object.total),
            (None, _) => self.off((key, record), -object.total),
        }
    }

    /// What a fund that counts has on what does not.
    fn crossing_fund(&mut self, (key, record): (Key, &RecordState)) -> Result<(), StoreError> {
        let claims = claims(record);
        let living = record.living().is_some();
        let mut targets = claims.iter().map(|(to, _)| *to).collect::<BTreeSet<_>>();
        targets.extend(record.applied.iter().map(|row| row.to).filter(|to| to.entity == Entity::Invoice));
        for to in targets {
            let other = self.register.record(to)?;
            if other.is_some_and(|other| self.counts_with(record, &other)) {
                continue;
            }
            let claimed: Money = claims.iter().filter(|(of, _)| *of == to).map(|(_, amount)| *amount).sum();
            let amount = claimed - if living { applied_to(record, to) } else { Money::ZERO };
            if !amount.is_zero() {
                self.explanations.by_crossing((key, record), to, amount)?;
            }
        }
        Ok(())
    }

    /// What funds that do not count have on an invoice that does.
    fn crossing_invoice(&mut self, (key, record): (Key, &RecordState)) -> Result<(), StoreError> {
        for (fund, claimed) in self.register.funds_of(key.id)? {
            let Some(other) = self.register.record(fund)? else { continue };
            if !self.counts_with(record, &other) {
                self.crossing((key, record), (fund, &other), claimed)?;
            }
        }
        Ok(())
    }

    /// A credit note or a write-off that does not count, of an invoice that does.
    fn crossing_memo(&mut self, (key, record): (Key, &RecordState), role: Role) -> Result<(), StoreError> {
        let Some(of) = record.of.filter(|_| role == Role::Memo) else { return Ok(()) };
        let Some(invoice) = self.register.record(of)? else { return Ok(()) };
        if invoice.customer == record.customer && self.books.counts(&invoice) {
            self.crossing((of, &invoice), (key, record), record.amount)?;
        }
        Ok(())
    }

    fn crossing(
        &mut self,
        (key, invoice): (Key, &RecordState),
        (fund, other): (Key, &RecordState),
        claimed: Money,
    ) -> Result<(), StoreError> {
        let applied = if other.living().is_some() { applied_to(other, key) } else { Money::ZERO };
        if claimed == applied {
            return Ok(());
        }
        self.explanations.by_crossing((key, invoice), fund, applied - claimed)
    }

    /// Whether `other` is compared among the same customer's records.
    fn counts_with(&self, record: &RecordState, other: &RecordState) -> bool {
        other.customer == record.customer && self.books.counts(other)
    }
}

/// What Stax Bill has a fund settle.
pub(super) fn claims(record: &RecordState) -> Vec<(Key, Money)> {
    match record.of {
        Some(invoice) if invoice.entity == Entity::Invoice => vec![(invoice, record.amount)],
        Some(_) | None => {
            let row = |row: &crate::model::Allocation| (Key::invoice(row.invoice), row.amount);
            record.allocations.iter().map(row).collect()
        }
    }
}

/// What a record has on another's object in QuickBooks.
pub(super) fn applied_to(record: &RecordState, to: Key) -> Money {
    record.applied.iter().filter(|row| row.to == to).map(|row| row.amount).sum()
}
