//! Vendors' words made safe to show: a customer's name is a text that anybody
//! can choose, and it reaches terminals, Markdown and HTML.

pub use crate::model::{shown_json as json, shown_line as line, toml_text as toml};

/// A text inside a line of Markdown: no markup, no HTML, no link, no mention,
/// no end of a table's cell.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let line = line(text);
    for (at, sign) in line.char_indices() {
        match sign {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '@' | '$' => out.extend(['\\', sign]),
            // A bare address becomes a link; it is not the vendor who should choose where to.
            ':' if line[at..].starts_with(":/") => out.push_str("\\:"),
            '.' if line[..at].to_ascii_lowercase().ends_with("www") => out.push_str("\\."),
            sign => out.push(sign),
        }
    }
    out
}

/// The value of a Prometheus label, without its quotes.
pub(super) fn label(text: &str) -> String {
    line(text).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{SHOWN, is_unseen};

    #[test]
    fn nothing_in_a_name_is_obeyed() {
        let cases = [
            ("Amy's Bird Sanctuary", "Amy's Bird Sanctuary", "Amy's Bird Sanctuary"),
            ("<script>", "<script>", "&lt;script&gt;"),
            ("a | b", "a | b", "a \\| b"),
            ("`rm`", "`rm`", "\\`rm\\`"),
            ("\u{1b}[31mred\u{9b}0m", "\u{fffd}[31mred\u{fffd}0m", "\u{fffd}\\[31mred\u{fffd}0m"),
            ("one\u{202e}two\u{200b}", "one\u{fffd}two\u{fffd}", "one\u{fffd}two\u{fffd}"),
            ("two\r\nlines", "two  lines", "two  lines"),
            ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0", "=cmd\\|' /C calc'!A0"),
            ("![x](https://evil)", "![x](https://evil)", "!\\[x\\](https\\://evil)"),
            ("WWW.evil.test @you #1", "WWW.evil.test @you #1", "WWW\\.evil.test \\@you \\#1"),
            ("&lt;b&gt;", "&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("C:\\temp", "C:\\temp", "C:\\\\temp"),
        ];
        for (text, plain, marked) in cases {
            assert_eq!(line(text), plain, "{text:?}");
            assert_eq!(markdown(text), marked, "{text:?}");
        }
    }

    #[test]
    fn long_texts_are_cut_and_labels_quoted() {
        assert_eq!(line(&"x".repeat(5000)).chars().count(), SHOWN + 1);
        assert_eq!(line(&"x".repeat(SHOWN)).chars().count(), SHOWN);
        assert_eq!(label("a\"b\\c\nd"), "a\\\"b\\\\c d");
    }

    #[test]
    fn json_keeps_its_value_and_loses_its_teeth() {
        let text = "a\u{9b}31m\u{202e}\u{e0041}é\n";
        let safe = json(&serde_json::to_string(text).unwrap());
        assert_eq!(safe, r#""a\u009b31m\u202e\udb40\udc41é\n""#);
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
    }

    #[test]
    fn a_string_of_toml_reads_back_and_cannot_be_left() {
        for text in [
            "Amy's Bird Sanctuary",
            "",
            "\"\"\"",
            "a\\",
            "a\", start = \"beginning\" } # ",
            "two\r\nlines\t\u{0}\u{1b}[31m\u{7f}\u{85}\u{2028}",
            "\u{202e}\u{e0041}\u{feff}🦀é",
        ] {
            let quoted = toml(text);
            let read: toml::Table = format!("a = {quoted}").parse().unwrap();
            assert_eq!(read["a"].as_str(), Some(text), "{quoted}");
            assert!(!quoted.chars().any(is_unseen), "{quoted}");
        }
        assert_eq!(toml("a\"\n"), r#""a\"\u000A""#);
    }
}
