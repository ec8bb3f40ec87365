//! The grammar: SELECT … FROM … WHERE … ORDERBY … STARTPOSITION … MAXRESULTS.

use super::super::fault::Fault;
use super::lexer::{KEYWORDS, Kind, Token, tokens};

/// A query as written, names not yet looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) count: bool,
    /// Properties named between SELECT and FROM; the answer holds whole
    /// objects all the same.
    pub(super) projection: Vec<String>,
    pub(super) entity: String,
    pub(super) conditions: Vec<Condition>,
    pub(super) order: Vec<(String, Direction)>,
    pub(super) start: Option<u64>,
    pub(super) max: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) property: String,
    pub(super) operator: Operator,
    pub(super) values: Vec<Literal>,
}

/// A value as written, without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub(super) text: String,
    pub(super) quoted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Less,
    Greater,
    AtMost,
    AtLeast,
    Like,
    In,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Rising,
    Falling,
}

/// Reads a query.
///
/// # Errors
///
/// Code 4000 for what is not in the grammar, 4001 for a page of nothing.
pub(super) fn parse(query: &str) -> Result<Statement, Fault> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0 };
    let mut statement = Statement::default();
    parser.keyword("select")?;
    parser.projection(&mut statement)?;
    parser.keyword("from")?;
    statement.entity = parser.name()?;
    if parser.takes("where") {
        statement.conditions.push(parser.condition()?);
        while parser.takes("and") {
            statement.conditions.push(parser.condition()?);
        }
    }
    if parser.takes_order() {
        statement.order.push(parser.order()?);
        while parser.takes(",") {
            statement.order.push(parser.order()?);
        }
    }
    // Both orders of the two are taken (recorded).
    loop {
        if statement.start.is_none() && parser.takes("startposition") {
            statement.start = Some(parser.position()?);
        } else if statement.max.is_none() && parser.takes("maxresults") {
            statement.max = Some(parser.position()?);
        } else {
            break;
        }
    }
    parser.end()?;
    Ok(statement)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn sees(&self, text: &str) -> bool {
        let token = self.peek();
        matches!(token.kind, Kind::Word | Kind::Symbol) && token.text.eq_ignore_ascii_case(text)
    }

    fn takes(&mut self, text: &str) -> bool {
        let seen = self.sees(text);
        self.at += usize::from(seen);
        seen
    }

    fn keyword(&mut self, text: &str) -> Result<(), Fault> {
        if self.takes(text) { Ok(()) } else { Err(self.unexpected(&[&format!("\"{text}\"")])) }
    }

    fn name(&mut self) -> Result<String, Fault> {
        let token = self.peek();
        let word = token.kind == Kind::Word && !KEYWORDS.contains(&token.text.to_lowercase().as_str());
        if word { Ok(self.next().text) } else { Err(self.unexpected(&["<IDENTIFIER>"])) }
    }

    fn projection(&mut self, statement: &mut Statement) -> Result<(), Fault> {
        if self.takes("count") {
            statement.count = true;
            return ["(", "*", ")"].iter().try_for_each(|text| self.keyword(text));
        }
        loop {
            if !self.takes("*") {
                statement.projection.push(self.name()?);
            }
            if !self.takes(",") {
                return Ok(());
            }
        }
    }

    fn condition(&mut self) -> Result<Condition, Fault> {
        let property = self.name()?;
        let operators = [
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("like", Operator::Like),
            ("in", Operator::In),
        ];
        let found = operators.iter().find(|(text, _)| self.takes(text));
        let Some((_, operator)) = found else {
            let names = operators.map(|(text, _)| format!("\"{text}\""));
            return Err(self.unexpected(&names.each_ref().map(String::as_str)));
        };
        let values = if *operator == Operator::In { self.values()? } else { vec![self.value()?] };
        Ok(Condition { property, operator: *operator, values })
    }

    fn values(&mut self) -> Result<Vec<Literal>, Fault> {
        self.keyword("(")?;
        let mut values = vec![self.value()?];
        while self.takes(",") {
            values.push(self.value()?);
        }
        self.keyword(")")?;
        Ok(values)
    }

    fn value(&mut self) -> Result<Literal, Fault> {
        let quoted = self.peek().kind == Kind::Quoted;
        if quoted || self.peek().kind == Kind::Number || self.sees("true") || self.sees("false") {
            return Ok(Literal { text: self.next().text, quoted });
        }
        Err(self.unexpected(&["\"true\"", "\"false\"", "<STRING>", "<NUMBER>"]))
    }

    fn takes_order(&mut self) -> bool {
        if self.takes("orderby") {
            return true;
        }
        let two_words = self.sees("order")
            && self.tokens.get(self.at + 1).is_some_and(|token| token.text.eq_ignore_ascii_case("by"));
        self.at += 2 * usize::from(two_words);
        two_words
    }

    fn order(&mut self) -> Result<(String, Direction), Fault> {
        let property = self.name()?;
        let falling = self.takes("desc");
        if !falling {
            self.takes("asc");
        }
        Ok((property, if falling { Direction::Falling } else { Direction::Rising }))
    }

    fn position(&mut self) -> Result<u64, Fault> {
        let token = self.peek();
        let number = Some(token).filter(|token| token.kind == Kind::Number);
        let Some(number) = number.and_then(|token| token.text.parse::<i64>().ok()) else {
            return Err(self.unexpected(&["<INTEGER>"]));
        };
        if number < 1 {
            let detail = format!("QueryValidationError: value {number} is too small. Min allowed value is 1");
            return Err(Fault::new("4001", "Invalid query", detail));
        }
        self.next();
        Ok(number.unsigned_abs())
    }

    fn end(&self) -> Result<(), Fault> {
        if self.peek().kind == Kind::End { Ok(()) } else { Err(self.unexpected(&["<EOF>"])) }
    }

    /// The refusal in the words of the parser generator the service uses
    /// (recorded for a symbol and for a keyword).
    fn unexpected(&self, expected: &[&str]) -> Fault {
        let token = self.peek();
        let word = token.text.to_lowercase();
        let seen = match token.kind {
            Kind::End => "\"<EOF>\"".to_owned(),
            Kind::Symbol => format!("\" \"{0}\" \"{0} \"\"", token.image),
            Kind::Word if KEYWORDS.contains(&word.as_str()) => {
                format!("\" \"{word}\" \"{} \"\"", token.image)
            }
            Kind::Word => format!("\" <IDENTIFIER> \"{} \"\"", token.image),
            Kind::Quoted => format!("\" <STRING> \"{} \"\"", token.image),
            Kind::Number => format!("\" <NUMBER> \"{} \"\"", token.image),
        };
        let one_of = if expected.len() > 1 { " one of" } else { "" };
        let list = expected.join(" ...\n    ");
        let column = token.column;
        let detail = format!(
            "QueryParserError: Encountered {seen} at line 1, column {column}.\nWas expecting{one_of}:\n    {list} ...\n    "
        );
        Fault::new("4000", "Error parsing query", detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_grammar() {
        let condition = |property: &str, operator, quoted: bool, values: &[&str]| Condition {
            property: property.into(),
            operator,
            values: values.iter().map(|value| Literal { text: (*value).to_owned(), quoted }).collect(),
        };
        let customer = || Statement { entity: "Customer".into(), ..Statement::default() };
        let cases = [
            ("select * from Customer", customer()),
            ("SELECT COUNT(*) FROM Customer", Statement { count: true, ..customer() }),
            (
                "Select Id, Name From Customer",
                Statement { projection: vec!["Id".into(), "Name".into()], ..customer() },
            ),
            ("SELECT *, Sku FROM Customer", Statement { projection: vec!["Sku".into()], ..customer() }),
            (
                "select * from Customer where DisplayName = 'Amy\\'s Bird' and Active in (true, FALSE)",
                Statement {
                    conditions: vec![
                        condition("DisplayName", Operator::Equal, true, &["Amy's Bird"]),
                        condition("Active", Operator::In, false, &["true", "FALSE"]),
                    ],
                    ..customer()
                },
            ),
            (
                "select * from Customer where Balance >= -3.5 MAXRESULTS 2 STARTPOSITION 3",
                Statement {
                    conditions: vec![condition("Balance", Operator::AtLeast, false, &["-3.5"])],
                    start: Some(3),
                    max: Some(2),
                    ..customer()
                },
            ),
            (
                "select * from Customer order by Id desc, MetaData.LastUpdatedTime startposition 1 maxresults 9",
                Statement {
                    order: vec![
                        ("Id".into(), Direction::Falling),
                        ("MetaData.LastUpdatedTime".into(), Direction::Rising),
                    ],
                    start: Some(1),
                    max: Some(9),
                    ..customer()
                },
            ),
        ];
        for (query, expected) in cases {
            assert_eq!(parse(query), Ok(expected), "{query}");
        }
    }

    #[test]
    fn refuses_in_the_parsers_words() {
        let cases = [
            (
                "select * from NULL",
                "4000",
                "Encountered \" \"null\" \"NULL \"\" at line 1, column 15.\nWas expecting:\n    <IDENTIFIER> ...\n    ",
            ),
            (
                "select * from A where B => 1",
                "4000",
                "Encountered \" \">\" \"> \"\" at line 1, column 26.\nWas expecting one of:",
            ),
            (
                "select * from A where B = 1 or C = 2",
                "4000",
                "Encountered \" <IDENTIFIER> \"or \"\" at line 1, column 29.",
            ),
            ("select * from A where B = x", "4000", "Encountered \" <IDENTIFIER> \"x \"\""),
            ("select * from", "4000", "Encountered \"<EOF>\" at line 1, column 14."),
            (
                "select * from A where B != 1",
                "4000",
                "Lexical error at line 1, column 25.  Encountered: \"!\" (33)",
            ),
            ("select * from A where B = 'x", "4000", "Encountered: <EOF>"),
            ("select * from A where D > 2026-05-01", "4000", "Encountered \" <NUMBER> \"-05 \"\" at line 1"),
            ("select * from A startposition 0", "4001", "value 0 is too small. Min allowed value is 1"),
            ("select * from A maxresults '2'", "4000", "Encountered \" <STRING> "),
            ("select * from A maxresults 0", "4001", "value 0 is too small. Min allowed value is 1"),
            ("delete from A", "4000", "Was expecting:\n    \"select\""),
            ("", "4000", "<EOF>"),
        ];
        for (query, code, text) in cases {
            let fault = parse(query).unwrap_err();
            assert_eq!(fault.code, code, "{query}");
            assert!(fault.detail.contains(text), "{query}: {}", fault.detail);
        }
    }
}
