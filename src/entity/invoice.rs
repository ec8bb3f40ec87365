//! Invoices: a line per charge, discounts, taxes; the total must be Stax Bill's
//! to the cent.

use rust_decimal::RoundingStrategy;
use serde_json::{Value, json};

use super::line::{self, Line};
use super::{Setting, target_item, tax, text};
use crate::model::{
    Charge, Code, Currency, Desired, Discounts, DocumentNumbers, Invoice, InvoiceLines, Key, Mark, Money,
    ObjectId, ObjectKind, Part, Problem, Reference, UnmappedProduct, date_in,
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
    if setting.targets.multicurrency {
        body["CurrencyRef"] = json!({ "value": invoice.currency.as_str() });
    }
    write_lines(&mut body, (lines, invoice.currency), setting)?;
    write_words(&mut body, invoice.id, lines, setting);
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
/// amended after posting: one that is gone is cleared.
pub fn words(id: u64, lines: &InvoiceLines, setting: Setting<'_>) -> Value {
    let mut body = json!({ "CustomerMemo": { "value": "" } });
    write_words(&mut body, id, lines, setting);
    body
}

/// The item of a charge.
pub(super) fn item_for(charge: &Charge, setting: Setting<'_>) -> Result<ObjectId, Problem> {
    let posting = setting.posting;
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
    let words = match charge.description.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(description) if description != charge.name => format!("{}: {description}", charge.name),
        Some(_) | None => charge.name.clone(),
    };
    Ok(Line {
        item: item_for(charge, setting)?,
        amount,
        words,
        priced: makes_it.then_some((charge.quantity, charge.unit_price)),
    })
}

