//! Conditions and sort keys against the properties an entity can be asked for.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::super::entity::{Entity, Field, Kind, field};
use super::super::fault::Fault;
use super::super::json::{Object, decimal, flag, reference, text};
use super::super::shelf::{Kept, fold};
use super::super::stamp;
use super::statement::{Condition, Literal, Operator};

/// A property that may be filtered and sorted by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Property {
    Id,
    Created,
    Updated,
    Of(&'static Field),
}

/// A value in the form it is compared in; values of one property are alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Datum {
    Nothing,
    Number(Decimal),
    Truth(bool),
    /// Text, folded: comparison ignores case.
    Text(String),
}

/// A condition whose names and values have been looked up.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) property: Property,
    pub(super) operator: Operator,
    pub(super) values: Vec<Datum>,
}

impl Test {
    pub(super) fn new(entity: &Entity, condition: &Condition) -> Result<Self, Fault> {
        let property = property(entity, &condition.property)?;
        let values = condition.values.iter().map(|value| property.read(value)).collect::<Result<_, _>>()?;
        Ok(Self { property, operator: condition.operator, values })
    }

    pub(super) fn holds(&self, id: u64, kept: &Kept) -> bool {
        let value = self.property.of(id, kept);
        let compared = value.cmp(&self.values[0]);
        match self.operator {
            Operator::Equal => compared == Ordering::Equal,
            Operator::Less => compared == Ordering::Less && value != Datum::Nothing,
            Operator::Greater => compared == Ordering::Greater,
            Operator::AtMost => compared != Ordering::Greater && value != Datum::Nothing,
            Operator::AtLeast => compared != Ordering::Less,
            Operator::In => self.values.contains(&value),
            Operator::Like => match (&value, &self.values[0]) {
                (Datum::Text(text), Datum::Text(pattern)) => like(text, pattern),
                _ => false,
            },
        }
    }

    /// The values it allows, where it allows only some.
    pub(super) fn exact(&self) -> Option<&[Datum]> {
        matches!(self.operator, Operator::Equal | Operator::In).then_some(self.values.as_slice())
    }
}

impl Property {
    pub(super) fn of(self, id: u64, kept: &Kept) -> Datum {
        match self {
            Self::Id => Datum::Number(id.into()),
            Self::Updated => Datum::Number(kept.updated.into()),
            Self::Created => created(&kept.object),
            Self::Of(field) => value(field, &kept.object),
        }
    }

    /// Reads a comparand; a lone space in quotes stands for no value.
    /// A truth is written without quotes; that one in quotes is refused is our
    /// reading, not recorded.
    fn read(self, literal: &Literal) -> Result<Datum, Fault> {
        let text = literal.text.as_str();
        if text == " " {
            return Ok(Datum::Nothing);
        }
        let read = match self {
            Self::Id => {
                let id: Option<u64> = text.parse().ok();
                return id.map(|id| Datum::Number(id.into())).ok_or_else(|| Fault::invalid_id(text));
            }
            Self::Created | Self::Updated => seconds(text),
            Self::Of(field) => match field.kind {
                Kind::Amount | Kind::Number => text.parse().ok().map(Datum::Number),
                Kind::Flag if literal.quoted => None,
                Kind::Flag => text.to_lowercase().parse().ok().map(Datum::Truth),
                Kind::Date => stamp::date(text).map(Datum::Text),
                Kind::Text(_)
                | Kind::Reference(_)
                | Kind::Email
                | Kind::Phone
                | Kind::Url
                | Kind::Address
                | Kind::Memo(_)
                | Kind::Open => Some(Datum::Text(fold(text))),
            },
        };
        read.ok_or_else(|| invalid(&format!("Invalid value '{text}'")))
    }
}

/// Finds a property to filter by, by its name in any case.
pub(super) fn property(entity: &Entity, name: &str) -> Result<Property, Fault> {
    find(entity, name, |field| field.queryable)
}

/// Finds a property to sort by.
pub(super) fn sort_key(entity: &Entity, name: &str) -> Result<Property, Fault> {
    find(entity, name, |field| field.queryable || field.sortable)
}

fn find(entity: &Entity, name: &str, serves: fn(&Field) -> bool) -> Result<Property, Fault> {
    match fold(name).as_str() {
        "id" => return Ok(Property::Id),
        "metadata.createtime" => return Ok(Property::Created),
        "metadata.lastupdatedtime" => return Ok(Property::Updated),
        _ => {}
    }
    let found = entity.fields().find(|field| field.name.eq_ignore_ascii_case(name));
    let common = field::COMMON.iter().any(|common| common.eq_ignore_ascii_case(name));
    match found {
        Some(field) if serves(field) => Ok(Property::Of(field)),
        Some(field) => Err(invalid(&format!("property '{}' is not queryable", field.name))),
        None if common => Err(invalid(&format!("property '{name}' is not queryable"))),
        None => Err(invalid(&format!("Property {name} not found for Entity {}", entity.name))),
    }
}

/// Whether a name may stand between SELECT and FROM.
pub(super) fn check_projection(entity: &Entity, name: &str) -> Result<(), Fault> {
    let base = name.split('.').next().unwrap_or(name);
    let mut known = entity.known_properties().into_iter();
    if known.any(|known| known.eq_ignore_ascii_case(base)) {
        return Ok(());
    }
    Err(invalid(&format!("Property {name} not found for Entity {}", entity.name)))
}

pub(super) fn invalid(text: &str) -> Fault {
    Fault::new("4001", "Invalid query", format!("QueryValidationError: {text}"))
}

fn value(field: &Field, object: &Object) -> Datum {
    if !object.contains_key(field.name) {
        return Datum::Nothing;
    }
    let inner = |key: &str| object[field.name].get(key).and_then(|value| value.as_str()).map(fold);
    let read = match field.kind {
        Kind::Amount | Kind::Number => return Datum::Number(decimal(object, field.name)),
        Kind::Flag => return flag(object, field.name).map_or(Datum::Nothing, Datum::Truth),
        Kind::Reference(_) => reference(object, field.name).map(fold),
        Kind::Email => inner("Address"),
        Kind::Phone => inner("FreeFormNumber"),
        Kind::Url => inner("URI"),
        Kind::Memo(_) => inner("value"),
        Kind::Text(_) | Kind::Date | Kind::Address | Kind::Open => text(object, field.name).map(fold),
    };
    read.map_or(Datum::Nothing, Datum::Text)
}

fn created(object: &Object) -> Datum {
    let text = object.get("MetaData").and_then(|data| data.get("CreateTime")?.as_str());
    text.and_then(seconds).unwrap_or(Datum::Nothing)
}

fn seconds(text: &str) -> Option<Datum> {
    Some(Datum::Number(stamp::parse(text)?.as_second().into()))
}

/// `%` stands for any run of characters; nothing else is special.
fn like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('%');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(found) = rest.find(part) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_percent_alone() {
        let cases = [
            ("amy's bird", "amy%", true),
            ("amy's bird", "%bird", true),
            ("amy's bird", "%'s%", true),
            ("amy's bird", "a%b%d", true),
            ("amy's bird", "amy", false),
            ("amy", "amy", true),
            ("aa", "a%a%a", false),
            ("amy", "a_y", false),
            ("", "%", true),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(like(text, pattern), expected, "{text} {pattern}");
        }
    }
}
