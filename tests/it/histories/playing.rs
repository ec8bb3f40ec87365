//! Plays a history to its end, and says what was broken on the way.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use latchd::pass::Done;
use latchd::report::Status;

use super::acts::History;
use super::player::{Played, Player};
use super::rebuilt::Anew;
use super::trace::Trace;
use super::wire::Broken;
use super::{Kind, entered, oracle, told};
use crate::company::Company;

/// The books say exactly what they must.
pub(super) const BOOKS: &str = "I1, I4 the books are what the account says";
/// When trouble is over, nothing is left to do.
pub(super) const AT_REST: &str = "L1 at rest";
/// The report is true.
pub(super) const REPORT: &str = "the report is true to the books";
/// What people entered stands alone.
pub(super) const BY_HAND: &str = "nothing is posted beside what people entered";
/// A panic, of latchd or of what checks it.
pub(super) const PANIC: &str = "no panic";

/// Plays a history; gives what happened, and what was broken.
pub(super) fn play(history: &History, kind: Kind) -> (Trace, Result<(), Broken>) {
    let trace = Trace::default();
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| run(history, kind, &trace)));
    let result = result.unwrap_or_else(|panic| Err(Broken::new(PANIC, words(panic.as_ref()))));
    // What broke first explains what came of it.
    (trace.clone(), trace.wire.broken().map_or(result, Err))
}

fn run(history: &History, kind: Kind, trace: &Trace) -> Result<(), Broken> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime of one thread can be made").block_on(async {
        let mut player = Player::new(history.variant, kind == Kind::ByHand);
        if matches!(kind, Kind::Rough | Kind::Rebuilt) {
            player.brave();
        }
        let anew = (kind == Kind::Rebuilt).then(|| player.anew()).flatten();
        player.trace(trace);
        trace.note(format_args!("{:?}", history.variant));
        for (number, act) in history.acts.iter().enumerate() {
            if let Some(anew) = anew.as_ref().filter(|_| number == history.acts.len() / 2) {
                trace.note("• the state is rebuilt");
                player.rebuild(anew).await?;
            }
            trace.note(format_args!("• {act:?}"));
            player.play(act).await;
            if trace.wire.broken().is_some() {
                return Ok(());
            }
        }
        trace.note("• the end: trouble is over");
        end(player, anew).await
    })
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "it says nothing".to_owned())
}

/// Trouble is over, and the books are open again: some passes later everything
/// stands as it should, and there is nothing left to do.
async fn end(mut after: Player, anew: Option<Anew>) -> Result<(), Broken> {
    after.close_books(None);
    after.calm();
    let mut played = after.into_company();
    played.company.sandbox.trouble.clear();
    two_days(&played.company).await;
    mend_drift(&mut played).await;
    if !played.entered.is_empty() {
        quiet(&played.company).await?;
        let (_, status) = played.company.once().await;
        entered::waits(&played, &status).map_err(|words| Broken::new(BY_HAND, words))?;
        report(&played, &status, &["possible-duplicate"])?;
        entered::take_out(&mut played);
        two_days(&played.company).await;
    }
    if let Err(wrong) = oracle::agree(&played) {
        let (done, status) = played.company.once().await;
        let words = format!("{wrong}\nreported: {:#?}\nleft to do: {:#?}", status.warnings, done.steps);
        return Err(Broken::new(BOOKS, words));
    }
    let (plan, causes) = played.company.plan().await;
    if !plan.steps.is_empty() || !causes.is_empty() {
        let words = format!("the plan is not empty: {:#?} {causes:?}", plan.steps);
        return Err(Broken::new(AT_REST, words));
    }
    quiet(&played.company).await?;
    let (_, status) = played.company.once().await;
    report(&played, &status, &[])?;
    match anew {
        Some(anew) => anew.leaves_nothing(&played.company).await,
        None => Ok(()),
    }
}

/// A state that was put back does not know what was written after it: where the
/// account has gone on since, that looks like somebody's edit. Whoever put it back
/// follows the remedy.
async fn mend_drift(played: &mut Played) {
    if !played.put_back {
        return;
    }
    let (_, status) = played.company.once().await;
    if status.warnings.iter().any(|row| row.code.name() == "drifted") {
        played.company.posting.push_str("\non_drift = \"restore\"\n");
        two_days(&played.company).await;
    }
}

fn report(played: &Played, status: &Status, besides: &[&str]) -> Result<(), Broken> {
    told(played, status, besides).map_err(|words| Broken::new(REPORT, words))
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

/// A quiet pass reads QuickBooks once and writes nothing. What is looked at
/// once a day may fall due in one of two.
async fn quiet(company: &Company) -> Result<(), Broken> {
    let mut reads = Vec::new();
    for _ in 0..2 {
        company.wait(Duration::from_mins(10)).await;
        let (done, _) = company.once().await;
        if wrote(&done) {
            let words = format!("a pass wrote though nothing changed: {:#?}", done.steps);
            return Err(Broken::new(AT_REST, words));
        }
        reads.push(done.calls.quickbooks_reads);
    }
    if reads.contains(&1) {
        Ok(())
    } else {
        Err(Broken::new(AT_REST, format!("quiet passes read QuickBooks once, not {reads:?} times")))
    }
}

fn wrote(done: &Done) -> bool {
    done.calls.quickbooks_writes + done.calls.quickbooks_batches > 0
}
