//! A scenario's hands on the Stax Bill account: customers, invoices, and which
//! record is meant.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::step::BillerAct;
use super::words::Record;
use super::{credits, money};
use crate::sandbox::staxbill::{
    Account, CustomerStatus, Invoice, NewCharge, NewCustomer, NewInvoice, NewReversal, Payment,
    SettlementStatus,
};

/// When an invoice falls due that does not say.
const DUE_DAYS: i64 = 30;

const SETTLEMENTS: [SettlementStatus; 4] = [
    SettlementStatus::Unknown,
    SettlementStatus::Pending,
    SettlementStatus::Successful,
    SettlementStatus::Failed,
];

const STATUSES: [CustomerStatus; 5] = [
    CustomerStatus::Draft,
    CustomerStatus::Active,
    CustomerStatus::Hold,
    CustomerStatus::Suspended,
    CustomerStatus::Cancelled,
];

/// Carries an act out as of `now`; says what came of it.
///
/// The account panics about what its screens would not allow. Most of that is
/// looked at first; the rest is caught, because a file may be wrong.
pub(super) fn bill(account: &Account, now: Timestamp, act: &BillerAct) -> Result<String, String> {
    catch_unwind(AssertUnwindSafe(|| carry_out(account, now, act)))
        .unwrap_or_else(|_| Err("Stax Bill does not allow it".to_owned()))
}

fn carry_out(account: &Account, now: Timestamp, act: &BillerAct) -> Result<String, String> {
    match act {
        BillerAct::AddCustomer { name, email, currency } => {
            let id = account.add_customer(NewCustomer {
                company_name: Some(name.clone()),
                primary_email: email.clone(),
                currency: currency.clone(),
                ..NewCustomer::default()
            });
            Ok(format!("customer {id}"))
        }
        BillerAct::RenameCustomer { customer: who, to } => {
            let id = customer(account, *who)?;
            account.edit_customer(id, |fields| fields.company_name = Some(to.clone()));
            Ok(format!("customer {id}"))
        }
        BillerAct::SetStatus { customer, status } => set_status(account, *customer, status),
        BillerAct::Synchronise { customer: who, first_id } => {
            let id = customer(account, *who)?;
            account.synchronised_by_vendor(id, *first_id);
            Ok(format!("customer {id}"))
        }
        BillerAct::PostInvoice { customer: who, amount, product, due_days } => {
            let charge = charge(account, amount.0, product.as_deref())?;
            let days = due_days.unwrap_or(DUE_DAYS);
            Ok(post_invoice(account, now, customer(account, *who)?, (charge, days)))
        }
        BillerAct::WriteOff { invoice, amount } => write_off(account, now, *invoice, amount.0),
        BillerAct::Reverse { invoice } => reverse(account, now, *invoice),
        BillerAct::AmendInvoice { invoice: which, po_number, notes } => {
            let id = invoice(account, *which)?.id;
            account.amend_invoice(id, po_number.as_deref(), notes.as_deref());
            Ok(format!("invoice {id}"))
        }
        BillerAct::Settle { payment, status } => settle(account, *payment, status),
        BillerAct::OwnSynchronisation(on) => {
            account.own_synchronisation(*on);
            Ok(if *on { "on" } else { "off" }.to_owned())
        }
        BillerAct::AllocateCredit { credit, invoice, amount } => {
            credits::put(account, *credit, *invoice, *amount)
        }
        BillerAct::DeallocateCredit { credit, invoice, amount } => {
            credits::lift(account, *credit, *invoice, *amount)
        }
        BillerAct::Debit { credit, amount, invoice } => {
            credits::take_back(account, now, (*credit, *invoice), *amount)
        }
        BillerAct::Allocate { payment, invoice, amount } => {
            money::move_money(account, *payment, (None, Some(*invoice)), amount.0)
        }
        BillerAct::Deallocate { payment, invoice, amount } => {
            money::move_money(account, *payment, (Some(*invoice), None), amount.0)
        }
        BillerAct::MoveAllocation { payment, from, to, amount } => {
            money::move_money(account, *payment, (Some(*from), Some(*to)), amount.0)
        }
        BillerAct::Pay { .. }
        | BillerAct::FailedPayment { .. }
        | BillerAct::Refund { .. }
        | BillerAct::Bounce { .. }
        | BillerAct::GiveCredit { .. }
        | BillerAct::HoldBack { .. } => money::take_or_give(account, now, act),
    }
}

