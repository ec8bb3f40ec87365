//! Transaction types: what Stax Bill's tokens mean, out of
//! `[transaction_types]`.

use std::collections::BTreeMap;

use super::faults::{Faults, Spot};
use super::table::Table;
use super::tree::Tree;
use crate::model::{ActivityKind, TransactionTypes};

const WORDS: [(&str, &ActivityKind); 6] = [
    ("credit", &ActivityKind::Credit),
    ("opening-credit", &ActivityKind::OpeningCredit),
    ("debit", &ActivityKind::Debit),
    ("charge-reversal", &ActivityKind::ChargeReversal),
    ("write-off", &ActivityKind::WriteOff),
    ("other", &ActivityKind::Other),
];

/// The table: the operator's tokens before those that are known anyhow.
pub(super) fn read(tree: &Tree<'_>, faults: &Faults) -> TransactionTypes {
    let table = Table::open(tree, "transaction_types", faults);
    let mut spots = BTreeMap::<String, (&str, &Spot)>::new();
    let mut own = Vec::new();
    // In the order of the files, so that the later of two is complained about.
    let mut entries: Vec<_> = table.entries().collect();
    entries.sort_by_key(|(_, entry)| &entry.key);
    for (key, entry) in entries {
        let kind = table.choice(key, &WORDS);
        let plain = TransactionTypes::plain(key);
        if plain.is_empty() {
            faults
                .report(&entry.key, format!("`{key}` is no token of Stax Bill's"))
                .remedy("write it as the notice about it does, such as \"GoodwillCredit\"");
        } else if let Some((first, at)) = spots.get(&plain) {
            faults
                .report(&entry.key, format!("`{key}` and `{first}` at {{other}} are the same token"))
                .other(at)
                .remedy("only letters and digits count, and capitals do not; delete one of the two");
        } else {
            spots.insert(plain, (key, &entry.key));
            own.extend(kind.map(|kind| (key.to_owned(), kind.clone())));
        }
    }
    TransactionTypes::with(own)
}
