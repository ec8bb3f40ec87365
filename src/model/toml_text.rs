//! A text as TOML writes it: lines for the operator's files are made of it, and
//! a name that anybody chose must not end them.

use std::fmt::Write as _;

/// A text as a string of TOML, quotes included: it reads back as it was, and
/// nothing in it ends the string, the line or the reading direction.
pub fn toml_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' | '\\' => out.extend(['\\', sign]),
            sign if is_unseen(sign) => {
                let _ = match u32::from(sign) {
                    code if code > 0xffff => write!(out, "\\U{code:08X}"),
                    code => write!(out, "\\u{code:04X}"),
                };
            }
            sign => out.push(sign),
        }
    }
    out.push('"');
    out
}

/// Controls, marks of direction, characters without width.
pub fn is_unseen(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{180e}')
        || matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(sign, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
