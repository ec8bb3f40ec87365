//! Charges reversed, in full or in part, with discount and tax in proportion.
//!
//! The vendor does not say how it rounds. Here shares are cumulative: what is
//! reversed of a discount or a tax is the rounded share of all that was
//! reversed of the charge so far, less what was reversed before. Parts that
//! make up the whole charge so take back the whole discount and tax.

use jiff::Timestamp;
use rust_decimal::{Decimal, RoundingStrategy};

use super::super::Account;
use super::super::CreditNotes;
use super::super::records::{ArEntry, ArKind, Charge, CreditNote, Invoice, NewReversal, OwnSync, Reversal};
use super::super::state::{State, take};
use super::check;
use super::funds::{Fund, lift, touch};

impl Account {
    /// Reverses charges of an invoice and returns its credit notes: one, or
    /// one a charge, by [`super::super::Options::credit_notes`].
    ///
    /// # Panics
    /// When a charge is not the invoice's, or less of it is left than is to be
    /// reversed.
    pub fn reverse(&self, new: NewReversal) -> Vec<i64> {
        let at = self.present();
        let options = &self.shared.options;
        let (by, frees) = (options.credit_notes, options.reversal_frees_payments);
        self.change(|state| {
            let notes = reverse(state, new, by);
            let invoice = state.credit_notes[notes.first().expect("something was reversed")].invoice;
            touch(state.invoices.get_mut(&invoice).expect("the invoice was reversed"), at);
            if frees {
                free(state, at, invoice);
            }
            notes
        })
    }
}

fn reverse(state: &mut State, new: NewReversal, by: CreditNotes) -> Vec<i64> {
    check::reversible(state, &new);
    let NewReversal { invoice, charges, effective, reference } = new;
    let target = state.invoices.get(&invoice).expect("the reversed invoice exists");
    let left = |charge: &Charge| charge.amount - charge.reversed;
    let all = || target.charges.iter().filter(|one| !left(one).is_zero()).map(|one| (one.id, left(one)));
    let wanted: Vec<(i64, Decimal)> = if charges.is_empty() {
        all().collect()
    } else {
        let find = |id| target.charges.iter().find(|one| one.id == id).expect("the charge is the invoice's");
        charges.into_iter().map(|(id, amount)| (id, amount.unwrap_or_else(|| left(find(id))))).collect()
    };
    assert!(!wanted.is_empty(), "something of invoice {invoice} is left to be reversed");
    let groups: Vec<Vec<(i64, Decimal)>> = match by {
        CreditNotes::PerAct => vec![wanted],
        CreditNotes::PerCharge => wanted.into_iter().map(|one| vec![one]).collect(),
    };
    groups.into_iter().map(|rows| note(state, invoice, &rows, (effective, reference.clone()))).collect()
}

fn note(
    state: &mut State,
    invoice: i64,
    rows: &[(i64, Decimal)],
    (effective, reference): (Timestamp, Option<String>),
) -> i64 {
    let note = take(&mut state.next.credit_note);
    let mut made = Vec::new();
    let mut net = Decimal::ZERO;
    for (charge, amount) in rows {
        let id = take(&mut state.next.transaction);
        let target = state.invoices.get(&invoice).expect("the reversed invoice exists");
        let (discounts, taxes) = shares(target, *charge, *amount);
        let reversal = Reversal {
            id,
            charge: *charge,
            invoice,
            customer: target.customer,
            note,
            amount: *amount,
            discounts,
            taxes,
            effective,
            reference: reference.clone(),
            own_sync: OwnSync::default(),
        };
        net += reversal.net();
        enter(state, &reversal);
        let target = state.invoices.get_mut(&invoice).expect("looked up above");
        target.reversed += reversal.net();
        let place = target.charges.iter().position(|one| one.id == *charge).expect("shares found it");
        target.charges[place].reversed += amount;
        made.push(id);
        state.reversals.insert(id, reversal);
    }
    let target = state.invoices.get_mut(&invoice).expect("looked up above");
    target.credit_notes.push(note);
    let number = format!("{}-CR-{:02}", target.number, target.credit_notes.len());
    let customer = target.customer;
    state
        .credit_notes
        .insert(note, CreditNote { id: note, number, invoice, customer, reversals: made, net, reference });
    note
}

