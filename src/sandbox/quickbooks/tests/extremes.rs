//! Figures beyond all sense, states that are none, and fields of one's own.

use serde_json::{Value, json};

use super::super::Options;
use super::{World, invoice, printed, sale};

const MOST: &str = "999999999999999";

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

fn discount(percent: &Value, amount: &Value) -> Value {
    let by_percent = !percent.is_null();
    json!({ "Amount": amount, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {
        "PercentBased": by_percent, "DiscountPercent": percent, "DiscountAccountRef": { "value": "86" } } })
}

#[tokio::test(start_paused = true)]
async fn amounts_no_books_can_hold_are_refused() {
    let world = World::new().await;
    world.company.set_preference("SalesFormsPrefs.AllowDiscount", json!(true));
    let mut taxed = sale(MOST);
    taxed["SalesItemLineDetail"]["TaxCodeRef"] = json!({ "value": "TAX" });
    let tax = json!({ "TxnTaxCodeRef": { "value": "2" }, "TotalTax": MOST });
    let discounted = |percent: &Value, amount: &Value| {
        with(invoice("1", "10"), "Line", json!([sale("10"), discount(percent, amount)]))
    };
    let cases = [
        (with(with(invoice("1", "1"), "Line", json!([taxed])), "TxnTaxDetail", tax), "2090"),
        (with(invoice("1", "1"), "Line", json!([sale(MOST), sale(MOST)])), "2090"),
        (discounted(&json!("-999999999999999"), &Value::Null), "2150"),
        (discounted(&json!(-1), &Value::Null), "2150"),
        (discounted(&Value::Null, &json!(-1)), "2150"),
        (with(invoice("1", "1"), "EmailStatus", json!("Sent")), "2170"),
        (with(invoice("1", "1"), "PrintStatus", json!("Later")), "2170"),
        (with(invoice("1", "1"), "BillEmailCc", json!({ "Address": email(201) })), "2050"),
    ];
    for (body, code) in cases {
        assert_eq!(world.refused("invoice", body.clone()).await, code, "{body}");
    }
    world.put("invoice", with(invoice("1", "1"), "BillEmailCc", json!({ "Address": email(200) }))).await;
    world.put("invoice", with(invoice("1", "1"), "DocNumber", json!(u64::MAX.to_string()))).await;
    world.put("invoice", invoice("1", "1")).await;
}

fn email(length: usize) -> String {
    format!("{}@example.com", "x".repeat(length - "@example.com".len()))
}

#[tokio::test(start_paused = true)]
async fn a_rate_beyond_all_numbers_is_refused() {
    let world = World::with(Options { throttled: false, ..Options::default() }).await;
    world.company.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
    world.put("companycurrency", json!({ "Code": "EUR" })).await;
    let customer = json!({ "DisplayName": "Far", "CurrencyRef": { "value": "EUR" } });
    let customer = world.put("customer", customer).await;
    let id = customer["Id"].as_str().unwrap();
    let body = with(invoice(id, MOST), "CurrencyRef", json!({ "value": "EUR" }));
    assert_eq!(world.refused("invoice", with(body, "ExchangeRate", json!(MOST))).await, "2090");
}

#[tokio::test(start_paused = true)]
async fn settings_of_another_form_are_refused() {
    let world = World::new().await;
    let pairs = json!({ "Id": "1", "SyncToken": "0", "sparse": true, "OtherPrefs": { "NameValue": [1, 2] } });
    assert_eq!(world.refused("preferences", pairs).await, "2010");
    let path = "SalesFormsPrefs.CustomTxnNumbers.x";
    assert!(world.company.try_set_preference(path, json!(true)).unwrap_err().contains("CustomTxnNumbers"));
}

#[tokio::test(start_paused = true)]
async fn fields_of_its_own_keep_their_values() {
    let world = World::new().await;
    let name = |name: &str, key: &str, value: Value| json!({ "Name": format!("SalesFormsPrefs.{name}"), key: value });
    let settings = json!([
        { "CustomField": [name("UseSalesCustom1", "BooleanValue", json!(true)), name("UseSalesCustom2", "BooleanValue", json!(false))] },
        { "CustomField": [name("SalesCustomName1", "StringValue", json!("Crew")), name("SalesCustomName2", "StringValue", json!("Van"))] },
    ]);
    world.company.set_preference("SalesFormsPrefs.CustomField", settings);
    let field =
        |id: &str, value: &str| json!({ "DefinitionId": id, "Type": "StringType", "StringValue": value });
    let crew = |value: &str| json!([{ "DefinitionId": "1", "Name": "Crew", "Type": "StringType", "StringValue": value }]);
    let body = with(invoice("1", "10"), "CustomField", json!([field("1", "Blue"), field("2", "White")]));
    let made = world.put("invoice", body.clone()).await;
    assert_eq!(made["CustomField"], crew("Blue"));
    let note = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "PrivateNote": "x" });
    assert_eq!(world.put("invoice", note).await["CustomField"], crew("Blue"), "a sparse update keeps it");
    let other =
        json!({ "Id": made["Id"], "SyncToken": "1", "sparse": true, "CustomField": [field("1", "Red")] });
    assert_eq!(world.put("invoice", other).await["CustomField"], crew("Red"));
    for (value, code) in
        [(json!([field("1", &"x".repeat(32))]), "2050"), (json!("x"), "2010"), (json!([{}]), "2020")]
    {
        assert_eq!(world.refused("invoice", with(body.clone(), "CustomField", value)).await, code);
    }
    assert_eq!(world.again("invoice", &made).await["TotalAmt"], printed("10.00"));
}
