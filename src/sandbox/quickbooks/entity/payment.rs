//! Payments: money received, and the invoices it was applied to.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, cents, decimal, money};
use super::super::{links, normalise};
use super::field::{amount, date, flag, idle, number, open, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, currency};

pub(crate) static ENTITY: Entity = Entity {
    name: "Payment",
    class: Class::Transaction,
    sequence: Sequence::Transactions,
    fields: FIELDS,
    keys: &["PaymentRefNum", "CustomerRef"],
    name_property: None,
    counted: false,
    voiding: Voiding::Include,
    complete,
    receivable: |payment| -decimal(payment, "UnappliedAmt"),
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

const LINE: &[&str] =
    &["Id", "LineNum", "Amount", "LinkedTxn", "Description", "DetailType", "CustomExtensions"];
const LINKED: &[&str] = &["TxnId", "TxnType", "TxnLineId"];

/// Where money waits that names no account.
const UNDEPOSITED_FUNDS: &str = "4";

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
    complete_account(books, draft, total)?;
    let moved = draft.old.is_some_and(|old| json::reference(old, "CustomerRef") != Some(customer.as_str()));
    if draft.sends("Line") || moved {
        let lines = applied_lines(books, draft, &customer)?;
        draft.set("Line", lines);
    }
    draft.default("Line", json!([]));
    let unapplied = total - links::applied(&draft.object).values().sum::<Decimal>();
    if unapplied < Decimal::ZERO {
        return Err(Fault::business("The amount applied to transactions cannot exceed the payment amount."));
    }
    draft.set("UnappliedAmt", money(unapplied));
    draft.default("TxnDate", books.today());
    draft.default("ProcessPayment", json!(false));
    Ok(())
}

/// A payment of nothing only joins transactions and touches no account.
fn complete_account(books: &Books, draft: &mut Draft<'_>, total: Decimal) -> Result<(), Fault> {
    if !total.is_zero() {
        draft.default("DepositToAccountRef", json!({ "value": UNDEPOSITED_FUNDS }));
    }
    let Some(id) = draft.reference("DepositToAccountRef") else { return Ok(()) };
    let kind = books.find("Account", id).and_then(|account| json::text(account, "AccountType"));
    if matches!(kind, Some("Bank" | "Other Current Asset")) {
        return Ok(());
    }
    let detail = "A payment is deposited to a bank account or an other current asset account.";
    Err(Fault::new("6430", "Invalid account type", detail))
}

/// Builds the lines anew and holds what they apply against what is open. What
/// this payment applied so far is free again.
fn applied_lines(books: &Books, draft: &Draft<'_>, customer: &str) -> Result<Vec<Value>, Fault> {
    let own = draft.old.map(links::applied).unwrap_or_default();
    let mut taken: BTreeMap<u64, Decimal> = BTreeMap::new();
    let mut lines = Vec::new();
    for line in json::list(&draft.object, "Line") {
        let line = line.as_object().ok_or_else(|| Fault::property("Line"))?;
        let Some((id, amount)) = link(line, draft.sends("Line"))? else { continue };
        let invoice = books.find("Invoice", &id.to_string()).ok_or_else(Fault::cannot_link)?;
        if !owes_through(books, invoice, customer) {
            return Err(Fault::cannot_link());
        }
        let open = decimal(invoice, "Balance") + own.get(&id).copied().unwrap_or_default();
        if open.is_zero() {
            return Err(Fault::cannot_link());
        }
        let before = *taken.entry(id).or_default();
        if before + amount > open {
            let text = "The amount you are trying to apply is more than the open balance of the transaction.";
            return Err(Fault::business(text));
        }
        *taken.entry(id).or_default() += amount;
        lines.push(links::line(invoice, amount, open - before));
    }
    Ok(lines)
}

/// Reads one line: which invoice, and how much of it. Lines of nothing are
/// dropped.
fn link(line: &Object, sent: bool) -> Result<Option<(u64, Decimal)>, Fault> {
    if sent && line.contains_key("LineEx") {
        return Err(Fault::property(
            "Unrecognized field \"globalScope\" (class javax.xml.bind.JAXBElement)\n",
        ));
    }
    if sent {
        normalise::check_keys(line, "Line", LINE)?;
    }
    let amount = line.get("Amount").ok_or_else(|| Fault::missing("Line.Amount"))?;
    let amount = cents(normalise::quantity("Line.Amount", amount)?);
    if amount < Decimal::ZERO {
        return Err(Fault::business("The amount applied must be zero or more."));
    }
    let linked = json::list(line, "LinkedTxn").first().and_then(Value::as_object);
    let linked = linked.ok_or_else(|| Fault::missing("Line.LinkedTxn"))?;
    normalise::check_keys(linked, "LinkedTxn", LINKED)?;
    let id =
        linked.get("TxnId").and_then(json::scalar).ok_or_else(|| Fault::missing("Line.LinkedTxn.TxnId"))?;
    if json::text(linked, "TxnType") != Some("Invoice") {
        return Err(Fault::cannot_link());
    }
    let id = id.parse().map_err(|_| Fault::invalid_id(&id))?;
    Ok((!amount.is_zero()).then_some((id, amount)))
}

/// A customer pays its own invoices and those of the jobs below it.
fn owes_through(books: &Books, invoice: &Object, customer: &str) -> bool {
    let mut debtor = json::reference(invoice, "CustomerRef");
    while let Some(id) = debtor {
        if id == customer {
            return true;
        }
        debtor = books.find("Customer", id).and_then(|object| json::reference(object, "ParentRef"));
    }
    false
}

fn blank(payment: &mut Object) {
    for key in ["TotalAmt", "UnappliedAmt"] {
        payment.insert(key.into(), json!(0));
    }
    payment.insert("Line".into(), json!([]));
}
