//! Stax Bill's own balances against all records, in scope or not: where they
//! differ, Stax Bill has kinds of transactions that latchd does not read.

use std::collections::BTreeMap;

use super::Account;
use super::books::Role;
use crate::entity::ORDER;
use crate::model::{Entity, Money};
use crate::report::StaxbillRow;
use crate::store::{Register, StoreError};

/// Under this name the state keeps where they differed in the last full scan.
pub(in super::super) const DIFFERS: &str = "staxbill-differs";

/// Compares the balances that a full scan read. Both are of one moment only
/// right after it: records move on, and the balances are read once a day.
pub(in super::super) fn compare(register: &Register) -> Result<Vec<StaxbillRow>, StoreError> {
    let mut sums = BTreeMap::<Account, Money>::new();
    for entry in ORDER.iter().filter(|entry| entry.entity != Entity::Customer) {
        register.each_record(entry.entity, |key, record| {
            if let Some(role @ (Role::Invoice | Role::Fund)) = Role::of(key, &record) {
                *sums.entry((record.customer, record.currency)).or_default() += role.signed(record.open);
            }
            Ok(())
        })?;
    }
    let mut rows = Vec::new();
    register.each_record(Entity::Customer, |key, record| {
        let Some(ar_balance) = register.ar_balance(key.id)? else { return Ok(()) };
        let records = sums.get(&(key.id, record.currency)).copied().unwrap_or_default();
        if ar_balance != records {
            rows.push(StaxbillRow {
                customer: key.id.to_string(),
                label: record.label,
                currency: record.currency,
                ar_balance,
                records,
                difference: ar_balance - records,
            });
        }
        Ok(())
    })?;
    Ok(rows)
}
