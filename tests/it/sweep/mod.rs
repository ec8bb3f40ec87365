//! The exhaustive sweep: small scenes, in which the process dies, or the disk
//! or the network fails, at the first step, the second, and so on to the last.
//!
//! A step is a commit that begins or is durable, a request that leaves or its
//! answer that comes, a report that is about to be written or stands. What
//! follows starts on what is durable, undisturbed, and must end with the books
//! of a run that nothing befell. By default every [`STRIDE`]th step is played,
//! and the first and the last; `LATCHD_SWEEP=all` plays each, and
//! `LATCHD_SWEEP="moved:crash:17"` one alone.

mod gate;
mod scenes;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use latchd::config::Config;
use latchd::engine::{Edges, Engine};
use latchd::pass;
use latchd::publish::Occasion;
use latchd::report::Status;
use latchd::store::Store;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::company::Company;
use crate::scenarios::shop::{KINDS, is_void, mark_of, network};
use gate::{Gate, GatedNetwork, GatedStore, Kind, Wire};
use scenes::Make;

/// Where nobody says otherwise, one step of so many is disturbed.
const STRIDE: u64 = 8;
/// A scene of fewer steps would prove nothing.
const STEPS_MIN: u64 = 20;

/// One step of one scene, and what befalls the process there.
#[derive(Clone, Copy)]
struct Case {
    scene: (&'static str, Make),
    kind: Kind,
    step: u64,
}

#[test]
fn whatever_step_fails_the_books_end_as_if_none_had() {
    let asked = asked();
    let calm: BTreeMap<&str, Calm> =
        scenes::ALL.iter().map(|(name, make)| (*name, alone(undisturbed(name, *make)))).collect();
    let mut cases = Vec::new();
    for scene in scenes::ALL {
        let last = calm[scene.0].steps;
        for kind in Kind::ALL {
            let steps = (1..=last).filter(|step| match asked.as_deref() {
                None => *step == 1 || *step == last || step % STRIDE == 0,
                Some("all") => true,
                Some(one) => one == format!("{}:{}:{step}", scene.0, kind.name()),
            });
            cases.extend(steps.map(|step| Case { scene: *scene, kind, step }));
        }
    }
    assert!(!cases.is_empty(), "LATCHD_SWEEP is all or scene:crash:17 or scene:error:17, not {asked:?}");
    let count = cases.len();
    let wrong = play_all(cases, &calm);
    assert!(wrong.is_empty(), "{} of {count} went wrong:\n{}", wrong.len(), wrong.join("\n"));
    say_how_many(count);
}

#[expect(
    clippy::print_stderr,
    reason = "whoever reads the log of the tests wants to know how much was played"
)]
fn say_how_many(count: usize) {
    eprintln!("{count} disturbed steps of {} scenes", scenes::ALL.len());
}

#[expect(clippy::disallowed_methods, reason = "a person says what to play on the command line of the tests")]
fn asked() -> Option<String> {
    std::env::var("LATCHD_SWEEP").ok()
}

