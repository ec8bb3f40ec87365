//! Collecting payments, and attempts that bring no money.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::super::Account;
use super::super::records::{
    Activity, ActivityStatus, ActivityType, ArEntry, ArKind, Attempt, NewAttempt, NewPayment, OwnSync,
    Payment,
};
use super::super::state::{State, take};
use super::check;
use super::funds::{Fund, put};

impl Account {
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
        let (kind, status, amount) = match new.outcome {
            Attempt::Validation => (ActivityType::Validate, ActivityStatus::Successful, Decimal::ZERO),
            Attempt::Failed => (ActivityType::Collect, ActivityStatus::Failed, new.amount),
            Attempt::Unknown => (ActivityType::Collect, ActivityStatus::Unknown, new.amount),
        };
        let NewAttempt { customer, effective, method, .. } = new;
        self.change(|state| {
            assert!(state.customers.contains_key(&customer), "customer {customer} exists");
            check::kept("an attempt", amount);
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
                parent: None,
                payment: None,
                refund: None,
            });
            id
        })
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
}

fn collect_payment(state: &mut State, at: Timestamp, new: NewPayment) -> i64 {
    let NewPayment {
        customer,
        amount,
        effective,
        method,
        reference,
        allocations,
        parent,
        gateway_fee,
        surcharge,
    } = new;
    assert!(state.customers.contains_key(&customer), "the paying customer {customer} exists");
    assert!(parent.is_none_or(|one| state.customers.contains_key(&one)), "the paying parent exists");
    check::kept("a payment", amount);
    check::kept("a gateway's fee", gateway_fee);
    check::kept("a surcharge", surcharge.unwrap_or_default());
    check::placed(state, (customer, amount), &allocations);
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
            refunds: Vec::new(),
            refunded: Decimal::ZERO,
            gateway_fee,
            surcharge,
            settlement: None,
            send_to_quickbooks_online: true,
            own_sync: OwnSync::default(),
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
        parent,
        payment: Some(id),
        refund: None,
    });
    let kind = ArKind::Payment;
    state.enter(ArEntry { id, customer, kind, effective, amount, invoice: None, associated: None });
    for allocation in allocations {
        put(state, at, Fund::Payment(id), allocation);
    }
    id
}
