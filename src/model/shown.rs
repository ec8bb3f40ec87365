//! A vendor's text as it is shown: a name that anybody can choose reaches
//! terminals, which obey controls and turn the reading direction.

use std::fmt::Write as _;

use super::is_unseen;

/// Characters of one text that are shown; QuickBooks' details can be pages.
pub(crate) const SHOWN: usize = 600;

/// One line without anything a terminal obeys or that turns the reading
/// direction: line breaks become spaces, the rest a replacement character.
pub fn shown_line(text: &str) -> String {
    let mut line: String = text.trim().chars().take(SHOWN).map(tame).collect();
    if text.trim().chars().nth(SHOWN).is_some() {
        line.push('…');
    }
    line
}

fn tame(sign: char) -> char {
    match sign {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        sign if is_unseen(sign) => char::REPLACEMENT_CHARACTER,
        sign => sign,
    }
}

/// JSON whose texts a terminal cannot obey: `serde_json` escapes controls below
/// U+0020 only. Outside texts JSON is ASCII, so nothing else is touched.
pub fn shown_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        if sign != '\n' && is_unseen(sign) {
            let mut units = [0; 2];
            for unit in sign.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(sign);
        }
    }
    out
}
