//! What billers do in Stax Bill, as far as it is allowed: an act that picks
//! something that is not there, or that nothing is left of, does nothing.

use jiff::{SignedDuration, Timestamp};
use latchd::sandbox::staxbill::{
    Account, Allocation, Credit, Invoice, NewCharge, NewCredit, NewDebit, NewInvoice, NewPayment, NewRefund,
    NewReversal, Payment,
};
use rust_decimal::{Decimal, RoundingStrategy};

use super::acts::{Charge, Pick, Share, TakenBack};

/// Code, quantity and unit price; the third comes to a cent by rounding.
pub(super) const PRODUCTS: [(&str, &str, &str); 5] = [
    ("PRO", "1", "49.00"),
    ("BASIC", "2", "19.99"),
    ("SEATS", "3", "33.333333"),
    ("HOURS", "2.25", "80.10"),
    ("CENT", "1", "0.01"),
];
/// Taxes by name and percent.
pub(super) const TAXES: [(&str, &str); 3] = [("CA", "7.25"), ("GST", "5"), ("Levy", "0.5")];
const METHODS: [&str; 4] = ["CreditCard", "Check", "ACH", "Cash"];
/// How much dearer things are in yen.
const YEN: i64 = 100;

/// A biller's hands on an account.
pub(super) struct Biller<'a> {
    pub(super) account: &'a Account,
    pub(super) now: Timestamp,
    /// Customers before ours, to whom nothing happens.
    pub(super) others: usize,
}

/// A payment or a credit.
#[derive(Clone, Debug)]
enum Fund {
    Payment(Payment),
    Credit(Credit),
}

impl Fund {
    fn customer(&self) -> i64 {
        match self {
            Self::Payment(one) => one.customer,
            Self::Credit(one) => one.customer,
        }
    }

    fn free(&self) -> Decimal {
        match self {
            Self::Payment(one) => one.unallocated(),
            Self::Credit(one) => one.unallocated(),
        }
    }

    fn rows(&self) -> &[Allocation] {
        match self {
            Self::Payment(one) => &one.allocations,
            Self::Credit(one) => &one.allocations,
        }
    }
}

