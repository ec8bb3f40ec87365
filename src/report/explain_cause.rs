//! A cause of the whole company, as the last report has it: what `latchd explain
//! company/CODE` prints, as text or as JSON.

use jiff::Timestamp;
use serde::Serialize;

use super::harmless::{self, line as safe};
use super::page::Page;
use super::phrase;
use super::{Status, WarningRow};
use crate::model::{Code, Remedy};

/// What is known of a cause, standing or not. Programs read it: while `schema`
/// is 1, fields are added and never renamed.
#[derive(Debug, Serialize)]
pub struct ExplainedCause<'s> {
    schema: u32,
    /// `company/CODE`.
    key: String,
    /// Whether it stands by the report.
    stands: bool,
    means: &'static str,
    /// Who can mend it.
    who: &'static str,
    /// What to do: the report's words where it stands, else the catalogue's.
    remedy: &'s str,
    /// Its row in the report, where it stands.
    warning: Option<&'s WarningRow>,
    /// When the report was made; `None` where there is none.
    generated_at: Option<Timestamp>,
    next_pass_at: Option<Timestamp>,
}

impl<'s> ExplainedCause<'s> {
    /// The cause of kind `code` by the last report.
    pub fn of(code: Code, last: Option<&'s Status>) -> Self {
        let key = format!("company/{code}");
        let warning = last.and_then(|status| status.warnings.iter().find(|row| row.key == key));
        let Remedy { means, todo, who, .. } = code.remedy();
        Self {
            schema: 1,
            key,
            stands: warning.is_some(),
            means,
            who: who.name(),
            remedy: warning.map_or(todo, |row| &row.remedy),
            warning,
            generated_at: last.map(|status| status.generated_at),
            next_pass_at: last.and_then(|status| status.next_pass_at),
        }
    }

    /// As text of at most `width` columns; it ends in a newline.
    pub fn text(&self, width: u16, colour: bool) -> String {
        let page = Page::new(width, colour);
        let mut out = String::new();
        let standing = match (self.stands, self.generated_at) {
            (true, _) => ("31", "stands".to_owned()),
            (false, Some(at)) => ("32", format!("does not stand by the report of {}", phrase::moment(at))),
            (false, None) => ("", "there is no report yet".to_owned()),
        };
        page.heading(&mut out, &[("1", &self.key), (standing.0, &standing.1)]);
        let mut row = |name: &str, words: &str| {
            page.hung(&mut out, (&format!("{name:<12}"), &" ".repeat(12)), words);
        };
        row("Means", self.means);
        if let Some(warning) = self.warning {
            row("Why", &safe(&phrase::sentence(&warning.reason)));
            if let Some(fault) = &warning.quickbooks {
                row("QuickBooks", &safe(&phrase::vendor(fault)));
            }
            row("Since", &phrase::standing(warning));
            let held = phrase::blocks(&warning.blocks);
            row("Holds up", held.as_deref().unwrap_or("nothing that waits now"));
        }
        row("To do", &safe(self.remedy));
        row("Who", self.who);
        if let Some(at) = self.next_pass_at.filter(|_| self.stands) {
            row("Next pass", &phrase::moment(at));
        }
        out
    }

    /// The same for programs.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("it has text keys only");
        harmless::json(&text) + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::sample;

    #[test]
    fn a_standing_cause_is_told_by_the_report_and_another_by_the_catalogue() {
        let status = sample();
        for width in [40, 100] {
            let text = ExplainedCause::of(Code::Throttled, Some(&status)).text(width, false);
            assert!(text.lines().all(|line| line.chars().count() <= usize::from(width)), "{text}");
            insta::assert_snapshot!(format!("throttled at {width}"), text);
        }
        let other = ExplainedCause::of(Code::Reconnect, Some(&status));
        assert!(other.text(100, false).contains("does not stand by the report of"));
        let json: serde_json::Value = serde_json::from_str(&other.to_json()).unwrap();
        assert_eq!((&json["stands"], &json["warning"]), (&false.into(), &serde_json::Value::Null));
        let none = ExplainedCause::of(Code::Throttled, None);
        assert!(none.text(100, false).contains("there is no report yet"));
        let json: serde_json::Value =
            serde_json::from_str(&ExplainedCause::of(Code::Throttled, Some(&status)).to_json()).unwrap();
        assert_eq!(json["warning"]["key"], "company/throttled");
    }
}
