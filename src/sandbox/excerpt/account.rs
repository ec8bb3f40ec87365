//! Enters an excerpt into a Stax Bill account, under the ids that it gives.
//!
//! Invoices first, then what pays or lowers them, each by its date: a payment
//! may have come before the invoice that it was put on later.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use toml::Spanned;

use super::rows::{CustomerRow, InvoiceRow, LineRow, OnInvoices, ProductKind, ReversalRow};
use super::{Excerpt, twice};
use crate::sandbox::scenario::ScenarioError;
use crate::sandbox::scenario::account::status;
use crate::sandbox::staxbill::{
    Account, CustomerStatus, NewCharge, NewCredit, NewCustomer, NewDebit, NewInvoice, NewPayment, NewProduct,
    NewRefund, NewReversal, ProductType,
};

/// When an invoice falls due that does not say.
const DUE_DAYS: i64 = 30;
/// Customers and products are older than what is billed.
const BEFORE: SignedDuration = SignedDuration::from_hours(24 * 400);
const CARD: &str = "CreditCard";

/// What does an act, or says why Stax Bill would not have it.
type Hand<'e> = Box<dyn FnOnce(&Account) -> Result<(), String> + 'e>;

/// An act to be done, at its hour: what it is done with comes before what is
/// done about that.
struct Act<'e> {
    at: Timestamp,
    rank: u8,
    span: Range<usize>,
    done_by: Hand<'e>,
}

impl Excerpt {
    /// Enters everything; what Stax Bill would not have is told.
    pub(super) fn enter(
        &self,
        account: &Account,
        (zone, now): (&TimeZone, Timestamp),
        errors: &mut Vec<ScenarioError>,
    ) {
        self.mind_ids(errors);
        let long_ago = now.saturating_sub(BEFORE).unwrap_or(Timestamp::MIN);
        self.enter_products(&account.recorded_at(long_ago));
        let mut acts: Vec<Act<'_>> = self.enter_customers(zone, long_ago);
        let dates: BTreeMap<i64, Timestamp> =
            self.invoices.iter().map(|row| (row.get_ref().id, row.get_ref().date.at(zone))).collect();
        acts.extend(self.invoices.iter().map(|row| {
            let one = row.get_ref();
            let at = one.date.at(zone);
            Act { at, rank: 1, span: row.span(), done_by: Box::new(move |account| invoice(account, at, one)) }
        }));
        let mut later = self.money(zone, &dates);
        later.extend(self.takings_back(zone, &dates));
        later.sort_by_key(|act| (act.at, act.rank));
        acts.sort_by_key(|act| (act.rank, act.at));
        for Act { at, span, done_by, .. } in acts.into_iter().chain(later) {
            if at > now {
                let message = "this lies after the scenario's `now`".to_owned();
                let remedy = Some("give it an earlier date, or let a [[step]] do it".to_owned());
                errors.push(ScenarioError { span, message, remedy });
                continue;
            }
            // The account panics about what its screens would not allow.
            let done = catch_unwind(AssertUnwindSafe(|| done_by(&account.recorded_at(at))));
            let done = done.unwrap_or_else(|_| Err("Stax Bill does not allow this".to_owned()));
            if let Err(message) = done {
                let remedy =
                    Some("correct the id or the amount: the excerpt is all that Stax Bill holds".into());
                errors.push(ScenarioError { span, message, remedy });
            }
        }
    }

    fn mind_ids(&self, errors: &mut Vec<ScenarioError>) {
        let text = |id: i64| Some(id.to_string());
        twice("product", &self.products, |row| Some(row.code.clone()), errors);
        twice("customer", &self.customers, |row| text(row.id), errors);
        twice("invoice", &self.invoices, |row| text(row.id), errors);
        twice("payment", &self.payments, |row| text(row.id), errors);
        twice("refund", &self.refunds, |row| text(row.id), errors);
        twice("credit", &self.credits, |row| text(row.id), errors);
        twice("debit", &self.debits, |row| text(row.id), errors);
        twice("reversal", &self.reversals, |row| text(row.id), errors);
        twice("write-off", &self.write_offs, |row| text(row.id), errors);
    }

