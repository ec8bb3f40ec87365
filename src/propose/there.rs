//! Whether documents that Stax Bill's own integration noted stand in QuickBooks,
//! at the customer that their line adopts.

use std::collections::{BTreeMap, BTreeSet};

use super::show::Taken;
use super::taken::Match;
use super::{Unproposed, Vendors};
use crate::model::{Key, ObjectId, ObjectKind, matched_kind};

/// Ids in one query.
const IDS: usize = 100;

/// An object that stands, and whose it is; nobody's where it was voided.
type There = BTreeMap<(ObjectKind, ObjectId), Option<ObjectId>>;

/// Parts the documents of each customer's line: those that can be matched, and
/// those that cannot, each with the reason.
pub(super) async fn sift(vendors: &Vendors, taken: Vec<(&mut Taken, Vec<Match>)>) -> Result<(), Unproposed> {
    let mut ids = BTreeSet::new();
    for (key, id) in taken.iter().flat_map(|(_, matches)| matches) {
        ids.extend(matched_kind(key.entity).map(|kind| (kind, id.clone())));
    }
    let there = look_up(vendors, &ids).await?;
    for (taken, matches) in taken {
        for (key, id) in matches {
            match objection(&there, (key, &id), &taken.id) {
                None => taken.matches.push((key, id)),
                Some(reason) => taken.unmatched.push(((key, id), reason)),
            }
        }
    }
    Ok(())
}

async fn look_up(vendors: &Vendors, ids: &BTreeSet<(ObjectKind, ObjectId)>) -> Result<There, Unproposed> {
    let mut there = There::new();
    for kind in ObjectKind::ALL {
        let ids: Vec<_> = ids.iter().filter(|(other, _)| *other == kind).map(|(_, id)| id).collect();
        for page in ids.chunks(IDS) {
            let ids = page.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
            let statement = format!("SELECT * FROM {kind} WHERE Id IN ({ids}) MAXRESULTS 1000");
            let rows = vendors.quickbooks.query(&statement).await?;
            let row = |one: crate::model::Observed| ((one.kind, one.id), one.customer.filter(|_| !one.dead));
            there.extend(rows.observed().map(row));
        }
    }
    Ok(there)
}

/// Why a document cannot be matched.
fn objection(there: &There, (key, id): (Key, &ObjectId), customer: &ObjectId) -> Option<String> {
    let kind = matched_kind(key.entity)?;
    match there.get(&(kind, id.clone())) {
        None => Some(format!("QuickBooks has no {kind} {id}")),
        Some(None) => Some(format!("QuickBooks' {kind} {id} was voided")),
        Some(Some(whose)) => {
            (whose != customer).then(|| format!("QuickBooks' {kind} {id} is of customer {whose}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_or_another_customers_is_told() {
        let id = ObjectId::new;
        let there = There::from([
            ((ObjectKind::Invoice, id("7")), Some(id("1"))),
            ((ObjectKind::Payment, id("8")), None),
            ((ObjectKind::CreditMemo, id("9")), Some(id("2"))),
        ]);
        let cases = [
            ("invoice/1", "7", None),
            ("invoice/1", "8", Some("has no Invoice 8")),
            ("payment/1", "8", Some("Payment 8 was voided")),
            ("credit/1", "9", Some("of customer 2")),
            ("charge-reversal/1", "9", Some("of customer 2")),
            ("write-off/1", "7", Some("has no CreditMemo 7")),
        ];
        for (key, object, expected) in cases {
            let told = objection(&there, (key.parse().unwrap(), &id(object)), &id("1"));
            assert_eq!(told.is_some(), expected.is_some(), "{key} {object}: {told:?}");
            assert!(told.unwrap_or_default().contains(expected.unwrap_or_default()), "{key} {object}");
        }
    }
}
