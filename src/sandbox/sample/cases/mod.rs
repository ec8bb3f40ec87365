//! Customers of whom each shows one case, told act by act: what the table of
//! habits in [`super::CUSTOMERS`] has no word for.

mod credits;
mod crossings;
mod invoices;
mod names;
mod payments;
mod play;
mod refunds;
mod reversals;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::sandbox::staxbill::SettlementStatus;

pub(super) use play::{Ledger, take};

/// A customer and what happens to it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// In Stax Bill.
    pub id: i64,
    /// A company's name.
    pub name: &'static str,
    /// What it is there for.
    pub shows: &'static str,
    /// ISO 4217.
    pub currency: &'static str,
    /// The customer above it.
    pub parent: Option<i64>,
    /// From when on it counts, for whoever links it.
    pub start: CaseStart,
    /// Days before the present one, and what happened then, in order.
    pub steps: &'static [(i64, Step)],
}

/// From when on a case's documents count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseStart {
    /// All of them.
    Beginning,
    /// Those of the last so many days.
    DaysAgo(i64),
}

/// A line of an invoice: product code, quantity, unit price, discounts.
pub type Line = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// Bills or funds and amounts, by the names that the case gives them.
pub type Rows = &'static [(&'static str, &'static str)];

/// One act. The first text of each names what it makes or changes.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the biller's acts, by their names")]
pub enum Step {
    /// Lines, and tax rules with their percent.
    Bill(&'static str, &'static [Line], Rows),
    /// So many lines of one unit each; the first has a text of 5,000 letters.
    LongBill(&'static str, usize),
    /// Order number and notes.
    Amend(&'static str, &'static str, &'static str),
    /// Method, amount, and where it goes.
    Pay(&'static str, &'static str, &'static str, Rows),
    /// The same with the parent's method.
    ParentPays(&'static str, &'static str, Rows),
    /// The same with fees, and a reference of 400 letters.
    PayWithFees(&'static str, &'static str, Rows),
    HoldBack(&'static str),
    Settle(&'static str, SettlementStatus),
    Bounce(&'static str),
    /// An amount, and what is taken off invoices.
    Refund(&'static str, &'static str, Rows),
    /// A payment or a credit, the bill and the amount.
    Put(&'static str, &'static str, &'static str),
    /// The same, taken off.
    Lift(&'static str, &'static str, &'static str),
    /// An amount, and where it goes.
    Credit(&'static str, &'static str, Rows),
    /// What the customer had in hand when the account began.
    Opening(&'static str, &'static str, Rows),
    /// An amount, and what is taken off invoices.
    Debit(&'static str, &'static str, Rows),
    /// Lines by their place, and how much of each; none at all is everything.
    Reverse(&'static str, &'static [(usize, &'static str)]),
    WriteOff(&'static str, &'static str),
    /// Attempts that bring nothing: refused, never answered, only looked at.
    Attempts(&'static str),
    /// Stax Bill's own synchronisation ran over the customer.
    OwnSync,
}

impl Case {
    const fn new(id: i64, name: &'static str, shows: &'static str, steps: &'static [(i64, Step)]) -> Self {
        Self { id, name, shows, currency: "USD", parent: None, start: CaseStart::Beginning, steps }
    }

    const fn billed_in(self, currency: &'static str) -> Self {
        Self { currency, ..self }
    }

    const fn child_of(self, parent: i64) -> Self {
        Self { parent: Some(parent), ..self }
    }

    const fn counts_for_days(self, days: i64) -> Self {
        Self { start: CaseStart::DaysAgo(days), ..self }
    }

    /// The first day that counts, in UTC; none where all do.
    pub fn first_day(&self, now: Timestamp) -> Option<Date> {
        match self.start {
            CaseStart::Beginning => None,
            CaseStart::DaysAgo(days) => now.to_zoned(TimeZone::UTC).date().checked_sub(days.days()).ok(),
        }
    }
}

/// Every case, by id; they follow on [`super::CUSTOMERS`].
pub fn cases() -> impl Iterator<Item = &'static Case> {
    [
        refunds::CASES,
        credits::CASES,
        reversals::CASES,
        invoices::CASES,
        names::CASES,
        payments::CASES,
        crossings::CASES,
    ]
    .into_iter()
    .flatten()
}

const PRO: Line = ("PRO-MONTHLY", "1", "49.00", &[]);
const BASIC: Line = ("BASIC-MONTHLY", "1", "19.00", &[]);
