//! Stax Bill as a client sees it, through the router.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;

mod access;
mod acts;
mod audit;
mod credits;
mod hostile;
mod openings;
mod paging;
mod refunds;
mod reversals;

const KEY: &str = "Basic MDpzYW5kYm94";

fn clock() -> SandboxClock {
    SandboxClock::starting_at("2026-11-22T15:00:00Z".parse().unwrap())
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn charge(name: &str, product: Option<&str>, amount: &str) -> NewCharge {
    NewCharge {
        name: name.to_owned(),
        product: product.map(str::to_owned),
        quantity: Decimal::ONE,
        unit_price: dec(amount),
        amount: dec(amount),
        ..NewCharge::default()
    }
}

/// Two customers; the first with three invoices, the last of them in two
/// instalments, and a payment of 60 with 40 on the first invoice.
fn account(throttled: bool, clock: SandboxClock) -> Arc<Account> {
    let account = Account::empty(Options { throttled, ..Options::default() }, clock);
    for (code, product_type) in
        [("PRO", ProductType::RecurringService), ("SETUP", ProductType::OneTimeCharge)]
    {
        let (code, name) = (code.to_owned(), code.to_lowercase());
        account.add_product(NewProduct { code, name, product_type, gl_code: String::new() });
    }
    let amy = NewCustomer { company_name: Some("Amy's".to_owned()), ..NewCustomer::default() };
    let draft = NewCustomer {
        first_name: Some("Bo".to_owned()),
        primary_phone: Some("5551234".to_owned()),
        status: CustomerStatus::Draft,
        ..NewCustomer::default()
    };
    let past = account.recorded_at(at("2026-01-05T10:00:00Z"));
    assert_eq!((past.add_customer(amy), past.add_customer(draft)), (10_482, 10_483));
    for (month, installments) in [(1, vec![]), (2, vec![]), (3, vec![(30, dec("60")), (60, dec("52.5"))])] {
        let effective = at(&format!("2026-0{month}-10T19:11:00.0009221Z"));
        let mut seats = charge("Seats", Some("PRO"), "100");
        seats.discounts = vec![dec("2.5")];
        account.recorded_at(effective).post_invoice(NewInvoice {
            customer: 10_482,
            effective,
            charges: vec![seats, charge("Setup", Some("SETUP"), "10"), charge("Free", None, "0")],
            taxes: vec![("GST".to_owned(), dec("5"), dec("5"))],
            due_days: 30,
            installments,
            ..NewInvoice::default()
        });
    }
    let effective = at("2026-02-20T12:00:00Z");
    let paid = NewPayment {
        customer: 10_482,
        amount: dec("60"),
        effective,
        method: "CreditCard".to_owned(),
        reference: Some("web".to_owned()),
        allocations: vec![(88_100, dec("40"))],
        ..NewPayment::default()
    };
    assert_eq!(account.recorded_at(effective).collect_payment(paid), 7_613_000);
    account
}

async fn send(account: &Arc<Account>, method: Method, path: &str) -> (StatusCode, HeaderMap, Value) {
    let request = Request::builder().method(method).uri(path).header("authorization", KEY);
    let response = router(Arc::clone(account)).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, serde_json::from_slice(&body).unwrap())
}

