//! Shares: how much of an invoice each fund can take in QuickBooks, where
//! something else stands on it too: a foreign payment, a payment that a
//! journal entry refunds, a credit note for more than is left.

use super::Pass;
use super::funds::claims;
use crate::model::{Allocation, Applied, Entity, Key, Money, RecordState};
use crate::store::{Foreign, StoreError};

/// What a fund can take of an invoice.
pub(super) struct Share {
    /// Of the invoice first, then of the entries that reopened it; where it waits,
    /// what it has of them already.
    pub(super) lines: Vec<Applied>,
    /// What does not fit, because foreign documents stand there.
    pub(super) beyond: Money,
    /// Those documents.
    pub(super) foreign: Vec<Foreign>,
    /// An entry that will take the rest once it stands.
    pub(super) waits: Option<Key>,
}

/// A journal entry by which refunds of one payment reopened an invoice.
struct Reopened {
    entry: Key,
    /// What of it is for each of the invoices, in ascending order.
    rows: Vec<Allocation>,
    stands: bool,
}

/// A fund's claim on an invoice.
struct Claim {
    fund: Key,
    /// Served after the others, and yields to them.
    last: bool,
    amount: Money,
    /// What stands of it: on the invoice, then on each of its entries.
    standing: Vec<Money>,
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
        let last = fund.entity == Entity::ChargeReversal;
        if standing_on(record, to) == row.amount && !last {
            return Ok(whole(row.amount));
        }
        let foreign = self.register.foreign_on(to)?;
        let entries = self.entries_on(row.invoice)?;
        if foreign.is_empty() && entries.is_empty() && !last {
            return Ok(whole(row.amount));
        }
        let taken: Money = foreign.iter().map(|one| one.amount).sum();
        let claims = self.claims_on((fund, record), row.invoice, &entries)?;
        let mut rooms = vec![invoice.amount - taken];
        rooms.extend(entries.iter().map(|entry| on(&entry.rows, row.invoice)));
        let mut shares = divide(&rooms, &claims, fund).into_iter();
        let mut lines = Vec::new();
        lines
            .extend(shares.next().map(|amount| Applied { to, amount }).filter(|line| !line.amount.is_zero()));
        let (mut waits, mut later) = (None, Money::ZERO);
        for (entry, amount) in entries.iter().zip(shares).filter(|(_, amount)| !amount.is_zero()) {
            let holder = self.releasing.get(&entry.entry);
            let holder = holder.and_then(|holders| holders.iter().find(|holder| **holder != fund));
            let raised = standing_on(record, entry.entry) < amount;
            let own = record.withdrawals.iter().any(|one| one.key == entry.entry);
            match holder.filter(|_| raised) {
                // Its own entry waits for it in turn.
                None if own && !entry.stands => later += amount,
                None if entry.stands => lines.push(Applied { to: entry.entry, amount }),
                None => waits = Some(entry.entry),
                Some(key) => {
                    waits = Some(*key);
                    let stands = Applied { to: entry.entry, amount: standing_on(record, entry.entry) };
                    lines.extend(Some(stands).filter(|line| !line.amount.is_zero()));
                }
            }
        }
        // What a credit note cannot lay on its invoice stays open by nature.
        let rest = row.amount - later - lines.iter().map(|line| line.amount).sum();
        let beyond = if last || waits.is_some() { Money::ZERO } else { rest };
        Ok(Share { lines, beyond, foreign, waits })
    }

    /// The journal entries by which refunds reopened an invoice, or will, by
    /// key.
    fn entries_on(&self, invoice: u64) -> Result<Vec<Reopened>, StoreError> {
        let mut entries = Vec::new();
        for (fund, _) in self.register.funds_of(invoice)? {
            if fund.entity != Entity::Payment {
                continue;
            }
            let Some(payment) = self.register.record(fund)?.filter(|payment| self.comes_here(payment)) else {
                continue;
            };
            for withdrawal in &payment.withdrawals {
                if !on(&withdrawal.allocations, invoice).is_zero() && self.is_entry(&payment, withdrawal)? {
                    let (entry, rows) = (withdrawal.key, withdrawal.allocations.clone());
                    let stands = self.register.record(entry)?.is_some_and(|entry| entry.living().is_some());
                    entries.push(Reopened { entry, rows, stands });
                }
            }
        }
        entries.sort_by_key(|one| one.entry);
        Ok(entries)
    }

    /// Whether a fund has a part in QuickBooks. What lies before the start was
    /// settled there by hand, if at all, and is met as what it is there.
    fn comes_here(&self, fund: &RecordState) -> bool {
        let start = self.customers.get(&fund.customer).and_then(|view| view.start);
        let late = fund.date.is_none_or(|date| start.is_none_or(|start| date >= start));
        fund.object.is_some() || (fund.send && late)
    }

    /// What a fund claims of an invoice: what Stax Bill has there, and what
    /// its refunds took off as entries.
    fn claim(&self, record: &RecordState, invoice: u64) -> Result<Money, StoreError> {
        let mut amount = on(&claims(record), invoice);
        for withdrawal in &record.withdrawals {
            if self.is_entry(record, withdrawal)? {
                amount += on(&withdrawal.allocations, invoice);
            }
        }
        Ok(amount)
    }

    /// Who claims what of an invoice, in the order in which they are served.
    fn claims_on(
        &self,
        (fund, record): (Key, &RecordState),
        invoice: u64,
        entries: &[Reopened],
    ) -> Result<Vec<Claim>, StoreError> {
        let mut all = vec![self.claim_of((fund, record), invoice, entries)?];
        for (other, _) in self.register.funds_of(invoice)? {
            let record = self.register.record(other)?.filter(|record| self.comes_here(record));
            if let Some(record) = record.filter(|_| other != fund) {
                all.push(self.claim_of((other, &record), invoice, entries)?);
            }
        }
        all.sort_by_key(|claim| (claim.last, claim.fund));
        Ok(all)
    }

    fn claim_of(
        &self,
        (fund, record): (Key, &RecordState),
        invoice: u64,
        entries: &[Reopened],
    ) -> Result<Claim, StoreError> {
        let amount = self.claim(record, invoice)?;
        let mut standing = vec![standing_on(record, Key::invoice(invoice))];
        for entry in entries {
            let rest = amount - standing.iter().copied().sum();
            standing.push(self.standing_for(record, entry, (invoice, rest))?);
        }
        Ok(Claim { fund, last: fund.entity == Entity::ChargeReversal, amount, standing })
    }

    /// What of a fund's part of an entry is for this invoice, of which so much
    /// is not settled otherwise: an entry may have reopened several.
    fn standing_for(
        &self,
        record: &RecordState,
        entry: &Reopened,
        (invoice, rest): (u64, Money),
    ) -> Result<Money, StoreError> {
        let mut left = standing_on(record, entry.entry);
        for row in &entry.rows {
            let its = row.invoice == invoice;
            let wish = if its {
                rest
            } else {
                self.claim(record, row.invoice)? - standing_on(record, Key::invoice(row.invoice))
            };
            let part = at_least_nothing(left.min(wish).min(row.amount));
            if its {
                return Ok(part);
            }
            left -= part;
        }
        Ok(Money::ZERO)
    }
}

