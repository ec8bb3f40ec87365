//! A state that was begun anew, because the one before was lost or not sound:
//! what it waits for, and what only a person still knows.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{Notice, Pass, World};
use crate::model::{Code, Decisions, Link, Problem, Start};
use crate::store::{Commit, Marks, Rebuilt, Register, StoreError, name};

/// An instant, for people.
const MINUTE: &str = "%Y-%m-%d %H:%M UTC";
/// What a copy does not know, beside whose state nothing was found.
const FORGOT: &str = ". What the copy does not know is not guessed: a line whose start = \"now\" has no day in it is \
                      held until it says a date, and each resend that stands in the files counts as handled";
/// For so long the reports say that a state was begun anew.
const TOLD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a state that was begun anew means for a pass.
pub(super) struct Anew {
    rebuilt: Option<Rebuilt>,
    /// Whether nothing is written yet.
    pub waits: bool,
    /// Customers whose day of `start = "now"` nobody knows any more.
    lost_days: BTreeSet<u64>,
}

/// How long until a state that was begun anew has seen everything that another
/// process may have sent before this one began: Intuit works on a request for
/// up to 120 s. `None` where nothing is waited for.
pub(super) fn wait_left(world: &World) -> Result<Option<Duration>, StoreError> {
    let open = world.register.rebuilt()?.is_some_and(|rebuilt| !rebuilt.settled);
    let due = world.memory.started + world.settings.limits.unknown_wait;
    Ok(open.then(|| due.saturating_duration_since(Instant::now())))
}

impl Anew {
    pub(super) fn load(world: &World, register: &Register) -> Result<Self, StoreError> {
        let rebuilt = register.rebuilt()?;
        let waits = wait_left(world)?.is_some_and(|left| !left.is_zero());
        let lost_days = match (register.mark(name::LOST_DAYS)?, &rebuilt) {
            (Some(lost), _) => lost,
            (None, Some(rebuilt)) if !rebuilt.remembered => undated(&world.decisions, register)?,
            (None, _) => BTreeSet::new(),
        };
        Ok(Self { rebuilt, waits, lost_days })
    }

    /// Whether a state was restored from a copy, and not everything was looked at
    /// since: no write that it has for open is sent again, because it may have
    /// been answered, and what it made amended or voided, after the copy.
    pub(super) fn restored(&self) -> bool {
        self.rebuilt.as_ref().is_some_and(|rebuilt| rebuilt.exported_at.is_some() && !rebuilt.settled)
    }

    /// Whether a restored state looks at everything, and not at changes alone.
    pub(super) fn looks_at_all(&self, marks: &Marks) -> bool {
        let at = self.rebuilt.as_ref().map(|rebuilt| rebuilt.at);
        self.restored() && marks.full_scan_at < at
    }

    /// Whether resends may have been acted on of which a restored state does not
    /// know.
    pub(super) fn forgot_resends(&self) -> bool {
        self.restored() && self.rebuilt.as_ref().is_some_and(|rebuilt| !rebuilt.remembered)
    }

    fn notice(&self, now: Timestamp, wait: Duration) -> Option<Notice> {
        let rebuilt = self.rebuilt.as_ref()?;
        if rebuilt.settled && now.duration_since(rebuilt.at) > TOLD_FOR {
            return None;
        }
        let (at, why) = (rebuilt.at.strftime(MINUTE), &rebuilt.why);
        let (code, mut text) = match rebuilt.exported_at {
            None => (
                "state-rebuilt",
                format!(
                    "the state was begun anew at {at}, because of this: {why}. What stands in QuickBooks is known \
                     again by its marks"
                ),
            ),
            Some(exported_at) => {
                let exported_at = exported_at.strftime(MINUTE);
                let restored = format!(
                    "the state was restored at {at} from a copy of {exported_at}. What was posted since then is \
                     known by its marks in QuickBooks"
                );
                let forgot = if rebuilt.remembered { "" } else { FORGOT };
                ("state-restored", format!("{restored}{forgot}"))
            }
        };
        if let Some(aside) = &rebuilt.aside {
            text = format!("{text}. The old one is in {aside}; delete it when nobody needs it");
        }
        if self.waits {
            let wait = wait.as_secs();
            text = format!(
                "{text}. Nothing is written in the first {wait} s after the start, in which writes of another process \
                 may still come to light"
            );
        }
        Some(Notice { code, text, at: None })
    }
}

impl Pass<'_> {
    /// What is told of a state that was begun anew.
    pub(super) fn anew_notice(&self) -> Option<Notice> {
        self.anew.notice(self.started_at, self.world.settings.limits.unknown_wait)
    }

    /// Keeps, with the pass's other marks, that everything was looked at late
    /// enough, and whose days were lost.
    pub(super) fn remember_anew(&mut self, commit: &mut Commit) {
        let Some(rebuilt) = self.anew.rebuilt.as_mut().filter(|rebuilt| !rebuilt.settled) else { return };
        commit.mark(name::LOST_DAYS, &self.anew.lost_days);
        if !self.anew.waits {
            rebuilt.settled = true;
            commit.rebuilt(rebuilt);
        }
    }

    /// Why a customer is held whose line says "now", and nobody knows which day
    /// that was.
    pub(super) fn undated(&self, customer: u64, link: &Link) -> Option<Problem> {
        if link.start() != Some(Start::Now) || !self.anew.lost_days.contains(&customer) {
            return None;
        }
        let reason = format!(
            "which day its start = \"now\" stood for was lost with the state ({}); write the date into the line",
            link.at
        );
        Some(Problem::new(Code::Guard, reason))
    }
}

/// Customers whose line says "now" and whose day is not known.
fn undated(decisions: &Decisions, register: &Register) -> Result<BTreeSet<u64>, StoreError> {
    let mut undated = BTreeSet::new();
    for (customer, link) in &decisions.links {
        if link.start() == Some(Start::Now) && register.start(*customer)?.is_none() {
            undated.insert(*customer);
        }
    }
    Ok(undated)
}
