//! Statements: cuts a text into TOML statements, also a text with mistakes,
//! so that one mistake does not hide the rest of the file.

use std::ops::Range;

/// A statement: a table header, or a key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// Where it stands, without the newline behind it.
    pub span: Range<usize>,
    /// Whether it is a table header.
    pub header: bool,
}

/// A value that is not closed within this many lines is taken for unclosed;
/// otherwise many unclosed ones would be read to the end of the file each.
const LINES_MAX: usize = 1_000;

/// All statements of `text`, in order. A value that is never closed ends with
/// its first line.
pub(super) fn statements(text: &str) -> impl Iterator<Item = Statement> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = start_from(text, at)?;
        let header = text.as_bytes()[start] == b'[';
        at = if header { line_end(text, start) } else { value_end(text, start) };
        let length = text[start..at].trim_end().len();
        Some(Statement { span: start..start + length, header })
    })
}

/// The offset of the end of the line that holds `at`.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| at + length)
}

fn start_from(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start().len();
        match text.as_bytes().get(at) {
            None => return None,
            Some(b'#') => at = line_end(text, at),
            Some(_) => return Some(at),
        }
    }
}

fn value_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let first_line = line_end(text, start);
    let (mut at, mut lines) = (start, 0);
    let mut open = Vec::new();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => at = line_end(text, at),
            b'"' | b'\'' => match string_end(bytes, at) {
                Some(end) => at = end,
                None => return first_line,
            },
            b'\n' if open.is_empty() => return at,
            b'\n' => {
                at += 1;
                lines += 1;
                if lines > LINES_MAX || begins_anew(&text[at..line_end(text, at)], &open) {
                    return first_line;
                }
            }
            b'[' | b'{' => {
                open.push(*byte);
                at += 1;
            }
            b']' | b'}' => {
                open.pop();
                at += 1;
            }
            _ => at += 1,
        }
    }
    if open.is_empty() { text.len() } else { first_line }
}

/// The offset behind the string that begins at `at`. A one-line string ends
/// at the latest before its newline; `None`: the text ends before it does.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let quote = bytes[at];
    let long = bytes[at..].starts_with(&[quote; 3]);
    let mut at = at + if long { 3 } else { 1 };
    loop {
        match *bytes.get(at)? {
            b'\\' if quote == b'"' && (long || bytes.get(at + 1) != Some(&b'\n')) => at += 2,
            b'\n' if !long => return Some(at),
            byte if byte == quote && !long => return Some(at + 1),
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return Some(at + 3),
            _ => at += 1,
        }
    }
}

/// Whether a line inside an open bracket can only be the next statement.
fn begins_anew(line: &str, open: &[u8]) -> bool {
    let line = line.trim_start();
    let in_array = open.last() == Some(&b'[');
    if let Some(header) = line.strip_prefix('[') {
        return !in_array
            || header.trim_start_matches('[').starts_with(|first: char| first.is_ascii_alphabetic());
    }
    let key = line.split('=').next().filter(|key| key.len() < line.len()).map_or("", str::trim_end);
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let id = |byte: u8| byte.is_ascii_digit();
    !key.is_empty() && if in_array { key.bytes().all(bare) } else { key.bytes().all(id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_sound_and_broken_texts() {
        let cases: [(&str, &[&str]); 12] = [
            ("", &[]),
            ("# only a comment\n\n", &[]),
            ("a = 1 \r\n[b]\nc = 2", &["a = 1", "[b]", "c = 2"]),
            ("a = [\n 'x', # [\n 'y',\n]\nb = 1", &["a = [\n 'x', # [\n 'y',\n]", "b = 1"]),
            ("a = \"\"\"x\n[b]\n\"\"\"\nc = 1", &["a = \"\"\"x\n[b]\n\"\"\"", "c = 1"]),
            ("a = '''x\n''' # y\nc = 1", &["a = '''x\n''' # y", "c = 1"]),
            ("a = \"x\nb = 1", &["a = \"x", "b = 1"]),
            ("a = \"x\\\" ] y\"\nb = 1", &["a = \"x\\\" ] y\"", "b = 1"]),
            ("1 = { a = 'x'\n2 = { a = 'y' }\n3 = {}", &["1 = { a = 'x'", "2 = { a = 'y' }", "3 = {}"]),
            ("a = [ 1,\nb = 2\n[c]", &["a = [ 1,", "b = 2", "[c]"]),
            ("a = { b = 1,\n c = 2 }\nd = 3", &["a = { b = 1,\n c = 2 }", "d = 3"]),
            ("a = \"\"\"x\nb = 1\n", &["a = \"\"\"x", "b = 1"]),
        ];
        for (text, expected) in cases {
            let found: Vec<&str> = statements(text).map(|found| &text[found.span]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
