//! Charge reversals and their credit notes, as a client sees them.

use super::*;

const NOW: &str = "2026-11-22T15:00:00Z";
/// The first invoice's charges: 100.00 less 2.50, and 10.00; tax 5.00.
const SEATS: i64 = 5_200_000;
const SETUP: i64 = 5_200_001;

fn reversal(charges: &[(i64, Option<&str>)]) -> NewReversal {
    NewReversal {
        invoice: 88_100,
        charges: charges.iter().map(|(charge, amount)| (*charge, amount.map(dec))).collect(),
        effective: at(NOW),
        reference: Some("returned".to_owned()),
    }
}

/// An account in which nothing was paid.
fn unpaid(options: Options) -> Arc<Account> {
    let account = account(false, clock());
    account.deallocate(7_613_000, 88_100, dec("40"));
    let mut other = Arc::try_unwrap(account).ok().unwrap();
    Arc::get_mut(&mut other.shared).unwrap().options = Options { throttled: false, ..options };
    Arc::new(other)
}

#[tokio::test(start_paused = true)]
async fn parts_make_the_whole_with_discount_and_tax() {
    let account = unpaid(Options::default());
    // Of 2.50 go 0.83, 0.84 and 0.83; the tax of the seats is 4.53, of which 1.51 each.
    for (part, net) in [("33.33", "34.01"), ("33.33", "34.00"), ("33.34", "34.02")] {
        let note = account.reverse(reversal(&[(SEATS, Some(part))]))[0];
        assert_eq!(account.credit_note(note).unwrap().net, dec(net), "{part}");
    }
    assert_eq!(account.invoice(88_100).unwrap().outstanding(), dec("10.47"));
    account.reverse(reversal(&[]));
    let invoice = get(&account, "/v1/Invoices/88100").await;
    assert_eq!(decimal(&invoice["sumOfCreditNotes"]), dec("112.5"));
    assert_eq!(invoice["paymentSchedules"][0]["status"], "Void");
    assert_eq!(invoice["charges"][0]["isReversable"], false);
    assert_eq!(account.audit(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn notes_are_numbered_by_invoice_and_bear_its_date() {
    for (credit_notes, expected) in [
        (CreditNotes::PerAct, vec!["1100-CR-01", "1100-CR-02"]),
        (CreditNotes::PerCharge, vec!["1100-CR-01", "1100-CR-02", "1100-CR-03"]),
    ] {
        let account = unpaid(Options { credit_notes, ..Options::default() });
        account.reverse(reversal(&[(SETUP, Some("4"))]));
        account.reverse(reversal(&[]));
        let list = get(&account, "/v1/CreditNotes?query=invoiceId:88100").await;
        let mut numbers: Vec<_> =
            list.as_array().unwrap().iter().map(|one| one["creditNotesNumber"].as_str().unwrap()).collect();
        numbers.reverse();
        assert_eq!(numbers, expected, "{credit_notes:?}");
        for (query, count) in [
            ("Invoice.CustomerId:10482", expected.len()),
            ("Number:1100-CR-01", 1),
            ("Number:*-CR-*;Invoice.InvoiceNumber:1100", expected.len()),
            ("Invoice.InvoiceNumber:1101", 0),
        ] {
            let found = get(&account, &format!("/v1/creditnotes?query={query}")).await;
            assert_eq!(found.as_array().unwrap().len(), count, "{query}");
        }
        let first = ids(&list).pop().unwrap();
        let note = get(&account, &format!("/v1/CreditNotes/{first}")).await;
        assert!(note["effectiveTimestamp"].as_str().unwrap().starts_with("2026-01-10"), "the invoice's date");
        let line = &note["lineItems"][0]["lineItems"][0];
        assert_eq!(line["lineItem"]["originalChargeId"], SETUP);
        let entry = line["lineItem"]["id"].as_i64().unwrap();
        let entry = &get(&account, &format!("/v1/aractivities?query=id:{entry}")).await[0];
        assert!(entry["effectiveTimestamp"].as_str().unwrap().starts_with("2026-11-22"), "{entry}");
        assert_eq!((&entry["associatedId"], &entry["productCode"]), (&json!(SETUP), &json!("SETUP")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_paid_charge_leaves_its_payment_or_sets_it_free() {
    for (frees, outstanding, unallocated) in [(false, "-40", "20"), (true, "0", "60")] {
        let account = unpaid(Options { reversal_frees_payments: frees, ..Options::default() });
        account.allocate(7_613_000, 88_100, dec("40"));
        account.reverse(reversal(&[]));
        let invoice = account.invoice(88_100).unwrap();
        assert_eq!(invoice.outstanding(), dec(outstanding), "{frees}");
        assert_eq!(account.payment(7_613_000).unwrap().unallocated(), dec(unallocated), "{frees}");
        assert_eq!(account.audit(), [""; 0]);
        let overview = get(&account, "/v1/customers/10482/overview").await;
        assert_eq!(decimal(&overview["arBalance"]), dec("165"), "{frees}");
    }
}

#[tokio::test(start_paused = true)]
async fn impossible_reversals_panic() {
    type Act = fn(&Account);
    let table: [(&str, Act); 4] = [
        ("more than was charged", |account| {
            account.reverse(reversal(&[(SETUP, Some("10.01"))]));
        }),
        ("what is reversed already", |account| {
            account.reverse(reversal(&[]));
            account.reverse(reversal(&[]));
        }),
        ("another invoice's charge", |account| {
            account.reverse(reversal(&[(5_200_003, None)]));
        }),
        ("a credit beyond itself", |account| {
            let new = NewCredit { customer: 10_482, amount: dec("5"), ..NewCredit::default() };
            let credit = account.give_credit(new);
            account.debit(NewDebit { credit, amount: dec("5.01"), ..NewDebit::default() });
        }),
    ];
    for (name, act) in table {
        let account = unpaid(Options::default());
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| act(&account)));
        assert!(outcome.is_err(), "{name}");
    }
}
