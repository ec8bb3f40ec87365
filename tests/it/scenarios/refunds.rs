//! Refunds: the payment is lowered, as Stax Bill does, and voided at the last.

use rust_decimal::Decimal;

use super::desk::{Rows, owed, paid, refund};
use super::shop::{
    amount, applied, assert_all_synced, bill, count_calls, count_writes, create_all, customer, dec, id_of,
    is_void, marked, noon, pass, pay, rows, the, warned,
};
use crate::company::{Company, counts, warnings};

fn company() -> Company {
    Company::bare(&create_all(1))
}

/// What a payment comes to, and what of it lies on nothing.
fn money(company: &Company, payment: i64) -> (Decimal, Decimal) {
    let payment = the(company, &format!("payment/{payment}"));
    (amount(&payment, "TotalAmt"), amount(&payment, "UnappliedAmt"))
}

/// A payment of 120.00: 60.00 on `a`, 40.00 on `b`, 20.00 on none.
fn spread(company: &Company) -> ([i64; 2], i64) {
    let bolt = customer(company, "Bolt Bakery");
    let invoices = [1, 2].map(|day| bill(company, bolt, noon(&format!("2026-03-0{day}")), "60.00"));
    let [a, b] = invoices;
    let payment = pay(company, bolt, noon("2026-03-05"), "120.00", &[(a, "60.00"), (b, "40.00")]);
    (invoices, payment)
}

/// Whether latchd sees a refund after the payment or with it, the end is the
/// same.
#[tokio::test(start_paused = true)]
async fn a_refund_lowers_its_payment_by_what_it_took() {
    type Case<'a> = (&'a str, &'a [(&'a str, Rows<'a>)], (&'a str, &'a str), Rows<'a>);
    let (a, b) = (88_100, 88_101);
    let cases: [Case<'_>; 6] = [
        ("of what lay on none", &[("15.00", &[])], ("105", "5"), &[(a, "60.00"), (b, "40.00")]),
        ("of one invoice", &[("10.00", &[(a, "10.00")])], ("110", "20"), &[(a, "50.00"), (b, "40.00")]),
        ("of both", &[("70.00", &[(a, "30.00"), (b, "40.00")])], ("50", "20"), &[(a, "30.00")]),
        ("of both and the rest", &[("80.00", &[(a, "60.00")])], ("40", "0"), &[(b, "40.00")]),
        (
            "in three parts",
            &[("5.00", &[]), ("1.01", &[(a, "1.01")]), ("39.99", &[(b, "39.99")])],
            ("74", "15"),
            &[(a, "58.99"), (b, "0.01")],
        ),
        (
            "in two parts that leave the rest",
            &[("20.00", &[]), ("99.99", &[(a, "60.00"), (b, "39.99")])],
            ("0.01", "0"),
            &[(b, "0.01")],
        ),
    ];
    for (what, refunds, (total, unapplied), stands) in cases {
        for seen_before in [true, false] {
            let company = company();
            let (_, payment) = spread(&company);
            if seen_before {
                assert_all_synced(&pass(&company).await);
            }
            let mut keys = Vec::new();
            for (amount, off) in refunds {
                keys.push(refund(&company, payment, "2026-04-01", amount, off));
            }
            let status = pass(&company).await;
            assert_all_synced(&status);
            let count = u64::try_from(refunds.len()).unwrap();
            assert_eq!(counts(&status, 3), (count, count, count), "{what} {keys:?}");
            assert_eq!(money(&company, payment), (dec(total), dec(unapplied)), "{what} {seen_before}");
            assert_eq!(applied(&company, payment), rows(stands), "{what} {seen_before}");
            assert_eq!(company.sandbox.quickbooks.objects("Payment").len(), 1, "{what}");
            let writes = count_writes(&company);
            assert_all_synced(&pass(&company).await);
            assert_eq!(writes(), 0, "{what} {seen_before}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_payment_given_back_in_full_is_voided_whenever_one_looks() {
    for seen_before in [true, false] {
        for bounced in [true, false] {
            let company = company();
            let (_, invoice, payment) = paid(&company);
            if seen_before {
                assert_all_synced(&pass(&company).await);
            }
            if bounced {
                company.sandbox.staxbill.bounce(payment, noon("2026-03-09"));
            } else {
                refund(&company, payment, "2026-03-09", "100.00", &[(invoice, "100.00")]);
            }
            let status = pass(&company).await;
            assert_all_synced(&status);
            assert_eq!((counts(&status, 2), counts(&status, 3)), ((1, 1, 1), (1, 1, 1)));
            let voided = the(&company, &format!("payment/{payment}"));
            assert!(is_void(&voided), "{voided}");
            assert_eq!(owed(&company, invoice), dec("100"), "{seen_before} {bounced}");
            let writes = count_writes(&company);
            assert_all_synced(&pass(&company).await);
            assert_eq!(writes(), 0, "{seen_before} {bounced}");
        }
    }
}

/// What a refund lets go is taken by another only after the answer.
#[tokio::test(start_paused = true)]
async fn another_payment_takes_what_a_refund_let_go() {
    let company = company();
    let (bolt, invoice, payment) = paid(&company);
    assert_all_synced(&pass(&company).await);
    refund(&company, payment, "2026-03-09", "40.00", &[(invoice, "40.00")]);
    let second = pay(&company, bolt, noon("2026-03-10"), "40.00", &[(invoice, "40.00")]);
    let writes = count_calls(&company, "POST", "/v3/company/*/payment");
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 2, "lowered, then created");
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0);
    assert_eq!(applied(&company, payment), rows(&[(invoice, "60.00")]));
    assert_eq!(applied(&company, second), rows(&[(invoice, "40.00")]));
}

