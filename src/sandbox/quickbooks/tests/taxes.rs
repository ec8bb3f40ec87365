//! Tax by hand, by Intuit and line by line: who computes it and what a client
//! may say about it.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Options, World, column};

fn line(amount: &str, code: Option<&str>) -> Value {
    let mut line = json!({ "Amount": amount, "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": { "ItemRef": { "value": "3" } } });
    if let Some(code) = code {
        line["SalesItemLineDetail"]["TaxCodeRef"] = json!({ "value": code });
    }
    line
}

fn form(lines: &[Value], more: Value) -> Value {
    let mut body = more;
    body["CustomerRef"] = json!({ "value": "1" });
    body["Line"] = json!(lines);
    body
}

/// Total, tax, and each rate's amount of what base.
fn shown(made: &Value) -> (String, String, Vec<String>) {
    let tax = &made["TxnTaxDetail"];
    let rows = tax["TaxLine"].as_array().map_or(&[][..], Vec::as_slice);
    let rows = rows.iter().map(|row| {
        let detail = &row["TaxLineDetail"];
        format!(
            "{}:{} of {}",
            detail["TaxRateRef"]["value"].as_str().unwrap(),
            row["Amount"],
            detail["NetAmountTaxable"]
        )
    });
    (made["TotalAmt"].to_string(), tax["TotalTax"].to_string(), rows.collect())
}

async fn in_country(country: &str) -> World {
    World::with(Options { throttled: false, country: country.into(), ..Options::default() }).await
}

#[tokio::test(start_paused = true)]
async fn a_form_is_taxed_by_its_code() {
    let world = World::new().await;
    world.company.bookkeeper().edit("Customer", "3", json!({ "Taxable": false })).unwrap();
    let coded = |code: &str| json!({ "TxnTaxDetail": { "TxnTaxCodeRef": { "value": code } } });
    let (tax, non) = (|amount| line(amount, Some("TAX")), |amount| line(amount, Some("NON")));
    let exempt = |mut body: Value| {
        body["CustomerRef"] = json!({ "value": "3" });
        body
    };
    let stated =
        |total: &str, code: Value| json!({ "TxnTaxDetail": { "TotalTax": total, "TxnTaxCodeRef": code } });
    let cases: Vec<Taxed> = vec![
        (
            "recorded",
            form(&[tax("275"), tax("12.75"), tax("38")], coded("2")),
            "351.81",
            "26.06",
            &["3:26.06 of 325.75"],
        ),
        (
            "two rates",
            form(&[tax("100"), non("50")], coded("3")),
            "159.10",
            "9.10",
            &["1:7.10 of 100.00", "2:2.00 of 100.00"],
        ),
        ("nothing taxed", form(&[non("50")], coded("2")), "50.00", "0", &["3:0 of 0"]),
        ("the customer's code", form(&[tax("50")], json!({})), "54.00", "4.00", &["3:4.00 of 50.00"]),
        ("no code for the exempt", exempt(form(&[tax("50")], json!({}))), "50.00", "0", &[]),
        ("stated", form(&[non("50")], json!({ "TxnTaxDetail": { "TotalTax": 3.21 } })), "53.21", "3.21", &[]),
        (
            "stated and spread",
            form(&[tax("100")], stated("10", json!({ "value": "3" }))),
            "110.00",
            "10.00",
            &["1:7.80 of 100.00", "2:2.20 of 100.00"],
        ),
        (
            "a stated nothing",
            form(&[tax("100")], stated("0", json!({ "value": "2" }))),
            "108.00",
            "8.00",
            &["3:8.00 of 100.00"],
        ),
        ("no code is NON", form(&[line("9", None)], coded("2")), "9.00", "0", &["3:0 of 0"]),
    ];
    check(&world, cases).await;
}

#[tokio::test(start_paused = true)]
async fn a_discount_is_taken_before_tax_or_after() {
    let world = World::new().await;
    let off = json!({ "DetailType": "DiscountLineDetail", "DiscountLineDetail": { "PercentBased": true, "DiscountPercent": 10 } });
    let coded = |after: bool| json!({ "ApplyTaxAfterDiscount": after, "TxnTaxDetail": { "TxnTaxCodeRef": { "value": "2" } } });
    let lines = [line("60", Some("TAX")), line("40", Some("NON")), off];
    let cases: Vec<Taxed> = vec![
        ("tax, then discount", form(&lines, coded(false)), "94.80", "4.80", &["3:4.80 of 60.00"]),
        ("discount, then tax", form(&lines, coded(true)), "94.32", "4.32", &["3:4.32 of 54.00"]),
    ];
    check(&world, cases).await;
}

