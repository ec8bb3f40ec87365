//! `latchd state`: looked at, written down, and brought back, with the real
//! program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};

use super::house::{House, until};

/// Everything on the disk but the reports and the files.
fn state(house: &House) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let state = house.path("state");
    house.disk().into_iter().filter(|(path, _)| path.starts_with(&state)).collect()
}

fn synced() -> House {
    let house = House::generated(2, 4);
    house.link_all();
    assert_eq!(house.run(&["once"]).code, Some(0));
    house
}

#[test]
fn it_is_looked_at_without_a_trace_and_each_damage_has_its_remedy() {
    let house = House::generated(2, 4);
    house.link_all();
    let none = house.run(&["state", "verify"]);
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""), "{none:?}");
    assert!(none.err.contains("there is no state in ") && !house.path("state").exists(), "{none:?}");
    assert_eq!(house.run(&["once"]).code, Some(0));
    let before = state(&house);
    let sound = house.run(&["state", "verify"]);
    assert_eq!((sound.code, sound.err.as_str()), (Some(0), ""), "{sound:?}");
    assert!(sound.out.ends_with("is sound\n") && !sound.out.contains("damaged"), "{sound:?}");
    for part in ["database", "proof", "journal", "company", "anchor", "keepsakes", "token"] {
        assert!(sound.out.contains(&format!("sound    {part} ")), "{part}: {sound:?}");
    }
    assert_eq!(state(&house), before, "it was only looked at");
    let spoil: [(&str, &str, &dyn Fn()); 5] = [
        ("damaged  anchor ", "latchd state import --replace FILE", &|| {
            fs::remove_file(house.path("state/anchor")).unwrap();
        }),
        ("damaged  token ", "latchd auth login", &|| house.write("state/token.json", "{}")),
        ("others may read token.json (mode 640)", "chmod 600", &|| {
            fs::set_permissions(house.path("state/token.json"), fs::Permissions::from_mode(0o640)).unwrap();
        }),
        ("is the state of company 9130350000000000", "[paths] state", &|| {
            let text = house.settings().replace("9130350000000000", "77");
            house.write("latchd.toml", text);
        }),
        ("damaged  ", "rebuilds it from the marks", &|| {
            let path = house.path("state/db/db");
            let mut bytes = fs::read(&path).unwrap();
            let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
            bytes.truncate(used / 2);
            house.write("state/db/db", bytes);
        }),
    ];
    for (words, remedy, spoil) in spoil {
        spoil();
        let spoiled = state(&house);
        let damaged = house.run(&["state", "verify"]);
        assert_eq!(damaged.code, Some(1), "{damaged:?}");
        assert!(damaged.out.contains(words) && damaged.out.contains(remedy), "{words}: {damaged:?}");
        assert!(damaged.out.ends_with("is damaged\n") && !damaged.out.contains("is sound"), "{damaged:?}");
        assert_eq!(state(&house), spoiled, "{words}: it was only looked at");
        for (path, bytes) in before.iter().filter(|(path, _)| path.is_file() || !path.exists()) {
            if path.extension().is_some() || !bytes.is_empty() {
                let name = path.strip_prefix(house.path("")).unwrap().to_str().unwrap();
                house.write(name, bytes);
            }
        }
        fs::set_permissions(house.path("state/token.json"), fs::Permissions::from_mode(0o600)).unwrap();
        house.write("latchd.toml", house.settings());
    }
    assert_eq!(house.run(&["state", "verify"]).out, sound.out);
}

