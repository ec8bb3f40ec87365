//! Payments: money received, and the documents it was applied to.

use rust_decimal::Decimal;
use serde_json::json;

use super::super::books::Books;
use super::super::exchange;
use super::super::fault::Fault;
use super::super::json::{self, Object, decimal, money};
use super::super::ledger::{self, Entry, Posting};
use super::super::links::{self, Kind};
use super::field::{amount, date, flag, idle, number, open, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, account, currency, payment_lines, tax_rows};

pub(crate) static ENTITY: Entity = Entity {
    name: "Payment",
    class: Class::Transaction,
    sequence: Sequence::Transactions,
    parts: &[FIELDS],
    keys: &["PaymentRefNum", "CustomerRef"],
    name_property: None,
    counted: false,
    voiding: Voiding::Include,
    complete,
    entries,
    blank,
    settle: links::settle_payment,
};

const FIELDS: &[Field] = &[
    reference("CustomerRef", "Customer").queryable(),
    amount("TotalAmt").queryable(),
    amount("UnappliedAmt").read_only(),
    date("TxnDate").queryable(),
    open("Line"),
    reference("DepositToAccountRef", "Account"),
    reference("ARAccountRef", "Account"),
    reference("PaymentMethodRef", "PaymentMethod"),
    text("PaymentRefNum", 21).queryable(),
    text("PrivateNote", 4000),
    reference("CurrencyRef", ""),
    number("ExchangeRate"),
    reference("ProjectRef", "").queryable(),
    reference("DepartmentRef", "Department"),
    reference("ClassRef", "Class"),
    flag("ProcessPayment"),
    open("CreditCardPayment"),
    text("TxnSource", 50),
    open("LinkedTxn").read_only(),
    idle("DocNumber"),
    idle("CheckPayment"),
    idle("OverPayment"),
    idle("PaymentType"),
    idle("PaymentEx"),
    idle("RemitToRef"),
    idle("TaxExemptionRef"),
    idle("TransactionLocationType"),
    idle("TxnStatus"),
    idle("TxnTaxDetail"),
    idle("HomeTotalAmt"),
    idle("RecurDataRef"),
];

/// Where money waits that names no account.
pub(crate) const UNDEPOSITED_FUNDS: &str = "4";

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let customer = draft.reference("CustomerRef").ok_or_else(|| Fault::missing("CustomerRef"))?.to_owned();
    let Some(total) = draft.object.get("TotalAmt").and_then(json::number_in) else {
        return Err(Fault::business("You must set a transaction amount"));
    };
    if total < Decimal::ZERO {
        return Err(Fault::business("The transaction amount must be zero or more."));
    }
    let card = books.find("Customer", &customer).ok_or_else(|| Fault::bad_reference("Names", &customer))?;
    currency::complete(books, draft, card)?;
    let places = currency::places(draft.reference("CurrencyRef").unwrap_or_default());
    let total = tax_rows::round(total, places);
    draft.set("TotalAmt", money(total));
    check_receivable(books, draft)?;
    complete_account(books, draft, total)?;
    let moved = draft.old.is_some_and(|old| json::reference(old, "CustomerRef") != Some(customer.as_str()));
    if draft.sends("Line") || moved {
        let lines = payment_lines::build(books, draft, &customer)?;
        draft.set("Line", lines);
    }
    draft.default("Line", json!([]));
    let joined = links::Joined::of(books, &draft.object);
    if joined.credits > joined.charges {
        return Err(Fault::business("The credits applied cannot exceed the charges they are applied to."));
    }
    let unapplied = joined.unapplied(total);
    if unapplied < Decimal::ZERO {
        return Err(Fault::business("The amount applied to transactions cannot exceed the payment amount."));
    }
    draft.set("UnappliedAmt", money(unapplied));
    draft.default("TxnDate", books.today());
    draft.default("ProcessPayment", json!(false));
    Ok(())
}

/// The receivables a payment names are some, in its currency.
fn check_receivable(books: &Books, draft: &Draft<'_>) -> Result<(), Fault> {
    let Some(id) = draft.reference("ARAccountRef").filter(|_| draft.sends("ARAccountRef")) else {
        return Ok(());
    };
    if !ledger::is_receivable(books, id) {
        let detail = "The account of a payment's receivables must be an Accounts Receivable account.";
        return Err(Fault::new("6430", "Invalid account type", detail));
    }
    let own = draft.reference("CurrencyRef").unwrap_or(books.home_currency());
    currency::check_account(books, id, own)
}

/// A payment of nothing only joins transactions and touches no account.
fn complete_account(books: &Books, draft: &mut Draft<'_>, total: Decimal) -> Result<(), Fault> {
    if !total.is_zero() {
        draft.default("DepositToAccountRef", json!({ "value": UNDEPOSITED_FUNDS }));
    }
    draft.reference("DepositToAccountRef").map_or(Ok(()), |id| account::check_money(books, id))
}

/// Money comes in, and the customers whose documents it pays owe less, by what
/// those are worth at their own rates.
fn entries(books: &Books, payment: &Object) -> Vec<Entry> {
    let mut posting = Posting::of(books, payment);
    posting.debit(json::reference(payment, "DepositToAccountRef"), decimal(payment, "TotalAmt"));
    let payer = json::reference(payment, "CustomerRef");
    for (target, amount) in links::applied(payment) {
        let Some(document) = links::document(books, target) else { continue };
        let credit = links::is_credit(books, target, payer.unwrap_or_default());
        let owed = if credit { amount } else { -amount };
        let customer = match target.kind {
            Kind::Invoice | Kind::CreditMemo => json::reference(document, "CustomerRef"),
            Kind::JournalEntry => payer,
        };
        posting.owe_at(customer, owed, exchange::rate(document));
    }
    posting.owe(payer, -decimal(payment, "UnappliedAmt"));
    posting.done_with_gain()
}

fn blank(payment: &mut Object) {
    for key in ["TotalAmt", "UnappliedAmt"] {
        payment.insert(key.into(), json!(0));
    }
    payment.insert("Line".into(), json!([]));
}
