//! State folders that are not what was written, before the real program: each is
//! named by `state verify`, set aside by the next start, which says so, and nothing
//! is posted twice.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::house::{House, until};
use crate::states::copy;

type Spoil = fn(&House);

/// What is done to the folder, and what `state verify` says of it.
const DAMAGES: [(&str, &str, Spoil); 8] = [
    ("cut off", "damaged  ", |house| {
        with_bytes(house, |bytes, used| bytes.truncate(used / 2));
    }),
    ("a page of zeros", "damaged  ", |house| {
        with_bytes(house, |bytes, used| bytes[used / 3..used / 3 + 4096].fill(0));
    }),
    ("flipped", "damaged  ", |house| {
        with_bytes(house, |bytes, used| {
            bytes[used / 2..used / 2 + 64].iter_mut().for_each(|byte| *byte ^= 0x55);
        });
    }),
    ("half of a copy", "damaged  ", |house| {
        fs::remove_file(house.path("state/db/db")).expect("the folder is the test's own");
    }),
    ("an older copy", "it was cut off, or is an older copy", |house| {
        fs::remove_dir_all(house.path("state/db")).expect("the folder is the test's own");
        copy(&house.path("older"), &house.path("state/db"));
    }),
    ("another state's", "two different states", |house| {
        fs::rename(house.path("state"), house.path("own")).expect("the folder is the test's own");
        fs::create_dir(house.path("state")).expect("the folder is the test's own");
        fs::copy(house.path("own/token.json"), house.path("state/token.json"))
            .expect("the folder is the test's own");
        assert!(matches!(house.run(&["once"]).code, Some(0 | 5)));
        fs::rename(house.path("state/db"), house.path("strange")).expect("the folder is the test's own");
        fs::remove_dir_all(house.path("state")).expect("the folder is the test's own");
        fs::rename(house.path("own"), house.path("state")).expect("the folder is the test's own");
        fs::remove_dir_all(house.path("state/db")).expect("the folder is the test's own");
        fs::rename(house.path("strange"), house.path("state/db")).expect("the folder is the test's own");
    }),
    ("no anchor", "it is missing", |house| {
        fs::remove_file(house.path("state/anchor")).expect("the folder is the test's own");
    }),
    ("an anchor of nothing", "damaged  anchor", |house| house.write("state/anchor", "")),
];

fn with_bytes(house: &House, spoil: impl FnOnce(&mut Vec<u8>, usize)) {
    let mut bytes = fs::read(house.path("state/db/db")).expect("the folder is the test's own");
    let used = bytes.iter().rposition(|byte| *byte != 0).expect("something is in it");
    spoil(&mut bytes, used);
    house.write("state/db/db", bytes);
}

/// Folders of states that were set aside.
fn aside(house: &House) -> Vec<PathBuf> {
    let entries = fs::read_dir(house.path("state"))
        .expect("the folder is the test's own")
        .map(|entry| entry.expect("the folder is the test's own").path());
    let named =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("db.aside-"));
    entries.filter(named).collect()
}

fn notice(house: &House) -> Option<String> {
    let status = house.status()?;
    let notices = status["notices"].as_array().cloned().unwrap_or_default();
    let found = notices.into_iter().find(|notice| notice["code"] == "state-rebuilt");
    found.map(|notice| notice["text"].as_str().unwrap_or_default().to_owned())
}

/// Everything in QuickBooks.
fn books(house: &House) -> Vec<Value> {
    let kinds = ["Customer", "Invoice", "Payment", "CreditMemo"];
    kinds.iter().flat_map(|kind| house.sandbox.quickbooks.objects(kind)).collect()
}

