//! `history.ndjson`: what was written to QuickBooks, a line a write, appended
//! only.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::harmless;
use crate::model::{Currency, Key, Money, ObjectId, ObjectKind};

/// One write that QuickBooks confirmed, or of which a person said what became of
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// When the answer came.
    pub at: Timestamp,
    /// The pass that wrote it.
    pub pass: u64,
    /// The record.
    pub key: Key,
    /// What was done, as a plan calls it.
    pub action: String,
    /// To what kind of object.
    pub object: ObjectKind,
    /// To which; `None` where a person said that there is none.
    pub quickbooks_id: Option<ObjectId>,
    /// What the write moved.
    pub amount: Money,
    /// Its currency.
    pub currency: Currency,
    /// The id under which QuickBooks knows the request.
    pub request_id: String,
    /// QuickBooks' id of the call, which Intuit's support asks for.
    pub intuit_tid: Option<String>,
    /// Whose word it was, where it was a person's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resolved: Option<Resolved>,
}

/// A person's word about a write whose outcome was open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Whether it is in QuickBooks.
    pub posted: bool,
    /// Who said so.
    pub by: String,
    /// Why.
    pub why: String,
}

impl HistoryLine {
    /// The line, with its end.
    pub fn to_line(&self) -> String {
        let text = serde_json::to_string(self).expect("a line has text keys only");
        harmless::json(&text) + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_reads_back() {
        let line = HistoryLine {
            at: "2026-11-22T15:00:00Z".parse().unwrap(),
            pass: 12,
            key: Key::invoice(88123),
            action: "create".to_owned(),
            object: ObjectKind::Invoice,
            quickbooks_id: Some(ObjectId::new("145")),
            amount: "402.88".parse().unwrap(),
            currency: Currency::USD,
            request_id: "7c1f6a0e".to_owned(),
            intuit_tid: Some("1-5f\n\u{9b}".to_owned()),
            resolved: None,
        };
        let text = line.to_line();
        assert_eq!(
            text,
            concat!(
                r#"{"at":"2026-11-22T15:00:00Z","pass":12,"key":"invoice/88123","action":"create","#,
                r#""object":"Invoice","quickbooks_id":"145","amount":"402.88","currency":"USD","#,
                r#""request_id":"7c1f6a0e","intuit_tid":"1-5f\n\u009b"}"#,
                "\n"
            )
        );
        assert_eq!(serde_json::from_str::<HistoryLine>(&text).unwrap(), line);
    }
}
