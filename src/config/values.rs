//! Values: spans of time, days and addresses as the operator writes them.

use std::net::IpAddr;
use std::time::Duration;

use jiff::civil::Date;
use reqwest::Url;

/// What is wrong with a value, and what to do.
pub(super) type Wrong = (String, String);

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(30 * 24);
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A span of time such as `"90s"` or `"1h30m"`: days, hours, minutes, seconds
/// in this order, at least one second, at most thirty days.
pub(super) fn duration(text: &str) -> Result<Duration, Wrong> {
    let wrong = || {
        let remedy = "write numbers with units d, h, m, s, the larger first, such as \"90s\" or \"1h30m\"";
        (format!("\"{text}\" is not a span of time"), remedy.to_owned())
    };
    let (mut rest, mut units, mut total) = (text, UNITS.iter(), Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|one: char| one.is_ascii_digit()).len();
        let count: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit = rest[digits..].chars().next().ok_or_else(wrong)?;
        let (_, seconds) = units.find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let part = count.checked_mul(*seconds).map(Duration::from_secs).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    if text.is_empty() {
        return Err(wrong());
    }
    if !(SHORTEST..=LONGEST).contains(&total) {
        let remedy = "choose at least one second and at most 30 days".to_owned();
        return Err((format!("\"{text}\" is too short or too long"), remedy));
    }
    Ok(total)
}

/// A vendor's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The address; a slash at its end is kept.
    pub url: String,
    /// Whether it is on this machine.
    pub loopback: bool,
}

/// An address: HTTPS, or HTTP on this machine; no user, query or fragment.
pub(super) fn address(text: &str) -> Result<Address, Wrong> {
    let wrong = |message: &str, remedy: &str| Err((message.to_owned(), remedy.to_owned()));
    let Ok(url) = Url::parse(text) else {
        return wrong(
            "this is not an address",
            "write it in full, such as \"https://secure.fusebill.com/v1\"",
        );
    };
    let loopback = url.host_str().is_some_and(is_loopback);
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("an address may not hold a user or a password", "take them out");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return wrong("an address ends before `?` and `#`", "take the rest away");
    }
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return wrong("plain HTTP is accepted on this machine alone", "write https://"),
        _ => return wrong("an address begins with https://", "write it in full"),
    }
    if !text.contains("://") || url.host_str().is_none_or(str::is_empty) {
        return wrong("this address names no host", "write it in full");
    }
    Ok(Address { url: url.into(), loopback })
}

pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// A date without a time.
pub(super) fn day(value: &toml::value::Datetime) -> Option<Date> {
    let (Some(date), None, None) = (value.date, value.time, value.offset) else { return None };
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    Date::new(i16::try_from(date.year).ok()?, month, day).ok()
}

impl Address {
    /// The address as what paths are put behind: without a slash at its end.
    pub(super) fn base(&self) -> String {
        self.url.trim_end_matches('/').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time() {
        let cases = [
            ("1s", Some(1)),
            ("130s", Some(130)),
            ("1h30m", Some(5_400)),
            ("24h", Some(86_400)),
            ("30d", Some(2_592_000)),
            ("1d2h3m4s", Some(93_784)),
            ("0s", None),
            ("31d", None),
            ("720h1s", None),
            ("", None),
            ("5", None),
            ("h", None),
            ("1m1h", None),
            ("1h1h", None),
            ("1.5h", None),
            ("-1h", None),
            ("1 h", None),
            ("1H", None),
            ("1w", None),
            ("99999999999999999999s", None),
            ("9999999999999999999d", None),
            ("1ü", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(duration(text).ok().map(|span| span.as_secs()), seconds, "{text:?}");
        }
    }

    #[test]
    fn addresses() {
        let cases = [
            ("https://secure.fusebill.com/v1", Some(("https://secure.fusebill.com/v1", false))),
            ("https://secure.fusebill.com/v1/", Some(("https://secure.fusebill.com/v1/", false))),
            ("http://127.0.0.1:8090", Some(("http://127.0.0.1:8090/", true))),
            ("http://localhost:1/v1", Some(("http://localhost:1/v1", true))),
            ("http://[::1]:8090/", Some(("http://[::1]:8090/", true))),
            ("https://localhost", Some(("https://localhost/", true))),
            ("http://secure.fusebill.com/v1", None),
            ("http://127.0.0.1.example.com", None),
            ("http://localhost.example.com", None),
            ("https://user:secret@example.com", None),
            ("https://example.com/?a=b", None),
            ("https://example.com/#a", None),
            ("ftp://127.0.0.1", None),
            ("https:example.com", None),
            ("secure.fusebill.com", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = address(text).ok();
            let found = found.as_ref().map(|found| (found.url.as_str(), found.loopback));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
