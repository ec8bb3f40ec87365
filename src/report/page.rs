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

    /// Texts, each in a colour of ANSI's, side by side as far as they fit; the
    /// rest stands under the first.
    pub(super) fn heading(&self, out: &mut String, parts: &[(&str, &str)]) {
        let (mut used, mut gap) = (0, "");
        for (colour, text) in parts.iter().filter(|(_, text)| !text.is_empty()) {
            let length = text.chars().count();
            if used > 0 && used + gap.len() + length > self.width {
                out.push('\n');
                used = 0;
            }
            let _ = write!(out, "{gap}{}", self.paint(colour, text));
            used += gap.len() + length;
            gap = "  ";
        }
        out.push('\n');
    }

    /// `text` in a colour of ANSI's, where colour is wanted.
    pub(super) fn paint(&self, code: &str, text: &str) -> String {
        if self.colour && !code.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
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

    #[test]
    fn what_does_not_fit_beside_a_heading_stands_under_it() {
        let mut out = String::new();
        let parts = [("1", "credit/40200134"), ("", ""), ("31", "held, applied-before-start"), ("", "x")];
        Page::new(30, false).heading(&mut out, &parts);
        Page::new(60, true).heading(&mut out, &parts);
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines[..2], ["credit/40200134", "  held, applied-before-start"]);
        assert_eq!(lines[2], "  x");
        assert_eq!(
            lines[3],
            "\u{1b}[1mcredit/40200134\u{1b}[0m  \u{1b}[31mheld, applied-before-start\u{1b}[0m  x"
        );
    }
}
