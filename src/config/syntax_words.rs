//! The words for syntax errors: the parser's own, put plainly where people
//! meet them often.

use std::ops::Range;

/// A syntax error in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// Where it is.
    pub span: Range<usize>,
    /// What is wrong; `{other}` stands for the place of `other`.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
    /// Another place that the message speaks of.
    pub other: Option<usize>,
}

impl Mistake {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), remedy: None, other: None }
    }

    /// A table stands twice in a file.
    pub(super) fn table_twice(span: Range<usize>, name: &str, first: usize) -> Self {
        Self::new(span, format!("the table `[{name}]` stands twice: here and at {{other}}"))
            .other(first)
            .remedy("write all its keys under one header")
    }

    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    pub(super) fn other(mut self, at: usize) -> Self {
        self.other = Some(at);
        self
    }
}

/// Beginning of the parser's message, ours, and a remedy.
const PLAIN: &[(&str, &str, &str)] = &[
    ("invalid basic string", "this text has no closing `\"`", "a text ends on its line with the same quote"),
    ("invalid literal string", "this text has no closing `'`", "a text ends on its line with the same quote"),
    ("invalid multi-line", "this text is never closed", "close it with three quotes"),
    ("string values must be quoted", "a text stands in quotes", "write \"…\" around it"),
    ("unclosed inline table", "this inline table has no closing `}`", "an inline table stands on one line"),
    ("unclosed array", "this array has no closing `]`", "close it before the next key"),
    ("unclosed table", "this table header has no closing `]`", "write it as `[name]`"),
    ("key with no value", "this key has no value", "write `key = value`; a comment begins with `#`"),
    ("unexpected leading zero", "a number has no leading zero", "write an id as a text, in quotes"),
    ("invalid boolean", "neither `true` nor `false`", "write one of them, or a text in quotes"),
    (
        "invalid unquoted key",
        "this key holds other signs than letters, digits, `-` and `_`",
        "write \"…\" around the whole key",
    ),
    ("unexpected key or value", "something stands behind the value", "one key and its value on a line"),
];

/// The parser's `message` in our words.
pub(super) fn explain(message: &str, span: Range<usize>) -> Mistake {
    let plain = PLAIN.iter().find(|(theirs, ..)| message.starts_with(theirs));
    if let Some((_, ours, remedy)) = plain {
        return Mistake::new(span, *ours).remedy(*remedy);
    }
    Mistake::new(span, message.strip_suffix(", expected nothing").unwrap_or(message))
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    /// The parser may reword its messages; then this table must follow.
    #[test]
    fn the_parser_still_says_what_is_translated_here() {
        let texts = [
            "a = \"x\n",
            "a = 'x\n",
            "a = \"\"\"x",
            "a = x\n",
            "a = {\n",
            "a = [1\n",
            "[a\n",
            "a\n",
            "a = 01\n",
            "a = tru\n",
            "a/b = 1\n",
            "a = 1 2 = 3\n",
        ];
        for (text, (theirs, ours, _)) in texts.iter().zip(PLAIN) {
            let (_, errors) = DeTable::parse_recoverable(text);
            let told = errors.iter().any(|error| explain(error.message(), 0..0).message == *ours);
            assert!(told, "{text:?}: {theirs:?} is not among {errors:?}");
        }
        assert_eq!(texts.len(), PLAIN.len());
    }
}
