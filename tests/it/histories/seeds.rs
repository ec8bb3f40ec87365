//! From a number to a history, and from a history that failed to what a person
//! reads of it.

use std::cell::RefCell;
use std::path::Path;

use latchd::fsx;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::acts::History;
use super::playing::play;
use super::trace::Trace;
use super::wire::Broken;
use super::{Kind, asked, chances};

/// Those that failed once, which are played every time: a line is the kind, the
/// number, and why.
const FAILED_ONCE: &str = include_str!("../../seeds.txt");
/// How often a history that failed is tried again in a shorter form.
const SHORTER_MAX: u32 = 600;
/// So much of the trace is told with a failure.
const LINES_TOLD: usize = 60;

/// What one failed seed says.
pub(super) struct Failure {
    trace: Trace,
    broken: Broken,
}

impl Failure {
    /// What was broken.
    pub(super) fn invariant(&self) -> &'static str {
        self.broken.invariant
    }
}

/// Plays the history of a number.
pub(super) fn play_seed(kind: Kind, seed: u64) -> (Trace, Result<(), Failure>) {
    let (trace, result) = play(&history(kind, seed), kind);
    let failed = |broken| Failure { trace: trace.clone(), broken };
    (trace.clone(), result.map_err(failed))
}

/// The numbers of a kind that failed once.
pub(super) fn failed_once(kind: Kind) -> Vec<u64> {
    let lines = FAILED_ONCE.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let rows = lines.map(|line| {
        let row = line.split_once(' ').and_then(|(kind, rest)| {
            let (seed, why) = rest.split_once(' ')?;
            Some((Kind::named(kind)?, seed.parse::<u64>().ok()?)).filter(|_| !why.trim().is_empty())
        });
        row.unwrap_or_else(|| panic!("tests/seeds.txt: `{line}` is not `<kind> <number> <why>`"))
    });
    rows.filter(|(one, _)| *one == kind).map(|(_, seed)| seed).collect()
}

/// What a person reads of a failed seed: what broke, the end of the trace, where
/// all of it is, and how it is played again.
pub(super) fn tell(kind: Kind, seed: u64, failure: &Failure) -> String {
    let Failure { trace, broken: Broken { invariant, words } } = failure;
    let (lines, hash) = (trace.lines(), trace.hash());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("history-{}-{seed}.txt", kind.name()));
    let kept = fsx::write_atomic(&path, lines.join("\n").as_bytes(), 0o644);
    let place =
        kept.map_or_else(|error| format!("could not be kept: {error}"), |()| path.display().to_string());
    let last = lines[lines.len().saturating_sub(LINES_TOLD)..].join("\n  ");
    let shorter = if asked("LATCHD_SHORTER") == Some(0) { String::new() } else { shorter(kind, seed) };
    format!(
        "{kind} history {seed} broke: {invariant}\n{words}\ntrace {hash}, {} lines ({place}), the last of them:\n  {last}\n\
         {shorter}\nTo play it again: LATCHD_HISTORY={seed} LATCHD_HISTORIES=1 cargo test --test it {} -- --nocapture\n\
         To keep it: echo '{kind} {seed} <why>' >>tests/seeds.txt",
        lines.len(),
        kind.test(),
        kind = kind.name(),
    )
}

/// The history that follows from a number.
fn history(kind: Kind, seed: u64) -> History {
    let drawn = RefCell::new(None);
    let kept = runner(seed).run(&chances::histories(kind), |history| {
        drawn.replace(Some(history));
        Ok(())
    });
    kept.unwrap_or_else(|error| panic!("history {seed} cannot be drawn: {error}"));
    drawn.into_inner().expect("one case is drawn")
}

/// The shortest history found that fails too.
fn shorter(kind: Kind, seed: u64) -> String {
    let played = runner(seed).run(&chances::histories(kind), |history| {
        play(&history, kind)
            .1
            .map_err(|broken| TestCaseError::fail(format!("{}\n{}", broken.invariant, broken.words)))
    });
    match played {
        Ok(()) => {
            "It does not fail when it is played again: what it depends on beside its number is to be found."
                .to_owned()
        }
        Err(TestError::Abort(why)) => format!("No shorter one was looked for: {why}"),
        Err(TestError::Fail(why, History { variant, acts })) => {
            let acts: Vec<String> = acts.iter().map(|act| format!("    {act:?},")).collect();
            format!("The shortest found that fails breaks {why}\nafter, in {variant:?}:\n{}", acts.join("\n"))
        }
    }
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { cases: 1, failure_persistence: None, max_shrink_iters: SHORTER_MAX, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
