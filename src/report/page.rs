//! A page of text for a terminal: wrapping and colour.

use std::fmt::Write as _;

/// Columns below which nothing is readable.
pub(super) const NARROWEST: u16 = 30;

/// How wide a text may be, and whether it is painted.
pub(super) struct Page {
    width: usize,
    colour: bool,
}

impl Page {
    /// A page of `width` columns.
    pub(super) fn new(width: u16, colour: bool) -> Self {
        Self { width: usize::from(width.max(NARROWEST)), colour }
    }

    /// How wide it is.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// `text` wrapped between words, each line behind `indent`.
    pub(super) fn paragraph(&self, out: &mut String, indent: &str, text: &str) {
        self.hung(out, (indent, indent), text);
    }

    /// The same with another beginning of the first line.
    pub(super) fn hung(&self, out: &mut String, (first, rest): (&str, &str), text: &str) {
        let mut used = 0;
        let mut indent = first;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > self.width {
                out.push('\n');
                used = 0;
                indent = rest;
            }
            let gap = if used == 0 { indent } else { " " };
            let _ = write!(out, "{gap}{word}");
            used += gap.chars().count() + length;
        }
        if used == 0 {
            out.push_str(first.trim_end());
        }
        out.push('\n');
    }

    /// `text` in a colour of ANSI's, where colour is wanted.
    pub(super) fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_and_long_ones_stay_whole() {
        let page = Page::new(30, false);
        let mut out = String::new();
        page.hung(
            &mut out,
            ("To do:  ", "  "),
            "look at https://qbo.intuit.com/app/invoice?txnId=1042 again",
        );
        page.paragraph(&mut out, "  ", "");
        assert_eq!(out, "To do:  look at\n  https://qbo.intuit.com/app/invoice?txnId=1042\n  again\n\n");
    }
}
