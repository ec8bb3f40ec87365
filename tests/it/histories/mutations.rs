//! Deliberate bugs are caught: by which history first, and by what it broke.
//!
//! `tests/tools/mutations` plays the histories with each bug of
//! [`latchd::mutation`] and writes `tests/mutations.md`.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use latchd::fsx;
use latchd::mutation::Mutation;

use super::seeds::play_seed;
use super::{Kind, say};

/// The table, as it was made last.
const TABLE: &str = include_str!("../../mutations.md");
/// A bug that so many histories do not show is not caught.
const SEEDS_MAX: u64 = 2_000;
/// How a process says that it caught its bug.
const CAUGHT: &str = "caught: ";
/// Fewer prove little.
const BUGS_MIN: usize = 15;

#[test]
fn the_table_has_every_bug_and_each_is_caught() {
    assert!(Mutation::ALL.len() >= BUGS_MIN);
    let rows: Vec<Vec<&str>> = TABLE
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), Mutation::ALL.len(), "tests/tools/mutations makes the table anew");
    for (row, bug) in rows.iter().zip(Mutation::ALL) {
        let [name, says, seed, broke] = row[..] else { panic!("{row:?} has not four columns") };
        assert_eq!((name.trim_matches('`'), says), (bug.name(), bug.says()));
        let seed = seed.rsplit(' ').next().and_then(|seed| seed.parse::<u64>().ok());
        assert!(seed.is_some_and(|seed| seed <= SEEDS_MAX) && !broke.is_empty(), "{name} is not caught");
    }
}

#[test]
#[ignore = "`tests/tools/mutations` makes the table"]
fn the_table_is_made() {
    let (next, rows) = (Mutex::new(Mutation::ALL.iter().enumerate()), Mutex::new(Vec::new()));
    let worker = || {
        while let Some((place, bug)) = { next.lock().unwrap_or_else(PoisonError::into_inner).next() } {
            let row = format!("| `{}` | {} | {} |", bug.name(), bug.says(), first_to_catch(*bug));
            say(&row);
            rows.lock().expect("nobody panics with it").push((place, row));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    let mut rows = rows.into_inner().expect("nobody panics with it");
    rows.sort();
    let rows: Vec<String> = rows.into_iter().map(|(_, row)| row).collect();
    let text = format!("{HEAD}{}\n", rows.join("\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mutations.md");
    fsx::write_atomic(&path, text.as_bytes(), 0o644).expect("the repository is writable");
}

const HEAD: &str = "\
# Deliberate bugs, and what catches them

`tests/tools/mutations` plants each of these bugs alone, plays the random histories
until one of them fails, and writes this table. A bug that 2,000 seeds do not show
is a hole in what the histories do or check.

| bug | what it does | first caught by | what it broke |
|---|---|---|---|
";

/// Plays histories in a process with that bug.
fn first_to_catch(bug: Mutation) -> String {
    let tests = std::env::current_exe().expect("the tests know where they are");
    let played = Command::new(tests)
        .args(["--exact", "histories::mutations::a_planted_bug", "--ignored", "--nocapture"])
        .env("LATCHD_MUTATION", bug.name())
        .output()
        .expect("the tests can be started");
    let said = String::from_utf8_lossy(&played.stderr).into_owned();
    let caught = said.lines().find_map(|line| line.strip_prefix(CAUGHT));
    caught.map_or_else(
        || format!("**not caught** | {}", said.lines().last().unwrap_or_default()),
        ToOwned::to_owned,
    )
}

/// The process of [`first_to_catch`].
#[test]
#[ignore = "it is started by the one that makes the table"]
fn a_planted_bug() {
    for seed in 1..=SEEDS_MAX {
        for kind in Kind::ALL.into_iter().filter(|kind| kind.plays(seed)) {
            if let Err(failure) = play_seed(kind, seed).1 {
                say(&format!("{CAUGHT}{} {seed} | {}", kind.name(), failure.invariant()));
                return;
            }
        }
    }
    say(&format!("none of {SEEDS_MAX} histories shows it"));
}
