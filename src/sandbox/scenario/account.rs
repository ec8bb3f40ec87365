//! A scenario's hands on the Stax Bill account. What the account's own acts
//! would panic about is looked at first, because a file may be wrong.

use rust_decimal::Decimal;

use super::step::BillerAct;
use super::words::Record;
use crate::sandbox::staxbill::{
    Account, Attempt, CustomerStatus, Invoice, NewAttempt, NewCharge, NewCustomer, NewInvoice, NewPayment,
    Payment,
};

const STATUSES: [CustomerStatus; 5] = [
    CustomerStatus::Draft,
    CustomerStatus::Active,
    CustomerStatus::Hold,
    CustomerStatus::Suspended,
    CustomerStatus::Cancelled,
];

/// Carries an act out as of `now`; says what came of it.
pub(super) fn bill(account: &Account, now: jiff::Timestamp, act: &BillerAct) -> Result<String, String> {
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
        BillerAct::SetStatus { customer: who, status } => {
            let known = STATUSES.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(status));
            let known = known.ok_or_else(|| format!("no customer has the status {status}"))?;
            let id = customer(account, *who)?;
            account.set_status(id, known);
            Ok(format!("customer {id} is {}", known.as_str()))
        }
        BillerAct::PostInvoice { customer: who, amount, product, due_days } => {
            let charge = charge(account, amount.0, product.as_deref())?;
            let id = account.post_invoice(NewInvoice {
                customer: customer(account, *who)?,
                effective: now,
                charges: vec![charge],
                due_days: due_days.unwrap_or(30),
                ..NewInvoice::default()
            });
            Ok(format!("invoice {id}"))
        }
        BillerAct::Pay { customer: who, amount, invoice: on, method } => {
            let who = customer(account, *who)?;
            let allocations = match on.map(|on| invoice(account, on)).transpose()? {
                None => Vec::new(),
                Some(on) => vec![(on.id, amount.0.min(owed(&on)?))],
            };
            let method = method.clone().unwrap_or_else(|| "CreditCard".to_owned());
            let payment = NewPayment {
                customer: who,
                amount: amount.0,
                effective: now,
                method,
                allocations,
                ..NewPayment::default()
            };
            Ok(format!("payment {}", account.collect_payment(payment)))
        }
        BillerAct::FailedPayment { customer: who, amount } => {
            let id = account.attempt_payment(NewAttempt {
                customer: customer(account, *who)?,
                amount: amount.0,
                effective: now,
                method: "CreditCard".to_owned(),
                outcome: Attempt::Failed,
            });
            Ok(format!("activity {id}"))
        }
        BillerAct::Allocate { .. }
        | BillerAct::Deallocate { .. }
        | BillerAct::MoveAllocation { .. }
        | BillerAct::HoldBack { .. } => allocate(account, act),
        BillerAct::Synchronise { customer: who, first_id } => {
            let id = customer(account, *who)?;
            account.synchronised_by_vendor(id, *first_id);
            Ok(format!("customer {id}"))
        }
    }
}

fn allocate(account: &Account, act: &BillerAct) -> Result<String, String> {
    let (source, from, to, amount) = match act {
        BillerAct::Allocate { payment, invoice, amount } => (payment, None, Some(invoice), amount.0),
        BillerAct::Deallocate { payment, invoice, amount } => (payment, Some(invoice), None, amount.0),
        BillerAct::MoveAllocation { payment, from, to, amount } => (payment, Some(from), Some(to), amount.0),
        BillerAct::HoldBack { payment: held } => {
            let held = payment(account, *held)?;
            account.hold_back(held.id);
            return Ok(format!("payment {}", held.id));
        }
        BillerAct::AddCustomer { .. }
        | BillerAct::RenameCustomer { .. }
        | BillerAct::SetStatus { .. }
        | BillerAct::PostInvoice { .. }
        | BillerAct::Pay { .. }
        | BillerAct::FailedPayment { .. }
        | BillerAct::Synchronise { .. } => return Err("nothing of it moves an allocation".into()),
    };
    let source = payment(account, *source)?;
    let from = from.map(|from| invoice(account, *from)).transpose()?;
    let to = to.map(|to| invoice(account, *to)).transpose()?;
    let mut free = source.unallocated();
    if let Some(from) = &from {
        let there = source.allocations.iter().find(|one| one.invoice == from.id).map(|one| one.amount);
        if there.unwrap_or_default() < amount {
            return Err(format!("payment {} has less than {amount} on invoice {}", source.id, from.id));
        }
        free += amount;
    }
    if let Some(to) = &to {
        if to.customer != source.customer {
            return Err(format!("payment {} and invoice {} have two customers", source.id, to.id));
        }
        if free < amount || owed(to)? < amount {
            return Err(format!("payment {} or invoice {} has less than {amount} left", source.id, to.id));
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
        description: None,
        product: product.map(str::to_owned),
        quantity: Decimal::ONE,
        unit_price: amount,
        amount,
        discounts: Vec::new(),
    })
}

fn owed(invoice: &Invoice) -> Result<Decimal, String> {
    Some(invoice.outstanding())
        .filter(|owed| *owed > Decimal::ZERO)
        .ok_or_else(|| format!("nothing is owed on invoice {}", invoice.id))
}

fn customer(account: &Account, which: Record) -> Result<i64, String> {
    let found = match which {
        Record::Id(id) => account.customer(id).map(|one| one.id),
        Record::Newest => account.customers().last().map(|one| one.id),
    };
    found.ok_or_else(|| "there is no such customer in Stax Bill".to_owned())
}

fn invoice(account: &Account, which: Record) -> Result<Invoice, String> {
    let found = match which {
        Record::Id(id) => account.invoice(id),
        Record::Newest => account.invoices().pop(),
    };
    found.ok_or_else(|| "there is no such invoice in Stax Bill".to_owned())
}

fn payment(account: &Account, which: Record) -> Result<Payment, String> {
    let found = match which {
        Record::Id(id) => account.payment(id),
        Record::Newest => account.payments().pop(),
    };
    found.ok_or_else(|| "there is no such payment in Stax Bill".to_owned())
}
