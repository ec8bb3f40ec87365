//! Names, references, memos and product names that were chosen to do harm, in
//! every place where either vendor takes a text, and the real program over them:
//! in nothing that it writes are they more than text.

mod harmless;

use std::fs;

use jiff::Timestamp;
use latchd::model::is_unseen;
use latchd::sandbox::staxbill::{NewCharge, NewCredit, NewCustomer, NewInvoice, NewPayment, NewProduct};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::house::{Ended, House};

/// What would be a line of the log, if a name could end one.
const FORGED: &str = "2026-11-23T12:00:00.000Z ERROR forged";

/// Texts that somebody obeys: a browser, Markdown, a chat, TOML, a terminal, a
/// spreadsheet, Prometheus, QuickBooks' queries, a reader of logs, latchd itself.
const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "'-alert(1)-' onmouseover='alert(1)",
    "</title></style></script><iframe src=//evil.test>",
    "&lt;b&gt; &#60;script&#62; &amp;",
    "**bold** _it_ `code` ~~gone~~ # heading | cell |",
    "[click](https://evil.test) ![x](https://evil.test/p.png)",
    "<https://evil.test> https://evil.test www.evil.test",
    "@channel <!here> <@U123> #1 $x^2$",
    "Evil\" } # \\",
    "x\", start = \"beginning\" }\n10999 = { skip = \"x\" }",
    "\"\"\" [links] '''",
    "red \u{1b}[31m\u{1b}]0;title\u{7}\u{9b}2J\u{90}q\u{9c}",
    "\u{1b}]8;;https://evil.test\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\u{202e}exe.fdp \u{2066}x\u{2069}\u{200f}",
    "nul\u{0}byte",
    "two\nlines\r\n# heading\n- list\n\n    code",
    "line\n2026-11-23T12:00:00.000Z ERROR forged\u{2028}x",
    "back\\slash\\",
    "quote' OR Id > '0",
    "\\' OR Id > \\'0",
    "zero\u{200b}width\u{feff}soft\u{ad}tag\u{e0041}",
    "x\"} 1\nlatchd_up{a=\"b\"} 2",
    "{{7*7}} ${env:HOME} %n%s $(reboot) `reboot`",
    "[latchd invoice/1]",
    "\u{fffd} lone half",
];

/// The longest, once.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    texts.push("<u>10k</u> ".repeat(1000));
    texts
}

/// An account of which every text is hostile; of three customers one is
/// created, one is linked with a namesake and one has no line.
fn house() -> House {
    let house = House::bare();
    let account = &house.sandbox.staxbill;
    account.add_product(NewProduct {
        code: "PRO".to_owned(),
        name: "Pro".to_owned(),
        ..NewProduct::default()
    });
    let mut links = "[links]\n".to_owned();
    for (at, text) in hostile().into_iter().enumerate() {
        let some = Some(text.clone());
        let id = account.add_customer(NewCustomer {
            company_name: some.clone(),
            first_name: some.clone(),
            last_name: some.clone(),
            reference: some.clone(),
            primary_email: Some(format!("a{at}@evil.example")),
            primary_phone: some.clone(),
            ..NewCustomer::default()
        });
        documents(&house, id, &text);
        // QuickBooks takes a line of Latin-1, at most 500 letters of it.
        let living: String = text
            .chars()
            .map(|sign| if (sign as u32) < 0x100 && sign >= ' ' && sign != ':' { sign } else { ' ' })
            .take(400)
            .collect();
        let body = json!({"DisplayName": living.trim(), "Notes": text, "PrimaryEmailAddr": {"Address": format!("a{at}@evil.example")}});
        let twin = house.sandbox.quickbooks.bookkeeper().create("Customer", body);
        let line = match (at % 3, twin) {
            (0, Ok(twin)) => {
                let expect = latchd::model::toml_text(twin["DisplayName"].as_str().expect("a name"));
                format!("{id} = {{ adopt = {}, expect = {expect}, start = \"beginning\" }}\n", twin["Id"])
            }
            (1, _) => format!("{id} = {{ create = true, start = \"beginning\" }}\n"),
            _ => continue,
        };
        links.push_str(&line);
    }
    let items = "[items]\n\"PRO\" = \"Subscription services\"\n";
    house.write("links.d/a.toml", format!("{links}{items}{}", receiver(&house)));
    let posting = "[posting]\ncredit_item = \"Account credit\"\nunmapped_product = \"hold\"";
    house.write("latchd.toml", house.settings().replace("[posting]", posting));
    house
}

/// A receiver that appends each message to a file, as a line.
fn receiver(house: &House) -> String {
    let script = format!("cat >> {0} && echo >> {0}", house.path("told").display());
    format!(
        "[[notify]]\nname = \"note\"\ncommand = [\"/bin/sh\", \"-c\", \"{script}\"]\n\
         on = [\"warning\", \"recovery\", \"reload\", \"digest\"]\n"
    )
}

