//! A plan from data: what `latchd plan` decides and shows, without a file, a
//! clock or a network. Three write-offs as Stax Bill has them: a new one, one of an
//! invoice that is not there yet, and one that a freeze of somebody's holds.
//!
//! ```sh
//! cargo run --example plan
//! ```

use std::io::Write as _;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use latchd::model::{
    Code, Currency, Entity, Key, Money, ObjectKind, OnDrift, Part, Problem, RecordState, WriteOff,
};
use latchd::plan::{BlockedRow, Decision, Facts, HeldRow, Note, Parts, Plan, Step, decide, text};

const DAY: Date = date(2026, 3, 1);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = planned();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text(&plan))?;
    writeln!(out, "{}", serde_json::to_string_pretty(&plan.totals)?)?;
    // Whoever changes this example sees what else changed.
    let [one] = plan.steps.as_slice() else { return Err("there is one step".into()) };
    if one.amount != Money::from_cents(40_288) || plan.held.len() != 1 || plan.blocked.len() != 1 {
        return Err(format!("another plan: {plan:?}").into());
    }
    Ok(())
}

fn planned() -> Plan {
    let (mut steps, mut held, mut blocked) = (Vec::new(), Vec::new(), Vec::new());
    for (id, cents) in [(501, 40_288), (502, 1_000), (503, 2_500)] {
        let write_off = WriteOff {
            id,
            customer: 10_482,
            invoice: id + 1_000,
            effective_at: Timestamp::UNIX_EPOCH,
            currency: Currency::USD,
            amount: Money::from_cents(cents),
            reference: None,
        };
        let record = RecordState::of_write_off(&write_off, DAY);
        let mut facts = facts(&record);
        match id {
            502 => facts.blocked_by = Some(Key { entity: Entity::Invoice, id: write_off.invoice }),
            503 => facts.held = Some(Problem::new(Code::Guard, "somebody wants to look at it first")),
            _ => {}
        }
        let key = Key { entity: Entity::WriteOff, id };
        match decide(&facts) {
            Decision::Act(action, reason) => steps.push(Step {
                key,
                part: Part::Whole,
                entity: Entity::WriteOff,
                action,
                reason: reason.to_owned(),
                object: ObjectKind::CreditMemo,
                quickbooks_id: None,
                customer: write_off.customer.to_string(),
                date: Some(DAY),
                currency: write_off.currency,
                amount: write_off.amount,
                total: write_off.amount,
                applied: Vec::new(),
                standing: Vec::new(),
                netted: Vec::new(),
                beside: Vec::new(),
                only_words: false,
                crossing: None,
                observed: false,
            }),
            Decision::Blocked(by) => blocked.push(BlockedRow { key, by }),
            Decision::Rest(_, Note::Is(Problem { code, reason, .. })) => {
                held.push(HeldRow { key, code, reason, paste: Vec::new() });
            }
            Decision::Rest(_, Note::Clear | Note::Keep) => {}
        }
    }
    Plan::new("sha256:of-no-files".to_owned(), steps, held, blocked)
}

/// A record in scope, of which nothing else is known.
fn facts(record: &RecordState) -> Facts<'_> {
    Facts {
        record,
        in_scope: true,
        waiting: false,
        held: None,
        problem: None,
        blocked_by: None,
        writes_held: None,
        creation_held: None,
        crossing: None,
        adopt: false,
        relink: false,
        accepted: false,
        changed: false,
        mismatch: false,
        total: record.amount,
        voidable: false,
        parts: Parts::Sound,
        moved: None,
        fault: None,
        basis: None,
        now: Timestamp::UNIX_EPOCH,
        dismissed: false,
        resent: false,
        renewed: false,
        on_drift: OnDrift::Report,
    }
}
