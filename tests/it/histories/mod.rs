//! Random billing histories end balanced, whatever happened on the way.
//!
//! Each history follows from one number. `LATCHD_HISTORIES` says how many are
//! played and `LATCHD_HISTORY` with which number they begin, so that one that
//! failed is played again alone: `LATCHD_HISTORIES=1 LATCHD_HISTORY=17`.

mod acts;
mod biller;
mod chances;
mod entered;
mod oracle;
mod player;
mod soak;
mod variants;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use latchd::report::Status;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::company::{Company, warnings};
use acts::History;
use player::{Played, Player};

/// How many are played where nobody says.
const HISTORIES: u64 = 1_600;
/// One of so many is played once more with a bookkeeper.
const BY_HAND: u64 = 4;
/// Those that failed once, which are played every time.
const FAILED_ONCE: &[u64] =
    &[79, 201, 239, 352, 789, 894, 1154, 1394, 1417, 1511, 1517, 17_483, 34_596, 50_277, 57_666];
/// How often a history that failed is tried again in a shorter form.
const SHORTER_MAX: u32 = 600;

#[test]
fn every_history_ends_balanced_and_with_nothing_left_to_do() {
    let asked_first = asked("LATCHD_HISTORY");
    let first = asked_first.unwrap_or(1);
    let last = first + asked("LATCHD_HISTORIES").unwrap_or(HISTORIES);
    let again = FAILED_ONCE.iter().copied().filter(|_| asked_first.is_none());
    play_all(again.chain(first..last), false);
    say_which(first, last - 1, asked_first.is_none());
}

/// The same histories, where a bookkeeper has entered some documents of each
/// customer before it is adopted: none of them is posted twice, and once they
/// are taken out all ends as ever.
#[test]
fn every_history_that_began_by_hand_posts_nothing_twice() {
    let first = asked("LATCHD_HISTORY").unwrap_or(1);
    play_all(first..first + asked("LATCHD_HISTORIES").unwrap_or(HISTORIES).div_ceil(BY_HAND), true);
}

/// Plays them side by side, on as many cores as there are.
fn play_all(seeds: impl Iterator<Item = u64> + Send, by_hand: bool) {
    let (seeds, failed) = (Mutex::new(seeds), Mutex::new(None));
    let next = || seeds.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        while let Some(seed) = next() {
            if failed.lock().is_ok_and(|failed| failed.is_some()) {
                return;
            }
            if let Err(why) = play_seed(seed, by_hand) {
                failed.lock().expect("nobody panics with it").get_or_insert((seed, why));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    if let Some((seed, why)) = failed.into_inner().expect("nobody panics with it") {
        let by_hand = if by_hand { "by hand, " } else { "" };
        panic!("{by_hand}LATCHD_HISTORIES=1 LATCHD_HISTORY={seed}\n{why}");
    }
}

#[expect(clippy::print_stderr, reason = "whoever reads the log of the tests wants to play some again")]
fn say_which(first: u64, last: u64, again: bool) {
    let replayed = if again { FAILED_ONCE.len() } else { 0 };
    eprintln!("histories {first} to {last}, and {replayed} that failed once");
}

#[expect(clippy::disallowed_methods, reason = "a person says how many on the command line of the tests")]
fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}

/// Plays the history of a number; where it fails, the shortest one found that
/// fails too.
fn play_seed(seed: u64, by_hand: bool) -> Result<(), String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { cases: 1, failure_persistence: None, max_shrink_iters: SHORTER_MAX, ..Config::default() };
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, random);
    let played =
        runner.run(&chances::histories(), |history| play(&history, by_hand).map_err(TestCaseError::fail));
    played.map_err(|failed| match failed {
        TestError::Abort(why) => why.to_string(),
        TestError::Fail(why, History { variant, acts }) => {
            let acts: Vec<String> = acts.iter().map(|act| format!("    {act:?},")).collect();
            format!("{why}\nafter, in {variant:?}:\n{}", acts.join("\n"))
        }
    })
}

fn play(history: &History, by_hand: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime of one thread can be made").block_on(async {
        let mut player = Player::new(history.variant, by_hand);
        for act in &history.acts {
            player.play(act).await;
        }
        end(player).await
    })
}

/// Trouble is over, and the books are open again: some passes later everything
/// stands as it should, and there is nothing left to do.
async fn end(after: Player) -> Result<(), String> {
    after.close_books(None);
    let mut played = after.into_company();
    played.company.sandbox.trouble.clear();
    two_days(&played.company).await;
    if !played.entered.is_empty() {
        quiet(&played.company).await?;
        let (_, status) = played.company.once().await;
        entered::waits(&played, &status)?;
        told(&played, &status, &["possible-duplicate"])?;
        entered::take_out(&mut played);
        two_days(&played.company).await;
    }
    if let Err(wrong) = oracle::agree(&played) {
        let (done, status) = played.company.once().await;
        return Err(format!("{wrong}\nreported: {:#?}\nleft to do: {:#?}", status.warnings, done.steps));
    }
    let (plan, causes) = played.company.plan().await;
    if !plan.steps.is_empty() || !causes.is_empty() {
        return Err(format!("the plan is not empty: {:#?} {causes:?}", plan.steps));
    }
    quiet(&played.company).await?;
    let (_, status) = played.company.once().await;
    told(&played, &status, &[])
}

/// The settings of the company are looked at once a day, and an answer of
/// yesterday may come only then.
async fn two_days(company: &Company) {
    for _ in 0..2 {
        company.wait(Duration::from_hours(25)).await;
        company.once().await;
        company.wait(Duration::from_mins(10)).await;
        company.once().await;
    }
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

/// A quiet pass reads QuickBooks once and writes nothing. What is looked at
/// once a day may fall due in one of two.
async fn quiet(company: &Company) -> Result<(), String> {
    let mut reads = Vec::new();
    for _ in 0..2 {
        company.wait(Duration::from_mins(10)).await;
        let (done, _) = company.once().await;
        if done.calls.quickbooks_writes + done.calls.quickbooks_batches > 0 {
            return Err(format!("a pass wrote though nothing changed: {:#?}", done.steps));
        }
        reads.push(done.calls.quickbooks_reads);
    }
    if reads.contains(&1) {
        Ok(())
    } else {
        Err(format!("quiet passes read QuickBooks once, not {reads:?} times"))
    }
}