/// The payment is right as far as it can be; the refund is what is not.
#[tokio::test(start_paused = true)]
async fn a_refund_of_a_deposited_payment_says_so_itself() {
    for (amount, off) in [("100.00", "100.00"), ("30.00", "30.00")] {
        let company = company();
        let (bolt, invoice, payment) = paid(&company);
        pass(&company).await;
        let id = id_of(&company, &format!("payment/{payment}"));
        let deposit = company.sandbox.quickbooks.bookkeeper().deposit(&id).unwrap();
        let refund = refund(&company, payment, "2026-03-09", amount, &[(invoice, off)]);
        let second = pay(&company, bolt, noon("2026-03-10"), off, &[(invoice, off)]);
        let status = pass(&company).await;
        let key = format!("refund/{refund}");
        assert_eq!(warnings(&status), [format!("{key} deposited")]);
        assert_eq!(status.warnings[0].blocks.records, 1, "the second payment waits for it");
        assert_eq!((counts(&status, 2), counts(&status, 3)), ((2, 1, 1), (1, 0, 0)));
        assert!(marked(&company, &format!("payment/{second}")).is_empty());
        assert!(status.tie_out.balanced, "a warning explains it: {:?}", status.tie_out);
        let writes = count_writes(&company);
        assert_eq!(warned(&pass(&company).await, &key), ["deposited"]);
        assert_eq!(writes(), 0, "parked");
        let deposit = deposit["Id"].as_str().unwrap();
        company.sandbox.quickbooks.bookkeeper().delete("Deposit", deposit).unwrap();
        company.wait(std::time::Duration::from_hours(25)).await;
        assert_all_synced(&pass(&company).await);
        assert_eq!(applied(&company, second), rows(&[(invoice, off)]));
    }
}

/// What was refunded of a payment that is not to be sent is nobody's business.
#[tokio::test(start_paused = true)]
async fn a_refund_of_what_is_not_sent_is_not_sent() {
    let company = company();
    let (_, invoice, payment) = paid(&company);
    company.sandbox.staxbill.hold_back(payment);
    refund(&company, payment, "2026-03-09", "40.00", &[(invoice, "40.00")]);
    let status = pass(&company).await;
    assert_eq!((counts(&status, 2), counts(&status, 3)), ((0, 0, 0), (0, 0, 0)));
    assert!(warnings(&status).is_empty());
}
