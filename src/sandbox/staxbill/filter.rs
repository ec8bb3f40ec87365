//! The grammar of `query=`: pairs `name:value` joined by `;`, with sets,
//! wildcards and half-open ranges.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::answer::Refusal;
use crate::sandbox::pattern;

/// What a filterable name holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Whole,
    Amount,
    Instant,
    /// The lower bound of an instant, which belongs to the range.
    From,
    /// The upper bound of an instant, which does not.
    Until,
    Text,
    Flag,
    /// One of the vendor's words.
    Choice(&'static [&'static str]),
}

/// One record's value under a name. The order is the vendor's: nulls, then
/// digits, then letters.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(super) enum Cell<'a> {
    Null,
    Flag(bool),
    Whole(i64),
    Amount(Decimal),
    Instant(Timestamp),
    Text(Cow<'a, str>),
}

impl<'a> Cell<'a> {
    pub(super) fn text(value: Option<&'a str>) -> Self {
        value.map_or(Self::Null, |text| Self::Text(Cow::Borrowed(text)))
    }

    pub(super) fn whole(value: Option<i64>) -> Self {
        value.map_or(Self::Null, Self::Whole)
    }
}

/// One pair of a `query=`.
#[derive(Debug)]
pub(super) struct Condition {
    /// In lower case.
    pub(super) name: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Empty,
    OneOf(Vec<Cell<'static>>),
    Within(Option<Cell<'static>>, Option<Cell<'static>>),
    Like(String),
}

impl Condition {
    pub(super) fn holds(&self, cell: &Cell<'_>) -> bool {
        match &self.test {
            Test::Empty => match cell {
                Cell::Null => true,
                Cell::Text(text) => text.is_empty(),
                Cell::Flag(_) | Cell::Whole(_) | Cell::Amount(_) | Cell::Instant(_) => false,
            },
            Test::OneOf(wanted) => wanted.contains(cell),
            Test::Within(from, to) => {
                *cell != Cell::Null
                    && from.as_ref().is_none_or(|from| cell >= from)
                    && to.as_ref().is_none_or(|to| cell < to)
            }
            Test::Like(wanted) => {
                if let Cell::Text(text) = cell {
                    pattern::matches(wanted, text)
                } else {
                    false
                }
            }
        }
    }
}

/// The conditions of a `query=`, all of which must hold.
pub(super) fn parse(query: &str, names: &[(&str, Kind)]) -> Result<Vec<Condition>, Refusal> {
    query.split(';').map(str::trim).filter(|pair| !pair.is_empty()).map(|pair| one(pair, names)).collect()
}

fn one(pair: &str, names: &[(&str, Kind)]) -> Result<Condition, Refusal> {
    let Some((name, value)) = pair.split_once(':') else {
        return Err(Refusal::bad(format!("Filter '{pair}' is not a name and a value.")));
    };
    let kind = kind_of(name, names)?;
    let value = value.trim();
    let test = if value.eq_ignore_ascii_case("[empty]") {
        Test::Empty
    } else {
        typed(value, kind).ok_or_else(|| {
            Refusal::bad(format!("Value '{value}' is not valid for filter '{}'.", name.trim()))
        })?
    };
    Ok(Condition { name: name.trim().to_lowercase(), test })
}

/// What a name holds; names the vendor does not list are refused, so that a
/// filter which would be ignored cannot pass for one that works.
pub(super) fn kind_of(name: &str, names: &[(&str, Kind)]) -> Result<Kind, Refusal> {
    names
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name.trim()))
        .map(|(_, kind)| *kind)
        .ok_or_else(|| Refusal::bad(format!("'{}' is not a filterable or sortable field.", name.trim())))
}

fn typed(value: &str, kind: Kind) -> Option<Test> {
    match kind {
        Kind::Text => Some(Test::Like(value.to_owned())),
        Kind::Flag => Some(Test::OneOf(vec![Cell::Flag(value.to_lowercase().parse().ok()?)])),
        Kind::Choice(words) => value
            .split(',')
            .map(|wanted| words.iter().find(|word| word.eq_ignore_ascii_case(wanted.trim())))
            .map(|word| word.map(|word| Cell::Text(Cow::Borrowed(*word))))
            .collect::<Option<_>>()
            .map(Test::OneOf),
        Kind::Whole => ranged(value, |text| text.parse().ok().map(Cell::Whole)).or_else(|| {
            let ids = value.split(',').map(|id| id.trim().parse().ok().map(Cell::Whole));
            ids.collect::<Option<_>>().map(Test::OneOf)
        }),
        Kind::Amount => ranged(value, |text| text.parse().ok().map(Cell::Amount))
            .or_else(|| Some(Test::OneOf(vec![Cell::Amount(value.parse().ok()?)]))),
        Kind::From => Some(Test::Within(Some(Cell::Instant(instant(value)?)), None)),
        Kind::Until => Some(Test::Within(None, Some(Cell::Instant(instant(value)?)))),
        Kind::Instant => ranged(value, |text| instant(text).map(Cell::Instant))
            .or_else(|| Some(Test::OneOf(vec![Cell::Instant(instant(value)?)]))),
    }
}

