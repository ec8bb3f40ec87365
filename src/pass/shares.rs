//! Shares: how much of an invoice each fund can take in QuickBooks, where
//! something else stands on it too: a foreign payment, a payment that a
//! journal entry refunds, a credit note for more than is left.

use super::Pass;
use crate::model::{Allocation, Applied, Entity, Key, Money, RecordState};
use crate::store::{Foreign, StoreError};

/// What a fund can take of an invoice.
pub(super) struct Share {
    /// Of the invoice first, then of the entries that reopened it.
    pub(super) lines: Vec<Applied>,
    /// What does not fit, because foreign documents stand there.
    pub(super) beyond: Money,
    /// Those documents.
    pub(super) foreign: Vec<Foreign>,
    /// An entry that will take the rest once it stands.
    pub(super) waits: Option<Key>,
}

/// A journal entry by which a refund reopened an invoice.
struct Reopened {
    entry: Key,
    amount: Money,
    stands: bool,
}

/// A fund's claim on an invoice.
struct Claim {
    fund: Key,
    amount: Money,
    standing: Money,
}

impl Pass<'_> {
    /// What `fund` can take for its allocation. What stands, up to what is
    /// wanted, stays.
    pub(super) fn share(
        &self,
        (fund, record): (Key, &RecordState),
        row: &Allocation,
        invoice: &RecordState,
    ) -> Result<Share, StoreError> {
        let to = Key::invoice(row.invoice);
        let whole = |amount| Share {
            lines: vec![Applied { to, amount }],
            beyond: Money::ZERO,
            foreign: Vec::new(),
            waits: None,
        };
        if standing_on(record, to) == row.amount {
            return Ok(whole(row.amount));
        }
        let foreign = self.register.foreign_on(to)?;
        let entries = self.entries_on(row.invoice)?;
        let alone = foreign.is_empty() && entries.is_empty();
        if alone && fund.entity != Entity::ChargeReversal {
            return Ok(whole(row.amount));
        }
        let taken: Money = foreign.iter().map(|one| one.amount).sum();
        let claims = self.claims_on(row.invoice, (fund, row.amount, standing_on(record, to)))?;
        let mut left = row.amount.min(room(invoice.amount - taken, &claims, fund));
        if left.is_negative() {
            left = Money::ZERO;
        }
        let mut lines = Vec::new();
        if !left.is_zero() {
            lines.push(Applied { to, amount: left });
        }
        let mut rest = row.amount - left;
        let mut waits = None;
        for Reopened { entry, amount, stands } in entries {
            let others = self.applied_to_entry(row.invoice, (fund, entry))?;
            let part = rest.min(amount - others);
            if part.is_negative() || part.is_zero() {
                continue;
            }
            if stands {
                rest -= part;
                lines.push(Applied { to: entry, amount: part });
            } else {
                waits = Some(entry);
            }
        }
        // What a credit note cannot lay on its invoice stays open by nature.
        let beyond = if fund.entity == Entity::ChargeReversal { Money::ZERO } else { rest };
        Ok(Share { lines, beyond, foreign, waits })
    }

    /// The journal entries by which refunds reopened an invoice, or will.
    fn entries_on(&self, invoice: u64) -> Result<Vec<Reopened>, StoreError> {
        let mut entries = Vec::new();
        for (fund, _) in self.register.funds_of(invoice)? {
            if fund.entity != Entity::Payment {
                continue;
            }
            let Some(payment) = self.register.record(fund)? else { continue };
            for withdrawal in &payment.withdrawals {
                let of_it = withdrawal.allocations.iter().filter(|row| row.invoice == invoice);
                let amount: Money = of_it.map(|row| row.amount).sum();
                if !amount.is_zero() && self.is_entry(&payment, withdrawal)? {
                    let entry = withdrawal.key;
                    let stands = self.register.record(entry)?.is_some_and(|entry| entry.living().is_some());
                    entries.push(Reopened { entry, amount, stands });
                }
            }
        }
        Ok(entries)
    }

    /// What other funds of the invoice have on an entry.
    fn applied_to_entry(&self, invoice: u64, (fund, entry): (Key, Key)) -> Result<Money, StoreError> {
        let mut sum = Money::ZERO;
        for (other, _) in self.register.funds_of(invoice)? {
            if other != fund
                && let Some(record) = self.register.record(other)?
            {
                sum += standing_on(&record, entry);
            }
        }
        Ok(sum)
    }

    /// Who claims what of an invoice, in the order in which they are served:
    /// payments that entries refund keep theirs, credit notes come last.
    fn claims_on(
        &self,
        invoice: u64,
        (fund, amount, standing): (Key, Money, Money),
    ) -> Result<Vec<Claim>, StoreError> {
        let to = Key::invoice(invoice);
        let mut claims = vec![(fund.entity == Entity::ChargeReversal, Claim { fund, amount, standing })];
        for (other, allocated) in self.register.funds_of(invoice)? {
            if other == fund {
                continue;
            }
            let Some(record) = self.register.record(other)? else { continue };
            let mut amount = allocated;
            for withdrawal in &record.withdrawals {
                if self.is_entry(&record, withdrawal)? {
                    let rows = withdrawal.allocations.iter().filter(|row| row.invoice == invoice);
                    amount += rows.map(|row| row.amount).sum();
                }
            }
            let standing = standing_on(&record, to);
            claims.push((other.entity == Entity::ChargeReversal, Claim { fund: other, amount, standing }));
        }
        claims.sort_by_key(|(last, claim)| (*last, claim.fund));
        Ok(claims.into_iter().map(|(_, claim)| claim).collect())
    }
}

/// What of `capacity` is left for `fund` when everybody keeps what stands, as
/// far as it is claimed, and the rest is served in order.
fn room(capacity: Money, claims: &[Claim], fund: Key) -> Money {
    let kept = |claim: &Claim| claim.standing.min(claim.amount);
    let mut left = capacity - claims.iter().map(kept).sum();
    for claim in claims {
        let more = (claim.amount - kept(claim)).min(left);
        let more = if more.is_negative() { Money::ZERO } else { more };
        if claim.fund == fund {
            return kept(claim) + more;
        }
        left -= more;
    }
    Money::ZERO
}

/// What a record has on another's object in QuickBooks.
pub(super) fn standing_on(record: &RecordState, to: Key) -> Money {
    record.applied.iter().filter(|row| row.to == to).map(|row| row.amount).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_is_shared_in_order_and_nobody_is_pushed_off() {
        let payment = |id| Key { entity: Entity::Payment, id };
        let claim = |id, amount, standing| Claim {
            fund: payment(id),
            amount: Money::from_cents(amount),
            standing: Money::from_cents(standing),
        };
        let cases = [
            ("all fit", 100, vec![claim(1, 40, 0), claim(2, 60, 0)], 2, 60),
            ("in order", 100, vec![claim(1, 70, 0), claim(2, 60, 0)], 2, 30),
            ("what stands stays", 100, vec![claim(1, 70, 0), claim(2, 60, 60)], 2, 60),
            ("and the first yields", 100, vec![claim(1, 70, 0), claim(2, 60, 60)], 1, 40),
            ("no more than is claimed", 100, vec![claim(1, 70, 0), claim(2, 20, 60)], 1, 70),
            ("nothing left", 0, vec![claim(1, 70, 0)], 1, 0),
            ("less than nothing", -5, vec![claim(1, 70, 0)], 1, 0),
        ];
        for (name, capacity, claims, fund, expected) in cases {
            let found = room(Money::from_cents(capacity), &claims, payment(fund));
            assert_eq!(found, Money::from_cents(expected), "{name}");
        }
    }
}
