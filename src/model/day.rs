//! Days and instants: which day of the company's calendar an instant is in.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::mutation::Mutation;

/// The day that `at` falls on in the company's time zone.
///
/// It is a record's date: QuickBooks' `TxnDate`, and what start, freezes and
/// closed periods are compared with.
pub fn date_in(at: Timestamp, zone: &TimeZone) -> Date {
    let zone = if Mutation::DaysInUtc.is_planted() { &TimeZone::UTC } else { zone };
    at.to_zoned(zone.clone()).date()
}

/// An instant that falls on `date` in the company's time zone.
pub fn noon_of(date: Date, zone: &TimeZone) -> Timestamp {
    let noon = date.at(12, 0, 0, 0).to_zoned(zone.clone());
    noon.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

/// Reads a vendor's timestamp: with or without a zone, with 0 to 9 digits of
/// fraction. Without a zone it is UTC (Stax Bill: "All times shown and used
/// ... are UTC").
pub fn parse_vendor_timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let civil = text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(DateTime::from))?;
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_the_vendors_send() {
        let cases = [
            ("2019-08-10T10:40:32", "2019-08-10T10:40:32Z"),
            ("2023-03-22T19:21:24.857", "2023-03-22T19:21:24.857Z"),
            ("2017-01-25T19:11:00.0009221Z", "2017-01-25T19:11:00.0009221Z"),
            ("2026-05-05T02:05:12.193-07:00", "2026-05-05T09:05:12.193Z"),
            ("2026-05-05", "2026-05-05T00:00:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_vendor_timestamp(text), Some(expected.parse().unwrap()), "{text}");
        }
        assert_eq!(parse_vendor_timestamp("yesterday"), None);
    }

    #[test]
    fn an_evening_in_los_angeles_is_the_next_day_in_utc() {
        let zone = TimeZone::get("America/Los_Angeles").unwrap();
        let at: Timestamp = "2026-01-01T03:00:00Z".parse().unwrap();
        assert_eq!(date_in(at, &zone).to_string(), "2025-12-31");
        assert_eq!(date_in(at, &TimeZone::UTC).to_string(), "2026-01-01");
    }
}
