//! A scenario's hands on Stax Bill's money: payments, refunds, credits, and
//! where they lie.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::account::{customer, invoice, owed, payment};
use super::step::BillerAct;
use super::words::Record;
use crate::sandbox::staxbill::{Account, Attempt, NewAttempt, NewCredit, NewPayment, NewRefund, Payment};

const CARD: &str = "CreditCard";

/// Takes money or gives it, as of `now`.
pub(super) fn take_or_give(account: &Account, now: Timestamp, act: &BillerAct) -> Result<String, String> {
    match act {
        BillerAct::Pay { customer: who, amount, invoice, method } => {
            let customer = customer(account, *who)?;
            let payment = NewPayment {
                customer,
                amount: amount.0,
                effective: now,
                method: method.clone().unwrap_or_else(|| CARD.to_owned()),
                allocations: placed(account, customer, (*invoice, amount.0))?,
                ..NewPayment::default()
            };
            Ok(format!("payment {}", account.collect_payment(payment)))
        }
        BillerAct::GiveCredit { customer: who, amount, invoice } => {
            let customer = customer(account, *who)?;
            let credit = NewCredit {
                customer,
                amount: amount.0,
                effective: now,
                allocations: placed(account, customer, (*invoice, amount.0))?,
                ..NewCredit::default()
            };
            Ok(format!("credit {}", account.give_credit(credit)))
        }
        BillerAct::FailedPayment { customer: who, amount } => {
            let id = account.attempt_payment(NewAttempt {
                customer: customer(account, *who)?,
                amount: amount.0,
                effective: now,
                method: CARD.to_owned(),
                outcome: Attempt::Failed,
            });
            Ok(format!("activity {id}"))
        }
        BillerAct::Refund { payment, amount, invoice } => {
            refund(account, now, (*payment, *invoice), amount.0)
        }
        BillerAct::Bounce { payment: of } => {
            Ok(format!("refund {}", account.bounce(payment(account, *of)?.id, now)))
        }
        BillerAct::HoldBack { payment: held } => {
            let held = payment(account, *held)?.id;
            account.hold_back(held);
            Ok(format!("payment {held}"))
        }
        BillerAct::AddCustomer { .. }
        | BillerAct::RenameCustomer { .. }
        | BillerAct::SetStatus { .. }
        | BillerAct::Synchronise { .. }
        | BillerAct::OwnSynchronisation(_)
        | BillerAct::PostInvoice { .. }
        | BillerAct::AmendInvoice { .. }
        | BillerAct::Settle { .. }
        | BillerAct::AllocateCredit { .. }
        | BillerAct::DeallocateCredit { .. }
        | BillerAct::Debit { .. }
        | BillerAct::WriteOff { .. }
        | BillerAct::Reverse { .. }
        | BillerAct::Allocate { .. }
        | BillerAct::Deallocate { .. }
        | BillerAct::MoveAllocation { .. } => Err("no money comes or goes by it".to_owned()),
    }
}

/// Gives a payment back, from an invoice on which it lies or from what is free.
fn refund(
    account: &Account,
    now: Timestamp,
    (of, off): (Record, Option<Record>),
    amount: Decimal,
) -> Result<String, String> {
    let source = payment(account, of)?;
    let off = off.map(|off| invoice(account, off)).transpose()?.map(|off| off.id);
    let free = off.map_or(source.unallocated(), |off| lies(&source, off));
    if free < amount {
        return Err(format!("payment {} has less than {amount} there", source.id));
    }
    let refund = NewRefund {
        payment: source.id,
        amount,
        effective: now,
        reference: None,
        allocations: off.map(|off| (off, amount)).into_iter().collect(),
    };
    Ok(format!("refund {}", account.refund(refund)))
}

/// Takes a payment's money off one invoice and puts it on another, or leaves
/// one of the two out.
pub(super) fn move_money(
    account: &Account,
    source: Record,
    (from, to): (Option<Record>, Option<Record>),
    amount: Decimal,
) -> Result<String, String> {
    let source = payment(account, source)?;
    let from = from.map(|from| invoice(account, from)).transpose()?;
    let to = to.map(|to| invoice(account, to)).transpose()?;
    let free = from.as_ref().map_or(source.unallocated(), |from| lies(&source, from.id));
    if free < amount {
        return Err(format!("payment {} has less than {amount} there", source.id));
    }
    if let Some(to) = &to {
        if to.customer != source.customer {
            return Err(format!("payment {} and invoice {} have two customers", source.id, to.id));
        }
        if owed(to)? < amount {
            return Err(format!("less than {amount} is owed on invoice {}", to.id));
        }
    }
    if let Some(from) = from {
        account.deallocate(source.id, from.id, amount);
    }
    if let Some(to) = to {
        account.allocate(source.id, to.id, amount);
    }
    Ok(format!("payment {}", source.id))
}

/// What of `amount` is put on an invoice: no more than is owed there.
fn placed(
    account: &Account,
    customer: i64,
    (on, amount): (Option<Record>, Decimal),
) -> Result<Vec<(i64, Decimal)>, String> {
    let Some(on) = on else { return Ok(Vec::new()) };
    let on = invoice(account, on)?;
    if on.customer != customer {
        return Err(format!("invoice {} is customer {}'s, not customer {customer}'s", on.id, on.customer));
    }
    Ok(vec![(on.id, amount.min(owed(&on)?))])
}

/// What of a payment lies on an invoice.
fn lies(payment: &Payment, invoice: i64) -> Decimal {
    payment.allocations.iter().filter(|one| one.invoice == invoice).map(|one| one.amount).sum()
}
