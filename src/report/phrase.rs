//! The words that the views share, so that a terminal, a repository and a
//! dashboard say the same thing.

use jiff::Timestamp;

use super::row::Blocks;
use super::status::{Status, WarningRow};
use crate::model::{Entity, State, VendorFault};

/// The word for a state, as in `status.json`.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Synced => "synced",
        State::NotTried => "not-tried",
        State::Failed => "failed",
        State::Blocked => "blocked",
        State::Held => "held",
        State::Drifted => "drifted",
        State::OutOfScope => "out-of-scope",
    }
}

/// The kind in the plural, as a heading.
pub(super) fn plural(entity: Entity) -> &'static str {
    match entity {
        Entity::Customer => "Customers",
        Entity::Invoice => "Invoices",
        Entity::Payment => "Payments",
        Entity::Refund => "Refunds",
        Entity::Credit => "Credits",
        Entity::ChargeReversal => "Charge reversals",
        Entity::WriteOff => "Write-offs",
    }
}

/// A moment to the minute; in UTC, because a report is read in many places.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A moment to the second, where it is compared with a vendor's log.
pub(super) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `1 record`, `2,000 records`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(&count.to_string())) }
}

/// A number in groups of three: `1,234.50`.
pub(super) fn grouped(number: &str) -> String {
    let from = usize::from(number.starts_with('-'));
    let (whole, rest) = number.find('.').map_or((number, ""), |at| number.split_at(at));
    let mut out = String::with_capacity(number.len() + 4);
    for (at, sign) in whole.char_indices() {
        if at > from && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(sign);
    }
    out + rest
}

/// A reason, which is written to stand behind a colon, as a sentence.
pub(super) fn sentence(reason: &str) -> String {
    let mut signs = reason.chars();
    let first = signs.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if reason.is_empty() || reason.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{first}{}{stop}", signs.as_str())
}

/// Whether nothing is wrong, nothing is left to be tried, and the last pass that
/// ended did all that it saw.
pub fn is_in_balance(status: &Status) -> bool {
    let ended_early = ["failed", "interrupted"].contains(&status.last_pass.outcome.as_str());
    let untried = status.entities.iter().any(|row| row.not_tried > 0);
    let sound = status.standing().is_empty() && status.tie_out.balanced;
    sound && status.last_sync_at.is_some() && !ended_early && !untried
}

/// Where the books stand, in one sentence.
pub fn verdict(status: &Status) -> String {
    let standing = u64::try_from(status.standing().len()).unwrap_or(u64::MAX);
    let unexplained = u64::try_from(status.tie_out.unexplained.len()).unwrap_or(u64::MAX);
    let untried: u64 = status.entities.iter().map(|row| row.not_tried).sum();
    match (standing, unexplained) {
        (0, 0) if status.last_sync_at.is_none() => "Not synchronised yet.".to_owned(),
        (0, 0) if untried > 0 => format!("Not finished: {} not tried yet.", counted(untried, "record")),
        (0, 0) if status.last_pass.outcome == "interrupted" => {
            "Not finished: the last pass was ended early.".to_owned()
        }
        (0, 0) => "In balance: no warning stands.".to_owned(),
        (0, _) => format!("Out of balance: {} unexplained.", counted(unexplained, "difference")),
        (1, _) => "1 warning stands.".to_owned(),
        _ => format!("{} stand.", counted(standing, "warning")),
    }
}

/// The last pass in one sentence.
pub(super) fn pass(status: &Status) -> String {
    let pass = &status.last_pass;
    let triggers =
        if pass.triggers.is_empty() { String::new() } else { format!(" ({})", pass.triggers.join(", ")) };
    let next = status.next_pass_at.map(|at| format!("; the next at {}", moment(at))).unwrap_or_default();
    format!("Pass {}{triggers}: {} at {}{next}", pass.number, pass.outcome, moment(pass.finished_at))
}

/// When everything was last looked at.
pub(super) fn last_sync(status: &Status) -> String {
    status.last_sync_at.map_or_else(|| "never".to_owned(), moment)
}

/// What was not tried yet, and when it is; `None` where there is nothing of it.
pub(super) fn not_tried(status: &Status) -> Option<String> {
    let rows = status.entities.iter().filter(|row| row.not_tried > 0);
    let kinds: Vec<String> =
        rows.clone().map(|row| counted(row.not_tried, &row.entity.name().replace('-', " "))).collect();
    let latest = rows.clone().filter_map(|row| row.next_try_at).max();
    let of_company = status.warnings.iter().find(|row| row.entity.is_none() && row.blocks.records > 0);
    let when = match (latest, of_company) {
        (Some(at), _) if status.last_pass.outcome == "running" => {
            format!("this pass tries them, or one by {}", moment(at))
        }
        (Some(at), _) => format!("tried by {}", moment(at)),
        (None, Some(cause)) => format!("tried once {} is mended", cause.key),
        (None, None) => "tried in the next pass".to_owned(),
    };
    (!kinds.is_empty()).then(|| format!("Not tried yet: {}; {when}.", kinds.join(", ")))
}

/// What became of the requests.
pub(super) fn calls(status: &Status) -> String {
    let calls = status.last_pass.calls;
    format!(
        "{} to Stax Bill; {}, {} and {} to QuickBooks",
        counted(calls.staxbill, "call"),
        counted(calls.quickbooks_reads, "read"),
        counted(calls.quickbooks_writes, "write"),
        if calls.quickbooks_batches == 1 {
            "1 batch".to_owned()
        } else {
            format!("{} batches", calls.quickbooks_batches)
        }
    )
}

