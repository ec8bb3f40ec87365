//! `latchd journal` beside a daemon and without one, and a person's word.

use std::fs;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::Value;

use super::house::{House, until};

/// A house of which the first write is cut off, and a daemon in it that waits.
fn house() -> House {
    let house = House::generated(1, 2);
    house.link_all();
    let text = house.settings().replace("unknown_wait = \"1s\"", "unknown_wait = \"600s\"");
    house.write("latchd.toml", text);
    house
}

fn open(house: &House, args: &[&str]) -> Vec<Value> {
    let told = house.run(args);
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    let json: Value = serde_json::from_str(&told.out).expect("it is JSON");
    assert_eq!(json["schema"], 1);
    json["open"].as_array().expect("a list").clone()
}

#[test]
fn the_daemon_is_asked_and_takes_a_persons_word() {
    let house = house();
    let none = house.run(&["journal"]);
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""), "{none:?}");
    assert!(none.err.contains("there is no state in ") && !house.path("state").exists(), "{none:?}");
    let cut = Rule::next("/v3/company/*/invoice", Kind::Cut).of(Vendor::QuickBooks).method("POST");
    house.sandbox.trouble.add(cut);
    let process = house.start(&["run"]);
    let json = ["journal", "--format", "json"];
    until("a write is cut off and the pass is over", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    let rows = open(&house, &json);
    assert_eq!((rows.len(), &rows[0]["outcome"]), (1, &"waiting".into()), "{rows:?}");
    assert!(rows[0]["next_look_at"].is_string() && rows[0]["request_id"].as_str().unwrap().len() == 36);
    let key = rows[0]["key"].as_str().unwrap().to_owned();
    let text = house.run(&["journal"]);
    assert!(text.out.starts_with(&format!("{key}  waiting  create Invoice  ")), "{text:?}");
    let mark = format!("[latchd {key}]");
    let objects = house.sandbox.quickbooks.objects("Invoice");
    let object =
        objects.iter().find(|one| one["PrivateNote"].as_str() == Some(&mark)).expect("it took effect");
    let id = object["Id"].as_str().unwrap();
    let early = house.run(&["journal", "resolve", &key, "--not-posted", "--why", "nobody sees it"]);
    assert_eq!((early.code, early.out.as_str()), (Some(1), ""), "{early:?}");
    assert!(early.err.contains("Intuit may still be working on it"), "{early:?}");
    let said =
        house.run(&["journal", "resolve", &key, "--posted", id, "--why", "on the page", "--by", "Kim"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert!(said.out.contains(&format!("Invoice {id} is its own from now on")), "{said:?}");
    assert_eq!(open(&house, &json), Vec::<Value>::new());
    let history = fs::read_to_string(house.path("reports/history.ndjson")).unwrap();
    let line = history.lines().find(|line| line.contains("\"resolved\"")).expect("it is kept");
    assert!(line.contains(r#""resolved":{"posted":true,"by":"Kim","why":"on the page"}"#), "{line}");
    assert!(process.err().contains("a person said what became of a write"), "{}", process.err());
    until("the pass after it ends", || {
        house.status().is_some_and(|status| status["entities"][1]["synced"] == 2)
    });
    process.signal("TERM");
    assert_eq!(process.end().code, Some(0));
}

#[test]
fn without_a_daemon_the_state_is_read_and_the_word_taken_here() {
    let house = house();
    let cut = Rule::next("/v3/company/*/invoice", Kind::Refuse).of(Vendor::QuickBooks).method("POST");
    house.sandbox.trouble.add(cut);
    let process = house.start(&["once"]);
    until("a write is cut off", || {
        house.status().is_some_and(|status| status["warnings"].to_string().contains("unknown-outcome"))
    });
    let held = house.run(&["journal"]);
    assert_eq!((held.code, held.out.as_str()), (Some(75), ""), "{held:?}");
    process.kill();
    house.write("latchd.toml", house.settings());
    let json = ["journal", "--format", "json"];
    let rows = open(&house, &json);
    assert_eq!((rows.len(), &rows[0]["outcome"]), (1, &"waiting".into()), "{rows:?}");
    assert_eq!(rows[0]["next_look_at"], Value::Null);
    let key = rows[0]["key"].as_str().unwrap().to_owned();
    for (args, code) in [
        (&["journal", "resolve", &key, "--posted", "77777", "--why", "x"][..], 1),
        (&["journal", "resolve", "invoice/7", "--not-posted", "--why", "x"], 1),
        (&["journal", "resolve", &key, "--not-posted", "--why", " "], 64),
        (&["journal", "resolve", &key, "--why", "x"], 64),
        (&["journal", "resolve", &key, "--not-posted"], 64),
        (&["journal", "resolve", &key, "--not-posted", "--posted", "7", "--why", "x"], 64),
        (&["journal", "resolve", &key, "--posted", "../7", "--why", "x"], 64),
        (&["journal", "resolve", "bill/7", "--not-posted", "--why", "x"], 64),
    ] {
        let refused = house.run(args);
        assert_eq!((refused.code, refused.out.as_str()), (Some(code), ""), "{args:?} {refused:?}");
    }
    assert_eq!(open(&house, &json), rows, "nothing was changed");
    let said = house.run(&["journal", "resolve", &key, "--not-posted", "--why", "nobody sees it"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("decides anew"), "{said:?}");
    assert_eq!(house.run(&["journal"]).out, "No write is open: the outcome of each is known.\n");
    assert_eq!(house.run(&["once"]).code, Some(0));
    let mark = format!("[latchd {key}]");
    let objects = house.sandbox.quickbooks.objects("Invoice");
    assert_eq!(objects.iter().filter(|one| one["PrivateNote"].as_str() == Some(&mark)).count(), 1);
}
