//! The refresh token among real processes: one of them uses it, whoever else
//! runs; where it could not be saved it is not used; and what a kill between
//! Intuit's rotation and our saving comes to.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule};
use serde_json::Value;

use super::house::{Ended, House, until};

const TOKENS: &str = "/oauth2/v1/tokens/bearer";
/// Intuit rotates a refresh token that is older than a day.
const DAY: Duration = Duration::from_hours(25);
/// A user that owns nothing.
const NOBODY: u32 = 65_534;

/// A company that is connected and in balance. A refresh token is good for
/// `grace` after it was rotated away.
fn connected(grace: Duration) -> House {
    let house = House::with_grace(grace);
    house.link_all();
    let ended = house.run(&["once"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    house
}

fn refreshes(house: &House) -> u64 {
    house.sandbox.quickbooks.calls().token_refreshes
}

fn token(house: &House) -> Vec<u8> {
    fs::read(house.path("state/token.json")).expect("there is a token")
}

/// What Intuit answered to those who sent a refresh token, and how often.
fn answers(house: &House) -> Vec<(Option<u16>, u64)> {
    let all = house.sandbox.witness.counts().into_iter();
    all.filter(|(sort, _)| sort.path == TOKENS).map(|(sort, count)| (sort.status, count)).collect()
}

/// Each refresh gives another refresh token, and the one before dies at once:
/// one that is sent a second time, or while another is on its way, is refused,
/// which the record of the traffic would show.
#[test]
fn of_many_processes_one_refreshes_and_no_token_is_sent_twice() {
    let house = connected(Duration::ZERO);
    for round in 1..=4 {
        house.sandbox.clock.advance(DAY);
        let before = answers(&house)[0].1;
        for slow in [Kind::Delay { ms: 150 }, Kind::DelayAnswer { ms: 150 }] {
            house.sandbox.trouble.add(Rule::next(TOKENS, slow).every());
        }
        let hits = house.sandbox.trouble.hits();
        // In every other round a daemon holds the state, and is at it already.
        let daemon = (round % 2 == 0).then(|| house.start(&["run"]));
        if daemon.is_some() {
            until("the daemon refreshes", || house.sandbox.trouble.hits() > hits);
        }
        let commands: [&[&str]; 7] =
            [&["once"], &["suggest"], &["plan"], &["auth", "status"], &["suggest"], &["once"], &["suggest"]];
        let running: Vec<_> = commands.iter().map(|args| (args, house.start(args))).collect();
        for (args, one) in running {
            let ended = one.end();
            assert!(ended_as_it_may(&ended), "{args:?} {ended:?}");
        }
        until("somebody has refreshed", || answers(&house)[0].1 > before);
        if let Some(daemon) = daemon {
            daemon.signal("TERM");
            let ended = daemon.end();
            assert_eq!(ended.code, Some(0), "{ended:?}");
        }
        house.sandbox.trouble.clear();
        assert_eq!(answers(&house), [(Some(200), before + 1)], "round {round}");
        let kept: Value = serde_json::from_slice(&token(&house)).expect("it is JSON");
        let kept = kept["refresh_token"].as_str().expect("it is kept").to_owned();
        assert!(house.sandbox.quickbooks.secrets().contains(&kept), "the one that was saved lives");
    }
    assert_eq!(house.run(&["once"]).code, Some(0));
}

/// Another holds the state, or the one that does has not renewed the token yet.
fn ended_as_it_may(ended: &Ended) -> bool {
    let waits = "only it may renew one";
    matches!(ended.code, Some(0 | 2 | 5 | 75)) || (ended.code == Some(1) && ended.err.contains(waits))
}

/// A folder that the program may not write into, also where the tests are
/// root's, whom no mode holds up: the program is then another user's.
#[test]
fn a_folder_that_is_read_only_is_told_and_nobody_is_asked_for_a_token() {
    let house = connected(Duration::ZERO);
    house.sandbox.quickbooks.expire_access_tokens();
    let (before, kept) = (refreshes(&house), token(&house));
    let program = house.path("latchd");
    fs::copy(env!("CARGO_BIN_EXE_latchd"), &program).expect("there is room");
    let root = fs::metadata(&program).expect("it was made").uid() == 0;
    let mode = |name: &str, mode| set_mode(&house.path(name), mode);
    if root {
        for name in ["state/lock", "state/token.json"] {
            chown(house.path(name), Some(NOBODY), Some(NOBODY)).expect("root may");
        }
        mode("", 0o755);
    }
    mode("state", 0o555);
    let mut command = Command::new(&program);
    command.arg("suggest").env_clear().env("LATCHD_CONFIG", house.path("latchd.toml"));
    if root {
        command.uid(NOBODY).gid(NOBODY);
    }
    let ended = house.start_command(command).end();
    mode("state", 0o700);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("cannot be written") && ended.err.contains("stays good until"), "{ended:?}");
    assert_eq!((refreshes(&house), token(&house)), (before, kept));
    let names = || fs::read_dir(house.path("state")).expect("it is a folder").count();
    let remains = names();
    let ended = house.run(&["once"]);
    assert_eq!(ended.code, Some(0), "where it can be written the same token is good: {ended:?}");
    assert_eq!((refreshes(&house), names()), (before + 1, remains), "and nothing lies beside it");
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
}

/// The one loss that nothing here can prevent: Intuit has rotated, and the
/// answer is not on the disk yet.
#[test]
fn a_kill_between_rotation_and_saving_heals_in_the_grace_and_asks_for_a_login_without() {
    for (grace, heals) in [(Duration::ZERO, false), (Duration::from_hours(1), true)] {
        let house = connected(grace);
        house.sandbox.clock.advance(DAY);
        let (before, kept) = (refreshes(&house), token(&house));
        house.sandbox.trouble.add(Rule::next(TOKENS, Kind::DelayAnswer { ms: 60_000 }));
        let process = house.start(&["once"]);
        until("Intuit has rotated", || refreshes(&house) > before);
        assert_eq!(process.kill().code, None);
        house.sandbox.trouble.clear();
        assert_eq!(token(&house), kept);
        let ended = house.run(&["once"]);
        let status = house.status().expect("a pass reports");
        let warned: Vec<&Value> = status["warnings"].as_array().into_iter().flatten().collect();
        if heals {
            assert_eq!((ended.code, warned.len()), (Some(0), 0), "{ended:?} {warned:?}");
            continue;
        }
        assert_eq!((ended.code, warned.len()), (Some(1), 1), "{ended:?} {warned:?}");
        assert_eq!(warned[0]["code"], "reconnect");
        let login = format!("latchd auth login --config {}", house.path("latchd.toml").display());
        assert!(ended.err.contains(&login), "{ended:?}");
        assert!(warned[0].to_string().contains(&login), "{warned:?}");
    }
}

/// Asked to end in the middle of a refresh, latchd waits for it and saves what
/// Intuit gave: the predecessor is dead already.
#[test]
fn a_refresh_under_way_is_finished_and_saved_when_it_is_asked_to_end() {
    for command in ["run", "once"] {
        let house = connected(Duration::ZERO);
        house.sandbox.clock.advance(DAY);
        let (before, kept) = (refreshes(&house), token(&house));
        house.sandbox.trouble.add(Rule::next(TOKENS, Kind::DelayAnswer { ms: 4_000 }));
        let process = house.start(&[command]);
        until("Intuit has rotated", || refreshes(&house) > before);
        process.signal("TERM");
        let ended = process.end();
        assert!(matches!(ended.code, Some(0 | 1)), "{command}: {ended:?}");
        assert_ne!(token(&house), kept, "{command}");
        let ended = house.run(&["once"]);
        assert_eq!(ended.code, Some(0), "{command}: {ended:?}");
    }
}