    fn enter_products(&self, account: &Account) {
        let declared: BTreeMap<&str, _> =
            self.products.iter().map(|row| (row.get_ref().code.as_str(), row.get_ref())).collect();
        let lines = self.invoices.iter().flat_map(|row| &row.get_ref().lines);
        let codes: BTreeSet<&str> =
            declared.keys().copied().chain(lines.filter_map(|line| line.product.as_deref())).collect();
        for code in codes {
            let row = declared.get(code);
            let product_type = match row.map_or(ProductKind::Recurring, |row| row.kind) {
                ProductKind::Recurring => ProductType::RecurringService,
                ProductKind::Goods => ProductType::PhysicalGood,
                ProductKind::OneTime => ProductType::OneTimeCharge,
            };
            let name = row.and_then(|row| row.name.clone()).unwrap_or_else(|| code.to_owned());
            account.add_product(NewProduct {
                code: code.to_owned(),
                name,
                product_type,
                gl_code: String::new(),
            });
        }
    }

    fn enter_customers(&self, zone: &TimeZone, long_ago: Timestamp) -> Vec<Act<'_>> {
        let act = |row: &'_ Spanned<CustomerRow>| {
            let at = row.get_ref().added.map_or(long_ago, |added| added.at(zone));
            (at, row.span())
        };
        let acts = self.customers.iter().map(|row| {
            let ((at, span), one) = (act(row), row.get_ref());
            Act { at, rank: 0, span, done_by: Box::new(move |account| customer(account, one)) }
        });
        acts.collect()
    }

    /// What comes in and is given.
    fn money(&self, zone: &TimeZone, dates: &BTreeMap<i64, Timestamp>) -> Vec<Act<'_>> {
        let mut acts = Vec::new();
        for row in &self.payments {
            let (one, effective) = (row.get_ref(), row.get_ref().date.at(zone));
            let act = move |account: &Account| {
                known(account, one.customer)?;
                let new = NewPayment {
                    customer: one.customer,
                    amount: one.amount.0,
                    effective,
                    method: one.method.clone().unwrap_or_else(|| CARD.to_owned()),
                    reference: one.reference.clone(),
                    allocations: placed(account, (one.customer, one.amount.0), &one.invoices)?,
                    ..NewPayment::default()
                };
                account.numbered((|next| &mut next.payment, one.id), || account.collect_payment(new));
                Ok(())
            };
            let at = last(effective, &one.invoices, dates);
            acts.push(Act { at, rank: 2, span: row.span(), done_by: Box::new(act) });
        }
        for row in &self.credits {
            let (one, effective) = (row.get_ref(), row.get_ref().date.at(zone));
            let act = move |account: &Account| {
                known(account, one.customer)?;
                let new = NewCredit {
                    customer: one.customer,
                    amount: one.amount.0,
                    effective,
                    reference: one.reference.clone(),
                    allocations: placed(account, (one.customer, one.amount.0), &one.invoices)?,
                    ..NewCredit::default()
                };
                account.numbered((|next| &mut next.transaction, one.id), || account.give_credit(new));
                Ok(())
            };
            let at = last(effective, &one.invoices, dates);
            acts.push(Act { at, rank: 2, span: row.span(), done_by: Box::new(act) });
        }
        for row in &self.write_offs {
            let (one, effective) = (row.get_ref(), row.get_ref().date.at(zone));
            let act = move |account: &Account| {
                let owed = owed(account, one.invoice)?;
                if owed < one.amount.0 {
                    return Err(format!("{owed} is owed on invoice {}, not {}", one.invoice, one.amount.0));
                }
                let written = (effective, one.reference.as_deref());
                account.numbered((|next| &mut next.transaction, one.id), || {
                    account.write_off(one.invoice, one.amount.0, written)
                });
                Ok(())
            };
            acts.push(Act { at: effective, rank: 3, span: row.span(), done_by: Box::new(act) });
        }
        acts
    }

    /// What goes back, and what is taken back.
    fn takings_back(&self, zone: &TimeZone, dates: &BTreeMap<i64, Timestamp>) -> Vec<Act<'_>> {
        let mut acts = Vec::new();
        for row in &self.refunds {
            let (one, effective) = (row.get_ref(), row.get_ref().date.at(zone));
            let act = move |account: &Account| {
                let source = account.payment(one.payment);
                let source = source.ok_or_else(|| format!("there is no payment {}", one.payment))?;
                let lies = |on| {
                    source.allocations.iter().filter(|row| row.invoice == on).map(|row| row.amount).sum()
                };
                let allocations = lifted(one.amount.0, &one.invoices, (source.unallocated(), &lies))?;
                let (payment, amount, reference) = (one.payment, one.amount.0, one.reference.clone());
                let new = NewRefund { payment, amount, effective, reference, allocations };
                account.numbered((|next| &mut next.transaction, one.id), || account.refund(new));
                Ok(())
            };
            let at = last(effective, &one.invoices, dates);
            acts.push(Act { at, rank: 4, span: row.span(), done_by: Box::new(act) });
        }
        for row in &self.debits {
            let (one, effective) = (row.get_ref(), row.get_ref().date.at(zone));
            let act = move |account: &Account| {
                let source = account.credit(one.credit);
                let source = source.ok_or_else(|| format!("there is no credit {}", one.credit))?;
                let lies = |on| {
                    source.allocations.iter().filter(|row| row.invoice == on).map(|row| row.amount).sum()
                };
                let allocations = lifted(one.amount.0, &one.invoices, (source.unallocated(), &lies))?;
                let (credit, amount, reference) = (one.credit, one.amount.0, one.reference.clone());
                let new = NewDebit { credit, amount, effective, reference, allocations };
                account.numbered((|next| &mut next.transaction, one.id), || account.debit(new));
                Ok(())
            };
            let at = last(effective, &one.invoices, dates);
            acts.push(Act { at, rank: 4, span: row.span(), done_by: Box::new(act) });
        }
        for row in &self.reversals {
            let (one, at) = (row.get_ref(), row.get_ref().date.at(zone));
            let act = move |account: &Account| reversal(account, at, one);
            acts.push(Act { at, rank: 3, span: row.span(), done_by: Box::new(act) });
        }
        acts
    }
}

