//! Answers key by key: the shapes that money movements have at the service,
//! with the form of every value.

use serde_json::{Value, json};

use super::{World, invoice, pays};

/// Replaces every value by its form: what a client's reader would trip over.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let below = |key: &str, value: &Value| {
                // What an address says is the customer's own.
                if key.ends_with("Addr") && value.is_object() { json!("address") } else { shape(value) }
            };
            Value::Object(object.iter().map(|(key, value)| (key.clone(), below(key, value))).collect())
        }
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

/// Recorded in 2022 and with the account that lines name since.
const VOIDED_INVOICE: &str = r#"{"Invoice":{"AllowIPNPayment":false,"AllowOnlinePayment":false,
    "AllowOnlineCreditCardPayment":false,"AllowOnlineACHPayment":false,"domain":"QBO","sparse":false,"Id":"264",
    "SyncToken":"1","MetaData":{"CreateTime":"2020-09-29T04:46:06-07:00","LastUpdatedTime":"2022-09-02T05:58:56-07:00"},
    "CustomField":[],"DocNumber":"1041","TxnDate":"2020-09-29","CurrencyRef":{"value":"USD","name":"United States Dollar"},
    "PrivateNote":"Voided","LinkedTxn":[],"Line":[{"Id":"1","LineNum":1,"Amount":0,"DetailType":"SalesItemLineDetail",
      "SalesItemLineDetail":{"ItemRef":{"value":"1","name":"A"},"ItemAccountRef":{"value":"1","name":"A"},
      "TaxCodeRef":{"value":"NON"}}},{"Amount":0,"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{}}],
    "TxnTaxDetail":{"TotalTax":0},"CustomerRef":{"value":"1","name":"A"},"BillAddr":{},"ShipAddr":{},
    "DueDate":"2020-10-29","TotalAmt":0,"ApplyTaxAfterDiscount":false,"PrintStatus":"NeedToPrint",
    "EmailStatus":"NotSet","Balance":0},"time":"2022-09-02T05:58:56.463-07:00"}"#;

#[tokio::test(start_paused = true)]
async fn a_void_of_an_invoice() {
    let world = numbering_world().await;
    world.company.set_preference("SalesFormsPrefs.ETransactionPaymentEnabled", json!(false));
    let made = world.put("invoice", invoice("1", "100")).await;
    let body = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true });
    let reply = world.post("invoice?operation=void", body).await;
    assert_eq!(shape(&reply.body), shape(&written(VOIDED_INVOICE)), "{}", reply.body);
    let told = ["PrivateNote", "SyncToken", "DocNumber"].map(|key| &reply.body["Invoice"][key]);
    assert_eq!(told, [&json!("Voided"), &json!("1"), &made["DocNumber"]]);
}

#[tokio::test(start_paused = true)]
async fn a_batch() {
    let world = World::new().await;
    let reply = world
        .post(
            "batch",
            json!({ "BatchItemRequest": [
                { "bId": "a", "operation": "create", "Payment": { "CustomerRef": { "value": "1" }, "TotalAmt": 100 } },
                { "bId": "b", "operation": "create", "Customer": { "DisplayName": "Amy's Bird Sanctuary" } },
                { "bId": "c", "Query": "select * from Payment" },
                { "bId": "d", "Query": "select count(*) from Payment" },
                { "bId": "e", "operation": "delete", "Payment": { "Id": "999", "SyncToken": "0" } },
            ] }),
        )
        .await;
    let payment = &written(LEAST_PAYMENT)["Payment"];
    // A taken name is refused without an element, a missing object with an
    // empty one.
    let taken = written(r#"{"Error":[{"Message":"m","Detail":"d","code":"6240"}],"type":"ValidationFault"}"#);
    let mut missing = taken.clone();
    missing["Error"][0]["element"] = json!("");
    let expected = json!({ "BatchItemResponse": [
        { "Payment": payment, "bId": "a" },
        { "Fault": taken, "bId": "b" },
        { "QueryResponse": { "Payment": [payment], "startPosition": 1, "maxResults": 1 }, "bId": "c" },
        { "QueryResponse": { "totalCount": 1 }, "bId": "d" },
        { "Fault": missing, "bId": "e" },
    ], "time": "2026-05-05T03:11:46.211-07:00" });
    assert_eq!(shape(&reply.body), shape(&expected), "{}", reply.body);
}

#[tokio::test(start_paused = true)]
async fn a_feed_with_a_deletion() {
    let world = World::new().await;
    let body = || json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 100 });
    let (kept, gone) = (world.put("payment", body()).await, world.put("payment", body()).await);
    let delete = json!({ "Id": gone["Id"], "SyncToken": "0" });
    let reply = world.post("payment?operation=delete", delete).await;
    let deleted = json!({ "Payment": { "domain": "QBO", "status": "Deleted", "Id": "180" },
        "time": "2026-05-05T03:11:46.211-07:00" });
    assert_eq!(shape(&reply.body), shape(&deleted), "{}", reply.body);

    let reply = world.get("cdc?entities=Payment,Invoice&changedSince=2026-05-01T00%3A00%3A00-07%3A00").await;
    let told = json!({ "domain": "QBO", "status": "Deleted", "Id": "180",
        "MetaData": { "LastUpdatedTime": "2026-05-05T03:11:46-07:00" } });
    let mut rows = [(&kept, written(LEAST_PAYMENT)["Payment"].clone()), (&gone, told)];
    let listed = &reply.body["CDCResponse"][0]["QueryResponse"][0]["Payment"];
    rows.sort_by_key(|(row, _)| listed[0]["Id"] != row["Id"]);
    let rows = rows.map(|(_, shape)| shape);
    let expected = json!({ "CDCResponse": [{ "QueryResponse": [
        { "Payment": rows, "startPosition": 1, "maxResults": 2 }, {},
    ] }], "time": "2026-05-05T03:11:46.211-07:00" });
    assert_eq!(shape(&reply.body), shape(&expected), "{}", reply.body);
}

