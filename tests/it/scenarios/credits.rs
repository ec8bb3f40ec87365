//! Credits and their debits: a memo, applied by payments of nothing.

use serde_json::json;

use super::desk::{Rows, applications, credit, debit, laid, memo, owed, paid};
use super::shop::{
    amount, assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, dec, is_void,
    noon, pass, pay, rows, the,
};
use crate::company::{Company, counts};
use latchd::sandbox::staxbill::NewCredit;

/// What is taken off, put on, stands then, and is left.
type Step<'a> = (Rows<'a>, Rows<'a>, Rows<'a>, &'a str);

/// A customer with two invoices of 100.00.
fn two(company: &Company) -> (i64, [i64; 2]) {
    let bolt = customer(company, "Bolt Bakery");
    (bolt, [1, 2].map(|day| bill(company, bolt, noon(&format!("2026-03-0{day}")), "100.00")))
}

fn company() -> Company {
    Company::bare(&create_all(1))
}

#[tokio::test(start_paused = true)]
async fn a_credit_is_a_memo_and_an_application_of_nothing_to_each_invoice() {
    let company = company();
    let (bolt, [a, b]) = two(&company);
    let id = credit(&company, bolt, "2026-03-02", "70.00", &[(a, "40.00"), (b, "20.00")]);
    let key = format!("credit/{id}");
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(counts(&status, 4), (1, 1, 1));
    let stands = the(&company, &key);
    assert_eq!(
        (
            &stands["DocNumber"],
            &stands["TxnDate"],
            &stands["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"]
        ),
        (&json!(format!("C-{id}")), &json!("2026-03-02"), &json!("Account credit"))
    );
    assert_eq!(memo(&company, &key), (dec("70"), dec("10")));
    assert_eq!(laid(&company, &key), rows(&[(a, "40.00"), (b, "20.00")]));
    assert_eq!((owed(&company, a), owed(&company, b)), (dec("60"), dec("80")));
    let days: Vec<_> = applications(&company, &key)
        .iter()
        .map(|one| (one["TxnDate"].clone(), one["PaymentRefNum"].clone()))
        .collect();
    let number = json!(format!("C-{id}"));
    let later = json!("2026-03-02");
    assert_eq!(days, [(later.clone(), number.clone()), (later, number)], "the later of the two days");
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn allocations_that_come_late_and_move_are_followed() {
    let company = company();
    let (bolt, [a, b]) = two(&company);
    let id = credit(&company, bolt, "2026-03-03", "70.00", &[]);
    let key = format!("credit/{id}");
    assert_all_synced(&pass(&company).await);
    let account = &company.sandbox.staxbill;
    let steps: [Step<'_>; 6] = [
        (&[], &[(a, "50.00")], &[(a, "50.00")], "20"),
        (&[(a, "50.00")], &[(b, "50.00")], &[(b, "50.00")], "20"),
        (&[], &[(a, "20.00")], &[(a, "20.00"), (b, "50.00")], "0"),
        (&[(b, "30.00")], &[(a, "30.00")], &[(a, "50.00"), (b, "20.00")], "0"),
        (&[(a, "50.00"), (b, "20.00")], &[], &[], "70"),
        (&[], &[(a, "70.00")], &[(a, "70.00")], "0"),
    ];
    for (off, on, stands, left) in steps {
        for (invoice, part) in off {
            account.deallocate_credit(id, *invoice, dec(part));
        }
        for (invoice, part) in on {
            account.allocate_credit(id, *invoice, dec(part));
        }
        assert_all_synced(&pass(&company).await);
        assert_eq!(laid(&company, &key), rows(stands));
        assert_eq!(memo(&company, &key), (dec("70"), dec(left)));
        assert_no_mark_twice(&company);
        let writes = count_writes(&company);
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 0, "{stands:?}");
    }
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0);
    let dead = applications(&company, &key).iter().filter(|one| is_void(one)).count();
    assert!(dead > 0, "what an allocation left behind was voided");
}

