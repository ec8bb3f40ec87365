//! Plans: what must not go out before, or together with, something else.

use std::collections::BTreeMap;

use super::super::{Standing, check, check_plan};
use super::{Action, assert_said, key, lay, pay, rows, whole};
use crate::model::{Key, Money, ObjectId, ObjectKind, Part};
use crate::plan::Step;

use Action::{Adopt, Amend, Apply, Create, Release, Restore, Void};

const PAID: &str = "payment/90";
const NEW: &str = "payment/91";

/// Customer 2; invoices 1 and 2; payment 90 on invoice 1; credit 5 of 10.00
/// with 6.00 of it on invoice 1; the entry of refund 7.
fn standing(of: Key) -> Option<Standing> {
    let simple = |total| Standing { total: Money::from_cents(total), ..Standing::default() };
    let known = BTreeMap::from([
        ("customer/2", simple(0)),
        ("invoice/1", simple(5000)),
        ("invoice/2", simple(5000)),
        ("refund/7", simple(500)),
        ("payment/90", Standing { applied: rows(&[("invoice/1", 500)]), ..simple(1000) }),
        ("credit/7", simple(300)),
        (
            "credit/5",
            Standing {
                applied: rows(&[("invoice/1", 600)]),
                parts: [key("invoice/1")].into(),
                ..simple(1000)
            },
        ),
    ]);
    known.get(of.to_string().as_str()).cloned()
}

fn with(mut step: Step, change: fn(&mut Step)) -> Step {
    change(&mut step);
    step
}

fn new_invoice() -> Step {
    whole("invoice/3", Create, 700)
}

#[test]
fn sound_steps_pass_one_after_the_other_and_together() {
    let cases: Vec<(&str, Vec<Step>)> = vec![
        ("documents", vec![new_invoice(), whole("credit/6", Create, 100)]),
        ("a customer", vec![whole("customer/3", Create, 0)]),
        ("a customer adopted", vec![whole("customer/3", Adopt, 0)]),
        ("a payment of an invoice that stands", vec![pay(NEW, Create, &[], &[("invoice/1", 1000)])]),
        ("one of a refund's entry", vec![pay(NEW, Create, &[], &[("refund/7", 500)])]),
        ("a credit that debits brought to nothing", vec![whole("credit/6", Create, 0)]),
        ("a credit that they bring to nothing", vec![whole("credit/7", Amend, 0)]),
        ("restored", vec![pay(PAID, Restore, &[("invoice/1", 500)], &[("invoice/1", 500)])]),
        ("whole yen", vec![with(new_invoice(), |step| step.currency = "JPY".parse().unwrap())]),
        (
            "several applications of one memo",
            vec![lay("credit/5", Apply, "invoice/2", (0, 300)), lay("credit/5", Apply, "refund/7", (0, 100))],
        ),
        (
            "two payments of one invoice",
            vec![pay(NEW, Create, &[], &[("invoice/1", 9)]), pay(PAID, Apply, &[], &[("invoice/1", 9)])],
        ),
    ];
    for (name, steps) in cases {
        assert_said(&check_plan(&steps, standing), "", name);
        assert_said(&check(&steps, standing), "", name);
    }
}

#[test]
fn what_needs_the_answer_to_another_does_not_go_out_with_it() {
    let cases: Vec<(&str, Vec<Step>, &str)> = vec![
        (
            "an invoice and its payment",
            vec![new_invoice(), pay(NEW, Create, &[], &[("invoice/3", 500)])],
            "refers to invoice/3",
        ),
        (
            "a memo and its application",
            vec![whole("credit/6", Create, 900), lay("credit/6", Apply, "invoice/1", (0, 900))],
            "goes out together with the document",
        ),
        (
            "a payment lets go, then takes",
            vec![pay(PAID, Release, &[("invoice/1", 500)], &[]), pay(PAID, Apply, &[], &[("invoice/2", 7)])],
            "two steps for one mark",
        ),
        (
            "an invoice is let go, then taken by another",
            vec![pay(PAID, Release, &[("invoice/1", 500)], &[]), pay(NEW, Create, &[], &[("invoice/1", 5)])],
            "lets go of invoice/1, which another step takes",
        ),
        (
            "a memo moves on",
            vec![
                lay("credit/5", Void, "invoice/1", (600, 0)),
                lay("credit/5", Apply, "invoice/2", (0, 1000)),
            ],
            "lets go of credit/5",
        ),
        (
            "a memo is lowered once it is free",
            vec![lay("credit/5", Release, "invoice/1", (600, 500)), whole("credit/5", Amend, 500)],
            "goes out together",
        ),
        (
            "a payment takes more once an entry stands",
            vec![
                pay(NEW, Create, &[], &[("invoice/1", 5)]),
                whole("refund/8", Create, 500),
                pay(NEW, Apply, &[("invoice/1", 5)], &[("invoice/1", 5), ("refund/8", 500)]),
            ],
            "two steps for one mark",
        ),
        (
            "refunded in full before it was seen",
            vec![pay(NEW, Create, &[], &[]), pay(NEW, Void, &[], &[])],
            "two steps for one mark",
        ),
    ];
    for (name, steps, expected) in cases {
        assert_said(&check_plan(&steps, standing), "", name);
        assert_said(&check(&steps, standing), expected, name);
    }
}