#[tokio::test(start_paused = true)]
async fn the_tax_code_of_a_customer_is_in_answers_about_it_alone() {
    let world = World::new().await;
    let code = |answer: &Value| answer.get("DefaultTaxCodeRef").cloned();
    let usual = Some(json!({ "value": "2" }));
    for (sent, alone, row) in [
        (json!({}), usual.clone(), None),
        (json!({ "DefaultTaxCodeRef": { "value": "2" } }), usual.clone(), usual.clone()),
        (json!({ "Taxable": false }), None, None),
        (json!({ "Taxable": false, "DefaultTaxCodeRef": { "value": "2" } }), usual.clone(), usual.clone()),
    ] {
        let mut body = sent.clone();
        body["DisplayName"] = json!(format!("{sent}").replace(['"', ':'], " "));
        let made = world.put("customer", body).await;
        let id = made["Id"].as_str().unwrap();
        let read = world.read(&format!("customer/{id}")).await;
        assert_eq!((code(&made), code(&read)), (alone.clone(), alone), "{sent}");
        let found = world.query(&format!("select * from Customer where Id = '{id}'")).await;
        assert_eq!(code(&found.body["QueryResponse"]["Customer"][0]), row, "{sent}");
    }
}

const CREDIT_MEMO: &str = r#"{"CreditMemo":{"RemainingCredit":100.00,"domain":"QBO","sparse":false,"Id":"181",
    "SyncToken":"0","MetaData":{"CreateTime":"2026-05-05T03:11:46-07:00","LastUpdatedTime":"2026-05-05T03:11:46-07:00"},
    "CustomField":[],"DocNumber":"1050","TxnDate":"2026-05-05","CurrencyRef":{"value":"USD","name":"United States Dollar"},
    "Line":[{"Id":"1","LineNum":1,"Amount":100.00,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{
        "ItemRef":{"value":"1","name":"A"},"ItemAccountRef":{"value":"1","name":"A"},"TaxCodeRef":{"value":"NON"}},
        "CustomExtensions":[]},
      {"Amount":100.00,"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{}}],
    "TxnTaxDetail":{"TotalTax":0},"CustomerRef":{"value":"1","name":"A"},"BillAddr":{},"ShipAddr":{},
    "FreeFormAddress":true,"ShipFromAddr":{},"TotalAmt":100.00,"ApplyTaxAfterDiscount":false,
    "PrintStatus":"NeedToPrint","EmailStatus":"NotSet","Balance":100.00},"time":"2026-05-05T03:11:46.211-07:00"}"#;

/// A company that numbers its forms, and a customer with both addresses.
async fn numbering_world() -> World {
    let world = World::new().await;
    world.company.set_preference("SalesFormsPrefs.CustomTxnNumbers", json!(false));
    let amy = world.read("customer/1").await;
    let body = json!({ "Id": "1", "SyncToken": amy["SyncToken"], "sparse": true, "ShipAddr": { "Line1": "4581 Finch St." } });
    world.put("customer", body).await;
    world
}

