//! What invoices, credit memos and receipts have in common: a number, lines,
//! tax, a total and addresses.

use rust_decimal::Decimal;
use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{Object, money};
use super::{Draft, currency, sales_lines, tax};

/// Settles a draft and returns its total, which it also writes down.
pub(crate) fn complete(books: &Books, draft: &mut Draft<'_>, customer: &Object) -> Result<Decimal, Fault> {
    complete_number(books, draft)?;
    currency::complete(books, draft, customer)?;
    sales_lines::complete(books, draft, customer)?;
    let tax = tax::complete(books, draft, customer)?;
    let total = sales_lines::net(&draft.object) + tax;
    if total < Decimal::ZERO {
        return Err(Fault::business("The transaction amount must be zero or more."));
    }
    draft.set("TotalAmt", money(total));
    complete_delivery(draft, customer)?;
    Ok(total)
}

/// The number of a sales form: the client's where the company numbers by hand,
/// else the next one unless the client insists.
fn complete_number(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let by_hand = books.allows("SalesFormsPrefs.CustomTxnNumbers");
    let Some(number) = draft.text("DocNumber") else {
        if !by_hand {
            draft.set("DocNumber", books.next_number());
        }
        return Ok(());
    };
    if !by_hand || draft.choices.duplicate_numbers || !draft.sends("DocNumber") {
        return Ok(());
    }
    match books.shelf("Invoice").with("DocNumber", number).find(|id| Some(*id) != draft.id) {
        Some(rival) => Err(Fault::number_taken(number, "Invoice", rival)),
        None => Ok(()),
    }
}

fn complete_delivery(draft: &mut Draft<'_>, customer: &Object) -> Result<(), Fault> {
    for key in ["BillAddr", "ShipAddr"] {
        if let Some(address) = customer.get(key) {
            draft.default(key, address.clone());
        }
    }
    draft.default("ApplyTaxAfterDiscount", json!(false));
    draft.default("PrintStatus", json!("NeedToPrint"));
    draft.default("EmailStatus", json!("NotSet"));
    draft.default("CustomField", json!([]));
    if draft.text("EmailStatus") == Some("NeedToSend") && draft.object.get("BillEmail").is_none() {
        return Err(Fault::new(
            "6420",
            "Email address required",
            "BillEmail is required to send the invoice.",
        ));
    }
    Ok(())
}
