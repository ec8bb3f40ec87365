//! Two people edit the same repository at once, and git merges them: what it
//! accepts is what both wanted, or latchd refuses it and names both places.
//!
//! `LATCHD_MERGES_SEED=17` plays other trials, `LATCHD_MERGES=1000` more of them;
//! a failure names the seed of its own.

mod chance;
mod decisions;
mod repository;

use std::collections::BTreeSet;

use latchd::config::load_from;

use chance::Chance;
use decisions::{Book, Files, SHARED, any, base, edited, files, main_file, stored, union};
use repository::{Merge, Repository};

/// What the example repository tells git about its files.
const ATTRIBUTES: &str = include_str!("../../../examples/books/.gitattributes");

/// Two branches from one base.
struct Trial {
    seed: u64,
    books: [Book; 3],
    files: [Files; 3],
    /// New customers that both decide, in other words or in another place.
    twice: Vec<u64>,
}

/// What is on both sides' minds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Minds {
    /// Nobody touches a customer of the other's.
    Apart,
    /// Both change some of the same lines.
    SameLines,
    /// Both decide the same new customer, in their own batch or the shared file.
    SameNew,
}

impl Trial {
    fn new(seed: u64, minds: Minds) -> Self {
        let mut chance = Chance::of(seed);
        let base = base(&mut chance);
        let (mut one, mut other) = (base.clone(), base.clone());
        let mut taken = BTreeSet::new();
        side(&base, &mut one, ("links.d/2026-03-fin-3.toml", &mut taken), &mut chance);
        if minds == Minds::SameLines {
            let edits: Vec<u64> = base.keys().copied().filter(|id| one.get(id) != base.get(id)).collect();
            for id in edits.iter().take(1 + chance.below(2)) {
                let line = edited(*id, &base[id].1, &mut chance);
                other.insert(*id, (base[id].0.clone(), line));
            }
        }
        side(&base, &mut other, ("links.d/2026-03-fin-4.toml", &mut taken), &mut chance);
        let mut twice = Vec::new();
        if minds == Minds::SameNew {
            let new: Vec<u64> = one.keys().copied().filter(|id| !base.contains_key(id)).collect();
            let id = new[chance.below(new.len())];
            let line = if chance.one_in(2) { one[&id].1.clone() } else { any(id, &mut chance) };
            let file = if chance.one_in(3) { SHARED } else { "links.d/2026-03-fin-4.toml" };
            let decision = (file.to_owned(), line);
            // The same words in the same place are one decision.
            if one[&id] != decision {
                twice.push(id);
            }
            other.insert(id, decision);
        }
        let books = [base, one, other];
        let files = books.each_ref().map(|book| files(book, ATTRIBUTES));
        Self { seed, books, files, twice }
    }
}

/// One side's work: 20 new customers, most of them in a batch of its own, and 5
/// that stand in the files already.
fn side(base: &Book, book: &mut Book, (batch, taken): (&str, &mut BTreeSet<u64>), chance: &mut Chance) {
    let mut left = 20;
    while left > 0 {
        let id = 10_000 + chance.below(3 * base.len() + 40) as u64;
        if book.contains_key(&id) || !taken.insert(id) {
            continue;
        }
        let file = if chance.one_in(8) { SHARED } else { batch };
        book.insert(id, (file.to_owned(), any(id, chance)));
        left -= 1;
    }
    let ids: Vec<u64> = base.keys().copied().collect();
    let mut left = 5;
    while left > 0 {
        let id = ids[chance.below(ids.len())];
        if !taken.insert(id) {
            continue;
        }
        let (file, line) = &base[&id];
        // Some are taken over into the new batch.
        let file = if chance.one_in(10) { batch } else { file };
        book.insert(id, (file.to_owned(), edited(id, line, chance)));
        left -= 1;
    }
}

/// How the trials ended.
#[derive(Debug, Default)]
struct Tally {
    right: usize,
    refused: usize,
    conflicts: usize,
}

fn play(minds: Minds) -> Tally {
    let number = |name: &str, default: u64| {
        std::env::var_os(name).map_or(default, |text| {
            text.to_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{name} is a number"))
        })
    };
    let first = number("LATCHD_MERGES_SEED", 1 + 1_000_000 * minds as u64);
    let seeds = first..first + number("LATCHD_MERGES", 200);
    let trials: Vec<Trial> = seeds.map(|seed| Trial::new(seed, minds)).collect();
    let repository = Repository::of(trials.iter().map(|trial| trial.files.each_ref()));
    let mut tally = Tally::default();
    for (at, trial) in trials.iter().enumerate() {
        let again = format!("LATCHD_MERGES_SEED={} LATCHD_MERGES=1", trial.seed);
        match repository.merge(at) {
            Merge::Conflict(paths) => {
                tally.conflicts += 1;
                conflict(trial, &paths, &again);
            }
            Merge::Accepted(merged) => {
                if accepted(trial, &merged, &again) {
                    tally.right += 1;
                } else {
                    tally.refused += 1;
                }
            }
        }
    }
    tally
}

/// A person is asked only about what both sides changed.
fn conflict(trial: &Trial, paths: &[String], again: &str) {
    let [base, one, other] = &trial.files;
    for path in paths {
        let old = base.get(path);
        assert!(old.is_some(), "{again}: {path} is new and conflicts");
        assert!(one.get(path) != old && other.get(path) != old, "{again}: one side alone changed {path}");
    }
}

/// Whether latchd takes what git accepted; it takes nothing wrong.
fn accepted(trial: &Trial, merged: &[(std::path::PathBuf, String)], again: &str) -> bool {
    let [base, one, other] = &trial.books;
    let wanted = union(base, one, other);
    let found = load_from(main_file(), &merged.to_vec());
    let decided = |book: &Book, id: &u64| book.get(id) != base.get(id);
    match found {
        Ok(found) => {
            let wanted = wanted.unwrap_or_else(|clash| panic!("{again}: merged though both decided {clash}"));
            let wanted = load_from(main_file(), &stored(&files(&wanted, ATTRIBUTES)));
            let wanted = wanted.map_err(|errors| errors.to_string()).expect("the union is sound");
            assert_eq!(found.decisions.links.len(), wanted.decisions.links.len(), "{again}");
            let same = found.generation == wanted.generation;
            assert!(same, "{again}: the merge says something else:\n{merged:#?}");
            assert!(trial.twice.is_empty(), "{again}: {:?} was decided twice", trial.twice);
            true
        }
        Err(errors) => {
            let both: Vec<u64> =
                one.keys().filter(|id| decided(one, id) && decided(other, id)).copied().collect();
            for error in &errors {
                let said = error.to_string();
                let named = both.iter().any(|id| said.contains(&id.to_string()));
                let places = said.matches(".toml:").count();
                assert!(named && places >= 2, "{again}: {both:?}: {said}");
            }
            false
        }
    }
}

#[test]
fn a_merge_of_what_both_wanted_is_just_that() {
    let tally = play(Minds::Apart);
    assert_eq!(tally.refused, 0, "{tally:?}");
    // Else it would prove nothing.
    assert!(tally.right >= 40 && tally.conflicts >= 20, "{tally:?}");
}

#[test]
fn both_change_one_line_and_nothing_is_lost() {
    let tally = play(Minds::SameLines);
    assert!(tally.conflicts >= 100, "{tally:?}");
}

#[test]
fn both_decide_one_customer_and_both_places_are_named() {
    let tally = play(Minds::SameNew);
    assert!(tally.refused >= 40, "{tally:?}");
}