/// What `fund` gets of each place, when the places have so much room. What
/// stands stays as far as it is claimed; then those that are served first take
/// what is left, place by place, and only then the last are looked at.
fn divide(rooms: &[Money], claims: &[Claim], fund: Key) -> Vec<Money> {
    let mut left = rooms.to_vec();
    let mut shares = vec![vec![Money::ZERO; rooms.len()]; claims.len()];
    for last in [false, true] {
        let tier = || claims.iter().enumerate().filter(|(_, claim)| claim.last == last);
        for kept in [true, false] {
            for (place, left) in left.iter_mut().enumerate() {
                for (at, claim) in tier() {
                    let rest = claim.amount - shares[at].iter().copied().sum();
                    let wish = if kept { rest.min(claim.standing[place]) } else { rest };
                    let part = at_least_nothing(wish.min(*left));
                    shares[at][place] += part;
                    *left -= part;
                }
            }
        }
    }
    let at = claims.iter().position(|claim| claim.fund == fund);
    at.map_or_else(|| vec![Money::ZERO; rooms.len()], |at| shares.swap_remove(at))
}

fn at_least_nothing(amount: Money) -> Money {
    if amount.is_negative() { Money::ZERO } else { amount }
}

/// What some allocations put on an invoice.
fn on(rows: &[Allocation], invoice: u64) -> Money {
    rows.iter().filter(|row| row.invoice == invoice).map(|row| row.amount).sum()
}

