//! Every documented code, provoked over HTTP: by what a client does wrong, by
//! a condition of the company, or by trouble on the way alone.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::{Fault, Refusal};
use super::{World, fault_in, invoice, sale};

/// How a code comes about.
enum Cause {
    /// A body posted to a path.
    Post(&'static str, Value),
    /// A path that is read.
    Get(&'static str),
    /// A statement.
    Query(&'static str),
    /// A condition of the company, met by writing a vendor or querying.
    Standing(Refusal),
}

use Cause::{Get, Post, Query, Standing};

fn bill(key: &str, value: Value) -> Value {
    let mut body = invoice("1", "10");
    body[key] = value;
    body
}

fn line(detail: &Value) -> Value {
    bill(
        "Line",
        json!([{ "Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail }]),
    )
}

fn vendor(key: &str, value: Value) -> Value {
    let mut body = json!({ "DisplayName": "New" });
    body[key] = value;
    body
}

/// A code, how it comes about, and a piece of its detail.
type Case = (&'static str, Cause, &'static str);

/// The cause of each code that a client can meet.
fn causes() -> Vec<Case> {
    below_2060().into_iter().chain(from_2060()).chain(from_5010()).collect()
}

fn below_2060() -> Vec<Case> {
    let batch: Vec<Value> =
        (0..31).map(|id| json!({ "bId": id.to_string(), "Query": "select * from Item" })).collect();
    vec![
        ("120", Standing(Refusal::AdminLost), "-11014-You do not have access"),
        ("130", Standing(Refusal::WrongCluster), "WrongClusterError"),
        ("140", Standing(Refusal::LockedOut), "CompanyLockedOut"),
        ("150", Standing(Refusal::Maintenance), "CompanyUnderMaintenance"),
        ("500", Get("customer/1/5"), "Operation Could not find resource for relative : "),
        (
            "610",
            Get("customer/9999"),
            "Object Not Found : Something you're trying to use has been made inactive.",
        ),
        ("1040", Post("batch", json!({ "BatchItemRequest": batch })), "Maximum allowed is 30"),
        ("2000", Get("cdc?entities=Dream&changedSince=2026-05-05"), "Object Dream is not supported"),
        (
            "2010",
            Post("vendor", vendor("Dream", json!(1))),
            "Unrecognized field \"Dream\" (class com.intuit.schema.finance.v3.Vendor), not marked as ignorable",
        ),
        ("2020", Post("vendor", json!({})), "Required parameter "),
        ("2030", Get("customer/1.5"), "Id should be a valid number. Supplied value:1.5"),
        ("2040", Post("vendor", json!({ "DisplayName": "a:b" })), ""),
        (
            "2050",
            Post("vendor", vendor("GivenName", json!("x".repeat(101)))),
            "Min:0 Max:100 supported. Supplied length:101",
        ),
    ]
}

fn from_2060() -> Vec<Case> {
    vec![
        ("2060", Post("invoice", bill("TxnDate", json!("soon"))), "Supplied value:soon"),
        ("2090", Post("invoice", bill("Line", json!([sale("ten")]))), ""),
        (
            "2170",
            Post("item", json!({ "Name": "N", "Type": "Dream", "IncomeAccountRef": { "value": "1" } })),
            "",
        ),
        ("2200", Post("vendor", vendor("WebAddr", json!({ "URI": "no page" }))), ""),
        ("2210", Post("vendor", vendor("PrimaryEmailAddr", json!({ "Address": "x" }))), "RFC 822"),
        (
            "2500",
            Post("invoice", line(&json!({ "ItemRef": { "value": "9999" } }))),
            "Invalid Reference Id : Items element id 9999 not found",
        ),
        (
            "4000",
            Query("select * from Item where Id => 1"),
            "QueryParserError: Encountered \" \">\" \"> \"\" at line 1, column ",
        ),
        (
            "4001",
            Query("select * from Custmoer"),
            "QueryValidationError: invalid context declaration: Custmoer",
        ),
        ("4002", Standing(Refusal::QueriesDown), ""),
    ]
}

fn from_5010() -> Vec<Case> {
    vec![
        (
            "5010",
            Post("vendor", json!({ "Id": "56", "SyncToken": "99", "sparse": true })),
            "Stale Object Error : You and ",
        ),
        ("5020", Standing(Refusal::NoPermission), "permission"),
        ("5030", Standing(Refusal::NotInPlan), "Vendor"),
        (
            "6000",
            Standing(Refusal::NamesBusy),
            "Business Validation Error: You can only add or edit one name at a time",
        ),
        ("6010", Post("account", json!({ "Name": "N" })), ""),
        (
            "6070",
            Post("invoice", line(&json!({ "Qty": 3, "UnitPrice": 3 }))),
            "Amount is not equal to UnitPrice * Qty",
        ),
        (
            "6090",
            Post("invoice", bill("Line", json!([sale("1"), { "DetailType": "DiscountLineDetail" }]))),
            "",
        ),
        ("6100", Post("invoice", line(&json!({ "TaxCodeRef": { "value": "2" } }))), ""),
        ("6190", Standing(Refusal::Unsubscribed), "Subscription period has ended or canceled"),
        (
            "6240",
            Post("vendor", json!({ "DisplayName": "Amy's Bird Sanctuary" })),
            "The name supplied already exists. : ",
        ),
        ("6420", Post("invoice", bill("EmailStatus", json!("NeedToSend"))), ""),
        (
            "6430",
            Post("item", json!({ "Name": "N", "Type": "Service", "IncomeAccountRef": { "value": "84" } })),
            "",
        ),
        ("10200", Standing(Refusal::Reset), ""),
    ]
}

/// Codes with tests of their own: tokens, limits, and what needs a history.
const ELSEWHERE: &[&str] = &[
    "100", "110", "620", "2220", "2300", "2600", "3001", "3100", "3200", "6040", "6050", "6140", "6210",
    "6220", "6540",
];

/// Codes that only trouble on the way answers, because nothing a client does in
/// these entities brings them about, or because another code comes for it.
const TROUBLE: &[&str] = &[
    "600", "630", "700", "800", "900", "1000", "1010", "1020", "2070", "2080", "2100", "2110", "2140",
    "2150", "2160", "2250", "2260", "2270", "2280", "2290", "3202", "6160", "6170", "6200", "6230", "6250",
    "6270", "6280", "6450", "6470", "6480", "6560", "10000", "10100",
];

#[test]
fn every_code_has_its_place() {
    let provoked: Vec<&str> = causes().iter().map(|(code, ..)| *code).collect();
    for code in Fault::codes() {
        let places = [provoked.as_slice(), ELSEWHERE, TROUBLE];
        let found = places.iter().filter(|place| place.contains(&code)).count();
        assert_eq!(found, 1, "{code} is provoked, tested elsewhere, or trouble alone");
    }
}

#[tokio::test(start_paused = true)]
async fn every_code_comes_in_its_shape() {
    let world = World::new().await;
    for (code, cause, detail) in causes() {
        let reply = match cause {
            Post(path, body) => world.post(path, body).await,
            Get(path) => world.get(path).await,
            Query(statement) => world.query(statement).await,
            Standing(refusal) => {
                world.company.refuse(refusal, true);
                let reply = if refusal == Refusal::QueriesDown {
                    world.query("select * from Item").await
                } else {
                    let body = json!({ "DisplayName": "New" }).to_string();
                    world.call(Method::POST, "vendor", ("application/json", body)).await
                };
                world.company.refuse(refusal, false);
                reply
            }
        };
        let (got, text) = fault_in(&reply.body);
        assert_eq!(got, code, "{}", reply.body);
        assert!(text.contains(detail), "{code}: {text}");
        let (status, example) = Fault::by_code(code).unwrap().answer("2026-05-05T09:00:00Z".parse().unwrap());
        assert_eq!(reply.status, status, "{code}");
        assert_eq!(reply.body["Fault"]["type"], example["Fault"]["type"], "{code}");
        assert_eq!(reply.body.get("time").is_some(), code != "2030", "{code}");
        let message = reply.body["Fault"]["Error"][0]["Message"].as_str().unwrap();
        assert!(!message.is_empty(), "{code}");
    }
    let untouched = world.query("select count(*) from Vendor where DisplayName = 'New'").await;
    assert_eq!(
        (untouched.status, &untouched.body["QueryResponse"]["totalCount"]),
        (StatusCode::OK, &json!(0))
    );
}
