//! A scenario's hands on Stax Bill's credits: where they lie, and the debits
//! that take them back.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::account::{invoice, owed};
use super::words::{Amount, Record};
use crate::sandbox::staxbill::{Account, Credit, NewDebit};

/// Takes a credit back, from an invoice on which it lies or from what is free.
pub(super) fn take_back(
    account: &Account,
    now: Timestamp,
    (of, off): (Record, Option<Record>),
    amount: Amount,
) -> Result<String, String> {
    let source = credit(account, of)?;
    if source.opening {
        return Err("an opening balance is not taken back by a debit".to_owned());
    }
    let off = off.map(|off| invoice(account, off)).transpose()?.map(|off| off.id);
    enough(&source, off.map_or(source.unallocated(), |off| lies(&source, off)), amount)?;
    let debit = NewDebit {
        credit: source.id,
        amount: amount.0,
        effective: now,
        reference: None,
        allocations: off.map(|off| (off, amount.0)).into_iter().collect(),
    };
    Ok(format!("debit {}", account.debit(debit)))
}

/// Puts what is free of a credit on an invoice.
pub(super) fn put(account: &Account, of: Record, on: Record, amount: Amount) -> Result<String, String> {
    let (source, on) = (credit(account, of)?, invoice(account, on)?);
    enough(&source, source.unallocated(), amount)?;
    if on.customer != source.customer {
        return Err(format!("credit {} and invoice {} have two customers", source.id, on.id));
    }
    if owed(&on)? < amount.0 {
        return Err(format!("less than {} is owed on invoice {}", amount.0, on.id));
    }
    account.allocate_credit(source.id, on.id, amount.0);
    Ok(format!("credit {}", source.id))
}

/// Takes a credit off an invoice again.
pub(super) fn lift(account: &Account, of: Record, off: Record, amount: Amount) -> Result<String, String> {
    let (source, off) = (credit(account, of)?, invoice(account, off)?);
    enough(&source, lies(&source, off.id), amount)?;
    account.deallocate_credit(source.id, off.id, amount.0);
    Ok(format!("credit {}", source.id))
}

fn enough(source: &Credit, there: Decimal, amount: Amount) -> Result<(), String> {
    if there < amount.0 {
        Err(format!("credit {} has less than {} there", source.id, amount.0))
    } else {
        Ok(())
    }
}

/// What of a credit lies on an invoice.
fn lies(credit: &Credit, invoice: i64) -> Decimal {
    credit.allocations.iter().filter(|one| one.invoice == invoice).map(|one| one.amount).sum()
}

fn credit(account: &Account, which: Record) -> Result<Credit, String> {
    let found = match which {
        Record::Id(id) => account.credit(id),
        Record::Newest => account.credits().pop(),
    };
    found.ok_or_else(|| "there is no such credit in Stax Bill".to_owned())
}
