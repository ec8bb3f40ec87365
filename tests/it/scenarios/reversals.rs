//! Charge reversals and write-offs: memos on their invoice.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::desk::{bill_for, credit, laid, memo, owed, reverse, write_off};
use super::shop::{
    amount, applied, assert_all_synced, bill, count_writes, create_all, customer, dec, noon, pass, pay, rows,
    the,
};
use crate::company::{Company, counts, warnings};

const ITEMS: &str = "[items]\nSEATS = \"Hours\"\nBASIC = \"Services\"\n";

fn company() -> Company {
    Company::bare(&format!("{ITEMS}{}", create_all(1)))
}

/// Two charges, one of them discounted, under two taxes: 100.00 less 4.90 and
/// 1.11, and 19.00; 112.99 with 5 and 7.25 percent makes 126.83.
fn taxed(company: &Company) -> i64 {
    let bolt = customer(company, "Bolt Bakery");
    bill_for(
        company,
        (bolt, noon("2026-03-01")),
        &[("SEATS", "3", "33.333333", "100.00", &["4.90", "1.11"]), ("BASIC", "1", "19.00", "19.00", &[])],
        &[("GST", "5", "5.65"), ("CA Sales Tax", "7.25", "8.19")],
    )
}

/// What lines bear, by item.
fn by_item(memos: &[Value]) -> Vec<(String, Decimal)> {
    let mut sums = std::collections::BTreeMap::new();
    for line in memos.iter().flat_map(|memo| memo["Line"].as_array().expect("a document has lines")) {
        if line["DetailType"] == "SalesItemLineDetail" {
            let item = line["SalesItemLineDetail"]["ItemRef"]["name"]
                .as_str()
                .expect("an item has a name")
                .to_owned();
            *sums.entry(item).or_insert(Decimal::ZERO) += amount(line, "Amount");
        }
    }
    sums.into_iter().collect()
}

/// However an invoice is reversed, all of it together is the invoice, by item
/// and in its tax.
#[tokio::test(start_paused = true)]
async fn parts_that_make_the_whole_take_back_the_whole() {
    type Acts<'a> = &'a [&'a [(usize, &'a str)]];
    let cases: [(&str, Acts<'_>); 4] = [
        ("at once", &[&[]]),
        ("charge by charge", &[&[(0, "100.00")], &[(1, "19.00")]]),
        ("in odd parts", &[&[(0, "33.33")], &[(0, "33.33"), (1, "0.01")], &[(0, "33.34")], &[]]),
        ("a cent and the rest", &[&[(0, "0.01")], &[(1, "18.99")], &[]]),
    ];
    for seen_between in [true, false] {
        for (what, acts) in cases {
            let company = company();
            let invoice = taxed(&company);
            let posted = company.sandbox.staxbill.invoice(invoice).unwrap();
            let mut keys = Vec::new();
            for parts in acts {
                keys.push(format!("charge-reversal/{}", reverse(&company, invoice, "2026-04-01", parts)));
                if seen_between {
                    assert_all_synced(&pass(&company).await);
                }
            }
            assert_all_synced(&pass(&company).await);
            let memos: Vec<Value> = keys.iter().map(|key| the(&company, key)).collect();
            let of_invoice = the(&company, &format!("invoice/{invoice}"));
            assert_eq!(by_item(&memos), by_item(&[of_invoice]), "{what}");
            let total: Decimal = memos.iter().map(|one| amount(one, "TotalAmt")).sum();
            assert_eq!(total, posted.amount(), "{what}");
            assert_eq!(owed(&company, invoice), Decimal::ZERO, "{what}");
            for (memo, note) in memos.iter().zip(company.sandbox.staxbill.credit_notes()) {
                assert_eq!(memo["DocNumber"], json!(note.number), "{what}");
                assert_eq!(amount(memo, "TotalAmt"), note.net, "{what}");
            }
            let writes = count_writes(&company);
            assert_all_synced(&pass(&company).await);
            assert_eq!(writes(), 0, "{what}");
        }
    }
}

