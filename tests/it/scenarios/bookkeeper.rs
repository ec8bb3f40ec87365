//! What people do in QuickBooks: seen, reported, restored where the files say
//! so, never fought.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule};
use serde_json::json;

use super::shop::{
    amount, applied, assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, dec,
    id_of, marked, noon, one_of_each, pass, pay, rows, the, warned,
};
use crate::company::{Company, counts, warnings};

#[tokio::test(start_paused = true)]
async fn an_edited_invoice_is_reported_and_restored_where_the_files_say_so() {
    let (mut company, _, invoice, _) = one_of_each();
    pass(&company).await;
    let key = format!("invoice/{invoice}");
    let id = id_of(&company, &key);
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Invoice", &id, json!({ "TxnDate": "2026-03-20" })).unwrap();
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} drifted")]);
    assert_eq!((writes(), counts(&status, 2)), (0, (1, 1, 1)));
    company.posting = "on_drift = \"restore\"".to_owned();
    assert_all_synced(&pass(&company).await);
    assert_eq!((writes(), the(&company, &key)["TxnDate"].clone()), (1, json!("2026-03-01")));
    pass(&company).await;
    assert_eq!(writes(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_edited_payment_is_reported_and_restored_where_the_files_say_so() {
    let (mut company, _, invoice, payment) = one_of_each();
    pass(&company).await;
    let key = format!("payment/{payment}");
    let id = id_of(&company, &key);
    let books = company.sandbox.quickbooks.bookkeeper();
    let customer = the(&company, &key)["CustomerRef"].clone();
    books.edit("Payment", &id, json!({ "TotalAmt": 100, "CustomerRef": customer, "Line": [] })).unwrap();
    books.edit("Payment", &id, json!({ "TxnDate": "2026-03-20", "PaymentRefNum": "chq 7" })).unwrap();
    assert_eq!(applied(&company, payment), rows(&[]));
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} drifted")]);
    company.posting = "on_drift = \"restore\"".to_owned();
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payment), rows(&[(invoice, "100.00")]));
    let restored = the(&company, &key);
    assert_eq!(
        (&restored["TxnDate"], &restored["PaymentRefNum"]),
        (&json!("2026-03-05"), &json!(payment.to_string()))
    );
}

/// Found again by its mark after the state was lost, a payment that a person
/// lowered is no longer known to have been whole: it is neither written over
/// nor taken for right.
#[tokio::test(start_paused = true)]
async fn a_payment_found_again_for_less_is_said_and_holds_up_nobody_else() {
    for lines in [true, false] {
        let (mut company, bolt, invoice, payment) = one_of_each();
        pass(&company).await;
        let key = format!("payment/{payment}");
        let on = id_of(&company, &format!("invoice/{invoice}"));
        let id = id_of(&company, &key);
        let customer = the(&company, &key)["CustomerRef"].clone();
        let line = json!({ "Amount": 60, "LinkedTxn": [{ "TxnId": on, "TxnType": "Invoice" }] });
        let lines = if lines { json!([line]) } else { json!([]) };
        let books = company.sandbox.quickbooks.bookkeeper();
        books
            .edit("Payment", &id, json!({ "TotalAmt": 60, "CustomerRef": customer, "Line": lines }))
            .unwrap();
        company.store = std::sync::Arc::new(latchd::store::Overlay::empty());
        let later = pay(&company, bolt, noon("2026-04-02"), "10.00", &[]);
        for _ in 0..2 {
            let status = pass(&company).await;
            assert_eq!(warnings(&status), [format!("{key} amount-mismatch")]);
        }
        assert_eq!(amount(&the(&company, &key), "TotalAmt"), dec("60"));
        the(&company, &format!("payment/{later}"));
    }
}

#[tokio::test(start_paused = true)]
async fn payments_that_a_person_swapped_are_restored() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoices = [1, 2].map(|day| bill(&company, bolt, noon(&format!("2026-03-0{day}")), "100.00"));
    let payments =
        invoices.map(|invoice| pay(&company, bolt, noon("2026-03-09"), "100.00", &[(invoice, "100.00")]));
    pass(&company).await;
    let books = company.sandbox.quickbooks.bookkeeper();
    let owner = the(&company, &format!("payment/{}", payments[0]))["CustomerRef"].clone();
    for lines in [false, true] {
        for at in 0..2 {
            let other = id_of(&company, &format!("invoice/{}", invoices[1 - at]));
            let line = json!({ "Amount": 100, "LinkedTxn": [{ "TxnId": other, "TxnType": "Invoice" }] });
            let rows = if lines { vec![line] } else { Vec::new() };
            let patch = json!({ "TotalAmt": 100, "CustomerRef": owner, "Line": rows });
            books.edit("Payment", &id_of(&company, &format!("payment/{}", payments[at])), patch).unwrap();
        }
    }
    let mut company = company;
    assert_eq!(pass(&company).await.warnings.len(), 2);
    company.posting = "on_drift = \"restore\"".to_owned();
    let status = pass(&company).await;
    assert_all_synced(&status);
    for at in 0..2 {
        assert_eq!(applied(&company, payments[at]), rows(&[(invoices[at], "100.00")]));
    }
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0);
}

