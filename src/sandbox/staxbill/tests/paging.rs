//! Long lists: read whole, page by page, at the price of one selection.

use super::*;

/// `count` customers' worth of invoices of one unit each.
fn many(count: i64) -> Arc<Account> {
    let account = Account::empty(Options { throttled: false, ..Options::default() }, clock());
    let customer = account.add_customer(NewCustomer::default());
    for place in 0..count {
        let effective = at("2026-01-01T00:00:00Z") + jiff::SignedDuration::from_secs(place * 61);
        account.recorded_at(effective).post_invoice(NewInvoice {
            customer,
            effective,
            charges: vec![charge("One", None, "1")],
            ..NewInvoice::default()
        });
    }
    account
}

#[tokio::test(start_paused = true)]
async fn pages_of_one_list_cost_one_selection() {
    let account = many(2_500);
    for (path, selections) in [
        ("/v1/Invoices?pageSize=1000", 1),
        ("/v1/Invoices?pageSize=1000&sortExpression=invoiceNumber&sortOrder=Ascending", 2),
        ("/v1/invoiceSummaries?pageSize=1000&query=modifiedTimestamp:2026-01-01%7C", 3),
        ("/v1/invoiceSummaries?pageSize=999&query=modifiedTimestamp:2026-01-01%7C", 3),
    ] {
        let mut seen = Vec::new();
        for page in 0..4 {
            seen.extend(ids(&get(&account, &format!("{path}&pageNumber={page}")).await));
        }
        seen.sort_unstable();
        assert_eq!(seen, (88_100..90_600).collect::<Vec<_>>(), "{path}");
        assert_eq!(lock(&account.shared.found).selections, selections, "{path}");
    }
}

/// A list that grows while it is read shifts under the reader, as the
/// vendor's does: there is no cursor.
#[tokio::test(start_paused = true)]
async fn a_list_that_grows_shifts_its_pages() {
    let account = many(4);
    let page = |number| format!("/v1/Invoices?pageSize=2&pageNumber={number}");
    assert_eq!(ids(&get(&account, &page(0)).await), [88_103, 88_102]);
    account.post_invoice(NewInvoice { customer: 10_482, ..NewInvoice::default() });
    assert_eq!(ids(&get(&account, &page(1)).await), [88_102, 88_101], "seen twice");
    let forward = "&sortExpression=id&sortOrder=Ascending";
    let last = get(&account, &format!("{}{forward}", page(2))).await;
    assert_eq!(ids(&last), [88_104], "at the end, where a reader that goes forward finds it");
}