#[test]
fn what_is_in_the_wrong_order_is_found() {
    let elsewhere = with(new_invoice(), |step| step.customer = "9".to_owned());
    let cases: Vec<(&str, Vec<Step>, &str)> = vec![
        (
            "a payment before its invoice",
            vec![pay(NEW, Create, &[], &[("invoice/3", 500)]), new_invoice()],
            "refers to invoice/3",
        ),
        (
            "a document before its customer",
            vec![elsewhere, whole("customer/9", Create, 0)],
            "refers to customer/9",
        ),
        (
            "an application before its memo",
            vec![lay("credit/6", Apply, "invoice/1", (0, 900)), whole("credit/6", Create, 900)],
            "refers to credit/6",
        ),
        ("of what is not there", vec![lay("credit/5", Apply, "invoice/8", (0, 1))], "refers to invoice/8"),
        (
            "taken before it is let go",
            vec![pay(NEW, Create, &[], &[("invoice/1", 5)]), pay(PAID, Release, &[("invoice/1", 500)], &[])],
            "lets go of invoice/1",
        ),
        (
            "a memo takes before it lets go",
            vec![
                lay("credit/5", Apply, "invoice/2", (0, 400)),
                lay("credit/5", Release, "invoice/1", (600, 200)),
            ],
            "lets go of credit/5",
        ),
        (
            "one write lets go and takes",
            vec![pay(PAID, Amend, &[("invoice/1", 500)], &[("invoice/2", 500)])],
            "lets go and takes in one write",
        ),
        (
            "a memo is lowered under what it is laid on",
            vec![whole("credit/5", Amend, 500)],
            "more of it is applied",
        ),
        (
            "a memo is laid on too much",
            vec![lay("credit/5", Apply, "invoice/2", (0, 500))],
            "more of it is applied",
        ),
        ("twice", vec![new_invoice(), new_invoice()], "two steps for one mark"),
        (
            "let go twice",
            vec![
                pay(PAID, Release, &[("invoice/1", 500)], &[]),
                pay(PAID, Release, &[("invoice/1", 5)], &[]),
            ],
            "two steps for one mark",
        ),
        ("there already", vec![whole("invoice/1", Create, 700)], "living object already"),
        ("not there", vec![whole("invoice/3", Amend, 700)], "has no living object"),
        ("applied already", vec![lay("credit/5", Apply, "invoice/1", (0, 300))], "living object already"),
        ("not applied", vec![lay("credit/5", Void, "invoice/2", (300, 0))], "has no living object"),
    ];
    for (name, steps, expected) in cases {
        assert_said(&check_plan(&steps, standing), expected, name);
        assert_said(&check(&steps, standing), expected, name);
    }
}

#[test]
fn a_step_of_the_wrong_kind_is_found() {
    let cases: Vec<(&str, Step, &str)> = vec![
        (
            "a new object with an id",
            with(new_invoice(), |step| step.quickbooks_id = Some(ObjectId::new("4"))),
            "has no id",
        ),
        (
            "a void without an id",
            with(pay(PAID, Void, &[], &[]), |step| step.quickbooks_id = None),
            "has no id",
        ),
        (
            "an amend without an id",
            with(whole("invoice/1", Amend, 10), |step| step.quickbooks_id = None),
            "has no id",
        ),
        (
            "a release without an id",
            with(pay(PAID, Release, &[("invoice/1", 5)], &[]), |step| step.quickbooks_id = None),
            "has no id",
        ),
        ("a memo voided", whole("credit/7", Void, 0), "nothing but a payment can be voided"),
        ("a document adopted", whole("invoice/3", Adopt, 10), "nothing but a customer"),
        ("an invoice of nothing", whole("invoice/3", Create, 0), "not above zero"),
        ("less than nothing", whole("credit/6", Create, -5), "not above zero"),
        ("nothing applied", pay(NEW, Create, &[], &[("invoice/1", 0)]), "not above zero"),
        (
            "half a yen",
            with(whole("invoice/3", Create, 750), |step| step.currency = "JPY".parse().unwrap()),
            "finer than its currency",
        ),
    ];
    for (name, step, expected) in cases {
        assert_said(&check_plan(std::slice::from_ref(&step), standing), expected, name);
        assert_said(&check(&[step], standing), expected, name);
    }
}

#[test]
fn a_step_whose_amounts_do_not_fit_is_found() {
    let application = || lay("credit/5", Apply, "invoice/2", (0, 300));
    let cases: Vec<(&str, Step, &str)> = vec![
        (
            "another amount than its total",
            with(new_invoice(), |step| step.amount = Money::from_cents(699)),
            "another amount than its total",
        ),
        (
            "an application named after another",
            with(application(), |step| step.part = Part::Applied(key("refund/7"))),
            "something else than it is named after",
        ),
        (
            "an application that moves another amount",
            with(application(), |step| step.amount = Money::from_cents(1)),
            "something else than it is named after",
        ),
        (
            "an application of money",
            with(application(), |step| step.total = Money::from_cents(300)),
            "something else than it is named after",
        ),
        (
            "an application of a payment",
            lay(PAID, Apply, "invoice/2", (0, 300)),
            "something else than it is named after",
        ),
        (
            "voided, and something is left",
            pay(PAID, Void, &[("invoice/1", 500)], &[("invoice/1", 500)]),
            "something is left of what is voided",
        ),
        ("too much applied", pay(NEW, Create, &[], &[("invoice/1", 1001)]), "more is applied than was paid"),
        (
            "one invoice twice",
            pay(NEW, Create, &[], &[("invoice/1", 5), ("invoice/1", 6)]),
            "applied to one thing twice",
        ),
        (
            "another kind of object",
            with(new_invoice(), |step| step.object = ObjectKind::CreditMemo),
            "no object of its kind",
        ),
    ];
    for (name, step, expected) in cases {
        assert_said(&check_plan(std::slice::from_ref(&step), standing), expected, name);
        assert_said(&check(&[step], standing), expected, name);
    }
}
