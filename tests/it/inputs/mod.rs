//! What comes in from outside, by chance. The bodies stand in `tests/bodies`,
//! where the fuzz targets find them too.
//!
//! A failure names its seed; `LATCHD_INPUTS_SEED` with it and `LATCHD_INPUTS=1`
//! play that case alone, and `LATCHD_INPUTS` plays more of them.

mod sockets;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::bodies::BODIES;

/// Cases of each body with every run of the tests.
const CASES: u64 = 400;
/// Bytes of the longest case.
const LONGEST: usize = 400;

#[test]
fn files() {
    play("files");
}

#[test]
fn queries() {
    play("queries");
}

#[test]
fn the_source_answers() {
    play("source");
}

#[test]
fn the_books_answer() {
    play("books");
}

#[test]
fn the_journal() {
    play("journal");
}

#[test]
fn the_socket() {
    play("socket");
}

#[test]
fn every_body_is_played_and_has_its_fuzz_target() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz");
    let manifest = std::fs::read_to_string(format!("{folder}/Cargo.toml")).expect("it is there");
    for (name, _) in BODIES {
        let target = std::fs::read_to_string(format!("{folder}/fuzz_targets/{name}.rs"));
        assert!(target.is_ok_and(|text| text.contains(&format!("bodies::{name}::body"))), "{name}");
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(include_str!("mod.rs").contains(&format!("play(\"{name}\")")), "{name}");
    }
}

#[test]
fn a_failing_case_is_named() {
    fn body(bytes: &[u8]) {
        assert!(bytes.len() < LONGEST / 2, "too long");
    }
    let told = catch_unwind(|| cases("body", body, 1, 50)).expect_err("half of the cases fail");
    let told = told.downcast_ref::<String>().cloned().unwrap_or_default();
    let seed: u64 =
        told.split("LATCHD_INPUTS_SEED=").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(catch_unwind(|| cases("body", body, seed, 1)).is_err(), "the seed plays the same case");
}

fn play(name: &str) {
    let (_, body) = BODIES.iter().find(|(other, _)| *other == name).expect("it is one of the bodies");
    let number = |name: &str| setting(name).map(|text| text.parse().expect("it is a number"));
    let first = number("LATCHD_INPUTS_SEED").unwrap_or(1);
    cases(name, *body, first, number("LATCHD_INPUTS").unwrap_or(CASES));
}

#[expect(clippy::disallowed_methods, reason = "how much is played is said in the environment")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn cases(name: &str, body: fn(&[u8]), first: u64, count: u64) {
    for seed in first..first + count {
        let bytes = bytes(seed);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(&bytes))) {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            panic!("{name} with LATCHD_INPUTS_SEED={seed} LATCHD_INPUTS=1: {}", words.unwrap_or_default());
        }
    }
}

/// The bytes of a case: all of them follow from its seed.
fn bytes(seed: u64) -> Vec<u8> {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &key);
    let mut bytes = vec![0; random.next_u32() as usize % LONGEST];
    random.fill_bytes(&mut bytes);
    // Half of them are letters: random bytes are hardly ever text.
    if seed.is_multiple_of(2) {
        bytes.iter_mut().skip(4).for_each(|byte| *byte = 32 + *byte % 95);
    }
    bytes
}
