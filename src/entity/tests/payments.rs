//! Payments: their lines, and the account that the money goes to.

use super::*;
use crate::entity::payment::{released, translate};
use crate::model::{Allocation, Applied, Entity, Key, Payment, fill};

fn row(invoice: u64, cents: i64) -> Applied {
    Applied { to: Key::invoice(invoice), amount: Money::from_cents(cents) }
}

fn payment(method: &str) -> Payment {
    Payment {
        id: 7_613_586,
        activity: 118_419,
        customer: 10482,
        effective_at: "2026-01-25T19:11:00Z".parse().unwrap(),
        currency: Currency::USD,
        amount: Money::from_cents(1000),
        unallocated: Money::from_cents(200),
        allocations: vec![Allocation { invoice: 511_684, amount: Money::from_cents(800) }],
        refunds: Vec::new(),
        method: method.to_owned(),
        reference: Some("chq 17".to_owned()),
        parent: None,
        send: true,
        quickbooks_id: None,
    }
}

#[test]
fn the_body_is_exactly_this() {
    let by_card = payment("CreditCard");
    let rows = [row(511_684, 800)];
    let desired =
        in_setting(&posting(), &targets(), |setting| translate(&by_card, by_card.amount, &rows, setting));
    let desired = desired.unwrap();
    let ids = |key: Key| Some(if key.entity == Entity::Customer { "58" } else { "96" }.to_owned());
    let expected = r#"{
        "CustomerRef":{"value":"58"},"TotalAmt":10.00,"TxnDate":"2026-01-25",
        "PaymentRefNum":"7613586","DepositToAccountRef":{"value":"90"},
        "PrivateNote":"[latchd payment/7613586] chq 17",
        "Line":[{"Amount":8.00,"LinkedTxn":[{"TxnId":"96","TxnType":"Invoice"}]}]}"#;
    let filled = fill(desired.body, &desired.references, |key| ids(key).ok_or(key));
    assert_eq!(filled, Ok(json(expected)));
}

#[test]
fn money_goes_to_the_account_of_its_method_in_its_currency() {
    let named = |account: &str| Posting { deposit_account: account.to_owned(), ..posting() };
    let currency = |code: &str| [(ObjectId::new("90"), code.parse().unwrap())].into();
    let several =
        |code: &str| Targets { multicurrency: true, account_currencies: currency(code), ..targets() };
    let one = Targets { account_currencies: currency("EUR"), ..targets() };
    let cases = [
        ("CreditCard", "USD", posting(), targets(), Ok("90")),
        ("creditcard", "USD", posting(), targets(), Ok("90")),
        ("Cash", "USD", posting(), targets(), Ok("4")),
        ("", "USD", posting(), targets(), Ok("4")),
        ("Cash", "USD", named("Gone"), targets(), Err(Code::ReferenceMissing)),
        ("CreditCard", "EUR", posting(), several("EUR"), Ok("90")),
        ("CreditCard", "EUR", posting(), several("USD"), Ok("90")),
        ("CreditCard", "EUR", posting(), several("GBP"), Err(Code::CurrencyMismatch)),
        ("CreditCard", "USD", posting(), several("GBP"), Err(Code::CurrencyMismatch)),
        ("Cash", "EUR", posting(), several("GBP"), Ok("4")),
        ("CreditCard", "USD", posting(), one.clone(), Ok("90")),
        ("CreditCard", "EUR", posting(), one, Err(Code::CurrencyMismatch)),
    ];
    for (method, code, posting, targets, expected) in cases {
        let payment = Payment { currency: code.parse().unwrap(), ..payment(method) };
        let found =
            in_setting(&posting, &targets, |setting| translate(&payment, payment.amount, &[], setting));
        let account = found.map(|desired| desired.body["DepositToAccountRef"]["value"].clone());
        let account = account.map_err(|problem| problem.code);
        assert_eq!(account, expected.map(Value::from), "{method} {code}");
    }
}

#[test]
fn a_long_reference_is_cut_and_none_is_left_out() {
    let note = |reference: Option<&str>| {
        let payment = Payment { reference: reference.map(ToOwned::to_owned), ..payment("Cash") };
        let found =
            in_setting(&posting(), &targets(), |setting| translate(&payment, payment.amount, &[], setting));
        found.unwrap().body["PrivateNote"].as_str().unwrap().to_owned()
    };
    assert_eq!(note(None), "[latchd payment/7613586]");
    assert_eq!(note(Some(" \t")), "[latchd payment/7613586]");
    let long = note(Some(&"x".repeat(5_000)));
    assert!(long.ends_with("x...") && long.chars().count() < 1_100, "{long}");
}

#[test]
fn what_is_let_go_is_never_more_than_stood() {
    let cases = [
        ("moved", vec![row(1, 500)], vec![row(2, 500)], vec![]),
        ("lowered", vec![row(1, 500)], vec![row(1, 200)], vec![row(1, 200)]),
        ("raised", vec![row(1, 500)], vec![row(1, 700)], vec![row(1, 500)]),
        ("both", vec![row(1, 500), row(2, 300)], vec![row(2, 400), row(3, 100)], vec![row(2, 300)]),
    ];
    for (name, standing, wanted, expected) in cases {
        assert_eq!(released(&standing, &wanted), expected, "{name}");
    }
}
