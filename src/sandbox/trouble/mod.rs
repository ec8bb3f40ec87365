//! Trouble on request: the nth call that fits a rule is refused, cut, kept
//! waiting or answered badly. Rules are added from Rust, by a scenario file or,
//! on loopback, by `POST /sandbox/trouble`.
//!
//! `rule` says when, `kind` says what, `layer` lets it happen; what is done to
//! an answer lies in `bodies`, `damage`, `rows` and `items`.

mod answers;
mod bodies;
mod damage;
mod errand;
mod gzip;
mod items;
mod kind;
mod layer;
mod rows;
mod rule;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

pub use kind::{Damage, ItemFate, Kind, PageFault};
pub use layer::Ground;
use rule::Seen;
pub use rule::{Rule, Vendor};

/// An answer that bears this is none: the connection broke instead. In
/// process it is an extension of the response; the loopback server resets the
/// connection without sending a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut;

/// A rule and how often it was met.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The rule.
    pub rule: Rule,
    /// Calls that fitted it.
    pub seen: u64,
    /// Calls that it hit.
    pub hit: u64,
}

/// The rules that stand. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Trouble(Arc<Mutex<Book>>);

#[derive(Default)]
struct Book {
    standing: Vec<Standing>,
    cues: Vec<Cue>,
    /// By request id, the answers to the items of a batch that was given up in
    /// the middle.
    half_done: HashMap<String, Vec<Value>>,
}

/// Something that is to happen just before calls take effect.
struct Cue {
    rule: Rule,
    seen: u64,
    act: Act,
}

type Act = Arc<dyn Fn() + Send + Sync>;

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book").field("standing", &self.standing).finish_non_exhaustive()
    }
}

impl Trouble {
    /// Has `act` done just before each call that `rule` would hit; what the
    /// rule itself does is left aside.
    pub fn cue(&self, rule: Rule, act: Arc<dyn Fn() + Send + Sync>) {
        self.book().cues.push(Cue { rule, seen: 0, act });
    }

    /// Adds a rule behind those that stand.
    pub fn add(&self, rule: Rule) {
        self.book().standing.push(Standing { rule, seen: 0, hit: 0 });
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.book().standing.clear();
    }

    /// The rules in the order they were added, spent ones too.
    pub fn rules(&self) -> Vec<Standing> {
        self.book().standing.clone()
    }

    /// How many calls were hit by any rule that stands.
    pub fn hits(&self) -> u64 {
        self.book().standing.iter().map(|standing| standing.hit).sum()
    }

    /// Whether a call has to be looked at.
    fn rests(&self) -> bool {
        let book = self.book();
        book.standing.is_empty() && book.half_done.is_empty() && book.cues.is_empty()
    }

    /// The acts whose call this is. They are done without the book open,
    /// because they may write in it.
    fn cued(&self, seen: &Seen<'_>) -> Vec<Act> {
        let mut book = self.book();
        let fitting = book.cues.iter_mut().filter(|cue| cue.rule.fits(seen));
        let due = fitting.filter_map(|cue| {
            cue.seen += 1;
            cue.rule.hits(cue.seen).then(|| Arc::clone(&cue.act))
        });
        due.collect()
    }

    /// What is to happen to a call: all waits whose turn it is, and of the
    /// rest the first. A rule that comes too late to hit still counts the
    /// call, so that "the third" means the third on the wire.
    fn meet(&self, seen: &Seen<'_>) -> Fate {
        let mut fate = Fate::default();
        for standing in self.book().standing.iter_mut().filter(|one| one.rule.fits(seen)) {
            standing.seen += 1;
            if standing.rule.hits(standing.seen) && fate.take(standing.rule.what) {
                standing.hit += 1;
            }
        }
        fate
    }

    fn half_done(&self, request_id: &str) -> Option<Vec<Value>> {
        self.book().half_done.get(request_id).cloned()
    }

    fn keep_half(&self, request_id: String, answers: Vec<Value>) {
        self.book().half_done.insert(request_id, answers);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the rules together make of one call.
#[derive(Debug, Default)]
struct Fate {
    wait_before_ms: u64,
    wait_after_ms: u64,
    /// Never one of the two waits.
    blow: Option<Kind>,
}

impl Fate {
    fn take(&mut self, what: Kind) -> bool {
        if let Kind::Delay { ms } = what {
            self.wait_before_ms = self.wait_before_ms.saturating_add(ms);
        } else if let Kind::DelayAnswer { ms } = what {
            self.wait_after_ms = self.wait_after_ms.saturating_add(ms);
        } else if self.blow.is_some() {
            return false;
        } else {
            self.blow = Some(what);
        }
        true
    }
}
