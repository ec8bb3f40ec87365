//! Invoices: what a customer is charged, and how much of it is open.

use rust_decimal::Decimal;
use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, cents, decimal, money};
use super::super::ledger::{Entry, Posting};
use super::super::links::{self, Kind, Target};
use super::field::{amount, date, flag, idle, reference, text};
use super::{
    Class, Draft, Entity, Field, Sequence, Voiding, account, form_fields, payment, sales_form, term,
};

pub(crate) static ENTITY: Entity = Entity {
    name: "Invoice",
    class: Class::Transaction,
    sequence: Sequence::Transactions,
    parts: &[form_fields::FIELDS, FIELDS],
    keys: &["DocNumber", "CustomerRef"],
    name_property: None,
    counted: true,
    voiding: Voiding::Operation,
    complete,
    entries,
    blank,
    settle: |books, id, change| {
        links::settle_document(books, Target { kind: Kind::Invoice, id }, change);
    },
};

const FIELDS: &[Field] = &[
    date("DueDate").queryable(),
    flag("AllowOnlineCreditCardPayment"),
    flag("AllowOnlineACHPayment"),
    flag("AllowOnlinePayPalPayment"),
    flag("AllowIPNPayment").read_only(),
    flag("AllowOnlinePayment").read_only(),
    reference("SalesTermRef", "Term").queryable(),
    reference("ProjectRef", "").queryable(),
    reference("ShipMethodRef", ""),
    date("ShipDate"),
    text("TrackingNum", 31),
    amount("Deposit"),
    reference("DepositToAccountRef", "Account"),
    idle("RecurringInfo"),
    idle("callToAction"),
    idle("ECloudStatusTimeStamp"),
    idle("TaxFormNum"),
    idle("TaxFormType"),
    idle("InvoiceEx"),
    idle("InvoiceLink"),
    idle("PaymentMethodRef"),
    idle("EInvoiceStatus"),
    idle("invoiceStatus"),
    idle("invoiceStatusLog"),
    idle("LessCIS"),
    idle("ConvenienceFeeDetail"),
    idle("PaymentDetailsMessage"),
    idle("PaymentRefNum"),
    idle("OverDueBalance"),
    idle("ShipFrom"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let customer = draft.reference("CustomerRef").ok_or_else(|| Fault::missing("CustomerRef"))?;
    let customer = books.find("Customer", customer).ok_or_else(|| Fault::bad_reference("Names", customer))?;
    complete_dates(books, draft, customer)?;
    let total = sales_form::complete(books, draft, customer)?;
    let applied = draft.old.map_or(Decimal::ZERO, |old| asked(old) - decimal(old, "Balance"));
    let moved =
        draft.old.is_some_and(|old| json::reference(old, "CustomerRef") != draft.reference("CustomerRef"));
    let asked = total - complete_deposit(books, draft, total)?;
    let open = if moved { asked } else { (asked - applied).max(Decimal::ZERO) };
    draft.set("TotalAmt", money(total));
    draft.set("Balance", money(open));
    complete_online(books, draft);
    Ok(())
}

/// What a customer is to pay after what came in with the form itself.
pub(crate) fn asked(invoice: &Object) -> Decimal {
    decimal(invoice, "TotalAmt") - decimal(invoice, "Deposit")
}

/// Settles what was paid with the form; returns it. A company that does not
/// allow deposits refuses a new one (our reading).
fn complete_deposit(books: &Books, draft: &mut Draft<'_>, total: Decimal) -> Result<Decimal, Fault> {
    let deposit = cents(decimal(&draft.object, "Deposit"));
    if deposit.is_zero() {
        return Ok(deposit);
    }
    let known = draft.old.is_some_and(|old| decimal(old, "Deposit") == deposit);
    if !known && !books.allows("SalesFormsPrefs.AllowDeposit") {
        return Err(Fault::business("Deposits are turned off for this company."));
    }
    if deposit < Decimal::ZERO || deposit > total {
        return Err(Fault::business("The deposit must be between zero and the amount of the transaction."));
    }
    draft.set("Deposit", money(deposit));
    draft.default("DepositToAccountRef", json!({ "value": payment::UNDEPOSITED_FUNDS }));
    draft.reference("DepositToAccountRef").map_or(Ok(()), |id| account::check_money(books, id))?;
    Ok(deposit)
}

fn complete_dates(books: &Books, draft: &mut Draft<'_>, customer: &Object) -> Result<(), Fault> {
    draft.default("TxnDate", books.today());
    let other_term = draft.sends("SalesTermRef") && !draft.sends("DueDate");
    if other_term || draft.text("DueDate").is_none() {
        draft.set("DueDate", term::due_date(books, draft, customer)?);
    }
    Ok(())
}

/// Whether the customer may pay on the form itself; the company's setting where
/// the client does not say.
fn complete_online(books: &Books, draft: &mut Draft<'_>) {
    let online = books.allows("SalesFormsPrefs.ETransactionPaymentEnabled");
    draft.default("AllowOnlineCreditCardPayment", json!(online));
    draft.default("AllowOnlineACHPayment", json!(online));
    draft.set("AllowIPNPayment", json!(false));
    draft.set("AllowOnlinePayment", json!(false));
    draft.default("LinkedTxn", json!([]));
}

fn entries(books: &Books, invoice: &Object) -> Vec<Entry> {
    let mut posting = Posting::of(books, invoice);
    posting.debit(json::reference(invoice, "DepositToAccountRef"), decimal(invoice, "Deposit"));
    posting.owe(json::reference(invoice, "CustomerRef"), asked(invoice));
    sales_form::post_lines(&mut posting, invoice, Decimal::ONE);
    posting.done_for(invoice, Kind::Invoice)
}

fn blank(invoice: &mut Object) {
    sales_form::blank(invoice);
    invoice.remove("Deposit");
    invoice.insert("LinkedTxn".into(), json!([]));
}
