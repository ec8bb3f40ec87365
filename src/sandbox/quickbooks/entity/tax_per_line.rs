//! Tax outside the United States: each line names its code, and what each code
//! takes is rounded on its own.

use rust_decimal::Decimal;
use serde_json::Value;

use super::super::books::Books;
use super::super::json::{Object, decimal, list, money, plain, reference};
use super::tax::{self, Tax};
use super::tax_code::{self, Applied};
use super::tax_rows::{self, Row, Taxable};
use super::{Draft, sales_lines};

/// The lines under one code.
struct Coded {
    rates: Vec<Applied>,
    code: String,
    net: Decimal,
    /// What they come to with their tax, where that is what was agreed.
    gross: Option<Decimal>,
}

/// Takes the tax of a form. Amounts that hold their tax (`inclusive`) are first brought to
/// their net, so that net and tax of each code come to what was agreed.
///
/// Rows that the client sent stand as it sent them, also when the lines beside
/// them have changed: who changes amounts has to leave them out.
pub(crate) fn take(books: &Books, draft: &mut Draft<'_>, inclusive: bool) -> Tax {
    let places = tax::places(draft);
    if inclusive {
        bring_to_net(books, draft, places);
    } else {
        for line in sales_lines::sold_mut(&mut draft.object) {
            if let Some(detail) = line.get_mut("SalesItemLineDetail").and_then(Value::as_object_mut) {
                detail.remove("TaxInclusiveAmt");
            }
        }
    }
    let mut coded = by_code(books, &draft.object);
    let discounted = !sales_lines::discount(&draft.object).is_zero();
    let mut taxables = Vec::new();
    for group in &mut coded {
        group.net -= tax::discount_share(draft, group.net);
        group.gross = group.gross.filter(|_| inclusive && !discounted);
        let mut rows = tax_rows::rows(&[Taxable { rates: group.rates.clone(), net: group.net }], places);
        if let Some(gross) = group.gross {
            tax_rows::prorate(&mut rows, gross - group.net, places);
        }
        taxables.extend(rows);
    }
    let tax = Tax { code: None, rows: merged(taxables), total: Decimal::ZERO };
    let sent = if draft.sends("TxnTaxDetail") { tax::detail(draft) } else { Object::new() };
    if list(&sent, "TaxLine").is_empty() {
        return tax.or_stated(tax::stated(draft), places);
    }
    overridden(tax, list(&sent, "TaxLine")).or_stated(None, places)
}

/// Lines by code, in the order the codes first appear.
fn by_code(books: &Books, form: &Object) -> Vec<Coded> {
    let mut coded: Vec<Coded> = Vec::new();
    for line in sales_lines::sold(list(form, "Line")) {
        let Some(detail) = line.get("SalesItemLineDetail").and_then(Value::as_object) else { continue };
        let Some(code) = reference(detail, "TaxCodeRef") else { continue };
        let position = coded.iter().position(|known| known.code == code).unwrap_or_else(|| {
            let rates = books.find("TaxCode", code).map(|code| tax_code::sales_rates(books, code));
            coded.push(Coded {
                rates: rates.unwrap_or_default(),
                code: code.to_owned(),
                net: Decimal::ZERO,
                gross: None,
            });
            coded.len() - 1
        });
        let group = &mut coded[position];
        group.net += decimal(line, "Amount");
        if detail.contains_key("TaxInclusiveAmt") {
            *group.gross.get_or_insert_default() += decimal(detail, "TaxInclusiveAmt");
        }
    }
    coded
}

/// Each line's amount becomes what is left without tax, and `TaxInclusiveAmt`
/// what was agreed: the amount sent, unless the client sent both. The last line
/// of a code takes what rounding leaves. (Which of the two the service reads
/// where only one is sent is not recorded.)
fn bring_to_net(books: &Books, draft: &mut Draft<'_>, places: u32) {
    for line in sales_lines::sold_mut(&mut draft.object) {
        let amount = line.get("Amount").cloned();
        if let Some(detail) = line.get_mut("SalesItemLineDetail").and_then(Value::as_object_mut) {
            detail.entry("TaxInclusiveAmt").or_insert_with(|| amount.unwrap_or_default());
        }
    }
    for group in by_code(books, &draft.object) {
        let whole = tax_rows::net_of(group.gross.unwrap_or_default(), &group.rates, places);
        let mut left = whole;
        let mut lines: Vec<&mut Object> = sales_lines::sold_mut(&mut draft.object)
            .filter(|line| code_of(line) == Some(&group.code))
            .collect();
        let last = lines.len().saturating_sub(1);
        for (index, line) in lines.iter_mut().enumerate() {
            let gross =
                line["SalesItemLineDetail"].as_object().map(|detail| decimal(detail, "TaxInclusiveAmt"));
            let share = tax_rows::net_of(gross.unwrap_or_default(), &group.rates, places);
            let net = if index == last { left } else { share };
            left -= net;
            set_net(line, net);
        }
    }
    sales_lines::retotal(&mut draft.object, places);
}

fn code_of(line: &Object) -> Option<&str> {
    reference(line.get("SalesItemLineDetail")?.as_object()?, "TaxCodeRef")
}

/// The price goes along, so that amount, quantity and price still agree.
fn set_net(line: &mut Object, net: Decimal) {
    line.insert("Amount".into(), money(net));
    let Some(detail) = line.get_mut("SalesItemLineDetail").and_then(Value::as_object_mut) else { return };
    let quantity = decimal(detail, "Qty");
    if !quantity.is_zero() && detail.contains_key("UnitPrice") {
        detail.insert("UnitPrice".into(), plain((net / quantity).round_dp(7)));
    }
}

fn merged(rows: Vec<Row>) -> Vec<Row> {
    let mut merged = Vec::new();
    for row in rows {
        tax_rows::merge(&mut merged, row);
    }
    merged
}

fn overridden(mut tax: Tax, sent: &[Value]) -> Tax {
    for line in sent.iter().filter_map(Value::as_object) {
        let Some(detail) = line.get("TaxLineDetail").and_then(Value::as_object) else { continue };
        let (rate, amount) = (reference(detail, "TaxRateRef"), decimal(line, "Amount"));
        if let Some(row) = tax.rows.iter_mut().find(|row| Some(row.rate.as_str()) == rate) {
            row.amount = amount;
        }
    }
    tax
}
