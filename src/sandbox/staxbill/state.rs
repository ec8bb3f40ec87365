//! The account's records with their indexes and the sequences that number
//! them.

use std::collections::BTreeMap;

use super::biller::Hourly;
use super::records::{
    Activity, ArEntry, Charge, ChargeSource, Credit, CreditNote, Customer, Debit, Invoice, Payment, Product,
    Refund, Reversal, Settlement, SettlementStatus, WriteOff,
};

/// All records, each kind by id.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) customers: BTreeMap<i64, Customer>,
    pub(super) invoices: BTreeMap<i64, Invoice>,
    pub(super) payments: BTreeMap<i64, Payment>,
    pub(super) refunds: BTreeMap<i64, Refund>,
    pub(super) activities: BTreeMap<i64, Activity>,
    pub(super) credits: BTreeMap<i64, Credit>,
    pub(super) debits: BTreeMap<i64, Debit>,
    pub(super) reversals: BTreeMap<i64, Reversal>,
    pub(super) credit_notes: BTreeMap<i64, CreditNote>,
    pub(super) write_offs: BTreeMap<i64, WriteOff>,
    /// The AR stream, by transaction id.
    pub(super) ar: BTreeMap<i64, ArEntry>,
    pub(super) products: BTreeMap<i64, Product>,
    pub(super) subscription_products: BTreeMap<i64, SubscriptionProduct>,
    pub(super) purchases: BTreeMap<i64, Purchase>,
    pub(super) product_by_code: BTreeMap<String, i64>,
    subscribed: BTreeMap<(i64, i64), i64>,
    /// How many customers each parent has.
    children: BTreeMap<i64, usize>,
    invoices_by_customer: BTreeMap<i64, Vec<i64>>,
    activities_by_customer: BTreeMap<i64, Vec<i64>>,
    credits_by_customer: BTreeMap<i64, Vec<i64>>,
    ar_by_customer: BTreeMap<i64, Vec<i64>>,
    pub(super) next: Numbering,
    /// Stax Bill's own synchronisation, while it is switched on.
    pub(super) own_sync: Option<Hourly>,
    /// Moves with every change, so that a remembered list is known to be old.
    pub(super) version: u64,
}

/// A product in a customer's subscription.
#[derive(Debug)]
pub(super) struct SubscriptionProduct {
    pub(super) id: i64,
    pub(super) customer: i64,
    pub(super) product: i64,
}

/// A product bought once.
#[derive(Debug)]
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
    /// Refunds, credits, debits, reversals, write-offs, discounts and taxes,
    /// which are all transactions.
    pub transaction: i64,
    pub credit_note: i64,
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
            transaction: 40_200_000,
            credit_note: 2_700,
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

    pub(super) fn credits_of(&self, customer: i64) -> impl Iterator<Item = &Credit> {
        self.credits_by_customer.get(&customer).into_iter().flatten().filter_map(|id| self.credits.get(id))
    }

    pub(super) fn ar_of(&self, customer: i64) -> impl Iterator<Item = &ArEntry> {
        self.ar_by_customer.get(&customer).into_iter().flatten().filter_map(|id| self.ar.get(id))
    }

    /// Whether a payment on it is still on its way.
    pub(super) fn is_unsettled(&self, invoice: &Invoice) -> bool {
        let pending = |one: Settlement| one.status == SettlementStatus::Pending;
        let payments = invoice.payments.iter().filter_map(|id| self.payments.get(id));
        payments.filter_map(|one| one.settlement).any(pending)
    }

    pub(super) fn is_parent(&self, customer: i64) -> bool {
        self.children.contains_key(&customer)
    }

    /// Counts a customer below another parent than before.
    pub(super) fn adopt(&mut self, before: Option<i64>, after: Option<i64>) {
        if let Some(after) = after {
            *self.children.entry(after).or_default() += 1;
        }
        if let Some(before) = before
            && let Some(count) = self.children.get_mut(&before)
        {
            *count -= 1;
            if *count == 0 {
                self.children.remove(&before);
            }
        }
    }

    /// The product behind a charge, if it has one.
    pub(super) fn product_of(&self, charge: &Charge) -> Option<&Product> {
        let product = match charge.source {
            ChargeSource::SubscriptionProduct(id) => self.subscription_products.get(&id)?.product,
            ChargeSource::Purchase(id) => self.purchases.get(&id)?.product,
            ChargeSource::Neither => return None,
        };
        self.products.get(&product)
    }

    /// A charge of an invoice.
    pub(super) fn charge(&self, invoice: i64, charge: i64) -> Option<&Charge> {
        self.invoices.get(&invoice)?.charges.iter().find(|one| one.id == charge)
    }

    /// Enters a transaction into the AR stream and into the customer's
    /// balance. A transaction without an amount moves nothing and is shown
    /// all the same.
    pub(super) fn enter(&mut self, entry: ArEntry) {
        if let Some(customer) = self.customers.get_mut(&entry.customer) {
            customer.balance += entry.signed();
        }
        self.ar_by_customer.entry(entry.customer).or_default().push(entry.id);
        let before = self.ar.insert(entry.id, entry);
        assert!(before.is_none(), "transaction ids are unique: {before:?}");
    }

    pub(super) fn keep_credit(&mut self, credit: Credit) {
        self.credits_by_customer.entry(credit.customer).or_default().push(credit.id);
        self.credits.insert(credit.id, credit);
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
