//! Trouble on request: the nth call that fits a rule is refused, cut, kept
//! waiting or answered badly. Rules are added from Rust or, on loopback, by
//! `POST /sandbox/trouble`.

mod answers;
mod layer;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::pattern;

/// Which of the two APIs a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the vendors by name")]
pub enum Vendor {
    QuickBooks,
    StaxBill,
}

/// An answer that bears this is none: the connection broke instead. In
/// process it is an extension of the response; the loopback server resets the
/// connection without sending a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kind {
    /// The connection is cut before the call takes effect.
    Refuse,
    /// The call takes effect, then the connection is cut.
    Cut,
    /// The call takes effect after a wait.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// The call takes effect at once, its answer comes after a wait.
    DelayAnswer {
        /// Milliseconds.
        ms: u64,
    },
    /// 429, without effect.
    TooMany {
        /// Seconds in a Retry-After header, if any.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// An error of the server.
    Status {
        /// 500, 502 or 503, say.
        code: u16,
        /// Whether the call takes effect first.
        #[serde(default)]
        after: bool,
    },
    /// A page of HTML, without effect, as proxies send.
    Html {
        /// 200 or 502, say.
        code: u16,
    },
    /// The call takes effect, and the first half of its answer arrives.
    HalfBody,
}

/// When what happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// One vendor only.
    #[serde(default)]
    pub vendor: Option<Vendor>,
    /// One method only, in any case.
    #[serde(default)]
    pub method: Option<String>,
    /// A path, in any case and without its query: a prefix, or, with a `*` in
    /// it, a pattern for the whole path. Empty fits every path.
    #[serde(default)]
    pub path: String,
    /// How many fitting calls go through first.
    #[serde(default)]
    pub skip: u64,
    /// How many fitting calls after those are hit.
    #[serde(default = "once")]
    pub times: u64,
    /// Whether all fitting calls after `skip` are hit, whatever `times` says.
    #[serde(default)]
    pub every: bool,
    /// What happens to them.
    pub what: Kind,
}

fn once() -> u64 {
    1
}

impl Rule {
    /// The next call to a path, of either vendor and any method.
    pub fn next(path: &str, what: Kind) -> Self {
        let path = path.to_owned();
        Self { vendor: None, method: None, path, skip: 0, times: 1, every: false, what }
    }

    /// The same for one vendor.
    #[must_use]
    pub fn of(self, vendor: Vendor) -> Self {
        Self { vendor: Some(vendor), ..self }
    }

    /// The same for one method.
    #[must_use]
    pub fn method(self, method: &str) -> Self {
        Self { method: Some(method.to_owned()), ..self }
    }

    /// The same for the nth fitting call, counted from one.
    #[must_use]
    pub fn nth(self, nth: u64) -> Self {
        Self { skip: nth.saturating_sub(1), ..self }
    }

    /// The same for so many calls in a row.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { times, ..self }
    }

    /// The same for every call from there on.
    #[must_use]
    pub fn every(self) -> Self {
        Self { every: true, ..self }
    }

    fn fits(&self, vendor: Vendor, method: &str, path: &str) -> bool {
        self.vendor.is_none_or(|only| only == vendor)
            && self.method.as_ref().is_none_or(|only| only.eq_ignore_ascii_case(method))
            && if self.path.contains('*') {
                pattern::matches(&self.path, path)
            } else {
                pattern::matches(&format!("{}*", self.path), path)
            }
    }
}

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
pub struct Trouble(Arc<Mutex<Vec<Standing>>>);

impl Trouble {
    /// Adds a rule behind those that stand.
    pub fn add(&self, rule: Rule) {
        self.book().push(Standing { rule, seen: 0, hit: 0 });
    }

    /// Takes all rules away.
    pub fn clear(&self) {
        self.book().clear();
    }

    /// The rules in the order they were added, spent ones too.
    pub fn rules(&self) -> Vec<Standing> {
        self.book().clone()
    }

    /// How many calls were hit by any rule that stands.
    pub fn hits(&self) -> u64 {
        self.book().iter().map(|standing| standing.hit).sum()
    }

    /// What is to happen to a call: all waits whose turn it is, and of the
    /// rest the first. A rule that comes too late to hit still counts the
    /// call, so that "the third" means the third on the wire.
    fn meet(&self, vendor: Vendor, method: &str, path: &str) -> Fate {
        let mut fate = Fate::default();
        for standing in self.book().iter_mut().filter(|one| one.rule.fits(vendor, method, path)) {
            standing.seen += 1;
            let rule = &standing.rule;
            let last = if rule.every { u64::MAX } else { rule.skip.saturating_add(rule.times) };
            if standing.seen > rule.skip && standing.seen <= last && fate.take(rule.what) {
                standing.hit += 1;
            }
        }
        fate
    }

    fn book(&self) -> MutexGuard<'_, Vec<Standing>> {
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
        match what {
            Kind::Delay { ms } => self.wait_before_ms += ms,
            Kind::DelayAnswer { ms } => self.wait_after_ms += ms,
            Kind::Refuse
            | Kind::Cut
            | Kind::TooMany { .. }
            | Kind::Status { .. }
            | Kind::Html { .. }
            | Kind::HalfBody => {
                if self.blow.is_some() {
                    return false;
                }
                self.blow = Some(what);
            }
        }
        true
    }
}
