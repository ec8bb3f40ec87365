//! A second opinion: looks for contradictions in a plan and knows nothing of
//! how it came about.

use std::collections::{BTreeMap, BTreeSet};

use super::step::{Action, Step};
use crate::model::{Key, Money, Part};

/// Something that no sound plan holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The record.
    pub key: Key,
    /// What is wrong.
    pub what: String,
}

/// Checks the steps of one pass, in their order. `stands` tells whether a
/// record has a living object before the first of them.
pub fn check(steps: &[Step], stands: impl Fn(Key) -> bool) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let mut contradiction = |key: Key, what: &str| found.push(Contradiction { key, what: what.to_owned() });
    let mut created = BTreeSet::new();
    let mut seen: BTreeMap<(Key, Part), Vec<Action>> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for step in steps {
        let earlier = seen.entry((step.key, step.part)).or_default();
        let first_of_two = matches!(earlier.as_slice(), [Action::Release | Action::Restore]);
        let second_of_two = first_of_two && is_take(step.action);
        if !earlier.is_empty() && !second_of_two {
            contradiction(step.key, "two steps for one record");
        }
        earlier.push(step.action);
        let new = matches!(step.action, Action::Create | Action::Adopt);
        if step.part == Part::Whole && new == step.quickbooks_id.is_some() && step.action != Action::Adopt {
            contradiction(step.key, "a new object has no id, and one that stands has one");
        }
        if new && stands(step.key) {
            contradiction(step.key, "it has a living object already");
        }
        for parent in parents(step) {
            if !stands(parent) && !created.contains(&parent) {
                contradiction(
                    step.key,
                    &format!("it refers to {parent}, which is neither there nor planned before it"),
                );
            }
        }
        if new {
            created.insert(step.key);
        }
        for row in taken_by(step) {
            taken.insert(row);
        }
        if step.action == Action::Release && released_by(step).any(|to| taken.contains(&to)) {
            contradiction(step.key, "it lets go of an invoice that an earlier step takes");
        }
        let applied: Money = step.applied.iter().map(|row| row.amount).sum();
        if new && step.key.entity == crate::model::Entity::Payment && applied > step.amount {
            contradiction(step.key, "more is applied than was paid");
        }
        if step.amount.is_negative()
            || step.applied.iter().any(|row| row.amount.is_negative() || row.amount.is_zero())
        {
            contradiction(step.key, "an amount is not above zero");
        }
    }
    found
}

fn is_take(action: Action) -> bool {
    match action {
        Action::Apply | Action::Amend | Action::Restore => true,
        Action::Create | Action::Adopt | Action::Release | Action::Void => false,
    }
}

fn parents(step: &Step) -> Vec<Key> {
    if step.key.entity == crate::model::Entity::Customer {
        return Vec::new();
    }
    let customer = step.customer.parse().ok().map(Key::customer);
    customer.into_iter().chain(step.applied.iter().map(|row| row.to)).collect()
}

fn taken_by(step: &Step) -> Vec<Key> {
    let before = |to: Key| step.standing.iter().find(|row| row.to == to).map(|row| row.amount);
    let rows = step.applied.iter().filter(|row| before(row.to).unwrap_or_default() < row.amount);
    rows.map(|row| row.to).collect()
}

fn released_by(step: &Step) -> impl Iterator<Item = Key> + '_ {
    let after = |to: Key| step.applied.iter().find(|row| row.to == to).map(|row| row.amount);
    step.standing.iter().filter(move |row| after(row.to).unwrap_or_default() < row.amount).map(|row| row.to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Applied, Currency, ObjectId, ObjectKind};

    fn step(key: Key, action: Action, standing: &[(u64, i64)], applied: &[(u64, i64)]) -> Step {
        let rows = |rows: &[(u64, i64)]| {
            rows.iter()
                .map(|&(invoice, cents)| Applied {
                    to: Key::invoice(invoice),
                    amount: Money::from_cents(cents),
                })
                .collect::<Vec<_>>()
        };
        let new = action == Action::Create;
        Step {
            key,
            part: Part::Whole,
            entity: key.entity,
            action,
            reason: String::new(),
            object: ObjectKind::Payment,
            quickbooks_id: (!new).then(|| ObjectId::new("1")),
            customer: "2".to_owned(),
            date: None,
            currency: Currency::USD,
            amount: Money::from_cents(1000),
            total: Money::from_cents(1000),
            netted: Vec::new(),
            only_words: false,
            applied: rows(applied),
            standing: rows(standing),
            crossing: None,
        }
    }

    #[test]
    fn contradictions_are_found_and_sound_plans_pass() {
        let stands = |key: Key| [Key::customer(2), Key::invoice(1), Key::payment(90)].contains(&key);
        let (pay, other) = (Key::payment(90), Key::payment(91));
        let cases: Vec<(&str, Vec<Step>, usize)> = vec![
            (
                "sound",
                vec![
                    step(Key::invoice(3), Action::Create, &[], &[]),
                    step(other, Action::Create, &[], &[(3, 500)]),
                ],
                0,
            ),
            (
                "release, then take",
                vec![step(pay, Action::Release, &[(1, 5)], &[]), step(pay, Action::Apply, &[], &[(1, 7)])],
                0,
            ),
            ("twice", vec![step(other, Action::Create, &[], &[]), step(other, Action::Create, &[], &[])], 1),
            (
                "dependent first",
                vec![
                    step(other, Action::Create, &[], &[(3, 500)]),
                    step(Key::invoice(3), Action::Create, &[], &[]),
                ],
                1,
            ),
            (
                "take, then release",
                vec![step(other, Action::Create, &[], &[(1, 5)]), step(pay, Action::Release, &[(1, 5)], &[])],
                1,
            ),
            ("applied too much", vec![step(other, Action::Create, &[], &[(1, 5000)])], 1),
            ("stands already", vec![step(Key::invoice(1), Action::Create, &[], &[])], 1),
            ("nothing applied", vec![step(pay, Action::Apply, &[], &[(1, 0)])], 1),
        ];
        for (name, steps, expected) in cases {
            let found = check(&steps, stands);
            assert_eq!(found.len(), expected, "{name}: {found:?}");
        }
    }
}
