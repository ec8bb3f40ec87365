//! The cases.

use super::*;

use Code::{
    AmountMismatch, AppliedBeforeStart, Deposited, Drifted, InvalidRecord, PossibleDuplicate, Refused,
    UnknownOutcome,
};
use State::{Failed, Held, NotTried};

type Cases = Vec<(&'static str, Vec<Row>, &'static [&'static str])>;

async fn assert_all(cases: Cases) {
    for (name, rows, expected) in cases {
        assert_eq!(told(&rows).await, expected, "{name}");
    }
}

/// Invoice 1 of 100.00, paid by payment 5, and as both stand in QuickBooks.
fn paid() -> [Row; 2] {
    let invoice = row("invoice/1", 10_000, 0).stands(10_000, 0);
    let payment = row("payment/5", 10_000, 0).on(&[(1, 10_000)]).stands(10_000, 0);
    [invoice, payment.applied(&[("invoice/1", 10_000)])]
}

#[tokio::test]
async fn what_stands_as_it_should_differs_in_nothing() {
    let [invoice, payment] = paid();
    let in_part = row("payment/5", 10_000, 6_000).on(&[(1, 4_000)]).taken(&[], &[]);
    let refunded = row("payment/5", 10_000, 0).taken(&[("refund/7", 10_000)], &["refund/7"]).stands(0, 0);
    let voided = refunded.with(|record| record.object.as_mut().unwrap().dead = true);
    let gross = payment.clone().on(&[]).taken(&[("refund/7", 10_000)], &[]);
    let entry = row("refund/7", 10_000, 0).of("payment/5").stands(10_000, 0);
    let again = row("payment/6", 10_000, 0).on(&[(1, 10_000)]).stands(10_000, 0);
    assert_all(vec![
        ("paid", vec![invoice.clone(), payment.clone()], &[]),
        (
            "paid in part, the rest unapplied",
            vec![
                row("invoice/1", 10_000, 6_000).stands(10_000, 6_000),
                in_part.stands(10_000, 6_000).applied(&[("invoice/1", 4_000)]),
            ],
            &[],
        ),
        (
            "refunded in full",
            vec![
                row("invoice/1", 10_000, 10_000).stands(10_000, 10_000),
                voided,
                row("refund/7", 10_000, 0).of("payment/5"),
            ],
            &[],
        ),
        (
            "refunded by an entry, which nothing settles",
            vec![row("invoice/1", 10_000, 10_000).stands(10_000, 0), gross.clone(), entry.clone()],
            &[],
        ),
        (
            "and which a later payment settles",
            vec![invoice.clone(), gross, entry, again.applied(&[("refund/7", 10_000)])],
            &[],
        ),
    ])
    .await;
}

#[tokio::test]
async fn memos_that_stand_as_they_should_differ_in_nothing() {
    let [_, payment] = paid();
    let credit = row("credit/8", 3_000, 0).on(&[(1, 2_000)]).taken(&[("credit/9", 1_000)], &["credit/9"]);
    assert_all(vec![
        (
            "a credit with its debit",
            vec![
                row("invoice/1", 10_000, 8_000).stands(10_000, 8_000),
                credit.stands(2_000, 0).applied(&[("invoice/1", 2_000)]),
                row("credit/9", 1_000, 0).of("credit/8"),
            ],
            &[],
        ),
        (
            "a paid charge reversed: less than nothing is owed, and a memo is open",
            vec![
                row("invoice/1", 10_000, -2_500).stands(10_000, 0),
                payment,
                row("charge-reversal/4", 2_500, 0).of("invoice/1").stands(2_500, 2_500),
            ],
            &[],
        ),
        (
            "written off",
            vec![
                row("invoice/1", 10_000, 0).stands(10_000, 0),
                row("write-off/4", 10_000, 0)
                    .of("invoice/1")
                    .stands(10_000, 0)
                    .applied(&[("invoice/1", 10_000)]),
            ],
            &[],
        ),
        (
            "paid by its parent: open on both sides of one customer",
            vec![
                row("invoice/1", 10_000, 0).stands(10_000, 10_000),
                row("payment/5", 10_000, 0).on(&[(1, 10_000)]).stands(10_000, 10_000).is(Held, InvalidRecord),
            ],
            &[],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_explained_by_its_warning_or_its_root() {
    let [invoice, payment] = paid();
    let absent = |row: Row| row.with(|record| record.object = None).applied(&[]);
    let short = |total: i64, open: i64| row("invoice/1", 10_000, 10_000).stands(total, open);
    assert_all(vec![
        (
            "refused, and what waits for it",
            vec![
                absent(row("invoice/1", 10_000, 4_000)).is(Failed, Refused),
                absent(row("payment/5", 6_000, 0).on(&[(1, 6_000)])).blocked("invoice/1"),
            ],
            &["invoice/1 refused 40.00"],
        ),
        (
            "a payment is refused",
            vec![
                row("invoice/1", 10_000, 0).stands(10_000, 10_000),
                absent(payment.clone()).is(Failed, Refused),
            ],
            &["payment/5 refused -100.00"],
        ),
        (
            "not tried yet",
            vec![
                absent(row("invoice/1", 10_000, 10_000)).with(|record| record.state = NotTried),
                absent(row("invoice/2", 500, 500)).with(|record| record.state = NotTried),
            ],
            &["customer/2 not-tried 105.00"],
        ),
        (
            "another total",
            vec![short(9_990, 9_990).is(Failed, AmountMismatch)],
            &["invoice/1 amount-mismatch 0.10"],
        ),
        (
            "a changed one",
            vec![short(5_000, 5_000).is(State::Drifted, Drifted)],
            &["invoice/1 drifted 50.00"],
        ),
        ("a changed one that nobody warns of", vec![short(5_000, 5_000)], &["! 50.00"]),
        ("missing, and nobody warns of it", vec![absent(row("invoice/1", 100, 100))], &["! 1.00"]),
        (
            "a write of which the outcome is not known",
            vec![invoice, absent(payment).is(Held, UnknownOutcome)],
            &[],
        ),
        (
            "a reversal that waits",
            vec![
                row("invoice/1", 10_000, 7_500).stands(10_000, 10_000),
                row("charge-reversal/4", 2_500, 0).of("invoice/1").is(Failed, Refused),
            ],
            &["charge-reversal/4 refused -25.00"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_was_taken_back_and_is_not_there_yet_is_explained_by_itself() {
    let open = || row("invoice/1", 10_000, 3_000).stands(10_000, 0);
    let gross =
        || row("payment/5", 10_000, 0).on(&[(1, 7_000)]).stands(10_000, 0).applied(&[("invoice/1", 10_000)]);
    let two = || gross().taken(&[("refund/6", 1_000), ("refund/7", 2_000)], &["refund/6"]);
    let one_netted = || two().stands(9_000, 0).applied(&[("invoice/1", 9_000)]);
    let credit = || row("credit/8", 3_000, 2_000).taken(&[("credit/9", 1_000)], &[]).stands(3_000, 3_000);
    assert_all(vec![
        (
            "the payment is in a deposit",
            vec![
                open(),
                gross().taken(&[("refund/7", 3_000)], &[]),
                row("refund/7", 3_000, 0).of("payment/5").is(Failed, Deposited),
            ],
            &["refund/7 deposited 30.00"],
        ),
        (
            "one of two refunds",
            vec![
                row("invoice/1", 10_000, 3_000).stands(10_000, 1_000),
                one_netted(),
                row("refund/6", 1_000, 0).of("payment/5"),
                row("refund/7", 2_000, 0).of("payment/5").is(Failed, Deposited),
            ],
            &["refund/7 deposited 20.00"],
        ),
        (
            "a debit",
            vec![credit(), row("credit/9", 1_000, 0).of("credit/8").is(Failed, Refused)],
            &["credit/9 refused 10.00"],
        ),
        (
            "a debit that nobody warns of",
            vec![credit(), row("credit/9", 1_000, 0).of("credit/8")],
            &["! 10.00"],
        ),
        (
            "an entry that is refused",
            vec![
                open(),
                gross().taken(&[("refund/7", 3_000)], &[]),
                row("refund/7", 3_000, 0).of("payment/5").is(Failed, Refused),
            ],
            &["refund/7 refused 30.00"],
        ),
        (
            "a refund of a payment that is refused",
            vec![
                row("invoice/1", 10_000, 10_000).stands(10_000, 10_000),
                row("payment/5", 10_000, 7_000).taken(&[("refund/7", 3_000)], &[]).is(Failed, Refused),
                row("refund/7", 3_000, 0).of("payment/5").blocked("payment/5"),
            ],
            &["payment/5 refused -70.00"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_crossing_is_explained_once_whichever_side_it_lies_on() {
    let crossing = |row: Row| row.is(Held, AppliedBeforeStart);
    let old_invoice = || row("invoice/1", 10_000, 0).out();
    let two = || row("payment/5", 10_000, 0).on(&[(1, 4_000), (2, 6_000)]).stands(10_000, 4_000);
    assert_all(vec![
        (
            "a payment of an invoice before the start",
            vec![
                old_invoice(),
                crossing(row("payment/5", 10_000, 0).on(&[(1, 10_000)]).stands(10_000, 10_000)),
            ],
            &["payment/5 applied-before-start 100.00"],
        ),
        (
            "an invoice that an earlier payment settles",
            vec![
                crossing(row("invoice/1", 10_000, 2_000).stands(10_000, 10_000)),
                row("payment/5", 8_000, 0).on(&[(1, 8_000)]).out(),
            ],
            &["invoice/1 applied-before-start -80.00"],
        ),
        (
            "both ways at once",
            vec![
                old_invoice(),
                crossing(row("invoice/2", 10_000, 1_000).stands(10_000, 4_000)),
                crossing(two().applied(&[("invoice/2", 6_000)])),
                row("payment/6", 3_000, 0).on(&[(2, 3_000)]).out(),
            ],
            &["invoice/2 applied-before-start -30.00", "payment/5 applied-before-start 40.00"],
        ),
        ("neither counts", vec![old_invoice(), row("payment/6", 3_000, 0).on(&[(1, 3_000)]).out()], &[]),
        (
            "a refund of a payment before the start",
            vec![
                row("payment/5", 3_000, 0).taken(&[("refund/7", 3_000)], &[]).out(),
                crossing(row("refund/7", 3_000, 0).of("payment/5")),
            ],
            &[],
        ),
        (
            "a write-off of an invoice before the start, which stands by itself",
            vec![old_invoice(), crossing(row("write-off/4", 500, 0).of("invoice/1").stands(500, 500))],
            &["write-off/4 applied-before-start 5.00"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_else_does_not_count_crosses_too() {
    let old_invoice = || row("invoice/1", 10_000, 0).out();
    assert_all(vec![
        (
            "a start that moved after both were posted and applied",
            vec![
                old_invoice().stands(10_000, 0),
                row("payment/5", 10_000, 0)
                    .on(&[(1, 10_000)])
                    .stands(10_000, 0)
                    .applied(&[("invoice/1", 10_000)]),
            ],
            &[],
        ),
        (
            "a payment that Stax Bill does not send",
            vec![
                row("invoice/1", 10_000, 0).stands(10_000, 10_000),
                row("payment/5", 10_000, 0).on(&[(1, 10_000)]).out(),
            ],
            &["invoice/1 out-of-scope -100.00"],
        ),
        (
            "a payment of another customer's invoice",
            vec![
                row("invoice/1", 10_000, 0).stands(10_000, 10_000).with(|record| record.customer = 3),
                row("payment/5", 10_000, 0).on(&[(1, 10_000)]).is(Failed, InvalidRecord),
            ],
            &["invoice/1 out-of-scope -100.00"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_balance_that_something_else_moved_needs_a_warning() {
    let eaten = || row("invoice/1", 10_000, 0).stands(10_000, 0);
    let unpaid = || row("invoice/1", 10_000, 10_000).stands(10_000, 4_000);
    let crowded = row("payment/5", 10_000, 0).on(&[(1, 10_000)]).stands(10_000, 3_000);
    let unreadable = row("payment/9", 0, 0).is(Failed, InvalidRecord).with(|record| {
        record.currency = Currency::NONE;
        record.invalid = Some("no amount".to_owned());
    });
    let relined =
        row("payment/5", 10_000, 0).on(&[(1, 10_000)]).stands(10_000, 0).applied(&[("invoice/1", 10_000)]);
    assert_all(vec![
        ("a foreign payment", vec![unpaid()], &["! 60.00"]),
        (
            "one that may be the same money",
            vec![eaten(), row("payment/5", 10_000, 0).on(&[(1, 10_000)]).is(Failed, PossibleDuplicate)],
            &[],
        ),
        (
            "one that may be, of a payment that has more than it takes",
            vec![eaten(), row("payment/5", 15_000, 5_000).on(&[(1, 10_000)]).is(Failed, PossibleDuplicate)],
            &["payment/5 possible-duplicate -50.00"],
        ),
        (
            "one beside ours, which stands as far as it fits",
            vec![row("invoice/1", 10_000, 0).stands(10_000, 0), crowded.applied(&[("invoice/1", 7_000)])],
            &["! 30.00"],
        ),
        (
            "a payment that someone laid on something else",
            vec![
                row("invoice/1", 10_000, 0).stands(10_000, 10_000),
                relined.clone().is(State::Drifted, Drifted),
            ],
            &["payment/5 drifted -100.00"],
        ),
        (
            "and nobody warns of it",
            vec![row("invoice/1", 10_000, 0).stands(10_000, 10_000), relined],
            &["! -100.00"],
        ),
        (
            "a row that cannot be read may be all of it",
            vec![row("invoice/1", 10_000, 9_000).stands(10_000, 10_000), unreadable],
            &["payment/9 invalid-record -10.00"],
        ),
        (
            "a kind that is not read",
            vec![row("invoice/1", 10_000, 9_000).stands(10_000, 10_000)],
            &["! -10.00"],
        ),
    ])
    .await;
}