/// A credit and a payment change places on two invoices that are full.
#[tokio::test(start_paused = true)]
async fn what_a_credit_lets_go_is_taken_only_then() {
    let company = company();
    let (bolt, [a, b]) = two(&company);
    let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[(a, "100.00")]);
    let id = credit(&company, bolt, "2026-03-05", "100.00", &[(b, "100.00")]);
    assert_all_synced(&pass(&company).await);
    let account = &company.sandbox.staxbill;
    account.deallocate(payment, a, dec("100.00"));
    account.deallocate_credit(id, b, dec("100.00"));
    account.allocate(payment, b, dec("100.00"));
    account.allocate_credit(id, a, dec("100.00"));
    assert_all_synced(&pass(&company).await);
    assert_eq!(super::shop::applied(&company, payment), rows(&[(b, "100.00")]));
    assert_eq!(laid(&company, &format!("credit/{id}")), rows(&[(a, "100.00")]));
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0);
}

/// A debit lowers what is applied, then the memo, at the last to nothing.
#[tokio::test(start_paused = true)]
async fn a_debit_lowers_the_credit() {
    for seen_before in [true, false] {
        for (part, off, total, left, stands) in [
            ("10.00", "", "60", "0", "60.00"),
            ("25.00", "15.00", "45", "0", "45.00"),
            ("5.00", "5.00", "65", "10", "55.00"),
            ("70.00", "60.00", "0", "0", ""),
        ] {
            let company = company();
            let (bolt, [a, _]) = two(&company);
            let id = credit(&company, bolt, "2026-03-03", "70.00", &[(a, "60.00")]);
            let key = format!("credit/{id}");
            if seen_before {
                assert_all_synced(&pass(&company).await);
            }
            let off: Vec<(i64, &str)> = (!off.is_empty()).then_some((a, off)).into_iter().collect();
            let back = debit(&company, id, "2026-04-01", part, &off);
            let status = pass(&company).await;
            assert_all_synced(&status);
            assert_eq!(counts(&status, 4), (2, 2, 2), "the credit and its debit {back}");
            assert_eq!(memo(&company, &key), (dec(total), dec(left)), "{part} {seen_before}");
            let stands: Vec<(i64, &str)> = (!stands.is_empty()).then_some((a, stands)).into_iter().collect();
            assert_eq!(laid(&company, &key), rows(&stands), "{part} {seen_before}");
            // Letting go moves the memo's version: at most that is refused, once.
            assert!(company.sandbox.quickbooks.calls().refused <= 1, "{part} {seen_before}");
            let writes = count_writes(&company);
            assert_all_synced(&pass(&company).await);
            assert_eq!(writes(), 0, "{part} {seen_before}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_in_hand_when_the_account_began_is_a_credit() {
    let company = company();
    let (bolt, [a, _]) = two(&company);
    let id = company.sandbox.staxbill.give_credit(NewCredit {
        customer: bolt,
        amount: dec("30.00"),
        effective: noon("2025-12-31"),
        reference: None,
        allocations: Vec::new(),
        opening: true,
    });
    assert_all_synced(&pass(&company).await);
    let key = format!("credit/{id}");
    assert_eq!(memo(&company, &key), (dec("30"), dec("30")));
    company.sandbox.staxbill.allocate_credit(id, a, dec("25.00"));
    assert_all_synced(&pass(&company).await);
    assert_eq!(laid(&company, &key), rows(&[(a, "25.00")]));
}

/// What a person changed of an application is seen and restored.
#[tokio::test(start_paused = true)]
async fn an_application_that_a_person_took_away_is_seen() {
    let mut company = company();
    let (_, invoice, _) = paid(&company);
    let bolt = company.sandbox.staxbill.invoice(invoice).unwrap().customer;
    let open = bill(&company, bolt, noon("2026-03-02"), "80.00");
    let id = credit(&company, bolt, "2026-03-03", "30.00", &[(open, "30.00")]);
    let key = format!("credit/{id}");
    assert_all_synced(&pass(&company).await);
    let theirs = applications(&company, &key).remove(0);
    let books = company.sandbox.quickbooks.bookkeeper();
    books.delete("Payment", theirs["Id"].as_str().unwrap()).unwrap();
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(super::shop::warned(&status, &key).len(), 1, "{:?}", status.warnings);
    assert_eq!(writes(), 0);
    // What was deleted is not posted again by itself.
    company.posting = "on_drift = \"restore\"".to_owned();
    let status = pass(&company).await;
    assert_eq!(super::shop::warned(&status, &key), ["deleted-in-quickbooks"]);
    assert_eq!((writes(), amount(&the(&company, &key), "Balance")), (0, dec("30")));
}