/// Payments, credits and write-offs come first; what is beyond stays open, and
/// is taken once there is room.
#[tokio::test(start_paused = true)]
async fn a_reversal_of_what_is_paid_stays_open() {
    for seen_before in [true, false] {
        for (paid, reversed, takes) in
            [("100.00", "20.00", ""), ("90.00", "20.00", "10.00"), ("30.00", "70.00", "70.00")]
        {
            let company = company();
            let bolt = customer(&company, "Bolt Bakery");
            let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
            let payment = pay(&company, bolt, noon("2026-03-05"), paid, &[(invoice, paid)]);
            if seen_before {
                assert_all_synced(&pass(&company).await);
            }
            let key =
                format!("charge-reversal/{}", reverse(&company, invoice, "2026-04-01", &[(0, reversed)]));
            let status = pass(&company).await;
            assert_all_synced(&status);
            assert_eq!(counts(&status, 5), (1, 1, 1));
            let expected: Vec<(i64, &str)> =
                (!takes.is_empty()).then_some((invoice, takes)).into_iter().collect();
            assert_eq!(laid(&company, &key), rows(&expected), "{paid} {reversed}");
            assert_eq!(applied(&company, payment), rows(&[(invoice, paid)]), "{paid} {reversed}");
            let left = memo(&company, &key).1;
            assert_eq!(left, dec(reversed) - expected.iter().map(|row| dec(row.1)).sum::<Decimal>());
            company.sandbox.staxbill.deallocate(payment, invoice, dec(paid));
            assert_all_synced(&pass(&company).await);
            assert_eq!(laid(&company, &key), rows(&[(invoice, reversed)]), "{paid} {reversed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_off_is_a_memo_on_the_bad_debt_item() {
    for (part, left) in [("100.00", "0"), ("8.99", "91.01")] {
        let company = company();
        let bolt = customer(&company, "Bolt Bakery");
        let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
        assert_all_synced(&pass(&company).await);
        let id = write_off(&company, invoice, "2026-06-01", part);
        let key = format!("write-off/{id}");
        let status = pass(&company).await;
        assert_all_synced(&status);
        assert_eq!(counts(&status, 6), (1, 1, 1));
        let stands = the(&company, &key);
        let item = &stands["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"];
        assert_eq!(
            (&stands["DocNumber"], item, &stands["TxnDate"]),
            (&json!(format!("W-{id}")), &json!("Bad debt"), &json!("2026-06-01"))
        );
        assert_eq!(memo(&company, &key), (dec(part), dec("0")));
        assert_eq!(laid(&company, &key), rows(&[(invoice, part)]));
        assert_eq!(owed(&company, invoice), dec(left));
        let writes = count_writes(&company);
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn everything_at_once_settles_an_invoice() {
    let company = company();
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-05"), "30.00", &[(invoice, "30.00")]);
    let given = credit(&company, bolt, "2026-03-06", "10.00", &[(invoice, "10.00")]);
    let note = reverse(&company, invoice, "2026-03-07", &[(0, "20.00")]);
    let lost = write_off(&company, invoice, "2026-03-08", "40.00");
    assert_all_synced(&pass(&company).await);
    assert_eq!(owed(&company, invoice), Decimal::ZERO);
    assert_eq!(applied(&company, payment), rows(&[(invoice, "30.00")]));
    for (key, part) in [
        (format!("credit/{given}"), "10.00"),
        (format!("charge-reversal/{note}"), "20.00"),
        (format!("write-off/{lost}"), "40.00"),
    ] {
        assert_eq!(laid(&company, &key), rows(&[(invoice, part)]), "{key}");
    }
}

/// A memo whose item is not named waits for the name, and nothing else does.
#[tokio::test(start_paused = true)]
async fn without_its_item_a_memo_waits() {
    let company = company();
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let books = company.sandbox.quickbooks.bookkeeper();
    books.inactivate("Item", "22").unwrap();
    let id = write_off(&company, invoice, "2026-06-01", "30.00");
    let paid = pay(&company, bolt, noon("2026-06-02"), "70.00", &[(invoice, "70.00")]);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("write-off/{id} reference-missing")]);
    assert_eq!(applied(&company, paid), rows(&[(invoice, "70.00")]));
    books.reactivate("Item", "22").unwrap();
    pass(&company).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(owed(&company, invoice), Decimal::ZERO);
}
