//! Messages: what a receiver gets, one JSON document for all of them. Its form
//! is a contract: while `schema` stays, fields are added and never renamed.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::news::{Cause, Event, How};
use crate::model::Digest;
use crate::report::{CompanyRow, Status, harmless};

const SCHEMA: u32 = 1;
/// Events of one message; a chat is no place for ten thousand lines.
const EVENTS_MAX: usize = 50;
/// Events that the text names.
const NAMED: usize = 5;

/// What a receiver gets.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Message {
    schema: u32,
    /// The same where the same is told again: who gets one twice can tell.
    id: String,
    /// `news`, or `digest` of all that stands.
    kind: &'static str,
    company: CompanyRow,
    generated_at: Timestamp,
    /// The pass whose report it tells of.
    pass: u64,
    events: Vec<Event>,
    /// Events that found no room.
    more: usize,
    standing: Standing,
    /// The same for people, in a few lines of plain text.
    text: String,
}

/// How things stand as a whole.
#[derive(Clone, Debug, Serialize)]
struct Standing {
    warnings: usize,
    dismissed: usize,
    /// Whether open amounts agree.
    balanced: bool,
    last_sync_at: Option<Timestamp>,
    next_pass_at: Option<Timestamp>,
}

impl Message {
    /// What happened.
    ///
    /// `before`: how many messages of news the receiver has. A later pass words
    /// the same events in another way; the id is that of what happened.
    pub(super) fn news(status: &Status, events: Vec<Event>, before: u64, now: Timestamp) -> Self {
        let mut parts = vec![before.to_string()];
        parts.extend(events.iter().map(sameness));
        Self::made(("news", &parts), status, events, now)
    }

    /// Everything that stands, of the day `of`.
    pub(super) fn digest(status: &Status, of: Date, now: Timestamp) -> Self {
        let events = status.standing().into_iter().map(|row| Event::Warning(Cause::of(row))).collect();
        Self::made(("digest", &[of.to_string()]), status, events, now)
    }

