//! Lets a step of a case happen.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::{cents, line};
use super::{Case, Line, Rows, Step};
use crate::sandbox::staxbill::{
    Account, Attempt, NewAttempt, NewCharge, NewCredit, NewDebit, NewInvoice, NewPayment, NewRefund,
    NewReversal,
};

/// The ids behind the names that cases give, by customer and name.
pub(in super::super) type Ledger = BTreeMap<(i64, &'static str), i64>;

/// Lets `step` happen at `at`; what it makes is kept under its name.
pub(in super::super) fn take(
    account: &Account,
    known: &mut Ledger,
    case: &Case,
    (at, step): (Timestamp, Step),
) {
    let account = account.recorded_at(at);
    let desk = Desk { account: &account, known, case, at };
    let made = match step {
        Step::Bill(name, lines, taxes) => Some((name, desk.bill(lines, taxes))),
        Step::LongBill(name, lines) => Some((name, desk.long_bill(lines))),
        Step::Pay(name, method, amount, rows) => {
            Some((name, account.collect_payment(desk.payment(method, amount, rows))))
        }
        Step::ParentPays(name, amount, rows) => {
            let plain = desk.payment("CreditCard", amount, rows);
            Some((name, account.collect_payment(NewPayment { parent: case.parent, ..plain })))
        }
        Step::PayWithFees(name, amount, rows) => Some((name, desk.pay_with_fees(amount, rows))),
        Step::Credit(name, amount, rows) => Some((name, desk.credit(amount, rows, false))),
        Step::Opening(name, amount, rows) => Some((name, desk.credit(amount, rows, true))),
        Step::Refund(..)
        | Step::Debit(..)
        | Step::Reverse(..)
        | Step::WriteOff(..)
        | Step::Amend(..)
        | Step::HoldBack(_)
        | Step::Settle(..)
        | Step::Bounce(_)
        | Step::Put(..)
        | Step::Lift(..)
        | Step::Attempts(_)
        | Step::OwnSync => {
            desk.change(step);
            None
        }
    };
    known.extend(made.map(|(name, id)| ((case.id, name), id)));
}

struct Desk<'a> {
    account: &'a Account,
    known: &'a Ledger,
    case: &'a Case,
    at: Timestamp,
}