fn credit(amount: u32) -> Value {
    let detail = json!({ "ItemRef": { "value": "1" } });
    let line =
        json!({ "Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail });
    json!({ "CustomerRef": { "value": "1" }, "Line": [line] })
}

#[tokio::test(start_paused = true)]
async fn a_credit_memo() {
    let world = numbering_world().await;
    let reply = world.post("creditmemo", credit(100)).await;
    assert_eq!(shape(&reply.body), shape(&written(CREDIT_MEMO)), "{}", reply.body);
}

#[tokio::test(start_paused = true)]
async fn a_credit_applied_to_an_invoice() {
    let world = numbering_world().await;
    let owed = world.put("invoice", invoice("1", "100")).await;
    let memo = world.put("creditmemo", credit(100)).await;
    let line = |object: &Value, kind: &str| json!({ "Amount": written("60.00"), "LinkedTxn": [{ "TxnId": object["Id"], "TxnType": kind }] });
    let lines = [line(&owed, "Invoice"), line(&memo, "CreditMemo")];
    let body = json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 0, "Line": lines });
    let reply = world.post("payment", body).await;

    let mut expected = written(LEAST_PAYMENT);
    let payment = expected["Payment"].as_object_mut().unwrap();
    payment.remove("DepositToAccountRef");
    payment.insert("TotalAmt".into(), json!(0));
    payment.insert("UnappliedAmt".into(), json!(0));
    let lines = lines.into_iter().map(|mut line| {
        let id = line["LinkedTxn"][0]["TxnId"].as_str().unwrap().to_owned();
        let any =
            [extra("txnId", &id), extra("txnOpenBalance", "100.00"), extra("txnReferenceNumber", "1050")];
        line["LineEx"] = json!({ "any": any });
        line
    });
    payment.insert("Line".into(), lines.collect());
    assert_eq!(shape(&reply.body), shape(&expected), "{}", reply.body);

    let memo = world.read(&format!("creditmemo/{}", memo["Id"].as_str().unwrap())).await;
    let left = ["RemainingCredit", "Balance"].map(|key| memo[key].to_string());
    assert_eq!(left, ["40.00", "40.00"]);
    let owed = world.read(&format!("invoice/{}", owed["Id"].as_str().unwrap())).await;
    let joint = json!([{ "TxnId": reply.body["Payment"]["Id"], "TxnType": "Payment" }]);
    assert_eq!((owed["Balance"].to_string().as_str(), &owed["LinkedTxn"]), ("40.00", &joint));
}

const JOURNAL_ENTRY: &str = r#"{"JournalEntry":{"Adjustment":false,"TotalAmt":0,"domain":"QBO","sparse":false,
    "Id":"181","SyncToken":"0","MetaData":{"CreateTime":"2026-05-05T03:11:46-07:00",
    "LastUpdatedTime":"2026-05-05T03:11:46-07:00"},"DocNumber":"JE-001","TxnDate":"2026-05-05",
    "CurrencyRef":{"value":"USD","name":"United States Dollar"},"PrivateNote":"x","Line":[
      {"Id":"0","Description":"x","Amount":100.00,"DetailType":"JournalEntryLineDetail","JournalEntryLineDetail":{
        "PostingType":"Debit","AccountRef":{"value":"1","name":"A"}},"CustomExtensions":[]},
      {"Id":"1","Description":"x","Amount":100.00,"DetailType":"JournalEntryLineDetail","JournalEntryLineDetail":{
        "PostingType":"Credit","AccountRef":{"value":"1","name":"A"}},"CustomExtensions":[]}],
    "TxnTaxDetail":{}},"time":"2026-05-05T03:11:46.211-07:00"}"#;

#[tokio::test(start_paused = true)]
async fn a_journal_entry_read_back() {
    let world = World::new().await;
    let line = |posting: &str, account: &str| {
        let detail = json!({ "PostingType": posting, "AccountRef": { "value": account } });
        json!({ "Amount": 100, "Description": "x", "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": detail })
    };
    let body = json!({ "DocNumber": "JE-001", "PrivateNote": "x", "Line": [line("Debit", "7"), line("Credit", "1")] });
    let made = world.put("journalentry", body).await;
    let reply = world.get(&format!("journalentry/{}", made["Id"].as_str().unwrap())).await;
    assert_eq!(shape(&reply.body), shape(&written(JOURNAL_ENTRY)), "{}", reply.body);
    let ids: Vec<&Value> =
        reply.body["JournalEntry"]["Line"].as_array().unwrap().iter().map(|line| &line["Id"]).collect();
    assert_eq!(ids, ["0", "1"]);
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
