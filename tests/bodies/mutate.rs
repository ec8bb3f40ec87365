//! Changes to a sound text, drawn from bytes: a fuzzer that begins with nothing
//! would never get past the first brace.

use serde_json::Value;
use serde_json::value::RawValue;

/// Bytes that are drawn from; zero where they have run out.
pub(crate) struct Draw<'a>(&'a [u8]);

impl<'a> Draw<'a> {
    /// All of `bytes` are still there.
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    /// A number below `end`, or zero where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let number = usize::from(self.byte()) << 8 | usize::from(self.byte());
        number.checked_rem(end).unwrap_or(0)
    }

    /// One of several.
    pub(crate) fn one<'b, T>(&mut self, of: &'b [T]) -> &'b T {
        &of[self.below(of.len())]
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

/// Up to eight pieces of `text` are taken out, and some of `bits` or the drawn
/// bytes themselves put in.
pub(crate) fn cut(text: &[u8], bits: &[&str], draw: &mut Draw<'_>) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..8 {
        if draw.is_empty() {
            break;
        }
        let at = draw.below(text.len() + 1);
        let end = (at + usize::from(draw.byte() % 16)).min(text.len());
        let with = match draw.byte() {
            kind if kind < 200 => draw.one(bits).as_bytes().to_vec(),
            kind => (0..kind % 8).map(|_| draw.byte()).collect(),
        };
        text.splice(at..end, with);
    }
    text
}

/// What stands in JSON where something else is expected.
pub(crate) const ODD: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "-0.0",
    "1.005",
    "0.1234567890123456789012345678901234567890",
    "79228162514264337593543950336",
    "18446744073709551616",
    "9223372036854775808",
    "1E-30",
    "\"\"",
    "\" \"",
    "\"\\ud800\"",
    "\"\\u0000\\u001b[31m\\u202e\"",
    "\"[latchd invoice/1]\"",
    "\"[latchd invoice/99999999999999999999]\"",
    "\"2026-02-30\"",
    "\"9999-12-31T23:59:59.999-14:00\"",
    "\"-262143-01-01\"",
    "\"0001-01-01T00:00:00\"",
    "\"NaN\"",
    "[]",
    "{}",
    "[null]",
    "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
    "{\"a\":{\"a\":{\"a\":{}}}}",
    "{\"value\":7}",
    "[{\"Amount\":1}]",
];

/// Up to four values of a JSON text, at any depth, are replaced by odd ones or
/// by one another; then, now and then, bytes are cut as well.
pub(crate) fn json(text: &[u8], draw: &mut Draw<'_>) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=draw.byte() % 4 {
        let spots = values(&text);
        if spots.is_empty() {
            break;
        }
        let (start, end) = *draw.one(&spots);
        let with = if draw.byte() < 160 {
            draw.one(ODD).as_bytes().to_vec()
        } else {
            let (start, end) = *draw.one(&spots);
            text[start..end].to_vec()
        };
        text.splice(start..end, with);
    }
    if draw.byte() > 200 { cut(&text, ODD, draw) } else { text }
}

/// Where every value of a JSON text stands. The text is found again rather than
/// written anew, because a written one would have lost its numbers' digits.
fn values(text: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    if let Ok(whole) = serde_json::from_slice::<&RawValue>(text) {
        walk(whole.get(), text, &mut found);
    }
    found
}

fn walk(raw: &str, text: &[u8], found: &mut Vec<(usize, usize)>) {
    let start = raw.as_ptr() as usize - text.as_ptr() as usize;
    found.push((start, start + raw.len()));
    if raw.starts_with('[') {
        let inside: Vec<&RawValue> = serde_json::from_str(raw).unwrap_or_default();
        for one in inside {
            walk(one.get(), text, found);
        }
    } else if raw.starts_with('{') {
        let inside: std::collections::BTreeMap<std::borrow::Cow<'_, str>, &RawValue> =
            serde_json::from_str(raw).unwrap_or_default();
        for one in inside.values() {
            walk(one.get(), text, found);
        }
    }
}

/// Whether bytes are JSON at all, by another reading than the client's.
pub(crate) fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<Value>(text).is_ok()
}
