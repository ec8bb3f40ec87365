//! Credit memos: what a customer is given back on the account, and how much of
//! it is still to be applied.

use rust_decimal::Decimal;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, decimal, money};
use super::super::ledger::{Entry, Posting};
use super::super::links::{self, Kind, Target};
use super::field::{address, amount, date, email, flag, idle, memo, number, open, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, sales_form};

pub(crate) static ENTITY: Entity = Entity {
    name: "CreditMemo",
    class: Class::Transaction,
    sequence: Sequence::Transactions,
    fields: FIELDS,
    keys: &["DocNumber", "CustomerRef"],
    name_property: None,
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries,
    blank: super::stays,
    settle: |books, id, change| {
        links::settle_document(books, Target { kind: Kind::CreditMemo, id }, change);
    },
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
    reference("SalesTermRef", "Term"),
    amount("Balance").queryable().read_only(),
    amount("RemainingCredit").read_only(),
    amount("TotalAmt").queryable().read_only(),
    amount("HomeBalance").read_only(),
    amount("HomeTotalAmt").read_only(),
    open("LinkedTxn").read_only(),
    idle("InvoiceRef"),
    idle("DepositToAccountRef"),
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

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let customer = draft.reference("CustomerRef").ok_or_else(|| Fault::missing("CustomerRef"))?;
    let customer = books.find("Customer", customer).ok_or_else(|| Fault::bad_reference("Names", customer))?;
    draft.default("TxnDate", books.today());
    let total = sales_form::complete(books, draft, customer)?;
    sales_form::complete_as_today(books, draft);
    let applied = draft.old.map_or(Decimal::ZERO, |old| decimal(old, "TotalAmt") - decimal(old, "Balance"));
    let moved =
        draft.old.is_some_and(|old| json::reference(old, "CustomerRef") != draft.reference("CustomerRef"));
    let left = if moved { total } else { (total - applied).max(Decimal::ZERO) };
    for key in ["Balance", "RemainingCredit"] {
        draft.set(key, money(left));
    }
    Ok(())
}

fn entries(books: &Books, credit: &Object) -> Vec<Entry> {
    let mut posting = Posting::of(books, credit);
    posting.owe(json::reference(credit, "CustomerRef"), -decimal(credit, "TotalAmt"));
    sales_form::post_lines(&mut posting, credit, Decimal::NEGATIVE_ONE);
    posting.done_for(credit, Kind::CreditMemo)
}
