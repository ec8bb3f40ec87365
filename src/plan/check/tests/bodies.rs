//! Bodies: what is sent does what was planned, to the cent.

use serde_json::{Value, json};

use super::super::{Operation, Write, written};
use super::{Action, assert_said, key, lay, pay, whole};
use crate::model::{Money, ObjectKind, Part};
use crate::plan::Step;

use Action::{Amend, Apply, Create, Release, Void};

const PAID: &str = "payment/90";
const NEW: &str = "payment/91";

#[test]
fn the_lines_of_a_form_make_its_total() {
    let invoice = || whole("invoice/3", Create, 1050);
    let yen = || Step { currency: "JPY".parse().unwrap(), ..whole("invoice/3", Create, 1000) };
    let form = |lines: Vec<Value>| new("invoice/3", json!({ "Line": lines }));
    let taxed = |tax: &str| {
        let tax = json!({ "TotalTax": number(tax) });
        new("invoice/3", json!({ "Line": sold(&["10.00"]), "TxnTaxDetail": tax }))
    };
    let discount = json!({ "Amount": number("2.00"), "DetailType": "DiscountLineDetail" });
    let less = [sold(&["10.50", "2"]), vec![discount]].concat();
    let bare = json!({ "DetailType": "SalesItemLineDetail" });
    let subtotal = json!({ "Amount": 1, "DetailType": "SubTotalLineDetail" });
    let fine = new("invoice/3", json!({ "Line": sold(&["10.50"]), "Qty": number("1e-30") }));
    let cases: Vec<(&str, Step, Value, &str)> = vec![
        ("lines", invoice(), form(sold(&["10.00", "0.50"])), ""),
        ("less a discount", invoice(), form(less), ""),
        ("with tax", invoice(), taxed("0.50"), ""),
        ("a cent off", invoice(), form(sold(&["10.49"])), "make 10.49, and 10.50"),
        ("tax off", invoice(), taxed("0.51"), "make 10.51"),
        ("no lines", invoice(), new("invoice/3", json!({})), "no lines"),
        ("a line without an amount", invoice(), form(vec![bare]), "Amount is no number"),
        ("a line of another kind", invoice(), form(vec![subtotal]), "no amount of its own"),
        ("from a float", invoice(), form(sold(&["10.500000000000000001"])), "no amount of USD"),
        ("from a smaller one", invoice(), fine, "no exact decimal"),
        ("half a yen", yen(), form(sold(&["9.5", "0.5"])), "no amount of JPY"),
        ("whole yen", yen(), form(sold(&["10"])), ""),
        ("a memo lowered", whole("credit/5", Amend, 0), stands(json!({ "Line": sold(&["0"]) })), ""),
        ("no object", invoice(), json!([]), "no JSON object"),
    ];
    assert_all(cases);
}

#[test]
fn a_new_object_bears_its_mark_and_one_that_stands_its_version() {
    let invoice = || whole("invoice/3", Create, 1050);
    let words = || Step { only_words: true, ..whole("invoice/1", Amend, 1050) };
    let lines = || json!({ "Line": sold(&["10.50"]) });
    let named = json!({ "Id": "7", "Line": sold(&["10.50"]) });
    let customer = json!({ "DisplayName": "Bolt", "Notes": "[latchd customer/3]" });
    let cases: Vec<(&str, Step, Value, &str)> = vec![
        ("no mark", invoice(), lines(), "does not bear its mark"),
        ("another's mark", invoice(), new("invoice/4", lines()), "does not bear its mark"),
        ("a new one with an id", invoice(), new("invoice/3", named), "names one that stands"),
        ("a customer", whole("customer/3", Create, 0), customer.clone(), ""),
        ("another customer", whole("customer/4", Create, 0), customer, "does not bear its mark"),
        ("no version", words(), json!({ "Id": "1", "PrivateNote": "x" }), "does not name its object"),
        ("words", words(), stands(json!({ "PrivateNote": "x" })), ""),
        ("words with lines", words(), stands(lines()), "sends Line"),
    ];
    assert_all(cases);
}

