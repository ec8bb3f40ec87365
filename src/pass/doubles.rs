//! Doubles: which records look like documents that people entered by hand, by
//! their numbers, or by their amounts and days.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::takes::{SAME_DAYS, days_between};
use crate::model::{Key, Money};
use crate::store::ByHand;

/// A record that looks like a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Double {
    /// Which of the candidates.
    pub(super) candidate: usize,
    /// Which of the documents.
    pub(super) document: usize,
    /// Whether it is the number that they share.
    pub(super) by_number: bool,
}

/// A record that is about to be created.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) key: Key,
    /// The number that it is to bear.
    pub(super) number: String,
    /// Whether its number alone tells a document for the same.
    pub(super) telling: bool,
    pub(super) date: Option<Date>,
    /// What it may come to there: the whole, or less what was taken back of it.
    pub(super) amounts: [Money; 2],
}

/// Records that look like one of the documents, all of one kind and one
/// customer. A document that bears a record's number is no other's; of those of
/// its amount, every record waits until a person says which it is.
pub(super) fn doubles(candidates: &[Candidate], documents: &[ByHand]) -> Vec<Double> {
    let (mut by_number, mut by_total) = (BTreeMap::<_, Vec<usize>>::new(), BTreeMap::<_, Vec<usize>>::new());
    for (at, document) in documents.iter().enumerate() {
        let number = document.number.as_deref().map(plain).filter(|number| !number.is_empty());
        by_number.entry(number).or_default().push(at);
        by_total.entry(document.total).or_default().push(at);
    }
    let mut found = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let named = by_number.get(&Some(plain(&candidate.number))).into_iter().flatten().copied();
        let same =
            |document: &usize| candidate.telling || candidate.amounts.contains(&documents[*document].total);
        if let Some(document) =
            named.filter(same).min_by_key(|document| apart(candidate, &documents[*document]))
        {
            found.insert(at, Double { candidate: at, document, by_number: true });
        }
    }
    let taken: BTreeSet<usize> = found.values().map(|double| double.document).collect();
    for (at, candidate) in candidates.iter().enumerate() {
        let alike = candidate.amounts.iter().filter_map(|amount| by_total.get(amount)).flatten().copied();
        let near = alike.filter(|document| !taken.contains(document)).filter_map(|document| {
            let days = apart(candidate, &documents[document])?;
            (days <= SAME_DAYS).then_some((days, document))
        });
        if let Some((_, document)) = near.min() {
            found.entry(at).or_insert(Double { candidate: at, document, by_number: false });
        }
    }
    found.into_values().collect()
}

/// A person may write a number in their own way.
fn plain(number: &str) -> String {
    number.trim().to_lowercase()
}

/// Days between a record and a document.
fn apart(candidate: &Candidate, document: &ByHand) -> Option<i32> {
    candidate.date.zip(document.date).map(|(one, other)| days_between(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entity, ObjectId, ObjectKind};

    /// Numbers, days of March 2026 and cents, of records and of documents; the
    /// pairs of them, by their places.
    type Case<'a> = (&'a str, &'a [(&'a str, i8, i64)], &'a [(&'a str, i8, i64)], &'a [(usize, usize, bool)]);

    #[test]
    fn records_look_like_what_people_entered() {
        let cases: &[Case<'_>] = &[
            ("same day", &[("7", 10, 100)], &[("B", 10, 100)], &[(0, 0, false)]),
            ("three days before", &[("7", 10, 100)], &[("", 7, 100)], &[(0, 0, false)]),
            ("three days after", &[("7", 10, 100)], &[("", 13, 100)], &[(0, 0, false)]),
            ("four days before", &[("7", 10, 100)], &[("", 6, 100)], &[]),
            ("four days after", &[("7", 10, 100)], &[("", 14, 100)], &[]),
            ("a cent more", &[("7", 10, 100)], &[("", 10, 101)], &[]),
            ("the number", &[("Q-7", 10, 100)], &[(" q-7", 29, 5)], &[(0, 0, true)]),
            ("no number", &[("", 10, 100)], &[("", 20, 5)], &[]),
            ("the nearest", &[("7", 10, 100)], &[("", 8, 100), ("", 11, 100)], &[(0, 1, false)]),
            (
                "every record that it may be",
                &[("7", 8, 100), ("8", 9, 100), ("9", 20, 100)],
                &[("", 10, 100)],
                &[(0, 0, false), (1, 0, false)],
            ),
            ("its number says which", &[("7", 8, 100), ("8", 9, 100)], &[("8", 8, 100)], &[(1, 0, true)]),
            (
                "its number says which of two",
                &[("7", 9, 100)],
                &[("x", 9, 100), ("7", 28, 100)],
                &[(0, 1, true)],
            ),
        ];
        for (name, records, entered, expected) in cases {
            let day = |day| jiff::civil::date(2026, 3, day);
            let candidate = |(at, (number, on, cents)): (usize, &(&str, i8, i64))| Candidate {
                key: Key::invoice(at as u64),
                number: (*number).to_owned(),
                telling: true,
                date: Some(day(*on)),
                amounts: [Money::from_cents(*cents); 2],
            };
            let document = |(at, (number, on, cents)): (usize, &(&str, i8, i64))| ByHand {
                kind: ObjectKind::Invoice,
                id: ObjectId::new(at.to_string()),
                customer: ObjectId::new("58"),
                number: Some((*number).to_owned()),
                date: Some(day(*on)),
                total: Money::from_cents(*cents),
            };
            let candidates: Vec<_> = records.iter().enumerate().map(candidate).collect();
            let documents: Vec<_> = entered.iter().enumerate().map(document).collect();
            let found = doubles(&candidates, &documents);
            let found: Vec<_> =
                found.iter().map(|one| (one.candidate, one.document, one.by_number)).collect();
            assert_eq!(found, *expected, "{name}");
        }
    }

    /// Payments bear cheques' numbers there, and a number tells nothing where
    /// QuickBooks counts.
    #[test]
    fn a_number_that_is_not_ours_needs_the_amount() {
        let date = Some(jiff::civil::date(2026, 3, 10));
        let amounts = [Money::from_cents(100), Money::from_cents(60)];
        let key = Key { entity: Entity::Payment, id: 7 };
        let payment = Candidate { key, number: "7".to_owned(), telling: false, date, amounts };
        for (cents, far, expected) in
            [(100, true, Some(true)), (60, true, Some(true)), (50, true, None), (60, false, Some(true))]
        {
            let cheque = ByHand {
                kind: ObjectKind::Payment,
                id: ObjectId::new("9"),
                customer: ObjectId::new("58"),
                number: Some("7".to_owned()),
                date: Some(if far { jiff::civil::date(2026, 5, 1) } else { jiff::civil::date(2026, 3, 11) }),
                total: Money::from_cents(cents),
            };
            let found = doubles(std::slice::from_ref(&payment), &[cheque]);
            assert_eq!(found.first().map(|double| double.by_number), expected, "{cents} {far}");
        }
    }
}
