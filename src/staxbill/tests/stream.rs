//! The AR stream: what is asked, what a row becomes, and the records that show
//! in it alone.

use rust_decimal::Decimal;

use super::*;
use crate::model::{ActivityKind, ArActivity, Currency};

#[tokio::test]
async fn the_stream_is_asked_by_id() {
    let asked = async |order, size| echoed().ar_activities(order, 2, size).await.unwrap_err().to_string();
    let cases = [
        (
            Order::NewestFirst,
            50,
            "aractivities?pageNumber=2&pageSize=50&sortOrder=Descending&sortExpression=id",
        ),
        (
            Order::OldestFirst,
            9_999,
            "aractivities?pageNumber=2&pageSize=1000&sortOrder=Ascending&sortExpression=id",
        ),
    ];
    for (order, size, expected) in cases {
        let found = asked(order, size).await;
        assert!(found.ends_with(expected), "{found}");
    }
    let found = echoed().ar_activities_by_id(&[5, 7]).await.unwrap_err().to_string();
    assert!(found.ends_with("sortExpression=id&query=id:5,7"), "{found}");
}

#[tokio::test]
async fn a_row_becomes_an_activity_or_says_what_it_is() {
    let row = |rest: &str| format!(r#"[{{"id":5,"effectiveTimestamp":"2026-01-02"{rest}}}]"#);
    let cases = [
        (
            row(r#","customerId":2,"transactionType":"WriteOff","arDebit":0,"arCredit":"12.5000""#),
            "5 of 2: WriteOff 12.5000",
        ),
        (
            row(r#","customerId":2,"transactionType":"ReverseCredit","arDebit":3,"arCredit":null"#),
            "5 of 2: Debit -3",
        ),
        (
            row(r#","customerId":2,"transactionType":"OpeningBalance","arDebit":3,"arCredit":0.0"#),
            "5 of 2: Other -3",
        ),
        (row(r#","customerId":2,"transactionType":"Gift","arCredit":1"#), r#"5 of 2: Unknown("Gift") 1"#),
        (row(r#","customerId":2"#), r#"5 of 2: Unknown("") 0"#),
        (row(r#","transactionType":"Credit","arCredit":1"#), "unnamed"),
        (
            row(
                r#","customerId":2,"transactionType":"Credit","arCredit":1,"invoiceAllocation":[],"invoiceAllocations":[]"#,
            ),
            "5 of 2: Credit 1",
        ),
        (
            r#"[{"id":5,"customerId":2,"transactionType":"write-off","effectiveTimestamp":"soon"}]"#
                .to_owned(),
            "odd WriteOff 5 of 2: Stax Bill's record cannot be read: `soon` is not a timestamp at line 1 column 81",
        ),
        (r#"[{"transactionType":"Credit"}]"#.to_owned(), ""),
    ];
    for (json, expected) in cases {
        let page = told(&json).ar_activities(Order::NewestFirst, 0, 10).await.unwrap();
        let shown = page.rows.iter().map(|row| match row {
            Ok(one) => format!("{} of {}: {:?} {}", one.id, one.customer, one.kind, one.amount),
            Err(odd) => format!("odd {:?} {}", odd.kind, invalid(&odd.row)),
        });
        let unnamed = if page.named { "" } else { "unnamed" };
        assert_eq!(format!("{}{unnamed}", shown.collect::<String>()), expected, "{json}");
    }
    // Where the customer was asked for, a row need not say it again.
    let page = told(&row("")).ar_activities_of(9, 0).await.unwrap();
    assert_eq!(page.rows[0].as_ref().map(|one| one.customer), Ok(9));
}

/// `allocations` as in `7:8.00 9:1.50`.
fn activity(amount: &str, associated: Option<u64>, allocations: &str) -> ArActivity {
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let rows = allocations.split_whitespace().map(|row| row.split_once(':').unwrap());
    ArActivity {
        id: 5,
        customer: 2,
        kind: ActivityKind::OpeningCredit,
        effective_at: "2026-01-02T00:00:00Z".parse().unwrap(),
        amount: decimal(amount),
        associated,
        allocations: rows.map(|(invoice, part)| (invoice.parse().unwrap(), decimal(part))).collect(),
        reference: Some("why".to_owned()),
    }
}

#[test]
fn an_opening_credit_lies_where_the_stream_says() {
    let cases = [
        ("25", "", Ok(("25.00", ""))),
        ("25.0000", "9:5 7:1 9:2", Ok(("17.00", "7:1.00 9:7.00"))),
        ("25", "9:25 7:0", Ok(("0.00", "9:25.00"))),
        ("25", "9:26", Err("more than the 25.00 of it lies on invoices")),
        ("-25", "", Err("it should take something off the balance, but its amount is -25.00")),
        ("0.001", "", Err("the amount 0.001 is finer than USD allows")),
    ];
    for (amount, allocations, expected) in cases {
        let read = credit_in(&activity(amount, None, allocations), Currency::USD);
        let shown = read.map(|credit| {
            assert!(credit.opening && credit.debits.is_empty());
            (credit.unallocated.to_string(), rows(&credit.allocations))
        });
        let expected = expected.map(|(rest, rows)| (rest.to_owned(), rows.to_owned()));
        assert_eq!(shown, expected.map_err(str::to_owned), "{amount} {allocations:?}");
    }
}

#[test]
fn a_write_off_is_of_one_invoice() {
    let cases = [
        ("12.5", "88:12.5000", Ok("88 12.50")),
        ("12.5", "", Err("the write-off names 0 invoices instead of one")),
        ("12.5", "88:6 89:6.5", Err("the write-off names 2 invoices instead of one")),
        ("12.5", "88:12", Err("12.50 is written off, but 12.00 on its invoice")),
        ("-12.5", "88:-12.5", Err("it should take something off the balance, but its amount is -12.50")),
    ];
    for (amount, allocations, expected) in cases {
        let read = write_off(&activity(amount, None, allocations), Currency::USD);
        let shown = read.map(|one| format!("{} {}", one.invoice, one.amount));
        assert_eq!(shown, expected.map(str::to_owned).map_err(str::to_owned), "{amount} {allocations:?}");
    }
}

#[test]
fn a_reversal_names_its_charge() {
    let cases = [
        ("3", Some(6), Ok("6 3.00")),
        ("3", None, Err("the reversal does not name its charge")),
        ("0", Some(6), Err("it should take something off the balance, but its amount is 0.00")),
    ];
    for (amount, charge, expected) in cases {
        let read = reversal(&activity(amount, charge, ""), Currency::USD);
        let shown = read.map(|one| format!("{} {}", one.charge, one.amount));
        assert_eq!(shown, expected.map(str::to_owned).map_err(str::to_owned), "{amount} {charge:?}");
    }
}