/// `from|to`, either of which may be absent, but not both.
fn ranged(value: &str, read: impl Fn(&str) -> Option<Cell<'static>>) -> Option<Test> {
    let (from, to) = value.split_once('|')?;
    let side = |text: &str| if text.is_empty() { Some(None) } else { read(text).map(Some) };
    let (from, to) = (side(from.trim())?, side(to.trim())?);
    (from.is_some() || to.is_some()).then_some(Test::Within(from, to))
}

/// A day, or a second with or without its fraction and `Z`. Offsets are not
/// in the vendor's grammar.
fn instant(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let civil: DateTime = match text.len() {
        10 => text.parse::<Date>().ok()?.into(),
        19.. if text.as_bytes()[10] == b'T' && !text.get(19..)?.contains(['+', '-']) => text.parse().ok()?,
        _ => return None,
    };
    civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[(&str, Kind)] = &[
        ("id", Kind::Whole),
        ("amount", Kind::Amount),
        ("createdTimestamp", Kind::Instant),
        ("firstName", Kind::Text),
        ("status", Kind::Choice(&["Active", "Draft"])),
        ("Customer.QuickBooksId", Kind::Whole),
        ("unsettled", Kind::Flag),
        ("startDate", Kind::From),
        ("endDate", Kind::Until),
    ];

    fn cell(name: &str) -> Cell<'static> {
        match name {
            "id" => Cell::Whole(12),
            "amount" => Cell::Amount("50.00".parse().unwrap()),
            "createdtimestamp" | "startdate" | "enddate" => {
                Cell::Instant("2018-01-01T00:00:00Z".parse().unwrap())
            }
            "firstname" => Cell::text(Some("Jessica")),
            "status" => Cell::text(Some("Active")),
            "unsettled" => Cell::Flag(false),
            _ => Cell::Null,
        }
    }

    #[test]
    fn pairs_hold_or_not() {
        for (query, holds) in [
            ("", true),
            ("firstName:jessica", true),
            ("FIRSTNAME:Jess*;id:12", true),
            ("firstName:*ss*", true),
            ("firstName:Jess", false),
            ("firstName:Jessica,Joan", false),
            ("firstName:[empty]", false),
            ("Customer.QuickBooksId:[empty]", true),
            ("customer.quickbooksid:12", false),
            ("status:Draft", false),
            ("status:draft,active", true),
            ("id:1,12,123", true),
            ("id:13|", false),
            ("id:12|13", true),
            ("amount:50|180.00", true),
            ("amount:10|50.00", false),
            ("amount:50.0", true),
            ("createdTimestamp:2018-01-01|2019-01-01", true),
            ("createdTimestamp:|2018-01-01", false),
            ("createdTimestamp:2018-01-01T00:00:00.000Z|", true),
            ("createdTimestamp:2018-01-01T00:00:01|", false),
            ("unsettled:False", true),
            ("startDate:2018-01-01;endDate:2018-01-02", true),
            ("startDate:2018-01-01T00:00:01", false),
            ("endDate:2018-01-01", false),
        ] {
            let conditions = parse(query, NAMES).unwrap();
            let all = conditions.iter().all(|one| one.holds(&cell(&one.name)));
            assert_eq!(all, holds, "{query}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for query in [
            "nonsense:1",
            "firstName",
            "id:x",
            "id:|",
            "status:Alive",
            "createdTimestamp:01/02/2018|",
            "createdTimestamp:2018-01-01T00:00:00+02:00|",
            "createdTimestamp:2018-01-01 00:00:00|",
            "createdTimestamp:2018-01-01T00:00:0\u{e9}|",
            "startDate:2018-01-01T00:00:0\u{e9}",
            "amount:ten",
            "unsettled:maybe",
            "startDate:2018-01-01|2018-01-02",
        ] {
            assert!(parse(query, NAMES).is_err(), "{query}");
        }
    }
}
