//! Invoices: a line per charge, discounts, taxes; the total must be Stax Bill's
//! to the cent.

use rust_decimal::RoundingStrategy;
use serde_json::{Value, json};

use super::line::{self, Line};
use super::{Setting, target_item, tax, text, write_currency};
use crate::model::{
    Charge, Code, Currency, Desired, Discounts, DocumentNumbers, Invoice, InvoiceLines, Key, Mark, Money,
    ObjectId, ObjectKind, Part, Problem, Reference, UnmappedProduct, Words, date_in,
};

/// Longest number (Intuit: Invoice).
pub(super) const NUMBER_CHARS_MAX: usize = 21;
/// Longest message to the customer (Intuit: Invoice).
const MEMO_CHARS_MAX: usize = 1000;
/// Longest purchase order that we show; QuickBooks' note takes 4,000.
const ORDER_CHARS_MAX: usize = 1000;

/// The invoice as it is created; its lines must have been read.
pub fn translate(invoice: &Invoice, setting: Setting<'_>) -> Result<Desired, Problem> {
    let invalid = |reason: String| Problem::new(Code::InvalidRecord, reason);
    let Some(lines) = &invoice.lines else {
        return Err(invalid(format!("the lines of invoice {} were not read", invoice.number)));
    };
    check_total(invoice, lines).map_err(invalid)?;
    let date = date_in(invoice.effective_at, setting.zone);
    let mut body = json!({
        "CustomerRef": { "value": null },
        "TxnDate": date.to_string(),
        "Line": [],
        // Left out, the company's own settings would offer a second way to pay.
        "AllowOnlineCreditCardPayment": false,
        "AllowOnlineACHPayment": false,
    });
    if setting.posting.document_numbers == DocumentNumbers::Staxbill {
        check_number(&invoice.number)?;
        body["DocNumber"] = json!(invoice.number);
    }
    if let Some(due) = lines.due_at {
        body["DueDate"] = json!(date_in(due, setting.zone).to_string());
    }
    write_currency(&mut body, invoice.currency, setting)?;
    write_lines(&mut body, (lines, invoice.currency), setting)?;
    body["PrivateNote"] = json!(private_note(invoice.id, lines, setting));
    if let Some(notes) = memo(lines, setting) {
        body["CustomerMemo"] = json!({ "value": notes });
    }
    Ok(Desired {
        key: Key::invoice(invoice.id),
        part: Part::Whole,
        object: ObjectKind::Invoice,
        number: invoice.number.clone(),
        date: Some(date),
        currency: invoice.currency,
        total: invoice.amount,
        body,
        references: vec![Reference {
            pointer: "/CustomerRef/value".to_owned(),
            to: Key::customer(invoice.customer),
        }],
    })
}

/// What is sent when only the purchase order or the notes of invoice `id` were
/// amended since it was `posted`: one that is gone is cleared, and one that
/// stayed is left alone.
pub fn words(id: u64, lines: &InvoiceLines, posted: Option<&Words>, setting: Setting<'_>) -> Value {
    let now = lines.words();
    let mut body = json!({});
    if posted.is_none_or(|posted| posted.order != now.order) {
        body["PrivateNote"] = json!(private_note(id, lines, setting));
    }
    if posted.is_none_or(|posted| posted.notes != now.notes) {
        body["CustomerMemo"] = json!({ "value": memo(lines, setting).unwrap_or_default() });
    }
    body
}

/// The item of a charge.
pub(super) fn item_for(charge: &Charge, setting: Setting<'_>) -> Result<ObjectId, Problem> {
    let posting = setting.posting;
    if posting.products_matter() && charge.product_path.is_some() && charge.product_code.is_none() {
        let reason =
            format!("the product of the charge `{}` could not be read; it is asked for again", charge.name);
        return Err(Problem::new(Code::InvalidRecord, reason));
    }
    let mapped = charge.product_code.as_ref().and_then(|code| posting.items.get(code));
    let name = match (mapped, posting.unmapped_product) {
        (Some(item), _) => item,
        (None, UnmappedProduct::Default) => &posting.deferred_revenue_item,
        (None, UnmappedProduct::Hold) => {
            let code = charge.product_code.as_deref().filter(|code| !code.is_empty()).unwrap_or("(unknown)");
            let reason =
                format!("the charge `{}` is of product {code}, which has no entry in [items]", charge.name);
            return Err(Problem::new(Code::UnmappedProduct, reason));
        }
    };
    target_item(name, setting)
}

