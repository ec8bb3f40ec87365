//! Stax Bill's own page on trouble with the integration, step by step: what
//! people do there with a list of warnings is one cause at a time here.

use std::time::Duration;

use latchd::report::{Status, WarningRow};
use serde_json::json;

use super::by_hand;
use super::desk::{credit, debit, refund};
use super::shop::{assert_all_synced, bill, create_all, customer, mark_of, noon, pass, pay};
use crate::company::{Company, warnings};

/// In Stax Bill, in QuickBooks, and warnings: the Overview's row of a kind.
fn overview(status: &Status) -> [(u64, u64, u64); 4] {
    [0, 1, 2, 3].map(|at| {
        let row = &status.entities[at];
        (row.staxbill, row.quickbooks, row.warnings)
    })
}

fn the_cause<'a>(status: &'a Status, key: &str) -> &'a WarningRow {
    assert_eq!(status.warnings.len(), 1, "{:?}", warnings(status));
    assert_eq!(status.warnings[0].key, key);
    &status.warnings[0]
}

/// The kinds of documents in the books that are ours, in the order in which the
/// first of each came there; applications of memos are no documents.
fn order(company: &Company) -> Vec<&'static str> {
    let first = |kind: &'static str| {
        let objects = company.sandbox.quickbooks.objects(kind);
        let ours = objects.iter().filter(|object| mark_of(object).is_some_and(|mark| !mark.contains(' ')));
        let ids = ours.filter_map(|object| object["Id"].as_str()?.parse::<u64>().ok());
        ids.min().map(|id| (id, kind))
    };
    let mut kinds: Vec<_> = ["Payment", "CreditMemo", "Invoice"].into_iter().filter_map(first).collect();
    kinds.sort_unstable();
    kinds.into_iter().map(|(_, kind)| kind).collect()
}

#[tokio::test(start_paused = true)]
async fn the_page_is_played_from_top_to_bottom() {
    let mut company = Company::bare("");
    let bolt = customer(&company, "Bolt Bakery");
    let invoices = [1, 2, 3].map(|day| bill(&company, bolt, noon(&format!("2026-03-0{day}")), "100.00"));
    let payments =
        [0, 1].map(|at| pay(&company, bolt, noon("2026-03-05"), "100.00", &[(invoices[at], "100.00")]));
    refund(&company, payments[1], "2026-03-20", "10.00", &[(invoices[1], "10.00")]);
    let given = credit(&company, bolt, "2026-03-21", "30.00", &[(invoices[2], "20.00")]);
    debit(&company, given, "2026-03-22", "10.00", &[]);

    // A customer that nobody connected is one warning, and says what it holds up.
    let status = pass(&company).await;
    assert_eq!(overview(&status), [(1, 0, 1), (3, 0, 0), (2, 0, 0), (1, 0, 0)]);
    let cause = the_cause(&status, "customer/10482");
    assert_eq!((cause.code.name(), cause.blocks.records), ("not-connected", 8));
    let sums: Vec<_> = cause.blocks.amounts.iter().map(|one| one.amount.to_string()).collect();
    assert_eq!(sums, ["310.00"], "what was billed, once, and what of the credit lies on no invoice");

    // Connected, its documents go through in order in the same pass, except for
    // one whose number a bookkeeper used; its payment and refund wait under it.
    let number = (invoices[1] - 87_000).to_string();
    let theirs = by_hand::invoice(&company, "1", &number, ("2025-01-01", "7.00"));
    company.files = create_all(1);
    let status = pass(&company).await;
    let key = format!("invoice/{}", invoices[1]);
    let cause = the_cause(&status, &key);
    assert_eq!((cause.code.name(), cause.blocks.records), ("duplicate-number", 2));
    assert!(
        cause.quickbooks.as_ref().is_some_and(|words| words.message.contains("Duplicate Document")),
        "{cause:?}"
    );
    assert_eq!(overview(&status), [(1, 1, 0), (3, 2, 1), (2, 1, 0), (1, 0, 0)]);
    assert_eq!(order(&company), ["Invoice", "Payment", "CreditMemo"]);
    assert!(status.last_sync_at.is_some() && status.entities.iter().all(|row| row.not_tried == 0));

    // Dismissed, it is out of sight and counted; what waits for it still waits.
    let dismissed = format!(
        "{}[dismiss]\n\"{key}\" = {{ codes = [\"duplicate-number\"], until = 2026-12-31, why = \"booked by hand\", \
         by = \"FIN-1\" }}\n",
        create_all(1)
    );
    company.files = dismissed;
    let status = pass(&company).await;
    let row = the_cause(&status, &key);
    assert!(row.dismissed.is_some() && row.blocks.records == 2, "{row:?}");
    assert_eq!(
        (status.entities[1].warnings, status.entities[1].dismissed, status.entities[2].blocked),
        (0, 1, 1)
    );

    // Mended in QuickBooks, and sent again: everything goes through at once.
    company.sandbox.quickbooks.bookkeeper().edit("Invoice", &theirs, json!({ "DocNumber": "7001" })).unwrap();
    company.files = format!("{}[resend]\n\"{key}\" = \"2026-11-22.1\"\n", create_all(1));
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(warnings(&status), [""; 0]);
    assert_eq!(overview(&status), [(1, 1, 0), (3, 3, 0), (2, 2, 0), (1, 1, 0)]);
    assert_eq!(status.resends[0].last_handled, "2026-11-22.1");

    // And nothing is left to do.
    company.wait(Duration::from_hours(1)).await;
    let (done, _) = company.once().await;
    assert_eq!((done.calls.quickbooks_writes, done.calls.quickbooks_reads), (0, 1));
}
