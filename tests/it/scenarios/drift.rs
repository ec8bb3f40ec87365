//! Drift: what people change of our objects in QuickBooks. Only what is ours
//! counts; each case is reported, cleared when it is put back, and restored
//! where the files say so.

use latchd::sandbox::staxbill::NewCredit;
use serde_json::{Value, json};

use super::desk::{credit, laid, refund, reverse, write_off};
use super::shop::{
    KINDS, applied, assert_all_synced, bill, count_writes, create_all, customer, dec, id_of, mark_of, noon,
    one_of_each, pass, pay, rows, the,
};
use crate::company::{Company, warnings};

const ENTRIES: &str = "refund_as = \"journal-entry\"\nrefund_account = \"Checking\"";

/// A customer with one object of each kind, and their marks by kind.
async fn company_of_each() -> (Company, impl Fn(&str) -> String) {
    let mut company = Company::bare(&create_all(1));
    ENTRIES.clone_into(&mut company.posting);
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-05"), "60.00", &[(invoice, "60.00")]);
    let credit = credit(&company, bolt, "2026-03-06", "20.00", &[(invoice, "15.00")]);
    let refund = refund(&company, payment, "2026-03-09", "10.00", &[(invoice, "10.00")]);
    assert_all_synced(&pass(&company).await);
    let mark = move |kind: &str| match kind {
        "customer" => format!("customer/{bolt}"),
        "invoice" => format!("invoice/{invoice}"),
        "payment" => format!("payment/{payment}"),
        "memo" => format!("credit/{credit}"),
        "application" => format!("credit/{credit} invoice/{invoice}"),
        _ => format!("refund/{refund}"),
    };
    (company, mark)
}

/// The kind and the present form of what bears a mark.
fn bearing(company: &Company, mark: &str) -> (&'static str, Value) {
    let found = KINDS.iter().find_map(|kind| {
        let objects = company.sandbox.quickbooks.objects(kind);
        let one = objects.into_iter().find(|one| mark_of(one).as_deref() == Some(mark))?;
        Some((*kind, one))
    });
    let (kind, mut found) = found.unwrap_or_else(|| panic!("nothing bears {mark}"));
    // What QuickBooks adds to a line is not sent back; its text is nobody's.
    for line in found["Line"].as_array_mut().into_iter().flatten() {
        for field in ["Id", "LineEx", "Description"] {
            line.as_object_mut().expect("a line is an object").remove(field);
        }
    }
    (kind, found)
}

/// What a person changes, from the object as it stands.
type Change = fn(&Value) -> Value;

/// One unit for another price.
fn priced(object: &Value, amount: u64) -> Value {
    lines(object, |line| {
        line[0]["Amount"] = json!(amount);
        line[0]["SalesItemLineDetail"]["UnitPrice"] = json!(amount);
        line[0]["SalesItemLineDetail"]["Qty"] = json!(1);
    })
}

fn lines(object: &Value, change: impl Fn(&mut Value)) -> Value {
    let mut object = object.clone();
    change(&mut object["Line"]);
    json!({ "Line": object["Line"], "TotalAmt": object["TotalAmt"], "CustomerRef": object["CustomerRef"] })
}

fn is_ours() -> Vec<(&'static str, &'static str, Change, &'static str)> {
    let date: Change = |_| json!({ "TxnDate": "2026-03-20" });
    let number: Change = |_| json!({ "DocNumber": "X-1" });
    let reference: Change = |_| json!({ "PaymentRefNum": "chq 7" });
    let unmarked: Change = |_| json!({ "PrivateNote": "seen by Ann" });
    vec![
        ("customer", "mark", |_| json!({ "Notes": "calls on Mondays" }), "mark"),
        ("invoice", "date", date, "date"),
        ("invoice", "number", number, "number"),
        ("invoice", "mark", unmarked, "mark"),
        ("invoice", "amount", |it| priced(it, 90), "90"),
        (
            "invoice",
            "item",
            |it| lines(it, |line| line[0]["SalesItemLineDetail"]["ItemRef"] = json!({ "value": "1" })),
            "lines",
        ),
        ("payment", "date", date, "date"),
        ("payment", "number", reference, "number"),
        ("payment", "mark", unmarked, "mark"),
        (
            "payment",
            "amount",
            |it| json!({ "TotalAmt": 70, "CustomerRef": it["CustomerRef"], "Line": it["Line"] }),
            "70",
        ),
        ("payment", "line", |it| lines(it, |line| line[0]["Amount"] = json!(30)), "lines"),
        ("memo", "date", date, "date"),
        ("memo", "number", number, "number"),
        ("memo", "mark", unmarked, "mark"),
        ("memo", "amount", |it| priced(it, 25), "25"),
        ("application", "date", date, "payment"),
        ("application", "number", reference, "payment"),
        ("application", "mark", unmarked, "payment"),
        ("entry", "date", date, "date"),
        ("entry", "number", number, "number"),
        ("entry", "mark", unmarked, "mark"),
    ]
}

