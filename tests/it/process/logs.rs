//! Logs: what the program says while it works, in which form, and to whom.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::Value;

use super::house::{Ended, House, until};
use super::networks::Peer;

/// Words of a service that would be a line of their own, if they could.
const FORGED: &str = "2026-11-23T12:00:00.000Z ERROR forged";

fn readme() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("there is a README")
}

fn lines(ended: &Ended) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    ended.err.lines().map(read).collect()
}

fn linked() -> House {
    let house = House::generated(3, 12);
    house.link_all();
    house
}

#[test]
fn json_is_an_object_a_line_with_names_that_the_readme_tells() {
    let house = linked();
    let written = house.run(&["once", "-v", "--log-format", "json"]);
    assert_eq!(written.code, Some(0), "{written:?}");
    let told = lines(&written);
    let writes: Vec<&Value> = told.iter().filter(|line| line["outcome"].is_string()).collect();
    let sent = house.sandbox.quickbooks.calls();
    assert!(sent.writes + sent.batches > 0 && writes.len() >= 15, "{writes:?}");
    let mut keys = BTreeSet::new();
    for line in &writes {
        assert_eq!((&line["message"], &line["outcome"]), (&"written".into(), &"done".into()), "{line}");
        assert_eq!(
            (&line["company"], &line["pass"], &line["level"]),
            (&"craigs".into(), &1.into(), &"INFO".into())
        );
        for name in ["timestamp", "target", "key", "action", "object", "id", "request_id", "intuit_tid"] {
            assert!(line[name].as_str().is_some_and(|text| !text.is_empty()), "{name}: {line}");
        }
        let entity = line["key"].as_str().and_then(|key| key.split('/').next());
        assert_eq!(line["entity"].as_str(), entity, "{line}");
        assert!(keys.insert(format!("{} {}", line["key"], line["object"])), "a line a write: {line}");
    }
    let names: BTreeSet<&str> =
        told.iter().flat_map(|line| line.as_object().unwrap().keys()).map(String::as_str).collect();
    let readme = readme();
    let unknown: Vec<_> = names.iter().filter(|name| !readme.contains(&format!("`{name}`"))).collect();
    assert!(unknown.is_empty(), "the README does not tell of {unknown:?}");
    let requests = told.iter().filter(|line| line["message"] == "answered");
    assert!(requests.clone().any(|line| line["entity"] == "invoice"), "requests bear what they are made for");
}

/// Everything that is told of a record can be asked for by its key.
#[test]
fn a_record_can_be_followed() {
    let house = linked();
    let mut command = house.command(&["once", "--log-format", "json"]);
    command.env("RUST_LOG", "latchd=trace");
    let told = lines(&house.start_command(command).end());
    let written = told.iter().find(|line| line["outcome"] == "done").expect("something was written");
    assert!(told.iter().any(|line| line["key"] == written["key"]), "{written}");
    let foreign = told.iter().find(|line| !line["target"].as_str().unwrap().starts_with("latchd"));
    assert!(foreign.is_none(), "{foreign:?}");
}

#[test]
fn libraries_are_heard_where_they_are_asked_for() {
    let house = linked();
    let foreign = |ended: &Ended| {
        lines(ended).iter().filter(|line| !line["target"].as_str().unwrap().starts_with("latchd")).count()
    };
    let loud = house.run(&["once", "-vv", "--log-format", "json"]);
    assert_eq!(foreign(&loud), 0, "{loud:?}");
    let loudest = house.run(&["once", "-vvv", "--log-format", "json"]);
    assert!(foreign(&loudest) > 0, "{loudest:?}");
}

#[test]
fn rust_log_is_obeyed_or_complained_of_once() {
    let house = linked();
    let run = |value: &str, args: &[&str]| {
        let mut command = house.command(args);
        command.env("RUST_LOG", value);
        house.start_command(command).end()
    };
    let debug = run("latchd=debug", &["once"]);
    assert!(debug.err.contains("DEBUG") && debug.err.contains(" written key="), "{debug:?}");
    let silent = run("off", &["once", "-vv"]);
    assert_eq!((silent.code, silent.err.as_str()), (Some(0), ""));
    for (value, why) in
        [("dbug", "`dbug` is no level"), ("latchd=loud", "expected one of"), ("[[", "RUST_LOG")]
    {
        let ended = run(value, &["once"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
        assert!(
            ended.err.starts_with("warning: RUST_LOG is not obeyed") && ended.err.contains(why),
            "{ended:?}"
        );
    }
}

/// A service whose words would forge a line, in the log and in last words.
fn forging(house: &House) -> Peer {
    let words = format!("no\\n{FORGED}\\r\\u001b[2K\\u009b1A\\u2028{FORGED}");
    let body = format!(
        r#"{{"Fault":{{"Error":[{{"Message":"{words}","Detail":"{words}","code":"6190"}}],"type":"x"}}}}"#
    );
    let length = body.len();
    let peer = Peer::answering(format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    ));
    let there = format!("api_url = \"http://{}\"", house.quickbooks);
    let here = format!("api_url = \"http://127.0.0.1:{}\"", peer.port);
    house.write("latchd.toml", house.settings().replace(&there, &here));
    peer
}

#[test]
fn no_word_of_a_service_forges_a_line() {
    let house = linked();
    let _peer = forging(&house);
    for args in [vec!["once", "-vvv"], vec!["once"], vec!["once", "-v", "--log-format", "json"]] {
        let ended = house.run(&args);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains("forged"), "it is told: {ended:?}");
        let forged: Vec<&str> = ended.err.lines().filter(|line| line.starts_with(FORGED)).collect();
        assert!(forged.is_empty(), "{forged:?}");
        let controls = ended.err.chars().filter(|sign| *sign != '\n' && sign.is_control()).count();
        assert_eq!(controls, 0, "{ended:?}");
    }
}

