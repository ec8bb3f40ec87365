//! The plan for people: sums first, then what is held, then the steps.

use std::fmt::Write as _;

use super::step::{Plan, Step};

/// Steps shown before the rest is folded.
const STEPS_SHOWN: usize = 40;
/// Held and blocked records shown before the rest is folded.
const HELD_SHOWN: usize = 20;

/// The plan as text; it ends in a newline.
pub fn text(plan: &Plan) -> String {
    let mut out = String::new();
    if plan.steps.is_empty() {
        let rest = if plan.held.is_empty() && plan.blocked.is_empty() {
            "QuickBooks is as Stax Bill and the files say"
        } else {
            "what is left waits for a person"
        };
        let _ = writeln!(out, "Nothing to write: {rest}.");
    } else {
        let _ = writeln!(out, "A pass would write {} times to QuickBooks:\n", plan.steps.len());
        for total in &plan.totals {
            let (entity, action) = (total.entity.name(), total.action.name());
            let _ = writeln!(
                out,
                "  {action:<8} {entity:<10} {:>6}  {:>14} {}",
                total.count,
                total.amount.to_string(),
                total.currency
            );
        }
        out.push('\n');
        let mut largest = plan.steps.iter().collect::<Vec<_>>();
        largest.sort_by(|one, other| one.entity.cmp(&other.entity).then(other.amount.cmp(&one.amount)));
        for step in largest.iter().take(STEPS_SHOWN) {
            row(&mut out, step);
        }
        fold(&mut out, largest.len(), STEPS_SHOWN, "steps");
    }
    if !plan.held.is_empty() {
        let _ = writeln!(out, "\nNot done, and why ({}):", plan.held.len());
        for held in plan.held.iter().take(HELD_SHOWN) {
            let _ = writeln!(out, "  {:<18} {}: {}", held.key.to_string(), held.code, held.reason);
        }
        fold(&mut out, plan.held.len(), HELD_SHOWN, "records");
    }
    if !plan.blocked.is_empty() {
        let _ = writeln!(out, "\nWaiting for one of these: {} records.", plan.blocked.len());
    }
    let _ = writeln!(out, "\nplan {}", plan.digest);
    out
}

fn row(out: &mut String, step: &Step) {
    let key = step.key.to_string();
    let date = step.date.map(|date| date.to_string()).unwrap_or_default();
    let amount =
        if step.date.is_some() { format!("{} {}", step.amount, step.currency) } else { String::new() };
    let _ = writeln!(out, "  {:<8} {key:<18} {date:<10} {amount:>16}  {}", step.action.name(), step.reason);
}

fn fold(out: &mut String, all: usize, shown: usize, what: &str) {
    if all > shown {
        let _ = writeln!(out, "  … and {} more {what} (all of them with --format json)", all - shown);
    }
}
