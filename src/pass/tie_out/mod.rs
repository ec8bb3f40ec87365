//! The tie-out: whether what is open in Stax Bill is open in QuickBooks, from
//! the state alone and independent of the planner.
//!
//! | file | job |
//! |---|---|
//! | `books` | what is open on both sides, by customer and currency |
//! | `explain` | what a warning, a hold or a crossing says about a difference |
//! | `weights` | the differences that are looked for: not posted, crossing |
//! | `residue` | balances that someone else moved |
//! | `source` | Stax Bill's own balances against all records |
//!
//! Every record moves receivables by its amount: an invoice, a refund and a
//! debit up, the others down. What settles what takes nothing away from the
//! sum as long as both count. So a difference comes of four things: an object
//! that has another amount than its record or is not there, an application
//! that only one side has because one end does not count, a balance that
//! something foreign moved, and a balance of Stax Bill's that its records do
//! not make. The first two and, where a record that is concerned has a warning,
//! the third are explained.

mod books;
mod explain;
mod residue;
mod source;
#[cfg(test)]
mod tests;
mod weights;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use books::Books;
pub(super) use source::{DIFFERS, compare};

use self::explain::Explanations;
use crate::model::{Currency, Key, Money};
use crate::report::{OtherRow, TieOut, TieOutRow};
use crate::store::{Register, StoreError};

/// Whose open amounts, in which currency.
type Account = (u64, Currency);

/// The tie-out of what `books` were shown. `written` are customers whose
/// balance in QuickBooks was read before the pass wrote something of theirs.
pub(super) fn tie_out(
    register: &Register,
    books: &Books,
    written: &BTreeSet<u64>,
) -> Result<TieOut, StoreError> {
    let mut remainders = books.differences();
    let mut explanations = Explanations::new(register);
    if !remainders.is_empty() {
        weights::explain(register, books, &remainders, &mut explanations)?;
        explanations.take_off(&mut remainders);
    }
    if !remainders.is_empty() {
        let mut more = Explanations::new(register);
        residue::explain(register, books, &remainders, &mut more)?;
        more.take_off(&mut remainders);
        explanations.add(more);
    }
    let names = Names { register };
    let unexplained = unexplained(&names, books, remainders)?;
    Ok(TieOut {
        balanced: unexplained.is_empty(),
        customers: books.customers(),
        unexplained,
        explained: explanations.into_rows(|customer| names.of(customer))?,
        other: other(&names, books, written)?,
        staxbill_differs: register.mark(DIFFERS)?.unwrap_or_default(),
    })
}

fn unexplained(
    names: &Names<'_>,
    books: &Books,
    remainders: BTreeMap<Account, Money>,
) -> Result<Vec<TieOutRow>, StoreError> {
    let row = |((customer, currency), difference)| {
        let (staxbill, quickbooks) = books.sums((customer, currency));
        let label = names.of(customer)?;
        Ok(TieOutRow { customer: customer.to_string(), label, currency, staxbill, quickbooks, difference })
    };
    remainders.into_iter().map(row).collect()
}

/// What customers owe in QuickBooks besides what is ours.
fn other(names: &Names<'_>, books: &Books, written: &BTreeSet<u64>) -> Result<Vec<OtherRow>, StoreError> {
    let mut rows = Vec::new();
    for (customer, currency, balance) in books.balances().filter(|row| !written.contains(&row.0)) {
        let (_, ours) = books.sums((customer, currency));
        if balance != ours {
            let label = names.of(customer)?;
            let amount = balance - ours;
            rows.push(OtherRow { customer: customer.to_string(), label, currency, balance, amount });
        }
    }
    Ok(rows)
}

struct Names<'a> {
    register: &'a Register,
}

impl Names<'_> {
    fn of(&self, customer: u64) -> Result<String, StoreError> {
        let record = self.register.record(Key::customer(customer))?;
        Ok(record.map(|record| record.label).unwrap_or_default())
    }
}
