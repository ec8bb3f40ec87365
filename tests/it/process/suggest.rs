//! `latchd suggest` as a person uses it: lines that paste, names that harm
//! nobody, beside a running latchd, and the take-over from Stax Bill's own sync.

use std::fs;

use latchd::sandbox::staxbill::{NewCharge, NewCustomer, NewInvoice, NewPayment, NewReversal};
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use toml::Table;

use super::books;
use super::house::{House, until};

/// A house where two customers have e-mail and telephone of their QuickBooks
/// customers, as they would if one person had entered both.
fn house() -> House {
    let house = House::sample();
    for (customer, email, phone) in [
        (10_482, "Birds@Intuit.com", "(650) 555-3311"),
        (10_503, "qbwebsamplecompany@yahoo.com", "(650) 555-4973"),
    ] {
        house.sandbox.staxbill.edit_customer(customer, |fields| {
            fields.primary_email = Some(email.to_owned());
            fields.primary_phone = Some(phone.to_owned());
        });
    }
    house
}

#[test]
fn what_is_pasted_links_whom_it_names_and_is_not_suggested_again() {
    let house = house();
    let before = books::untouched(&house.sandbox);
    let ended = house.run(&["suggest", "--start", "2026-01-01"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let line = "10482 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = 2026-01-01 } # ";
    assert!(ended.out.lines().any(|one| one.starts_with(line)), "{}", ended.out);
    // A draft and a cancelled customer are not asked about.
    assert!(!ended.out.contains("Marigold Mornings"), "{}", ended.out);
    // Everything else is a comment, and each comment is a line that pastes.
    let links = |text: &str| text.parse::<Table>().expect("it is TOML")["links"].as_table().unwrap().len();
    assert_eq!(links(&ended.out), 2, "{}", ended.out);
    let uncommented = ended.out.lines().filter_map(|line| line.strip_prefix("# "));
    let candidates: Vec<&str> = uncommented.filter(|line| line.contains(" = { ")).collect();
    assert!(candidates.len() > 90, "{}", candidates.len());
    for candidate in candidates {
        assert_eq!(links(&format!("[links]\n{candidate}")), 1, "{candidate}");
    }
    // It was read alone.
    assert_eq!(books::untouched(&house.sandbox), before);
    assert!(!house.path("state/db").exists() && house.status().is_none(), "nothing was kept");
    house.write("links.d/suggested.toml", &ended.out);
    let check = house.run(&["check"]);
    assert_eq!(check.code, Some(0), "{check:?}");
    assert!(check.out.contains("2 links: 2 adopt"), "{check:?}");
    let again = house.run(&["suggest"]);
    assert!(!again.out.contains("10482 ") && again.out.contains("start = \"now\""), "{}", again.out);
    let asked = house.run(&["suggest", "--customer", "10482"]);
    assert!(asked.out.contains("10482 = { adopt = \"1\""), "{}", asked.out);
}

#[test]
fn one_customer_is_shown_in_every_form_and_found_by_a_search() {
    let house = house();
    let json: Value =
        serde_json::from_str(&house.run(&["suggest", "--customer", "10482", "--format", "json"]).out)
            .unwrap();
    assert_eq!(json["schema"], 1);
    let one = &json["customers"][0];
    assert_eq!((&one["id"], &one["label"]), (&json!("10482"), &json!("Amy's Bird Sanctuary")));
    assert_eq!(one["verdict"], "unique");
    let candidate = &one["candidates"][0];
    assert_eq!((&candidate["quickbooks_id"], &candidate["name"]), (&json!("1"), &one["label"]));
    assert_eq!(candidate["score"].to_string(), "1.00", "a number of two places");
    assert_eq!(candidate["evidence"], json!(["exact-name", "email", "phone"]));
    let table = house.run(&["suggest", "--customer", "10482", "--format", "table"]);
    assert!(table.out.contains("unique") && table.out.contains("1 Amy's Bird"), "{}", table.out);
    // The name of an inactive customer is told, and never live.
    let inactive = house.run(&["suggest", "--customer", "10512"]).out;
    assert!(inactive.contains("# 10512 = { adopt = ") && inactive.contains("inactive"), "{inactive}");
    let sought = house.run(&["suggest", "--customer", "10512", "--search", "diner"]).out;
    assert!(sought.contains("# 10512 = { adopt = \"20\", expect = \"Red Rock Diner\""), "{sought}");
    let alone = house.run(&["suggest", "--search", "diner"]).out;
    assert!(alone.contains("# adopt = \"20\", expect = \"Red Rock Diner\""), "{alone}");
    for (args, code) in [
        (&["suggest", "--customer", "1"][..], 1),
        (&["suggest", "--start", "tomorrow"], 64),
        (&["suggest", "--search", "x", "--from-staxbill"], 64),
    ] {
        assert_eq!(house.run(args).code, Some(code), "{args:?}");
    }
}

#[test]
fn no_name_ends_a_string_a_line_or_a_cell() {
    let names = [
        "Evil\" } # \\",
        "Line\nend\n10999 = { skip = \"x\" }",
        "\"\"\" [links] '''",
        "Turned\u{202e}round\u{1b}[31m\u{7}",
        "Tab\tand\\u0041",
    ];
    let house = House::sample();
    let mut expected = Vec::new();
    for name in names {
        // QuickBooks takes no more than Latin-1 in one line; Stax Bill takes anything.
        let living = name.replace(['\n', '\t'], " ").replace('\u{202e}', "");
        let email = json!({"Address": "a@evil.example"});
        let body = json!({"DisplayName": living, "PrimaryEmailAddr": email});
        house.sandbox.quickbooks.bookkeeper().create("Customer", body).expect("QuickBooks takes it");
        let id = house.sandbox.staxbill.add_customer(NewCustomer {
            company_name: Some(name.to_owned()),
            primary_email: Some("a@evil.example".to_owned()),
            ..NewCustomer::default()
        });
        expected.push((id.to_string(), living));
    }
    let ended = house.run(&["suggest"]);
    let links = ended.out.parse::<Table>().expect("it is TOML")["links"].as_table().unwrap().clone();
    let found = links.iter().map(|(id, link)| (id.clone(), link["expect"].as_str().unwrap().to_owned()));
    assert_eq!(found.collect::<Vec<_>>(), expected, "{}", ended.out);
    for form in ["toml", "table", "json"] {
        let out = house.run(&["suggest", "--format", form]).out;
        let told = |sign: char| sign == '\n' || !(sign.is_control() || sign == '\u{202e}');
        assert!(out.chars().all(told), "{form}");
    }
}

#[test]
fn beside_a_latchd_that_holds_the_state_its_token_is_used_and_left_alone() {
    let house = house();
    house.link_all();
    let stuck = Rule::next("/v3/company/*/batch", Kind::Delay { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(stuck.every());
    let _first = house.start(&["once"]);
    until("the first one writes", || house.sandbox.trouble.hits() > 0);
    house.write("links.d/all.toml", "");
    let (tokens, before) =
        (fs::read(house.path("state/token.json")).unwrap(), house.sandbox.quickbooks.calls());
    let ended = house.run(&["suggest"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert!(
        ended.out.contains("its access token was used") && ended.out.contains("\n10482 = {"),
        "{}",
        ended.out
    );
    assert_eq!(fs::read(house.path("state/token.json")).unwrap(), tokens);
    // One that is over is nobody's but the owner's to renew.
    let mut kept: Value = serde_json::from_slice(&tokens).unwrap();
    kept["access_expires_at"] = "2026-01-01T00:00:00Z".into();
    house.write("state/token.json", kept.to_string());
    let ended = house.run(&["suggest"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.err.contains("only it may renew one") && ended.err.contains("SIGUSR1"), "{ended:?}");
    assert_eq!(fs::read(house.path("state/token.json")).unwrap(), kept.to_string().into_bytes());
    assert_eq!(house.sandbox.quickbooks.calls().token_refreshes, before.token_refreshes);
}

/// A daemon reads over its own connections, and renews its own token for it.
#[test]
fn a_running_daemon_is_asked_and_says_the_same_as_there_is_without_one() {
    let house = house();
    house.write("links.d/a.toml", "[links]\n10503 = { create = \"Somebody\", start = \"beginning\" }\n");
    let daemon = house.start(&["run"]);
    until("the first pass is over", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    let questions: [&[&str]; 6] = [
        &["suggest"],
        &["suggest", "--format", "json", "--without-addresses"],
        &["suggest", "--format", "table", "--start", "2026-01-01"],
        &["suggest", "--search", "diner", "--customer", "10512"],
        &["suggest", "--from-staxbill"],
        &["suggest", "--customer", "1"],
    ];
    let said = |ended: super::house::Ended| (ended.code, ended.out, ended.err);
    house.sandbox.quickbooks.expire_access_tokens();
    let refreshes = || house.sandbox.quickbooks.calls().token_refreshes;
    let (before, writes) = (refreshes(), house.sandbox.quickbooks.calls().writes);
    let beside: Vec<_> = questions.iter().map(|args| said(house.run(args))).collect();
    assert_eq!((refreshes(), house.sandbox.quickbooks.calls().writes), (before + 1, writes));
    assert!(beside[0].1.contains("\n10482 = {") && beside[5].0 == Some(1), "{beside:#?}");
    let good = house.settings();
    house.write("latchd.toml", good.replace("/v1\"", "/v2\""));
    let ended = house.run(&["suggest"]);
    assert!(ended.code == Some(78) && ended.err.contains("[staxbill] base_url"), "{ended:?}");
    house.write("latchd.toml", good);
    daemon.signal("TERM");
    let ended = daemon.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for (args, beside) in questions.iter().zip(beside) {
        assert_eq!(said(house.run(args)), beside, "{args:?}");
    }
}

#[test]
fn the_wrong_company_is_told_from_the_right_one_before_anything_is_suggested() {
    let house = house();
    house.sandbox.quickbooks.set_company_name("Other Ltd");
    let ended = house.run(&["suggest"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.err.contains("Other Ltd") && ended.err.contains("To do: "), "{ended:?}");
}

#[test]
fn what_stax_bills_own_sync_linked_is_taken_over_with_what_is_open() {
    let house = house();
    let account = &house.sandbox.staxbill;
    // 10482 is linked with the customer 1, which is called alike; 10488 with 2, which is not; 10494 with nobody.
    for (customer, first) in [(10_482, 1), (10_488, 2), (10_494, 70_000)] {
        account.synchronised_by_vendor(customer, first);
    }
    let before = books::untouched(&house.sandbox);
    let ended = house.run(&["suggest", "--from-staxbill", "--start", "2026-06-01"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let links = ended.out.parse::<Table>().expect("it is TOML")["links"].clone();
    let links = links.as_table().unwrap();
    assert_eq!(links.keys().collect::<Vec<_>>(), ["10482"], "{}", ended.out);
    assert_eq!(links["10482"]["expect"].as_str(), Some("Amy's Bird Sanctuary"));
    assert!(
        ended.out.contains("10488 Cool Cars: Stax Bill names 2: it is called otherwise"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("names 70000: QuickBooks has no such customer"), "{}", ended.out);
    // Exactly what is dated from the start on, open, or settled by what is.
    let start: jiff::civil::Date = "2026-06-01".parse().unwrap();
    let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
    let later = |at: jiff::Timestamp| at.to_zoned(zone.clone()).date() >= start;
    let mut expected = std::collections::BTreeMap::new();
    let payments = account.payments();
    let payments = payments.iter().filter(|one| one.customer == 10_482);
    for invoice in account.invoices().iter().filter(|one| one.customer == 10_482) {
        let settled = payments
            .clone()
            .any(|one| later(one.effective) && one.allocations.iter().any(|row| row.invoice == invoice.id));
        if later(invoice.effective) || settled || !invoice.outstanding().is_zero() {
            expected.insert(format!("invoice/{}", invoice.id), invoice.quickbooks_id.unwrap().to_string());
        }
    }
    // Hardly any of these ids is a document's of hers: those are comments, with why.
    let mut all: std::collections::BTreeMap<String, String> =
        ended.out.lines().filter_map(|line| line.strip_prefix("# 10482 \"")).map(unmatched).collect();
    assert!(all.len() > 3, "{}", ended.out);
    let live = links["10482"].get("match").and_then(|one| one.as_table());
    all.extend(live.into_iter().flatten().map(|(key, id)| (key.clone(), id.as_str().unwrap().to_owned())));
    let found: std::collections::BTreeMap<String, String> =
        all.clone().into_iter().filter(|(key, _)| key.starts_with("invoice/")).collect();
    assert_eq!(found, expected);
    assert!(
        !expected.is_empty()
            && expected.len() < account.invoices().iter().filter(|one| one.customer == 10_482).count()
    );
    assert!(all.keys().any(|key| key.starts_with("payment/")), "{all:?}");
    assert_eq!(books::untouched(&house.sandbox), before);
}

/// `invoice/1" = "7": why`.
fn unmatched(line: &str) -> (String, String) {
    let (key, rest) = line.split_once("\" = \"").expect("a key and an id");
    let (id, why) = rest.split_once("\": ").expect("an id and a reason");
    assert!(why.starts_with("QuickBooks"), "{why}");
    (key.to_owned(), id.to_owned())
}

#[test]
fn what_can_be_matched_is_what_stands_at_the_linked_customer() {
    let house = house();
    let (account, books) = (&house.sandbox.staxbill, house.sandbox.quickbooks.bookkeeper());
    let name = Some("Amy's Bird Sanctuary".to_owned());
    let id = account.add_customer(NewCustomer { company_name: name, ..NewCustomer::default() });
    account.synchronised_by_vendor(id, 1);
    let at: jiff::Timestamp = "2026-03-01T20:00:00Z".parse().unwrap();
    let bill = || {
        let (unit_price, quantity) = (Decimal::TEN, Decimal::ONE);
        let charge = NewCharge {
            name: "S".to_owned(),
            quantity,
            unit_price,
            amount: unit_price,
            ..NewCharge::default()
        };
        account.post_invoice(NewInvoice {
            customer: id,
            effective: at,
            charges: vec![charge],
            ..NewInvoice::default()
        })
    };
    let invoice = bill();
    let paid = account.collect_payment(NewPayment {
        customer: id,
        amount: Decimal::ONE,
        effective: at,
        ..NewPayment::default()
    });
    let charges = vec![(account.invoice(invoice).unwrap().charges[0].id, Some(Decimal::TWO))];
    let note = account.reverse(NewReversal { invoice, charges, effective: at, reference: None })[0];
    // Its own integration posted them one after the other.
    let form = json!({
        "CustomerRef": { "value": "1" }, "TotalAmt": 1,
        "Line": [{ "Amount": 10, "DetailType": "SalesItemLineDetail",
                   "SalesItemLineDetail": { "ItemRef": { "value": "1" } } }],
    });
    let made = ["Invoice", "Payment", "CreditMemo"].map(|kind| {
        let mut form = form.clone();
        if kind == "Payment" {
            form["Line"] = json!([]);
        }
        books.create(kind, form).expect("it is theirs to enter")["Id"].as_str().unwrap().to_owned()
    });
    account.synchronised_by_vendor(id, made[0].parse().unwrap());
    let gone = bill();
    account.synchronised_by_vendor(id, 80_000);
    let ended = house.run(&["suggest", "--from-staxbill", "--start", "beginning"]);
    let links = ended.out.parse::<Table>().expect("it is TOML")["links"].clone();
    let found = links[id.to_string().as_str()]["match"].as_table().unwrap();
    let keys = [format!("invoice/{invoice}"), format!("payment/{paid}"), format!("charge-reversal/{note}")];
    assert_eq!(found.len(), 3, "{}", ended.out);
    for (key, made) in keys.iter().zip(&made) {
        assert_eq!(found[key].as_str(), Some(made.as_str()), "{}", ended.out);
    }
    let told = format!("# {id} \"invoice/{gone}\" = \"80000\": QuickBooks has no Invoice 80000");
    assert!(ended.out.contains(&told), "{}", ended.out);
    let ended = house.run(&["suggest", "--from-staxbill", "--start", "beginning", "--format", "json"]);
    let value: Value = serde_json::from_str(&ended.out).unwrap();
    let mut rows = value["customers"].as_array().unwrap().iter();
    let named = id.to_string();
    let row = rows.find(|row| row["id"] == named).unwrap();
    assert_eq!(row["from_staxbill"]["unmatched"][0]["quickbooks_id"], "80000");
    // What begins later is none of these, but for what is open.
    let ended = house.run(&["suggest", "--from-staxbill", "--start", "2026-06-01"]);
    let links = ended.out.parse::<Table>().expect("it is TOML")["links"].clone();
    let found = links[id.to_string().as_str()]["match"].as_table().unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), [&keys[0], &keys[1]]);
}
