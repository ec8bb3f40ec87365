//! Documents: which count from when on, what an invoice needs, what is held.

use std::time::Duration;

use jiff::Timestamp;
use latchd::sandbox::staxbill::{NewCharge, NewInvoice, NewPayment, NewProduct, ProductType};
use rust_decimal::Decimal;
use serde_json::json;

use super::shop::{
    amount, applied, assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, dec,
    marked, noon, pass, pay, rows, the, warned,
};
use crate::company::{Company, counts, warnings};

fn from(start: &str) -> String {
    format!("[links]\n10482 = {{ create = true, start = {start} }}\n")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a literal instant")
}

#[tokio::test(start_paused = true)]
async fn the_start_is_a_day_where_the_company_is() {
    // 23:30 on the last of February in Los Angeles.
    for (start, posted) in [("2026-02-28", 1), ("2026-03-01", 0)] {
        let company = Company::bare(&from(start));
        let id = customer(&company, "Bolt Bakery");
        let invoice = bill(&company, id, at("2026-03-01T07:30:00Z"), "10.00");
        let status = pass(&company).await;
        assert_all_synced(&status);
        let found = marked(&company, &format!("invoice/{invoice}"));
        assert_eq!(found.len(), posted, "{start}");
        assert!(found.iter().all(|object| object["TxnDate"] == "2026-02-28"), "{found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_moves_posts_more_and_undoes_nothing() {
    let mut company = Company::bare(&from("2026-03-01"));
    let id = customer(&company, "Bolt Bakery");
    for day in ["2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10"] {
        let invoice = bill(&company, id, noon(day), "10.00");
        pay(&company, id, noon(day), "10.00", &[(invoice, "10.00")]);
    }
    for (start, posted) in [("2026-03-01", 2), ("2026-02-01", 3), ("2026-04-01", 3), ("\"beginning\"", 4)] {
        company.files = from(start);
        assert_all_synced(&pass(&company).await);
        assert_eq!(company.sandbox.quickbooks.objects("Invoice").len(), posted, "{start}");
        assert_eq!(company.sandbox.quickbooks.objects("Payment").len(), posted, "{start}");
        let writes = count_writes(&company);
        pass(&company).await;
        assert_eq!(writes(), 0, "{start}");
    }
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn now_is_the_day_on_which_the_line_was_first_seen() {
    let company = Company::bare(&from("\"now\""));
    let id = customer(&company, "Bolt Bakery");
    bill(&company, id, noon("2026-11-21"), "10.00");
    bill(&company, id, at("2026-11-22T10:00:00Z"), "20.00");
    assert_eq!(counts(&pass(&company).await, 1), (1, 1, 1));
    company.wait(Duration::from_secs(5 * 86_400)).await;
    bill(&company, id, noon("2026-11-23"), "30.00");
    assert_eq!(counts(&pass(&company).await, 1), (2, 2, 2), "it does not move on with the days");
}

#[tokio::test(start_paused = true)]
async fn a_payment_across_the_start_takes_what_lies_behind_it() {
    let mut company = Company::bare(&from("2026-03-01"));
    let id = customer(&company, "Bolt Bakery");
    let early = bill(&company, id, noon("2026-02-01"), "100.00");
    let late = bill(&company, id, noon("2026-03-02"), "50.00");
    let payment = pay(&company, id, noon("2026-03-10"), "150.00", &[(early, "100.00"), (late, "50.00")]);
    let key = format!("payment/{payment}");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} applied-before-start")]);
    assert_eq!(counts(&status, 2), (1, 0, 1));
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    assert_eq!(applied(&company, payment), rows(&[(late, "50.00")]));
    assert_eq!(amount(&the(&company, &key), "UnappliedAmt"), dec("100"));
    let writes = count_writes(&company);
    assert_eq!(warned(&pass(&company).await, &key), ["applied-before-start"]);
    assert_eq!(writes(), 0);
    company.files = from("2026-01-01");
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payment), rows(&[(early, "100.00"), (late, "50.00")]));
    // And a later start takes nothing back.
    company.files = from("2026-03-01");
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
    assert_eq!(applied(&company, payment), rows(&[(early, "100.00"), (late, "50.00")]));
}

