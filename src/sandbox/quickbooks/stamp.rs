//! Times as the service writes and reads them: Pacific time with its offset,
//! whole seconds in objects, milliseconds in envelopes.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

static PACIFIC: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("America/Los_Angeles").expect("the zone database is part of the program"));

fn zoned(at: Timestamp) -> Zoned {
    at.to_zoned(PACIFIC.clone())
}

/// A time as `MetaData` shows it.
pub(super) fn seconds(at: Timestamp) -> String {
    zoned(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A time as an envelope shows it.
pub(crate) fn millis(at: Timestamp) -> String {
    zoned(at).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// The company's day.
pub(super) fn today(at: Timestamp) -> String {
    zoned(at).date().to_string()
}

/// Reads a time with an offset, with `Z`, or without either, which means the
/// company's own time; a mere date is its midnight.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local = if text.len() == 10 {
        text.parse::<Date>().ok()?.at(0, 0, 0, 0)
    } else {
        text.parse::<DateTime>().ok()?
    };
    Some(local.to_zoned(PACIFIC.clone()).ok()?.timestamp())
}

/// Reads a date, which may carry a time or an offset that does not count.
pub(super) fn date(text: &str) -> Option<String> {
    text.get(..10)?.parse::<Date>().ok().map(|date| date.to_string())
}

/// The date `days` after `date`.
pub(super) fn days_after(date: &str, days: i64) -> Option<String> {
    date.parse::<Date>().ok()?.checked_add(days.days()).ok().map(|date| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_pacific_time() {
        let cases = [
            ("2026-05-05T09:05:12.1934Z", "2026-05-05T02:05:12-07:00", "2026-05-05T02:05:12.193-07:00"),
            ("2026-01-01T05:00:00Z", "2025-12-31T21:00:00-08:00", "2025-12-31T21:00:00.000-08:00"),
        ];
        for (at, object, envelope) in cases {
            let at: Timestamp = at.parse().unwrap();
            assert_eq!((seconds(at).as_str(), millis(at).as_str()), (object, envelope));
        }
        assert_eq!(today("2026-01-01T05:00:00Z".parse().unwrap()), "2025-12-31");
    }

    #[test]
    fn reads_every_accepted_form() {
        let cases = [
            ("2026-05-05T02:00:00-07:00", Some("2026-05-05T09:00:00Z")),
            ("2026-05-05T09:00:00Z", Some("2026-05-05T09:00:00Z")),
            ("2026-05-05T02:00:00", Some("2026-05-05T09:00:00Z")),
            ("2026-05-05", Some("2026-05-05T07:00:00Z")),
            ("yesterday", None),
            ("2026-13-05", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected.map(|at| at.parse().unwrap()), "{text}");
        }
    }
}
