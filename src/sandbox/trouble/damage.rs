//! Damaged answers: what a broken proxy, a broken disk or another version of
//! the vendor makes of a sound one.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

use super::bodies::taken;
use super::kind::Damage;
use super::rule::mixed;

/// So many bits are turned in a body.
const FLIPS: u64 = 3;

/// So deep is a nested body.
const DEPTH: usize = 10_000;

/// The response with its body damaged; `seed` chooses the places.
pub(super) async fn damaged(response: Response, how: Damage, seed: u64) -> Response {
    let (mut parts, whole) = taken(response).await;
    if how == Damage::ContentType {
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    }
    Response::from_parts(parts, Body::from(body(&whole, how, seed)))
}

fn body(whole: &Bytes, how: Damage, seed: u64) -> Bytes {
    let values = |change: &dyn Fn(&mut Value, &mut u64)| {
        let Ok(mut value) = serde_json::from_slice::<Value>(whole) else { return whole.clone() };
        change(&mut value, &mut seed.clone());
        value.to_string().into()
    };
    match how {
        Damage::ContentType => whole.clone(),
        Damage::Half => whole.slice(..whole.len() / 2),
        Damage::Empty => Bytes::new(),
        Damage::InvalidUtf8 => broken_text(whole).into(),
        Damage::BitFlips => flipped(whole, seed).into(),
        Damage::NotANumber => numbers(whole, |_| b"NaN".to_vec()).into(),
        Damage::HugeExponents => numbers(whole, |number| [number, b"e999999"].concat()).into(),
        Damage::NumbersAsStrings => numbers(whole, |number| [b"\"", number, b"\""].concat()).into(),
        Damage::MissingFields => values(&lose),
        Damage::ExtraFields => values(&|value, _| gain(value)),
        Damage::OtherTypes => values(&|value, _| retype(value)),
        Damage::Nested => [b"[".repeat(DEPTH), b"]".repeat(DEPTH)].concat().into(),
    }
}

fn broken_text(whole: &[u8]) -> Vec<u8> {
    let at = whole.iter().position(|byte| *byte == b'"').map_or(0, |quote| quote + 1);
    [&whole[..at], &[0xC3, 0x28, 0xFF], &whole[at..]].concat()
}

fn flipped(whole: &[u8], seed: u64) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let bits = u64::try_from(bytes.len()).unwrap_or(u64::MAX).saturating_mul(8);
    for flip in 0..FLIPS.min(bits) {
        let bit = mixed(seed.wrapping_add(flip)) % bits;
        if let Some(byte) = usize::try_from(bit / 8).ok().and_then(|at| bytes.get_mut(at)) {
            *byte ^= 1 << (bit % 8);
        }
    }
    bytes
}

/// Rewrites every number of a JSON text and leaves its texts alone.
fn numbers(whole: &[u8], rewrite: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::with_capacity(whole.len());
    let mut at = 0;
    while let Some(byte) = whole.get(at) {
        let length = match byte {
            b'"' => text_length(&whole[at..]),
            b'-' | b'0'..=b'9' => {
                let of_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                let length = whole[at..].iter().take_while(|byte| of_number(byte)).count();
                out.extend(rewrite(&whole[at..at + length]));
                at += length;
                continue;
            }
            _ => 1,
        };
        out.extend(&whole[at..at + length]);
        at += length;
    }
    out
}

/// The length of the JSON text that begins here, with both quotes.
fn text_length(rest: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A fifth of all properties, but never what holds the others.
fn lose(value: &mut Value, drawn: &mut u64) {
    match value {
        Value::Object(object) => object.retain(|_, value| {
            lose(value, drawn);
            *drawn = drawn.wrapping_add(1);
            value.is_object() || value.is_array() || !mixed(*drawn).is_multiple_of(5)
        }),
        Value::Array(rows) => rows.iter_mut().for_each(|row| lose(row, drawn)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn gain(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(gain);
            object.insert("AddedInAnotherYear".into(), json!({ "value": [1, "two", null] }));
        }
        Value::Array(rows) => rows.iter_mut().for_each(gain),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn retype(value: &mut Value) {
    match value {
        Value::Object(object) => object.values_mut().for_each(retype),
        Value::Array(rows) => {
            rows.iter_mut().for_each(retype);
            *value = json!({ "rows": rows });
        }
        Value::String(_) => *value = json!(7),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"{"Id":"7 -1","n":-1.50,"rows":[{"a":"x\\\"3","b":true},{"a":"y","b":2}]}"#;

    #[test]
    fn each_damage_is_what_its_name_says() {
        for (how, expected) in [
            (Damage::ContentType, SOUND),
            (Damage::Empty, ""),
            (Damage::Half, &SOUND[..SOUND.len() / 2]),
            (
                Damage::NotANumber,
                r#"{"Id":"7 -1","n":NaN,"rows":[{"a":"x\\\"3","b":true},{"a":"y","b":NaN}]}"#,
            ),
            (
                Damage::HugeExponents,
                r#"{"Id":"7 -1","n":-1.50e999999,"rows":[{"a":"x\\\"3","b":true},{"a":"y","b":2e999999}]}"#,
            ),
            (
                Damage::NumbersAsStrings,
                r#"{"Id":"7 -1","n":"-1.50","rows":[{"a":"x\\\"3","b":true},{"a":"y","b":"2"}]}"#,
            ),
            (Damage::OtherTypes, r#"{"Id":7,"n":-1.50,"rows":{"rows":[{"a":7,"b":true},{"a":7,"b":2}]}}"#),
        ] {
            let damaged = body(&Bytes::from_static(SOUND.as_bytes()), how, 1);
            assert_eq!(String::from_utf8_lossy(&damaged), expected, "{how:?}");
        }
    }

    #[test]
    fn places_are_drawn_from_the_seed() {
        let sound = Bytes::from_static(SOUND.as_bytes());
        for how in [Damage::BitFlips, Damage::MissingFields] {
            let bodies: Vec<Bytes> = (0..20).map(|seed| body(&sound, how, seed)).collect();
            assert!(
                (0..20).all(|seed: u64| body(&sound, how, seed) == bodies[usize::try_from(seed).unwrap()])
            );
            assert!(bodies.iter().any(|other| *other != bodies[0]), "{how:?}");
        }
        let bits = |bytes: &[u8]| -> u32 {
            bytes.iter().zip(SOUND.as_bytes()).map(|(one, other)| (one ^ other).count_ones()).sum()
        };
        assert!((0..20).all(|seed| (1..=3).contains(&bits(&body(&sound, Damage::BitFlips, seed)))));
    }

    #[test]
    fn readers_that_only_know_json_refuse_it() {
        let sound = Bytes::from_static(SOUND.as_bytes());
        for (how, readable) in [
            (Damage::InvalidUtf8, false),
            (Damage::NotANumber, false),
            (Damage::Nested, false),
            (Damage::Half, false),
            (Damage::Empty, false),
            (Damage::ExtraFields, true),
            (Damage::MissingFields, true),
        ] {
            let damaged = body(&sound, how, 3);
            assert_eq!(serde_json::from_slice::<Value>(&damaged).is_ok(), readable, "{how:?}");
        }
    }
}