fn customer(account: &Account, row: &CustomerRow) -> Result<(), String> {
    let word = row.status.as_deref().unwrap_or(CustomerStatus::Active.as_str());
    let status = status(word).ok_or_else(|| {
        format!("no customer has the status \"{word}\": Draft, Active, Hold, Suspended or Cancelled")
    })?;
    let new = NewCustomer {
        company_name: row.name.clone(),
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        primary_email: row.email.clone(),
        primary_phone: row.phone.clone(),
        reference: row.reference.clone(),
        status,
        currency: row.currency.clone(),
        parent: row.parent,
        ..NewCustomer::default()
    };
    account.numbered((|next| &mut next.customer, row.id), || account.add_customer(new));
    Ok(())
}

fn invoice(account: &Account, effective: Timestamp, row: &InvoiceRow) -> Result<(), String> {
    known(account, row.customer)?;
    let new = NewInvoice {
        customer: row.customer,
        effective,
        charges: row.lines.iter().map(charge).collect(),
        taxes: row.taxes.iter().map(|tax| (tax.name.clone(), tax.percent.0, tax.amount.0)).collect(),
        due_days: row.due_days.unwrap_or(DUE_DAYS),
        installments: Vec::new(),
        po_number: row.po_number.clone(),
        notes: row.notes.clone(),
    };
    account.numbered((|next| &mut next.invoice, row.id), || {
        let number = row.number.unwrap_or(row.id);
        account.numbered((|next| &mut next.invoice_number, number), || account.post_invoice(new))
    });
    Ok(())
}

fn charge(row: &LineRow) -> NewCharge {
    let amount = row.amount.0;
    let quantity = row.quantity.map_or(Decimal::ONE, |quantity| quantity.0);
    let price = row.price.map(|price| price.0);
    NewCharge {
        name: row.name.clone().or_else(|| row.product.clone()).unwrap_or_else(|| "Services".to_owned()),
        description: row.description.clone(),
        product: row.product.clone(),
        quantity,
        unit_price: price.or_else(|| Some(amount.checked_div(quantity)?.round_dp(6))).unwrap_or(amount),
        amount,
        discounts: row.discount.map(|discount| discount.0).into_iter().collect(),
    }
}

