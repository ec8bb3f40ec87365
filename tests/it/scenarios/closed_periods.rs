//! Closed books: nothing is created or amended there; creations may move to
//! the first open day.

use std::time::Duration;

use serde_json::json;

use super::desk::{credit, laid, owed, refund, reverse, write_off};
use super::shop::{
    amount, applied, assert_all_synced, bill, count_writes, create_all, customer, dec, noon, pass, pay, rows,
    the,
};
use crate::company::{Company, counts, warnings};

fn close(company: &Company, through: Option<&str>) {
    company.sandbox.quickbooks.set_preference("AccountingInfoPrefs.BookCloseDate", json!(through));
}

/// Every kind of document in March, with open books.
struct March {
    invoice: i64,
    payment: i64,
    given: i64,
}

fn march(company: &Company) -> March {
    let bolt = customer(company, "Bolt Bakery");
    let invoice = bill(company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(company, bolt, noon("2026-03-05"), "50.00", &[(invoice, "30.00")]);
    let given = credit(company, bolt, "2026-03-06", "20.00", &[(invoice, "10.00")]);
    March { invoice, payment, given }
}

/// What stands in a closed period is not amended, whatever happens to it
/// later; and the books opened again, it is.
#[tokio::test(start_paused = true)]
async fn what_stands_in_a_closed_period_waits() {
    let company = Company::bare(&create_all(1));
    let March { invoice, payment, given } = march(&company);
    assert_all_synced(&pass(&company).await);
    close(&company, Some("2026-03-31"));
    company.wait(Duration::from_hours(25)).await;
    let refund = refund(&company, payment, "2026-04-01", "20.00", &[]);
    company.sandbox.staxbill.allocate_credit(given, invoice, dec("10.00"));
    let status = pass(&company).await;
    let mut found = warnings(&status);
    found.sort();
    let mut expected =
        vec![format!("refund/{refund} closed-period"), format!("credit/{given} closed-period")];
    expected.sort();
    assert_eq!(found, expected);
    assert!(status.tie_out.balanced, "holds explain it: {:?}", status.tie_out);
    assert_eq!(company.sandbox.quickbooks.calls().refused, 0, "nothing was even tried");
    assert_eq!(applied(&company, payment), rows(&[(invoice, "30.00")]));
    let writes = count_writes(&company);
    pass(&company).await;
    assert_eq!(writes(), 0);
    close(&company, None);
    company.wait(Duration::from_hours(25)).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(amount(&the(&company, &format!("payment/{payment}")), "TotalAmt"), dec("30"));
    assert_eq!(laid(&company, &format!("credit/{given}")), rows(&[(invoice, "20.00")]));
}

/// A document after the closed period settles one in it: the invoice itself is
/// not written.
#[tokio::test(start_paused = true)]
async fn what_comes_later_settles_what_stands_there() {
    let company = Company::bare(&create_all(1));
    let March { invoice, .. } = march(&company);
    assert_all_synced(&pass(&company).await);
    close(&company, Some("2026-03-31"));
    company.wait(Duration::from_hours(25)).await;
    let bolt = company.sandbox.staxbill.invoice(invoice).unwrap().customer;
    let later = pay(&company, bolt, noon("2026-04-02"), "15.00", &[(invoice, "15.00")]);
    let note = reverse(&company, invoice, "2026-04-03", &[(0, "20.00")]);
    let lost = write_off(&company, invoice, "2026-04-04", "5.00");
    assert_all_synced(&pass(&company).await);
    assert_eq!(applied(&company, later), rows(&[(invoice, "15.00")]));
    assert_eq!(laid(&company, &format!("charge-reversal/{note}")), rows(&[(invoice, "20.00")]));
    assert_eq!(laid(&company, &format!("write-off/{lost}")), rows(&[(invoice, "5.00")]));
    assert_eq!(owed(&company, invoice), dec("20"));
}

#[tokio::test(start_paused = true)]
async fn creations_move_to_the_first_open_day_where_the_files_say_so() {
    let mut company = Company::bare(&create_all(1));
    company.posting = "closed_period = \"first-open-day\"".to_owned();
    close(&company, Some("2026-03-31"));
    let March { invoice, payment, given } = march(&company);
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(
        (counts(&status, 1), counts(&status, 2), counts(&status, 4)),
        ((1, 1, 1), (1, 1, 1), (1, 1, 1))
    );
    for key in [format!("invoice/{invoice}"), format!("payment/{payment}"), format!("credit/{given}")] {
        assert_eq!(the(&company, &key)["TxnDate"], "2026-04-01", "{key}");
    }
    assert_eq!(laid(&company, &format!("credit/{given}")), rows(&[(invoice, "10.00")]));
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0, "the day is no drift");
    // Opened again, what stands stays where it is.
    close(&company, None);
    company.wait(Duration::from_hours(25)).await;
    let writes = count_writes(&company);
    assert_all_synced(&pass(&company).await);
    assert_eq!(writes(), 0);
    assert_eq!(amount(&the(&company, &format!("invoice/{invoice}")), "Balance"), dec("60"));
}