fn documents(house: &House, customer: i64, text: &str) {
    let account = &house.sandbox.staxbill;
    let noon: Timestamp = "2026-03-01T20:00:00Z".parse().expect("a literal instant");
    let amount = Decimal::from(50);
    let product = account.add_product(NewProduct {
        code: text.to_owned(),
        name: text.to_owned(),
        ..NewProduct::default()
    });
    let code = account.product(product).map(|product| product.code);
    let charge = |product: Option<String>| NewCharge {
        name: text.to_owned(),
        description: Some(text.to_owned()),
        product,
        quantity: Decimal::ONE,
        unit_price: amount,
        amount,
        ..NewCharge::default()
    };
    let bill = |product| {
        account.post_invoice(NewInvoice {
            customer,
            effective: noon,
            charges: vec![charge(product)],
            due_days: 30,
            po_number: Some(text.to_owned()),
            notes: Some(text.to_owned()),
            ..NewInvoice::default()
        })
    };
    let (invoice, _held) = (bill(Some("PRO".to_owned())), bill(code));
    account.collect_payment(NewPayment {
        customer,
        amount,
        effective: noon,
        method: "Check".to_owned(),
        reference: Some(text.to_owned()),
        allocations: vec![(invoice, amount)],
        ..NewPayment::default()
    });
    account.give_credit(NewCredit {
        customer,
        amount,
        effective: noon,
        reference: Some(text.to_owned()),
        ..NewCredit::default()
    });
}

#[test]
fn nothing_that_is_written_obeys_a_name() {
    let house = house();
    let before = house.run(&["suggest"]);
    harmless::toml(&before.out);
    for form in ["text", "json"] {
        is_plain("plan", &house.run(&["plan", "--format", form]));
    }
    let written = house.run(&["once", "-vv"]);
    is_plain("once", &written);
    assert_eq!(written.code, Some(5), "warnings are open: {}", written.err);
    let again = house.run(&["once", "-vv", "--log-format", "json"]);
    is_plain("once", &again);
    for line in again.err.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    reports(&house);
    messages(&house);
    commands(&house);
    everything_is_there(&house);
}

/// Most of it was posted: a test of a pass that gave up would prove nothing.
fn everything_is_there(house: &House) {
    let status = house.status().expect("there is a report");
    for entity in status["entities"].as_array().expect("there are rows") {
        let (scope, synced) = (entity["in_scope"].as_u64(), entity["synced"].as_u64());
        let least = if entity["entity"] == "invoice" { 4 } else { 2 };
        let sound = scope.zip(synced).is_some_and(|(scope, synced)| synced * least >= scope);
        assert!(sound, "{entity}\n{:#}", status["warnings"]);
    }
    let unreachable = status["warnings"].as_array().expect("there are warnings").iter();
    let unreachable: Vec<&Value> = unreachable
        .filter(|row| row["key"].as_str().is_some_and(|key| key.starts_with("company/")))
        .collect();
    assert!(unreachable.is_empty(), "{unreachable:?}");
}

fn reports(house: &House) {
    let read = |name: &str| {
        let text = fs::read_to_string(house.path(&format!("reports/{name}")));
        let text = text.unwrap_or_else(|error| panic!("{name}: {error}"));
        harmless::terminal(name, &text);
        text
    };
    for name in ["status.json", "customers.json"] {
        serde_json::from_str::<Value>(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for line in read("history.ndjson").lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
    harmless::html(&read("index.html"));
    harmless::markdown(&read("overview.md"));
    harmless::prometheus(&read("latchd.prom"));
}

fn messages(house: &House) {
    let told = fs::read_to_string(house.path("told")).expect("somebody was told");
    harmless::terminal("told", &told);
    for line in told.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        harmless::told(message["text"].as_str().expect("a message has words"));
    }
}

fn commands(house: &House) {
    is_plain("status", &house.run(&["status"]));
    is_plain("status", &house.run(&["status", "--format", "json"]));
    for form in ["toml", "table", "json"] {
        is_plain("suggest", &house.run(&["suggest", "--format", form]));
    }
    let status = house.status().expect("there is a report");
    let warned = status["warnings"].as_array().expect("there are warnings");
    let keys: std::collections::BTreeSet<&str> =
        warned.iter().filter_map(|row| row["key"].as_str()).collect();
    assert!(keys.len() > 20, "{keys:?}");
    // One of each sort and a few more: a process each takes its time.
    for key in keys.iter().step_by(5) {
        for form in ["text", "json"] {
            is_plain(key, &house.run(&["explain", key, "--format", form]));
        }
    }
}

/// What a command said is a terminal's to show.
fn is_plain(what: &str, ended: &Ended) {
    assert!(ended.code.is_some_and(|code| code != 101), "{what}: {ended:?}");
    for text in [&ended.out, &ended.err] {
        harmless::terminal(what, text);
    }
    if ended.out.starts_with('{') {
        serde_json::from_str::<Value>(&ended.out).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    let forged = ended.out.lines().chain(ended.err.lines()).find(|line| line.starts_with(FORGED));
    assert_eq!(forged, None, "{what}");
    assert!(!ended.err.chars().any(|sign| sign != '\n' && is_unseen(sign)), "{what}");
}
