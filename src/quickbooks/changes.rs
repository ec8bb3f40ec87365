//! The change feed (CDC): what changed in QuickBooks, in one call for all
//! kinds of objects.

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::{ObjectId, ObjectKind, Observed, parse_vendor_timestamp};

use super::objects::QueryRows;

/// A feed of this many objects is cut off: more changed than it holds
/// (Intuit: change data capture).
const OBJECTS_MAX: usize = 1000;

/// One changed object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It stands like this now.
    Stands(Box<Observed>),
    /// It is gone.
    Deleted(ObjectKind, ObjectId),
}

/// What a feed brought.
#[derive(Debug, Default)]
pub struct Changes {
    /// Changed objects of the kinds that latchd writes.
    pub objects: Vec<Changed>,
    /// Ids of changed items and accounts.
    pub targets: Vec<String>,
    /// QuickBooks' time of the answer.
    pub server_time: Option<Timestamp>,
    /// Whether it is cut off.
    pub truncated: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct FeedAnswer {
    #[serde(rename = "CDCResponse", default)]
    responses: Vec<FeedPart>,
    #[serde(default)]
    time: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FeedPart {
    #[serde(rename = "QueryResponse", default)]
    sets: Vec<QueryRows>,
}

impl FeedAnswer {
    pub(super) fn changes(&self) -> Changes {
        let mut changes = Changes {
            server_time: self.time.as_deref().and_then(parse_vendor_timestamp),
            ..Changes::default()
        };
        let mut count = 0;
        for set in self.responses.iter().flat_map(|part| &part.sets) {
            count += set.len();
            changes.take(set);
        }
        changes.truncated = count >= OBJECTS_MAX;
        changes
    }
}

impl Changes {
    /// Takes over the rows of a query or of a part of the feed.
    pub fn take(&mut self, rows: &QueryRows) {
        let gone = |status: &Option<String>| status.as_deref() == Some("Deleted");
        let deleted = |kind, id: &str| Changed::Deleted(kind, ObjectId::new(id));
        macro_rules! ids {
            ($($rows:ident of $kind:ident),*) => {
                [$(rows.$rows.iter().filter(|row| gone(&row.status)).map(|row| (ObjectKind::$kind, row.id.clone())).collect::<Vec<_>>()),*]
            };
        }
        let ids = ids![
            customer of Customer,
            invoice of Invoice,
            credit_memo of CreditMemo,
            journal_entry of JournalEntry,
            payment of Payment
        ]
        .concat();
        let is_gone =
            |object: &Observed| ids.iter().any(|(kind, id)| *kind == object.kind && id == object.id.as_str());
        let stands =
            rows.observed().filter(|object| !is_gone(object)).map(|object| Changed::Stands(Box::new(object)));
        self.objects.extend(stands);
        self.objects.extend(ids.iter().map(|(kind, id)| deleted(*kind, id)));
        self.targets.extend(rows.item.iter().map(|row| row.id.clone()));
        self.targets.extend(rows.account.iter().map(|row| row.id.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deleted_rows_and_empty_sets_are_understood() {
        let json = r#"{"CDCResponse":[{"QueryResponse":[{},
            {"Invoice":[{"domain":"QBO","status":"Deleted","Id":"65","MetaData":{"LastUpdatedTime":"x"}},
                        {"Id":"66","SyncToken":"3","TotalAmt":12.5,"Balance":0,"CustomerRef":{"value":"1"},"TxnDate":"2026-01-02"}],
             "startPosition":1,"maxResults":2,"totalCount":2},
            {"Item":[{"Id":"9","SyncToken":"0"}]}]}],"time":"2026-05-05T02:05:12.193-07:00"}"#;
        let changes = serde_json::from_str::<FeedAnswer>(json).unwrap().changes();
        assert_eq!(changes.server_time.unwrap().to_string(), "2026-05-05T09:05:12.193Z");
        assert_eq!(changes.targets, ["9"]);
        assert!(!changes.truncated);
        let words = changes.objects.iter().map(|change| match change {
            Changed::Stands(object) => format!("{} {} {}", object.kind, object.id, object.total),
            Changed::Deleted(kind, id) => format!("{kind} {id} gone"),
        });
        assert_eq!(words.collect::<Vec<_>>(), ["Invoice 66 12.50", "Invoice 65 gone"]);
    }
}
