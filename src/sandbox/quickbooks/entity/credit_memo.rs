//! Credit memos: what a customer is given back on the account, and how much of
//! it is still to be applied.

use rust_decimal::Decimal;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{self, Object, decimal, money};
use super::super::ledger::{Entry, Posting};
use super::super::links::{self, Kind, Target};
use super::field::{amount, idle, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, form_fields, sales_form};

pub(crate) static ENTITY: Entity = Entity {
    name: "CreditMemo",
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
    settle: |books, id, change| {
        links::settle_document(books, Target { kind: Kind::CreditMemo, id }, change);
    },
};

const FIELDS: &[Field] = &[
    reference("ProjectRef", ""),
    reference("PaymentMethodRef", "PaymentMethod"),
    text("PaymentRefNum", 21),
    reference("SalesTermRef", "Term"),
    amount("RemainingCredit").read_only(),
    idle("InvoiceRef"),
    idle("DepositToAccountRef"),
    idle("TaxExemptionRef"),
    idle("PaymentType"),
    idle("CheckPayment"),
    idle("CreditCardPayment"),
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
