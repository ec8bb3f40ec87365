//! Sentences with words in backticks, which are shown as code: what stands in a
//! file or is to be typed.

/// A piece of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) is_code: bool,
    pub(super) text: String,
}

/// The pieces of a tamed text; a backtick without its fellow stays as it is.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let parts: Vec<&str> = text.split('`').collect();
    let pairs = parts.len() - usize::from(parts.len().is_multiple_of(2));
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match pieces.last_mut() {
            Some(last) if at >= pairs => {
                last.text.push('`');
                last.text.push_str(part);
            }
            _ => pieces.push(Piece { is_code: at % 2 == 1, text: (*part).to_owned() }),
        }
    }
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_backticks_are_code_and_odd_ones_stay() {
        let cases = [
            ("", ""),
            ("plain", "plain"),
            ("write `skip` or `unlink`.", "write [skip] or [unlink]."),
            ("`a`", "[a]"),
            ("a ` b", "a ` b"),
            ("`a` and `b", "[a] and `b"),
        ];
        for (text, expected) in cases {
            let shown = pieces(text).into_iter();
            let shown: String = shown
                .map(|piece| if piece.is_code { format!("[{}]", piece.text) } else { piece.text })
                .collect();
            assert_eq!(shown, expected, "{text}");
        }
    }
}
