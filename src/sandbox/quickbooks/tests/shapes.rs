//! Answers key by key: the shapes that money movements have at the service,
//! with the form of every value.

use serde_json::{Map, Value, json};

use super::{World, invoice, pays};

/// Replaces every value by its form: what a client's reader would trip over.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object.iter().map(|(key, value)| (key.clone(), shape(value))).collect::<Map<_, _>>(),
        ),
        Value::Array(list) => Value::Array(list.iter().map(shape).collect()),
        Value::Number(number) => {
            let text = number.to_string();
            let cents = text.rsplit_once('.').is_some_and(|(_, decimals)| decimals.len() == 2);
            json!(if text == "0" {
                "nought"
            } else if cents {
                "amount"
            } else {
                "number"
            })
        }
        Value::String(text) => {
            let digits: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
            json!(match digits.as_str() {
                "9999-99-99" => "date",
                "9999-99-99T99:99:99-99:99" => "time",
                _ if digits.starts_with("9999-99-99T99:99:99.9") => "time of an answer",
                _ if !digits.is_empty() && digits.chars().all(|c| c == '9') => "digits",
                _ => "text",
            })
        }
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

fn written(text: &str) -> Value {
    serde_json::from_str(text).expect("a shape is written as JSON")
}

const LEAST_PAYMENT: &str = r#"{"Payment":{"CustomerRef":{"value":"1","name":"A"},"DepositToAccountRef":{"value":"4"},
    "TotalAmt":100.00,"UnappliedAmt":100.00,"ProcessPayment":false,"domain":"QBO","sparse":false,"Id":"180",
    "SyncToken":"0","MetaData":{"CreateTime":"2026-05-05T03:11:46-07:00","LastUpdatedTime":"2026-05-05T03:11:46-07:00"},
    "TxnDate":"2026-05-05","CurrencyRef":{"value":"USD","name":"United States Dollar"},"Line":[]},
    "time":"2026-05-05T03:11:46.211-07:00"}"#;

#[tokio::test(start_paused = true)]
async fn a_payment_with_the_least() {
    let world = World::new().await;
    let reply = world.post("payment", json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 100 })).await;
    assert_eq!(shape(&reply.body), shape(&written(LEAST_PAYMENT)), "{}", reply.body);
}

/// One value of a line's `LineEx`.
fn extra(name: &str, value: &str) -> Value {
    json!({
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": { "Name": name, "Value": value },
        "nil": false, "globalScope": true, "typeSubstituted": false,
    })
}

#[tokio::test(start_paused = true)]
async fn a_payment_of_an_invoice() {
    let world = World::new().await;
    let mut owed = invoice("1", "387");
    owed["DocNumber"] = json!("1038");
    let owed = world.put("invoice", owed).await;
    let body =
        json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 400, "Line": [pays(&owed["Id"], "100")] });
    let reply = world.post("payment", body).await;
    let mut expected = written(LEAST_PAYMENT);
    let line = json!({
        "Amount": written("100.00"),
        "LinkedTxn": [{ "TxnId": owed["Id"], "TxnType": "Invoice" }],
        "LineEx": { "any": [
            extra("txnId", owed["Id"].as_str().unwrap()),
            extra("txnOpenBalance", "387.00"),
            extra("txnReferenceNumber", "1038"),
        ] },
    });
    expected["Payment"]["Line"] = json!([line]);
    assert_eq!(shape(&reply.body), shape(&expected), "{}", reply.body);
    let any = |body: &Value| body["Payment"]["Line"][0]["LineEx"]["any"].clone();
    let values = |body: &Value| -> Vec<Value> {
        any(body).as_array().unwrap().iter().map(|extra| extra["value"]["Value"].clone()).collect()
    };
    assert_eq!(values(&reply.body)[..2], values(&expected)[..2], "the balance is that before this payment");
}

#[tokio::test(start_paused = true)]
async fn a_note_answers_the_whole_payment() {
    let world = World::new().await;
    let made = world.put("payment", json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 100 })).await;
    let body = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "PrivateNote": "x" });
    let reply = world.post("payment", body).await;
    let mut expected = written(LEAST_PAYMENT);
    expected["Payment"]["PrivateNote"] = json!("x");
    assert_eq!(shape(&reply.body), shape(&expected), "{}", reply.body);
    assert_eq!(reply.body["Payment"]["SyncToken"], "1");
}

#[tokio::test(start_paused = true)]
async fn a_void_of_a_payment() {
    let world = World::new().await;
    let owed = world.put("invoice", invoice("1", "387")).await;
    let body =
        json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 387, "Line": [pays(&owed["Id"], "387")] });
    let made = world.put("payment", body).await;
    let body = json!({ "Id": made["Id"], "SyncToken": made["SyncToken"], "sparse": true });
    let reply = world.post("payment?operation=update&include=void", body).await;
    let mut expected = written(LEAST_PAYMENT);
    for (key, value) in [("TotalAmt", json!(0)), ("UnappliedAmt", json!(0)), ("PrivateNote", json!("Voided"))]
    {
        expected["Payment"][key] = value;
    }
    assert_eq!(shape(&reply.body), shape(&expected), "{}", reply.body);
    assert_eq!(
        (&reply.body["Payment"]["PrivateNote"], &reply.body["Payment"]["SyncToken"]),
        (&json!("Voided"), &json!("1"))
    );
}

#[tokio::test(start_paused = true)]
async fn the_fields_a_company_gives_its_forms() {
    let named = |number: u8, used: bool| {
        json!([
            { "CustomField": [{ "Name": format!("SalesFormsPrefs.UseSalesCustom{number}"),
                "Type": "BooleanType", "BooleanValue": used }] },
            { "CustomField": [{ "Name": format!("SalesFormsPrefs.SalesCustomName{number}"),
                "Type": "StringType", "StringValue": "Crew #" }] },
        ])
    };
    for (settings, expected) in [
        (Value::Null, json!([])),
        (named(1, true), json!([{ "DefinitionId": "1", "Name": "Crew #", "Type": "StringType" }])),
        (named(3, true), json!([{ "DefinitionId": "3", "Name": "Crew #", "Type": "StringType" }])),
        (named(1, false), json!([])),
    ] {
        let world = World::new().await;
        world.company.set_preference("SalesFormsPrefs.CustomField", settings.clone());
        let made = world.put("invoice", invoice("1", "10")).await;
        assert_eq!(made["CustomField"], expected, "{settings}");
    }
}
