//! Refunds as journal entries: the payment keeps what it was applied to, and
//! the entry owes again what went back.

use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::json;

use super::desk::{credit, laid, owed, paid, refund, reverse, write_off};
use super::shop::{
    amount, assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, dec, id_of,
    mark_of, noon, pass, pay, the,
};
use crate::company::{Company, counts, warnings};

const ENTRIES: &str = "refund_as = \"journal-entry\"\nrefund_account = \"Checking\"";

fn company() -> Company {
    let mut company = Company::bare(&create_all(1));
    ENTRIES.clone_into(&mut company.posting);
    company
}

/// What a payment is applied to, by the marks of invoices and entries.
fn lines(company: &Company, payment: i64) -> Vec<(String, rust_decimal::Decimal)> {
    let payment = the(company, &format!("payment/{payment}"));
    let named = |line: &serde_json::Value| {
        let linked = &line["LinkedTxn"][0];
        let objects =
            company.sandbox.quickbooks.objects(linked["TxnType"].as_str().expect("a link has a type"));
        let object = objects.iter().find(|one| one["Id"] == linked["TxnId"]).expect("a link leads somewhere");
        (mark_of(object).unwrap_or_default(), amount(line, "Amount"))
    };
    let mut lines: Vec<_> =
        payment["Line"].as_array().expect("a payment has lines").iter().map(named).collect();
    lines.sort();
    lines
}

#[tokio::test(start_paused = true)]
async fn a_refund_stands_beside_its_payment() {
    for seen_before in [true, false] {
        for (part, off) in [("40.00", "40.00"), ("100.00", "100.00")] {
            let company = company();
            let (_, invoice, payment) = paid(&company);
            if seen_before {
                assert_all_synced(&pass(&company).await);
            }
            let id = refund(&company, payment, "2026-04-01", part, &[(invoice, off)]);
            let status = pass(&company).await;
            assert_all_synced(&status);
            assert_eq!(counts(&status, 3), (1, 1, 1));
            let entry = the(&company, &format!("refund/{id}"));
            assert_eq!(
                (&entry["DocNumber"], &entry["TxnDate"]),
                (&json!(format!("R-{id}")), &json!("2026-04-01"))
            );
            let sides: Vec<_> = entry["Line"]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| {
                    let detail = &line["JournalEntryLineDetail"];
                    (
                        detail["PostingType"].as_str().unwrap().to_owned(),
                        amount(line, "Amount"),
                        detail["AccountRef"]["name"].clone(),
                    )
                })
                .collect();
            assert_eq!(
                sides,
                [
                    ("Debit".to_owned(), dec(part), json!("Accounts Receivable (A/R)")),
                    ("Credit".to_owned(), dec(part), json!("Checking")),
                ]
            );
            assert_eq!(lines(&company, payment), [(format!("invoice/{invoice}"), dec("100"))]);
            assert_eq!(owed(&company, invoice), dec("0"), "the entry owes it");
            let writes = count_writes(&company);
            assert_all_synced(&pass(&company).await);
            assert_eq!(writes(), 0);
        }
    }
}

/// What is paid later goes to the invoice as far as it has room, then to the
/// entry that opened it.
#[tokio::test(start_paused = true)]
async fn a_later_payment_settles_the_invoice_and_then_the_entry() {
    let company = company();
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let first = pay(&company, bolt, noon("2026-03-05"), "80.00", &[(invoice, "80.00")]);
    assert_all_synced(&pass(&company).await);
    let id = refund(&company, first, "2026-04-01", "50.00", &[(invoice, "50.00")]);
    assert_all_synced(&pass(&company).await);
    let second = pay(&company, bolt, noon("2026-04-05"), "60.00", &[(invoice, "60.00")]);
    assert_all_synced(&pass(&company).await);
    let expected = [(format!("invoice/{invoice}"), dec("20")), (format!("refund/{id}"), dec("40"))];
    assert_eq!(lines(&company, second), expected);
    // A credit takes the rest of the entry.
    let given = credit(&company, bolt, "2026-04-06", "10.00", &[(invoice, "10.00")]);
    assert_all_synced(&pass(&company).await);
    let laid = laid(&company, &format!("credit/{given}"));
    assert_eq!(laid.into_iter().collect::<Vec<_>>(), [(format!("refund/{id}"), dec("10"))]);
    assert_no_mark_twice(&company);
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0);
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

/// Seen all at once, the end is the same.
#[tokio::test(start_paused = true)]
async fn payment_refund_and_next_payment_come_in_one_pass() {
    let company = company();
    let (bolt, invoice, payment) = paid(&company);
    let id = refund(&company, payment, "2026-04-01", "30.00", &[(invoice, "30.00")]);
    let second = pay(&company, bolt, noon("2026-04-05"), "30.00", &[(invoice, "30.00")]);
    assert_all_synced(&pass(&company).await);
    let on = |payment| lines(&company, payment);
    assert_eq!(on(payment), [(format!("invoice/{invoice}"), dec("100"))]);
    assert_eq!(on(second), [(format!("refund/{id}"), dec("30"))]);
}

