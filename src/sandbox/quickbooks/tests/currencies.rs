//! Companies with several currencies, and those with one.

use serde_json::{Value, json};

use super::{World, invoice, sale};

async fn several() -> World {
    let world = World::new().await;
    world.company.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
    for code in ["EUR", "JPY"] {
        world.put("companycurrency", json!({ "Code": code })).await;
    }
    world
}

fn of(currency: &str) -> Value {
    json!({ "value": currency })
}

fn billed(customer: &Value, amount: &str, currency: &str) -> Value {
    let mut body = invoice(customer["Id"].as_str().unwrap(), amount);
    body["CurrencyRef"] = of(currency);
    body
}

#[tokio::test(start_paused = true)]
async fn one_currency_is_all_there_is() {
    let world = World::new().await;
    assert_eq!(world.post("companycurrency", json!({ "Code": "EUR" })).await.fault().0, "5030");
    let account = json!({ "Name": "Euro bank", "AccountType": "Bank", "CurrencyRef": of("EUR") });
    assert_eq!(world.post("account", account).await.fault().0, "2220");
    let made = world.invoice("1", "1").await;
    assert_eq!((made.get("ExchangeRate"), made.get("HomeTotalAmt")), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_customer_keeps_its_currency_and_its_forms_follow() {
    let world = several().await;
    let customer = world.put("customer", json!({ "DisplayName": "Euro", "CurrencyRef": of("EUR") })).await;
    assert_eq!(customer["CurrencyRef"], json!({ "value": "EUR", "name": "Euro" }));
    let moved = json!({ "Id": customer["Id"], "SyncToken": "0", "sparse": true, "CurrencyRef": of("USD") });
    assert_eq!(world.post("customer", moved).await.fault().0, "2220");
    let unlisted = json!({ "DisplayName": "Franc", "CurrencyRef": of("CHF") });
    assert_eq!(world.post("customer", unlisted).await.fault().0, "2220");

    let id = customer["Id"].as_str().unwrap();
    assert_eq!(world.post("invoice", invoice(id, "1")).await.fault().0, "2020");
    assert_eq!(world.post("invoice", billed(&customer, "1", "USD")).await.fault().0, "6000");
    let mut bad = billed(&customer, "1", "EUR");
    bad["ExchangeRate"] = json!(0);
    assert_eq!(world.post("invoice", bad).await.fault().0, "2090");
    let mut body = billed(&customer, "100", "EUR");
    body["ExchangeRate"] = json!("1.2345");
    let made = world.put("invoice", body).await;
    assert_eq!(
        (made["HomeTotalAmt"].to_string(), made["HomeBalance"].to_string()),
        ("123.45".into(), "123.45".into())
    );
    let made = world.put("invoice", billed(&customer, "100", "EUR")).await;
    let rate: rust_decimal::Decimal = made["ExchangeRate"].to_string().parse().unwrap();
    assert!(rate > "1.1".parse().unwrap() && rate < "1.13".parse().unwrap(), "{rate}");
    let home = world.put("invoice", billed(&json!({ "Id": "1" }), "7", "USD")).await;
    assert_eq!(
        (home["ExchangeRate"].to_string(), home["HomeTotalAmt"].to_string()),
        ("1".into(), "7.00".into())
    );
}

#[tokio::test(start_paused = true)]
async fn yen_have_no_decimals() {
    let world = several().await;
    let customer = world.put("customer", json!({ "DisplayName": "Yen", "CurrencyRef": of("JPY") })).await;
    let mut body = billed(&customer, "100.4", "JPY");
    body["Line"] = json!([sale("100.4"), { "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": { "PercentBased": true, "DiscountPercent": 12.5 } }]);
    let made = world.put("invoice", body).await;
    assert_eq!(
        (made["Line"][0]["Amount"].to_string(), made["TotalAmt"].to_string()),
        ("100.00".into(), "87.00".into())
    );
}

#[tokio::test(start_paused = true)]
async fn accounts_come_with_a_currency_and_take_no_other() {
    let world = several().await;
    let found = world.query("select * from Account where AccountType = 'Accounts Receivable'").await;
    let rows = found.body["QueryResponse"]["Account"].as_array().unwrap();
    let held: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row["Name"].as_str().unwrap(), row["CurrencyRef"]["value"].as_str().unwrap()))
        .collect();
    assert!(held.contains(&("Accounts Receivable (A/R) - EUR", "EUR")), "{held:?}");
    assert!(held.contains(&("Accounts Receivable (A/R)", "USD")), "{held:?}");
    let bank = |currency: &str| json!({ "Name": format!("{currency} bank"), "AccountType": "Bank", "CurrencyRef": of(currency) });
    let (euro, yen) = (world.put("account", bank("EUR")).await, world.put("account", bank("JPY")).await);
    let income = json!({ "Name": "Euro income", "AccountType": "Income", "CurrencyRef": of("EUR") });
    assert_eq!(world.post("account", income).await.fault().0, "2220");
    let customer = world.put("customer", json!({ "DisplayName": "Euro", "CurrencyRef": of("EUR") })).await;
    let cases = [(&euro["Id"], "none"), (&yen["Id"], "6000"), (&json!("35"), "none")];
    for (account, code) in cases {
        let body = json!({ "CustomerRef": { "value": customer["Id"] }, "CurrencyRef": of("EUR"), "TotalAmt": 5,
            "DepositToAccountRef": { "value": account } });
        assert_eq!(world.post("payment", body).await.fault().0, code, "{account}");
    }
    for (body, code) in [
        (json!({ "Code": "EUR" }), "6240"),
        (json!({ "Code": "USD" }), "2220"),
        (json!({ "Code": "XXX" }), "2220"),
        (json!({}), "2020"),
    ] {
        assert_eq!(world.post("companycurrency", body.clone()).await.fault().0, code, "{body}");
    }
}
