//! Left: what was posted under an older line, and stays where it is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Notice, Pass};
use crate::model::{Currency, Key, Money, ObjectId, RecordState};

/// Documents by what left them, each once however often it is decided about.
#[derive(Debug, Default)]
pub(crate) struct Left(Mutex<BTreeMap<Why, Documents>>);

type Documents = BTreeMap<Key, (Currency, Money)>;

/// Why it is out of reach.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// The customer's link moved away from this customer in QuickBooks.
    Relinked { customer: u64, from: ObjectId },
    /// The customer's start moved on.
    Earlier { customer: u64 },
}

impl Left {
    pub(super) fn note(&self, why: Why, (key, record): (Key, &RecordState)) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.entry(why).or_default().insert(key, (record.currency, record.amount));
    }
}

impl Pass<'_> {
    /// One notice a line.
    pub(super) fn left_notices(&self) -> Vec<Notice> {
        let left = self.left.0.lock().unwrap_or_else(PoisonError::into_inner);
        let notice = |(why, documents): (&Why, &Documents)| {
            let sums = summed(documents);
            let (code, customer, text) = match why {
                Why::Relinked { customer, from } => (
                    "left-behind",
                    customer,
                    format!(
                        "{sums} of customer/{customer} stay with QuickBooks' customer {from}, from which the line \
                         moved away; move them by hand there, or merge that customer into the new one"
                    ),
                ),
                Why::Earlier { customer } => (
                    "before-start",
                    customer,
                    format!(
                        "{sums} of customer/{customer} were posted before its present start, and stay as they are"
                    ),
                ),
            };
            let at = self.world.decisions.links.get(customer).map(|link| link.at.clone());
            Notice { code, text, at }
        };
        left.iter().map(notice).collect()
    }
}

/// `2 documents (100.00 CAD, 30.00 USD)`.
fn summed(documents: &Documents) -> String {
    let mut sums = BTreeMap::<Currency, Money>::new();
    for (currency, amount) in documents.values() {
        *sums.entry(*currency).or_default() += *amount;
    }
    let sums = sums.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect::<Vec<_>>().join(", ");
    let word = if documents.len() == 1 { "document" } else { "documents" };
    format!("{} {word} ({sums})", documents.len())
}