/// A name, a form, its total, its tax and its rows.
type Taxed = (&'static str, Value, &'static str, &'static str, &'static [&'static str]);

async fn check(world: &World, cases: Vec<Taxed>) {
    for (name, body, total, tax, rows) in cases {
        let made = world.put("invoice", body).await;
        let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(shown(&made), (total.into(), tax.into(), rows), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sent_tax_detail_is_held_to_the_rules() {
    let world = World::new().await;
    let row = |rate: Value, amount: &str| json!({ "Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": { "TaxRateRef": rate } });
    let rate = |id: &str| json!({ "value": id });
    let cases = [
        (json!({ "TxnTaxCodeRef": rate("99") }), "2500"),
        (json!({ "TotalTax": -1 }), "2270"),
        (json!({ "TotalTax": "much" }), "2090"),
        (json!({ "Total": 1 }), "2010"),
        (json!({ "TaxLine": [{ "Amount": 1 }] }), "2020"),
        (json!({ "TaxLine": [{ "Amount": 1, "DetailType": "TaxLineDetail" }] }), "6170"),
        (json!({ "TaxLine": [row(rate("99"), "1")] }), "6230"),
        (json!({ "TotalTax": 2, "TaxLine": [row(rate("3"), "1")] }), "6470"),
    ];
    for (detail, code) in cases {
        let body = form(&[line("10", Some("TAX"))], json!({ "TxnTaxDetail": detail }));
        let reply = world.post("invoice", body).await;
        assert_eq!(
            (reply.status, reply.fault().0),
            (StatusCode::BAD_REQUEST, code),
            "{detail}: {}",
            reply.body
        );
    }
    let coded = world.post("invoice", form(&[line("10", Some("2"))], json!({}))).await;
    assert_eq!(coded.fault(), ("6100", "Valid Line TaxCodes for US should be TAX or NON. Supplied value:2"));
    let many: Vec<Value> = (0..751).map(|_| line("1", Some("TAX"))).collect();
    assert_eq!(world.post("invoice", form(&many, json!({}))).await.fault().0, "6000");
    world.put("invoice", form(&many[1..], json!({}))).await;
}

#[tokio::test(start_paused = true)]
async fn only_what_matters_moves_the_tax_of_a_form() {
    let world = World::new().await;
    let bookkeeper = world.company.bookkeeper();
    let coded = json!({ "TxnTaxDetail": { "TxnTaxCodeRef": { "value": "2" }, "TotalTax": 5 } });
    let made = world.put("invoice", form(&[line("100", Some("TAX"))], coded)).await;
    let id = made["Id"].as_str().unwrap();
    let steps = [
        (json!({ "PrivateNote": "x" }), "105.00", "5.00"),
        (json!({ "Line": [line("200", Some("TAX"))] }), "216.00", "16.00"),
        (json!({ "Line": [line("10", Some("TAX"))], "TxnTaxDetail": made["TxnTaxDetail"] }), "15.00", "5.00"),
        (json!({ "TxnTaxDetail": { "TxnTaxCodeRef": { "value": "3" } } }), "10.91", "0.91"),
    ];
    for (patch, total, tax) in steps {
        let changed = bookkeeper.edit("Invoice", id, patch.clone()).unwrap();
        let (got, got_tax, _) = shown(&changed);
        assert_eq!((got.as_str(), got_tax.as_str()), (total, tax), "{patch}");
    }
}

#[tokio::test(start_paused = true)]
async fn intuit_taxes_by_address() {
    let world = World::new().await;
    world.company.set_preference("TaxPrefs.PartnerTaxEnabled", json!(true));
    let to = |state: &str, detail: Value| json!({ "ShipAddr": { "Line1": "x", "CountrySubDivisionCode": state }, "TxnTaxDetail": detail });
    let bare = || line("100", None);
    let exempt = |mut body: Value| {
        body["CustomerRef"] = json!({ "value": "3" });
        body
    };
    world.company.bookkeeper().edit("Customer", "3", json!({ "Taxable": false })).unwrap();
    let cases: Vec<(&str, Value, &str, &[&str])> = vec![
        ("the item is taxable", form(&[bare()], json!({})), "107.25", &["6.00 of 100.00", "1.25 of 100.00"]),
        ("asked away", form(&[line("100", Some("NON"))], json!({})), "100.00", &[]),
        ("another state", form(&[bare()], to("TX", json!({}))), "106.25", &["6.25 of 100.00"]),
        ("a state without", form(&[bare()], to("OR", json!({}))), "100.00", &[]),
        (
            "the code is overridden",
            form(&[bare()], to("WA", json!({ "TxnTaxCodeRef": { "value": "2" } }))),
            "106.50",
            &["6.50 of 100.00"],
        ),
        (
            "stated and spread",
            form(&[bare()], to("CA", json!({ "TotalTax": 8 }))),
            "108.00",
            &["6.62 of 100.00", "1.38 of 100.00"],
        ),
        (
            "nothing stated",
            form(&[bare()], to("CA", json!({ "TotalTax": 0 }))),
            "107.25",
            &["6.00 of 100.00", "1.25 of 100.00"],
        ),
        (
            "a sum without a taxed line",
            form(&[line("100", Some("NON"))], to("CA", json!({ "TotalTax": 8 }))),
            "100.00",
            &[],
        ),
        ("an exempt customer", exempt(form(&[bare()], to("CA", json!({})))), "100.00", &[]),
    ];
    for (name, body, total, rows) in cases {
        let made = world.put("invoice", body).await;
        let (got, _, got_rows) = shown(&made);
        let bases: Vec<&str> = got_rows.iter().filter_map(|row| Some(row.split_once(':')?.1)).collect();
        assert_eq!((got.as_str(), bases.as_slice()), (total, rows), "{name}: {made}");
    }
    world.company.set_preference("TaxPrefs.UsingSalesTax", json!(false));
    let made = world
        .put("invoice", form(&[line("100", Some("TAX"))], json!({ "TxnTaxDetail": { "TotalTax": 8 } })))
        .await;
    assert_eq!(shown(&made), ("100.00".into(), "0".into(), vec![]));
    assert_eq!(made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]["value"], "NON");
}

#[tokio::test(start_paused = true)]
async fn elsewhere_each_line_names_its_code() {
    let world = in_country("CA").await;
    let card = world.read("companyinfo/9130350000000000").await;
    assert_eq!(card["Country"], "CA");
    let excluded = |lines: &[Value]| form(lines, json!({ "GlobalTaxCalculation": "TaxExcluded" }));
    let cases = [
        (form(&[line("1", Some("5"))], json!({})), "2020", "GlobalTaxCalculation"),
        (form(&[line("1", Some("5"))], json!({ "GlobalTaxCalculation": "Sometimes" })), "2170", ""),
        (
            excluded(&[line("1", None)]),
            "6000",
            "Make sure all your transactions have a GST/HST rate before you save.",
        ),
        (excluded(&[line("1", Some("TAX"))]), "6160", ""),
        (excluded(&[line("1", Some("99"))]), "6160", ""),
    ];
    for (body, code, text) in cases {
        let reply = world.post("invoice", body.clone()).await;
        assert_eq!(reply.fault().0, code, "{body}: {}", reply.body);
        assert!(reply.fault().1.contains(text), "{}", reply.body);
    }
    let none = form(&[line("1", None)], json!({ "GlobalTaxCalculation": "NotApplicable" }));
    assert_eq!(shown(&world.put("invoice", none).await), ("1.00".into(), "0".into(), vec![]));
    // GST 5 and QST 9.975, and GST again under a code of its own.
    let mixed = excluded(&[line("100", Some("8")), line("10.10", Some("5"))]);
    let made = world.put("invoice", mixed).await;
    let rows = vec!["3:5.51 of 110.10".to_owned(), "6:9.98 of 100.00".to_owned()];
    assert_eq!(shown(&made), ("125.59".into(), "15.49".into(), rows));
    let utf = world.put("customer", json!({ "DisplayName": "Zoë → Oy" })).await;
    assert_eq!(utf["CurrencyRef"], json!({ "value": "CAD", "name": "Canadian Dollar" }));
    assert_eq!(utf.get("DefaultTaxCodeRef"), None);
}

#[tokio::test(start_paused = true)]
async fn amounts_may_hold_their_tax() {
    let world = in_country("GB").await;
    let inclusive = |lines: &[Value]| form(lines, json!({ "GlobalTaxCalculation": "TaxInclusive" }));
    let made = world
        .put("invoice", inclusive(&[line("120", Some("2")), line("0.99", Some("2")), line("10", Some("4"))]))
        .await;
    assert_eq!(
        shown(&made),
        ("130.99".into(), "20.16".into(), vec!["1:20.16 of 100.83".into(), "3:0 of 10.00".into()])
    );
    let first = &made["Line"][0];
    assert_eq!(
        (first["Amount"].to_string(), first["SalesItemLineDetail"]["TaxInclusiveAmt"].to_string()),
        ("100.00".into(), "120.00".into())
    );
    assert_eq!(made["Line"][3]["Amount"].to_string(), "110.83");
    // The answer echoed comes to the same, and a changed note moves nothing.
    let bookkeeper = world.company.bookkeeper();
    let id = made["Id"].as_str().unwrap();
    let echoed = bookkeeper.edit("Invoice", id, json!({ "Line": made["Line"], "PrivateNote": "x" })).unwrap();
    assert_eq!(shown(&echoed), shown(&made));
    // Rows of tax that are echoed stand, though the lines beside them changed.
    let stale = json!({ "Line": [line("240", Some("2"))], "TxnTaxDetail": made["TxnTaxDetail"] });
    let stale = bookkeeper.edit("Invoice", id, stale).unwrap();
    assert_eq!(shown(&stale).1, "20.16");
    let priced = json!({ "Amount": 30, "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": { "ItemRef": { "value": "3" }, "Qty": 3, "UnitPrice": 10, "TaxCodeRef": { "value": "2" } } });
    let made = world.put("invoice", inclusive(&[priced])).await;
    assert_eq!(
        (made["Line"][0]["SalesItemLineDetail"]["UnitPrice"].to_string(), made["TotalAmt"].to_string()),
        ("8.3333333".into(), "30.00".into())
    );
}

#[tokio::test(start_paused = true)]
async fn codes_are_made_by_the_tax_service() {
    let world = World::new().await;
    let detail = |name: &str, more: Value| {
        let mut detail = json!({ "TaxRateName": name, "RateValue": "6.5", "TaxAgencyId": "1", "TaxApplicableOn": "Sales" });
        detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        detail
    };
    let asked = |name: &str, details: Value| json!({ "Id": 0, "TaxCode": name, "TaxRateDetails": details });
    let reply = world
        .post(
            "taxservice/taxcode",
            asked(
                "Utah",
                json!([detail("Utah State", json!({})), { "TaxRateId": "2", "TaxApplicableOn": "Sales" }]),
            ),
        )
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!((&reply.body["TaxCode"], &reply.body["TaxCodeId"]), (&json!("Utah"), &json!("201")));
    assert_eq!(column(&reply.body["TaxRateDetails"], "TaxRateId"), ["201", "2"]);
    assert!(reply.body["time"].is_string());
    let rate = world.read("taxrate/201").await;
    assert_eq!((rate["RateValue"].to_string(), &rate["AgencyRef"]), ("6.5".into(), &json!({ "value": "1" })));
    let made = world
        .put(
            "invoice",
            form(
                &[line("100", Some("TAX"))],
                json!({ "TxnTaxDetail": { "TxnTaxCodeRef": { "value": "201" } } }),
            ),
        )
        .await;
    assert_eq!(made["TotalAmt"].to_string(), "108.50");
    let cases = [
        (asked("Utah", json!([detail("New", json!({}))])), "6240"),
        (asked("New", json!([detail("utah state", json!({}))])), "6240"),
        (asked("New", json!([detail("a", json!({})), detail("A", json!({}))])), "6240"),
        (asked("New", json!([])), "2020"),
        (asked("New", json!([detail("New", json!({ "TaxAgencyId": "99" }))])), "2500"),
        (asked("New", json!([detail("New", json!({ "RateValue": 101 }))])), "2150"),
        (asked("New", json!([{ "TaxRateId": "99" }])), "2500"),
        (json!({ "TaxRateDetails": [] }), "2020"),
        (json!({ "Name": "New" }), "2010"),
    ];
    for (body, code) in cases {
        assert_eq!(world.post("taxservice/taxcode", body.clone()).await.fault().0, code, "{body}");
    }
    let found = world.query("select * from TaxRate where Name = 'New'").await;
    assert_eq!(found.body["QueryResponse"], json!({}));
}