    fn made(
        (kind, parts): (&'static str, &[String]),
        status: &Status,
        mut events: Vec<Event>,
        now: Timestamp,
    ) -> Self {
        let standing = Standing {
            warnings: status.standing().len(),
            dismissed: status.dismissed().len(),
            balanced: status.tie_out.balanced,
            last_sync_at: status.last_sync_at,
            next_pass_at: status.next_pass_at,
        };
        let text = text(kind, status, &events);
        let pass = status.last_pass.number;
        let whose = [kind, status.company.name.as_str()];
        let id = Digest::of(whose.into_iter().chain(parts.iter().map(String::as_str)));
        let more = events.len().saturating_sub(EVENTS_MAX);
        events.truncate(EVENTS_MAX);
        Self {
            schema: SCHEMA,
            id: id.as_str().to_owned(),
            kind,
            company: status.company.clone(),
            generated_at: now,
            pass,
            events,
            more,
            standing,
            text,
        }
    }

    /// The document.
    pub(super) fn to_json(&self) -> String {
        harmless::json(&serde_json::to_string(self).expect("a message has text keys only"))
    }
}

/// What makes an event the same one, however it is worded.
fn sameness(event: &Event) -> String {
    match event {
        Event::Warning(Cause { key, code, since, .. }) => format!("warning {key} {code} {since}"),
        Event::Recovery { key, code, .. } => format!("recovery {key} {code}"),
        Event::ReloadFailed { errors } => format!("reload-failed {}", errors.join("\n")),
        Event::ReloadRecovered => "reload-recovered".to_owned(),
        Event::Token { .. } => "token".to_owned(),
    }
}

fn text(kind: &str, status: &Status, events: &[Event]) -> String {
    let company = harmless::line(&status.company.name);
    let head = match (kind, events.len()) {
        ("digest", 0) => format!("{company}: no warnings stand"),
        ("digest", 1) => format!("{company}: 1 warning stands"),
        ("digest", count) => format!("{company}: {count} warnings stand"),
        _ => format!("{company}: {}", summary(events)),
    };
    let mut lines = vec![head];
    lines.extend(events.iter().take(NAMED).map(line));
    if let Some(more) = events.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

fn summary(events: &[Event]) -> String {
    let count = |wanted: fn(&Event) -> bool| events.iter().filter(|event| wanted(event)).count();
    let new = count(|event| matches!(event, Event::Warning(_)));
    let mut parts = Vec::new();
    if new > 0 {
        parts.push(format!("{new} new {}", if new == 1 { "warning" } else { "warnings" }));
    }
    for (wanted, word) in [(How::Gone, "gone"), (How::Dismissed, "dismissed"), (How::Waits, "waiting")] {
        let of_it = |event: &&Event| matches!(event, Event::Recovery { how, .. } if *how == wanted);
        let recovered = events.iter().filter(of_it).count();
        if recovered > 0 {
            parts.push(format!("{recovered} {word}"));
        }
    }
    for event in events {
        match event {
            Event::ReloadFailed { .. } => parts.push("files refused".to_owned()),
            Event::ReloadRecovered => parts.push("files in force again".to_owned()),
            Event::Token { .. } => parts.push("the token needs a person".to_owned()),
            Event::Warning(_) | Event::Recovery { .. } => {}
        }
    }
    parts.join(", ")
}

fn line(event: &Event) -> String {
    match event {
        Event::Warning(cause) => {
            let Cause { key, code, label, reason, remedy, blocks, .. } = cause;
            let named = if label == key || key.ends_with(label.as_str()) {
                String::new()
            } else {
                format!(" ({})", harmless::line(label))
            };
            let waits = match blocks.records {
                0 => String::new(),
                1 => " 1 record waits for it.".to_owned(),
                records => format!(" {records} records wait for it."),
            };
            let reason = harmless::line(reason);
            let stop = if reason.ends_with(['.', '!', '?', '…']) { "" } else { "." };
            format!("- {key}{named}: {code}. {reason}{stop} {remedy}{waits}")
        }
        Event::Recovery { key, code, how: How::Gone } => format!("- {key}: {code} is gone"),
        Event::Recovery { key, code, how: How::Dismissed } => format!("- {key}: {code} was dismissed"),
        Event::Recovery { key, code, how: How::Waits } => {
            format!("- {key}: {code} is not asked about now: the record waits for something else")
        }
        Event::ReloadFailed { errors } => {
            let first = errors.first().map(|error| harmless::line(error)).unwrap_or_default();
            format!("- the files were refused, and the last good ones stay in force: {first}")
        }
        Event::ReloadRecovered => "- the files are in force again".to_owned(),
        Event::Token { expires_at } => {
            format!("- QuickBooks' refresh token ends at {expires_at:.0}: connect again before that")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Code;
    use crate::report::sample::sample;

    const DAY: Date = Date::constant(2026, 11, 22);

    fn many(count: usize) -> Vec<Event> {
        let one = |id| Event::Recovery { key: format!("invoice/{id}"), code: Code::Refused, how: How::Gone };
        (0..count).map(one).collect()
    }

    #[test]
    fn a_digest_holds_what_stands_and_reads_as_text() {
        let message = Message::digest(&sample(), DAY, "2026-11-22T15:00:00Z".parse().unwrap());
        let mut value: serde_json::Value = serde_json::from_str(&message.to_json()).unwrap();
        insta::assert_snapshot!("text", value["text"].take().as_str().unwrap());
        value["id"] = "(id)".into();
        insta::assert_snapshot!("document", serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn a_message_is_bounded_and_says_how_much_is_left_out() {
        let now = "2026-11-22T15:00:00Z".parse().unwrap();
        let message = Message::news(&sample(), many(53), 0, now);
        assert_eq!((message.events.len(), message.more), (50, 3));
        assert_eq!(message.text.lines().count(), 1 + 5 + 1);
        assert!(message.text.ends_with("and 48 more"), "{}", message.text);
    }

    #[test]
    fn an_id_is_that_of_what_happened() {
        let now = "2026-11-22T15:00:00Z".parse().unwrap();
        let told = |status: &Status, before| {
            let events = status.standing().into_iter().map(|row| Event::Warning(Cause::of(row))).collect();
            Message::news(status, events, before, now).id
        };
        let mut later = sample();
        later.last_pass.number += 1;
        later.warnings[1].blocks.records += 1;
        later.warnings[1].reason.push_str(" (again)");
        assert_eq!(told(&sample(), 0), told(&later, 0), "a pass later the same is told");
        assert_ne!(told(&sample(), 0), told(&sample(), 1), "and again after it was gone");
        later.warnings.iter_mut().for_each(|row| row.since = now);
        assert_ne!(told(&sample(), 0), told(&later, 0));
        let tomorrow = DAY.tomorrow().unwrap();
        assert_ne!(Message::digest(&later, DAY, now).id, Message::digest(&later, tomorrow, now).id);
    }

    #[test]
    fn a_cause_that_stands_no_more_says_why() {
        for (how, words) in
            [(How::Gone, "1 gone"), (How::Dismissed, "1 dismissed"), (How::Waits, "1 waiting")]
        {
            let event = Event::Recovery { key: "invoice/1".to_owned(), code: Code::Refused, how };
            assert_eq!(summary(std::slice::from_ref(&event)), words);
            assert_eq!(line(&event).contains("gone"), how == How::Gone);
        }
    }

    #[test]
    fn names_obey_nobody() {
        let mut status = sample();
        status.warnings[1].label = "\u{1b}[2Jx\u{202e}".to_owned();
        let text = Message::digest(&status, DAY, status.generated_at).to_json();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}