#[test]
fn each_damage_is_named_set_aside_and_told() {
    let house = House::generated(3, 6);
    house.link_all();
    assert_eq!(house.run(&["once"]).code, Some(0));
    copy(&house.path("state/db"), &house.path("older"));
    assert_eq!(house.run(&["once"]).code, Some(0));
    let before = books(&house);
    for (name, words, spoil) in DAMAGES {
        let asides = aside(&house);
        spoil(&house);
        let verified = house.run(&["state", "verify"]);
        assert_eq!(verified.code, Some(1), "{name}: {verified:?}");
        assert!(verified.out.contains(words) && verified.out.contains("To do: "), "{name}: {verified:?}");
        let looked = house.run(&["plan"]);
        assert_eq!(looked.code, Some(1), "{name}: who only looks leaves it: {looked:?}");
        assert!(looked.err.contains("is not sound"), "{name}: {looked:?}");
        assert_eq!(aside(&house), asides, "{name}");
        // The daemon too goes on, whoever begins the state anew.
        if name == "no anchor" {
            let daemon = house.start(&["run"]);
            until("it is looked at late enough", || {
                let settled = |text: &String| !text.contains("Nothing is written in the first");
                aside(&house).len() > asides.len() && notice(&house).as_ref().is_some_and(settled)
            });
            daemon.signal("TERM");
            assert_eq!(daemon.end().code, Some(0), "{name}");
        } else {
            let once = house.run(&["once"]);
            assert_eq!(once.code, Some(0), "{name}: {once:?}");
        }
        assert_eq!(aside(&house).len(), asides.len() + 1, "{name}: it is kept");
        let told = notice(&house).unwrap_or_else(|| panic!("{name}: it is not told"));
        assert!(told.contains("was begun anew") && told.contains("The old one is in "), "{name}: {told}");
        assert_eq!(house.run(&["state", "verify"]).code, Some(0), "{name}");
        assert_eq!(house.run(&["plan"]).code, Some(0), "{name}: nothing is left to do");
        assert!(books(&house) == before, "{name}: nothing was written");
        // The next damage is one of this state.
        fs::remove_dir_all(house.path("older")).unwrap();
        copy(&house.path("state/db"), &house.path("older"));
        assert_eq!(house.run(&["once"]).code, Some(0), "{name}");
    }
}

/// Another company's folder is nobody's to set aside without a word; by hand it is.
#[test]
fn another_companys_folder_is_refused_and_rebuilt_by_hand_alone() {
    let house = House::generated(2, 4);
    house.link_all();
    assert_eq!(house.run(&["once"]).code, Some(0));
    let before = books(&house);
    house.write("latchd.toml", house.settings().replace("9130350000000000", "77"));
    let refused = house.run(&["once"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("give each company its own [paths] state"), "{refused:?}");
    assert!(aside(&house).is_empty());
    let verified = house.run(&["state", "verify"]);
    assert!(verified.out.contains("it is the state of company 9130350000000000"), "{verified:?}");
    // The token is still the other company's: it cannot finish.
    let rebuilt = house.run(&["state", "rebuild"]);
    assert_eq!(rebuilt.code, Some(1), "{rebuilt:?}");
    assert!(rebuilt.out.contains("is begun anew; it was that of company 9130350000000000"), "{rebuilt:?}");
    let kept = aside(&house);
    assert!(kept.len() == 1 && kept[0].join("keepsakes.jsonl").exists(), "{kept:?}");
    assert!(house.path("state/token.json").exists());
    // And so it is the first company's again, with nothing lost.
    house.write("latchd.toml", house.settings());
    let rebuilt = house.run(&["state", "rebuild"]);
    assert_eq!(rebuilt.code, Some(0), "{rebuilt:?}");
    assert_eq!(house.run(&["plan"]).code, Some(0));
    assert!(books(&house) == before);
}

/// Asked to end, it ends at once, and whoever starts next waits by himself.
#[test]
fn a_rebuilding_that_is_asked_to_end_leaves_a_state_to_go_on_with() {
    let house = House::generated(2, 4);
    house.link_all();
    assert_eq!(house.run(&["once"]).code, Some(0));
    let before = books(&house);
    house.write("latchd.toml", house.settings().replace("unknown_wait = \"1s\"", "unknown_wait = \"600s\""));
    for signal in ["TERM", "KILL"] {
        let rebuilding = house.start(&["state", "rebuild"]);
        until("it waits", || rebuilding.out().contains("writes of another process may come to light"));
        rebuilding.signal(signal);
        let ended = rebuilding.end();
        if signal == "TERM" {
            assert_eq!(ended.code, Some(1), "{ended:?}");
            let words = ["ended in the middle, as asked", "call `latchd state rebuild` again"];
            assert!(words.iter().all(|words| ended.err.contains(words)), "{ended:?}");
        }
    }
    house.write("latchd.toml", house.settings());
    assert_eq!(house.run(&["once"]).code, Some(0));
    let told = notice(&house).expect("it is told");
    assert!(told.contains("`latchd state rebuild` was called; of the state before, it was sound"), "{told}");
    assert_eq!(house.run(&["plan"]).code, Some(0));
    assert!(books(&house) == before);
}