impl Biller<'_> {
    fn days_ago(&self, days: i64) -> Timestamp {
        self.now - SignedDuration::from_hours(24 * days)
    }

    fn customer(&self, pick: Pick) -> i64 {
        pick.get(&self.account.customers()[self.others..]).id
    }

    /// Decimals of a customer's currency.
    fn digits(&self, customer: i64) -> u32 {
        let customer = self.account.customer(customer).expect("records have customers");
        if customer.currency() == "JPY" { 0 } else { 2 }
    }

    /// So much of an amount of a customer's, as money can be.
    fn share(&self, customer: i64, amount: Decimal, percent: u32) -> Decimal {
        let exact = amount * Decimal::from(percent) / Decimal::ONE_HUNDRED;
        round(exact, self.digits(customer))
    }

    /// The same, and something where there is something.
    fn part(&self, customer: i64, amount: Decimal, percent: u32) -> Decimal {
        self.share(customer, amount, percent).max(Decimal::new(1, self.digits(customer))).min(amount)
    }

    pub(super) fn bill(&self, customer: Pick, charges: &[Charge], taxes: usize, days_back: i64) {
        let customer = self.customer(customer);
        let charges: Vec<NewCharge> = charges.iter().map(|one| self.charge(customer, one)).collect();
        let net: Decimal = charges.iter().map(|one| one.amount - one.discounts.iter().sum::<Decimal>()).sum();
        let taxes = TAXES.iter().take(taxes).map(|(name, percent)| {
            let percent = decimal(percent);
            ((*name).to_owned(), percent, round(net * percent / Decimal::ONE_HUNDRED, self.digits(customer)))
        });
        self.account.post_invoice(NewInvoice {
            customer,
            effective: self.days_ago(days_back),
            taxes: taxes.collect(),
            charges,
            due_days: 30,
            ..NewInvoice::default()
        });
    }

    fn charge(&self, customer: i64, charge: &Charge) -> NewCharge {
        let (code, quantity, unit_price) = *charge.product.get(&PRODUCTS);
        let dearer = if self.digits(customer) == 0 { Decimal::from(YEN) } else { Decimal::ONE };
        let (quantity, unit_price) = (decimal(quantity), decimal(unit_price) * dearer);
        let amount = round(quantity * unit_price, self.digits(customer));
        let discounts = charge.discount_percents.iter().map(|percent| self.share(customer, amount, *percent));
        NewCharge {
            name: code.to_owned(),
            description: None,
            product: Some(code.to_owned()),
            quantity,
            unit_price,
            amount,
            discounts: discounts.filter(|one| !one.is_zero()).collect(),
        }
    }

    /// A customer's invoices on which something is owed.
    fn open(&self, customer: i64) -> Vec<Invoice> {
        let invoices = self.account.invoices().into_iter();
        invoices.filter(|one| one.customer == customer && one.outstanding() > Decimal::ZERO).collect()
    }

    /// How much, and on what.
    fn shared(&self, customer: i64, share: Share) -> (Decimal, Vec<(i64, Decimal)>) {
        let open = self.open(customer);
        let owed: Decimal = open.iter().map(Invoice::outstanding).sum();
        let amount = self.share(customer, owed, share.percent);
        let amount = if amount.is_zero() { Decimal::TEN } else { amount };
        let (mut left, mut rows) = (amount, Vec::new());
        for invoice in open.iter().take(share.invoices) {
            let part = left.min(invoice.outstanding());
            if !part.is_zero() {
                rows.push((invoice.id, part));
            }
            left -= part;
        }
        (amount, rows)
    }

    pub(super) fn pay(&self, customer: Pick, share: Share, method: Pick) {
        let customer = self.customer(customer);
        let (amount, allocations) = self.shared(customer, share);
        let method = (*method.get(&METHODS)).to_owned();
        let reference = (method == "Check").then(|| format!("chq {}", share.percent));
        self.account.collect_payment(NewPayment {
            customer,
            amount,
            effective: self.days_ago(share.days_back),
            method,
            reference,
            allocations,
            ..NewPayment::default()
        });
    }

    pub(super) fn credit(&self, customer: Pick, share: Share, opening: bool) {
        let customer = self.customer(customer);
        let (amount, allocations) = self.shared(customer, share);
        self.account.give_credit(NewCredit {
            customer,
            amount,
            effective: self.days_ago(share.days_back),
            reference: share.percent.is_multiple_of(2).then(|| format!("goodwill {}", share.percent)),
            allocations,
            opening,
        });
    }

    fn funds(&self, wanted: impl Fn(&Fund) -> bool) -> Vec<Fund> {
        let payments = self.account.payments().into_iter().map(Fund::Payment);
        let credits = self.account.credits().into_iter().map(Fund::Credit);
        payments.chain(credits).filter(wanted).collect()
    }

    pub(super) fn allocate(&self, fund: Pick, invoice: Pick, percent: u32) {
        let Some(fund) = some(fund, &self.funds(|one| !one.free().is_zero())) else { return };
        self.put(&fund, invoice, self.part(fund.customer(), fund.free(), percent));
    }

    fn put(&self, fund: &Fund, invoice: Pick, amount: Decimal) {
        let Some(invoice) = some(invoice, &self.open(fund.customer())) else { return };
        self.put_on(fund, invoice.id, amount.min(invoice.outstanding()));
    }

    fn put_on(&self, fund: &Fund, invoice: i64, amount: Decimal) {
        match fund {
            Fund::Payment(one) => self.account.allocate(one.id, invoice, amount),
            Fund::Credit(one) => self.account.allocate_credit(one.id, invoice, amount),
        }
    }

    fn lift(&self, fund: &Fund, invoice: i64, amount: Decimal) {
        match fund {
            Fund::Payment(one) => self.account.deallocate(one.id, invoice, amount),
            Fund::Credit(one) => self.account.deallocate_credit(one.id, invoice, amount),
        }
    }

    pub(super) fn release(&self, fund: Pick, row: Pick, percent: u32) {
        self.let_go(fund, row, percent);
    }

    fn let_go(&self, fund: Pick, row: Pick, percent: u32) -> Option<(Fund, Decimal)> {
        let fund = some(fund, &self.funds(|one| !one.rows().is_empty()))?;
        let row = row.get(fund.rows());
        let amount = self.part(fund.customer(), row.amount, percent);
        self.lift(&fund, row.invoice, amount);
        Some((fund, amount))
    }

    pub(super) fn move_on(&self, fund: Pick, (row, percent): (Pick, u32), invoice: Pick) {
        if let Some((fund, amount)) = self.let_go(fund, row, percent) {
            self.put(&fund, invoice, amount);
        }
    }

    pub(super) fn swap(&self, fund: Pick, other: Pick) {
        let Some(fund) = some(fund, &self.funds(|one| !one.rows().is_empty())) else { return };
        let row = &fund.rows()[0];
        let elsewhere = |one: &Fund| one.rows().first().is_some_and(|its| its.invoice != row.invoice);
        let others = self.funds(|one| one.customer() == fund.customer() && elsewhere(one));
        let Some(other) = some(other, &others) else { return };
        let its = &other.rows()[0];
        let amount = row.amount.min(its.amount);
        for (from, row) in [(&fund, row), (&other, its)] {
            self.lift(from, row.invoice, amount);
        }
        for (to, invoice) in [(&fund, its.invoice), (&other, row.invoice)] {
            // One that was reversed though it was paid has less room than it had.
            let owed = self.account.invoice(invoice).expect("rows lead to invoices").outstanding();
            let amount = amount.min(owed);
            if amount > Decimal::ZERO {
                self.put_on(to, invoice, amount);
            }
        }
    }

    /// What is taken back of a fund, and off which invoices.
    fn back(&self, fund: &Fund, back: TakenBack) -> (Decimal, Vec<(i64, Decimal)>) {
        let placed: Decimal = fund.rows().iter().map(|row| row.amount).sum();
        let amount = self.part(fund.customer(), fund.free() + placed, back.percent);
        let first = if back.free_first { amount.min(fund.free()) } else { Decimal::ZERO };
        let mut left = amount - first;
        let mut rows = Vec::new();
        for row in fund.rows() {
            let part = row.amount.min(left);
            if !part.is_zero() {
                rows.push((row.invoice, part));
            }
            left -= part;
        }
        (amount, rows)
    }

    fn payment(&self, pick: Pick) -> Option<Payment> {
        let payments = self.account.payments().into_iter().filter(|one| one.refunded < one.amount);
        some(pick, &payments.collect::<Vec<_>>())
    }

    pub(super) fn refund(&self, payment: Pick, back: TakenBack) {
        let Some(payment) = self.payment(payment) else { return };
        let (amount, allocations) = self.back(&Fund::Payment(payment.clone()), back);
        self.account.refund(NewRefund {
            payment: payment.id,
            amount,
            effective: self.days_ago(back.days_back).max(payment.effective),
            reference: None,
            allocations,
        });
    }

    pub(super) fn bounce(&self, payment: Pick, days_back: i64) {
        let Some(payment) = self.payment(payment) else { return };
        self.account.bounce(payment.id, self.days_ago(days_back).max(payment.effective));
    }

    pub(super) fn debit(&self, credit: Pick, back: TakenBack) {
        let given = self.account.credits().into_iter().filter(|one| !one.opening && one.debited < one.amount);
        let Some(credit) = some(credit, &given.collect::<Vec<_>>()) else { return };
        let (amount, allocations) = self.back(&Fund::Credit(credit.clone()), back);
        self.account.debit(NewDebit {
            credit: credit.id,
            amount,
            effective: self.days_ago(back.days_back).max(credit.effective),
            reference: None,
            allocations,
        });
    }

    pub(super) fn reverse(&self, invoice: Pick, charges: &[(Pick, u32)], days_back: i64) {
        let left = |invoice: &Invoice| invoice.charges.iter().any(|one| one.reversed < one.amount);
        let invoices: Vec<Invoice> = self.account.invoices().into_iter().filter(left).collect();
        let Some(invoice) = some(invoice, &invoices) else { return };
        let open: Vec<_> = invoice.charges.iter().filter(|one| one.reversed < one.amount).collect();
        let mut wanted: Vec<(i64, Option<Decimal>)> = Vec::new();
        for (pick, percent) in charges {
            let charge = pick.get(&open);
            if wanted.iter().all(|one| one.0 != charge.id) {
                let left = charge.amount - charge.reversed;
                wanted.push((charge.id, Some(self.part(invoice.customer, left, *percent))));
            }
        }
        self.account.reverse(NewReversal {
            invoice: invoice.id,
            charges: wanted,
            effective: self.days_ago(days_back).max(invoice.effective),
            reference: None,
        });
    }

    pub(super) fn write_off(&self, invoice: Pick, percent: u32, days_back: i64) {
        let owed = self.account.invoices().into_iter().filter(|one| one.outstanding() > Decimal::ZERO);
        let Some(invoice) = some(invoice, &owed.collect::<Vec<_>>()) else { return };
        let amount = self.part(invoice.customer, invoice.outstanding(), percent);
        let effective = self.days_ago(days_back).max(invoice.effective);
        self.account.write_off(invoice.id, amount, (effective, None));
    }

    pub(super) fn amend(&self, invoice: Pick, po_number: Option<u8>, notes: Option<u8>) {
        let Some(invoice) = some(invoice, &self.account.invoices()) else { return };
        let po_number = po_number.map(|number| format!("PO-{number}"));
        let notes = notes.map(|number| format!("Note {number}"));
        self.account.amend_invoice(invoice.id, po_number.as_deref(), notes.as_deref());
    }
}

fn some<T: Clone>(pick: Pick, all: &[T]) -> Option<T> {
    (!all.is_empty()).then(|| pick.get(all).clone())
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a literal decimal")
}

fn round(amount: Decimal, digits: u32) -> Decimal {
    amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}
