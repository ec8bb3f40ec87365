//! Changed settings: they reach what stands in QuickBooks by a resend alone,
//! and then once.

use serde_json::Value;

use super::desk::{bill_for, credit, laid, reverse, write_off};
use super::shop::{
    applied, assert_all_synced, count_writes, create_all, customer, noon, pass, pay, rows, the,
};
use crate::company::Company;

/// The item of an object's first line, by name.
fn item(object: &Value) -> String {
    object["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_resend_brings_a_document_to_the_present_settings() {
    let links = create_all(1);
    let mut company = Company::bare(&links);
    let bolt = customer(&company, "Bolt Bakery");
    let at = (bolt, noon("2026-03-01"));
    let invoice = bill_for(&company, at, &[("PRO", "1", "100.00", "100.00", &[])], &[]);
    let payment = pay(&company, bolt, noon("2026-03-05"), "40.00", &[(invoice, "40.00")]);
    let given = credit(&company, bolt, "2026-03-06", "30.00", &[(invoice, "20.00")]);
    let note = reverse(&company, invoice, "2026-03-07", &[(0, "10.00")]);
    let off = write_off(&company, invoice, "2026-03-08", "5.00");
    assert_all_synced(&pass(&company).await);
    let keys = [
        format!("invoice/{invoice}"),
        format!("credit/{given}"),
        format!("charge-reversal/{note}"),
        format!("write-off/{off}"),
    ];
    let before = keys.each_ref().map(|key| item(&the(&company, key)));

    let settings = format!("{links}[items]\nPRO = \"Hours\"\n");
    company.files.clone_from(&settings);
    "Hours".clone_into(&mut company.credit_item);
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0, "a change of settings holds for what is created from then on");
    assert_eq!(keys.each_ref().map(|key| item(&the(&company, key))), before);

    let again = keys.each_ref().map(|key| format!("\"{key}\" = \"1\"\n")).concat();
    company.files = format!("{settings}[resend]\n{again}\"payment/{payment}\" = \"1\"\n");
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(keys.each_ref().map(|key| item(&the(&company, key))), ["Hours", "Hours", "Hours", "Bad debt"]);
    for row in &status.resends {
        let expected = if row.key.starts_with("payment/") {
            "verified: it stands in QuickBooks as it should"
        } else {
            "verified: it was posted under other settings, and is amended; it is in balance now"
        };
        assert_eq!(row.outcome, expected, "{}", row.key);
    }
    assert_eq!(writes(), 4, "each of them once");
    assert_eq!(applied(&company, payment), rows(&[(invoice, "40.00")]));
    assert_eq!(laid(&company, &keys[1]), rows(&[(invoice, "20.00")]), "what it settles stays as it was");

    company.files = company.files.replace("= \"1\"", "= \"2\"");
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(writes(), 4, "all of them stand as they should now: {:?}", status.resends);
    assert_eq!(company.sandbox.quickbooks.audit(), [""; 0]);
}
