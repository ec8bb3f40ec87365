//! What a single step must not say, whatever stands around it.

use super::super::step::{Action, Step};
use crate::model::{Applied, Entity, Money, ObjectKind, Part};

/// What is wrong with a step by itself.
pub(super) fn wrong_with(step: &Step) -> Vec<&'static str> {
    let rules: [(bool, &str); 12] = [
        (step.entity != step.key.entity, "its kind is not that of its key"),
        (step.object != object_of(step), "it is no object of its kind"),
        (has_wrong_id(step), "a new object has no id, and one that stands has one"),
        (
            step.action == Action::Void && step.object != ObjectKind::Payment,
            "nothing but a payment can be voided",
        ),
        (
            step.action == Action::Adopt && step.entity != Entity::Customer,
            "nothing but a customer is adopted by a link",
        ),
        (has_wrong_amount(step), "an amount is not above zero"),
        (is_too_fine(step), "an amount is finer than its currency allows"),
        (
            step.action == Action::Create && step.amount != step.total,
            "a new document moves another amount than its total",
        ),
        (
            step.action == Action::Void && !(step.applied.is_empty() && step.total.is_zero()),
            "something is left of what is voided",
        ),
        (
            step.part == Part::Whole
                && step.entity == Entity::Payment
                && step.action != Action::Void
                && sum(&step.applied) > step.total,
            "more is applied than was paid",
        ),
        (is_wrong_application(step), "it applies something else than it is named after"),
        (has_twice(&step.applied), "it is applied to one thing twice"),
    ];
    rules.into_iter().filter(|(wrong, _)| *wrong).map(|(_, what)| what).collect()
}

/// Whether a step makes a new object.
pub(super) fn is_new(step: &Step) -> bool {
    match step.action {
        Action::Create => true,
        Action::Apply => step.quickbooks_id.is_none(),
        Action::Adopt | Action::Amend | Action::Release | Action::Void | Action::Restore => false,
    }
}

/// The contract's own table of what becomes what.
fn object_of(step: &Step) -> ObjectKind {
    match (step.part, step.entity) {
        (Part::Applied(_), _) | (Part::Whole, Entity::Payment) => ObjectKind::Payment,
        (Part::Whole, Entity::Customer) => ObjectKind::Customer,
        (Part::Whole, Entity::Invoice) => ObjectKind::Invoice,
        (Part::Whole, Entity::Refund) => ObjectKind::JournalEntry,
        (Part::Whole, Entity::Credit | Entity::ChargeReversal | Entity::WriteOff) => ObjectKind::CreditMemo,
    }
}

fn has_wrong_id(step: &Step) -> bool {
    let id = step.quickbooks_id.is_some();
    match step.action {
        Action::Create => id,
        // The first application of a memo is an object that is not there yet.
        Action::Apply => !id && step.part == Part::Whole,
        Action::Adopt | Action::Amend | Action::Release | Action::Void | Action::Restore => !id,
    }
}

fn has_wrong_amount(step: &Step) -> bool {
    let rows = || step.applied.iter().chain(&step.standing);
    // A credit that debits brought to nothing is a memo of nothing.
    let may_be_nothing = matches!((step.action, step.entity), (Action::Create, Entity::Credit));
    let moves = match step.action {
        Action::Create | Action::Apply | Action::Release | Action::Void => !may_be_nothing,
        Action::Adopt | Action::Amend | Action::Restore => false,
    };
    let moves = moves && step.entity != Entity::Customer;
    step.amount.is_negative()
        || step.total.is_negative()
        || (moves && step.amount.is_zero())
        || rows().any(|row| row.amount.is_negative() || row.amount.is_zero())
}

fn is_too_fine(step: &Step) -> bool {
    let amounts = [step.amount, step.total].into_iter().chain(step.applied.iter().map(|row| row.amount));
    step.entity != Entity::Customer
        && amounts.into_iter().any(|amount| Money::exact(amount.decimal(), step.currency).is_err())
}

fn is_wrong_application(step: &Step) -> bool {
    let Part::Applied(target) = step.part else { return false };
    let memo = matches!(step.entity, Entity::Credit | Entity::ChargeReversal | Entity::WriteOff);
    let elsewhere = step.applied.iter().chain(&step.standing).any(|row| row.to != target);
    let empty = step.applied.is_empty() && step.action != Action::Void;
    !memo
        || elsewhere
        || empty
        || !step.total.is_zero()
        || moved(step).is_some_and(|moved| moved != step.amount)
}

/// What an application takes or lets go by its own rows.
fn moved(step: &Step) -> Option<Money> {
    let (before, after) = (sum(&step.standing), sum(&step.applied));
    match step.action {
        Action::Apply => Some(after - before),
        Action::Release | Action::Void => Some(before - after),
        Action::Create | Action::Adopt | Action::Amend | Action::Restore => None,
    }
}

fn has_twice(rows: &[Applied]) -> bool {
    rows.iter().enumerate().any(|(at, row)| rows[..at].iter().any(|other| other.to == row.to))
}

fn sum(rows: &[Applied]) -> Money {
    rows.iter().map(|row| row.amount).sum()
}
