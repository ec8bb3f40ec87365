//! Whether an account's money is conserved: every total summed anew from the
//! records, and the AR stream against them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Account;
use super::records::{Allocation, Credit, CreditNote, Invoice, Payment};
use super::state::State;

impl Account {
    /// What does not add up, a sentence each; empty when all is well.
    pub fn audit(&self) -> Vec<String> {
        let state = self.state();
        let mut books = Books { state: &state, wrong: Vec::new() };
        books.invoices();
        books.funds();
        books.reversals();
        books.customers();
        books.wrong
    }
}

struct Books<'a> {
    state: &'a State,
    wrong: Vec<String>,
}

impl Books<'_> {
    fn expect(&mut self, what: &str, stands: Decimal, should: Decimal) {
        if stands != should {
            self.wrong.push(format!("{what} is {stands}, not {should}"));
        }
    }

    /// What an invoice says of its cover, against those who cover it.
    fn invoices(&mut self) {
        let state = self.state;
        let paid = by_invoice(state.payments.values().flat_map(|one| &one.allocations));
        let credited = by_invoice(state.credits.values().flat_map(|one| &one.allocations));
        let mut written_off = BTreeMap::<i64, Decimal>::new();
        for one in state.write_offs.values() {
            *written_off.entry(one.invoice).or_default() += one.amount;
        }
        let mut reversed = BTreeMap::<i64, Decimal>::new();
        for one in state.reversals.values() {
            *reversed.entry(one.invoice).or_default() += one.net();
        }
        for invoice in state.invoices.values() {
            let of = |sums: &BTreeMap<i64, Decimal>| sums.get(&invoice.id).copied().unwrap_or_default();
            let id = invoice.id;
            self.expect(&format!("paid of invoice {id}"), invoice.paid, of(&paid));
            self.expect(&format!("credited of invoice {id}"), invoice.credited, of(&credited));
            self.expect(&format!("reversed of invoice {id}"), invoice.reversed, of(&reversed));
            self.expect(&format!("written off of invoice {id}"), invoice.written_off, of(&written_off));
            let parts: Decimal = invoice.schedules.iter().map(|one| one.amount).sum();
            self.expect(&format!("instalments of invoice {id}"), parts, invoice.amount());
            let open: Decimal = (0..invoice.schedules.len()).map(|at| invoice.outstanding_of(at)).sum();
            let owed = invoice.outstanding().max(Decimal::ZERO);
            self.expect(&format!("open instalments of invoice {id}"), open, owed);
            if invoice.outstanding() < Decimal::ZERO && invoice.reversed.is_zero() {
                self.wrong.push(format!("invoice {id} is covered beyond its amount without a reversal"));
            }
        }
    }

    /// Payments and credits against what was taken back of them.
    fn funds(&mut self) {
        let state = self.state;
        for Payment { id, refunds, refunded, .. } in state.payments.values() {
            let given = refunds.iter().filter_map(|id| state.refunds.get(id)).map(|one| one.amount).sum();
            self.expect(&format!("refunded of payment {id}"), *refunded, given);
        }
        for Credit { id, debits, debited, .. } in state.credits.values() {
            let taken = debits.iter().filter_map(|id| state.debits.get(id)).map(|one| one.amount).sum();
            self.expect(&format!("debited of credit {id}"), *debited, taken);
        }
        let payments = state.payments.values().map(|one| ("payment", one.id, one.unallocated()));
        let credits = state.credits.values().map(|one| ("credit", one.id, one.unallocated()));
        for (kind, id, rest) in payments.chain(credits) {
            if rest < Decimal::ZERO {
                self.wrong.push(format!("{kind} {id} gave {} more than it had", -rest));
            }
        }
    }

    /// Charges against their reversals, credit notes against theirs.
    fn reversals(&mut self) {
        let state = self.state;
        let mut by_charge = BTreeMap::<i64, Decimal>::new();
        for one in state.reversals.values() {
            *by_charge.entry(one.charge).or_default() += one.amount;
        }
        for charge in state.invoices.values().flat_map(|one| &one.charges) {
            let reversed = by_charge.remove(&charge.id).unwrap_or_default();
            self.expect(&format!("reversed of charge {}", charge.id), charge.reversed, reversed);
            if reversed > charge.amount {
                self.wrong.push(format!("more than charge {} was reversed", charge.id));
            }
        }
        self.wrong.extend(by_charge.keys().map(|id| format!("charge {id} is on no invoice")));
        for CreditNote { number, reversals, net, .. } in state.credit_notes.values() {
            let sum =
                reversals.iter().filter_map(|id| state.reversals.get(id)).map(super::Reversal::net).sum();
            self.expect(&format!("net of credit note {number}"), *net, sum);
        }
    }

    /// The balance, three times: as it was kept, by the AR stream, and by what
    /// is open on either side.
    fn customers(&mut self) {
        let state = self.state;
        for customer in state.customers.values() {
            let id = customer.id;
            let stream = state.ar_of(id).map(super::ArEntry::signed).sum();
            self.expect(&format!("balance of customer {id} by the AR stream"), customer.balance, stream);
            let owed: Decimal = state.invoices_of(id).map(Invoice::outstanding).sum();
            let paid: Decimal = state.payments_of(id).map(Payment::unallocated).sum();
            let credit: Decimal = state.credits_of(id).map(Credit::unallocated).sum();
            self.expect(
                &format!("balance of customer {id} by records"),
                customer.balance,
                owed - paid - credit,
            );
        }
    }
}

fn by_invoice<'a>(rows: impl Iterator<Item = &'a Allocation>) -> BTreeMap<i64, Decimal> {
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry(row.invoice).or_default() += row.amount;
    }
    sums
}
