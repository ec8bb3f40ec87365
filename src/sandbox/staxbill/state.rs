//! The account's records with their indexes and the sequences that number
//! them.

use std::collections::BTreeMap;

use super::records::{Activity, Customer, Invoice, Payment, Product};

/// All records, each kind by id.
#[derive(Default)]
pub(super) struct State {
    pub(super) customers: BTreeMap<i64, Customer>,
    pub(super) invoices: BTreeMap<i64, Invoice>,
    pub(super) payments: BTreeMap<i64, Payment>,
    pub(super) activities: BTreeMap<i64, Activity>,
    pub(super) products: BTreeMap<i64, Product>,
    pub(super) subscription_products: BTreeMap<i64, SubscriptionProduct>,
    pub(super) purchases: BTreeMap<i64, Purchase>,
    pub(super) product_by_code: BTreeMap<String, i64>,
    subscribed: BTreeMap<(i64, i64), i64>,
    invoices_by_customer: BTreeMap<i64, Vec<i64>>,
    activities_by_customer: BTreeMap<i64, Vec<i64>>,
    pub(super) next: Numbering,
    /// Moves with every change, so that a remembered list is known to be old.
    pub(super) version: u64,
}

/// A product in a customer's subscription.
pub(super) struct SubscriptionProduct {
    pub(super) id: i64,
    pub(super) customer: i64,
    pub(super) product: i64,
}

/// A product bought once.
pub(super) struct Purchase {
    pub(super) id: i64,
    pub(super) customer: i64,
    pub(super) product: i64,
    pub(super) charge: i64,
    pub(super) invoice: i64,
}

/// The next id of each kind.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "one sequence a kind, by its name")]
pub struct Numbering {
    pub customer: i64,
    pub invoice: i64,
    /// `invoiceNumber`, which customers see, is a sequence of its own.
    pub invoice_number: i64,
    pub charge: i64,
    pub payment: i64,
    pub activity: i64,
    pub product: i64,
    pub subscription_product: i64,
    pub purchase: i64,
}

impl Default for Numbering {
    fn default() -> Self {
        Self {
            customer: 10_482,
            invoice: 88_100,
            invoice_number: 1_100,
            charge: 5_200_000,
            payment: 7_613_000,
            activity: 118_400,
            product: 310,
            subscription_product: 640_200,
            purchase: 93_700,
        }
    }
}

/// The number that stands there, after which the next one does.
pub(super) fn take(sequence: &mut i64) -> i64 {
    let taken = *sequence;
    *sequence += 1;
    taken
}

impl State {
    pub(super) fn invoices_of(&self, customer: i64) -> impl Iterator<Item = &Invoice> {
        self.invoices_by_customer.get(&customer).into_iter().flatten().filter_map(|id| self.invoices.get(id))
    }

    pub(super) fn activities_of(&self, customer: i64) -> impl Iterator<Item = &Activity> {
        self.activities_by_customer
            .get(&customer)
            .into_iter()
            .flatten()
            .filter_map(|id| self.activities.get(id))
    }

    pub(super) fn payments_of(&self, customer: i64) -> impl Iterator<Item = &Payment> {
        self.activities_of(customer)
            .filter_map(|activity| activity.payment)
            .filter_map(|id| self.payments.get(&id))
    }

    pub(super) fn keep_invoice(&mut self, invoice: Invoice) {
        self.invoices_by_customer.entry(invoice.customer).or_default().push(invoice.id);
        self.invoices.insert(invoice.id, invoice);
    }

    pub(super) fn keep_activity(&mut self, activity: Activity) {
        self.activities_by_customer.entry(activity.customer).or_default().push(activity.id);
        self.activities.insert(activity.id, activity);
    }

    /// The same customer's later charges of a product come from the same
    /// subscription product.
    pub(super) fn subscription_product(&mut self, customer: i64, product: i64) -> i64 {
        if let Some(id) = self.subscribed.get(&(customer, product)) {
            return *id;
        }
        let id = take(&mut self.next.subscription_product);
        self.subscribed.insert((customer, product), id);
        self.subscription_products.insert(id, SubscriptionProduct { id, customer, product });
        id
    }
}
