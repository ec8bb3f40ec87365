//! Balances that something else moved: a foreign payment, or a person who
//! changed what we applied. A record that is concerned and has a warning
//! explains them; else they stay unexplained.

use std::collections::{BTreeMap, BTreeSet};

use super::Account;
use super::books::{Books, Role};
use super::explain::{Explanations, warned};
use super::weights::{applied_to, claims};
use crate::entity::ORDER;
use crate::model::{Currency, Key, Money, RecordState};
use crate::store::{Register, StoreError};

/// Explains what remains of the accounts in `differing`, as far as a warning
/// says something about it.
pub(super) fn explain(
    register: &Register,
    books: &Books,
    differing: &BTreeMap<Account, Money>,
    explanations: &mut Explanations<'_>,
) -> Result<(), StoreError> {
    let mut accounts = BTreeMap::<Account, Vec<(Key, RecordState)>>::new();
    let mut unreadable = BTreeMap::<u64, (Key, RecordState)>::new();
    for entry in ORDER {
        register.each_record(entry.entity, |key, record| {
            let account = (record.customer, record.currency);
            if Role::of(key, &record).is_none() || !books.counts(&record) {
                return Ok(());
            }
            if differing.contains_key(&account) {
                accounts.entry(account).or_default().push((key, record));
            } else if record.invalid.is_some() && record.currency == Currency::NONE {
                unreadable.entry(record.customer).or_insert((key, record));
            }
            Ok(())
        })?;
    }
    for (account, remainder) in differing {
        let mine = Mine::of(accounts.remove(account).unwrap_or_default());
        let mut left = *remainder;
        for (key, record) in &mine.records {
            left -= one(register, (key, record), &mine, explanations)?;
        }
        // Nobody knows what it comes to: it may be all of this.
        if let Some((key, record)) = unreadable.get(&account.0).filter(|_| !left.is_zero()) {
            let record = RecordState { currency: account.1, ..record.clone() };
            explanations.by_state((*key, &record), left)?;
        }
    }
    Ok(())
}

/// Explains how far a balance is from what our own applications leave of it;
/// gives what was explained.
fn one(
    register: &Register,
    (key, record): (&Key, &RecordState),
    mine: &Mine,
    explanations: &mut Explanations<'_>,
) -> Result<Money, StoreError> {
    let (Some(object), Some(role)) = (record.living(), Role::of(*key, record)) else {
        return Ok(Money::ZERO);
    };
    let moved = match role {
        Role::Withdrawal => return Ok(Money::ZERO),
        Role::Invoice => object.total - mine.settled(register, (*key, record))? - object.open,
        Role::Fund | Role::Memo => {
            object.open + record.applied.iter().map(|row| row.amount).sum() - object.total
        }
    };
    if moved.is_zero() {
        return Ok(Money::ZERO);
    }
    if warned(record).is_some() {
        explanations.by_state((*key, record), moved)?;
        return Ok(moved);
    }
    let mut left = moved;
    for (fund, other) in
        mine.records.iter().filter(|(_, other)| role == Role::Invoice && warned(other).is_some())
    {
        let claimed: Money =
            claims(other).iter().filter(|(to, _)| to == key).map(|(_, amount)| *amount).sum();
        let part = within(left, claimed.max(applied_to(other, *key)));
        if !part.is_zero() {
            explanations.by_state((*fund, other), part)?;
            left -= part;
        }
    }
    Ok(moved - left)
}

/// The records of an account, and what they have on each thing together.
struct Mine {
    records: Vec<(Key, RecordState)>,
    laid: BTreeMap<Key, Money>,
    keys: BTreeSet<Key>,
}

impl Mine {
    fn of(records: Vec<(Key, RecordState)>) -> Self {
        let mut laid = BTreeMap::<Key, Money>::new();
        for (_, record) in records.iter().filter(|(_, record)| record.living().is_some()) {
            for row in &record.applied {
                *laid.entry(row.to).or_default() += row.amount;
            }
        }
        let keys = records.iter().map(|(key, _)| *key).collect();
        Self { records, laid, keys }
    }

    /// What funds of ours have on an invoice.
    fn settled(&self, register: &Register, (key, invoice): (Key, &RecordState)) -> Result<Money, StoreError> {
        let mut sum = self.laid.get(&key).copied().unwrap_or_default();
        for (fund, _) in register.funds_of(key.id)? {
            if !self.keys.contains(&fund)
                && let Some(record) =
                    register.record(fund)?.filter(|record| record.customer == invoice.customer)
                && record.living().is_some()
            {
                sum += applied_to(&record, key);
            }
        }
        Ok(sum)
    }
}

/// As much of `amount`, which may be below zero, as `most` allows.
fn within(amount: Money, most: Money) -> Money {
    if amount.is_negative() { amount.max(-most) } else { amount.min(most) }
}
