//! What people entered by hand for customers that links adopt: the documents,
//! and since which day they are known.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Commit, Register, StoreError, key_of};
use crate::model::{Money, ObjectId, ObjectKind};

/// A document in QuickBooks that is nobody's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// What it is.
    pub kind: ObjectKind,
    /// Which.
    pub id: ObjectId,
    /// The QuickBooks customer that it was entered for.
    pub customer: ObjectId,
    /// Its number, if it bears one.
    pub number: Option<String>,
    /// Its date.
    pub date: Option<Date>,
    /// Its total.
    pub total: Money,
}

/// Since which day documents of a QuickBooks customer are known, by kind;
/// [`Date::MIN`]: all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Which.
    pub customer: ObjectId,
    since: BTreeMap<ObjectKind, Date>,
}

impl Looked {
    /// Nothing is known yet.
    pub fn nowhere(customer: &ObjectId) -> Self {
        Self { customer: customer.clone(), since: BTreeMap::new() }
    }

    /// The first day that is known of a kind, where anything is.
    pub fn since(&self, kind: ObjectKind) -> Option<Date> {
        self.since.get(&kind).copied()
    }

    /// Documents of a kind are known from `from` on.
    pub fn note(&mut self, kind: ObjectKind, from: Date) {
        self.since.insert(kind, from);
    }
}

impl Register {
    /// Since when the documents of a QuickBooks customer are known.
    pub fn looked(&self, customer: &ObjectId) -> Result<Looked, StoreError> {
        Ok(self.get(&key_of::looked(customer))?.unwrap_or_else(|| Looked::nowhere(customer)))
    }

    /// The same of every QuickBooks customer of whom any are.
    pub fn each_looked(&self, mut then: impl FnMut(Looked)) -> Result<(), StoreError> {
        self.each(key_of::LOOKED, |_, looked| {
            then(looked);
            Ok(())
        })
    }

    /// The documents of a kind that people entered for a QuickBooks customer.
    pub fn by_hand(&self, customer: &ObjectId, kind: ObjectKind) -> Result<Vec<ByHand>, StoreError> {
        let mut documents = Vec::new();
        self.each(&key_of::all_by_hand(customer, kind), |_, document| {
            documents.push(document);
            Ok(())
        })?;
        Ok(documents)
    }

    /// Every document that people entered and that is known.
    pub fn each_by_hand(&self, mut then: impl FnMut(ByHand)) -> Result<(), StoreError> {
        self.each(key_of::BY_HAND, |_, document| {
            then(document);
            Ok(())
        })
    }

    /// A document that people entered, as it is known.
    pub fn entered(&self, kind: ObjectKind, id: &ObjectId) -> Result<Option<ByHand>, StoreError> {
        match self.get::<ObjectId>(&key_of::by_hand_for(kind, id))? {
            Some(customer) => self.get(&key_of::by_hand(&customer, kind, id)),
            None => Ok(None),
        }
    }
}

impl Commit {
    /// Remembers since when the documents of a QuickBooks customer are known.
    pub fn looked(&mut self, looked: &Looked) {
        self.put(key_of::looked(&looked.customer), looked);
    }

    /// They are not known any more: they are looked for again once it matters.
    pub fn not_looked(&mut self, customer: &ObjectId) {
        self.remove(key_of::looked(customer));
    }

    /// Remembers a document that people entered.
    pub fn by_hand(&mut self, document: &ByHand) {
        let ByHand { kind, id, customer, .. } = document;
        self.put(key_of::by_hand(customer, *kind, id), document);
        self.put(key_of::by_hand_for(*kind, id), customer);
    }

    /// It is gone, or somebody's record after all.
    pub fn not_by_hand(&mut self, document: &ByHand) {
        let ByHand { kind, id, customer, .. } = document;
        self.remove(key_of::by_hand(customer, *kind, id));
        self.remove(key_of::by_hand_for(*kind, id));
    }
}
