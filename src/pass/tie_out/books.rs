//! Books: what is open on both sides, by customer and currency.

use std::collections::BTreeMap;

use super::Account;
use crate::model::{Currency, Entity, Key, Money, RecordState, State};

/// What a record is to the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An invoice: owed until it is settled.
    Invoice,
    /// A payment or a credit: Stax Bill has an open amount of it.
    Fund,
    /// A credit note or a write-off: Stax Bill takes it off its invoice.
    Memo,
    /// A refund or a debit: it takes a fund back.
    Withdrawal,
}

impl Role {
    /// `None` for a customer.
    pub(super) fn of(key: Key, record: &RecordState) -> Option<Self> {
        match key.entity {
            Entity::Customer => None,
            Entity::Invoice => Some(Self::Invoice),
            Entity::Credit if record.of.is_some() => Some(Self::Withdrawal),
            Entity::Payment | Entity::Credit => Some(Self::Fund),
            Entity::Refund => Some(Self::Withdrawal),
            Entity::ChargeReversal | Entity::WriteOff => Some(Self::Memo),
        }
    }

    /// Receivables moved by `amount` of it.
    pub(super) fn signed(self, amount: Money) -> Money {
        match self {
            Self::Invoice | Self::Withdrawal => amount,
            Self::Fund | Self::Memo => -amount,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    staxbill: Money,
    quickbooks: Money,
}

/// Open amounts of both sides. Records are shown in entity order.
#[derive(Default)]
pub(in super::super) struct Books {
    /// Customers that are compared, with what they owe in QuickBooks as it was
    /// last seen.
    customers: BTreeMap<u64, (Currency, Money)>,
    sums: BTreeMap<Account, Sums>,
}

impl Books {
    /// Takes a record in.
    pub(in super::super) fn weigh(&mut self, key: Key, record: &RecordState) {
        let Some(role) = Role::of(key, record) else {
            if let Some(object) = record.living().filter(|_| record.state != State::OutOfScope) {
                self.customers.insert(key.id, (record.currency, object.open));
            }
            return;
        };
        if !self.counts(record) {
            return;
        }
        let sums = self.sums.entry((record.customer, record.currency)).or_default();
        if matches!(role, Role::Invoice | Role::Fund) {
            sums.staxbill += role.signed(record.open);
        }
        let Some(object) = record.living() else { return };
        match role {
            // QuickBooks does not tell what is open of an entry: what our funds
            // have on it is taken off where they come.
            Role::Withdrawal => sums.quickbooks += object.total,
            Role::Invoice => sums.quickbooks += object.open,
            Role::Fund | Role::Memo => {
                let on_entries = record.applied.iter().filter(|row| row.to.entity == Entity::Refund);
                sums.quickbooks -= object.open + on_entries.map(|row| row.amount).sum();
            }
        }
    }

    /// Whether a record is compared.
    pub(super) fn counts(&self, record: &RecordState) -> bool {
        record.state != State::OutOfScope && self.customers.contains_key(&record.customer)
    }

    pub(super) fn customers(&self) -> u64 {
        self.customers.len() as u64
    }

    /// What customers owe in QuickBooks as it was last seen.
    pub(super) fn balances(&self) -> impl Iterator<Item = (u64, Currency, Money)> {
        self.customers.iter().map(|(customer, (currency, balance))| (*customer, *currency, *balance))
    }

    /// What is open in Stax Bill, and in QuickBooks.
    pub(super) fn sums(&self, account: Account) -> (Money, Money) {
        let sums = self.sums.get(&account).copied().unwrap_or_default();
        (sums.staxbill, sums.quickbooks)
    }

    /// Where both sides differ, and by how much.
    pub(super) fn differences(&self) -> BTreeMap<Account, Money> {
        let difference = |(account, sums): (&Account, &Sums)| (*account, sums.staxbill - sums.quickbooks);
        self.sums.iter().map(difference).filter(|(_, difference)| !difference.is_zero()).collect()
    }
}
