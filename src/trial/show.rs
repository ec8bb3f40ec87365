//! Trials for people, for programs, and what was found as TOML to paste.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::compare::{Difference, FieldDifference, Wrong};
use super::{Found, Verdict};
use crate::model::{shown_json, shown_line};

/// Differences of one scenario that are shown before the rest is folded.
const SHOWN: usize = 50;

/// One line a scenario, and what is not as expected below it.
pub fn text(verdicts: &[Verdict]) -> String {
    let mut out = String::new();
    for verdict in verdicts {
        let about =
            verdict.about.as_deref().map(|about| format!(": {}", shown_line(about))).unwrap_or_default();
        let word = if verdict.passed() { "ok    " } else { "FAILED" };
        let _ = writeln!(out, "{word} {}{about}", verdict.name);
        for difference in verdict.differences.iter().take(SHOWN) {
            difference.tell(&mut out);
        }
        let more = verdict.differences.len().saturating_sub(SHOWN);
        if more > 0 {
            let _ = writeln!(out, "  … and {more} more (all of them with --format json)");
        }
    }
    let failed = verdicts.iter().filter(|verdict| !verdict.passed()).count();
    let scenarios = if verdicts.len() == 1 { "scenario" } else { "scenarios" };
    let end = if failed == 0 {
        format!("{} {scenarios}, all as expected", verdicts.len())
    } else {
        format!("{failed} of {} {scenarios} not as expected (- expected, + found)", verdicts.len())
    };
    let _ = writeln!(out, "{end}");
    out
}

impl Difference {
    fn tell(&self, out: &mut String) {
        let (section, row) = (self.section, shown_line(&self.row));
        match &self.wrong {
            Wrong::Missing => {
                let _ = writeln!(out, "  {section} not found\n    - {row}");
            }
            Wrong::Unexpected => {
                let _ = writeln!(out, "  {section} not expected\n    + {row}");
            }
            Wrong::Failed(why) => {
                let _ = writeln!(out, "  {section} {row}\n    {}", shown_line(why));
            }
            Wrong::Differs(fields) => {
                let _ = writeln!(out, "  {section} {row}");
                for field in fields {
                    field.tell(out);
                }
            }
        }
    }

    fn json(&self) -> Value {
        let (what, fields, why) = match &self.wrong {
            Wrong::Missing => ("missing", Vec::new(), None),
            Wrong::Unexpected => ("unexpected", Vec::new(), None),
            Wrong::Failed(why) => ("failed", Vec::new(), Some(why)),
            Wrong::Differs(fields) => ("differs", fields.iter().map(FieldDifference::json).collect(), None),
        };
        json!({ "section": self.section, "what": what, "row": self.row, "fields": fields, "why": why })
    }
}

impl FieldDifference {
    fn tell(&self, out: &mut String) {
        let name = self.field;
        for expected in &self.expected {
            let _ = writeln!(out, "    - {name} = {}", shown_line(expected));
        }
        if self.found.is_empty() && self.expected.len() == 1 {
            let _ = writeln!(out, "    + no {name} like it");
        }
        for found in &self.found {
            let _ = writeln!(out, "    + {name} = {}", shown_line(found));
        }
    }

    fn json(&self) -> Value {
        json!({ "field": self.field, "expected": self.expected, "found": self.found })
    }
}

/// The same for programs.
pub fn json(verdicts: &[Verdict]) -> String {
    let scenarios = verdicts.iter().map(|verdict| {
        let differences: Vec<Value> = verdict.differences.iter().map(Difference::json).collect();
        json!({
            "file": &*verdict.name, "about": verdict.about, "passed": verdict.passed(), "differences": differences,
        })
    });
    let scenarios: Vec<Value> = scenarios.collect();
    let failed = verdicts.iter().filter(|verdict| !verdict.passed()).count();
    let all = json!({ "schema": 1, "failed": failed, "scenarios": scenarios });
    shown_json(&format!("{all:#}")) + "\n"
}

impl Found {
    /// Everything that was found, as `[expect]` would say it.
    pub fn to_toml(&self) -> String {
        let mut out = "[expect]\n".to_owned();
        for (name, value) in super::section::WHOLE.shown(&self.whole) {
            let _ = writeln!(out, "{name} = {value}");
        }
        for (section, _) in self.sections.iter().filter(|(_, rows)| rows.is_empty()) {
            let _ = writeln!(out, "{} = []", section.name);
        }
        for (section, rows) in &self.sections {
            for row in rows {
                let _ = writeln!(out, "\n[[expect.{}]]", section.name);
                for (name, value) in section.shown(row) {
                    let _ = writeln!(out, "{name} = {value}");
                }
            }
        }
        out
    }
}
