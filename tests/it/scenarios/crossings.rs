//! What lies on both sides of a start, in all directions: each side is posted
//! as far as it stands by itself.

use rust_decimal::Decimal;

use super::desk::{credit, debit, laid, memo, refund, reverse, write_off};
use super::shop::{
    amount, assert_all_synced, bill, count_writes, customer, dec, marked, noon, pass, pay, the,
};
use crate::company::{Company, warnings};

const EARLY: &str = "2026-02-01";
const LATE: &str = "2026-04-01";

fn from(start: &str) -> String {
    format!("[links]\n10482 = {{ create = true, start = {start} }}\n")
}

/// Does something on both sides; gives the keys that must be warned of, and
/// those that must stand and are open by so much.
type Play = fn(&Company, i64) -> (Vec<String>, Vec<(String, &'static str)>);

fn early_credit_on_late_invoice(company: &Company, bolt: i64) -> (Vec<String>, Vec<(String, &'static str)>) {
    let invoice = bill(company, bolt, noon(LATE), "100.00");
    credit(company, bolt, EARLY, "40.00", &[(invoice, "30.00")]);
    let key = format!("invoice/{invoice}");
    (vec![key.clone()], vec![(key, "100")])
}

fn late_credit_on_early_invoice(company: &Company, bolt: i64) -> (Vec<String>, Vec<(String, &'static str)>) {
    let invoice = bill(company, bolt, noon(EARLY), "100.00");
    let key = format!("credit/{}", credit(company, bolt, LATE, "40.00", &[(invoice, "30.00")]));
    (vec![key.clone()], vec![(key, "40")])
}

fn late_debit_of_early_credit(company: &Company, bolt: i64) -> (Vec<String>, Vec<(String, &'static str)>) {
    let early = credit(company, bolt, EARLY, "40.00", &[]);
    let back = debit(company, early, LATE, "15.00", &[]);
    (vec![format!("credit/{back}")], vec![])
}

fn late_refund_of_early_payment(company: &Company, bolt: i64) -> (Vec<String>, Vec<(String, &'static str)>) {
    let payment = pay(company, bolt, noon(EARLY), "40.00", &[]);
    let back = refund(company, payment, LATE, "15.00", &[]);
    (vec![format!("refund/{back}")], vec![])
}

fn late_reversal_of_early_invoice(
    company: &Company,
    bolt: i64,
) -> (Vec<String>, Vec<(String, &'static str)>) {
    let invoice = bill(company, bolt, noon(EARLY), "100.00");
    let key = format!("charge-reversal/{}", reverse(company, invoice, LATE, &[(0, "25.00")]));
    (vec![key.clone()], vec![(key, "25")])
}

fn late_write_off_of_early_invoice(
    company: &Company,
    bolt: i64,
) -> (Vec<String>, Vec<(String, &'static str)>) {
    let invoice = bill(company, bolt, noon(EARLY), "100.00");
    let key = format!("write-off/{}", write_off(company, invoice, LATE, "25.00"));
    (vec![key.clone()], vec![(key, "25")])
}

const PLAYS: [(&str, Play); 6] = [
    ("an early credit on a late invoice", early_credit_on_late_invoice),
    ("a late credit on an early invoice", late_credit_on_early_invoice),
    ("a late debit of an early credit", late_debit_of_early_credit),
    ("a late refund of an early payment", late_refund_of_early_payment),
    ("a late reversal of an early invoice", late_reversal_of_early_invoice),
    ("a late write-off of an early invoice", late_write_off_of_early_invoice),
];

#[tokio::test(start_paused = true)]
async fn each_side_stands_by_itself_and_says_what_crosses() {
    for (what, play) in PLAYS {
        let mut company = Company::bare(&from("2026-03-01"));
        let bolt = customer(&company, "Bolt Bakery");
        let (crossing, standing) = play(&company, bolt);
        let status = pass(&company).await;
        let expected: Vec<String> =
            crossing.iter().map(|key| format!("{key} applied-before-start")).collect();
        assert_eq!(warnings(&status), expected, "{what}");
        assert!(status.tie_out.balanced, "{what}: explained: {:?}", status.tie_out);
        for (key, open) in &standing {
            assert_eq!(amount(&the(&company, key), "Balance"), dec(open), "{what}");
        }
        let writes = count_writes(&company);
        assert_eq!(warnings(&pass(&company).await), expected, "{what}");
        assert_eq!(writes(), 0, "{what}");
        // With an earlier start both sides stand, and what crossed is whole.
        company.files = from("2026-01-01");
        assert_all_synced(&pass(&company).await);
        let (outstanding, unallocated) = company.sandbox.staxbill.ledger(bolt);
        let cards = company.sandbox.quickbooks.objects("Customer");
        let card = cards.iter().find(|one| one["Notes"].as_str().is_some_and(|note| note.contains("10482")));
        assert_eq!(amount(card.unwrap(), "Balance"), outstanding - unallocated, "{what}");
    }
}

/// A later start takes nothing back.
#[tokio::test(start_paused = true)]
async fn a_start_that_moves_on_leaves_what_stands() {
    let mut company = Company::bare(&from("2026-01-01"));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon(EARLY), "100.00");
    let given = credit(&company, bolt, LATE, "40.00", &[(invoice, "30.00")]);
    debit(&company, given, LATE, "5.00", &[]);
    let payment = pay(&company, bolt, noon(EARLY), "50.00", &[(invoice, "50.00")]);
    let back = refund(&company, payment, LATE, "20.00", &[(invoice, "20.00")]);
    assert_all_synced(&pass(&company).await);
    company.files = from("2026-03-01");
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
    assert_eq!(memo(&company, &format!("credit/{given}")), (dec("35"), dec("5")));
    assert_eq!(laid(&company, &format!("credit/{given}")).len(), 1);
    assert_eq!(amount(&the(&company, &format!("payment/{payment}")), "TotalAmt"), dec("30"));
    assert_eq!(marked(&company, &format!("refund/{back}")).len(), 0, "it is the payment's");
    assert_eq!(amount(&the(&company, &format!("invoice/{invoice}")), "Balance"), Decimal::from(40));
}

/// What stands before a start that moved on is nobody's to lower: what would
/// have to be said so, and nothing waits for it in silence.
#[tokio::test(start_paused = true)]
async fn what_a_later_start_leaves_behind_is_said_where_it_is_missed() {
    let mut company = Company::bare(&from("2026-01-01"));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon(LATE), "100.00");
    let first = pay(&company, bolt, noon(EARLY), "50.00", &[(invoice, "50.00")]);
    let other = pay(&company, bolt, noon(EARLY), "20.00", &[]);
    assert_all_synced(&pass(&company).await);
    company.files = from("2026-03-01");
    let back = refund(&company, other, LATE, "20.00", &[]);
    let account = &company.sandbox.staxbill;
    account.deallocate(first, invoice, dec("50.00"));
    let second = pay(&company, bolt, noon(LATE), "100.00", &[(invoice, "100.00")]);
    let status = pass(&company).await;
    let mut expected =
        vec![format!("payment/{second} applied-before-start"), format!("refund/{back} applied-before-start")];
    expected.sort();
    let mut told = warnings(&status);
    told.sort();
    assert_eq!(told, expected);
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    let taken = amount(&the(&company, &format!("payment/{second}")), "TotalAmt");
    assert_eq!(taken, dec("100"), "it came");
    assert_eq!(amount(&the(&company, &format!("invoice/{invoice}")), "Balance"), dec("50"));
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
    company.files = from("2026-01-01");
    assert_all_synced(&pass(&company).await);
    assert_eq!(amount(&the(&company, &format!("invoice/{invoice}")), "Balance"), Decimal::ZERO);
}
