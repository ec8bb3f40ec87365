//! Texts as they are compared: a wildcard match without regard to case, and a
//! query as its sender meant it.

use std::fmt::Write as _;

/// Whether `text` is `pattern`, in which `*` stands for any run of characters.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(head) else {
        return false;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = left.find(part) else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

/// A query string without its percent signs; a `+` is a space.
pub(crate) fn decoded(query: &str) -> String {
    let bytes = query.as_bytes();
    let (mut plain, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.filter(|_| *byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(code.unwrap_or(if *byte == b'+' { b' ' } else { *byte }));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// A text as the value of a query string.
pub(crate) fn coded(text: &str) -> String {
    let mut coded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            let _ = write!(coded, "%{byte:02X}");
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::{coded, decoded, matches};

    #[test]
    fn queries_are_decoded() {
        for (query, plain) in [
            ("a=b+c", "a=b c"),
            ("q=%27x%27%20", "q='x' "),
            ("50%", "50%"),
            ("%zz%4", "%zz%4"),
            ("%C3%A9", "é"),
        ] {
            assert_eq!(decoded(query), plain, "{query}");
            assert_eq!(decoded(&coded(plain)), plain, "{query}");
        }
    }

    #[test]
    fn stars_stand_for_any_run() {
        for (pattern, text, expected) in [
            ("abc", "ABC", true),
            ("abc", "abcd", false),
            ("*", "", true),
            ("555*", "5551234", true),
            ("*555*", "12 555 34", true),
            ("*555", "5551", false),
            ("a*b*c", "aXXbYYc", true),
            ("a*b*c", "aXXcYYb", false),
            ("ab*ba", "aba", false),
            ("/v3/company/*/query", "/v3/company/91/QUERY", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }
}