#[tokio::test(start_paused = true)]
async fn an_invoice_paid_before_the_start_says_so() {
    let mut company = Company::bare(&from("2026-03-01"));
    let id = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, id, noon("2026-03-02"), "50.00");
    let payment = pay(&company, id, noon("2026-02-20"), "50.00", &[(invoice, "50.00")]);
    let key = format!("invoice/{invoice}");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} applied-before-start")]);
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    assert_eq!(amount(&the(&company, &key), "Balance"), dec("50"));
    assert!(marked(&company, &format!("payment/{payment}")).is_empty());
    company.files = from("2026-01-01");
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, payment), rows(&[(invoice, "50.00")]));
}

#[tokio::test(start_paused = true)]
async fn amounts_of_every_shape_land_to_the_cent() {
    let company = Company::bare(&create_all(1));
    let id = customer(&company, "Bolt Bakery");
    let free = company.sandbox.staxbill.post_invoice(NewInvoice {
        customer: id,
        effective: noon("2026-03-01"),
        charges: vec![NewCharge {
            name: "Free".to_owned(),
            quantity: Decimal::ONE,
            unit_price: dec("9.99"),
            amount: dec("9.99"),
            discounts: vec![dec("9.99")],
            ..NewCharge::default()
        }],
        ..NewInvoice::default()
    });
    let over = bill(&company, id, noon("2026-03-02"), "33.33");
    let (one, two, three) = (
        bill(&company, id, noon("2026-03-03"), "0.01"),
        bill(&company, id, noon("2026-03-04"), "1234567.89"),
        bill(&company, id, noon("2026-03-05"), "10.10"),
    );
    let much = pay(&company, id, noon("2026-03-06"), "53.34", &[(over, "33.33")]);
    let several = pay(
        &company,
        id,
        noon("2026-03-07"),
        "1234578.00",
        &[(one, "0.01"), (two, "1234567.89"), (three, "10.10")],
    );
    assert_all_synced(&pass(&company).await);
    assert!(marked(&company, &format!("invoice/{free}")).is_empty(), "there is nothing to post");
    assert_eq!(amount(&the(&company, &format!("payment/{much}")), "UnappliedAmt"), dec("20.01"));
    assert_eq!(applied(&company, several), rows(&[(one, "0.01"), (two, "1234567.89"), (three, "10.10")]));
    for invoice in [over, one, two, three] {
        assert_eq!(amount(&the(&company, &format!("invoice/{invoice}")), "Balance"), Decimal::ZERO);
    }
}

#[tokio::test(start_paused = true)]
async fn a_product_without_an_item_waits_where_the_files_say_hold() {
    let mut company = Company::bare(&create_all(1));
    company.posting = "unmapped_product = \"hold\"".to_owned();
    let id = customer(&company, "Bolt Bakery");
    for code in ["PRO", "NEW"] {
        let product_type = ProductType::RecurringService;
        let new =
            NewProduct { code: code.to_owned(), name: code.to_owned(), product_type, gl_code: String::new() };
        company.sandbox.staxbill.add_product(new);
    }
    let mut invoices = Vec::new();
    for code in ["PRO", "NEW"] {
        invoices.push(company.sandbox.staxbill.post_invoice(NewInvoice {
            customer: id,
            effective: noon("2026-03-01"),
            charges: vec![NewCharge {
                name: code.to_owned(),
                product: Some(code.to_owned()),
                quantity: Decimal::ONE,
                unit_price: dec("10.00"),
                amount: dec("10.00"),
                ..NewCharge::default()
            }],
            ..NewInvoice::default()
        }));
    }
    let payment = pay(&company, id, noon("2026-03-06"), "10.00", &[(invoices[1], "10.00")]);
    company.files = format!("{}[items]\nPRO = \"Services\"\n", create_all(1));
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("invoice/{} unmapped-product", invoices[1])]);
    assert_eq!(status.warnings[0].blocks.records, 1);
    assert!(marked(&company, &format!("payment/{payment}")).is_empty());
    company.files = format!("{}[items]\nPRO = \"Services\"\nNEW = \"Hours\"\n", create_all(1));
    assert_all_synced(&pass(&company).await);
    let item = |invoice| {
        the(&company, &format!("invoice/{invoice}"))["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"]
            .clone()
    };
    assert_eq!([item(invoices[0]), item(invoices[1])], [json!("1"), json!("2")]);
}

fn taxed(company: &Company, customer: i64) -> i64 {
    company.sandbox.staxbill.post_invoice(NewInvoice {
        customer,
        effective: noon("2026-03-01"),
        charges: vec![NewCharge {
            name: "Service".to_owned(),
            quantity: Decimal::ONE,
            unit_price: dec("100.00"),
            amount: dec("100.00"),
            ..NewCharge::default()
        }],
        taxes: vec![("GST".to_owned(), dec("5"), dec("5.00"))],
        ..NewInvoice::default()
    })
}

