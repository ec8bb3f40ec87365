//! Invoices: their words, their lines, their discounts.

use serde_json::Value;

use super::*;
use crate::entity::invoice::words as amended;
use crate::model::{Key, fill};

/// A line as it is sent.
fn line(amount: &str, item: &str, more: &str) -> String {
    format!(
        r#"{{"Amount":{amount},"DetailType":"SalesItemLineDetail","Description":"Pro: March",
            "SalesItemLineDetail":{{"ItemRef":{{"value":"{item}"}},"TaxCodeRef":{{"value":"NON"}}{more}}}}}"#
    )
}

#[test]
fn the_body_is_exactly_this() {
    let lines =
        vec![charge("3", "33.333333", "100.00", "0", Some("PRO")), charge("1", "20", "20.00", "5.00", None)];
    let invoice = invoice(lines, vec![tax("GST", "5.0", "5.75")]);
    let desired = billed(&invoice, &posting(), &targets()).unwrap();
    let expected = json(&format!(
        r#"{{"CustomerRef":{{"value":null}},"DocNumber":"1100","TxnDate":"2026-02-28","DueDate":"2026-03-30",
            "PrivateNote":"[latchd invoice/88123]","AllowOnlineCreditCardPayment":false,"AllowOnlineACHPayment":false,
            "Line":[{},{},
              {{"Amount":5.75,"DetailType":"SalesItemLineDetail","Description":"GST 5%: 5.75",
                "SalesItemLineDetail":{{"ItemRef":{{"value":"31"}},"TaxCodeRef":{{"value":"NON"}}}}}}]}}"#,
        line("100.00", "32", r#","Qty":3,"UnitPrice":33.333333"#),
        line("15.00", "30", ""),
    ));
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
fn discounts_lower_their_lines_or_are_a_line() {
    let by_line = Posting { discounts: Discounts::Line, ..posting() };
    let off = r#"{"Amount":25.00,"DetailType":"DiscountLineDetail",
        "DiscountLineDetail":{"PercentBased":false,"DiscountAccountRef":{"value":"86"}}}"#;
    let qty = r#","Qty":1,"UnitPrice":20"#;
    let discounted = || charge("1", "20", "20.00", "5.00", None);
    let free = || charge("1", "20", "20.00", "20.00", None);
    let zero = || charge("1", "0", "0.00", "0", None);
    let cases = [
        ("net", posting(), vec![discounted(), free(), zero()], vec![line("15.00", "30", "")]),
        (
            "line",
            by_line.clone(),
            vec![discounted(), free(), zero()],
            vec![line("20.00", "30", qty), line("20.00", "30", qty), off.to_owned()],
        ),
        ("no discount", by_line, vec![charge("1", "20", "20.00", "0", None)], vec![line("20.00", "30", qty)]),
    ];
    for (name, posting, charges, expected) in cases {
        let body = billed(&invoice(charges, Vec::new()), &posting, &targets()).unwrap().body;
        assert_eq!(body["Line"], json(&format!("[{}]", expected.join(","))), "{name}");
    }
}

#[test]
fn what_cannot_be_posted_exactly_is_a_problem() {
    let hold = Posting { unmapped_product: UnmappedProduct::Hold, ..posting() };
    let no_tax = Posting { tax: TaxMode::Item { item: None }, ..posting() };
    let gone = Posting { deferred_revenue_item: "Gone".to_owned(), ..posting() };
    let by_line = Posting { discounts: Discounts::Line, ..posting() };
    let no_account = Targets { discount_account: None, ..targets() };
    let plain = invoice(vec![charge("1", "10", "10.00", "1.00", None)], vec![tax("GST", "5", "0.50")]);
    let wrong = Invoice { amount: money("0.09"), ..plain.clone() };
    let long = Invoice { number: "9".repeat(22), ..plain.clone() };
    let euros = Invoice { currency: "EUR".parse().unwrap(), ..plain.clone() };
    let unread = Invoice { lines: None, ..plain.clone() };
    let cases = [
        ("unmapped", &plain, &hold, &targets(), Code::UnmappedProduct, "product (unknown)"),
        ("tax", &plain, &no_tax, &targets(), Code::UnmappedTax, "GST 5%: 0.50"),
        ("item", &plain, &gone, &targets(), Code::ReferenceMissing, "`Gone`"),
        ("discount", &plain, &by_line, &no_account, Code::ReferenceMissing, "`Discounts given`"),
        ("total", &wrong, &posting(), &targets(), Code::InvalidRecord, "total 0.09"),
        ("number", &long, &posting(), &targets(), Code::InvalidRecord, "21 characters"),
        ("currency", &euros, &posting(), &targets(), Code::CurrencyMismatch, "it is in EUR"),
        ("unread", &unread, &posting(), &targets(), Code::InvalidRecord, "not read"),
    ];
    for (name, invoice, posting, targets, code, words) in cases {
        let problem = billed(invoice, posting, targets).unwrap_err();
        assert_eq!(problem.code, code, "{name}");
        assert!(problem.reason.contains(words), "{name}: {}", problem.reason);
    }
}

