//! Documents that the files say stand in QuickBooks already.

use latchd::sandbox::trouble::{Kind, Rule};
use serde_json::json;

use super::by_hand::{self, AMY, adopt_amy, lines, matching, object, open};
use super::desk::{credit, debit, laid, refund};
use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, count_calls, count_writes, customer, dec, marked, noon,
    pass, pay, the, warned,
};
use crate::company::{Company, counts, warnings};

/// Amy with an invoice of 100.00 in February, before her start, which the
/// bookkeeper entered too.
fn amy() -> (Company, i64, i64, String) {
    let company = Company::bare("");
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let invoice = bill(&company, amy, noon("2026-02-10"), "100.00");
    let theirs = by_hand::invoice(&company, AMY, "B-7", ("2026-02-10", "100.00"));
    (company, amy, invoice, theirs)
}

fn key(entity: &str, id: i64) -> String {
    format!("{entity}/{id}")
}

#[tokio::test(start_paused = true)]
async fn a_matched_invoice_stays_as_it_is_and_is_paid() {
    let (mut company, amy, invoice, theirs) = amy();
    company.files = adopt_amy("2026-03-01", &matching(&[(key("invoice", invoice), &theirs)]));
    let before = object(&company, "Invoice", &theirs);
    assert_all_synced(&pass(&company).await);
    assert_eq!(object(&company, "Invoice", &theirs), before, "not even a mark");
    assert_eq!(company.plan().await.0.steps, []);
    let payment = pay(&company, amy, noon("2026-03-05"), "60.00", &[(invoice, "60.00")]);
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!((counts(&status, 1), counts(&status, 2)), ((1, 1, 1), (1, 1, 1)));
    assert_eq!(open(&company, "Invoice", &theirs), dec("40"));
    let settled = super::shop::id_of(&company, &key("payment", payment));
    assert_eq!(lines(&company, &settled), [(theirs.clone(), dec("60"))]);
    // What a bookkeeper words anew is the bookkeeper's, and so is a note of the
    // biller's.
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Invoice", &theirs, json!({ "TxnDate": "2026-02-12", "DocNumber": "B-8" })).unwrap();
    company.sandbox.staxbill.amend_invoice(invoice, Some("PO 7"), Some("urgent"));
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
    let (done, _) = company.once().await;
    assert_eq!((done.calls.quickbooks_reads, done.notices), (1, Vec::new()));
    assert_eq!(company.plan().await.0.steps, []);
}

/// What was settled there before it was matched is no room for ours.
#[tokio::test(start_paused = true)]
async fn what_stands_on_a_matched_invoice_already_is_met() {
    let (mut company, amy, invoice, theirs) = amy();
    pay(&company, amy, noon("2026-02-12"), "30.00", &[(invoice, "30.00")]);
    by_hand::payment(&company, AMY, ("2026-02-12", "30.00"), &[(&theirs, "30.00")]);
    company.files = adopt_amy("2026-03-01", &matching(&[(key("invoice", invoice), &theirs)]));
    let payment = pay(&company, amy, noon("2026-03-05"), "70.00", &[(invoice, "70.00")]);
    assert_all_synced(&pass(&company).await);
    let ours = super::shop::id_of(&company, &key("payment", payment));
    assert_eq!(lines(&company, &ours), [(theirs.clone(), dec("70"))]);
    assert_eq!(open(&company, "Invoice", &theirs), dec("0"));
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0);
    assert_eq!(company.plan().await.0.steps, []);
}