/// It is also the way out where a deposited payment cannot be lowered.
#[tokio::test(start_paused = true)]
async fn the_setting_frees_a_refund_of_a_deposited_payment() {
    let mut company = Company::bare(&create_all(1));
    let (_, invoice, payment) = paid(&company);
    pass(&company).await;
    company.sandbox.quickbooks.bookkeeper().deposit(&id_of(&company, &format!("payment/{payment}"))).unwrap();
    let id = refund(&company, payment, "2026-04-01", "30.00", &[(invoice, "30.00")]);
    assert_eq!(warnings(&pass(&company).await), [format!("refund/{id} deposited")]);
    company.posting = ENTRIES.to_owned();
    assert_all_synced(&pass(&company).await);
    the(&company, &format!("refund/{id}"));
    assert_eq!(lines(&company, payment), [(format!("invoice/{invoice}"), dec("100"))]);
}

/// What was lowered before the setting changed stays lowered.
#[tokio::test(start_paused = true)]
async fn the_setting_holds_for_refunds_from_then_on() {
    let mut company = Company::bare(&create_all(1));
    let (_, invoice, payment) = paid(&company);
    refund(&company, payment, "2026-04-01", "30.00", &[(invoice, "30.00")]);
    assert_all_synced(&pass(&company).await);
    company.posting = ENTRIES.to_owned();
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
    let later = refund(&company, payment, "2026-04-02", "20.00", &[(invoice, "20.00")]);
    assert_all_synced(&pass(&company).await);
    the(&company, &format!("refund/{later}"));
    assert_eq!(company.sandbox.quickbooks.objects("JournalEntry").len(), 1);
    assert_eq!(amount(&the(&company, &format!("payment/{payment}")), "TotalAmt"), dec("70"));
    // And back: the entry stays an entry.
    company.posting.clear();
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

/// The setting changes while a write about the refund is open: it is taken
/// back once, in the one form or the other.
#[tokio::test(start_paused = true)]
async fn a_refund_is_taken_back_once_though_the_setting_changes_meanwhile() {
    for (before, after) in [(ENTRIES, ""), ("", ENTRIES)] {
        for kind in [Kind::Cut, Kind::Refuse] {
            let mut company = Company::bare(&create_all(1));
            company.posting = before.to_owned();
            let (_, invoice, payment) = paid(&company);
            assert_all_synced(&pass(&company).await);
            refund(&company, payment, "2026-04-01", "30.00", &[(invoice, "30.00")]);
            let lost = Rule::next("/v3/company", kind).of(Vendor::QuickBooks).method("POST");
            company.sandbox.trouble.add(lost);
            company.once().await;
            company.posting = after.to_owned();
            company.once().await;
            company.wait(Duration::from_mins(5)).await;
            pass(&company).await;
            assert_all_synced(&pass(&company).await);
            let entries = company.sandbox.quickbooks.objects("JournalEntry").len();
            let total = amount(&the(&company, &format!("payment/{payment}")), "TotalAmt");
            let once = [(1, dec("100")), (0, dec("70"))].contains(&(entries, total));
            assert!(once, "{before:?} {after:?} {kind:?}: {entries} entries beside {total}");
        }
    }
}

/// What a credit note has on an invoice gives way to a write-off as soon as the
/// refund's entry is to take it up, and not only once that stands.
#[tokio::test(start_paused = true)]
async fn a_note_gives_way_before_the_entry_stands_that_it_moves_to() {
    let company = company();
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let note = reverse(&company, invoice, "2026-03-02", &[(0, "10.00")]);
    let payment = pay(&company, bolt, noon("2026-03-05"), "40.00", &[(invoice, "40.00")]);
    assert_all_synced(&pass(&company).await);
    let note = format!("charge-reversal/{note}");
    assert_eq!(laid(&company, &note), [(format!("invoice/{invoice}"), dec("10"))].into());
    let back = refund(&company, payment, "2026-04-01", "40.00", &[(invoice, "40.00")]);
    write_off(&company, invoice, "2026-04-02", "80.00");
    assert_all_synced(&pass(&company).await);
    assert_eq!(laid(&company, &note), [(format!("refund/{back}"), dec("10"))].into());
    assert_eq!(owed(&company, invoice), dec("0"));
    assert_eq!(company.plan().await.0.steps.len(), 0);
    assert_no_mark_twice(&company);
    assert_eq!(company.sandbox.quickbooks.audit(), [""; 0]);
}
