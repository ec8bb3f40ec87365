//! Reads a scenario: every step by itself, so that one mistake does not hide
//! the next.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::Scenario;
use super::errors::{ScenarioError, ScenarioErrors};
use super::step::{ClockFile, Step, StepFile};

/// The tables of a scenario.
const TABLES: &[&str] = &["clock", "step"];

/// Reads `text`; errors call it `name`.
pub(super) fn scenario(name: &str, text: &str) -> Result<Scenario, ScenarioErrors> {
    let (table, syntax) = DeTable::parse_recoverable(text);
    let mut errors: Vec<ScenarioError> = syntax.iter().map(|error| told(error, 0..0)).collect();
    // After a syntax error the rest is what the parser guessed.
    if errors.is_empty() {
        let scenario = tables(text, table.into_inner(), &mut errors);
        if errors.is_empty() {
            return Ok(scenario);
        }
    }
    Err(ScenarioErrors::new(name, text, errors))
}

fn tables(text: &str, table: DeTable<'_>, errors: &mut Vec<ScenarioError>) -> Scenario {
    let mut scenario = Scenario { clock: ClockFile::default(), steps: Vec::new() };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "clock" => scenario.clock = read(value, errors).unwrap_or_default(),
            "step" => scenario.steps = steps(text, value, errors),
            other => errors.push(ScenarioError {
                span: key.span(),
                message: format!("unknown key `{other}`"),
                remedy: Some(meant(other, TABLES)),
            }),
        }
    }
    scenario
}

pub(super) fn steps(text: &str, value: Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) -> Vec<Step> {
    let span = value.span();
    let DeValue::Array(values) = value.into_inner() else {
        errors.push(ScenarioError {
            span,
            message: "`step` is a list of tables".into(),
            remedy: Some("begin each step with [[step]]".into()),
        });
        return Vec::new();
    };
    let mut steps = Vec::new();
    for value in values {
        let span = value.span();
        let trouble = value.get_ref().get("trouble");
        let counted = trouble.is_some_and(|rule| rule.get_ref().get("times").is_some());
        let Some(file) = read::<StepFile>(value, errors) else { continue };
        let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
        match file.into_step(line, counted) {
            Ok(step) => steps.push(step),
            Err((message, remedy)) => {
                errors.push(ScenarioError { span, message, remedy: Some(remedy.to_owned()) });
            }
        }
    }
    steps
}

/// A value of a file, or one more error.
pub fn read<'t, T: Deserialize<'t>>(
    value: Spanned<DeValue<'t>>,
    errors: &mut Vec<ScenarioError>,
) -> Option<T> {
    let span = value.span();
    T::deserialize(ValueDeserializer::from(value)).map_err(|error| errors.push(told(&error, span))).ok()
}

/// The parser's words in ours.
pub fn told(error: &toml::de::Error, whole: Range<usize>) -> ScenarioError {
    let span = error.span().unwrap_or(whole);
    let message = error.message();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let keys = message.strip_prefix("unexpected keys in table: ");
    let (message, remedy) = match quoted.as_slice() {
        _ if keys.is_some() => {
            let keys = keys.unwrap_or_default();
            let (wrong, known) = keys.split_once(", available keys: ").unwrap_or((keys, ""));
            let known: Vec<&str> = known.split(", ").filter(|key| !key.is_empty()).collect();
            (format!("unknown key `{wrong}`"), Some(meant(wrong, &known)))
        }
        [wrong, known @ ..] if message.starts_with("unknown field") => {
            (format!("unknown key `{wrong}`"), Some(meant(wrong, known)))
        }
        [wrong, known @ ..] if message.starts_with("unknown variant") => {
            (format!("there is no `{wrong}` here"), Some(meant(wrong, known)))
        }
        [missing] if message.starts_with("missing field") => {
            (format!("`{missing}` is missing"), Some(format!("add `{missing}` here")))
        }
        _ => match message.split_once("; ") {
            Some((message, remedy)) => (message.to_owned(), Some(remedy.to_owned())),
            None => (message.to_owned(), Some(remedy_for(message))),
        },
    };
    ScenarioError { span, message, remedy }
}

/// What to do about a value of another sort than the parser expected.
fn remedy_for(message: &str) -> String {
    let expected = message.rsplit_once("expected ").map_or("", |(_, expected)| expected);
    let wanted = match expected {
        text if text.contains("string") => "put it in quotes",
        "u8" => "write a whole number from 0 to 100",
        "i64" | "u16" | "u32" | "u64" | "usize" => "write a whole number",
        "a boolean" => "write true or false",
        "unit variant" | "empty table" => "write its name alone, in quotes",
        table if table.contains("struct") || table.contains("table") => "write a table: { key = value }",
        one if one.contains("exactly") || message.contains("exactly") => "write one word and no other",
        _ => "write it as the example that comes with the program does",
    };
    wanted.to_owned()
}

/// A word less alike than this is no misspelling.
const LIKENESS_PERCENT_MIN: usize = 60;

/// What to do about a word that is not known.
pub fn meant(wrong: &str, known: &[&str]) -> String {
    let near = known.iter().max_by_key(|known| likeness(wrong, known));
    match near.filter(|known| likeness(wrong, known) >= LIKENESS_PERCENT_MIN) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "take it away".to_owned(),
        None => format!("one of {}", known.join(", ")),
    }
}

fn likeness(one: &str, other: &str) -> usize {
    let length = one.chars().count().max(other.chars().count()).max(1);
    100 - (100 * strsim::damerau_levenshtein(one, other) / length).min(100)
}
