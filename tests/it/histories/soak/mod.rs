//! A week of a company in fast time, lived by the daemon as it is: files are
//! edited, the network fails, a bookkeeper works in QuickBooks, Stax Bill goes
//! on, tokens end and rotate. Afterwards the books say what they must, and the
//! process holds no more of the machine than at the end of the first day.
//!
//! `LATCHD_SOAK_DAYS` says how long it lasts and `LATCHD_SOAK` from which number
//! everything follows that looks random, so that one that failed is played
//! again; what kills and delays strike also depends on the machine.

mod daemon;
mod flat;
mod house;
mod life;
mod process;

use flat::{Figures, Reading, Tolerance};
use life::Life;

/// How many days are played where nobody says.
const DAYS: u64 = 7;
/// A soak is divided into so many parts; in a week, each is a day.
const PARTS: usize = 7;
/// What a process may grow by in all: on the first day, and on each.
const ONCE_KIB: i64 = 2_816;
const DAILY_KIB: i64 = 256;
/// A connection may be on its way.
const HANDLES: i64 = 2;

/// It starts anew once, in the middle of the first part: what the first reading
/// of everything took from the system would hide what leaks later.
#[test]
#[ignore = "it takes minutes; `.ci/run` plays a day"]
fn a_daemon_that_is_left_alone_stays_flat_and_true() {
    soak("left alone", false);
}

#[test]
#[ignore = "it takes minutes; `.ci/run` plays a day"]
fn a_daemon_that_is_restarted_and_killed_stays_flat_and_true() {
    soak("restarted and killed", true);
}

fn soak(how: &str, restless: bool) {
    let days = super::asked("LATCHD_SOAK_DAYS").unwrap_or(DAYS);
    let hours = 24 * usize::try_from(days).expect("some days");
    let seed = super::asked("LATCHD_SOAK").unwrap_or(1);
    let mut life = Life::begin(seed, restless);
    let mut readings: Vec<Reading> = Vec::new();
    for hour in 0..hours {
        if hour == hours / PARTS / 2 {
            life.restart();
        }
        life.hour();
        readings.push(life.house.reading(hour));
    }
    // As old as the process was at the first figure.
    let fresh = life.settle(hours / PARTS);
    let figures = Figures::of(&readings, hours / PARTS, fresh);
    let days = i64::try_from(days).expect("some days");
    let tolerance = Tolerance { kib: ONCE_KIB + DAILY_KIB * days, handles: HANDLES };
    let ended = life.end();
    say(&format!("{hours} hours, {how}: {:?}, {figures:?}", life.done));
    if let Err(wrong) = ended.and_then(|()| figures.judge(tolerance)) {
        panic!("LATCHD_SOAK={seed}, {how}: {wrong}\n{readings:?}");
    }
}

#[expect(clippy::print_stderr, reason = "whoever reads the log of the tests wants the figures")]
fn say(words: &str) {
    eprintln!("\n{words}");
}
