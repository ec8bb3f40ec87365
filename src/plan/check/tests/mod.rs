//! Wrong plans and wrong bodies are found, each for its own reason, and sound
//! ones pass.

mod bodies;
mod plans;

use super::super::step::{Action, Step};
use super::Contradiction;
use crate::model::{Applied, Currency, Entity, Key, Money, ObjectId, ObjectKind, Part};

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn rows(rows: &[(&str, i64)]) -> Vec<Applied> {
    rows.iter().map(|(to, cents)| Applied { to: key(to), amount: Money::from_cents(*cents) }).collect()
}

/// A step about a document that comes to `total` hundredths.
fn whole(of: &str, action: Action, total: i64) -> Step {
    let key = key(of);
    let object = match key.entity {
        Entity::Customer => ObjectKind::Customer,
        Entity::Invoice => ObjectKind::Invoice,
        Entity::Payment => ObjectKind::Payment,
        Entity::Refund => ObjectKind::JournalEntry,
        Entity::Credit | Entity::ChargeReversal | Entity::WriteOff => ObjectKind::CreditMemo,
    };
    Step {
        key,
        part: Part::Whole,
        entity: key.entity,
        action,
        reason: String::new(),
        object,
        quickbooks_id: (action != Action::Create).then(|| ObjectId::new("1")),
        customer: "2".to_owned(),
        date: None,
        currency: Currency::USD,
        amount: Money::from_cents(total),
        total: Money::from_cents(total),
        applied: Vec::new(),
        standing: Vec::new(),
        netted: Vec::new(),

        beside: Vec::new(),
        only_words: false,
        crossing: None,
        observed: false,
    }
}

/// A step about a payment of 10.00, from what it is applied to, to what it is
/// applied to afterwards.
fn pay(of: &str, action: Action, before: &[(&str, i64)], after: &[(&str, i64)]) -> Step {
    let void = action == Action::Void;
    let total = if void { Money::ZERO } else { Money::from_cents(1000) };
    Step { applied: rows(after), standing: rows(before), total, ..whole(of, action, 1000) }
}

/// A step that lays a memo on `target`.
fn lay(of: &str, action: Action, target: &str, (before, after): (i64, i64)) -> Step {
    let some = |cents: i64| if cents == 0 { Vec::new() } else { rows(&[(target, cents)]) };
    Step {
        part: Part::Applied(key(target)),
        object: ObjectKind::Payment,
        quickbooks_id: (before > 0).then(|| ObjectId::new("8")),
        amount: Money::from_cents((after - before).abs()),
        total: Money::ZERO,
        applied: some(after),
        standing: some(before),
        ..whole(of, action, 0)
    }
}

/// Asserts that `expected` is among what was found, or that nothing was.
fn assert_said(found: &[Contradiction], expected: &str, name: &str) {
    let said = found.iter().map(|wrong| wrong.what.as_str()).collect::<Vec<_>>();
    let fits =
        if expected.is_empty() { said.is_empty() } else { said.iter().any(|what| what.contains(expected)) };
    assert!(fits, "{name}: {said:?} instead of {expected:?}");
}
