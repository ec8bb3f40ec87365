//! Several currencies, or one.

use latchd::sandbox::staxbill::NewCustomer;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::desk::{credit, memo, owed, refund, reverse};
use super::shop::{
    amount, applied, assert_all_synced, bill, count_writes, create_all, dec, noon, pass, pay, rows, the,
};
use crate::company::{Company, counts, warnings};

/// Customers billed in dollars, euros and yen.
fn three(several: bool) -> (Company, [i64; 3]) {
    let company = Company::bare(&create_all(3));
    if several {
        let quickbooks = &company.sandbox.quickbooks;
        quickbooks.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
        for code in ["EUR", "JPY"] {
            quickbooks
                .bookkeeper()
                .create("CompanyCurrency", json!({ "Code": code }))
                .expect("it is a currency");
        }
    }
    let customers = ["USD", "EUR", "JPY"].map(|currency| {
        company.sandbox.staxbill.add_customer(NewCustomer {
            company_name: Some(format!("Client {currency}")),
            currency: Some(currency.to_owned()),
            ..NewCustomer::default()
        })
    });
    (company, customers)
}

#[tokio::test(start_paused = true)]
async fn each_customer_is_billed_in_its_currency() {
    let (company, customers) = three(true);
    let mut made = Vec::new();
    for customer in customers {
        let invoice = bill(&company, customer, noon("2026-03-01"), "1000");
        let payment = pay(&company, customer, noon("2026-03-05"), "700", &[(invoice, "700")]);
        refund(&company, payment, "2026-03-06", "100", &[(invoice, "100")]);
        let given = credit(&company, customer, "2026-03-07", "150", &[(invoice, "50")]);
        let note = reverse(&company, invoice, "2026-03-08", &[(0, "333")]);
        made.push((invoice, payment, given, note));
    }
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    for ((invoice, payment, given, note), currency) in made.into_iter().zip(["USD", "EUR", "JPY"]) {
        let objects: [Value; 4] = [
            the(&company, &format!("invoice/{invoice}")),
            the(&company, &format!("payment/{payment}")),
            the(&company, &format!("credit/{given}")),
            the(&company, &format!("charge-reversal/{note}")),
        ];
        assert!(objects.iter().all(|one| one["CurrencyRef"]["value"] == currency), "{objects:?}");
        assert_eq!(applied(&company, payment), rows(&[(invoice, "600")]), "{currency}");
        assert_eq!(owed(&company, invoice), dec("17"), "{currency}");
        assert_eq!(memo(&company, &format!("credit/{given}")), (dec("150"), dec("100")), "{currency}");
    }
    assert_eq!(company.sandbox.quickbooks.audit(), [""; 0]);
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
}

/// Nothing of a customer is posted in a currency that QuickBooks does not
/// have for it.
#[tokio::test(start_paused = true)]
async fn another_currency_is_said_before_anything_is_posted() {
    let (company, customers) = three(false);
    for customer in customers {
        let invoice = bill(&company, customer, noon("2026-03-01"), "1000");
        credit(&company, customer, "2026-03-07", "150", &[(invoice, "50")]);
    }
    let status = pass(&company).await;
    let expected = [1, 2].map(|at| format!("customer/{} currency-mismatch", customers[at]));
    assert_eq!(warnings(&status), expected);
    assert_eq!((counts(&status, 1), counts(&status, 4)), ((3, 1, 1), (3, 1, 1)));
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0, "it was not even tried");
    let (done, _) = company.once().await;
    assert_eq!((done.calls.quickbooks_writes, done.calls.quickbooks_batches), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_living_customer_of_another_currency_is_not_adopted() {
    let (mut company, customers) = three(true);
    let twin = company.sandbox.quickbooks.bookkeeper();
    let twin = twin.create("Customer", json!({ "DisplayName": "Twin", "CurrencyRef": { "value": "EUR" } }));
    let id = twin.unwrap()["Id"].as_str().unwrap().to_owned();
    company.files = format!(
        "[links]\n{} = {{ adopt = \"{id}\", expect = \"Twin\", start = \"beginning\" }}\n\
        {} = {{ skip = \"test\" }}\n{} = {{ skip = \"test\" }}\n",
        customers[2], customers[0], customers[1]
    );
    bill(&company, customers[2], noon("2026-03-01"), "1000");
    let writes = count_writes(&company);
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("customer/{} currency-mismatch", customers[2])]);
    assert_eq!(writes(), 0);
}

/// Yen have no decimals, also where a price had some.
#[tokio::test(start_paused = true)]
async fn yen_are_whole() {
    let (company, customers) = three(true);
    let invoice = super::desk::bill_for(
        &company,
        (customers[2], noon("2026-03-01")),
        &[("SEATS", "3", "3333.3333", "10000", &["333"]), ("BASIC", "7", "14.29", "100", &[])],
        &[("JCT", "10", "977")],
    );
    for (part, left) in [("3333", "7119"), ("3333", "3495"), ("3334", "-130")] {
        reverse(&company, invoice, "2026-04-01", &[(0, part)]);
        assert_all_synced(&pass(&company).await);
        let expected = company.sandbox.staxbill.invoice(invoice).unwrap().outstanding();
        assert_eq!(owed(&company, invoice), expected, "{part} {left}");
        assert_eq!(expected, expected.trunc());
    }
    let total = amount(&the(&company, &format!("invoice/{invoice}")), "TotalAmt");
    assert_eq!(total, Decimal::from(10_744));
}

/// Where refunds become entries, one of foreign money waits for a person.
#[tokio::test(start_paused = true)]
async fn a_foreign_refund_becomes_no_entry() {
    let (mut company, customers) = three(true);
    company.posting = "refund_as = \"journal-entry\"\nrefund_account = \"Checking\"".to_owned();
    let ids = customers.map(|customer| {
        let payment = pay(&company, customer, noon("2026-03-05"), "700", &[]);
        refund(&company, payment, "2026-03-06", "100", &[])
    });
    let status = pass(&company).await;
    let expected = [1, 2].map(|at| format!("refund/{} currency-mismatch", ids[at]));
    assert_eq!(warnings(&status), expected);
    the(&company, &format!("refund/{}", ids[0]));
}