impl Desk<'_> {
    fn id(&self, name: &'static str) -> i64 {
        let case = self.case.id;
        *self.known.get(&(case, name)).unwrap_or_else(|| panic!("{case} made no {name}"))
    }

    fn rows(&self, rows: Rows) -> Vec<(i64, Decimal)> {
        rows.iter().map(|(name, amount)| (self.id(name), decimal(amount))).collect()
    }

    /// What changes something that the case made before.
    fn change(&self, step: Step) {
        let (account, effective) = (self.account, self.at);
        match step {
            Step::Refund(name, amount, rows) => {
                let (payment, reference) = (self.id(name), Some("goodwill".to_owned()));
                let (amount, allocations) = (decimal(amount), self.rows(rows));
                account.refund(NewRefund { payment, amount, effective, reference, allocations });
            }
            Step::Debit(name, amount, rows) => {
                let (credit, reference) = (self.id(name), Some("taken back".to_owned()));
                let (amount, allocations) = (decimal(amount), self.rows(rows));
                account.debit(NewDebit { credit, amount, effective, reference, allocations });
            }
            Step::Reverse(name, places) => self.reverse(self.id(name), places),
            Step::WriteOff(name, amount) => {
                account.write_off(self.id(name), decimal(amount), (effective, Some("gone away")));
            }
            Step::Amend(name, po, notes) => account.amend_invoice(self.id(name), Some(po), Some(notes)),
            Step::HoldBack(name) => account.hold_back(self.id(name)),
            Step::Settle(name, status) => account.settle(self.id(name), status),
            Step::Bounce(name) => {
                account.bounce(self.id(name), effective);
            }
            Step::Put(fund, bill, amount) => {
                let (fund, bill, amount) = (self.id(fund), self.id(bill), decimal(amount));
                match account.payment(fund) {
                    Some(_) => account.allocate(fund, bill, amount),
                    None => account.allocate_credit(fund, bill, amount),
                }
            }
            Step::Lift(fund, bill, amount) => {
                let (fund, bill, amount) = (self.id(fund), self.id(bill), decimal(amount));
                match account.payment(fund) {
                    Some(_) => account.deallocate(fund, bill, amount),
                    None => account.deallocate_credit(fund, bill, amount),
                }
            }
            Step::Attempts(amount) => self.attempts(amount),
            Step::OwnSync => account.synchronised_by_vendor(self.case.id, 7_100),
            Step::Bill(..)
            | Step::LongBill(..)
            | Step::Pay(..)
            | Step::ParentPays(..)
            | Step::PayWithFees(..)
            | Step::Credit(..)
            | Step::Opening(..) => unreachable!("{step:?} makes something"),
        }
    }

    fn bill(&self, lines: &[Line], taxes: Rows) -> i64 {
        let charges: Vec<_> = lines.iter().map(charge).collect();
        let off = |one: &NewCharge| one.amount - one.discounts.iter().sum::<Decimal>();
        let net: Decimal = charges.iter().map(off).sum();
        let tax = |(rule, percent): &(&str, &str)| {
            let percent = decimal(percent);
            ((*rule).to_owned(), percent, cents(net * percent / Decimal::ONE_HUNDRED))
        };
        self.post(charges, taxes.iter().map(tax).collect())
    }

    fn long_bill(&self, lines: usize) -> i64 {
        let mut charges: Vec<_> = (0..lines).map(|_| line("BASIC-MONTHLY", "1", "1.01")).collect();
        charges[0].description = Some("Detail. ".repeat(625));
        self.post(charges, Vec::new())
    }

    fn post(&self, charges: Vec<NewCharge>, taxes: Vec<(String, Decimal, Decimal)>) -> i64 {
        let (customer, effective) = (self.case.id, self.at);
        let new = NewInvoice { customer, effective, charges, taxes, due_days: 30, ..NewInvoice::default() };
        self.account.post_invoice(new)
    }

    fn reverse(&self, invoice: i64, places: &[(usize, &str)]) {
        let posted = self.account.invoice(invoice).expect("the case posted it");
        let part = |(place, amount): &(usize, &str)| (posted.charges[*place].id, Some(decimal(amount)));
        let (charges, reference) = (places.iter().map(part).collect(), Some("reversed".to_owned()));
        self.account.reverse(NewReversal { invoice, charges, effective: self.at, reference });
    }

    fn credit(&self, amount: &str, rows: Rows, opening: bool) -> i64 {
        self.account.give_credit(NewCredit {
            customer: self.case.id,
            amount: decimal(amount),
            effective: self.at,
            reference: Some("credit".to_owned()),
            allocations: self.rows(rows),
            opening,
        })
    }

    fn attempts(&self, amount: &str) {
        for outcome in [Attempt::Failed, Attempt::Unknown, Attempt::Validation] {
            self.account.attempt_payment(NewAttempt {
                customer: self.case.id,
                amount: decimal(amount),
                effective: self.at,
                method: "CreditCard".to_owned(),
                outcome,
            });
        }
    }

    fn pay_with_fees(&self, amount: &str, rows: Rows) -> i64 {
        self.account.collect_payment(NewPayment {
            reference: Some("long reference ".repeat(27).trim_end().to_owned()),
            gateway_fee: Decimal::new(175, 2),
            surcharge: Some(Decimal::new(98, 2)),
            ..self.payment("Paypal", amount, rows)
        })
    }

    fn payment(&self, method: &str, amount: &str, rows: Rows) -> NewPayment {
        NewPayment {
            customer: self.case.id,
            amount: decimal(amount),
            effective: self.at,
            method: method.to_owned(),
            reference: (method == "Check").then(|| "chq 17".to_owned()),
            allocations: self.rows(rows),
            ..NewPayment::default()
        }
    }
}

fn charge((code, quantity, unit_price, discounts): &Line) -> NewCharge {
    let discounts = discounts.iter().map(|text| decimal(text)).collect();
    NewCharge { discounts, ..line(code, quantity, unit_price) }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a literal decimal")
}
