//! News: what a report says that a receiver was not told yet. Pure.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::config::Occurrence;
use crate::model::{Code, Digest};
use crate::report::{Blocks, Status, WarningRow};

/// What heals by itself is told when it stands this long.
const HEALING: SignedDuration = SignedDuration::from_hours(1);
/// A token with less than this is told: time for a person, and a holiday.
const TOKEN: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Ends no further apart are the same end.
const SAME_END: SignedDuration = SignedDuration::from_hours(24);

/// What a receiver was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    causes: BTreeSet<(String, Code)>,
    refused: bool,
    /// What was wrong with the refused files; `None` where an older version told.
    #[serde(default)]
    errors: Option<Digest>,
    /// When the token ends that was told of.
    token: Option<Timestamp>,
    /// Messages with news until now.
    #[serde(default)]
    pub(super) messages: u64,
    /// The day of the last digest.
    pub(super) digest: Date,
}

impl Told {
    /// Nothing; the next digest is the one after that of `digest`.
    pub(super) fn nothing(digest: Date) -> Self {
        Self { causes: BTreeSet::new(), refused: false, errors: None, token: None, messages: 0, digest }
    }
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Event {
    /// A root cause that was not told before.
    Warning(Cause),
    /// One that was told stands no more.
    Recovery {
        /// The record's key, or `company/NAME`.
        key: String,
        /// Its code.
        code: Code,
        /// Why it does not.
        how: How,
    },
    /// The files were refused; the last good ones stay in force.
    ReloadFailed {
        /// What is wrong.
        errors: Vec<String>,
    },
    /// They are right again.
    ReloadRecovered,
    /// The token needs a person.
    Token {
        /// When it ends.
        expires_at: Timestamp,
    },
}

/// How a cause that was told came to stand no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    /// It is gone.
    Gone,
    /// Someone dismissed it.
    Dismissed,
    /// Its record waits for another cause, or for its next attempt.
    Waits,
}

/// A root cause, as it is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Cause {
    pub(super) key: String,
    pub(super) code: Code,
    pub(super) label: String,
    pub(super) reason: String,
    pub(super) remedy: String,
    pub(super) since: Timestamp,
    pub(super) blocks: Blocks,
}

impl Cause {
    pub(super) fn of(row: &WarningRow) -> Self {
        Self {
            key: row.key.clone(),
            code: row.code,
            label: row.label.clone(),
            reason: row.reason.clone(),
            remedy: row.remedy.clone(),
            since: row.since,
            blocks: row.blocks.clone(),
        }
    }
}

impl Event {
    /// What a receiver must listen to for it.
    pub(super) fn occurrence(&self) -> Occurrence {
        match self {
            Self::Warning(_) => Occurrence::Warning,
            Self::Recovery { .. } => Occurrence::Recovery,
            Self::ReloadFailed { .. } | Self::ReloadRecovered => Occurrence::Reload,
            Self::Token { .. } => Occurrence::Token,
        }
    }
}

/// What is new in `status` for who was told `told`, and what has been told
/// then. `token_ends`: when latchd's token does. `waits`: whether a record does.
pub(super) fn news(
    status: &Status,
    told: &Told,
    token_ends: Option<Timestamp>,
    now: Timestamp,
    waits: &dyn Fn(&str) -> bool,
) -> (Vec<Event>, Told) {
    let mut events = Vec::new();
    let mut after = told.clone();
    let standing = status.standing();
    // By the report's own time: what it says may have healed since.
    let ripe =
        |row: &WarningRow| !heals(row.code) || status.generated_at.duration_since(row.since) >= HEALING;
    for row in &standing {
        if ripe(row) && !status.is_early(row) && after.causes.insert((row.key.clone(), row.code)) {
            events.push(Event::Warning(Cause::of(row)));
        }
    }
    let stands: BTreeSet<(&str, Code)> = standing.iter().map(|row| (row.key.as_str(), row.code)).collect();
    for (key, code) in &told.causes {
        if !stands.contains(&(key.as_str(), *code)) {
            after.causes.remove(&(key.clone(), *code));
            events.push(Event::Recovery {
                key: key.clone(),
                code: *code,
                how: how(status, key, *code, waits),
            });
        }
    }
    let rejected = status.generation.rejected.as_ref();
    let errors = rejected.map(|rejected| Digest::of(rejected.errors.iter().map(String::as_str)));
    match (rejected, told.refused) {
        (Some(rejected), false) => events.push(Event::ReloadFailed { errors: rejected.errors.clone() }),
        // Refused again, but for something else.
        (Some(rejected), true) if told.errors.is_some() && told.errors != errors => {
            events.push(Event::ReloadFailed { errors: rejected.errors.clone() });
        }
        (None, true) => events.push(Event::ReloadRecovered),
        (Some(_), true) | (None, false) => {}
    }
    (after.refused, after.errors) = (rejected.is_some(), errors);
    after.token = match (told.token, token_ends) {
        // Every renewal measures the same end anew, some seconds off.
        (Some(known), Some(ends)) if ends.duration_since(known).abs() <= SAME_END => Some(known),
        (_, Some(ends)) => Some(ends).filter(|ends| ends.duration_since(now) < TOKEN),
        (known, None) => known,
    };
    if let Some(expires_at) = after.token.filter(|ends| told.token != Some(*ends)) {
        events.push(Event::Token { expires_at });
    }
    (events, after)
}

