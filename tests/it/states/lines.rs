//! The lines of an exported state: the same again after an import, and nothing
//! changed by a file that is not right.

use std::fs;
use std::path::Path;

use latchd::clock::Clock as _;
use latchd::store::{Import, export};
use sha2::{Digest as _, Sha256};

use super::{REALM, exported, reopen, values};
use crate::company::Company;
use crate::scenarios::shop::{assert_all_synced, bill, create_all, customer, noon, pay};

async fn company(state: &Path) -> Company {
    let mut company = Company::bare(&create_all(2).replacen("beginning", "now", 1));
    reopen(&mut company, state);
    for name in ["Ada", "Bea"] {
        let id = customer(&company, name);
        let invoice = bill(&company, id, noon("2026-12-01"), "100.00");
        pay(&company, id, noon("2026-12-05"), "80.00", &[(invoice, "60.00")]);
    }
    assert_all_synced(&company.once().await.1);
    company
}

#[tokio::test(start_paused = true)]
async fn what_was_written_down_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut company = company(&folder.path().join("state")).await;
    let first = exported(&company);
    assert!(!first.contains("sandbox-refresh-token") && !first.contains("MDpzYW5kYm94"), "{first}");
    let path = folder.path().join("copy");
    latchd::fsx::write_atomic(&path, first.as_bytes(), 0o600).unwrap();
    let other = folder.path().join("other");
    let import = || Import::check(&path, REALM).unwrap();
    assert_eq!(import().bring_in(&other, company.clock.now(), false).unwrap(), None);
    let again = import().bring_in(&other, company.clock.now(), false).err().unwrap().to_string();
    assert!(again.contains("--replace") && again.contains("nothing was changed"), "{again}");
    reopen(&mut company, &other);
    let second = exported(&company);
    assert_eq!(values(&first), values(&second));
    assert_ne!(first.lines().next(), second.lines().next(), "it is a state of its own");
    assert_eq!(company.plan().await.0.steps.len(), 0);
    // Over a state: that one is set aside, and can still be opened.
    reopen(&mut company, &folder.path().join("nobody's"));
    let aside = import().bring_in(&other, company.clock.now(), true).unwrap().unwrap();
    assert!(aside.starts_with(&other) && aside.join("anchor").exists());
    reopen(&mut company, &other);
    assert_eq!(values(&exported(&company)), values(&first));
}

/// Days of "now" that were set since the copy are kept where it is the same
/// company's state, and stay behind where it is another's.
#[tokio::test(start_paused = true)]
async fn what_stands_beside_the_state_of_another_company_stays_with_it() {
    for (realm, kept) in [(REALM, 1), ("77", 0)] {
        let folder = tempfile::tempdir().unwrap();
        let (state, path) = (folder.path().join("state"), folder.path().join("copy"));
        let mut company = company(&state).await;
        let mut copy = Vec::new();
        export(company.store.as_ref(), (realm, company.clock.now()), &mut copy).unwrap();
        latchd::fsx::write_atomic(&path, &copy, 0o600).unwrap();
        customer(&company, "Cid");
        let third = "10484 = { create = true, start = \"now\" }\n";
        company.files = create_all(2).replacen("beginning", "now", 1) + third;
        assert_all_synced(&company.once().await.1);
        reopen(&mut company, &folder.path().join("nobody's"));
        let import = Import::check(&path, realm).unwrap();
        let aside = import.bring_in(&state, company.clock.now(), true).unwrap().unwrap();
        assert_eq!(aside.join("keepsakes.jsonl").exists(), kept == 0, "{realm}");
        reopen(&mut company, &state);
        let (found, before) = (exported(&company), String::from_utf8(copy).unwrap());
        let more = values(&found).len() - values(&before).len();
        assert_eq!(more, kept, "{realm}: {found}");
        assert!(kept == 1 || values(&found) == values(&before), "{found}");
    }
}

