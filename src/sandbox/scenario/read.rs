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

fn steps(text: &str, value: Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) -> Vec<Step> {
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
        let Some(file) = read::<StepFile>(value, errors) else { continue };
        let line = text[..span.start.min(text.len())].lines().count() + 1;
        match file.into_step(line) {
            Ok(step) => steps.push(step),
            Err((message, remedy)) => {
                errors.push(ScenarioError { span, message, remedy: Some(remedy.to_owned()) });
            }
        }
    }
    steps
}

fn read<'t, T: Deserialize<'t>>(value: Spanned<DeValue<'t>>, errors: &mut Vec<ScenarioError>) -> Option<T> {
    let span = value.span();
    T::deserialize(ValueDeserializer::from(value)).map_err(|error| errors.push(told(&error, span))).ok()
}

/// The parser's words in ours.
fn told(error: &toml::de::Error, whole: Range<usize>) -> ScenarioError {
    let span = error.span().unwrap_or(whole);
    let message = error.message();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (message, remedy) = match quoted.as_slice() {
        [wrong, known @ ..] if message.starts_with("unknown field") => {
            (format!("unknown key `{wrong}`"), Some(meant(wrong, known)))
        }
        [wrong, known @ ..] if message.starts_with("unknown variant") => {
            (format!("there is no `{wrong}` here"), Some(meant(wrong, known)))
        }
        [missing] if message.starts_with("missing field") => (format!("`{missing}` is missing"), None),
        _ => match message.split_once("; ") {
            Some((message, remedy)) => (message.to_owned(), Some(remedy.to_owned())),
            None => (message.to_owned(), None),
        },
    };
    ScenarioError { span, message, remedy }
}

/// A word less alike than this is no misspelling.
const LIKENESS_PERCENT_MIN: usize = 60;

fn meant(wrong: &str, known: &[&str]) -> String {
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
