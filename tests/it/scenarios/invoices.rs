//! Invoices in full: discounts, taxes, and what is amended after posting.

use serde_json::{Value, json};

use super::desk::{bill_for, owed, reverse};
use super::shop::{
    amount, assert_all_synced, bill, count_writes, create_all, customer, dec, noon, pass, pay, the,
};
use crate::company::{Company, counts, warnings};

const LINES: &[(&str, &str, &str, &str, &[&str])] =
    &[("SEATS", "3", "33.333333", "100.00", &["4.90", "1.11"]), ("BASIC", "1", "19.00", "19.00", &[])];
const TAXES: &[(&str, &str, &str)] = &[("GST", "5", "5.65"), ("CA Sales Tax", "7.25", "8.19")];
const CODES: &str = "[taxes]\n\"GST 5\" = \"California\"\n\"CA Sales Tax 7.25\" = \"California\"\n";

fn of_kind<'a>(object: &'a Value, kind: &str) -> Vec<&'a Value> {
    object["Line"]
        .as_array()
        .expect("a document has lines")
        .iter()
        .filter(|line| line["DetailType"] == kind)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn discounts_and_taxes_come_to_the_same_total_in_every_form() {
    for (discounts, tax) in [("net", "item"), ("line", "item"), ("net", "codes"), ("line", "codes")] {
        let mut company = Company::bare("");
        company.posting = format!("discounts = \"{discounts}\"\ntax = \"{tax}\"");
        let codes = if tax == "codes" { CODES } else { "" };
        company.files = format!("{codes}{}", create_all(1));
        let bolt = customer(&company, "Bolt Bakery");
        let invoice = bill_for(&company, (bolt, noon("2026-03-01")), LINES, TAXES);
        let whole = reverse(&company, invoice, "2026-04-01", &[]);
        let status = pass(&company).await;
        assert_all_synced(&status);
        for key in [format!("invoice/{invoice}"), format!("charge-reversal/{whole}")] {
            let stands = the(&company, &key);
            assert_eq!(amount(&stands, "TotalAmt"), dec("126.83"), "{discounts} {tax} {key}");
            let has_line = !of_kind(&stands, "DiscountLineDetail").is_empty();
            assert_eq!(has_line, discounts == "line", "{key}: {stands}");
            let total_tax = stands["TxnTaxDetail"]["TotalTax"].to_string();
            let total_tax = if total_tax == "null" { dec("0") } else { dec(&total_tax) };
            assert_eq!(total_tax, if tax == "codes" { dec("13.84") } else { dec("0") }, "{key}");
        }
        assert_eq!(owed(&company, invoice), dec("0"), "{discounts} {tax}");
        let writes = count_writes(&company);
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 0, "{discounts} {tax}");
    }
}

/// A tax that the files do not name holds its own invoice and says what to
/// write.
#[tokio::test(start_paused = true)]
async fn a_tax_without_a_code_says_which_key_to_add() {
    let mut company = Company::bare("");
    company.posting = "tax = \"codes\"".to_owned();
    company.files = format!("[taxes]\n\"GST 5\" = \"California\"\n{}", create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let both = bill_for(&company, (bolt, noon("2026-03-01")), LINES, TAXES);
    let one = bill_for(&company, (bolt, noon("2026-03-02")), LINES, &[("GST", "5", "5.65")]);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("invoice/{both} unmapped-tax")]);
    assert!(status.warnings[0].reason.contains("CA Sales Tax 7.25"), "{}", status.warnings[0].reason);
    assert_eq!(amount(&the(&company, &format!("invoice/{one}")), "TotalAmt"), dec("118.64"));
    company.files = format!("{CODES}{}", create_all(1));
    pass(&company).await;
    assert_all_synced(&pass(&company).await);
}

/// Only the words that may change after posting are sent, whatever settings
/// say by then; and words that are gone are taken away.
#[tokio::test(start_paused = true)]
async fn amended_words_move_nothing_else() {
    let mut company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    pay(&company, bolt, noon("2026-03-05"), "100.00", &[(invoice, "100.00")]);
    assert_all_synced(&pass(&company).await);
    let key = format!("invoice/{invoice}");
    let before = the(&company, &key);
    company.files = format!("[items]\nPRO = \"Hours\"\n{}", create_all(1));
    for (po, notes) in [(Some("PO-7"), Some("Thank you")), (Some("PO-8"), None), (None, None)] {
        company.sandbox.staxbill.amend_invoice(invoice, po, notes);
        let writes = count_writes(&company);
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 1, "{po:?} {notes:?}");
        let after = the(&company, &key);
        let note = after["PrivateNote"].as_str().unwrap();
        assert!(note.contains(&format!("[latchd {key}]")), "{note}");
        assert!(po.map_or(!note.contains("PO"), |po| note.contains(po)), "{note}");
        assert_eq!(after["CustomerMemo"]["value"].as_str().filter(|text| !text.is_empty()), notes);
        for field in ["Line", "TotalAmt", "Balance", "TxnDate", "DueDate", "DocNumber", "LinkedTxn"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        assert_all_synced(&pass(&company).await);
        assert_eq!(writes(), 1, "{po:?} {notes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn quickbooks_may_number_documents_itself() {
    let mut company = Company::bare(&create_all(1));
    company.posting = "document_numbers = \"quickbooks\"".to_owned();
    company.sandbox.quickbooks.set_preference("SalesFormsPrefs.CustomTxnNumbers", json!(false));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let note = reverse(&company, invoice, "2026-03-02", &[(0, "30.00")]);
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!((counts(&status, 1), counts(&status, 5)), ((1, 1, 1), (1, 1, 1)));
    for key in [format!("invoice/{invoice}"), format!("charge-reversal/{note}")] {
        let number = the(&company, &key)["DocNumber"].clone();
        assert!(number != json!("1100") && number != json!("1100-CR-01"), "{number}");
    }
    // The note alone is the mark, also for a new state.
    company.store = std::sync::Arc::new(latchd::store::Overlay::empty());
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}
