//! The many forms in which Stax Bill writes one amount or one instant. Which
//! form a record gets follows from its id, so that answers repeat.

use std::str::FromStr as _;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

/// A JSON object from pairs.
pub(super) fn object<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Fields that are present without a value.
pub(super) fn nulls(into: &mut Map<String, Value>, names: &[&str]) {
    into.extend(names.iter().map(|name| ((*name).to_owned(), Value::Null)));
}

/// `10`, `10.0`, `10.00`, `10.0000` or `10.000000`, as a JSON number.
pub(super) fn money(amount: Decimal, id: i64) -> Value {
    const SCALES: [u32; 5] = [0, 1, 2, 4, 6];
    let scale = SCALES[usize::try_from(id.rem_euclid(5)).unwrap_or(0)];
    let text = at_least(amount, scale);
    Value::Number(Number::from_str(&text).expect("a decimal's text is a JSON number"))
}

/// `"10.0000"` for some records and a number for the others, as allocations
/// seen from an invoice.
pub(super) fn money_or_text(amount: Decimal, id: i64) -> Value {
    if id % 2 == 0 { Value::String(at_least(amount, 4)) } else { money(amount, id) }
}

fn at_least(amount: Decimal, scale: u32) -> String {
    let mut exact = amount.normalize();
    exact.rescale(scale.max(exact.scale()));
    exact.to_string()
}

/// UTC with no to seven digits of a second, mostly without a zone.
pub(super) fn time(at: Timestamp, id: i64) -> Value {
    let digits = usize::try_from(id.rem_euclid(8)).unwrap_or(0);
    let mut text = seconds(at);
    if digits > 0 {
        let nanoseconds = format!("{:09}", at.subsec_nanosecond());
        text.push('.');
        text.push_str(&nanoseconds[..digits]);
    }
    if id.rem_euclid(5) == 4 {
        text.push('Z');
    }
    Value::String(text)
}

/// UTC to the second, without a zone.
pub(super) fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_amount_has_many_forms_of_one_value() {
        for (amount, id, form) in [
            ("10", 0, "10"),
            ("10.00", 1, "10.0"),
            ("10", 2, "10.00"),
            ("10", 3, "10.0000"),
            ("10", 4, "10.000000"),
            ("33.333333", 0, "33.333333"),
            ("-0.5", 2, "-0.50"),
        ] {
            assert_eq!(money(amount.parse().unwrap(), id).to_string(), form, "{amount} as {id}");
        }
        assert_eq!(money_or_text("10".parse().unwrap(), 2).to_string(), "\"10.0000\"");
        assert_eq!(money_or_text("10".parse().unwrap(), 1).to_string(), "10.0");
    }

    #[test]
    fn one_instant_has_many_forms() {
        let at: Timestamp = "2025-01-25T19:11:00.0009221Z".parse().unwrap();
        for (id, form) in [
            (0, "2025-01-25T19:11:00"),
            (3, "2025-01-25T19:11:00.000"),
            (4, "2025-01-25T19:11:00.0009Z"),
            (7, "2025-01-25T19:11:00.0009221"),
        ] {
            assert_eq!(time(at, id), Value::from(form), "{id}");
        }
    }
}
