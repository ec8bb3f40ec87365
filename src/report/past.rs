//! What a report carries over from the reports before it: the last passes, and
//! what they asked of the vendors this month.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::status::{Calls, PassRow, Status};

/// Passes that are remembered: a day and a quarter of hourly ones, and what a
/// chart shows on a phone.
const PASSES: usize = 30;

/// What Intuit grants a month without a fee (Builder tier): successful reads
/// of production companies. What is over it is refused until the next month.
const QUICKBOOKS_READS_MONTH: u64 = 500_000;

/// A pass that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecentPass {
    /// Its number.
    pub number: u64,
    /// Its end.
    pub finished_at: Timestamp,
    /// `complete`, `interrupted` or `failed`.
    pub outcome: String,
    /// Undismissed root causes after it.
    pub warnings: u64,
    /// Records that stood as they should after it, of all kinds.
    pub synced: u64,
    /// Writes to QuickBooks that it decided on.
    pub writes: u64,
}

/// What was asked of the vendors since a month began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// The month in UTC, as `2026-11`.
    pub month: String,
    /// Requests of its passes, as far back as there are reports.
    pub calls: Calls,
    /// Reads from QuickBooks that Intuit grants a month without a fee.
    pub quickbooks_reads_month: u64,
}

/// What reports carry over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    passes: Vec<RecentPass>,
    budget: Option<Budget>,
}

impl Past {
    /// What an earlier report of the same books knew.
    pub fn of(status: Status) -> Self {
        Self { passes: status.recent_passes, budget: status.budget }
    }

    /// Writes what is known into `status`, whose pass decided on `writes`. A
    /// pass that ended is remembered, once however often it is told.
    pub fn fill(&mut self, status: &mut Status, writes: u64) {
        let pass = &status.last_pass;
        let ended = pass.number > 0 && pass.outcome != "running";
        let known = self.passes.last().is_some_and(|last| last.number == pass.number);
        let budget = self.with(pass, status.generated_at, known);
        if ended {
            let row = RecentPass {
                number: pass.number,
                finished_at: pass.finished_at,
                outcome: pass.outcome.clone(),
                warnings: u64::try_from(status.standing().len()).unwrap_or(u64::MAX),
                synced: status.entities.iter().map(|row| row.synced).sum(),
                writes,
            };
            // A state that began anew counts from 1 again.
            self.passes.retain(|past| past.number < row.number);
            self.passes.push(row);
            self.passes.drain(..self.passes.len().saturating_sub(PASSES));
            self.budget = Some(budget.clone());
        }
        status.recent_passes.clone_from(&self.passes);
        status.budget = Some(budget);
    }

    /// The month's requests with those of `pass`, unless they are among them.
    fn with(&self, pass: &PassRow, now: Timestamp, known: bool) -> Budget {
        let month = now.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string();
        let before = self.budget.as_ref().filter(|budget| budget.month == month);
        let mut calls = before.map(|budget| budget.calls).unwrap_or_default();
        if !known {
            calls.staxbill += pass.calls.staxbill;
            calls.quickbooks_reads += pass.calls.quickbooks_reads;
            calls.quickbooks_writes += pass.calls.quickbooks_writes;
            calls.quickbooks_batches += pass.calls.quickbooks_batches;
        }
        Budget { month, calls, quickbooks_reads_month: QUICKBOOKS_READS_MONTH }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::sample;
    use super::*;

    /// A report of pass `number` that made `calls` reads.
    fn told(past: &mut Past, number: u64, outcome: &str, at: &str) -> Status {
        let mut status = sample();
        status.generated_at = at.parse().unwrap();
        status.last_pass.number = number;
        status.last_pass.outcome = outcome.to_owned();
        status.last_pass.calls = Calls { quickbooks_reads: 10, ..Calls::default() };
        past.fill(&mut status, 7);
        status
    }

    fn reads(status: &Status) -> u64 {
        status.budget.as_ref().unwrap().calls.quickbooks_reads
    }

    #[test]
    fn a_pass_is_counted_once_however_often_it_is_told() {
        let mut past = Past::default();
        let noon = "2026-11-22T12:00:00Z";
        for (number, outcome, passes, expected) in [
            (1, "running", 0, 10),
            (1, "running", 0, 10),
            (1, "complete", 1, 10),
            (1, "complete", 1, 10),
            (2, "running", 1, 20),
            (2, "failed", 2, 20),
        ] {
            let status = told(&mut past, number, outcome, noon);
            assert_eq!(
                (status.recent_passes.len(), reads(&status)),
                (passes, expected),
                "{number} {outcome}"
            );
        }
        // Another process goes on from the file.
        let status = told(&mut past, 2, "failed", noon);
        let mut past = Past::of(Status::read(&status.to_json()).unwrap());
        let status = told(&mut past, 3, "complete", noon);
        assert_eq!((status.recent_passes.len(), reads(&status)), (3, 30));
        let last = status.recent_passes.last().unwrap();
        assert_eq!((last.number, last.warnings, last.synced, last.writes), (3, 3, 4, 7));
    }

    #[test]
    fn thirty_passes_are_kept_and_a_month_begins_at_nought() {
        let mut past = Past::default();
        for number in 1..=40 {
            told(&mut past, number, "complete", "2026-11-30T23:59:59Z");
        }
        let status = told(&mut past, 41, "complete", "2026-12-01T00:00:00Z");
        let numbers: Vec<_> = status.recent_passes.iter().map(|pass| pass.number).collect();
        assert_eq!(numbers, (12..=41).collect::<Vec<_>>());
        assert_eq!((status.budget.as_ref().unwrap().month.as_str(), reads(&status)), ("2026-12", 10));
        // A state that was made anew counts from 1 again.
        let status = told(&mut past, 1, "complete", "2026-12-01T01:00:00Z");
        assert_eq!(status.recent_passes.len(), 1);
        let none = told(&mut Past::default(), 0, "interrupted", "2026-12-01T01:00:00Z");
        assert_eq!(none.recent_passes, []);
    }
}
