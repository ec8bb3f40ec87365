//! The made pairs: no wrong `unique`, and the right one among the first three.

use std::collections::{BTreeMap, BTreeSet};

use latchd::model::{Customer, ObjectId};
use latchd::suggest::{Index, Living, Suggestion, Verdict, suggest};

use super::cases::{self, Case};

/// What came out over cases.
#[derive(Debug, Default)]
struct Figures {
    cases: usize,
    true_pairs: usize,
    first_three: usize,
    first: usize,
    unique: usize,
    wrong: Vec<String>,
    missed: Vec<String>,
}

impl Figures {
    fn count(&mut self, case: &Case, found: &Suggestion) {
        let Case { group, customer, truth, reason, .. } = case;
        let ids: Vec<&ObjectId> = found.candidates.iter().map(|one| &one.id).collect();
        let told = || {
            let rows = found.candidates.iter().map(|one| {
                let words: Vec<&str> = one.evidence.iter().map(|word| word.word()).collect();
                let against: Vec<&str> = one.against.iter().map(|word| word.word()).collect();
                format!("{} {} {} +{words:?} -{against:?}", one.id, one.name, one.score)
            });
            let rows = rows.collect::<Vec<_>>().join("; ");
            format!(
                "[{group}] {} {}: {reason}\n    {:?}: {rows}",
                customer.id,
                customer.label(),
                found.verdict
            )
        };
        self.cases += 1;
        if let Some(truth) = truth {
            self.true_pairs += 1;
            let is_among = ids.iter().take(3).any(|id| *id == truth);
            self.first_three += usize::from(is_among);
            self.first += usize::from(ids.first() == Some(&truth));
            if !is_among {
                self.missed.push(told());
            }
        }
        if found.verdict == Verdict::Unique {
            self.unique += 1;
            if ids.first().copied() != truth.as_ref() {
                self.wrong.push(told());
            }
        }
    }

    fn tell(&self, what: &str) {
        let Self { cases, true_pairs, first_three, first, unique, wrong, missed } = self;
        super::tell(&format!(
            "{what}: {cases} cases, {unique} unique ({} of them wrong); of {true_pairs} true pairs \
             {first_three} among the first three, {first} the first",
            wrong.len()
        ));
        for case in wrong.iter().chain(missed) {
            super::tell(&format!("  {case}"));
        }
    }

    fn hold(&self) {
        assert!(self.wrong.is_empty(), "wrong as unique:\n{}", self.wrong.join("\n"));
        assert!(self.first_three * 10 >= self.true_pairs * 9, "missed:\n{}", self.missed.join("\n"));
        assert!(self.unique * 2 >= self.true_pairs, "a matcher that never says unique helps nobody");
    }
}

#[test]
fn no_labelled_pair_is_wrongly_unique_and_the_true_ones_stand_in_front() {
    let cases = cases::all();
    assert!(cases.len() >= 300, "{}", cases.len());
    // Each case by itself, as a small company would have it.
    let mut alone = Figures::default();
    for case in &cases {
        let index = Index::new(case.living.clone());
        let mut found = suggest(&index, std::slice::from_ref(&case.customer), &BTreeSet::new());
        alone.count(case, &found.remove(0));
    }
    alone.tell("labelled pairs, each case by itself");
    // All in one company.
    let living: Vec<Living> = cases.iter().flat_map(|case| case.living.clone()).collect();
    let customers: Vec<Customer> = cases.iter().map(|case| case.customer.clone()).collect();
    let found = suggest(&Index::new(living), &customers, &BTreeSet::new());
    let mut together = Figures::default();
    for (case, found) in cases.iter().zip(&found) {
        together.count(case, found);
    }
    together.tell("labelled pairs, all in one company");
    alone.hold();
    together.hold();
    nobody_twice(&found);
}

/// One QuickBooks customer is never `unique` for two.
pub(super) fn nobody_twice(found: &[Suggestion]) {
    let mut given: BTreeMap<&ObjectId, u64> = BTreeMap::new();
    for one in found.iter().filter(|one| one.verdict == Verdict::Unique) {
        let before = given.insert(&one.candidates[0].id, one.customer);
        assert_eq!(before, None, "{} is unique for {} too", one.candidates[0].id, one.customer);
    }
}
