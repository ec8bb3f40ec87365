//! The same number is the same history, in this process and in any other.

use std::collections::BTreeMap;
use std::process::Command;

use super::Kind;
use super::seeds::play_seed;

/// So many of each kind are played twice.
const TWICE: u64 = 12;

/// The other process plays them side by side, this one after the other.
#[test]
fn a_history_is_the_same_in_another_process() {
    for kind in Kind::ALL {
        let there = played_elsewhere(kind);
        for seed in 1..=TWICE {
            let here = play_seed(kind, seed).0;
            let words = "a history depends on something beside its number";
            assert_eq!(there.get(&seed), Some(&here.hash()), "{} {seed}: {words}", kind.name());
        }
    }
}

/// The hashes of the same histories in a process of its own.
fn played_elsewhere(kind: Kind) -> BTreeMap<u64, String> {
    let tests = std::env::current_exe().expect("the tests know where they are");
    let output = Command::new(tests)
        .args([&format!("histories::{}", kind.test()), "--nocapture"])
        .env("LATCHD_HISTORY", "1")
        .env("LATCHD_HISTORIES", (TWICE * TWICE / kind.of(TWICE)).to_string())
        .env("LATCHD_TRACES", "1")
        .output()
        .expect("the tests can be started");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let lines = said.lines().filter_map(|line| line.strip_prefix(kind.name())?.trim().split_once(' '));
    lines.filter_map(|(seed, hash)| Some((seed.parse().ok()?, hash.to_owned()))).collect()
}
