//! The biller's acts: the only way an account's records change.
//!
//! An act that Stax Bill's screens would not allow panics, because the test
//! or the sample that asks for it is wrong.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::Account;
use super::records::{
    Activity, ActivityStatus, ActivityType, Allocation, Charge, ChargeSource, Customer, CustomerStatus,
    Invoice, NewAttempt, NewCharge, NewCustomer, NewInvoice, NewPayment, NewProduct, Payment, Product,
    ProductType, Schedule, Tax,
};
use super::state::{Numbering, Purchase, State, take};

impl Account {
    /// From here on ids follow `numbering`.
    pub fn number_from(&self, numbering: Numbering) {
        self.state().next = numbering;
    }

    /// Enters a customer and returns its id.
    pub fn add_customer(&self, fields: NewCustomer) -> i64 {
        let at = self.present();
        self.change(|state| {
            let id = take(&mut state.next.customer);
            let balance = Decimal::ZERO;
            let customer = Customer { id, fields, quickbooks_id: None, balance, created: at, modified: at };
            state.customers.insert(id, customer);
            id
        })
    }

    /// Edits a customer's fields.
    ///
    /// # Panics
    /// When there is no such customer.
    pub fn edit_customer(&self, id: i64, edit: impl FnOnce(&mut NewCustomer)) {
        let at = self.present();
        self.change(|state| {
            let customer = state.customers.get_mut(&id).expect("the edited customer exists");
            edit(&mut customer.fields);
            customer.modified = at;
        });
    }

    /// Activates, holds, suspends or cancels a customer.
    ///
    /// # Panics
    /// When there is no such customer.
    pub fn set_status(&self, id: i64, status: CustomerStatus) {
        self.edit_customer(id, |fields| fields.status = status);
    }

    /// Offers a product and returns its id.
    ///
    /// # Panics
    /// When its code is taken.
    pub fn add_product(&self, new: NewProduct) -> i64 {
        let at = self.present();
        self.change(|state| {
            let id = take(&mut state.next.product);
            let before = state.product_by_code.insert(new.code.clone(), id);
            assert!(before.is_none(), "product code {} is taken", new.code);
            let NewProduct { code, name, product_type, gl_code } = new;
            state
                .products
                .insert(id, Product { id, code, name, product_type, gl_code, created: at, modified: at });
            id
        })
    }

    /// Posts an invoice and returns its id; its number is another sequence.
    ///
    /// # Panics
    /// When the customer or a product does not exist, or instalments do not
    /// add up to the invoice.
    pub fn post_invoice(&self, new: NewInvoice) -> i64 {
        let at = self.present();
        self.change(|state| post_invoice(state, at, new))
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

    /// Collects a payment and returns the payment's id, which is not the id
    /// of its activity.
    ///
    /// # Panics
    /// When an allocation goes beyond the payment or its invoice.
    pub fn collect_payment(&self, new: NewPayment) -> i64 {
        let at = self.present();
        self.change(|state| collect_payment(state, at, new))
    }

    /// Records an attempt that brought no money and returns its activity's id.
    ///
    /// # Panics
    /// When there is no such customer.
    pub fn attempt_payment(&self, new: NewAttempt) -> i64 {
        let at = self.present();
        let (kind, status, amount) = if new.validation {
            (ActivityType::Validate, ActivityStatus::Successful, Decimal::ZERO)
        } else {
            (ActivityType::Collect, ActivityStatus::Failed, new.amount)
        };
        let NewAttempt { customer, effective, method, .. } = new;
        self.change(|state| {
            assert!(state.customers.contains_key(&customer), "customer {customer} exists");
            let id = take(&mut state.next.activity);
            state.keep_activity(Activity {
                id,
                customer,
                kind,
                status,
                method,
                amount,
                effective,
                created: at,
                modified: at,
                payment: None,
            });
            id
        })
    }

    /// Puts a payment's free money on an invoice, as the vendor also does by
    /// itself when one falls overdue. No transaction comes of it, and of the
    /// two records only the invoice counts as modified.
    ///
    /// # Panics
    /// When it goes beyond the payment's free money or what is owed.
    pub fn allocate(&self, payment: i64, invoice: i64, amount: Decimal) {
        let at = self.present();
        self.change(|state| allocate(state, at, payment, (invoice, amount)));
    }

    /// Takes a payment's money off an invoice again; see [`Account::allocate`]
    /// for what counts as modified.
    ///
    /// # Panics
    /// When less than `amount` lies there.
    pub fn deallocate(&self, payment: i64, invoice: i64, amount: Decimal) {
        let at = self.present();
        self.change(|state| {
            let source = state.payments.get_mut(&payment).expect("the payment exists");
            let place = source.allocations.iter().position(|one| one.invoice == invoice);
            let place = place.expect("the payment is allocated to the invoice");
            let left = source.allocations[place].amount - amount;
            assert!(left >= Decimal::ZERO, "{amount} lies on the invoice");
            if left.is_zero() {
                source.allocations.remove(place);
            } else {
                source.allocations[place].amount = left;
            }
            let target = state.invoices.get_mut(&invoice).expect("allocations lead to invoices");
            target.paid -= amount;
            target.modified = at;
            if left.is_zero() {
                target.payments.retain(|one| *one != payment);
            }
        });
    }

    /// Marks a payment as one that is not to be sent to QuickBooks.
    ///
    /// # Panics
    /// When there is no such payment.
    pub fn hold_back(&self, payment: i64) {
        let at = self.present();
        self.change(|state| {
            let held = state.payments.get_mut(&payment).expect("the payment exists");
            held.send_to_quickbooks_online = false;
            let activity = state.activities.get_mut(&held.activity).expect("a payment has its activity");
            activity.modified = at;
        });
    }

    /// Writes the QuickBooks ids that Stax Bill's own synchronisation leaves
    /// behind: on the customer, and on all its invoices and payments, counted
    /// up from `first`.
    ///
    /// # Panics
    /// When there is no such customer.
    pub fn synchronised_by_vendor(&self, customer: i64, first: i64) {
        self.change(|state| {
            let owner = state.customers.get_mut(&customer).expect("the customer exists");
            let mut next = first;
            owner.quickbooks_id = Some(take(&mut next));
            for invoice in state.invoices.values_mut().filter(|one| one.customer == customer) {
                invoice.quickbooks_id = Some(take(&mut next));
            }
            for payment in state.payments.values_mut().filter(|one| one.customer == customer) {
                payment.quickbooks_id = Some(take(&mut next));
            }
        });
    }

    fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        state.version += 1;
        act(&mut state)
    }
}

