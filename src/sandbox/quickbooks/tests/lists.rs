//! The short lists: what they take and refuse, and what refers to them.

use http::StatusCode;
use serde_json::{Value, json};

use super::{World, invoice};

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

#[tokio::test(start_paused = true)]
async fn lists_are_filled_in() {
    let world = World::new().await;
    let cases = [
        (
            "term",
            json!({ "Name": "Net 45", "DueDays": "45" }),
            json!({ "Type": "Standard", "DueDays": 45, "Active": true }),
        ),
        (
            "term",
            json!({ "Name": "The 15th", "DayOfMonthDue": 15 }),
            json!({ "Type": "DateDriven", "DayOfMonthDue": 15 }),
        ),
        ("paymentmethod", json!({ "Name": "Card" }), json!({ "Type": "NON_CREDIT_CARD", "Id": "201" })),
        ("class", json!({ "Name": "North" }), json!({ "FullyQualifiedName": "North", "SubClass": false })),
        (
            "department",
            json!({ "Name": "Shop" }),
            json!({ "FullyQualifiedName": "Shop", "SubDepartment": false, "Id": "201" }),
        ),
    ];
    for (path, body, expected) in cases {
        let made = world.put(path, body.clone()).await;
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&made[key], value, "{body}: {key}");
        }
    }
    let term = world.read("term/201").await;
    let term = with(
        json!({ "sparse": true, "SyncToken": "0", "Id": "201" }),
        "DayOfMonthDue",
        json!(term["DueDays"].as_u64().unwrap() - 35),
    );
    let term = world.put("term", term).await;
    assert_eq!(
        (&term["Type"], term.get("DueDays"), &term["DayOfMonthDue"]),
        (&json!("DateDriven"), None, &json!(10))
    );
}

#[tokio::test(start_paused = true)]
async fn lists_are_held_to_the_rules() {
    let world = World::new().await;
    let class = world.put("class", json!({ "Name": "North" })).await;
    let own = with(
        json!({ "sparse": true, "SyncToken": "0", "ParentRef": { "value": class["Id"] } }),
        "Id",
        class["Id"].clone(),
    );
    let cases = [
        ("term", json!({ "DueDays": 3 }), "2020"),
        ("term", json!({ "Name": "x".repeat(32) }), "2050"),
        ("term", json!({ "Name": "Net 30" }), "6240"),
        ("term", json!({ "Name": "New", "DueDays": 1000 }), "2090"),
        ("term", json!({ "Name": "New", "DueDays": 1.5 }), "2090"),
        ("term", json!({ "Name": "New", "DayOfMonthDue": 32 }), "2090"),
        ("term", json!({ "Name": "New", "DueDays": 3, "DayOfMonthDue": 3 }), "2600"),
        ("term?operation=delete", json!({ "Id": "3", "SyncToken": "0" }), "500"),
        ("paymentmethod", json!({ "Name": "New", "Type": "CARD" }), "2170"),
        ("paymentmethod", json!({ "Name": "cash" }), "6240"),
        ("class", json!({ "Name": "north" }), "6240"),
        ("class", json!({ "Name": "a:b" }), "2040"),
        ("class", json!({ "Name": "Sub", "SubClass": true }), "2020"),
        ("class", json!({ "Name": "Sub", "ParentRef": { "value": "1" } }), "2500"),
        ("class", own, "900"),
        ("department", json!({}), "2020"),
        ("customertype", json!({ "Name": "New" }), "500"),
        ("taxcode", json!({ "Name": "New" }), "500"),
        ("taxrate", json!({ "Name": "New" }), "500"),
    ];
    for (path, body, code) in cases {
        let reply = world.post(path, body.clone()).await;
        assert_eq!(
            (reply.status, reply.fault().0),
            (StatusCode::BAD_REQUEST, code),
            "{path} {body}: {}",
            reply.body
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_refers_to_a_list_is_checked_and_named() {
    let world = World::new().await;
    let customer = |key: &str, id: &str| with(json!({ "DisplayName": "New" }), key, json!({ "value": id }));
    let form = |key: &str| with(invoice("1", "1"), key, json!({ "value": "99" }));
    let cases = [
        ("invoice", form("SalesTermRef"), "Terms element id 99 not found"),
        ("invoice", form("ClassRef"), "Klasses element id 99 not found"),
        ("invoice", form("DepartmentRef"), "Depts element id 99 not found"),
        (
            "payment",
            json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 1, "PaymentMethodRef": { "value": "99" } }),
            "PaymentMethods element id 99",
        ),
        ("customer", customer("SalesTermRef", "99"), "Terms element id 99 not found"),
        ("customer", customer("CustomerTypeRef", "99"), "CustomerTypes element id 99 not found"),
    ];
    for (path, body, text) in cases {
        let reply = world.post(path, body).await;
        let (code, detail) = reply.fault();
        assert_eq!(code, "2500", "{}", reply.body);
        assert!(detail.contains(text), "{text}: {detail}");
    }
    let made = world.put("invoice", with(invoice("1", "1"), "SalesTermRef", json!({ "value": "2" }))).await;
    assert_eq!((&made["SalesTermRef"]["name"], &made["DueDate"]), (&json!("Net 15"), &json!("2026-05-20")));
    world.company.bookkeeper().inactivate("Term", "2").unwrap();
    let reply = world.post("invoice", with(invoice("1", "1"), "SalesTermRef", json!({ "value": "2" }))).await;
    assert_eq!(reply.fault().0, "2500");
    assert!(reply.fault().1.contains("made inactive"), "{}", reply.body);
}

#[tokio::test(start_paused = true)]
async fn the_due_date_follows_the_nearest_term() {
    let world = World::new().await;
    let bookkeeper = world.company.bookkeeper();
    let due = |made: &Value| made["DueDate"].as_str().unwrap().to_owned();
    let made = world.invoice("1", "1").await;
    assert_eq!((due(&made).as_str(), made.get("SalesTermRef")), ("2026-06-04", None));
    bookkeeper.edit("Customer", "1", json!({ "SalesTermRef": { "value": "4" } })).unwrap();
    assert_eq!(due(&world.invoice("1", "1").await), "2026-07-04");
    world.company.set_preference("SalesFormsPrefs.DefaultTerms", Value::Null);
    assert_eq!(due(&world.invoice("3", "1").await), "2026-05-05");
    let id = made["Id"].as_str().unwrap();
    let moved = bookkeeper.edit("Invoice", id, json!({ "SalesTermRef": { "value": "2" } })).unwrap();
    assert_eq!(due(&moved), "2026-05-20");
    let kept = bookkeeper.edit("Invoice", id, json!({ "PrivateNote": "x" })).unwrap();
    assert_eq!(due(&kept), "2026-05-20");
}
