//! Plans beside a running daemon, also of files that are not in force.

use std::fs;
use std::io::Write as _;
use std::os::unix::net::UnixStream;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::{Value, json};

use super::books;
use super::house::{Ended, House, Running, until};

const AMY: &str = "10482 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = \"beginning\" }\n";
const BOLT: &str = "10483 = { create = \"Bolt Bakery\", start = \"beginning\" }\n";

/// A daemon whose first pass is over, and a candidate beside its files that
/// connects one customer more.
fn daemon() -> (House, Running) {
    let house = House::sample();
    house.write("links.d/a.toml", format!("[links]\n{AMY}"));
    let process = house.start(&["run"]);
    until("the first pass is over", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    fs::create_dir_all(house.path("candidate/links.d")).expect("the folder is the test's own");
    house.write("candidate/links.d/a.toml", format!("[links]\n{AMY}{BOLT}"));
    candidate(&house, "", "");
    (house, process)
}

/// Writes the candidate's settings, which name the daemon's state.
fn candidate(house: &House, from: &str, to: &str) {
    let state = format!("state = \"{}\"", house.path("state").display());
    let text = house.settings().replace("state = \"state\"", &state).replace(from, to);
    house.write("candidate/latchd.toml", text);
}

fn planned(house: &House, more: &[&str]) -> Ended {
    let path = house.path("candidate/latchd.toml").display().to_string();
    house.run(&[&["plan", "--config", &path], more].concat())
}

fn written(house: &House) -> u64 {
    let calls = house.sandbox.quickbooks.calls();
    calls.writes + calls.batches
}

#[test]
fn a_candidate_is_planned_over_the_living_state_and_changes_nothing() {
    let (house, process) = daemon();
    let (before, report) = (written(&house), house.status().expect("a report")["generation"].clone());
    let own = house.run(&["plan"]);
    assert_eq!((own.code, own.err.as_str()), (Some(0), ""), "{own:?}");
    assert!(own.out.contains("Nothing to write"), "{own:?}");
    let text = planned(&house, &[]);
    assert_eq!((text.code, text.err.as_str()), (Some(2), ""), "{text:?}");
    let beside = planned(&house, &["--format", "json"]);
    let plan: Value = serde_json::from_str(&beside.out).expect("the contract's form");
    let first = &plan["steps"][0];
    assert_eq!((&first["key"], &first["action"]), (&json!("customer/10483"), &json!("create")));
    assert!(text.out.contains("customer/10483"), "{text:?}");
    assert_eq!((written(&house), &house.status().expect("a report")["generation"]), (before, &report));
    process.signal("TERM");
    assert_eq!(process.end().code, Some(0));
    // Without a daemon it is the same to the letter.
    assert_eq!(planned(&house, &["--format", "json"]).out, beside.out);
    books::of(&house.sandbox);
}

#[test]
fn what_cannot_be_planned_is_said_and_the_daemon_goes_on() {
    let (house, process) = daemon();
    for (from, to, code, words) in [
        ("9130350000000000", "9130350000000001", 78, "are about company 9130350000000001"),
        ("/v1\"", "/v2\"", 78, "[staxbill] base_url"),
        ("/openid_configuration", "/other", 78, "[quickbooks] discovery_url"),
        ("time_zone = \"America/Los_Angeles\"", "time_zone = \"Mars/Olympus\"", 78, "Mars/Olympus"),
        ("deposit_account = \"Undeposited Funds\"", "deposit_account = \"No such\"", 2, ""),
    ] {
        candidate(&house, from, to);
        let ended = planned(&house, &[]);
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.err.contains(words), "{ended:?}");
    }
    candidate(&house, "", "");
    // No link is left, which nobody means.
    house.write("candidate/links.d/a.toml", "");
    let ended = planned(&house, &[]);
    assert!(ended.code == Some(78) && ended.err.contains("allow_empty"), "{ended:?}");
    house.write("candidate/links.d/a.toml", format!("[links]\n{AMY}{BOLT}"));
    // Somebody asks and hangs up.
    house.sandbox.trouble.add(slow());
    let main = house.path("latchd.toml");
    let files = json!([[main, fs::read_to_string(&main).expect("it is there")]]);
    let asked = json!({ "schema": 1, "command": "plan", "files": files });
    let mut gone = UnixStream::connect(house.path("state/latchd.sock")).expect("the daemon listens");
    writeln!(gone, "{asked}").expect("it reads");
    drop(gone);
    until("another one is answered", || planned(&house, &[]).code == Some(2));
    // In the middle of a pass a plan waits for its end.
    house.sandbox.trouble.clear();
    let hits = house.sandbox.trouble.hits();
    house.sandbox.trouble.add(slow());
    process.signal("USR1");
    until("a pass is under way", || house.sandbox.trouble.hits() > hits);
    let ended = planned(&house, &[]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    process.signal("TERM");
    assert_eq!(process.end().code, Some(0));
}

/// Neither a pass that is asked for nor newer files wait for a plan: it begins
/// anew after them, and whoever asked gets it.
#[test]
fn a_plan_holds_up_no_pass_and_no_reload() {
    let (house, process) = daemon();
    let main = house.path("candidate/latchd.toml").display().to_string();
    let number = || house.status().and_then(|status| status["last_pass"]["number"].as_u64());
    for reload in [false, true] {
        house.sandbox.trouble.clear();
        // Longer than a pass may wait.
        let hangs = Rule::next("/v3/company/*/cdc", Kind::Delay { ms: 50_000 }).of(Vendor::QuickBooks);
        house.sandbox.trouble.add(hangs);
        let plan = house.start(&["plan", "--config", &main, "--format", "json"]);
        until("the plan is being made", || house.sandbox.trouble.hits() > 0);
        let before = number();
        if reload {
            house.write("links.d/c.toml", "[links]\n10484 = { skip = \"another\" }\n");
        } else {
            process.signal("USR1");
        }
        until("a pass is made", || number() > before);
        let ended = plan.end();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.out.contains("customer/10483"), "{ended:?}");
    }
    process.signal("TERM");
    assert_eq!(process.end().code, Some(0));
}

/// The daemon's next look at QuickBooks takes its time.
fn slow() -> Rule {
    Rule::next("/v3/company/*/cdc", Kind::Delay { ms: 3_000 }).of(Vendor::QuickBooks)
}