#[tokio::test(start_paused = true)]
async fn what_is_ours_is_reported_and_clears_when_put_back() {
    for (kind, what, change, says) in is_ours() {
        let (company, mark) = company_of_each().await;
        let (entity, before) = bearing(&company, &mark(kind));
        let id = before["Id"].as_str().unwrap();
        let patch = change(&before);
        let books = company.sandbox.quickbooks.bookkeeper();
        books.edit(entity, id, patch.clone()).unwrap_or_else(|fault| panic!("{kind} {what}: {fault:?}"));
        let writes = count_writes(&company);
        let status = pass(&company).await;
        let key = mark(kind).split(' ').next().unwrap().to_owned();
        assert_eq!(warnings(&status), [format!("{key} drifted")], "{kind} {what}");
        assert!(status.warnings[0].reason.contains(says), "{kind} {what}: {}", status.warnings[0].reason);
        let mut back = patch;
        for (field, value) in back.as_object_mut().unwrap() {
            *value = before[field.as_str()].clone();
        }
        books.edit(entity, id, back).unwrap();
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 0, "{kind} {what}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_ours_is_restored_where_the_files_say_so() {
    for (kind, what, change, _) in is_ours() {
        let (mut company, mark) = company_of_each().await;
        let (entity, before) = bearing(&company, &mark(kind));
        let id = before["Id"].as_str().unwrap();
        let patch = change(&before);
        company.sandbox.quickbooks.bookkeeper().edit(entity, id, patch.clone()).unwrap();
        company.posting = format!("{ENTRIES}\non_drift = \"restore\"");
        let writes = count_writes(&company);
        assert_all_synced(&pass(&company).await);
        let (_, after) = bearing(&company, &mark(kind));
        assert_eq!(after["Id"], before["Id"], "{kind} {what}");
        for field in
            patch.as_object().unwrap().keys().filter(|field| !field.ends_with("Note") && *field != "Notes")
        {
            let plain = |value: &Value| value.to_string().replace(".00", "").replace(".0", "");
            assert_eq!(plain(&after[field]), plain(&before[field]), "{kind} {what}");
        }
        pass(&company).await;
        assert_eq!(writes(), 1, "{kind} {what}: once");
    }
}

/// What credit notes, write-offs and opening balances are made from is let go
/// once they stand, and is read again.
#[tokio::test(start_paused = true)]
async fn memos_whose_content_was_let_go_are_restored_by_the_next_pass() {
    let mut company = Company::bare(&create_all(1));
    "on_drift = \"restore\"".clone_into(&mut company.posting);
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let note = reverse(&company, invoice, "2026-03-05", &[(0, "30.00")]);
    let loss = write_off(&company, invoice, "2026-03-06", "20.00");
    let opening = company.sandbox.staxbill.give_credit(NewCredit {
        customer: bolt,
        amount: dec("7.00"),
        effective: noon("2026-03-07"),
        reference: None,
        allocations: Vec::new(),
        opening: true,
    });
    assert_all_synced(&pass(&company).await);
    let keys = [format!("charge-reversal/{note}"), format!("write-off/{loss}"), format!("credit/{opening}")];
    let days = || keys.clone().map(|key| the(&company, &key)["TxnDate"].clone());
    let before = days();
    for key in &keys {
        let edited = json!({ "TxnDate": "2026-03-20" });
        company.sandbox.quickbooks.bookkeeper().edit("CreditMemo", &id_of(&company, key), edited).unwrap();
    }
    pass(&company).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(days(), before);
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0, "once");
}

