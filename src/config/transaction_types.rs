//! Stax Bill's words for kinds of transactions, out of `[transaction_types]`.

use super::faults::Faults;
use super::keys;
use super::table::{Table, text};
use super::tree::Tree;
use crate::model::{ActivityKind, TransactionTypes};

/// What a token may be said to stand for.
const KINDS: [(&str, ActivityKind); 6] = [
    ("credit", ActivityKind::Credit),
    ("opening-credit", ActivityKind::OpeningCredit),
    ("debit", ActivityKind::Debit),
    ("charge-reversal", ActivityKind::ChargeReversal),
    ("write-off", ActivityKind::WriteOff),
    ("other", ActivityKind::Other),
];

/// The table with what the files add to it.
pub(super) fn read(tree: &Tree<'_>, faults: &Faults) -> TransactionTypes {
    let table = Table::open(tree, "transaction_types", faults);
    let mut types = Vec::new();
    for (token, entry) in table.entries() {
        let Some(word) = text(entry, token, faults) else { continue };
        if let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == word) {
            types.push((token.to_owned(), kind.clone()));
            continue;
        }
        let near = keys::nearest(word, KINDS.iter().map(|(word, _)| *word));
        let known = KINDS.iter().map(|(word, _)| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        let remedy = near.map_or(format!("one of {known}"), |near| format!("did you mean \"{near}\"?"));
        faults.report(&entry.at, format!("`{token}` can be no \"{word}\"")).remedy(remedy);
    }
    TransactionTypes::with(types)
}
