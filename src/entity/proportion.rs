//! Proportion: what of discounts and taxes goes with charges that are reversed.
//!
//! Stax Bill tells of a reversal the charge's part, before discount and tax,
//! and of a credit note what all of it comes to. A discount's part is
//! cumulative: the rounded share of all that was reversed of the charge so far,
//! less what earlier notes took of it; parts that make up the whole take back
//! all of it. What a note comes to beside its charges is its tax, to the cent,
//! whichever charges bore it.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::model::{Charge, Code, CreditNote, Currency, InvoiceLines, Money, Problem, Reversal, Tax};

/// By how many of the currency's smallest units, a charge, a note may differ
/// from what its charges and taxes come to: Stax Bill does not say how it
/// rounds, and may round each of a charge's discounts by itself.
const ROUNDED_UNITS_MAX: i64 = 5;

/// What a credit note takes back of an invoice.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parts<'a> {
    /// Of each of its charges, in the invoice's order.
    pub charges: Vec<Part<'a>>,
    /// Of each of its taxes.
    pub taxes: Vec<Tax>,
    /// What the note comes to beyond all these.
    pub residue: Money,
}

/// What is taken back of one charge.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part<'a> {
    /// The charge.
    pub charge: &'a Charge,
    /// Of its amount.
    pub amount: Money,
    /// Of its discounts.
    pub discount: Money,
}

/// The parts of `note`; `earlier` are the invoice's reversals of earlier notes.
pub(super) fn of<'a>(
    note: &CreditNote,
    invoice: &'a InvoiceLines,
    earlier: &[Reversal],
) -> Result<Parts<'a>, Problem> {
    let invalid = |reason: String| Problem::new(Code::InvalidRecord, reason);
    let own = sums(note.reversals.iter());
    let before = sums(earlier.iter().filter(|row| note.reversals.iter().all(|own| own.id != row.id)));
    if let Some(charge) = own.keys().find(|id| invoice.charges.iter().all(|charge| charge.id != **id)) {
        return Err(invalid(format!("it reverses charge {charge}, which is not on its invoice")));
    }
    let mut progress = Progress::default();
    let mut charges = Vec::new();
    for charge in &invoice.charges {
        let was = before.get(&charge.id).copied().unwrap_or_default();
        let amount = own.get(&charge.id).copied().unwrap_or_default();
        if was + amount > charge.amount {
            return Err(invalid(format!(
                "{} were reversed of the charge `{}`, which is of {}",
                was + amount,
                charge.name,
                charge.amount
            )));
        }
        let discounted = |part: Money| share(charge.discount, (part, charge.amount), note.currency);
        let (old, new) = (discounted(was), discounted(was + amount));
        progress.before += was - old;
        progress.after += was + amount - new;
        progress.whole += charge.amount - charge.discount;
        if !amount.is_zero() {
            charges.push(Part { charge, amount, discount: new - old });
        }
    }
    if charges.is_empty() {
        return Err(invalid("it reverses no charge of its invoice".to_owned()));
    }
    let net = progress.after - progress.before;
    let taxed = invoice.taxes.iter().map(|tax| tax.total).sum::<Money>();
    let tax = (note.amount - net).min(taxed).max(Money::ZERO);
    let residue = note.amount - net - tax;
    let units = ROUNDED_UNITS_MAX * i64::try_from(charges.len()).unwrap_or(i64::MAX / ROUNDED_UNITS_MAX);
    if residue.decimal().abs() > Decimal::new(units, note.currency.minor_digits()) {
        return Err(invalid(format!(
            "what it reverses comes to {net} and {tax} of tax, and its total is {}",
            note.amount
        )));
    }
    Ok(Parts { charges, taxes: taxes(&invoice.taxes, tax, (progress, note.currency)), residue })
}

/// How far an invoice was reversed, net of discounts.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    before: Money,
    after: Money,
    whole: Money,
}

/// Spreads the tax of a note over the taxes of its invoice: each takes its
/// cumulative share, the largest what is left. So each comes to its own total
/// when all is reversed, unless the charges are taxed too differently.
fn taxes(taxes: &[Tax], total: Money, (progress, currency): (Progress, Currency)) -> Vec<Tax> {
    let Some(largest) = taxes.iter().enumerate().max_by_key(|(at, tax)| (tax.total, usize::MAX - at)) else {
        return Vec::new();
    };
    let cumulative = |tax: &Tax| {
        let up_to = |part: Money| share(tax.total, (part, progress.whole), currency);
        up_to(progress.after) - up_to(progress.before)
    };
    let spread = spread_by(taxes, total, largest.0, cumulative);
    if spread.iter().all(|tax| !tax.total.is_negative()) {
        return spread;
    }
    let whole = taxes.iter().map(|tax| tax.total).sum::<Money>();
    let mut left = total;
    let rows = spread_by(taxes, total, largest.0, |tax| share(total, (tax.total, whole), currency));
    rows.into_iter()
        .map(|tax| {
            let total = tax.total.max(Money::ZERO).min(left);
            left -= total;
            Tax { total, ..tax }
        })
        .collect()
}

fn spread_by(taxes: &[Tax], total: Money, rest: usize, of: impl Fn(&Tax) -> Money) -> Vec<Tax> {
    let mut rows = taxes.iter().map(|tax| Tax { total: of(tax), ..tax.clone() }).collect::<Vec<_>>();
    let others =
        rows.iter().enumerate().filter(|(at, _)| *at != rest).map(|(_, tax)| tax.total).sum::<Money>();
    rows[rest].total = total - others;
    rows
}

fn sums<'a>(rows: impl Iterator<Item = &'a Reversal>) -> BTreeMap<u64, Money> {
    let mut sums: BTreeMap<u64, Money> = BTreeMap::new();
    for row in rows {
        *sums.entry(row.charge).or_default() += row.amount;
    }
    sums
}

/// The part of `whole` that `part` is of its own whole, rounded half away from
/// zero.
fn share(whole: Money, (part, of): (Money, Money), currency: Currency) -> Money {
    if part == of {
        return whole;
    }
    let (amount, part, of) = (whole.decimal(), part.decimal(), of.decimal());
    let exact = amount.checked_mul(part).and_then(|product| product.checked_div(of));
    // Amounts whose product is beyond all numbers lose their last digits.
    let exact = exact.or_else(|| part.checked_div(of)?.checked_mul(amount)).unwrap_or_default();
    let rounded =
        exact.round_dp_with_strategy(currency.minor_digits(), RoundingStrategy::MidpointAwayFromZero);
    Money::exact(rounded, currency).unwrap_or_default()
}
