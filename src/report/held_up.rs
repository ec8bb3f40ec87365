//! What one cause holds up: records, and the money in them, each counted once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Amount, Blocks};
use crate::model::{Allocation, Currency, Key, Money, RecordState};

/// Records that wait for one cause. A payment of an invoice that waits too is
/// the same money, and so are a refund of such a payment and a reversal of such
/// an invoice.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldUp {
    records: u64,
    keys: BTreeSet<Key>,
    /// Money that is no other's.
    amounts: BTreeMap<Currency, Money>,
    shares: Vec<Share>,
}

/// A record whose money may be another's that waits for the same.
#[derive(Clone, Debug)]
struct Share {
    currency: Currency,
    amount: Money,
    of: Option<Key>,
    on: Vec<Allocation>,
}

impl HeldUp {
    /// Takes one record into account, once.
    pub(crate) fn add(&mut self, key: Key, record: &RecordState) {
        self.records += 1;
        self.keys.insert(key);
        let RecordState { currency, amount, of, allocations, withdrawals, .. } = record;
        // What was taken off an invoice again had been on it.
        let taken = withdrawals.iter().flat_map(|one| &one.allocations);
        let on: Vec<Allocation> = allocations.iter().chain(taken).cloned().collect();
        if of.is_none() && on.is_empty() {
            *self.amounts.entry(*currency).or_default() += *amount;
        } else {
            self.shares.push(Share { currency: *currency, amount: *amount, of: *of, on });
        }
    }

    /// Whether nothing was taken into account yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Takes what waits for another into account, which waits for this one.
    pub(crate) fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.keys.extend(other.keys);
        for (currency, amount) in other.amounts {
            *self.amounts.entry(currency).or_default() += amount;
        }
        self.shares.extend(other.shares);
    }

    /// The count and the sums, a row a currency.
    pub(crate) fn told(self) -> Blocks {
        let mut amounts = self.amounts;
        for share in self.shares {
            let waits = |row: &&Allocation| self.keys.contains(&Key::invoice(row.invoice));
            let theirs: Money = share.on.iter().filter(waits).map(|row| row.amount).sum();
            let whole = share.of.is_some_and(|of| self.keys.contains(&of)) || theirs >= share.amount;
            if !whole {
                *amounts.entry(share.currency).or_default() += share.amount - theirs;
            }
        }
        let amounts = amounts.into_iter().filter(|(_, amount)| !amount.is_zero());
        let amounts = amounts.map(|(currency, amount)| Amount { currency, amount }).collect();
        Blocks { records: self.records, amounts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entity, Taken};

    fn record(currency: &str, amount: &str, on: &[(u64, &str)], of: Option<Key>) -> RecordState {
        let taken = Taken {
            id: 1,
            effective_at: jiff::Timestamp::UNIX_EPOCH,
            amount: amount.parse().unwrap(),
            allocations: Vec::new(),
            quickbooks_id: None,
        };
        let customer = Key::customer(1);
        let row = crate::model::InvalidRow { id: 1, customer: 1, effective_at: None, reason: String::new() };
        let whole =
            RecordState { currency: currency.parse().unwrap(), ..RecordState::of_invalid(&row, None) };
        let day = "2026-03-01".parse().unwrap();
        let allocations = on
            .iter()
            .map(|(invoice, amount)| Allocation { invoice: *invoice, amount: amount.parse().unwrap() });
        RecordState {
            of,
            allocations: allocations.collect(),
            ..RecordState::of_withdrawal(&taken, customer, &whole, day)
        }
    }

    type Case = (&'static str, Vec<(Key, RecordState)>, &'static str);

    fn cases() -> Vec<Case> {
        let invoice = |id| Key::invoice(id);
        let payment = |id| Key::payment(id);
        let other = |entity, id| Key { entity, id };
        let bill = |amount| record("USD", amount, &[], None);
        vec![
            ("nothing", vec![], ""),
            (
                "a payment of an invoice that waits",
                vec![
                    (invoice(1), bill("100.00")),
                    (payment(2), record("USD", "100.00", &[(1, "100.00")], None)),
                ],
                "100.00 USD",
            ),
            (
                "a payment of what stands already",
                vec![
                    (invoice(1), bill("10.00")),
                    (payment(2), record("USD", "500.00", &[(9, "500.00")], None)),
                ],
                "510.00 USD",
            ),
            (
                "a payment in part",
                vec![
                    (invoice(1), bill("10.00")),
                    (payment(2), record("USD", "25.00", &[(1, "10.00"), (9, "5.00")], None)),
                ],
                "25.00 USD",
            ),
            (
                "more on it than it is",
                vec![(invoice(1), bill("10.00")), (payment(2), record("USD", "5.00", &[(1, "10.00")], None))],
                "10.00 USD",
            ),
            (
                "money back of what waits, and of what does not",
                vec![
                    (payment(2), record("USD", "25.00", &[], None)),
                    (other(Entity::Refund, 3), record("USD", "5.00", &[], Some(payment(2)))),
                    (other(Entity::Refund, 4), record("USD", "7.00", &[], Some(payment(9)))),
                ],
                "32.00 USD",
            ),
            (
                "a reversal of an invoice that waits",
                vec![
                    (invoice(1), bill("10.00")),
                    (other(Entity::ChargeReversal, 3), record("USD", "4.00", &[], Some(invoice(1)))),
                ],
                "10.00 USD",
            ),
            (
                "another currency",
                vec![
                    (invoice(1), bill("10.00")),
                    (payment(2), record("CAD", "25.00", &[], None)),
                    (invoice(3), record("EUR", "0.00", &[], None)),
                ],
                "25.00 CAD, 10.00 USD",
            ),
        ]
    }

    #[test]
    fn money_is_counted_once_and_none_is_left_out() {
        for (name, rows, expected) in cases() {
            let (mut whole, mut halves) = (HeldUp::default(), [HeldUp::default(), HeldUp::default()]);
            for (at, (key, record)) in rows.iter().enumerate() {
                whole.add(*key, record);
                halves[at % 2].add(*key, record);
            }
            let [mut merged, half] = halves;
            merged.merge(half);
            for held_up in [whole, merged] {
                let told = held_up.told();
                let amounts = told.amounts.iter().map(|one| format!("{} {}", one.amount, one.currency));
                assert_eq!(amounts.collect::<Vec<_>>().join(", "), expected, "{name}");
                assert_eq!(told.records, rows.len() as u64, "{name}");
            }
        }
    }
}
