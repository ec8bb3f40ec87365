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

/// What the invoice's earlier credit notes took back.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Of its charges.
    pub reversals: Vec<Reversal>,
    /// In all, with their taxes.
    pub amount: Money,
}

/// The parts of `note`.
pub(super) fn of<'a>(
    note: &CreditNote,
    invoice: &'a InvoiceLines,
    earlier: &Earlier,
) -> Result<Parts<'a>, Problem> {
    let invalid = |reason: String| Problem::new(Code::InvalidRecord, reason);
    let own = sums(note.reversals.iter());
    let reversed =
        sums(earlier.reversals.iter().filter(|row| note.reversals.iter().all(|own| own.id != row.id)));
    if let Some(charge) = own.keys().find(|id| invoice.charges.iter().all(|charge| charge.id != **id)) {
        return Err(invalid(format!("it reverses charge {charge}, which is not on its invoice")));
    }
    let (mut before, mut net) = (Money::ZERO, Money::ZERO);
    let mut charges = Vec::new();
    for charge in &invoice.charges {
        let was = reversed.get(&charge.id).copied().unwrap_or_default();
        let amount = own.get(&charge.id).copied().unwrap_or_default();
        if was + amount > charge.amount {
            return Err(invalid(format!(
                "{} were reversed of the charge `{}`, which is of {}",
                was + amount,
                charge.name,
                charge.amount
            )));
        }
        let rounding = (note.currency, RoundingStrategy::MidpointAwayFromZero);
        let discounted = |part: Money| share(charge.discount, (part, charge.amount), rounding);
        let (old, new) = (discounted(was), discounted(was + amount));
        before += was - old;
        net += amount - (new - old);
        if !amount.is_zero() {
            charges.push(Part { charge, amount, discount: new - old });
        }
    }
    if charges.is_empty() {
        return Err(invalid("it reverses no charge of its invoice".to_owned()));
    }
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
    let before = (earlier.amount - before).min(taxed).max(Money::ZERO);
    Ok(Parts { charges, taxes: taxes(&invoice.taxes, (before, tax), note.currency), residue })
}

/// The taxes of a note: what all notes up to it take of each, less what those
/// before it took.
fn taxes(taxes: &[Tax], (before, own): (Money, Money), currency: Currency) -> Vec<Tax> {
    let (was, is) = (spread(taxes, before, currency), spread(taxes, before + own, currency));
    let rows = taxes.iter().zip(was.into_iter().zip(is));
    rows.map(|(tax, (was, is))| Tax { total: is - was, ..tax.clone() }).collect()
}

/// Spreads `total` over taxes by what they come to, with the method of highest
/// averages (D'Hondt): no part falls when `total` rises, and all of them are
/// whole when it is whole. So parts that make up a reversal give back each tax,
/// and none of them takes of a tax what is not left.
fn spread(taxes: &[Tax], total: Money, currency: Currency) -> Vec<Money> {
    let whole = taxes.iter().map(|tax| tax.total).sum::<Money>();
    if whole.is_zero() {
        return vec![Money::ZERO; taxes.len()];
    }
    let unit = Decimal::new(1, currency.minor_digits());
    let floor = |tax: &Tax| share(tax.total, (total, whole), (currency, RoundingStrategy::ToZero));
    let mut rows = taxes.iter().map(floor).collect::<Vec<_>>();
    for _ in 0..rows.len() {
        let left = total - rows.iter().copied().sum();
        let average = |at: usize| taxes[at].total.decimal().checked_div(rows[at].decimal() + unit);
        let Some(next) = (0..rows.len()).rev().max_by_key(|at| average(*at)) else { break };
        // Fewer units than taxes are left; anything else is of a tax below zero.
        let least = Money::exact(unit, currency).unwrap_or_default();
        rows[next] += if left < least + least { left } else { least };
    }
    rows
}

fn sums<'a>(rows: impl Iterator<Item = &'a Reversal>) -> BTreeMap<u64, Money> {
    let mut sums: BTreeMap<u64, Money> = BTreeMap::new();
    for row in rows {
        *sums.entry(row.charge).or_default() += row.amount;
    }
    sums
}

/// The part of `whole` that `part` is of its own whole.
fn share(
    whole: Money,
    (part, of): (Money, Money),
    (currency, rounding): (Currency, RoundingStrategy),
) -> Money {
    if part == of {
        return whole;
    }
    let (amount, part, of) = (whole.decimal(), part.decimal(), of.decimal());
    let exact = amount.checked_mul(part).and_then(|product| product.checked_div(of));
    // Amounts whose product is beyond all numbers lose their last digits.
    let exact = exact.or_else(|| part.checked_div(of)?.checked_mul(amount)).unwrap_or_default();
    let rounded = exact.round_dp_with_strategy(currency.minor_digits(), rounding);
    Money::exact(rounded, currency).unwrap_or_default()
}
