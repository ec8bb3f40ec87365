//! When what happens: which calls a rule is for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::kind::{ItemFate, Kind};
use crate::sandbox::pattern;
use crate::sandbox::random::SplitMix;

/// Which of the two APIs a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the vendors by name")]
pub enum Vendor {
    QuickBooks,
    StaxBill,
}

impl Vendor {
    /// The name people know.
    pub fn name(self) -> &'static str {
        match self {
            Self::QuickBooks => "QuickBooks",
            Self::StaxBill => "Stax Bill",
        }
    }
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
    /// Only calls whose query or body contains this text; the query is looked
    /// at as sent and decoded.
    #[serde(default)]
    pub contains: Option<String>,
    /// Only calls from this instant on, on the sandbox's clock.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Only calls before this instant, on the sandbox's clock.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// How many fitting calls go through first.
    #[serde(default)]
    pub skip: u64,
    /// How many fitting calls after those are hit.
    #[serde(default = "once")]
    pub times: u64,
    /// Whether all fitting calls after `skip` are hit, whatever `times` says.
    #[serde(default)]
    pub every: bool,
    /// Of the calls that would be hit, so many in a hundred are.
    #[serde(default)]
    pub chance: Option<u8>,
    /// What the chance is drawn from; the same seed hits the same calls.
    #[serde(default)]
    pub seed: u64,
    /// What happens to them.
    pub what: Kind,
}

fn once() -> u64 {
    1
}

/// What a rule may look at of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) vendor: Vendor,
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
    pub(super) now: Timestamp,
}

impl Rule {
    /// The next call to a path, of either vendor and any method.
    pub fn next(path: &str, what: Kind) -> Self {
        Self {
            vendor: None,
            method: None,
            path: path.to_owned(),
            contains: None,
            from: None,
            until: None,
            skip: 0,
            times: 1,
            every: false,
            chance: None,
            seed: 0,
            what,
        }
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

    /// The same for calls whose query or body contains a text.
    #[must_use]
    pub fn containing(self, text: &str) -> Self {
        Self { contains: Some(text.to_owned()), ..self }
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

    /// The same for every call before an instant on the sandbox's clock.
    #[must_use]
    pub fn until(self, at: Timestamp) -> Self {
        Self { until: Some(at), every: true, ..self }
    }

    /// The same for so many in a hundred of all calls from there on.
    #[must_use]
    pub fn chance(self, percent: u8, seed: u64) -> Self {
        Self { chance: Some(percent), seed, every: true, ..self }
    }

    /// Whether the rule can hit and what it does can be done.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what to do.
    pub fn check(&self) -> Result<(), (String, &'static str)> {
        if self.times == 0 {
            return Err(("`times` is 0, so that the rule hits nothing".into(), "write 1 or more"));
        }
        if let Some(percent) = self.chance.filter(|percent| *percent > 100) {
            return Err((format!("`chance` is {percent}"), "write how many in a hundred: 0 to 100"));
        }
        if let Kind::Status { code, .. } | Kind::Html { code } = self.what
            && !(200..=599).contains(&code)
        {
            return Err((format!("{code} is no status of an answer"), "write a `code` from 200 to 599"));
        }
        if let Kind::BatchItem { nth, fate, code } = self.what {
            if nth == 0 {
                return Err(("items of a batch are counted from one".into(), "write nth = 1 for the first"));
            }
            if code.is_some() && fate != ItemFate::Failed {
                return Err(("`code` is for the fate `failed` alone".into(), "take it away"));
            }
        }
        Ok(())
    }

    /// Whether a call counts for this rule at all.
    pub(super) fn fits(&self, seen: &Seen<'_>) -> bool {
        self.vendor.is_none_or(|only| only == seen.vendor)
            && self.method.as_ref().is_none_or(|only| only.eq_ignore_ascii_case(seen.method))
            && self.from.is_none_or(|from| seen.now >= from)
            && self.until.is_none_or(|until| seen.now < until)
            && self.fits_path(seen.path)
            && self.contains.as_ref().is_none_or(|text| contains(seen, text))
    }

    fn fits_path(&self, path: &str) -> bool {
        if self.path.contains('*') {
            pattern::matches(&self.path, path)
        } else {
            path.get(..self.path.len()).is_some_and(|head| head.eq_ignore_ascii_case(&self.path))
        }
    }

    /// Whether the `nth` fitting call, counted from one, is hit.
    pub(super) fn hits(&self, nth: u64) -> bool {
        let last = if self.every { u64::MAX } else { self.skip.saturating_add(self.times) };
        let drawn =
            self.chance.is_none_or(|percent| mixed(self.seed.wrapping_add(nth)) % 100 < percent.into());
        nth > self.skip && nth <= last && drawn
    }
}

fn contains(seen: &Seen<'_>, text: &str) -> bool {
    let wanted = text.as_bytes();
    seen.query.contains(text)
        || pattern::decoded(seen.query).contains(text)
        || wanted.is_empty()
        || seen.body.windows(wanted.len()).any(|part| part == wanted)
}

/// The number that splitmix64 draws from 0 after `seed` others.
pub(super) fn mixed(seed: u64) -> u64 {
    SplitMix::after(seed).draw()
}
