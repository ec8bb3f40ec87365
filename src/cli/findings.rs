//! What `latchd check` finds, as a value, and its forms for programs.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::config::{Config, ConfigErrors};
use crate::model::{Sharing, Verb};

/// Everything that the files say that is wrong, or most likely not meant.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    schema: u8,
    /// Whether the files would be put into force.
    pub valid: bool,
    /// In the order of files and lines.
    pub findings: Vec<Finding>,
    /// How many files were read; 0 where one of them is invalid.
    pub files: usize,
    /// How many decisions there are, by verb.
    pub links: Links,
    /// The digest of what they say.
    pub generation: Option<String>,
}

/// How many decisions there are, by verb.
#[derive(Debug, Default, Serialize)]
pub(super) struct Links {
    pub adopt: usize,
    pub create: usize,
    pub skip: usize,
    pub unlink: usize,
}

/// One thing, with its place.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    level: Level,
    /// The code of a notice or a warning; none for an error.
    pub code: Option<&'static str>,
    /// Relative to the operator's file, where it stands beside or below it.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1; none where the whole line is meant.
    column: Option<u32>,
    pub message: String,
    /// What to do, where that is known.
    remedy: Option<String>,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Level {
    /// The files are not put into force.
    Error,
    /// They are, and this is said in the reports.
    Warning,
}

impl Checked {
    /// Of files that are valid.
    pub(super) fn of(config: &Config) -> Self {
        let notices = config.notices.iter().map(|notice| {
            Finding::warning(notice.code, (&notice.at.file, notice.at.line), notice.text.clone())
        });
        let shared = config.decisions.shared_without_word();
        let shared = shared.into_iter().map(|Sharing { id, customer, at, other, other_at }| {
            let message = format!(
                "{customer} adopts QuickBooks customer {id}, and so does {other} at {other_at}; \
                 correct the line that is wrong, or write shared = true into both"
            );
            Finding::warning("link-shared", (&at.file, at.line), message)
        });
        let findings = notices.chain(shared).collect();
        let mut links = Links::default();
        for link in config.decisions.links.values() {
            match link.verb {
                Verb::Adopt { .. } => links.adopt += 1,
                Verb::Create { .. } => links.create += 1,
                Verb::Skip { .. } => links.skip += 1,
                Verb::Unlink { .. } => links.unlink += 1,
            }
        }
        let generation = Some(config.generation.clone());
        Self { schema: 1, valid: true, findings, files: config.files.len(), links, generation }
    }

    /// Of files that are not.
    pub(super) fn wrong(errors: &ConfigErrors) -> Self {
        let findings = errors.iter().map(|error| Finding {
            level: Level::Error,
            code: None,
            file: error.file.to_string(),
            line: error.line,
            column: Some(error.column),
            message: error.message.clone(),
            remedy: error.remedy.clone(),
        });
        let findings = findings.collect();
        Self { schema: 1, valid: false, findings, files: 0, links: Links::default(), generation: None }
    }

    /// One JSON object.
    pub(super) fn json(&self) -> String {
        // A value made of strings and numbers always has a form in JSON.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Commands of a GitHub workflow, a line each, and nothing else (GitHub:
    /// workflow commands). `folder` is that of the operator's file as it was
    /// named, from where the repository's own paths begin.
    pub(super) fn annotations(&self, folder: Option<&Path>) -> String {
        let mut text = String::new();
        for found in &self.findings {
            let level = match found.level {
                Level::Error => "error",
                Level::Warning => "warning",
            };
            let file = folder.unwrap_or(Path::new("")).join(&found.file);
            let file = file.strip_prefix("./").unwrap_or(&file).display().to_string();
            let column = found.column.map(|column| format!(",col={column}")).unwrap_or_default();
            let title = found.code.map_or_else(|| "latchd".to_owned(), |code| format!("latchd {code}"));
            let remedy = found.remedy.as_ref().map(|remedy| format!("; {remedy}")).unwrap_or_default();
            let _ = writeln!(
                text,
                "::{level} file={},line={}{column},title={}::{}",
                property(&file),
                found.line,
                property(&title),
                data(&format!("{}{remedy}", found.message)),
            );
        }
        text
    }
}

impl Finding {
    fn warning(code: &'static str, (file, line): (&str, u32), message: String) -> Self {
        Self {
            level: Level::Warning,
            code: Some(code),
            file: file.to_owned(),
            line,
            column: None,
            message,
            remedy: None,
        }
    }
}

/// What follows the last `::`, which a line's end would cut off.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before it, which a comma or a colon would end too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(level: Level, code: Option<&'static str>, file: &str, message: &str) -> Checked {
        let finding = Finding {
            level,
            code,
            file: file.to_owned(),
            line: 4,
            column: code.is_none().then_some(11),
            message: message.to_owned(),
            remedy: code.is_none().then(|| "did you mean `adopt`?".to_owned()),
        };
        let findings = vec![finding];
        Checked { schema: 1, valid: false, findings, files: 0, links: Links::default(), generation: None }
    }

    #[test]
    fn an_annotation_stands_at_its_line_and_says_nothing_to_the_runner() {
        let error = found(Level::Error, None, "links.d/a.toml", "unknown key `adpt`");
        let rows = [
            (
                Some(""),
                "::error file=links.d/a.toml,line=4,col=11,title=latchd::unknown key `adpt`; did you mean `adopt`?\n",
            ),
            (
                None,
                "::error file=links.d/a.toml,line=4,col=11,title=latchd::unknown key `adpt`; did you mean `adopt`?\n",
            ),
            (
                Some("./books"),
                "::error file=books/links.d/a.toml,line=4,col=11,title=latchd::unknown key `adpt`; did you mean `adopt`?\n",
            ),
        ];
        for (folder, expected) in rows {
            assert_eq!(error.annotations(folder.map(Path::new)), expected, "{folder:?}");
        }
        let hostile =
            found(Level::Warning, Some("unused-dismissal"), "a,b:c\n::set-env.toml", "100%\r\n::error::x");
        assert_eq!(
            hostile.annotations(None),
            "::warning file=a%2Cb%3Ac%0A%3A%3Aset-env.toml,line=4,title=latchd unused-dismissal::100%25%0D%0A::error::x\n"
        );
    }
}
