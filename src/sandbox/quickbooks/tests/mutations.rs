//! Whatever a client sends is answered: bodies and statements changed at random
//! bring no call down and leave the books sound.

use serde_json::{Value, json};

use super::super::Options;
use super::super::entity::ENTITIES;
use super::{World, invoice, pays, posts, sale};

/// Bodies and statements of one run.
const BODIES: usize = 1500;
const STATEMENTS: usize = 700;

/// Numbers that follow from a seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.roll(list.len())]
    }
}

fn odd(dice: &mut Dice) -> Value {
    let big = json!(999_999_999_999_999_u64);
    let texts = [
        "999999999999999",
        "-999999999999999",
        "79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "1e28",
        "",
        " ",
        "é",
        "9999-12-31",
        "true",
        "1",
        "2",
        "TAX",
        "NON",
        "JPY",
        "EUR",
        "Credit",
        "Group",
    ];
    match dice.roll(14) {
        0 => Value::Null,
        1 => big,
        2 => json!(-999_999_999_999_999_i64),
        3 => json!({}),
        4 => json!([]),
        5 => json!([1, 2]),
        6 => json!([{}, null]),
        7 => json!({ "value": dice.roll(200).to_string() }),
        8 => json!([{ "a": [{ "Amount": big }] }]),
        9 => json!(dice.roll(2) == 1),
        10 => json!(0),
        11 => json!(u64::MAX),
        _ => json!(*dice.pick(&texts)),
    }
}

/// The places in a value, as pointers, the value itself among them.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), found));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn mutate(dice: &mut Dice, body: &mut Value, fields: &[&str]) {
    for _ in 0..=dice.roll(3) {
        let mut found = Vec::new();
        places(body, "", &mut found);
        let place = dice.pick(&found[1.min(found.len() - 1)..]).clone();
        let value = odd(dice);
        if dice.roll(3) == 0 && body.is_object() && !fields.is_empty() {
            let name = *dice.pick(fields);
            body[name] = value;
        } else if let Some(held) = body.pointer_mut(&place).filter(|_| !place.is_empty()) {
            *held = value;
        }
    }
}

/// Sound bodies, each with its path.
fn seeds() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("customer", json!({ "DisplayName": "New", "ParentRef": { "value": "1" }, "Job": true })),
        ("vendor", json!({ "DisplayName": "New" })),
        ("employee", json!({ "GivenName": "New", "FamilyName": "Hand" })),
        (
            "item",
            json!({ "Name": "New", "Type": "Service", "UnitPrice": 3, "IncomeAccountRef": { "value": "79" } }),
        ),
        ("account", json!({ "Name": "New", "AccountType": "Income", "OpeningBalance": 1 })),
        ("term", json!({ "Name": "New", "DueDays": 30 })),
        ("class", json!({ "Name": "New" })),
        ("department", json!({ "Name": "New" })),
        ("paymentmethod", json!({ "Name": "New" })),
        ("companycurrency", json!({ "Code": "EUR" })),
        ("taxagency", json!({ "DisplayName": "New" })),
        (
            "taxservice/taxcode",
            json!({ "TaxCode": "New", "TaxRateDetails": [{ "TaxRateName": "Rate", "RateValue": "8",
                    "TaxAgencyId": "1", "TaxApplicableOn": "Sales" }] }),
        ),
        (
            "payment",
            json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 10, "CurrencyRef": { "value": "USD" },
                    "ExchangeRate": 1, "Line": [pays(&json!("130"), "1")] }),
        ),
        (
            "journalentry",
            json!({ "CurrencyRef": { "value": "USD" }, "ExchangeRate": 1, "Line": [
                posts("Debit", "35", "5", None), posts("Credit", "84", "5", Some("1"))] }),
        ),
        (
            "deposit",
            json!({ "DepositToAccountRef": { "value": "35" }, "CurrencyRef": { "value": "USD" }, "Line": [{ "Amount": 5,
                    "DetailType": "DepositLineDetail", "DepositLineDetail": { "AccountRef": { "value": "79" } } }] }),
        ),
        (
            "preferences",
            json!({ "Id": "1", "SyncToken": "0", "sparse": true, "OtherPrefs": { "NameValue": [
                { "Name": "a", "Value": "b" }] }, "SalesFormsPrefs": { "AllowDiscount": true } }),
        ),
        ("companyinfo", json!({ "Id": "1", "SyncToken": "0", "sparse": true, "CompanyName": "New" })),
        (
            "attachable",
            json!({ "Note": "x", "AttachableRef": [{ "EntityRef": { "type": "Invoice", "value": "130" } }] }),
        ),
        (
            "batch",
            json!({ "BatchItemRequest": [
                { "bId": "1", "operation": "create", "Invoice": invoice("1", "10") },
                { "bId": "2", "Query": "select * from Invoice" },
                { "bId": "3", "CDCQuery": { "Entities": "Invoice", "ChangedSince": "2026-05-01" } }] }),
        ),
    ];
    all.extend(forms());
    all
}

