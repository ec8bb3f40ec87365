//! Refund receipts: money given back, and the sale that is taken back with it.

use rust_decimal::Decimal;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, decimal};
use super::super::ledger::{Entry, Posting};
use super::field::{idle, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, form_fields, sales_form};

pub(crate) static ENTITY: Entity = Entity {
    name: "RefundReceipt",
    class: Class::Transaction,
    sequence: Sequence::Transactions,
    parts: &[form_fields::FIELDS, FIELDS],
    keys: &["DocNumber", "CustomerRef"],
    name_property: None,
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries,
    blank: super::stays,
    settle: super::settles_nothing,
};

const FIELDS: &[Field] = &[
    reference("ProjectRef", ""),
    reference("PaymentMethodRef", "PaymentMethod"),
    text("PaymentRefNum", 21),
    reference("DepositToAccountRef", "Account"),
    idle("TaxExemptionRef"),
    idle("PaymentType"),
    idle("CheckPayment"),
    idle("CreditCardPayment"),
];

/// The account the money leaves must be named.
fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    if draft.reference("DepositToAccountRef").is_none() {
        return Err(Fault::missing("DepositToAccountRef"));
    }
    sales_form::complete_receipt(books, draft)?;
    sales_form::complete_as_today(books, draft);
    sales_form::complete_account(books, draft)
}

fn entries(books: &Books, refund: &Object) -> Vec<Entry> {
    let mut posting = Posting::of(books, refund);
    posting.debit(json::reference(refund, "DepositToAccountRef"), -decimal(refund, "TotalAmt"));
    sales_form::post_lines(&mut posting, refund, Decimal::NEGATIVE_ONE);
    posting.done()
}