#[tokio::test(start_paused = true)]
async fn a_change_put_back_is_no_change() {
    let (company, _, invoice, _) = one_of_each();
    pass(&company).await;
    let id = id_of(&company, &format!("invoice/{invoice}"));
    let books = company.sandbox.quickbooks.bookkeeper();
    for (date, expected) in [("2026-03-20", 1), ("2026-03-01", 0)] {
        books.edit("Invoice", &id, json!({ "TxnDate": date })).unwrap();
        assert_eq!(pass(&company).await.warnings.len(), expected, "{date}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_means_nothing_is_no_drift() {
    let (company, bolt, invoice, payment) = one_of_each();
    let open = bill(&company, bolt, noon("2026-03-02"), "80.00");
    pass(&company).await;
    let books = company.sandbox.quickbooks.bookkeeper();
    let [customer, invoice, payment, open] = [
        id_of(&company, "customer/10482"),
        id_of(&company, &format!("invoice/{invoice}")),
        id_of(&company, &format!("payment/{payment}")),
        id_of(&company, &format!("invoice/{open}")),
    ];
    books.edit("Customer", &customer, json!({ "PrimaryPhone": { "FreeFormNumber": "555" } })).unwrap();
    books.edit("Invoice", &invoice, json!({ "PrintStatus": "NeedToPrint" })).unwrap();
    books.deposit(&payment).unwrap();
    // Somebody else's payment moves the invoice's balance and its version.
    let theirs = json!({
        "CustomerRef": { "value": customer }, "TotalAmt": 30,
        "Line": [{ "Amount": 30, "LinkedTxn": [{ "TxnId": open, "TxnType": "Invoice" }] }],
    });
    books.create("Payment", theirs).unwrap();
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!((writes(), counts(&status, 1), counts(&status, 2)), (0, (2, 2, 2), (1, 1, 1)));
    assert_eq!(warnings(&status), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_or_voided_is_not_posted_again() {
    type Act = fn(&Company, &str, &str);
    let delete: Act =
        |company, kind, id| drop(company.sandbox.quickbooks.bookkeeper().delete(kind, id).unwrap());
    let void: Act = |company, kind, id| drop(company.sandbox.quickbooks.bookkeeper().void(kind, id).unwrap());
    for (act, name) in [(delete, "deleted"), (void, "voided")] {
        for kind in ["Invoice", "Payment"] {
            for days in [0, 2] {
                let company = Company::bare(&create_all(1));
                let bolt = customer(&company, "Bolt Bakery");
                let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
                let payment = pay(&company, bolt, noon("2026-03-05"), "40.00", &[]);
                pass(&company).await;
                let key = if kind == "Invoice" {
                    format!("invoice/{invoice}")
                } else {
                    format!("payment/{payment}")
                };
                act(&company, kind, &id_of(&company, &key));
                company.wait(Duration::from_secs(days * 86_400)).await;
                let writes = count_writes(&company);
                let status = pass(&company).await;
                assert_eq!(
                    warnings(&status),
                    [format!("{key} deleted-in-quickbooks")],
                    "{name} {kind} {days}"
                );
                pass(&company).await;
                assert_eq!(writes(), 0, "{name} {kind} {days}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn deletions_are_seen_after_forty_days_away() {
    let (company, bolt, invoice, payment) = one_of_each();
    pass(&company).await;
    let books = company.sandbox.quickbooks.bookkeeper();
    books.delete("Payment", &id_of(&company, &format!("payment/{payment}"))).unwrap();
    company.wait(Duration::from_secs(40 * 86_400)).await;
    let second = bill(&company, bolt, noon("2026-12-20"), "10.00");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("payment/{payment} deleted-in-quickbooks")]);
    assert_eq!(amount(&the(&company, &format!("invoice/{invoice}")), "Balance"), dec("100"));
    the(&company, &format!("invoice/{second}"));
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_changes_are_read_by_pages_and_none_is_lost() {
    let (company, bolt, invoice, _) = one_of_each();
    pass(&company).await;
    company.wait(Duration::from_secs(120)).await;
    let books = company.sandbox.quickbooks.bookkeeper();
    let key = format!("invoice/{invoice}");
    books.edit("Invoice", &id_of(&company, &key), json!({ "TxnDate": "2026-03-20" })).unwrap();
    for at in 0..1_100 {
        books.create("Customer", json!({ "DisplayName": format!("Foreign {at}") })).unwrap();
    }
    let second = bill(&company, bolt, noon("2026-04-20"), "10.00");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} drifted")]);
    the(&company, &format!("invoice/{second}"));
    let (done, _) = company.once().await;
    assert!(done.calls.quickbooks_reads <= 8, "{:?}", done.calls);
    company.wait(Duration::from_secs(60)).await;
    let (done, _) = company.once().await;
    assert_eq!(done.calls.quickbooks_reads, 1, "quiet again");
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_copy_is_left_alone() {
    let (company, _, invoice, _) = one_of_each();
    pass(&company).await;
    let key = format!("invoice/{invoice}");
    let ours = the(&company, &key);
    let books = company.sandbox.quickbooks.bookkeeper();
    let mut copy = ours.clone();
    for field in ["Id", "SyncToken", "MetaData", "LinkedTxn", "Balance"] {
        copy.as_object_mut().unwrap().remove(field);
    }
    copy["DocNumber"] = json!("1100-copy");
    books.create("Invoice", copy).unwrap();
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!((writes(), counts(&status, 1)), (0, (1, 1, 1)));
    assert!(status.notices.iter().any(|notice| notice.text.contains(&key)), "{:?}", status.notices);
    assert_eq!(marked(&company, &key).len(), 2, "theirs stays");
}

#[tokio::test(start_paused = true)]
async fn a_deposited_payment_is_only_trouble_where_it_must_change() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[]);
    pass(&company).await;
    let key = format!("payment/{payment}");
    company.sandbox.quickbooks.bookkeeper().deposit(&id_of(&company, &key)).unwrap();
    assert_all_synced(&pass(&company).await);
    company.sandbox.staxbill.allocate(payment, invoice, dec("100.00"));
    assert_eq!(warnings(&pass(&company).await), [format!("{key} deposited")]);
    let writes = count_writes(&company);
    assert_eq!(warned(&pass(&company).await, &key), ["deposited"]);
    assert_eq!(writes(), 0, "parked");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_moves_on_under_our_hands_is_read_and_decided_again() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[]);
    pass(&company).await;
    let key = format!("payment/{payment}");
    let id = id_of(&company, &key);
    for (patch, code) in [
        (json!({ "PrivateNote": format!("[latchd {key}] seen by Ann") }), None),
        (json!({ "TxnDate": "2026-03-08" }), Some("drifted")),
    ] {
        if applied(&company, payment).is_empty() {
            company.sandbox.staxbill.allocate(payment, invoice, dec("100.00"));
        } else {
            company.sandbox.staxbill.deallocate(payment, invoice, dec("50.00"));
        }
        let slow = Rule::next("/v3/company/*/payment", Kind::Delay { ms: 10_000 }).method("POST");
        company.sandbox.trouble.add(slow);
        let edit = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            company.sandbox.quickbooks.bookkeeper().edit("Payment", &id, patch).unwrap();
        };
        let ((_, status), ()) = tokio::join!(company.once(), edit);
        let expected = code.into_iter().collect::<Vec<_>>();
        assert_eq!(warned(&status, &key), expected);
        assert_eq!(applied(&company, payment), rows(&[(invoice, "100.00")]));
        company.wait(Duration::from_secs(60)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_that_look_the_same_the_older_is_found_again() {
    let (mut company, _, invoice, payment) = one_of_each();
    pass(&company).await;
    let key = format!("payment/{payment}");
    let ours = the(&company, &key);
    let mut copy = ours.clone();
    for field in ["Id", "SyncToken", "MetaData", "Line", "UnappliedAmt"] {
        copy.as_object_mut().unwrap().remove(field);
    }
    company.sandbox.quickbooks.bookkeeper().create("Payment", copy).unwrap();
    company.store = std::sync::Arc::new(latchd::store::Overlay::empty());
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!((writes(), counts(&status, 2)), (0, (1, 1, 1)), "{:?}", warnings(&status));
    assert!(status.notices.iter().any(|notice| notice.text.contains(&key)), "{:?}", status.notices);
    let found = marked(&company, &key);
    let kept = found.iter().find(|one| one["Id"] == ours["Id"]).unwrap();
    assert_eq!(amount(kept, "UnappliedAmt"), dec("0"), "applied to invoice {invoice} as before");
}