#[tokio::test(start_paused = true)]
async fn a_match_that_cannot_be_is_named_and_costs_nothing_when_quiet() {
    let (mut company, amy, invoice, theirs) = amy();
    let other = bill(&company, amy, noon("2026-03-10"), "80.00");
    let bills = by_hand::invoice(&company, "2", "B-9", ("2026-02-10", "100.00"));
    let voided = by_hand::invoice(&company, AMY, "B-10", ("2026-02-10", "100.00"));
    company.sandbox.quickbooks.bookkeeper().void("Invoice", &voided).unwrap();
    let more = by_hand::invoice(&company, AMY, "B-11", ("2026-02-10", "100.01"));
    company.files = adopt_amy("2026-03-01", "");
    assert_all_synced(&pass(&company).await);
    let ours = super::shop::id_of(&company, &key("invoice", other));
    let cases = [
        ("99999", "reference-missing", "QuickBooks has no Invoice 99999 (latchd.toml:"),
        (&voided, "reference-missing", "was voided"),
        (&bills, "possible-duplicate", "is of customer 2, and the line links 1"),
        (&ours, "possible-duplicate", &format!("is invoice/{other}'s already")),
        (&more, "amount-mismatch", "comes to 100.01, and in Stax Bill to 100.00"),
    ];
    let writes = count_writes(&company);
    for (id, code, words) in cases {
        company.files = adopt_amy("2026-03-01", &matching(&[(key("invoice", invoice), id)]));
        for _ in 0..2 {
            let status = pass(&company).await;
            assert_eq!(warnings(&status), [format!("invoice/{invoice} {code}")], "{id}");
            assert!(status.warnings[0].reason.contains(words), "{}", status.warnings[0].reason);
            assert_eq!(counts(&status, 1).0, 2, "it is in scope, whatever its day");
        }
        let (done, _) = company.once().await;
        assert_eq!(done.calls.quickbooks_reads, 1, "{id}: it is asked for once a day");
        assert_eq!(company.plan().await.0.steps, [], "{id}");
        company.wait(std::time::Duration::from_hours(25)).await;
        pass(&company).await;
    }
    assert_eq!(writes(), 0);
    company.files = adopt_amy("2026-03-01", &matching(&[(key("invoice", invoice), &theirs)]));
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_match_in_the_wrong_line_or_of_nothing_is_said() {
    let (mut company, _, invoice, theirs) = amy();
    let bill_too = customer(&company, "Bill's Windsurf Shop");
    let rows = [(key("invoice", invoice), theirs.as_str()), (key("invoice", 99_999), "9")];
    company.files = format!(
        "[links]\n10482 = {{ adopt = \"{AMY}\", expect = \"Amy's Bird Sanctuary\", start = \"beginning\" }}\n\
         {bill_too} = {{ adopt = \"2\", expect = \"Bill's Windsurf Shop\", start = \"beginning\"{} }}\n",
        matching(&rows)
    );
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("invoice/{invoice} possible-duplicate")]);
    assert!(status.warnings[0].reason.contains("move the match to that line"));
    assert!(marked(&company, &key("invoice", invoice)).is_empty());
    let notices = status.notices.iter().map(|one| one.text.as_str()).collect::<Vec<_>>();
    assert_eq!(notices, ["Stax Bill has no invoice/99999, which customer 10483's line matches"]);
}

