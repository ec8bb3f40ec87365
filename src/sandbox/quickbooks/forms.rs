//! Forms as a customer gets them: by e-mail, and on paper.

use serde_json::{Value, json};

use super::books::{Books, Token};
use super::entity::{Class, Entity};
use super::fault::Fault;
use super::json::{Object, scalar, text};
use super::{normalise, pdf, references, stamp};

/// Forms that can be sent and printed: the service's own list as far as it is
/// documented, whether or not the sandbox carries the entity.
const FORMS: &[&str] = &["CreditMemo", "Estimate", "Invoice", "Payment", "RefundReceipt", "SalesReceipt"];

/// Sends a form to `send_to`, or to the address on it, or for a payment to its
/// customer's, and answers the form, which now says that it was sent.
///
/// # Errors
///
/// 2210 for an address that is none, 6420 without any.
pub(super) fn send(
    books: &mut Books,
    entity: &'static Entity,
    (id, send_to): (u64, &str),
) -> Result<Value, Fault> {
    let mut form = form(books, entity, id)?.clone();
    let address = if send_to.is_empty() { own_address(books, &form) } else { Some(send_to.to_owned()) };
    let address = address.ok_or_else(|| Fault::known("6420"))?;
    normalise::email("sendTo", &json!({ "Address": address }))?;
    if entity.field("EmailStatus").is_some() {
        form.insert("BillEmail".into(), json!({ "Address": address }));
        form.insert("EmailStatus".into(), json!("EmailSent"));
        let at = stamp::seconds(books.now());
        form.insert("DeliveryInfo".into(), json!({ "DeliveryType": "Email", "DeliveryTime": at }));
        books.put(entity, id, form, Token::Rise);
    }
    let sent = books.shelf(entity.name).get(id).map(|kept| references::render(books, &kept.object));
    Ok(sent.unwrap_or_default())
}

/// The form as a PDF.
pub(super) fn print(books: &Books, entity: &Entity, id: u64) -> Result<Vec<u8>, Fault> {
    let form = references::render(books, form(books, entity, id)?);
    Ok(pdf::document(&words(books, entity, &form)))
}

fn form<'a>(books: &'a Books, entity: &Entity, id: u64) -> Result<&'a Object, Fault> {
    if entity.class != Class::Transaction || !FORMS.contains(&entity.name) {
        return Err(Fault::unsupported(&format!("send or pdf on {}", entity.name)));
    }
    books.shelf(entity.name).get(id).map(|kept| &kept.object).ok_or_else(Fault::not_found)
}

fn own_address(books: &Books, form: &Object) -> Option<String> {
    let address = |object: &Object, key: &str| object.get(key)?.get("Address").and_then(scalar);
    address(form, "BillEmail").or_else(|| {
        let customer = form.get("CustomerRef")?.get("value")?.as_str()?;
        address(books.find("Customer", customer)?, "PrimaryEmailAddr")
    })
}

/// What stands on the paper, line by line.
fn words(books: &Books, entity: &Entity, form: &Value) -> Vec<String> {
    let company = books.find("CompanyInfo", "1").and_then(|card| text(card, "CompanyName"));
    let part = |key: &str| form.get(key).and_then(scalar).unwrap_or_default();
    let mut lines = vec![company.unwrap_or_default().to_owned(), String::new()];
    lines.push(format!("{} {}", entity.name.to_uppercase(), part("DocNumber")));
    lines.push(format!("Date: {}", part("TxnDate")));
    if form.get("DueDate").is_some() {
        lines.push(format!("Due: {}", part("DueDate")));
    }
    lines.push(format!("Customer: {}", form["CustomerRef"]["name"].as_str().unwrap_or_default()));
    lines.push(String::new());
    let sold = |line: &&Value| line["DetailType"] != "SubTotalLineDetail";
    for line in form["Line"].as_array().into_iter().flatten().filter(sold) {
        let item = line["SalesItemLineDetail"]["ItemRef"]["name"].as_str().unwrap_or_default();
        let note = line["Description"].as_str().unwrap_or_default();
        let amount = line.get("Amount").and_then(scalar).unwrap_or_default();
        let linked = line["LinkedTxn"][0]["TxnType"].as_str().unwrap_or_default();
        lines.push(
            format!("{item} {note} {linked} {amount}").split_whitespace().collect::<Vec<_>>().join(" "),
        );
    }
    lines.push(String::new());
    lines.push(format!("Total: {}", part("TotalAmt")));
    if form.get("Balance").is_some() {
        lines.push(format!("Balance due: {}", part("Balance")));
    }
    lines
}
