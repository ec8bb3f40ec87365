//! `[expect]`: what a file says should be found.

use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::section::{Cell, Field, Kind, Row, SECTIONS, Section, WHOLE};
use crate::model::Key;
use crate::sandbox::scenario::{ScenarioError, meant};

/// What is expected; a section that is not there is not looked at, one that is
/// says all that is there.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) whole: Row,
    pub(super) sections: Vec<(&'static Section, Vec<Row>)>,
}

impl Expected {
    /// Reads `[expect]`.
    pub(super) fn read(value: &Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) -> Self {
        let mut expected = Self::default();
        let DeValue::Table(table) = value.get_ref() else {
            errors.push(error(value, "`expect` is a table", "write [expect], or [[expect.posting]]"));
            return expected;
        };
        for (key, value) in table {
            let name: &str = key.get_ref();
            if let Some(section) = Section::named(name) {
                expected.sections.push((section, rows(section, value, errors)));
            } else if let Some(field) = WHOLE.fields.iter().find(|field| field.name == name) {
                expected.whole.extend(cell(field, value, errors).map(|cell| (field.name, cell)));
            } else {
                let known: Vec<&str> = SECTIONS
                    .iter()
                    .map(|section| section.name)
                    .chain(WHOLE.fields.iter().map(|field| field.name))
                    .collect();
                errors.push(unknown(key.span(), name, &known));
            }
        }
        if table.is_empty() {
            errors.push(error(value, "nothing is expected", "write [[expect.posting]], or balanced = true"));
        }
        expected
    }

    /// Everything is looked at.
    pub(super) fn all() -> Self {
        Self { whole: Row::new(), sections: SECTIONS.iter().map(|section| (section, Vec::new())).collect() }
    }

    /// Whether a plan is to be made.
    pub(super) fn plans(&self) -> bool {
        self.sections.iter().any(|(section, _)| ["plan", "total", "held"].contains(&section.name))
    }
}

fn rows(
    section: &'static Section,
    value: &Spanned<DeValue<'_>>,
    errors: &mut Vec<ScenarioError>,
) -> Vec<Row> {
    let DeValue::Array(values) = value.get_ref() else {
        let (message, remedy) = (
            format!("`{}` is a list of tables", section.name),
            format!("begin each with [[expect.{0}]], or write {0} = [] where there is none", section.name),
        );
        errors.push(error(value, &message, &remedy));
        return Vec::new();
    };
    values.iter().filter_map(|value| row(section, value, errors)).collect()
}

fn row(
    section: &'static Section,
    value: &Spanned<DeValue<'_>>,
    errors: &mut Vec<ScenarioError>,
) -> Option<Row> {
    let DeValue::Table(table) = value.get_ref() else {
        errors.push(error(value, "this is a table", "write { … = …, … }"));
        return None;
    };
    if table.is_empty() {
        errors.push(error(value, "this row expects nothing", "say at least one thing of it, or take it out"));
    }
    Some(cells(section, table, errors))
}

fn cells(section: &'static Section, table: &DeTable<'_>, errors: &mut Vec<ScenarioError>) -> Row {
    let mut row = Row::new();
    for (key, value) in table {
        let name: &str = key.get_ref();
        if let Some(field) = section.fields.iter().find(|field| field.name == name) {
            row.extend(cell(field, value, errors).map(|cell| (field.name, cell)));
        } else {
            let known: Vec<&str> = section.fields.iter().map(|field| field.name).collect();
            errors.push(unknown(key.span(), name, &known));
        }
    }
    row
}

fn cell(field: &Field, value: &Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) -> Option<Cell> {
    let name = field.name;
    let text = value.get_ref().as_str();
    let (cell, remedy) = match &field.kind {
        Kind::Text => (text.map(|text| Cell::Text(text.to_owned())), format!("write {name} = \"…\"")),
        Kind::Key => {
            let sound = text.filter(|text| text.starts_with("company/") || text.parse::<Key>().is_ok());
            (sound.map(|text| Cell::Text(text.to_owned())), format!("write {name} = \"invoice/88123\""))
        }
        Kind::Word(words) => {
            let words = words();
            let known = text.filter(|text| words.contains(text)).map(|text| Cell::Text(text.to_owned()));
            (known, meant(text.unwrap_or_default(), &words))
        }
        Kind::Day => {
            let day = value.get_ref().as_datetime().map(ToString::to_string);
            let day = day.or_else(|| text.map(str::to_owned));
            let day =
                day.filter(|day| day.parse::<jiff::civil::Date>().is_ok_and(|date| date.to_string() == *day));
            (day.map(Cell::Text), format!("write {name} = 2026-03-01"))
        }
        Kind::Amount => {
            let amount = text.and_then(|text| text.parse::<Decimal>().ok());
            (
                amount.map(Cell::Amount),
                format!("write {name} = \"402.88\", in quotes: numbers may be rounded"),
            )
        }
        Kind::Count => {
            let whole = value.get_ref().as_integer().and_then(|whole| whole.to_string().parse().ok());
            (whole.map(Cell::Count), format!("write {name} = 3"))
        }
        Kind::Flag => {
            let flag = if let DeValue::Boolean(yes) = value.get_ref() { Some(*yes) } else { None };
            (flag.map(Cell::Flag), format!("write {name} = true"))
        }
        Kind::Rows(section) => return Some(Cell::Rows(rows(section, value, errors))),
    };
    if cell.is_none() {
        let what = match &field.kind {
            Kind::Text => "a text",
            Kind::Key => "the key of a record",
            Kind::Word(_) => "one of the words that are known here",
            Kind::Day => "a day",
            Kind::Amount => "an amount",
            Kind::Count => "a whole number",
            Kind::Flag => "true or false",
            Kind::Rows(_) => "a list",
        };
        errors.push(error(value, &format!("`{name}` is {what}"), &remedy));
    }
    cell
}

fn unknown(span: std::ops::Range<usize>, name: &str, known: &[&str]) -> ScenarioError {
    ScenarioError { span, message: format!("unknown key `{name}`"), remedy: Some(meant(name, known)) }
}

fn error(value: &Spanned<DeValue<'_>>, message: &str, remedy: &str) -> ScenarioError {
    ScenarioError { span: value.span(), message: message.to_owned(), remedy: Some(remedy.to_owned()) }
}
