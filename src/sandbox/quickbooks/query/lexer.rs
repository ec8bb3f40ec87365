//! Splits a query into tokens that know where they stand, because the
//! service's parser names the column of what it does not like.

use super::super::fault::Fault;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Quoted,
    Number,
    Symbol,
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// What it says, without quotes and escapes.
    pub(super) text: String,
    /// The same as it was written.
    pub(super) image: String,
    /// Counted from one.
    pub(super) column: usize,
}

/// Words the grammar gives a meaning to; the parser names them in lower case.
pub(super) const KEYWORDS: &[&str] = &[
    "select",
    "count",
    "from",
    "where",
    "and",
    "in",
    "like",
    "orderby",
    "order",
    "by",
    "asc",
    "desc",
    "startposition",
    "maxresults",
    "null",
];

/// The tokens of `query`, the last one being its end.
pub(super) fn tokens(query: &str) -> Result<Vec<Token>, Fault> {
    let characters: Vec<char> = query.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        if character.is_whitespace() {
            at += 1;
            continue;
        }
        let (kind, text, length) = if character == '\'' {
            quoted(&characters, at)?
        } else if character.is_ascii_digit() || (character == '-' && is_digit(characters.get(at + 1))) {
            run(&characters, at, Kind::Number, |character| character.is_ascii_digit() || character == '.')
        } else if character.is_alphabetic() || character == '_' {
            run(&characters, at, Kind::Word, |character| {
                character.is_alphanumeric() || "_.".contains(character)
            })
        } else {
            symbol(&characters, at)?
        };
        let image = characters[at..at + length].iter().collect();
        tokens.push(Token { kind, text, image, column: at + 1 });
        at += length;
    }
    let column = characters.len() + 1;
    tokens.push(Token { kind: Kind::End, text: String::new(), image: String::new(), column });
    Ok(tokens)
}

fn is_digit(character: Option<&char>) -> bool {
    character.is_some_and(char::is_ascii_digit)
}

fn run(characters: &[char], at: usize, kind: Kind, part: fn(char) -> bool) -> (Kind, String, usize) {
    let text: String = characters[at..]
        .iter()
        .enumerate()
        .take_while(|(index, character)| *index == 0 || part(**character))
        .map(|(_, character)| *character)
        .collect();
    let length = text.chars().count();
    (kind, text, length)
}

/// A string in single quotes, in which `\'` stands for a quote.
fn quoted(characters: &[char], at: usize) -> Result<(Kind, String, usize), Fault> {
    let mut text = String::new();
    let mut index = at + 1;
    while let Some(&character) = characters.get(index) {
        match (character, characters.get(index + 1)) {
            ('\\', Some('\'')) => {
                text.push('\'');
                index += 2;
            }
            ('\'', _) => return Ok((Kind::Quoted, text, index + 1 - at)),
            _ => {
                text.push(character);
                index += 1;
            }
        }
    }
    Err(lexical(characters.len() + 1, "<EOF>", &text))
}

fn symbol(characters: &[char], at: usize) -> Result<(Kind, String, usize), Fault> {
    let pair: String = characters[at..].iter().take(2).collect();
    let single = characters[at];
    if pair == "<=" || pair == ">=" {
        return Ok((Kind::Symbol, pair, 2));
    }
    if "*,()=<>".contains(single) {
        return Ok((Kind::Symbol, single.to_string(), 1));
    }
    Err(lexical(at + 1, &format!("\"{single}\" ({})", u32::from(single)), ""))
}

fn lexical(column: usize, encountered: &str, after: &str) -> Fault {
    let detail = format!(
        "QueryParserError: Lexical error at line 1, column {column}.  Encountered: {encountered} after : \"{after}\""
    );
    Fault::new("4000", "Error parsing query", detail)
}
