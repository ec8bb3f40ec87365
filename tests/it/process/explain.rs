//! `latchd explain` beside a daemon and without one, and the socket between
//! the two.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::Value;

use super::house::{Ended, House, Running, until};

/// What the daemon answers to a line.
fn ask(house: &House, line: &str) -> Value {
    let mut stream = UnixStream::connect(house.path("state/latchd.sock")).expect("a daemon listens");
    stream.write_all(line.as_bytes()).expect("it takes questions");
    stream.write_all(b"\n").expect("it takes questions");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.ends_with('\n') && answer.lines().count() == 1, "{answer}");
    serde_json::from_str(&answer).expect("it answers JSON")
}

/// A house with one customer linked and one not.
fn house() -> House {
    let house = House::generated(2, 6);
    house.link_all();
    let all = fs::read_to_string(house.path("links.d/all.toml")).expect("it was just written");
    let some: Vec<&str> = all.lines().filter(|line| !line.starts_with("20002")).collect();
    house.write("links.d/all.toml", some.join("\n"));
    house
}

/// A daemon whose first pass is over.
fn daemon(house: &House) -> Running {
    let process = house.start(&["run"]);
    until("the first pass is over", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    process
}

/// What the report says last, so that two answers can be compared.
fn ended(process: Running) -> Ended {
    process.signal("TERM");
    process.end()
}

#[test]
fn the_daemon_and_the_state_say_the_same() {
    let house = house();
    let none = house.run(&["explain", "invoice/1"]);
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""), "{none:?}");
    assert!(none.err.contains("latchd once") && !house.path("state").exists(), "{none:?}");
    let process = daemon(&house);
    let socket = house.path("state/latchd.sock");
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let documents = |name: &str| house.sandbox.quickbooks.objects(name).into_iter();
    let mark = documents("Invoice").find_map(|one| one["PrivateNote"].as_str().map(str::to_owned)).unwrap();
    let key = mark.trim_start_matches("[latchd ").trim_end_matches(']').to_owned();
    let questions: [&[&str]; 6] = [
        &["explain", &key],
        &["explain", &mark],
        &["explain", &key, "--format", "json"],
        &["explain", "customer/20002"],
        &["explain", "customer/20002", "--format", "json"],
        &["explain", "customer/77"],
    ];
    let beside = questions.map(|args| house.run(args));
    assert!(socket.exists(), "the daemon still listens");
    assert_eq!(ended(process).code, Some(0));
    assert!(!socket.exists(), "it took its socket with it");
    let after = questions.map(|args| house.run(args));
    for ((one, other), args) in beside.iter().zip(&after).zip(questions) {
        assert_eq!((one.code, &one.out, &one.err), (other.code, &other.out, &other.err), "{args:?}");
    }
    let [text, pasted, json, root, root_json, unknown] = after;
    assert_eq!((text.code, &text.out, text.err.as_str()), (Some(0), &pasted.out, ""), "{text:?}");
    assert!(text.out.starts_with(&format!("{key}  synced\n")), "{text:?}");
    assert!(text.out.contains("https://sandbox.qbo.intuit.com/app/invoice?txnId="), "{text:?}");
    assert!(text.out.contains("links.d/all.toml:2") && text.out.contains("  request "), "{text:?}");
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["schema"], &json["key"], &json["state"]), (&1.into(), &key.into(), &"synced".into()));
    assert_eq!(json["attempts"][0]["outcome"]["is"], "done");
    let root_json: Value = serde_json::from_str(&root_json.out).unwrap();
    let blocked = root_json["holds_up"]["records"].as_u64().unwrap();
    assert!(
        root.out.contains("not-connected") && root.out.contains(&format!("{blocked} record")),
        "{root:?}"
    );
    assert_eq!((unknown.code, unknown.out.as_str()), (Some(1), ""), "{unknown:?}");
    assert!(unknown.err.contains("no record customer/77 is known"), "{unknown:?}");
}

