//! Sales receipts: a sale that is paid on the spot.

use rust_decimal::Decimal;
use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, decimal};
use super::super::ledger::{Entry, Posting};
use super::field::{address, amount, date, email, flag, idle, memo, number, open, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, payment, sales_form};

pub(crate) static ENTITY: Entity = Entity {
    name: "SalesReceipt",
    class: Class::Transaction,
    sequence: Sequence::Transactions,
    fields: FIELDS,
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
    text("DocNumber", 21).queryable(),
    date("TxnDate").queryable(),
    reference("CustomerRef", "Customer").queryable(),
    open("Line"),
    open("TxnTaxDetail"),
    text("GlobalTaxCalculation", 20),
    flag("ApplyTaxAfterDiscount"),
    reference("CurrencyRef", ""),
    number("ExchangeRate"),
    memo("CustomerMemo", 1000),
    text("PrivateNote", 4000),
    email("BillEmail"),
    email("BillEmailCc"),
    email("BillEmailBcc"),
    text("EmailStatus", 20),
    text("PrintStatus", 20),
    reference("ClassRef", "Class"),
    reference("DepartmentRef", "Department"),
    reference("ProjectRef", ""),
    address("BillAddr"),
    address("ShipAddr"),
    address("ShipFromAddr"),
    reference("PaymentMethodRef", "PaymentMethod"),
    text("PaymentRefNum", 21),
    reference("DepositToAccountRef", "Account"),
    date("ShipDate"),
    text("TrackingNum", 31),
    reference("ShipMethodRef", ""),
    amount("Balance").queryable().read_only(),
    amount("TotalAmt").queryable().read_only(),
    amount("HomeBalance").read_only(),
    amount("HomeTotalAmt").read_only(),
    open("LinkedTxn").read_only(),
    idle("TxnSource"),
    idle("RecurDataRef"),
    idle("TxnStatus"),
    idle("FreeFormAddress"),
    idle("TransactionLocationType"),
    idle("TaxExemptionRef"),
    idle("DeliveryInfo"),
    idle("PONumber"),
    idle("FOB"),
    idle("SalesRepRef"),
    idle("RemitToRef"),
    idle("PaymentType"),
    idle("CheckPayment"),
    idle("CreditCardPayment"),
    idle("AutoDocNumber"),
    idle("Tag"),
    idle("TxnApprovalInfo"),
    idle("TotalDiscountAmount"),
    idle("DiscountRate"),
    idle("DiscountAmt"),
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
