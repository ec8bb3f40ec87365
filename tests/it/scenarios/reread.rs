//! Records that could not be read, and what else only Stax Bill knows of one
//! that is posted again.

use std::time::Duration;

use latchd::sandbox::staxbill::NewCredit;
use latchd::sandbox::trouble::{Damage, Kind, Rule, Vendor};

use super::desk::{credit, debit, refund, reverse, write_off};
use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, count_calls, create_all, customer, dec, noon, pass, pay,
    the, warned,
};
use crate::company::Company;

const HOURS: Duration = Duration::from_secs(5 * 3600);

/// One record of every kind, the keys in the order of entities.
fn all_kinds(company: &Company) -> [String; 7] {
    let bolt = customer(company, "Bolt Bakery");
    let invoice = bill(company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(company, bolt, noon("2026-03-05"), "60.00", &[(invoice, "40.00")]);
    let back = refund(company, payment, "2026-03-09", "15.00", &[]);
    let given = credit(company, bolt, "2026-03-06", "30.00", &[(invoice, "20.00")]);
    let note = reverse(company, invoice, "2026-03-07", &[(0, "10.00")]);
    let off = write_off(company, invoice, "2026-03-08", "5.00");
    [
        format!("customer/{bolt}"),
        format!("invoice/{invoice}"),
        format!("payment/{payment}"),
        format!("refund/{back}"),
        format!("credit/{given}"),
        format!("charge-reversal/{note}"),
        format!("write-off/{off}"),
    ]
}

/// Stax Bill's row of a record lacks something for a while: it stands as invalid until
/// the files send it again, or the next full scan.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_is_read_when_it_is_sent_again() {
    let lists = [
        ("customer/", "/v1/customers"),
        ("invoice/", "/v1/invoiceSummaries"),
        ("invoice/", "/v1/Invoices/"),
        ("payment/", "/v1/PaymentActivities"),
    ];
    for (kind, path) in lists {
        let mut seen = 0;
        for seed in 0..60 {
            let mut company = Company::bare(&create_all(1));
            let keys = all_kinds(&company);
            let key = keys.iter().find(|key| key.starts_with(kind)).expect("there is one of each").clone();
            let how = Kind::Mutilate { how: Damage::MissingFields, seed };
            // Longer than a list is read back by itself.
            company.sandbox.trouble.add(Rule::next(path, how).of(Vendor::StaxBill).every());
            pass(&company).await;
            company.wait(HOURS).await;
            pass(&company).await;
            company.sandbox.trouble.clear();
            if warned(&pass(&company).await, &key) != ["invalid-record"] {
                continue;
            }
            seen += 1;
            let scope = "scope = \"with-dependants\"";
            company.files = format!("{}[resend]\n\"{key}\" = {{ token = \"1\", {scope} }}\n", company.files);
            let status = pass(&company).await;
            assert_eq!(warned(&status, &key), [""; 0], "{path} {seed}: {:?}", status.resends);
            the(&company, &key);
            assert_no_mark_twice(&company);
            if seen == 2 {
                break;
            }
        }
        assert!(seen > 0, "{kind} {path}: no damage made a record that cannot be read");
    }
}

/// What only the stream tells of is asked for by its id.
#[tokio::test(start_paused = true)]
async fn a_row_of_the_stream_is_read_when_it_is_sent_again() {
    for kind in ["credit", "write-off"] {
        let mut company = Company::bare(&create_all(1));
        let bolt = customer(&company, "Bolt Bakery");
        let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
        let id = match kind {
            "credit" => credit(&company, bolt, "2026-03-06", "3.333", &[]),
            _ => write_off(&company, invoice, "2026-03-08", "3.333"),
        };
        let key = format!("{kind}/{id}");
        assert_eq!(warned(&pass(&company).await, &key), ["invalid-record"]);
        let asked = count_calls(&company, "GET", "/v1/aractivities");
        pass(&company).await;
        let quiet = asked();
        company.files = format!("{}[resend]\n\"{key}\" = \"1\"\n", company.files);
        let status = pass(&company).await;
        assert_eq!(asked(), 2 * quiet + 1, "{key}");
        assert_eq!(warned(&status, &key), ["invalid-record"], "it is as it was");
        assert!(
            status.resends[0].outcome.ends_with("its warning is `invalid-record`"),
            "{:?}",
            status.resends
        );
    }
}

/// What the operator said about a credit or a write-off stays with it, when it
/// is lowered, and when it is posted again.
#[tokio::test(start_paused = true)]
async fn an_operators_words_outlive_a_memo() {
    let mut company = Company::bare(&create_all(1));
    let [.., invoice, _, _, given, _, off] = all_kinds(&company);
    let bolt = company.sandbox.staxbill.invoice(number(&invoice)).unwrap().customer;
    let opening = company.sandbox.staxbill.give_credit(NewCredit {
        customer: bolt,
        amount: dec("30.00"),
        effective: noon("2025-12-31"),
        reference: Some("carried over".to_owned()),
        allocations: Vec::new(),
        opening: true,
    });
    let words =
        [(given.clone(), "goodwill"), (format!("credit/{opening}"), "carried over"), (off, "gone away")];
    let says = |company: &Company, when: &str| {
        for (key, words) in &words {
            let memo = the(company, key);
            assert_eq!(memo["Line"][0]["Description"], **words, "{key} {when}");
            assert!(memo["PrivateNote"].as_str().unwrap().ends_with(words), "{key} {when}: {memo}");
        }
    };
    assert_all_synced(&pass(&company).await);
    says(&company, "posted");
    debit(&company, number(&given), "2026-04-01", "5.00", &[]);
    assert_all_synced(&pass(&company).await);
    says(&company, "lowered");
    for (key, _) in &words {
        let books = company.sandbox.quickbooks.bookkeeper();
        books.delete("CreditMemo", the(&company, key)["Id"].as_str().unwrap()).unwrap();
    }
    pass(&company).await;
    let again = words.each_ref().map(|(key, _)| format!("\"{key}\" = \"1\"\n")).concat();
    company.files = format!("{}[resend]\n{again}", company.files);
    assert_all_synced(&pass(&company).await);
    says(&company, "posted again");
}

fn number(key: &str) -> i64 {
    key.split_once('/').and_then(|(_, id)| id.parse().ok()).expect("keys are ENTITY/ID")
}
