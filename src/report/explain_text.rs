//! What `latchd explain` prints of one record, for a terminal or a pipe.

use std::fmt::Write as _;

use super::explained::{AppliedRow, Explained, ExplainedWarning, HoldsUp, ObjectRow, RecordRow, WaitRow};
use super::harmless::line as safe;
use super::page::Page;
use super::phrase;
use super::row::Blocks;
use crate::model::{Attempt, AttemptOutcome, State};

/// Rows of one sort that are shown before the rest is folded.
const SHOWN: usize = 10;
/// Columns from which on headings stand beside what they head.
const BESIDE: usize = 60;
/// The width of these headings.
const HEADINGS: usize = 12;

/// Everything as text of at most `width` columns; it ends in a newline.
pub fn explain_text(explained: &Explained, width: u16, colour: bool) -> String {
    let mut sheet = Sheet { page: Page::new(width, colour), out: String::new() };
    sheet.head(explained);
    sheet.rows("Why", &explained.warning.as_ref().map(why).unwrap_or_default());
    sheet.rows("To do", &[safe(&explained.next)]);
    // Whole and unwrapped: it is copied as it stands.
    for line in explained.warning.iter().flat_map(|warning| &warning.paste) {
        let _ = writeln!(sheet.out, "{line}");
    }
    sheet.rows("Waits for", &folded(&explained.waits_for, waits));
    sheet.rows("Holds up", &holds_up(explained));
    sheet.rows("Decision", &decision(explained));
    let object = explained.quickbooks.as_ref().map(|row| object_rows(explained, row));
    sheet.rows("QuickBooks", &object.unwrap_or_else(|| vec!["no object".to_owned()]));
    sheet.rows("Applied to", &folded(&explained.applied, |row| applied(explained, row)));
    let settled = folded(&explained.settled_by, |row| {
        format!("{}: {} {}", named(&row.by), row.amount, explained.currency)
    });
    sheet.rows("Settled by", &settled);
    sheet.rows("Under way", &under_way(explained));
    let beside = sheet.page.width() >= BESIDE;
    sheet.rows("Attempts", &attempts(&explained.attempts, beside));
    sheet.out
}

struct Sheet {
    page: Page,
    out: String,
}

impl Sheet {
    fn head(&mut self, explained: &Explained) {
        let key = explained.key.to_string();
        let code =
            explained.warning.as_ref().map(|warning| format!(", {}", warning.code)).unwrap_or_default();
        let standing = format!("{}{code}", phrase::state(explained.state));
        self.page.heading(&mut self.out, &[("1", &key), (colour_of(explained.state), &standing)]);
        let mut facts = Vec::new();
        if explained.label != explained.key.id.to_string() {
            facts.push(safe(&explained.label));
        }
        facts.extend(explained.of.as_ref().map(|of| format!("of {}", named(of))));
        facts.extend(explained.date.map(|date| date.to_string()));
        if explained.customer.is_some() {
            facts.push(format!("{} {}", explained.amount, explained.currency));
            if !explained.open.is_zero() {
                facts.push(format!("{} open in Stax Bill", explained.open));
            }
        } else {
            facts.push(explained.currency.to_string());
        }
        self.page.paragraph(&mut self.out, "", &facts.join(", "));
        if let Some(customer) = &explained.customer {
            self.page.paragraph(&mut self.out, "", &named(customer));
        }
        self.out.push('\n');
    }

    /// A heading and its rows; nothing where there are none.
    fn rows(&mut self, heading: &str, rows: &[String]) {
        let beside = self.page.width() >= BESIDE;
        let indent = if beside { " ".repeat(HEADINGS) } else { "  ".to_owned() };
        for (number, row) in rows.iter().enumerate() {
            let head = format!("{heading:HEADINGS$}");
            let first = match number {
                0 if beside => head.as_str(),
                _ => indent.as_str(),
            };
            if number == 0 && !beside {
                let _ = writeln!(self.out, "{}", self.page.paint("1", heading));
            }
            // What continues a row stands two columns further in.
            let (lead, text) = match row.strip_prefix("  ") {
                Some(text) => (format!("{first}  "), text),
                None => (first.to_owned(), row.as_str()),
            };
            let rest = " ".repeat(lead.chars().count());
            self.page.hung(&mut self.out, (&lead, &rest), text);
        }
    }
}

fn colour_of(state: State) -> &'static str {
    match state {
        State::Synced => "32",
        State::Failed | State::Drifted => "31",
        State::NotTried | State::Blocked | State::Held => "33",
        State::OutOfScope => "2",
    }
}

