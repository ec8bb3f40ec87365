//! One latchd per state: the second says so, and changes nothing.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};

use super::books;
use super::house::{House, until};

#[test]
fn the_second_process_ends_with_75_and_changes_nothing() {
    let house = House::sample();
    house.link_all();
    // The first stands still in the middle of its work.
    let stuck = Rule::next("/v3/company/*/batch", Kind::Delay { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(stuck.every());
    let _first = house.start(&["once"]);
    until("the first one writes", || house.sandbox.trouble.hits() > 0);
    let (calls, before) = (house.quickbooks_calls(), books::untouched(&house.sandbox));
    for args in [["once"], ["run"], ["plan"]] {
        let ended = house.run(&args);
        assert_eq!(ended.code, Some(75), "{args:?} {ended:?}");
        assert!(ended.err.contains("another latchd holds the state in "), "{args:?} {ended:?}");
        assert!(ended.err.contains("[paths] state"), "{args:?} {ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{args:?} {ended:?}");
    }
    for args in [["check"], ["status"]] {
        assert_ne!(house.run(&args).code, Some(75), "{args:?} opens no state");
    }
    assert_eq!((house.quickbooks_calls(), books::untouched(&house.sandbox)), (calls, before));
}

/// What the owner's alone is says so to another user, and as whom to run it.
/// Root, whom no mode holds up, asks as nobody.
#[test]
fn whoever_may_not_ask_or_read_is_told_as_whom_to_do_it() {
    const NOBODY: u32 = 65_534;
    let house = House::sample();
    house.write("links.d/a.toml", "[links]\n10482 = { create = true, start = \"beginning\" }\n");
    let daemon = house.start(&["run"]);
    until("the first pass is over", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    let program = house.path("latchd");
    fs::copy(env!("CARGO_BIN_EXE_latchd"), &program).expect("there is room");
    let root = fs::metadata(&program).expect("it was made").uid() == 0;
    let mode = |name: &str, mode| {
        fs::set_permissions(house.path(name), Permissions::from_mode(mode)).expect("it is ours");
    };
    let closed = if root { 0o700 } else { 0 };
    mode("", 0o755);
    for (folder, args, words) in
        [("state", ["plan"], "may not ask the daemon"), ("reports", ["status"], "may not read")]
    {
        mode(folder, closed);
        let mut command = Command::new(&program);
        command.args(args).env_clear().env("LATCHD_CONFIG", house.path("latchd.toml"));
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        let ended = house.start_command(command).end();
        mode(folder, 0o700);
        assert_eq!(ended.code, Some(1), "{args:?} {ended:?}");
        assert!(ended.err.contains(words) && ended.err.contains("sudo -u latchd"), "{args:?} {ended:?}");
    }
    daemon.signal("TERM");
    assert_eq!(daemon.end().code, Some(0));
}
