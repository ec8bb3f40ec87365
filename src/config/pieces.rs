//! Pieces: cuts a large text into parts that parse by themselves, so that the
//! memory for parsing is bounded by a piece and not by the file.

use std::collections::HashMap;
use std::ops::Range;

use toml::de::DeTable;

use super::keys;
use super::repair::path_of;
use super::statements::statements;
use super::syntax_words::Mistake;

/// A part of a text, cut between two statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it is.
    pub span: Range<usize>,
    /// The table that its keys belong to; `None`: it stands by itself.
    pub under: Option<&'static str>,
}

/// Large enough to make pieces rare, small enough to be parsed in the cache.
const PIECE_BYTES: usize = 64 * 1024;

/// All pieces of `text`, and the tables that stand in two of them.
pub(super) fn pieces(text: &str) -> (Vec<Piece>, Vec<Mistake>) {
    if text.len() <= PIECE_BYTES {
        return (vec![Piece { span: 0..text.len(), under: None }], Vec::new());
    }
    let mut cut = Cutter::default();
    // What the statement before is about.
    let mut last = "";
    for statement in statements(text) {
        let start = statement.span.start;
        let subject = subject(&text[statement.span.clone()]);
        let goes_on = std::mem::replace(&mut last, subject) == subject;
        if statement.header {
            cut.header(&text[statement.span], start);
        } else if cut.is_full(start) && cut.table.is_some() && !goes_on {
            cut.before(start, cut.table);
        }
    }
    cut.before(text.len(), None);
    (cut.pieces, cut.mistakes)
}

/// The first part of a statement's key: `1048.start` and `1048.by` are about one
/// customer, and one piece holds both.
fn subject(statement: &str) -> &str {
    let end = statement.find(|sign: char| sign == '.' || sign == '=' || sign.is_whitespace());
    statement[..end.unwrap_or(statement.len())].trim_matches(['"', '\''])
}

#[derive(Default)]
struct Cutter {
    pieces: Vec<Piece>,
    mistakes: Vec<Mistake>,
    start: usize,
    under: Option<&'static str>,
    /// The table in force, if its keys may be cut apart.
    table: Option<&'static str>,
    seen: HashMap<&'static str, (usize, usize)>,
}

impl Cutter {
    fn is_full(&self, at: usize) -> bool {
        at - self.start >= PIECE_BYTES
    }

    fn before(&mut self, at: usize, under: Option<&'static str>) {
        self.pieces.push(Piece { span: self.start..at, under: self.under });
        (self.start, self.under) = (at, under);
    }

    fn header(&mut self, text: &str, at: usize) {
        let path = header_path(text);
        if self.under.is_some() || (self.is_full(at) && (1..=2).contains(&path.len())) {
            self.before(at, None);
        }
        let name = path.first().filter(|_| path.len() == 1 && !text.starts_with("[["));
        self.table = name.and_then(|name| keys::of_table(name)).map(|(name, _)| name);
        let Some(name) = self.table else { return };
        let (first, piece) = *self.seen.entry(name).or_insert((at, self.pieces.len()));
        if piece != self.pieces.len() {
            self.mistakes.push(Mistake::table_twice(at..at + text.len(), name, first));
        }
    }
}

/// The path that a header names; empty if it cannot be read.
pub(super) fn header_path(text: &str) -> Vec<String> {
    let name = text.trim_start_matches('[').split(']').next().unwrap_or_default();
    let bare = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    if text.ends_with(']') && name.split('.').all(bare) {
        return name.split('.').map(str::to_owned).collect();
    }
    DeTable::parse(text).map(|tree| path_of(tree.get_ref())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn long(lines: usize, line: impl Fn(usize) -> String) -> String {
        (0..lines).map(line).fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        })
    }

    #[test]
    fn what_is_said_of_one_customer_stays_together() {
        let lines = long(6_000, |at| match at % 2 {
            0 => format!("{at}.skip = \"one of the reasons\""),
            _ => format!("\"{}\" . by = \"FIN-1\"", at - 1),
        });
        let (pieces, mistakes) = pieces(&format!("[links]\n{lines}"));
        assert!(mistakes.is_empty() && pieces.len() > 2, "{mistakes:?}");
        let text = format!("[links]\n{lines}");
        for piece in &pieces {
            assert!(!text[piece.span.clone()].trim_start().starts_with('"'), "{piece:?}");
        }
    }

    #[test]
    fn pieces_make_up_the_whole_and_parse_by_themselves() {
        let inline = long(9_000, |id| format!("{id} = {{ skip = \"the reason\" }} # [x]"));
        let block = long(9_000, |id| format!("[links.{id}]\nskip = '''\n[x]\n'''\n"));
        let text = format!("a = 1\n[links]\n{inline}[items]\nb = 2\n{block}[ \"taxes\" ] # x\nc = 3\n");
        let (pieces, mistakes) = pieces(&text);
        assert!(mistakes.is_empty() && pieces.len() > 8, "{mistakes:?}");
        let mut at = 0;
        for piece in &pieces {
            assert_eq!(piece.span.start, at);
            at = piece.span.end;
            assert!(DeTable::parse(&text[piece.span.clone()]).is_ok(), "{piece:?}");
        }
        assert_eq!(at, text.len());
        let under: Vec<_> = pieces.iter().map(|piece| piece.under).collect();
        assert_eq!(under[..3], [None, Some("links"), Some("links")]);
        assert!(under.iter().all(|under| under.is_none() || *under == Some("links")));
    }

    #[test]
    fn a_table_in_two_pieces_is_told() {
        let inline = long(4_000, |id| format!("{id} = {{ skip = \"the reason\" }}"));
        let text = format!("[links]\n{inline}[links]\n1 = {{}}\n");
        let (_, mistakes) = pieces(&text);
        let told: Vec<_> = mistakes.iter().map(|mistake| (mistake.span.start, mistake.other)).collect();
        assert_eq!(told, [(text.rfind("[links]").unwrap(), Some(0))]);
    }
}
