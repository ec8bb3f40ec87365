//! What must not go out before, or together with, something else.

use std::collections::{BTreeMap, BTreeSet};

use super::super::step::{Action, Step};
use super::step::{is_new, wrong_with};
use super::{Contradiction, Standing};
use crate::model::{Applied, Entity, Key, Money, Part};

/// Checks steps that go out together, so that none may need the answer to
/// another. `standing` tells what stands of a record before them.
pub fn check(steps: &[Step], standing: impl Fn(Key) -> Option<Standing>) -> Vec<Contradiction> {
    Opinion::of(steps, standing, true)
}

/// Checks a whole plan, whose steps go out one after the other: what a step
/// needs may be made by an earlier one.
pub fn check_plan(steps: &[Step], standing: impl Fn(Key) -> Option<Standing>) -> Vec<Contradiction> {
    Opinion::of(steps, standing, false)
}

/// What a step takes or frees: an invoice or an entry that is settled, or the
/// memo that settles it.
type Thing = Key;

struct Opinion<F> {
    standing: F,
    /// Whether the steps go out together.
    together: bool,
    /// What stands after the steps so far, where one concerned it.
    now: BTreeMap<Key, Option<Standing>>,
    seen: BTreeMap<(Key, Part), Vec<Action>>,
    taken: BTreeSet<Thing>,
    found: Vec<Contradiction>,
}

impl<F: Fn(Key) -> Option<Standing>> Opinion<F> {
    fn of(steps: &[Step], standing: F, together: bool) -> Vec<Contradiction> {
        let mut opinion = Self {
            standing,
            together,
            now: BTreeMap::new(),
            seen: BTreeMap::new(),
            taken: BTreeSet::new(),
            found: Vec::new(),
        };
        if together {
            // In whichever order they are answered.
            opinion.taken.extend(steps.iter().flat_map(taken_by));
        }
        for step in steps {
            for what in wrong_with(step) {
                opinion.contradiction(step.key, what);
            }
            opinion.marks(step, steps);
            opinion.parents(step);
            opinion.existence(step);
            opinion.releases(step);
            opinion.carry_out(step);
        }
        opinion.found
    }

    fn contradiction(&mut self, key: Key, what: impl Into<String>) {
        self.found.push(Contradiction { key, what: what.into() });
    }

    /// One write a mark, unless one after the other: what lets go and takes
    /// again is two; a payment that was refunded in full before it was first
    /// seen is made and voided; one takes more once the entry of a refund
    /// stands. A document and what applies it never go together.
    fn marks(&mut self, step: &Step, steps: &[Step]) {
        let earlier = self.seen.entry((step.key, step.part)).or_default();
        let second = matches!(
            (earlier.last(), step.action),
            (Some(Action::Release | Action::Restore), Action::Apply | Action::Amend | Action::Restore)
                | (Some(Action::Create | Action::Apply), Action::Apply)
                | (Some(Action::Create), Action::Void)
        );
        let twice = !earlier.is_empty() && (self.together || !second);
        earlier.push(step.action);
        if twice {
            self.contradiction(step.key, "two steps for one mark");
        }
        let apart = step.part != Part::Whole;
        if self.together
            && apart
            && steps.iter().any(|other| other.key == step.key && other.part == Part::Whole)
        {
            self.contradiction(step.key, "it goes out together with the document that it applies");
        }
    }

    fn parents(&mut self, step: &Step) {
        for parent in parents(step) {
            let stands =
                if self.together { (self.standing)(parent).is_some() } else { self.now(parent).is_some() };
            if !stands {
                let what = format!("it refers to {parent}, which is neither there nor planned before it");
                self.contradiction(step.key, what);
            }
        }
    }

    fn existence(&mut self, step: &Step) {
        let new = is_new(step) || step.action == Action::Adopt;
        let there = self.now(step.key).as_ref().is_some_and(|standing| match step.part {
            // A link that moves adopts another than the one that stands.
            Part::Whole => step.action != Action::Adopt || standing.id == step.quickbooks_id,
            Part::Applied(target) => standing.parts.contains(&target),
        });
        match (new, there) {
            (true, true) => self.contradiction(step.key, "it has a living object already"),
            (false, false) => self.contradiction(step.key, "it has no living object"),
            (true, false) | (false, true) => {}
        }
    }

    fn releases(&mut self, step: &Step) {
        let taken = taken_by(step);
        let released = released_by(step);
        if step.part == Part::Whole && !taken.is_empty() && !released.is_empty() {
            self.contradiction(step.key, "it lets go and takes in one write");
        } else if let Some(thing) = released.iter().find(|thing| self.taken.contains(thing)) {
            let what = if self.together {
                format!("it lets go of {thing}, which another step takes at the same time")
            } else {
                format!("it lets go of {thing}, which an earlier step takes")
            };
            self.contradiction(step.key, what);
        }
        self.taken.extend(taken);
    }

    /// Moves the books on, and looks whether a memo is laid on more than it is
    /// worth, or lowered below what it is laid on.
    fn carry_out(&mut self, step: &Step) {
        let standing = self.now(step.key);
        let mut after = standing.take().unwrap_or_default();
        after.carry_out(step);
        let over = step.entity != Entity::Payment && after.spent() > after.total;
        *standing = Some(after);
        if over {
            self.contradiction(step.key, "more of it is applied than it is worth");
        }
        if step.part == Part::Whole && step.action == Action::Void {
            self.now.insert(step.key, None);
        }
    }

    fn now(&mut self, key: Key) -> &mut Option<Standing> {
        let before = &self.standing;
        self.now.entry(key).or_insert_with(|| before(key))
    }
}

/// What must stand for a step: its customer, what it settles, and the memo that
/// an application lays on it.
fn parents(step: &Step) -> Vec<Key> {
    if step.entity == Entity::Customer || step.action == Action::Void {
        return Vec::new();
    }
    let mut parents = step.customer.parse().ok().map(Key::customer).into_iter().collect::<Vec<_>>();
    match step.part {
        Part::Whole if step.entity == Entity::Payment => {
            parents.extend(step.applied.iter().map(|row| row.to));
        }
        // A memo says nothing of what it is laid on; its applications do.
        Part::Whole => {}
        Part::Applied(target) => parents.extend([step.key, target]),
    }
    parents
}

fn taken_by(step: &Step) -> BTreeSet<Thing> {
    things(step, &step.standing, &step.applied)
}

fn released_by(step: &Step) -> BTreeSet<Thing> {
    things(step, &step.applied, &step.standing)
}

/// What `more` has beyond `less`.
fn things(step: &Step, less: &[Applied], more: &[Applied]) -> BTreeSet<Thing> {
    if step.part == Part::Whole && step.entity != Entity::Payment {
        return BTreeSet::new();
    }
    let of = |to: Key| less.iter().filter(|row| row.to == to).map(|row| row.amount).sum::<Money>();
    let mut things =
        more.iter().filter(|row| row.amount > of(row.to)).map(|row| row.to).collect::<BTreeSet<_>>();
    if !things.is_empty() && step.part != Part::Whole {
        things.insert(step.key);
    }
    things
}