#[tokio::test(start_paused = true)]
async fn an_item_that_is_missing_holds_its_own_invoices_until_it_is_there() {
    let company = Company::bare(&create_all(1));
    let books = company.sandbox.quickbooks.bookkeeper();
    books.inactivate("Item", "23").unwrap();
    let id = customer(&company, "Bolt Bakery");
    let plain = bill(&company, id, noon("2026-03-01"), "10.00");
    let with_tax = taxed(&company, id);
    let key = format!("invoice/{with_tax}");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} reference-missing")]);
    the(&company, &format!("invoice/{plain}"));
    let writes = count_writes(&company);
    let (done, _) = company.once().await;
    assert_eq!((writes(), done.calls.quickbooks_reads), (0, 1));
    company.wait(Duration::from_secs(60)).await;
    books.reactivate("Item", "23").unwrap();
    pass(&company).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(amount(&the(&company, &key), "TotalAmt"), dec("105"));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_missing_holds_its_own_payments_until_it_is_there() {
    let company = Company::bare(&create_all(1));
    let books = company.sandbox.quickbooks.bookkeeper();
    books.inactivate("Account", "92").unwrap();
    let id = customer(&company, "Bolt Bakery");
    let by_check = pay(&company, id, noon("2026-03-06"), "10.00", &[]);
    let by_card = company.sandbox.staxbill.collect_payment(NewPayment {
        customer: id,
        amount: dec("20.00"),
        effective: noon("2026-03-07"),
        method: "CreditCard".to_owned(),
        ..NewPayment::default()
    });
    let key = format!("payment/{by_card}");
    assert_eq!(warnings(&pass(&company).await), [format!("{key} reference-missing")]);
    the(&company, &format!("payment/{by_check}"));
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
    books.reactivate("Account", "92").unwrap();
    pass(&company).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(the(&company, &key)["DepositToAccountRef"]["value"], "92");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_into_a_closed_period() {
    let company = Company::bare(&create_all(1));
    company.sandbox.quickbooks.set_preference("AccountingInfoPrefs.BookCloseDate", json!("2026-03-31"));
    let id = customer(&company, "Bolt Bakery");
    let closed = bill(&company, id, noon("2026-03-31"), "10.00");
    let open = bill(&company, id, noon("2026-04-01"), "20.00");
    let payment = pay(&company, id, noon("2026-04-02"), "10.00", &[(closed, "10.00")]);
    let key = format!("invoice/{closed}");
    let status = pass(&company).await;
    assert_eq!(warnings(&status), [format!("{key} closed-period")]);
    let reason = status.warnings.iter().map(|warning| warning.reason.as_str()).collect::<String>();
    assert!(reason.ends_with("the earliest start that asks for nothing in it is 2026-04-01"), "{reason}");
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0, "it was not even tried");
    the(&company, &format!("invoice/{open}"));
    assert!(marked(&company, &format!("payment/{payment}")).is_empty());
    company.sandbox.quickbooks.set_preference("AccountingInfoPrefs.BookCloseDate", json!("2025-12-31"));
    company.wait(Duration::from_secs(25 * 3600)).await;
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn a_period_that_closes_meanwhile_is_learned_from_the_refusal() {
    let company = Company::bare(&create_all(1));
    let id = customer(&company, "Bolt Bakery");
    bill(&company, id, noon("2026-04-01"), "20.00");
    pass(&company).await;
    company.sandbox.quickbooks.set_preference("AccountingInfoPrefs.BookCloseDate", json!("2026-03-31"));
    let late = bill(&company, id, noon("2026-03-15"), "10.00");
    let key = format!("invoice/{late}");
    assert_eq!(warned(&pass(&company).await, &key), ["closed-period"]);
    let writes = count_writes(&company);
    assert_eq!(warned(&pass(&company).await, &key), ["closed-period"]);
    bill(&company, id, noon("2026-03-16"), "10.00");
    pass(&company).await;
    assert_eq!(writes(), 0, "known now");
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_is_held_back_is_not_sent() {
    let company = Company::bare(&create_all(1));
    let id = customer(&company, "Bolt Bakery");
    let payment = pay(&company, id, noon("2026-04-01"), "20.00", &[]);
    company.sandbox.staxbill.hold_back(payment);
    assert_eq!(counts(&pass(&company).await, 2), (0, 0, 0));
    assert!(marked(&company, &format!("payment/{payment}")).is_empty());
}
