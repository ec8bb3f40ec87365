//! Posted invoices: their charges, discounts, taxes and instalments.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::NewCustomer;

/// A line to be invoiced.
#[derive(Clone, Debug, Default)]
pub struct NewCharge {
    /// What the customer reads.
    pub name: String,
    /// A second line, if any.
    pub description: Option<String>,
    /// A product's code, or none for a charge without a product.
    pub product: Option<String>,
    /// How many.
    pub quantity: Decimal,
    /// For one, up to six decimals.
    pub unit_price: Decimal,
    /// Before the discounts, to the cent.
    pub amount: Decimal,
    /// Each taken off `amount`.
    pub discounts: Vec<Decimal>,
}

/// An invoice to be posted.
#[derive(Clone, Debug, Default)]
pub struct NewInvoice {
    /// Whose.
    pub customer: i64,
    /// The accounting date.
    pub effective: Timestamp,
    /// The lines.
    pub charges: Vec<NewCharge>,
    /// Name, percent and total of each tax rule.
    pub taxes: Vec<(String, Decimal, Decimal)>,
    /// Days after `effective`.
    pub due_days: i64,
    /// Days and amount of each instalment; empty means one on `due_days`.
    pub installments: Vec<(i64, Decimal)>,
    /// The customer's order number.
    pub po_number: Option<String>,
    /// Printed at the foot.
    pub notes: Option<String>,
}

/// How a charge leads to its product: never by the product's id or code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeSource {
    /// `subscriptionProducts/{id}`.
    SubscriptionProduct(i64),
    /// `Purchases/{id}`.
    Purchase(i64),
    /// A charge that was written by hand.
    Neither,
}

/// What was taken off a charge.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Discount {
    pub id: i64,
    pub amount: Decimal,
}

/// A line of a posted invoice.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in NewCharge")]
pub struct Charge {
    pub id: i64,
    pub name: String,
    pub description: Option<String>,
    pub source: ChargeSource,
    pub gl_code: Option<String>,
    pub quantity: Decimal,
    pub unit_price: Decimal,
    pub amount: Decimal,
    pub discounts: Vec<Discount>,
    /// How much of `amount` was reversed.
    pub reversed: Decimal,
}

impl Charge {
    /// What was taken off.
    pub fn discounted(&self) -> Decimal {
        self.discounts.iter().map(|one| one.amount).sum()
    }

    /// After the discounts.
    pub fn net(&self) -> Decimal {
        self.amount - self.discounted()
    }
}

/// One tax rule's part of an invoice.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Tax {
    pub id: i64,
    pub name: String,
    pub percent: Decimal,
    pub total: Decimal,
}

/// One instalment.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Days after the invoice's date.
    pub due_days: i64,
    /// The instant it falls due.
    pub due: Timestamp,
    /// Its part of the invoice.
    pub amount: Decimal,
}

/// A part of an invoice that is not expected any more. The vendor shows it as
/// an AR activity and in the invoice's total, and nowhere by itself.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "our own record, as the vendor has none")]
pub struct WriteOff {
    pub id: i64,
    pub invoice: i64,
    pub customer: i64,
    pub amount: Decimal,
    pub effective: Timestamp,
    pub reference: Option<String>,
}

/// A posted invoice. Its amounts never change.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Invoice {
    pub id: i64,
    pub number: i64,
    pub customer: i64,
    /// The customer as it was at posting.
    pub snapshot: NewCustomer,
    pub effective: Timestamp,
    pub posted: Timestamp,
    pub modified: Timestamp,
    pub charges: Vec<Charge>,
    pub taxes: Vec<Tax>,
    pub schedules: Vec<Schedule>,
    pub po_number: Option<String>,
    pub notes: Option<String>,
    pub opening_balance: Decimal,
    /// The sum of what payments are allocated to it now.
    pub paid: Decimal,
    /// The payments that are allocated to it now.
    pub payments: Vec<i64>,
    /// The sum of what credits are allocated to it now.
    pub credited: Decimal,
    /// The credits that are allocated to it now.
    pub credits: Vec<i64>,
    /// The sum of its credit notes.
    pub reversed: Decimal,
    /// Its credit notes, by id.
    pub credit_notes: Vec<i64>,
    /// The sum of its write-offs.
    pub written_off: Decimal,
    /// When nothing was owed any more.
    pub settled: Option<Timestamp>,
    pub quickbooks_id: Option<i64>,
}

impl Invoice {
    /// The lines before discounts and taxes.
    pub fn subtotal(&self) -> Decimal {
        self.charges.iter().map(|charge| charge.amount).sum()
    }

    /// What was taken off the lines.
    pub fn discounts(&self) -> Decimal {
        self.charges.iter().map(Charge::discounted).sum()
    }

    /// The total with taxes.
    pub fn amount(&self) -> Decimal {
        self.subtotal() - self.discounts() + self.taxes.iter().map(|tax| tax.total).sum::<Decimal>()
    }

    /// Decimals of its currency; yen and won have none.
    pub fn minor_digits(&self) -> u32 {
        if matches!(self.snapshot.currency.as_deref(), Some("JPY" | "KRW")) { 0 } else { 2 }
    }

    /// What was done about it: paid, credited, reversed or written off.
    pub fn covered(&self) -> Decimal {
        self.paid + self.credited + self.reversed + self.written_off
    }

    /// What is still owed; below zero where a paid charge was reversed and its
    /// payment was left in place.
    pub fn outstanding(&self) -> Decimal {
        self.amount() - self.covered()
    }

    /// What is still owed on one instalment: the earliest is covered first.
    pub fn outstanding_of(&self, schedule: usize) -> Decimal {
        let before: Decimal = self.schedules.iter().take(schedule).map(|earlier| earlier.amount).sum();
        let amount = self.schedules.get(schedule).map_or(Decimal::ZERO, |one| one.amount);
        amount - (self.covered() - before).clamp(Decimal::ZERO, amount)
    }
}
