//! Billing played in the order of time: what is billed leads to payments by
//! each customer's habit, and ids follow the calendar.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::cases::{Case, Ledger, Step, take};
use super::cents;
use super::customers::Habit;
use crate::sandbox::staxbill::{Account, Attempt, NewAttempt, NewInvoice, NewPayment};

/// What is still to happen, up to the present.
pub(super) struct History<'a> {
    account: &'a Account,
    now: Timestamp,
    /// The second number keeps apart what happens in one instant.
    ahead: BTreeMap<(Timestamp, u64), Event>,
    planned: u64,
    /// Invoices that wait for one payment together, by customer.
    waiting: BTreeMap<i64, Vec<(i64, Decimal)>>,
    /// What cases made, by the names they gave it.
    known: Ledger,
}

enum Event {
    Bill(NewInvoice, Habit),
    Pay(NewPayment),
    PayThenAllocate(NewPayment, i64),
    Allocate { payment: i64, invoice: i64, amount: Decimal },
    Attempt(NewAttempt),
    Step(&'static Case, Step),
}

/// An invoice that was posted.
struct Bill {
    id: i64,
    customer: i64,
    amount: Decimal,
    at: Timestamp,
}

impl<'a> History<'a> {
    pub(super) fn new(account: &'a Account, now: Timestamp) -> Self {
        Self {
            account,
            now,
            ahead: BTreeMap::new(),
            planned: 0,
            waiting: BTreeMap::new(),
            known: Ledger::new(),
        }
    }

    /// Bills at `at`, and has it paid by `habit`.
    pub(super) fn bill(&mut self, at: Timestamp, invoice: NewInvoice, habit: Habit) {
        self.plan(at, Event::Bill(invoice, habit));
    }

    /// Lets a step of a case happen at `at`.
    pub(super) fn step(&mut self, at: Timestamp, case: &'static Case, step: Step) {
        self.plan(at, Event::Step(case, step));
    }

    /// Lets everything happen.
    pub(super) fn play(mut self) {
        while let Some(((at, _), event)) = self.ahead.pop_first() {
            self.happen(at, event);
        }
    }

    fn plan(&mut self, at: Timestamp, event: Event) {
        if at <= self.now {
            self.planned += 1;
            self.ahead.insert((at, self.planned), event);
        }
    }

    fn happen(&mut self, at: Timestamp, event: Event) {
        let account = self.account.recorded_at(at);
        match event {
            Event::Bill(invoice, habit) => {
                let customer = invoice.customer;
                let id = account.post_invoice(invoice);
                let amount = account.invoice(id).map_or(Decimal::ZERO, |posted| posted.amount());
                if !amount.is_zero() {
                    self.expect(&Bill { id, customer, amount, at }, habit);
                }
            }
            Event::Pay(payment) => {
                account.collect_payment(payment);
            }
            Event::PayThenAllocate(payment, invoice) => {
                let amount = payment.amount;
                let payment = account.collect_payment(payment);
                self.plan(days_after(at, 17), Event::Allocate { payment, invoice, amount });
            }
            Event::Allocate { payment, invoice, amount } => account.allocate(payment, invoice, amount),
            Event::Attempt(attempt) => {
                account.attempt_payment(attempt);
            }
            Event::Step(case, step) => take(self.account, &mut self.known, case, (at, step)),
        }
    }

    fn expect(&mut self, bill: &Bill, habit: Habit) {
        let whole = vec![(bill.id, bill.amount)];
        match habit {
            Habit::Never => {}
            Habit::OnTime => self.pay(bill, 5, (bill.amount, whole)),
            Habit::Late => self.pay(bill, 47, (bill.amount, whole)),
            Habit::Over => self.pay(bill, 7, (bill.amount + Decimal::from(20), whole)),
            Habit::Partial => {
                let first = cents(bill.amount * Decimal::new(6, 1));
                let second = bill.amount - first;
                self.pay(bill, 10, (first, vec![(bill.id, first)]));
                self.pay(bill, 45, (second, vec![(bill.id, second)]));
            }
            Habit::Several => {
                let waiting = self.waiting.entry(bill.customer).or_default();
                waiting.push((bill.id, bill.amount));
                if waiting.len() == 3 {
                    let three = std::mem::take(waiting);
                    self.pay(bill, 10, (three.iter().map(|one| one.1).sum(), three));
                }
            }
            Habit::AllocatedLater => {
                let at = days_after(bill.at, 3);
                let payment = payment(bill, at, (bill.amount, Vec::new()));
                self.plan(at, Event::PayThenAllocate(payment, bill.id));
            }
            Habit::RefusedFirst => {
                self.attempt(bill, 1, Attempt::Failed);
                self.attempt(bill, 2, Attempt::Validation);
                self.pay(bill, 3, (bill.amount, whole));
            }
        }
    }

    fn pay(&mut self, bill: &Bill, days: i64, money: (Decimal, Vec<(i64, Decimal)>)) {
        let at = days_after(bill.at, days);
        self.plan(at, Event::Pay(payment(bill, at, money)));
    }

    fn attempt(&mut self, bill: &Bill, days: i64, outcome: Attempt) {
        let effective = days_after(bill.at, days);
        let method = "CreditCard".to_owned();
        let attempt = NewAttempt { customer: bill.customer, amount: bill.amount, effective, method, outcome };
        self.plan(effective, Event::Attempt(attempt));
    }
}

fn payment(
    bill: &Bill,
    effective: Timestamp,
    (amount, allocations): (Decimal, Vec<(i64, Decimal)>),
) -> NewPayment {
    let method = ["CreditCard", "Check", "ACH", "Cash"][usize::try_from(bill.customer % 4).unwrap_or(0)];
    let reference = (method == "Check").then(|| format!("chq {}", bill.id % 1_000));
    NewPayment {
        customer: bill.customer,
        amount,
        effective,
        method: method.to_owned(),
        reference,
        allocations,
        ..NewPayment::default()
    }
}

/// The same hour some days later, a little off, as people are.
fn days_after(at: Timestamp, days: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(days * 86_400 + 777)).unwrap_or(Timestamp::MAX)
}