#[tokio::test(start_paused = true)]
async fn what_is_a_persons_is_no_drift() {
    let theirs: [(&str, Change); 7] = [
        (
            "customer",
            |_| json!({ "DisplayName": "Bolt & Daughters", "PrimaryEmailAddr": { "Address": "a@b.example" } }),
        ),
        (
            "invoice",
            |_| json!({ "CustomerMemo": { "value": "Thank you" }, "BillEmail": { "Address": "a@b.example" } }),
        ),
        ("invoice", |_| json!({ "DueDate": "2026-12-31" })),
        (
            "invoice",
            |it| json!({ "PrivateNote": format!("{} seen by Ann", it["PrivateNote"].as_str().unwrap()) }),
        ),
        ("payment", |it| json!({ "PrivateNote": format!("{} chq 17", it["PrivateNote"].as_str().unwrap()) })),
        ("memo", |_| json!({ "CustomerMemo": { "value": "Sorry" } })),
        (
            "entry",
            |it| json!({ "PrivateNote": format!("paid in cash {}", it["PrivateNote"].as_str().unwrap()) }),
        ),
    ];
    for (kind, change) in theirs {
        let (mut company, mark) = company_of_each().await;
        company.posting = format!("{ENTRIES}\non_drift = \"restore\"");
        let (entity, before) = bearing(&company, &mark(kind));
        let patch = change(&before);
        let books = company.sandbox.quickbooks.bookkeeper();
        books.edit(entity, before["Id"].as_str().unwrap(), patch.clone()).unwrap();
        let writes = count_writes(&company);
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 0, "{kind} {patch}");
    }
}

/// A void and a deletion are never undone by latchd, whatever the files say.
#[tokio::test(start_paused = true)]
async fn what_is_gone_is_reported_and_not_posted_again() {
    for restore in [false, true] {
        for (kind, void) in [
            ("invoice", false),
            ("invoice", true),
            ("payment", false),
            ("payment", true),
            ("memo", false),
            ("application", false),
            ("application", true),
            ("entry", false),
        ] {
            let (mut company, mark) = company_of_each().await;
            if restore {
                company.posting = format!("{ENTRIES}\non_drift = \"restore\"");
            }
            let (entity, before) = bearing(&company, &mark(kind));
            let id = before["Id"].as_str().unwrap();
            let books = company.sandbox.quickbooks.bookkeeper();
            let gone = if void { books.void(entity, id) } else { books.delete(entity, id) };
            gone.unwrap_or_else(|fault| panic!("{kind} {void}: {fault:?}"));
            let writes = count_writes(&company);
            for _ in 0..2 {
                let status = pass(&company).await;
                let key = mark(kind).split(' ').next().unwrap().to_owned();
                let expected = format!("{key} deleted-in-quickbooks");
                assert!(warnings(&status).contains(&expected), "{kind} {void}: {:?}", warnings(&status));
            }
            let made = company.sandbox.quickbooks.objects(entity);
            let again = made.iter().filter(|one| one["Id"].as_str() != Some(id)).filter_map(mark_of);
            assert_eq!(again.filter(|found| *found == mark(kind)).count(), 0, "{kind} {void}");
            assert!(writes() <= 1, "{kind} {void}: {}", writes());
        }
    }
}

/// The person and Stax Bill mean the same, in whichever order it is said.
#[tokio::test(start_paused = true)]
async fn an_edit_that_brings_about_what_is_wanted_is_taken_over() {
    for person_first in [true, false] {
        let (company, bolt, invoice, payment) = one_of_each();
        let second = bill(&company, bolt, noon("2026-03-02"), "100.00");
        pass(&company).await;
        let (key, on) = (format!("payment/{payment}"), id_of(&company, &format!("invoice/{second}")));
        let now = the(&company, &key);
        let patch = |amount: u64, to: &str| {
            let line = json!({ "Amount": amount, "LinkedTxn": [{ "TxnId": to, "TxnType": "Invoice" }] });
            json!({ "TotalAmt": 100, "CustomerRef": now["CustomerRef"], "Line": [line] })
        };
        let books = company.sandbox.quickbooks.bookkeeper();
        books.edit("Payment", &id_of(&company, &key), patch(70, &on)).unwrap();
        assert_eq!(warnings(&pass(&company).await), [format!("{key} drifted")]);
        let staxbill = || {
            company.sandbox.staxbill.deallocate(payment, invoice, dec("100.00"));
            company.sandbox.staxbill.allocate(payment, second, dec("100.00"));
        };
        if person_first {
            books.edit("Payment", &id_of(&company, &key), patch(100, &on)).unwrap();
            assert_eq!(warnings(&pass(&company).await), [format!("{key} drifted")]);
            staxbill();
        } else {
            staxbill();
            assert_eq!(warnings(&pass(&company).await), [format!("{key} drifted")]);
            books.edit("Payment", &id_of(&company, &key), patch(100, &on)).unwrap();
        }
        let writes = count_writes(&company);
        assert_all_synced(&pass(&company).await);
        assert_eq!((writes(), applied(&company, payment)), (0, rows(&[(second, "100.00")])));
        assert!(laid(&company, &key).is_empty());
    }
}
