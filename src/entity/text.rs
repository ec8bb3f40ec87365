//! Text limits: cut by rule, never refused for its length or letters.

use crate::model::Targets;

/// `text` on one line, in the letters that the company's country allows
/// (Intuit: US companies take ISO 8859-1), at most `chars_max` long; a text
/// that is cut ends in an ellipsis.
pub(super) fn fit(text: &str, chars_max: usize, targets: &Targets) -> String {
    let text = letters(text, targets);
    cut(&text, chars_max)
}

/// Like [`fit`], with the text's own lines kept: what is printed for a customer
/// has paragraphs.
pub(super) fn fit_lines(text: &str, chars_max: usize, targets: &Targets) -> String {
    let lines = text.lines().map(|line| letters(line, targets)).collect::<Vec<_>>();
    cut(lines.join("\n").trim(), chars_max)
}

/// `text` in the letters that the company's country allows, control characters
/// and runs of white space as one space.
pub(super) fn letters(text: &str, targets: &Targets) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || c.is_whitespace() {
            out.push(' ');
        } else if !targets.united_states || (c as u32) < 0x100 {
            out.push(c);
        } else {
            out.push_str(deunicode::deunicode_char(c).unwrap_or("?"));
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `chars_max` characters; three dots instead of `…`, which is outside
/// Latin-1.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept = text.chars().take(chars_max.saturating_sub(3)).collect::<String>();
    format!("{}...", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_fits_whatever_it_was() {
        let us = Targets { united_states: true, ..Targets::default() };
        let elsewhere = Targets::default();
        let cases = [
            (&us, "  a\tb\nc ", 10, "a b c"),
            (&us, "Çedille", 10, "Çedille"),
            (&us, "Łódź", 10, "Lódz"),
            (&elsewhere, "Łódź", 10, "Łódź"),
            (&us, "abcdefghij", 8, "abcde..."),
            (&us, "", 8, ""),
        ];
        for (targets, text, chars_max, expected) in cases {
            assert_eq!(fit(text, chars_max, targets), expected, "{text:?}");
        }
        assert_eq!(fit_lines(" \na\tb \r\n\r\n c\n", 20, &us), "a b\n\nc");
        assert_eq!(fit_lines("a\nbcdefgh", 8, &us), "a\nbcd...");
        assert!(fit(&"🦀".repeat(300), 100, &us).chars().count() <= 100);
    }
}