/// A line for each thing that is settled, in order: an entry may have reopened
/// several invoices.
pub(super) fn together(mut lines: Vec<Applied>) -> Vec<Applied> {
    lines.sort();
    let mut joined = Vec::<Applied>::with_capacity(lines.len());
    for line in lines {
        match joined.last_mut().filter(|last| last.to == line.to) {
            Some(last) => last.amount += line.amount,
            None => joined.push(line),
        }
    }
    joined
}

/// What a record has on another's object in QuickBooks.
pub(super) fn standing_on(record: &RecordState, to: Key) -> Money {
    record.applied.iter().filter(|row| row.to == to).map(|row| row.amount).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THIRD: Key = Key { entity: Entity::ChargeReversal, id: 3 };

    /// Payments 1 and 2 and credit note 3 claim so much, of which so much
    /// stands on the invoice and on its entry.
    fn claims(rows: [(i64, [i64; 2]); 3]) -> Vec<Claim> {
        let funds = [Key::payment(1), Key::payment(2), THIRD];
        let claim = |(fund, (amount, standing)): (Key, (i64, [i64; 2]))| Claim {
            fund,
            last: fund == THIRD,
            amount: Money::from_cents(amount),
            standing: standing.map(Money::from_cents).to_vec(),
        };
        funds.into_iter().zip(rows).map(claim).collect()
    }

    #[test]
    fn an_invoice_and_its_entry_are_shared_in_order_and_notes_yield() {
        let cases = [
            ("all fit", [100, 0], [(40, [0, 0]), (60, [0, 0]), (0, [0, 0])], [[40, 0], [60, 0], [0, 0]]),
            ("in order", [100, 0], [(70, [0, 0]), (60, [0, 0]), (9, [0, 0])], [[70, 0], [30, 0], [0, 0]]),
            (
                "what stands stays",
                [100, 0],
                [(70, [0, 0]), (60, [60, 0]), (0, [0, 0])],
                [[40, 0], [60, 0], [0, 0]],
            ),
            (
                "no more than is claimed",
                [100, 0],
                [(70, [0, 0]), (20, [60, 0]), (0, [0, 0])],
                [[70, 0], [20, 0], [0, 0]],
            ),
            (
                "the rest goes to the entry",
                [100, 50],
                [(80, [0, 0]), (60, [0, 0]), (30, [0, 0])],
                [[80, 0], [20, 40], [0, 10]],
            ),
            (
                "one stays on the entry",
                [100, 50],
                [(80, [0, 0]), (40, [0, 40]), (9, [0, 0])],
                [[80, 0], [0, 40], [9, 0]],
            ),
            (
                "a note gives way",
                [100, 0],
                [(90, [0, 0]), (0, [0, 0]), (30, [30, 0])],
                [[90, 0], [0, 0], [10, 0]],
            ),
            (
                "a note stays where there is room",
                [100, 50],
                [(90, [0, 0]), (0, [0, 0]), (30, [0, 30])],
                [[90, 0], [0, 0], [0, 30]],
            ),
            (
                "less than nothing",
                [-5, 0],
                [(70, [0, 0]), (0, [0, 0]), (0, [0, 0])],
                [[0, 0], [0, 0], [0, 0]],
            ),
        ];
        for (name, rooms, rows, expected) in cases {
            let (rooms, all) = (rooms.map(Money::from_cents), claims(rows));
            let found = all.iter().map(|claim| divide(&rooms, &all, claim.fund)).collect::<Vec<_>>();
            assert_eq!(found, expected.map(|row| row.map(Money::from_cents).to_vec()), "{name}");
        }
    }
}
