//! Rows that cannot be read at all: who they are, as far as that can be told.

use serde::Deserialize;
use serde::de::DeserializeOwned;
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
pub(super) struct Head {
    pub(super) id: u64,
    #[serde(default)]
    pub(super) customer_id: Option<u64>,
}

impl Head {
    /// `None`, and a line in the log, where the row does not even tell its id.
    pub(super) fn of(row: &RawValue) -> Option<Self> {
        let head = serde_json::from_str(row.get());
        head.inspect_err(|error| tracing::warn!("Stax Bill sent a row without an id: {error}")).ok()
    }
}

/// A row as `read` takes it; one that is not of its form stops itself alone.
pub(super) fn row<R: DeserializeOwned, T, E: From<InvalidRow>>(
    raw: &RawValue,
    read: impl FnOnce(R) -> Option<Result<T, E>>,
) -> Option<Result<T, E>> {
    match serde_json::from_str::<R>(raw.get()) {
        Ok(row) => read(row),
        Err(error) => odd_row(raw, &error).map(|row| Err(row.into())),
    }
}

/// The record that an unreadable row is about; `None` where it tells none.
pub(super) fn odd_row(row: &RawValue, error: &serde_json::Error) -> Option<InvalidRow> {
    let Head { id, customer_id } = Head::of(row)?;
    let customer = customer_id.unwrap_or(id);
    Some(InvalidRow { id, customer, effective_at: None, reason: unreadable(error) })
}

/// The sentence about it.
pub(super) fn unreadable(error: &serde_json::Error) -> String {
    format!("Stax Bill's record cannot be read: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_row_is_told_by_its_record() {
        let cases = [
            (r#"{"id":7,"status":"New"}"#, Some((7, 7))),
            (r#"{"id":7,"customerId":3}"#, Some((7, 3))),
            (r#"{"name":"nobody"}"#, None),
            ("null", None),
        ];
        let error = serde_json::from_str::<u8>("x").unwrap_err();
        for (json, expected) in cases {
            let raw = RawValue::from_string(json.to_owned()).unwrap();
            assert_eq!(odd_row(&raw, &error).map(|row| (row.id, row.customer)), expected, "{json}");
        }
    }
}
