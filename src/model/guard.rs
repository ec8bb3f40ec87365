//! Guards: what is held because it may be a slip, and the words that release it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Currency, Digest, Key, Money, Place};

/// What a guard looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Guard {
    /// Links that changed or vanished at once.
    Links,
    /// Customers created in one pass.
    Customers,
    /// Documents far older than the line that brings them.
    Backfill,
    /// The amount of documents created in one pass.
    Amount,
    /// The number of documents created in one pass.
    Documents,
}

impl Guard {
    /// The key of `[guard]` that sets it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Links => "links_changed",
            Self::Customers => "customers",
            Self::Backfill => "backfill",
            Self::Amount => "amount",
            Self::Documents => "documents",
        }
    }
}

/// How far back the documents of a new line may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backfill {
    /// So many days before today.
    Days(i64),
    /// Not before this day.
    From(Date),
}

/// `[guard]`: what is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guards {
    /// More links than so many changed or vanished at once.
    pub links_changed: u32,
    /// The same as a share of the links in force.
    pub links_changed_percent: u32,
    /// More documents created in one pass; `None`: by what stands already.
    pub documents: Option<u32>,
    /// A larger amount created in one pass.
    pub amount: BTreeMap<Currency, Money>,
    /// Documents of a new line that are older.
    pub backfill: Backfill,
    /// More customers created in one pass.
    pub customers: u32,
    /// Whether the first generation is judged like any other.
    pub first_sync: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            links_changed: 25,
            links_changed_percent: 20,
            documents: None,
            amount: BTreeMap::new(),
            backfill: Backfill::Days(400),
            customers: 100,
            first_sync: false,
        }
    }
}

/// A line of `[approve]`: what a guard holds is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Why.
    pub why: String,
    /// Who or which ticket decided.
    pub by: String,
    /// Where it is written.
    pub at: Place,
}

/// One member of what a guard holds: the record, and a digest of what was
/// judged of it. Where that changes, it is judged anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardRow {
    /// The record.
    pub key: Key,
    /// What was judged.
    pub digest: Digest,
}

/// The name of what a guard holds, as `sha256:…`. It knows no clock and no pass:
/// a plan under candidate files names what the pass will. `turn` counts the
/// approvals of the same set that were used up already.
pub fn held_digest<'r>(guard: Guard, turn: u32, rows: impl IntoIterator<Item = &'r GuardRow>) -> String {
    let mut rows: Vec<&GuardRow> = rows.into_iter().collect();
    rows.sort_by_key(|row| row.key);
    let mut hash = Sha256::new();
    hash.update(format!("{} {turn}", guard.name()));
    for row in rows {
        hash.update(format!("\n{} {}", row.key, row.digest.as_str()));
    }
    hash.finalize().iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The line of `[approve]` that releases `digest`, to be completed by whoever
/// approves.
pub fn approval_line(digest: &str) -> String {
    format!("\"{digest}\" = {{ why = \"\", by = \"\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u64, digest: &str) -> GuardRow {
        GuardRow { key: Key::invoice(id), digest: Digest::of([digest]) }
    }

    #[test]
    fn a_set_has_one_name_whatever_its_order_and_another_for_anything_else() {
        let name = |guard, turn, rows: &[GuardRow]| held_digest(guard, turn, rows);
        let first = name(Guard::Documents, 0, &[row(1, "a"), row(2, "b")]);
        assert_eq!(first, name(Guard::Documents, 0, &[row(2, "b"), row(1, "a")]));
        assert_eq!(first.len(), "sha256:".len() + 64);
        let others = [
            name(Guard::Documents, 1, &[row(1, "a"), row(2, "b")]),
            name(Guard::Amount, 0, &[row(1, "a"), row(2, "b")]),
            name(Guard::Documents, 0, &[row(1, "a")]),
            name(Guard::Documents, 0, &[row(1, "a"), row(2, "c")]),
            name(Guard::Documents, 0, &[row(1, "a"), row(3, "b")]),
        ];
        assert!(others.iter().all(|other| *other != first));
        assert_eq!(approval_line("sha256:00"), "\"sha256:00\" = { why = \"\", by = \"\" }");
    }
}
