//! Sales receipts: a sale that is paid on the spot.

use rust_decimal::Decimal;
use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, decimal};
use super::super::ledger::{Entry, Posting};
use super::field::{date, idle, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, form_fields, payment, sales_form};

pub(crate) static ENTITY: Entity = Entity {
    name: "SalesReceipt",
    class: Class::Transaction,
    sequence: Sequence::Transactions,
    parts: &[form_fields::FIELDS, FIELDS],
    keys: &["DocNumber", "CustomerRef"],
    name_property: None,
    counted: false,
    voiding: Voiding::Include,
    complete,
    entries,
    blank: sales_form::blank,
    settle: super::settles_nothing,
};

const FIELDS: &[Field] = &[
    reference("ProjectRef", ""),
    reference("PaymentMethodRef", "PaymentMethod"),
    text("PaymentRefNum", 21),
    reference("DepositToAccountRef", "Account"),
    date("ShipDate"),
    text("TrackingNum", 31),
    reference("ShipMethodRef", ""),
    idle("TaxExemptionRef"),
    idle("PaymentType"),
    idle("CheckPayment"),
    idle("CreditCardPayment"),
];

/// A receipt needs no customer, and its money waits to be deposited unless it
/// says where it went.
fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    sales_form::complete_receipt(books, draft)?;
    draft.default("DepositToAccountRef", json!({ "value": payment::UNDEPOSITED_FUNDS }));
    sales_form::complete_account(books, draft)
}

fn entries(books: &Books, receipt: &Object) -> Vec<Entry> {
    let mut posting = Posting::of(books, receipt);
    posting.debit(json::reference(receipt, "DepositToAccountRef"), decimal(receipt, "TotalAmt"));
    sales_form::post_lines(&mut posting, receipt, Decimal::ONE);
    posting.done()
}