/// What of each discount of a charge, and of each tax of its invoice, goes
/// with a part of the charge.
fn shares(invoice: &Invoice, charge: i64, amount: Decimal) -> (Vec<Decimal>, Vec<Decimal>) {
    let place = invoice.charges.iter().position(|one| one.id == charge).expect("the charge is the invoice's");
    let charge = &invoice.charges[place];
    let digits = |amount: Decimal| amount.normalize().scale().max(invoice.minor_digits());
    let share = |whole: Decimal| {
        let of = |part: Decimal| round(whole * part / charge.amount, digits(whole));
        of(charge.reversed + amount) - of(charge.reversed)
    };
    let discounts = charge.discounts.iter().map(|one| share(one.amount)).collect();
    let net: Decimal = invoice.charges.iter().map(Charge::net).sum();
    let before: Decimal = invoice.charges[..place].iter().map(Charge::net).sum();
    let tax = |total: Decimal| {
        if net.is_zero() {
            return Decimal::ZERO;
        }
        // The charge's own part of the tax, so that all parts make the whole.
        let up_to = |part: Decimal| round(total * part / net, digits(total));
        share(up_to(before + charge.net()) - up_to(before))
    };
    (discounts, invoice.taxes.iter().map(|one| tax(one.total)).collect())
}

fn round(amount: Decimal, digits: u32) -> Decimal {
    amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// Charge, discounts and taxes each are an entry of their own.
fn enter(state: &mut State, reversal: &Reversal) {
    let target = state.invoices.get(&reversal.invoice).expect("the reversed invoice exists");
    let charge = target.charges.iter().find(|one| one.id == reversal.charge).expect("it is the invoice's");
    let discounts: Vec<_> =
        charge.discounts.iter().map(|one| one.id).zip(reversal.discounts.iter().copied()).collect();
    let taxes: Vec<_> = target.taxes.iter().map(|one| one.id).zip(reversal.taxes.iter().copied()).collect();
    let entry = |id, kind, amount, associated| ArEntry {
        id,
        customer: reversal.customer,
        kind,
        effective: reversal.effective,
        amount,
        invoice: Some(reversal.invoice),
        associated: Some(associated),
    };
    state.enter(entry(reversal.id, ArKind::ReverseCharge, reversal.amount, reversal.charge));
    let parts = discounts.into_iter().map(|part| (ArKind::ReverseDiscount, part));
    for (kind, (original, amount)) in parts.chain(taxes.into_iter().map(|part| (ArKind::ReverseTax, part))) {
        if !amount.is_zero() {
            let id = take(&mut state.next.transaction);
            state.enter(entry(id, kind, amount, original));
        }
    }
}

/// Sets free what lies on an invoice beyond what is owed, the latest first.
fn free(state: &mut State, at: Timestamp, invoice: i64) {
    loop {
        let target = &state.invoices[&invoice];
        let beyond = -target.outstanding();
        let payments = target.payments.last().map(|id| Fund::Payment(*id));
        let fund = payments.or_else(|| target.credits.last().map(|id| Fund::Credit(*id)));
        let Some(fund) = fund.filter(|_| beyond > Decimal::ZERO) else { return };
        let rows = match fund {
            Fund::Payment(id) => &state.payments[&id].allocations,
            Fund::Credit(id) => &state.credits[&id].allocations,
        };
        let lies = rows.iter().find(|one| one.invoice == invoice).map_or(Decimal::ZERO, |one| one.amount);
        lift(state, at, fund, (invoice, lies.min(beyond)));
    }
}
