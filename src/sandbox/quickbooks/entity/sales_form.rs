//! What invoices, credit memos and receipts have in common: a number, lines,
//! tax, a total and addresses.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{Object, decimal, list, money, reference, text};
use super::super::ledger::Posting;
use super::{Draft, SALES_FORMS, account, currency, custom_field, sales_lines, tax};

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
    custom_field::complete(books, draft)?;
    Ok(total)
}

/// Settles a receipt, which may be without a customer and is never open.
pub(crate) fn complete_receipt(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let nobody = Object::new();
    let customer = match draft.reference("CustomerRef") {
        None => &nobody,
        Some(id) => books.find("Customer", id).ok_or_else(|| Fault::bad_reference("Names", id))?,
    };
    draft.default("TxnDate", books.today());
    complete(books, draft, customer)?;
    draft.set("Balance", json!(0));
    Ok(())
}

/// Holds the account of a receipt against its kind. Receipts show its name,
/// payments do not (recorded).
pub(crate) fn complete_account(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let Some(id) = draft.reference("DepositToAccountRef").map(str::to_owned) else { return Ok(()) };
    account::check_money(books, &id)?;
    let name = books.find("Account", &id).and_then(|account| text(account, "FullyQualifiedName"));
    draft.set("DepositToAccountRef", json!({ "value": id, "name": name }));
    Ok(())
}

/// Adds what forms carry since 2026: the company's own address and an empty
/// list of extensions on each sales line.
pub(crate) fn complete_as_today(books: &Books, draft: &mut Draft<'_>) {
    draft.set("FreeFormAddress", json!(true));
    let card = books.shelf("CompanyInfo").get(1).and_then(|kept| kept.object.get("CompanyAddr"));
    if let Some(address) = card.and_then(Value::as_object) {
        let part = |key: &str| text(address, key).unwrap_or_default();
        let place = format!(
            "{}, {}  {} {}",
            part("City"),
            part("CountrySubDivisionCode"),
            part("PostalCode"),
            part("Country")
        );
        draft.default("ShipFromAddr", json!({ "Line1": part("Line1"), "Line2": place }));
    }
    let lines = draft.object.get_mut("Line").and_then(Value::as_array_mut);
    for line in lines.into_iter().flatten().filter(|line| line["DetailType"] == "SalesItemLineDetail") {
        line["CustomExtensions"] = json!([]);
    }
}

/// Turns a form into its voided self: its amounts are zero.
pub(crate) fn blank(form: &mut Object) {
    sales_lines::blank(form);
    form.insert("TxnTaxDetail".into(), json!({ "TotalTax": 0 }));
    for key in ["TotalAmt", "Balance"] {
        form.insert(key.into(), json!(0));
    }
}

/// Tax that was charged is owed to the agency through this account.
const TAX_PAYABLE: &str = "90";

/// Posts what the lines of a form sell, `sign` -1 for a form that takes it back.
/// Cost of goods is not posted: the quantity on hand is not simulated.
pub(crate) fn post_lines(posting: &mut Posting<'_>, form: &Object, sign: Decimal) {
    let lines = list(form, "Line");
    let post = |posting: &mut Posting<'_>, line: &Object, (detail, key): (&str, &str), sign: Decimal| {
        let detail = line.get(detail).and_then(Value::as_object);
        posting.debit(detail.and_then(|detail| reference(detail, key)), sign * decimal(line, "Amount"));
    };
    for line in sales_lines::sold(lines) {
        post(posting, line, ("SalesItemLineDetail", "ItemAccountRef"), -sign);
    }
    let discounts = lines.iter().filter_map(Value::as_object);
    for line in discounts.filter(|line| text(line, "DetailType") == Some("DiscountLineDetail")) {
        post(posting, line, ("DiscountLineDetail", "DiscountAccountRef"), sign);
    }
    let tax = form.get("TxnTaxDetail").and_then(Value::as_object).map(|tax| decimal(tax, "TotalTax"));
    posting.debit(Some(TAX_PAYABLE), -sign * tax.unwrap_or_default());
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
    let rival = SALES_FORMS.iter().find_map(|form| {
        let own = draft.id;
        Some((form, books.shelf(form).with("DocNumber", number).find(|id| Some(*id) != own)?))
    });
    rival.map_or(Ok(()), |(form, id)| Err(Fault::number_taken(number, form, id)))
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
    let states: [(&str, &[&str]); 2] = [
        ("EmailStatus", &["NotSet", "NeedToSend", "EmailSent"]),
        ("PrintStatus", &["NotSet", "NeedToPrint", "PrintComplete"]),
    ];
    for (key, known) in states {
        let state = draft.text(key).unwrap_or_default();
        if !known.contains(&state) {
            return Err(Fault::bad_value("2170", "Invalid Enumeration", key, state));
        }
    }
    if draft.text("EmailStatus") == Some("NeedToSend") && draft.object.get("BillEmail").is_none() {
        return Err(Fault::new(
            "6420",
            "Email address required",
            "BillEmail is required to send the invoice.",
        ));
    }
    Ok(())
}
