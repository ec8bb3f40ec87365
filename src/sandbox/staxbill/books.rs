//! What an account holds, for whoever looks at it from outside the API.

use rust_decimal::Decimal;

use super::Account;
use super::records::{
    Activity, ArEntry, Credit, CreditNote, Customer, Debit, Invoice, Payment, Product, Refund, Reversal,
    WriteOff,
};

macro_rules! by_id {
    ($($(#[$doc:meta])* $all:ident, $one:ident: $record:ty;)*) => {
        impl Account {
            $(
                $(#[$doc])*
                pub fn $all(&self) -> Vec<$record> {
                    self.state().$all.values().cloned().collect()
                }

                /// One of them.
                pub fn $one(&self, id: i64) -> Option<$record> {
                    self.state().$all.get(&id).cloned()
                }
            )*
        }
    };
}

by_id! {
    /// Every customer, by id.
    customers, customer: Customer;
    /// Every posted invoice, by id.
    invoices, invoice: Invoice;
    /// Every successful payment, by id.
    payments, payment: Payment;
    /// Every refund, by id.
    refunds, refund_of: Refund;
    /// Every payment activity, failed attempts and validations too, by id.
    activities, activity: Activity;
    /// Every credit, opening balances too, by id.
    credits, credit: Credit;
    /// Every debit, by id.
    debits, debit_of: Debit;
    /// Every reversal of a charge, by id.
    reversals, reversal: Reversal;
    /// Every credit note, by id.
    credit_notes, credit_note: CreditNote;
    /// Every write-off, by id.
    write_offs, write_off_of: WriteOff;
    /// Every entry of the AR stream, by transaction id.
    ar, ar_entry: ArEntry;
    /// Every product, by id.
    products, product: Product;
}

impl Account {
    /// How many records of each kind there are, without copying them.
    pub fn counts(&self) -> [(&'static str, usize); 6] {
        let state = self.state();
        [
            ("Customer", state.customers.len()),
            ("Invoice", state.invoices.len()),
            ("Payment", state.payments.len()),
            ("Refund", state.refunds.len()),
            ("Credit", state.credits.len()),
            ("Credit note", state.credit_notes.len()),
        ]
    }

    /// What a customer owes on invoices, and what it has in hand that lies on
    /// none: payments and credits. Both are summed anew from the records.
    pub fn ledger(&self, customer: i64) -> (Decimal, Decimal) {
        let state = self.state();
        let outstanding = state.invoices_of(customer).map(Invoice::outstanding).sum();
        let payments: Decimal = state.payments_of(customer).map(Payment::unallocated).sum();
        let credits: Decimal = state.credits_of(customer).map(Credit::unallocated).sum();
        (outstanding, payments + credits)
    }
}
