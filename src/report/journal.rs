//! The journal of open writes: the answer of `latchd journal`, whose form is a
//! contract with programs: while `schema` stays 1, fields are added and never
//! renamed.

use std::fmt::Write as _;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::harmless;
use super::page::Page;

/// The form's version.
const SCHEMA: u32 = 1;

/// Every write whose outcome is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Journal {
    /// The form's version, 1.
    #[schemars(extend("const" = 1))]
    pub schema: u32,
    /// When this was made.
    pub generated_at: Timestamp,
    /// Oldest first; of a batch a row each record.
    pub open: Vec<JournalRow>,
}

/// A record's part in an open write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JournalRow {
    /// How far it is.
    pub outcome: OpenOutcome,
    /// The record.
    pub key: String,
    /// What its memo is applied to, where the object does that alone.
    pub part: Option<String>,
    /// `create`, `update` or `void`.
    pub operation: String,
    /// What is being done, as a plan calls it.
    pub action: String,
    /// To what kind of object.
    pub object: String,
    /// To which, unless it is new.
    pub quickbooks_id: Option<String>,
    /// What the object's total is to be.
    pub amount: String,
    /// Its currency, where the record is known.
    pub currency: Option<String>,
    /// The id under which QuickBooks knows the request.
    pub request_id: String,
    /// Whether others were sent in one request with it.
    pub batch: bool,
    /// When it was written down, right before it was sent.
    pub sent_at: Timestamp,
    /// Before this nobody looks for it; `None` where no daemon runs, and the wait
    /// begins with the next start.
    pub next_look_at: Option<Timestamp>,
    /// What will happen, in a sentence.
    pub next: String,
}

/// How far an open write is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpenOutcome {
    /// It was sent, and its answer is waited for.
    Sending,
    /// Its answer did not come, and Intuit may still be working on it.
    Waiting,
    /// Its answer did not come; the next pass looks for it.
    Unknown,
}

impl OpenOutcome {
    /// Its word: the same as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
        }
    }
}

impl Journal {
    /// A journal of this version of latchd.
    pub fn new(generated_at: Timestamp, open: Vec<JournalRow>) -> Self {
        Self { schema: SCHEMA, generated_at, open }
    }

    /// The text of `journal --format json`.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("it has text keys only");
        harmless::json(&text) + "\n"
    }

    /// The same for a terminal of `width` columns.
    pub fn text(&self, width: u16) -> String {
        if self.open.is_empty() {
            return "No write is open: the outcome of each is known.\n".to_owned();
        }
        let (page, mut out) = (Page::new(width, false), String::new());
        for (at, row) in self.open.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            let part = row.part.as_ref().map(|part| format!(" on {part}")).unwrap_or_default();
            let id = row.quickbooks_id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
            let currency = row.currency.as_deref().unwrap_or_default();
            let head = format!(
                "{}{part}  {}  {} {}{id}  {} {currency}",
                row.key,
                row.outcome.name(),
                row.action,
                row.object,
                row.amount
            );
            let _ = writeln!(out, "{}", harmless::line(head.trim_end()));
            let batch = if row.batch { ", in a batch" } else { "" };
            let sent = row.sent_at.strftime("%Y-%m-%d %H:%M:%S UTC");
            let _ = writeln!(out, "  sent {sent}{batch}, request {}", harmless::line(&row.request_id));
            page.paragraph(&mut out, "  ", &harmless::line(&row.next));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_write_is_told_with_what_will_happen() {
        let at: Timestamp = "2026-11-22T15:00:00Z".parse().unwrap();
        assert_eq!(
            Journal::new(at, Vec::new()).text(80),
            "No write is open: the outcome of each is known.\n"
        );
        let row = JournalRow {
            outcome: OpenOutcome::Waiting,
            key: "credit/553".to_owned(),
            part: Some("invoice/511684".to_owned()),
            operation: "create".to_owned(),
            action: "apply".to_owned(),
            object: "Payment".to_owned(),
            quickbooks_id: None,
            amount: "0".to_owned(),
            currency: Some("USD".to_owned()),
            request_id: "7c1f\u{1b}[2J".to_owned(),
            batch: true,
            sent_at: at,
            next_look_at: None,
            next: "It is looked for.".to_owned(),
        };
        let journal = Journal::new(at, vec![row]);
        let text = journal.text(80);
        assert!(text.starts_with("credit/553 on invoice/511684  waiting  apply Payment  0 USD\n"), "{text}");
        assert!(text.contains("sent 2026-11-22 15:00:00 UTC, in a batch, request 7c1f"), "{text}");
        assert!(text.ends_with("  It is looked for.\n") && !text.contains('\u{1b}'), "{text}");
        let json = journal.to_json();
        assert!(json.contains("\"outcome\": \"waiting\"") && !json.contains('\u{1b}'), "{json}");
        assert_eq!(serde_json::from_str::<Journal>(&json).unwrap(), journal);
    }
}
