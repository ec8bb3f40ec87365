//! Rows that cannot be read at all: who they are, as far as that can be told.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::InvalidRow;

/// An invoice's lines that cannot be read, with the reason.
#[derive(Debug)]
pub struct OddLines(pub String);

impl From<InvalidRow> for OddLines {
    fn from(row: InvalidRow) -> Self {
        Self(row.reason)
    }
}

/// What even an odd row should have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    id: u64,
    #[serde(default)]
    customer_id: Option<u64>,
    /// A payment activity names its payment here; without one it is no money.
    #[serde(default)]
    transaction: Option<Inner>,
    #[serde(default)]
    transaction_type: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Inner {
    id: u64,
}

/// The record that an unreadable row is about; `None` where it tells none.
pub(super) fn odd_row(row: &RawValue, error: &serde_json::Error) -> Option<InvalidRow> {
    let Ok(head) = serde_json::from_str::<Head>(row.get()) else {
        tracing::warn!("Stax Bill sent a row without an id: {error}");
        return None;
    };
    let id = match (head.transaction_type, head.transaction) {
        (Some(_), None) => return None,
        (_, Some(inner)) => inner.id,
        (None, None) => head.id,
    };
    let customer = head.customer_id.unwrap_or(id);
    Some(InvalidRow {
        id,
        customer,
        effective_at: None,
        reason: format!("Stax Bill's record cannot be read: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_row_is_told_by_its_record() {
        let cases = [
            (r#"{"id":7,"status":"New"}"#, Some((7, 7))),
            (r#"{"id":7,"customerId":3}"#, Some((7, 3))),
            (
                r#"{"id":7,"customerId":3,"transactionType":"Collect","transaction":{"id":9,"amount":null}}"#,
                Some((9, 3)),
            ),
            (r#"{"id":7,"customerId":3,"transactionType":"Validate","transaction":null}"#, None),
            (r#"{"name":"nobody"}"#, None),
        ];
        let error = serde_json::from_str::<u8>("x").unwrap_err();
        for (json, expected) in cases {
            let raw = RawValue::from_string(json.to_owned()).unwrap();
            assert_eq!(odd_row(&raw, &error).map(|row| (row.id, row.customer)), expected, "{json}");
        }
    }
}