/// A customer's status by its word, in any case.
pub(in crate::sandbox) fn status(word: &str) -> Option<CustomerStatus> {
    STATUSES.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(word))
}

fn set_status(account: &Account, who: Record, status: &str) -> Result<String, String> {
    let known = self::status(status).ok_or_else(|| format!("no customer has the status {status}"))?;
    let id = customer(account, who)?;
    account.set_status(id, known);
    Ok(format!("customer {id} is {}", known.as_str()))
}

fn post_invoice(
    account: &Account,
    now: Timestamp,
    customer: i64,
    (charge, due_days): (NewCharge, i64),
) -> String {
    let new =
        NewInvoice { customer, effective: now, charges: vec![charge], due_days, ..NewInvoice::default() };
    format!("invoice {}", account.post_invoice(new))
}

fn write_off(account: &Account, now: Timestamp, on: Record, amount: Decimal) -> Result<String, String> {
    let on = invoice(account, on)?;
    if owed(&on)? < amount {
        return Err(format!("less than {amount} is owed on invoice {}", on.id));
    }
    Ok(format!("write-off {}", account.write_off(on.id, amount, (now, None))))
}

fn reverse(account: &Account, now: Timestamp, on: Record) -> Result<String, String> {
    let invoice = invoice(account, on)?.id;
    let reference = Some("scenario".to_owned());
    let notes = account.reverse(NewReversal { invoice, charges: Vec::new(), effective: now, reference });
    Ok(format!("credit notes {notes:?}"))
}

fn settle(account: &Account, which: Record, status: &str) -> Result<String, String> {
    let known = SETTLEMENTS.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(status));
    let known = known.ok_or_else(|| format!("no payment has the settlement status {status}"))?;
    let id = payment(account, which)?.id;
    account.settle(id, known);
    Ok(format!("payment {id} is {}", known.as_str()))
}

fn charge(account: &Account, amount: Decimal, product: Option<&str>) -> Result<NewCharge, String> {
    let name = match product {
        None => "Services".to_owned(),
        Some(code) => {
            let known = account.products().into_iter().find(|known| known.code == code);
            known.ok_or_else(|| format!("there is no product {code}"))?.name
        }
    };
    Ok(NewCharge {
        name,
        product: product.map(str::to_owned),
        quantity: Decimal::ONE,
        unit_price: amount,
        amount,
        ..NewCharge::default()
    })
}

pub(super) fn owed(invoice: &Invoice) -> Result<Decimal, String> {
    Some(invoice.outstanding())
        .filter(|owed| *owed > Decimal::ZERO)
        .ok_or_else(|| format!("nothing is owed on invoice {}", invoice.id))
}

pub(super) fn customer(account: &Account, which: Record) -> Result<i64, String> {
    let found = match which {
        Record::Id(id) => account.customer(id).map(|one| one.id),
        Record::Newest => account.customers().last().map(|one| one.id),
    };
    found.ok_or_else(|| "there is no such customer in Stax Bill".to_owned())
}

pub(super) fn invoice(account: &Account, which: Record) -> Result<Invoice, String> {
    let found = match which {
        Record::Id(id) => account.invoice(id),
        Record::Newest => account.invoices().pop(),
    };
    found.ok_or_else(|| "there is no such invoice in Stax Bill".to_owned())
}

pub(super) fn payment(account: &Account, which: Record) -> Result<Payment, String> {
    let found = match which {
        Record::Id(id) => account.payment(id),
        Record::Newest => account.payments().pop(),
    };
    found.ok_or_else(|| "there is no such payment in Stax Bill".to_owned())
}
