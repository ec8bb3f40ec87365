//! The limits of the API, counted in sliding windows on the vendors' clock:
//! 500 requests a minute and 10 a second for a company, 40 batches a minute.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Requests let through within the last minute.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    requests: VecDeque<Timestamp>,
    batches: VecDeque<Timestamp>,
}

impl Throttle {
    /// Lets a request through or not. One that is turned away does not count.
    pub(super) fn admits(&mut self, now: Timestamp, batch: bool) -> bool {
        forget(&mut self.requests, now);
        forget(&mut self.batches, now);
        let within_second = |at: &&Timestamp| now.duration_since(**at) < SECOND;
        let last_second = self.requests.iter().rev().take_while(within_second).count();
        let full = self.requests.len() >= 500 || last_second >= 10 || (batch && self.batches.len() >= 40);
        if full {
            return false;
        }
        self.requests.push_back(now);
        if batch {
            self.batches.push_back(now);
        }
        true
    }
}

fn forget(window: &mut VecDeque<Timestamp>, now: Timestamp) {
    while window.front().is_some_and(|at| now.duration_since(*at) >= MINUTE) {
        window.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends `count` requests `gap` apart and tells how many came through.
    fn admitted(count: i32, gap: SignedDuration, batch: bool) -> usize {
        let start: Timestamp = "2026-05-05T00:00:00Z".parse().unwrap();
        let mut throttle = Throttle::default();
        (0..count).filter(|index| throttle.admits(start + gap * *index, batch)).count()
    }

    #[test]
    fn holds_each_window() {
        let millis = SignedDuration::from_millis;
        let cases = [
            ("ten at once", 11, millis(0), false, 10),
            ("ten a second for ever", 400, millis(100), false, 400),
            ("a little faster", 22, millis(90), false, 20),
            ("five hundred a minute", 600, millis(100), false, 500),
            ("forty batches a minute", 50, millis(1000), true, 40),
            ("a batch every 1.5 s", 100, millis(1500), true, 100),
        ];
        for (name, count, gap, batch, expected) in cases {
            assert_eq!(admitted(count, gap, batch), expected, "{name}");
        }
    }
}