#[test]
fn quantities_that_do_not_make_the_amount_are_left_out() {
    let cases = [
        ("3", "33.33", "100.00", false),
        ("3", "33.333333", "100.00", true),
        ("2.5", "4", "10.00", true),
        ("0", "5", "10.00", false),
        ("0", "5", "0.00", false),
        ("79228162514264337593543950335", "10", "10.00", false),
    ];
    for (quantity, price, amount, sent) in cases {
        let invoice = invoice(vec![charge(quantity, price, amount, "0", None)], Vec::new());
        let body = billed(&invoice, &posting(), &targets()).unwrap().body;
        let detail = &body["Line"][0]["SalesItemLineDetail"];
        assert_eq!(detail.get("Qty").is_some(), sent, "{quantity} × {price}");
        assert_eq!(detail.get("UnitPrice").is_some(), sent, "{quantity} × {price}");
    }
}

#[test]
fn each_setting_changes_its_own_property() {
    let yen = Invoice {
        currency: "JPY".parse().unwrap(),
        ..invoice(vec![charge("3", "333.5", "1001", "0", None)], vec![tax("消費税", "10", "100")])
    };
    let several = Targets { multicurrency: true, ..abroad() };
    let free = Posting { no_tax_code: Some("Exempt".to_owned()), ..posting() };
    let body = billed(&yen, &free, &several).unwrap().body;
    assert_eq!(body["CurrencyRef"], json(r#"{"value":"JPY"}"#));
    assert_eq!(body["Line"][0]["Amount"].to_string(), "1001");
    assert_eq!(body["Line"][0]["SalesItemLineDetail"]["Qty"], json("3"));
    assert_eq!(body["Line"][1]["Description"], "消費税 10%: 100");
    assert_eq!(body["Line"][1]["SalesItemLineDetail"]["TaxCodeRef"]["value"], "2");
    assert_eq!(body["GlobalTaxCalculation"], "TaxExcluded");

    let theirs = Posting { document_numbers: DocumentNumbers::Quickbooks, ..posting() };
    let long =
        Invoice { number: "9".repeat(22), ..invoice(vec![charge("1", "1", "1.00", "0", None)], Vec::new()) };
    let desired = billed(&long, &theirs, &targets()).unwrap();
    assert_eq!(desired.body.get("DocNumber"), None);
    assert_eq!(desired.body["PrivateNote"], "[latchd invoice/88123]");

    let mut undue = invoice(vec![charge("1", "1", "1.00", "0", None)], Vec::new());
    undue.lines.as_mut().unwrap().due_at = None;
    assert_eq!(billed(&undue, &posting(), &targets()).unwrap().body.get("DueDate"), None);
}

#[test]
fn what_was_amended_is_sent_and_what_is_gone_is_cleared() {
    let words = |order: Option<&str>, notes: Option<&str>| {
        let mut lines = invoice(Vec::new(), Vec::new()).lines.unwrap();
        (lines.po_number, lines.notes) = (order.map(ToOwned::to_owned), notes.map(ToOwned::to_owned));
        let body = in_setting(&posting(), &targets(), |setting| amended(88123, &lines, None, setting));
        (body, lines)
    };
    let expected = |note: &str, memo: &str| -> Value {
        json(&format!(
            r#"{{"PrivateNote":"[latchd invoice/88123]{note}","CustomerMemo":{{"value":"{memo}"}}}}"#
        ))
    };
    assert_eq!(words(Some("4711"), Some("Thank you")).0, expected(" PO 4711", "Thank you"));
    assert_eq!(words(None, Some(" Thank\tyou\r\nall ")).0, expected("", "Thank you\\nall"));
    assert_eq!(words(Some("  "), None).0, expected("", ""));
    let long = words(None, Some(&"é".repeat(1_200))).0;
    assert_eq!(long["CustomerMemo"]["value"].as_str().unwrap().chars().count(), 1_000);

    // What stayed is left alone: a bookkeeper may have worded it anew.
    let (_, posted) = words(Some("4711"), Some("Thank you"));
    let since = |order, notes| {
        let (_, lines) = words(order, notes);
        in_setting(&posting(), &targets(), |setting| amended(88123, &lines, Some(&posted.words()), setting))
    };
    assert_eq!(
        since(Some("4712"), Some("Thank you")),
        json(r#"{"PrivateNote":"[latchd invoice/88123] PO 4712"}"#)
    );
    assert_eq!(since(Some("4711"), None), json(r#"{"CustomerMemo":{"value":""}}"#));
    assert_eq!(since(Some("4711"), Some("Thank you")), json("{}"));
}

#[test]
fn a_hundred_lines_and_more_are_no_matter() {
    let charges = vec![charge("1", "1", "1.00", "0", None); 751];
    let taxed = invoice(charges.clone(), vec![tax("GST", "5", "37.55")]);
    assert_eq!(billed(&taxed, &posting(), &targets()).unwrap().body["Line"].as_array().unwrap().len(), 752);
    // QuickBooks refuses more than 750 taxed lines at home, and no number of them elsewhere.
    assert_eq!(billed(&taxed, &by_codes(), &targets()).unwrap_err().code, Code::InvalidRecord);
    assert!(billed(&taxed, &by_codes(), &abroad()).is_ok());
    assert!(billed(&invoice(charges, Vec::new()), &by_codes(), &targets()).is_ok());
}
