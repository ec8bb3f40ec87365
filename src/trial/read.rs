//! Reads a scenario: every table by itself, so that one mistake does not hide
//! the next.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::expect::Expected;
use super::{Invalid, Trial};
use crate::sandbox::excerpt::{Excerpt, Moment, TABLES};
use crate::sandbox::scenario::{Scenario, ScenarioError, ScenarioErrors, Span, meant, read_value, told};

/// What a scenario says of itself.
const OWN: &[&str] = &["about", "config", "now", "passes", "step", "expect"];
/// Tables of the operator's files that stand in place of theirs.
pub(super) const DECISIONS: &[&str] = &["links", "dismiss", "dismiss_rule", "resend", "approve"];
/// Tables of the operator's files, where the scenario names none.
pub(super) const SETTINGS: &[&str] = &[
    "company",
    "customers",
    "posting",
    "deposit_accounts",
    "items",
    "taxes",
    "transaction_types",
    "guard",
    "freeze",
];

/// Longest time between the beginning and a pass: ten years.
const LATEST: Duration = Duration::from_hours(24 * 3_660);

impl Trial {
    /// Reads `text`, which stands at `path` and is called `name`. One that only
    /// asks what is `found` need not expect anything.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, with places and remedies.
    pub fn parse(name: &str, path: &Path, text: &str, found: bool) -> Result<Self, Invalid> {
        let (table, syntax) = DeTable::parse_recoverable(text);
        let mut errors: Vec<ScenarioError> = syntax.iter().map(|error| told(error, 0..0)).collect();
        // After a syntax error the rest is what the parser guessed.
        if errors.is_empty() {
            let trial = tables((name, path, text), table.into_inner(), found, &mut errors);
            if let Some(trial) = trial.filter(|_| errors.is_empty()) {
                return Ok(trial);
            }
        }
        Err(Invalid::Scenario(ScenarioErrors::new(name, text, errors)))
    }

    /// An error of this file.
    pub(super) fn invalid(&self, errors: Vec<ScenarioError>) -> Invalid {
        Invalid::Scenario(ScenarioErrors::new(&self.name, &self.text, errors))
    }
}

fn tables(
    (name, path, text): (&str, &Path, &str),
    table: DeTable<'_>,
    found: bool,
    errors: &mut Vec<ScenarioError>,
) -> Option<Trial> {
    let (mut about, mut config, mut settings, mut decides) = (None, None, None, false);
    let (mut now, mut passes) = (None, vec![Duration::ZERO]);
    let mut expected = found.then(Expected::all);
    let (mut scenario, mut excerpt, mut posts) = (Scenario::default(), Excerpt::default(), false);
    for (key, value) in table {
        let word = key.get_ref().as_ref();
        match word {
            "about" => about = read_value::<String>(value, errors),
            "config" => {
                let span = value.span();
                config = read_value::<String>(value, errors).map(|config| (config, span));
            }
            "now" => now = Some(read_value::<Moment>(value, errors)),
            "passes" => passes = hours(value, errors),
            "step" => scenario = Scenario::of_steps(text, value, errors),
            "expect" if found => {}
            "expect" => expected = Some(Expected::read(&value, errors)),
            _ if TABLES.contains(&word) => excerpt.take(word, value, errors),
            _ if DECISIONS.contains(&word) => decides = true,
            _ if SETTINGS.contains(&word) => {
                posts |= word == "posting";
                settings.get_or_insert(key.span());
            }
            other => {
                let known: Vec<&str> = [OWN, TABLES, DECISIONS, SETTINGS].concat();
                let remedy = Some(meant(other, &known));
                errors.push(ScenarioError {
                    span: key.span(),
                    message: format!("unknown key `{other}`"),
                    remedy,
                });
            }
        }
    }
    if now.is_none() {
        lacks("`now` is missing", "say when this is played: now = 2026-03-31", errors);
    }
    if expected.is_none() {
        lacks("nothing is expected", "write [[expect.posting]], or [expect] and balanced = true", errors);
    }
    errors.extend(misplaced(config.is_some(), settings.as_ref(), posts));
    Some(Trial {
        name: name.into(),
        path: path.to_owned(),
        text: text.into(),
        about,
        config,
        settings,
        decides,
        now: now??,
        passes,
        scenario,
        excerpt,
        expected: expected?,
    })
}

/// When passes begin, counted from `now`.
fn hours(value: Spanned<DeValue<'_>>, errors: &mut Vec<ScenarioError>) -> Vec<Duration> {
    let span = value.span();
    let spans = read_value::<Vec<Span>>(value, errors).unwrap_or_default();
    let mut hours: Vec<Duration> = spans.into_iter().map(|span| span.0).collect();
    hours.sort_unstable();
    if hours.is_empty() || hours.last().is_some_and(|last| *last > LATEST) {
        let message = "`passes` says when there is a pass, within ten years".to_owned();
        errors.push(ScenarioError {
            span,
            message,
            remedy: Some("write passes = [\"0s\", \"1d\"]".to_owned()),
        });
    }
    hours
}

/// Something that the file as a whole lacks.
fn lacks(message: &str, remedy: &str, errors: &mut Vec<ScenarioError>) {
    let (message, remedy) = (message.to_owned(), Some(remedy.to_owned()));
    errors.push(ScenarioError { span: 0..0, message, remedy });
}

/// Settings of its own beside files that hold some, or without the ones that
/// everything is posted by.
fn misplaced(named: bool, settings: Option<&Range<usize>>, posts: bool) -> Option<ScenarioError> {
    let span = settings?.clone();
    let (message, remedy) = if named {
        (
            "this table is part of the files that `config` names",
            "take it out, or take `config` out and write all settings here",
        )
    } else if posts {
        return None;
    } else {
        (
            "with settings of its own, a scenario needs [posting] too",
            "write it, or name the operator's file: config = \"../latchd.toml\"",
        )
    };
    Some(ScenarioError { span, message: message.to_owned(), remedy: Some(remedy.to_owned()) })
}
