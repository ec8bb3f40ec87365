//! The limits of the API, counted in sliding windows on the vendors' clock:
//! 500 requests a minute for a company, 10 a second for each app, 40 batches a
//! minute for each app and 120 for all, 40 e-mails a day, and, where an
//! allowance is set, so many reads a month.

use std::collections::{HashMap, VecDeque};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

const SECOND: SignedDuration = SignedDuration::from_secs(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Requests let through within the last minute.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    requests: VecDeque<Timestamp>,
    batches: VecDeque<Timestamp>,
    mails: VecDeque<Timestamp>,
    apps: HashMap<usize, App>,
    meter: Meter,
}

#[derive(Debug, Default)]
struct App {
    second: VecDeque<Timestamp>,
    batches: VecDeque<Timestamp>,
}

/// Successful reads of the running month.
#[derive(Debug, Default)]
struct Meter {
    month: Option<(i16, i8)>,
    reads: u64,
}

impl Throttle {
    /// Lets a request of an app through or not. One that is turned away does
    /// not count.
    pub(super) fn admits(&mut self, now: Timestamp, app: usize, batch: bool) -> bool {
        let app = self.apps.entry(app).or_default();
        for (window, span) in [
            (&mut self.requests, MINUTE),
            (&mut self.batches, MINUTE),
            (&mut app.second, SECOND),
            (&mut app.batches, MINUTE),
        ] {
            forget(window, now, span);
        }
        let full = self.requests.len() >= 500
            || app.second.len() >= 10
            || (batch && (app.batches.len() >= 40 || self.batches.len() >= 120));
        if full {
            return false;
        }
        self.requests.push_back(now);
        app.second.push_back(now);
        if batch {
            self.batches.push_back(now);
            app.batches.push_back(now);
        }
        true
    }

    /// Lets an e-mail through or not. That the day slides is ours.
    pub(super) fn admits_mail(&mut self, now: Timestamp) -> bool {
        forget(&mut self.mails, now, DAY);
        let admitted = self.mails.len() < 40;
        if admitted {
            self.mails.push_back(now);
        }
        admitted
    }

    /// Whether the month's allowance still has a read in it; `today` is the
    /// company's day.
    pub(super) fn has_reads_left(&mut self, today: &str, allowance: u64) -> bool {
        let day = today.parse::<Date>().unwrap_or_default();
        let month = Some((day.year(), day.month()));
        if self.meter.month != month {
            self.meter = Meter { month, reads: 0 };
        }
        self.meter.reads < allowance
    }

    /// Counts a successful read against the allowance.
    pub(super) fn count_read(&mut self) {
        self.meter.reads += 1;
    }
}

fn forget(window: &mut VecDeque<Timestamp>, now: Timestamp, span: SignedDuration) {
    while window.front().is_some_and(|at| now.duration_since(*at) >= span) {
        window.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "2026-05-05T00:00:00Z";

    /// Sends `count` requests `gap` apart, in turn from so many apps, and tells
    /// how many came through.
    fn admitted((count, apps): (usize, usize), gap: SignedDuration, batch: bool) -> usize {
        let start: Timestamp = START.parse().unwrap();
        let mut throttle = Throttle::default();
        let mut at = start;
        let mut through = 0;
        for index in 0..count {
            through += usize::from(throttle.admits(at, index % apps, batch));
            at += gap;
        }
        through
    }

    #[test]
    fn holds_each_window() {
        let millis = SignedDuration::from_millis;
        let cases = [
            ("ten at once", (11, 1), millis(0), false, 10),
            ("ten a second for ever", (400, 1), millis(100), false, 400),
            ("a little faster", (22, 1), millis(90), false, 20),
            ("five hundred a minute", (600, 1), millis(100), false, 500),
            ("ten a second for each app", (30, 2), millis(0), false, 20),
            ("five hundred a minute for all apps", (700, 4), millis(50), false, 500),
            ("forty batches a minute", (50, 1), millis(1000), true, 40),
            ("a batch every 1.5 s", (100, 1), millis(1500), true, 100),
            ("forty batches a minute for each app", (100, 2), millis(300), true, 80),
            ("a hundred and twenty for all apps", (160, 4), millis(250), true, 120),
        ];
        for (name, calls, gap, batch, expected) in cases {
            assert_eq!(admitted(calls, gap, batch), expected, "{name}");
        }
    }

    #[test]
    fn an_allowance_comes_back_with_the_month() {
        let mut throttle = Throttle::default();
        let mut read = |today| {
            let admitted = throttle.has_reads_left(today, 2);
            if admitted {
                throttle.count_read();
            }
            admitted
        };
        let days = ["2026-05-05", "2026-05-30", "2026-05-31", "2026-06-01", "2027-06-01", "2027-06-02"];
        assert_eq!(days.map(&mut read), [true, true, false, true, true, true]);
        assert!(!read("2027-06-03"));
    }
}
