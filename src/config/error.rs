//! Errors: everything that is wrong with the files, each with its place, a
//! caret and what to do.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::model::is_unseen;

/// One thing that is wrong with the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, relative to `latchd.toml` where it stands beside or below it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
    pub(super) excerpt: Option<Excerpt>,
}

/// The line that an error shows, with secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub line: String,
    pub marked: Range<usize>,
}

/// Everything that is wrong with the files, sorted by file and line.
///
/// `Display` shows all of it as plain text, without colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub(super) Vec<ConfigError>);

/// So many errors are shown with their line; further ones by place and words,
/// because the reader has enough and a quarter of a million is possible.
const EXCERPTS_MAX: usize = 200;

impl ConfigErrors {
    /// All of it as text, with colour on request.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for (index, error) in self.0.iter().enumerate() {
            let shown = error.excerpt.as_ref().filter(|_| index < EXCERPTS_MAX);
            if let Some(excerpt) = shown {
                text.push_str(&error.rendered(excerpt, &renderer));
                text.push_str("\n\n");
            } else {
                let gap = if index + 1 < EXCERPTS_MAX { "\n" } else { "" };
                let _ = writeln!(text, "error: {error}{gap}");
            }
        }
        let files: BTreeSet<&str> = self.0.iter().map(|error| &*error.file).collect();
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let (errors, files) = (self.0.len(), files.len());
        text + &format!(
            "{errors} error{} in {files} file{}; nothing was changed",
            plural(errors),
            plural(files)
        )
    }

    /// The errors.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.0.iter()
    }
}

impl ConfigError {
    fn rendered(&self, excerpt: &Excerpt, renderer: &Renderer) -> String {
        let annotation = AnnotationKind::Primary.span(excerpt.marked.clone());
        let snippet = Snippet::source(excerpt.line.as_str())
            .path(&*self.file)
            .line_start(self.line as usize)
            .annotation(annotation);
        let message = harmless(&self.message);
        let group = Level::ERROR.primary_title(message.as_str()).element(snippet);
        let remedy = self.remedy.as_deref().map(harmless);
        let remedy = remedy.as_deref().map(|remedy| Level::HELP.message(remedy));
        // The excerpt was made harmless but for a part of what a terminal obeys; the
        // renderer's own colours are kept.
        let kept = |sign: char| matches!(sign, '\n' | '\u{1b}') || !is_unseen(sign);
        let text = renderer.render(&[group.elements(remedy)]);
        text.chars().map(|sign| if kept(sign) { sign } else { char::REPLACEMENT_CHARACTER }).collect()
    }
}

/// A file is edited by many, and what it holds reaches terminals in errors.
fn harmless(text: &str) -> String {
    text.chars().map(|sign| if is_unseen(sign) { char::REPLACEMENT_CHARACTER } else { sign }).collect()
}

/// One line: place, words and remedy.
impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = harmless(&self.message);
        write!(f, "{}:{}:{}: {message}", harmless(&self.file), self.line, self.column)?;
        self.remedy.as_ref().map_or(Ok(()), |remedy| write!(f, "; {}", harmless(remedy)))
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for ConfigErrors {}

impl<'a> IntoIterator for &'a ConfigErrors {
    type Item = &'a ConfigError;
    type IntoIter = std::slice::Iter<'a, ConfigError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: u32, excerpt: Option<&str>) -> ConfigError {
        ConfigError {
            file: "links.d/a.toml".into(),
            line,
            column: 11,
            message: "unknown key `adpt`".to_owned(),
            remedy: Some("did you mean `adopt`?".to_owned()),
            excerpt: excerpt.map(|line| Excerpt { line: line.to_owned(), marked: 10..14 }),
        }
    }

    #[test]
    fn shows_the_line_with_a_caret_and_counts() {
        let errors = ConfigErrors(vec![error(4, Some("10482 = { adpt = \"58\" }")), error(9, None)]);
        let expected = r#"error: unknown key `adpt`
 --> links.d/a.toml:4:11
  |
4 | 10482 = { adpt = "58" }
  |           ^^^^
  |
  = help: did you mean `adopt`?

error: links.d/a.toml:9:11: unknown key `adpt`; did you mean `adopt`?

2 errors in 1 file; nothing was changed"#;
        assert_eq!(errors.to_string(), expected);
        assert!(errors.render(true).contains('\u{1b}'));
        assert_eq!(errors.iter().count(), 2);
    }

    #[test]
    fn nothing_in_a_file_is_obeyed() {
        let hostile = "10482 = \u{9b}31m { adpt = \"\u{1b}]0;x\u{7}\u{202e}\" }";
        let mut error = error(4, Some(hostile));
        error.message = "unknown key `\u{9b}2J\u{1b}[2J`".to_owned();
        let text = ConfigErrors(vec![error.clone()]).to_string() + &error.to_string();
        assert!(text.contains("adpt") && text.contains("[2J"), "{text}");
        assert!(!text.chars().any(|sign| sign != '\n' && is_unseen(sign)), "{text:?}");
    }

    #[test]
    fn very_many_errors_are_all_told_but_briefly() {
        let errors =
            ConfigErrors((1..=1000).map(|line| error(line, Some("10482 = { adpt = \"58\" }"))).collect());
        let text = errors.to_string();
        assert_eq!(text.matches("unknown key").count(), 1000);
        assert_eq!(text.matches("^^^^").count(), EXCERPTS_MAX);
        assert!(text.ends_with("1000 errors in 1 file; nothing was changed"));
    }
}