fn forms() -> Vec<(&'static str, Value)> {
    let percent = json!({ "DetailType": "DiscountLineDetail", "DiscountLineDetail": {
        "PercentBased": true, "DiscountPercent": 10, "DiscountAccountRef": { "value": "30" } } });
    let discount = json!({ "Amount": 1, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {
        "PercentBased": false, "DiscountAccountRef": { "value": "30" } } });
    let mut taxed = sale("40");
    taxed["SalesItemLineDetail"]["TaxCodeRef"] = json!({ "value": "TAX" });
    taxed["SalesItemLineDetail"]["Qty"] = json!(4);
    taxed["SalesItemLineDetail"]["UnitPrice"] = json!(10);
    let form = |lines: Value| {
        json!({ "CustomerRef": { "value": "1" }, "CurrencyRef": { "value": "USD" }, "ExchangeRate": 1,
                "TxnTaxDetail": { "TxnTaxCodeRef": { "value": "2" }, "TotalTax": 3 }, "Line": lines })
    };
    let mut all = Vec::new();
    for path in ["invoice", "creditmemo", "salesreceipt", "refundreceipt"] {
        let mut body = form(json!([taxed, sale("10"), percent]));
        body["DepositToAccountRef"] = json!({ "value": "35" });
        all.extend([(path, body), (path, form(json!([taxed, discount])))]);
    }
    all
}

const SELECTS: &[&str] = &[
    "select * from Invoice where TotalAmt > '10' and TxnDate >= '2026-01-01' orderby TxnDate desc startposition 1 maxresults 5",
    "select count(*) from Customer where DisplayName like '%a%' and Active in (true, false)",
    "select Id, DocNumber from CreditMemo where MetaData.LastUpdatedTime >= '2026-05-01T00:00:00Z' order by Id",
    "select *, Sku from Item where Id in ('1', '2')",
    "select * from Bill where Id = '1'",
];

/// Pieces that a statement is broken with.
const PIECES: &[&str] = &[
    "'",
    "\\",
    "%",
    " ",
    "(",
    ")",
    ",",
    "-",
    ".",
    "é",
    "\u{0}",
    "0",
    "99999999999999999999999",
    "and",
    "where",
    "1e400",
    "'%%%'",
    "=",
    "<",
    "*",
    "\n",
    "''",
    "' '",
];

async fn run(seed: u64, country: &str, several: bool) {
    let options = Options { throttled: false, country: country.into(), ..Options::default() };
    let world = World::with(options).await;
    world.company.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(several));
    world.company.set_preference("SalesFormsPrefs.AllowDiscount", json!(true));
    world.company.set_preference("AccountingInfoPrefs.ClassTrackingPerTxn", json!(true));
    let (mut dice, seeds, mut broken_at) = (Dice(seed), seeds(), Vec::new());
    for round in 0..BODIES {
        let (path, mut body) = dice.pick(&seeds).clone();
        let entity = ENTITIES.iter().find(|entity| entity.name.eq_ignore_ascii_case(path));
        let living = entity.map(|entity| world.company.objects(entity.name)).unwrap_or_default();
        let mut path = path.to_owned();
        if !living.is_empty() && dice.roll(3) == 0 {
            let old = dice.pick(&living).clone();
            body["Id"] = old["Id"].clone();
            body["SyncToken"] = old["SyncToken"].clone();
            body["sparse"] = json!(dice.roll(2) == 1);
            if dice.roll(3) == 0 {
                body = old;
            }
            let operations = ["", "?operation=update", "?operation=void", "?operation=delete"];
            path += *dice.pick(&operations);
        }
        if body["DisplayName"] == "New" || body["Name"] == "New" {
            let key = if body["Name"] == "New" { "Name" } else { "DisplayName" };
            body[key] = json!(format!("New {round}"));
        }
        let fields: Vec<&str> =
            entity.into_iter().flat_map(|entity| entity.fields().map(|field| field.name)).collect();
        mutate(&mut dice, &mut body, &fields);
        let reply = world.post(&path, body.clone()).await;
        if !is_answer(&reply) {
            broken_at.push(format!("{path} {body}\n{} {}", reply.status, reply.body));
        }
        if round % 100 == 99 {
            assert_eq!(world.company.audit(), Vec::<String>::new(), "seed {seed}, by {path}: {body}");
        }
    }
    for _ in 0..STATEMENTS {
        let statement = broken(&mut dice);
        let reply = world.query(&statement).await;
        if !is_answer(&reply) {
            broken_at.push(format!("{statement}\n{} {}", reply.status, reply.body));
        }
    }
    assert!(broken_at.is_empty(), "seed {seed}, {country}:\n{}", broken_at.join("\n"));
    assert_eq!(world.company.audit(), Vec::<String>::new(), "seed {seed}, {country}");
}

fn broken(dice: &mut Dice) -> String {
    let mut letters: Vec<char> = dice.pick(SELECTS).chars().collect();
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(letters.len() + 1);
        match dice.roll(3) {
            0 => letters.truncate(at),
            1 => drop(letters.drain(at..(at + dice.roll(9)).min(letters.len()))),
            _ => drop(letters.splice(at..at, dice.pick(PIECES).chars()).collect::<String>()),
        }
    }
    letters.into_iter().collect()
}

/// An answer is an object by its own name, or a fault with a code of the table
/// that is not the one for a breakdown.
fn is_answer(reply: &super::Reply) -> bool {
    match reply.status.as_u16() {
        200 => {
            let broke = reply.bytes.windows(7).any(|part| part == b"\"10000\"");
            !broke
                && reply.body.as_object().is_some_and(|body| !body.contains_key("Fault") && !body.is_empty())
        }
        400 => reply.body["Fault"]["Error"][0]["code"].is_string(),
        _ => reply.fault().0 == "500",
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_is_sent_is_answered() {
    for (seed, country, several) in [(7, "US", false), (11, "US", true), (13, "GB", true)] {
        run(seed, country, several).await;
    }
}
