//! `latchd test`: what it plays, what it says, how it ends; and that it leaves
//! nothing anywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A copy of `examples/books` to spoil.
fn books() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/books");
    copy(&from, folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("it is a folder") {
        let path = entry.expect("it can be listed").path();
        let to = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            fs::create_dir(&to).expect("it is not there yet");
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("it can be copied");
        }
    }
}

/// `latchd test` in a folder, in an environment without anything.
fn test(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchd"));
    command.arg("test").args(args).env_clear().env("LATCHD_CONFIG", "latchd.toml").current_dir(folder);
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

fn disk(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            files.extend(disk(&path));
        } else {
            files.insert(path.clone(), fs::read(&path).expect("it can be read"));
        }
    }
    files
}

#[expect(clippy::disallowed_methods, reason = "an operator's editor writes as it likes")]
fn spoil(folder: &Path, name: &str, what: &str, by: &str) {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).expect("it is there");
    assert!(text.contains(what), "{name}: {what}");
    fs::write(&path, text.replacen(what, by, 1)).expect("the folder is the test's own");
}

#[test]
fn the_example_books_are_as_their_scenarios_say() {
    let folder = books();
    let before = disk(folder.path());
    let (code, out, err) = test(folder.path(), &[]);
    let files = before.keys().filter(|path| path.starts_with(folder.path().join("tests"))).count();
    assert!(files >= 5, "{files}");
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert_eq!(out.lines().filter(|line| line.starts_with("ok     tests/")).count(), files, "{out}");
    assert!(out.ends_with(&format!("{files} scenarios, all as expected\n")), "{out}");
    assert_eq!(disk(folder.path()), before);
    let (code, out, _) = test(folder.path(), &["--format", "json", "tests/refund.toml"]);
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &told["failed"], &told["scenarios"][0]["passed"]), (Some(0), &0.into(), &true.into()));
}

/// A slip in the files, or in what is expected, fails the scenario that is about
/// it and no other.
#[test]
fn a_slip_fails_the_scenario_that_is_about_it() {
    let cases: &[(&str, &str, &str, &str, &[&str])] = &[
        (
            "latchd.toml",
            "\"SETUP\" = \"Onboarding\"",
            "\"SETUP\" = \"Subscriptions\"",
            "items-and-tax.toml",
            &[
                "- lines = { item = \"Onboarding\", amount = \"350.00\" }",
                "+ lines = { item = \"Subscriptions\", amount = \"350.00\"",
            ],
        ),
        (
            "latchd.toml",
            "unmapped_product = \"hold\"",
            "unmapped_product = \"default\"",
            "unmapped-product.toml",
            &["posting not expected", "warning not found", "held not found"],
        ),
        (
            "latchd.toml",
            "\"CreditCard\" = \"Card clearing\"",
            "\"CreditCard\" = \"Checking\"",
            "refund.toml",
            &["- account = \"Card clearing\"", "+ account = \"Checking\""],
        ),
        (
            "latchd.toml",
            "America/Los_Angeles",
            "UTC",
            "start-date.toml",
            &["- balance = \"49.00\"", "+ balance = \"98.00\"", "+ synced = 2"],
        ),
        (
            "tests/lost-answer.toml",
            "what = \"cut\" }",
            "what = { fault = { code = 6190 } } }",
            "lost-answer.toml",
            &["posting not found", "warning not expected"],
        ),
    ];
    for (file, what, by, fails, said) in cases {
        let folder = books();
        spoil(folder.path(), file, what, by);
        let (code, out, err) = test(folder.path(), &[]);
        assert_eq!((code, err.as_str()), (Some(1), ""), "{by}\n{out}");
        let failed: Vec<&str> = out.lines().filter(|line| line.starts_with("FAILED ")).collect();
        assert!(failed.len() == 1 && failed[0].contains(fails), "{by}\n{out}");
        assert!(said.iter().all(|words| out.contains(words)), "{by}\n{out}");
        assert!(out.ends_with("scenarios not as expected (- expected, + found)\n"), "{out}");
    }
}

/// Every mistake of every file is told before anything is played.
#[test]
fn mistakes_are_told_and_nothing_is_played() {
    let folder = books();
    spoil(folder.path(), "tests/refund.toml", "biller.refund", "biller.refnd");
    spoil(folder.path(), "tests/start-date.toml", "[[expect.customer]]", "[[expect.custmer]]");
    let (code, out, err) = test(folder.path(), &[]);
    assert_eq!((code, out.as_str()), (Some(78), ""), "{err}");
    for words in [
        "tests/refund.toml:",
        "tests/start-date.toml:",
        "did you mean `refund`?",
        "did you mean `customer`?",
        "^^^",
    ] {
        assert!(err.contains(words), "{words}\n{err}");
    }
    let folder = books();
    spoil(folder.path(), "links.d/2026-01-onboarding.toml", "adopt = ", "adpt = ");
    let (code, out, err) = test(folder.path(), &[]);
    assert_eq!(
        (code, out.as_str(), err.matches("did you mean `adopt`?").count()),
        (Some(78), "", 1),
        "{err}"
    );
    for (args, code, words) in [
        (&["tests/none.toml"][..], 78, "cannot read tests/none.toml"),
        (&["links.d"], 78, "`now` is missing"),
        (&["resend.d/none"], 78, "cannot read"),
        (&["--found"], 64, "--found is for one scenario"),
        (&["--format", "yaml"], 64, "yaml"),
    ] {
        let folder = books();
        let (ended, out, err) = test(folder.path(), args);
        assert_eq!((ended, out.as_str()), (Some(code), ""), "{args:?}: {err}");
        assert!(err.contains(words), "{args:?}: {err}");
    }
    let bare = tempfile::tempdir().expect("a folder");
    let (code, _, err) = test(bare.path(), &[]);
    assert!(code == Some(78) && err.contains("there is no scenario in tests"), "{err}");
}

/// What was found is told as `[expect]`, which then holds.
#[test]
fn what_is_found_can_be_pasted() {
    let folder = books();
    let path = folder.path().join("tests/refund.toml");
    let text = fs::read_to_string(&path).expect("it is there");
    let (scene, _) = text.split_once("[expect]").expect("it expects something");
    #[expect(clippy::disallowed_methods, reason = "an operator's editor writes as it likes")]
    fs::write(&path, scene).expect("the folder is the test's own");
    assert_eq!(test(folder.path(), &["tests/refund.toml"]).0, Some(78));
    let (code, found, err) = test(folder.path(), &["--found", "tests/refund.toml"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    #[expect(clippy::disallowed_methods, reason = "an operator's editor writes as it likes")]
    fs::write(&path, format!("{scene}\n{found}")).expect("the folder is the test's own");
    let (code, out, err) = test(folder.path(), &["tests/refund.toml"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}\n{found}");
    assert!(found.contains("total = \"70.00\""), "{found}");
}
