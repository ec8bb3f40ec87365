//! Messages: what a receiver gets, one JSON document for all of them. Its form
//! is a contract: while `schema` stays, fields are added and never renamed.

use jiff::Timestamp;
use serde::Serialize;

use super::news::{Cause, Event};
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
    /// The same where it is sent again: who gets one twice can tell.
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

/// The number of a message among those that its receiver took, and the time.
/// Another process knows both what was told and the number.
type Sent = (u64, Timestamp);

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
    pub(super) fn news(status: &Status, events: Vec<Event>, sent: Sent) -> Self {
        Self::made("news", status, events, sent)
    }

    /// Everything that stands.
    pub(super) fn digest(status: &Status, sent: Sent) -> Self {
        let events = status.standing().into_iter().map(|row| Event::Warning(Cause::of(row))).collect();
        Self::made("digest", status, events, sent)
    }

    fn made(kind: &'static str, status: &Status, mut events: Vec<Event>, (number, now): Sent) -> Self {
        let standing = Standing {
            warnings: status.standing().len(),
            dismissed: status.dismissed().len(),
            balanced: status.tie_out.balanced,
            last_sync_at: status.last_sync_at,
            next_pass_at: status.next_pass_at,
        };
        let text = text(kind, status, &events);
        let content = serde_json::to_string(&events).expect("events have text keys only");
        let id = Digest::of([kind, &status.company.name, &number.to_string(), &content]);
        let more = events.len().saturating_sub(EVENTS_MAX);
        events.truncate(EVENTS_MAX);
        Self {
            schema: SCHEMA,
            id: id.as_str().to_owned(),
            kind,
            company: status.company.clone(),
            generated_at: now,
            pass: status.last_pass.number,
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
    let gone = count(|event| matches!(event, Event::Recovery { .. }));
    let mut parts = Vec::new();
    if new > 0 {
        parts.push(format!("{new} new {}", if new == 1 { "warning" } else { "warnings" }));
    }
    if gone > 0 {
        parts.push(format!("{gone} gone"));
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
        Event::Recovery { key, code, how } => format!("- {key}: {code} {}", how.words()),
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
    use crate::alert::news::How;
    use crate::model::Code;
    use crate::report::sample::sample;

    fn many(count: usize) -> Vec<Event> {
        (0..count)
            .map(|id| Event::Recovery { key: format!("invoice/{id}"), code: Code::Refused, how: How::Gone })
            .collect()
    }

    #[test]
    fn a_digest_holds_what_stands_and_reads_as_text() {
        let message = Message::digest(&sample(), (1, "2026-11-22T15:00:00Z".parse().unwrap()));
        let mut value: serde_json::Value = serde_json::from_str(&message.to_json()).unwrap();
        insta::assert_snapshot!("text", value["text"].take().as_str().unwrap());
        value["id"] = "(id)".into();
        insta::assert_snapshot!("document", serde_json::to_string_pretty(&value).unwrap());
    }

    #[test]
    fn a_message_is_bounded_and_says_how_much_is_left_out() {
        let now = "2026-11-22T15:00:00Z".parse().unwrap();
        let message = Message::news(&sample(), many(53), (7, now));
        assert_eq!((message.events.len(), message.more), (50, 3));
        assert_eq!(message.text.lines().count(), 1 + 5 + 1);
        assert!(message.text.ends_with("and 48 more"), "{}", message.text);
        assert_eq!(message.id, Message::news(&sample(), many(53), (7, now)).id);
        assert_ne!(message.id, Message::news(&sample(), many(52), (7, now)).id);
        assert_ne!(message.id, Message::news(&sample(), many(53), (8, now)).id, "the same again is another");
        let mut later = sample();
        later.last_pass.number += 1;
        assert_eq!(message.id, Message::news(&later, many(53), (7, now)).id, "whichever pass tells it");
    }

    #[test]
    fn names_obey_nobody() {
        let mut status = sample();
        status.warnings[1].label = "\u{1b}[2Jx\u{202e}".to_owned();
        let text = Message::digest(&status, (1, status.generated_at)).to_json();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}
