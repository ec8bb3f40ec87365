//! Records that the files send again: once a token, and never more than that.

use std::sync::Arc;
use std::time::Duration;

use latchd::report::Status;
use latchd::sandbox::trouble::{Kind, Rule};
use serde_json::json;

use super::desk::{credit, laid, refund, reverse, write_off};
use super::dismissals::{take_number, taken};
use super::shop::{
    applied, assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, id_of,
    is_void, marked, noon, one_of_each, pass, pay, rows, the, warned,
};
use crate::company::{Company, warnings};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// `links` and one line that sends `key` again.
fn again(links: &str, key: &str, token: &str) -> String {
    format!("{links}[resend]\n\"{key}\" = \"{token}\"\n")
}

fn with_dependants(links: &str, key: &str, token: &str) -> String {
    format!("{links}[resend]\n\"{key}\" = {{ token = \"{token}\", scope = \"with-dependants\" }}\n")
}

/// Token and outcome of the only resend.
#[track_caller]
fn outcome(status: &Status) -> (&str, &str) {
    let [row] = status.resends.as_slice() else { panic!("{:?}", status.resends) };
    (&row.last_handled, &row.outcome)
}

#[tokio::test(start_paused = true)]
async fn a_fault_mended_in_quickbooks_and_a_resend_clear_in_one_pass() {
    let (mut company, invoice, _, theirs) = taken();
    let links = company.files.clone();
    assert_eq!(warnings(&pass(&company).await), [format!("{invoice} duplicate-number")]);
    company.sandbox.quickbooks.bookkeeper().edit("Invoice", &theirs, json!({ "DocNumber": "7001" })).unwrap();
    company.files = again(&links, &invoice, "a");
    let (plan, _) = company.plan().await;
    assert!(plan.steps[0].reason.starts_with("the files send it again"), "{:?}", plan.steps[0].reason);
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(outcome(&status), ("a", "tried again; it is in balance now"));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_acted_on_once_through_passes_and_restarts() {
    let (mut company, invoice, _, _) = taken();
    let links = company.files.clone();
    pass(&company).await;
    let writes = count_writes(&company);
    let tried = "tried again; its warning is `duplicate-number`";
    let tokens = [("a", 1), ("a", 1), ("b", 2), ("", 2), ("b", 2), ("a", 2), ("c", 3), ("c", 3)];
    for (token, expected) in tokens {
        company.files = if token.is_empty() { links.clone() } else { again(&links, &invoice, token) };
        let status = pass(&company).await;
        assert_eq!(writes(), expected, "{token}");
        assert_eq!(status.warnings[0].attempts, 1 + u32::try_from(expected).unwrap());
        if token.is_empty() {
            assert!(status.resends.is_empty());
        } else {
            assert_eq!(outcome(&status).1, tried, "{token}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_was_deleted_is_posted_again_on_a_resend_alone() {
    for kind in ["invoice", "payment", "credit", "charge-reversal", "write-off"] {
        let mut company = Company::bare(&create_all(1));
        let links = company.files.clone();
        let bolt = customer(&company, "Bolt Bakery");
        let [a, b] = [1, 2].map(|day| bill(&company, bolt, noon(&format!("2026-03-0{day}")), "100.00"));
        let paid = pay(&company, bolt, noon("2026-03-05"), "30.00", &[(a, "30.00")]);
        refund(&company, paid, "2026-03-20", "10.00", &[(a, "10.00")]);
        let memo = credit(&company, bolt, "2026-03-05", "20.00", &[(b, "20.00")]);
        let note = reverse(&company, b, "2026-03-07", &[(0, "20.00")]);
        let off = write_off(&company, b, "2026-06-01", "5.00");
        let id = match kind {
            "invoice" => a,
            "payment" => paid,
            "credit" => memo,
            "charge-reversal" => note,
            _ => off,
        };
        assert_all_synced(&pass(&company).await);
        let key = format!("{kind}/{id}");
        let books = company.sandbox.quickbooks.bookkeeper();
        let object = match kind {
            "invoice" => "Invoice",
            "payment" => "Payment",
            _ => "CreditMemo",
        };
        for part in marked_parts(&company, &key) {
            books.delete("Payment", &part).unwrap();
        }
        books.delete(object, &id_of(&company, &key)).unwrap();
        let status = pass(&company).await;
        assert!(warned(&status, &key).contains(&"deleted-in-quickbooks"), "{kind}: {:?}", warnings(&status));
        company.files = with_dependants(&links, &key, "a");
        let writes = count_writes(&company);
        let status = pass(&company).await;
        assert_eq!(warnings(&status), Vec::<String>::new(), "{kind}: {:?}", status.resends);
        assert_all_synced(&status);
        assert!(outcome(&status).1.starts_with("posted again in place of"), "{:?}", status.resends);
        the(&company, &key);
        assert_eq!(applied(&company, paid), rows(&[(a, "20.00")]), "{kind}");
        assert_eq!(laid(&company, &format!("credit/{memo}")), rows(&[(b, "20.00")]), "{kind}");
        let count = writes();
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), count, "{kind}: quiet again");
        assert_no_mark_twice(&company);
    }
}

/// The ids of what applies a memo.
fn marked_parts(company: &Company, key: &str) -> Vec<String> {
    let parts = super::desk::applications(company, key).into_iter();
    parts.map(|one| one["Id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_voided_invoice_is_posted_again_under_its_number() {
    let mut company = Company::bare(&create_all(1));
    let links = company.files.clone();
    let bolt = customer(&company, "Bolt Bakery");
    let key = format!("invoice/{}", bill(&company, bolt, noon("2026-03-01"), "100.00"));
    pass(&company).await;
    company.sandbox.quickbooks.bookkeeper().void("Invoice", &id_of(&company, &key)).unwrap();
    assert_eq!(warnings(&pass(&company).await), [format!("{key} deleted-in-quickbooks")]);
    company.files = again(&links, &key, "a");
    assert_all_synced(&pass(&company).await);
    let found = marked(&company, &key);
    let living = found.iter().filter(|one| !is_void(one)).collect::<Vec<_>>();
    assert_eq!((found.len(), living.len(), &living[0]["DocNumber"]), (2, 1, &found[0]["DocNumber"]));
}

#[tokio::test(start_paused = true)]
async fn what_stands_is_verified_and_mended_though_drift_is_only_reported() {
    let (mut company, _, invoice, payment) = one_of_each();
    let links = company.files.clone();
    pass(&company).await;
    let [invoice_key, payment_key] = [format!("invoice/{invoice}"), format!("payment/{payment}")];
    let writes = count_writes(&company);
    for (token, key) in [("a", &invoice_key), ("a", &payment_key), ("a", &"customer/10482".to_owned())] {
        company.files = again(&links, key, token);
        let status = pass(&company).await;
        assert_eq!(outcome(&status), ("a", "verified: it stands in QuickBooks as it should"));
        assert_eq!(writes(), 0, "{key}");
    }
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Invoice", &id_of(&company, &invoice_key), json!({ "TxnDate": "2026-03-20" })).unwrap();
    let customer = the(&company, &payment_key)["CustomerRef"].clone();
    let let_go = json!({ "TotalAmt": 100, "CustomerRef": customer, "Line": [] });
    books.edit("Payment", &id_of(&company, &payment_key), let_go).unwrap();
    // One before the change feed told of it, the other as it stands reported.
    company.files = again(&links, &invoice_key, "b");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{payment_key} drifted")]);
    assert_eq!(
        outcome(&status),
        ("b", "verified: it differs in QuickBooks and is mended; it is in balance now")
    );
    assert_eq!((writes(), the(&company, &invoice_key)["TxnDate"].clone()), (1, json!("2026-03-01")));
    company.files = again(&links, &payment_key, "b");
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payment), rows(&[(invoice, "100.00")]));
    let done = writes();
    books.edit("Invoice", &id_of(&company, &invoice_key), json!({ "TxnDate": "2026-03-21" })).unwrap();
    company.files = again(&links, &invoice_key, "b");
    assert_eq!(warnings(&pass(&company).await), [format!("{invoice_key} drifted")]);
    assert_eq!(writes(), done, "the token was used");
}

#[tokio::test(start_paused = true)]
async fn what_is_skipped_unlinked_held_left_alone_or_unknown_is_refused_aloud() {
    let dismissed = "[dismiss]\n\"@invoice\" = { codes = [\"duplicate-number\"], until = 2026-12-31, why = \"x\", by = \"y\" }\n";
    let cases: [(&str, &str, &str, &str, &str); 6] = [
        ("{ create = true, start = \"beginning\" }", "{ skip = \"test\" }", "@invoice", "", "is skipped"),
        ("{ create = true, start = \"beginning\" }", "{ unlink = \"gone\" }", "@invoice", "", "is unlinked"),
        ("true, start", "true, policy = \"observe\", start", "@invoice", "", "only looks on"),
        ("", "", "@invoice", dismissed, "left alone by latchd.toml:"),
        ("", "", "invoice/1", "", "Stax Bill has no invoice/1"),
        ("", "", "@payment", "", "it waits for @invoice"),
    ];
    for (from, to, key, more, says) in cases {
        let (mut company, invoice, payment, theirs) = taken();
        pass(&company).await;
        let fill = |text: &str| text.replace("@invoice", &invoice).replace("@payment", &payment);
        let links = format!("{}{}", company.files.replace(from, to), fill(more));
        company.files = links.clone();
        pass(&company).await;
        let books = company.sandbox.quickbooks.bookkeeper();
        books.edit("Invoice", &theirs, json!({ "DocNumber": "7001" })).unwrap();
        let writes = count_writes(&company);
        company.files = again(&links, &fill(key), "a");
        for _ in 0..2 {
            let status = pass(&company).await;
            let (token, outcome) = outcome(&status);
            assert!(token == "a" && outcome.starts_with("not sent again: "), "{says}: {outcome}");
            assert!(outcome.contains(&fill(says)), "{says}: {outcome}");
            let mut told = status.notices.iter().filter(|notice| notice.code == "refused-resend");
            let told = told.next().unwrap_or_else(|| panic!("{says}: {:?}", status.notices));
            assert!(told.text.contains(&fill(says)) && told.at.is_some(), "{told:?}");
        }
        assert_eq!(writes(), 0, "{says}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_record_is_refused() {
    let (mut company, _, _, payment) = one_of_each();
    company.files = company.files.replace("\"beginning\"", "2026-03-03");
    let key = format!("payment/{payment}");
    assert_eq!(warnings(&pass(&company).await), [format!("{key} applied-before-start")]);
    let writes = count_writes(&company);
    company.files = again(&company.files.clone(), &key, "a");
    let status = pass(&company).await;
    assert!(outcome(&status).1.starts_with("not sent again: it is held: "), "{:?}", status.resends);
    assert_eq!(writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn with_dependants_a_customer_brings_its_documents_along() {
    let mut company = Company::bare(&create_all(1));
    let links = company.files.clone();
    let bolt = customer(&company, "Bolt Bakery");
    let invoices = [1, 2, 3].map(|day| bill(&company, bolt, noon(&format!("2026-03-0{day}")), "100.00"));
    let payments = invoices.map(|one| pay(&company, bolt, noon("2026-03-09"), "100.00", &[(one, "100.00")]));
    let theirs = take_number(&company, "1102");
    pass(&company).await;
    let books = company.sandbox.quickbooks.bookkeeper();
    let keys = invoices.map(|invoice| format!("invoice/{invoice}"));
    books.edit("Invoice", &id_of(&company, &keys[0]), json!({ "TxnDate": "2026-03-20" })).unwrap();
    books.delete("Payment", &id_of(&company, &format!("payment/{}", payments[1]))).unwrap();
    books.edit("Invoice", &theirs, json!({ "DocNumber": "7001" })).unwrap();
    assert_eq!(pass(&company).await.warnings.len(), 3);
    company.files = with_dependants(&links, "customer/10482", "a");
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(
        outcome(&status).1,
        "verified: it stands in QuickBooks as it should; of what hangs on it 1 tried again, 1 mended, 1 posted \
         again, 2 verified, 1 waiting"
    );
    for at in 0..3 {
        assert_eq!(applied(&company, payments[at]), rows(&[(invoices[at], "100.00")]));
    }
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn a_new_state_sends_nothing_again() {
    let (mut company, _, invoice, _) = one_of_each();
    let key = format!("invoice/{invoice}");
    let links = company.files.clone();
    pass(&company).await;
    company.files = again(&links, &key, "a");
    pass(&company).await;
    company.store = Arc::new(latchd::store::Overlay::empty());
    company.sandbox.quickbooks.bookkeeper().delete("Invoice", &id_of(&company, &key)).unwrap();
    let status = pass(&company).await;
    assert!(outcome(&status).1.contains("the state was new"), "{:?}", status.resends);
    assert!(status.notices.iter().any(|notice| notice.code == "refused-resend"), "{:?}", status.notices);
    // Another token is acted on, once the state knows what it knows.
    company.files = again(&links, &key, "b");
    let status = pass(&company).await;
    assert!(!outcome(&status).1.contains("the state was new"), "{:?}", status.resends);
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn a_resend_whose_answer_is_lost_is_settled_and_not_repeated() {
    let (mut company, invoice, _, theirs) = taken();
    let links = company.files.clone();
    pass(&company).await;
    company.sandbox.quickbooks.bookkeeper().edit("Invoice", &theirs, json!({ "DocNumber": "7001" })).unwrap();
    company.files = again(&links, &invoice, "a");
    company.sandbox.trouble.add(Rule::next("/v3/company/*/invoice", Kind::Cut).method("POST"));
    company.once().await;
    company.wait(DAY).await;
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert!(outcome(&status).1.ends_with("it is in balance now"), "{:?}", status.resends);
    the(&company, &invoice);
    assert_no_mark_twice(&company);
}
