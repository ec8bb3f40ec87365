//! The small values in a scenario: spans of time, instants, amounts, and which
//! object an act is about.

use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

/// A span of time: `"90s"`, `"10m"`, `"1h30m"`, `"2d"`, `"250ms"`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Span(
    /// How long.
    pub Duration,
);

const UNITS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no span of time; write \"10m\", \"1h30m\" or \"2d\"");
        let (mut rest, mut total) = (text.as_str(), 0_u64);
        while !rest.is_empty() {
            let digits = rest.find(|sign: char| !sign.is_ascii_digit()).ok_or_else(wrong)?;
            let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
            rest = &rest[digits..];
            let letters = rest.find(|sign: char| !sign.is_ascii_alphabetic()).unwrap_or(rest.len());
            let unit = UNITS.iter().find(|(unit, _)| *unit == &rest[..letters]).ok_or_else(wrong)?;
            total = number.checked_mul(unit.1).and_then(|ms| total.checked_add(ms)).ok_or_else(wrong)?;
            rest = &rest[letters..];
        }
        if text.is_empty() { Err(wrong()) } else { Ok(Self(Duration::from_millis(total))) }
    }
}

/// An instant with its offset, with or without quotes:
/// `2026-01-31T23:59:00-08:00`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Instant(pub(super) Timestamp);

impl TryFrom<Value> for Instant {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let value = plain(value);
        let text = value.as_str().unwrap_or_default();
        let wrong = || format!("{value} is no instant; write 2026-01-31T23:59:00-08:00");
        text.parse().map(Self).map_err(|_| wrong())
    }
}

/// A date, with or without quotes.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(in crate::sandbox) struct Day(pub(in crate::sandbox) String);

impl TryFrom<Value> for Day {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let value = plain(value);
        let date = value.as_str().and_then(|text| text.parse::<jiff::civil::Date>().ok());
        date.map(|date| Self(date.to_string())).ok_or(format!("{value} is no date; write 2026-03-31"))
    }
}

/// Money: a text, because a number in a file may have been rounded already.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub(in crate::sandbox) struct Amount(pub(in crate::sandbox) Decimal);

impl TryFrom<String> for Amount {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no amount above zero with at most two decimals");
        let amount: Decimal = text.parse().map_err(|_| wrong())?;
        if amount > Decimal::ZERO && amount.normalize().scale() <= 2 {
            Ok(Self(amount))
        } else {
            Err(wrong())
        }
    }
}

/// An object of QuickBooks: `"Customer 58"`, `"Customer named Bolt Bakery"`,
/// `"Invoice number 1100"`, `"newest Payment"`, `"oldest Invoice"`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub(super) struct Which {
    pub(super) entity: String,
    pub(super) by: By,
}

/// What it is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    Id(String),
    Name(String),
    Number(String),
    Newest,
    Oldest,
}

impl TryFrom<String> for Which {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" names no object; write \"Customer 58\", \"Customer named Bolt Bakery\", \
                 \"Invoice number 1100\", \"newest Payment\" or \"oldest Invoice\""
            )
        };
        let (first, rest) = text.split_once(' ').ok_or_else(wrong)?;
        let of = |entity: &str, by| Self { entity: entity.to_owned(), by };
        let which = match (first, rest.split_once(' ')) {
            ("newest", None) => of(rest, By::Newest),
            ("oldest", None) => of(rest, By::Oldest),
            (entity, Some(("named", name))) => of(entity, By::Name(name.to_owned())),
            (entity, Some(("number", number))) => of(entity, By::Number(number.to_owned())),
            (entity, None) if rest.bytes().all(|byte| byte.is_ascii_digit()) => {
                of(entity, By::Id(rest.to_owned()))
            }
            _ => return Err(wrong()),
        };
        let capital = which.entity.starts_with(|sign: char| sign.is_ascii_uppercase());
        if capital { Ok(which) } else { Err(wrong()) }
    }
}

/// A record of Stax Bill: its id, or `"newest"`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "Value")]
pub(super) enum Record {
    Id(i64),
    Newest,
}

impl TryFrom<Value> for Record {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match (value.as_i64(), value.as_str()) {
            (Some(id), _) => Ok(Self::Id(id)),
            (_, Some("newest")) => Ok(Self::Newest),
            _ => Err(format!("{value} names no record; write its id or \"newest\"")),
        }
    }
}

/// Properties of an object as the API would get them; TOML's dates are texts
/// there.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Value")]
pub(in crate::sandbox) struct Fields(pub(in crate::sandbox) Value);

impl From<Value> for Fields {
    fn from(value: Value) -> Self {
        Self(plain(value))
    }
}

/// How the parser hands out a date through a type that knows none.
const DATE: &str = "$__toml_private_datetime";

pub(in crate::sandbox) fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut object) => match object.remove(DATE) {
            Some(date) => date,
            None => Value::Object(object.into_iter().map(|(key, value)| (key, plain(value))).collect()),
        },
        Value::Array(values) => Value::Array(values.into_iter().map(plain).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_units() {
        for (text, ms) in
            [("250ms", 250), ("90s", 90_000), ("1h30m", 5_400_000), ("2d", 172_800_000), ("1w", 604_800_000)]
        {
            assert_eq!(Span::try_from(text.to_owned()), Ok(Span(Duration::from_millis(ms))), "{text}");
        }
        for text in ["", "10", "m", "10 m", "1x", "-1s", "99999999999999999999s", "999999999999999999w"] {
            assert!(Span::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn objects_are_named_in_words() {
        let which = |entity: &str, by| Some(Which { entity: entity.into(), by });
        for (text, expected) in [
            ("Customer 58", which("Customer", By::Id("58".into()))),
            (
                "Customer named Amy's Bird Sanctuary",
                which("Customer", By::Name("Amy's Bird Sanctuary".into())),
            ),
            ("Invoice number A 7", which("Invoice", By::Number("A 7".into()))),
            ("newest Payment", which("Payment", By::Newest)),
            ("oldest Invoice", which("Invoice", By::Oldest)),
            ("Customer", None),
            ("58", None),
            ("customer 58", None),
            ("Customer x", None),
            ("newest thing of all", None),
        ] {
            assert_eq!(Which::try_from(text.to_owned()).ok(), expected, "{text}");
        }
    }

    #[test]
    fn amounts_are_money() {
        for (text, sound) in [
            ("10", true),
            ("0.01", true),
            ("10.500", true),
            ("0", false),
            ("-1", false),
            ("0.001", false),
            ("x", false),
        ] {
            assert_eq!(Amount::try_from(text.to_owned()).is_ok(), sound, "{text}");
        }
    }
}
