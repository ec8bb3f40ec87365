//! Bad files: one clear message with the remedy, the right exit code, and
//! nothing changed anywhere.

use std::fmt::Write as _;
use std::fs;

use super::books;
use super::house::{Ended, House};

const COMMANDS: [&str; 5] = ["check", "once", "plan", "status", "run"];

/// A case: what it is, what it does to the operator's files, and what must be
/// said.
type Case = (&'static str, fn(&House), &'static [&'static str]);

const FILES: [Case; 10] = [
    (
        "missing",
        |house| fs::remove_file(house.path("latchd.toml")).expect("it is there"),
        &["does not exist", "--config"],
    ),
    ("empty", |house| house.write("latchd.toml", ""), &["says nothing"]),
    (
        "binary",
        |house| house.write("latchd.toml", b"\x7fELF\x02\x01\x01\x00\x00"),
        &["binary file", "right file"],
    ),
    ("half-written", |house| house.write("latchd.toml", half(&house.settings())), &["latchd.toml:"]),
    ("latin-1", |house| house.write("links.d/a.toml", b"[links]\n1 = \"caf\xe9\"\n"), &["UTF-8", "a.toml"]),
    ("half-written links", |house| house.write("links.d/a.toml", "[links]\n10482 = { ado"), &["a.toml:2"]),
    (
        "a folder",
        |house| fs::create_dir(house.path("links.d/x.toml")).expect("it is not there"),
        &["x.toml", "folder"],
    ),
    (
        "a typing error",
        |house| house.write("links.d/a.toml", "[links]\n10482 = { adpt = \"1\" }\n"),
        &["did you mean", "adopt"],
    ),
    (
        "mistakes without end",
        |house| house.write("links.d/a.toml", mistakes()),
        &["a.toml:2", "a.toml:100001", "300000 errors"],
    ),
    (
        "the same key twice",
        |house| house.write("links.d/a.toml", twice()),
        &["10482", "a.toml:2", "a.toml:3"],
    ),
];

fn half(text: &str) -> &str {
    &text[..text.find("Landscaping").expect("it names the company")]
}

fn mistakes() -> String {
    let mut text = "[links]\n".to_owned();
    for id in 0..100_000 {
        let _ = writeln!(text, "{} = {{ adopt = 5 }}", 20_000 + id);
    }
    text
}

fn twice() -> &'static str {
    "[links]\n10482 = { skip = \"one\" }\n10482 = { skip = \"two\" }\n"
}

#[test]
fn every_command_refuses_bad_files_in_the_same_words_and_changes_nothing() {
    for (name, spoil, words) in FILES {
        let house = House::sample();
        spoil(&house);
        let disk = house.disk();
        let all = COMMANDS.map(|command| house.run(&[command]));
        for (command, ended) in COMMANDS.into_iter().zip(&all) {
            assert_eq!(ended.code, Some(78), "{name}, {command}: {}", start(ended));
            assert_eq!(ended.out, "", "{name}, {command}");
            for word in words {
                assert!(
                    ended.err.contains(word),
                    "{name}, {command} does not say `{word}`: {}",
                    start(ended)
                );
            }
            assert!(!ended.err.contains("panicked"), "{name}, {command}: {}", start(ended));
            assert_eq!(ended.err, all[0].err, "{name}: {command} says the same as {}", COMMANDS[0]);
        }
        assert_eq!(house.disk(), disk, "{name}");
        assert_eq!(house.quickbooks_calls() + house.sandbox.staxbill.calls(), 0, "{name}");
    }
}

#[test]
fn a_hundred_thousand_lines_are_read_like_one() {
    let house = House::sample();
    let mut text = "[links]\n".to_owned();
    for id in 0..100_000 {
        let _ = writeln!(text, "{} = {{ create = true, start = 2026-01-01, by = \"FIN-1\" }}", 20_000 + id);
    }
    house.write("links.d/a.toml", text);
    let ended = house.run(&["check"]);
    assert_eq!(ended.code, Some(0), "{}", start(&ended));
    assert!(ended.out.contains("100000 links: 0 adopt, 100000 create, 0 skip, 0 unlink"), "{ended:?}");
}

#[test]
fn check_refuses_a_start_to_come_and_tells_who_shares_a_customer() {
    let house = House::sample();
    let adopt = "adopt = \"58\", expect = \"Amy\", start";
    let shared = format!("1 = {{ {adopt} = \"now\" }}\n2 = {{ {adopt} = \"now\", shared = true }}\n");
    house.write("links.d/a.toml", format!("[links]\n{shared}3 = {{ create = true, start = 9999-12-31 }}\n"));
    let refused = house.run(&["check"]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
    for words in ["links.d/a.toml:4:30", "`start` is 9999-12-31, and today is 2", "write a day that has come"]
    {
        assert!(refused.err.contains(words), "{words}: {refused:?}");
    }
    house.write("links.d/a.toml", format!("[links]\n{shared}"));
    let warned = house.run(&["check"]);
    assert_eq!(warned.code, Some(0), "{warned:?}");
    let told =
        "links.d/a.toml:2: link-shared: 1 adopts QuickBooks customer 58, and so does 2 at links.d/a.toml:3";
    assert!(warned.out.contains(told), "{warned:?}");
}

/// What the files name is not there, or cannot be used.
const PLACES: [(&str, &str, &str, i32, &[&str]); 5] = [
    (
        "an unset variable",
        "\"MDpzYW5kYm94\"",
        "\"${env:LATCHD_NOT_SET}\"",
        78,
        &["LATCHD_NOT_SET is not set", "set it"],
    ),
    (
        "a missing credential",
        "\"sandbox-secret\"",
        "\"${file:/nowhere/secret}\"",
        78,
        &["/nowhere/secret", "latchd.toml:"],
    ),
    (
        "state below a file",
        "state = \"state\"",
        "state = \"latchd.toml/state\"",
        1,
        &["state folder", "[paths] state"],
    ),
    (
        "state is a file",
        "state = \"state\"",
        "state = \"latchd.toml\"",
        1,
        &["state folder", "[paths] state"],
    ),
    (
        "reports below a file",
        "reports = \"reports\"",
        "reports = \"latchd.toml/reports\"",
        1,
        &["folder of reports", "[paths] reports"],
    ),
];

#[test]
fn a_place_that_cannot_be_used_is_named_with_what_to_do() {
    for (name, from, to, code, words) in PLACES {
        let house = House::sample();
        let settings = house.settings();
        assert!(settings.contains(from), "{name}");
        house.write("latchd.toml", settings.replace(from, to));
        house.link_all();
        let (disk, before) = (house.disk(), books::untouched(&house.sandbox));
        for command in ["once", "plan", "run"] {
            let ended = house.run(&[command]);
            assert_eq!(ended.code, Some(code), "{name}, {command}: {ended:?}");
            for word in words {
                assert!(ended.err.contains(word), "{name}, {command} does not say `{word}`: {ended:?}");
            }
            assert_eq!(ended.err.lines().count(), 1, "{name}, {command}: {ended:?}");
            assert_eq!(ended.out, "", "{name}, {command}");
        }
        assert_eq!(house.run(&["check"]).code, Some(0), "{name}: check looks at the files alone");
        assert_eq!(house.disk(), disk, "{name}");
        assert_eq!(books::untouched(&house.sandbox), before, "{name}");
    }
}

#[test]
fn a_wrong_command_line_is_64_and_says_what_there_is() {
    let house = House::sample();
    let cases: [(&[&str], &str); 7] = [
        (&[], "Usage:"),
        (&["frobnicate"], "frobnicate"),
        (&["onc"], "once"),
        (&["once", "--fast"], "--fast"),
        (&["status", "--format", "xml"], "text, json"),
        (&["status", "--max-age", "soon"], "2h"),
        (&["check", "--config"], "--config"),
    ];
    for (args, word) in cases {
        let ended = house.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{args:?}");
        assert!(ended.err.contains(word), "{args:?} {ended:?}");
    }
    for args in [["--help"], ["--version"]] {
        let ended = house.run(&args);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{args:?}");
    }
}

fn start(ended: &Ended) -> String {
    ended.err.chars().take(2_000).collect()
}