#[test]
fn it_is_written_down_for_its_owner_and_comes_back_elsewhere() {
    let house = synced();
    let written = house.run(&["state", "export", "copy.jsonl"]);
    assert_eq!((written.code, written.err.as_str()), (Some(0), ""), "{written:?}");
    assert!(written.out.contains(" values written to copy.jsonl"), "{written:?}");
    let mode = fs::metadata(house.path("copy.jsonl")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let copy = fs::read_to_string(house.path("copy.jsonl")).unwrap();
    let token = fs::read_to_string(house.path("state/token.json")).unwrap();
    let token: serde_json::Value = serde_json::from_str(&token).unwrap();
    for secret in ["MDpzYW5kYm94", "sandbox-secret", "sandbox-refresh-token"] {
        assert!(!copy.contains(secret), "{secret}");
    }
    for name in ["access_token", "refresh_token"] {
        assert!(!copy.contains(token[name].as_str().unwrap()), "{name}");
    }
    let rows = |text: &str| {
        text.lines().filter(|line| line.contains("\"v\":1")).map(str::to_owned).collect::<Vec<_>>()
    };
    let out = house.run(&["state", "export"]);
    assert_eq!((out.code, rows(&out.out)), (Some(0), rows(&copy)), "{}", out.err);
    let refused = house.run(&["state", "import", "copy.jsonl"]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{refused:?}");
    assert!(refused.err.contains("--replace"), "{refused:?}");
    // Another machine has the files, the token by a login, and no state.
    fs::rename(house.path("state/db"), house.path("gone")).unwrap();
    fs::remove_file(house.path("state/anchor")).unwrap();
    fs::remove_file(house.path("state/keepsakes.jsonl")).unwrap();
    let back = house.run(&["state", "import", "copy.jsonl"]);
    assert_eq!((back.code, back.err.as_str()), (Some(0), ""), "{back:?}");
    assert!(back.out.contains(" restored to ") && !back.out.contains("the one before"), "{back:?}");
    assert_eq!(house.run(&["state", "verify"]).code, Some(0));
    assert_eq!(rows(&house.run(&["state", "export"]).out), rows(&copy));
    assert_eq!(house.run(&["plan"]).code, Some(0), "nothing is to be done");
    let writes = house.sandbox.quickbooks.calls().writes + house.sandbox.quickbooks.calls().batches;
    assert_eq!(house.run(&["once"]).code, Some(0));
    let calls = house.sandbox.quickbooks.calls();
    assert_eq!(calls.writes + calls.batches, writes);
    let status = house.status().unwrap();
    let codes: Vec<_> =
        status["notices"].as_array().unwrap().iter().map(|notice| notice["code"].clone()).collect();
    assert!(codes.contains(&"state-restored".into()), "{codes:?}");
    // What is cut off is refused, and nothing changes.
    house.write("copy.jsonl", &copy[..copy.len() / 2]);
    let before = state(&house);
    let cut = house.run(&["state", "import", "--replace", "copy.jsonl"]);
    assert_eq!((cut.code, cut.out.as_str()), (Some(1), ""), "{cut:?}");
    assert!(cut.err.contains("cut off") && cut.err.contains("nothing was changed"), "{cut:?}");
    assert_eq!(state(&house), before);
    let unread = house.run(&["state", "import", "nowhere"]);
    assert!(unread.code == Some(1) && unread.err.contains("cannot read nowhere"), "{unread:?}");
}

#[test]
fn a_state_that_is_held_is_left_to_who_holds_it() {
    let house = synced();
    assert_eq!(house.run(&["state", "export", "copy.jsonl"]).code, Some(0));
    let stuck = Rule::next("/v3/company/*/cdc", Kind::Delay { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(stuck.every());
    let _once = house.start(&["once"]);
    until("it reads", || house.sandbox.trouble.hits() > 0);
    for args in [
        &["state", "verify"][..],
        &["state", "export"],
        &["state", "import", "--replace", "copy.jsonl"],
        &["state", "rebuild"],
    ] {
        let ended = house.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (Some(75), ""), "{args:?} {ended:?}");
        let words = if args[1] == "rebuild" { "stop it first" } else { "ask again when it has ended" };
        assert!(ended.err.contains("holds the state in ") && ended.err.contains(words), "{args:?} {ended:?}");
    }
    assert!(!state(&house).iter().any(|(path, _)| path.to_string_lossy().contains("aside")));
    house.write("links.d/all.toml", "[links\n");
    for args in [
        &["state", "verify"][..],
        &["state", "export"],
        &["state", "import", "copy.jsonl"],
        &["state", "rebuild"],
    ] {
        assert_eq!(house.run(args).code, Some(78), "{args:?}");
    }
    assert_eq!(house.run(&["state", "sing"]).code, Some(64));
}

/// Every line of it, with the figures of the company.
#[test]
fn it_is_begun_anew_by_hand_and_told_what_is_left() {
    let house = synced();
    let token = fs::read(house.path("state/token.json")).unwrap();
    let before = house.sandbox.quickbooks.calls();
    let rebuilt = house.run(&["state", "rebuild"]);
    assert_eq!((rebuilt.code, rebuilt.err.as_str()), (Some(0), ""), "{rebuilt:?}");
    let invoice = house.sandbox.staxbill.invoices().len();
    for words in [
        " is begun anew; it was sound.\nThe one before is in ",
        "state/db.aside-",
        "Both sides are read. For 1 second more, writes of another process may come to light",
        &format!("\ninvoice            {invoice:>9} {invoice:>11} {invoice:>9}\n"),
        "\nNothing was written to QuickBooks, and nothing is left to write.\n",
    ] {
        assert!(rebuilt.out.contains(words), "{words}: {}", rebuilt.out);
    }
    let after = house.sandbox.quickbooks.calls();
    assert_eq!((after.writes, after.batches), (before.writes, before.batches));
    assert_eq!(fs::read(house.path("state/token.json")).unwrap(), token, "the token stays");
    assert_eq!(house.run(&["plan"]).code, Some(0));
    assert_eq!(house.run(&["state", "verify"]).code, Some(0));
    let status = house.status().unwrap();
    assert_eq!(status["last_pass"]["triggers"], serde_json::json!(["rebuild"]));
    // Something is left to do, and it is left.
    let books = house.sandbox.quickbooks.bookkeeper();
    let ours = |one: &serde_json::Value| {
        one["PrivateNote"].as_str().is_some_and(|note| note.contains("[latchd"))
            && one["LinkedTxn"] == serde_json::json!([])
    };
    let open = house.sandbox.quickbooks.objects("Invoice").into_iter().find(ours);
    if let Some(open) = open {
        books.delete("Invoice", open["Id"].as_str().unwrap()).unwrap();
        let rebuilt = house.run(&["state", "rebuild"]);
        assert!(rebuilt.code == Some(0) && rebuilt.out.contains(" 1 step is left to write"), "{rebuilt:?}");
        assert_eq!(house.run(&["plan"]).code, Some(2));
    }
    // It cannot finish: the next start does.
    house.sandbox.trouble.add(Rule::next("/v1/customers", Kind::Status { code: 401, after: false }).every());
    let unfinished = house.run(&["state", "rebuild"]);
    assert_eq!(unfinished.code, Some(1), "{unfinished:?}");
    assert!(
        unfinished.err.contains("staxbill-refused") && unfinished.err.contains("start latchd"),
        "{unfinished:?}"
    );
    house.sandbox.trouble.clear();
    assert_eq!(house.run(&["once"]).code, Some(0));
    let codes = house.status().unwrap()["notices"].to_string();
    assert!(
        codes.contains("state-rebuilt") && codes.contains("`latchd state rebuild` was called"),
        "{codes}"
    );
}