/// `customer/20771 Acme (failed)`.
fn named(row: &RecordRow) -> String {
    let label = if row.label.is_empty() || row.label == row.key.id.to_string() {
        String::new()
    } else {
        format!(" {}", safe(&row.label))
    };
    let state = row.state.map(|state| format!(" ({})", phrase::state(state))).unwrap_or_default();
    format!("{}{label}{state}", row.key)
}

fn why(warning: &ExplainedWarning) -> Vec<String> {
    let mut rows = vec![phrase::sentence(&safe(&warning.reason))];
    rows.extend(
        warning.quickbooks.as_ref().map(|fault| format!("QuickBooks: {}", safe(&phrase::vendor(fault)))),
    );
    let tried = phrase::tried(warning.since, warning.attempts, warning.next_attempt_at);
    rows.push(format!("Known {tried}."));
    rows.push(format!("Who mends it: {}", safe(&warning.who)));
    rows.extend(warning.dismissed.as_ref().map(|why| format!("Dismissed: {}", safe(why))));
    rows
}

fn holds_up(explained: &Explained) -> Vec<String> {
    let HoldsUp { records, amounts, first } = &explained.holds_up;
    let blocks = phrase::blocks(&Blocks { records: *records, amounts: amounts.clone() });
    let mut rows: Vec<String> = blocks.into_iter().collect();
    rows.extend(first.iter().map(named));
    let more = records.saturating_sub(first.len() as u64);
    rows.extend((more > 0 && !first.is_empty()).then(|| format!("… and {more} more")));
    rows
}

fn decision(explained: &Explained) -> Vec<String> {
    let Some(row) = &explained.decision else {
        return vec!["its customer has no line in the files".to_owned()];
    };
    let mut rows = vec![format!("{}:{}", safe(&row.at.file), row.at.line), safe(&row.line)];
    rows.extend(explained.start.map(|day| format!("documents count from {day} on")));
    rows
}

fn under_way(explained: &Explained) -> Vec<String> {
    let open = explained.open_writes.iter().map(|write| {
        format!(
            "{} {} of {}, whose outcome is not known yet (request {})",
            safe(&write.action),
            write.object,
            phrase::second(write.begun_at),
            safe(&write.request_id)
        )
    });
    open.collect()
}

fn object_rows(explained: &Explained, row: &ObjectRow) -> Vec<String> {
    let standing = match row.standing.as_str() {
        "living" => "",
        "dead" if explained.customer.is_none() => ", inactive",
        "dead" => ", voided",
        _ => ", deleted",
    };
    let matched = if row.matched { ", as the files match it" } else { "" };
    let name = row.name.as_ref().map(|name| format!(" {}", safe(name))).unwrap_or_default();
    let amounts = if explained.customer.is_none() {
        String::new()
    } else {
        let currency = explained.currency;
        format!(": {} {currency}, {} open", row.total, row.open)
    };
    vec![format!("{} {}{name}{amounts}{standing}{matched}", row.kind, row.id), row.link.clone()]
}

fn applied(explained: &Explained, row: &AppliedRow) -> String {
    let to = named(&RecordRow { key: row.to, label: row.label.clone(), state: None });
    let by = row.by.as_ref().map(|by| format!(", by {} {}", by.kind, by.id)).unwrap_or_default();
    format!("{to}: {} {}{by}", row.amount, explained.currency)
}

fn waits(row: &WaitRow) -> String {
    let state = row.state.map_or("the whole company", phrase::state);
    let code = row.code.map(|code| format!(", {code}")).unwrap_or_default();
    let label = if row.key.ends_with(&format!("/{}", row.label)) || row.label.is_empty() {
        String::new()
    } else {
        format!(" {}", safe(&row.label))
    };
    let reason = row.reason.as_ref().map(|reason| format!(": {}", phrase::sentence(&safe(reason))));
    format!("{}{label} ({state}{code}){}", safe(&row.key), reason.unwrap_or_default())
}

