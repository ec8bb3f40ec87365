//! Taxes and discounts as each country's company takes them, through whole
//! passes.

use latchd::sandbox::clock::SandboxClock;
use latchd::sandbox::staxbill::{NewCharge, NewCustomer, NewInvoice};
use latchd::sandbox::{Sandbox, SandboxOptions, quickbooks, staxbill};
use serde_json::json;

use super::shop::{amount, assert_all_synced, create_all, dec, noon, pass, the};
use crate::company::{Company, NOW, warnings};

const CODES: &str = "[taxes]\n\"GST 5\" = \"GST/QST QC - 9.975\"\n\"QST 9.975\" = \"GST/QST QC - 9.975\"\n\
                     \"VAT 20\" = \"20.0% S\"\n\"State 6\" = \"California\"\n\"County 2\" = \"California\"\n";

/// A company of `country` with one customer who was billed 133.33 less 10.00,
/// and taxes that QuickBooks' own arithmetic would not come to.
fn company(country: &str, posting: &str) -> (Company, i64) {
    let clock = SandboxClock::starting_at(NOW.parse().expect("a literal instant"));
    let options = quickbooks::Options {
        country: country.to_owned(),
        throttled: false,
        ..quickbooks::Options::default()
    };
    let account = staxbill::Options { throttled: false, ..staxbill::Options::default() };
    let sandbox = Sandbox {
        quickbooks: quickbooks::Company::demo(options, clock.clone()),
        staxbill: staxbill::Account::empty(account, clock.clone()),
        ..Sandbox::bare(SandboxOptions { clock, ..SandboxOptions::default() })
    };
    let mut company = Company::with(sandbox, &format!("{CODES}{}", create_all(1)));
    posting.clone_into(&mut company.posting);
    let (currency, taxes) = match country {
        "CA" => ("CAD", vec![("GST", "5", "6.19"), ("QST", "9.975", "12.28")]),
        "GB" => ("GBP", vec![("VAT", "20", "24.65")]),
        _ => ("USD", vec![("State", "6", "7.41"), ("County", "2", "2.45")]),
    };
    let account = &company.sandbox.staxbill;
    let fields = NewCustomer {
        company_name: Some("Bolt Bakery".to_owned()),
        currency: Some(currency.to_owned()),
        ..NewCustomer::default()
    };
    let customer = account.add_customer(fields);
    let charge = |price: &str, discounts: &[&str]| NewCharge {
        name: "Service".to_owned(),
        quantity: dec("1"),
        unit_price: dec(price),
        amount: dec(price),
        discounts: discounts.iter().map(|amount| dec(amount)).collect(),
        ..NewCharge::default()
    };
    let invoice = account.post_invoice(NewInvoice {
        customer,
        effective: noon("2026-03-01"),
        charges: vec![charge("100.00", &["10.00"]), charge("33.33", &[])],
        taxes: taxes
            .into_iter()
            .map(|(name, percent, total)| (name.to_owned(), dec(percent), dec(total)))
            .collect(),
        due_days: 30,
        ..NewInvoice::default()
    });
    (company, invoice)
}

#[tokio::test(start_paused = true)]
async fn every_country_and_mode_comes_to_the_same() {
    let lines = "discounts = \"line\"\n";
    let cases = [
        ("US", "", "133.19"),
        ("US", "tax = \"codes\"", "133.19"),
        ("CA", "no_tax_code = \"Out of Scope\"", "141.80"),
        ("CA", "tax = \"codes\"\nno_tax_code = \"Exempt\"", "141.80"),
        ("GB", "no_tax_code = \"No VAT\"", "147.98"),
        ("GB", "tax = \"codes\"\nno_tax_code = \"No VAT\"", "147.98"),
    ];
    for (country, posting, total) in cases {
        for posting in [posting.to_owned(), format!("{lines}{posting}")] {
            let (company, invoice) = company(country, &posting);
            assert_all_synced(&pass(&company).await);
            let made = the(&company, &format!("invoice/{invoice}"));
            assert_eq!(amount(&made, "TotalAmt"), dec(total), "{country} {posting}");
            let stated = made["TxnTaxDetail"]["TotalTax"] != json!(0);
            assert_eq!(stated, posting.contains("codes"), "{country} {posting}: {made}");
            let (done, _) = company.once().await;
            assert_eq!(done.calls.quickbooks_writes, 0, "{country} {posting}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_named_and_put_right() {
    let (us, ca) = ("tax = \"codes\"", "tax = \"codes\"\nno_tax_code = \"Exempt\"");
    let (nothing, exempt) = ("no_tax_code = \"Nothing\"", "no_tax_code = \"Exempt\"");
    let gst = "\"GST 5\" = \"GST/QST QC - 9.975\"\n";
    let cases = [
        ("US", us, us, "\"State 6\" = \"California\"\n", "unmapped-tax", "\"State 6\""),
        ("CA", ca, ca, gst, "unmapped-tax", "\"GST 5\""),
        ("CA", nothing, exempt, "", "reference-missing", "`Nothing`"),
        ("CA", "", exempt, "", "company-setting", "no_tax_code"),
    ];
    for (country, wrong, right, line, code, words) in cases {
        let (mut company, invoice) = company(country, wrong);
        let whole = company.files.clone();
        company.files = company.files.replace(line, "");
        let status = pass(&company).await;
        let told = warnings(&status);
        assert!(told.iter().any(|row| row.ends_with(&format!(" {code}"))), "{country} {code}: {told:?}");
        let reasons =
            status.warnings.iter().map(|warning| warning.reason.as_str()).collect::<Vec<_>>().join("; ");
        assert!(reasons.contains(words), "{reasons}");
        (company.files, company.posting) = (whole, right.to_owned());
        assert_all_synced(&pass(&company).await);
        the(&company, &format!("invoice/{invoice}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_setting_is_asked_for_only_where_it_is_needed() {
    let cases = [
        ("SalesFormsPrefs.AllowDiscount", "discounts = \"line\"", "discounts = \"net\""),
        ("TaxPrefs.UsingSalesTax", "tax = \"codes\"", "tax = \"item\""),
        ("SalesFormsPrefs.CustomTxnNumbers", "", "document_numbers = \"quickbooks\""),
    ];
    for (path, wrong, right) in cases {
        let (mut company, _) = company("US", wrong);
        company.sandbox.quickbooks.set_preference(path, json!(false));
        let told = warnings(&pass(&company).await);
        assert!(told.iter().any(|row| row.ends_with(" company-setting")), "{path}: {told:?}");
        company.posting = right.to_owned();
        assert_all_synced(&pass(&company).await);
    }
}

/// Intuit's own tax takes the state's rate of what is marked as taxed, unless a
/// sum is stated; it never adds to ours.
#[tokio::test(start_paused = true)]
async fn automated_tax_adds_nothing() {
    for posting in ["", "tax = \"codes\""] {
        let (company, invoice) = company("US", posting);
        company.sandbox.quickbooks.set_preference("TaxPrefs.PartnerTaxEnabled", json!(true));
        assert_all_synced(&pass(&company).await);
        let made = the(&company, &format!("invoice/{invoice}"));
        assert_eq!(amount(&made, "TotalAmt"), dec("133.19"), "{posting}");
    }
}
