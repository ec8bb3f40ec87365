//! Explanations: what a warning, a hold or a crossing says about a difference.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Account;
use crate::model::{Code, Key, Money, RecordState, State};
use crate::report::ExplainedRow;
use crate::store::{Register, StoreError};

/// The word for what waits for its first attempt; all others are codes of
/// warnings.
const NOT_TRIED: &str = "not-tried";
/// The word for what the files or its date leave out, where no warning says so.
const OUT_OF_SCOPE: &str = "out-of-scope";

#[derive(Debug, Default)]
struct Row {
    amount: Money,
    /// Records that wait for the one it is told of.
    waiting: u64,
    code: &'static str,
    reason: String,
}

/// Rows so far, one a root cause: what is blocked is told at its root, what was
/// not tried yet at its customer.
pub(super) struct Explanations<'a> {
    register: &'a Register,
    rows: BTreeMap<(Account, Key), Row>,
}

impl<'a> Explanations<'a> {
    pub(super) fn new(register: &'a Register) -> Self {
        Self { register, rows: BTreeMap::new() }
    }

    /// `amount` of a difference comes of a record not being as it should. One
    /// that is synced explains nothing.
    pub(super) fn by_state(
        &mut self,
        (key, record): (Key, &RecordState),
        amount: Money,
    ) -> Result<(), StoreError> {
        let account = (record.customer, record.currency);
        match (record.state, record.blocked_by) {
            (State::Failed | State::Held | State::Drifted, _) => {
                if let Some((code, reason)) = warned(record) {
                    self.at(account, key, amount, || Ok((code, reason)))?;
                }
            }
            (State::Blocked, Some(root)) => {
                let register = self.register;
                let row = self.at(account, root, amount, || {
                    let record = register.record(root)?;
                    let known = record.as_ref().and_then(warned);
                    Ok(known.unwrap_or_else(|| (NOT_TRIED, "it was not tried yet".to_owned())))
                })?;
                row.waiting += 1;
            }
            (State::NotTried, _) => {
                let row = self.at(account, Key::customer(record.customer), amount, || {
                    Ok((NOT_TRIED, "what was not tried yet is not there".to_owned()))
                })?;
                row.waiting += 1;
            }
            (State::Blocked | State::Synced | State::OutOfScope, _) => {}
        }
        Ok(())
    }

    /// `amount` of a difference comes of `other`, which does not count here.
    pub(super) fn by_crossing(
        &mut self,
        (key, record): (Key, &RecordState),
        other: Key,
        amount: Money,
    ) -> Result<(), StoreError> {
        let account = (record.customer, record.currency);
        let why = || {
            let crossing = || (OUT_OF_SCOPE, format!("the other side of it, {other}, is out of scope"));
            Ok(warned(record).unwrap_or_else(crossing))
        };
        self.at(account, key, amount, why).map(|_| ())
    }

    fn at(
        &mut self,
        account: Account,
        key: Key,
        amount: Money,
        why: impl FnOnce() -> Result<(&'static str, String), StoreError>,
    ) -> Result<&mut Row, StoreError> {
        let row = match self.rows.entry((account, key)) {
            Entry::Occupied(row) => row.into_mut(),
            Entry::Vacant(place) => {
                let (code, reason) = why()?;
                place.insert(Row { code, reason, ..Row::default() })
            }
        };
        row.amount += amount;
        Ok(row)
    }

    /// Takes what is explained off `remainders`, and drops those of which
    /// nothing is left.
    pub(super) fn take_off(&self, remainders: &mut BTreeMap<Account, Money>) {
        for ((account, _), row) in &self.rows {
            if let Some(remainder) = remainders.get_mut(account) {
                *remainder -= row.amount;
            }
        }
        remainders.retain(|_, remainder| !remainder.is_zero());
    }

    pub(super) fn add(&mut self, more: Self) {
        for (place, row) in more.rows {
            match self.rows.entry(place) {
                Entry::Occupied(mut known) => known.get_mut().amount += row.amount,
                Entry::Vacant(place) => {
                    place.insert(row);
                }
            }
        }
    }

    /// The rows that come to something; `name` tells a customer's.
    pub(super) fn into_rows(
        self,
        name: impl Fn(u64) -> Result<String, StoreError>,
    ) -> Result<Vec<ExplainedRow>, StoreError> {
        let rows = self.rows.into_iter().filter(|(_, row)| !row.amount.is_zero());
        rows.map(|(((customer, currency), key), row)| {
            let Row { amount, waiting, code, reason } = row;
            let reason = match waiting {
                0 => reason,
                1 => format!("{reason}; 1 record waits"),
                _ => format!("{reason}; {waiting} records wait"),
            };
            let (customer, label, code) = (customer.to_string(), name(customer)?, code.to_owned());
            Ok(ExplainedRow { customer, label, currency, amount, key: key.to_string(), code, reason })
        })
        .collect()
    }
}

/// The warning that a record has.
pub(super) fn warned(record: &RecordState) -> Option<(&'static str, String)> {
    let stands = match record.state {
        State::Failed | State::Held | State::Drifted => true,
        State::Synced | State::NotTried | State::Blocked | State::OutOfScope => false,
    };
    let fault = record.fault.as_ref().filter(|_| stands)?;
    Some((Code::name(fault.code), fault.reason.clone()))
}