/// QuickBooks refuses a longer number (6000).
pub(super) fn check_number(number: &str) -> Result<(), Problem> {
    if number.chars().count() <= NUMBER_CHARS_MAX {
        return Ok(());
    }
    let reason = format!("its number has more than {NUMBER_CHARS_MAX} characters, which QuickBooks refuses");
    Err(Problem::new(Code::InvalidRecord, reason))
}

fn check_total(invoice: &Invoice, lines: &InvoiceLines) -> Result<(), String> {
    let charged: Money = lines.charges.iter().map(|charge| charge.amount - charge.discount).sum();
    let taxed: Money = lines.taxes.iter().map(|tax| tax.total).sum();
    if charged + taxed == invoice.amount {
        return Ok(());
    }
    Err(format!(
        "charges less discounts ({charged}) and taxes ({taxed}) do not make the invoice's total {}",
        invoice.amount
    ))
}

fn write_lines(
    body: &mut Value,
    (lines, currency): (&InvoiceLines, Currency),
    setting: Setting<'_>,
) -> Result<(), Problem> {
    let taxed = tax::of(&lines.taxes, setting)?;
    let rows = lines.charges.iter().map(|charge| charge_line(charge, currency, setting));
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    // Lines of nothing say nothing, unless there is no other to bear the tax.
    if taxed.line.is_some() || rows.iter().any(|row| !row.amount.is_zero()) {
        rows.retain(|row| !row.amount.is_zero());
    }
    let marked = if taxed.marked { rows.len() } else { 0 };
    rows.extend(taxed.line.clone());
    line::check_count(rows.len(), marked)?;
    let mut bodies = rows.iter().map(|row| row.body(Some(&taxed.code), setting)).collect::<Vec<_>>();
    if setting.posting.discounts == Discounts::Line {
        let discounts = lines.charges.iter().map(|charge| charge.discount).sum();
        bodies.extend(line::discount(discounts, setting)?);
    }
    body["Line"] = Value::Array(bodies);
    taxed.write(body, setting);
    Ok(())
}

fn charge_line(charge: &Charge, currency: Currency, setting: Setting<'_>) -> Result<Line, Problem> {
    let amount = match setting.posting.discounts {
        Discounts::Net => charge.amount - charge.discount,
        Discounts::Line => charge.amount,
    };
    // QuickBooks compares Qty × UnitPrice with Amount (6070), so both are sent
    // only where they make it.
    let product = charge.quantity.checked_mul(charge.unit_price);
    let rounded = product.map(|product| {
        product.round_dp_with_strategy(currency.minor_digits(), RoundingStrategy::MidpointAwayFromZero)
    });
    let makes_it = rounded == Some(amount.decimal()) && !charge.quantity.is_zero();
    let name = text::letters(&charge.name, setting.targets);
    let description = charge.description.as_deref().map(|text| text::letters(text, setting.targets));
    let words = match description.filter(|text| !text.is_empty() && *text != name) {
        Some(description) => format!("{name}: {description}"),
        None => name,
    };
    Ok(Line {
        item: item_for(charge, setting)?,
        amount,
        words,
        priced: makes_it.then_some((charge.quantity, charge.unit_price)),
    })
}

/// The mark and the purchase order, for the company's eyes alone.
fn private_note(id: u64, lines: &InvoiceLines, setting: Setting<'_>) -> String {
    let mark = Mark::of(Key::invoice(id));
    let order = lines.po_number.as_deref().map(|text| text::fit(text, ORDER_CHARS_MAX, setting.targets));
    match order.filter(|order| !order.is_empty()) {
        Some(order) => format!("{mark} PO {order}"),
        None => mark.to_string(),
    }
}

/// The notes, which are printed.
fn memo(lines: &InvoiceLines, setting: Setting<'_>) -> Option<String> {
    let notes = lines.notes.as_deref().map(|text| text::fit_lines(text, MEMO_CHARS_MAX, setting.targets));
    notes.filter(|notes| !notes.is_empty())
}
