//! The stage: plays steps when their hour or their call has come, and remembers
//! how each went.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::step::{Act, ClockFile, Step, When};
use super::{Scenario, account, company};
use crate::sandbox::Sandbox;

/// Every step of every scenario that was given to a sandbox. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Stage(Arc<Mutex<Vec<Played>>>);

/// A step and how it went.
#[derive(Clone, Debug, Serialize)]
pub struct Played {
    /// Its line in its file.
    pub line: usize,
    /// Its name, or what it is about.
    pub title: String,
    /// When it is played, in words.
    pub when: String,
    /// How often it was played.
    pub times: u64,
    /// When it was played last, on the sandbox's clock.
    pub at: Option<Timestamp>,
    /// When it is played next, if that is known.
    pub next: Option<Timestamp>,
    /// What came of the last time, if it went well.
    pub done: Option<String>,
    /// Why the last time failed.
    pub failed: Option<String>,
}

impl Stage {
    /// Every step, in the order of the files.
    pub fn steps(&self) -> Vec<Played> {
        self.book().clone()
    }

    fn add(&self, step: &Step) -> usize {
        let mut book = self.book();
        book.push(Played {
            line: step.line,
            title: step.title.clone(),
            when: step.when.words(),
            times: 0,
            at: None,
            next: None,
            done: None,
            failed: None,
        });
        book.len() - 1
    }

    fn note(&self, place: usize, now: Timestamp, outcome: Result<String, String>) {
        let mut book = self.book();
        let Some(played) = book.get_mut(place) else { return };
        (played.times, played.at) = (played.times + 1, Some(now));
        (played.done, played.failed) = match outcome {
            Ok(done) => (Some(done), None),
            Err(failed) => (None, Some(failed)),
        };
    }

    fn expect(&self, place: usize, next: Option<Timestamp>) {
        if let Some(played) = self.book().get_mut(place) {
            played.next = next;
        }
    }

    fn book(&self) -> MutexGuard<'_, Vec<Played>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl When {
    fn words(&self) -> String {
        match self {
            Self::Hour { at, every, times } => {
                let again = every.map(|every| format!(", again every {}", span(every))).unwrap_or_default();
                let times = times.map(|times| format!(", {times} times")).unwrap_or_default();
                format!("after {}{again}{times}", span(*at))
            }
            Self::Call(rule) => {
                let path = if rule.path.is_empty() { "anything" } else { &rule.path };
                format!("before call {} of {path}", rule.skip + 1)
            }
        }
    }
}

/// `1h30m`, as a file says it.
fn span(time: Duration) -> String {
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = time.as_millis();
    let mut words = String::new();
    for (unit, size) in units {
        if rest >= size {
            let _ = write!(words, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    if words.is_empty() { "0s".to_owned() } else { words }
}

/// A step that waits for its hour.
struct Due {
    at: Timestamp,
    place: usize,
    step: Step,
    played: u64,
}

impl Sandbox {
    /// Plays a scenario from now on, in a task of its own, which ends with the
    /// runtime. Steps count from the moment the clock was set by the scenario's
    /// `[clock]`; a step that sets the clock takes those after it along.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn play(&self, scenario: Scenario) {
        turn(self, &scenario.clock);
        let start = self.clock.now();
        let mut waiting = Vec::new();
        for step in scenario.steps {
            let place = self.stage.add(&step);
            match &step.when {
                When::Hour { at, .. } => {
                    let due = later(start, *at);
                    self.stage.expect(place, Some(due));
                    waiting.push(Due { at: due, place, step, played: 0 });
                }
                When::Call(rule) => {
                    let (sandbox, rule) = (self.clone(), (**rule).clone());
                    // The rule is kept by the trouble that the sandbox shares,
                    // so the two would keep each other alive; a sandbox lives
                    // as long as its process or its test.
                    self.trouble.cue(rule, Arc::new(move || sandbox.perform(place, &step.act)));
                }
            }
        }
        let sandbox = self.clone();
        tokio::spawn(async move { sandbox.play_hours(waiting).await });
    }

    async fn play_hours(&self, mut waiting: Vec<Due>) {
        while let Some(next) =
            (0..waiting.len()).min_by_key(|place| (waiting[*place].at, waiting[*place].place))
        {
            self.clock.reached(waiting[next].at).await;
            let mut due = waiting.swap_remove(next);
            let before = self.clock.now();
            self.perform(due.place, &due.step.act);
            if let Act::Clock(ClockFile { set: Some(_), .. }) = &due.step.act {
                // What was to come keeps its distance from this moment.
                let moved = self.clock.now().duration_since(before);
                for other in &mut waiting {
                    other.at = other.at.saturating_add(moved).unwrap_or(Timestamp::MAX);
                    self.stage.expect(other.place, Some(other.at));
                }
                due.at = due.at.saturating_add(moved).unwrap_or(Timestamp::MAX);
            }
            due.played += 1;
            let When::Hour { every, times, .. } = due.step.when else { continue };
            let again = every.filter(|_| times.is_none_or(|times| due.played < times));
            self.stage.expect(due.place, again.map(|every| later(due.at, every)));
            if let Some(every) = again {
                due.at = later(due.at, every);
                waiting.push(due);
            }
        }
    }

    fn perform(&self, place: usize, act: &Act) {
        let now = self.clock.now();
        let outcome = catch_unwind(AssertUnwindSafe(|| self.act(now, act)));
        let outcome = outcome.unwrap_or_else(|_| Err("the sandbox itself broke at it".into()));
        if let Err(failed) = &outcome {
            tracing::warn!(step = place + 1, "a step of the scenario failed: {failed}");
        }
        self.stage.note(place, now, outcome);
    }

    fn act(&self, now: Timestamp, act: &Act) -> Result<String, String> {
        match act {
            Act::Trouble { rule, lasts } => {
                let mut rule = (**rule).clone();
                if let Some(lasts) = lasts {
                    rule.until = Some(later(now, *lasts));
                }
                self.trouble.add(rule);
                Ok(String::new())
            }
            Act::ClearTrouble => {
                self.trouble.clear();
                Ok(String::new())
            }
            Act::Bookkeeper(act) => company::keep_books(&self.quickbooks, act),
            Act::QuickBooks(act) => Ok(company::disturb(&self.quickbooks, act)),
            Act::Biller(act) => account::bill(&self.staxbill, now, act),
            Act::Clock(hands) => {
                turn(self, hands);
                Ok(self.clock.now().to_string())
            }
        }
    }
}

fn turn(sandbox: &Sandbox, hands: &ClockFile) {
    if let Some(at) = hands.set {
        sandbox.clock.set(at.0);
    }
    if let Some(by) = hands.advance {
        sandbox.clock.advance(by.0);
    }
    if let Some(speed) = hands.speed {
        sandbox.clock.set_speed(speed);
    }
}

fn later(from: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    from.saturating_add(by).unwrap_or(Timestamp::MAX)
}
