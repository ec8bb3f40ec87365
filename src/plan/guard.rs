//! Guards: which of what would be done is too much at once to be meant.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{Currency, Guard, GuardRow, Guards, Money};

/// The fewest changed links of which a share is judged.
const SHARE_FROM: usize = 5;
/// Documents that a pass may always create, where the files name no number.
const DOCUMENTS: usize = 5000;

/// A document that a pass would create.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// It, and a digest of what is judged.
    pub row: GuardRow,
    /// Its day.
    pub date: Option<Date>,
    /// Its currency.
    pub currency: Currency,
    /// Its amount.
    pub amount: Money,
    /// Whether the line of its customer is new or changed.
    pub changed: bool,
    /// Whether it counts because that line is new or its start moved back.
    pub back: bool,
}

/// What a guard holds: the candidates at these places, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// The guard.
    pub guard: Guard,
    /// The sentence.
    pub reason: String,
    /// Which.
    pub at: Vec<usize>,
}

/// Why so many links may not change at once; `None`: they may.
pub fn links_held(guards: &Guards, (changed, removed, in_force): (usize, usize, usize)) -> Option<String> {
    let all = changed + removed;
    let count = all > guards.links_changed as usize;
    let share = all >= SHARE_FROM && all * 100 > guards.links_changed_percent as usize * in_force;
    if !count && !share {
        return None;
    }
    let limit = if count {
        format!("links_changed = {}", guards.links_changed)
    } else {
        format!("links_changed_percent = {}", guards.links_changed_percent)
    };
    Some(format!(
        "{changed} links changed and {removed} vanished at once, of {in_force}, which is more than {limit} allows; \
         nothing is written about these customers"
    ))
}

/// Why so many customers may not be created at once; `None`: they may.
pub fn customers_held(guards: &Guards, creations: usize) -> Option<String> {
    (creations > guards.customers as usize).then(|| {
        format!(
            "{creations} customers would be created in QuickBooks at once, which is more than customers = {} allows",
            guards.customers
        )
    })
}

/// What is held of the documents that a pass would create; `earliest` is the
/// day before which a new line brings none, `standing` how many stand already.
pub fn documents_held(
    guards: &Guards,
    candidates: &[Candidate],
    (earliest, standing): (Date, usize),
) -> Vec<Caught> {
    let mut caught = Vec::new();
    let old = |one: &Candidate| one.back && one.date.is_some_and(|date| date < earliest);
    let (old, mut rest): (Vec<usize>, Vec<usize>) =
        (0..candidates.len()).partition(|at| old(&candidates[*at]));
    if let Some(first) = old.iter().filter_map(|at| candidates[*at].date).min() {
        let reason = format!(
            "{} documents are dated before {earliest}, the first of {first}, and a line that is new or starts \
             earlier now brings them in: further back than backfill allows",
            old.len()
        );
        caught.push(Caught { guard: Guard::Backfill, reason, at: old });
    }
    for (currency, limit) in &guards.amount {
        let sum = |at: &[usize]| -> Money {
            let of = at.iter().map(|at| &candidates[*at]).filter(|one| one.currency == *currency);
            of.map(|one| one.amount).sum()
        };
        let whole = sum(&rest);
        if whole > *limit {
            let (in_currency, others): (Vec<usize>, Vec<usize>) =
                rest.iter().partition(|at| candidates[**at].currency == *currency);
            let at = narrowed(candidates, &in_currency, |left| sum(left) <= *limit);
            rest =
                others.into_iter().chain(in_currency.into_iter().filter(|one| !at.contains(one))).collect();
            rest.sort_unstable();
            let reason = format!(
                "documents of {whole} {currency} would be created in QuickBooks at once, which is more than \
                 amount = {{ {currency} = \"{limit}\" }} allows"
            );
            caught.push(Caught { guard: Guard::Amount, reason, at });
        }
    }
    let limit = guards.documents.map_or(DOCUMENTS.max(standing / 2), |limit| limit as usize);
    if rest.len() > limit {
        let at = narrowed(candidates, &rest, |left| left.len() <= limit);
        let reason = format!(
            "{} documents would be created in QuickBooks at once, which is more than documents = {limit} allows",
            rest.len()
        );
        caught.push(Caught { guard: Guard::Documents, reason, at });
    }
    caught
}