/// A customer's name is a text that anybody can choose.
#[test]
fn no_name_of_a_customer_forges_a_line() {
    let house = linked();
    let id = house.sandbox.staxbill.customers()[0].id;
    house
        .sandbox
        .staxbill
        .edit_customer(id, |fields| fields.company_name = Some(format!("Bolt\n{FORGED}\u{1b}[2K")));
    let ended = house.run(&["once", "-vvv"]);
    assert!(ended.err.lines().all(|line| !line.starts_with(FORGED)), "{ended:?}");
    let told = house.run(&["status"]);
    assert!(told.out.lines().all(|line| !line.starts_with(FORGED)), "{told:?}");
}

#[test]
fn a_refusal_of_the_whole_company_is_logged_once() {
    let house = linked();
    let fault = Rule::next("/v3/company/*/batch", Kind::Fault { code: 6190 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(fault.every());
    let ended = house.run(&["once", "-v"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let log: Vec<&str> = ended.err.lines().filter(|line| line.starts_with("20")).collect();
    let words = log.iter().filter(|line| line.contains("subscription period ended")).count();
    let troubles = log.iter().filter(|line| line.contains(" WARN ") || line.contains("ERROR ")).count();
    assert_eq!((words, troubles), (1, 1), "{}", ended.err);
    let refused = log.iter().filter(|line| line.contains("outcome=refused")).count();
    assert_eq!(refused, 12, "and what was not written is told: {}", ended.err);
}

/// systemd sets `JOURNAL_STREAM` to what stderr leads to.
#[test]
fn the_journal_gets_priorities_and_no_time() {
    let house = linked();
    let _peer = forging(&house);
    for (matches, args, code) in [
        (true, vec!["once", "-v"], 1),
        (false, vec!["once", "-v"], 1),
        (true, vec!["check", "--config", "none.toml"], 78),
    ] {
        let path = house.path("journal");
        let file = File::create(&path).expect("the folder is writable");
        let meta = file.metadata().expect("it is there");
        let mut command: Command = house.command(&args);
        command.env("JOURNAL_STREAM", format!("{}:{}", meta.dev(), meta.ino() + u64::from(!matches)));
        let status = command.stdout(std::process::Stdio::null()).stderr(file).status().expect("it starts");
        assert_eq!(status.code(), Some(code));
        let text = fs::read_to_string(&path).expect("UTF-8");
        let ranked = |line: &str| ["<3>", "<4>", "<6>", "<7>"].iter().any(|rank| line.starts_with(rank));
        assert!(text.lines().count() > 1 && text.lines().all(|line| ranked(line) == matches), "{text}");
        if matches {
            assert!(text.contains("\n<3>") || text.starts_with("<3>"), "last words are an error: {text}");
            assert!(
                !text.lines().any(|line| line[3..].starts_with("20")),
                "the journal knows the time: {text}"
            );
        }
    }
}

#[test]
fn a_daemon_tells_what_it_does() {
    let house = linked();
    let daemon = house.start(&["run"]);
    until("it has made a pass", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    house.write("links.d/bad.toml", "[links]\n1 = \"two\nlines\n2 = 5\n");
    daemon.signal("HUP");
    until("it has seen the files", || {
        house.status().is_some_and(|status| !status["generation"]["rejected"].is_null())
    });
    daemon.signal("TERM");
    let ended = daemon.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let dated =
        |line: &&str| line.get(..11).is_some_and(|begin| begin.starts_with("20") && begin.ends_with('T'));
    assert!(ended.err.lines().all(|line| dated(&line)), "each line is an event: {}", ended.err);
    let refused: Vec<&str> = ended.err.lines().filter(|line| line.contains("ERROR")).collect();
    assert!(refused.len() == 1 && refused[0].contains("bad.toml"), "told once, on one line: {refused:?}");
}