async fn get(account: &Arc<Account>, path: &str) -> Value {
    let (status, _, body) = send(account, Method::GET, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn lists_are_filtered_and_sorted() {
    let account = account(false, clock());
    for (path, expected) in [
        ("/v1/customers", vec![10_483, 10_482]),
        ("/V1/CUSTOMERS?query=status:Draft", vec![10_483]),
        ("/v1/customers?query=companyName:amy*", vec![10_482]),
        ("/v1/customers?query=companyName:[empty]", vec![10_483]),
        ("/v1/customers?query=arBalance:1%7C", vec![10_482]),
        ("/v1/Invoices?query=invoiceNumber:1101,1102", vec![88_102, 88_101]),
        ("/v1/invoices?query=postedTimestamp:2026-02-01%7C2026-03-01", vec![88_101]),
        ("/v1/Invoices?sortExpression=id&sortOrder=Ascending", vec![88_100, 88_101, 88_102]),
        ("/v1/invoices?sortExpression=postedTimestamp&sortOrder=descending&pageSize=1", vec![88_102]),
        ("/v1/invoices?pageSize=2&pageNumber=1", vec![88_100]),
        ("/v1/invoices?pageSize=2&pageNumber=7", vec![]),
        ("/v1/invoiceSummaries", vec![88_102, 88_102, 88_101, 88_100]),
        ("/v1/invoiceSummaries?query=modifiedTimestamp:2026-02-20%7C2026-03-01", vec![88_100]),
        ("/v1/invoiceSummaries?query=quickBooksId:[empty];invoiceStatus:Due", vec![]),
        ("/v1/customers/10482/invoiceSummaries?query=id:88102", vec![88_102, 88_102]),
        ("/v1/customers/10483/invoiceSummaries", vec![]),
        ("/v1/PaymentActivities/GetByAccountID?query=PaymentActivityStatus:Successful", vec![118_400]),
        ("/v1/PaymentActivities/GetByAccountID?query=PaymentType:Refund", vec![]),
        ("/v1/PaymentActivities/GetByAccountID?query=Customer.Status:Draft", vec![]),
        ("/v1/customers/10482/paymentactivities?query=PaymentMethodType:CreditCard", vec![118_400]),
        ("/v1/customers?query=CurrencyId:840;monthlyRecurringRevenue:0%7C10", vec![10_483, 10_482]),
        ("/v1/customers?query=monthlyRecurringRevenue:50.00%7C180.00", vec![]),
        ("/v1/customers?query=QuickBooksLatchTypeId:[empty]", vec![10_483, 10_482]),
        ("/v1/customers?query=QuickBooksLatchTypeId:1", vec![]),
        (
            "/v1/Invoices?query=netsuiteId:[empty];salesforceId:[empty];avalaraId:[empty];id:88100",
            vec![88_100],
        ),
        ("/v1/Invoices?query=salesforceId:0061", vec![]),
        ("/v1/Products?query=netsuiteItemId:[empty];salesforceId:[empty]", vec![311, 310]),
        ("/v1/Products?query=code:pro", vec![310]),
        ("/v1/ProductSummary?query=productType:OneTimeCharge", vec![311]),
    ] {
        assert_eq!(ids(&get(&account, path).await), expected, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_refused_in_the_vendors_shape() {
    let account = account(false, clock());
    for (path, status, word) in [
        ("/v1/Invoices?query=modifiedTimestamp:2026-01-01%7C", 400, "modifiedTimestamp"),
        ("/v1/Invoices?sortExpression=modifiedTimestamp&sortOrder=Ascending", 400, "modifiedTimestamp"),
        ("/v1/customers?query=nonsense:1", 400, "nonsense"),
        ("/v1/customers?sortExpression=id", 400, "together"),
        ("/v1/customers?sortOrder=Ascending", 400, "together"),
        ("/v1/customers?sortExpression=id&sortOrder=up", 400, "up"),
        ("/v1/customers?pageNumber=-1", 400, "-1"),
        ("/v1/customers?pageSize=0", 400, "pageSize"),
        ("/v1/customers/x", 400, "x"),
        ("/v1/Invoices/2", 404, "Invoice with id 2 not found."),
        ("/v1/customers/2/Invoices", 404, "Customer with id 2 not found."),
    ] {
        let (code, _, body) = send(&account, Method::GET, path).await;
        assert_eq!(code.as_u16(), status, "{path}");
        assert_eq!(body["HttpStatusCode"], status, "{path}");
        let text = body["Errors"][0]["Value"].as_str().unwrap();
        assert!(text.contains(word), "{path}: {text}");
    }
    let (code, _, body) = send(&account, Method::GET, "/v1/nothing/at/all").await;
    assert_eq!(code, StatusCode::NOT_FOUND);
    assert!(body["Message"].is_string(), "{body}");
}

#[tokio::test(start_paused = true)]
async fn pages_count_from_zero_and_tell_so() {
    let account = account(false, clock());
    for (query, expected) in [
        ("pageSize=1", [("x-count", "3"), ("x-nextpage", "1"), ("x-previouspage", "-1")]),
        ("pageSize=1&pageNumber=2", [("x-maxpageindex", "2"), ("x-nextpage", "-1"), ("x-previouspage", "1")]),
        ("query=id:88101", [("x-count", "1"), ("x-maxcount", "3"), ("x-pagesize", "100")]),
        ("pageSize=5000", [("x-pagesize", "1000"), ("x-maxpageindex", "0"), ("x-sortorder", "Descending")]),
    ] {
        let (_, headers, _) = send(&account, Method::GET, &format!("/v1/Invoices?{query}")).await;
        for (name, value) in expected {
            assert_eq!(headers[name], value, "{query}: {name}");
        }
        assert_eq!(headers["date"], "Sun, 22 Nov 2026 15:00:00 GMT");
    }
}

#[tokio::test(start_paused = true)]
async fn an_invoice_adds_up_and_hides_its_products() {
    let account = account(false, clock());
    let invoice = get(&account, "/v1/Invoices/88100").await;
    for (field, amount) in [
        ("subtotal", "110"),
        ("totalDiscount", "2.5"),
        ("invoiceAmount", "112.5"),
        ("totalPayments", "40"),
        ("outstandingBalance", "72.5"),
    ] {
        assert_eq!(decimal(&invoice[field]), dec(amount), "{field}");
    }
    let charges = invoice["charges"].as_array().unwrap();
    assert_eq!(charges.len(), 2, "a charge of zero is hidden");
    let recurring = charges[0]["subscriptionProduct"]["id"].as_i64().unwrap();
    let source = get(&account, &format!("/v1/subscriptionProducts/{recurring}")).await;
    assert_eq!(source["planProduct"]["productCode"], "PRO");
    let purchase = charges[1]["purchase"]["id"].as_i64().unwrap();
    let bought = get(&account, &format!("/v1/Purchases/{purchase}")).await;
    let product = bought["productId"].as_i64().unwrap();
    assert_eq!(get(&account, &format!("/v1/Products/{product}")).await["code"], "SETUP");
    for (query, flat, grouped) in
        [("?showZeroDollarCharges=true", Some(3), None), ("?groupCharges=true", None, Some(1))]
    {
        let shown = get(&account, &format!("/v1/Invoices/88100{query}")).await;
        assert_eq!(shown["charges"].as_array().map(Vec::len), flat, "{query}");
        assert_eq!(shown["chargeGroups"].as_array().map(Vec::len), grouped, "{query}");
    }
    assert_eq!(get(&account, "/v1/Invoices").await[0]["charges"], Value::Null);
    assert_eq!(get(&account, "/v1/Customers/10482/Invoices").await[0]["charges"][0]["name"], "Seats");
}

#[tokio::test(start_paused = true)]
async fn a_later_allocation_moves_only_the_invoice() {
    let time = clock();
    let account = account(false, time.clone());
    let since = "2026-11-22T15:00:01%7C";
    let activities = format!("/v1/PaymentActivities/GetByAccountID?query=modifiedTimestamp:{since}");
    let summaries = format!("/v1/invoiceSummaries?query=modifiedTimestamp:{since}");
    tokio::time::advance(Duration::from_secs(5)).await;
    account.allocate(7_613_000, 88_101, dec("15"));
    assert_eq!(ids(&get(&account, &activities).await), [0_i64; 0]);
    assert_eq!(ids(&get(&account, &summaries).await), [88_101]);
    let seen = get(&account, "/v1/invoices/88101/paymentAllocations").await;
    assert_eq!(seen[0]["amount"], "15.0000", "text on the side of the invoice");
    let payment = get(&account, "/v1/payments/7613000").await;
    assert_eq!(decimal(&payment["unallocatedAmount"]), dec("5"));
    assert_eq!(payment["invoiceAllocations"][1]["quickbooksId"], Value::Null);
    account.deallocate(7_613_000, 88_101, dec("15"));
    assert_eq!(get(&account, "/v1/invoices/88101/paymentAllocations").await, json!([]));
    assert_eq!(get(&account, "/v1/invoices/88101/creditAllocations").await, json!([]));
    assert_eq!(account.ledger(10_482), (dec("297.5"), dec("20")));
}

#[tokio::test(start_paused = true)]
async fn instalments_have_a_state_each() {
    let account = account(false, clock());
    let pay = NewPayment {
        customer: 10_482,
        amount: dec("70"),
        effective: at("2026-11-22T15:00:00Z"),
        method: "Check".to_owned(),
        allocations: vec![(88_102, dec("70"))],
        ..NewPayment::default()
    };
    account.collect_payment(pay);
    let rows = get(&account, "/v1/invoiceSummaries?query=id:88102").await;
    let states: Vec<_> = rows.as_array().unwrap().iter().map(|row| &row["invoiceStatus"]).collect();
    assert_eq!(states, ["Overdue", "Paid"]);
    let schedules = &get(&account, "/v1/Invoices/88102").await["paymentSchedules"];
    assert_eq!(decimal(&schedules[1]["outstandingBalance"]), dec("42.5"));
}

#[tokio::test(start_paused = true)]
async fn attempts_are_activities_without_a_transaction() {
    let account = account(false, clock());
    let attempt = NewAttempt {
        customer: 10_482,
        amount: dec("9"),
        effective: at("2026-11-20T00:00:00Z"),
        method: "CreditCard".to_owned(),
        outcome: Attempt::Failed,
    };
    account.attempt_payment(attempt.clone());
    account.attempt_payment(NewAttempt { outcome: Attempt::Validation, ..attempt });
    for (id, status, kind, amount, money) in [
        (118_400, "Successful", "Collect", "60", true),
        (118_401, "Failed", "Collect", "9", false),
        (118_402, "Successful", "Validate", "0", false),
    ] {
        let shown = get(&account, &format!("/v1/PaymentActivities/{id}")).await;
        assert_eq!((&shown["status"], &shown["transactionType"]), (&json!(status), &json!(kind)));
        assert_eq!(decimal(&shown["amount"]), dec(amount));
        assert_eq!(shown["transaction"].is_object(), money, "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_shows_the_vendors_oddities() {
    let account = account(false, clock());
    let bo = get(&account, "/v1/customers/10483").await;
    assert_eq!((&bo["primaryPhone"], &bo["title"]), (&json!(5_551_234), &json!("")));
    assert_eq!(bo["companyName"], Value::Null);
    let overview = get(&account, "/v1/customers/10482/overview").await;
    assert_eq!(decimal(&overview["arBalance"]), dec("277.5"));
    assert_eq!(decimal(&overview["unallocatedPayments"]), dec("20"));
    assert!(overview.get("quickbooksId").is_some() && overview.get("quickBooksId").is_none());
    let address = get(&account, "/v1/customerAddressPreferences/10482").await;
    assert_eq!(address["billingAddress"], Value::Null);
}

/// Every name a list offers must be one its rows know: a name that always
/// shows null would filter everything away.
#[test]
fn every_name_is_known_to_its_rows() {
    fn blank<'a, R: listing::Listed<'a>>(row: R) -> Vec<&'static str> {
        let names = R::NAMES.iter().map(|(name, _)| *name);
        names.filter(|name| row.cell(&name.to_lowercase()) == filter::Cell::Null).collect()
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _inside = runtime.enter();
    let account = account(false, clock());
    account.edit_customer(10_482, |fields| {
        let text = || Some("text".to_owned());
        (fields.first_name, fields.last_name, fields.reference) = (text(), text(), text());
        (fields.primary_email, fields.primary_phone, fields.parent) = (text(), text(), Some(1));
    });
    account.reverse(NewReversal { invoice: 88_101, ..NewReversal::default() });
    account.synchronised_by_vendor(10_482, 900);
    account.amend_invoice(88_100, Some("PO"), None);
    let mut state = account.state();
    let fields = state.customers[&10_482].fields.clone();
    state.invoices.get_mut(&88_100).unwrap().snapshot = fields;
    let (invoice, now) = (&state.invoices[&88_100], account.present());
    assert_eq!(blank(&state.customers[&10_482]), [""; 0]);
    // The vendor filters by what no synchronisation of ours ever writes.
    assert_eq!(blank(invoice), ["netsuiteId", "salesforceId", "avalaraId"]);
    assert_eq!(blank(columns::SummaryRow { invoice, schedule: 0, unsettled: false, now }), [""; 0]);
    assert_eq!(blank(&state.products[&310]), ["netsuiteItemId", "salesforceId"]);
    let entry = state.ar.values().next().unwrap();
    assert_eq!(blank(entry), [""; 0]);
    let note = state.credit_notes.values().next().unwrap();
    assert_eq!(blank(columns::CreditNoteRow { note, state: &state }), [""; 0]);
    let activity = &state.activities[&118_400];
    assert_eq!(blank(columns::ActivityRow { activity, state: &state }), [""; 0]);
}
