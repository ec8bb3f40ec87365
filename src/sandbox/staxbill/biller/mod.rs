//! The biller's acts: the only way an account's records change.
//!
//! An act that Stax Bill's screens would not allow panics, because the test
//! or the sample that asks for it is wrong. It panics before anything is
//! changed, so that an act is done whole or not at all.

mod check;
mod credits;
mod funds;
mod invoices;
mod payments;
mod refunds;
mod reversals;
mod vendor;

use rust_decimal::Decimal;

use super::Account;
use super::records::{Customer, CustomerStatus, NewCustomer, NewProduct, Product};
use super::state::{Numbering, State, take};

pub(super) use vendor::Hourly;

impl Account {
    /// From here on ids follow `numbering`.
    pub fn number_from(&self, numbering: Numbering) {
        self.state().next = numbering;
    }

    /// What `act` enters takes `id` from one of the sequences, which then goes on
    /// as before.
    pub(in crate::sandbox) fn numbered<T>(
        &self,
        (sequence, id): (fn(&mut Numbering) -> &mut i64, i64),
        act: impl FnOnce() -> T,
    ) -> T {
        let before = std::mem::replace(sequence(&mut self.state().next), id);
        let made = act();
        *sequence(&mut self.state().next) = before;
        made
    }

    /// Enters a customer and returns its id.
    pub fn add_customer(&self, fields: NewCustomer) -> i64 {
        let at = self.present();
        self.change(|state| {
            let id = take(&mut state.next.customer);
            let balance = Decimal::ZERO;
            state.adopt(None, fields.parent);
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
            let before = customer.fields.parent;
            edit(&mut customer.fields);
            customer.modified = at;
            let after = customer.fields.parent;
            state.adopt(before, after);
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
            assert!(!state.product_by_code.contains_key(&new.code), "product code {} is taken", new.code);
            let id = take(&mut state.next.product);
            state.product_by_code.insert(new.code.clone(), id);
            let NewProduct { code, name, product_type, gl_code } = new;
            state
                .products
                .insert(id, Product { id, code, name, product_type, gl_code, created: at, modified: at });
            id
        })
    }

    fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        state.version += 1;
        act(&mut state)
    }
}