#[test]
fn a_payment_is_applied_as_planned_and_an_entry_posts_both_sides() {
    let paid = || pay(NEW, Create, &[], &[("invoice/1", 400), ("refund/7", 300)]);
    let laid = || lay("credit/5", Apply, "invoice/2", (0, 400));
    let entry = || whole("refund/8", Create, 500);
    let money =
        |total: &str, rows: &[(&str, &str)]| json!({ "TotalAmt": number(total), "Line": settles(rows) });
    let pays = |total: &str, rows: &[(&str, &str)]| new(NEW, money(total, rows));
    let lays = |of: &str, total: &str, rows: &[(&str, &str)]| new(of, money(total, rows));
    let posted = |rows: &[(&str, &str)]| new("refund/8", json!({ "Line": posts(rows) }));
    let rows = [("Invoice", "4.00"), ("JournalEntry", "3.00")];
    let memo = [("Invoice", "4.00"), ("JournalEntry", "3.00"), ("CreditMemo", "1.00")];
    let even = [("Invoice", "4.00"), ("CreditMemo", "4.00")];
    let askew = [("Invoice", "4.00"), ("CreditMemo", "4.01")];
    let released = stands(money("10.00", &[]));
    let of = "credit/5 invoice/2";
    let cases: Vec<(&str, Step, Value, &str)> = vec![
        ("paid", paid(), pays("10", &[rows[1], rows[0]]), ""),
        ("paid less", paid(), pays("9.99", &rows), "TotalAmt make 9.99"),
        ("applied otherwise", paid(), pays("10.00", &[("Invoice", "7.00")]), "is planned"),
        ("a memo in a payment", paid(), pays("10.00", &memo), "lays a memo"),
        ("applied to a bill", paid(), pays("10.00", &[("Bill", "4.00")]), "applied to Some(\"Bill\")"),
        ("released", pay(PAID, Release, &[("invoice/1", 500)], &[]), released, ""),
        ("voided", pay(PAID, Void, &[], &[]), stands(json!({})), ""),
        ("laid", laid(), lays(of, "0", &even), ""),
        ("laid askew", laid(), lays(of, "0", &askew), "make 4.00, and 4.01"),
        ("laid with money", laid(), lays(of, "4.00", &[("Invoice", "4.00")]), "TotalAmt make 4.00"),
        ("laid with the memo's mark", laid(), lays("credit/5", "0", &even), "does not bear its mark"),
        ("an entry", entry(), posted(&[("Debit", "5.00"), ("Credit", "5.00")]), ""),
        ("a lame one", entry(), posted(&[("Debit", "5.00"), ("Credit", "4.00")]), "credits make 4.00"),
        ("one of a third side", entry(), posted(&[("Debit", "5.00"), ("Both", "5.00")]), "posts Some"),
    ];
    assert_all(cases);
}
fn sold(amounts: &[&str]) -> Vec<Value> {
    let line = |text: &&str| json!({ "Amount": number(text), "DetailType": "SalesItemLineDetail" });
    amounts.iter().map(line).collect()
}

fn settles(rows: &[(&str, &str)]) -> Vec<Value> {
    let line = |(kind, text): &(&str, &str)| json!({ "Amount": number(text), "LinkedTxn": [{ "TxnId": "1", "TxnType": kind }] });
    rows.iter().map(line).collect()
}

fn posts(rows: &[(&str, &str)]) -> Vec<Value> {
    let line = |(side, text): &(&str, &str)| json!({ "Amount": number(text), "JournalEntryLineDetail": { "PostingType": side } });
    rows.iter().map(line).collect()
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn new(of: &str, more: Value) -> Value {
    let mut body = json!({ "PrivateNote": format!("[latchd {of}]") });
    merge(&mut body, more);
    body
}

fn stands(more: Value) -> Value {
    let mut body = json!({ "Id": "1", "SyncToken": "0", "sparse": true });
    merge(&mut body, more);
    body
}

fn merge(body: &mut Value, more: Value) {
    let (Value::Object(body), Value::Object(more)) = (body, more) else { unreachable!() };
    body.extend(more);
}

fn assert_all(cases: Vec<(&str, Step, Value, &str)>) {
    for (name, step, body, expected) in cases {
        let body = body.to_string();
        assert_said(&written(&[&step], &[write(&step, &body)]), expected, name);
    }
}

fn write<'a>(step: &Step, body: &'a str) -> Write<'a> {
    let operation = if step.action == Void {
        Operation::Void
    } else if step.quickbooks_id.is_none() {
        Operation::Create
    } else {
        Operation::Update
    };
    Write { key: step.key, part: step.part, operation, object: step.object, total: step.total, body }
}

#[test]
fn no_write_without_a_step_and_no_step_without_its_one_write() {
    let (step, other) = (whole("invoice/3", Create, 100), whole("invoice/4", Create, 100));
    let body = new("invoice/3", json!({ "Line": sold(&["1.00"]) })).to_string();
    let good = write(&step, &body);
    let cases: Vec<(&str, Vec<&Step>, Vec<Write<'_>>, &str)> = vec![
        ("one each", vec![&step], vec![good], ""),
        ("no write", vec![&step, &other], vec![good], "nothing is written for it"),
        ("two writes", vec![&step], vec![good, good], "written twice"),
        ("no step", vec![], vec![good], "written without a step"),
        (
            "another part",
            vec![&step],
            vec![Write { part: Part::Applied(key("invoice/1")), ..good }],
            "nothing is written",
        ),
        (
            "another operation",
            vec![&step],
            vec![Write { operation: Operation::Update, ..good }],
            "another operation",
        ),
        (
            "another object",
            vec![&step],
            vec![Write { object: ObjectKind::CreditMemo, ..good }],
            "as a CreditMemo",
        ),
        (
            "another total",
            vec![&step],
            vec![Write { total: Money::from_cents(99), ..good }],
            "and 0.99 written",
        ),
    ];
    for (name, steps, writes, expected) in cases {
        assert_said(&written(&steps, &writes), expected, name);
    }
}