/// The lines with a trailer that goes with them.
fn sealed(lines: &[String]) -> String {
    let text: String = lines.join("\n") + "\n";
    let sha256 = format!("{:x}", Sha256::digest(&text));
    let count = lines.len() - 1;
    format!("{text}{{\"kind\":\"end\",\"count\":{count},\"sha256\":\"{sha256}\"}}\n")
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_right_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let company = company(&folder.path().join("state")).await;
    let whole = exported(&company);
    let path = folder.path().join("copy");
    let other = folder.path().join("other");
    let refusal = |text: &str| {
        latchd::fsx::write_atomic(&path, text.as_bytes(), 0o600).unwrap();
        let refused = Import::check(&path, REALM).err();
        assert!(!other.exists(), "nothing was changed");
        refused.map(|error| error.to_string())
    };
    assert_eq!(refusal(&whole), None);
    let lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    let last = lines.len() - 1;
    assert_eq!(refusal(&sealed(&lines[..last])), None, "the trailer is the one that the test makes");
    let text = |lines: &[String]| lines.join("\n") + "\n";
    for at in 0..lines.len() {
        let mut one = lines.clone();
        one.remove(at);
        assert!(refusal(&text(&one)).is_some(), "without line {at}");
        let mut edited = lines.clone();
        let digit = edited[at].rfind(|sign: char| sign.is_ascii_digit()).unwrap();
        let turned = if &edited[at][digit..=digit] == "7" { "8" } else { "7" };
        edited[at].replace_range(digit..=digit, turned);
        assert!(refusal(&text(&edited)).is_some(), "line {at} edited");
        if at > 0 && at < last {
            let mut swapped = lines.clone();
            swapped.swap(at, at - 1);
            assert!(refusal(&text(&swapped)).is_some(), "line {at} moved");
        }
    }
    for cut in (0..whole.len()).step_by(97) {
        assert!(refusal(&whole[..cut]).is_some(), "cut off at {cut}");
    }
}

/// The files are right by their checksums; what they say is not.
#[tokio::test(start_paused = true)]
async fn what_a_file_says_must_be_right_too() {
    let folder = tempfile::tempdir().unwrap();
    let company = company(&folder.path().join("state")).await;
    let whole = exported(&company);
    let path = folder.path().join("copy");
    let refusal = |text: &str| {
        latchd::fsx::write_atomic(&path, text.as_bytes(), 0o600).unwrap();
        Import::check(&path, REALM).err().map(|error| error.to_string())
    };
    let lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    let last = lines.len() - 1;
    let body = &lines[..last];
    let with = |line: &str| {
        let mut lines = body.to_vec();
        let after = lines.iter().position(|other| other.contains(r#""key""#) && key(other) > key(line));
        lines.insert(after.unwrap_or(lines.len()), line.to_owned());
        lines[0] = lines[0].replace(&format!("\"count\":{}", last - 1), &format!("\"count\":{last}"));
        sealed(&lines)
    };
    let header = |from: &str, to: &str| {
        let mut lines = body.to_vec();
        assert!(lines[0].contains(from), "{}", lines[0]);
        lines[0] = lines[0].replacen(from, to, 1);
        sealed(&lines)
    };
    assert_eq!(refusal(&with(r#"{"v":1,"key":"p/x","value":"A"}"#)), None);
    let cases = [
        (
            "a file of a newer format",
            header("\"format\":1", "\"format\":2"),
            "newer latchd (0.1.0, format 2)",
        ),
        ("another company's", header(REALM, "77"), "company 77, and the files are about 9130350000000000"),
        ("a wrong count", header("\"count\":", "\"count\":1"), "the first line says 1"),
        ("a value of a newer format", with(r#"{"v":2,"key":"p/x","value":"A"}"#), "newer latchd (format 2)"),
        ("a value of no format", with(r#"{"v":0,"key":"p/x","value":"A"}"#), "no such format"),
        ("a value of another kind", with(r#"{"v":1,"key":"p/x","value":7}"#), "invalid type"),
        ("an intent that is none", with(r#"{"v":1,"key":"j/1","value":{}}"#), "missing field"),
        ("a key of nothing", with(r#"{"v":1,"key":"w/1","value":{}}"#), "keeps nothing under such a key"),
        ("the files", with(r#"{"v":1,"key":"m/last-good","value":["",[]]}"#), "does not stand in an export"),
        ("the proof", with(r#"{"v":1,"key":"!proof","value":1}"#), "keeps nothing under such a key"),
        ("one key twice", with(body.last().unwrap()), "is not after the one before"),
        ("more after the end", format!("{whole}{{}}\n"), "more follows after the end"),
        ("an empty file", String::new(), "is not an exported state"),
        ("a report", "{\"schema\":1}\n".to_owned(), "is not an exported state"),
        ("a long line", "x".repeat(1 << 20), "is not an exported state"),
    ];
    for (name, text, words) in cases {
        let told = refusal(&text).unwrap_or_else(|| panic!("{name} was taken"));
        assert!(told.contains(words), "{name}: {told}");
    }
    let told = Import::check(folder.path(), REALM).err().unwrap().to_string();
    assert!(told.contains("not a regular file"), "{told}");
    assert!(fs::read_dir(folder.path()).unwrap().count() == 2, "the state and the copy");
}

fn key(line: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(line).expect("the test made it so");
    value["key"].as_str().expect("the test made it so").to_owned()
}
