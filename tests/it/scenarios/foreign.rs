//! Foreign documents in the way: never touched; what they took is not fought
//! over.

use latchd::sandbox::staxbill::{NewCustomer, NewPayment};
use serde_json::{Value, json};

use super::desk::{credit, laid, owed};
use super::shop::{
    amount, applied, assert_all_synced, bill, count_writes, create_all, customer, dec, id_of, marked, noon,
    pass, pay, rows, the,
};
use crate::company::{Company, counts, warnings};

/// An invoice of 100.00 in March that stands in both, and a bookkeeper's
/// payment of it.
async fn paid_by_hand(amount: u32, day: &str) -> (Company, i64, i64, Value) {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    assert_all_synced(&pass(&company).await);
    let id = id_of(&company, &format!("invoice/{invoice}"));
    let theirs = json!({
        "CustomerRef": { "value": id_of(&company, "customer/10482") }, "TotalAmt": amount, "TxnDate": day,
        "Line": [{ "Amount": amount, "LinkedTxn": [{ "TxnId": id, "TxnType": "Invoice" }] }],
    });
    let theirs =
        company.sandbox.quickbooks.bookkeeper().create("Payment", theirs).expect("it is theirs to enter");
    (company, bolt, invoice, theirs)
}

fn unchanged(company: &Company, theirs: &Value) {
    let payments = company.sandbox.quickbooks.objects("Payment");
    let now = payments.iter().find(|one| one["Id"] == theirs["Id"]).expect("it stands");
    assert_eq!((&now["SyncToken"], &now["Line"]), (&theirs["SyncToken"], &theirs["Line"]));
}

/// The same amount within three days may be the same money: a person decides.
#[tokio::test(start_paused = true)]
async fn what_may_be_the_same_waits_for_a_person() {
    for (day, same) in [
        ("2026-03-02", true),
        ("2026-03-05", true),
        ("2026-03-08", true),
        ("2026-03-01", false),
        ("2026-03-09", false),
    ] {
        let (company, bolt, invoice, theirs) = paid_by_hand(100, day).await;
        let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[(invoice, "100.00")]);
        let key = format!("payment/{payment}");
        let status = pass(&company).await;
        if same {
            assert_eq!(warnings(&status), [format!("{key} possible-duplicate")], "{day}");
            let pasted = format!("gets match = {{ \"{key}\" = {} }}", theirs["Id"]);
            assert!(status.warnings[0].reason.contains(&pasted), "{}", status.warnings[0].reason);
            assert!(marked(&company, &key).is_empty(), "{day}");
            // Once theirs is gone, it is posted.
            let id = theirs["Id"].as_str().unwrap();
            company.sandbox.quickbooks.bookkeeper().delete("Payment", id).unwrap();
            pass(&company).await;
            assert_all_synced(&pass(&company).await);
            assert_eq!(applied(&company, payment), rows(&[(invoice, "100.00")]), "{day}");
        } else {
            assert_eq!((warnings(&status), counts(&status, 2)), (Vec::new(), (1, 1, 1)), "{day}");
            assert_eq!(applied(&company, payment), rows(&[]), "{day}");
            assert!(status.notices.iter().any(|one| one.text.contains(&key)), "{day} {:?}", status.notices);
            unchanged(&company, &theirs);
        }
    }
}

/// Any other takes what it took; ours is applied as far as it fits.
#[tokio::test(start_paused = true)]
async fn the_rest_stays_unapplied_until_there_is_room() {
    let (company, bolt, invoice, theirs) = paid_by_hand(30, "2026-01-15").await;
    let payment = pay(&company, bolt, noon("2026-03-05"), "60.00", &[(invoice, "60.00")]);
    let given = credit(&company, bolt, "2026-03-06", "40.00", &[(invoice, "40.00")]);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), Vec::<String>::new());
    assert_eq!((counts(&status, 2), counts(&status, 4)), ((1, 1, 1), (1, 1, 1)));
    assert_eq!(applied(&company, payment), rows(&[(invoice, "60.00")]));
    assert_eq!(laid(&company, &format!("credit/{given}")), rows(&[(invoice, "10.00")]));
    assert_eq!(owed(&company, invoice), dec("0"));
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0);
    let key = format!("credit/{given}");
    assert!(status.notices.iter().any(|one| one.text.contains(&key)), "{:?}", status.notices);
    unchanged(&company, &theirs);
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(writes(), 0);
    assert!(status.notices.iter().any(|one| one.text.contains(&key)), "it is said again");
    let id = theirs["Id"].as_str().unwrap();
    company.sandbox.quickbooks.bookkeeper().delete("Payment", id).unwrap();
    pass(&company).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(laid(&company, &key), rows(&[(invoice, "40.00")]));
    assert_eq!(amount(&the(&company, &key), "Balance"), dec("0"));
}

/// What a parent paid is applied by a person, and then it is right.
#[tokio::test(start_paused = true)]
async fn a_person_applies_what_a_parent_paid() {
    let company = Company::bare(&create_all(2));
    let parent = customer(&company, "Maple Group");
    let child = company.sandbox.staxbill.add_customer(NewCustomer {
        company_name: Some("Maple Branch".to_owned()),
        parent: Some(parent),
        ..NewCustomer::default()
    });
    let invoice = bill(&company, child, noon("2026-03-01"), "100.00");
    let payment = company.sandbox.staxbill.collect_payment(NewPayment {
        customer: child,
        amount: dec("100.00"),
        effective: noon("2026-03-05"),
        method: "CreditCard".to_owned(),
        allocations: vec![(invoice, dec("100.00"))],
        parent: Some(parent),
        ..NewPayment::default()
    });
    let key = format!("payment/{payment}");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} invalid-record")]);
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    assert_eq!(applied(&company, payment), rows(&[]));
    let writes = count_writes(&company);
    assert_eq!(warnings(&pass(&company).await), [format!("{key} invalid-record")]);
    assert_eq!(writes(), 0);
    let books = company.sandbox.quickbooks.bookkeeper();
    let line = json!({ "Amount": 100, "LinkedTxn": [{ "TxnId": id_of(&company, &format!("invoice/{invoice}")), "TxnType": "Invoice" }] });
    let owner = the(&company, &key)["CustomerRef"].clone();
    let patch = json!({ "TotalAmt": 100, "CustomerRef": owner, "Line": [line] });
    books.edit("Payment", &id_of(&company, &key), patch).unwrap();
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}
