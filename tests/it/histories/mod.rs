//! Random billing histories end balanced, whatever happened on the way.
//!
//! Each history follows from one number. `LATCHD_HISTORIES` says how many are
//! played and `LATCHD_HISTORY` with which number they begin, so that one that
//! failed is played again alone: `LATCHD_HISTORIES=1 LATCHD_HISTORY=17`. A
//! history makes a trace, and the same history the same trace: `LATCHD_TRACES=1`
//! tells their hashes. `LATCHD_SHORTER=0` looks for no shorter history where one
//! failed.

mod acts;
mod biller;
mod books;
mod chances;
mod disk;
mod entered;
mod mutations;
mod oracle;
mod player;
mod playing;
mod rebuilt;
mod replay;
mod rough;
mod seeds;
mod soak;
mod trace;
mod variants;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use latchd::report::Status;

use crate::company::warnings;
use player::Played;
use seeds::{failed_once, play_seed, tell};

/// How many are played where nobody says.
const HISTORIES: u64 = 1_600;
/// For so many there is one with a bookkeeper, one in rough weather, and one whose
/// state is rebuilt.
const BY_HAND: u64 = 4;

/// How a history is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// As it was drawn.
    Plain,
    /// A bookkeeper has entered some documents before.
    ByHand,
    /// In rough weather, of which it has its own.
    Rough,
    /// The state is rebuilt by hand in the middle, and at the end once more.
    Rebuilt,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Plain, Self::ByHand, Self::Rough, Self::Rebuilt];

    /// Its name in the list of seeds.
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::ByHand => "by-hand",
            Self::Rough => "rough",
            Self::Rebuilt => "rebuilt",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The test that plays it.
    fn test(self) -> &'static str {
        match self {
            Self::Plain => "every_history_ends",
            Self::ByHand => "every_history_that_began_by_hand",
            Self::Rough => "every_history_in_rough_weather",
            Self::Rebuilt => "every_history_whose_state_is_rebuilt",
        }
    }

    /// Whether a history is played so by whoever plays one history after the other.
    fn plays(self, seed: u64) -> bool {
        match self {
            Self::Plain | Self::Rough => true,
            Self::ByHand | Self::Rebuilt => seed.is_multiple_of(BY_HAND),
        }
    }

    /// How many of its histories are played for so many.
    fn of(self, histories: u64) -> u64 {
        match self {
            Self::Plain => histories,
            Self::ByHand | Self::Rough | Self::Rebuilt => histories.div_ceil(BY_HAND),
        }
    }
}

#[test]
fn every_history_ends_balanced_and_with_nothing_left_to_do() {
    play_all(Kind::Plain);
}

/// The same histories, where a bookkeeper has entered some documents of each
/// customer before it is adopted: none of them is posted twice, and once they
/// are taken out all ends as ever.
#[test]
fn every_history_that_began_by_hand_posts_nothing_twice() {
    play_all(Kind::ByHand);
}

/// Histories with power losses, states that are put back, tokens that end, a full
/// disk and odd answers, over a disk that keeps what was flushed alone.
#[test]
fn every_history_in_rough_weather_ends_balanced_too() {
    play_all(Kind::Rough);
}

/// Histories whose state is begun anew by hand, once in the middle of whatever
/// happens, and once where all is well: then nothing is left to do.
#[test]
fn every_history_whose_state_is_rebuilt_ends_balanced_too() {
    play_all(Kind::Rebuilt);
}

/// Plays them side by side, on as many cores as there are. Of those that failed
/// the lowest is told.
fn play_all(kind: Kind) {
    let asked_first = asked("LATCHD_HISTORY");
    let first = asked_first.unwrap_or(1);
    let last = first + kind.of(asked("LATCHD_HISTORIES").unwrap_or(HISTORIES));
    let again = if asked_first.is_none() { failed_once(kind) } else { Vec::new() };
    let traces = asked("LATCHD_TRACES").is_some();
    say(&format!("{} histories {first} to {}, and {} that failed once", kind.name(), last - 1, again.len()));
    let (seeds, failed) = (Mutex::new(again.into_iter().chain(first..last)), Mutex::new(BTreeMap::new()));
    let next = || seeds.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        while let Some(seed) = next() {
            if failed.lock().is_ok_and(|failed| !failed.is_empty()) {
                return;
            }
            let (trace, result) = play_seed(kind, seed);
            if traces {
                say(&format!("{} {seed} {}", kind.name(), trace.hash()));
            }
            if let Err(failure) = result {
                failed.lock().expect("nobody panics with it").insert(seed, failure);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    if let Some((seed, failure)) = failed.into_inner().expect("nobody panics with it").pop_first() {
        panic!("{}", tell(kind, seed, &failure));
    }
}

#[expect(clippy::print_stderr, reason = "whoever reads the log of the tests wants to play some again")]
fn say(words: &str) {
    eprintln!("{words}");
}

#[expect(clippy::disallowed_methods, reason = "a person says how many on the command line of the tests")]
fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}

/// The report sees that all is well, or says who is to blame.
fn told(played: &Played, status: &Status, besides: &[&str]) -> Result<(), String> {
    let foreign = oracle::foreign_customers(played);
    let blamed = |customer: &str| foreign.iter().any(|one| one.to_string() == customer);
    if let Some(open) = status.tie_out.unexplained.iter().find(|one| !blamed(&one.customer)) {
        return Err(format!("the report does not see that it is balanced: {open:?}"));
    }
    let warnings = warnings(status);
    let expected = |one: &String| {
        let mut codes = ["not-connected", "applied-before-start"].iter().chain(besides);
        codes.any(|code| one.ends_with(code))
    };
    match warnings.iter().find(|one| !expected(one)) {
        Some(warning) => Err(format!("a warning stands though nothing is wrong: {warning}")),
        None => Ok(()),
    }
}
