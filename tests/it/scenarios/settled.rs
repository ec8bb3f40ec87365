//! A change of settings holds for what is created from then on: what stands is
//! not written again.

use serde_json::json;

use super::desk::{bill_for, credit, debit, memo, reverse, write_off};
use super::shop::{assert_all_synced, bill, count_writes, create_all, customer, noon, pass, pay, the};
use crate::company::Company;

#[tokio::test(start_paused = true)]
async fn new_settings_rewrite_nothing() {
    let new: [(&str, &str); 4] = [
        ("[items]\nSEATS = \"Hours\"\n", ""),
        ("", "discounts = \"line\""),
        ("[taxes]\n\"GST 5\" = \"California\"\n", "tax = \"codes\""),
        ("", "refund_as = \"journal-entry\"\nrefund_account = \"Checking\""),
    ];
    for (files, posting) in new {
        let mut company = Company::bare(&create_all(1));
        let bolt = customer(&company, "Bolt Bakery");
        let charges: &[(&str, &str, &str, &str, &[&str])] = &[("SEATS", "1", "100.00", "100.00", &["10.00"])];
        let taxes = &[("GST", "5", "4.50")];
        let invoice = bill_for(&company, (bolt, noon("2026-03-01")), charges, taxes);
        pay(&company, bolt, noon("2026-03-05"), "30.00", &[(invoice, "30.00")]);
        let given = credit(&company, bolt, "2026-03-06", "20.00", &[(invoice, "10.00")]);
        reverse(&company, invoice, "2026-03-07", &[(0, "20.00")]);
        write_off(&company, invoice, "2026-03-08", "5.00");
        debit(&company, given, "2026-03-09", "3.00", &[]);
        assert_all_synced(&pass(&company).await);
        let writes = count_writes(&company);
        company.files = format!("{files}{}", create_all(1));
        company.posting = posting.to_owned();
        assert_all_synced(&pass(&company).await);
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 0, "{files}{posting}");
    }
}

/// What is created from then on goes where the new settings say; what stands
/// is lowered on its own item.
#[tokio::test(start_paused = true)]
async fn an_older_memo_stays_on_its_item() {
    let mut company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let first = credit(&company, bolt, "2026-03-01", "20.00", &[]);
    assert_all_synced(&pass(&company).await);
    company.credit_item = "Refunds & Allowances".to_owned();
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
    debit(&company, first, "2026-03-02", "5.00", &[]);
    let second = credit(&company, bolt, "2026-03-03", "30.00", &[]);
    assert_all_synced(&pass(&company).await);
    let item = |id: i64| {
        let memo = the(&company, &format!("credit/{id}"));
        memo["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"].clone()
    };
    assert_eq!((item(first), item(second)), (json!("Account credit"), json!("Refunds & Allowances")));
    assert_eq!(memo(&company, &format!("credit/{first}")).0, "15".parse().unwrap());
}

/// The item of an invoice's charge changed before it was reversed: the memo
/// goes to the new one, and the invoice stays.
#[tokio::test(start_paused = true)]
async fn an_older_invoice_stays_on_its_item() {
    let mut company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    assert_all_synced(&pass(&company).await);
    let before = the(&company, &format!("invoice/{invoice}"));
    company.files = format!("[items]\nPRO = \"Hours\"\n{}", create_all(1));
    reverse(&company, invoice, "2026-04-01", &[(0, "40.00")]);
    assert_all_synced(&pass(&company).await);
    assert_eq!(the(&company, &format!("invoice/{invoice}"))["Line"], before["Line"]);
}
