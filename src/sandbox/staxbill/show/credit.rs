//! Credits, debits and credit notes, and credit seen from an invoice.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::View;
use crate::sandbox::staxbill::forms::{money, money_or_text, nulls, object, time};
use crate::sandbox::staxbill::records::{Credit, CreditNote, Customer, Debit, Invoice, Reversal};

impl View<'_> {
    pub(in super::super) fn credit(&self, credit: &Credit) -> Value {
        let id = credit.id;
        let debits: Vec<&Debit> = credit.debits.iter().filter_map(|id| self.state.debits.get(id)).collect();
        let taken = debits.iter().flat_map(|debit| &debit.allocations);
        let (rows, rest) =
            self.net_or_gross((&credit.allocations, credit.unallocated(), credit.amount), taken);
        let mut fields = object([
            ("id", json!(id)),
            ("uri", self.uri("credits", id)),
            ("reference", json!(credit.reference)),
            ("effectiveTimestamp", time(credit.effective, id)),
            ("customerId", json!(credit.customer)),
            ("amount", money(credit.amount, id)),
            ("currency", self.currency(credit.customer)),
            ("unallocatedAmount", money(rest, id + 1)),
            ("reversableAmount", money(credit.amount - credit.debited, id + 2)),
            ("invoiceAllocations", self.allocations(&rows)),
            ("debits", debits.iter().map(|debit| self.debit(debit)).collect()),
            ("trigger", json!("User")),
            ("quickBooksId", json!(credit.own_sync.id)),
            ("quickBooksAttemptNumber", json!(credit.own_sync.attempts)),
        ]);
        nulls(&mut fields, &["description", "triggeringUserId", "triggerUsername"]);
        Value::Object(fields)
    }

    pub(in super::super) fn debit(&self, debit: &Debit) -> Value {
        let id = debit.id;
        let rows: Vec<_> = debit.allocations.iter().map(|one| (one.invoice, one.amount)).collect();
        let mut fields = object([
            ("id", json!(id)),
            ("uri", self.uri("debits", id)),
            ("reference", json!(debit.reference)),
            ("effectiveTimestamp", time(debit.effective, id)),
            ("description", json!(format!("Reversal of credit {}", debit.credit))),
            ("customerId", json!(debit.customer)),
            ("originalCreditId", json!(debit.credit)),
            ("amount", money(debit.amount, id)),
            ("currency", self.currency(debit.customer)),
            ("invoiceAllocations", self.allocations(&rows)),
            ("trigger", json!("User")),
            ("quickBooksId", json!(debit.own_sync.id)),
            ("quickBooksAttemptNumber", json!(debit.own_sync.attempts)),
        ]);
        nulls(&mut fields, &["triggeringUserId", "triggerUsername"]);
        Value::Object(fields)
    }

    /// The instant that it bears is the invoice's; when the charges were
    /// reversed shows in the AR activities alone.
    pub(in super::super) fn credit_note(&self, note: &CreditNote, with_lines: bool) -> Value {
        let id = note.id;
        let invoice = self.state.invoices.get(&note.invoice);
        let owner = invoice.map(|one| &one.snapshot);
        let name = owner.map(|one| {
            let parts = [one.first_name.as_deref(), one.last_name.as_deref()];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        });
        let mut fields = object([
            ("id", json!(id)),
            ("uri", self.uri("CreditNotes", id)),
            ("creditNotesNumber", json!(note.number)),
            ("netAmount", money(note.net, id)),
            ("reference", json!(owner.and_then(|one| one.reference.as_deref()))),
            ("customerId", json!(note.customer)),
            ("invoiceNumber", json!(invoice.map(|one| one.number))),
            ("invoice", invoice.map_or(Value::Null, |one| self.noted_invoice(one))),
            ("currency", self.currency(note.customer)),
            ("customerName", json!(name.filter(|name| !name.is_empty()))),
            ("customerCompany", json!(owner.and_then(|one| one.company_name.as_deref()))),
            ("invoicePostedDate", invoice.map_or(Value::Null, |one| time(one.posted, id))),
            ("effectiveTimestamp", invoice.map_or(Value::Null, |one| time(one.effective, id + 1))),
        ]);
        if with_lines {
            let rows = note.reversals.iter().filter_map(|id| self.state.reversals.get(id));
            let mut group = object([("lineItems", rows.map(|one| self.note_line(one)).collect())]);
            nulls(&mut group, &["chargeGroupName", "chargeGroupDescription", "chargeGroupReference"]);
            fields.insert("lineItems".to_owned(), json!([group]));
        }
        Value::Object(fields)
    }

    fn noted_invoice(&self, invoice: &Invoice) -> Value {
        Value::Object(object([
            ("id", json!(invoice.id)),
            ("uri", self.uri("Invoices", invoice.id)),
            ("invoiceNumber", json!(invoice.number)),
            ("invoiceAmount", money(invoice.amount(), invoice.id)),
            ("outstandingBalance", money(invoice.outstanding(), invoice.id + 1)),
            ("quickBooksId", json!(invoice.quickbooks_id)),
        ]))
    }

    /// A reversed charge. The vendor's page breaks off here: that a row bears
    /// the reversal's transaction id, and what went with it of discount and
    /// tax, is ours.
    fn note_line(&self, reversal: &Reversal) -> Value {
        let id = reversal.id;
        let charge = self.state.charge(reversal.invoice, reversal.charge);
        let discount: Decimal = reversal.discounts.iter().sum();
        let taxes = self.state.invoices.get(&reversal.invoice).into_iter().flat_map(|one| &one.taxes);
        let taxes = taxes.zip(&reversal.taxes).filter(|(_, part)| !part.is_zero());
        let tax = |(tax, part): (&crate::sandbox::staxbill::Tax, &Decimal)| {
            Value::Object(object([
                ("name", json!(tax.name)),
                ("percent", money(tax.percent, id)),
                ("total", money(*part, id + 1)),
            ]))
        };
        let line = object([
            ("id", json!(id)),
            ("originalChargeId", json!(reversal.charge)),
            ("name", json!(charge.map(|one| one.name.as_str()))),
            ("description", json!(charge.and_then(|one| one.description.as_deref()))),
            ("amount", money(reversal.amount, id)),
            ("reference", json!(reversal.reference)),
            ("quickBooksId", json!(reversal.own_sync.id)),
            ("quickBooksAttemptNumber", json!(reversal.own_sync.attempts)),
        ]);
        let discounted = object([("amount", money(discount, id + 2))]);
        Value::Object(object([
            ("lineItem", Value::Object(line)),
            ("discount", if discount.is_zero() { Value::Null } else { Value::Object(discounted) }),
            ("taxes", taxes.map(tax).collect()),
        ]))
    }

    /// The credits on an invoice, seen from the invoice: three fields, the
    /// amount at times as text. What a customer had in hand at the beginning
    /// is no credit here.
    pub(in super::super) fn credit_allocations(&self, invoice: &Invoice) -> Vec<Value> {
        let credits = invoice.credits.iter().filter_map(|id| self.state.credits.get(id));
        let on_invoice = credits.filter(|credit| !credit.opening).flat_map(|credit| {
            let here = credit.allocations.iter().filter(|one| one.invoice == invoice.id);
            here.map(move |one| (credit, one))
        });
        on_invoice
            .map(|(credit, allocation)| {
                Value::Object(object([
                    ("creditId", json!(credit.id)),
                    ("invoiceId", json!(invoice.id)),
                    ("amount", money_or_text(allocation.amount, credit.id)),
                ]))
            })
            .collect()
    }

    pub(super) fn currency(&self, customer: i64) -> Value {
        json!(self.state.customers.get(&customer).map(Customer::currency))
    }
}
