//! Entries of the AR stream.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::View;
use crate::sandbox::staxbill::forms::{money, object, time};
use crate::sandbox::staxbill::records::{ArEntry, ArKind, Charge};

/// What an entry says beside its amounts.
#[derive(Default)]
struct Words {
    name: String,
    description: Option<String>,
    reference: Option<String>,
    manual: Option<String>,
    activity: Option<i64>,
    rows: Vec<(i64, Decimal)>,
}

impl View<'_> {
    /// The customer's id is not among the fields that the vendor's page shows
    /// before it breaks off; without it the account-wide list would be of no
    /// use.
    pub(in super::super) fn ar_entry(&self, entry: &ArEntry) -> Value {
        let id = entry.id;
        let words = self.words(entry);
        let charge = self.charged(entry);
        let product = charge.and_then(|one| self.state.product_of(one));
        let (debit, credit) =
            if entry.kind.is_debit() { (entry.amount, Decimal::ZERO) } else { (Decimal::ZERO, entry.amount) };
        let (quantity, unit_price) = match entry.kind {
            ArKind::Charge => {
                charge.map_or((Decimal::ONE, entry.amount), |one| (one.quantity, one.unit_price))
            }
            ArKind::Discount
            | ArKind::Tax
            | ArKind::Payment
            | ArKind::Refund
            | ArKind::Credit
            | ArKind::Debit
            | ArKind::ReverseCharge
            | ArKind::ReverseDiscount
            | ArKind::ReverseTax
            | ArKind::WriteOff
            | ArKind::OpeningBalance => (Decimal::ONE, entry.amount),
        };
        Value::Object(object([
            ("id", json!(id)),
            ("customerId", json!(entry.customer)),
            ("effectiveTimestamp", time(entry.effective, id)),
            ("transactionType", json!(self.options.token(entry.kind))),
            ("name", json!(words.name)),
            ("description", json!(words.description)),
            ("productCode", json!(product.map(|one| one.code.as_str()))),
            ("paymentActivityId", json!(words.activity)),
            ("reference", json!(words.reference)),
            ("manualReference", json!(words.manual)),
            ("quantity", money(quantity, id)),
            ("unitPrice", money(unit_price, id + 1)),
            ("arDebit", money(debit, id + 2)),
            ("arCredit", money(credit, id + 3)),
            ("currency", self.currency(entry.customer)),
            ("glCode", json!(charge.and_then(|one| one.gl_code.as_deref()))),
            ("invoiceAllocation", self.allocations(&words.rows)),
            ("associatedId", json!(entry.associated)),
        ]))
    }

    /// The charge that an entry is, or takes something off.
    fn charged(&self, entry: &ArEntry) -> Option<&Charge> {
        let charges = &self.state.invoices.get(&entry.invoice?)?.charges;
        let wanted = |one: &&Charge| {
            let named = |id: i64| one.id == id || one.discounts.iter().any(|discount| discount.id == id);
            named(entry.id) || entry.associated.is_some_and(named)
        };
        charges.iter().find(wanted)
    }

    fn words(&self, entry: &ArEntry) -> Words {
        let state = self.state;
        let name = |text: &str| Words { name: text.to_owned(), ..Words::default() };
        let of_invoice = |words: Words| Words {
            rows: entry.invoice.map(|invoice| (invoice, entry.amount)).into_iter().collect(),
            ..words
        };
        let charge = self.charged(entry);
        match entry.kind {
            ArKind::Charge => of_invoice(Words {
                description: charge.and_then(|one| one.description.clone()),
                ..name(charge.map_or("Charge", |one| one.name.as_str()))
            }),
            ArKind::Discount => of_invoice(name("Discount")),
            ArKind::Tax => of_invoice(name(self.tax_name(entry, entry.id))),
            ArKind::ReverseTax => {
                of_invoice(name(self.tax_name(entry, entry.associated.unwrap_or_default())))
            }
            ArKind::ReverseDiscount => of_invoice(name("Reversal of discount")),
            ArKind::ReverseCharge => of_invoice(Words {
                manual: state.reversals.get(&entry.id).and_then(|one| one.reference.clone()),
                ..name(charge.map_or("Charge", |one| one.name.as_str()))
            }),
            ArKind::WriteOff => of_invoice(Words {
                manual: state.write_offs.get(&entry.id).and_then(|one| one.reference.clone()),
                ..name("Write-off")
            }),
            ArKind::Payment | ArKind::Refund => self.money_words(entry),
            ArKind::Credit | ArKind::OpeningBalance | ArKind::Debit => self.credit_words(entry),
        }
    }

    fn money_words(&self, entry: &ArEntry) -> Words {
        let state = self.state;
        let payment = state.payments.get(&entry.id);
        let refund = state.refunds.get(&entry.id);
        let activity = payment.map(|one| one.activity).or(refund.map(|one| one.activity));
        let shown = activity.and_then(|id| state.activities.get(&id));
        let allocations = payment.map(|one| &one.allocations).or(refund.map(|one| &one.allocations));
        Words {
            name: if refund.is_some() { "Refund" } else { "Payment" }.to_owned(),
            description: shown.map(super::payment::method_text),
            reference: shown.filter(|one| one.method == "CreditCard").map(|one| format!("auth{}", one.id)),
            manual: payment
                .map_or_else(|| refund.and_then(|one| one.reference.clone()), |one| one.reference.clone()),
            activity,
            rows: allocations.into_iter().flatten().map(|one| (one.invoice, one.amount)).collect(),
        }
    }

    fn credit_words(&self, entry: &ArEntry) -> Words {
        let state = self.state;
        let credit = state.credits.get(&entry.id);
        let debit = state.debits.get(&entry.id);
        let allocations = credit.map(|one| &one.allocations).or(debit.map(|one| &one.allocations));
        let name = match (credit.map(|one| one.opening), debit) {
            (Some(true), _) => "Opening balance",
            (_, Some(_)) => "Reverse credit",
            (Some(false) | None, None) => "Credit",
        };
        Words {
            name: name.to_owned(),
            description: debit.map(|one| format!("Reversal of credit {}", one.credit)),
            manual: credit
                .map_or_else(|| debit.and_then(|one| one.reference.clone()), |one| one.reference.clone()),
            rows: allocations.into_iter().flatten().map(|one| (one.invoice, one.amount)).collect(),
            ..Words::default()
        }
    }

    fn tax_name(&self, entry: &ArEntry, tax: i64) -> &str {
        let invoice = entry.invoice.and_then(|id| self.state.invoices.get(&id));
        let taxes = invoice.into_iter().flat_map(|one| &one.taxes);
        taxes.filter(|one| one.id == tax).map(|one| one.name.as_str()).next().unwrap_or("Tax")
    }
}