fn attempts(attempts: &[Attempt], beside: bool) -> Vec<String> {
    if attempts.is_empty() {
        return vec!["none is known".to_owned()];
    }
    let mut rows = Vec::new();
    for attempt in attempts.iter().take(SHOWN) {
        let to = attempt.to.map(|to| format!(" to {to}")).unwrap_or_default();
        let (at, action) = (phrase::second(attempt.at), safe(&attempt.action));
        rows.push(format!("{at}  {action} {}{to}: {}", attempt.object, outcome(&attempt.outcome)));
        let mut ids = vec![format!("  request {}", safe(&attempt.request_id))];
        ids.extend(attempt.intuit_tid.as_ref().map(|tid| format!("  intuit_tid {}", safe(tid))));
        // On a narrow page each stands by itself, because it has no place to break.
        rows.extend(if beside { vec![ids.join(",").replace(",  ", ", ")] } else { ids });
    }
    let more = attempts.len().saturating_sub(SHOWN);
    rows.extend((more > 0).then(|| format!("… and {more} more; all of them with --format json")));
    rows
}

fn outcome(outcome: &AttemptOutcome) -> String {
    match outcome {
        AttemptOutcome::Done { id, sync_token } => format!("done, {id}, SyncToken {}", safe(sync_token)),
        AttemptOutcome::Refused { code, words } => format!("refused, {} {}", safe(code), safe(words)),
        AttemptOutcome::NotDone { why } => format!("not done; {}", safe(why)),
        AttemptOutcome::Unknown { why } => format!("outcome unknown; {}", safe(why)),
        AttemptOutcome::Found { id, sync_token } => {
            format!("found in QuickBooks, {id}, SyncToken {}", safe(sync_token))
        }
    }
}

fn folded<T>(rows: &[T], show: impl Fn(&T) -> String) -> Vec<String> {
    let mut shown: Vec<String> = rows.iter().take(SHOWN).map(show).collect();
    let more = rows.len().saturating_sub(SHOWN);
    shown.extend((more > 0).then(|| format!("… and {more} more; all of them with --format json")));
    shown
}

#[cfg(test)]
mod tests {
    use super::super::explain_sample::{blocked, failed, healthy};
    use super::super::sample::HOSTILE;
    use super::*;

    #[test]
    fn the_look_of_it() {
        insta::assert_snapshot!("failed", explain_text(&failed(), 100, false));
        insta::assert_snapshot!("blocked", explain_text(&blocked(), 80, false));
        insta::assert_snapshot!("healthy", explain_text(&healthy(), u16::MAX, false));
        insta::assert_snapshot!("narrow", explain_text(&failed(), 40, false));
        insta::assert_snapshot!("json", blocked().to_json());
    }

    #[test]
    fn it_fits_and_is_plain_unless_colour_is_wanted() {
        for width in [40, 60, 80, 100, 200] {
            for explained in [failed(), blocked(), healthy()] {
                let text = explain_text(&explained, width, false);
                assert!(!text.contains('\u{1b}'));
                for line in text.lines() {
                    // A word that is longer than the page stays whole.
                    let fits = line.chars().count() <= usize::from(width);
                    let pasted = explained.warning.iter().any(|one| one.paste.iter().any(|own| own == line));
                    assert!(fits || pasted || line.split_whitespace().count() == 1, "{width}: {line}");
                }
                assert_eq!(serde_json::from_str::<Explained>(&explained.to_json()).unwrap(), explained);
            }
        }
        assert!(explain_text(&failed(), 100, true).contains("\u{1b}[31mfailed, duplicate-number\u{1b}[0m"));
    }

    #[test]
    fn names_in_bad_faith_do_nothing_to_a_terminal() {
        for name in HOSTILE {
            let mut explained = failed();
            let texts = [&mut explained.label, &mut explained.next, &mut explained.attempts[0].request_id];
            for text in texts {
                name.clone_into(text);
            }
            if let Some(warning) = &mut explained.warning {
                name.clone_into(&mut warning.reason);
                warning.dismissed = Some(name.to_owned());
            }
            name.clone_into(&mut explained.settled_by[0].by.label);
            let text = explain_text(&explained, 100, false);
            assert!(text.chars().all(|sign| sign == '\n' || !sign.is_control()), "{text}");
            assert!(!text.contains('\u{202e}') && !text.contains("two\nlines"));
        }
    }

    #[test]
    fn what_is_long_is_folded() {
        let mut explained = failed();
        explained.attempts = vec![explained.attempts[0].clone(); 20];
        explained.settled_by = vec![explained.settled_by[0].clone(); 13];
        explained.holds_up.records = 7;
        let text = explain_text(&explained, 100, false);
        assert_eq!(text.matches("  request ").count(), SHOWN);
        for more in ["… and 10 more; all of them with", "… and 3 more; all of them with", "… and 6 more\n"]
        {
            assert!(text.contains(more), "{more} {text}");
        }
    }
}
