//! Reading and writing the few JSON shapes every entity shares: text,
//! references, amounts.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};

/// An object of the books as the API answers it.
pub(super) type Object = Map<String, Value>;

pub(super) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// The id inside a reference such as `CustomerRef`.
pub(super) fn reference<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key)?.get("value")?.as_str()
}

/// The number under `key`; nothing there counts as zero.
pub(super) fn decimal(object: &Object, key: &str) -> Decimal {
    object.get(key).and_then(number_in).unwrap_or_default()
}

pub(super) fn flag(object: &Object, key: &str) -> Option<bool> {
    object.get(key)?.as_bool()
}

pub(super) fn list<'a>(object: &'a Object, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A JSON number or a string that holds one: python-quickbooks sends decimals
/// as strings and the service takes them.
pub(super) fn number_in(value: &Value) -> Option<Decimal> {
    let text = scalar(value).filter(|_| !value.is_boolean())?;
    let text = text.trim();
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// The text of a string, number or boolean.
pub(super) fn scalar(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    (value.is_number() || value.is_boolean()).then(|| value.to_string())
}

/// Rounds to cents the way the service does, half away from zero.
pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// An amount as the service prints it: two decimals, but zero as `0` (recorded).
pub(super) fn money(amount: Decimal) -> Value {
    let amount = cents(amount);
    if amount.is_zero() { json!(0) } else { number(&format!("{amount:.2}")) }
}

/// A quantity or price as the service prints it: without trailing zeros.
pub(super) fn plain(value: Decimal) -> Value {
    number(&value.normalize().to_string())
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().expect("a decimal prints as a JSON number"))
}

/// The object inside a value that was built as one.
pub(super) fn object(value: Value) -> Object {
    if let Value::Object(object) = value { object } else { Object::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_amounts_as_recorded() {
        let cases = [("0", "0"), ("0.00", "0"), ("100", "100.00"), ("-3.5", "-3.50"), ("1.005", "1.01")];
        for (amount, printed) in cases {
            assert_eq!(money(amount.parse().unwrap()).to_string(), printed);
        }
        for (value, printed) in [("75.00", "75"), ("4.50", "4.5"), ("33.333333", "33.333333")] {
            assert_eq!(plain(value.parse().unwrap()).to_string(), printed);
        }
    }

    #[test]
    fn reads_numbers_and_numeric_strings() {
        let cases = [
            (json!("10.50"), Some("10.50")),
            (json!(3), Some("3")),
            (json!("1e2"), Some("100")),
            (json!("ten"), None),
            (json!(true), None),
            (json!({}), None),
        ];
        for (value, expected) in cases {
            assert_eq!(number_in(&value), expected.map(|text| text.parse().unwrap()), "{value}");
        }
    }
}