#[test]
fn it_answers_in_the_middle_of_a_pass_and_others_never_delay_it() {
    let house = house();
    let stuck = Rule::next("/v3/company/*/invoice", Kind::Delay { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(stuck.every());
    let batch = Rule::next("/v3/company/*/batch", Kind::Delay { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(batch.every());
    let process = house.start(&["run"]);
    until("it writes invoices", || house.sandbox.trouble.hits() > 0);
    // Somebody who says nothing, and somebody who says half of it.
    let _silent = UnixStream::connect(house.path("state/latchd.sock")).unwrap();
    let mut half = UnixStream::connect(house.path("state/latchd.sock")).unwrap();
    half.write_all(b"{\"schema\":").unwrap();
    let told = house.run(&["explain", "customer/20001"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.starts_with("customer/20001  synced\n"), "{told:?}");
    // What is no question.
    for (line, error) in [
        ("{\"schema\":1,\"command\":\"sing\"}", "unknown-command"),
        ("{\"schema\":1,\"command\":\"explain\",\"key\":\"invoice\"}", "bad-request"),
        ("{\"schema\":1,\"command\":\"explain\",\"key\":\"invoice/1\"}", "unknown-key"),
        ("hello", "bad-request"),
    ] {
        assert_eq!(ask(&house, line)["error"], error, "{line}");
    }
    assert_eq!(house.run(&["once"]).code, Some(75), "the state has one owner");
    process.kill();
    // A killed daemon leaves its socket: nobody listens, and the state is free.
    assert!(house.path("state/latchd.sock").exists());
    house.sandbox.trouble.clear();
    assert_eq!(house.run(&["explain", "customer/20001"]).out, told.out);
    let process = daemon(&house);
    assert_eq!(
        ask(&house, "{\"schema\":1,\"command\":\"explain\",\"key\":\"customer/20001\"}")["kind"],
        "result"
    );
    // A pass on demand.
    let number = || house.status().and_then(|status| status["last_pass"]["number"].as_u64());
    let before = number();
    assert_eq!(ask(&house, "{\"schema\":1,\"command\":\"pass\"}")["result"]["woken"], true);
    until("a pass is made", || number() > before);
    // Files that break under it: it tells, and the exit code is theirs.
    house.write("links.d/all.toml", "[links\n");
    let told = house.run(&["explain", "customer/20001"]);
    assert_eq!(told.code, Some(78), "{told:?}");
    assert!(told.out.starts_with("customer/20001  synced\n"), "{told:?}");
    assert_eq!(ended(process).code, Some(0));
}

#[test]
fn a_runtime_directory_takes_the_socket_and_one_without_a_socket_is_told() {
    let house = house();
    fs::create_dir(house.path("run")).unwrap();
    let mut command = house.command(&["run"]);
    command.env("RUNTIME_DIRECTORY", format!("{}:/elsewhere", house.path("run").display()));
    let process = house.start_command(command);
    until("it listens", || {
        house.path("run/latchd.sock").exists() && house.path("state/latchd.sock").exists()
    });
    until("the first pass is over", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    // Who asks knows nothing of that folder.
    let told = house.run(&["explain", "customer/20001"]);
    assert_eq!((told.code, told.err.as_str()), (Some(0), ""), "{told:?}");
    ended(process);
    assert!(fs::read_dir(house.path("run")).unwrap().next().is_none());
    assert!(fs::symlink_metadata(house.path("state/latchd.sock")).is_err());
    // One pass by hand holds the state and answers nobody.
    let stuck = Rule::next("/v3/company/*/cdc", Kind::Delay { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(stuck.every());
    let _once = house.start(&["once"]);
    until("it reads", || house.sandbox.trouble.hits() > 0);
    let told = house.run(&["explain", "customer/20001"]);
    assert_eq!((told.code, told.out.as_str()), (Some(75), ""), "{told:?}");
    assert!(told.err.contains("another latchd holds the state in "), "{told:?}");
}

#[test]
fn the_catalogue_and_what_is_no_key() {
    let house = House::sample();
    let codes = house.run(&["explain", "--codes"]);
    assert_eq!((codes.code, codes.err.as_str()), (Some(0), ""), "{codes:?}");
    assert!(codes.out.contains("not-connected") && codes.out.contains("quickbooks-unreachable"), "{codes:?}");
    let one = house.run(&["explain", "reconnect", "--format", "json"]);
    let json: Value = serde_json::from_str(&one.out).unwrap();
    assert_eq!(json["codes"].as_array().unwrap().len(), 1);
    let one = house.run(&["explain", "company/reconnect"]);
    assert!(one.out.contains("there is no report yet") && one.out.contains("latchd auth login"), "{one:?}");
    for (args, words) in [
        (&["explain"][..], "KEY"),
        (&["explain", "invoices/88123"], "did you mean invoice/88123?"),
        (&["explain", "invoice/1", "--codes"], "cannot be used with"),
    ] {
        let ended = house.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{ended:?}");
        assert!(ended.err.contains(words), "{ended:?}");
    }
    assert!(!house.path("state").exists());
}
