//! The commands as a person or a monitor uses them: exit codes, forms, logs.

use std::fs;

use latchd::store::{SledStore, Store as _};
use serde_json::Value;

use super::books;
use super::house::House;

#[test]
fn once_tells_by_its_exit_code_how_the_books_stand() {
    let house = House::generated(3, 12);
    house.link_all();
    let ended = house.run(&["once"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.out.contains("In balance: no warning stands."), "{ended:?}");
    assert_eq!(house.run(&["status"]).code, Some(0));
    // Somebody is not connected.
    let all = fs::read_to_string(house.path("links.d/all.toml")).unwrap();
    let some: Vec<&str> = all.lines().filter(|line| !line.starts_with("20002")).collect();
    let house = House::generated(3, 12);
    house.write("links.d/all.toml", some.join("\n"));
    let ended = house.run(&["once"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(5), ""), "{ended:?}");
    assert!(ended.out.contains("customer/20002") && ended.out.contains("not-connected"), "{ended:?}");
    assert_eq!(house.run(&["status"]).code, Some(5));
    // It is the wrong company from the next look on.
    house.sandbox.quickbooks.set_company_name("Other Ltd");
    house.write("latchd.toml", house.settings().replace("\nexpect = \"C", "\nexpect = \"The real C"));
    assert_eq!(house.run(&["once"]).code, Some(1));
    assert_eq!(house.run(&["status"]).code, Some(1));
}

#[test]
fn plan_says_what_a_pass_would_do_and_writes_nothing() {
    let house = House::generated(6, 30);
    house.link_all();
    house.run(&["check"]);
    let before = books::untouched(&house.sandbox);
    let [first, second] = [0, 1].map(|_| house.run(&["plan"]));
    assert_eq!((first.code, first.err.as_str()), (Some(2), ""), "{first:?}");
    assert_eq!(first.out, second.out, "the same world gives the same plan");
    let json: Value = serde_json::from_str(&house.run(&["plan", "--format", "json"]).out).unwrap();
    let steps = json["steps"].as_array().unwrap();
    let creates =
        steps.iter().filter(|step| step["entity"] == "invoice" && step["action"] == "create").count();
    assert_eq!(creates, 30, "{json}");
    assert!(first.out.contains(json["digest"].as_str().unwrap()), "both forms show one plan");
    assert_eq!(books::untouched(&house.sandbox), before);
    assert_eq!(house.sandbox.quickbooks.calls().writes + house.sandbox.quickbooks.calls().batches, 0);
    assert!(house.status().is_none(), "a plan is no pass");

    assert_eq!(house.run(&["once"]).code, Some(0));
    house.run(&["once"]);
    let (before, state, reports) = (books::untouched(&house.sandbox), state(&house), house.status());
    let ended = house.run(&["plan"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.out.contains("Nothing to write: QuickBooks is as"), "{ended:?}");
    assert_eq!(books::untouched(&house.sandbox), before);
    assert_eq!(state, self::state(&house));
    assert_eq!(reports, house.status());
}

/// Every key and value of the state.
fn state(house: &House) -> Vec<(Vec<u8>, Vec<u8>)> {
    let store = SledStore::open(&house.path("state/db")).expect("nobody holds it");
    store.scan(b"", None, usize::MAX).expect("it is sound")
}

#[test]
fn status_is_the_last_report_in_the_form_that_is_asked_for() {
    let house = House::generated(3, 12);
    house.link_all();
    let none = house.run(&["status"]);
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""), "{none:?}");
    assert!(none.err.contains("status.json") && none.err.contains("latchd once"), "{none:?}");
    let once = house.run(&["once"]);
    assert_eq!(house.run(&["status"]).out, once.out, "it is what the pass said");
    let text = fs::read_to_string(house.path("reports/status.json")).unwrap();
    let json = house.run(&["status", "--format", "json"]);
    assert_eq!((json.code, json.out), (Some(0), text.clone()));
    assert_eq!(house.run(&["status", "--max-age", "2h"]).code, Some(0));
    // A report of another day.
    let mut old: Value = serde_json::from_str(&text).unwrap();
    old["generated_at"] = "2026-01-01T00:00:00Z".into();
    house.write("reports/status.json", old.to_string());
    assert_eq!(house.run(&["status"]).code, Some(0));
    let stale = house.run(&["status", "--max-age", "2h"]);
    assert_eq!(stale.code, Some(1), "{stale:?}");
    assert!(stale.err.contains("2026-01-01") && stale.err.contains("2h"), "{stale:?}");
    // Half a report, which no latchd writes.
    house.write("reports/status.json", &text[..text.len() / 2]);
    let half = house.run(&["status"]);
    assert_eq!((half.code, half.out.as_str()), (Some(1), ""), "{half:?}");
    assert!(half.err.contains("latchd once"), "{half:?}");
}

#[test]
fn what_is_piped_is_plain_and_logs_are_as_loud_as_asked() {
    let house = House::generated(3, 12);
    house.link_all();
    let plain = |text: &str| text.chars().all(|sign| sign == '\n' || !sign.is_control());
    let quiet = house.run(&["once", "-q"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""), "{quiet:?}");
    let loud = house.run(&["once", "-v"]);
    assert!(!loud.err.is_empty() && plain(&loud.err) && plain(&loud.out), "{loud:?}");
    let louder = house.run(&["once", "-vv"]);
    assert!(louder.err.lines().count() > loud.err.lines().count(), "{louder:?}");
    let json = house.run(&["once", "-vv", "--log-format", "json"]);
    assert!(json.err.lines().count() > 3, "{json:?}");
    for line in json.err.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
    for args in [["plan"], ["status"], ["check"]] {
        let mut command = house.command(&args);
        command.env("NO_COLOR", "1").env("COLUMNS", "80");
        let ended = house.start_command(command).end();
        assert!(ended.err.is_empty() && plain(&ended.out), "{ended:?}");
    }
}

/// Completions and pages name every command, and are of the form asked for.
#[test]
fn shells_and_man_are_served() {
    let house = House::sample();
    let commands = ["run", "once", "plan", "check", "fmt", "status", "suggest", "sandbox", "demo"];
    for (args, mark) in [
        (&["completions", "bash"][..], "complete -F"),
        (&["completions", "fish"], "complete -c latchd"),
        (&["man"], ".TH latchd 1"),
    ] {
        let ended = house.run(args);
        assert_eq!(ended.code, Some(0), "{args:?}: {}", ended.err);
        assert!(ended.out.contains(mark), "{args:?}: {}", ended.out);
        let missing: Vec<_> = commands.iter().filter(|command| !ended.out.contains(**command)).collect();
        assert!(missing.is_empty(), "{args:?}: {missing:?}");
    }
    let page = house.run(&["man", "plan"]);
    assert!(page.out.contains(".TH latchd-plan 1") && page.out.contains("format"), "{}", page.out);
    let none = house.run(&["man", "paln"]);
    assert_eq!(none.code, Some(64), "{none:?}");
    assert!(none.err.contains("no command `paln`"), "{}", none.err);
    assert_eq!(house.run(&["completions", "dos"]).code, Some(64));
}