/// How open amounts compare, in one sentence.
pub(super) fn tie_out(status: &Status) -> String {
    let tie_out = &status.tie_out;
    let customers = counted(tie_out.customers, "customer");
    if tie_out.customers == 0 {
        "No open amounts were compared yet.".to_owned()
    } else if tie_out.balanced && tie_out.explained.is_empty() {
        format!("Open amounts agree for {customers}.")
    } else if tie_out.balanced {
        format!("Open amounts agree for {customers}, or a warning says why not.")
    } else {
        let count = u64::try_from(tie_out.unexplained.len()).unwrap_or(u64::MAX);
        let differ = if count == 1 { "1 has an open amount" } else { &format!("{count} have open amounts") };
        format!("Of {customers}, {differ} that nothing explains:")
    }
}

/// How a warning's record stands: `failed, name-taken`.
pub(super) fn standing(warning: &WarningRow) -> String {
    match warning.state {
        Some(of) => format!("{}, {}", state(of), warning.code),
        None => warning.code.to_string(),
    }
}

/// QuickBooks' words, unescaped.
pub(super) fn vendor(fault: &VendorFault) -> String {
    let detail = if fault.detail == fault.message { "" } else { fault.detail.as_str() };
    let colon = if detail.is_empty() || fault.message.is_empty() { "" } else { ": " };
    let tid = fault.intuit_tid.as_deref().map(|tid| format!(" (intuit_tid {tid})")).unwrap_or_default();
    format!("{} {}{colon}{detail}{tid}", fault.code, fault.message)
}

/// What waits for a warning; `None` where nothing does.
pub(super) fn blocks(blocks: &Blocks) -> Option<String> {
    if blocks.records == 0 {
        return None;
    }
    let amounts: Vec<_> =
        blocks.amounts.iter().map(|sum| format!("{} {}", sum.amount, sum.currency)).collect();
    let amounts = if amounts.is_empty() { String::new() } else { format!(", {}", amounts.join(" + ")) };
    Some(format!("{}{amounts}", counted(blocks.records, "record")))
}

/// Since when, how often tried, when again.
pub(super) fn attempts(warning: &WarningRow) -> String {
    tried(warning.since, warning.attempts, warning.next_attempt_at)
}

/// The same of any warning.
pub(super) fn tried(since: Timestamp, attempts: u32, next: Option<Timestamp>) -> String {
    let mut text = format!("since {}", moment(since));
    if attempts > 0 {
        text = format!("{text}, {}", counted(u64::from(attempts), "attempt"));
    }
    if let Some(at) = next {
        text = format!("{text}, tried again at {}", moment(at));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_groups_of_three() {
        for (number, expected) in
            [("0", "0"), ("999", "999"), ("1000", "1,000"), ("-123", "-123"), ("-1234567.5", "-1,234,567.5")]
        {
            assert_eq!(grouped(number), expected);
        }
        assert_eq!(
            (counted(1, "record"), counted(1200, "record")),
            ("1 record".into(), "1,200 records".into())
        );
    }

    type Case = (fn(&mut Status), &'static str, bool);

    #[test]
    fn in_balance_is_what_is_finished_and_sound() {
        let mut sound = super::super::sample::sample();
        sound.warnings.clear();
        (sound.tie_out.balanced, sound.tie_out.unexplained) = (true, Vec::new());
        sound.entities.iter_mut().for_each(|row| row.not_tried = 0);
        "complete".clone_into(&mut sound.last_pass.outcome);
        let cases: [Case; 5] = [
            (|_| {}, "In balance", true),
            (|status| "running".clone_into(&mut status.last_pass.outcome), "In balance", true),
            (
                |status| "interrupted".clone_into(&mut status.last_pass.outcome),
                "Not finished: the last",
                false,
            ),
            (|status| status.entities[1].not_tried = 3, "Not finished: 3 records", false),
            (|status| status.last_sync_at = None, "Not synchronised yet", false),
        ];
        for (change, words, expected) in cases {
            let mut status = sound.clone();
            change(&mut status);
            assert!(verdict(&status).starts_with(words), "{}", verdict(&status));
            assert_eq!(is_in_balance(&status), expected, "{words}");
        }
    }

    #[test]
    fn what_was_not_tried_is_told_with_its_time() {
        let mut status = super::super::sample::sample();
        status.entities[1].not_tried = 0;
        assert_eq!(not_tried(&status), None);
        status.entities[1].next_try_at = None;
        status.entities[1].not_tried = 1_200;
        status.entities[2].not_tried = 1;
        status.warnings[0].blocks.records = 1_201;
        let kinds = "Not tried yet: 1,200 invoices, 1 payment";
        let told = |status: &Status| not_tried(status).unwrap();
        assert_eq!(told(&status), format!("{kinds}; tried once company/throttled is mended."));
        status.entities[1].next_try_at = status.next_pass_at;
        assert_eq!(told(&status), format!("{kinds}; tried by 2026-11-22 16:00 UTC."));
        status.last_pass.outcome = "running".to_owned();
        assert_eq!(told(&status), format!("{kinds}; this pass tries them, or one by 2026-11-22 16:00 UTC."));
        status.entities[1].next_try_at = None;
        status.warnings.clear();
        assert_eq!(told(&status), format!("{kinds}; tried in the next pass."));
    }

    #[test]
    fn a_state_has_the_same_word_in_every_form() {
        let states = super::super::row::EntityRow::empty(Entity::Customer).states();
        for (of, _) in states {
            assert_eq!(serde_json::to_value(of).unwrap(), state(of));
        }
    }
}
