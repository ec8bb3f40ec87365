//! Rows: who is compared, and what is told besides.

use super::*;

use Code::Refused;
use State::Failed;

#[tokio::test]
async fn only_customers_that_stand_are_compared_and_currencies_apart() {
    let mut rows = vec![customer(2, 0), row("customer/4", 0, 0).is(Failed, Refused), customer(5, 0).out()];
    for (id, of) in [(1, 2), (2, 4), (3, 5)] {
        rows.push(row(&format!("invoice/{id}"), 100, 100).with(|record| record.customer = of));
    }
    let yen = "JPY".parse().unwrap();
    rows.push(row("invoice/4", 700, 700).with(|record| record.currency = yen));
    let register = register(&rows).await;
    let tie_out = tie_out(&register, &weighed(&register), &BTreeSet::new()).unwrap();
    assert_eq!(tie_out.customers, 1);
    let found = tie_out.unexplained.iter().map(|row| (row.customer.as_str(), row.currency, row.difference));
    assert_eq!(found.collect::<Vec<_>>(), [("2", yen, cents(700)), ("2", Currency::USD, cents(100))]);
}

#[tokio::test]
async fn what_is_not_ours_is_told_once_the_balance_was_read() {
    let invoice = row("invoice/1", 10_000, 10_000).stands(10_000, 10_000);
    let register = register(&[customer(2, 12_500), customer(3, 0), invoice]).await;
    let other = |written: &[u64]| {
        let written = written.iter().copied().collect();
        let rows = tie_out(&register, &weighed(&register), &written).unwrap().other;
        rows.into_iter().map(|row| (row.customer, row.balance, row.amount)).collect::<Vec<_>>()
    };
    assert_eq!(other(&[]), [("2".to_owned(), cents(12_500), cents(2_500))]);
    assert_eq!(other(&[2]), []);
}

#[tokio::test]
async fn stax_bills_own_balances_are_compared_with_all_records() {
    let rows = [
        customer(2, 0),
        customer(3, 0),
        customer(4, 0),
        row("invoice/1", 10_000, 7_000),
        row("payment/5", 4_000, 1_000).out(),
        row("credit/8", 500, 500),
        row("credit/9", 300, 0).of("credit/8"),
    ];
    let register = register(&rows).await;
    let mut commit = Commit::new();
    commit.ar_balance(2, cents(5_500));
    commit.ar_balance(3, cents(42));
    register.commit(commit).await.unwrap();
    let found = compare(&register).unwrap();
    let found = found.iter().map(|row| (row.customer.as_str(), row.ar_balance, row.records, row.difference));
    assert_eq!(found.collect::<Vec<_>>(), [("3", cents(42), Money::ZERO, cents(42))]);
}
