//! Posting an invoice, amending what may be amended of it, and writing it off.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::super::Account;
use super::super::records::{
    ArEntry, ArKind, Charge, ChargeSource, Discount, Invoice, NewCharge, NewInvoice, Product, ProductType,
    Schedule, Tax, WriteOff,
};
use super::super::state::{Purchase, State, take};
use super::check;
use super::funds::touch;

impl Account {
    /// Posts an invoice and returns its id; its number is another sequence.
    ///
    /// # Panics
    /// When the customer or a product does not exist, or instalments do not
    /// add up to the invoice.
    pub fn post_invoice(&self, new: NewInvoice) -> i64 {
        let at = self.present();
        self.change(|state| post_invoice(state, at, new))
    }

    /// Writes off a part of what is owed on an invoice, or all of it, and
    /// returns the transaction's id. The API takes the whole amount alone; the
    /// screens also take a part.
    ///
    /// # Panics
    /// When more is written off than is owed.
    pub fn write_off(
        &self,
        invoice: i64,
        amount: Decimal,
        (effective, reference): (Timestamp, Option<&str>),
    ) -> i64 {
        let at = self.present();
        self.change(|state| {
            let target = state.invoices.get_mut(&invoice).expect("the invoice exists");
            let owed = target.outstanding();
            assert!(amount > Decimal::ZERO && amount <= owed, "{owed} is owed on invoice {invoice}");
            let id = take(&mut state.next.transaction);
            target.written_off += amount;
            touch(target, at);
            let (customer, reference) = (target.customer, reference.map(str::to_owned));
            state.write_offs.insert(id, WriteOff { id, invoice, customer, amount, effective, reference });
            let kind = ArKind::WriteOff;
            state.enter(ArEntry {
                id,
                customer,
                kind,
                effective,
                amount,
                invoice: Some(invoice),
                associated: None,
            });
            id
        })
    }

    /// Amends what may be amended of a posted invoice.
    ///
    /// # Panics
    /// When there is no such invoice.
    pub fn amend_invoice(&self, id: i64, po_number: Option<&str>, notes: Option<&str>) {
        let at = self.present();
        self.change(|state| {
            let invoice = state.invoices.get_mut(&id).expect("the amended invoice exists");
            invoice.po_number = po_number.map(str::to_owned);
            invoice.notes = notes.map(str::to_owned);
            invoice.modified = at;
        });
    }
}

fn post_invoice(state: &mut State, at: Timestamp, new: NewInvoice) -> i64 {
    check::postable(state, &new);
    let NewInvoice { customer, effective, charges, taxes, due_days, installments, po_number, notes } = new;
    let owner = state.customers.get(&customer).expect("the invoiced customer exists");
    let (snapshot, opening_balance) = (owner.fields.clone(), owner.balance);
    let id = take(&mut state.next.invoice);
    let charges: Vec<_> = charges.into_iter().map(|one| charge(state, (customer, id), one)).collect();
    let mut invoice = Invoice {
        id,
        number: take(&mut state.next.invoice_number),
        customer,
        snapshot,
        effective,
        posted: at,
        modified: at,
        charges,
        taxes: taxes
            .into_iter()
            .map(|(name, percent, total)| Tax { id: take(&mut state.next.transaction), name, percent, total })
            .collect(),
        schedules: Vec::new(),
        po_number,
        notes,
        opening_balance,
        paid: Decimal::ZERO,
        payments: Vec::new(),
        credited: Decimal::ZERO,
        credits: Vec::new(),
        reversed: Decimal::ZERO,
        credit_notes: Vec::new(),
        written_off: Decimal::ZERO,
        settled: None,
        quickbooks_id: None,
    };
    let amount = invoice.amount();
    let parts = if installments.is_empty() { vec![(due_days, amount)] } else { installments };
    invoice.schedules = parts
        .into_iter()
        .map(|(due_days, amount)| Schedule { due_days, due: days_after(effective, due_days), amount })
        .collect();
    enter(state, &invoice);
    if amount.is_zero() {
        invoice.settled = Some(at);
    }
    state.keep_invoice(invoice);
    id
}

/// Each charge, discount and tax is an entry of its own.
fn enter(state: &mut State, invoice: &Invoice) {
    let entry = |id, kind, amount, associated| ArEntry {
        id,
        customer: invoice.customer,
        kind,
        effective: invoice.effective,
        amount,
        invoice: Some(invoice.id),
        associated,
    };
    for charge in &invoice.charges {
        state.enter(entry(charge.id, ArKind::Charge, charge.amount, None));
        for discount in &charge.discounts {
            state.enter(entry(discount.id, ArKind::Discount, discount.amount, Some(charge.id)));
        }
    }
    for tax in &invoice.taxes {
        state.enter(entry(tax.id, ArKind::Tax, tax.total, None));
    }
}

fn charge(state: &mut State, (customer, invoice): (i64, i64), new: NewCharge) -> Charge {
    let NewCharge { name, description, product, quantity, unit_price, amount, discounts } = new;
    let id = take(&mut state.next.charge);
    let product = product.map(|code| {
        *state.product_by_code.get(&code).unwrap_or_else(|| panic!("product code {code} exists"))
    });
    let gl_code = product.and_then(|product| state.products.get(&product)).map(|one| one.gl_code.clone());
    let source = match product.and_then(|product| state.products.get(&product)) {
        None => ChargeSource::Neither,
        Some(&Product { id: product, product_type: ProductType::RecurringService, .. }) => {
            ChargeSource::SubscriptionProduct(state.subscription_product(customer, product))
        }
        Some(&Product { id: product, .. }) => {
            let purchase = take(&mut state.next.purchase);
            let made = Purchase { id: purchase, customer, product, charge: id, invoice };
            state.purchases.insert(purchase, made);
            ChargeSource::Purchase(purchase)
        }
    };
    let discounts = discounts
        .into_iter()
        .map(|amount| Discount { id: take(&mut state.next.transaction), amount })
        .collect();
    let reversed = Decimal::ZERO;
    Charge { id, name, description, source, gl_code, quantity, unit_price, amount, discounts, reversed }
}

fn days_after(from: Timestamp, days: i64) -> Timestamp {
    from.saturating_add(SignedDuration::from_hours(24 * days)).expect("saturating on a signed duration")
}
