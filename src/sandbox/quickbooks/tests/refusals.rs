//! Every refusal of a body that the sandbox knows, by its code.

use http::StatusCode;
use serde_json::{Value, json};

use super::{World, invoice, sale};

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

fn line(detail: &Value) -> Value {
    json!([{ "Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail }])
}

#[tokio::test(start_paused = true)]
async fn customers_are_held_to_the_rules() {
    let named = |key: &str, value: Value| with(json!({ "DisplayName": "New" }), key, value);
    let cases = [
        (json!({}), "2020", "Required parameter DisplayName"),
        (json!({ "DisplayName": "" }), "2020", ""),
        (json!({ "DisplayName": "a:b" }), "2040", ""),
        (json!({ "DisplayName": "a\tb" }), "2040", ""),
        (json!({ "DisplayName": "a\nb" }), "2040", ""),
        (json!({ "DisplayName": "x".repeat(501) }), "2050", "Min:0 Max:500 supported. Supplied length:501"),
        (named("GivenName", json!("x".repeat(101))), "2050", "Max:100"),
        (named("Notes", json!("x".repeat(2001))), "2050", "Max:2,000 supported. Supplied length:2,001"),
        (named("PrimaryPhone", json!({ "FreeFormNumber": "1".repeat(31) })), "2050", "Max:30"),
        (named("PrimaryEmailAddr", json!({ "Address": "nobody" })), "2210", "RFC 822"),
        (named("PrimaryEmailAddr", json!({ "Address": "a@b" })), "2210", ""),
        (named("WebAddr", json!({ "URI": "not a page" })), "2200", ""),
        (named("CurrencyRef", json!({ "value": "CAD" })), "2220", ""),
        (
            named("ParentRef", json!({ "value": "999" })),
            "2500",
            "Invalid Reference Id : Names element id 999 not found",
        ),
        (named("ParentRef", json!({ "value": "102" })), "610", ""),
        (named("Active", json!("maybe")), "2010", ""),
        (named("BillAddr", json!({ "Line9": "x" })), "2010", "Unrecognized field \"Line9\""),
        (json!({ "DisplayName": "Zoë → Oy" }), "500", "Invalid byte"),
        (
            json!({ "BadJson": true }),
            "2010",
            "Unrecognized field \"BadJson\" (class com.intuit.schema.finance.v3.Customer)",
        ),
        (json!({ "Id": "1.5", "SyncToken": "0" }), "2030", "Id should be a valid number. Supplied value:1.5"),
        (json!({ "Id": "1", "sparse": true }), "2020", "SyncToken"),
        (json!({ "Id": "999", "SyncToken": "0" }), "610", "Object Not Found : "),
    ];
    check("customer", cases).await;
}

#[tokio::test(start_paused = true)]
async fn invoices_are_held_to_the_rules() {
    let body = || invoice("1", "10");
    let cases = [
        (json!({ "Line": [sale("1")] }), "2020", "CustomerRef"),
        (
            json!({ "CustomerRef": { "value": "1" } }),
            "2020",
            "Required parameter Line is missing in the request",
        ),
        (with(body(), "Line", json!([])), "2020", "Line"),
        (with(body(), "CustomerRef", json!({ "value": "999" })), "2500", "Names element id 999 not found"),
        (
            with(body(), "Line", line(&json!({ "ItemRef": { "value": "999" } }))),
            "2500",
            "Items element id 999",
        ),
        (
            with(body(), "Line", line(&json!({ "Qty": 3, "UnitPrice": 3.33 }))),
            "6070",
            "Amount is not equal to UnitPrice * Qty",
        ),
        (with(body(), "Line", line(&json!({ "TaxCodeRef": { "value": "2" } }))), "6100", ""),
        (
            with(body(), "Line", line(&json!({ "Bogus": 1 }))),
            "2010",
            "(class com.intuit.schema.finance.v3.SalesItemLineDetail)",
        ),
        (with(body(), "Line", json!([{ "DetailType": "SalesItemLineDetail" }])), "2020", "Amount"),
        (with(body(), "Line", json!([{ "Amount": 1 }])), "2020", "DetailType"),
        (with(body(), "Line", json!([{ "Amount": 1, "DetailType": "Odd" }])), "2170", ""),
        (with(body(), "Line", json!([sale("ten")])), "2090", ""),
        (with(body(), "Line", json!([sale("-1")])), "6000", ""),
        (with(body(), "Line", json!([sale("1e15")])), "2090", ""),
        (
            with(body(), "Line", line(&json!({ "Qty": "999999999999999", "UnitPrice": "999999999999999" }))),
            "6070",
            "",
        ),
        (with(body(), "Line", json!([sale("1"), { "DetailType": "DiscountLineDetail" }])), "6090", ""),
        (
            with(body(), "DocNumber", json!("1234567890123456789012")),
            "6000",
            "more than 21 characters in the doc_num field",
        ),
        (with(body(), "PrivateNote", json!("x".repeat(4001))), "2050", "Max:4,000"),
        (with(body(), "CustomerMemo", json!({ "value": "x".repeat(1001) })), "2050", "Supplied length:1,001"),
        (with(body(), "TxnDate", json!("yesterday")), "2060", ""),
        (with(body(), "CurrencyRef", json!({ "value": "CAD" })), "6000", "currency"),
        (with(body(), "EmailStatus", json!("NeedToSend")), "6420", ""),
        (with(body(), "DepositToAccountRef", json!({ "value": "999" })), "2500", "Accounts element id 999"),
        (
            with(body(), "BadJson", json!(true)),
            "2010",
            "(class com.intuit.schema.finance.v3.Invoice), not marked as ignorable",
        ),
    ];
    check("invoice", cases).await;
}

#[tokio::test(start_paused = true)]
async fn items_and_accounts_are_held_to_the_rules() {
    let item = |key: &str, value: Value| {
        with(json!({ "Name": "New", "IncomeAccountRef": { "value": "79" } }), key, value)
    };
    let items = [
        (
            json!({ "IncomeAccountRef": { "value": "79" } }),
            "2020",
            "Required parameter Name is missing in the request",
        ),
        (json!({ "Name": "New" }), "2020", "IncomeAccountRef"),
        (item("IncomeAccountRef", json!({ "value": "84" })), "6430", ""),
        (item("IncomeAccountRef", json!({ "value": "33" })), "6430", ""),
        (item("Type", json!("Thing")), "2170", ""),
        (item("Name", json!("a:b")), "2040", ""),
        (item("Name", json!("x".repeat(101))), "2050", "Max:100"),
    ];
    check("item", items).await;
    let accounts = [
        (json!({ "AccountType": "Bank" }), "2020", "Name"),
        (json!({ "Name": "New" }), "6010", ""),
        (json!({ "Name": "New", "AccountType": "Odd" }), "6010", ""),
        (json!({ "Name": "a \"b\"", "AccountType": "Bank" }), "2040", ""),
    ];
    check("account", accounts).await;
}

async fn check<const N: usize>(path: &str, cases: [(Value, &str, &str); N]) {
    let world = World::new().await;
    for (body, code, text) in cases {
        let reply = world.post(path, body.clone()).await;
        let (got, detail) = reply.fault();
        assert_eq!((reply.status, got), (StatusCode::BAD_REQUEST, code), "{body}: {}", reply.body);
        assert!(detail.contains(text), "{text}: {detail}");
        assert_eq!(reply.body["Fault"]["type"], "ValidationFault");
        assert_eq!(reply.headers["content-type"], "application/json");
    }
}

#[tokio::test(start_paused = true)]
async fn what_clients_get_wrong_harmlessly_is_taken() {
    let world = World::new().await;
    let python = json!({
        "DisplayName": "Tolerated", "Title": "", "GivenName": "", "Balance": 0, "OpenBalanceDate": null,
        "BillAddr": { "Line1": "", "City": "" }, "PrimaryEmailAddr": { "Address": "" }, "CurrencyRef": null,
        "ParentRef": { "value": "" }, "SyncToken": 0, "Id": "", "domain": "QBO", "sparse": false, "Level": 0,
    });
    let made = world.put("customer?format=json&minorversion=3", python).await;
    assert_eq!((made.get("BillAddr"), made.get("Title")), (None, None));
    let mut body = invoice("1", "10.50");
    for (key, value) in [("DueDate", ""), ("DocNumber", ""), ("TotalAmt", "999"), ("Deposit", "0")] {
        body[key] = json!(value);
    }
    let made = world.put("invoice", body).await;
    assert_eq!(
        (made["TotalAmt"].to_string(), made["DueDate"].as_str()),
        ("10.50".into(), Some("2026-06-04"))
    );
    let zeros = json!({ "ItemRef": { "value": "1" }, "Qty": 0, "UnitPrice": 0, "TaxInclusiveAmt": 0 });
    let made = world.put("invoice", with(invoice("1", "1"), "Line", line(&zeros))).await;
    assert_eq!(made["TotalAmt"].to_string(), "10.00");
    assert_eq!(made["Line"][0]["SalesItemLineDetail"].get("Qty"), None);
    world.put("customer", json!({ "DisplayName": "Café Zoë £" })).await;
}

#[tokio::test(start_paused = true)]
async fn closed_books_stay_closed() {
    let world = World::new().await;
    let old = world.put("invoice", with(invoice("1", "10"), "TxnDate", json!("2026-03-31"))).await;
    let new = world.invoice("1", "10").await;
    world.company.set_preference("AccountingInfoPrefs.BookCloseDate", json!("2026-03-31"));
    let id = |made: &Value| json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true });
    let cases = [
        ("invoice", with(invoice("1", "10"), "TxnDate", json!("2026-03-31")), "6210"),
        ("invoice", with(invoice("1", "10"), "TxnDate", json!("2026-04-01")), "none"),
        ("invoice", id(&old), "6210"),
        ("invoice", with(id(&old), "TxnDate", json!("2026-04-01")), "6210"),
        ("invoice", with(id(&new), "TxnDate", json!("2026-03-01")), "6210"),
        ("invoice?operation=void", id(&old), "6210"),
        ("invoice?operation=delete", id(&old), "6210"),
        ("invoice?operation=delete", id(&new), "none"),
    ];
    for (path, body, code) in cases {
        let reply = world.post(path, body).await;
        assert_eq!(reply.fault().0, code, "{path}: {}", reply.body);
    }
    world.company.set_preference("AccountingInfoPrefs.BookCloseDate", Value::Null);
    world.put("invoice?operation=delete", id(&old)).await;
}

#[tokio::test(start_paused = true)]
async fn operations_that_do_not_exist_are_refused() {
    let world = World::new().await;
    let body = json!({ "Id": "1", "SyncToken": "0" });
    let paths = [
        "customer?operation=delete",
        "customer?operation=void",
        "payment?operation=void",
        "invoice?operation=update&include=void",
        "invoice?operation=merge",
        "creditmemo?operation=void",
        "journalentry?operation=update&include=void",
        "bill",
        "custmoer",
        "taxcode",
        "invoice/1/2/3",
    ];
    for path in paths {
        let reply = world.post(path, body.clone()).await;
        assert_eq!(
            (reply.status, reply.fault().0),
            (StatusCode::BAD_REQUEST, "500"),
            "{path}: {}",
            reply.body
        );
    }
    let reply = world.get("customer/1/5").await;
    let text = "Operation Could not find resource for relative : /v3/company/9130350000000000/customer/1/5 of full path: ";
    assert!(reply.fault().1.starts_with(text), "{}", reply.body);
    let invalid = world.get("customer/1.5").await;
    assert_eq!(invalid.fault(), ("2030", "Id should be a valid number. Supplied value:1.5"));
    assert_eq!(invalid.body.get("time"), None);
    assert_eq!(world.get("creditmemo/5").await.fault().0, "610");
}