/// Plays them side by side, on as many cores as there are.
fn play_all(cases: Vec<Case>, calm: &BTreeMap<&str, Calm>) -> Vec<String> {
    let (cases, wrong) = (Mutex::new(cases.into_iter()), Mutex::new(Vec::new()));
    let next = || cases.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        while let Some(case) = next() {
            if let Err(why) = alone(play(case, &calm[case.scene.0])) {
                let name = format!("LATCHD_SWEEP={}:{}:{}", case.scene.0, case.kind.name(), case.step);
                wrong.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{name}: {why}"));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    wrong.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// On a runtime of its own, with paused time and commits one after the other.
fn alone<T>(what: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).max_blocking_threads(1).build();
    runtime.expect("a runtime of one thread can be made").block_on(what)
}

/// What a run makes that nothing befalls.
struct Calm {
    steps: u64,
    books: Vec<String>,
}

async fn undisturbed(name: &str, make: Make) -> Calm {
    let (company, wire, gate) = (make().await, Arc::default(), Gate::new(None));
    once(&company, &gate, &wire).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    let steps = gate.steps();
    assert!(steps > STEPS_MIN, "{name} has {steps} steps");
    assert!(wire.writes() > 0, "{name} writes nothing");
    company.sandbox.trouble.clear();
    settle(&company, &wire).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    Calm { steps, books: books(&company) }
}

async fn play(case: Case, calm: &Calm) -> Result<(), String> {
    let company = (case.scene.1)().await;
    let (gate, wire) = (Gate::new(Some((case.kind, case.step))), Arc::default());
    tokio::select! {
        biased;
        () = gate.died() => {}
        // That it fails is what an error may come to.
        _ = once(&company, &gate, &wire) => {}
    }
    if gate.steps() < case.step {
        return Err(format!("there were {} steps alone", gate.steps()));
    }
    company.sandbox.trouble.clear();
    whole_report(&company)?;
    settle(&company, &wire).await?;
    whole_report(&company)?;
    let books = books(&company);
    if books != calm.books {
        let without = |all: &[String], others: &[String]| {
            all.iter().filter(|one| !others.contains(one)).cloned().collect::<Vec<_>>()
        };
        let (missing, wrong) = (without(&calm.books, &books), without(&books, &calm.books));
        return Err(format!("missing in the books: {missing:#?}\nwrong in the books: {wrong:#?}"));
    }
    match wire.wrong().as_slice() {
        [] => Ok(()),
        wrong => Err(format!("on the wire: {wrong:#?}")),
    }
}

/// `latchd once` in a new process behind a gate.
async fn once(company: &Company, gate: &Arc<Gate>, wire: &Arc<Wire>) -> Result<(), String> {
    let config = company.config();
    let engine = engine(company, &config, (gate, wire));
    let world = engine.world(&config, CancellationToken::new());
    let occasion = Occasion {
        config: &config,
        rejected: None,
        observed: config.generation.clone(),
        triggers: vec!["test".to_owned()],
        next_pass_at: None,
    };
    let mut wrong = None;
    let mut each = |done: &pass::Done| {
        gate.step();
        if gate.is_dead() {
            return;
        }
        match engine.publisher.publish(&engine.register, &occasion, done, engine.clock.now()) {
            Ok(status) => wrong = status.is_consistent().err(),
            Err(error) => wrong = Some(error.to_string()),
        }
        gate.step();
    };
    pass::run(&world, &mut each).await.map_err(|error| error.to_string())?;
    pass::finish(&world, &mut each).await.map_err(|error| error.to_string())?;
    wrong.map_or(Ok(()), Err)
}

fn engine(company: &Company, config: &Config, (gate, wire): (&Arc<Gate>, &Arc<Wire>)) -> Engine {
    let gated = GatedNetwork {
        inner: network(company),
        durable: Arc::clone(&company.store),
        gate: Arc::clone(gate),
        wire: Arc::clone(wire),
    };
    let edges = Edges { transport: Arc::new(gated), ..company.edges(Arc::new(company.clock)) };
    let store: Arc<dyn Store> =
        Arc::new(GatedStore { durable: Arc::clone(&company.store), gate: Arc::clone(gate) });
    Engine::with_store(config, edges, store).expect("the engine starts")
}

/// Two passes on what is durable, and where that is not enough, two after the
/// next day's look at the company; then there is nothing left to do, and nothing
/// is done.
async fn settle(company: &Company, wire: &Arc<Wire>) -> Result<(), String> {
    twice(company, wire).await?;
    if left(company).await.is_some() {
        company.wait(Duration::from_hours(25)).await;
        twice(company, wire).await?;
    }
    if let Some(left) = left(company).await {
        return Err(left);
    }
    let before = wire.writes();
    once(company, &Gate::new(None), wire).await?;
    match wire.writes() - before {
        0 => Ok(()),
        more => Err(format!("{more} writes though nothing changed")),
    }
}

async fn twice(company: &Company, wire: &Arc<Wire>) -> Result<(), String> {
    for _ in 0..2 {
        once(company, &Gate::new(None), wire).await?;
        company.wait(Duration::from_mins(10)).await;
    }
    Ok(())
}

/// What a plan says is still to be done or in its way.
async fn left(company: &Company) -> Option<String> {
    let (plan, causes) = company.plan().await;
    let empty = plan.steps.is_empty() && causes.is_empty();
    (!empty).then(|| format!("the plan is not empty: {:#?} {causes:?}", plan.steps))
}

/// What stands on the disk of reports is whole: one that can be read.
fn whole_report(company: &Company) -> Result<(), String> {
    let path = company.config().settings.paths.reports.join("status.json");
    match std::fs::read(&path) {
        Ok(bytes) => {
            let status: Status =
                serde_json::from_slice(&bytes).map_err(|error| format!("status.json: {error}"))?;
            status.is_consistent().map_err(|wrong| format!("status.json: {wrong}"))
        }
        // Nothing was reported yet.
        Err(_) => Ok(()),
    }
}

/// All that lives in the books, in words that do not depend on the ids that a
/// run happened to give; what stands twice stands here twice.
fn books(company: &Company) -> Vec<String> {
    let all: Vec<(&str, Value)> = KINDS
        .iter()
        .flat_map(|kind| company.sandbox.quickbooks.objects(kind).into_iter().map(move |one| (*kind, one)))
        .collect();
    let named: BTreeMap<(&str, &str), String> =
        all.iter().filter_map(|(kind, one)| Some(((*kind, one["Id"].as_str()?), mark_of(one)?))).collect();
    let living = all.iter().filter(|(_, one)| !is_void(one));
    let mut rows: Vec<String> = living.map(|(kind, one)| format!("{kind} {}", row(one, &named))).collect();
    rows.sort();
    rows
}

fn row(one: &Value, named: &BTreeMap<(&str, &str), String>) -> String {
    let fields =
        ["DisplayName", "DocNumber", "PaymentRefNum", "TxnDate", "TotalAmt", "Balance", "UnappliedAmt"];
    let head: Vec<String> = fields.iter().map(|field| one[*field].to_string()).collect();
    let name = |value: &Value, kind: &str| {
        let id = value.as_str().unwrap_or_default();
        named.get(&(kind, id)).cloned().unwrap_or_else(|| format!("{kind} {id}"))
    };
    let mut lines: Vec<String> = one["Line"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|line| {
            let linked = &line["LinkedTxn"][0];
            let to = name(&linked["TxnId"], linked["TxnType"].as_str().unwrap_or_default());
            let item = &line["SalesItemLineDetail"]["ItemRef"]["name"];
            format!("{} {item} {to} {}", line["Amount"], line["JournalEntryLineDetail"]["PostingType"])
        })
        .collect();
    lines.sort();
    let whose = name(&one["CustomerRef"]["value"], "Customer");
    format!("{} of {whose} {head:?} {lines:?}", mark_of(one).unwrap_or_default())
}
