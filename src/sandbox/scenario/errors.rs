//! What is wrong with a scenario: each mistake with its place, a caret and a
//! remedy.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// One mistake in a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// Where it is, in bytes of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
}

/// Everything that is wrong with a scenario, in the order of the file.
#[derive(Clone, Debug)]
pub struct ScenarioErrors {
    name: Arc<str>,
    text: Arc<str>,
    errors: Vec<ScenarioError>,
}

impl ScenarioErrors {
    /// The mistakes in `text`, which is called `name`.
    pub fn new(name: &str, text: &str, mut errors: Vec<ScenarioError>) -> Self {
        errors.sort_by_key(|error| error.span.start);
        Self { name: name.into(), text: text.into(), errors }
    }

    /// The mistakes.
    pub fn iter(&self) -> std::slice::Iter<'_, ScenarioError> {
        self.errors.iter()
    }

    /// All of it as text, with colour on request.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut told = String::new();
        for error in &self.errors {
            let snippet = Snippet::source(&*self.text)
                .path(&*self.name)
                .annotation(AnnotationKind::Primary.span(self.visible(&error.span)));
            let group = Level::ERROR.primary_title(error.message.as_str()).element(snippet);
            let remedy = error.remedy.as_deref().map(|remedy| Level::HELP.message(remedy));
            told.push_str(&renderer.render(&[group.elements(remedy)]));
            told.push_str("\n\n");
        }
        let count = self.errors.len();
        told + &format!("{count} error{} in {}", if count == 1 { "" } else { "s" }, self.name)
    }

    /// The part of a span that lies on its first line.
    fn visible(&self, span: &Range<usize>) -> Range<usize> {
        let start = span.start.min(self.text.len());
        let line = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        start..span.end.clamp(start, line)
    }
}

impl fmt::Display for ScenarioErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for ScenarioErrors {}

impl<'a> IntoIterator for &'a ScenarioErrors {
    type Item = &'a ScenarioError;
    type IntoIter = std::slice::Iter<'a, ScenarioError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
