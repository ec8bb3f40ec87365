//! Turning pages: a list that shows the page before once more would never end.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::value::RawValue;

use super::client::Ask;
use crate::model::Digest;

/// What the page before began with, of each list that is being read.
#[derive(Debug, Default)]
pub(super) struct Turning(Mutex<HashMap<String, Digest>>);

impl Turning {
    /// Whether these rows are those of the page before: the page that was asked
    /// for is ignored somewhere on the way. `more`: whether another one follows.
    pub(super) fn stuck(&self, ask: &Ask<'_>, rows: &[&RawValue], more: bool) -> bool {
        let list = Ask { page: 0, ..*ask }.path_and_query();
        let first = rows.first().filter(|_| more).map(|row| Digest::of([row.get()]));
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match &first {
            Some(first) => lists.insert(list, first.clone()),
            None => lists.remove(&list),
        };
        ask.page > 0 && first.is_some() && first == before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_page_again_is_stuck_and_a_new_reading_is_not() {
        let row = |id: u64| RawValue::from_string(format!(r#"{{"id":{id}}}"#)).unwrap();
        let (one, two) = (row(1), row(2));
        let turning = Turning::default();
        let read = |page, rows: &[&RawValue], more| {
            turning.stuck(&Ask::page("CreditNotes", "invoiceId:7", page), rows, more)
        };
        assert!(!read(0, &[&one], true));
        assert!(!read(0, &[&one], true), "from the beginning again");
        assert!(!turning.stuck(&Ask::page("CreditNotes", "invoiceId:8", 1), &[&one], true), "another list");
        assert!(!read(1, &[&two], true));
        assert!(read(2, &[&two], true), "the page before");
        assert!(!read(2, &[&two], false), "a last page ends by itself");
        assert!(!read(1, &[], false));
    }
}
