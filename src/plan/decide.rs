//! The decision table: what is to be done about one record, whatever its kind.

use super::facts::{Decision, Facts, Note, Parts};
use super::step::Action;
use crate::model::{Code, Counterpart, OnDrift, Problem, State};
use crate::mutation::Mutation;

/// Decides about one record. Read it top to bottom: the first row that applies
/// wins.
pub fn decide(facts: &Facts<'_>) -> Decision {
    use Decision::Rest;
    let record = facts.record;
    if !facts.in_scope {
        return Rest(State::OutOfScope, Note::Clear);
    }
    if facts.waiting {
        let reason = "a write was cut off; latchd looks for its outcome before it writes again";
        return Rest(State::Held, Note::Is(Problem::new(Code::UnknownOutcome, reason)));
    }
    if let Some(held) = &facts.held {
        return Rest(State::Held, Note::Is(held.clone()));
    }
    if let Some(problem) = &facts.problem {
        // What it waits for is the root, and may mend it too.
        return match facts.blocked_by.filter(|_| record.object.is_none()) {
            Some(by) => Decision::Blocked(by),
            None => Rest(State::Failed, Note::Is(problem.clone())),
        };
    }
    match &record.object {
        None => absent(facts),
        Some(object) => standing(facts, object),
    }
}

/// About a record that has an object, whatever became of it.
fn standing(facts: &Facts<'_>, object: &Counterpart) -> Decision {
    use Decision::Rest;
    match () {
        () if facts.relink => gate(facts, Action::Adopt, "the files move the link"),
        // Brought to nothing by its own refunds: that is how it should be.
        () if object.dead && !object.deleted && facts.voidable && facts.total.is_zero() => {
            Rest(State::Synced, Note::Clear)
        }
        () if !object.lives() => {
            let how = if object.deleted { "deleted" } else { "voided or made inactive" };
            let reason = format!("its object {} was {how} in QuickBooks", object.id);
            Rest(State::Failed, Note::Is(Problem::new(Code::DeletedInQuickbooks, reason)))
        }
        () if let Some((to, of)) = &facts.moved => drifted(
            facts,
            "someone gave it to another customer in QuickBooks",
            format!(
                "someone gave its object {} to QuickBooks' customer {to}, and it is customer {of}'s; nothing is \
                 applied to it until it is changed back",
                object.id
            ),
        ),
        () if object.drifted() => {
            let what = changes(facts, object);
            let reason = format!("someone changed its object {} in QuickBooks: {what}", object.id);
            drifted(facts, "someone changed it in QuickBooks", reason)
        }
        () if facts.mismatch => match facts.fault {
            // Only a change of what it is made from is worth another try.
            Some(fault)
                if fault.code == Code::AmountMismatch
                    && facts.basis == Some(&fault.basis)
                    && !facts.resent =>
            {
                Rest(State::Failed, Note::Keep)
            }
            Some(fault) if fault.code == Code::AmountMismatch => {
                gate(facts, Action::Amend, "its total differs, and the settings changed")
            }
            Some(_) | None => {
                let reason =
                    format!("Stax Bill's total is {}, and QuickBooks has {}", facts.total, object.total);
                Rest(State::Failed, Note::Is(Problem::new(Code::AmountMismatch, reason)))
            }
        },
        () if let Parts::Gone(id) = &facts.parts => {
            let reason = format!("the payment {id} that applied it was deleted or voided in QuickBooks");
            Rest(State::Failed, Note::Is(Problem::new(Code::DeletedInQuickbooks, reason)))
        }
        () if let Parts::Changed(id) = &facts.parts => drifted(
            facts,
            "someone changed how it is applied in QuickBooks",
            format!("someone changed the payment {id} that applies it in QuickBooks"),
        ),
        () if facts.changed && facts.voidable && facts.total.is_zero() => {
            gate(facts, Action::Void, "it was refunded in full")
        }
        () if facts.changed => gate(facts, Action::Amend, "it changed in Stax Bill"),
        () if facts.renewed => gate(facts, Action::Restore, "it was posted under other settings"),
        () => match &facts.crossing {
            Some(crossing) => Rest(State::Held, Note::Is(crossing.clone())),
            None => Rest(State::Synced, Note::Clear),
        },
    }
}

/// Someone changed it in QuickBooks: it is put back, or told.
fn drifted(facts: &Facts<'_>, restores: &'static str, reason: String) -> Decision {
    match facts.on_drift {
        OnDrift::Restore => gate(facts, Action::Restore, restores),
        OnDrift::Report => Decision::Rest(State::Drifted, Note::Is(Problem::new(Code::Drifted, reason))),
    }
}

/// What someone changed of an object, as far as it can be told.
fn changes(facts: &Facts<'_>, object: &Counterpart) -> String {
    let mut words: Vec<String> = object.edited.iter().map(|edit| edit.name().to_owned()).collect();
    if object.total != facts.total {
        words.push(format!("its total, which is {} and not {}", object.total, facts.total));
    }
    if words.is_empty() { "its lines".to_owned() } else { words.join(", ") }
}

fn absent(facts: &Facts<'_>) -> Decision {
    let record = facts.record;
    if facts.adopt {
        return gate(facts, Action::Adopt, "the files link it");
    }
    let theirs = record.staxbill_quickbooks_id.as_ref().filter(|_| !facts.accepted);
    if let Some(id) = theirs.filter(|_| facts.blocked_by.is_none()) {
        let reason = format!("Stax Bill's own integration posted it as {id}; it is not posted a second time");
        return Decision::Rest(State::Failed, Note::Is(Problem::new(Code::PossibleDuplicate, reason)));
    }
    match (gate(facts, Action::Create, "it is not in QuickBooks"), &facts.creation_held) {
        (Decision::Act(..), Some(held)) => Decision::Rest(State::Held, Note::Is(held.clone())),
        (decision, _) => decision,
    }
}

/// A write happens unless something it depends on is missing, something holds
/// it, or the same attempt was refused already.
fn gate(facts: &Facts<'_>, action: Action, reason: &'static str) -> Decision {
    if let Some(by) = facts.blocked_by.filter(|_| !Mutation::IgnoreBlocked.is_planted()) {
        return Decision::Blocked(by);
    }
    let held = facts.writes_held.as_ref();
    let parked = facts.fault.is_some_and(|fault| {
        let asked = fault.attempts > 0 && facts.basis == Some(&fault.basis);
        // Its own fault outlives what holds all of them up.
        let waits = |at| facts.dismissed || held.is_some() || facts.now < at;
        asked && fault.next_attempt_at.is_some_and(waits)
    });
    match held {
        _ if parked => Decision::Rest(State::Failed, Note::Keep),
        Some(held) => Decision::Rest(State::Held, Note::Is(held.clone())),
        None => Decision::Act(action, reason),
    }
}

#[cfg(test)]
mod tests;
