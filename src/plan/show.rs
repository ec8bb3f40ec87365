//! The plan for people: sums first, then what is held, then the steps.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::step::{Action, Plan, Step};
use crate::model::{Part, shown_line};

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
                "  {action:<8} {entity:<15} {:>6}  {:>14} {}",
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
            let _ =
                writeln!(out, "  {:<22} {}: {}", held.key.to_string(), held.code, shown_line(&held.reason));
        }
        fold(&mut out, plan.held.len(), HELD_SHOWN, "records");
    }
    let approvals = approvals(plan);
    if !approvals.is_empty() {
        out.push_str("\nHeld by guards. Where it is meant, complete and paste under [approve]:\n");
        for (line, records) in approvals {
            let _ = writeln!(out, "  {} # {records} records", shown_line(line));
        }
    }
    if !plan.blocked.is_empty() {
        let _ = writeln!(out, "\nWaiting for one of these: {} records.", plan.blocked.len());
    }
    if plan.left_alone > 0 {
        let documents = if plan.left_alone == 1 {
            "1 posted document stays"
        } else {
            &format!("{} posted documents stay", plan.left_alone)
        };
        let _ = writeln!(out, "\nThe posting settings changed; {documents} as posted.");
    }
    let _ = writeln!(out, "\nplan {}", plan.digest);
    out
}

/// The lines that release what guards hold, with how many records each does.
fn approvals(plan: &Plan) -> BTreeMap<&str, usize> {
    let mut lines = BTreeMap::new();
    for line in plan.held.iter().filter(|held| held.is_guarded()).flat_map(|held| &held.paste) {
        *lines.entry(line.as_str()).or_default() += 1;
    }
    lines
}

fn row(out: &mut String, step: &Step) {
    let key = step.key.to_string();
    let date = step.date.map(|date| date.to_string()).unwrap_or_default();
    let amount =
        if step.date.is_some() { format!("{} {}", step.amount, step.currency) } else { String::new() };
    let what = match step.part {
        Part::Whole => shown_line(&step.reason),
        Part::Applied(target) => format!("{} {target}: {}", preposition(step), shown_line(&step.reason)),
    };
    let _ = writeln!(out, "  {:<8} {key:<22} {date:<10} {amount:>16}  {what}", step.action.name());
}

/// How an application reads: `apply credit/553 … to invoice/511684`.
fn preposition(step: &Step) -> &'static str {
    match step.action {
        Action::Create | Action::Adopt | Action::Amend | Action::Apply | Action::Restore => "to",
        Action::Release | Action::Void => "from",
    }
}

fn fold(out: &mut String, all: usize, shown: usize, what: &str) {
    if all > shown {
        let _ = writeln!(out, "  … and {} more {what} (all of them with --format json)", all - shown);
    }
}

#[cfg(test)]
mod tests {
    use super::super::step::HeldRow;
    use super::*;
    use crate::model::{Applied, Code, Currency, Key, Money, ObjectId, ObjectKind};

    fn step(key: &str, part: Option<&str>, action: Action, cents: i64) -> Step {
        let key: Key = key.parse().unwrap();
        let to = part.map(|to| to.parse::<Key>().unwrap());
        let amount = Money::from_cents(cents);
        Step {
            key,
            part: Part::from(to),
            entity: key.entity,
            action,
            reason: "it changed in Stax Bill".to_owned(),
            object: ObjectKind::Payment,
            quickbooks_id: Some(ObjectId::new("9")),
            customer: "2".to_owned(),
            date: Some(jiff::civil::date(2026, 3, 1)),
            currency: Currency::USD,
            amount,
            total: amount,
            applied: to.map(|to| Applied { to, amount }).into_iter().collect(),
            standing: Vec::new(),
            netted: Vec::new(),

            beside: Vec::new(),
            only_words: false,
            crossing: None,
            observed: false,
        }
    }

    #[test]
    fn a_plan_reads_well_for_all_seven() {
        let steps = vec![
            step("charge-reversal/4", None, Action::Create, 2_500),
            step("credit/553", Some("invoice/511684"), Action::Apply, 1_000),
            step("credit/553", Some("invoice/511685"), Action::Void, 40),
        ];
        let held = vec![HeldRow {
            key: "refund/7".parse().unwrap(),
            code: Code::Deposited,
            reason: "why".to_owned(),
            paste: Vec::new(),
        }];
        let plan = Plan { left_alone: 12, ..Plan::new("g".to_owned(), steps, held, Vec::new()) };
        let text = text(&plan);
        for line in [
            "  create   charge-reversal      1           25.00 USD",
            "  apply    credit/553             2026-03-01        10.00 USD  to invoice/511684: it changed in Stax Bill",
            "  void     credit/553             2026-03-01         0.40 USD  from invoice/511685: it changed in Stax Bill",
            "  refund/7               deposited: why",
            "The posting settings changed; 12 posted documents stay as posted.",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        let json = serde_json::to_value(&plan).unwrap();
        assert_eq!(json["steps"][1]["applied_to"], "invoice/511684");
        assert_eq!(json["steps"][0].get("applied_to"), None);
        assert_eq!(json["left_alone"], 12);
    }
}
