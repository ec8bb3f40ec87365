//! What must stand, from the account and the decisions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use latchd::sandbox::staxbill::{Account, Allocation};
use rust_decimal::Decimal;

use super::{Sides, day_of};

/// A line of text for each document that must stand, in order.
pub(super) fn rows(sides: &Sides<'_>) -> Vec<String> {
    let mut expected = Expected {
        sides,
        account: &sides.played.company.sandbox.staxbill,
        rows: Vec::new(),
        laid: BTreeMap::new(),
        noted: BTreeMap::new(),
    };
    expected.payments();
    expected.credits();
    expected.write_offs();
    expected.credit_notes();
    expected.invoices();
    expected.rows.sort();
    expected.rows
}

struct Expected<'a> {
    sides: &'a Sides<'a>,
    account: &'a Account,
    rows: Vec<String>,
    /// What payments, credits and write-offs lay on each invoice.
    laid: BTreeMap<i64, Decimal>,
    /// What credit notes take back of each invoice.
    noted: BTreeMap<i64, Decimal>,
}

impl Expected<'_> {
    fn of(&self, customer: i64) -> &str {
        &self.sides.customers[&customer]
    }

    /// What of some rows lies on invoices that stand, by invoice.
    fn claims(&mut self, rows: &[Allocation]) -> BTreeMap<i64, Decimal> {
        let mut claims = BTreeMap::new();
        for row in rows.iter().filter(|row| self.sides.invoice_stands(row.invoice)) {
            *claims.entry(row.invoice).or_default() += row.amount;
        }
        for (invoice, amount) in &claims {
            *self.laid.entry(*invoice).or_default() += *amount;
        }
        claims.retain(|invoice, _| !self.sides.loose.contains(invoice));
        claims
    }

    /// A payment bears its lines itself. With refunds as journal entries it
    /// stays as it came in, and the entries stand beside it.
    fn payments(&mut self) {
        let entries = self.sides.played.variant.entries;
        for payment in self.account.payments() {
            if !self.sides.counts(payment.customer, payment.effective) {
                continue;
            }
            let refunds = payment.refunds.iter().filter_map(|id| self.account.refund_of(*id));
            let refunds: Vec<_> = refunds.filter(|_| entries).collect();
            let taken = refunds.iter().flat_map(|one| one.allocations.iter());
            let rows: Vec<Allocation> = payment.allocations.iter().chain(taken).cloned().collect();
            let total = if entries { payment.amount } else { payment.amount - payment.refunded };
            let (id, day) = (payment.id, day_of(payment.effective));
            let claims = self.claims(&rows);
            let applied: Vec<String> = claims
                .iter()
                .map(|(invoice, amount)| format!("invoice/{invoice} {}", plain(*amount)))
                .collect();
            let of = self.of(payment.customer);
            let row = format!("payment/{id} {id} of {of} on {day} {} {applied:?}", plain(total));
            self.rows.push(row);
            for one in refunds {
                let (id, day, total) = (one.id, day_of(one.effective), plain(one.amount));
                let row = format!("refund/{id} R-{id} of {} on {day} {total}", self.of(one.customer));
                self.rows.push(row);
            }
        }
    }

    fn credits(&mut self) {
        for credit in self.account.credits() {
            let (key, number) = (format!("credit/{}", credit.id), format!("C-{}", credit.id));
            let whole = (credit.customer, credit.effective, credit.amount - credit.debited);
            self.memo((key, number), whole, &credit.allocations);
        }
    }

    fn write_offs(&mut self) {
        for one in self.account.write_offs() {
            let (key, number) = (format!("write-off/{}", one.id), format!("W-{}", one.id));
            let row = Allocation { invoice: one.invoice, amount: one.amount, at: one.effective };
            self.memo((key, number), (one.customer, one.effective, one.amount), &[row]);
        }
    }

    /// A memo, and what applies it to each invoice.
    fn memo(
        &mut self,
        (key, number): (String, String),
        (customer, at, total): (i64, Timestamp, Decimal),
        rows: &[Allocation],
    ) {
        if !self.sides.counts(customer, at) {
            return;
        }
        let of = self.of(customer).to_owned();
        self.rows.push(format!("{key} {number} of {of} on {} {}", day_of(at), plain(total)));
        for (invoice, amount) in self.claims(rows) {
            let posted = self.account.invoice(invoice).expect("rows lead to invoices").effective;
            let day = day_of(at).max(day_of(posted));
            let amount = plain(amount);
            self.rows.push(format!("{key} invoice/{invoice} {number} of {of} on {day} applies {amount}"));
        }
    }

    fn credit_notes(&mut self) {
        for note in self.account.credit_notes() {
            let first = note.reversals.first().and_then(|id| self.account.reversal(*id));
            let at = first.expect("a note lists reversals").effective;
            if note.net.is_zero() || !self.sides.counts(note.customer, at) {
                continue;
            }
            let (id, number, day) = (note.id, &note.number, day_of(at));
            let of = self.of(note.customer);
            let row = format!("charge-reversal/{id} {number} of {of} on {day} {}", plain(note.net));
            self.rows.push(row);
            if self.sides.invoice_stands(note.invoice) {
                *self.noted.entry(note.invoice).or_default() += note.net;
            }
        }
    }

    /// Invoices, what is open on them, and the sums of what is not told apart.
    fn invoices(&mut self) {
        let mut sums = BTreeMap::<String, Decimal>::new();
        for invoice in self.account.invoices() {
            let id = invoice.id;
            if !self.sides.invoice_stands(id) {
                continue;
            }
            let laid = self.laid.get(&id).copied().unwrap_or_default();
            let credited = self.noted.get(&id).copied().unwrap_or_default();
            let open = if self.sides.loose.contains(&id) {
                let foreign = self.sides.foreign.get(&id).copied().unwrap_or_default();
                let room = invoice.amount() + self.reopened(id) - foreign;
                *sums.entry(self.of(invoice.customer).to_owned()).or_default() += room.min(laid + credited);
                String::new()
            } else {
                let taken = credited.min(invoice.amount() - laid);
                if !taken.is_zero() {
                    self.rows.push(format!("credit notes take {} of invoice/{id}", plain(taken)));
                }
                format!(" open {}", plain(invoice.amount() - laid - taken))
            };
            let words = Some((&invoice.po_number, &invoice.notes)).filter(|_| !self.sides.played.put_back);
            let (po_number, notes) =
                words.map(|(one, other)| (one.clone(), other.clone())).unwrap_or_default();
            self.rows.push(format!(
                "invoice/{id} {} of {} on {} {}{open} {:?} {:?}",
                invoice.number,
                self.of(invoice.customer),
                day_of(invoice.effective),
                plain(invoice.amount()),
                po_number.unwrap_or_default(),
                notes.unwrap_or_default(),
            ));
        }
        let sums = sums.iter().filter(|(_, sum)| !sum.is_zero());
        self.rows.extend(sums.map(|(of, sum)| format!("in sum {} of invoices of {of}", plain(*sum))));
    }

    /// By how much entries reopened an invoice.
    fn reopened(&self, invoice: i64) -> Decimal {
        if !self.sides.played.variant.entries {
            return Decimal::ZERO;
        }
        let refunds = self.account.refunds().into_iter();
        let standing = refunds.filter(|one| self.sides.refund_stands(one.payment));
        let rows = standing.flat_map(|one| one.allocations).filter(|row| row.invoice == invoice);
        rows.map(|row| row.amount).sum()
    }
}

fn plain(amount: Decimal) -> Decimal {
    amount.normalize()
}
