//! Who may call and how often: the API key, and the vendor's two windows with
//! the headers that tell of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap};
use http::{HeaderName, StatusCode};
use jiff::{SignedDuration, Timestamp};

use super::answer::Refusal;
use super::forms::seconds;
use super::options::AccountKind;

/// The two windows. The reset headers name one instant for all calls of a
/// window, so windows are fixed; each opens with the first call after the
/// one before has ended.
pub(super) struct Gate {
    throttled: bool,
    minute: Window,
    day: Window,
}

struct Window {
    name: &'static str,
    limit: u64,
    length: SignedDuration,
    ends: Timestamp,
    used: u64,
}

impl Window {
    fn roll(&mut self, now: Timestamp) {
        // A clock that was set back leaves a window that ends far away: it is
        // not waited for.
        if now >= self.ends || self.ends.duration_since(now) > self.length {
            self.used = 0;
            self.ends = now.saturating_add(self.length).unwrap_or(Timestamp::MAX);
        }
    }

    fn exceeded(&self) -> Refusal {
        let text = format!("API rate limit of {} calls per {} exceeded.", self.limit, self.name);
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, text)
    }
}

impl Gate {
    pub(super) fn new(throttled: bool, account: AccountKind) -> Self {
        let (per_minute, per_day) = account.limits();
        let window = |name, limit, length| Window { name, limit, length, ends: Timestamp::MIN, used: 0 };
        Self {
            throttled,
            minute: window("minute", per_minute, SignedDuration::from_mins(1)),
            day: window("day", per_day, SignedDuration::from_hours(24)),
        }
    }

    /// Counts a call, or says which limit it is over; refused calls are not
    /// counted.
    pub(super) fn admit(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let throttled = self.throttled;
        for window in [&mut self.minute, &mut self.day] {
            window.roll(now);
            if throttled && window.used >= window.limit {
                return Err(window.exceeded());
            }
        }
        self.minute.used += 1;
        self.day.used += 1;
        Ok(())
    }

    /// What a minute that is used up says, with its headers, whatever was
    /// used of it.
    pub(super) fn closed(&mut self, now: Timestamp) -> (Refusal, Vec<(HeaderName, String)>) {
        let mut headers = self.headers(now);
        "0".clone_into(&mut headers[1].1);
        (self.minute.exceeded(), headers)
    }

    /// The six headers that every answer carries. An account without limits
    /// shows windows nobody has used.
    pub(super) fn headers(&mut self, now: Timestamp) -> Vec<(HeaderName, String)> {
        let mut headers = Vec::with_capacity(6);
        for window in [&mut self.minute, &mut self.day] {
            window.roll(now);
            let used = if self.throttled { window.used } else { 0 };
            for (what, value) in [
                ("limit", window.limit.to_string()),
                ("remaining", window.limit.saturating_sub(used).to_string()),
                ("reset", seconds(window.ends)),
            ] {
                let name = HeaderName::try_from(format!("x-rate-limit-{what}-{}", window.name));
                headers.push((name.expect("made of lower-case words"), value));
            }
        }
        headers
    }
}

/// The key must be sent exactly as the vendor shows it, behind `Basic`.
pub(super) fn authorize(headers: &HeaderMap, api_key: &str) -> Result<(), Refusal> {
    let unauthorized = || Refusal::new(StatusCode::UNAUTHORIZED, "Authorization has been denied.");
    let Some(given) = headers.get(AUTHORIZATION) else {
        return Err(unauthorized());
    };
    let key = given.to_str().ok().and_then(|text| text.split_once(' '));
    let Some((_, key)) = key.filter(|(scheme, key)| scheme.eq_ignore_ascii_case("basic") && is_pair(key))
    else {
        return Err(Refusal::bad("Authorization key is not in the correct format."));
    };
    if key == api_key { Ok(()) } else { Err(unauthorized()) }
}

/// Whether a key is what the vendor shows: the base64 of a user and a secret
/// with a colon between them.
fn is_pair(key: &str) -> bool {
    STANDARD.decode(key).is_ok_and(|pair| pair.iter().position(|byte| *byte == b':').is_some_and(|at| at > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRIVE: (AccountKind, u64, u64) = (AccountKind::TestDrive, 10, 500);

    /// A day's limit outlasts every minute's, and only the day's end lifts it.
    #[test]
    fn a_day_is_used_up_minute_by_minute() {
        for (account, per_minute, per_day) in
            [(AccountKind::Live, 1_000, 180_000), (AccountKind::Sandbox, 50, 5_000), DRIVE]
        {
            let mut gate = Gate::new(true, account);
            let mut now: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
            let minutes = i64::try_from(per_day / per_minute).unwrap();
            for _ in 0..minutes {
                assert!((0..per_minute).all(|_| gate.admit(now).is_ok()), "{account:?} {now}");
                now += SignedDuration::from_mins(1);
            }
            for (minutes, open) in [(0, false), (1, false), (1_440 - minutes - 2, false), (1, true)] {
                now += SignedDuration::from_mins(minutes);
                assert_eq!(gate.admit(now).is_ok(), open, "{account:?} {now}");
            }
            assert!((1..per_minute).all(|_| gate.admit(now).is_ok()), "{account:?}");
            assert!(gate.admit(now).is_err(), "{account:?}: the minute's limit is its own");
        }
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let mut gate = Gate::new(true, AccountKind::TestDrive);
        for (now, what) in [("2099-01-01T00:00:00Z", "ahead"), ("2026-11-22T15:00:00Z", "back")] {
            let now: Timestamp = now.parse().unwrap();
            assert!((0..10).all(|_| gate.admit(now).is_ok()), "{what}");
            assert!(gate.admit(now).is_err(), "{what}");
        }
    }

    #[test]
    fn an_account_without_limits_shows_unused_windows() {
        let mut gate = Gate::new(false, AccountKind::Live);
        let now: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
        assert!((0..2_000).all(|_| gate.admit(now).is_ok()));
        let (name, left) = &gate.headers(now)[1];
        assert_eq!((name.as_str(), left.as_str()), ("x-rate-limit-remaining-minute", "1000"));
    }
}