/// Those of customers whose line is new or changed, where the rest is allowed
/// without them; else all.
fn narrowed(candidates: &[Candidate], all: &[usize], allowed: impl Fn(&[usize]) -> bool) -> Vec<usize> {
    let (changed, rest): (Vec<usize>, Vec<usize>) = all.iter().partition(|at| candidates[**at].changed);
    if !changed.is_empty() && allowed(&rest) { changed } else { all.to_vec() }
}

/// Sums by currency.
pub fn sums<'c>(candidates: impl IntoIterator<Item = &'c Candidate>) -> BTreeMap<Currency, Money> {
    let mut sums = BTreeMap::new();
    for one in candidates {
        *sums.entry(one.currency).or_default() += one.amount;
    }
    sums
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::{Digest, Key};

    #[test]
    fn links_are_judged_by_count_and_by_share() {
        // Changed, removed, in force; held by.
        let cases = [
            ((0, 0, 0), ""),
            ((25, 0, 1000), ""),
            ((26, 0, 1000), "links_changed = 25"),
            ((20, 6, 1000), "links_changed = 25"),
            ((4, 0, 4), ""),
            ((5, 0, 25), ""),
            ((5, 0, 24), "links_changed_percent = 20"),
            ((0, 5, 5), "links_changed_percent = 20"),
        ];
        for (counts, expected) in cases {
            let held = links_held(&Guards::default(), counts).unwrap_or_default();
            assert!(held.contains(expected) && held.is_empty() == expected.is_empty(), "{counts:?}");
        }
        assert!(customers_held(&Guards::default(), 100).is_none());
        assert!(customers_held(&Guards::default(), 101).is_some());
    }

    /// Candidates as `year/amount/flags`: `c` changed, `b` brought back.
    fn candidates(told: &str) -> Vec<Candidate> {
        let one = |(id, told): (u64, &str)| {
            let mut parts = told.split('/');
            let year = parts.next().unwrap().parse().unwrap();
            let amount: Money = parts.next().unwrap().parse().unwrap();
            let flags = parts.next().unwrap_or_default();
            Candidate {
                row: GuardRow { key: Key::invoice(id), digest: Digest::of([told]) },
                date: Some(date(year, 5, 1)),
                currency: "USD".parse().unwrap(),
                amount,
                changed: flags.contains('c'),
                back: flags.contains('b'),
            }
        };
        (1..).zip(told.split(' ')).map(one).collect()
    }

    #[test]
    fn documents_are_judged_by_age_amount_and_count() {
        let cases = [
            // Nothing new, however old.
            ("2016/5 2016/5", None, None, ""),
            ("2016/5/cb 2026/5", None, None, "backfill 0"),
            ("2016/5/c 2026/5", None, None, ""),
            // The changed ones alone, where the rest is allowed without them.
            ("2026/5/c 2026/5", Some("5"), None, "amount 0"),
            ("2026/5/c 2026/6", Some("5"), None, "amount 0,1"),
            ("2026/5 2026/6", Some("5"), None, "amount 0,1"),
            ("2026/5 2026/6", Some("11"), None, ""),
            ("2026/5 2026/6 2026/1/c", None, Some(2), "documents 2"),
            ("2026/5 2026/6 2026/1", None, Some(2), "documents 0,1,2"),
            // What one guard holds does not count for the next.
            ("2016/9/cb 2026/5 2026/1", Some("8"), Some(2), "backfill 0"),
            ("2016/9/cb 2026/9 2026/1", Some("8"), Some(1), "backfill 0 amount 1,2"),
        ];
        for (told, amount, documents, expected) in cases {
            let amount = amount.map(|limit: &str| ("USD".parse().unwrap(), limit.parse().unwrap()));
            let guards = Guards { documents, amount: amount.into_iter().collect(), ..Guards::default() };
            let held = documents_held(&guards, &candidates(told), (date(2025, 1, 1), 0));
            let name = |one: &Caught| {
                let at: Vec<String> = one.at.iter().map(ToString::to_string).collect();
                format!("{} {}", one.guard.name(), at.join(","))
            };
            assert_eq!(held.iter().map(name).collect::<Vec<_>>().join(" "), expected, "{told}");
        }
    }

    #[test]
    fn half_of_what_stands_may_come_at_once() {
        let many = vec!["2026/1"; 5001].join(" ");
        let held =
            |standing| documents_held(&Guards::default(), &candidates(&many), (date(2025, 1, 1), standing));
        assert_eq!((held(0).len(), held(10_000).len(), held(10_002).len()), (1, 1, 0));
    }
}