fn post_invoice(state: &mut State, at: Timestamp, new: NewInvoice) -> i64 {
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
        taxes: taxes.into_iter().map(|(name, percent, total)| Tax { name, percent, total }).collect(),
        schedules: Vec::new(),
        po_number,
        notes,
        opening_balance,
        paid: Decimal::ZERO,
        payments: Vec::new(),
        quickbooks_id: None,
    };
    let amount = invoice.amount();
    let parts = if installments.is_empty() { vec![(due_days, amount)] } else { installments };
    assert_eq!(parts.iter().map(|part| part.1).sum::<Decimal>(), amount, "instalments make the invoice");
    invoice.schedules = parts
        .into_iter()
        .map(|(due_days, amount)| Schedule { due_days, due: days_after(effective, due_days), amount })
        .collect();
    state.customers.get_mut(&customer).expect("looked up above").balance += amount;
    state.keep_invoice(invoice);
    id
}

fn charge(state: &mut State, (customer, invoice): (i64, i64), new: NewCharge) -> Charge {
    let NewCharge { name, description, product, quantity, unit_price, amount, discount } = new;
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
    Charge { id, name, description, source, gl_code, quantity, unit_price, amount, discount }
}

fn collect_payment(state: &mut State, at: Timestamp, new: NewPayment) -> i64 {
    let NewPayment { customer, amount, effective, method, reference, allocations } = new;
    state.customers.get_mut(&customer).expect("the paying customer exists").balance -= amount;
    let (id, activity) = (take(&mut state.next.payment), take(&mut state.next.activity));
    state.payments.insert(
        id,
        Payment {
            id,
            activity,
            customer,
            amount,
            effective,
            reference,
            allocations: Vec::new(),
            send_to_quickbooks_online: true,
            quickbooks_id: None,
        },
    );
    state.keep_activity(Activity {
        id: activity,
        customer,
        kind: ActivityType::Collect,
        status: ActivityStatus::Successful,
        method,
        amount,
        effective,
        created: at,
        modified: at,
        payment: Some(id),
    });
    for allocation in allocations {
        allocate(state, at, id, allocation);
    }
    id
}

fn allocate(state: &mut State, at: Timestamp, payment: i64, (invoice, amount): (i64, Decimal)) {
    let source = state.payments.get_mut(&payment).expect("the payment exists");
    let target = state.invoices.get_mut(&invoice).expect("the invoice exists");
    assert_eq!(source.customer, target.customer, "payment and invoice have one customer");
    assert!(amount > Decimal::ZERO, "an allocation is above zero");
    assert!(amount <= source.unallocated(), "payment {payment} has {amount} left");
    assert!(amount <= target.outstanding(), "{amount} is owed on invoice {invoice}");
    if let Some(before) = source.allocations.iter_mut().find(|one| one.invoice == invoice) {
        before.amount += amount;
    } else {
        source.allocations.push(Allocation { invoice, amount, at });
        target.payments.push(payment);
    }
    target.paid += amount;
    target.modified = target.modified.max(at);
}

fn days_after(from: Timestamp, days: i64) -> Timestamp {
    from.saturating_add(SignedDuration::from_hours(24 * days)).expect("saturating on a signed duration")
}