/// The mark and the purchase order go into the note that only the company
/// sees; the notes are printed.
fn write_words(body: &mut Value, id: u64, lines: &InvoiceLines, setting: Setting<'_>) {
    let mark = Mark::of(Key::invoice(id));
    let fit = |text: &Option<String>, chars_max: usize| {
        let text = text.as_deref().map(|text| text::fit(text, chars_max, setting.targets));
        text.filter(|text| !text.is_empty())
    };
    body["PrivateNote"] = json!(match fit(&lines.po_number, ORDER_CHARS_MAX) {
        Some(order) => format!("{mark} PO {order}"),
        None => mark.to_string(),
    });
    if let Some(notes) = fit(&lines.notes, MEMO_CHARS_MAX) {
        body["CustomerMemo"] = json!({ "value": notes });
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use jiff::tz::TimeZone;

    use super::super::number;
    use super::*;
    use crate::model::{ClosedPeriod, OnDrift, Posting, RefundAs, Targets, Tax, TaxMode, fill};

    pub(in super::super) fn posting() -> Posting {
        Posting {
            deferred_revenue_item: "Subscription services".to_owned(),
            deposit_account: "Undeposited Funds".to_owned(),
            discount_item: None,
            credit_item: Some("Credit".to_owned()),
            bad_debt_item: Some("Bad debt".to_owned()),
            tax: TaxMode::Item { item: Some("Sales tax".to_owned()) },
            no_tax_code: None,
            discounts: Discounts::Net,
            document_numbers: DocumentNumbers::Staxbill,
            refund_as: RefundAs::Payment,
            closed_period: ClosedPeriod::Hold,
            items: BTreeMap::from([("PRO".to_owned(), "Pro plan".to_owned())]),
            deposit_accounts: BTreeMap::from([("CreditCard".to_owned(), "Card clearing".to_owned())]),
            unmapped_product: UnmappedProduct::Default,
            on_drift: OnDrift::Report,
        }
    }

    pub(in super::super) fn targets() -> Targets {
        let ids = |rows: &[(&str, &str)]| {
            rows.iter().map(|(name, id)| ((*name).to_owned(), ObjectId::new(*id))).collect()
        };
        Targets {
            items: ids(&[("Subscription services", "30"), ("Sales tax", "31"), ("Pro plan", "32")]),
            accounts: ids(&[("Undeposited Funds", "4"), ("Card clearing", "90")]),
            home_currency: Some(Currency::USD),
            united_states: true,
            ..Targets::default()
        }
    }

    fn charge(quantity: &str, price: &str, amount: i64, discount: i64, code: Option<&str>) -> Charge {
        Charge {
            id: 7_001,
            name: "Pro".to_owned(),
            description: Some("March".to_owned()),
            quantity: quantity.parse().unwrap(),
            unit_price: price.parse().unwrap(),
            amount: Money::from_cents(amount),
            discount: Money::from_cents(discount),
            product_path: None,
            product_code: code.map(ToOwned::to_owned),
        }
    }

    fn invoice(charges: Vec<Charge>, tax: i64) -> Invoice {
        let amount = charges.iter().map(|charge| charge.amount - charge.discount).sum::<Money>()
            + Money::from_cents(tax);
        let taxes = vec![Tax { name: "GST".to_owned(), percent: 5.into(), total: Money::from_cents(tax) }];
        let at = |text: &str| text.parse().unwrap();
        Invoice {
            id: 88123,
            number: "1100".to_owned(),
            customer: 10482,
            effective_at: at("2026-03-01T05:00:00Z"),
            modified_at: at("2026-03-01T05:00:00Z"),
            currency: Currency::USD,
            amount,
            outstanding: amount,
            paid: Money::ZERO,
            reversed: Money::ZERO,
            written_off: Money::ZERO,
            quickbooks_id: None,
            lines: Some(InvoiceLines {
                charges,
                taxes,
                due_at: Some(at("2026-03-31T05:00:00Z")),
                po_number: None,
                notes: None,
            }),
        }
    }

    fn translated(invoice: &Invoice, posting: &Posting) -> Result<Desired, Problem> {
        let zone = TimeZone::get("America/Los_Angeles").unwrap();
        translate(invoice, Setting { posting, targets: &targets(), zone: &zone })
    }

    #[test]
    fn the_body_is_exactly_this() {
        let invoice = invoice(
            vec![charge("3", "33.333333", 10000, 0, Some("PRO")), charge("1", "20", 2000, 500, None)],
            575,
        );
        let desired = translated(&invoice, &posting()).unwrap();
        let expected = serde_json::json!({
            "CustomerRef": {"value": null}, "DocNumber": "1100", "TxnDate": "2026-02-28", "DueDate": "2026-03-30",
            "PrivateNote": "[latchd invoice/88123]",
            "AllowOnlineCreditCardPayment": false, "AllowOnlineACHPayment": false,
            "Line": [
                {"Amount": number("100.00".parse().unwrap()), "DetailType": "SalesItemLineDetail", "Description": "Pro: March",
                 "SalesItemLineDetail": {"ItemRef": {"value": "32"}, "TaxCodeRef": {"value": "NON"}, "Qty": 3, "UnitPrice": number("33.333333".parse().unwrap())}},
                {"Amount": number("15.00".parse().unwrap()), "DetailType": "SalesItemLineDetail", "Description": "Pro: March",
                 "SalesItemLineDetail": {"ItemRef": {"value": "30"}, "TaxCodeRef": {"value": "NON"}}},
                {"Amount": number("5.75".parse().unwrap()), "DetailType": "SalesItemLineDetail", "Description": "GST 5%: 5.75",
                 "SalesItemLineDetail": {"ItemRef": {"value": "31"}, "TaxCodeRef": {"value": "NON"}}},
            ],
        });
        assert_eq!(desired.body, expected);
        assert_eq!(desired.total.to_string(), "120.75");
        let resolved = fill(desired.body.clone(), &desired.references, |key| {
            if key == Key::customer(10482) { Ok("58".to_owned()) } else { Err(key) }
        })
        .unwrap();
        assert_eq!(resolved["CustomerRef"]["value"], "58");
        assert!(resolved.to_string().contains(r#""Amount":100.00"#), "digits are kept: {resolved}");
        assert_eq!(fill(desired.body, &desired.references, Err), Err(Key::customer(10482)));
    }

    #[test]
    fn what_cannot_be_posted_exactly_is_a_problem() {
        let hold = Posting { unmapped_product: UnmappedProduct::Hold, ..posting() };
        let no_tax = Posting { tax: TaxMode::Item { item: None }, ..posting() };
        let gone = Posting { deferred_revenue_item: "Gone".to_owned(), ..posting() };
        let plain = invoice(vec![charge("1", "10", 1000, 0, None)], 50);
        let wrong = Invoice { amount: Money::from_cents(9), ..plain.clone() };
        let long = Invoice { number: "9".repeat(22), ..plain.clone() };
        let unread = Invoice { lines: None, ..plain.clone() };
        let cases = [
            ("unmapped", &plain, &hold, Code::UnmappedProduct),
            ("tax", &plain, &no_tax, Code::UnmappedTax),
            ("item", &plain, &gone, Code::ReferenceMissing),
            ("total", &wrong, &posting(), Code::InvalidRecord),
            ("number", &long, &posting(), Code::InvalidRecord),
            ("unread", &unread, &posting(), Code::InvalidRecord),
        ];
        for (name, invoice, posting, code) in cases {
            assert_eq!(translated(invoice, posting).unwrap_err().code, code, "{name}");
        }
    }

    #[test]
    fn quantities_that_do_not_make_the_amount_are_left_out() {
        let cases = [
            ("3", "33.33", 10000, false),
            ("3", "33.333333", 10000, true),
            ("2.5", "4", 1000, true),
            ("0", "5", 1000, false),
        ];
        for (quantity, price, amount, sent) in cases {
            let body = translated(&invoice(vec![charge(quantity, price, amount, 0, None)], 0), &posting())
                .unwrap()
                .body;
            assert_eq!(
                body["Line"][0]["SalesItemLineDetail"].get("Qty").is_some(),
                sent,
                "{quantity} × {price}"
            );
        }
    }
}