fn reversal(account: &Account, effective: Timestamp, row: &ReversalRow) -> Result<(), String> {
    let target = account.invoice(row.invoice);
    let target = target.ok_or_else(|| format!("there is no invoice {}", row.invoice))?;
    let charge = |(line, amount): (&String, &crate::sandbox::scenario::words::Amount)| {
        let place = line.parse::<usize>().ok().and_then(|line| line.checked_sub(1));
        let charge = place.and_then(|place| target.charges.get(place));
        let charge = charge.ok_or_else(|| format!("invoice {} has no line {line}", row.invoice))?;
        let left = charge.amount - charge.reversed;
        if left < amount.0 {
            return Err(format!("{left} of line {line} is left, not {}", amount.0));
        }
        Ok((charge.id, Some(amount.0)))
    };
    let charges = row.lines.iter().map(charge).collect::<Result<_, _>>()?;
    let new = NewReversal { invoice: row.invoice, charges, effective, reference: row.reference.clone() };
    account.numbered((|next| &mut next.credit_note, row.id), || account.reverse(new));
    Ok(())
}

fn known(account: &Account, customer: i64) -> Result<(), String> {
    account.customer(customer).map(|_| ()).ok_or_else(|| format!("there is no customer {customer}"))
}

fn owed(account: &Account, invoice: i64) -> Result<Decimal, String> {
    account
        .invoice(invoice)
        .map(|one| one.outstanding())
        .ok_or_else(|| format!("there is no invoice {invoice}"))
}

/// Ids and amounts of `invoices = { 88123 = "402.88" }`.
fn amounts(rows: &OnInvoices) -> Result<Vec<(i64, Decimal)>, String> {
    let row = |(id, amount): (&String, &crate::sandbox::scenario::words::Amount)| {
        let id = id.parse().map_err(|_| format!("\"{id}\" is no invoice's id"))?;
        Ok((id, amount.0))
    };
    rows.iter().map(row).collect()
}

fn placed(
    account: &Account,
    (customer, amount): (i64, Decimal),
    rows: &OnInvoices,
) -> Result<Vec<(i64, Decimal)>, String> {
    let rows = amounts(rows)?;
    for (invoice, part) in &rows {
        let owed = owed(account, *invoice)?;
        if owed < *part {
            return Err(format!("{owed} is owed on invoice {invoice}, not {part}"));
        }
        if account.invoice(*invoice).is_some_and(|one| one.customer != customer) {
            return Err(format!("invoice {invoice} is another customer's"));
        }
    }
    let all: Decimal = rows.iter().map(|row| row.1).sum();
    if all > amount { Err(format!("{amount} is there to be put on invoices, not {all}")) } else { Ok(rows) }
}

fn lifted(
    amount: Decimal,
    rows: &OnInvoices,
    (free, lies): (Decimal, &dyn Fn(i64) -> Decimal),
) -> Result<Vec<(i64, Decimal)>, String> {
    let rows = amounts(rows)?;
    for (invoice, part) in &rows {
        let there = lies(*invoice);
        if there < *part {
            return Err(format!("{there} lies on invoice {invoice}, not {part}"));
        }
    }
    let off: Decimal = rows.iter().map(|row| row.1).sum();
    let all = free + off;
    if amount > all || off > amount {
        return Err(format!(
            "{all} is free to be taken back, not {amount}; `invoices` says what is taken off them"
        ));
    }
    Ok(rows)
}

/// The later of a date and those of the invoices that it is about.
fn last(own: Timestamp, rows: &OnInvoices, dates: &BTreeMap<i64, Timestamp>) -> Timestamp {
    let of = |id: &String| id.parse().ok().and_then(|id: i64| dates.get(&id).copied());
    rows.keys().filter_map(of).fold(own, Timestamp::max)
}
