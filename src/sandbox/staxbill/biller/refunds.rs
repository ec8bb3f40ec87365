//! Money that goes back: refunds by the biller, and payments that the bank
//! takes back.

use jiff::Timestamp;

use super::super::Account;
use super::super::records::{
    Activity, ActivityStatus, ActivityType, Allocation, ArEntry, ArKind, NewRefund, OwnSync, Refund,
    Settlement, SettlementStatus,
};
use super::super::state::{State, take};
use super::check;
use super::funds::{Fund, lift, touch};

impl Account {
    /// Gives back a payment or a part of it and returns the refund's id. Its
    /// invoices open again by what is taken off them. Of the activities only
    /// the refund's own is new: the payment's is not stamped, which is the
    /// stricter reading.
    ///
    /// # Panics
    /// When more is given back than came in, or more is taken off an invoice
    /// than lies there.
    pub fn refund(&self, new: NewRefund) -> i64 {
        let at = self.present();
        self.change(|state| refund(state, at, new, false))
    }

    /// The bank takes a payment back, all that is left of it. It appears as a
    /// refund behind an activity of the type `NSF`, which no filter of
    /// `PaymentType` selects (not recorded; ours).
    ///
    /// # Panics
    /// When there is no such payment, or nothing is left of it.
    pub fn bounce(&self, payment: i64, effective: Timestamp) -> i64 {
        let at = self.present();
        self.change(|state| {
            let source = state.payments.get(&payment).expect("the payment exists");
            let allocations = source.allocations.iter().map(|one| (one.invoice, one.amount)).collect();
            let amount = source.amount - source.refunded;
            let reference = Some("NSF".to_owned());
            let new = NewRefund { payment, amount, effective, reference, allocations };
            refund(state, at, new, true)
        })
    }

    /// Says how far a payment's money is. A failed settlement moves no money
    /// by itself: [`Account::bounce`] does.
    ///
    /// # Panics
    /// When there is no such payment.
    pub fn settle(&self, payment: i64, status: SettlementStatus) {
        let at = self.present();
        self.change(|state| {
            let source = state.payments.get_mut(&payment).expect("the payment exists");
            source.settlement = Some(Settlement { status, modified: at });
            let invoices: Vec<i64> = source.allocations.iter().map(|one| one.invoice).collect();
            let activity = state.activities.get_mut(&source.activity).expect("a payment has its activity");
            activity.modified = activity.modified.max(at);
            for invoice in invoices {
                touch(state.invoices.get_mut(&invoice).expect("allocations lead to invoices"), at);
            }
        });
    }
}

fn refund(state: &mut State, at: Timestamp, new: NewRefund, nsf: bool) -> i64 {
    let NewRefund { payment, amount, effective, reference, allocations } = new;
    check::lifted(state, (Fund::Payment(payment), amount), &allocations);
    for row in &allocations {
        lift(state, at, Fund::Payment(payment), *row);
    }
    let id = take(&mut state.next.transaction);
    let source = state.payments.get_mut(&payment).expect("the refunded payment exists");
    source.refunded += amount;
    source.refunds.push(id);
    let (customer, original) = (source.customer, source.activity);
    let activity = take(&mut state.next.activity);
    let method = state.activities.get(&original).map(|one| one.method.clone()).unwrap_or_default();
    let allocations =
        allocations.into_iter().map(|(invoice, amount)| Allocation { invoice, amount, at }).collect();
    state.refunds.insert(
        id,
        Refund {
            id,
            activity,
            payment,
            customer,
            amount,
            effective,
            reference,
            allocations,
            nsf,
            own_sync: OwnSync::default(),
        },
    );
    state.keep_activity(Activity {
        id: activity,
        customer,
        kind: if nsf { ActivityType::Nsf } else { ActivityType::Refund },
        status: ActivityStatus::Successful,
        method,
        amount,
        effective,
        created: at,
        modified: at,
        parent: None,
        payment: None,
        refund: Some(id),
    });
    let (kind, associated) = (ArKind::Refund, Some(payment));
    state.enter(ArEntry { id, customer, kind, effective, amount, invoice: None, associated });
    id
}
