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

/// Ends of a token that differ by less are one.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What a receiver was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    causes: BTreeSet<(String, Code)>,
    /// Of which refused files: a digest of their errors.
    #[serde(default)]
    refusal: Option<Digest>,
    /// When the token ends that was told of.
    token: Option<Timestamp>,
    /// The day of the last digest.
    pub(super) digest: Date,
    /// How many messages it took.
    #[serde(default)]
    pub(super) number: u64,
}

impl Told {
    /// Nothing; the next digest is the one after that of `digest`.
    pub(super) fn nothing(digest: Date) -> Self {
        Self { causes: BTreeSet::new(), refusal: None, token: None, digest, number: 0 }
    }

    /// The same, and the digest of `period` besides.
    pub(super) fn digested(self, period: Date) -> Self {
        Self { digest: period, number: self.number + 1, ..self }
    }
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Event {
    /// A root cause that was not told before.
    Warning(Cause),
    /// One that was told is gone or dismissed.
    Recovery {
        /// The record's key, or `company/NAME`.
        key: String,
        /// Its code.
        code: Code,
        /// What became of it.
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

/// What became of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    /// It stands no longer: mended, or another holds its record up first.
    Gone,
    /// The files leave it alone.
    Dismissed,
}

impl How {
    /// In words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Gone => "stands no longer",
            Self::Dismissed => "was dismissed in the files",
        }
    }
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
/// then. `token_ends`: when latchd's token does.
pub(super) fn news(
    status: &Status,
    told: &Told,
    token_ends: Option<Timestamp>,
    now: Timestamp,
) -> (Vec<Event>, Told) {
    let mut events = Vec::new();
    let mut after = told.clone();
    let standing = status.standing();
    // By the report's own time: what it says may have healed since.
    let ripe =
        |row: &WarningRow| !heals(row.code) || status.generated_at.duration_since(row.since) >= HEALING;
    for row in &standing {
        if ripe(row) && !is_early(status, row) && after.causes.insert((row.key.clone(), row.code)) {
            events.push(Event::Warning(Cause::of(row)));
        }
    }
    let stands: BTreeSet<(&str, Code)> = standing.iter().map(|row| (row.key.as_str(), row.code)).collect();
    for (key, code) in &told.causes {
        if !stands.contains(&(key.as_str(), *code)) {
            after.causes.remove(&(key.clone(), *code));
            let dismissed = status.dismissed().iter().any(|row| row.key == *key && row.code == *code);
            let how = if dismissed { How::Dismissed } else { How::Gone };
            events.push(Event::Recovery { key: key.clone(), code: *code, how });
        }
    }
    let rejected = status.generation.rejected.as_ref();
    after.refusal = rejected.map(|rejected| Digest::of(rejected.errors.iter().map(String::as_str)));
    match (rejected, &told.refusal) {
        // Refused for other reasons than before is news too.
        (Some(rejected), before) if *before != after.refusal => {
            events.push(Event::ReloadFailed { errors: rejected.errors.clone() });
        }
        (None, Some(_)) => events.push(Event::ReloadRecovered),
        (Some(_) | None, _) => {}
    }
    let short = token_ends.filter(|ends| ends.duration_since(now) < TOKEN);
    // A renewal moves the end by what two clocks differ.
    let same = |ends: Timestamp, before: Timestamp| ends.duration_since(before).abs() < DAY;
    let known = told.token.filter(|before| short.is_some_and(|ends| same(ends, *before)));
    if let Some(expires_at) = short.filter(|_| known.is_none()) {
        events.push(Event::Token { expires_at });
    }
    after.token = known.or(short);
    (events, after)
}

/// Whether a warning tells that the connection will end, and not that it has:
/// the token's own event tells of that, and the end itself must be new then.
fn is_early(status: &Status, row: &WarningRow) -> bool {
    row.code == Code::Reconnect && status.last_pass.outcome == "complete"
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

    /// What is told, as words.
    fn words(events: &[Event]) -> Vec<String> {
        let word = |event: &Event| match event {
            Event::Warning(cause) => format!("+{} {}", cause.key, cause.code),
            Event::Recovery { key, code, how: How::Gone } => format!("-{key} {code}"),
            Event::Recovery { key, code, how: How::Dismissed } => format!("/{key} {code}"),
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
        assert_eq!(words(&events), ["+customer/20771 identity-mismatch", "-customer/20771 name-taken"]);
        // Dismissed is as good as gone.
        status.warnings.iter_mut().for_each(|row| row.dismissed = Some("booked by hand".to_owned()));
        let (events, told) = news(&status, &told, None, now);
        assert!(words(&events).contains(&"/customer/20771 identity-mismatch".to_owned()));
        assert_eq!(told, Told::nothing("2026-11-22".parse().unwrap()));
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
        let (events, told) = news(&status, &told, ends, now);
        assert_eq!(words(&events), ["+company/reconnect reconnect"]);
        // Connected again.
        status.warnings.clear();
        "complete".clone_into(&mut status.last_pass.outcome);
        let (events, _) = news(&status, &told, Some(at("2027-03-01T00:00:00Z")), now);
        assert_eq!(words(&events), ["-company/reconnect reconnect"]);
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
        let (events, told) = news(&status, &told, Some(near), now);
        assert_eq!(words(&events), ["token 2026-12-06T14:59:59Z"]);
        // A renewal moves it by a moment.
        let moved = at("2026-12-06T14:59:57Z");
        assert_eq!(news(&status, &told, Some(moved), now).0, []);
        let rejected = status.generation.rejected.as_mut().unwrap();
        rejected.errors = vec!["c".to_owned()];
        let (events, told) = news(&status, &told, Some(moved), now);
        assert_eq!(words(&events), ["refused 1"], "for another reason");
        assert_eq!(news(&status, &told, Some(near), now).0, []);
        status.generation.rejected = None;
        let (events, told) = news(&status, &told, Some(far), now);
        assert_eq!(words(&events), ["in force"]);
        assert_eq!(words(&news(&status, &told, Some(near), now).0), ["token 2026-12-06T14:59:59Z"]);
    }
}