fn how(status: &Status, key: &str, code: Code, waits: &dyn Fn(&str) -> bool) -> How {
    let mut of_it = status.warnings.iter().filter(|row| row.key == key).peekable();
    // Another fault of the same record is told by itself.
    let alone = of_it.peek().is_none();
    if of_it.any(|row| row.code == code && row.dismissed.is_some()) {
        How::Dismissed
    } else if alone && waits(key) {
        How::Waits
    } else {
        How::Gone
    }
}

/// Whether a cause usually goes away without a person.
fn heals(code: Code) -> bool {
    [Code::UnknownOutcome, Code::Throttled, Code::QuickbooksUnreachable, Code::StaxbillUnreachable]
        .contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Rejected;
    use crate::report::sample::sample;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn news(status: &Status, told: &Told, ends: Option<Timestamp>, now: Timestamp) -> (Vec<Event>, Told) {
        super::news(status, told, ends, now, &|_| false)
    }

    /// What is told, as words.
    fn words(events: &[Event]) -> Vec<String> {
        let word = |event: &Event| match event {
            Event::Warning(cause) => format!("+{} {}", cause.key, cause.code),
            Event::Recovery { key, code, how } => format!("-{key} {code} {how:?}"),
            Event::ReloadFailed { errors } => format!("refused {}", errors.len()),
            Event::ReloadRecovered => "in force".to_owned(),
            Event::Token { expires_at } => format!("token {expires_at}"),
        };
        events.iter().map(word).collect()
    }

    #[test]
    fn each_cause_is_told_once_and_when_it_is_gone() {
        let now = at("2026-11-22T15:00:00Z");
        let mut status = sample();
        status.warnings.retain(|row| row.dismissed.is_none());
        let told = Told::nothing("2026-11-22".parse().unwrap());
        let (events, told) = news(&status, &told, None, now);
        let first = words(&events);
        assert!(first.contains(&"+customer/20771 name-taken".to_owned()), "{first:?}");
        assert_eq!(news(&status, &told, None, now).0, []);
        // Another fault of the same record is new, and the old one is gone.
        let row = status.warnings.iter_mut().find(|row| row.key == "customer/20771").unwrap();
        row.code = Code::IdentityMismatch;
        let (events, told) = news(&status, &told, None, now);
        assert_eq!(words(&events), ["+customer/20771 identity-mismatch", "-customer/20771 name-taken Gone"]);
        status.warnings.iter_mut().for_each(|row| row.dismissed = Some("booked by hand".to_owned()));
        let (events, told) = news(&status, &told, None, now);
        assert!(words(&events).contains(&"-customer/20771 identity-mismatch Dismissed".to_owned()));
        assert_eq!(told, Told::nothing("2026-11-22".parse().unwrap()));
        // What is behind another cause is not gone.
        status.warnings.retain(|row| row.code == Code::IdentityMismatch);
        status.warnings[0].dismissed = None;
        "invoice/1".clone_into(&mut status.warnings[0].key);
        let (_, told) = news(&status, &told, None, now);
        status.warnings.clear();
        for (waiting, how) in [(true, "Waits"), (false, "Gone")] {
            let (events, _) = super::news(&status, &told, None, now, &|key| waiting && key == "invoice/1");
            assert_eq!(words(&events), [format!("-invoice/1 identity-mismatch {how}")]);
        }
    }

    #[test]
    fn what_heals_by_itself_is_told_when_it_stays() {
        let mut status = sample();
        status.warnings.retain(|row| row.code == Code::Throttled);
        status.warnings[0].since = at("2026-11-22T14:30:00Z");
        let told = Told::nothing("2026-11-22".parse().unwrap());
        for (now, expected) in
            [("2026-11-22T15:29:59Z", &[][..]), ("2026-11-22T15:30:00Z", &["+company/throttled throttled"])]
        {
            status.generated_at = at(now);
            let later = at("2026-12-01T15:00:00Z");
            assert_eq!(words(&news(&status, &told, None, later).0), expected, "{now}");
        }
    }

    #[test]
    fn an_ending_connection_is_told_once_and_its_end_anew() {
        let now = at("2026-11-22T15:00:00Z");
        let mut status = sample();
        status.warnings.retain(|row| row.key.starts_with("company/"));
        status.warnings.truncate(1);
        "company/reconnect".clone_into(&mut status.warnings[0].key);
        status.warnings[0].code = Code::Reconnect;
        "complete".clone_into(&mut status.last_pass.outcome);
        let ends = Some(at("2026-12-01T00:00:00Z"));
        let (events, told) = news(&status, &Told::nothing("2026-11-22".parse().unwrap()), ends, now);
        assert_eq!(words(&events), ["token 2026-12-01T00:00:00Z"]);
        assert_eq!(news(&status, &told, ends, now).0, []);
        "failed".clone_into(&mut status.last_pass.outcome);
        let mut other = status.warnings[0].clone();
        (other.key, other.code) = ("company/company-inactive".to_owned(), Code::CompanyInactive);
        status.warnings.push(other);
        let (events, told) = news(&status, &told, ends, now);
        assert_eq!(words(&events), ["+company/company-inactive company-inactive"], "another ended the pass");
        status.warnings.pop();
        let (events, told) = news(&status, &told, ends, now);
        assert!(words(&events).contains(&"+company/reconnect reconnect".to_owned()), "{events:?}");
        // Connected again.
        status.warnings.clear();
        "complete".clone_into(&mut status.last_pass.outcome);
        let (events, _) = news(&status, &told, Some(at("2027-03-01T00:00:00Z")), now);
        assert_eq!(words(&events), ["-company/reconnect reconnect Gone"]);
    }

    #[test]
    fn refused_files_and_an_old_token_are_told_once_each() {
        let now = at("2026-11-22T15:00:00Z");
        let mut status = sample();
        status.warnings.clear();
        let told = Told::nothing("2026-11-22".parse().unwrap());
        status.generation.rejected =
            Some(Rejected { generation: None, errors: vec!["a".to_owned(), "b".to_owned()], since: now });
        let (far, near) = (at("2026-12-06T15:00:00Z"), at("2026-12-06T14:59:59Z"));
        let (events, told) = news(&status, &told, Some(far), now);
        assert_eq!(words(&events), ["refused 2"]);
        let rejected = status.generation.rejected.as_mut().unwrap();
        rejected.errors.push("c".to_owned());
        let (events, told) = news(&status, &told, Some(far), now);
        assert_eq!(words(&events), ["refused 3"]);
        let (events, told) = news(&status, &told, Some(near), now);
        assert_eq!(words(&events), ["token 2026-12-06T14:59:59Z"]);
        // Renewals measure the same end anew; a read that fails says nothing.
        let mut told = told;
        for ends in
            [Some("2026-12-06T15:00:02Z"), Some("2026-12-06T14:59:58Z"), None, Some("2026-12-07T14:00:00Z")]
        {
            let (events, after) = news(&status, &told, ends.map(at), now);
            assert_eq!((words(&events), &after.token), (vec![], &told.token), "{ends:?}");
            told = after;
        }
        status.generation.rejected = None;
        let (events, told) = news(&status, &told, Some(at("2027-03-01T00:00:00Z")), now);
        assert_eq!(words(&events), ["in force"]);
        assert_eq!(words(&news(&status, &told, Some(near), now).0), ["token 2026-12-06T14:59:59Z"]);
    }
}