/// A payment that stood already lets go and takes, and what else stands on it
/// stays.
#[tokio::test(start_paused = true)]
async fn a_matched_payment_moves_and_keeps_what_is_not_ours() {
    for lost in [false, true] {
        let (mut company, amy, a, there_a) = amy();
        let b = bill(&company, amy, noon("2026-02-11"), "100.00");
        let there_b = by_hand::invoice(&company, AMY, "B-12", ("2026-02-11", "100.00"));
        let older = by_hand::invoice(&company, AMY, "B-1", ("2026-01-11", "50.00"));
        let paid = pay(&company, amy, noon("2026-02-20"), "100.00", &[(a, "90.00")]);
        let rows = [(there_a.as_str(), "90.00"), (older.as_str(), "10.00")];
        let theirs = by_hand::payment(&company, AMY, ("2026-02-20", "100.00"), &rows);
        let matches = [
            (key("invoice", a), there_a.as_str()),
            (key("invoice", b), &there_b),
            (key("payment", paid), &theirs),
        ];
        company.files = adopt_amy("2026-03-01", &matching(&matches));
        let writes = count_writes(&company);
        let status = pass(&company).await;
        assert_eq!(warnings(&status), Vec::<String>::new());
        assert_eq!((writes(), company.plan().await.0.steps), (1, Vec::new()), "Amy's mark alone");
        let account = &company.sandbox.staxbill;
        account.deallocate(paid, a, dec("40.00"));
        account.allocate(paid, b, dec("40.00"));
        if lost {
            company.sandbox.trouble.add(Rule::next("/v3/company/*/payment", Kind::Cut).method("POST"));
        }
        let before = object(&company, "Payment", &theirs);
        for _ in 0..3 {
            pass(&company).await;
        }
        assert_eq!(warnings(&pass(&company).await), Vec::<String>::new(), "{lost}");
        let mut expected =
            vec![(there_a.clone(), dec("50")), (older.clone(), dec("10")), (there_b.clone(), dec("40"))];
        expected.sort();
        assert_eq!(lines(&company, &theirs), expected, "{lost}");
        let after = object(&company, "Payment", &theirs);
        for field in ["TxnDate", "TotalAmt", "PrivateNote", "PaymentRefNum", "DepositToAccountRef"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        assert_eq!(company.plan().await.0.steps, []);
        // The rest is free in Stax Bill, and no more in QuickBooks.
        company.sandbox.staxbill.allocate(paid, b, dec("10.00"));
        let status = pass(&company).await;
        assert_eq!(warnings(&status), [format!("payment/{paid} possible-duplicate")]);
        assert!(status.warnings[0].reason.contains("leaves no room"), "{}", status.warnings[0].reason);
        assert_eq!(lines(&company, &theirs), expected);
        assert_eq!(company.plan().await.0.steps, []);
    }
}

/// What a person does to a matched payment is the person's, unless it is how it
/// is applied to records of ours.
#[tokio::test(start_paused = true)]
async fn only_how_a_matched_payment_is_applied_is_looked_after() {
    for restore in [false, true] {
        let (mut company, amy, invoice, there) = amy();
        let paid = pay(&company, amy, noon("2026-02-20"), "100.00", &[(invoice, "100.00")]);
        let theirs = by_hand::payment(&company, AMY, ("2026-02-20", "100.00"), &[(&there, "100.00")]);
        let matches = [(key("invoice", invoice), there.as_str()), (key("payment", paid), &theirs)];
        company.files = adopt_amy("2026-03-01", &matching(&matches));
        company.posting =
            if restore { "on_drift = \"restore\"".to_owned() } else { "on_drift = \"report\"".to_owned() };
        assert_all_synced(&pass(&company).await);
        let writes = count_writes(&company);
        let books = company.sandbox.quickbooks.bookkeeper();
        books.edit("Payment", &theirs, json!({ "PaymentRefNum": "chq 9", "TxnDate": "2026-02-21" })).unwrap();
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 0);
        let patch = json!({ "TotalAmt": 100, "CustomerRef": { "value": AMY }, "Line": [] });
        books.edit("Payment", &theirs, patch).unwrap();
        let status = pass(&company).await;
        if restore {
            assert_all_synced(&status);
            assert_eq!(lines(&company, &theirs), [(there.clone(), dec("100"))]);
            assert_eq!(object(&company, "Payment", &theirs)["TxnDate"], "2026-02-21");
        } else {
            assert_eq!(warnings(&status), [format!("payment/{paid} drifted")]);
            assert_eq!((writes(), lines(&company, &theirs)), (0, Vec::new()));
        }
        company.sandbox.quickbooks.bookkeeper().void("Payment", &theirs).unwrap();
        let status = pass(&company).await;
        assert_eq!(warned(&status, &key("payment", paid)), ["deleted-in-quickbooks"]);
        assert_eq!(company.plan().await.0.steps, []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refund_of_a_matched_payment_is_an_entry_or_a_persons_task() {
    for entries in [false, true] {
        let (mut company, amy, invoice, there) = amy();
        let paid = pay(&company, amy, noon("2026-02-20"), "100.00", &[(invoice, "100.00")]);
        let theirs = by_hand::payment(&company, AMY, ("2026-02-20", "100.00"), &[(&there, "100.00")]);
        let matches = [(key("invoice", invoice), there.as_str()), (key("payment", paid), &theirs)];
        company.files = adopt_amy("2026-03-01", &matching(&matches));
        if entries {
            company.posting = "refund_as = \"journal-entry\"\nrefund_account = \"Checking\"".to_owned();
        }
        assert_all_synced(&pass(&company).await);
        let back = refund(&company, paid, "2026-03-09", "30.00", &[(invoice, "30.00")]);
        let status = pass(&company).await;
        let total = |company: &Company| super::shop::amount(&object(company, "Payment", &theirs), "TotalAmt");
        assert_eq!(total(&company), dec("100"));
        if entries {
            assert_all_synced(&status);
            the(&company, &key("refund", back));
        } else {
            assert_eq!(warnings(&status), [format!("refund/{back} amount-mismatch")]);
            let reason = &status.warnings[0].reason;
            assert!(reason.contains("lower it there by hand by 30.00"), "{reason}");
            assert!(status.tie_out.balanced, "{:?}", status.tie_out);
            // A person does it, and then it is right.
            let line = json!({ "Amount": 70, "LinkedTxn": [{ "TxnId": there, "TxnType": "Invoice" }] });
            let patch = json!({ "TotalAmt": 70, "CustomerRef": { "value": AMY }, "Line": [line] });
            company.sandbox.quickbooks.bookkeeper().edit("Payment", &theirs, patch).unwrap();
            assert_all_synced(&pass(&company).await);
        }
        assert_eq!(company.plan().await.0.steps, []);
        assert_no_mark_twice(&company);
    }
}

#[tokio::test(start_paused = true)]
async fn a_matched_memo_is_applied_and_never_lowered() {
    let (mut company, amy, invoice, there) = amy();
    let given = credit(&company, amy, "2026-02-15", "40.00", &[(invoice, "25.00")]);
    let theirs = by_hand::memo(&company, AMY, "B-13", ("2026-02-15", "40.00"));
    let matches = [(key("invoice", invoice), there.as_str()), (key("credit", given), &theirs)];
    company.files = adopt_amy("2026-03-01", &matching(&matches));
    assert_all_synced(&pass(&company).await);
    assert_eq!(laid(&company, &key("credit", given)).into_values().collect::<Vec<_>>(), [dec("25")]);
    assert_eq!(
        (open(&company, "CreditMemo", &theirs), open(&company, "Invoice", &there)),
        (dec("15"), dec("75"))
    );
    let back = debit(&company, given, "2026-03-09", "10.00", &[]);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("credit/{back} amount-mismatch")]);
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    assert_eq!(open(&company, "CreditMemo", &theirs), dec("15"));
    assert_eq!(company.plan().await.0.steps, []);
}

/// A match that was wrong is corrected while nothing of ours stands on it.
#[tokio::test(start_paused = true)]
async fn a_match_is_corrected_until_something_stands_on_it() {
    let (mut company, amy, invoice, right) = amy();
    let wrong = by_hand::invoice(&company, AMY, "B-14", ("2026-02-10", "100.00"));
    let says = |id: &str| adopt_amy("2026-03-01", &matching(&[(key("invoice", invoice), id)]));
    company.files = says(&wrong);
    assert_all_synced(&pass(&company).await);
    company.files = says(&right);
    assert_all_synced(&pass(&company).await);
    let payment = pay(&company, amy, noon("2026-03-05"), "60.00", &[(invoice, "60.00")]);
    assert_all_synced(&pass(&company).await);
    assert_eq!(
        (open(&company, "Invoice", &right), open(&company, "Invoice", &wrong)),
        (dec("40"), dec("100"))
    );
    company.files = says(&wrong);
    let status = pass(&company).await;
    assert_eq!(warned(&status, &key("invoice", invoice)), ["possible-duplicate"]);
    assert!(status.warnings[0].reason.contains(&key("payment", payment)), "{:?}", status.warnings);
    company.files = says(&right);
    assert_all_synced(&pass(&company).await);
}

/// Accepted, it is posted whatever Stax Bill's own sync says, and whatever
/// number is there already.
#[tokio::test(start_paused = true)]
async fn what_is_accepted_is_posted_once_beside_its_double() {
    for lost in [None, Some(Kind::Cut), Some(Kind::Refuse)] {
        let company = Company::bare(&adopt_amy("2026-03-01", ""));
        let amy = customer(&company, "Amy's Bird Sanctuary");
        let invoice = bill(&company, amy, noon("2026-03-10"), "100.00");
        let number = company.sandbox.staxbill.invoice(invoice).unwrap().number;
        let theirs = by_hand::invoice(&company, "2", &number.to_string(), ("2025-03-10", "7.00"));
        let more = (0..6).map(|_| bill(&company, amy, noon("2026-03-11"), "5.00")).collect::<Vec<_>>();
        let own = bill(&company, amy, noon("2026-03-12"), "9.00");
        let mut company = company;
        let status = pass(&company).await;
        assert_eq!(warned(&status, &key("invoice", invoice)), ["duplicate-number"]);
        company.files =
            adopt_amy("2026-03-01", &format!(", accept = [\"invoice/{invoice}\", \"invoice/{own}\"]"));
        if let Some(lost) = &lost {
            company.sandbox.trouble.add(Rule::next("/v3/company/*/invoice", *lost).method("POST"));
        }
        for _ in 0..3 {
            pass(&company).await;
        }
        assert_all_synced(&pass(&company).await);
        let ours = the(&company, &key("invoice", invoice));
        assert_eq!(ours["DocNumber"], number.to_string(), "{lost:?}");
        assert_ne!(ours["Id"], theirs.as_str());
        assert_eq!(more.len(), 6);
        assert_no_mark_twice(&company);
        // The state is lost, and each is found again as what it is.
        company.store = std::sync::Arc::new(latchd::store::Overlay::empty());
        let writes = count_writes(&company);
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 0, "{lost:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn accepting_overrules_stax_bills_own_sync() {
    let company = Company::bare("");
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let invoice = bill(&company, amy, noon("2026-03-10"), "100.00");
    let matched = bill(&company, amy, noon("2026-03-11"), "50.00");
    company.sandbox.staxbill.synchronised_by_vendor(amy, 900);
    let theirs = by_hand::invoice(&company, AMY, "B-15", ("2026-03-11", "50.00"));
    let mut company = company;
    company.files = adopt_amy("2026-03-01", "");
    let status = pass(&company).await;
    for one in [invoice, matched] {
        assert_eq!(warned(&status, &key("invoice", one)), ["possible-duplicate"]);
    }
    let more = format!(
        "{}, accept = [\"invoice/{invoice}\"]",
        matching(&[(key("invoice", matched), theirs.as_str())])
    );
    company.files = adopt_amy("2026-03-01", &more);
    let reads = count_calls(&company, "POST", "/v3/company/*/query");
    assert_all_synced(&pass(&company).await);
    assert_eq!(reads(), 1, "all that is matched is asked for together");
    the(&company, &key("invoice", invoice));
    assert!(marked(&company, &key("invoice", matched)).is_empty());
}
